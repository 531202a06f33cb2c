"""When changes take services down: cut where what acts, what is disturbed, or what is live is no longer the same.

An assessment asks what the changes can do at all, and so takes all that meets their windows together. What they use of
an allowance is a matter of time: a service may be down only while another change is made, or something else is down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from graphsms.calendars.timeset import TimeSet
from graphsms.change.context import MODE_OF, lasting
from graphsms.change.grounds import Grounds, moment_of, states_of
from graphsms.change.judgements import standing
from graphsms.change.schedule import at_revision, seeds_by_part, worst_of
from graphsms.snapshot import snapshot
from graphsms.snapshot.carriage import DOWN, OK, STATES
from graphsms.snapshot.live import LiveGraph
from graphsms.snapshot.validity import END, Interval, microseconds

__all__ = ["Downtime", "downtimes"]

_Part = tuple[str, str, Interval]  # what is put into a state, by which mode, and when


@dataclass(frozen=True, slots=True)
class Downtime:
    """When changes take something down, within the time in which they act.

    Parameters
    ----------
    down : TimeSet
        When it is down with them, and is not without them. What is removed does not come back: that has no end.
    anyway : TimeSet
        When it is down with them, and would be without them too.
    leaning : TimeSet
        The part of ``down`` that takes something of the context whose end is not recorded.
    """

    down: TimeSet
    anyway: TimeSet
    leaning: TimeSet


def downtimes(grounds: Grounds, ids: Collection[str], together: Mapping[str, str]) -> dict[str, Downtime]:
    """When the changes of an assessment take entities down.

    Parameters
    ----------
    grounds : Grounds
        With a window.
    ids : collection of str
        Of entities that can fail.
    together : mapping of str to str
        States by id where all that acts at any time acts at once: what is not down so is down at no time.

    Notes
    -----
    One spread for each time in which the same acts; where the context may matter, which it cannot for what the changes
    take down alone, up to three for each time in which the same acts and is disturbed. What is removed stays so: after
    the last of these times the graph is as it was then, and what ends to be valid later is not followed.
    """
    return _Timeline(grounds, tuple(sorted(ids)), together).found()


@dataclass
class _Times:
    down: list[Interval] = field(default_factory=list)
    anyway: list[Interval] = field(default_factory=list)
    leaning: list[Interval] = field(default_factory=list)


@dataclass
class _Timeline:
    grounds: Grounds
    ids: tuple[str, ...]
    together: Mapping[str, str]

    def found(self) -> dict[str, Downtime]:
        """By id, when it is down."""
        times = {id: _Times() for id in self.ids}
        for segment in self._segments():
            if any(_meet(when, segment) for _, _, when in self._own):
                self._add(times, segment)
        return {
            id: Downtime(TimeSet.of(one.down), TimeSet.of(one.anyway), TimeSet.of(one.leaning))
            for id, one in times.items()
        }

    def _add(self, times: Mapping[str, _Times], segment: Interval) -> None:
        graph = self._graph(segment[0])
        own = _acting(self._own, segment)
        context = _acting(self._context, segment)
        alone = graph.states(own)
        open_ = [id for id in self.ids if alone[id] < DOWN and self._may_be_down(id)] if context else []
        both = graph.states(own, context) if open_ else alone
        down = [id for id in self.ids if DOWN in (alone[id], both[id])]
        # Where nothing but time differs, what all the context together leaves up is up at every time.
        before = graph.states((), context) if context and any(self._may_be_down_before(id) for id in down) else {}
        lean = [id for id in down if alone[id] < DOWN and before.get(id, OK) < DOWN]
        bounded = frozenset((id, mode) for id, mode, when in self._context if when[1] != END and _meet(when, segment))
        ended = graph.states(own, bounded) if lean and bounded != context else both
        for id in down:
            (times[id].anyway if before.get(id, OK) == DOWN else times[id].down).append(segment)
            if id in lean and ended[id] < DOWN:
                times[id].leaning.append(segment)

    def _may_be_down(self, id: str) -> bool:
        return bool(self._moments) or self.together.get(id) == STATES[DOWN]

    def _may_be_down_before(self, id: str) -> bool:
        return bool(self._moments) or self._before.get(id) == STATES[DOWN]

    @cached_property
    def _before(self) -> Mapping[str, str]:
        return states_of(self.grounds.before) if self.grounds.before else {}

    @cached_property
    def _own(self) -> tuple[_Part, ...]:
        """What the changes do, and what people added; where one has no window, in the time of all of them."""
        grounds = self.grounds
        assert grounds.span is not None
        windows = {
            one.id: one.span if one.span and one.span[0] < one.span[1] else grounds.span for one in grounds.requests
        }
        touched = [
            (one.entity.id, one.mode, lasting(one.mode, windows[request.id]))
            for request in grounds.requests
            for one in request.touches
            if one.entity.id not in grounds.set_aside
        ]
        added = [
            (one.entity, MODE_OF[one.state], windows[one.request])
            for one in standing(grounds.judgements, impacted=True)
            if one.state in MODE_OF
        ]
        return (*touched, *added)

    @cached_property
    def _context(self) -> tuple[_Part, ...]:
        return tuple((one.entity.id, one.mode, one.span) for one in self.grounds.context)

    @cached_property
    def _bounds(self) -> list[int]:
        """When something begins or ends to act or to be disturbed, from when the changes first act to when they last
        do, or where that has no end, the last of these moments."""
        if not self._own:
            return []
        since, until = min(when[0] for *_, when in self._own), max(when[1] for *_, when in self._own)
        windows = [one.span for one in self.grounds.requests if one.span]
        both = {bound for when in (*windows, *(when for *_, when in (*self._own, *self._context))) for bound in when}
        return sorted(bound for bound in both if since <= bound <= until and bound != END)

    @cached_property
    def _moments(self) -> list[int]:
        """When what is live changes meanwhile. Of a moment outside the windows, which was asked for, nothing does."""
        span, grounds = self.grounds.span, self.grounds
        if not self._bounds or span is None or not span[0] <= microseconds(grounds.as_of) < span[1]:
            return []
        moments = snapshot(grounds.store, at_revision(grounds.store, grounds.revision.number)).moments()
        return [one for one in moments if span[0] < one <= self._bounds[-1]]

    def _segments(self) -> Iterator[Interval]:
        cuts = sorted({*self._bounds, *self._moments})
        yield from pairwise(cuts)
        if any(when[1] == END for *_, when in self._own):
            yield cuts[-1], END

    def _graph(self, moment: int) -> _Live:
        """The graph at a moment: of one time in which nothing that is live changes, the same."""
        holds = max((one for one in self._moments if one <= moment), default=None)
        if self._live is None or self._live[0] != holds:
            fixed = not self._moments
            as_of = self.grounds.as_of if fixed else moment_of(moment)
            self._live = (holds, _Live.of(self.grounds, as_of, (*self._own, *self._context), self.ids))
        return self._live[1]

    _live: tuple[int | None, _Live] | None = None


@dataclass
class _Live:
    """The graph while nothing that is live changes, and what each part seeds in it."""

    graph: LiveGraph
    seeds: Mapping[tuple[str, str], Mapping[int, int]]
    nodes: Mapping[str, int | None]
    aside: tuple[str, ...]
    known: dict[tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]], dict[str, int]] = field(
        default_factory=dict
    )

    @classmethod
    def of(cls, grounds: Grounds, as_of: str, parts: Iterable[_Part], ids: Iterable[str]) -> _Live:
        store, revision = grounds.store, grounds.revision.number
        graph, seeds = seeds_by_part(store, as_of, revision, {(id, mode) for id, mode, _ in parts})
        wanted = [*dict.fromkeys((*ids, *grounds.set_aside))]
        keys = store.keys(wanted, graph.revision)
        nodes = {id: None if key is None else graph.node(key) for id, key in zip(wanted, keys, strict=True)}
        return cls(graph, seeds, nodes, tuple(grounds.set_aside))

    def states(self, own: Collection[tuple[str, str]], context: Collection[tuple[str, str]] = ()) -> Mapping[str, int]:
        """The states with what the changes do and with what is disturbed, by id. What a person judged not to be
        impacted is as the second leaves it."""
        key = frozenset(own), frozenset(context)
        if key not in self.known:
            held: dict[int, int] = {}
            if own and self.aside:
                left = self.states((), context)
                held = {node: left[id] for id in self.aside if (node := self.nodes[id]) is not None}
            spread = self.graph.spread(worst_of(self.seeds[one] for one in (*own, *context)), held)
            states = dict(zip(spread.nodes, spread.states, strict=True))
            self.known[key] = {id: OK if node is None else int(states.get(node, OK)) for id, node in self.nodes.items()}
        return self.known[key]


def _acting(parts: Iterable[_Part], segment: Interval) -> frozenset[tuple[str, str]]:
    return frozenset((id, mode) for id, mode, when in parts if _meet(when, segment))


def _meet(one: Interval, other: Interval) -> bool:
    return one[0] < other[1] and other[0] < one[1]
