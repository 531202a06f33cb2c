"""Triples as entities and relations: what cannot be mapped is a fault, nothing is passed over in silence.

Left out on purpose are only what says nothing of the graph: that something is an ``owl:NamedIndividual``,
and the header of an ontology.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from graphsms.errors import RejectedError
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Fault, Origin, RelationKey
from graphsms.rdf.iri import id_of
from graphsms.rdf.literals import raw_value
from graphsms.rdf.terms import INDIVIDUAL, ONTOLOGY, QUALIFIED, RELATION_OBJECT, RELATION_SUBJECT, RELATION_TYPE, TYPE
from graphsms.vocabulary import NAMESPACE, EntityType, PropertyType, RelationType, Vocabulary

__all__ = ["statements"]

_Statement = ox.Quad | ox.Triple
_OF_QUALIFIED: Final = frozenset({RELATION_SUBJECT, RELATION_TYPE, RELATION_OBJECT})


def statements(
    files: Iterable[tuple[str, Iterable[_Statement]]], vocabulary: Vocabulary, fault: Callable[[Fault], None]
) -> Iterator[RawStatement]:
    """Entities, then relations, in the order in which the triples first speak of them.

    Parameters
    ----------
    files : iterable of (str, iterable of Triple or Quad)
        Names of files with their triples, read together: one may speak of what stands in another.
    vocabulary : Vocabulary
    fault : callable
        Takes each `Fault`; what it is about is left out of what is yielded.

    Yields
    ------
    RawEntity or RawRelation
        Values as text, several of one property as a list.

    Notes
    -----
    Triples come in any order, so all of them are held until the last one is read. Where a file breaks off with
    a `RejectedError`, its faults and those of the files after it are all that comes.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> turtle = '<web> a sms:Entity ; sms:name "Web shop" .'
    >>> quads = ox.parse(f"@prefix sms: <{NAMESPACE}> . {turtle}", ox.RdfFormat.TURTLE, base_iri="https://w3id.org/graphsms/id/")
    >>> [(one.id, one.type, one.properties) for one in statements([("web.ttl", quads)], load(), print)]
    [('web', 'Entity', {'name': 'Web shop'})]
    """
    found = _Found(vocabulary, fault)
    broken = False
    for file, quads in files:
        origin = Origin(file)
        try:
            for quad in quads:
                found.add(quad, origin)
        except RejectedError as error:
            broken = True
            for one in error.faults:
                fault(one)
    if not broken:
        yield from found.entities()
        yield from found.relations()


@dataclass(slots=True)
class _Subject:
    """What is said of one subject, whether an entity or a qualified relation."""

    origin: Origin
    types: list[EntityType] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Qualified(_Subject):
    """What is said of one qualified relation, with its ends by predicate."""

    ends: dict[str, list[str]] = field(default_factory=dict)


class _Found:
    """What the triples say, collected until all are read."""

    def __init__(self, vocabulary: Vocabulary, fault: Callable[[Fault], None]) -> None:
        self._vocabulary = vocabulary
        self._terms = vocabulary.by_iri
        self._fault = fault
        self._subjects: dict[str, _Subject] = {}
        self._blank: dict[str, _Qualified] = {}
        self._qualified: set[str] = set()
        self._headers: set[str] = set()
        self._relations: dict[RelationKey, Origin] = {}
        # Faults by subject: whether they count shows when all is read, since a subject may yet turn out to be the
        # header of an ontology, and a blank node not to be a qualified relation at all.
        self._held: dict[ox.NamedNode | ox.BlankNode, list[Fault]] = {}

    # ----------------------------------------------------------------------------- one triple

    def add(self, quad: _Statement, origin: Origin) -> None:
        subject, predicate, object = quad.subject, quad.predicate.value, quad.object
        if isinstance(quad, ox.Quad) and not isinstance(quad.graph_name, ox.DefaultGraph):
            message = f"stands in the graph {quad.graph_name}; use the default one"
            self._fault(self._about(origin, quad, "named-graph", message))
        elif isinstance(subject, ox.Triple) or isinstance(object, ox.Triple):
            message = "speaks of a triple; say it with a qualified relation"
            self._fault(self._about(origin, quad, "triple-term", message))
        elif isinstance(subject, ox.BlankNode):
            self._of_blank(subject, quad, origin)
        elif predicate == TYPE:
            self._type(subject.value, quad, origin)
        elif predicate in _OF_QUALIFIED:
            self._wrong(
                origin, quad, "named-qualified-relation", "belongs to a qualified relation, which is a blank node"
            )
        else:
            term = self._terms.get(predicate)
            if isinstance(term, RelationType):
                self._relation(term, quad, origin)
            elif isinstance(term, PropertyType):
                self._value(self._subject(subject.value, origin).values, term, quad, origin)
            else:
                self._unknown_predicate(quad, origin)

    def _subject(self, iri: str, origin: Origin) -> _Subject:
        found = self._subjects.get(iri)
        if found is None:
            found = self._subjects[iri] = _Subject(origin)
        return found

    def _type(self, iri: str, quad: _Statement, origin: Origin) -> None:
        stated = quad.object.value if isinstance(quad.object, ox.NamedNode) else str(quad.object)
        if stated == ONTOLOGY:
            self._headers.add(iri)
        elif stated != INDIVIDUAL:
            type = self._terms.get(stated)
            if isinstance(type, EntityType):
                self._subject(iri, origin).types.append(type)
            elif stated == QUALIFIED:
                self._wrong(origin, quad, "named-qualified-relation", "is a qualified relation; make it a blank node")
            else:
                hint = _nearest(stated, (one.iri for one in self._vocabulary.types.values()))
                self._wrong(origin, quad, "unknown-type", f"<{stated}> is no type of the ontology.{hint}")

    def _relation(self, type: RelationType, quad: _Statement, origin: Origin) -> None:
        if isinstance(quad.object, ox.BlankNode):
            self._wrong(origin, quad, "blank-node", "leads to a blank node; give what it leads to an IRI")
            return
        if not isinstance(quad.object, ox.NamedNode):
            self._wrong(origin, quad, "literal-object", "leads to a literal; a relation leads to the IRI of an entity")
            return
        assert isinstance(quad.subject, ox.NamedNode)
        subject, object = self._id(quad.subject.value, quad, origin), self._id(quad.object.value, quad, origin)
        if subject is not None and object is not None:
            self._relations.setdefault((subject, type.name, object), origin)

    def _value(self, values: dict[str, list[str]], property: PropertyType, quad: _Statement, origin: Origin) -> None:
        if isinstance(quad.object, ox.BlankNode):
            self._wrong(origin, quad, "blank-node", f"{property.name} is a blank node; it must be a literal or a code")
            return
        assert isinstance(quad.object, ox.NamedNode | ox.Literal)
        try:
            value = raw_value(property, quad.object)
        except ValueError as error:
            tagged = isinstance(quad.object, ox.Literal) and quad.object.language is not None
            self._wrong(origin, quad, "language-tag" if tagged else "datatype", f"{property.name} {error}")
            return
        stated = values.setdefault(property.name, [])
        if value not in stated:
            stated.append(value)

    def _of_blank(self, node: ox.BlankNode, quad: _Statement, origin: Origin) -> None:
        """A blank node can only be a qualified relation; whether it is one shows when all is read."""
        found = self._blank.get(node.value)
        if found is None:
            found = self._blank[node.value] = _Qualified(origin)
        predicate = quad.predicate.value
        term = self._terms.get(predicate)
        stated = quad.object.value if isinstance(quad.object, ox.NamedNode) else str(quad.object)
        if predicate == TYPE:
            if stated == QUALIFIED:
                self._qualified.add(node.value)
            elif stated != INDIVIDUAL:
                self._wrong(origin, quad, "several-types", f"is a qualified relation, and so no <{stated}>")
        elif predicate in _OF_QUALIFIED:
            found.ends.setdefault(predicate, []).append(stated)
        elif isinstance(term, PropertyType):
            self._value(found.values, term, quad, origin)
        elif isinstance(term, RelationType):
            self._wrong(origin, quad, "blank-node", "a qualified relation has no relations of its own")
        else:
            self._unknown_predicate(quad, origin)

    # ------------------------------------------------------------------------- when all is read

    def entities(self) -> Iterator[RawEntity]:
        for node, faults in self._held.items():
            blank = isinstance(node, ox.BlankNode)
            if node.value in self._qualified if blank else node.value not in self._headers:
                for one in faults:
                    self._fault(one)
        for iri, subject in self._subjects.items():
            if iri in self._headers:
                continue
            try:
                id = id_of(iri)
            except ValueError as error:
                self._fault(Fault(subject.origin, iri, "", "iri", f"{error}."))
                continue
            type = self._most_specific(id, iri, subject)
            if type is not None:
                yield RawEntity(id, type, _plain(subject.values), subject.origin)

    def _most_specific(self, id: str, iri: str, subject: _Subject) -> str | None:
        """The one type of which the others are superclasses."""
        if not subject.types:
            if any(fault.field == "a" for fault in self._held.get(ox.NamedNode(iri), ())):
                return None  # its type is a fault already
            message = "has properties and no type; say what it is (a sms:...)"
            self._fault(Fault(subject.origin, id, "", "untyped", message))
            return None
        names = {type.name for type in subject.types}
        lowest = [type.name for type in subject.types if names <= set(type.labels)]
        if lowest:
            return lowest[0]
        message = f"is of several types, {', '.join(sorted(names))}, of which none includes the others; state one"
        self._fault(Fault(subject.origin, id, "", "several-types", message))
        return None

    def relations(self) -> Iterator[RawRelation]:
        qualified: dict[RelationKey, dict[str, list[str]]] = {}
        for label, node in self._blank.items():
            if label not in self._qualified:
                message = "a blank node stands for a qualified relation only; give an entity an IRI"
                self._fault(Fault(node.origin, f"_:{label}", "", "blank-node", message))
                continue
            key = self._key(label, node)
            if key is not None:
                self._relations.setdefault(key, node.origin)
                values = qualified.setdefault(key, {})
                for name, stated in node.values.items():
                    values[name] = list(dict.fromkeys([*values.get(name, []), *stated]))
        for key, origin in self._relations.items():
            subject, type, object = key
            yield RawRelation(type, subject, object, origin, _plain(qualified.get(key, {})))

    def _key(self, label: str, node: _Qualified) -> RelationKey | None:
        """What a qualified relation qualifies."""
        ends: list[str] = []
        for predicate in (RELATION_SUBJECT, RELATION_TYPE, RELATION_OBJECT):
            stated = list(dict.fromkeys(node.ends.get(predicate, [])))
            name = predicate.removeprefix(NAMESPACE)
            if len(stated) != 1:
                message = f"a qualified relation has one {name}, not {len(stated)}"
                self._fault(Fault(node.origin, f"_:{label}", name, "qualified-relation", message))
                return None
            ends.append(stated[0])
        type = self._terms.get(ends[1])
        if not isinstance(type, RelationType):
            hint = _nearest(ends[1], (one.iri for one in self._vocabulary.relations.values()))
            message = f"<{ends[1]}> is no relation that can be asserted.{hint}"
            self._fault(Fault(node.origin, f"_:{label}", "relationType", "unknown-relation", message))
            return None
        try:
            return (id_of(ends[0]), type.name, id_of(ends[2]))
        except ValueError as error:
            self._fault(Fault(node.origin, f"_:{label}", "", "iri", f"{error}."))
            return None

    # ----------------------------------------------------------------------------------- faults

    def _id(self, iri: str, quad: _Statement, origin: Origin) -> str | None:
        try:
            return id_of(iri)
        except ValueError as error:
            self._wrong(origin, quad, "iri", f"{error}.")
            return None

    def _unknown_predicate(self, quad: _Statement, origin: Origin) -> None:
        groups = (self._vocabulary.relations, self._vocabulary.properties)
        hint = _nearest(quad.predicate.value, (one.iri for group in groups for one in group.values()))
        message = f"<{quad.predicate.value}> is no property of the ontology and no relation that can be asserted.{hint}"
        self._wrong(origin, quad, "unknown-predicate", message)

    def _wrong(self, origin: Origin, quad: _Statement, rule: str, message: str) -> None:
        """Hold a fault until it shows whether it counts."""
        if not isinstance(quad.subject, ox.Triple):
            self._held.setdefault(quad.subject, []).append(self._about(origin, quad, rule, message))

    def _about(self, origin: Origin, quad: _Statement, rule: str, message: str) -> Fault:
        predicate = quad.predicate.value
        term = self._terms.get(predicate)
        name = term.name if isinstance(term, RelationType | PropertyType) else f"<{predicate}>"
        return Fault(origin, _shown(quad.subject), "a" if predicate == TYPE else name, rule, message)


def _nearest(iri: str, known: Iterable[str]) -> str:
    return did_you_mean(_local(iri), map(_local, known))


def _local(iri: str) -> str:
    return iri[max(iri.rfind("#"), iri.rfind("/")) + 1 :]


def _shown(subject: ox.NamedNode | ox.BlankNode | ox.Triple) -> str:
    """A subject as a person would look for it: by its id, if it has one."""
    if not isinstance(subject, ox.NamedNode):
        return str(subject)
    try:
        return id_of(subject.value)
    except ValueError:
        return subject.value


def _plain(values: dict[str, list[str]]) -> dict[str, object]:
    return {name: stated[0] if len(stated) == 1 else stated for name, stated in values.items()}
