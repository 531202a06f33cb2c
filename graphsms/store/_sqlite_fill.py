"""How the first revision gets into a `SqliteStore`: rows first and indexes after them, in blocks where it comes so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from graphsms.errors import IntegrityError, StoreError
from graphsms.model import Entity, Relation, RelationKey
from graphsms.store._sqlite_ends import find_ends_near, with_ends_near
from graphsms.store._sqlite_names import Names
from graphsms.store._sqlite_tables import INDEXES_OF_ENTITIES, INDEXES_OF_RELATIONS
from graphsms.store.bulk import EntityBlock, NewEntities, NewRelations, RelationBlock
from graphsms.store.journal import Images, canonical_json, entity_image, relation_image, statements_json
from graphsms.store.marks import entity_marks, not_live, relation_marks
from graphsms.vocabulary import Vocabulary

__all__ = ["NEW_ENTITY", "NEW_RELATION", "Filling", "named"]

_KEYS_KNOWN: Final = 2**18  # entities whose key is remembered for the relations that follow: some 40 MB
_KEYS: Final = 2**31  # what the packed integers of a stream hold
# SQLite sorts in runs as large as its cache (KiB, negated): twice as fast where they fit that of the processor.
_SORTING: Final = -1_000

_EntityRow: TypeAlias = tuple[int, str, int, str, int, int, str | None, int]
_RelationRow: TypeAlias = tuple[int, int, int, str, int, int, str | None, int]

NEW_ENTITY: Final = (
    "INSERT INTO entity (k, id, type, properties, source, marks, stated, rev) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
NEW_RELATION: Final = (
    "INSERT INTO relation (type, subject, object, properties, source, marks, stated, rev)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

# What one source states, and relations that say nothing more.
_ONE_STATES_ENTITY: Final = (
    "INSERT INTO entity (k, id, type, properties, source, marks, rev) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_ONE_STATES_RELATION: Final = (
    "INSERT INTO relation (type, subject, object, properties, source, marks, rev) VALUES (?, ?, ?, '{}', ?, 0, ?)"
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


class Filling:
    """New rows on their way into the tables, and what is known of their keys.

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
        self.created = 0
        self._connection = connection
        self._vocabulary = vocabulary
        self._number = number
        self._images = images
        self._not_live = not_live(vocabulary)
        self._names = Names(connection, vocabulary)
        self._last_k = int(connection.execute("SELECT value FROM meta WHERE name = 'last_k'").fetchone()[0])
        self._keys: dict[str, int] = {}
        self._near: dict[str, int] = {}

    # ------------------------------------------------------------------- into an empty store

    def fill(self, entities: Iterable[Entity], relations: Iterable[Relation]) -> None:
        run = self._connection
        if isinstance(entities, NewEntities):
            for entity_block in entities.blocks:
                self._new_entities(entity_block, entities.source)
        else:
            self.created += run.executemany(NEW_ENTITY, self._entity_rows(entities)).rowcount
        self._index(INDEXES_OF_ENTITIES, self._merge_entities)
        if isinstance(relations, NewRelations):
            for relation_block in relations.blocks:
                self._new_relations(relation_block, relations.source)
        else:
            self.created += run.executemany(NEW_RELATION, self._relation_rows(self._with_ends(relations))).rowcount
        self._index(INDEXES_OF_RELATIONS, self._merge_relations)
        row = run.execute(_ACROSS_MARKS).fetchone()
        if row is not None:
            raise self._contradicted(named(row[0], self._names.term(row[1]), row[2]))

    def _new_entities(self, block: EntityBlock, source: str | None) -> None:
        """What `_entity_rows` makes of entities that one source states, a block at once."""
        keys, codes = self._keys, self._not_live
        by, number, plain = self._names.sources[source], self._number, f"{len(source or '')}:{source or ''}"
        named = {type: (self._names.types[type], f"{len(type)}:{type}") for type in {one[1] for one in block}}
        k = self._last_k
        rows, images = [], []
        for id, type, given in block:
            k += 1
            code, name = named[type]
            properties = canonical_json(given)
            images.append(f"entity {len(id)}:{id}{name}{len(properties)}:{properties}{plain}")
            rows.append((k, id, code, properties, by, entity_marks(given, codes), number))
        self._last_k = k
        self._require_room()
        for row in rows if len(keys) < _KEYS_KNOWN else ():
            keys.setdefault(row[1], row[0])
        self._images.add_all(images)
        self._connection.executemany(_ONE_STATES_ENTITY, rows)
        self.created += len(rows)

    def _new_relations(self, block: RelationBlock, source: str | None) -> None:
        """What `_relation_rows` makes of relations that one source states, a block at once."""
        known = self._keys.get
        by, number, said = self._names.sources[source], self._number, f"{len(source or '')}:{source or ''}"
        plain = f"2:{{}}{said}"
        named = {type: (self._names.relations[type], f"{len(type)}:{type}") for type in {key[1] for key, _ in block}}
        if self._last_k > len(self._keys):
            find_ends_near(self._connection, (end for (s, _, o), _ in block for end in (s, o)), self._keys, self._near)
        rows, qualified, images = [], [], []
        s, head, last = 0, "", None
        for key, given in block:
            subject, type, object = key
            code, name = named[type]
            if subject != last:  # those of one subject mostly stand together
                s, last = known(subject) or self._end(key, subject), subject
                head = f"relation {len(subject)}:{subject}"
            o = known(object) or self._end(key, object)
            if given:
                properties = canonical_json(given)
                qualified.append((code, s, o, properties, by, relation_marks(given), None, number))
                rest = f"{len(properties)}:{properties}{said}"
            else:
                rows.append((code, s, o, by, number))
                rest = plain
            images.append(f"{head}{name}{len(object)}:{object}{rest}")
        self._images.add_all(images)
        self._connection.executemany(_ONE_STATES_RELATION, rows)
        self._connection.executemany(NEW_RELATION, qualified)
        self.created += len(images)

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
                raise self._contradicted(named(*key))
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
            self._require_room()
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
            s = known(subject) or self._end(relation.key, subject)
            o = known(object) or self._end(relation.key, object)
            given = relation.properties
            properties = canonical_json(given) if given else "{}"
            stated = statements_json(relation.stated) if relation.stated else None
            add(relation_image(subject, type, object, properties, source, stated))
            yield code, s, o, properties, sources[source], relation_marks(given) if given else 0, stated, number

    # -------------------------------------------------------------------------------------- keys

    def _require_room(self) -> None:
        if self._last_k >= _KEYS:
            raise StoreError(f"A store has room for {_KEYS - 1:,} entities over its life; nothing was changed.")

    def _with_ends(self, relations: Iterable[Relation]) -> Iterable[Relation]:
        if self._last_k <= len(self._keys):
            return relations
        return with_ends_near(self._connection, relations, self._keys, self._near)

    def _end(self, key: RelationKey, id: str) -> int:
        """The key of an end that is not remembered."""
        k = self._near.get(id) or self._key(id)
        if k is None:
            raise IntegrityError(f"The {named(*key)} has no end {id!r}: no such entity; nothing was changed.")
        return k

    def _key(self, id: str) -> int | None:
        row = self._connection.execute("SELECT k FROM entity WHERE id = ?", (id,)).fetchone()
        if row is None:
            return None
        if len(self._keys) < _KEYS_KNOWN:
            self._keys[id] = row[0]
        return int(row[0])

    def _contradicted(self, what: str) -> IntegrityError:
        return IntegrityError(f"The change set states the {what} twice, and differently; nothing was changed.")


def named(subject: str, type: str, object: str) -> str:
    """A relation in words."""
    return f"relation {subject!r} {type} {object!r}"
