"""The versions of one entity in a Neo4j database, and its nodes and relationships counted by their revisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from graphsms.model import Revision
from graphsms.store._neo4j_names import ENTITY, canonical_properties
from graphsms.store._neo4j_read import LIVE, OLD, AsOf
from graphsms.store.marks import entity_marks, relation_marks
from graphsms.store.versions import Census, Version
from graphsms.vocabulary import PLACEHOLDER, STRENGTH, VALID_FROM, VALID_TO

__all__ = ["census", "versions_of"]

_EDGE: Final = "a.id, type(r), b.id, properties(r)"
_OLD_EDGE: Final = "v._subject, v._type, v._object, properties(v)"

_COUNTED: Final = {
    "begun": (
        f"MATCH (n:{ENTITY}) WHERE n._from IS NOT NULL RETURN n._from, count(*)",
        f"MATCH (:{ENTITY})-[r]->() WHERE r._from IS NOT NULL RETURN r._from, count(*)",
        "MATCH (v:EntityVersion) RETURN v._from, count(*)",
        "MATCH (v:RelationVersion) RETURN v._from, count(*)",
    ),
    "ended": (
        "MATCH (v:EntityVersion) RETURN v._to, count(*)",
        "MATCH (v:RelationVersion) RETURN v._to, count(*)",
    ),
}
_STRANGERS: Final = f"MATCH (n:{ENTITY}) WHERE n._from IS NULL RETURN toString(n.id) ORDER BY n.id LIMIT 10"
_STRANGE_RELATIONS: Final = (
    f"MATCH (a:{ENTITY})-[r]->(b:{ENTITY}) WHERE r._from IS NULL AND type(r) IN $ours"
    " RETURN toString(a.id), type(r), toString(b.id) LIMIT 10"
)
_LABELS: Final = f"MATCH (n:{ENTITY}) WHERE n._from IS NOT NULL RETURN labels(n), min(n._from), min(n.id), count(*)"


def _says(variable: str, names: Sequence[str]) -> str:
    return " OR ".join(f"{variable}.`{name}` IS NOT NULL" for name in ("_marks", *names))


_MARKED: Final = (
    f"MATCH (n:{ENTITY}) WHERE {_says('n', (PLACEHOLDER, VALID_FROM, VALID_TO))} RETURN n.id, properties(n)"
)
_MARKED_RELATIONS: Final = (
    f"MATCH (a:{ENTITY})-[r]->() WHERE r._from IS NOT NULL AND ({_says('r', (STRENGTH, VALID_FROM, VALID_TO))})"
    " RETURN a.id, properties(r)"
)


def versions_of(graph: AsOf, id: str) -> Iterator[Version]:
    """Those of an entity, and of all relations that it ever was an end of, up to the revision of ``graph``."""
    found: dict[tuple[object, int], Version] = {}

    def take(item: Any, stored: Mapping[str, Any]) -> None:
        begins, ends = stored["_from"], stored.get("_to")
        if begins <= graph.at:  # what began since is of another revision
            key = item.id if hasattr(item, "id") else item.key
            found[key, begins] = Version(item, begins, None if ends is None or ends > graph.at else ends)

    def read(query: str) -> list[list[Any]]:
        return graph.server.read(query, id=id)

    # What is live first: what a writer moves aside in between is among the versions then.
    for labels, stored in read(f"MATCH (n:{ENTITY} {{id: $id}}) WHERE n._from IS NOT NULL RETURN {LIVE}"):
        take(graph.entity(labels, stored), stored)
    for ends in (f"(a:{ENTITY} {{id: $id}})-[r]->(b)", f"(a)-[r]->(b:{ENTITY} {{id: $id}})"):
        for row in read(f"MATCH {ends} WHERE r._from IS NOT NULL RETURN {_EDGE}"):
            take(graph.relation(row), row[3])
    for labels, stored in read(f"MATCH (v:EntityVersion {{id: $id}}) RETURN {OLD}"):
        take(graph.entity(labels, stored), stored)
    for end in ("_subject", "_object"):
        for row in read(f"MATCH (v:RelationVersion {{{end}: $id}}) RETURN {_OLD_EDGE}"):
            take(graph.relation(row), row[3])
    yield from found.values()


def census(graph: AsOf, present: Revision, alive: int) -> Census:
    """How many nodes and relationships begin and end with each revision, and whose labels or marks are not those of
    what they say, or which have no revision; of the present one, as long as nobody writes meanwhile."""
    counted: dict[str, Counter[int]] = {"begun": Counter(), "ended": Counter()}
    faults: list[tuple[int, str]] = []
    for kind, queries in _COUNTED.items():
        for query in queries:
            for number, count in graph.server.read(query):
                if isinstance(number, int):
                    counted[kind][number] += count
                else:
                    faults.append((0, f"{count} of the versions have no revision, but {number!r}."))
    faults += _strangers(graph)
    faults += _wrong_labels(graph)
    faults += _wrong_marks(graph)
    return Census(present, alive, counted["begun"], counted["ended"], tuple(faults))


def _strangers(graph: AsOf) -> Iterator[tuple[int, str]]:
    for id in graph.server.column(_STRANGERS):
        yield 0, f"The entity {id!r} was made by no revision: it was put in behind the store's back."
    ours = list(graph.names.relations.values())
    for subject, type, object in graph.server.read(_STRANGE_RELATIONS, ours=ours):
        relation = graph.names.relation_of(type) or type
        yield (
            0,
            (
                f"The relation {subject!r} {relation} {object!r} was made by no revision: it was put in behind the"
                " store's back."
            ),
        )


def _wrong_labels(graph: AsOf) -> Iterator[tuple[int, str]]:
    types = graph.names.types
    for labels, number, id, count in graph.server.read(_LABELS):
        type = graph.names.type_of(labels)
        if type is None or {label for label in labels if label in types} != {
            label for label in types[type] if label in types
        }:
            others = "" if count == 1 else f", and of {count - 1} more"
            yield number, f"The labels of {id!r}{others} are not those of one type: they were edited."


def _wrong_marks(graph: AsOf) -> Iterator[tuple[int, str]]:
    for id, stored in graph.server.read(_MARKED):
        if stored.get("_marks", 0) != entity_marks(canonical_properties(stored), frozenset()):
            yield stored.get("_from", 0), f"The marks of {id!r} are not those of its properties: they were edited."
    for id, stored in graph.server.read(_MARKED_RELATIONS):
        if stored.get("_marks", 0) != relation_marks(canonical_properties(stored)):
            yield (
                stored["_from"],
                f"The marks of a relation from {id!r} are not those of its properties: they were edited.",
            )
