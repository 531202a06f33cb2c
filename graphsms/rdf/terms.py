"""IRIs that the mapping to RDF itself gives a meaning to; everything else comes from the vocabulary."""

from __future__ import annotations

from typing import Final

from graphsms.vocabulary import NAMESPACE, ON_RELATIONS

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

TYPE: Final = RDF + "type"
LANGUAGE_TAGGED: Final = (RDF + "langString", RDF + "dirLangString")
ONTOLOGY: Final = OWL + "Ontology"
INDIVIDUAL: Final = OWL + "NamedIndividual"

QUALIFIED: Final = NAMESPACE + ON_RELATIONS
RELATION_SUBJECT: Final = NAMESPACE + "relationSubject"
RELATION_TYPE: Final = NAMESPACE + "relationType"
RELATION_OBJECT: Final = NAMESPACE + "relationObject"
