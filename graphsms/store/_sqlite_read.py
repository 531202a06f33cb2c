"""How a `SqliteStore` is read: entities and relations now and as of a revision, search, and what revisions did.

Every function is given a connection in a transaction, so that all that it reads is of one revision.
"""

# Queries are composed of the constants of this module alone; every value is bound.
# ruff: noqa: S608

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final, TypeAlias, TypeVar

from graphsms.errors import CorruptError, InputError
from graphsms.model import Entity, Relation, RelationKey, Revision, Touched
from graphsms.store.journal import EMPTY, properties_from, recorded, statements_from
from graphsms.vocabulary import Vocabulary

__all__ = [
    "ENTITY",
    "NAMED_RELATION",
    "RELATION",
    "as_entities",
    "as_relations",
    "by_keys",
    "entities",
    "entity",
    "having",
    "keys",
    "present",
    "relations",
    "require_revision",
    "revision_at",
    "revisions",
    "touched",
    "want",
    "want_types",
]

_EntityRow: TypeAlias = tuple[str, int, str, int, str | None]  # id, type, properties, source, stated
# subject, type, object, properties, source, stated
_RelationRow: TypeAlias = tuple[str | None, int, str | None, str, int, str | None]

_Item = TypeVar("_Item", Entity, Relation)
_Name = TypeVar("_Name", str, str | None)

ENTITY: Final = "id, type, properties, source, stated"
# Ends that have been removed since are named by the history.
_ENDS: Final = """
    coalesce((SELECT id FROM entity WHERE k = subject), (SELECT id FROM entity_h WHERE k = subject LIMIT 1)) AS s,
    type, coalesce((SELECT id FROM entity WHERE k = object), (SELECT id FROM entity_h WHERE k = object LIMIT 1)) AS o
"""
RELATION: Final = "type, subject, object, properties, source, stated"
NAMED_RELATION: Final = f"{_ENDS}, properties, source, stated"
_BY_KEY: Final = "ORDER BY s, (SELECT name FROM term WHERE code = type), o"
# Walks along the index of ids, so that only the relations of one subject at a time are sorted.
_ALL_RELATIONS: Final = """
SELECT s.id, r.type, o.id, r.properties, r.source, r.stated
FROM entity AS s CROSS JOIN relation AS r ON r.subject = s.k CROSS JOIN entity AS o ON o.k = r.object
ORDER BY s.id, (SELECT name FROM term WHERE code = r.type), o.id
"""
_REVISION: Final = "SELECT number, time, actor, reason, request, source, created, changed, removed, hash FROM revision"


# --------------------------------------------------------------------------------------- revisions


def present(connection: sqlite3.Connection) -> Revision:
    """The present revision."""
    row = connection.execute(f"{_REVISION} ORDER BY number DESC LIMIT 1").fetchone()
    return EMPTY if row is None else Revision(*row)


def require_revision(connection: sqlite3.Connection, at: int | None) -> None:
    """Refuse a revision that the store does not have."""
    if at is not None and not 0 <= at <= present(connection).number:
        raise InputError(f"There is no revision {at}; the present one is {present(connection).number}.")


def revisions(connection: sqlite3.Connection, since: int) -> Iterator[Revision]:
    """Those after a revision, in order."""
    for row in connection.execute(f"{_REVISION} WHERE number > ? ORDER BY number", (since,)):
        yield Revision(*row)


def revision_at(connection: sqlite3.Connection, time: str) -> Revision:
    """The revision that was present at a moment."""
    row = connection.execute(f"{_REVISION} WHERE time <= ? ORDER BY number DESC LIMIT 1", (recorded(time),)).fetchone()
    return EMPTY if row is None else Revision(*row)


# ---------------------------------------------------------------------------------------- entities


def entity(connection: sqlite3.Connection, id: str, at: int | None) -> Entity | None:
    """The entity with that id."""
    query = _query("entity", ENTITY, ["id = :id"], at)
    row = connection.execute(query, {"id": id, "at": at}).fetchone()
    return None if row is None else next(as_entities(connection, [row]))


