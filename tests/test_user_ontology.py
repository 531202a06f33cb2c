"""A user's own Turtle beside ours is enough: import, impact, labels and the command line know its terms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import graphsms
from command_line import run

TURTLE = """
@prefix my: <https://example.org/terms#> .
@prefix sms: <https://w3id.org/graphsms/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

my:WindTurbine a owl:Class ; rdfs:subClassOf sms:ConfigurationItem ;
    skos:prefLabel "wind turbine"@en ; skos:definition "Turns wind into power."@en .

my:feedsInto a owl:ObjectProperty ;
    rdfs:domain my:WindTurbine ; rdfs:range sms:ConfigurationItem ;
    sms:propagation sms:subjectToObject ; sms:defaultStrength sms:soft ; sms:why "Less power is left." ;
    skos:prefLabel "feeds into"@en ; skos:definition "Gives its power to."@en .
"""

ESTATE = """
entities:
  - {id: turbine-1, type: WindTurbine, name: North turbine, feedsInto: hall-1}
  - {id: hall-1, type: Site}
  - {id: web, type: Service, dependsOn: srv-1}
  - {id: srv-1, type: Server, locatedAt: hall-1}
"""


@pytest.fixture(params=["sqlite", "neo4j"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "estate.db")
    return str(request.getfixturevalue("neo4j_url"))


@pytest.fixture
def turtle(tmp_path: Path) -> Path:
    file = tmp_path / "wind.ttl"
    file.write_text(TURTLE, encoding="utf-8")
    return file


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    file = tmp_path / "estate.yaml"
    file.write_text(ESTATE, encoding="utf-8")
    return file


def test_a_type_and_a_relation_of_the_users_own_are_imported_and_carry_failure(
    url: str, turtle: Path, estate: Path
) -> None:
    with graphsms.open(url, ontology=[turtle]) as graph:
        graph.ingest(estate)
        assert graph.entity("turbine-1").type == "WindTurbine"
        hits = {hit.id: hit.state for hit in graph.impact("turbine-1").hits}
        assert hits == {"hall-1": "degraded", "srv-1": "degraded", "web": "degraded"}
        assert {one.id for one in graph.entities(type="ConfigurationItem")} == {"turbine-1", "hall-1", "web", "srv-1"}


def test_without_the_users_ontology_the_file_is_refused_by_name(url: str, estate: Path) -> None:
    with graphsms.open(url) as graph:
        with pytest.raises(graphsms.RejectedError) as raised:
            graph.ingest(estate)
        assert any(fault.rule == "unknown-type" and "WindTurbine" in str(fault) for fault in raised.value.faults)
        assert graph.revision.number == 0


def test_neo4j_has_the_users_labels_and_relationship_types(neo4j_url: str, turtle: Path, estate: Path) -> None:
    from graphsms.store.neo4j import Neo4jStore

    with graphsms.open(neo4j_url, ontology=[turtle]) as graph:
        graph.ingest(estate)
        assert isinstance(graph.store, Neo4jStore)
        _, rows = graph.store.cypher(
            "MATCH (t:WindTurbine:ConfigurationItem)-[r:FEEDS_INTO]->(s:Site) RETURN t.id AS turbine, s.id AS site"
        )
        assert [tuple(row) for row in rows] == [("turbine-1", "hall-1")]


def test_the_command_line_knows_the_users_terms(url: str, turtle: Path, estate: Path) -> None:
    options = ("--store", url, "--ontology", str(turtle))
    assert run("ingest", str(estate), *options).code == 0
    found = run("find", "", "--type", "WindTurbine", "--json", *options)
    assert [one["id"] for one in json.loads(found.out)] == ["turbine-1"]
    hit = run("impact", "turbine-1", "--json", *options)
    assert {one["id"] for one in json.loads(hit.out)["hits"]} == {"hall-1", "srv-1", "web"}
    assert "feeds into" in run("show", "turbine-1", *options).out
