"""The ontology as it is published: every term explained, every relation and type decided, logically sound."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef

from graphsms.ontology import load, ontology_files
from graphsms.resources import resource
from graphsms.vocabulary import NAMESPACE, Behaviour, Propagation

ROOT = resource("ontology")
MODULES = sorted(ROOT.glob("*.ttl"))
FILES = sorted(ROOT.rglob("*.ttl"))
SMS = Namespace(NAMESPACE)
STATUS = URIRef("http://www.w3.org/2003/06/sw-vocab-status/ns#term_status")
TERMS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.NamedIndividual)


def parsed(*files: Path) -> Graph:
    graph = Graph()
    for file in files:
        graph.parse(file, format="turtle")
    return graph


@pytest.fixture(scope="module")
def whole() -> Graph:
    return parsed(*FILES)


def terms(graph: Graph) -> Iterator[URIRef]:
    """Every term of ours that the graph declares."""
    found = {term for kind in TERMS for term in graph.subjects(RDF.type, kind) if isinstance(term, URIRef)}
    yield from sorted(term for term in found if term in SMS)


def of_path(path: Path) -> str:
    return str(path.relative_to(ROOT).with_suffix(""))


# ---------------------------------------------------------------------------------- files and terms


@pytest.mark.parametrize("file", FILES, ids=of_path)
def test_both_parsers_read_the_same_triples(file: Path) -> None:
    by_rdflib = ox.Dataset(ox.parse(parsed(file).serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES))
    by_oxigraph = ox.Dataset(ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE))
    for dataset in (by_rdflib, by_oxigraph):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert len(by_oxigraph) > 0
    assert by_rdflib == by_oxigraph


@pytest.mark.parametrize("file", MODULES, ids=of_path)
def test_a_module_says_what_it_is_and_all_share_one_version(file: Path) -> None:
    graph, module = parsed(file), URIRef(f"https://w3id.org/graphsms/ontology/{file.stem}")
    version = str(parsed(ROOT / "core.ttl").value(URIRef("https://w3id.org/graphsms/ontology/core"), OWL.versionInfo))
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert list(graph.subjects(RDF.type, OWL.Ontology)) == [module]
    assert [str(value) for value in graph.objects(module, OWL.versionInfo)] == [version]
    assert list(graph.objects(module, OWL.versionIRI)) == [
        URIRef(f"https://w3id.org/graphsms/ontology/{version}/{file.stem}")
    ]
    for property in (rdflib.DCTERMS.title, rdflib.DCTERMS.description, rdflib.DCTERMS.license):
        assert graph.value(module, property), f"{file.name} lacks {property}"
    assert not list(graph.triples((None, OWL.imports, None)))


@pytest.mark.parametrize("file", MODULES, ids=of_path)
def test_every_term_has_label_definition_origin_and_status(file: Path) -> None:
    graph, module = parsed(file), URIRef(f"https://w3id.org/graphsms/ontology/{file.stem}")
    faults = []
    for term in terms(graph):
        labels = [o for o in graph.objects(term, SKOS.prefLabel) if isinstance(o, Literal) and o.language == "en"]
        definitions = list(graph.objects(term, SKOS.definition))
        origins = list(graph.objects(term, RDFS.isDefinedBy))
        statuses = [str(o) for o in graph.objects(term, STATUS)]
        if len(labels) != 1 or not labels[0].strip():
            faults.append(f"{term}: label {labels}")
        if [o.language for o in definitions if isinstance(o, Literal)] != ["en"] or not str(definitions[0]).endswith(
            "."
        ):
            faults.append(f"{term}: one definition in English, a sentence: {definitions}")
        if origins != [module]:
            faults.append(f"{term}: is defined by {origins}")
        if len(statuses) != 1 or statuses[0] not in ("stable", "testing", "archaic"):
            faults.append(f"{term}: status {statuses}")
    assert faults == []


def test_a_term_is_declared_in_one_module_by_a_plain_name() -> None:
    declared = Counter(str(term) for file in MODULES for term in terms(parsed(file)))
    assert [term for term, times in declared.items() if times > 1] == []
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", term.removeprefix(NAMESPACE)) for term in declared)


def test_every_term_of_ours_that_a_file_mentions_is_declared(whole: Graph) -> None:
    shapes = set(whole.subjects(RDF.type, rdflib.SH.NodeShape))
    mentioned = {node for triple in whole for node in triple if isinstance(node, URIRef) and node in SMS}
    assert mentioned - shapes - set(terms(whole)) == set()


def test_no_two_definitions_are_the_same(whole: Graph) -> None:
    codes = {term for term in terms(whole) if (term, SKOS.notation, None) in whole}  # each list has its own
    said = Counter(str(whole.value(term, SKOS.definition)) for term in set(terms(whole)) - codes)
    assert [text for text, times in said.items() if times > 1] == []


def test_clauses_are_numbers_of_an_edition(whole: Graph) -> None:
    written = {str(value) for value in whole.objects(None, SMS.clause)}
    assert {one for one in written if not re.fullmatch(r"(2011:)?([3-9]|10)(\.\d+)*( [a-z]\))?", one)} == set()


# ------------------------------------------------------------------------- what types and relations say


def test_every_type_says_how_it_behaves_and_what_it_expects(whole: Graph) -> None:
    """Itself, or the nearest superclass that says it: read here without the loader."""
    for type in load().types.values():
        line = [URIRef(type.iri), *(URIRef(load().types[name].iri) for name in type.ancestors)]
        behaviours = [value for one in line for value in whole.objects(one, SMS.behaviour)]
        assert behaviours, f"{type.name} says no behaviour"
        assert behaviours[0] == SMS[type.behaviour.value]
        assert any((one, said, None) in whole for one in line for said in (SMS.expects, SMS.expectsNothing))


def test_what_is_expected_is_a_relation_or_stands_for_some() -> None:
    provided = {name for relation in load().relations.values() for name in relation.fulfils}
    assert {name for type in load().types.values() for name in type.expects} <= provided


def test_every_leaf_relation_says_how_failure_travels(whole: Graph) -> None:
    relations = [
        term
        for term in terms(whole)
        if (term, RDF.type, OWL.ObjectProperty) in whole and term[len(NAMESPACE) :] not in load().properties
    ]
    leaves = [term for term in relations if not list(whole.subjects(RDFS.subPropertyOf, term))]
    ends_of_a_qualified_relation = {SMS.relationSubject, SMS.relationObject}
    silent = [term for term in leaves if len(list(whole.objects(term, SMS.propagation))) != 1]
    assert set(silent) == ends_of_a_qualified_relation


def test_a_propagating_relation_has_a_strength_and_a_reason_and_no_other_has_a_strength(whole: Graph) -> None:
    faults = []
    for relation in load().relations.values():
        strengths = list(whole.objects(URIRef(relation.iri), SMS.defaultStrength))
        if relation.propagation is Propagation.NONE:
            if strengths or relation.why:
                faults.append(f"{relation.name} passes nothing on, and has a strength or a why")
        elif len(strengths) != 1 or not re.fullmatch(r"[A-Z].{15,}\.", relation.why):
            faults.append(f"{relation.name} needs one strength and a why that is a sentence: {relation.why!r}")
    assert faults == []


def test_every_relation_can_be_read_backwards() -> None:
    labels = Counter(relation.inverse_label for relation in load().relations.values())
    assert "" not in labels


def test_the_mapping_to_labels_and_relationship_types_is_injective() -> None:
    vocabulary = load()
    labels = Counter(name.casefold() for name in vocabulary.types)
    relationship_types = Counter(relation.relationship_type for relation in vocabulary.relations.values())
    keys = Counter([*vocabulary.properties, *vocabulary.relations])
    for counted in (labels, relationship_types, keys):
        assert [name for name, times in counted.items() if times > 1] == []
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", name) for name in relationship_types)


def test_ends_and_datatypes_exist() -> None:
    vocabulary = load()
    for relation in vocabulary.relations.values():
        assert set(relation.domain) | set(relation.range) <= vocabulary.types.keys()
    for property in vocabulary.properties.values():
        assert set(property.domain) <= vocabulary.types.keys()
        assert property.code_list is None or property.code_list in vocabulary.code_lists


def test_what_carries_failure_can_receive_it() -> None:
    """A state that is passed on by what has none, or to what takes none, would be a dead letter."""
    vocabulary = load()
    for relation in vocabulary.relations.values():
        ends = {
            Propagation.OBJECT_TO_SUBJECT: (relation.range, relation.domain),
            Propagation.SUBJECT_TO_OBJECT: (relation.domain, relation.range),
        }.get(relation.propagation)
        if ends is None:
            continue
        senders, receivers = (
            {vocabulary.types[sub].behaviour for end in one for sub in vocabulary.subtypes[end]} for one in ends
        )
        assert receivers - {Behaviour.STAYS_OUT}, f"{relation.name} tells only what stays out"
        assert senders - {Behaviour.STAYS_OUT}, f"{relation.name} is told by what stays out"


def test_a_person_or_team_is_not_hit_by_the_services_that_it_uses() -> None:
    """Only what it depends on stops it: a mail server that is down takes nobody's work on databases with it."""
    vocabulary = load()
    for name in ("Person", "Team"):
        reaching = {
            relation.name
            for relation in vocabulary.relations.values()
            if relation.propagation is Propagation.OBJECT_TO_SUBJECT
            and vocabulary.any_of(name, relation.domain)
            and any(vocabulary.is_a("Service", end) for end in relation.range)
        }
        assert reaching == {"dependsOn"}


