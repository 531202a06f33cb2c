"""Changes against the calendar of changes, and against each other: freezes, maintenance windows, overlaps (8.5.1.3).

A window for a service counts for what the service depends on as well, directly or not. A freeze does so whatever
redundancy there is: one of the web shop holds its second load balancer too. A maintenance window is when work may
interrupt something, so it is asked for only of what a change touches itself, and of the services that it interrupts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphsms.calendars.timeset import TimeSet
from graphsms.change.calendar import ChangeWindow, reached
from graphsms.change.requests import Request
from graphsms.change.schedule import Schedule, Segment, is_service_in, moment_of, worst_of
from graphsms.errors import InputError
from graphsms.model import Entity
from graphsms.snapshot.carriage import DEGRADED, OK, STATES
from graphsms.snapshot.live import LiveGraph
from graphsms.snapshot.validity import END, Interval

__all__ = ["BREACH_COLUMNS", "EMERGENCY", "IN_FREEZE", "OUTSIDE", "Breach", "Calendar", "Holding", "Overlap"]

IN_FREEZE: Final = "in a freeze"
OUTSIDE: Final = "outside maintenance windows"

BREACH_COLUMNS: Final = ("kind", "change", "name", "start", "end", "of", "of_name", "state", "windows", "overlap")

EMERGENCY: Final = "emergency"  # the category of what may be done in a freeze, by the definition of a freeze


@dataclass(frozen=True, slots=True)
class Breach:
    """A change that does not keep to the calendar of changes.

    Parameters
    ----------
    kind : str
        `IN_FREEZE` or `OUTSIDE`.
    change : Request
    of : Entity
        What the windows are for: something that the change touches, or a service that stands on it.
    state : str
        The state that it is in by the change, with what is down already; ok where that does it no harm.
    windows : tuple of Entity
        The freeze, or the maintenance windows that it keeps to none of.
    spans : tuple of tuple of str
        How much of its window that is, canonical and half-open.
    """

    kind: str
    change: Request
    of: Entity
    state: str
    windows: tuple[Entity, ...]
    spans: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "kind": self.kind,
            "change": self.change.id,
            "name": self.change.name,
            "of": self.of.id,
            "of_name": self.of.name,
            "state": self.state,
            "windows": [{"id": one.id, "name": one.name} for one in self.windows],
            "spans": [[since, until or None] for since, until in self.spans],
        }

    def row(self) -> tuple[Any, ...]:
        """As a row of `BREACH_COLUMNS`."""
        start, end = self.change.window
        windows = tuple(one.id for one in self.windows)
        overlap = tuple(f"{since}/{until}" for since, until in self.spans)
        change, of = self.change, self.of
        return (self.kind, change.id, change.name, start, end, of.id, of.name, self.state, windows, overlap)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two changes that are made at once.

    Parameters
    ----------
    changes : tuple of Request
        Two of them.
    things : tuple of Entity
        What both touch; or what the second touches and stands on what the first does.
    dependent : bool
        Which of the two.
    start, end : str
        When, canonical and half-open; "" is no end.
    """

    changes: tuple[Request, Request]
    things: tuple[Entity, ...]
    dependent: bool
    start: str
    end: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "changes": [one.id for one in self.changes],
            "names": [one.name for one in self.changes],
            "things": [{"id": one.id, "name": one.name} for one in self.things],
            "dependent": self.dependent,
            "start": self.start,
            "end": self.end or None,
        }


@dataclass(frozen=True, slots=True)
class Holding:
    """What of the calendar holds for a change.

    Parameters
    ----------
    freezes : tuple of pair
        The freeze, and what it is for.
    maintenance : mapping of str to pair
        By id of what has them: the entity, and its maintenance windows; of what the change touches, and of the
        services that it interrupts.
    states : mapping of str to str
        By id of those, the state that the change by itself puts it into.
    reached : frozenset of str
        Of what other changes touch, what stands on what this one does.
    """

    freezes: tuple[tuple[ChangeWindow, Entity], ...]
    maintenance: Mapping[str, tuple[Entity, tuple[ChangeWindow, ...]]]
    states: Mapping[str, str]
    reached: frozenset[str]


