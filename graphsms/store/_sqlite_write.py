"""How a change set is written into a `SqliteStore`, inside the one transaction that its caller begins and ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import astuple
from typing import Final, TypeAlias

from graphsms.errors import IntegrityError
from graphsms.model import ChangeSet, Entity, Relation, RelationKey, Revision
from graphsms.store._sqlite_fill import NEW_ENTITY, NEW_RELATION, Filling, named
from graphsms.store._sqlite_marks import keep_basis, refresh_marks
from graphsms.store.journal import (
    Images,
    canonical_json,
    entity_image,
    relation_image,
    removed_entity_image,
    removed_relation_image,
    statements_json,
)
from graphsms.store.marks import entity_marks, relation_marks
from graphsms.vocabulary import Vocabulary

__all__ = ["Writing"]

_StoredRelation: TypeAlias = tuple[int, int, int, int, str, int, int, str | None, int]  # k, then as above

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


class Writing(Filling):
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
        super().__init__(connection, vocabulary, number, images)
        self.changed = self.removed = 0
        self._exact = False
        # What the change set states and finds as it is, by key: nothing else tells that it was stated.
        self._entities_stated = bytearray()
        self._relations_stated = bytearray()

    def write(self, changes: ChangeSet) -> None:
        """Bring the tables to what the change set says; nothing of it is committed."""
        self._exact = changes.exact
        if self._number == 1:
            self.fill(changes.entities, changes.relations)
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
            run(NEW_ENTITY, next(self._entity_rows((entity,))))
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
        s = known(relation.subject) or self._end(relation.key, relation.subject)
        o = known(relation.object) or self._end(relation.key, relation.object)
        row = run(_ONE_RELATION, (self._names.relations[relation.type], s, o)).fetchone()
        if row is None:
            run(NEW_RELATION, next(self._relation_rows((relation,))))
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
            raise self._contradicted(named(*relation.key))
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
                    f"The change set states the {named(*key)} and removes its end {id!r}; nothing was changed."
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
                raise IntegrityError(f"There is no {named(*key)} to remove; nothing was changed.")
            return
        if row[-1] == self._number or _stated(self._relations_stated, row[0]):
            raise IntegrityError(f"The change set both states and removes the {named(*key)}; nothing was changed.")
        self._put_relation_aside(row, key)

    def _put_relation_aside(self, row: _StoredRelation, key: RelationKey) -> None:
        self._connection.execute(_RELATION_ASIDE, (*row[1:], self._number))
        self._connection.execute("DELETE FROM relation WHERE k = ?", (row[0],))
        self._images.add(removed_relation_image(*key))
        self.removed += 1

    def _removed_now(self, id: str) -> int | None:
        """The key of an entity that this change set has removed."""
        gone = "SELECT k FROM entity_h WHERE id = ? AND +rev_to = ?"
        row = self._connection.execute(gone, (id, self._number)).fetchone()
        return None if row is None else int(row[0])

    def _id(self, k: int) -> str:
        return str(self._connection.execute("SELECT id FROM entity WHERE k = ?", (k,)).fetchone()[0])


def _stated(stated: bytearray, k: int) -> bool:
    return k < len(stated) and stated[k] == 1
