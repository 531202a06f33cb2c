"""The engine for small graphs, in plain Python: nothing heavy is imported for it.

It says the rule of states most directly, and the compiled engine is proven equal to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from graphsms.snapshot.carriage import AT_RISK, DEGRADED, DOWN, DROPPED, MEMBER, OK, SOFT, Carriage
from graphsms.snapshot.live import LACKS, PLACEHOLDER, STALE, Group, Need, Spread
from graphsms.snapshot.validity import BEGINNING, END, Interval, interval
from graphsms.store import (
    MARK_DATED,
    MARK_NOT_LIVE,
    MARK_PLACEHOLDER,
    GraphStream,
    NodeStream,
    PackedIntegers,
    Store,
)
from graphsms.vocabulary import Vocabulary

__all__ = ["PlainGraph", "PlainSnapshot", "build", "minimums", "read"]

_LOW: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Edges:
    relation: str
    ends: Sequence[int]  # subject key << 32 | object key
    marked: Sequence[tuple[int, int, int]]


@dataclass(frozen=True)
class PlainSnapshot:
    """All of the graph at one revision, as the store streamed it.

    Parameters
    ----------
    keys, types, source_of, marks : sequence of int
        By node.
    node_of : mapping
        From the store's key.
    minimum : mapping
        From the node of a group to how many members it needs; not there where that is not recorded.
    edges : sequence
        By relation.
    dated_nodes, dated_edges : mapping
        Validity, by node, and by relation and both keys.
    """

    revision: int
    carriage: Carriage
    sources: tuple[str, ...]
    keys: list[int]
    types: list[int]
    source_of: list[int]
    marks: list[int]
    node_of: dict[int, int]
    minimum: dict[int, int]
    edges: list[_Edges]
    dated_nodes: dict[int, Interval]
    dated_edges: dict[tuple[str, int, int], Interval]
    _live: dict[bytes, PlainGraph] = field(init=False, repr=False, compare=False, default_factory=dict)

    def moments(self) -> list[int]:
        """When something begins or ends to be live (microseconds from 1970), ascending."""
        dates = (*self.dated_nodes.values(), *self.dated_edges.values())
        return sorted({moment for validity in dates for moment in validity} - {BEGINNING, END})

    def live(self, moment: int) -> PlainGraph:
        """The part that is live at a moment (microseconds from 1970)."""
        dates = (*self.dated_nodes.values(), *self.dated_edges.values())
        holding = bytes(_holds(validity, moment) for validity in dates)
        graph = self._live.get(holding)
        if graph is None:
            graph = PlainGraph(self, moment)
            # One is enough: moments asked about in turn mostly lie between the same dates.
            self._live.clear()
            self._live[holding] = graph
        return graph


def read(store: Store, at: int | None = None) -> PlainSnapshot:
    """Stream a graph from a store."""
    with store.stream(Carriage.of(store.vocabulary).streamed, at) as stream:
        return build(store, stream, stream.nodes)


def build(store: Store, stream: GraphStream, streamed: Iterable[NodeStream]) -> PlainSnapshot:
    """The snapshot of a stream of which the nodes may have been taken already."""
    carriage = Carriage.of(store.vocabulary)
    keys: list[int] = []
    types: list[int] = []
    source_of: list[int] = []
    marks: list[int] = []
    edges: list[_Edges] = []
    dated = False
    for nodes in streamed:
        code = carriage.code_of(nodes.type)
        for chunk in nodes.chunks:
            for packed in _integers(chunk):
                keys.append(packed >> 32)
                types.append(code)
                source_of.append(packed >> 8 & 0xFFFFFF)
                marks.append(packed & 0xFF)
    for relation in stream.edges:
        ends = [packed for chunk in relation.chunks for packed in _integers(chunk)]
        edges.append(_Edges(relation.type, ends, tuple(relation.marked)))
        dated = dated or any(marked[2] & MARK_DATED for marked in relation.marked)
    revision, sources = stream.revision, tuple(stream.sources)
    node_of = {key: node for node, key in enumerate(keys)}
    groups = [key for key, type in zip(keys, types, strict=True) if carriage.quorum[type] >= 0]
    dated_nodes: dict[int, Interval] = {}
    dated_edges: dict[tuple[str, int, int], Interval] = {}
    if dated or any(mark & MARK_DATED for mark in marks):
        entities, relations = store.dated(revision)
        dated_nodes = {node_of[k]: interval(since, until) for k, since, until in entities if k in node_of}
        dated_edges = {(name, s, o): interval(since, until) for name, s, o, since, until in relations}
    return PlainSnapshot(
        revision=revision,
        carriage=carriage,
        sources=sources,
        keys=keys,
        types=types,
        source_of=source_of,
        marks=marks,
        node_of=node_of,
        minimum={node_of[key]: minimum for key, minimum in minimums(store, groups, revision)},
        edges=edges,
        dated_nodes=dated_nodes,
        dated_edges=dated_edges,
    )


def _integers(chunk: PackedIntegers) -> Iterable[int]:
    if isinstance(chunk, str):
        return map(int, chunk.split(",")) if chunk else ()
    return chunk


def minimums(store: Store, groups: Sequence[int], at: int | None) -> Iterator[tuple[int, int]]:
    """The recorded minimum of groups, by the store's keys."""
    vocabulary: Vocabulary = store.vocabulary
    for key, entity in store.by_keys(groups, at):
        quorum = vocabulary.types[entity.type].quorum
        minimum = entity.properties.get(quorum.property) if quorum else None
        if isinstance(minimum, int):
            yield key, minimum


