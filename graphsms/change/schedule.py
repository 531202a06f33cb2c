"""The schedule of changes over time, cut where what is live, or what is disturbed, is no longer the same.

Within a `Segment` the graph is one, and what disturbs it beside the changes is one. So what a change puts into which
state is looked up once in it, and changes differ only by their windows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from graphsms.analysis.seeding import open_case
from graphsms.change.considered import Judgement
from graphsms.change.context import LASTING, MODE_OF, Disturbance, context_of, lasting
from graphsms.change.judgements import read_judgements
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, Touched
from graphsms.model import Entity
from graphsms.moments import canonical_moment
from graphsms.snapshot import live_graph, snapshot
from graphsms.snapshot.live import LiveGraph
from graphsms.snapshot.validity import END, Interval
from graphsms.store import Store
from graphsms.vocabulary import Vocabulary

__all__ = [
    "Schedule",
    "Segment",
    "at_revision",
    "is_service_in",
    "lasts",
    "moment_of",
    "only_lasting",
    "scheduled",
    "seeds_by_part",
    "worst_of",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def moment_of(microseconds: int) -> str:
    """The canonical moment so many microseconds from 1970; "" for `END`.

    Examples
    --------
    >>> moment_of(1_000_000)
    '1970-01-01T00:00:01Z'
    """
    return "" if microseconds > _LATEST else canonical_moment(_EPOCH + timedelta(microseconds=microseconds))


@dataclass(frozen=True)
class Segment:
    """A time in which the graph and what disturbs it are one.

    Parameters
    ----------
    span : Interval
    graph : LiveGraph
    changes : tuple of Request
        Those that act in it, in order of their beginning.
    spans : tuple of Interval
        When each acts, within the span.
    seeds : tuple of mapping
        By node, the state that each puts it into.
    context : tuple of Disturbance
        What is not as it should be, whatever the changes do.
    disturbed : tuple of mapping
        By node, the state that each of these puts it into.
    """

    span: Interval
    graph: LiveGraph
    changes: tuple[Request, ...]
    spans: tuple[Interval, ...]
    seeds: tuple[Mapping[int, int], ...]
    context: tuple[Disturbance, ...]
    disturbed: tuple[Mapping[int, int], ...]


@dataclass(frozen=True)
class Schedule:
    """The changes that are looked at together, made by `scheduled`.

    Parameters
    ----------
    store : Store
    revision : int
    changes : tuple of Request
        In order of their beginning.
    context : tuple of Disturbance
        By incidents; empty where it is not to count.
    notes : tuple of str
        What else has to be known.
    judgements : tuple of Judgement
        What people have judged of what the changes hit, and not withdrawn.
    """

    store: Store
    revision: int
    changes: tuple[Request, ...]
    context: tuple[Disturbance, ...]
    notes: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()

    @property
    def span(self) -> Interval | None:
        """From the beginning of the first window to the end of the last one that ends; None without changes."""
        spans = [span for one in self.changes if (span := one.span)]
        if not spans:
            return None
        ends = [until for _, until in spans if until != END]
        return min(since for since, _ in spans), max(*ends, *(since + 1 for since, _ in spans), 0)

    def segments(self) -> Iterator[Segment]:
        """The time of the schedule, piece by piece, without those in which nothing is changed."""
        whole = self.span
        if whole is None:
            return
        bounds = {*whole, *snapshot(self.store, self._at).moments()}
        for disturbance in self.context:
            bounds |= {*disturbance.span}
        for change in self.changes:
            if lasts(change):
                bounds |= {*(change.span or ())}
        cuts = sorted(bound for bound in bounds if whole[0] <= bound <= whole[1])
        acting: list[list[Request]] = [[] for _ in cuts]
        for change in self.changes:
            since, until = _whole(change)
            for number in range(bisect_right(cuts, since) - 1, len(cuts) - 1):
                if cuts[number] >= until:
                    break
                acting[number].append(change)
        for number, changes in enumerate(acting):
            if changes:
                yield self._segment((cuts[number], cuts[number + 1]), changes)

    def _segment(self, span: Interval, changes: Sequence[Request]) -> Segment:
        context = tuple(one for one in self.context if one.span[0] < span[1] and span[0] < one.span[1])
        parts = [[(id, mode) for id, mode, when in _parts(one) if _meet(when, span)] for one in changes]
        disturbed = [[(one.entity.id, one.mode)] for one in context]
        every = {each for some in (*parts, *disturbed) for each in some}
        graph, found = seeds_by_part(self.store, moment_of(span[0]), self.revision, every)
        together = [worst_of(found[each] for each in some) for some in (*parts, *disturbed)]
        return Segment(
            span=span,
            graph=graph,
            changes=tuple(changes),
            spans=tuple(_clipped(one, span) for one in changes),
            seeds=tuple(together[: len(changes)]),
            context=context,
            disturbed=tuple(together[len(changes) :]),
        )

    def entities(self, graph: LiveGraph, nodes: Iterable[int]) -> dict[int, Entity]:
        """Entities by node."""
        keys = {graph.key(node): node for node in nodes}
        return {keys[key]: entity for key, entity in self.store.by_keys(sorted(keys), self.revision)}

    @property
    def _at(self) -> int | None:
        return at_revision(self.store, self.revision)


def scheduled(
    store: Store,
    policy: ChangePolicy,
    requests: Sequence[Request],
    *,
    ids: Collection[str] = (),
    undecided: bool = False,
    context: bool = True,
    since: int,
    until: int = END,
    at: int,
    as_of: str,
) -> Schedule:
    """The changes that may be in each other's way. What a person holds to be impacted by one counts as touched by it.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    requests : sequence of Request
        All that are recorded.
    ids : collection of str
        Those in question: they count whatever has been decided, and of the others only those that share a moment with
        one of them.
    undecided : bool
        Whether others that have not been decided count as well.
    context : bool
        Whether it counts what is down already by open incidents.
    since, until : int
        Windows that are over by the one, or begin with or after the other, do not count, but for those in question.
    at : int
        Revision.
    as_of : str
        Moment at which judgements hold.
    """
    wanted = policy.ahead | policy.undecided if undecided else policy.ahead
    notes = []
    candidates = [one for one in requests if one.id in ids or one.status in wanted]
    asked = [span for one in candidates if one.id in ids and (span := _whole_or_none(one))]
    changes = []
    for one in candidates:
        if one.span is None:
            notes.append(f"{one.id} ({one.status or 'no status'}) has no window, so that it cannot meet another.")
        elif one.span[0] >= one.span[1]:
            notes.append(f"The window of {one.id} ends before it begins, so that it is none; correct it.")
        elif one.id in ids or (
            one.overlaps((since, until)) if not ids else any(_meet(_whole(one), span) for span in asked)
        ):
            changes.append(one)
    changes.sort(key=lambda one: (one.span, one.id))
    judgements = [one for one in read_judgements(store, changes, as_of, at) if one.holds]
    schedule = Schedule(store, at, _with_judged(store, changes, judgements, at), (), tuple(notes), tuple(judgements))
    if not context or schedule.span is None:
        return schedule
    return replace(schedule, context=tuple(context_of(store, policy, (), schedule.span, at=at)))


def _with_judged(
    store: Store, changes: Sequence[Request], judgements: Sequence[Judgement], at: int
) -> tuple[Request, ...]:
    impacted = [one for one in judgements if one.impacted and one.state in MODE_OF]
    entities = {one.id: one for one in store.entities(ids=sorted({one.entity for one in impacted}), at=at)}
    added: dict[str, list[Touched]] = {}
    for one in impacted:
        added.setdefault(one.request, []).append(Touched(entities[one.entity], MODE_OF[one.state], True))
    return tuple(replace(one, touches=(*one.touches, *added.get(one.id, ()))) for one in changes)


def at_revision(store: Store, revision: int) -> int | None:
    """A revision as snapshots are asked for it: None for the present one."""
    return None if revision == store.revision().number else revision


def seeds_by_part(
    store: Store, as_of: str, revision: int, parts: Collection[tuple[str, str]]
) -> tuple[LiveGraph, dict[tuple[str, str], dict[int, int]]]:
    """The graph that is live at a moment, and for each id and mode, which nodes that puts into which state."""
    graph = live_graph(store, as_of, at_revision(store, revision))
    found: dict[tuple[str, str], dict[int, int]] = {}
    for mode in sorted({mode for _, mode in parts}):
        ids = sorted(id for id, of in parts if of == mode)
        case = open_case(store, ids, mode, revision, as_of, None, None)
        graph = case.graph
        for planted in case.planted:
            found[planted.entity.id, mode] = worst_of(
                {one.node: one.state} for one in (planted, *planted.stands_for) if one.node is not None
            )
    return graph, found


def is_service_in(graph: LiveGraph, vocabulary: Vocabulary) -> Callable[[int], bool]:
    """Whether a node is one of the things that people see first, the services."""
    first = min((type.section.rank or 0 for type in vocabulary.types.values()), default=None)
    services = [
        type.section.rank == first and fails
        for type, fails in zip(vocabulary.types.values(), graph.carriage.can_fail, strict=True)
    ]
    return lambda node: services[graph.type(node)]


def _parts(request: Request) -> list[tuple[str, str, Interval]]:
    """What it touches, with the mode, and from when to when that acts: what goes is gone for good."""
    since, until = request.span or (0, 0)
    return [(one.entity.id, one.mode, lasting(one.mode, (since, until))) for one in request.touches]


def lasts(request: Request) -> bool:
    """Whether something ceases to exist by it, which is down without end."""
    return any(touched.mode == LASTING for touched in request.touches)


def only_lasting(request: Request) -> Request:
    """The same request, touching only what ceases to exist by it."""
    return replace(request, touches=tuple(one for one in request.touches if one.mode == LASTING))


def _whole(request: Request) -> Interval:
    """From when to when any of it acts."""
    since, until = request.span or (0, 0)
    return since, max((until, *(when[1] for _, _, when in _parts(request))))


def _whole_or_none(request: Request) -> Interval | None:
    return _whole(request) if request.span else None


def _clipped(request: Request, span: Interval) -> Interval:
    since, until = _whole(request)
    return max(since, span[0]), min(until, span[1])


def _meet(one: Interval, other: Interval) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def worst_of(seeds: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The worst state of each node."""
    found: dict[int, int] = {}
    for some in seeds:
        for node, state in some.items():
            found[node] = max(state, found.get(node, 0))
    return found
