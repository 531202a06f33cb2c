"""What the snapshot is built from: a `SqliteStore` as packed integers, made of text inside SQLite.

``group_concat`` over an index that holds every column needed gives some five million integers a
second; a row each would give a fifth of that. As of a revision, and where the stored marks are not those of the
ontology, the integers are first put into tables of the connection's own, and read from there in the same way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from graphsms.errors import StoreError
from graphsms.store import MARK_DATED, EdgeStream, GraphStream, NodeStream, PackedIntegers
from graphsms.store._sqlite_file import translated, translating
from graphsms.store._sqlite_marks import define_marks, marks_fit
from graphsms.store._sqlite_read import present
from graphsms.store.journal import properties_from
from graphsms.vocabulary import VALID_FROM, VALID_TO, Vocabulary

__all__ = ["counts", "dated", "graph_stream"]

_CHUNK: Final = 2**16  # integers

_NODES: Final = """
SELECT group_concat(packed), max(packed) FROM (
    SELECT (k << 32) | (source << 8) | marks AS packed
    FROM entity WHERE type = :type AND k > :last >> 32 ORDER BY k LIMIT :limit
)
"""
_EDGES: Final = """
SELECT group_concat(packed), max(packed) FROM (
    SELECT (subject << 32) | object AS packed FROM relation
    WHERE type = :type AND (subject, object) > (:last >> 32, :last & 4294967295) AND marks = 0
    ORDER BY subject, object LIMIT :limit
)
"""
_MARKED: Final = (
    "SELECT subject, object, marks FROM relation WHERE type = :type AND marks <> 0 ORDER BY subject, object"
)
_TYPES: Final = "SELECT name, code FROM term WHERE EXISTS (SELECT 1 FROM entity WHERE type = code) ORDER BY name"

_TABLES: Final = (
    "CREATE TEMP TABLE IF NOT EXISTS node (type INTEGER, packed INTEGER, PRIMARY KEY (type, packed)) WITHOUT ROWID",
    "CREATE TEMP TABLE IF NOT EXISTS edge"
    " (type INTEGER, packed INTEGER, marks INTEGER, PRIMARY KEY (type, packed)) WITHOUT ROWID",
)
_EMPTY: Final = ("DELETE FROM temp.node", "DELETE FROM temp.edge")
_FILL: Final = (
    """
    INSERT INTO temp.node SELECT type, (k << 32) | (source << 8) | marks_now(properties, marks)
    FROM entity WHERE rev <= :at ORDER BY type, k
    """,
    """
    INSERT INTO temp.node SELECT type, (k << 32) | (source << 8) | marks_now(properties, marks)
    FROM entity_h WHERE rev_from <= :at AND :at < rev_to
    """,
    """
    INSERT INTO temp.edge SELECT type, (subject << 32) | object, marks
    FROM relation WHERE rev <= :at ORDER BY type, subject, object
    """,
    """
    INSERT INTO temp.edge SELECT type, (subject << 32) | object, marks
    FROM relation_h WHERE rev_from <= :at AND :at < rev_to
    """,
)
_NODES_AT: Final = """
SELECT group_concat(packed), max(packed) FROM (
    SELECT packed FROM temp.node WHERE type = :type AND packed > :last ORDER BY packed LIMIT :limit
)
"""
_EDGES_AT: Final = """
SELECT group_concat(packed), max(packed) FROM (
    SELECT packed FROM temp.edge WHERE type = :type AND packed > :last AND marks = 0 ORDER BY packed LIMIT :limit
)
"""
_MARKED_AT: Final = """
SELECT packed >> 32, packed & 4294967295, marks FROM temp.edge WHERE type = :type AND marks <> 0 ORDER BY packed
"""
_TYPES_AT: Final = "SELECT name, code FROM term WHERE EXISTS (SELECT 1 FROM temp.node WHERE type = code) ORDER BY name"

_DATED: Final = "SELECT k, properties FROM entity WHERE marks & :dated"
_DATED_AT: Final = """
SELECT k, properties FROM entity WHERE marks & :dated AND rev <= :at
UNION ALL SELECT k, properties FROM entity_h WHERE marks & :dated AND rev_from <= :at AND :at < rev_to
"""
_DATED_RELATIONS: Final = """
SELECT name, subject, object, properties FROM relation JOIN term ON code = type
WHERE marks <> 0 AND marks & :dated
"""
_DATED_RELATIONS_AT: Final = """
SELECT name, subject, object, properties FROM relation JOIN term ON code = type
WHERE marks <> 0 AND marks & :dated AND rev <= :at
UNION ALL SELECT name, subject, object, properties FROM relation_h JOIN term ON code = type
WHERE marks & :dated AND rev_from <= :at AND :at < rev_to
"""


@contextmanager
def graph_stream(
    connection: sqlite3.Connection, vocabulary: Vocabulary, relations: Sequence[str], at: int | None, path: str
) -> Iterator[GraphStream]:
    """The graph as packed integers, within a transaction of the connection. ``path`` is for errors alone."""
    with translated(path):
        revision = present(connection).number if at is None else at
        sources = ["", *(name for (name,) in connection.execute("SELECT name FROM source ORDER BY code"))]
        codes = dict(connection.execute("SELECT name, code FROM term"))
        stored = at is None and marks_fit(connection, vocabulary)
        if not stored:
            _fill(connection, vocabulary, revision)
    nodes, edges, marked, types = (
        (_NODES, _EDGES, _MARKED, _TYPES) if stored else (_NODES_AT, _EDGES_AT, _MARKED_AT, _TYPES_AT)
    )
    ended = False

    def chunks(query: str, type: int) -> Iterator[PackedIntegers]:
        last = 0
        while not ended:
            text, last = connection.execute(query, {"type": type, "last": last, "limit": _CHUNK}).fetchone()
            if text is None:
                return
            yield text
        raise StoreError(f"The stream of {path} has ended: read it within its block.")

    try:
        yield GraphStream(
            revision,
            sources,
            translating(
                path,
                (
                    NodeStream(name, translating(path, chunks(nodes, code)))
                    for name, code in connection.execute(types).fetchall()
                ),
            ),
            translating(
                path,
                (
                    EdgeStream(
                        name,
                        translating(path, chunks(edges, codes[name])),
                        connection.execute(marked, {"type": codes[name]}).fetchall(),
                    )
                    for name in dict.fromkeys(relations)
                    if name in codes
                ),
            ),
        )
    finally:
        ended = True
        if not stored:
            with translated(path):
                for statement in _EMPTY:
                    connection.execute(statement)


def _fill(connection: sqlite3.Connection, vocabulary: Vocabulary, at: int) -> None:
    """Put what holds at a revision into tables of this connection's own."""
    define_marks(connection, vocabulary)
    for statement in (*_TABLES, *_EMPTY):
        connection.execute(statement)
    for statement in _FILL:
        connection.execute(statement, {"at": at})


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many live entities and relations there are of each type."""
    rows = connection.execute(
        "SELECT name, n FROM (SELECT type, count(*) AS n FROM entity GROUP BY type"
        " UNION ALL SELECT type, count(*) FROM relation GROUP BY type) JOIN term ON code = type ORDER BY name"
    )
    return dict(rows)


def dated(
    connection: sqlite3.Connection, at: int | None
) -> tuple[list[tuple[int, str, str]], list[tuple[str, int, int, str, str]]]:
    """From when and to when what is marked as dated is valid."""
    value = {"dated": MARK_DATED, "at": at}
    entities = connection.execute(_DATED if at is None else _DATED_AT, value)
    relations = connection.execute(_DATED_RELATIONS if at is None else _DATED_RELATIONS_AT, value)
    return (
        sorted((k, *_validity(properties)) for k, properties in entities),
        sorted((type, subject, object, *_validity(properties)) for type, subject, object, properties in relations),
    )


def _validity(properties: str) -> tuple[str, str]:
    found = properties_from(properties)
    return str(found.get(VALID_FROM, "")), str(found.get(VALID_TO, ""))
