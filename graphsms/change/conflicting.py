"""Redundancy that changes consume together, over a schedule (8.5.1.3, 8.7.1).

In its context, a set of changes conflicts when some service goes down by it that no proper subset takes down. The
context stands among the changes as one more, which acts all the time: so a minimal set says whether it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from graphsms.analysis.estate import estate
from graphsms.calendars.timeset import TimeSet
from graphsms.change.calendar import read_windows
from graphsms.change.conflicts import ALONE, IN_CONTEXT, TOGETHER, Conflict, Conflicts, Consumed, Lost, in_order
from graphsms.change.considered import Judgement
from graphsms.change.context import Disturbance
from graphsms.change.minimal_sets import Acting, MinimalSets, minimal_sets, numbers_in
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.change.schedule import Schedule, Segment, is_service_in, moment_of, scheduled, worst_of
from graphsms.change.windows import Breach, Calendar
from graphsms.model import Entity
from graphsms.moments import now
from graphsms.snapshot.carriage import DOWN, STATES
from graphsms.snapshot.validity import END, Interval, microseconds
from graphsms.store import Store
from graphsms.vocabulary import Vocabulary

__all__ = ["Found", "conflicts", "conflicts_of"]

_CONTEXT: Final = 1  # the bit of the context, ahead of those of changes
_CRITICALITY: Final = "criticality"

_Key = tuple[tuple[str, ...], bool]  # ids of the changes, and whether it takes the context


@dataclass
class _Gathered:
    """One set of changes, over all segments."""

    changes: tuple[Request, ...]
    services: dict[str, Entity] = field(default_factory=dict)
    groups: dict[str, Consumed] = field(default_factory=dict)
    because: dict[tuple[str, str], Disturbance] = field(default_factory=dict)
    spans: list[Interval] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """The conflicts of a schedule.

    Parameters
    ----------
    conflicts : tuple of Conflict
    beyond : int, optional
        Sets of so many changes and more were not all looked for; None where all were.
    times : mapping
        By ids of the changes and whether it takes the context, when each conflict is.
    """

    conflicts: tuple[Conflict, ...]
    beyond: int | None
    times: dict[_Key, TimeSet]

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known where not all sets were looked for."""
        if self.beyond is None:
            return ()
        return (f"There are too many sets of {self.beyond} changes or more: not all of them were looked for.",)


def conflicts(
    store: Store,
    policy: ChangePolicy,
    ids: Collection[str] = (),
    *,
    undecided: bool = False,
    context: bool = True,
    start: str | None = None,
    end: str | None = None,
    at: int | None = None,
    as_of: str | None = None,
) -> Conflicts:
    """What stands between changes: redundancy that they consume together, freezes, maintenance windows, overlaps.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    ids : collection of str
        The changes in question, whatever has been decided on them; without ids the whole schedule.
    undecided : bool
        Whether requests that have not been decided count as well as those approved.
    context : bool
        Whether it counts what is down already by open incidents.
    start, end : str, optional
        From when to when windows are looked at; without a start from ``as_of`` on.
    at : int, optional
        Revision.
    as_of : str, optional
        Canonical moment; without it now.

    Raises
    ------
    UnknownIdError, InputError
        There is no such entity, or it is no request for change.

    Notes
    -----
    For each time in which what is live and what is disturbed stay as they are: a spread for each change in it, for each
    largest set that overlaps, and for each set that is an answer. Bounds are those of `minimal_sets`; where they are
    met, the answer is not complete, and says so.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms import Entity, Relation
    >>> from graphsms.change.policy import read_policy
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
    ...     found = conflicts(g.store, read_policy(g.vocabulary), as_of="2026-11-21T00:00:00Z")
    >>> [(one.ids, [service.id for service in one.services]) for one in found.conflicts]
    [(('rfc-1', 'rfc-2'), ['shop'])]
    """
    moment = as_of or now()
    revision = estate(store, at).revision
    read_requests(store, policy, sorted(ids), revision.number)
    schedule = scheduled(
        store,
        policy,
        read_requests(store, policy, None, revision.number),
        ids=ids,
        undecided=undecided,
        context=context,
        since=microseconds(start or moment),
        until=microseconds(end) if end else END,
        at=revision.number,
        as_of=moment,
    )
    calendar = Calendar(schedule, read_windows(store, revision.number), ids)
    found = conflicts_of(schedule, ids, calendar.visit)
    return Conflicts(
        revision=revision.number,
        at=revision.time,
        as_of=moment,
        asked=tuple(sorted(ids)),
        changes=schedule.changes,
        with_context=context,
        conflicts=found.conflicts,
        breaches=tuple(sorted(calendar.breaches, key=_breach_order)),
        overlaps=tuple(sorted(calendar.overlaps, key=lambda one: (one.start, [each.id for each in one.changes]))),
        complete=found.beyond is None,
        notes=(*found.notes, *schedule.notes, *calendar.notes),
    )


