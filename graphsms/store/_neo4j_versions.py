"""The versions of one entity in a Neo4j database, and its nodes and relationships counted by their revisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphsms.model import Revision
from graphsms.store import MARK_DATED, MARK_HARD, MARK_PLACEHOLDER, MARK_SOFT
from graphsms.store._neo4j_names import ENTITY
from graphsms.store._neo4j_read import LIVE, OLD, AsOf
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
_STRANGERS: Final = f"MATCH (n:{ENTITY}) WHERE n._from IS NULL RETURN toString(n.id) ORDER BY n.id LIMIT 1"
_STRANGE_RELATIONS: Final = (
    f"MATCH (a:{ENTITY})-[r]->(b:{ENTITY}) WHERE r._from IS NULL AND type(r) IN $ours"
    " RETURN toString(a.id), type(r), toString(b.id) LIMIT 1"
)
_LABELS: Final = f"MATCH (n:{ENTITY}) WHERE n._from IS NOT NULL RETURN labels(n), min(n._from), min(n.id), count(*)"

# As graphsms.store.marks makes them, computed by the server; whether something is live it does not hold.
_DATED: Final = (
    f"CASE WHEN {{0}}.`{VALID_FROM}` IS NOT NULL OR {{0}}.`{VALID_TO}` IS NOT NULL THEN {MARK_DATED:d} ELSE 0 END"
)
_WRONG: Final = "coalesce({0}._marks, 0) <> {1} + " + _DATED
_ENTITY_MARKS: Final = f"CASE WHEN n.`{PLACEHOLDER}` = true THEN {MARK_PLACEHOLDER:d} ELSE 0 END"
_RELATION_MARKS: Final = f"CASE r.`{STRENGTH}` WHEN 'hard' THEN {MARK_HARD:d} WHEN 'soft' THEN {MARK_SOFT:d} ELSE 0 END"
_WRONG_ENTITIES: Final = (
    f"MATCH (n:{ENTITY}) WHERE n._from IS NOT NULL AND {_WRONG.format('n', _ENTITY_MARKS)}"
    " RETURN n._from AS revision, min(n.id) ORDER BY revision"
)
_WRONG_RELATIONS: Final = (
    f"MATCH (a:{ENTITY})-[r]->() WHERE r._from IS NOT NULL AND {_WRONG.format('r', _RELATION_MARKS)}"
    " RETURN r._from AS revision, min(a.id) ORDER BY revision"
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
    for query, what in ((_WRONG_ENTITIES, "of"), (_WRONG_RELATIONS, "of a relation from")):
        for number, id in graph.server.read(query):
            yield number, f"The marks {what} {id!r} are not those of its properties: they were edited."
