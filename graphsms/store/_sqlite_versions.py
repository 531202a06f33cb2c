"""The versions of one entity in a `SqliteStore`, and its rows counted by their revisions."""

# Queries are composed of the constants of this module and of _sqlite_read alone; every value is bound.
# ruff: noqa: S608

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Final

from graphsms.store import MARK_NOT_LIVE
from graphsms.store import _sqlite_read as read
from graphsms.store._sqlite_marks import marks_fit
from graphsms.store._sqlite_stream import counts
from graphsms.store.journal import properties_from
from graphsms.store.marks import entity_marks, not_live, relation_marks
from graphsms.store.versions import Census, Version
from graphsms.vocabulary import LIFECYCLE, PLACEHOLDER, STRENGTH, VALID_FROM, VALID_TO, Vocabulary

__all__ = ["census", "versions_of"]

_ENTITIES: Final = f"""
SELECT {read.ENTITY}, rev, NULL FROM entity WHERE id = :id
UNION ALL SELECT {read.ENTITY}, rev_from, rev_to FROM entity_h WHERE id = :id
"""
_OF_IT: Final = "subject IN (SELECT k FROM temp.wanted) OR object IN (SELECT k FROM temp.wanted)"
_RELATIONS: Final = f"""
SELECT {read.NAMED_RELATION}, begins, ends FROM (
    SELECT {read.RELATION}, rev AS begins, NULL AS ends FROM relation WHERE {_OF_IT}
    UNION ALL SELECT {read.RELATION}, rev_from, rev_to FROM relation_h WHERE {_OF_IT}
)
"""
# The marks of an entity come of these properties, and those of a relation.
_MARKING: Final = {
    "entity": (PLACEHOLDER, LIFECYCLE, VALID_FROM, VALID_TO),
    "relation": (STRENGTH, VALID_FROM, VALID_TO),
}


def versions_of(connection: sqlite3.Connection, id: str) -> Iterator[Version]:
    """Those of an entity, and of all relations that it ever was an end of."""
    for row in connection.execute(_ENTITIES, {"id": id}).fetchall():
        yield Version(next(read.as_entities(connection, [row[:-2]])), row[-2], row[-1])
    read.want(connection, "wanted", [id])
    rows = connection.execute(_RELATIONS).fetchall()
    relations = read.as_relations(connection, (row[:-2] for row in rows))
    for relation, row in zip(relations, rows, strict=True):
        yield Version(relation, row[-2], row[-1])


def census(connection: sqlite3.Connection, vocabulary: Vocabulary) -> Census:
    """How many rows begin and end with each revision, and which marks are not those of their properties."""
    begun: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    faults: list[tuple[int, str]] = []
    for table in _MARKING:
        for column, source, counter in (
            ("rev", table, begun),
            ("rev_from", f"{table}_h", begun),
            ("rev_to", f"{table}_h", ended),
        ):
            for number, count in connection.execute(f"SELECT {column}, count(*) FROM {source} GROUP BY {column}"):
                if isinstance(number, int):
                    counter[number] += count
                else:
                    faults.append((0, f"{count} of the rows in {source} have no revision, but {number!r}."))
    first: dict[int, str] = {}  # of each revision, so that it is not all rows where all are wrong
    for number, fault in _wrong_marks(connection, vocabulary):
        first.setdefault(number, fault)
    faults += first.items()
    return Census(read.present(connection), sum(counts(connection).values()), begun, ended, tuple(faults))


def _wrong_marks(connection: sqlite3.Connection, vocabulary: Vocabulary) -> Iterator[tuple[int, str]]:
    codes = not_live(vocabulary)
    # Under another ontology they are made anew by the next writer, and readers do not rely on them.
    ignored = 0 if marks_fit(connection, vocabulary) else MARK_NOT_LIVE
    for table, names in _MARKING.items():
        said = " OR ".join("instr(properties, ?)" for _ in names)
        for source, since in ((table, "rev"), (f"{table}_h", "rev_from")):
            which = "id" if table == "entity" else "(SELECT id FROM entity WHERE k = subject)"
            query = f"SELECT {which}, properties, marks, {since} FROM {source} WHERE marks <> 0 OR {said}"
            for which, text, marks, number in connection.execute(query, [f'"{name}"' for name in names]):
                properties = properties_from(text)
                made = entity_marks(properties, codes) if table == "entity" else relation_marks(properties)
                if not isinstance(marks, int) or (marks ^ made) & ~ignored:
                    what = f"of {which!r}" if table == "entity" else f"of a relation from {which!r}"
                    yield number, f"The marks {what} are not those of its properties: they were edited."
