"""The engine for large graphs: what is live of an `ArraySnapshot` at a moment, and the compiled kernels on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from graphsms.snapshot.arrays import NO_MINIMUM, ArraySnapshot, Condition
from graphsms.snapshot.carriage import DEGRADED, DOWN, HARD, MEMBER, OK, SOFT, Carriage
from graphsms.snapshot.kernels import HELD, SETTLED, SPARE, spread
from graphsms.snapshot.live import LACKS, PLACEHOLDER, STALE, Group, Need, Spread
from graphsms.snapshot.tracing import count_reasons, fill_reasons
from graphsms.store import MARK_NOT_LIVE, MARK_PLACEHOLDER

if TYPE_CHECKING:
    from graphsms.snapshot.arrays import I8, U1, U4, Flags, Unsigned

__all__ = ["CompiledGraph"]


@dataclass(frozen=True)
class _Scratch:
    """What a spread and its reasons write to. Between them ``state`` and ``left`` are as they were, ``hit`` and
    ``counts`` are zero; of these the system gives memory only where they have been written to."""

    state: U1
    left: U4
    queue: U4
    heights: U4
    later: U4
    later_height: U4
    hit: U4
    counts: U4


class CompiledGraph:
    """What is live of an `ArraySnapshot` at a moment; see `LiveGraph`.

    Parameters
    ----------
    snapshot : ArraySnapshot
    valid_nodes, holds : bool
        Which of its dated nodes, and of its conditions, hold at the moment.
    """

    def __init__(self, snapshot: ArraySnapshot, valid_nodes: Flags, holds: Flags) -> None:
        count = len(snapshot)
        self.revision = snapshot.revision
        self.carriage: Carriage = snapshot.carriage
        self.sources = snapshot.sources
        self._snapshot = snapshot
        live = (snapshot.marks & MARK_NOT_LIVE) == 0
        live[snapshot.dated_nodes[~valid_nodes]] = False
        self._live = live

        conditions = snapshot.conditions
        gone = conditions[~holds & (conditions[:, Condition.EDGE] >= 0), Condition.EDGE]
        self._receivers = snapshot.receivers
        if len(gone):
            # They lead to nobody instead.
            self._receivers = snapshot.receivers.copy()
            self._receivers[gone] = np.uint32(count << 2 | HARD)
        true = conditions[holds & live[conditions[:, Condition.SUBJECT]] & live[conditions[:, Condition.OBJECT]]]
        self._missing: Unsigned = snapshot.missing
        there = true[true[:, Condition.BIT] != 0]
        if len(there):
            self._missing = snapshot.missing.copy()
            others = (~there[:, Condition.BIT]).astype(np.uint64).astype(self._missing.dtype)
            np.bitwise_and.at(self._missing, there[:, Condition.SUBJECT], others)

        added = true[true[:, Condition.GROUP] >= 0, Condition.GROUP]
        self._members: I8 = snapshot.group_members + np.bincount(added, minlength=len(snapshot.groups))
        # What a group without a recorded minimum can spare is not known: nothing.
        self._minimum: I8 = np.where(
            snapshot.group_minimum == NO_MINIMUM, self._members, snapshot.group_minimum.astype(np.int64)
        )
        spare = np.maximum(0, self._members - self._minimum)
        self._template: U1 = np.zeros(count + 1, np.uint8)
        self._template[snapshot.groups] = np.minimum(spare, int(SPARE))
        self._template[:-1][~live] = SETTLED
        self._template[count] = SETTLED
        many = spare >= int(SPARE)
        self._large: U4 = snapshot.groups[many]
        self._extra: U4 = (spare[many] - int(SPARE)).astype(np.uint32)
        # Each node passes its state on once: so much at most is noted on the way for other levels.
        self._members_noted = int(self._members[spare > 0].sum())
        self._scratch: list[_Scratch] = []

        alive = live[snapshot.groups]
        self.below_minimum = int(np.count_nonzero(alive & (self._members < self._minimum)))
        self.live_by_type: list[int] = np.bincount(snapshot.types[live], minlength=len(self.carriage.types)).tolist()
        self.placeholders = int(np.count_nonzero(live & ((snapshot.marks & MARK_PLACEHOLDER) != 0)))

    # ------------------------------------------------------------------------------------ nodes

    def node(self, key: int) -> int | None:
        return self._snapshot.node(key)

    def key(self, node: int) -> int:
        return int(self._snapshot.keys[node])

    def type(self, node: int) -> int:
        return int(self._snapshot.types[node])

    def is_live(self, node: int) -> bool:
        return bool(self._live[node])

    def group(self, node: int) -> Group | None:
        groups = self._snapshot.groups
        place = int(groups.searchsorted(groups.dtype.type(node)))
        if place == len(groups) or groups[place] != node or not self._live[node]:
            return None
        return Group(int(self._members[place]), int(self._minimum[place]))

    def edges_from(self, nodes: Collection[int]) -> Iterator[tuple[int, int, int]]:
        senders = np.fromiter(nodes, np.int64, len(nodes))
        senders = senders[self._live[senders]]
        begins = self._snapshot.start[senders].astype(np.int64)
        counts = self._snapshot.start[senders + 1].astype(np.int64) - begins
        first = np.cumsum(counts) - counts
        edges = np.arange(int(counts.sum())) + np.repeat(begins - first, counts)
        packed = self._receivers[edges]
        lives = self._template[packed >> np.uint32(2)] != SETTLED
        kinds, receivers = (packed & np.uint32(3))[lives], (packed >> np.uint32(2))[lives]
        yield from zip(np.repeat(senders, counts)[lives].tolist(), receivers.tolist(), kinds.tolist(), strict=True)

    # ----------------------------------------------------------------------------------- spread

    def spread(self, seeds: Mapping[int, int], held: Mapping[int, int] | None = None) -> Spread:
        fixed = held or {}
        sown = {**seeds, **fixed}
        nodes, states, heights = self.spread_arrays(
            np.fromiter(sown, np.uint32, len(sown)),
            np.fromiter(sown.values(), np.uint8, len(sown)),
            np.fromiter(fixed, np.uint32, len(fixed)),
        )
        return Spread(nodes.tolist(), states.tolist(), heights.tolist())

    def spread_arrays(self, seeds: U4, states: U1, held: U4 | None = None) -> tuple[U4, U1, U4]:
        """The same from arrays and as arrays: nodes, states, heights; what is held is among the seeds."""
        scratch = self._taken()
        if held is not None:
            held = held[self._template[held] != SETTLED]  # what is not live is in no state
            scratch.state[held] = HELD
        down, degraded, hit = spread(
            self._snapshot.start,
            self._receivers,
            self._template,
            scratch.state,
            self._large,
            self._extra,
            scratch.left,
            seeds,
            states,
            scratch.queue,
            scratch.heights,
            scratch.later,
            scratch.later_height,
        )
        nodes, heights = scratch.queue[:hit].copy(), scratch.heights[:hit].copy()
        if held is not None:
            scratch.state[held] = self._template[held]
        self._scratch.append(scratch)
        found = np.ones(hit, np.uint8)
        found[:degraded] = DEGRADED
        found[:down] = DOWN
        return nodes, found, heights

    def reasons(self, spread: Spread) -> Iterator[list[Need]]:
        begins, ends, needs, edges = self.reason_arrays(
            np.array(spread.nodes, np.uint32), np.array(spread.states, np.uint8), np.array(spread.heights, np.uint32)
        )
        relations = self._snapshot.relations[edges].tolist()
        members = ((self._receivers[edges] & np.uint32(3)) == MEMBER).tolist()
        found = list(map(Need, needs.tolist(), relations, members))
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            yield found[begin:end]

    def reason_arrays(self, nodes: U4, states: U1, heights: U4) -> tuple[U4, U4, U4, U4]:
        """For each node of a spread where its needs begin and end, the nodes needed, and the positions of the edges
        from them; between the needs of one and the next there may be a gap of zeros."""
        scratch = self._taken()
        scratch.hit[nodes] = heights << np.uint32(2) | states
        spare = (self._template[nodes] & SPARE).astype(np.uint32)
        if len(self._large):
            at = np.minimum(np.searchsorted(self._large, nodes), len(self._large) - 1)
            large = self._large[at] == nodes
            spare[large] += self._extra[at[large]]
        # Rows are read in their order where they are many: memory is several times faster so.
        many = len(nodes) * _MANY > len(self._live)
        senders = np.flatnonzero(scratch.hit).astype(np.uint32) if many else nodes
        rows = (self._snapshot.start, self._receivers, nodes, senders)
        begins, ends = np.empty_like(nodes), np.empty_like(nodes)
        room = int(count_reasons(*rows, spare, scratch.hit, scratch.counts, begins))
        needs, edges = (np.zeros(room, np.uint32) for _ in range(2))
        fill_reasons(*rows, scratch.hit, scratch.counts, ends, needs, edges)
        self._scratch.append(scratch)
        return begins, ends, needs, edges

    def _taken(self) -> _Scratch:
        """Scratch that nobody else uses: threads may spread failure over one graph at once."""
        try:
            return self._scratch.pop()
        except IndexError:
            count = len(self._snapshot)
            queue, heights = (np.empty(count + 1, np.uint32) for _ in range(2))
            soft = int(np.count_nonzero((self._receivers & np.uint32(3)) == SOFT))
            noted = min(soft, count) + self._members_noted + 1
            later, later_height = (np.empty(noted, np.uint32) for _ in range(2))
            hit, counts = np.zeros(count + 1, np.uint32), np.zeros(2 * (count + 1), np.uint32)
            return _Scratch(self._template.copy(), self._extra.copy(), queue, heights, later, later_height, hit, counts)

    # ---------------------------------------------------------------------------------- unknown

    @cached_property
    def _causes(self) -> U1:
        """Why each live node that can fail is unknown, but for stale sources; 255 for the others."""
        causes: U1 = np.where((self._snapshot.marks & MARK_PLACEHOLDER) != 0, PLACEHOLDER, 0).astype(np.uint8)
        causes[self._missing != 0] |= LACKS
        causes[~(self._live & np.array(self.carriage.can_fail)[self._snapshot.types])] = _NEITHER
        return causes

    @cached_property
    def _by_source(self) -> Any:
        """How many live nodes that can fail there are by source and causes."""
        fails = self._causes != _NEITHER
        return self._counted(self._snapshot.source_of[fails], self._causes[fails])

    def _counted(self, source_of: Unsigned, causes: U1) -> Any:
        together = source_of.astype(np.int64) * STALE + causes
        return np.bincount(together, minlength=len(self.sources) * STALE).reshape(-1, STALE)

    def unknown(self, hit: Collection[int], stale: Collection[int]) -> dict[int, int]:
        passed_over = np.fromiter(hit, np.int64, len(hit))
        passed_over = passed_over[self._causes[passed_over] != _NEITHER]
        counts = self._by_source - self._counted(self._snapshot.source_of[passed_over], self._causes[passed_over])
        past = np.zeros(len(counts), np.bool_)
        past[list(stale)] = True
        found = {causes: int(count) for causes, count in enumerate(counts[~past].sum(axis=0)) if causes != OK}
        found |= {causes | STALE: int(count) for causes, count in enumerate(counts[past].sum(axis=0))}
        return {causes: count for causes, count in found.items() if count}

    def unknown_nodes(self, hit: Collection[int], stale: Collection[int]) -> Iterator[tuple[int, int]]:
        causes = self._causes.copy()
        causes[np.fromiter(hit, np.int64, len(hit))] = _NEITHER
        past = np.zeros(max(1, len(self.sources)), np.bool_)
        past[list(stale)] = True
        causes[past[self._snapshot.source_of] & (causes != _NEITHER)] |= STALE
        found = np.flatnonzero((causes != _NEITHER) & (causes != 0))
        yield from zip(found.tolist(), causes[found].tolist(), strict=True)

    def missing(self, node: int) -> tuple[str, ...]:
        return self.carriage.expectations(int(self._missing[node]))


_NEITHER: Final = 255
_MANY: Final = 16  # one in so many nodes
