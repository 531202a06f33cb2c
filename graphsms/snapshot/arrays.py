"""A large graph as arrays, built from what a store streams.

Nodes stand in the order of the store's keys. The adjacency leads the way that failure takes, from
what is needed to what needs it, in compressed rows: ``start[v]`` to ``start[v + 1]`` in ``receivers``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from graphsms.errors import VocabularyError
from graphsms.snapshot.adjacency import CONDITIONAL, KEPT, classified, compressed, row_starts
from graphsms.snapshot.carriage import DROPPED, HARD, MEMBER, SOFT, Carriage
from graphsms.snapshot.plain import minimums
from graphsms.snapshot.validity import BEGINNING, END, Interval, interval
from graphsms.store import MARK_DATED, EdgeStream, GraphStream, NodeStream, PackedIntegers, Store

if TYPE_CHECKING:
    from graphsms.snapshot.compiled import CompiledGraph

__all__ = ["NO_MINIMUM", "ArraySnapshot", "Condition", "build", "read", "unsigned"]

U1: TypeAlias = npt.NDArray[np.uint8]
U2: TypeAlias = npt.NDArray[np.uint16]
U4: TypeAlias = npt.NDArray[np.uint32]
U8: TypeAlias = npt.NDArray[np.uint64]
Flags: TypeAlias = npt.NDArray[np.bool_]
I8: TypeAlias = npt.NDArray[np.int64]
Unsigned: TypeAlias = npt.NDArray[Any]


class Condition(IntEnum):
    """Columns of `ArraySnapshot.conditions`."""

    SUBJECT = 0
    OBJECT = 1
    RELATION = 2  # position in `Carriage.streamed`
    EDGE = 3  # position in the adjacency of what is dated itself, or -1
    GROUP = 4  # position of the group that it would add a member to, or -1
    BIT = 5  # of the expected relation that it would be, or 0
    FROM = 6
    TO = 7


NO_MINIMUM: Final = 2**31 - 1
_LOW: Final = np.uint64(0xFFFFFFFF)
_MOST_EXPECTED: Final = 64


@dataclass(frozen=True)
class ArraySnapshot:
    """All of the graph at one revision.

    Parameters
    ----------
    revision : int
    carriage : Carriage
    sources : tuple of str
    keys : uint32[n]
        The store's keys, ascending.
    types, source_of, marks : uint16[n], unsigned[n], uint8[n]
        Code of the type, position of the source, marks of the store.
    missing : unsigned[n]
        The expected relations that an entity does not have for certain, as a mask.
    start, receivers, relations : uint32[n + 1], uint32[m], unsigned[m]
        Adjacency: ``receiver << 2 | kind``, and the code of the relation.
    groups, group_members, group_minimum : uint32[g], uint32[g], int32[g]
        Nodes that are groups, ascending; how many members they have for certain; how many they need.
    dated_nodes, dated_intervals : uint32[d], int64[d, 2]
        Nodes that are live only from a moment to another.
    conditions : int64[c, 8]
        Edges that count only where their interval and their ends allow it, see `Condition`.
    """

    revision: int
    carriage: Carriage
    sources: tuple[str, ...]
    keys: U4
    types: U2
    source_of: Unsigned
    marks: U1
    missing: Unsigned
    start: U4
    receivers: U4
    relations: Unsigned
    groups: U4
    group_members: U4
    group_minimum: npt.NDArray[np.int32]
    dated_nodes: U4
    dated_intervals: I8
    conditions: I8
    _live: dict[bytes, CompiledGraph] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    def moments(self) -> list[int]:
        """When something begins or ends to be live (microseconds from 1970), ascending."""
        bounds = np.concatenate([self.dated_intervals.ravel(), self.conditions[:, Condition.FROM :].ravel()])
        return sorted(set(np.unique(bounds).tolist()) - {BEGINNING, END})

    def live(self, moment: int) -> CompiledGraph:
        """The part that is live at a moment (microseconds from 1970)."""
        from graphsms.snapshot.compiled import CompiledGraph

        nodes = (self.dated_intervals[:, 0] <= moment) & (moment < self.dated_intervals[:, 1])
        edges = (self.conditions[:, Condition.FROM] <= moment) & (moment < self.conditions[:, Condition.TO])
        holding = nodes.tobytes() + edges.tobytes()
        graph = self._live.get(holding)
        if graph is None:
            graph = CompiledGraph(self, nodes, edges)
            # One is enough: moments asked about in turn mostly lie between the same dates.
            self._live.clear()
            self._live[holding] = graph
        return graph

    def node(self, key: int) -> int | None:
        """The node with that key of the store."""
        # A number of another width would have all keys copied to its own first.
        place = int(self.keys.searchsorted(self.keys.dtype.type(key)))
        return place if place < len(self.keys) and self.keys[place] == key else None


def read(store: Store, at: int | None = None) -> ArraySnapshot:
    """Stream a graph from a store."""
    with store.stream(Carriage.of(store.vocabulary).streamed, at) as stream:
        return build(store, stream, stream.nodes)


def build(store: Store, stream: GraphStream, streamed: Iterable[NodeStream]) -> ArraySnapshot:
    """The arrays of a stream of which the nodes may have been taken already.

    Notes
    -----
    Linear in nodes and edges. Beside the result it holds some 25 bytes an edge at its peak.
    """
    carriage = Carriage.of(store.vocabulary)
    if len(carriage.expected) > _MOST_EXPECTED:
        raise VocabularyError(
            f"Types that can fail expect more than {_MOST_EXPECTED} relations together; expect fewer."
        )
    nodes = _Nodes(carriage, streamed)
    edges = _Edges(nodes)
    for relation in stream.edges:
        edges.add(relation)
    revision, sources = stream.revision, tuple(stream.sources)
    groups = np.flatnonzero(np.array(carriage.quorum)[nodes.types] >= 0).astype(np.uint32)
    minimum = np.full(len(groups), NO_MINIMUM, np.int32)
    recorded = list(minimums(store, nodes.keys[groups].tolist(), revision))
    if recorded:
        keys, counts = np.array(recorded, np.int64).T
        minimum[np.searchsorted(nodes.keys[groups], keys)] = np.clip(counts, -NO_MINIMUM, NO_MINIMUM)
    dated_nodes = np.flatnonzero(nodes.marks & MARK_DATED).astype(np.uint32)
    entities, relations = store.dated(revision) if len(dated_nodes) or edges.dated else ([], [])
    intervals = {key: interval(since, until) for key, since, until in entities}
    of_edges = {(name, s, o): interval(since, until) for name, s, o, since, until in relations}
    start, receivers, codes, conditions = edges.compressed(groups, of_edges)
    return ArraySnapshot(
        revision=revision,
        carriage=carriage,
        sources=sources,
        keys=nodes.keys,
        types=nodes.types,
        source_of=nodes.source_of,
        marks=nodes.marks,
        missing=edges.missing.astype(unsigned(1 << len(carriage.expected))),
        start=start,
        receivers=receivers,
        relations=codes,
        groups=groups,
        group_members=edges.members[groups],
        group_minimum=minimum,
        dated_nodes=dated_nodes,
        dated_intervals=np.array(
            [intervals.get(key, (BEGINNING, END)) for key in nodes.keys[dated_nodes].tolist()], np.int64
        ).reshape(-1, 2),
        conditions=conditions,
    )


def unsigned(highest: int) -> np.dtype[Any]:
    """The smallest unsigned type that holds a number."""
    return np.min_scalar_type(highest)


class _Nodes:
    """The entities of a stream, in the order of their keys."""

    def __init__(self, carriage: Carriage, streams: Iterable[NodeStream]) -> None:
        self.carriage = carriage
        packed: list[U8] = []
        types: list[U2] = []
        for stream in streams:
            ours = _integers(stream.chunks)
            packed.append(ours)
            types.append(np.full(len(ours), carriage.code_of(stream.type), np.uint16))
        together = np.concatenate([np.zeros(0, np.uint64), *packed])
        order = np.argsort(together)
        together = together[order]
        self.keys: U4 = (together >> np.uint64(32)).astype(np.uint32)
        self.types: U2 = np.concatenate([np.zeros(0, np.uint16), *types])[order]
        source_of = together >> np.uint64(8) & np.uint64(0xFFFFFF)
        self.source_of: Unsigned = source_of.astype(unsigned(int(source_of.max(initial=0))))
        self.marks: U1 = (together & np.uint64(0xFF)).astype(np.uint8)
        highest = int(self.keys[-1]) if len(self.keys) else 0
        # A table from keys, unless so many have been removed that it would be mostly empty.
        self._is_dense = highest < 8 * len(self.keys) + 2**20
        self.by_key: U4 = np.arange(len(self.keys), dtype=np.uint32)
        if self._is_dense:
            self.by_key = np.zeros(highest + 1, np.uint32)
            self.by_key[self.keys] = np.arange(len(self.keys), dtype=np.uint32)

    def __len__(self) -> int:
        return len(self.keys)

    def known(self, ends: U8) -> U8:
        """Packed keys of both ends of edges as what ``by_key`` takes."""
        if self._is_dense:
            return ends
        subject, object = (np.searchsorted(self.keys, part) for part in (ends >> np.uint64(32), ends & _LOW))
        found: U8 = subject.astype(np.uint64) << np.uint64(32) | object.astype(np.uint64)
        return found


class _Edges:
    """The edges of a stream, relation by relation."""

    def __init__(self, nodes: _Nodes) -> None:
        carriage = nodes.carriage
        self._nodes = nodes
        self._can_fail = np.array(carriage.can_fail, np.uint8)
        self._quorum = np.array(carriage.quorum)
        self.members: U4 = np.zeros(len(nodes), np.uint32)
        self.missing: U8 = np.array(carriage.expects, np.uint64)[nodes.types]
        self.dated = False
        self._senders: list[U4] = []
        self._packed: list[U4] = []
        self._codes: list[int] = []
        self._count = 0
        self._conditions: list[I8] = []  # as in the snapshot, but number of the edge, node of the group
        self._dated: list[tuple[str, int, int]] = []  # of those, relation and keys of what is dated itself

    def add(self, stream: EdgeStream) -> None:
        """Take the edges of one relation."""
        carriage, nodes = self._nodes.carriage, self._nodes
        marked = np.array(stream.marked, np.uint64).reshape(-1, 3)
        ends = nodes.known(np.concatenate([_integers(stream.chunks), marked[:, 0] << np.uint64(32) | marked[:, 1]]))
        marks = np.zeros(len(ends), np.uint8)
        marks[len(ends) - len(marked) :] = marked[:, 2]
        code, bit = carriage.relation_code.get(stream.type, -1), carriage.bit(stream.type)
        senders, packed = (np.empty(len(ends) if code >= 0 else 0, np.uint32) for _ in range(2))
        became = np.empty(len(ends), np.uint8)
        kept = classified(
            ends,
            marks,
            nodes.by_key,
            nodes.types,
            nodes.marks,
            self._received(code, {0, *np.unique(marks).tolist()}),
            self._can_fail,
            (self._quorum == code).astype(np.uint8),
            code >= 0,
            code >= 0 and carriage.object_sends[code],
            bit,
            self.missing,
            self.members,
            senders,
            packed,
            became,
        )
        conditional = np.flatnonzero(became & CONDITIONAL)
        if len(conditional):
            self._add_conditions(stream.type, code, bit, ends, marks, became, conditional)
        if code >= 0:
            self._senders.append(senders[:kept])
            self._packed.append(packed[:kept])
            self._codes.append(code)
            self._count += int(kept)

    def _received(self, code: int, marks: set[int]) -> U1:
        """What an edge is to its receiver, by ``type << 8 | marks``."""
        carriage = self._nodes.carriage
        found = np.full(len(carriage.types) << 8, DROPPED, np.uint8)
        for mark in marks if code >= 0 else ():
            found[mark::256] = [carriage.received(code, type, mark) for type in range(len(carriage.types))]
        return found

    def _add_conditions(
        self, relation: str, code: int, bit: int, ends: U8, marks: U1, became: U1, conditional: I8
    ) -> None:
        carriage, nodes = self._nodes.carriage, self._nodes
        is_dated = (marks[conditional] & MARK_DATED) != 0
        subject, object = (
            nodes.by_key[part] for part in (ends[conditional] >> np.uint64(32), ends[conditional] & _LOW)
        )
        rows = np.zeros((len(conditional), len(Condition)), np.int64)
        rows[:, Condition.SUBJECT], rows[:, Condition.OBJECT] = subject, object
        rows[:, Condition.RELATION] = carriage.streamed.index(relation)
        kept = (became & KEPT) != 0
        number = (self._count - 1 + np.cumsum(kept))[conditional]
        rows[:, Condition.EDGE] = np.where(kept[conditional] & is_dated, number, -1)
        receiver = subject if code >= 0 and carriage.object_sends[code] else object
        is_member = (code >= 0) & (self._quorum[nodes.types[receiver]] == code)
        rows[:, Condition.GROUP] = np.where(is_member, receiver.astype(np.int64), -1)
        rows[:, Condition.BIT] = bit if bit < 2**63 else bit - 2**64
        rows[:, Condition.FROM], rows[:, Condition.TO] = BEGINNING, END
        self._conditions.append(rows)
        keys = nodes.keys[subject], nodes.keys[object]
        self._dated += [
            (relation, s, o) if dated else ("", 0, 0)
            for s, o, dated in zip(*(part.tolist() for part in (*keys, is_dated)), strict=True)
        ]
        self.dated = self.dated or bool(is_dated.any())

    def compressed(self, groups: U4, intervals: Mapping[tuple[str, int, int], Interval]) -> tuple[U4, U4, Unsigned, I8]:
        """Start, receivers and relations of the rows, and the conditions."""
        start: U4 = row_starts(self._senders, len(self._nodes))
        receivers: U4 = np.empty(self._count, np.uint32)
        relations: Unsigned = np.empty(self._count, unsigned(len(self._nodes.carriage.relations)))
        conditions = np.concatenate([np.zeros((0, len(Condition)), np.int64), *self._conditions])
        for row, key in enumerate(self._dated):
            if key[0]:
                conditions[row, Condition.FROM :] = intervals.get(key, (BEGINNING, END))
        is_tracked = conditions[:, Condition.EDGE] >= 0
        tracked = conditions[is_tracked, Condition.EDGE]
        positions = np.empty(len(tracked), np.int64)
        cursor = start[:-1].copy()
        # Those that pass a state fully come first in each row: a spread is faster so.
        for kind in (HARD, SOFT, MEMBER):
            already = np.uint64(0)
            for code, senders, packed in zip(self._codes, self._senders, self._packed, strict=True):
                relation = relations.dtype.type(code)
                already = np.uint64(
                    compressed(
                        senders, packed, relation, kind, cursor, receivers, relations, tracked, positions, already
                    )
                )
        conditions[is_tracked, Condition.EDGE] = positions
        of_groups = conditions[:, Condition.GROUP] >= 0
        conditions[of_groups, Condition.GROUP] = np.searchsorted(groups, conditions[of_groups, Condition.GROUP])
        return start, receivers, relations, conditions


def _integers(chunks: Iterable[PackedIntegers]) -> U8:
    parts = [
        np.fromstring(chunk, np.uint64, sep=",") if isinstance(chunk, str) else np.array(chunk, np.uint64)
        for chunk in chunks
        if chunk
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)
