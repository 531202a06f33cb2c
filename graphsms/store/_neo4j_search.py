"""How entities are found in a Neo4j database by a part of their id or name, and which id may have been meant.

The server compares in lower case, which for nearly all characters is what Unicode's case folding
makes of them. What holds one of the few others, such as ß, is compared here.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Final

from graphsms.model import Entity
from graphsms.store._neo4j_names import ENTITY
from graphsms.store._neo4j_read import AsOf
from graphsms.store.likeness import most_alike, pieces, rank
from graphsms.vocabulary import NAME

__all__ = ["find", "nearest_ids"]

_CANDIDATES: Final = 2_000  # ids that are compared with the one given letter by letter

_NAME: Final = f"coalesce(toString(n.`{NAME}`), '')"
_HOLDS: Final = f"(toLower(n.id) CONTAINS $folded OR toLower({_NAME}) CONTAINS $folded)"
_FOUND: Final = f"RETURN n.id, {_NAME}"
_RANKED: Final = f"{_FOUND} ORDER BY n.id <> $text, toLower(n.id) <> $folded, n.id LIMIT $limit"
_NEAR: Final = f"""
MATCH (n:{ENTITY}) WHERE n._from <= $at
WITH n.id AS id, size([piece IN $pieces WHERE toLower(n.id) CONTAINS piece]) AS likeness
WHERE likeness > 0
RETURN id ORDER BY likeness DESC, abs(size(id) - $length), id LIMIT {_CANDIDATES:d}
"""


def find(graph: AsOf, text: str, types: list[str] | None, limit: int) -> list[Entity]:
    """Entities whose id or name contains the text, whatever its case."""
    only = f"MATCH (n:{ENTITY}) WHERE n._from <= $at"
    if types is not None:
        labels = "|".join(graph.names.quoted(type) for type in types if type in graph.names.types)
        if not labels:
            return []
        only = f"{only} AND n:({labels})"
    values = {"at": graph.at, "text": text, "folded": text.casefold(), "limit": limit}
    rows = chain(
        graph.server.read(f"{only} AND {_HOLDS} {_RANKED}", **values),
        graph.server.read(f"{only} AND {_may_hold()} {_FOUND}", **values),
    )
    ranked = {(place, id) for id, name in rows if (place := rank(text, id, name)) is not None}
    ids = [id for _, id in sorted(ranked)[:limit]]
    found = {entity.id: entity for entity in graph.entities(ids)}
    return [found[id] for id in ids if id in found]


def nearest_ids(graph: AsOf, id: str, limit: int) -> list[str]:
    """Ids that are most like the one given, nearest first."""
    if not id:
        return []
    wanted = [piece.lower() for piece in pieces(id)]
    candidates = graph.server.column(_NEAR, at=graph.at, pieces=wanted, length=len(id))
    return most_alike(id, candidates, limit)


@cache
def _may_hold() -> str:
    """The condition that id or name has a character of which folding makes something else than lower case does.

    The server compiles a literal once and a parameter for every node; ranges, and a look at whether there is
    anything beyond ASCII at all, make it ten times faster than a list of the characters.
    """
    ranges: list[list[int]] = []
    for code in range(128, 0x20000):  # no script beyond has two cases
        if not 0xD800 <= code < 0xE000 and chr(code).casefold() != chr(code).lower():
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    special = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)  # no quote or backslash among them
    either = "({0} =~ '(?s)[\\\\x00-\\\\x7f]*+.+' AND {0} =~ '(?s).*[" + special + "].*')"
    return f"({either.format('n.id')} OR {either.format(_NAME)})"