@dataclass
class Calendar:
    """The calendar of changes beside a schedule: is shown its segments one by one, and keeps what it finds.

    Parameters
    ----------
    schedule : Schedule
    windows : sequence of ChangeWindow
        All that are recorded.
    asked : collection of str
        Ids of the changes in question; none where all are.

    Notes
    -----
    For each change one spread, and one walk over all that stands on what it touches.
    """

    schedule: Schedule
    windows: Sequence[ChangeWindow]
    asked: Collection[str] = ()
    notes: dict[str, None] = field(default_factory=dict)
    _breaches: dict[tuple[str, str, tuple[str, ...], str], _Part] = field(default_factory=dict)
    _overlaps: dict[tuple[str, str, bool], Overlap] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _of: dict[str, list[tuple[ChangeWindow, Entity]]] = field(default_factory=dict)
    _things: dict[str, Entity] = field(default_factory=dict)
    _touching: dict[str, list[Request]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for window in self.windows:
            if window.span is None or window.span[0] >= window.span[1]:
                self.notes[f"{window.entity.id} is not followed: its window has no beginning, or ends before it."] = (
                    None
                )
                continue
            if not window.of:
                self.notes[f"{window.entity.id} does not say what it is for, and so holds nothing."] = None
            for one in window.of:
                self._of.setdefault(one.id, []).append((window, one))
        for change in self.schedule.changes:
            for touched in change.touches:
                self._things[touched.entity.id] = touched.entity
                self._touching.setdefault(touched.entity.id, []).append(change)

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """What was found of freezes and maintenance windows."""
        return tuple(
            Breach(kind, part.change, part.of, STATES[part.state], part.windows, _told(part.times))
            for (kind, *_), part in self._breaches.items()
        )

    @property
    def overlaps(self) -> tuple[Overlap, ...]:
        """What was found of changes at once."""
        return tuple(self._overlaps.values())

    def visit(self, segment: Segment) -> None:
        """Look at the changes whose windows have a part in a segment."""
        nodes = self._nodes(segment.graph)
        for number, change in enumerate(segment.changes):
            since, until = self._span(change)
            span = max(since, segment.span[0]), min(until, segment.span[1])
            if span[0] >= span[1]:
                continue
            holding = self.holding(segment, number, nodes)
            if not self.asked or change.id in self.asked:
                self._add_breaches(change, holding, span)
            self._add_overlaps(change, holding)
            self._seen.add(change.id)

    def holding(self, segment: Segment, number: int, nodes: Mapping[str, int] | None = None) -> Holding:
        """What holds for one of the changes of a segment."""
        graph = segment.graph
        nodes = self._nodes(graph) if nodes is None else nodes
        own = {one.entity.id for one in segment.changes[number].touches}
        above = reached(graph, segment.seeds[number])
        is_service = is_service_in(graph, self.schedule.store.vocabulary)
        held = {id for id in self._of if id in own or ((node := nodes.get(id)) in above and is_service(node))}
        states, interrupting = self._states(segment, number, [nodes[id] for id in held if id in nodes])
        interrupted = {id for id in held if id in own or nodes.get(id) in interrupting}
        freezes = [each for id in sorted(held) for each in self._of[id] if each[0].freeze]
        maintenance = {
            id: (some[0][1], tuple(window for window, _ in some))
            for id in sorted(interrupted)
            if (some := [each for each in self._of[id] if not each[0].freeze])
        }
        return Holding(
            tuple(freezes),
            maintenance,
            {id: STATES[states.get(nodes.get(id, -1), OK)] for id in held},
            frozenset(id for id in self._things if id not in own and nodes.get(id) in above),
        )

    def _states(self, segment: Segment, number: int, nodes: Sequence[int]) -> tuple[dict[int, int], set[int]]:
        """The states that a change brings nodes into, and which of them it interrupts: that are degraded or down by it
        and by what is disturbed, and would be better without it."""
        if not nodes:
            return {}, set()
        disturbed, own = worst_of(segment.disturbed), segment.seeds[number]
        alone, before, after = (
            {node: states.get(node, OK) for node in nodes}
            for states in (
                dict(zip(spread.nodes, spread.states, strict=True))
                for spread in map(segment.graph.spread, (own, disturbed, worst_of([disturbed, own])))
            )
        )
        worse = {node for node in nodes if after[node] > before[node]}
        states = {node: after[node] if node in worse else alone[node] for node in nodes}
        return states, {node for node in worse if after[node] >= DEGRADED}

    def between(self, windows: Iterable[ChangeWindow], span: Interval) -> TimeSet:
        """When windows are, within a span; those that cannot be followed are told."""
        found = TimeSet()
        for window in windows:
            try:
                found = found | window.between(*span)
            except InputError as error:
                self.notes[f"Not followed: {error}"] = None
        return found

    def followed(self, windows: Iterable[ChangeWindow]) -> bool:
        """Whether it can be said of all of the windows when they are."""
        try:
            for window in windows:
                window.between(0, 1)
        except InputError as error:
            self.notes[f"Not followed: {error}"] = None
            return False
        return True

    def _nodes(self, graph: LiveGraph) -> dict[str, int]:
        ids = sorted({*self._of, *self._things})
        keys = self.schedule.store.keys(ids, self.schedule.revision)
        found = {id: graph.node(key) for id, key in zip(ids, keys, strict=True) if key is not None}
        return {id: node for id, node in found.items() if node is not None and graph.is_live(node)}

    def _span(self, change: Request) -> Interval:
        """Its window; one that does not say its end is followed to the end of the schedule."""
        since, until = change.span or (0, 0)
        if until == END and self.schedule.span is not None:
            until = max(since + 1, self.schedule.span[1])
        return since, until

    def _add_breaches(self, change: Request, holding: Holding, span: Interval) -> None:
        for window, of in holding.freezes:
            within = self.between([window], span)
            if within and change.says("changeCategory") == EMERGENCY:
                self.notes[f"{change.id} is an emergency, so that the freeze {window.entity.id} does not hold it."] = (
                    None
                )
            elif within:
                self._add(IN_FREEZE, change, of, holding, (window.entity,), within)
        for of, windows in holding.maintenance.values():
            if self.followed(windows) and (outside := TimeSet.of([span]) - self.between(windows, span)):
                self._add(OUTSIDE, change, of, holding, tuple(window.entity for window in windows), outside)

    def _add(
        self,
        kind: str,
        change: Request,
        of: Entity,
        holding: Holding,
        windows: tuple[Entity, ...],
        times: TimeSet,
    ) -> None:
        key = (kind, change.id, tuple(one.id for one in windows), of.id)
        state = STATES.index(holding.states[of.id])
        part = self._breaches.setdefault(key, _Part(change, of, windows, state))
        part.state = max(part.state, state)
        part.times = part.times | times

    def _add_overlaps(self, change: Request, holding: Holding) -> None:
        own = change.modes()
        for id in (*own, *sorted(holding.reached)):
            dependent = id not in own
            for other in self._touching.get(id, ()):
                # What both touch is told once: by the one that begins first.
                if other.id == change.id or (not dependent and {change.id, other.id} & self._seen):
                    continue
                common = _common(change, other)
                if common is None or (self.asked and not {change.id, other.id} & {*self.asked}):
                    continue
                key = (change.id, other.id, dependent)
                things = self._overlaps[key].things if key in self._overlaps else ()
                if id not in {one.id for one in things}:
                    things = (*things, self._things[id])
                self._overlaps[key] = Overlap((change, other), things, dependent, *common)


@dataclass
class _Part:
    """What is known so far of one breach."""

    change: Request
    of: Entity
    windows: tuple[Entity, ...]
    state: int
    times: TimeSet = field(default_factory=TimeSet)


def _common(one: Request, other: Request) -> tuple[str, str] | None:
    if one.span is None or other.span is None or not one.overlaps(other.span):
        return None
    return moment_of(max(one.span[0], other.span[0])), moment_of(min(one.span[1], other.span[1]))


def _told(times: TimeSet) -> tuple[tuple[str, str], ...]:
    return tuple((moment_of(since), moment_of(until)) for since, until in times)