def test_a_seeded_organization_reaches_its_supplies_and_nothing_else_that_fails() -> None:
    vocabulary = load()
    told = {
        relation.name
        for relation in vocabulary.relations.values()
        if relation.propagation is Propagation.OBJECT_TO_SUBJECT
        and any(vocabulary.is_a("Organization", end) for end in relation.range)
        and any(
            vocabulary.types[sub].behaviour is Behaviour.CAN_FAIL
            for end in relation.domain
            for sub in vocabulary.subtypes[end]
        )
    }
    assert told == {"hasSupplier"}


def test_the_closure_of_dependence_is_transitive_and_nobody_asserts_it(whole: Graph) -> None:
    closure = SMS.dependsTransitivelyOn
    assert (closure, RDF.type, OWL.TransitiveProperty) in whole
    assert (SMS.dependsOn, RDFS.subPropertyOf, closure) in whole
    assert (SMS.dependsOn, RDF.type, OWL.IrreflexiveProperty) in whole
    assert not list(whole.objects(closure, SMS.propagation))
    assert "dependsTransitivelyOn" not in load().relations


def test_criticality_is_an_ordered_list_of_four() -> None:
    assert [code.notation for code in load().code_lists["Criticality"].codes] == ["low", "medium", "high", "critical"]
    assert [code.rank for code in load().code_lists["Criticality"].codes] == [1, 2, 3, 4]


