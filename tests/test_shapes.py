"""The shapes, checked without RDF: the same answers as pySHACL gives on the RDF of the same graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyshacl
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.namespace import RDF, SH

from graphsms.model import Entity, Relation, Value
from graphsms.ontology import load
from graphsms.rdf import id_of, triples
from graphsms.rdf.terms import RELATION_OBJECT, RELATION_SUBJECT, RELATION_TYPE
from graphsms.shapes import Shapes
from graphsms.vocabulary import Vocabulary

PREFIXES = """
@prefix my: <https://example.org/terms#> .
@prefix sms: <https://w3id.org/graphsms/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
TERMS = """
my:Gadget a owl:Class ; rdfs:subClassOf sms:Entity .
my:GadgetPart a owl:Class ; rdfs:subClassOf my:Gadget .
my:Bystander a owl:Class ; rdfs:subClassOf sms:Entity .
my:wording a owl:DatatypeProperty ; rdfs:domain my:Gadget ; rdfs:range xsd:string .
my:wordings a owl:DatatypeProperty ; rdfs:domain my:Gadget ; rdfs:range xsd:string .
my:tally a owl:DatatypeProperty ; rdfs:domain my:Gadget ; rdfs:range xsd:integer .
my:ratio a owl:DatatypeProperty ; rdfs:domain my:Gadget ; rdfs:range xsd:decimal .
my:bulk a owl:DatatypeProperty ; rdfs:domain my:Gadget ; rdfs:range xsd:double .
my:firstDay a owl:DatatypeProperty ; rdfs:domain my:Gadget ; sms:valueType xsd:date .
my:lastDay a owl:DatatypeProperty ; rdfs:domain my:Gadget ; sms:valueType xsd:date .
my:openFrom a owl:DatatypeProperty ; rdfs:range xsd:dateTime ;
    rdfs:domain [ owl:unionOf ( my:Gadget sms:QualifiedRelation ) ] .
my:openTo a owl:DatatypeProperty ; rdfs:range xsd:dateTime ;
    rdfs:domain [ owl:unionOf ( my:Gadget sms:QualifiedRelation ) ] .
my:sure a owl:DatatypeProperty ; rdfs:domain sms:QualifiedRelation ; rdfs:range xsd:boolean .
my:switching a owl:ObjectProperty ; rdfs:domain my:Gadget ; rdfs:range my:OnOff .
my:OnOff a owl:Class ; rdfs:subClassOf skos:Concept .
my:on a owl:NamedIndividual, my:OnOff ; skos:notation "on" .
my:off a owl:NamedIndividual, my:OnOff ; skos:notation "off" .
my:contains a owl:ObjectProperty ; rdfs:domain sms:Entity ; rdfs:range sms:Entity ; sms:propagation sms:noPropagation .
my:beholds a owl:ObjectProperty ; rdfs:domain sms:Entity ; rdfs:range sms:Entity ; sms:propagation sms:noPropagation .
"""
SHAPES = """
my:ThingShape a sh:NodeShape ; sh:targetClass my:Gadget ;
    sh:property [ sh:path my:wording ; sh:minCount 1 ; sh:maxCount 1 ; sh:minLength 2 ; sh:maxLength 4 ] ;
    sh:property [ sh:path my:wording ; sh:pattern "^[a-z]*$" ] ;
    sh:property [ sh:path my:wordings ; sh:minCount 2 ; sh:maxCount 3 ; sh:minLength 1 ; sh:severity sh:Warning ] ;
    sh:property [ sh:path my:tally ; sh:maxCount 1 ; sh:minInclusive 0 ; sh:maxInclusive 3 ; sh:lessThan my:ratio ] ;
    sh:property [ sh:path my:ratio ; sh:maxCount 1 ; sh:minInclusive -1.5 ; sh:lessThanOrEquals my:bulk ] ;
    sh:property [ sh:path my:bulk ; sh:maxCount 1 ; sh:maxInclusive 2.5 ; sh:message "is small" ] ;
    sh:property [ sh:path my:firstDay ; sh:maxCount 1 ; sh:lessThan my:lastDay ] ;
    sh:property [ sh:path my:lastDay ; sh:maxCount 1 ] ;
    sh:property [ sh:path my:openFrom ; sh:lessThanOrEquals my:openTo ] ;
    sh:property [ sh:path my:switching ; sh:maxCount 1 ; sh:pattern "off$" ; sh:minLength 1 ] ;
    sh:property [ sh:path my:contains ; sh:minCount 1 ; sh:maxCount 2 ; sh:class my:Gadget ] .
my:PartShape a sh:NodeShape ; sh:targetClass my:GadgetPart ;
    sh:property [ sh:path my:contains ; sh:class my:GadgetPart, my:Gadget ; sh:severity sh:Warning ] ;
    sh:property [ sh:path my:beholds ; sh:pattern "id/a" ; sh:maxLength 31 ] ;
    sh:property [ sh:path my:bulk ; sh:minCount 1 ] .
my:EdgeShape a sh:NodeShape ; sh:targetClass sms:QualifiedRelation ;
    sh:property [ sh:path my:openFrom ; sh:maxCount 1 ; sh:lessThan my:openTo ] ;
    sh:property [ sh:path my:openTo ; sh:maxCount 1 ] ;
    sh:property [ sh:path my:sure ; sh:minCount 1 ; sh:maxCount 1 ; sh:severity sh:Warning ] .
"""

