"""What ends within a time, and what depends on it: certificates, licences, support, agreements (8.2.5, 8.3.4).

Which properties state an end, and of what, says the ontology (``sms:endOf``); a user's own property that says so is
looked at too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.estate import Deficiency, Estate, Examined, estate
from graphsms.errors import InputError
from graphsms.model import Entity
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store
from graphsms.vocabulary import VALID_TO, Behaviour

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Ending", "Expiring", "duration_of", "ended_in_use", "ends_soon", "expiring"]

_SHORT: Final = re.compile(r"(\d{1,5})\s*([dwmy])", re.ASCII | re.IGNORECASE)
_NOTICE: Final = "notice"
_NOTICE_PERIOD: Final = "noticePeriod"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def duration_of(text: str) -> str:
    """A duration as ISO 8601 has it, from what a person gave: ``90d``, ``12w``, ``6m``, ``1y``, or that itself.

    Raises
    ------
    InputError
        It is none.

    Examples
    --------
    >>> duration_of("90d"), duration_of("12w"), duration_of("P6M")
    ('P90D', 'P84D', 'P6M')
    """
    found = _SHORT.fullmatch(text.strip())
    if found is None:
        duration = text.strip().upper()
        try:
            after("2000-01-01T00:00:00Z", duration)
        except InputError:
            raise InputError(
                f"{text!r} is no duration; write it as 90d, 12w, 6m (months), 1y, or as in P90D or PT2H."
            ) from None
        if duration.startswith("-") or not re.search(r"\d", duration):
            raise InputError(f"{text!r} is no time ahead; give one such as 90d.")
        return duration
    count, unit = int(found[1]), found[2].upper()
    return f"P{7 * count}D" if unit == "W" else f"P{count}{unit}"


def _in_words(duration: str) -> str:
    """A duration as people say it, where it is of one unit; otherwise as it is."""
    found = re.fullmatch(r"P(\d+)([DMY])", duration)
    if found is None:
        return duration
    word = {"D": "day", "M": "month", "Y": "year"}[found[2]]
    return f"{found[1]} {word if found[1] == '1' else f'{word}s'}"


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ends.

    Parameters
    ----------
    id, type, name : str
    what : str
        What of it ends: its use, support, warranty, validity; or ``notice``, the last day to give notice by.
    stated_by : str
        Which property says so.
    last_day : str
        The last day on which it holds, in the organization's zone.
    days : int
        How many days after the day asked about; negative where it has ended.
    owner : tuple of str
    services : tuple of str
        Ids of the live services that depend on it, the more critical first.
    """

    id: str
    type: str
    name: str
    what: str
    stated_by: str
    last_day: str
    days: int
    owner: tuple[str, ...]
    services: tuple[str, ...]

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.days < 0

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "owner": list(self.owner), "services": list(self.services), "ended": self.ended}


@dataclass(frozen=True)
class Expiring:
    """What ends within a time.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that was asked about.
    within : str
        The time ahead, an ISO 8601 duration.
    looked_at : int
        How many ends are stated by what has not ended its own life.
    endings : tuple of Ending
        Those that have ended first, longest ago first; then those to come, soonest first.
    """

    revision: int
    at: str
    as_of: str
    within: str
    looked_at: int
    endings: tuple[Ending, ...]

    @property
    def ended(self) -> tuple[Ending, ...]:
        """Those that are over."""
        return tuple(one for one in self.endings if one.ended)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.looked_at:
            return "Nothing states when it ends: nothing can be said about what ends soon."
        coming = len(self.endings) - len(self.ended)
        services = {service for one in self.endings for service in one.services}
        return (
            f"{len(self.ended)} {'has' if len(self.ended) == 1 else 'have'} ended and {coming} "
            f"{'ends' if coming == 1 else 'end'} within {_in_words(self.within)}, "
            f"of {self.looked_at} ends that are stated; "
            f"{len(services)} {'service depends' if len(services) == 1 else 'services depend'} on them."
        )

    def to_frame(self) -> pd.DataFrame:
        """The endings as a data frame."""
        import pandas as pd

        return pd.DataFrame([one.to_json() for one in self.endings])

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        names = ("revision", "at", "as_of", "within", "looked_at")
        return {**{name: getattr(self, name) for name in names}, "endings": [one.to_json() for one in self.endings]}


def expiring(
    store: Store,
    within: str = "P90D",
    *,
    type: str | None = None,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
) -> Expiring:
    """What has ended or ends within a time, with the services that depend on it.

    Parameters
    ----------
    store : Store
    within : str
        How far ahead, as `duration_of` reads it.
    type : str, optional
        Only entities of this type and its subclasses.
    at : int, optional
        The revision; without it, the present one.
    as_of : str, optional
        The moment to look ahead from; without it, now.
    zone : tzinfo
        Whose days are meant.

    Notes
    -----
    What is proposed or retired is left out. An agreement that has ended is left out where another of its type, with
    the same parties, in force, covers the same; its end is then no loss. Proportional to the entities, and for each
    ending to what stands on it.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("cert", "Certificate", {"expiresOn": "2026-12-02"}),
    ...                   graphsms.Entity("web", "Service")],
    ...         relations=[graphsms.Relation("securedBy", "web", "cert")]))
    ...     [(one.id, one.days, one.services) for one in expiring(g.store, as_of="2026-11-21T12:00:00Z").endings]
    [('cert', 11, ('web',))]
    """
    read = estate(store, at, as_of, zone)
    duration = duration_of(within)
    looked_at, found = _endings(read, duration, type)
    return Expiring(
        revision=read.revision.number,
        at=read.revision.time,
        as_of=read.as_of,
        within=duration,
        looked_at=looked_at,
        endings=tuple(found),
    )


