"""What is read from the ontology and the user's own Turtle, and what is refused rather than silently ignored."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import graphsms.ontology
from graphsms.errors import VocabularyError
from graphsms.ontology import load, ontology_files
from graphsms.vocabulary import NAMESPACE, Behaviour, Propagation, Quorum, Vocabulary, relationship_type

PREFIXES = """
@prefix my: <https://example.org/terms#> .
@prefix sms: <https://w3id.org/graphsms/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

TURBINE = "my:Turbine a owl:Class ; rdfs:subClassOf sms:ConfigurationItem ."
FEEDS = """my:feeds a owl:ObjectProperty ; rdfs:domain my:Turbine ; rdfs:range sms:ConfigurationItem ;
    sms:propagation sms:subjectToObject ; sms:defaultStrength sms:soft ."""
POWER = "my:power a owl:DatatypeProperty ; rdfs:domain my:Turbine ; rdfs:range xsd:decimal ."


def written(folder: Path, turtle: str, name: str = "own.ttl") -> Path:
    file = folder / name
    file.write_text(PREFIXES + turtle, encoding="utf-8")
    return file


def with_own(folder: Path, turtle: str) -> Vocabulary:
    return load([written(folder, turtle)])


# -------------------------------------------------------------------------------- what our own says


def test_a_server_is_a_configuration_item_with_a_label_for_each_superclass() -> None:
    server = load().types["Server"]
    assert server.labels == ("Server", "ComputingItem", "ConfigurationItem", "Entity")
    assert server.behaviour is Behaviour.CAN_FAIL
    assert server.section.notation == "configuration items"
    assert "locatedAt" in server.expects
    assert load().is_a("Server", "ConfigurationItem")
    assert not load().is_a("ConfigurationItem", "Server")


def test_a_person_can_fail_though_parties_are_concerned() -> None:
    assert load().types["Party"].behaviour is Behaviour.IS_CONCERNED
    assert load().types["Customer"].behaviour is Behaviour.IS_CONCERNED
    assert load().types["Person"].behaviour is Behaviour.CAN_FAIL


def test_a_redundancy_group_needs_a_minimum_of_its_members() -> None:
    assert load().types["RedundancyGroup"].quorum == Quorum("hasMember", "minimum")
    assert load().types["Server"].quorum is None


def test_dependence_runs_from_the_object_to_the_subject() -> None:
    depends = load().relations["dependsOn"]
    assert (depends.propagation, depends.strength) == (Propagation.OBJECT_TO_SUBJECT, "hard")
    assert depends.relationship_type == "DEPENDS_ON"
    assert depends.fulfils == ("dependsOn", "standsOn", "dependsTransitivelyOn")
    assert load().relations["ownedBy"].propagation is Propagation.NONE
    assert load().relations["connectedTo"].strength == "soft"


def test_a_term_is_known_to_analyses_by_a_word(tmp_path: Path) -> None:
    assert load().known_as("baseline of") == "baselineOf"
    own = with_own(
        tmp_path, TURBINE.replace("my:Turbine a owl:Class", 'my:Turbine a owl:Class ; sms:knownAs "turbine"')
    )
    assert own.known_as("turbine") == "Turbine"


def test_two_terms_known_by_one_word_are_refused(tmp_path: Path) -> None:
    turtle = TURBINE.replace("my:Turbine a owl:Class", 'my:Turbine a owl:Class ; sms:knownAs "baseline"')
    with pytest.raises(VocabularyError, match=r"known as 'baseline', as (ConfigurationBaseline|Turbine) is"):
        with_own(tmp_path, turtle)


def test_what_is_no_term_cannot_be_known_by_a_word(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="no type, relation or property"):
        with_own(tmp_path, 'my:oddity sms:knownAs "oddity" .')


def test_an_application_may_stand_on_anything_so_long_as_it_is_recorded() -> None:
    vocabulary = load()
    assert vocabulary.types["Application"].expects == ("standsOn",)
    enough = {relation.name for relation in vocabulary.relations.values() if "standsOn" in relation.fulfils}
    assert {"dependsOn", "hostedOn", "suppliedBy"} <= enough
    assert not {"builtFrom", "licensedBy", "ownedBy"} & enough


