"""Backstage's catalog: ``catalog-info.yaml`` and whatever else holds entities of ``backstage.io``.

Ids are Backstage's own references, ``component:default/web``. How its kinds, fields and lifecycles become
our types, relations and properties stands in ``mappings/backstage.yaml``; other kinds are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphsms.ingest.documents import LocatedDict, LocatedList, line_of
from graphsms.ingest.foreign import Documents, at, deep_link, mapping, passed_over, text, texts
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["BackstageReader"]

_API: Final = re.compile(rb"""(?m)(?:^|[{,])\s*["']?apiVersion["']?\s*:\s*["']?[\w.-]*backstage\.io/""")
_REFERENCE: Final = re.compile(r"(?:(?P<kind>[^:/\s]+):)?(?:(?P<namespace>[^:/\s]+)/)?(?P<name>[^:/\s]+)")

Take = Callable[[Fault], None]


class BackstageReader:
    """Reads entities of Backstage's catalog."""

    name: Final = "backstage"
    foreign: Final = True

    def recognizes(self, path: Path, head: bytes) -> bool:
        """YAML or JSON with an ``apiVersion`` of ``backstage.io``."""
        return path.suffix.lower() in (".yaml", ".yml", ".json") and _API.search(head) is not None

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """The entities of all files, then what they refer to."""
        rules: Any = mapping(self.name)
        found: list[_Described] = []
        skipped: list[tuple[str, Origin]] = []
        for document, origin in Documents(paths, fault):
            kind, api = text(document.get("kind")), text(document.get("apiVersion"))
            if kind.lower() not in rules["kinds"] or "backstage.io/" not in api:
                skipped.append((kind, origin))
                continue
            one = _described(document, kind, origin, rules, fault)
            if one is not None:
                found.append(one)
                yield RawEntity(one.id, one.type, _properties(one, rules), origin)
        types = {one.id: one.type for one in found}
        relations = [each for one in found for each in _References(one, types, rules, vocabulary, fault, warn)]
        # What is concluded does not weaken what is stated.
        stated = {(each.subject, each.type, each.object) for each in relations if not each.properties}
        for each in relations:
            if not each.properties or (each.subject, each.type, each.object) not in stated:
                yield each
        passed_over(skipped, warn)


@dataclass(frozen=True, slots=True)
class _Described:
    """One entity of the catalog."""

    id: str
    type: str
    kind: str
    namespace: str
    name: str
    document: LocatedDict
    origin: Origin


def _described(document: LocatedDict, kind: str, origin: Origin, rules: Any, fault: Take) -> _Described | None:
    name = text(at(document, "metadata.name"))
    if not name:
        fault(Fault(origin, "", "metadata.name", "missing-id", f"An entity of kind {kind} has a name."))
        return None
    namespace = text(at(document, "metadata.namespace")) or "default"
    its = rules["kinds"][kind.lower()]
    type = its.get("types", {}).get(text(at(document, "spec.type")).lower(), its["type"])
    return _Described(_id(kind, namespace, name), type, kind, namespace, name, document, origin)


def _id(kind: str, namespace: str, name: str) -> str:
    """The reference that names an entity whatever its case."""
    return f"{kind}:{namespace}/{name}".lower()


def _properties(one: _Described, rules: Any) -> dict[str, object]:
    found: dict[str, object] = {
        rules["source_key"]["property"]: f"{one.kind}:{one.namespace}/{one.name}",
        rules["link"]["property"]: _link(one, rules["link"]["annotations"]),
    }
    for rule in rules["properties"]:
        for path in rule["from"]:
            values = texts(at(one.document, path))
            if values:
                found[rule["property"]] = values if rule.get("list") else values[0]
                break
    stage, lifecycles = text(at(one.document, "spec.lifecycle")), rules["lifecycles"]
    if stage in lifecycles["codes"]:
        found[lifecycles["property"]] = lifecycles["codes"][stage]
    if stage and stage not in lifecycles["not_tagged"]:
        tag = lifecycles["tag"]["property"]
        found[tag] = [*texts(found.get(tag)), stage]
    return found


def _link(one: _Described, annotations: Sequence[str]) -> str:
    said = at(one.document, "metadata.annotations")
    for name in annotations:
        url = text(said.get(name)).removeprefix("url:") if isinstance(said, Mapping) else ""
        if url.startswith(("https://", "http://")):
            return url
    return deep_link(one.origin)


class _References:
    """The relations that one entity states."""

    def __init__(
        self, one: _Described, types: Mapping[str, str], rules: Any, vocabulary: Vocabulary, fault: Take, warn: Take
    ) -> None:
        self.one = one
        self.types = types
        self.rules = rules
        self.vocabulary = vocabulary
        self.fault = fault
        self.warn = warn

    def __iter__(self) -> Iterator[RawRelation]:
        spec = self.one.document.get("spec")
        if not isinstance(spec, LocatedDict):
            return
        for field, rule in self.rules["references"].items():
            said = spec.get(field)
            for number, value in enumerate(said if isinstance(said, list) else [said]):
                if value is not None:
                    line = line_of(said, number) if isinstance(said, LocatedList) else line_of(spec, field)
                    yield from self.relations(field, rule, value, Origin(self.one.origin.file, line))

    def relations(self, field: str, rule: Any, value: object, origin: Origin) -> Iterator[RawRelation]:
        target = self.target(rule.get("kind"), value)
        if isinstance(target, str):
            self.fault(Fault(origin, self.one.id, field, "wrong-reference", target))
            return
        kind, id = target
        if kind not in rule["expected"]:
            wanted = " or ".join(rule["expected"])
            self.warn(Fault(origin, self.one.id, field, "wrong-kind", f"{id!r} is not of the kind {wanted}."))
        type = self.types.get(id)
        may_be = self.rules["kinds"].get(kind, {}).get("type")
        if type is None and kind in rule["expected"]:
            may_be = rule.get("missing", {}).get("type", may_be)
        for chosen in [self.fitting(rule["one_of"], type or may_be), *rule.get("also", ())]:
            ends = (id, self.one.id) if chosen.get("inverse") else (self.one.id, id)
            yield RawRelation(
                chosen["relation"], *ends, origin, chosen.get("properties", {}),
                object_type=None if chosen.get("inverse") else may_be,
                subject_type=may_be if chosen.get("inverse") else None,
            )  # fmt: skip

    def target(self, default_kind: str | None, value: object) -> tuple[str, str] | str:
        """Kind and id of what a reference names, or what is wrong with it."""
        if isinstance(value, Mapping):
            parts = {key: text(value.get(key)) for key in ("kind", "namespace", "name")}
        else:
            found = _REFERENCE.fullmatch(text(value))
            if found is None:
                return f"{value!r} is no reference; write [kind:][namespace/]name."
            parts = {key: one or "" for key, one in found.groupdict().items()}
        kind = (parts["kind"] or default_kind or "").lower()
        if not kind or not parts["name"]:
            return f"{value!r} does not say of which kind it is; write kind:{parts['name'] or 'name'}."
        return kind, _id(kind, parts["namespace"] or self.one.namespace, parts["name"])

    def fitting(self, alternatives: Sequence[Any], type: str | None) -> Any:
        """The first relation that leads between the types of both ends; the first of all where none does."""
        for one in alternatives:
            relation = self.vocabulary.relations[one["relation"]]
            ends = (relation.range, relation.domain) if one.get("inverse") else (relation.domain, relation.range)
            fits = type is not None and self.vocabulary.any_of(type, ends[1])
            if fits and self.vocabulary.any_of(self.one.type, ends[0]):
                return one
        return alternatives[0]
