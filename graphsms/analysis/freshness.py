"""How fresh configuration information is, and when it was last verified (8.2.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphsms.analysis.configuration_policy import policy_of
from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.model import Entity
from graphsms.snapshot.validity import after, microseconds

__all__ = ["Freshness", "Imported", "freshness", "imported", "stale_sources", "unverified", "verified"]

_FRESH: Final = "fresh"
_STALE: Final = "stale"
_OPEN: Final = "no interval"
_BY_HAND: Final = "by hand"


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh what is said of some entities is.

    Parameters
    ----------
    fresh, stale : int
        How many come from a source that was read within its interval, and from none that was.
    without_interval : int
        How many come from a source for which nobody has said how long it may be relied on.
    by_hand : int
        How many come from no source.
    last_import : str
        When any of their sources was last read, or "".
    verified : int
        How many were verified within the interval of the policy.
    last_verified : str
        When any of them was last verified, or "".
    """

    fresh: int
    stale: int
    without_interval: int
    by_hand: int
    last_import: str
    verified: int
    last_verified: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Imported:
    """A source: when it was last read, for how long that may be relied on, or "", and whether that has passed."""

    name: str
    last_import: str
    fresh_for: str
    stale: bool


def imported(read: Estate) -> Mapping[str, Imported]:
    """The sources of the graph by name.

    How long one may be relied on is what its entity of the graph says (an information source whose id is its name), and
    without that what the import said.
    """
    moment = microseconds(read.as_of)
    found = {}
    for one in read.store.sources():
        entity = read.entities.get(one.name)
        stated = str(entity.properties.get("freshnessInterval", "")) if entity is not None else ""
        fresh_for = stated or one.fresh_for
        stale = bool(fresh_for) and after(one.last_import, fresh_for) < moment
        found[one.name] = Imported(one.name, one.last_import, fresh_for, stale)
    return found


def freshness(read: Estate, entities: Iterable[Entity], verified_within: str) -> Freshness:
    """How fresh what is said of entities is."""
    sources, checked, moment = read.once("sources", lambda: imported(read)), verified(read), microseconds(read.as_of)
    counts = dict.fromkeys((_FRESH, _STALE, _OPEN, _BY_HAND), 0)
    imports: list[str] = []
    dates: list[str] = []
    within = 0
    for entity in entities:
        those = [sources[name] for name in _stating(entity) if name in sources]
        counts[_state(those)] += 1
        imports += [one.last_import for one in those]
        if date := checked.get(entity.id):
            dates.append(date)
            within += after(date, verified_within) >= moment
    return Freshness(
        fresh=counts[_FRESH],
        stale=counts[_STALE],
        without_interval=counts[_OPEN],
        by_hand=counts[_BY_HAND],
        last_import=max(imports, key=microseconds, default=""),
        verified=within,
        last_verified=max(dates, key=microseconds, default=""),
    )


def _stating(entity: Entity) -> list[str]:
    return [name for name in ({entity.source or "", *entity.stated}) if name]


def _state(sources: list[Imported]) -> str:
    """One source that is fresh will do: what the others say is beside it."""
    if not sources:
        return _BY_HAND
    if any(one.fresh_for and not one.stale for one in sources):
        return _FRESH
    return _OPEN if any(not one.fresh_for for one in sources) else _STALE


def verified(read: Estate) -> Mapping[str, str]:
    """By id, when a configuration item was last verified: itself, or all that a source states (8.2.6)."""
    return read.once("verified", lambda: _verified(read))


def _verified(read: Estate) -> Mapping[str, str]:
    words = read.vocabulary
    of, kind = words.known_as("item verified"), words.known_as("configuration verification")
    found: dict[str, str] = {}
    by_source: dict[str, str] = {}
    moment = microseconds(read.as_of)
    for record in read.of_type(kind):
        date = str(record.properties.get("verifiedAt", ""))
        if not date or microseconds(date) > moment:
            continue
        for relation in read.leading_from.get(record.id, ()):
            if relation.type == of:
                _latest(found, relation.object, date)
                _latest(by_source, relation.object, date)
    names = {one for one in by_source if one in {source.name for source in read.store.sources()}}
    if names:
        for entity in read.entities.values():
            for name in names.intersection(_stating(entity)):
                _latest(found, entity.id, by_source[name])
    return found


def _latest(dates: dict[str, str], id: str, date: str) -> None:
    if id not in dates or microseconds(date) > microseconds(dates[id]):
        dates[id] = date


# ---------------------------------------------------------------------------------- for the checks


def stale_sources(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Sources of the graph that have not been read within their interval, each with how much rests on it."""
    sources = imported(read)
    resting: dict[str, list[str]] = {}
    for entity in read.entities.values():
        for name in _stating(entity):
            resting.setdefault(name, []).append(entity.id)
    found = []
    looked_at = 0
    for name, source in sources.items():
        ids = resting.get(name)
        if not ids or not source.fresh_for:
            continue
        looked_at += 1
        if source.stale:
            subject = (name,) if name in read.entities else ()
            message = (
                f"{name} was last read on {source.last_import[:10]}, and may be relied on for {source.fresh_for}: "
                f"{len(ids):,} entities rest on it."
            )
            found.append(Deficiency(subject, message, name))
    note = (
        "" if looked_at else "no source says for how long it may be relied on (--fresh-for, or its freshnessInterval)"
    )
    return Examined(looked_at, tuple(found), note)


def unverified(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Controlled types of which not every live item was verified within the interval of the policy."""
    rules = policy_of(read)
    by_type: dict[str, list[Entity]] = {}
    for one in read.of_type(read.vocabulary.known_as("configuration item")):
        if read.live(one) and read.vocabulary.any_of(one.type, rules.controlled):
            by_type.setdefault(one.type, []).append(one)
    found = []
    for type, items in sorted(by_type.items()):
        checked = freshness(read, items, rules.verified_within)
        if checked.verified < len(items):
            last = f"the last time was {checked.last_verified[:10]}" if checked.last_verified else "none ever was"
            message = (
                f"{checked.verified:,} of {len(items):,} of type {type} were verified within "
                f"{rules.verified_within}; {last}."
            )
            found.append(Deficiency((), message, type, numerator=checked.verified, denominator=len(items)))
    return Examined(len(by_type), tuple(found))