def test_properties_have_a_datatype_a_number_and_a_domain() -> None:
    properties = load().properties
    assert (properties["validTo"].datatype, properties["validTo"].inclusive_end) == ("dateTime", True)
    assert properties["validTo"].on_relations
    assert properties["noticePeriod"].datatype == "duration"
    assert (properties["criticality"].datatype, properties["criticality"].code_list) == ("code", "Criticality")
    assert (properties["ipAddress"].many, properties["serialNumber"].many) == (True, False)
    assert properties["strength"].domain == ()
    assert "serialNumber" in {one.name for one in load().properties_of("Server")}
    assert "serialNumber" not in {one.name for one in load().properties_of("Person")}


def test_codes_stand_in_the_order_of_their_ranks() -> None:
    assert [code.notation for code in load().code_lists["LifecycleStatus"].codes] == [
        "proposed",
        "in build",
        "live",
        "retired",
    ]
    assert load().code_lists["LifecycleStatus"].code("live") == load().by_iri[NAMESPACE + "live"]
    assert load().code_lists["LifecycleStatus"].code("asleep") is None


def test_a_constraint_stands_for_each_class_that_its_shape_targets() -> None:
    minimum = [one for one in load().constraints if one.path == "minimum"]
    assert [(one.target, one.min_count, one.max_count, one.min_inclusive) for one in minimum] == [
        ("RedundancyGroup", 1, 1, 1.0)
    ]
    assert {one.target for one in load().constraints if one.path == "country"} == {"ConfigurationItem", "Party"}
    assert {one.severity for one in load().constraints if one.path == "email"} == {"warning"}


def test_the_shapes_come_last_and_terms_of_others_are_not_read() -> None:
    files = ontology_files()
    assert files[-1].parent.name == "shapes"
    assert not {"external", "alignments"} & {file.stem for file in files}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("dependsOn", "DEPENDS_ON"), ("usesAPI", "USES_API"), ("usesAPIOf", "USES_API_OF"), ("runs2Of", "RUNS2_OF")],
)
def test_relationship_types_are_in_capitals_with_underscores(name: str, expected: str) -> None:
    assert relationship_type(name) == expected


# ------------------------------------------------------------------------------- what a user may add


def test_a_user_adds_a_type_a_relation_a_property_and_a_code(tmp_path: Path) -> None:
    vocabulary = with_own(
        tmp_path,
        f"""{TURBINE} {FEEDS} {POWER}
        my:storm a owl:NamedIndividual, sms:Environment ; skos:notation "in a storm" ; sms:rank 9 .
        my:TurbineShape a sh:NodeShape ; sh:targetClass my:Turbine ;
            sh:property [ sh:path my:power ; sh:maxCount 1 ; sh:minInclusive 0.5 ] .""",
    )
    assert vocabulary.types["Turbine"].labels == ("Turbine", "ConfigurationItem", "Entity")
    assert vocabulary.relations["feeds"].relationship_type == "FEEDS"
    assert (vocabulary.properties["power"].datatype, vocabulary.properties["power"].many) == ("decimal", False)
    assert vocabulary.code_lists["Environment"].codes[-1].notation == "in a storm"
    assert vocabulary.constraints[-1].min_inclusive == 0.5
    assert "Turbine" in vocabulary.subtypes["ConfigurationItem"]
    assert "Turbine" not in load().types


def test_a_user_adds_what_one_of_our_types_should_have(tmp_path: Path) -> None:
    vocabulary = with_own(tmp_path, "sms:Server sms:expects sms:poweredBy .")
    assert vocabulary.types["Server"].expects == ("locatedAt", "poweredBy")


def test_a_users_label_in_another_language_does_not_hide_the_english_one(tmp_path: Path) -> None:
    vocabulary = with_own(
        tmp_path, f'sms:Server skos:prefLabel "Rechner"@de . {TURBINE} my:Turbine skos:prefLabel "Windrad"@de .'
    )
    assert vocabulary.types["Server"].label == "server"
    assert vocabulary.types["Turbine"].label == "Windrad"