def conflicts_of(
    schedule: Schedule, asked: Collection[str] = (), visit: Callable[[Segment], None] | None = None
) -> Found:
    """The conflicts between the changes of a schedule; of those asked for, those that one of them is part of.

    ``visit`` is shown each segment on the way.

    Notes
    -----
    For each time in which what is live and what is disturbed stay as they are, what `minimal_sets` costs: one spread
    for each change in it, one for each largest set that overlaps, one for each set that is an answer.
    """
    gathered: dict[_Key, _Gathered] = {}
    beyond: int | None = None
    for segment in schedule.segments():
        if visit is not None:
            visit(segment)
        there = _Segmentwise(schedule, segment)
        there.gather(gathered, frozenset(asked))
        if there.sets.beyond is not None:
            beyond = min(there.sets.beyond, beyond or there.sets.beyond)
    order = _by_criticality(schedule.store.vocabulary)
    found, times = [], {}
    for key, one in gathered.items():
        kind = IN_CONTEXT if key[1] and len(key[0]) == 1 else TOGETHER if len(key[0]) > 1 else ALONE
        times[key] = TimeSet.of(one.spans)
        found.append(
            Conflict(
                kind=kind,
                changes=one.changes,
                services=tuple(sorted(one.services.values(), key=order)),
                groups=tuple(one.groups[id] for id in sorted(one.groups)),
                because=tuple(one.because[id] for id in sorted(one.because)),
                judged=_judged(schedule.judgements, one),
                spans=tuple((moment_of(since), moment_of(until)) for since, until in times[key]),
            )
        )
    return Found(in_order(found), beyond, times)


