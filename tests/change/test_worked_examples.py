"""The worked examples of the documentation, as values: the estates are those of the page, whatever its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import graphsms
from graphsms.change.assessment import Assessment
from graphsms.change.conflicts import ALONE, TOGETHER
from graphsms.graph import Graph

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "change-examples.md"
FILE = re.compile(r"^```yaml\n(# file: (?P<name>\S+)\n.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = {block["name"]: block[1] for block in FILE.finditer(PAGE.read_text("utf-8"))}
NOW = "2026-11-21T12:00:00Z"

Ingest = Callable[[str], Graph]


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[Ingest]:
    """Imports a file of the page into one graph."""
    with graphsms.open(tmp_path / "estate.db") as graph:

        def one(name: str) -> Graph:
            (tmp_path / name).write_text(BLOCKS[name], encoding="utf-8")
            graph.ingest(tmp_path / name)
            return graph

        yield one


def states(found: Assessment) -> dict[str, str]:
    return {one.id: one.state for one in found.services()}


def rows(found: Assessment, letter: str, title: str) -> list[dict[str, Any]]:
    (section,) = [one for one in found.sections if one.letter == letter]
    (part,) = [one for one in section.parts if one.title == title]
    return part.table.records()


def said(graph: Graph, id: str) -> dict[str, str]:
    (one,) = graph.change.classify(id, as_of=NOW)
    return {each.of: each.says for each in one.conclusions}


def test_one_of_two_load_balancers_uses_up_the_redundancy_and_stops_nothing(ingest: Ingest) -> None:
    graph = ingest("balancers.yaml")
    found = graph.change.assess("rfc-101")
    assert states(found) == {"shop": "at risk"}
    assert {one.id: one.state for one in found.hits if not one.concerned} == {
        "shop": "at risk",
        "balancers": "at risk",
        "lb-1": "down",
    }
    (group,) = rows(found, "d", "Availability: redundancy left")
    assert (group["id"], group["members"], group["left_before"], group["left_after"]) == ("balancers", 2, 1, 0)
    assert not graph.change.conflicts("rfc-101", as_of=NOW).found
    assert {one.id for one in found.notify} == {"acme", "team-shop", "team-platform"}


def test_two_teams_in_one_night_conflict_where_neither_does_alone(ingest: Ingest) -> None:
    ingest("balancers.yaml")
    graph = ingest("second.yaml")
    for id in ("rfc-101", "rfc-102"):
        assert states(graph.change.assess(id, with_context=False)) == {"shop": "at risk"}
    (one,) = graph.change.conflicts("rfc-102", as_of=NOW).conflicts
    assert (one.kind, one.ids) == (TOGETHER, ("rfc-101", "rfc-102"))
    assert [each.id for each in one.services] == ["shop"]
    assert one.spans == (("2026-11-28T21:00:00Z", "2026-11-28T22:00:00Z"),)
    (group,) = one.groups
    assert {lost.entity.id: lost.by for lost in group.lost} == {"lb-1": (("rfc-101",),), "lb-2": (("rfc-102",),)}


def test_the_nearest_free_window_begins_as_the_other_ends(ingest: Ingest) -> None:
    ingest("balancers.yaml")
    graph = ingest("second.yaml")
    found = graph.change.windows("rfc-102", earliest="2026-11-28", latest="2026-12-05", as_of=NOW)
    assert not found.free
    assert [(one.start, one.moved_by) for one in found.proposals[:2]] == [
        ("2026-11-28T22:00:00Z", 3600),
        ("2026-11-28T18:00:00Z", -3 * 3600),
    ]
    for one in found.proposals:
        graph.change.edit("rfc-102", {"windowStart": one.start, "windowEnd": one.end})
        assert not graph.change.conflicts("rfc-101", "rfc-102", as_of=NOW).found


def test_a_database_that_goes_takes_a_service_and_half_of_another_with_it(ingest: Ingest) -> None:
    graph = ingest("archive.yaml")
    found = graph.change.assess("rfc-201")
    assert states(found) == {"archive": "down", "audit": "degraded"}
    referring = {(row["subject"], row["object"]) for row in rows(found, "a", "What refers to what goes")}
    assert referring >= {
        ("archive-app", "archive-db"),
        ("audit", "archive-db"),
        ("plan-archive", "archive-db"),
        ("archive-db", "backup"),
        ("archive-db", "db-host"),
    }
    assert ("rfc-202", "archive-db") in referring  # another request, which has to be looked at too
    assert not any(subject == "rfc-201" for subject, _ in referring)
    assert [one["id"] for one in rows(found, "c", "Continuity plans")] == ["plan-archive"]
    assert said(graph, "rfc-201")["route"] == "8.5.1.3"


def test_removal_of_a_service_goes_through_service_design_and_transition(ingest: Ingest) -> None:
    graph = ingest("archive.yaml")
    found = graph.change.assess("rfc-202")
    assert states(found) == {"archive": "down", "audit": "degraded"}
    assert said(graph, "rfc-202")["route"] == "8.5.1.2 d"
    referring = {(row["subject"], row["object"]) for row in rows(found, "a", "What refers to what goes")}
    assert referring >= {("acme", "archive"), ("sla-archive", "archive"), ("archive", "archive-app")}
    assert [one["id"] for one in rows(found, "b", "Agreements at risk")] == ["sla-archive"]
    steps = graph.change.explain("audit", "rfc-202").steps
    assert [(step.id, step.state) for step in steps] == [("audit", "degraded"), ("archive-db", "down")]


def test_replacing_a_supplier_leaves_a_gap_that_costs_what_was_promised(ingest: Ingest) -> None:
    graph = ingest("carrier.yaml")
    found = graph.change.assess("rfc-301")
    assert states(found) == {"ledger": "down", "branches": "at risk"}
    (target,) = rows(found, "b", "Targets at risk")
    assert (target["id"], target["missed"], target["missed_before"]) == ("t-ledger", True, False)
    assert target["uses_minutes"] == 2 * 10 * 60  # two working days of ten hours
    assert {(one.id, one.role) for one in found.notify} >= {("northwire", "supplier"), ("p-ames", "supplier contact")}
    assert said(graph, "rfc-301") | {"risk": ""} == {
        "major_impact": "yes",
        "category": "normal",
        "route": "8.5.1.2 b",
        "risk": "",
    }


def test_the_contract_of_the_supplier_that_goes_is_looked_at_again(ingest: Ingest) -> None:
    graph = ingest("carrier.yaml")
    found = graph.change.assess("rfc-301")
    referring = {(row["subject"], row["object"]) for row in rows(found, "a", "What refers to what goes")}
    assert ("contract-northwire", "supply-line") in referring
    assert any("contract-northwire" in note for note in found.notes)  # it has run out by then
    ends = graph.configuration.expiring("30d", as_of=NOW)
    assert [one.id for one in ends.endings] == ["contract-northwire"]


def test_a_gap_when_nothing_is_promised_uses_nothing(ingest: Ingest) -> None:
    graph = ingest("carrier.yaml")
    graph.change.edit("rfc-301", {"windowStart": "2026-11-28", "windowEnd": "2026-11-28"})
    found = graph.change.assess("rfc-301")
    assert found.span == ("2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z")
    assert states(found)["ledger"] == "down"
    (target,) = rows(found, "b", "Targets at risk")
    assert (target["uses_minutes"], target["missed"]) == (0, False)


def test_a_firewall_that_everything_needs_is_a_conflict_of_its_own(ingest: Ingest) -> None:
    graph = ingest("firewall.yaml")
    found = graph.change.assess("rfc-401")
    assert states(found) == dict.fromkeys(("payments", "shop", "mail", "intranet"), "down") | {"doors": "degraded"}
    assert [one.id for one in found.services()][:2] == ["payments", "shop"]  # the critical ones first
    assert said(graph, "rfc-401") == {
        "major_impact": "yes",
        "category": "normal",
        "route": "8.5.1.3",
        "risk": "very high",
    }
    (one,) = graph.change.conflicts("rfc-401", as_of=NOW).conflicts
    assert (one.kind, {each.id for each in one.services}) == (ALONE, {"payments", "shop", "mail", "intranet"})
    assert {one.id for one in found.notify if one.role == "customer"} == {"acme", "burrow"}


def test_what_a_person_judges_stays_out_and_stays_visible(ingest: Ingest) -> None:
    graph = ingest("firewall.yaml")
    graph.change.judge("rfc-401", "doors", impacted=False, why="The locks keep the list of the day", by="p-osei")
    found = graph.change.assess("rfc-401")
    assert set(states(found)) == {"payments", "shop", "mail", "intranet"}
    assert [(one.entity, one.computed, one.holds) for one in found.judgements] == [("doors", "degraded", True)]
    graph.change.withdraw("rfc-401", "doors")
    again = graph.change.assess("rfc-401")
    assert states(again)["doors"] == "degraded"
    assert [one.holds for one in again.judgements] == [False]


def test_a_second_firewall_makes_the_same_change_one_that_stops_nothing(ingest: Ingest) -> None:
    ingest("firewall.yaml")
    graph = ingest("pair.yaml")
    found = graph.change.assess("rfc-401")
    assert set(states(found).values()) == {"at risk"}
    assert not graph.change.conflicts("rfc-401", as_of=NOW).conflicts
    assert said(graph, "rfc-401")["major_impact"] == "no"
