"""How a `SqliteStore` finds entities by a part of their id or name, and guesses which id was meant.

The text is first looked for where SQLite can do it by itself, which ignores the case of ASCII letters only;
what passes, and whatever holds other letters, is then compared by Unicode's case folding.
"""

# Queries are composed of the constants of this module alone; every value is bound.
# ruff: noqa: S608

from __future__ import annotations

import sqlite3
from typing import Final

from graphsms.model import Entity
from graphsms.store._sqlite_read import as_entities, want_types
from graphsms.store.journal import canonical_json, properties_from
from graphsms.vocabulary import NAME, Vocabulary

__all__ = ["find", "nearest_ids"]

_LONGEST_PATTERN: Final = 1_000  # characters; SQLite takes patterns of up to 50,000 bytes
_CANDIDATES: Final = 2_000  # ids that are compared with the one given letter by letter
_SAMPLE: Final = 4_096  # entities by which it is guessed whether many hold a text

# What LIKE finds by itself where the text is ASCII, and what may hold such text by case folding, as ß holds ss.
_BEYOND_ASCII: Final = "length({0}) <> length(CAST({0} AS BLOB))"
_ID_BEYOND: Final = _BEYOND_ASCII.format("id")
_ANY_BEYOND: Final = f"({_ID_BEYOND} OR {_BEYOND_ASCII.format('properties')})"
_ID_LIKE: Final = f"(id LIKE :id ESCAPE '\\' OR {_ID_BEYOND})"
_ANY_LIKE: Final = f"(id LIKE :id ESCAPE '\\' OR properties LIKE :stored ESCAPE '\\' OR {_ANY_BEYOND})"
_ROWS: Final = "SELECT id, type, properties, source, stated FROM entity WHERE"
_PIECE: Final = "(id LIKE :piece{:d} ESCAPE '\\')"
_NEAR: Final = """
SELECT id FROM (SELECT id, {} AS likeness FROM entity) WHERE likeness > 0
ORDER BY likeness DESC, abs(length(id) - :length), id LIMIT :limit
"""


def find(
    connection: sqlite3.Connection, vocabulary: Vocabulary, text: str, type: str | None, limit: int
) -> list[Entity]:
    """Entities whose id or name contains the text, whatever its case."""
    folded = text.casefold()

    def is_it(id: str) -> bool:
        return id.casefold() == folded

    def holds(id: str, properties: str) -> bool:
        own = id.casefold()
        if own == folded:
            return False  # found by `is_it`
        return folded in own or folded in str(properties_from(properties).get(NAME, "")).casefold()

    connection.create_function("is_it", 1, is_it, deterministic=True)
    connection.create_function("holds", 2, holds, deterministic=True)
    typed = ""
    if type is not None:
        want_types(connection, vocabulary, type)
        typed = "AND type IN (SELECT code FROM temp.wanted_type)"
    values: dict[str, object] = {}
    if not folded.isascii():
        the_id, its_text = _ID_BEYOND, _ANY_BEYOND
    elif len(text) > _LONGEST_PATTERN:
        the_id = its_text = "1"
    else:
        the_id, its_text = _ID_LIKE, _ANY_LIKE
        in_json = canonical_json({"": folded})[len('{"":"') : -len('"}')]
        values = {"id": _pattern(folded), "stored": _pattern(in_json)}
    rows = connection.execute(f"{_ROWS} {the_id} AND is_it(id) {typed}", values).fetchall()
    rows = sorted(rows, key=lambda row: (row[0] != text, row[0]))[:limit]
    # What many hold is found soonest in order of ids, where one need not look at all; other things in that of rows.
    sample = f"SELECT count(*) FROM entity WHERE k <= {_SAMPLE:d} AND {its_text}"
    (common,) = connection.execute(sample, values).fetchone()
    order = "id" if common > _SAMPLE // 100 else "+id"
    others = f"{_ROWS} {its_text} AND holds(id, properties) {typed} ORDER BY {order} LIMIT :limit"
    rows += connection.execute(others, values | {"limit": limit - len(rows)})
    return list(as_entities(connection, rows))


def nearest_ids(connection: sqlite3.Connection, id: str, limit: int) -> list[str]:
    """Live ids that are most like the one given, nearest first; at most so many, and none that is unlike."""
    from graphsms.store.likeness import most_alike, pieces  # slow to import, and seldom wanted

    if not id:
        return []
    parts = list(enumerate(pieces(id)))
    likeness = " + ".join(_PIECE.format(number) for number, _ in parts)
    values: dict[str, object] = {f"piece{number}": _pattern(part) for number, part in parts}
    values |= {"length": len(id), "limit": _CANDIDATES}
    return most_alike(id, (candidate for (candidate,) in connection.execute(_NEAR.format(likeness), values)), limit)


def _pattern(text: str) -> str:
    """A pattern of LIKE for what contains the text."""
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    return f"%{text}%"
