"""JSON-LD: plain JSON to look at, RDF by the context that it begins with. It refers to nothing elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from graphsms.export.content import Content
from graphsms.model import Entity, Relation
from graphsms.rdf import ID_BASE, context, triples
from graphsms.rdf.terms import RELATION_OBJECT, RELATION_SUBJECT, TYPE, XSD
from graphsms.vocabulary import NAMESPACE, RelationType, Vocabulary

__all__ = ["lines"]

# What is the same id relative to the base of the context; no other reading of it is possible.
_RELATIVE: Final = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_~.-]*")
_LEADS_TO_ENTITY: Final = frozenset({RELATION_SUBJECT, RELATION_OBJECT})
_EXACT: Final = 2**53  # whole numbers from here on are not exact in every reader of JSON


def lines(content: Content) -> Iterator[str]:
    """The document in pieces, one node a line."""
    yield '{"@context": ' + json.dumps(context(content.vocabulary), ensure_ascii=False) + ',\n"@graph": ['
    separator = "\n"
    for entity, relations in content.by_subject():
        for node in _nodes(entity, relations, content.vocabulary):
            yield separator + json.dumps(node, ensure_ascii=False)
            separator = ",\n"
    yield "\n]}\n"


def _nodes(entity: Entity, relations: list[Relation], vocabulary: Vocabulary) -> list[dict[str, object]]:
    """The node of an entity with its relations, then one for each of these of which something is said."""
    nodes: dict[ox.NamedNode | ox.BlankNode | ox.Triple, dict[str, list[object]]] = {}
    for triple in triples([entity, *relations], vocabulary):
        predicate = triple.predicate.value
        key = "@type" if predicate == TYPE else _name(predicate, vocabulary)
        nodes.setdefault(triple.subject, {}).setdefault(key, []).append(_value(predicate, triple.object, vocabulary))
    found: list[dict[str, object]] = []
    for subject, values in nodes.items():
        node: dict[str, object] = {"@id": _id(subject.value)} if isinstance(subject, ox.NamedNode) else {}
        node.update((key, stated[0] if len(stated) == 1 else stated) for key, stated in values.items())
        found.append(node)
    return found


def _name(predicate: str, vocabulary: Vocabulary) -> str:
    term = vocabulary.by_iri.get(predicate)
    return predicate.removeprefix(NAMESPACE) if term is None or not hasattr(term, "name") else term.name


def _value(
    predicate: str, term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, vocabulary: Vocabulary
) -> str | int | bool:
    if isinstance(term, ox.NamedNode):
        if predicate in _LEADS_TO_ENTITY or isinstance(vocabulary.by_iri.get(predicate), RelationType):
            return _id(term.value)
        return term.value.removeprefix(NAMESPACE)
    assert isinstance(term, ox.Literal), "relations lead to entities, and properties to literals or codes"
    datatype = term.datatype.value.removeprefix(XSD)
    if datatype == "boolean":
        return term.value == "true"
    if datatype == "integer" and -_EXACT < int(term.value) < _EXACT:
        return int(term.value)
    return term.value


def _id(iri: str) -> str:
    local = iri.removeprefix(ID_BASE)
    if local == iri or local.startswith("//"):
        return iri
    return local if _RELATIVE.fullmatch(local) else f"id:{local}"
