"""The forward schedule of changes: what is to be made when, beside freezes and maintenance windows (8.5.1.3, 8.5.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.calendar import ChangeWindow, read_windows
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests, require_statuses
from graphsms.change.schedule import moment_of
from graphsms.errors import InputError
from graphsms.model import Entity, Revision
from graphsms.moments import canonical_moment, now, window
from graphsms.snapshot.validity import microseconds
from graphsms.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHANGE", "COLUMNS", "FREEZE", "MAINTENANCE", "Entry", "ForwardSchedule", "forward_schedule", "time_meant"]

CHANGE: Final = "change"
FREEZE: Final = "freeze"
MAINTENANCE: Final = "maintenance"
COLUMNS: Final = ("kind", "id", "name", "start", "end", "status", "category", "priority", "risk", "on")
MOST_DAYS: Final = 3 * 366
MOST: Final = 100_000  # entries
_WEEKS: Final = 4
_DAY: Final = 24 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One time in the schedule.

    Parameters
    ----------
    kind : str
        `CHANGE`, `FREEZE` or `MAINTENANCE`.
    entity : Entity
        The request for change, or the window.
    start, end : str
        Canonical and half-open; ``end`` is "" where it is not recorded.
    on : tuple of (Entity, str)
        What the change touches, with the mode; what the window is for, with "".
    decided, off : bool
        Of a change, whether it is approved, or made; whether it will not be made.
    """

    kind: str
    entity: Entity
    start: str
    end: str
    on: tuple[tuple[Entity, str], ...]
    decided: bool = True
    off: bool = False

    def says(self, property: str) -> str:
        """What the entity says for a property, or ""."""
        return str(self.entity.properties.get(property, ""))

    def row(self) -> tuple[Any, ...]:
        """As a row of `COLUMNS`."""
        on = tuple(f"{one.id} ({mode})" if mode else one.id for one, mode in self.on)
        said = (self.says(name) for name in ("changeStatus", "changeCategory", "priority", "riskLevel"))
        return (self.kind, self.entity.id, self.entity.name, self.start, self.end, *said, on)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "kind": self.kind,
            "id": self.entity.id,
            "name": self.entity.name,
            "start": self.start,
            "end": self.end or None,
            "status": self.says("changeStatus") or None,
            "category": self.says("changeCategory") or None,
            "priority": self.says("priority") or None,
            "risk": self.says("riskLevel") or None,
            "on": [
                {"id": one.id, "name": one.name, "type": one.type, **({"mode": mode} if mode else {})}
                for one, mode in self.on
            ],
        }


