"""OSCAL: what is written is valid for compliance-trestle, whole, and the same each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog

import graphsms
from command_line import run
from graphsms.clauses import Catalogue, catalogue
from graphsms.ontology import load

POLICY = "iso-20000-1-2018/8.5.1.1-1-a"
COMPETENCE = "iso-20000-1-2018/7.2-1-b"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    """A policy, a record that no longer counts, and a judgement."""
    with graphsms.open(tmp_path / "sms.db") as graph:
        graph.obligations.load()
        graph.apply(
            graphsms.ChangeSet(
                entities=[
                    graphsms.Entity(
                        "doc",
                        "Policy",
                        {
                            "name": "Change policy",
                            "version": "3",
                            "documentStatus": "approved",
                            "approvedOn": "2026-01-10",
                            "fileLocation": "docs/P 02.pdf",
                        },
                    ),
                    graphsms.Entity("rec", "Record", {"issuedOn": "2020-06-01"}),
                    graphsms.Entity("plan", "Policy", {"documentStatus": "planned"}),
                    graphsms.Entity("anna", "Person", {"name": "Anna"}),
                    graphsms.Entity(
                        "judged",
                        "ConformityJudgement",
                        {"conformity": "minor", "decidedAt": "2026-10-01T08:00:00Z", "rationale": "Two kinds lack."},
                    ),
                ],
                relations=[
                    graphsms.Relation("satisfies", "doc", POLICY),
                    graphsms.Relation("satisfies", "plan", POLICY),
                    graphsms.Relation("demonstrates", "rec", COMPETENCE),
                    graphsms.Relation("decidesOn", "judged", POLICY),
                    graphsms.Relation("decidedBy", "judged", "anna"),
                ],
            )
        )
        yield graph


@pytest.fixture(scope="module")
def found() -> Catalogue:
    return catalogue(load())


def written(value: dict[str, Any], folder: Path) -> Path:
    file = folder / "oscal.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return file


def controls(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in part.get("controls", ()):
        yield one
        yield from controls(one)
    for one in part.get("groups", ()):
        yield from controls(one)


@pytest.mark.parametrize("edition", ["2018", "2011"])
def test_a_catalog_is_valid_and_has_every_requirement(
    graph: graphsms.Graph, found: Catalogue, edition: str, tmp_path: Path
) -> None:
    made = graph.obligations.oscal("catalog", edition)
    assert Catalog.oscal_read(written(made, tmp_path)) is not None
    titles = [one["title"] for one in controls(made["catalog"])]
    assert sorted(titles) == sorted(one.anchor for one in found.of_edition(edition))
    ids = [one["id"] for one in controls(made["catalog"])]
    assert len(set(ids)) == len(ids)


def test_a_group_has_groups_or_controls_and_not_both(graph: graphsms.Graph) -> None:
    def groups(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for one in part.get("groups", ()):
            yield one
            yield from groups(one)

    for year in ("2018", "2011"):
        made = list(groups(graph.obligations.oscal("catalog", year)["catalog"]))
        assert made
        assert not [one["id"] for one in made if "groups" in one and "controls" in one]


def test_results_are_valid_with_observations_and_findings(graph: graphsms.Graph, tmp_path: Path) -> None:
    made = graph.obligations.oscal("results", as_of="2026-11-21")
    assert AssessmentResults.oscal_read(written(made, tmp_path)) is not None
    result = made["assessment-results"]["results"][0]
    assert [one["title"] for one in result["observations"]] == ["Change policy", "rec"]  # not what is only planned
    assert result["observations"][0]["relevant-evidence"][0]["href"] == "docs/P%2002.pdf"
    (finding,) = result["findings"]
    assert finding["target"]["status"]["state"] == "not-satisfied"
    assert finding["related-observations"] == [{"observation-uuid": result["observations"][0]["uuid"]}]
    assert finding["description"] == "Two kinds lack."
    props = {one["name"]: one["value"] for one in result["props"]}
    assert (props["evidenced"], props["stale"]) == ("1", "1")


def test_an_empty_graph_has_valid_results_too(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "empty.db") as graph:
        made = graph.obligations.oscal("results", as_of="2026-11-21")
    assert AssessmentResults.oscal_read(written(made, tmp_path)) is not None
    assert "observations" not in made["assessment-results"]["results"][0]


def test_the_same_question_gives_the_same_bytes(graph: graphsms.Graph) -> None:
    first, again = (json.dumps(graph.obligations.oscal("results", as_of="2026-11-21")) for _ in range(2))
    assert first == again


def test_the_command_writes_a_file(graph: graphsms.Graph, tmp_path: Path) -> None:
    url, out = str(tmp_path / "sms.db"), tmp_path / "results.json"
    ran = run("oscal", "results", "--as-of", "2026-11-21", "--output", str(out), "--store", url)
    assert (ran.code, ran.out) == (0, "")
    assert json.loads(out.read_text("utf-8")) == graph.obligations.oscal("results", as_of="2026-11-21")
    shown = run("oscal", "catalog", "--edition", "2011", "--store", url)
    assert json.loads(shown.out) == graph.obligations.oscal("catalog", "2011")


def test_what_cannot_be_written_is_told(graph: graphsms.Graph, tmp_path: Path) -> None:
    url = graph.store.url
    ran = run("oscal", "results", "--store", url, "--output", str(tmp_path / "none" / "results.json"))
    assert ran.code == 2
    assert "cannot be written" in ran.err
    ran = run("oscal", "catalog", "--edition", "1999", "--store", url)
    assert (ran.code, "There is no edition '1999'" in ran.err) == (2, True)
