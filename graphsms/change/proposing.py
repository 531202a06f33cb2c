"""The nearest windows in which a change is in nobody's way: how they are found (8.5.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from graphsms.analysis.estate import estate
from graphsms.analysis.expiry import duration_of
from graphsms.calendars.hours import wall_clock
from graphsms.calendars.timeset import DAY, TimeSet
from graphsms.change.calendar import read_windows
from graphsms.change.conflicting import Found, conflicts, conflicts_of
from graphsms.change.conflicts import ALONE
from graphsms.change.policy import ChangePolicy
from graphsms.change.proposals import Proposal, Proposals
from graphsms.change.requests import Request, read_requests
from graphsms.change.schedule import Segment, lasts, moment_of, only_lasting, scheduled
from graphsms.change.windows import EMERGENCY, Calendar
from graphsms.errors import InputError
from graphsms.moments import now
from graphsms.snapshot.validity import END, Interval, after, microseconds
from graphsms.store import Store

__all__ = ["propose"]

_AHEAD: Final = 90 * DAY
_MOST_AHEAD: Final = 366 * DAY
_MOST: Final = 100


def propose(
    store: Store,
    policy: ChangePolicy,
    id: str,
    zone: tzinfo,
    *,
    earliest: str | None = None,
    latest: str | None = None,
    length: str | None = None,
    count: int = 3,
    undecided: bool = False,
    context: bool = True,
    at: int | None = None,
    as_of: str | None = None,
) -> Proposals:
    """The nearest windows in which a change conflicts with no other, in no freeze, and in maintenance windows.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    id : str
        The request for change.
    zone : tzinfo
        The organization's.
    earliest, latest : str, optional
        Canonical moments between which the windows lie: without them from ``as_of`` on, and 90 days beyond that or the
        window that the change has.
    length : str, optional
        A duration (ISO 8601); without it as long as the window that the change has.
    count : int
        How many at most.
    undecided : bool
        Whether it keeps clear also of requests on which nothing has been decided.
    context, at, as_of
        As of `graphsms.change.conflicting.conflicts`.

    Raises
    ------
    UnknownIdError, InputError

    Notes
    -----
    Conflicts are looked for once, as if the change were being made all the time: whenever it is part of a conflict
    then, it would be. Of each time that is free the nearest window is taken, and the one at the same time of the clock
    on each day. Services that the change stops alone are no reason for another time.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms import Entity, Relation
    >>> from graphsms.change.policy import read_policy
    >>> from graphsms.moments import zone
    >>> when = {"windowStart": "2026-11-28T20:00:00Z", "windowEnd": "2026-11-28T21:00:00Z", "changeStatus": "approved"}
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(
    ...         entities=[Entity("shop", "Service"), Entity("lbs", "RedundancyGroup", {"minimum": 1}),
    ...                   Entity("lb-1", "Application"), Entity("lb-2", "Application"),
    ...                   Entity("rfc-1", "RequestForChange", when), Entity("rfc-2", "RequestForChange", when)],
    ...         relations=[Relation("dependsOn", "shop", "lbs"), Relation("hasMember", "lbs", "lb-1"),
    ...                    Relation("hasMember", "lbs", "lb-2"),
    ...                    Relation("touches", "rfc-1", "lb-1", {"mode": "outage"}),
    ...                    Relation("touches", "rfc-2", "lb-2", {"mode": "outage"})],
    ...     ))
    ...     policy, utc = read_policy(g.vocabulary), zone("UTC")
    ...     found = propose(g.store, policy, "rfc-2", utc, count=1, as_of="2026-11-21T00:00:00Z")
    >>> [(one.start, one.end) for one in found.proposals]
    [('2026-11-28T19:00:00Z', '2026-11-28T20:00:00Z')]
    """
    if not 1 <= count <= _MOST:
        raise InputError(f"From 1 to {_MOST} windows can be proposed, and {count} is not among them.")
    moment = as_of or now()
    revision = estate(store, at).revision
    (request,) = read_requests(store, policy, [id], revision.number)
    wanted = request.span if request.span and request.span[0] < request.span[1] else None
    takes = _length(request, wanted, length)
    since, until = _bounds(moment, wanted, earliest, latest)
    present = None
    if wanted is not None:
        present = conflicts(store, policy, [id], undecided=undecided, context=context, at=revision.number, as_of=moment)
    search = _Search(store, policy, request, (since, until), takes, undecided, context, revision.number, moment)
    begin = wanted[0] if wanted else since
    return Proposals(
        request=request,
        revision=revision.number,
        at=revision.time,
        as_of=moment,
        zone=zone,
        earliest=moment_of(since),
        latest=moment_of(until),
        length=takes // 1_000_000,
        present=present,
        proposals=tuple(
            Proposal(moment_of(start), moment_of(start + takes), (start - begin) // 1_000_000)
            for start in _nearest(search.free, begin, takes, zone, count)
        ),
        held=tuple(search.held),
        complete=search.complete,
        notes=tuple(search.notes),
    )


class _Search:
    """When a change could be made, within a time."""

    def __init__(
        self,
        store: Store,
        policy: ChangePolicy,
        request: Request,
        span: Interval,
        length: int,
        undecided: bool,
        context: bool,
        revision: int,
        as_of: str,
    ) -> None:
        self._request = request
        self._span = span
        everywhere = _moved(request, span)
        others = [one for one in read_requests(store, policy, None, revision) if one.id != request.id]
        schedule = scheduled(
            store,
            policy,
            [everywhere, *others],
            ids=[request.id],
            undecided=undecided,
            context=context,
            since=span[0],
            until=span[1],
            at=revision,
            as_of=as_of,
        )
        self._calendar = Calendar(schedule, read_windows(store, revision), [request.id])
        self.free = TimeSet.of([span])
        self.held: dict[str, None] = {}
        found = conflicts_of(schedule, [request.id], self._visit)
        self.complete, self.notes = found.beyond is None, found.notes
        self.free = self.free - self._times(found)
        if lasts(request):
            # What goes is gone for good: no conflict with that may come after the window.
            gone = conflicts_of(
                replace(schedule, changes=tuple(map(self._only_lasting, schedule.changes))), [request.id]
            )
            self.complete = self.complete and gone.beyond is None
            if times := self._times(gone):
                self.free = self.free - TimeSet.of([(span[0], times.spans[-1][1] - length)])
        self.notes = (*self.notes, *self._calendar.notes)

    def _only_lasting(self, change: Request) -> Request:
        return only_lasting(change) if change.id == self._request.id else change

    def _times(self, found: Found) -> TimeSet:
        """When the change would be part of a conflict with others, or with what is down already."""
        taken = TimeSet()
        for one in found.conflicts:
            if one.kind == ALONE:
                continue
            others = [each for each in one.ids if each != self._request.id]
            by = ", ".join(dict.fromkeys([*others, *(each.because.id for each in one.because)]))
            services = ", ".join(each.id for each in one.services)
            self.held[f"With {by}, it would stop {services}."] = None
            taken = taken | found.times[one.ids, bool(one.because)]
        return taken

    def _visit(self, segment: Segment) -> None:
        """Take away what the calendar of changes holds in a segment."""
        numbers = [number for number, one in enumerate(segment.changes) if one.id == self._request.id]
        span = max(segment.span[0], self._span[0]), min(segment.span[1], self._span[1])
        if not numbers or span[0] >= span[1]:
            return
        holding = self._calendar.holding(segment, numbers[0])
        for window, of in holding.freezes:
            frozen = self._calendar.between([window], span)
            if frozen and self._request.says("changeCategory") != EMERGENCY:
                self.held[f"It keeps out of the freeze {window.entity.id} of {of.id}."] = None
                self.free = self.free - frozen
        for of, windows in holding.maintenance.values():
            if self._calendar.followed(windows):
                ids = ", ".join(window.entity.id for window in windows)
                self.held[f"It keeps to the maintenance windows of {of.id}: {ids}."] = None
                self.free = self.free - (TimeSet.of([span]) - self._calendar.between(windows, span))


def _length(request: Request, wanted: Interval | None, length: str | None) -> int:
    if length is not None:
        found = after("2000-01-01T00:00:00Z", duration_of(length)) - microseconds("2000-01-01T00:00:00Z")
        if not 0 < found <= _MOST_AHEAD:
            raise InputError(f"A window lasts for longer than nothing and a year at most, and {length!r} does not.")
        return found
    if wanted is None or wanted[1] == END:
        raise InputError(
            f"{request.id} has no window with a beginning and an end; say how long it takes, such as PT2H."
        )
    return wanted[1] - wanted[0]


def _bounds(moment: str, wanted: Interval | None, earliest: str | None, latest: str | None) -> Interval:
    since = microseconds(earliest or moment)
    if latest is not None:
        until = microseconds(latest)
    else:
        until = max(since, wanted[0] if wanted else since) + _AHEAD
        until = min(until, since + _MOST_AHEAD)
    if until <= since:
        raise InputError("The latest moment is not after the earliest one: give --latest after --earliest.")
    if until - since > _MOST_AHEAD:
        raise InputError("Windows are looked for within a year at most: give --earliest and --latest nearer together.")
    return since, until


def _moved(request: Request, span: Interval) -> Request:
    """The same request with another window."""
    properties = dict(request.entity.properties)
    properties["windowStart"], properties["windowEnd"] = moment_of(span[0]), moment_of(span[1])
    return replace(request, entity=replace(request.entity, properties=properties))


def _nearest(free: TimeSet, wanted: int, length: int, zone: tzinfo, count: int) -> Iterator[int]:
    """Beginnings of windows that do not overlap, the nearest first."""
    starts = {
        start
        for since, until in free
        if until - since >= length
        for start in _starts((since, until - length), wanted, zone)
    }
    chosen: list[int] = []
    for start in sorted(starts, key=lambda start: (abs(start - wanted), start)):
        if all(abs(start - other) >= length for other in chosen):
            chosen.append(start)
            yield start
        if len(chosen) == count:
            return


def _starts(span: Interval, wanted: int, zone: tzinfo) -> Iterator[int]:
    """In a span, the nearest moment to another, and those of the same time of the clock on each day."""
    yield min(max(wanted, span[0]), span[1])
    shown, first, last = (datetime.fromisoformat(moment_of(each)).astimezone(zone) for each in (wanted, *span))
    day = first.date()
    while day <= last.date():
        start = wall_clock(datetime.combine(day, shown.time()), zone)
        if span[0] <= start <= span[1]:
            yield start
        day += timedelta(days=1)