@dataclass(frozen=True, slots=True)
class ForwardSchedule:
    """The schedule from a moment to another.

    Parameters
    ----------
    start, end : str
        Canonical and half-open.
    entries : tuple of Entry
        By when they begin, then by kind and id.
    without_window : tuple of Request
        Requests that are not made yet, and of which it is not recorded when they are.
    revision : Revision
        What was recorded.
    store : str
        The identity of the store, which ids in other calendars rest on.
    """

    start: str
    end: str
    entries: tuple[Entry, ...]
    without_window: tuple[Request, ...]
    revision: Revision
    store: str

    def sentence(self, zone: tzinfo = UTC) -> str:
        """The answer in a sentence, with times by the clock of a zone."""
        since, until = (
            f"{datetime.fromisoformat(one).astimezone(zone):%Y-%m-%d %H:%M}" for one in (self.start, self.end)
        )
        changes = [one for one in self.entries if one.kind == CHANGE]
        approved = sum(one.decided for one in changes)
        many = f"{len(changes):,} change{'s' if len(changes) != 1 else ''}"
        text = f"{many} from {since} to {until}, {approved:,} of them approved or made"
        freezes = len({one.entity.id for one in self.entries if one.kind == FREEZE})
        if freezes:
            text += f"; {freezes:,} freeze{'s' if freezes != 1 else ''}"
        if self.without_window:
            text += f"; of {len(self.without_window):,} more it is not recorded when"
        return f"{text}."

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision.number,
            "at": self.revision.time,
            "start": self.start,
            "end": self.end,
            "entries": [one.to_json() for one in self.entries],
            "without_window": [
                {"id": one.id, "name": one.name, "status": one.status or None} for one in self.without_window
            ],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row for each entry."""
        import pandas as pd

        return pd.DataFrame([one.row() for one in self.entries], columns=list(COLUMNS))

    def to_ical(self) -> bytes:
        """As iCalendar (RFC 5545); see `graphsms.change.icalendar_file.icalendar_of`."""
        from graphsms.change.icalendar_file import icalendar_of

        return icalendar_of(self)


def forward_schedule(
    store: Store,
    policy: ChangePolicy,
    start: str,
    end: str,
    *,
    status: Collection[str] = (),
    windows: bool = True,
    at: int | None = None,
) -> ForwardSchedule:
    """What is to be made from a moment to another, and when something may be worked on, or not be changed.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    start, end : str
        Canonical and half-open.
    status : collection of str, optional
        Only changes of these states; without it those that are approved or not yet decided, and those made already that
        fall into the time.
    windows : bool
        Whether freezes and maintenance windows are in it too, each of their times apart.
    at : int, optional
        Revision.

    Raises
    ------
    InputError
        The time is too long, or a window recurs by a rule that cannot be followed.

    Notes
    -----
    Proportional to the requests and to the days of the time for each window that recurs.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.change.create({"name": "Patch", "windowStart": "2026-12-01", "windowEnd": "2026-12-01"})
    ...     found = forward_schedule(g.store, g.change.policy(), "2026-12-01T00:00:00Z", "2026-12-08T00:00:00Z")
    >>> [(one.kind, one.entity.name, one.end) for one in found.entries]
    [('change', 'Patch', '2026-12-02T00:00:00Z')]
    """
    from graphsms.analysis.estate import estate

    span = microseconds(start), microseconds(end)
    if span[0] >= span[1]:
        raise InputError(f"The schedule ends at {end}, which is not after {start}.")
    if span[1] - span[0] > MOST_DAYS * _DAY:
        raise InputError("A schedule is of three years at most; ask about less.")
    revision = estate(store, at).revision
    require_statuses(store.vocabulary, status)
    wanted = frozenset(status) or policy.undecided | policy.ahead | policy.made
    requests = [one for one in read_requests(store, policy, at=at) if one.status in wanted]
    entries = [_change(one, policy) for one in requests if one.overlaps(span)]
    if windows:
        for one in read_windows(store, at):
            entries += _times(one, span)
            if len(entries) > MOST:
                raise InputError(f"The schedule has more than {MOST:,} entries; ask about a shorter time.")
    entries.sort(key=lambda one: (microseconds(one.start), one.kind, one.entity.id))
    open = tuple(one for one in requests if one.span is None and one.status in policy.undecided | policy.ahead)
    return ForwardSchedule(start, end, tuple(entries), open, revision, store.identity)


def time_meant(start: str | None, end: str | None, zone: tzinfo = UTC) -> tuple[str, str]:
    """From when to when, canonical and half-open: from now on, and for four weeks, where it is not said.

    Raises
    ------
    InputError
        One of them is no date, or the end is not after the start.

    Examples
    --------
    >>> time_meant("2026-12-01", None)
    ('2026-12-01T00:00:00Z', '2026-12-29T00:00:00Z')
    """
    since, until = window(start, end, zone)
    since = since or f"{now()[:19]}Z"
    begins = datetime.fromisoformat(since)
    if until is None:
        # By the clock of the organization, so that four weeks end at the same hour after it is changed.
        here = begins.astimezone(zone).replace(tzinfo=None) + timedelta(days=_WEEKS * 7)
        until = canonical_moment(here.replace(tzinfo=zone))
    if datetime.fromisoformat(until) <= begins:
        raise InputError(f"The end {end!r} is not after the start, {since}.")
    return since, until


def _change(request: Request, policy: ChangePolicy) -> Entry:
    start, end = request.window
    on = tuple((one.entity, one.mode) for one in request.touches)
    decided = request.status in policy.ahead | policy.made
    return Entry(
        CHANGE, request.entity, start, end, on, decided, not decided and request.status not in policy.undecided
    )


def _times(recorded: ChangeWindow, span: tuple[int, int]) -> Iterator[Entry]:
    """The times of a window that have a moment within the span, each whole."""
    own = recorded.span
    if own is None or own[0] >= own[1]:
        return
    kind, on = FREEZE if recorded.freeze else MAINTENANCE, tuple((one, "") for one in recorded.of)
    if not recorded.entity.properties.get("recurrence"):
        if own[0] < span[1] and span[0] < own[1]:
            yield Entry(kind, recorded.entity, moment_of(own[0]), moment_of(own[1]), on)
        return
    length = own[1] - own[0]
    for since, until in recorded.between(span[0] - length, span[1] + length):
        if since < span[1] and span[0] < until:
            yield Entry(kind, recorded.entity, moment_of(since), moment_of(until), on)