class _Segmentwise:
    """The conflicts within one segment."""

    def __init__(self, schedule: Schedule, segment: Segment) -> None:
        self._schedule = schedule
        self._segment = segment
        self._disturbed = worst_of(segment.disturbed)
        acting = [Acting(self._disturbed, segment.span)]
        acting += [Acting(*pair) for pair in zip(segment.seeds, segment.spans, strict=True)]
        self._acting = acting
        self.sets: MinimalSets = minimal_sets(
            segment.graph, acting, is_service_in(segment.graph, schedule.store.vocabulary)
        )

    def gather(self, gathered: dict[_Key, _Gathered], asked: frozenset[str]) -> None:
        """Add what is found here."""
        services: dict[int, list[int]] = {}
        for service in self.sets.services:
            for set in self._in_context(self.sets.of[service]):
                if not asked or asked & {self._change(number).id for number in numbers_in(set & ~_CONTEXT)}:
                    services.setdefault(set, []).append(service)
        combined = {set: self.sets.combined(set) for set in services}
        nodes = {node for some in services.values() for node in some}
        for groups in combined.values():
            nodes |= {node for one in groups for node in (one.group, *one.lost)}
        entities = self._schedule.entities(self._segment.graph, nodes)
        for set in sorted(services):
            changes = tuple(sorted(map(self._change, numbers_in(set & ~_CONTEXT)), key=lambda one: one.id))
            in_context = bool(set & _CONTEXT)
            one = gathered.setdefault((tuple(each.id for each in changes), in_context), _Gathered(changes))
            one.services |= {entities[node].id: entities[node] for node in services[set]}
            one.spans.append(self._common(set))
            because = self._because(set, services[set]) if in_context else []
            one.because |= {(each.because.id, each.entity.id): each for each in because}
            names = tuple(dict.fromkeys(each.because.id for each in because))
            for each in combined[set]:
                group = self._segment.graph.group(each.group)
                if group is not None:
                    entity = entities[each.group]
                    lost = sorted(
                        (
                            Lost(entities[node], tuple(self._names(by, names) for by in sets))
                            for node, sets in each.lost.items()
                        ),
                        key=lambda one: one.entity.id,
                    )
                    one.groups.setdefault(entity.id, Consumed(entity, group.members, group.minimum, tuple(lost)))

    def _in_context(self, sets: Sequence[int]) -> Iterator[int]:
        """Of the minimal sets of a service, those that are minimal once the context is taken for granted."""
        for set in sets:
            own = set & ~_CONTEXT
            if own and not any(other & ~_CONTEXT & own == other & ~_CONTEXT != own for other in sets):
                yield set

    def _change(self, number: int) -> Request:
        return self._segment.changes[number - 1]

    def _names(self, set: int, context: tuple[str, ...]) -> tuple[str, ...]:
        changes = (self._change(number).id for number in numbers_in(set & ~_CONTEXT))
        return (*sorted(changes), *(context if set & _CONTEXT else ()))

    def _common(self, set: int) -> Interval:
        spans = [self._acting[number].span for number in numbers_in(set)]
        return max(since for since, _ in spans), min(until for _, until in spans)

    def _because(self, set: int, services: Sequence[int]) -> list[Disturbance]:
        """Of the context, as little as is enough beside the changes: found by leaving out ever smaller parts."""
        seeds = [self._acting[number].seeds for number in numbers_in(set & ~_CONTEXT)]
        kept = [number for number, some in enumerate(self._segment.disturbed) if DOWN in some.values()]

        def enough(numbers: Iterable[int]) -> bool:
            spread = self._segment.graph.spread(worst_of([*seeds, *(self._segment.disturbed[one] for one in numbers)]))
            down = {node for node, state in zip(spread.nodes, spread.states, strict=True) if state == DOWN}
            return down.issuperset(services)

        size = len(kept)
        while size > 1:
            size = (size + 1) // 2
            kept = _without_pieces(kept, size, enough)
        return [self._segment.context[number] for number in kept]


def _without_pieces(kept: list[int], size: int, enough: Callable[[Iterable[int]], bool]) -> list[int]:
    position = 0
    while position < len(kept):
        rest = kept[:position] + kept[position + size :]
        if enough(rest):
            kept = rest
        else:
            position += size
    return kept


def _judged(judgements: Sequence[Judgement], one: _Gathered) -> tuple[Judgement, ...]:
    """What people hold not to be impacted by one of the changes, of what they are found to take down together."""
    changes = {each.id for each in one.changes}
    lost = {each.entity.id for group in one.groups.values() for each in group.lost}
    hit = {*one.services, *one.groups, *lost}
    return tuple(each for each in judgements if not each.impacted and each.request in changes and each.entity in hit)


def _breach_order(breach: Breach) -> tuple[str, int, tuple[str, str], str, str]:
    """Freezes first, then the worse state first."""
    return (breach.kind, -STATES.index(breach.state), breach.change.window, breach.change.id, breach.of.id)


def _by_criticality(vocabulary: Vocabulary) -> Callable[[Entity], tuple[int, str]]:
    property = vocabulary.properties.get(_CRITICALITY)
    codes = vocabulary.code_lists[property.code_list].codes if property and property.code_list else ()
    ranks = {code.notation: code.rank or 0 for code in codes}
    return lambda one: (-ranks.get(str(one.properties.get(_CRITICALITY, "")), 0), one.id)