def entities(
    connection: sqlite3.Connection, vocabulary: Vocabulary, ids: Iterable[str] | None, type: str | None, at: int | None
) -> Iterator[Entity]:
    """Entities in order of their ids."""
    only = []
    if ids is not None:
        want(connection, "wanted", ids)
        only.append("k IN (SELECT k FROM temp.wanted)")
    if type is not None:
        want_types(connection, vocabulary, type)
        only.append("type IN (SELECT code FROM temp.wanted_type)")
    rows = connection.execute(f"{_query('entity', ENTITY, only, at)} ORDER BY id", {"at": at})
    yield from as_entities(connection, rows)


def having(connection: sqlite3.Connection, property: str) -> Iterator[Entity]:
    """Entities that have a property, in order of their ids; every row is looked at, few are read."""
    query = f"SELECT {ENTITY} FROM entity WHERE instr(properties, :key) ORDER BY +id"
    for one in as_entities(connection, connection.execute(query, {"key": f'"{property}":'})):
        if property in one.properties:
            yield one


def keys(connection: sqlite3.Connection, ids: Iterable[str], at: int | None) -> list[int | None]:
    """The keys of entities, in the order of ids."""
    find = _query("entity", "k", ["id = :id"], at)
    rows = (connection.execute(find, {"id": id, "at": at}).fetchone() for id in ids)
    return [None if row is None else int(row[0]) for row in rows]


def by_keys(connection: sqlite3.Connection, keys: Iterable[int], at: int | None) -> Iterator[tuple[int, Entity]]:
    """Entities by their keys, ascending."""
    _empty(connection, "wanted", "k")
    connection.executemany("INSERT OR IGNORE INTO temp.wanted VALUES (?)", ((int(k),) for k in keys))
    query = f"{_query('entity', f'{ENTITY}, k', ['k IN (SELECT k FROM temp.wanted)'], at)} ORDER BY k"
    names, sources = _names(connection)
    for id, type, properties, source, stated, k in connection.execute(query, {"at": at}):
        yield k, Entity(id, names[type], properties_from(properties), sources[source], statements_from(stated))


def as_entities(connection: sqlite3.Connection, rows: Iterable[_EntityRow]) -> Iterator[Entity]:
    """Entities of rows of id, type, properties, source and what each source says."""
    names, sources = _names(connection)
    for id, type, properties, source, stated in rows:
        yield Entity(id, names[type], properties_from(properties), sources[source], statements_from(stated))


# --------------------------------------------------------------------------------------- relations


def relations(
    connection: sqlite3.Connection,
    subjects: Iterable[str] | None,
    objects: Iterable[str] | None,
    type: str | None,
    at: int | None,
) -> Iterator[Relation]:
    """Relations in order of their keys."""
    if subjects is None and objects is None and type is None and at is None:
        yield from as_relations(connection, connection.execute(_ALL_RELATIONS))
        return
    ends = []
    if subjects is not None:
        want(connection, "wanted_subject", subjects)
        ends.append("subject IN (SELECT k FROM temp.wanted_subject)")
    if objects is not None:
        want(connection, "wanted_object", objects)
        ends.append("object IN (SELECT k FROM temp.wanted_object)")
    only = [f"({' OR '.join(ends)})"] if ends else []
    if type is not None:
        only.append("type = (SELECT code FROM term WHERE name = :type)")
    query = f"SELECT {NAMED_RELATION} FROM ({_query('relation', RELATION, only, at)}) {_BY_KEY}"
    rows = connection.execute(query, {"at": at, "type": type})
    yield from as_relations(connection, rows)


def as_relations(connection: sqlite3.Connection, rows: Iterable[_RelationRow]) -> Iterator[Relation]:
    """Relations of rows of subject, type, object, properties, source and what each source says."""
    names, sources = _names(connection)
    for subject, type, object, properties, source, stated in rows:
        if subject is None or object is None:
            raise CorruptError("The store holds a relation without one of its ends: restore it from a backup.")
        said = statements_from(stated)
        yield Relation(names[type], subject, object, properties_from(properties), sources[source], said)


# ----------------------------------------------------------------------------------------- history


