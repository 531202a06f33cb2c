"""How a Neo4j database is read as of a revision: entities and relations.

Neo4j reads what is committed at that moment, and one answer here takes several queries. So a reader fixes
the revision first, and everything is asked for as of it: what stands there since then or before, and of
what has been superseded or removed since, the version that held. In this order, for then nothing is
missed: what a writer takes away between the two is among the versions by the second. What is met twice
counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final, TypeVar

from graphsms.model import Entity, Relation, RelationKey
from graphsms.store._neo4j_names import ENTITY, STATED, Names, canonical_properties, sought
from graphsms.store._neo4j_server import Server
from graphsms.store.journal import statements_from

__all__ = ["LIVE", "OLD", "PAGE", "SUBJECTS", "AsOf", "parts"]

PAGE: Final = 5_000  # entities
SUBJECTS: Final = 1_000  # whose relations are read at once

_Item = TypeVar("_Item")

LIVE: Final = "labels(n), properties(n)"
OLD: Final = "[v._type], properties(v)"
_HELD: Final = "v._from <= $at AND v._to > $at"


@dataclass(frozen=True)
class AsOf:
    """The graph as of a revision."""

    server: Server
    names: Names
    at: int

    # -------------------------------------------------------------------------------- entities

    def entities(self, ids: Iterable[str]) -> Iterator[Entity]:
        """Those of the ids that were there, in order."""
        for some in parts(sorted(set(ids)), PAGE):
            live = self.server.read(
                f"UNWIND $ids AS id MATCH {sought('n')} WHERE n._from <= $at RETURN {LIVE}",
                ids=some,
                at=self.at,
            )
            old = self.server.read(
                f"UNWIND $ids AS id MATCH {sought('v', label='EntityVersion')} WHERE {_HELD} RETURN {OLD}",
                ids=some,
                at=self.at,
            )
            yield from self._in_order(live, old)

    def all_entities(self) -> Iterator[Entity]:
        """All, in order of their ids."""
        after, compare = "", ">="
        while True:
            live = self.server.read(
                f"MATCH (n:{ENTITY}) WHERE n.id {compare} $after RETURN {LIVE} ORDER BY n.id LIMIT $page",
                after=after,
                page=PAGE,
            )
            upto = live[-1][1]["id"] if len(live) == PAGE else None
            yield from self._in_order(live, self._versions_between(after, compare, upto))
            if upto is None:
                return
            after, compare = upto, ">"

    def _versions_between(self, after: str, compare: str, upto: str | None) -> list[list[Any]]:
        end = "" if upto is None else "AND v.id <= $upto"
        return self.server.read(
            f"MATCH (v:EntityVersion) WHERE v.id {compare} $after {end} AND {_HELD} RETURN {OLD}",
            after=after,
            upto=upto,
            at=self.at,
        )

    def ids_of_types(self, types: Sequence[str]) -> set[str]:
        """Ids of the entities of these types, and of some that were of them at other times."""
        found: set[str] = set()
        for type in types:
            if type in self.names.types:
                label = self.names.quoted(type)
                found.update(self.server.column(f"MATCH (n:{label}) WHERE n._from IS NOT NULL RETURN n.id"))
        versions = f"MATCH (v:EntityVersion) WHERE {_HELD} AND v._type IN $types RETURN v.id"
        found.update(self.server.column(versions, at=self.at, types=list(types)))
        return found

    def by_keys(self, keys: Iterable[int]) -> Iterator[tuple[int, Entity]]:
        """Entities by the store's own keys, ascending."""
        for some in parts(sorted(set(keys)), PAGE):
            live = self.server.read(
                f"UNWIND $keys AS k MATCH {sought('n', 'k', by='_k')} WHERE n._from <= $at RETURN {LIVE}",
                keys=some,
                at=self.at,
            )
            old = self.server.read(
                f"UNWIND $keys AS k MATCH (v:EntityVersion {{_k: k}}) WHERE {_HELD} RETURN {OLD}",
                keys=some,
                at=self.at,
            )
            found = {properties["_k"]: self.entity(labels, properties) for labels, properties in self._then(live, old)}
            yield from sorted(found.items())

    def keys(self, ids: Sequence[str]) -> list[int | None]:
        """The store's own keys of entities, in the order of ids."""
        found: dict[str, int] = {}
        for some in parts(ids, PAGE):
            for query in (
                f"UNWIND $ids AS id MATCH {sought('n')} WHERE n._from <= $at RETURN n.id, n._k",
                f"UNWIND $ids AS id MATCH {sought('v', label='EntityVersion')} WHERE {_HELD} RETURN v.id, v._k",
            ):
                found.update((id, k) for id, k in self.server.read(query, ids=some, at=self.at))
        return [found.get(id) for id in ids]

    def _in_order(self, live: Iterable[list[Any]], old: Iterable[list[Any]]) -> Iterator[Entity]:
        found = {properties["id"]: self.entity(labels, properties) for labels, properties in self._then(live, old)}
        for id in sorted(found):
            yield found[id]

    def _then(self, live: Iterable[list[Any]], old: Iterable[list[Any]]) -> Iterator[list[Any]]:
        # A row can have been changed between the moment when the server let it pass and when it read it.
        yield from (row for row in live if row[1].get("_from", self.at + 1) <= self.at)
        yield from old

    def entity(self, labels: Sequence[str], stored: Mapping[str, Any]) -> Entity:
        """The entity that a node or a version stands for."""
        type = self.names.type_of(labels) or labels[0]
        said = statements_from(stored.get(STATED))
        return Entity(stored["id"], type, canonical_properties(stored), self._source(stored), said)

    # ------------------------------------------------------------------------------- relations

    def relations(
        self, subjects: Iterable[str] | None, objects: Iterable[str] | None, type: str | None
    ) -> Iterator[Relation]:
        """Those of the subjects or of the objects (or all where neither is given), of one type or all, in order."""
        if type is not None and type not in self.names.relations:
            return
        if objects is None:
            ordered = self._all_subjects() if subjects is None else parts(sorted(set(subjects)), SUBJECTS)
            for some in ordered:
                yield from _sorted(self._relations_of(some, "subject", type))
            return
        found: dict[RelationKey, Relation] = {}
        for end, ids in (("subject", subjects), ("object", objects)):
            for some in parts(sorted(set(ids or ())), SUBJECTS):
                found.update(self._relations_of(some, end, type))
        yield from _sorted(found)

    def _all_subjects(self) -> Iterator[list[str]]:
        after, compare = "", ">="
        while True:
            here = self.server.column(
                f"MATCH (n:{ENTITY}) WHERE n.id {compare} $after RETURN n.id ORDER BY n.id LIMIT $page",
                after=after,
                page=SUBJECTS,
            )
            upto = here[-1] if len(here) == SUBJECTS else None
            end = "" if upto is None else "AND v._subject <= $upto"
            gone = self.server.column(
                f"MATCH (v:RelationVersion) WHERE v._subject {compare} $after {end} AND {_HELD}"
                " RETURN DISTINCT v._subject",
                after=after,
                upto=upto,
                at=self.at,
            )
            yield from parts(sorted({*here, *gone}), SUBJECTS)
            if upto is None:
                return
            after, compare = upto, ">"

    def _relations_of(self, ids: list[str], end: str, type: str | None) -> dict[RelationKey, Relation]:
        only, of_type = "", ""
        if type is not None:
            only, of_type = f":{self.names.relationship(type)}", "AND v._type = $type"
        near = "a" if end == "subject" else "b"
        live = self.server.read(
            f"UNWIND $ids AS id MATCH {sought(near)}"
            f" MATCH (a)-[r{only}]->(b) WHERE r._from <= $at RETURN a.id, type(r), b.id, properties(r)",
            ids=ids,
            at=self.at,
        )
        old = self.server.read(
            f"UNWIND $ids AS id MATCH {sought('v', label='RelationVersion', by=f'_{end}')}"
            f" WHERE {_HELD} {of_type}"
            " RETURN v._subject, v._type, v._object, properties(v)",
            ids=ids,
            at=self.at,
            type=None if type is None else self.names.relations[type],
        )
        rows = [row for row in live if row[3].get("_from", self.at + 1) <= self.at] + old
        return {relation.key: relation for relation in map(self.relation, rows)}

    def relation(self, row: Sequence[Any]) -> Relation:
        """The relation that a row of subject, relationship type, object and properties stands for."""
        subject, type, object, stored = row
        name = self.names.relation_of(type) or type
        said = statements_from(stored.get(STATED))
        return Relation(name, subject, object, canonical_properties(stored), self._source(stored), said)

    # --------------------------------------------------------------------------------- sources

    def _source(self, stored: Mapping[str, Any]) -> str | None:
        return self.sources.get(stored.get("_source", 0))

    @cached_property
    def sources(self) -> Mapping[int, str]:
        """Sources by their numbers, from 1."""
        query = "MATCH (s:GraphsmsSource) WHERE s.number IS NOT NULL RETURN s.number, s.name"
        return dict(self.server.read(query))


def _sorted(found: Mapping[RelationKey, Relation]) -> Iterator[Relation]:
    for key in sorted(found):
        yield found[key]


def parts(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """So many at a time."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