def test_nearly_every_property_is_single_valued_and_those_that_are_not_say_so() -> None:
    many = [property for property in load().properties.values() if property.many]
    silent = [one.name for one in many if "may be repeated" not in one.definition]
    assert silent == []


def test_the_shapes_are_valid_shacl() -> None:
    import pyshacl

    shapes = parsed(*(file for file in FILES if file.parent.name == "shapes"))
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=shapes, meta_shacl=True)
    assert conforms, text


# ------------------------------------------------------------------------------------------- logic


def with_examples(graph: Graph) -> Graph:
    """The graph with a throw-away individual of each class and a pair for each relation, so that a class or
    relation that nothing can be of makes the whole inconsistent."""
    example = Namespace("https://example.org/throw-away#")
    for term in terms(graph):
        name = term.removeprefix(NAMESPACE)
        if (term, RDF.type, OWL.Class) in graph:
            graph.add((example[f"of-{name}"], RDF.type, term))
            graph.add((example[f"of-{name}"], RDF.type, OWL.NamedIndividual))
        elif (term, RDF.type, OWL.ObjectProperty) in graph:
            graph.add((example[f"from-{name}"], term, example[f"to-{name}"]))
    return graph


def unsound(graph: Graph, folder: Path) -> list[str]:
    """What HermiT finds wrong: names of classes that nothing can be of, or that all of it is inconsistent."""
    if shutil.which("java") is None:
        reason = "HermiT needs Java, and there is none on the path"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    import owlready2

    file = folder / "ontology.nt"
    file.write_text(graph.serialize(format="nt"), encoding="utf-8")
    world = owlready2.World()
    try:
        world.get_ontology(file.as_uri()).load(format="ntriples")
        try:
            owlready2.sync_reasoner_hermit(world, debug=0)
        except owlready2.OwlReadyInconsistentOntologyError:
            return ["inconsistent"]
        return sorted({one.name for one in world.inconsistent_classes()} - {"Nothing"})
    finally:
        world.close()


def logic() -> Graph:
    """The modules without the shapes, which are no part of the logic."""
    return parsed(*(file for file in ontology_files() if file.parent.name != "shapes"), ROOT / "external.ttl")


def test_hermit_finds_no_class_that_nothing_can_be_of(tmp_path: Path) -> None:
    assert unsound(logic(), tmp_path) == []


def test_hermit_finds_the_ontology_consistent_with_something_of_everything(tmp_path: Path) -> None:
    assert unsound(with_examples(logic()), tmp_path) == []


def test_hermit_catches_a_class_that_contradicts_the_ontology(tmp_path: Path) -> None:
    graph = logic()
    graph.add((SMS.Chimera, RDF.type, OWL.Class))
    graph.add((SMS.Chimera, RDFS.subClassOf, SMS.Party))
    graph.add((SMS.Chimera, RDFS.subClassOf, SMS.ConfigurationItem))
    assert unsound(graph, tmp_path) == ["Chimera"]
    assert unsound(with_examples(graph), tmp_path) == ["inconsistent"]


def test_hermit_catches_a_relation_that_leads_to_a_contradiction(tmp_path: Path) -> None:
    graph = logic()
    graph.add((SMS.leadsNowhere, RDF.type, OWL.ObjectProperty))
    graph.add((SMS.leadsNowhere, RDFS.subPropertyOf, SMS.hasSupplier))
    graph.add((SMS.leadsNowhere, RDFS.range, SMS.Location))
    assert unsound(with_examples(graph), tmp_path) == ["inconsistent"]


def test_a_contract_is_not_lost_with_the_place_where_it_is_filed() -> None:
    vocabulary = load()
    filed, kept = vocabulary.relations["filedOn"], vocabulary.relations["keptOn"]
    assert filed.propagation is Propagation.NONE
    assert vocabulary.any_of("Contract", filed.domain)
    assert kept.propagation is Propagation.OBJECT_TO_SUBJECT
    for type in ("ContinuityPlan", "Procedure", "KnowledgeArticle"):
        assert vocabulary.any_of(type, kept.domain), type
    for type in ("Contract", "ServiceLevelAgreement", "Policy", "Record", "ServiceCatalogue"):
        assert not vocabulary.any_of(type, kept.domain), type
