"""What a change set does to a Neo4j database, within the transaction that makes it the next revision.

What is new is created first, then what is there is changed, then what is to go is removed: so a large
change set can create in steps (`graphsms.store._neo4j_lanes`) without waiting for its own locks. What is
superseded the server itself copies aside, to nodes labelled EntityVersion and RelationVersion, with the
revision that ended it in ``_to``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

import neo4j

from graphsms.errors import CorruptError, IntegrityError, StoreError
from graphsms.model import RelationKey
from graphsms.store._neo4j_lanes import Lane
from graphsms.store._neo4j_names import STATED, Names, canonical_properties, native, sought
from graphsms.store._neo4j_schema import State
from graphsms.store._neo4j_spool import BATCH, Batches, EntityRow, RelationRow, Spool, named
from graphsms.store.journal import (
    Images,
    canonical_json,
    entity_image,
    relation_image,
    removed_entity_image,
    removed_relation_image,
)
from graphsms.store.marks import entity_marks
from graphsms.vocabulary import Vocabulary

__all__ = ["TOUCHED_NAMED", "Writing"]

TOUCHED_NAMED: Final = 5_000  # entities or subjects that a revision names; beyond, who asks looks for them
_KEYS: Final = 2**31  # what the packed integers of a stream hold

_Item = TypeVar("_Item")
_Stored = Mapping[str, Any]

# Queries are constant but for labels and relationship types, which come from `Names.quoted` alone; so the
# server plans each once.
_FOUND: Final = f"UNWIND $ids AS id MATCH {sought('n')} RETURN id, labels(n), properties(n)"
_ENTITY_ASIDE: Final = "CREATE (v:EntityVersion) SET v = properties(n), v._to = $revision, v._type = row.was"
_RELATION_ASIDE: Final = (
    "CREATE (v:RelationVersion) SET v = properties(r), v._to = $revision, v._type = type(r),"
    " v._subject = a.id, v._subject_k = a._k, v._object = b.id, v._object_k = b._k"
)
_BOTH_ENDS: Final = f"MATCH {sought('a', 'row[0]')} MATCH {sought('b', 'row[1]')}"
_LOOSEN: Final = f"""
UNWIND $ids AS id MATCH {sought("n")} MATCH (n)-[r]-() WHERE r._from IS NOT NULL
WITH DISTINCT r, type(r) AS type, startNode(r) AS a, endNode(r) AS b
WITH r, type, a, b, a.id AS subject, b.id AS object
{_RELATION_ASIDE} DELETE r RETURN subject, type, object
"""
_PUT_ASIDE: Final = f"UNWIND $rows AS row MATCH {sought('n', 'row.id')} {_ENTITY_ASIDE} RETURN elementId(n)"
# By the server's own ids, and last: a search by index goes through all that its transaction has deleted, every time.
_DELETE: Final = "UNWIND $nodes AS node MATCH (n) WHERE elementId(n) = node DETACH DELETE n"
_SOURCES: Final = "MATCH (s:GraphsmsSource) WHERE s.number IS NOT NULL RETURN s.name, s.number"
_NEW_SOURCES: Final = "UNWIND $rows AS row MERGE (s:GraphsmsSource {name: row[0]}) SET s.number = row[1]"


class Writing:
    """One change set on its way into the database: what of it was new, different, removed, and the images of that.

    Parameters
    ----------
    run : neo4j.ManagedTransaction
    lane : Lane
        Takes what is new.
    names : Names
    vocabulary : Vocabulary
    state : State
        Where the store stands.
    images : Images
        Takes in what is touched.
    exact : bool
        Whether sources are part of what is stated.
    """

    def __init__(
        self,
        run: neo4j.ManagedTransaction,
        lane: Lane,
        names: Names,
        vocabulary: Vocabulary,
        state: State,
        images: Images,
        exact: bool = False,
    ) -> None:
        self.totals = (0, 0, 0)
        self._run, self._lane, self._names, self._state, self._images = run, lane, names, state, images
        self._native, self._exact = native(vocabulary), exact
        self._number = state.revision + 1
        self._last_k = state.last_k
        self._counts = Counter(state.counts)
        self._sources: dict[str, int] = dict(run.run(_SOURCES).values())
        self._known_sources = len(self._sources)
        # By (type before, type after), and by relation: done when all that is new is there.
        self._changed_entities: Batches[tuple[str, str], dict[str, Any]] = Batches()
        self._changed_relations: Batches[str, list[Any]] = Batches()
        self._touched: dict[str, set[str]] = {"_entities": set(), "_subjects": set()}

    def close(self) -> None:
        """Throw away what has been put aside."""
        self._changed_entities.close()
        self._changed_relations.close()

    @property
    def touched(self) -> dict[str, list[str]]:
        """Ids of the entities that are new or different, and of the subjects of such relations, where they are few."""
        return {name: sorted(ids) for name, ids in self._touched.items() if len(ids) <= TOUCHED_NAMED}

    def state(self, marked: Iterable[str]) -> State:
        """Where the store stands when all is written."""
        counts = {name: count for name, count in self._counts.items() if count}
        all_marked = tuple(sorted({*self._state.marked, *marked}))
        return replace(self._state, revision=self._number, last_k=self._last_k, counts=counts, marked=all_marked)

    def write(self, spool: Spool) -> None:
        """Bring the database to what the change set says."""
        for type, entities in spool.entities:
            self._state_entities(type, entities)
        for type, relations in spool.relations:
            self._state_relations(type, relations)
        self._change()
        loosened, nodes = self._put_entities_aside(spool.removed_entities)
        self._remove_relations(spool.removed_relations, loosened)
        for some in _parts(nodes):
            self._run.run(_DELETE, nodes=some).consume()
        new = [[name, number] for name, number in self._sources.items()][self._known_sources :]
        if new:
            self._run.run(_NEW_SOURCES, rows=new).consume()

    def _count(self, created: int = 0, changed: int = 0, removed: int = 0) -> None:
        before = self.totals
        self.totals = (before[0] + created, before[1] + changed, before[2] + removed)

    # -------------------------------------------------------------------------------- entities

    def _state_entities(self, type: str, rows: Sequence[EntityRow]) -> None:
        found = self._found([row[0] for row in rows]) if self._state.last_k else {}
        new = []
        for id, text, properties, source, said in rows:
            stored = found.get(id)
            now = {**self._native(properties), "id": id, "_from": self._number}
            marks = entity_marks(properties, frozenset())
            if marks:
                now["_marks"] = marks
            if said:
                now[STATED] = said
            if stored is None:
                now["_k"] = self._next_k()
                if source is not None:
                    now["_source"] = self._source(source)
                new.append(now)
                self._images.add(entity_image(id, type, text, source, said))
            elif (stored["_type"], *_says(stored)) != (type, text, said) or self._differs(stored, source):
                self._keep(stored, now, source)
                self._changed_entities.add((stored["_type"], type), now)
                self._images.add(entity_image(id, type, text, self._source_name(now), said))
            else:
                continue
            self._touch("_entities", id)
        if new:
            self._lane.create(f"UNWIND $rows AS row CREATE (n{self._names.labels(type)}) SET n = row", rows=new)
            self._counts[type] += len(new)
            self._count(created=len(new))

    def _found(self, ids: list[str]) -> dict[str, _Stored]:
        """What stands under ids, by id; with its type."""
        found: dict[str, _Stored] = {}
        for id, labels, properties in self._run.run(_FOUND, ids=ids).values():
            type = self._names.type_of(labels)
            if "_k" not in properties or type is None:
                raise CorruptError(
                    f"The entity {id!r} was put into the database behind the store's back: remove it, or give it"
                    " another label than ours; nothing was changed."
                )
            found[id] = {**properties, "_type": type}
        return found

    def _keep(self, stored: _Stored, now: dict[str, Any], source: str | None) -> None:
        """What a change leaves as it is: the key, and the source unless it gives one, or all is exact."""
        kept = ("_k",) if self._exact else ("_k", "_source")
        now.update({name: stored[name] for name in kept if name in stored})
        if source is not None:
            now["_source"] = self._source(source)

    def _differs(self, stored: _Stored, source: str | None) -> bool:
        """Whether the source alone is a difference."""
        return self._exact and self._source_name(stored) != source

    # ------------------------------------------------------------------------------- relations

    def _state_relations(self, type: str, rows: Sequence[RelationRow]) -> None:
        found = self._found_relations(type, [row[:2] for row in rows]) if self._state.counts.get(type) else {}
        plain, qualified = [], []
        for subject, object, text, properties, marks, source, said in rows:
            stored = found.get((subject, object))
            now = {**self._native(properties), "_from": self._number, **({"_marks": marks} if marks else {})}
            if said:
                now[STATED] = said
            if stored is None:
                number = None if source is None else self._source(source)
                if properties or said:
                    qualified.append([subject, object, now if number is None else {**now, "_source": number}])
                else:
                    plain.append([subject, object, number])
                self._images.add(relation_image(subject, type, object, text, source, said))
            elif _says(stored) != (text, said) or self._differs(stored, source):
                self._keep(stored, now, source)
                self._changed_relations.add(type, [subject, object, now])
                self._images.add(relation_image(subject, type, object, text, self._source_name(now), said))
            else:
                continue
            self._touch("_subjects", subject)
        made = f"CREATE (a)-[r:{self._names.relationship(type)}"
        self._create_relations(type, plain, f"{made} {{_from: $revision, _source: row[2]}}]->(b)")
        self._create_relations(type, qualified, f"{made}]->(b) SET r = row[2]")

    def _found_relations(self, type: str, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], _Stored]:
        query = f"UNWIND $rows AS row {self._between(type)} RETURN row[0], row[1], properties(r)"
        return {(subject, object): stored for subject, object, stored in self._run.run(query, rows=pairs).values()}

    def _create_relations(self, type: str, rows: list[list[Any]], create: str) -> None:
        if not rows:
            return
        query = f"UNWIND $rows AS row {_BOTH_ENDS} {create}"
        made = self._lane.create(query, rows=rows, revision=self._number).relationships_created
        if made != len(rows):
            self._name_the_dangling(type, rows)
        self._counts[type] += len(rows)
        self._count(created=len(rows))

    def _name_the_dangling(self, type: str, rows: list[list[Any]]) -> None:
        ends = list(dict.fromkeys(end for row in rows for end in row[:2]))
        query = f"UNWIND $ids AS id MATCH {sought('n')} RETURN id"
        there = {id for (id,) in self._run.run(query, ids=ends).values()}
        for subject, object, *_ in rows:
            for end in (subject, object):
                if end not in there:
                    raise IntegrityError(
                        f"The {named(subject, type, object)} has no end {end!r}: no such entity; nothing was changed."
                    )
        raise StoreError(f"The server made not as many relations {type} as it was asked to; nothing was changed.")

    # --------------------------------------------------------------------------------- changes

    def _change(self) -> None:
        self._changed_entities.finish()
        self._changed_relations.finish()
        names = self._names
        for (was, type), rows in self._changed_entities:
            labels = set(names.types[was]), set(names.types[type])
            less = "".join(f" REMOVE n:{names.quoted(label)}" for label in sorted(labels[0] - labels[1]))
            more = "".join(f" SET n:{names.quoted(label)}" for label in sorted(labels[1] - labels[0]))
            query = f"UNWIND $rows AS row MATCH {sought('n', 'row.now.id')} {_ENTITY_ASIDE} SET n = row.now{less}{more}"
            packed = [{"was": was, "now": row} for row in rows]
            self._run.run(query, rows=packed, revision=self._number).consume()
            self._counts[was] -= len(rows)
            self._counts[type] += len(rows)
            self._count(changed=len(rows))
        for type, relations in self._changed_relations:
            query = f"UNWIND $rows AS row {self._between(type)} {_RELATION_ASIDE} SET r = row[2]"
            self._run.run(query, rows=relations, revision=self._number).consume()
            self._count(changed=len(relations))

    def _between(self, type: str) -> str:
        # Optional, so that the server seeks both ends first and looks between them from the one with fewer
        # relationships; else it may look through all that a hub has, for every row.
        return (
            f"{_BOTH_ENDS} OPTIONAL MATCH (a)-[r:{self._names.relationship(type)}]->(b)"
            " WITH row, a, b, r WHERE r._from IS NOT NULL"
        )

    # --------------------------------------------------------------------------------- removal

    def _put_entities_aside(self, ids: Sequence[str]) -> tuple[set[RelationKey], list[str]]:
        """Entities that are to go, each without its relations by then: those, and the nodes to be deleted."""
        loosened: set[RelationKey] = set()
        nodes: list[str] = []
        for some in _parts(ids):
            found = self._found(some)
            for id in some:
                if id not in found:
                    raise IntegrityError(f"There is no entity {id!r} to remove; nothing was changed.")
            for subject, type, object in self._run.run(_LOOSEN, ids=some, revision=self._number).values():
                loosened.add(self._relation_gone(subject, self._names.relation_of(type) or type, object))
            rows = [{"id": id, "was": found[id]["_type"]} for id in some]
            nodes += self._run.run(_PUT_ASIDE, rows=rows, revision=self._number).value()
            for row in rows:
                self._images.add(removed_entity_image(row["id"]))
                self._counts[row["was"]] -= 1
            self._count(removed=len(rows))
        return loosened, nodes

    def _remove_relations(self, keys: Sequence[RelationKey], loosened: set[RelationKey]) -> None:
        by_type: dict[str, list[RelationKey]] = {}
        for key in keys:
            if key not in loosened:
                by_type.setdefault(key[1], []).append(key)
        for type, all_keys in by_type.items():
            for some in _parts(all_keys):
                gone = set()
                if type in self._names.relations:
                    query = (
                        f"UNWIND $rows AS row {self._between(type)} {_RELATION_ASIDE} DELETE r RETURN row[0], row[1]"
                    )
                    ends = [[subject, object] for subject, _, object in some]
                    for subject, object in self._run.run(query, rows=ends, revision=self._number).values():
                        gone.add(self._relation_gone(subject, type, object))
                for key in some:
                    if key not in gone:
                        raise IntegrityError(f"There is no {named(*key)} to remove; nothing was changed.")

    def _relation_gone(self, subject: str, type: str, object: str) -> RelationKey:
        self._images.add(removed_relation_image(subject, type, object))
        self._counts[type] -= 1
        self._count(removed=1)
        return (subject, type, object)

    # ------------------------------------------------------------------------------- and so on

    def _next_k(self) -> int:
        self._last_k += 1
        if self._last_k >= _KEYS:
            raise StoreError(f"A store has room for {_KEYS - 1:,} entities over its life; nothing was changed.")
        return self._last_k

    def _source(self, name: str) -> int:
        return self._sources.setdefault(name, len(self._sources) + 1)

    def _source_name(self, stored: _Stored) -> str | None:
        number = stored.get("_source")
        return next((name for name, one in self._sources.items() if one == number), None)

    def _touch(self, kind: str, id: str) -> None:
        if len(self._touched[kind]) <= TOUCHED_NAMED:
            self._touched[kind].add(id)


def _says(stored: _Stored) -> tuple[str, str]:
    """What is compared: the properties, and what each source says."""
    return canonical_json(canonical_properties(stored)), stored.get(STATED, "")


def _parts(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    for start in range(0, len(items), BATCH):
        yield list(items[start : start + BATCH])