Result = tuple[str, str, str, str]  # what it is about, path, component, severity


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    file = tmp_path_factory.mktemp("terms") / "my.ttl"
    file.write_text(PREFIXES + TERMS + SHAPES, encoding="utf-8")
    return load([file])


DAYS = st.sampled_from(["2026-01-01", "2026-06-30", "2026-07-01", "2027-01-01"])
MOMENTS = st.sampled_from(
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.500000Z", "2026-06-30T22:00:00Z", "2027-01-01T00:00:00Z"]
)
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "wording": st.sampled_from(["", "a", "ab", "abcd", "abcde", "AB", "a1", "ab\n"]),
    "wordings": st.sets(st.sampled_from(["", "x", "y", "z"]), min_size=1).map(lambda one: tuple(sorted(one))),
    "tally": st.integers(-1, 4),
    "ratio": st.sampled_from([-2.0, -1.5, 0.0, 0.25, 2.0, 3.0]),
    "bulk": st.sampled_from([-1.5, 0.25, 2.0, 2.5, 3.0, 1e9]),
    "firstDay": DAYS,
    "lastDay": DAYS,
    "openFrom": st.sets(MOMENTS, min_size=1, max_size=2).map(lambda one: tuple(sorted(one))),
    "openTo": MOMENTS,
    "switching": st.sampled_from(["on", "off"]),
}  # fmt: skip
QUALIFICATIONS: dict[str, st.SearchStrategy[Value]] = {
    "openFrom": MOMENTS.map(lambda one: (one,)),
    "openTo": MOMENTS,
    "sure": st.booleans(),
}


def some(values: dict[str, st.SearchStrategy[Value]]) -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({}, optional=values)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Entity], list[Relation]]:
    ids = ["a", "ab", "b"][: draw(st.integers(1, 3))]
    entities = [
        Entity(id, draw(st.sampled_from(["Gadget", "GadgetPart", "Bystander"])), draw(some(VALUES))) for id in ids
    ]
    keys = st.tuples(st.sampled_from(ids), st.sampled_from(["contains", "beholds"]), st.sampled_from(ids))
    relations = [
        Relation(type, subject, object, draw(some(QUALIFICATIONS)))
        for subject, type, object in sorted(draw(st.sets(keys, max_size=5)))
    ]
    return [one if one.type != "Bystander" else Entity(one.id, "Bystander") for one in entities], relations


def by_us(vocabulary: Vocabulary, entities: Iterable[Entity], relations: Iterable[Relation]) -> Counter[Result]:
    shapes = Shapes(vocabulary)
    types = {one.id: one.type for one in entities}
    relations = list(relations)
    found: Counter[Result] = Counter()
    for entity in entities:
        ends = {
            type: {one.object for one in relations if one.subject == entity.id and one.type == type}
            for type in shapes.relations_of(entity.type)
        }
        violations = shapes.of_entity(entity, ends.__getitem__, types.get)
        looks = shapes.quick_looks(entity.type, entity.properties.keys())
        if looks is not None and all(look(entity.properties[name]) for name, look in looks):
            assert not violations
        for one in violations:
            found[entity.id, one.constraint.path, one.component, one.constraint.severity] += 1
    for relation in relations:
        for one in shapes.of_relation(relation):
            found[" ".join(relation.key), one.constraint.path, one.component, one.constraint.severity] += 1
    return found


def by_pyshacl(vocabulary: Vocabulary, entities: Iterable[Entity], relations: Iterable[Relation]) -> Counter[Result]:
    data = rdflib.Graph()
    text = "\n".join(f"{triple} ." for triple in triples([*entities, *relations], vocabulary))
    data.parse(data=text, format="nt")
    core = (Path(__file__).parent.parent / "ontology" / "shapes" / "core.ttl").read_text("utf-8")
    _, results, _ = pyshacl.validate(
        data,
        shacl_graph=rdflib.Graph().parse(data=PREFIXES + SHAPES).parse(data=core),
        ont_graph=rdflib.Graph().parse(data=PREFIXES + TERMS),
        inference="none",
    )
    assert isinstance(results, rdflib.Graph)
    found: Counter[Result] = Counter()
    for result in results.subjects(RDF.type, SH.ValidationResult):
        focus = results.value(result, SH.focusNode)
        component = str(results.value(result, SH.sourceConstraintComponent)).removeprefix(str(SH))
        component = component.removesuffix("ConstraintComponent")
        severity = "error" if results.value(result, SH.resultSeverity) == SH.Violation else "warning"
        path = str(results.value(result, SH.resultPath)).partition("#")[2]
        found[about(focus, data), path, component[0].lower() + component[1:], severity] += 1
    return found


