"""How a change set is written into a `SqliteStore`, inside the one transaction that its caller begins and ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple
from typing import Final, TypeAlias

from graphsms.errors import IntegrityError, StoreError
from graphsms.model import ChangeSet, Entity, Relation, RelationKey, Revision
from graphsms.store._sqlite_ends import with_ends_near
from graphsms.store._sqlite_marks import keep_basis, refresh_marks
from graphsms.store._sqlite_names import Names
from graphsms.store._sqlite_tables import INDEXES_OF_ENTITIES, INDEXES_OF_RELATIONS
from graphsms.store.journal import (
    Images,
    canonical_json,
    entity_image,
    relation_image,
    removed_entity_image,
    removed_relation_image,
    statements_json,
)
from graphsms.store.marks import entity_marks, not_live, relation_marks
from graphsms.vocabulary import Vocabulary

__all__ = ["Writing"]

_KEYS_KNOWN: Final = 2**18  # entities whose key is remembered for the relations that follow: some 40 MB
_KEYS: Final = 2**31  # what the packed integers of a stream hold
# SQLite sorts in runs as large as its cache (KiB, negated): twice as fast where they fit that of the processor.
_SORTING: Final = -1_000

_EntityRow: TypeAlias = tuple[int, str, int, str, int, int, str | None, int]
_RelationRow: TypeAlias = tuple[int, int, int, str, int, int, str | None, int]
_StoredRelation: TypeAlias = tuple[int, int, int, int, str, int, int, str | None, int]  # k, then as above

_NEW_ENTITY: Final = (
    "INSERT INTO entity (k, id, type, properties, source, marks, stated, rev) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_NEW_RELATION: Final = (
    "INSERT INTO relation (type, subject, object, properties, source, marks, stated, rev)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_NEW_REVISION: Final = "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# Of values, not of a SELECT: that would make SQLite keep a copy of every page that the statement touches.
_ENTITY_ASIDE: Final = (
    "INSERT INTO entity_h (k, id, type, properties, source, marks, stated, rev_from, rev_to)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_RELATION_ASIDE: Final = (
    "INSERT INTO relation_h (type, subject, object, properties, source, marks, stated, rev_from, rev_to)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ONE_ENTITY: Final = "SELECT k, id, type, properties, source, marks, stated, rev FROM entity WHERE id = ?"
_ONE_RELATION: Final = (
    "SELECT k, type, subject, object, properties, source, marks, stated, rev FROM relation"
    " WHERE type = ? AND subject = ? AND object = ?"
)
_RELATIONS_OF: Final = (
    "SELECT k, type, subject, object, properties, source, marks, stated, rev FROM relation WHERE subject = :k"
    " UNION ALL SELECT k, type, subject, object, properties, source, marks, stated, rev FROM relation"
    " WHERE object = :k AND subject <> :k"
)
# The plus signs keep SQLite from looking through all that this change set has removed.
_RELATION_REMOVED: Final = (
    "SELECT 1 FROM relation_h WHERE type = ? AND subject = ? AND object = ? AND +rev_to = ? LIMIT 1"
)

# What the first revision states more than once, seen when it is all in; the first of each is kept.
_ENTITIES_AGAIN: Final = """
SELECT again.k, again.id, again.type, again.properties, again.source, again.stated,
    first.type, first.properties, first.source, first.stated
FROM (SELECT id, min(k) AS k FROM entity GROUP BY id HAVING count(*) > 1) AS stated
JOIN entity AS first ON first.k = stated.k
JOIN entity AS again ON again.id = stated.id AND again.k > stated.k
"""
_RELATIONS_AGAIN: Final = """
SELECT again.k, s.id, again.type, o.id, again.properties, again.source, again.stated,
    first.properties, first.source, first.stated
FROM (
    SELECT type, subject, object, min(k) AS k FROM relation GROUP BY type, subject, object HAVING count(*) > 1
) AS stated
JOIN relation AS first ON first.k = stated.k
JOIN relation AS again
    ON again.type = stated.type AND again.subject = stated.subject AND again.object = stated.object
    AND again.k > stated.k