class PlainGraph:
    """What is live of a `PlainSnapshot` at a moment; see `LiveGraph`."""

    def __init__(self, snapshot: PlainSnapshot, moment: int) -> None:
        carriage = snapshot.carriage
        self.revision = snapshot.revision
        self.carriage = carriage
        self.sources = snapshot.sources
        self._snapshot = snapshot
        self._live = [
            not mark & MARK_NOT_LIVE and (not mark & MARK_DATED or _holds(snapshot.dated_nodes.get(node), moment))
            for node, mark in enumerate(snapshot.marks)
        ]
        # By sender: relation << 34 | receiver << 2 | kind.
        self._receivers: list[list[int]] = [[] for _ in snapshot.keys]
        self._members: dict[int, int] = {
            node: 0 for node, type in enumerate(snapshot.types) if self._live[node] and carriage.quorum[type] >= 0
        }
        self._missing = [carriage.expects[type] for type in snapshot.types]
        for edges in snapshot.edges:
            self._connect(edges, moment)
        # What a group without a recorded minimum can spare is not known: nothing.
        self._slack = {
            node: max(0, members - snapshot.minimum.get(node, members)) for node, members in self._members.items()
        }
        self.live_by_type = [0] * len(carriage.types)
        for node, type in enumerate(snapshot.types):
            self.live_by_type[type] += self._live[node]
        self.placeholders = sum(
            live and bool(mark & MARK_PLACEHOLDER) for live, mark in zip(self._live, snapshot.marks, strict=True)
        )
        self.below_minimum = sum(
            members < snapshot.minimum.get(node, members) for node, members in self._members.items()
        )

    def _connect(self, edges: _Edges, moment: int) -> None:
        """Add the edges of one relation whose ends and which themselves are live."""
        snapshot, carriage = self._snapshot, self.carriage
        live, types, node_of = self._live, snapshot.types, snapshot.node_of
        bit = carriage.bit(edges.relation)
        relation = carriage.relation_code.get(edges.relation, -1)
        object_sends = relation >= 0 and carriage.object_sends[relation]
        kinds: dict[tuple[int, int, int], int] = {}
        for subject_key, object_key, marks in _unpacked(edges):
            subject, object = node_of[subject_key], node_of[object_key]
            if not (live[subject] and live[object]):
                continue
            if marks & MARK_DATED:
                validity = snapshot.dated_edges.get((edges.relation, subject_key, object_key))
                if not _holds(validity, moment):
                    continue
            if bit:
                self._missing[subject] &= ~bit
            if relation < 0:
                continue
            sender, receiver = (object, subject) if object_sends else (subject, object)
            if carriage.quorum[types[receiver]] == relation:
                self._members[receiver] += 1
            between = (types[sender], types[receiver], marks)
            kind = kinds.get(between)
            if kind is None:
                kind = kinds[between] = carriage.kind(relation, *between)
            if kind != DROPPED:
                self._receivers[sender].append(relation << 34 | receiver << 2 | kind)

    # ------------------------------------------------------------------------------------ nodes

    def node(self, key: int) -> int | None:
        return self._snapshot.node_of.get(key)

    def key(self, node: int) -> int:
        return self._snapshot.keys[node]

    def type(self, node: int) -> int:
        return self._snapshot.types[node]

    def is_live(self, node: int) -> bool:
        return self._live[node]

    def group(self, node: int) -> Group | None:
        members = self._members.get(node)
        return None if members is None else Group(members, self._snapshot.minimum.get(node, members))

    def edges_from(self, nodes: Collection[int]) -> Iterator[tuple[int, int, int]]:
        for sender in nodes:
            for packed in self._receivers[sender]:
                yield sender, packed >> 2 & _LOW, packed & 3

    # ----------------------------------------------------------------------------------- spread

    def spread(self, seeds: Mapping[int, int], held: Mapping[int, int] | None = None) -> Spread:
        """See `LiveGraph.spread`: first the states, the worst before the others, then the heights."""
        fixed = held or {}
        sown = {node: state for node, state in {**seeds, **fixed}.items() if state > OK and self._live[node]}
        states = self._states(sown, fixed)
        heights = self._heights(states, [node for node, state in states.items() if sown.get(node) == state])
        return Spread(list(states), list(states.values()), [heights[node] for node in states])

    def _states(self, seeds: Mapping[int, int], fixed: Mapping[int, int]) -> dict[int, int]:
        """Three nested fixed points: what is down, at least degraded, at least at risk."""
        states: dict[int, int] = {}
        lost: dict[int, int] = {}  # members lost by groups, so far
        later: list[int] = []  # reached at this level so that they are at the next at least
        for level in (DOWN, DEGRADED, AT_RISK):
            reached = [node for node, state in seeds.items() if state == level] + later
            later = [group for group in lost if level == DEGRADED]
            while reached:
                sender = reached.pop()
                if sender in states or fixed.get(sender, level) != level:
                    continue
                states[sender] = level
                for packed in self._receivers[sender]:
                    receiver, kind = packed >> 2 & _LOW, packed & 3
                    if receiver in states:
                        continue
                    if kind == MEMBER:
                        lost[receiver] = lost.get(receiver, 0) + 1
                        if lost[receiver] > self._slack[receiver]:
                            reached.append(receiver)
                        elif level == DEGRADED:
                            later.append(receiver)
                    elif kind == SOFT and level == DOWN:
                        later.append(receiver)
                    else:
                        reached.append(receiver)
        return states

    def _heights(self, states: Mapping[int, int], seeds: Iterable[int]) -> dict[int, int]:
        """Rounds from the seeds: who has its final state explained by those before it."""
        frontier = list(seeds)
        heights = dict.fromkeys(frontier, 0)
        lost: dict[int, int] = {}
        height = 0
        while frontier:
            height += 1
            following: list[int] = []
            for sender in frontier:
                state = states[sender]
                for packed in self._receivers[sender]:
                    receiver, kind = packed >> 2 & _LOW, packed & 3
                    if receiver in heights or receiver not in states or _passed(state, kind) < states[receiver]:
                        continue
                    if kind == MEMBER and not (states[receiver] == AT_RISK and state >= DEGRADED):
                        lost[receiver] = lost.get(receiver, 0) + 1
                        if lost[receiver] <= self._slack[receiver]:
                            continue
                    heights[receiver] = height
                    following.append(receiver)
            frontier = following
        return heights

    def reasons(self, spread: Spread) -> Iterator[list[Need]]:
        states = dict(zip(spread.nodes, spread.states, strict=True))
        heights = dict(zip(spread.nodes, spread.heights, strict=True))
        needs: dict[int, list[Need]] = {node: [] for node in spread.nodes}
        for sender, state in states.items():
            for packed in self._receivers[sender]:
                receiver, kind = packed >> 2 & _LOW, packed & 3
                if receiver not in states:  # a group that holds: a member of it is at risk
                    continue
                if heights[receiver] > heights[sender] and _passed(state, kind) >= states[receiver]:
                    needs[receiver].append(Need(sender, packed >> 34, kind == MEMBER))
        for node in spread.nodes:
            lost = sum(need.member for need in needs[node])
            if lost > self._slack.get(node, 0):
                yield needs[node]
            else:
                # So few members lost explain nothing but that the redundancy is being used up.
                worst = DEGRADED if states[node] == AT_RISK else DOWN + 1
                yield [need for need in needs[node] if not need.member or states[need.node] >= worst]

    # ---------------------------------------------------------------------------------- unknown

    def unknown(self, hit: Collection[int], stale: Collection[int]) -> dict[int, int]:
        counts: dict[int, int] = {}
        for _, causes in self.unknown_nodes(hit, stale):
            counts[causes] = counts.get(causes, 0) + 1
        return counts

    def unknown_nodes(self, hit: Collection[int], stale: Collection[int]) -> Iterator[tuple[int, int]]:
        snapshot = self._snapshot
        passed_over = frozenset(hit)
        past = frozenset(stale)
        for node, live in enumerate(self._live):
            if not live or not self.carriage.can_fail[snapshot.types[node]] or node in passed_over:
                continue
            causes = PLACEHOLDER if snapshot.marks[node] & MARK_PLACEHOLDER else 0
            if self._missing[node]:
                causes |= LACKS
            if snapshot.source_of[node] in past:
                causes |= STALE
            if causes:
                yield node, causes

    def missing(self, node: int) -> tuple[str, ...]:
        return self.carriage.expectations(self._missing[node])


def _passed(state: int, kind: int) -> int:
    """What of a state an edge passes on."""
    return min(state, DEGRADED) if kind == SOFT else state


def _holds(validity: Interval | None, moment: int) -> bool:
    return validity is None or validity[0] <= moment < validity[1]


def _unpacked(edges: _Edges) -> Iterator[tuple[int, int, int]]:
    """Subject key, object key and marks of every edge of a relation."""
    for packed in edges.ends:
        yield packed >> 32, packed & _LOW, 0
    yield from edges.marked
