"""A user's own Turtle beside ours: readers, checks and suggestions know its words."""

from __future__ import annotations

from pathlib import Path

from graphsms.ontology import load
from graphsms.store import open_store
from imported import estate, imported, refused

TERMS = """
@prefix my: <https://example.org/terms#> .
@prefix sms: <https://w3id.org/graphsms/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

my:WindTurbine a owl:Class ; rdfs:subClassOf sms:ConfigurationItem .
my:rotorDiameter a owl:DatatypeProperty ; rdfs:domain my:WindTurbine ; rdfs:range xsd:decimal .
my:feedsInto a owl:ObjectProperty ; rdfs:domain my:WindTurbine ; rdfs:range sms:Site ;
    sms:propagation sms:subjectToObject ; sms:defaultStrength sms:soft ; sms:why "Less power is left." .
my:WindTurbineShape a sh:NodeShape ; sh:targetClass my:WindTurbine ;
    sh:property [ sh:path my:rotorDiameter ; sh:minCount 1 ; sh:maxCount 1 ; sh:minInclusive 1 ] .
"""


def test_their_types_relations_properties_and_shapes_hold_in_files(tmp_path: Path) -> None:
    (tmp_path / "wind.ttl").write_text(TERMS, encoding="utf-8")
    with open_store(str(tmp_path / "estate.db"), vocabulary=load([tmp_path / "wind.ttl"])) as store:
        file = tmp_path / "estate.yaml"
        hall = "{id: hall, type: Site}"
        file.write_text(
            estate("{id: t1, type: WindTurbine, rotorDiameter: 90.5, feedsInto: hall}", hall), encoding="utf-8"
        )
        imported(store, file)
        turbine = store.entity("t1")
        assert turbine is not None
        assert (turbine.type, turbine.properties) == ("WindTurbine", {"rotorDiameter": 90.5})
        assert [one.key for one in store.relations()] == [("t1", "feedsInto", "hall")]
        file.write_text(
            estate(
                "{id: t2, type: WindTurbin, rotorDiameter: 90}",
                "{id: t3, type: WindTurbine}",
                "{id: t4, type: 'https://example.org/terms#WindTurbine', rotorDiameter: 0, feedsinto: hall}",
                "{id: t5, type: WindTurbine, rotorDiameter: 1, feedsInto: t3}",
                "{id: t6, type: Site, rotorDiameter: 1}",
            ),
            encoding="utf-8",
        )
        faults = refused(store, file)
        assert [(one.subject, one.field, one.rule) for one in faults] == [
            ("t2", "type", "unknown-type"),
            ("t3", "rotorDiameter", "min-count"),
            ("t4", "feedsinto", "unknown-property"),
            ("t4", "rotorDiameter", "min-inclusive"),
            ("t5", "feedsInto", "wrong-kind"),
            ("t6", "rotorDiameter", "unexpected-property"),
        ]
        assert "Did you mean WindTurbine?" in faults[0].message
        assert "Did you mean feedsInto?" in faults[2].message
