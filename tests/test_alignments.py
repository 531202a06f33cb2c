"""The alignments lead from terms of ours to terms of others, and those of the W3C and of DCMI exist."""

from __future__ import annotations

import pytest
import rdflib
from rdflib import DCTERMS, ORG, OWL, PROV, RDF, SKOS, Graph, URIRef

from graphsms.ontology import ontology_files
from graphsms.resources import resource
from graphsms.vocabulary import NAMESPACE

MATCHES = (SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)
# Namespaces of which rdflib knows every term.
CLOSED = (PROV, ORG, DCTERMS)


@pytest.fixture(scope="module")
def alignments() -> Graph:
    return Graph().parse(resource("ontology") / "alignments.ttl", format="turtle")


def pairs(graph: Graph) -> list[tuple[URIRef, URIRef]]:
    found = [(s, o) for match in MATCHES for s, o in graph.subject_objects(match)]
    return [(s, o) for s, o in found if isinstance(s, URIRef) and isinstance(o, URIRef)]


def test_alignments_are_matches_from_ours_to_others_and_nothing_else(alignments: Graph) -> None:
    module = URIRef("https://w3id.org/graphsms/ontology/alignments")
    said = {(s, p, o) for s, p, o in alignments if s != module}
    assert {p for _, p, _ in said} == set(MATCHES)
    assert all(s.startswith(NAMESPACE) and not o.startswith(NAMESPACE) for s, o in pairs(alignments))


def test_a_pair_is_matched_in_one_way_only(alignments: Graph) -> None:
    assert len(pairs(alignments)) == len(set(pairs(alignments)))


def test_aligned_terms_of_prov_org_and_dcmi_exist(alignments: Graph) -> None:
    ours = Graph()
    for file in (*ontology_files(), resource("ontology") / "external.ttl"):
        ours.parse(file, format="turtle")
    external = {node for triple in (*alignments, *ours) for node in triple if isinstance(node, URIRef)}
    for namespace in CLOSED:
        mentioned = {one for one in external if one.startswith(str(namespace)) and one != URIRef(str(namespace))}
        assert mentioned, f"nothing of {namespace} is used"
        assert {one for one in mentioned if one not in namespace} == set()


def test_the_runtime_reads_neither_alignments_nor_external_terms() -> None:
    assert not {"alignments", "external"} & {file.stem for file in ontology_files()}


def test_a_class_is_not_aligned_with_a_property(alignments: Graph) -> None:
    """By their names: those of classes begin with a capital letter in all vocabularies aligned here."""
    ours = Graph()
    for file in ontology_files():
        ours.parse(file, format="turtle")
    classes = set(ours.subjects(RDF.type, OWL.Class))
    for match in (SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch):
        for term, other in alignments.subject_objects(match):
            if (term, RDF.type, OWL.NamedIndividual) in ours:
                continue
            name = str(other).replace("#", "/").rsplit("/", 1)[1]
            assert (term in classes) == name[0].isupper(), f"{term} {match} {other}"


def test_external_terms_are_declared_once_each() -> None:
    external = Graph().parse(resource("ontology") / "external.ttl", format="turtle")
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    declared = [term for kind in kinds for term in external.subjects(RDF.type, kind)]
    assert len(declared) == len(set(declared))
    used = {
        node
        for file in ontology_files()
        if file.parent.name != "shapes"
        for s, p, o in Graph().parse(file, format="turtle")
        for node in (s, p, o)
        if isinstance(node, URIRef) and not node.startswith(NAMESPACE)
    }
    known = (
        str(OWL),
        str(RDF),
        str(rdflib.RDFS),
        str(rdflib.XSD),
        "https://w3id.org/graphsms/",
        "https://www.apache.org/",
    )
    assert {term for term in used if not str(term).startswith(known)} <= set(declared)
