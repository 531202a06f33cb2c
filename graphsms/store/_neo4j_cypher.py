"""Somebody's own Cypher, read-only, and its answer as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import neo4j
from neo4j.exceptions import ClientError
from neo4j.graph import Node, Path, Relationship
from neo4j.time import Duration

from graphsms.errors import InputError
from graphsms.store._neo4j_names import ENTITY, Names, plain
from graphsms.store._neo4j_server import Server, translated

__all__ = ["cypher"]

_IDS: Final = f"UNWIND $ids AS one MATCH (n:{ENTITY}) WHERE elementId(n) = one RETURN one, n.id"
_CHANGES: Final = "Neo.ClientError.Statement.AccessMode"


def cypher(
    server: Server, names: Names, query: str, parameters: Mapping[str, Any], timeout: float | None
) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows; see `Neo4jStore.cypher`."""

    @neo4j.unit_of_work(timeout=timeout)
    def work(run: neo4j.ManagedTransaction) -> tuple[list[str], list[list[Any]]]:
        result = run.run(query, dict(parameters))
        columns = list(result.keys())
        rows = [record.values() for record in result]
        ends = {end.element_id for row in rows for value in row for end in _nodes(value)}
        ids = dict(run.run(_IDS, ids=sorted(ends)).values()) if ends else {}
        return columns, [[_plain(value, ids, names) for value in row] for row in rows]

    with translated(server.address), server.session(neo4j.READ_ACCESS) as session:
        try:
            return session.execute_read(work)
        except ClientError as error:
            if error.code == _CHANGES:
                raise InputError(
                    "The query would change the graph: that is done by importing, or by a change set."
                ) from None
            if (error.code or "").startswith("Neo.ClientError.Statement."):
                raise InputError(f"The query cannot be answered: {error.message}") from None
            raise


def _nodes(value: Any) -> list[Node]:
    """Every node in a value whose id has to be known."""
    if isinstance(value, Node):
        return [value]
    if isinstance(value, Relationship | Path):
        return [node for node in value.nodes if node is not None]
    if isinstance(value, dict):
        return [node for one in value.values() for node in _nodes(one)]
    return [node for one in value for node in _nodes(one)] if isinstance(value, list) else []


def _plain(value: Any, ids: Mapping[str, str], names: Names) -> Any:
    match value:
        case Node():
            id = ids.get(value.element_id)
            return {name: _plain(one, ids, names) for name, one in value.items()} if id is None else id
        case Relationship():
            start, end = (_plain(node, ids, names) for node in value.nodes)
            return (start, names.relation_of(value.type) or value.type, end)
        case Path():
            return [_plain(node, ids, names) for node in value.nodes]
        case list():
            return [_plain(one, ids, names) for one in value]
        case dict():
            return {name: _plain(one, ids, names) for name, one in value.items()}
        case Duration():
            return value.iso_format()
    return None if value is None else plain(value)