def _endings(read: Estate, within: str, type: str | None = None) -> tuple[int, list[Ending]]:
    until = _last_day(after(read.as_of, within) + 1, read.zone)
    today = datetime.fromisoformat(read.as_of).astimezone(read.zone).date()
    looked_at, found = 0, []
    entities = read.entities.values() if type is None else read.of_type(type)
    for entity in entities:
        if read.out_of_life(entity):
            continue
        for what, property, end in _ends(read, entity):
            looked_at += 1
            last = _last_day(end, read.zone)
            over = property == VALID_TO and end <= microseconds(read.as_of)
            if last > until or (over and _succeeded(read, entity)):
                continue
            found.append(
                Ending(
                    id=entity.id,
                    type=entity.type,
                    name=entity.name,
                    what=what,
                    stated_by=property,
                    last_day=last.isoformat(),
                    days=(last - today).days,
                    owner=_ends_of(read, entity.id, read.vocabulary.known_as("owned by")),
                    services=tuple(_services(read, entity)),
                )
            )
    return looked_at, sorted(found, key=lambda one: (one.days, one.id, one.what))


def _ends(read: Estate, entity: Entity) -> Iterator[tuple[str, str, int]]:
    """What of an entity ends, which property says so, and the moment from which it no longer holds."""
    for name, value in entity.properties.items():
        term = read.vocabulary.properties.get(name)
        if term is None or not term.end_of:
            continue
        if name == VALID_TO and read.vocabulary.types[entity.type].behaviour is Behaviour.STAYS_OUT:
            continue  # of what neither works nor is agreed, such as a decision: it is for its own analysis
        values = value if isinstance(value, tuple) else (value,)
        end = max(microseconds(_moment(str(one), term.datatype == "date", read.zone)) for one in values)
        yield term.end_of, name, end
        notice = entity.properties.get(_NOTICE_PERIOD)
        if name == VALID_TO and notice and end > microseconds(read.as_of):
            by = after(str(value), f"-{notice}")
            if (
                by >= microseconds(read.as_of) - _DAY
            ):  # after that day it is too late, and the end itself is what counts
                yield _NOTICE, _NOTICE_PERIOD, by


_DAY: Final = 86_400_000_000


def _moment(value: str, is_day: bool, zone: tzinfo) -> str:
    """The moment from which something no longer holds: of a day, the next midnight."""
    if not is_day:
        return value
    try:
        ends = datetime.combine(date.fromisoformat(value) + timedelta(days=1), datetime.min.time(), zone)
        return ends.astimezone(UTC).isoformat()
    except OverflowError:
        return "9999-12-31T23:59:59+00:00"


def _last_day(end: int, zone: tzinfo) -> date:
    moment = _EPOCH + timedelta(microseconds=min(end, _LATEST) - 1)
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


def _ends_of(read: Estate, id: str, relation: str) -> tuple[str, ...]:
    return tuple(one.object for one in read.leading_from.get(id, ()) if one.type == relation)


def _services(read: Estate, entity: Entity) -> list[str]:
    """The services that depend on it, or on what it covers or accounts for."""
    words = read.vocabulary
    those = [entity.id]
    if not read.fails(entity.type):
        for word in ("covered by agreement", "accounts for"):
            those += _ends_of(read, entity.id, words.known_as(word))
    found = (service.id for one in those for service in read.services_on(one))
    return list(dict.fromkeys(found))


def _succeeded(read: Estate, entity: Entity) -> bool:
    """Whether all that it covers and is live is covered by another of its type, with the same parties, in force."""
    words = read.vocabulary
    covers, party = words.known_as("covered by agreement"), words.known_as("agreed with")
    live = [id for id in _ends_of(read, entity.id, covers) if read.live(read.entities[id])]
    with_whom = set(_ends_of(read, entity.id, party))
    for id in live:
        others = (
            read.entities[one.subject]
            for one in read.leading_to.get(id, ())
            if one.type == covers and one.subject != entity.id
        )
        if not any(
            other.type == entity.type and read.live(other) and with_whom <= set(_ends_of(read, other.id, party))
            for other in others
        ):
            return False
    return True


# ---------------------------------------------------------------------------------- for the checks


def ended_in_use(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """What has ended and is still there."""
    return _examined(read, "P0D", ended=True)


def ends_soon(read: Estate, parameters: Mapping[str, str]) -> Examined:
    """What ends within the parameter ``within``."""
    return _examined(read, duration_of(parameters.get("within", "P90D")), ended=False)


def _examined(read: Estate, within: str, *, ended: bool) -> Examined:
    looked_at, endings = _endings(read, within)
    found = []
    for one in endings:
        if one.ended != ended:
            continue
        many = len(one.services)
        services = f" {many} {'service depends' if many == 1 else 'services depend'} on it." if many else ""
        message = f"{one.what.capitalize()} of {one.name} {'ended' if ended else 'ends'} on {one.last_day}.{services}"
        found.append(Deficiency((one.id,), message, one.what))
    return Examined(looked_at, tuple(found))
