"""The marks that a `SqliteStore` keeps beside its rows, and what they depend on beside those: the ontology.

Whether an entity is live its lifecycle status says, and what a status means the ontology. Where that has
changed since the marks were made, readers make them anew as they go, and the next writer for good.
"""

from __future__ import annotations

import sqlite3

from graphsms.store.journal import canonical_json, properties_from
from graphsms.store.marks import entity_marks, not_live
from graphsms.vocabulary import Vocabulary

__all__ = ["define_marks", "keep_basis", "marks_fit", "refresh_marks"]

_KEEP = (
    "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    " WHERE value <> excluded.value"
)


def marks_fit(connection: sqlite3.Connection, vocabulary: Vocabulary) -> bool:
    """Whether the stored marks are those that the vocabulary gives."""
    stored = connection.execute("SELECT value FROM meta WHERE name = 'not live'").fetchone()
    return stored is None or stored[0] == _basis(vocabulary)


def define_marks(connection: sqlite3.Connection, vocabulary: Vocabulary) -> None:
    """Give queries ``marks_now(properties, marks)``: the marks of an entity as the vocabulary has them."""
    codes = not_live(vocabulary)
    fit = marks_fit(connection, vocabulary)

    def marks_now(properties: str, stored: int) -> int:
        return stored if fit else entity_marks(properties_from(properties), codes)

    connection.create_function("marks_now", 2, marks_now, deterministic=True)


def refresh_marks(connection: sqlite3.Connection, vocabulary: Vocabulary) -> None:
    """Make the stored marks those that the vocabulary gives."""
    if marks_fit(connection, vocabulary):
        return
    define_marks(connection, vocabulary)
    for statement in (
        "UPDATE entity SET marks = marks_now(properties, marks) WHERE marks <> marks_now(properties, marks)",
        "UPDATE entity_h SET marks = marks_now(properties, marks) WHERE marks <> marks_now(properties, marks)",
    ):
        connection.execute(statement)


def keep_basis(connection: sqlite3.Connection, vocabulary: Vocabulary) -> None:
    """Remember what the stored marks depend on, and the vocabulary that was last written with."""
    connection.executemany(_KEEP, [("vocabulary", vocabulary.hash), ("not live", _basis(vocabulary))])


def _basis(vocabulary: Vocabulary) -> str:
    return canonical_json({"codes": tuple(sorted(not_live(vocabulary)))})
