"""What the snapshot is built from: a Neo4j database as packed integers, collected to lists by the server.

A query gives up to a million of them for each type; a record each would be twenty times slower. What has
more is asked for in ranges of the keys of entities, so that the server's memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from graphsms.store import MARK_DATED, MARK_NOT_LIVE, EdgeStream, GraphStream, NodeStream, PackedIntegers
from graphsms.store._neo4j_names import ENTITY, plain
from graphsms.store._neo4j_read import AsOf
from graphsms.store._neo4j_schema import State
from graphsms.store.marks import not_live
from graphsms.vocabulary import LIFECYCLE, VALID_FROM, VALID_TO, Vocabulary

__all__ = ["dated", "graph_stream"]

CHUNK: Final = 500_000  # integers that one query is to give, if the keys are spread evenly

_HELD: Final = "v._from <= $at AND v._to > $at"
_NODE: Final = (
    "collect({0}._k * 4294967296 + coalesce({0}._source, 0) * 256 + coalesce({0}._marks, 0)"
    f" + CASE WHEN {{0}}.`{LIFECYCLE}` IN $not_live THEN {MARK_NOT_LIVE} ELSE 0 END)"
)
_RANGE: Final = "$low <= {0} AND {0} < $high"
_OLD_TYPES: Final = f"MATCH (v:EntityVersion) WHERE {_HELD} RETURN DISTINCT v._type"
_OLD_RELATIONS: Final = f"MATCH (v:RelationVersion) WHERE {_HELD} RETURN DISTINCT v._type"
_OLD_NODES: Final = (
    f"MATCH (v:EntityVersion) WHERE {_HELD} AND v._type = $type AND {_RANGE.format('v._k')} RETURN {_NODE.format('v')}"
)
_OLD_EDGES: Final = (
    f"MATCH (v:RelationVersion) WHERE {_HELD} AND v._type = $type AND {_RANGE.format('v._subject_k')}"
    " AND v._marks IS NULL RETURN collect(v._subject_k * 4294967296 + v._object_k)"
)
_OLD_MARKED: Final = (
    f"MATCH (v:RelationVersion) WHERE {_HELD} AND v._type = $type AND v._marks > 0"
    " RETURN v._subject_k, v._object_k, v._marks"
)
_VALIDITY: Final = f"[{{0}}.`{VALID_FROM}`, {{0}}.`{VALID_TO}`]"
_IS_DATED: Final = f"{{0}}._marks > 0 AND ({{0}}._marks / {MARK_DATED}) % 2 = 1"


def graph_stream(graph: AsOf, state: State, vocabulary: Vocabulary, relations: Sequence[str]) -> GraphStream:
    """The graph as packed integers.

    Parameters
    ----------
    graph : AsOf
    state : State
        Where the store stands, or stood after the revision that is asked for.
    vocabulary : Vocabulary
    relations : sequence of str
    """
    numbers = graph.sources
    sources = ["", *(numbers.get(number, "") for number in range(1, max(numbers, default=0) + 1))]
    there = {*state.counts, *graph.server.column(_OLD_TYPES, at=graph.at)}
    there.update(map(graph.names.relation_of, graph.server.column(_OLD_RELATIONS, at=graph.at)))
    codes = sorted(not_live(vocabulary))
    types = sorted(there & graph.names.types.keys())
    nodes = (NodeStream(type, _nodes(graph, state, type, codes)) for type in types)
    wanted = [one for one in dict.fromkeys(relations) if one in there]
    edges = (EdgeStream(one, _edges(graph, state, one), _marked(graph, state, one)) for one in wanted)
    return GraphStream(graph.at, sources, nodes, edges)


def _nodes(graph: AsOf, state: State, type: str, codes: list[str]) -> Iterator[PackedIntegers]:
    ranges = _ranges(state, type)
    exactly = graph.names.exactly("n", type)
    if len(ranges) == 1:
        live = f"MATCH (n:{graph.names.quoted(type)}) WHERE {exactly} AND n._from <= $at RETURN {_NODE.format('n')}"
    else:
        live = (
            f"MATCH (n:{ENTITY}) USING INDEX n:{ENTITY}(_k) WHERE {_RANGE.format('n._k')} AND {exactly}"
            f" AND n._from <= $at RETURN {_NODE.format('n')}"
        )
    for low, high in ranges:
        values = {"at": graph.at, "type": type, "low": low, "high": high, "not_live": codes}
        yield from _together(graph, live, _OLD_NODES, values)


def _edges(graph: AsOf, state: State, relation: str) -> Iterator[PackedIntegers]:
    ranges = _ranges(state, relation)
    type = graph.names.relationship(relation)
    unmarked = "AND r._marks IS NULL" if relation in state.marked else ""
    here = "" if len(ranges) == 1 else f"USING INDEX a:{ENTITY}(_k) WHERE {_RANGE.format('a._k')} AND"
    start = "(a)" if len(ranges) == 1 else f"(a:{ENTITY})"
    live = (
        f"MATCH {start}-[r:{type}]->(b) {here or 'WHERE'} r._from <= $at {unmarked}"
        " RETURN collect(a._k * 4294967296 + b._k)"
    )
    for low, high in ranges:
        values = {"at": graph.at, "type": graph.names.relations[relation], "low": low, "high": high}
        yield from _together(graph, live, _OLD_EDGES, values)


def _together(graph: AsOf, live: str, old: str, values: dict[str, object]) -> Iterator[PackedIntegers]:
    """What is there, and what was; each once, ascending."""
    (found,) = graph.server.column(live, **values)
    (versions,) = graph.server.column(old, **values)
    packed: list[int] = [*{*found, *versions}] if versions else found
    packed.sort()
    if packed:
        yield packed


def _marked(graph: AsOf, state: State, relation: str) -> list[tuple[int, int, int]]:
    if relation not in state.marked:
        return []
    live = (
        f"MATCH (a)-[r:{graph.names.relationship(relation)}]->(b) WHERE r._marks > 0 AND r._from <= $at"
        " RETURN a._k, b._k, r._marks"
    )
    values = {"at": graph.at, "type": graph.names.relations[relation]}
    rows = graph.server.read(live, **values) + graph.server.read(_OLD_MARKED, **values)
    return sorted({(subject, object, marks) for subject, object, marks in rows})


def _ranges(state: State, name: str) -> list[tuple[int, int]]:
    """Ranges of the keys of entities, from and up to, of which each has about as many as one query is to give."""
    queries = -(-state.counts.get(name, 0) // CHUNK) or 1
    width = state.last_k // queries + 1
    return [(low, low + width) for low in range(1, state.last_k + 2, width)] if queries > 1 else [(0, state.last_k + 1)]


def dated(graph: AsOf, state: State) -> tuple[list[tuple[int, str, str]], list[tuple[str, int, int, str, str]]]:
    """From when and to when what is marked as dated is valid."""
    read, at = graph.server.read, graph.at
    entities = read(
        f"MATCH (n:{ENTITY}) WHERE {_IS_DATED.format('n')} AND n._from <= $at RETURN n._k, {_VALIDITY.format('n')}",
        at=at,
    ) + read(
        f"MATCH (v:EntityVersion) WHERE {_IS_DATED.format('v')} AND {_HELD} RETURN v._k, {_VALIDITY.format('v')}", at=at
    )
    relations: set[tuple[str, int, int, str, str]] = set()
    for relation in state.marked:
        type = graph.names.relationship(relation)
        rows = read(
            f"MATCH (a)-[v:{type}]->(b) WHERE {_IS_DATED.format('v')} AND v._from <= $at"
            f" RETURN a._k, b._k, {_VALIDITY.format('v')}",
            at=at,
        ) + read(
            f"MATCH (v:RelationVersion) WHERE {_IS_DATED.format('v')} AND {_HELD} AND v._type = $type"
            f" RETURN v._subject_k, v._object_k, {_VALIDITY.format('v')}",
            at=at,
            type=graph.names.relations[relation],
        )
        relations.update((relation, subject, object, *_limits(stored)) for subject, object, stored in rows)
    return sorted({(k, *_limits(stored)) for k, stored in entities}), sorted(relations)


def _limits(stored: list[object]) -> tuple[str, str]:
    start, end = ("" if value is None else str(plain(value)) for value in stored)
    return start, end