def test_a_sub_property_inherits_its_ends(tmp_path: Path) -> None:
    vocabulary = with_own(
        tmp_path,
        """my:runsIn a owl:ObjectProperty ; rdfs:subPropertyOf sms:hostedOn ;
        sms:propagation sms:objectToSubject ; sms:defaultStrength sms:hard .""",
    )
    runs_in, hosted_on = vocabulary.relations["runsIn"], vocabulary.relations["hostedOn"]
    assert (runs_in.domain, runs_in.range) == (hosted_on.domain, hosted_on.range)
    assert runs_in.fulfils == ("runsIn", "hostedOn", "standsOn", "dependsTransitivelyOn")


def test_a_class_of_others_above_ours_is_let_be(tmp_path: Path) -> None:
    vocabulary = with_own(
        tmp_path,
        """my:Agent a owl:Class . sms:Party rdfs:subClassOf my:Agent .
        my:Robot a owl:Class ; rdfs:subClassOf sms:Server, owl:Thing .""",
    )
    assert "Agent" not in vocabulary.types
    assert vocabulary.types["Party"].ancestors == ("Entity",)
    assert vocabulary.types["Robot"].ancestors[0] == "Server"


def test_what_was_read_is_kept_until_a_file_changes(tmp_path: Path) -> None:
    file = written(tmp_path, TURBINE)
    first = load([file])
    assert load([file]) is first
    file.write_text(PREFIXES + TURBINE.replace("Turbine", "Mill"), encoding="utf-8")
    os.utime(file, ns=(1, 1))
    second = load([file])
    assert "Mill" in second.types
    assert "Turbine" not in second.types
    assert first.hash != second.hash != load().hash


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "my:keeps a owl:ObjectProperty ; sms:propagation sms:noPropagation ; "
        "rdfs:range sms:Site ; rdfs:domain [ a owl:Class ; owl:unionOf ( sms:Person sms:Team ) ] .",
    )
    assert load([file, str(file)]).relations["keeps"].domain == ("Person", "Team")


def test_blank_nodes_of_two_files_are_kept_apart(tmp_path: Path) -> None:
    first = written(
        tmp_path,
        f"""{TURBINE} my:S a sh:NodeShape ; sh:targetClass my:Turbine ; sh:property _:x .
        _:x sh:path sms:name ; sh:maxLength 5 .""",
        "a.ttl",
    )
    second = written(
        tmp_path,
        """my:T a sh:NodeShape ; sh:targetClass my:Turbine ; sh:property _:x .
        _:x sh:path sms:description ; sh:maxLength 7 .""",
        "b.ttl",
    )
    added = [(one.path, one.max_length) for one in load([first, second]).constraints if one.target == "Turbine"]
    assert added == [("name", 5), ("description", 7)]


# ------------------------------------------------------------------------------------ what is refused

STILL = "sms:propagation sms:noPropagation ."
OTHER_FEEDS = "my:feeds a owl:ObjectProperty ; rdfs:domain my:Turbine ; rdfs:range sms:Site ;"
SHAPE = f"{TURBINE} {POWER} my:S a sh:NodeShape ; sh:targetClass my:Turbine ; sh:property"

