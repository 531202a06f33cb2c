"""The tables of a `SqliteStore`."""

from __future__ import annotations

from typing import Final

__all__ = ["INDEXES_OF_ENTITIES", "INDEXES_OF_RELATIONS", "SINCE_FORMAT_1", "TABLES"]

# What is superseded or removed moves to the tables that end in _h, with the revision that ended it: a
# row of history holds from `rev_from` up to, not with, `rev_to`. `k` is never used twice. `type` is the
# code of a term, `source` that of a source (0 for none), `marks` as graphsms.store.marks has them, `stated`
# what each of several sources says (`graphsms.store.journal.statements_json`), NULL for nearly all. What
# the first revision made is nearly everything, so the live rows have an index of the other revisions only.
TABLES: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE term (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE source"
    " (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, format TEXT, last_import TEXT, fresh_for TEXT)",
    "CREATE TABLE revision"
    " (number INTEGER PRIMARY KEY, time TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,"
    " request TEXT NOT NULL, source TEXT NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL,"
    " removed INTEGER NOT NULL, hash TEXT NOT NULL)",
    "CREATE TABLE entity"
    " (k INTEGER PRIMARY KEY, id TEXT NOT NULL, type INTEGER NOT NULL, properties TEXT NOT NULL,"
    " source INTEGER NOT NULL, marks INTEGER NOT NULL, rev INTEGER NOT NULL, stated TEXT)",
    "CREATE INDEX entity_rev ON entity (rev) WHERE rev > 1",
    "CREATE TABLE relation"
    " (k INTEGER PRIMARY KEY, type INTEGER NOT NULL, subject INTEGER NOT NULL, object INTEGER NOT NULL,"
    " properties TEXT NOT NULL, source INTEGER NOT NULL, marks INTEGER NOT NULL, rev INTEGER NOT NULL, stated TEXT)",
    "CREATE INDEX relation_rev ON relation (rev) WHERE rev > 1",
    "CREATE TABLE entity_h"
    " (k INTEGER NOT NULL, id TEXT NOT NULL, type INTEGER NOT NULL, properties TEXT NOT NULL,"
    " source INTEGER NOT NULL, marks INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,"
    " stated TEXT)",
    "CREATE INDEX entity_h_k ON entity_h (k)",
    "CREATE INDEX entity_h_id ON entity_h (id)",
    "CREATE INDEX entity_h_from ON entity_h (rev_from)",
    "CREATE INDEX entity_h_to ON entity_h (rev_to)",
    "CREATE TABLE relation_h"
    " (type INTEGER NOT NULL, subject INTEGER NOT NULL, object INTEGER NOT NULL, properties TEXT NOT NULL,"
    " source INTEGER NOT NULL, marks INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,"
    " stated TEXT)",
    "CREATE INDEX relation_h_subject ON relation_h (subject)",
    "CREATE INDEX relation_h_object ON relation_h (object)",
    "CREATE INDEX relation_h_from ON relation_h (rev_from)",
    "CREATE INDEX relation_h_to ON relation_h (rev_to)",
)

# What a file of format 1 lacks.
SINCE_FORMAT_1: Final = tuple(
    f"ALTER TABLE {table} ADD COLUMN stated TEXT" for table in ("entity", "relation", "entity_h", "relation_h")
)

# Made with the first revision, after its rows. `entity_type` and `relation_key` hold all that `stream` and
# `counts` read; that no relation is there twice also takes a look across marks, see _sqlite_write.
INDEXES_OF_ENTITIES: Final = (
    "CREATE UNIQUE INDEX entity_id ON entity (id)",
    "CREATE INDEX entity_type ON entity (type, k, source, marks)",
)
INDEXES_OF_RELATIONS: Final = (
    "CREATE UNIQUE INDEX relation_key ON relation (type, subject, object, marks)",
    "CREATE INDEX relation_marked ON relation (type, subject, object, marks) WHERE marks <> 0",
    "CREATE INDEX relation_subject ON relation (subject)",
    "CREATE INDEX relation_object ON relation (object)",
)
