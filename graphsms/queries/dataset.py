"""The graph as the RDF that queries in SPARQL see: what is stated, and what follows from the ontology.

Beside the triples of the content (`graphsms.rdf`) stand

- every superclass of an entity's type as a type of it, so that ``?x a sms:ConfigurationItem`` finds servers, and
  its own type as ``sms:directType``;
- every relation also under the properties above it that types expect, so that what is missing can be asked for;
- ``sms:needs`` from one entity to another wherever, by the propagation of a relation, the state of the second,
  which can fail, reaches the first: its closure is what stands on something, whatever the relations between;
- of the ontology itself: labels; of types superclasses and, with what is inherited, ``sms:expects``; of codes notation,
  rank and whether they carry failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from graphsms.model import Entity, Relation
from graphsms.rdf import iri_of, triples
from graphsms.store import Store
from graphsms.vocabulary import NAMESPACE, Behaviour, Code, EntityType, Propagation, Vocabulary

__all__ = ["dataset"]

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_TYPE: Final = ox.NamedNode(_RDF + "type")
_SUBCLASS: Final = ox.NamedNode(_RDFS + "subClassOf")
_LABEL: Final = ox.NamedNode(_SKOS + "prefLabel")
_NOTATION: Final = ox.NamedNode(_SKOS + "notation")
_DIRECT: Final = ox.NamedNode(NAMESPACE + "directType")
_NEEDS: Final = ox.NamedNode(NAMESPACE + "needs")
_RANK: Final = ox.NamedNode(NAMESPACE + "rank")
_EXPECTS: Final = ox.NamedNode(NAMESPACE + "expects")
_CARRIES: Final = ox.NamedNode(NAMESPACE + "carriesFailure")

_kept: dict[tuple[str, int, str], ox.Store] = {}


def dataset(store: Store, at: int) -> ox.Store:
    """The RDF of a store at a revision, in memory; the last one made is kept.

    Raises
    ------
    VocabularyError
        The store was filled with an ontology that says more than the present one.
    """
    key = (store.identity, at, store.vocabulary.hash)
    if key not in _kept:
        found = ox.Store()
        found.bulk_extend(ox.Quad(one.subject, one.predicate, one.object) for one in _triples(store, at))
        _kept.clear()
        _kept[key] = found
    return _kept[key]


def _triples(store: Store, at: int) -> Iterator[ox.Triple]:
    vocabulary = store.vocabulary
    can_fail: set[str] = set()

    def entities() -> Iterator[Entity]:
        for entity in store.entities(at=at):
            type = vocabulary.types.get(entity.type)
            if type is not None and type.behaviour is Behaviour.CAN_FAIL:
                can_fail.add(entity.id)
            yield entity

    yield from _of_vocabulary(vocabulary)
    superclasses = {
        type.iri: [ox.NamedNode(vocabulary.types[name].iri) for name in type.ancestors]
        for type in vocabulary.types.values()
    }
    for triple in triples(entities(), vocabulary):
        yield triple
        if triple.predicate == _TYPE:
            assert isinstance(triple.object, ox.NamedNode)
            yield ox.Triple(triple.subject, _DIRECT, triple.object)
            for ancestor in superclasses[triple.object.value]:
                yield ox.Triple(triple.subject, _TYPE, ancestor)
    expected = {name for type in vocabulary.types.values() for name in type.expects}
    superproperties = {
        relation.name: [_relation(name, vocabulary) for name in relation.ancestors if name in expected]
        for relation in vocabulary.relations.values()
    }
    blank = 1
    for relation in store.relations(at=at):
        yield from triples([relation], vocabulary, first_blank=blank)
        blank += bool(relation.properties)
        subject, object = ox.NamedNode(iri_of(relation.subject)), ox.NamedNode(iri_of(relation.object))
        for superproperty in superproperties[relation.type]:
            yield ox.Triple(subject, superproperty, object)
        yield from _needs(relation, vocabulary.relations[relation.type].propagation, can_fail)


def _needs(relation: Relation, propagation: Propagation, can_fail: set[str]) -> Iterator[ox.Triple]:
    subject, object = ox.NamedNode(iri_of(relation.subject)), ox.NamedNode(iri_of(relation.object))
    if propagation is Propagation.OBJECT_TO_SUBJECT and relation.object in can_fail:
        yield ox.Triple(subject, _NEEDS, object)
    elif propagation is Propagation.SUBJECT_TO_OBJECT and relation.subject in can_fail:
        yield ox.Triple(object, _NEEDS, subject)


def _of_vocabulary(vocabulary: Vocabulary) -> Iterator[ox.Triple]:
    for iri, term in vocabulary.by_iri.items():
        node = ox.NamedNode(iri)
        yield ox.Triple(node, _LABEL, ox.Literal(term.label))
        if isinstance(term, EntityType):
            for ancestor in term.ancestors:
                yield ox.Triple(node, _SUBCLASS, ox.NamedNode(vocabulary.types[ancestor].iri))
            for name in term.expects:
                yield ox.Triple(node, _EXPECTS, _relation(name, vocabulary))
        elif isinstance(term, Code):
            yield ox.Triple(node, _NOTATION, ox.Literal(term.notation))
            if term.rank is not None:
                yield ox.Triple(node, _RANK, ox.Literal(term.rank))
            if term.carries_failure is not None:
                yield ox.Triple(node, _CARRIES, ox.Literal(term.carries_failure))


def _relation(name: str, vocabulary: Vocabulary) -> ox.NamedNode:
    """A relation, or a property above relations, which the vocabulary knows by its local name only."""
    known = vocabulary.relations.get(name)
    return ox.NamedNode(known.iri if known else NAMESPACE + name)
