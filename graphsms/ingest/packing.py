"""What stands in temporary files while an import is made: statements and things as plain tuples, and back."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from graphsms.ingest.spill_file import Codec
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


def _pack_entity(one: _StatedEntity) -> object:
    type, properties, origin = one
    return type, _plain(properties), _place(origin)


def _unpack_entity(said: Any) -> _StatedEntity:
    type, properties, place = said
    return type, properties, _origin(place)


def _pack_relation(one: _StatedRelation) -> object:
    properties, origin, object_type, subject_type = one
    return _plain(properties), _place(origin), object_type, subject_type


def _unpack_relation(said: Any) -> _StatedRelation:
    properties, place, object_type, subject_type = said
    return properties, _origin(place), object_type, subject_type


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
    return one[0], _pack_relation(one[1])


def _unpack_mention(said: Any) -> tuple[RelationKey, _StatedRelation]:
    return said[0], _unpack_relation(said[1])


# Statements as `graphsms.ingest.check.Stated` has them.
ENTITIES: Final[Codec[_StatedEntity]] = (_pack_entity, _unpack_entity)
RELATIONS: Final[Codec[_StatedRelation]] = (_pack_relation, _unpack_relation)
# A relation with its key.
MENTIONS: Final[Codec[tuple[RelationKey, _StatedRelation]]] = (_pack_mention, _unpack_mention)
# Entities and relations of the graph; and such before and after.
THINGS: Final[Codec[Any]] = (_pack_thing, _unpack_thing)
CHANGES: Final[Codec[Any]] = (_pack_change, _unpack_change)
ORIGINS: Final[Codec[Origin]] = (_place, _origin)