REFUSED = {
    # types
    "a class under nothing": ("my:Robot a owl:Class .", "Robot: say what it is"),
    "a superclass that nobody declared": (
        "my:Robot a owl:Class ; rdfs:subClassOf sms:Servr .",
        "Robot: its superclass Servr is declared nowhere",
    ),
    "a subclass that is not declared": ("my:Robot rdfs:subClassOf sms:Server .", "Robot: .* add: a owl:Class"),
    "a class above itself": (
        "my:A a owl:Class ; rdfs:subClassOf my:B, sms:Entity . my:B a owl:Class ; rdfs:subClassOf my:A .",
        "[AB]: is its own superclass",
    ),
    "no behaviour": (f"{TURBINE} my:Turbine sms:behaviour sms:breaks .", "Turbine: breaks is no behaviour"),
    "two behaviours": (
        f"{TURBINE} my:Turbine sms:behaviour sms:canFail, sms:staysOut .",
        "Turbine: sms:behaviour must be one term, and it is stated as canFail and staysOut",
    ),
    "expecting what is no relation": (
        f"{TURBINE} my:Turbine sms:expects my:wind .",
        "Turbine: expects wind, which is no relation",
    ),
    "expecting what leads from other types": (
        f"{TURBINE} my:Turbine sms:expects sms:receives .",
        "Turbine: expects receives, which leads from Organization or",
    ),
    "a quorum over nothing": (f"{TURBINE} my:Turbine sms:quorumProperty sms:minimum .", "Turbine: a quorum needs both"),
    "a quorum that is no whole number": (
        f"{TURBINE} {FEEDS} {POWER} my:Turbine sms:quorumOver my:feeds ; sms:quorumProperty my:power .",
        "Turbine: a quorum needs both",
    ),
    "a quorum over what leads from other types": (
        f"{TURBINE} my:Turbine sms:quorumOver sms:hasMember ; sms:quorumProperty sms:minimum .",
        "Turbine: a quorum needs both",
    ),
    "a quorum over what fails the other way": (
        f"{TURBINE} {FEEDS} my:count a owl:DatatypeProperty ; rdfs:domain my:Turbine ; rdfs:range xsd:integer . "
        "my:Shape a sh:NodeShape ; sh:targetClass my:Turbine ; sh:property [ sh:path my:count ; sh:maxCount 1 ] . "
        "my:Turbine sms:quorumOver my:feeds ; sms:quorumProperty my:count .",
        "Turbine: a quorum needs both.* passes it the state",
    ),
    "a section that is no code": (
        f"{TURBINE} my:Turbine sms:section my:windy .",
        "Turbine: say under which sms:section",
    ),
    # code lists
    "a code list without codes": ("my:Colour a owl:Class ; rdfs:subClassOf skos:Concept .", "Colour: .* without codes"),
    "two codes with one notation": (
        'my:alive a sms:LifecycleStatus ; skos:notation "live" .',
        "live: shares its notation 'live' with alive|alive: shares its notation 'live' with live",
    ),
    "a rank that is no number": (
        'my:late a sms:LifecycleStatus ; sms:rank "last" .',
        "late: sms:rank must be a whole number, not 'last'",
    ),
    "neither true nor false": (
        'my:late a sms:LifecycleStatus ; sms:carriesFailure "perhaps" .',
        "late: sms:carriesFailure must be true or false, not 'perhaps'",
    ),
    "a class under a code list": (
        "my:Weather a owl:Class ; rdfs:subClassOf sms:Environment .",
        "Weather: is under the code list Environment; add codes to the list itself",
    ),
    # relations
    "a relation that does not say how failure travels": (
        f"{TURBINE} {OTHER_FEEDS} rdfs:comment 'x' .",
        "feeds: say which way failure travels along it",
    ),
    "no propagation": (
        f"{TURBINE} {OTHER_FEEDS} sms:propagation sms:everywhere .",
        "feeds: everywhere is no propagation",
    ),
    "a propagating relation without strength": (
        f"{TURBINE} {OTHER_FEEDS} sms:propagation sms:objectToSubject .",
        "feeds: a propagating relation says its sms:defaultStrength",
    ),
    "no strength": (
        f"{TURBINE} {OTHER_FEEDS} sms:propagation sms:objectToSubject ; sms:defaultStrength my:brittle .",
        "feeds: brittle is no strength",
    ),
    "another word on one of our relations": (
        "sms:dependsOn sms:defaultStrength sms:soft .",
        "dependsOn: sms:defaultStrength must be one term, and it is stated as hard and soft",
    ),
    "a relation from nowhere": (
        "my:feeds a owl:ObjectProperty ; rdfs:range sms:Site ; " + STILL,
        r"feeds: its rdfs:domain must be types of the ontology \(none given\)",
    ),
    "a relation to what is no type": (
        "my:feeds a owl:ObjectProperty ; rdfs:domain sms:Site ; rdfs:range my:Cow ; " + STILL,
        r"feeds: its rdfs:range must be types of the ontology \(Cow\)",
    ),
    "alternatives that OWL reads as an intersection": (
        "my:feeds a owl:ObjectProperty ; rdfs:domain sms:Site, sms:Room ; rdfs:range sms:Site ; " + STILL,
        "feeds: rdfs:domain is stated as Site and Room, which OWL reads as their intersection",
    ),
    "an end that is an expression": (
        """my:feeds a owl:ObjectProperty ; rdfs:range sms:Site ; sms:propagation sms:noPropagation ;
        rdfs:domain [ a owl:Restriction ; owl:onProperty sms:dependsOn ; owl:someValuesFrom sms:Site ] .""",
        "feeds: rdfs:domain must be a class, a datatype or an owl:unionOf",
    ),
    "a relation that is not declared": (f"{TURBINE} my:feeds rdfs:domain my:Turbine .", "feeds: is not declared"),
    "a super-property that nobody declared": (
        f"{TURBINE} {FEEDS} my:feeds rdfs:subPropertyOf my:serves .",
        "feeds: its super-property serves is declared nowhere",
    ),
    # properties
    "a property without datatype": (
        "my:power a owl:DatatypeProperty ; rdfs:domain sms:Site .",
        "power: a property has one datatype",
    ),
    "a property with two datatypes": (
        "my:power a owl:DatatypeProperty ; rdfs:domain sms:Site ; rdfs:range xsd:string ; sms:valueType xsd:date .",
        "power: a property has one datatype",
    ),
    "a datatype that nothing here understands": (
        "my:power a owl:DatatypeProperty ; rdfs:domain sms:Site ; rdfs:range xsd:gYear .",
        "power: gYear is no supported datatype",
    ),
    "a property of what is no type": (
        "my:power a owl:DatatypeProperty ; rdfs:domain my:Cow ; rdfs:range xsd:string .",
        r"power: its rdfs:domain must be types .* \(Cow\)",
    ),
    "failure along a property": (
        "my:power a owl:DatatypeProperty ; rdfs:domain sms:Site ; rdfs:range xsd:string ; " + STILL,
        "power: is a property, along which no failure travels",
    ),
    # names
    "a local name that is taken": (
        "my:Server a owl:Class ; rdfs:subClassOf sms:ConfigurationItem .",
        "Server: Server is taken by https://w3id.org/graphsms/ontology#Server",
    ),
    "a property with the name of a relation": (
        "my:dependsOn a owl:DatatypeProperty ; rdfs:domain sms:Site ; rdfs:range xsd:string .",
        "dependsOn: dependsOn is taken by",
    ),
    "types that differ in upper and lower case": (
        "my:SERVER a owl:Class ; rdfs:subClassOf sms:ConfigurationItem .",
        "SERVER: the types Server and SERVER differ only in upper and lower case",
    ),
    "two relations of one name in the property graph": (
        "my:depends_on a owl:ObjectProperty ; rdfs:domain sms:Site ; rdfs:range sms:Site ; " + STILL,
        "would both be DEPENDS_ON",
    ),
    "a name that would need quoting in Cypher": (
        "<https://example.org/terms#wind-mill> a owl:Class ; rdfs:subClassOf sms:Site .",
        "wind-mill: its local name must be of letters",
    ),
    "a name that breaks out of a label": (
        "<https://example.org/terms#Mill`)DETACH> a owl:Class ; rdfs:subClassOf sms:Site .",
        "not Turtle|its local name must be of letters",
    ),
    "a name that the exchange format has another use for": (
        "my:type a owl:DatatypeProperty ; rdfs:domain sms:Site ; rdfs:range xsd:string .",
        "type: its local name must be",
    ),
    # shapes
    "a shape for nothing": (
        "my:S a sh:NodeShape ; sh:property [ sh:path sms:name ] .",
        "S: say which entities it is for",
    ),
    "a shape for what is no type": (
        "my:S a sh:NodeShape ; sh:targetClass my:Cow ; sh:property [ sh:path sms:name ] .",
        "S: sh:targetClass Cow is no type",
    ),
    "a shape along no path": (f"{SHAPE} [ sh:maxCount 1 ] .", "S: every sh:property has one sh:path"),
    "a shape along an unknown path": (f"{SHAPE} [ sh:path my:wind ] .", "S: sh:path wind is no property or relation"),
    "a shape along what its target cannot have": (
        f"{SHAPE} [ sh:path sms:noticePeriod ] .",
        "S: no Turbine has noticePeriod, which is for Agreement only",
    ),
    "a shape for edges along what they do not carry": (
        "my:S a sh:NodeShape ; sh:targetClass sms:QualifiedRelation ; sh:property [ sh:path sms:minimum ] .",
        "S: minimum is no property of relations",
    ),
    "a component that is not supported": (
        f"{SHAPE} [ sh:path my:power ; sh:in ( 1 2 ) ] .",
        "S: sh:in is not supported",
    ),
    "a component on the shape itself": (
        f"{TURBINE} my:S a sh:NodeShape ; sh:targetClass my:Turbine ; sh:closed true .",
        "S: sh:closed is not supported",
    ),
    "a property shape on its own": (
        "my:S a sh:PropertyShape ; sh:targetClass sms:Site ; sh:path sms:name ; sh:maxCount 1 .",
        "S: put the property shape under sh:property",
    ),
    "a count that is no number": (
        f"{SHAPE} [ sh:path my:power ; sh:minCount 'many' ] .",
        "sh:minCount must be a whole number, not 'many'",
    ),
    "a bound that is no number": (
        f"{SHAPE} [ sh:path my:power ; sh:minInclusive 'low' ] .",
        "sh:minInclusive must be a number, not 'low'",
    ),
    "a bound on what is no number": (
        f"{SHAPE} [ sh:path sms:name ; sh:minInclusive 1 ] .",
        "S: name: sh:minInclusive and sh:maxInclusive are for numbers",
    ),
    "a pattern that is none": (f"{SHAPE} [ sh:path sms:name ; sh:pattern '(' ] .", "S: name: sh:pattern is no regular"),
    "a comparison of unlike things": (
        f"{SHAPE} [ sh:path sms:validFrom ; sh:lessThan my:power ] .",
        "S: validFrom: sh:lessThan power must be a property with values of the same kind",
    ),
    "an end of what is no type": (
        f"{SHAPE} [ sh:path sms:dependsOn ; sh:class my:Cow ] .",
        "S: dependsOn: sh:class Cow is no type",
    ),
    "another datatype than the property has": (
        f"{SHAPE} [ sh:path my:power ; sh:datatype xsd:string ] .",
        "S: power: sh:datatype string is not what the property has",
    ),
}


