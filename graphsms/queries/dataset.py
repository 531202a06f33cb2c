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

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

import pyoxigraph as ox

from graphsms.model import Entity, Relation
from graphsms.rdf import triples
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

_Known: TypeAlias = tuple[ox.NamedNode, bool]  # the node of an entity, and whether it can fail

_kept: dict[tuple[str, int, str], ox.Store] = {}


def dataset(
    store: Store, at: int, entities: Iterable[Entity] | None = None, relations: Iterable[Relation] | None = None
) -> ox.Store:
    """The RDF of a store at a revision, in memory; the last one made is kept.

    Parameters
    ----------
    store : Store
    at : int
    entities, relations : iterable, optional
        All that the store has at that revision, where somebody has read it already.

    Raises
    ------
    VocabularyError
        The store was filled with an ontology that says more than the present one.
    """
    key = (store.identity, at, store.vocabulary.hash)
    if key not in _kept:
        found = ox.Store()
        found.bulk_extend(
            _quads(
                store.entities(at=at) if entities is None else entities,
                store.relations(at=at) if relations is None else relations,
                store.vocabulary,
            )
        )
        _kept.clear()
        _kept[key] = found
    return _kept[key]


def _quads(entities: Iterable[Entity], relations: Iterable[Relation], vocabulary: Vocabulary) -> Iterator[ox.Quad]:
    known: dict[str, _Known] = {}
    for one in _of_vocabulary(vocabulary):
        yield ox.Quad(one.subject, one.predicate, one.object)
    for one in _of_entities(entities, vocabulary, known):
        yield ox.Quad(one.subject, one.predicate, one.object)
    for one in _of_relations(relations, vocabulary, known):
        yield ox.Quad(one.subject, one.predicate, one.object)


def _of_entities(entities: Iterable[Entity], vocabulary: Vocabulary, known: dict[str, _Known]) -> Iterator[ox.Triple]:
    superclasses = {
        type.name: [ox.NamedNode(vocabulary.types[name].iri) for name in type.ancestors]
        for type in vocabulary.types.values()
    }
    for entity in entities:
        stated = triples([entity], vocabulary)
        first = next(stated)  # its type
        assert isinstance(first.subject, ox.NamedNode)
        known[entity.id] = (first.subject, vocabulary.types[entity.type].behaviour is Behaviour.CAN_FAIL)
        yield first
        yield ox.Triple(first.subject, _DIRECT, first.object)
        for ancestor in superclasses[entity.type]:
            yield ox.Triple(first.subject, _TYPE, ancestor)
        yield from stated


def _of_relations(
    relations: Iterable[Relation], vocabulary: Vocabulary, known: Mapping[str, _Known]
) -> Iterator[ox.Triple]:
    expected = {name for type in vocabulary.types.values() for name in type.expects}
    predicates = {
        relation.name: [
            ox.NamedNode(relation.iri),
            *(_relation(name, vocabulary) for name in relation.ancestors if name in expected),
        ]
        for relation in vocabulary.relations.values()
    }
    blank = 1
    for relation in relations:
        if relation.properties or relation.type not in predicates:
            yield from triples([relation], vocabulary, first_blank=blank)
            blank += 1
        (subject, one_fails), (object, other_fails) = known[relation.subject], known[relation.object]
        for predicate in predicates[relation.type]:
            yield ox.Triple(subject, predicate, object)
        propagation = vocabulary.relations[relation.type].propagation
        if propagation is Propagation.OBJECT_TO_SUBJECT and other_fails:
            yield ox.Triple(subject, _NEEDS, object)
        elif propagation is Propagation.SUBJECT_TO_OBJECT and one_fails:
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
