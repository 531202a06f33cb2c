"""The Turtle of the catalogue as nodes: what each says, by the local names of our ontology."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from graphsms.rdf.iri import ID_BASE, id_of
from graphsms.rdf.terms import QUALIFIED, RELATION_OBJECT, RELATION_SUBJECT, RELATION_TYPE, TYPE
from graphsms.vocabulary import NAMESPACE, Vocabulary

__all__ = ["Link", "Node", "nodes"]

_ENDS: Final = (RELATION_SUBJECT, RELATION_TYPE, RELATION_OBJECT)


@dataclass(frozen=True, slots=True)
class Link:
    """A relation to another node, with what qualifies it."""

    other: str
    said: Mapping[str, str]


@dataclass(slots=True)
class Node:
    """An entity of the catalogue.

    Parameters
    ----------
    id, type : str
    said : dict of str to list of str
        Its properties; a code by its notation, everything else as written.
    links, linked : dict of str to list of Link
        Relations from it, and to it, by their names.
    """

    id: str
    type: str = ""
    said: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    links: dict[str, list[Link]] = field(default_factory=lambda: defaultdict(list))
    linked: dict[str, list[Link]] = field(default_factory=lambda: defaultdict(list))

    def one(self, property: str) -> str:
        """The value of a property, or ""."""
        return self.said[property][0] if property in self.said else ""

    def to(self, relation: str) -> str:
        """Where a relation leads, or ""."""
        return self.links[relation][0].other if relation in self.links else ""


def nodes(files: Iterable[Path], vocabulary: Vocabulary) -> dict[str, Node]:
    """The entities that Turtle files of ours speak of, by their ids.

    Notes
    -----
    O(triples). The files are checked when they are imported, as any others; here they are only read.
    """
    codes = {code.iri: code.notation for list in vocabulary.code_lists.values() for code in list.codes}
    found: dict[str, Node] = {}
    qualified: dict[str, dict[str, str]] = defaultdict(dict)
    stated: list[tuple[str, str, str]] = []
    for file in files:
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
            subject, predicate, value = quad.subject, quad.predicate.value, quad.object
            if isinstance(subject, ox.BlankNode):
                # Labels of blank nodes are those of their file.
                qualified[f"{file.name} {subject.value}"][predicate] = codes.get(value.value, value.value)
                continue
            if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(ID_BASE):
                continue
            node = _node(found, id_of(subject.value))
            if predicate == TYPE:
                node.type = value.value.removeprefix(NAMESPACE)
                continue
            name = predicate.removeprefix(NAMESPACE)
            if isinstance(value, ox.NamedNode) and value.value not in codes:
                stated.append((node.id, name, id_of(value.value)))
            else:
                node.said[name].append(codes.get(value.value, value.value))
    saying = _saying(qualified.values())
    for subject_id, name, object_id in stated:
        said = saying.get((subject_id, name, object_id), {})
        _node(found, subject_id).links[name].append(Link(object_id, said))
        _node(found, object_id).linked[name].append(Link(subject_id, said))
    return found


def _node(found: dict[str, Node], id: str) -> Node:
    node = found.get(id)
    if node is None:
        node = found[id] = Node(id)
    return node


def _saying(qualified: Iterable[Mapping[str, str]]) -> dict[tuple[str, str, str], dict[str, str]]:
    found = {}
    for one in qualified:
        if one.get(TYPE) == QUALIFIED:
            subject, type, object = (one[end] for end in _ENDS)
            key = (id_of(subject), type.removeprefix(NAMESPACE), id_of(object))
            found[key] = {
                predicate.removeprefix(NAMESPACE): value
                for predicate, value in one.items()
                if predicate not in _ENDS and predicate != TYPE
            }
    return found
