"""What stands in temporary files while an import is made: statements and things as plain tuples, and back."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from graphsms.ingest.spill_file import Codec, ItemCodec, keyed, packed, unpacked
from graphsms.model import Entity, Origin, Relation, RelationKey, Statement, Value

__all__ = ["CHANGES", "ENTITIES", "MENTIONS", "ORIGINS", "RELATIONS", "THINGS"]

# Type, properties, where; and properties, where, what its ends may be (`graphsms.ingest.check`).
_StatedEntity = tuple[str, dict[str, Value], Origin]
_StatedRelation = tuple[Mapping[str, Value], Origin, str | None, str | None]
_Thing = Entity | Relation
_LINES: Final = 1_000


def _place(origin: Origin) -> tuple[str, int | None] | bytes:
    """Where something stands; readers may know more than the line."""
    return (origin.file, origin.line) if type(origin) is Origin else pickle.dumps(origin)


def _origin(place: Any) -> Origin:
    if type(place) is bytes:
        found: Origin = pickle.loads(place)  # noqa: S301 - our own file, without a name
        return found
    return _at(*place)


_at = lru_cache(_LINES)(Origin)  # an entity and its relations often stand in one line


def _plain(properties: Mapping[str, Value]) -> dict[str, Value]:
    return properties if type(properties) is dict else dict(properties)


def _pack_entity(id: str, one: _StatedEntity) -> bytes:
    type_, properties, origin = one
    file, line = (origin.file, origin.line) if type(origin) is Origin else (pickle.dumps(origin), None)
    return packed((id, type_, _plain(properties), file, line))


def _unpack_entity(data: bytes) -> tuple[str, _StatedEntity]:
    id, type_, properties, file, line = unpacked(data)
    return id, (type_, properties, _at(file, line) if type(file) is str else pickle.loads(file))  # noqa: S301


def _pack_relation(key: RelationKey, one: _StatedRelation) -> bytes:
    subject, name, object = key
    properties, origin, object_type, subject_type = one
    file, line = (origin.file, origin.line) if type(origin) is Origin else (pickle.dumps(origin), None)
    return packed((subject, name, object, _plain(properties), file, line, object_type, subject_type))


def _unpack_relation(data: bytes) -> tuple[RelationKey, _StatedRelation]:
    subject, name, object, properties, file, line, object_type, subject_type = unpacked(data)
    origin = _at(file, line) if type(file) is str else pickle.loads(file)  # noqa: S301 - our own file, without a name
    return (subject, name, object), (properties, origin, object_type, subject_type)


def _pack_entities(ids: Sequence[str], values: Sequence[_StatedEntity]) -> bytes:
    rows = [(type_, _plain(properties), _place(origin)) for type_, properties, origin in values]
    return packed((list(ids), rows))


def _unpack_entities(data: bytes) -> tuple[list[str], list[_StatedEntity]]:
    ids, rows = unpacked(data)
    return ids, [(type_, properties, _origin(place)) for type_, properties, place in rows]


# What relations say is mostly what their neighbours say, and then often one object: it is kept once.
def _pack_relations(keys: Sequence[RelationKey], values: Sequence[_StatedRelation]) -> bytes:
    numbers: dict[int, int] = {}
    which = [numbers.setdefault(id(one), len(numbers)) for one in values]
    different = dict(zip(which, values, strict=True))
    rows = [
        (_plain(properties), _place(origin), object_type, subject_type)
        for properties, origin, object_type, subject_type in different.values()
    ]
    return packed((list(keys), which, rows))


def _unpack_relations(data: bytes) -> tuple[list[RelationKey], list[_StatedRelation]]:
    keys, which, rows = unpacked(data)
    values = [
        (properties, _origin(place), object_type, subject_type) for properties, place, object_type, subject_type in rows
    ]
    return keys, [values[number] for number in which]


def _pack_thing(one: _Thing) -> object:
    stated = [(source, said.type, _plain(said.properties)) for source, said in one.stated.items()]
    if isinstance(one, Entity):
        return one.id, one.type, _plain(one.properties), one.source, stated
    return one.type, one.subject, one.object, _plain(one.properties), one.source, stated


def _unpack_thing(said: Any) -> _Thing:
    by_source = {source: Statement(type, properties) for source, type, properties in said[-1]}
    if len(said) == 5:
        id, type, properties, source, _ = said
        return Entity(id, type, properties, source, by_source)
    type, subject, object, properties, source, _ = said
    return Relation(type, subject, object, properties, source, by_source)


def _pack_change(one: tuple[_Thing | None, _Thing | None]) -> object:
    return [None if thing is None else _pack_thing(thing) for thing in one]


def _unpack_change(said: Any) -> tuple[_Thing | None, _Thing | None]:
    before, after = (None if thing is None else _unpack_thing(thing) for thing in said)
    return before, after


def _pack_mention(one: tuple[RelationKey, _StatedRelation]) -> object:
    return _pack_relation(*one)


def _unpack_mention(said: Any) -> tuple[RelationKey, _StatedRelation]:
    return _unpack_relation(said)


# Statements as `graphsms.ingest.check.Stated` has them.
ENTITIES: Final[ItemCodec[str, _StatedEntity]] = ItemCodec(
    _pack_entity, _unpack_entity, _pack_entities, _unpack_entities
)
RELATIONS: Final[ItemCodec[RelationKey, _StatedRelation]] = ItemCodec(
    _pack_relation, _unpack_relation, _pack_relations, _unpack_relations
)
# A relation with its key.
MENTIONS: Final[Codec[tuple[RelationKey, _StatedRelation]]] = (_pack_mention, _unpack_mention)
# Entities and relations of the graph; and such before and after.
THINGS: Final[ItemCodec[Any, Any]] = keyed((_pack_thing, _unpack_thing))
CHANGES: Final[Codec[Any]] = (_pack_change, _unpack_change)
ORIGINS: Final[ItemCodec[str, Origin]] = keyed((_place, _origin))