JOIN entity AS s ON s.k = again.subject
JOIN entity AS o ON o.k = again.object
"""
# The index by key holds the marks too, so it does not see what is stated once with marks and once without.
_ACROSS_MARKS: Final = """
SELECT s.id, one.type, o.id FROM relation AS one
JOIN relation AS other ON other.type = one.type AND other.subject = one.subject AND other.object = one.object
JOIN entity AS s ON s.k = one.subject
JOIN entity AS o ON o.k = one.object
WHERE one.marks <> 0 AND other.marks <> one.marks LIMIT 1
"""


class Writing:
    """One change set on its way into the tables: what of it was new, different, removed, and the images of that.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction for writing.
    vocabulary : Vocabulary
    number : int
        Of the revision to be made.
    images : Images
        Takes in what is touched.
    """

    def __init__(self, connection: sqlite3.Connection, vocabulary: Vocabulary, number: int, images: Images) -> None:
        self.created = self.changed = self.removed = 0
        self._connection = connection
        self._vocabulary = vocabulary
        self._number = number
        self._images = images
        self._not_live = not_live(vocabulary)
        self._names = Names(connection, vocabulary)
        self._exact = False
        self._last_k = int(connection.execute("SELECT value FROM meta WHERE name = 'last_k'").fetchone()[0])
        self._keys: dict[str, int] = {}
        self._near: dict[str, int] = {}
        # What the change set states and finds as it is, by key: nothing else tells that it was stated.
        self._entities_stated = bytearray()
        self._relations_stated = bytearray()

    def write(self, changes: ChangeSet) -> None:
        """Bring the tables to what the change set says; nothing of it is committed."""
        self._exact = changes.exact
        if self._number == 1:
            self._fill(changes.entities, changes.relations)
        else:
            refresh_marks(self._connection, self._vocabulary)
            self._change(changes.entities, changes.relations)
        for id in changes.removed_entities:
            self._remove_entity(id)
        for key in changes.removed_relations:
            self._remove_relation(key)

    def close(self, revision: Revision) -> None:
        """Put the revision itself beside what it touched, and what was learnt on the way."""
        self._connection.execute(_NEW_REVISION, astuple(revision))
        self._connection.execute("UPDATE meta SET value = ? WHERE name = 'last_k'", (str(self._last_k),))
        self._names.store()
        keep_basis(self._connection, self._vocabulary)

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many entities and relations were created, changed, removed."""
        return self.created, self.changed, self.removed

    # ------------------------------------------------------------------- into an empty store

    def _fill(self, entities: Iterable[Entity], relations: Iterable[Relation]) -> None:
        run = self._connection
        self.created += run.executemany(_NEW_ENTITY, self._entity_rows(entities)).rowcount
        self._index(INDEXES_OF_ENTITIES, self._merge_entities)
        self.created += run.executemany(_NEW_RELATION, self._relation_rows(self._with_ends(relations))).rowcount
        self._index(INDEXES_OF_RELATIONS, self._merge_relations)
        row = run.execute(_ACROSS_MARKS).fetchone()
        if row is not None:
            raise self._contradicted(_named(row[0], self._names.term(row[1]), row[2]))

    def _index(self, indexes: Iterable[str], merge: Callable[[], None]) -> None:
        run = self._connection.execute
        (cache,) = run("PRAGMA cache_size").fetchone()
        run(f"PRAGMA cache_size = {_SORTING:d}")
        for index in indexes:
            try:
                run(index)
            except sqlite3.IntegrityError:
                merge()
                run(index)
        run(f"PRAGMA cache_size = {cache:d}")

    def _merge_entities(self) -> None:
        for row in self._connection.execute(_ENTITIES_AGAIN).fetchall():
            k, id, type, properties, source, stated, first_type, first_properties, first_source, first_stated = row
            if (type, properties, stated) != (first_type, first_properties, first_stated):
                raise self._contradicted(f"entity {id!r}")
            if source != first_source:
                names = self._names
                self._images.withdraw(entity_image(id, names.term(type), properties, names.source(source), stated))
            self._connection.execute("DELETE FROM entity WHERE k = ?", (k,))
            self.created -= 1

    def _merge_relations(self) -> None:
        for row in self._connection.execute(_RELATIONS_AGAIN).fetchall():
            k, subject, type, object, properties, source, stated, first_properties, first_source, first_stated = row
            key = subject, self._names.term(type), object
            if (properties, stated) != (first_properties, first_stated):
                raise self._contradicted(_named(*key))
            if source != first_source:
                self._images.withdraw(relation_image(*key, properties, self._names.source(source), stated))
            self._connection.execute("DELETE FROM relation WHERE k = ?", (k,))
            self.created -= 1

    def _entity_rows(self, entities: Iterable[Entity]) -> Iterator[_EntityRow]:
        """The rows of new entities; the keys of the first of them are remembered."""
        add, keys, number, codes = self._images.add, self._keys, self._number, self._not_live
        types, sources = self._names.types, self._names.sources
        for entity in entities:
            id, type, source, given = entity.id, entity.type, entity.source, entity.properties
            properties = canonical_json(given)
            stated = statements_json(entity.stated) if entity.stated else None
            self._last_k += 1
            k = self._last_k
            if k >= _KEYS:
                raise StoreError(f"A store has room for {_KEYS - 1:,} entities over its life; nothing was changed.")
            if len(keys) < _KEYS_KNOWN:
                keys.setdefault(id, k)
            add(entity_image(id, type, properties, source, stated))
            yield k, id, types[type], properties, sources[source], entity_marks(given, codes), stated, number

    def _relation_rows(self, relations: Iterable[Relation]) -> Iterator[_RelationRow]:
        """The rows of new relations, whose ends are there."""
        add, known, number = self._images.add, self._keys.get, self._number
        types, sources = self._names.relations, self._names.sources
        for relation in relations:
            subject, type, object, source = relation.subject, relation.type, relation.object, relation.source
            code = types[type]
            s = known(subject) or self._end(relation, subject)
            o = known(object) or self._end(relation, object)
            given = relation.properties
            properties = canonical_json(given) if given else "{}"
            stated = statements_json(relation.stated) if relation.stated else None
            add(relation_image(subject, type, object, properties, source, stated))
            yield code, s, o, properties, sources[source], relation_marks(given) if given else 0, stated, number

    # --------------------------------------------------------------- into one with something in it

    def _change(self, entities: Iterable[Entity], relations: Iterable[Relation]) -> None:
        (last,) = self._connection.execute("SELECT coalesce(max(k), 0) FROM relation").fetchone()
        self._entities_stated = bytearray(self._last_k + 1)
        self._relations_stated = bytearray(last + 1)
        for entity in entities:
            self._state_entity(entity)
        for relation in relations:
            self._state_relation(relation)

    def _state_entity(self, entity: Entity) -> None:
        run = self._connection.execute
        row = run(_ONE_ENTITY, (entity.id,)).fetchone()
        if row is None:
            run(_NEW_ENTITY, next(self._entity_rows((entity,))))
            self.created += 1
            return
        k, _, old_type, old_properties, source, _, old_stated, rev = row
        type, properties = self._names.types[entity.type], canonical_json(entity.properties)
        stated = statements_json(entity.stated) or None
        new_source = self._source(entity.source, source)
        if (type, properties, stated) == (old_type, old_properties, old_stated) and not self._differs(
            new_source, source
        ):
            if rev < self._number:
                self._entities_stated[k] = 1
            return
        if rev == self._number or self._entities_stated[k]:
            raise self._contradicted(f"entity {entity.id!r}")
        run(_ENTITY_ASIDE, (*row, self._number))
        marks = entity_marks(entity.properties, self._not_live)
        changed = (type, properties, new_source, marks, stated, self._number, k)
        run(
            "UPDATE entity SET type = ?, properties = ?, source = ?, marks = ?, stated = ?, rev = ? WHERE k = ?",
            changed,
        )
        self._images.add(entity_image(entity.id, entity.type, properties, self._names.source(new_source), stated))
        self.changed += 1

    def _state_relation(self, relation: Relation) -> None:
        run, known = self._connection.execute, self._keys.get
        s = known(relation.subject) or self._end(relation, relation.subject)
        o = known(relation.object) or self._end(relation, relation.object)
        row = run(_ONE_RELATION, (self._names.relations[relation.type], s, o)).fetchone()
        if row is None:
            run(_NEW_RELATION, next(self._relation_rows((relation,))))
            self.created += 1
            return
        k, _, _, _, old_properties, source, _, old_stated, rev = row
        properties, stated = canonical_json(relation.properties), statements_json(relation.stated) or None
        new_source = self._source(relation.source, source)
        if (properties, stated) == (old_properties, old_stated) and not self._differs(new_source, source):
            if rev < self._number:
                self._relations_stated[k] = 1
            return
        if rev == self._number or self._relations_stated[k]:
            raise self._contradicted(_named(*relation.key))
        run(_RELATION_ASIDE, (*row[1:], self._number))
        changed = (properties, new_source, relation_marks(relation.properties), stated, self._number, k)
        run("UPDATE relation SET properties = ?, source = ?, marks = ?, stated = ?, rev = ? WHERE k = ?", changed)
        self._images.add(relation_image(*relation.key, properties, self._names.source(new_source), stated))
        self.changed += 1

    def _source(self, given: str | None, stored: int) -> int:
        """The code of the source that is written: the stored one stays where none is given, unless all is exact."""
        code = self._names.sources[given]
        return code if self._exact else code or stored

    def _differs(self, given: int, stored: int) -> bool:
        """Whether a source alone is a difference."""
        return self._exact and given != stored

    # ----------------------------------------------------------------------------------- removal

    def _remove_entity(self, id: str) -> None:
        run = self._connection.execute
        row = run(_ONE_ENTITY, (id,)).fetchone()
        if row is None:
            if self._removed_now(id) is None:
                raise IntegrityError(f"There is no entity {id!r} to remove; nothing was changed.")
            return
        k, rev = row[0], row[-1]
        if rev == self._number or _stated(self._entities_stated, k):
            raise IntegrityError(f"The change set both states and removes the entity {id!r}; nothing was changed.")
        for relation in run(_RELATIONS_OF, {"k": k}).fetchall():
            type, subject, object = relation[1:4]
            subject_id, object_id = (id if end == k else self._id(end) for end in (subject, object))
            key = (subject_id, self._names.term(type), object_id)
            if relation[-1] == self._number or _stated(self._relations_stated, relation[0]):
                raise IntegrityError(
                    f"The change set states the {_named(*key)} and removes its end {id!r}; nothing was changed."
                )
            self._put_relation_aside(relation, key)
        run(_ENTITY_ASIDE, (*row, self._number))
        run("DELETE FROM entity WHERE k = ?", (k,))
        self._keys.pop(id, None)
        self._images.add(removed_entity_image(id))
        self.removed += 1

    def _remove_relation(self, key: RelationKey) -> None:
        run = self._connection.execute
        subject, type, object = key
        code = self._names.relations.get(type)
        ends = (code, self._key(subject) or self._removed_now(subject), self._key(object) or self._removed_now(object))
        row = run(_ONE_RELATION, ends).fetchone()
        if row is None:
            if run(_RELATION_REMOVED, (*ends, self._number)).fetchone() is None:
                raise IntegrityError(f"There is no {_named(*key)} to remove; nothing was changed.")
            return
        if row[-1] == self._number or _stated(self._relations_stated, row[0]):
            raise IntegrityError(f"The change set both states and removes the {_named(*key)}; nothing was changed.")
        self._put_relation_aside(row, key)

    def _put_relation_aside(self, row: _StoredRelation, key: RelationKey) -> None:
        self._connection.execute(_RELATION_ASIDE, (*row[1:], self._number))
        self._connection.execute("DELETE FROM relation WHERE k = ?", (row[0],))
        self._images.add(removed_relation_image(*key))
        self.removed += 1

    # -------------------------------------------------------------------------------------- keys

    def _with_ends(self, relations: Iterable[Relation]) -> Iterable[Relation]:
        if self._last_k <= len(self._keys):
            return relations
        return with_ends_near(self._connection, relations, self._keys, self._near)

    def _end(self, relation: Relation, id: str) -> int:
        """The key of an end that is not remembered."""
        k = self._near.get(id) or self._key(id)
        if k is None:
            raise IntegrityError(f"The {_named(*relation.key)} has no end {id!r}: no such entity; nothing was changed.")
        return k

    def _key(self, id: str) -> int | None:
        row = self._connection.execute("SELECT k FROM entity WHERE id = ?", (id,)).fetchone()
        if row is None:
            return None
        if len(self._keys) < _KEYS_KNOWN:
            self._keys[id] = row[0]
        return int(row[0])

    def _removed_now(self, id: str) -> int | None:
        """The key of an entity that this change set has removed."""
        gone = "SELECT k FROM entity_h WHERE id = ? AND +rev_to = ?"
        row = self._connection.execute(gone, (id, self._number)).fetchone()
        return None if row is None else int(row[0])

    def _id(self, k: int) -> str:
        return str(self._connection.execute("SELECT id FROM entity WHERE k = ?", (k,)).fetchone()[0])

    def _contradicted(self, what: str) -> IntegrityError:
        return IntegrityError(f"The change set states the {what} twice, and differently; nothing was changed.")


def _stated(stated: bytearray, k: int) -> bool:
    return k < len(stated) and stated[k] == 1


def _named(subject: str, type: str, object: str) -> str:
    return f"relation {subject!r} {type} {object!r}"
