"""Shapes: the part of SHACL Core by which entities and relations are checked when they are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from graphsms.ontology._triples import SH, Triples, local
from graphsms.ontology._types import Ancestry, any_of
from graphsms.vocabulary import ON_RELATIONS, Constraint, PropertyType, RelationType

__all__ = ["PropertyShape", "constraints", "property_shapes", "single_valued"]

_ON_THE_SHAPE: Final = frozenset({"targetClass", "property", "name", "description", "order", "severity", "message"})
_COMPONENTS: Final = frozenset({
    "path", "message", "severity", "minCount", "maxCount", "minInclusive", "maxInclusive", "minLength",
    "maxLength", "pattern", "lessThan", "lessThanOrEquals", "class", "datatype", "name", "description",
    "order", "group",
})  # fmt: skip
_NUMBERS: Final = frozenset({"integer", "decimal", "double"})

_NODE_SHAPE: Final = SH + "NodeShape"
_TARGET: Final = SH + "targetClass"
_PATH: Final = SH + "path"
_MESSAGE: Final = SH + "message"
_SEVERITY: Final = SH + "severity"
_DATATYPE: Final = SH + "datatype"
_CLASS: Final = SH + "class"
_LESS_THAN: Final = SH + "lessThan"
_LESS_THAN_OR_EQUALS: Final = SH + "lessThanOrEquals"
_MAX_COUNT: Final = SH + "maxCount"
_READ: Final[Mapping[str, tuple[str, Callable[[Triples, str, str], Any]]]] = {
    SH + "minCount": ("min_count", Triples.whole),
    _MAX_COUNT: ("max_count", Triples.whole),
    SH + "minInclusive": ("min_inclusive", Triples.number),
    SH + "maxInclusive": ("max_inclusive", Triples.number),
    SH + "minLength": ("min_length", Triples.whole),
    SH + "maxLength": ("max_length", Triples.whole),
    SH + "pattern": ("pattern", Triples.literal),
}


class PropertyShape(NamedTuple):
    """One ``sh:property``: the shape that has it, its own node, and the IRI of its path."""

    shape: str
    node: str
    path: str


def property_shapes(triples: Triples) -> list[PropertyShape]:
    """Every property shape of every node shape.

    Raises
    ------
    VocabularyError
        A shape uses what is not supported, so that it would silently check nothing.
    """
    for shape in triples.typed.get(SH + "PropertyShape", {}):
        if _TARGET in triples.about[shape]:
            raise triples.wrong(shape, "put the property shape under sh:property of a sh:NodeShape")
    return [one for shape in triples.typed.get(_NODE_SHAPE, {}) for one in _of(shape, triples)]


def _of(shape: str, triples: Triples) -> Iterator[PropertyShape]:
    _require_supported(shape, shape, _ON_THE_SHAPE, triples)
    if not triples.iris(shape, _TARGET):
        raise triples.wrong(shape, "say which entities it is for: sh:targetClass")
    for node in triples.nodes(shape, SH + "property"):
        _require_supported(node, shape, _COMPONENTS, triples)
        paths = triples.iris(node, _PATH)
        if len(paths) != 1:
            raise triples.wrong(shape, "every sh:property has one sh:path that is a property or relation")
        yield PropertyShape(shape, node, paths[0])


def _require_supported(node: str, shape: str, supported: frozenset[str], triples: Triples) -> None:
    for predicate in triples.about.get(node, ()):
        if predicate.startswith(SH) and predicate.removeprefix(SH) not in supported:
            raise triples.wrong(
                shape, f"sh:{predicate.removeprefix(SH)} is not supported in shapes; write a query instead"
            )


def single_valued(shapes: list[PropertyShape], triples: Triples) -> frozenset[str]:
    """IRIs of the properties that some shape allows at most once."""
    return frozenset(one.path for one in shapes if triples.literal(one.node, _MAX_COUNT) == "1")


def constraints(
    shapes: list[PropertyShape],
    triples: Triples,
    lines: Ancestry,
    relations: Mapping[str, RelationType],
    properties: Mapping[str, PropertyType],
) -> tuple[Constraint, ...]:
    """A constraint for each property shape and each class that it targets."""
    found: list[Constraint] = []
    for one in shapes:
        path = local(one.path)
        if path not in relations and path not in properties:
            raise triples.wrong(one.shape, f"sh:path {path} is no property or relation of the ontology")
        said = _stated(one, path, triples, lines, properties)
        for target in map(local, triples.iris(one.shape, _TARGET)):
            _require_reaches(one, path, target, triples, lines, relations, properties)
            found.append(Constraint(target=target, **said))
    return tuple(found)


def _stated(
    one: PropertyShape, path: str, triples: Triples, lines: Ancestry, properties: Mapping[str, PropertyType]
) -> dict[str, Any]:
    """What the shape says, by the parameters of `Constraint` but for its target."""
    kind = properties.get(path)
    said: dict[str, Any] = {
        "path": path,
        "message": triples.english(one.node, _MESSAGE) or triples.english(one.shape, _MESSAGE),
    }
    said["severity"] = _severity(one, triples)
    for predicate in triples.about[one.node]:
        if predicate in _READ:
            parameter, read = _READ[predicate]
            said[parameter] = read(triples, one.node, predicate)
    _require_fitting_datatype(one, kind, triples)
    if ("min_inclusive" in said or "max_inclusive" in said) and (kind is None or kind.datatype not in _NUMBERS):
        raise triples.wrong(one.shape, f"{path}: sh:minInclusive and sh:maxInclusive are for numbers")
    try:
        re.compile(said.get("pattern", ""))
    except re.error as error:
        raise triples.wrong(one.shape, f"{path}: sh:pattern is no regular expression: {error}") from error
    classes = tuple(map(local, triples.iris(one.node, _CLASS)))
    for unknown in (name for name in classes if name not in lines):
        raise triples.wrong(one.shape, f"{path}: sh:class {unknown} is no type of the ontology")
    return said | {
        "classes": classes,
        "less_than": _other(one, kind, _LESS_THAN, triples, properties),
        "less_than_or_equals": _other(one, kind, _LESS_THAN_OR_EQUALS, triples, properties),
    }


def _severity(one: PropertyShape, triples: Triples) -> Literal["error", "warning"]:
    stated = triples.iri(one.node, _SEVERITY) or triples.iri(one.shape, _SEVERITY)
    return "error" if stated in (None, SH + "Violation") else "warning"


def _other(
    one: PropertyShape,
    kind: PropertyType | None,
    component: str,
    triples: Triples,
    properties: Mapping[str, PropertyType],
) -> str | None:
    """The property that the path is compared with: of the same datatype, or both numbers."""
    iri = triples.iri(one.node, component)
    if iri is None:
        return None
    other = properties.get(local(iri))
    if kind is None or other is None or _family(kind) != _family(other):
        raise triples.wrong(
            one.shape,
            f"{local(one.path)}: sh:{local(component)} {local(iri)} must be a property with values of the same kind",
        )
    return other.name


def _family(kind: PropertyType) -> str:
    return "number" if kind.datatype in _NUMBERS else kind.datatype


def _require_fitting_datatype(one: PropertyShape, kind: PropertyType | None, triples: Triples) -> None:
    stated = triples.iri(one.node, _DATATYPE)
    if stated is not None and (kind is None or local(stated) != kind.datatype):
        raise triples.wrong(one.shape, f"{local(one.path)}: sh:datatype {local(stated)} is not what the property has")


def _require_reaches(
    one: PropertyShape,
    path: str,
    target: str,
    triples: Triples,
    lines: Ancestry,
    relations: Mapping[str, RelationType],
    properties: Mapping[str, PropertyType],
) -> None:
    """What the shape is for can have what its path leads to; otherwise it would silently check nothing."""
    if target == ON_RELATIONS:
        if path not in properties or not properties[path].on_relations:
            raise triples.wrong(one.shape, f"{path} is no property of relations: its domain lacks sms:{ON_RELATIONS}")
        return
    if target not in lines:
        raise triples.wrong(one.shape, f"sh:targetClass {target} is no type of the ontology")
    domain = relations[path].domain if path in relations else properties[path].domain
    if not any_of(target, domain, lines) and not any(target in lines[type] for type in domain):
        raise triples.wrong(
            one.shape, f"no {target} has {path}, which is for {' or '.join(domain) or 'relations'} only"
        )
