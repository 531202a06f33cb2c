"""The JSON-LD context of a vocabulary (W3C JSON-LD 1.1): documents read like plain JSON, and are RDF."""

from __future__ import annotations

from typing import Final, TypeAlias

from graphsms.rdf.iri import ID_BASE
from graphsms.rdf.terms import RELATION_OBJECT, RELATION_SUBJECT, RELATION_TYPE, XSD
from graphsms.vocabulary import NAMESPACE, Vocabulary

__all__ = ["CONTEXT", "Context", "context"]

CONTEXT: Final = "https://w3id.org/graphsms/context"

Context: TypeAlias = dict[str, float | str | dict[str, str]]


def context(vocabulary: Vocabulary) -> Context:
    """The context under which the local names of a vocabulary are terms of JSON-LD.

    ``@id`` is relative to the base of ids, so that it is the id itself where an IRI can hold it. Relations lead
    to such ids, coded properties to local names of codes. Numbers with a fraction stand as text
    in what we write, since JSON-LD turns them into doubles.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> context(load())["validTo"]["@type"]
    'xsd:dateTime'
    """
    found: Context = {
        "@version": 1.1,
        "@base": ID_BASE,
        "@vocab": NAMESPACE,
        "sms": NAMESPACE,
        "id": ID_BASE,
        "xsd": XSD,
    }
    for type in vocabulary.types.values():
        if type.iri != NAMESPACE + type.name:
            found[type.name] = type.iri
    for relation in vocabulary.relations.values():
        found[relation.name] = {"@id": relation.iri, "@type": "@id"}
    for property in vocabulary.properties.values():
        if property.code_list is not None:
            found[property.name] = {"@id": property.iri, "@type": "@vocab"}
        elif property.datatype != "string":
            found[property.name] = {"@id": property.iri, "@type": f"xsd:{property.datatype}"}
        elif property.iri != NAMESPACE + property.name:
            found[property.name] = property.iri
    found[RELATION_SUBJECT.removeprefix(NAMESPACE)] = {"@id": RELATION_SUBJECT, "@type": "@id"}
    found[RELATION_OBJECT.removeprefix(NAMESPACE)] = {"@id": RELATION_OBJECT, "@type": "@id"}
    found[RELATION_TYPE.removeprefix(NAMESPACE)] = {"@id": RELATION_TYPE, "@type": "@vocab"}
    return dict(sorted(found.items(), key=lambda entry: (not entry[0].startswith("@"), entry[0])))
