"""What the revisions of a Neo4j database were, and what each of them did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from graphsms.model import Revision, Touched
from graphsms.store._neo4j_names import ENTITY, sought
from graphsms.store._neo4j_read import LIVE, OLD, PAGE, SUBJECTS, AsOf, parts
from graphsms.store._neo4j_schema import revision_from
from graphsms.store._neo4j_server import Server
from graphsms.store.journal import EMPTY, recorded

__all__ = ["revision_at", "revisions", "touched"]

_REVISIONS: Final = (
    "MATCH (r:Revision) WHERE r.number > $since AND r.number <= $since + $page RETURN properties(r) ORDER BY r.number"
)
_AT: Final = (
    "MATCH (r:Revision) WHERE r.number > 0 AND r.time <= $time RETURN properties(r) ORDER BY r.number DESC LIMIT 1"
)
_FIRST_PAGE: Final = 10
_SINCE: Final = "v._from = $number"
_ENDED: Final = "v._to = $number"


def revisions(server: Server, since: int, until: int) -> Iterator[Revision]:
    """Those after ``since`` up to ``until``, in order."""
    page = _FIRST_PAGE  # who asks for one takes no more than the first
    while since < until:
        for (stored,) in server.read(_REVISIONS, since=since, page=min(page, until - since)):
            yield revision_from(stored)
        since, page = since + page, min(page * 10, PAGE)


def revision_at(server: Server, time: str) -> Revision:
    """The revision that was present at a moment."""
    row = server.one(_AT, time=recorded(time))
    return EMPTY if row is None else revision_from(row[0])


def touched(graph: AsOf, since: int, until: int) -> Iterator[Touched]:
    """What the revisions after ``since`` up to ``until`` did; ``graph`` is as of ``until``, or later."""
    for number in range(since + 1, until + 1):
        row = graph.server.one("MATCH (r:Revision {number: $number}) RETURN properties(r)", number=number)
        named = {} if row is None else row[0]
        yield from _touched_entities(graph, number, named.get("_entities"))
        yield from _touched_relations(graph, number, named.get("_subjects"))


def _touched_entities(graph: AsOf, number: int, named: list[str] | None) -> Iterator[Touched]:
    read, column = graph.server.read, graph.server.column
    ids = set(named or ())
    if named is None:
        ids.update(column(f"MATCH (n:{ENTITY}) WHERE n._from = $number RETURN n.id", number=number))
    for condition in (_SINCE, _ENDED):
        ids.update(column(f"MATCH (v:EntityVersion) WHERE {condition} RETURN v.id", number=number))
    for some in parts(sorted(ids), PAGE):
        live = read(
            f"UNWIND $ids AS id MATCH {sought('n')} WHERE n._from = $number RETURN {LIVE}",
            ids=some,
            number=number,
        )
        versions = f"UNWIND $ids AS id MATCH {sought('v', label='EntityVersion')} WHERE"
        since = read(f"{versions} {_SINCE} RETURN {OLD}", ids=some, number=number)
        ended = read(f"{versions} {_ENDED} RETURN {OLD}", ids=some, number=number)
        after = {stored["id"]: graph.entity(labels, stored) for labels, stored in live + since}
        before = {stored["id"]: graph.entity(labels, stored) for labels, stored in ended}
        for id in sorted(before.keys() | after.keys()):
            yield Touched(number, before.get(id), after.get(id))


def _touched_relations(graph: AsOf, number: int, named: list[str] | None) -> Iterator[Touched]:
    read, column = graph.server.read, graph.server.column
    ids = set(named or ())
    if named is None:
        ids.update(column("MATCH (a)-[r]->() WHERE r._from = $number RETURN DISTINCT a.id", number=number))
    for condition in (_SINCE, _ENDED):
        ids.update(column(f"MATCH (v:RelationVersion) WHERE {condition} RETURN DISTINCT v._subject", number=number))
    for some in parts(sorted(ids), SUBJECTS):
        live = read(
            f"UNWIND $ids AS id MATCH {sought('a')} MATCH (a)-[r]->(b)"
            " WHERE r._from = $number RETURN a.id, type(r), b.id, properties(r)",
            ids=some,
            number=number,
        )
        versions = f"UNWIND $ids AS id MATCH {sought('v', label='RelationVersion', by='_subject')} WHERE"
        row = "RETURN v._subject, v._type, v._object, properties(v)"
        since = read(f"{versions} {_SINCE} {row}", ids=some, number=number)
        ended = read(f"{versions} {_ENDED} {row}", ids=some, number=number)
        after = {relation.key: relation for relation in map(graph.relation, live + since)}
        before = {relation.key: relation for relation in map(graph.relation, ended)}
        for key in sorted(before.keys() | after.keys()):
            yield Touched(number, before.get(key), after.get(key))