@pytest.mark.parametrize(("turtle", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(turtle: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=message):
        with_own(tmp_path, turtle)


def test_an_error_names_the_file_of_the_user(tmp_path: Path) -> None:
    file = written(tmp_path, "my:Robot a owl:Class .")
    with pytest.raises(VocabularyError) as raised:
        load([file])
    assert str(raised.value).startswith(f"{file}: Robot: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"my:Robot a owl:Class .", "not Turtle: .*my"),
        (b"@prefix my: <https://example.org/terms#> . my:Robot", "not Turtle"),
        (b'<https://example.org/a> <https://example.org/b> "\xff" .', "not Turtle"),
        (b"<https://example.org/a> a 'text' .", None),
    ],
    ids=["unknown prefix", "broken off", "not UTF-8", "a type that is text"],
)
def test_what_is_not_turtle_is_told_with_its_file(content: bytes, message: str | None, tmp_path: Path) -> None:
    file = tmp_path / "own.ttl"
    file.write_bytes(content)
    if message is None:
        assert load([file]).types == load().types
    else:
        with pytest.raises(VocabularyError, match=message) as raised:
            load([file])
        assert str(file) in str(raised.value)


def test_a_file_that_is_not_there_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="the ontology file cannot be read"):
        load([tmp_path / "none.ttl"])
    with pytest.raises(VocabularyError, match="an ontology file must be an ordinary file"):
        load([tmp_path])


def test_a_path_may_be_text_and_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, TURBINE)
    monkeypatch.chdir(tmp_path)
    assert "Turbine" in load(["own.ttl"]).types


BARE = """
sms:Section a owl:Class ; rdfs:subClassOf skos:Concept . sms:one a sms:Section .
sms:Entity a owl:Class ; sms:behaviour sms:staysOut ; sms:expectsNothing true ; sms:section sms:one .
"""


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("", None),
        ("sms:behaviour sms:staysOut ;", "Entity: say sms:behaviour"),
        ("sms:expectsNothing true ;", "Entity: say which relations it sms:expects"),
        ("; sms:section sms:one", "Entity: say under which sms:section"),
    ],
)
def test_the_root_itself_must_say_what_all_inherit(
    left_out: str, message: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, BARE.replace(left_out, "") if left_out else BARE)
    monkeypatch.setattr(graphsms.ontology, "ontology_files", lambda: [file])
    if message is None:
        assert list(load().types) == ["Entity"]
    else:
        with pytest.raises(VocabularyError, match=message):
            load()
