"""Entities and relations as triples, in the order in which they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from graphsms.errors import VocabularyError
from graphsms.model import Entity, Relation, Value
from graphsms.rdf.iri import ID_BASE, iri_of
from graphsms.rdf.literals import term_of
from graphsms.rdf.terms import QUALIFIED, RELATION_OBJECT, RELATION_SUBJECT, RELATION_TYPE, TYPE, XSD
from graphsms.vocabulary import NAMESPACE, Vocabulary

if TYPE_CHECKING:
    import rdflib

    from graphsms.store import Store

__all__ = ["PREFIXES", "to_rdflib", "triples"]

PREFIXES: Final[Mapping[str, str]] = {"sms": NAMESPACE, "id": ID_BASE, "xsd": XSD}

_named: Final = lru_cache(maxsize=4096)(ox.NamedNode)
_TYPE: Final = ox.NamedNode(TYPE)
_QUALIFIED: Final = ox.NamedNode(QUALIFIED)
_RELATION_SUBJECT: Final = ox.NamedNode(RELATION_SUBJECT)
_RELATION_TYPE: Final = ox.NamedNode(RELATION_TYPE)
_RELATION_OBJECT: Final = ox.NamedNode(RELATION_OBJECT)


def triples(
    statements: Iterable[Entity | Relation], vocabulary: Vocabulary, *, first_blank: int = 1
) -> Iterator[ox.Triple]:
    """The triples of entities and relations, one statement after the other.

    Parameters
    ----------
    statements : iterable of Entity or Relation
        Canonical, as a store yields them; read once.
    vocabulary : Vocabulary
        That they are in.
    first_blank : int
        Blank nodes are ``_:r1``, ``_:r2``, ... from this number, in the order of the statements, so that the same
        graph gives the same text.

    Raises
    ------
    VocabularyError
        A statement uses a type, relation, property or code that the vocabulary does not have.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> print(*triples([Entity("web", "Entity", {"name": "Web"})], load()), sep="\\n")
    <https://w3id.org/graphsms/id/web> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/graphsms/ontology#Entity>
    <https://w3id.org/graphsms/id/web> <https://w3id.org/graphsms/ontology#name> "Web"
    """
    blank = first_blank
    for statement in statements:
        if isinstance(statement, Entity):
            yield from _of_entity(statement, vocabulary)
        elif statement.properties:
            yield from _of_relation(statement, vocabulary, ox.BlankNode(f"r{blank}"))
            blank += 1
        else:
            yield from _of_relation(statement, vocabulary, None)


def _of_entity(entity: Entity, vocabulary: Vocabulary) -> Iterator[ox.Triple]:
    type = vocabulary.types.get(entity.type)
    if type is None:
        raise _unknown(entity.id, "type", entity.type)
    subject = ox.NamedNode(iri_of(entity.id))
    yield ox.Triple(subject, _TYPE, _named(type.iri))
    yield from _of_properties(entity.id, subject, entity.properties, vocabulary)


def _of_relation(relation: Relation, vocabulary: Vocabulary, qualified: ox.BlankNode | None) -> Iterator[ox.Triple]:
    type = vocabulary.relations.get(relation.type)
    if type is None:
        raise _unknown(relation.subject, "relation", relation.type)
    predicate = _named(type.iri)
    subject, object = ox.NamedNode(iri_of(relation.subject)), ox.NamedNode(iri_of(relation.object))
    yield ox.Triple(subject, predicate, object)
    if qualified is not None:
        yield ox.Triple(qualified, _TYPE, _QUALIFIED)
        yield ox.Triple(qualified, _RELATION_SUBJECT, subject)
        yield ox.Triple(qualified, _RELATION_TYPE, predicate)
        yield ox.Triple(qualified, _RELATION_OBJECT, object)
        yield from _of_properties(relation.subject, qualified, relation.properties, vocabulary)


def _of_properties(
    id: str, subject: ox.NamedNode | ox.BlankNode, values: Mapping[str, Value], vocabulary: Vocabulary
) -> Iterator[ox.Triple]:
    for name in sorted(values):
        property = vocabulary.properties.get(name)
        if property is None:
            raise _unknown(id, "property", name)
        value = values[name]
        for one in value if isinstance(value, tuple) else (value,):
            try:
                yield ox.Triple(subject, _named(property.iri), term_of(property, one, vocabulary))
            except ValueError as error:
                raise VocabularyError(f"{id}: {error}; give the ontology file that the graph was filled with") from None


def _unknown(id: str, kind: str, name: str) -> VocabularyError:
    return VocabularyError(
        f"{id}: the ontology has no {kind} {name!r}; give the ontology file that the graph was filled with"
    )


def to_rdflib(store: Store, *, at: int | None = None) -> rdflib.Graph:
    """The content of a store as an rdflib graph, in memory, for people.

    Parameters
    ----------
    store : Store
    at : int, optional
        As of that revision; without it, the present one.

    Raises
    ------
    VocabularyError
        The store was filled with another ontology.
    """
    import rdflib

    at = store.revision().number if at is None else at
    graph = rdflib.Graph()
    for prefix, iri in PREFIXES.items():
        graph.bind(prefix, iri)

    def term(of: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> rdflib.term.Identifier:
        if isinstance(of, ox.NamedNode):
            return rdflib.URIRef(of.value)
        if isinstance(of, ox.BlankNode):
            return rdflib.BNode(of.value)
        assert isinstance(of, ox.Literal)
        datatype = None if of.datatype.value == XSD + "string" else rdflib.URIRef(of.datatype.value)
        try:
            # In rdflib's own lexical form, so that it equals what rdflib reads from a file of the same content.
            return rdflib.Literal(of.value, datatype=datatype)
        except ValueError:  # it reads some values, such as -P1YT1H, and cannot write them
            return rdflib.Literal(of.value, datatype=datatype, normalize=False)

    def content() -> Iterator[Entity | Relation]:
        yield from store.entities(at=at)
        yield from store.relations(at=at)

    for triple in triples(content(), store.vocabulary):
        graph.add((term(triple.subject), term(triple.predicate), term(triple.object)))
    return graph