def touched(connection: sqlite3.Connection, since: int, until: int) -> Iterator[Touched]:
    """What the revisions after ``since`` up to ``until`` did."""
    for number in range(since + 1, until + 1):
        # What the first revision made is not in the index by revision; see _sqlite_tables.
        live = "rev = :r" if number == 1 else "rev = :r AND rev > 1"
        value = {"r": number}
        before = as_entities(
            connection,
            connection.execute(f"SELECT {ENTITY} FROM entity_h WHERE rev_to = :r ORDER BY id", value),
        )
        after = as_entities(
            connection,
            connection.execute(
                f"SELECT {ENTITY} FROM entity WHERE {live}"
                f" UNION ALL SELECT {ENTITY} FROM entity_h WHERE rev_from = :r ORDER BY id",
                value,
            ),
        )
        yield from _paired(number, before, after, attrgetter("id"))
        from_history = f"SELECT {NAMED_RELATION} FROM relation_h WHERE"
        former = as_relations(connection, connection.execute(f"{from_history} rev_to = :r {_BY_KEY}", value))
        latter = as_relations(
            connection,
            connection.execute(
                f"SELECT {NAMED_RELATION} FROM (SELECT {RELATION} FROM relation WHERE {live}"
                f" UNION ALL SELECT {RELATION} FROM relation_h WHERE rev_from = :r) {_BY_KEY}",
                value,
            ),
        )
        yield from _paired(number, former, latter, attrgetter("key"))


def _paired(
    number: int, before: Iterator[_Item], after: Iterator[_Item], key: Callable[[_Item], str | RelationKey]
) -> Iterator[Touched]:
    """Two runs in the same order, merged; what stands in both has been changed."""
    was, now = next(before, None), next(after, None)
    while was is not None or now is not None:
        if now is None or (was is not None and key(was) < key(now)):  # type: ignore[operator]  # of one kind
            yield Touched(number, was, None)
            was = next(before, None)
        elif was is None or key(now) < key(was):  # type: ignore[operator]  # of one kind
            yield Touched(number, None, now)
            now = next(after, None)
        else:
            yield Touched(number, was, now)
            was, now = next(before, None), next(after, None)


# ----------------------------------------------------------------------------------------- helpers


def _query(table: str, columns: str, only: Sequence[str], at: int | None) -> str:
    """Live rows, or as of a revision those and what the history holds; plus signs keep to the indexes of ``only``."""
    where = " AND ".join(only) if only else "1"
    live = f"SELECT {columns} FROM {table} WHERE {where}"
    if at is None:
        return live
    former = f"SELECT {columns} FROM {table}_h WHERE {where} AND +rev_from <= :at AND :at < +rev_to"
    return f"{live} AND +rev <= :at UNION ALL {former}"


class _Names(dict[int, _Name]):
    """Names by their codes; a code that has none can only come of damage."""

    def __missing__(self, code: int) -> _Name:
        raise CorruptError(f"The store holds something of a kind ({code}) that has no name: restore it from a backup.")


def _names(connection: sqlite3.Connection) -> tuple[_Names[str], _Names[str | None]]:
    """Terms and sources by their codes."""
    names = _Names[str](connection.execute("SELECT code, name FROM term"))
    sources = _Names[str | None](connection.execute("SELECT code, name FROM source"))
    sources[0] = None
    return names, sources


def _empty(connection: sqlite3.Connection, table: str, column: str) -> None:
    """A table of this connection's own, for what a query is to be about."""
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({column} INTEGER PRIMARY KEY)")
    connection.execute(f"DELETE FROM temp.{table}")


def want(connection: sqlite3.Connection, table: str, ids: Iterable[str]) -> None:
    """Fill a table of keys with all that ids have ever had; only one of an id's holds at any revision."""
    _empty(connection, table, "k")
    insert = f"""
        INSERT OR IGNORE INTO temp.{table}
        SELECT k FROM entity WHERE id = :id UNION ALL SELECT k FROM entity_h WHERE id = :id
    """
    connection.executemany(insert, ({"id": id} for id in ids))


def want_types(connection: sqlite3.Connection, vocabulary: Vocabulary, type: str) -> None:
    """Fill a table of codes with a type and its subclasses."""
    _empty(connection, "wanted_type", "code")
    insert = "INSERT OR IGNORE INTO temp.wanted_type SELECT code FROM term WHERE name = ?"
    connection.executemany(insert, ((name,) for name in vocabulary.subtypes.get(type, (type,))))