def about(focus: object, data: rdflib.Graph) -> str:
    """The id of an entity, or the key of a qualified relation."""
    if isinstance(focus, rdflib.URIRef):
        return id_of(str(focus))
    assert isinstance(focus, rdflib.BNode)
    subject, type, object = (
        str(data.value(focus, rdflib.URIRef(end))) for end in (RELATION_SUBJECT, RELATION_TYPE, RELATION_OBJECT)
    )
    return " ".join((id_of(subject), type.partition("#")[2], id_of(object)))


@given(graphs())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_result_is_the_one_that_pyshacl_gives(
    vocabulary: Vocabulary, graph: tuple[list[Entity], list[Relation]]
) -> None:
    assert by_us(vocabulary, *graph) == by_pyshacl(vocabulary, *graph)


def test_a_graph_with_every_fault_has_them_all_by_both(vocabulary: Vocabulary) -> None:
    bad: dict[str, Value] = {
        "wording": "A",
        "wordings": ("", "x", "y", "z"),
        "tally": 4,
        "ratio": -2.0,
        "bulk": -3.0,
        "firstDay": "2027-01-01",
        "lastDay": "2026-01-01",
        "openFrom": ("2027-01-01T00:00:00Z",),
        "openTo": "2026-01-01T00:00:00Z",
        "switching": "on",
    }
    entities = [
        Entity("x", "GadgetPart", bad),
        Entity("y", "Bystander"),
        Entity("z", "GadgetPart", {"wording": "abcde", "bulk": 3.0, "tally": -1}),
    ]
    relations = [
        Relation("contains", "x", "x"),
        Relation("contains", "x", "y", {"openFrom": ("2027-01-01T00:00:00Z",), "openTo": "2026-01-01T00:00:00Z"}),
        Relation("contains", "x", "z"),
        Relation("beholds", "x", "z"),
    ]
    found = by_us(vocabulary, entities, relations)
    assert found == by_pyshacl(vocabulary, entities, relations)
    assert {component for _, _, component, _ in found} == {
        "minCount", "maxCount", "minInclusive", "maxInclusive", "minLength", "maxLength", "pattern", "lessThan",
        "lessThanOrEquals", "class",
    }  # fmt: skip


def test_the_rule_of_a_result_and_its_words_say_what_is_wrong(vocabulary: Vocabulary) -> None:
    thing = Entity("x", "Gadget", {"wording": "ab", "wordings": ("x", "y"), "tally": -1, "bulk": 3.0})
    low, small = Shapes(vocabulary).of_entity(thing, lambda _: ["x"], lambda _: "Gadget")
    assert (low.rule, low.message) == ("min-inclusive", "is -1, and must be at least 0")
    assert (small.rule, small.message) == ("max-inclusive", "is 3.0, and must be at most 2.5 (is small)")


@pytest.mark.parametrize(
    ("shorter", "longer", "violations"),
    [
        ("PT4H", "P1D", 0),
        ("P30D", "P1M", 1),  # a month is no fixed number of days, so neither is less
        ("P1Y", "P11M", 1),
        ("-P1D", "PT0S", 0),
        ("P1M", "P1M", 1),
    ],
)
def test_durations_are_compared_where_they_can_be(tmp_path: Path, shorter: str, longer: str, violations: int) -> None:
    file = tmp_path / "durations.ttl"
    file.write_text(
        PREFIXES
        + """
my:Span a owl:Class ; rdfs:subClassOf sms:Entity .
my:short a owl:DatatypeProperty ; rdfs:domain my:Span ; sms:valueType xsd:duration .
my:long a owl:DatatypeProperty ; rdfs:domain my:Span ; sms:valueType xsd:duration .
my:SpanShape a sh:NodeShape ; sh:targetClass my:Span ;
    sh:property [ sh:path my:short ; sh:maxCount 1 ; sh:lessThan my:long ] ;
    sh:property [ sh:path my:long ; sh:maxCount 1 ] .
""",
        encoding="utf-8",
    )
    entity = Entity("x", "Span", {"short": shorter, "long": longer})
    assert len(Shapes(load([file])).of_entity(entity)) == violations
