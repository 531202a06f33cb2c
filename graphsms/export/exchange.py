"""Our own exchange format, written so that the same graph is always the same bytes.

An entity is one item: id, type and name first, then its other properties, then its relations, each in
alphabetical order. What is written is read back as it was, and written again is identical.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from graphsms.export.content import Content
from graphsms.ingest.exchange import ENTITIES, ID, TO, TYPE
from graphsms.model import Entity, Relation, Scalar, Value
from graphsms.vocabulary import NAME, Vocabulary

__all__ = ["json_lines", "yaml_lines"]

_Target: TypeAlias = str | dict[str, Value]
_Item: TypeAlias = dict[str, Value | list[_Target]]

# What any reader of YAML 1.1 or 1.2 takes for the text that it is, also within brackets.
_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w./@+-]|:(?=\w))*(?: (?:[\w./@+-]|:(?=\w))+)*")
_NOT_TEXT: Final = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
# Characters that must be escaped between double quotes, beside those that JSON escapes.
_ESCAPED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_UNQUOTED: Final = frozenset({"date", "dateTime"})
_WIDTH: Final = 100


def json_lines(content: Content) -> Iterator[str]:
    """The exchange format in JSON, one entity a line."""
    yield f'{{"{ENTITIES}": ['
    separator = "\n"
    for entity, relations in content.by_subject():
        item = _item(entity, relations)
        yield separator + json.dumps(item, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def yaml_lines(content: Content) -> Iterator[str]:
    """The exchange format in YAML."""
    empty = True
    for entity, relations in content.by_subject():
        yield f"{ENTITIES}:\n" if empty else ""
        empty = False
        yield from _yaml(_item(entity, relations), content.vocabulary)
    if empty:
        yield f"{ENTITIES}: []\n"


def _item(entity: Entity, relations: Iterable[Relation]) -> _Item:
    item: _Item = {ID: entity.id, TYPE: entity.type}
    if NAME in entity.properties:
        item[NAME] = entity.properties[NAME]
    item.update((name, entity.properties[name]) for name in sorted(entity.properties) if name != NAME)
    targets: dict[str, list[_Target]] = {}
    for relation in relations:
        said = {name: relation.properties[name] for name in sorted(relation.properties)}
        targets.setdefault(relation.type, []).append({TO: relation.object, **said} if said else relation.object)
    for type in sorted(targets):
        item[type] = targets[type]
    return item


def _yaml(item: _Item, vocabulary: Vocabulary) -> Iterator[str]:
    start = "- "
    for key, value in item.items():
        lead = f"{start}{key}:"
        start = "  "
        if not isinstance(value, list | tuple):
            yield f"{lead} {_scalar(key, value, vocabulary)}\n"
            continue
        shown = [_mapping(one, vocabulary) if isinstance(one, dict) else _scalar(key, one, vocabulary) for one in value]
        line = f"{lead} [{', '.join(shown)}]\n"
        if len(line) <= _WIDTH:
            yield line
        else:
            yield f"{lead}\n"
            yield from (f"  - {one}\n" for one in shown)


def _mapping(target: dict[str, Value], vocabulary: Vocabulary) -> str:
    said = []
    for key, value in target.items():
        if isinstance(value, tuple):
            said.append(f"{key}: [{', '.join(_scalar(key, one, vocabulary) for one in value)}]")
        else:
            said.append(f"{key}: {_scalar(key, value, vocabulary)}")
    return f"{{{', '.join(said)}}}"


def _scalar(key: str, value: Scalar, vocabulary: Vocabulary) -> str:
    if isinstance(value, str):
        property = vocabulary.properties.get(key)
        if property is not None and property.datatype in _UNQUOTED:
            return value
        if _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
            return value
        return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    return json.dumps(value)
