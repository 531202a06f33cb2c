"""Our own exchange format, in YAML or JSON: a list of entities with their properties and relations.

::

    entities:
      - id: web            # stands as given in every answer
        type: Service      # local name, or full IRI, of any class of the ontology
        name: Web shop
        dependsOn: [app-group, {to: mailer, strength: soft, validFrom: 2026-01-01}]
      - {id: app-group, type: RedundancyGroup, minimum: 1, hasMember: [app-1, app-2]}

Each id is stated once. What a file in this format refers to must be stated in it, in another file of the
same import, or in the graph already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import BYTE_ORDER_MARK, LocatedDict, LocatedList, content_of, line_of, yaml_items
from graphsms.ingest.jsontext import json_items, looks_like_json
from graphsms.ingest.large_text import blocks_of, is_large
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.packing import ORIGINS
from graphsms.ingest.reader import RawEntity, RawRelation, RawRelations, RawStatement
from graphsms.ingest.spilling import Spilled
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["ENTITIES", "ID", "TO", "TYPE", "ExchangeReader"]

ENTITIES: Final = "entities"
ID: Final = "id"
TYPE: Final = "type"
TO: Final = "to"

_IDS: Final = 50_000  # that are held at once
_HEAD_BYTES: Final = 1 << 16
_RESERVED: Final = frozenset({ID, TYPE})
_TEXT: Final = {str}
_HEAD: Final = re.compile(rb"""(?m)^(?:entities|"entities"|'entities')\s*:|\A\s*\{\s*"?entities"?\s*:""")


class ExchangeReader:
    """Reads the exchange format."""

    name = "exchange"
    foreign = False

    def recognizes(self, path: Path, head: bytes) -> bool:
        """YAML or JSON with the top-level key ``entities``."""
        return path.suffix.lower() in (".yaml", ".yml", ".json") and _HEAD.search(head) is not None

    def read(
        self,
        paths: Sequence[Path],
        vocabulary: Vocabulary,
        fault: Callable[[Fault], None],
        warn: Callable[[Fault], None],
    ) -> Iterator[RawStatement]:
        """The statements of the files in order; a file that cannot be parsed is one fault, and the next is read."""
        for one in self.bundled(paths, vocabulary, fault, warn):
            if isinstance(one, RawRelations):
                yield from one.apart()
            else:
                yield one

    def bundled(
        self,
        paths: Sequence[Path],
        vocabulary: Vocabulary,
        fault: Callable[[Fault], None],
        warn: Callable[[Fault], None],  # noqa: ARG002  # nothing in this format is merely doubtful
    ) -> Iterator[RawStatement | RawRelations]:
        """Likewise, the relations of one list together."""
        words = _Words(vocabulary)
        stated: Spilled[str, Origin] = Spilled(ORIGINS, _IDS)
        for path in paths:
            try:
                yield from _File(str(path), words, stated, fault).statements(path)
            except RejectedError as error:
                for one in error.faults:
                    fault(one)


class _Words:
    """What the keys of an entity mean."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.properties = {word: name for name, one in vocabulary.properties.items() for word in (name, one.iri)}
        self.relations = {word: name for name, one in vocabulary.relations.items() for word in (name, one.iri)}
        self._names = [*vocabulary.properties, *vocabulary.relations, ID, TYPE]
        self._unknown: dict[str, str] = {}

    def unknown(self, key: str) -> str:
        """What to say of a key that means nothing; a key that is in every entity is thought about once."""
        found = self._unknown.get(key)
        if found is None:
            hint = did_you_mean(key, self._names)
            found = self._unknown[key] = f"The ontology has no property or relation {key!r}.{hint}"
        return found


class _File:
    """One file being read."""

    def __init__(self, file: str, words: _Words, stated: Spilled[str, Origin], fault: Callable[[Fault], None]) -> None:
        self.file = file
        self.words = words
        self.stated = stated
        self._fault = fault

    def fault(self, line: int | None, subject: str, field: str, rule: str, message: str) -> None:
        self._fault(Fault(Origin(self.file, line), subject, field, rule, message))

    def statements(self, path: Path) -> Iterator[RawStatement | RawRelations]:
        begun = False
        for key, value, line in _items(path):
            if key != ENTITIES:
                hint = did_you_mean(key, [ENTITIES])
                self.fault(line, "", key, "unknown-key", f"The only top-level key is {ENTITIES!r}.{hint}")
            elif begun:
                yield from self.entity(value, line)
            elif value is not None and not isinstance(value, LocatedList):
                self.fault(line, "", key, "wrong-form", "What stands here must be a list of entities.")
            begun = begun or key == ENTITIES
        if not begun:
            self.fault(1, "", ENTITIES, "wrong-form", f"The top-level key {ENTITIES!r} is missing.")

    def entity(self, item: object, line: int) -> list[RawStatement | RawRelations]:
        """The entity that an item states, and its relations."""
        if not isinstance(item, dict):
            self.fault(line, "", "", "wrong-form", "An entity is a mapping with id, type, properties and relations.")
            return []
        id, type = item.get(ID), item.get(TYPE)
        if not _is_id(id):
            rule = "missing-id" if id is None or id == "" else "wrong-form"
            self.fault(line_of(item, ID) or line, "", ID, rule, "An entity has an id, which is text.")
            return []
        subject = str(id)
        origin = Origin(self.file, line)
        before = self.stated.setdefault(subject, origin)
        if before is not origin:
            where = f"line {before.line}" if before.file == self.file else str(before)
            self.fault(line, subject, ID, "duplicate-id", f"The id is stated already in {where}; put the two together.")
            return []
        properties, found = self.described(subject, item, origin)
        if isinstance(type, str) and type:
            return [RawEntity(subject, type, properties, origin), *found]
        message = "An entity has a type, the name of a class of the ontology."
        self.fault(line, subject, TYPE, "missing-type", message)
        return [*found]

    def described(
        self, subject: str, item: Mapping[str, object], origin: Origin
    ) -> tuple[dict[str, object], list[RawRelation | RawRelations]]:
        """What the keys of an entity say: its properties, and its relations."""
        located = isinstance(item, LocatedDict)
        properties: dict[str, object] = LocatedDict(item.line) if isinstance(item, LocatedDict) else {}
        relations: list[RawRelation | RawRelations] = []
        own, leading = self.words.properties, self.words.relations
        for key, value in item.items():
            name = own.get(key)
            if name is not None:
                if name in properties:
                    line = line_of(item, key) or origin.line
                    self.fault(line, subject, key, "duplicate-key", f"{name} is stated twice.")
                properties[name] = value
                if isinstance(properties, LocatedDict):
                    properties.lines[name] = line_of(item, key) or properties.line
                continue
            relation = leading.get(key)
            if relation is not None:
                at = Origin(self.file, line_of(item, key)) if located else origin
                if type(value) is list and {*map(type, value)} == _TEXT and "" not in value:
                    relations.append(RawRelations(relation, subject, value, at))
                elif type(value) is str and value:
                    relations.append(RawRelation(relation, subject, value, at))
                elif value is not None:
                    self.relations(subject, relation, value, at, relations)
            elif key not in _RESERVED:
                line = line_of(item, key) or origin.line
                self.fault(line, subject, key, "unknown-property", self.words.unknown(key))
        return properties, relations

    def relations(
        self, subject: str, relation: str, value: object, origin: Origin, found: list[RawRelation | RawRelations]
    ) -> None:
        """The relations that one key states, added to those found."""
        for number, target in enumerate(value if isinstance(value, list) else [value]):
            at = origin
            if isinstance(value, LocatedList) and value.lines[number] != origin.line:
                at = Origin(self.file, value.lines[number])
            if type(target) is str and target:
                found.append(RawRelation(relation, subject, target, at))
            elif isinstance(target, dict) and _is_id(target.get(TO)):
                said = {key: one for key, one in target.items() if key != TO}
                found.append(RawRelation(relation, subject, str(target[TO]), at, said))
            elif _is_id(target):
                found.append(RawRelation(relation, subject, str(target), at))
            else:
                message = f"A relation leads to an id, a list of ids, or {{{TO}: id, strength: soft, …}}."
                self.fault(at.line, subject, relation, "wrong-form", message)


def _items(path: Path) -> Iterator[tuple[str, object, int]]:
    """What stands in a file, the entities one by one."""
    if not is_large(path):
        content = content_of(path)
        yield from (json_items if looks_like_json(content) else yaml_items)(content, str(path), ENTITIES)
        return
    with path.open("rb") as opened:
        if looks_like_json(opened.read(_HEAD_BYTES).removeprefix(BYTE_ORDER_MARK)):
            yield from json_items(blocks_of(path), str(path), ENTITIES)
        else:
            opened.seek(0)
            yield from yaml_items(opened, str(path), ENTITIES)


def _is_id(value: object) -> bool:
    return (isinstance(value, str) and value != "") or (isinstance(value, int) and not isinstance(value, bool))
