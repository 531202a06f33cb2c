"""Operational history, maturity and the readiness list: what stands against a certification."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.graph import Graph

NOW = "2026-11-21T12:00:00Z"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graphsms.open(tmp_path / "sms.db") as graph:
        graph.apply(ChangeSet(entities=[Entity("proc", "Process", {"name": "Incident management"})]))
        yield graph


def incident(graph: Graph, id: str, at: str, process: str | None = "proc") -> None:
    linked = [Relation("underProcess", id, process)] if process else []
    graph.apply(ChangeSet(entities=[Entity(id, "Incident", {"recordedAt": at})], relations=linked))


@pytest.mark.parametrize(
    ("first", "enough"),
    [("2026-08-21T12:00:00Z", True), ("2026-08-21T12:00:01Z", False), ("2026-08-21T11:59:59Z", True)],
)
def test_three_months_of_records_are_enough_and_a_second_less_is_not(graph: Graph, first: str, enough: bool) -> None:
    incident(graph, "inc-1", first)
    (process,) = graph.obligations.history(as_of=NOW).processes
    assert process.long_enough is enough


def test_records_are_counted_by_month_in_the_organizations_zone(graph: Graph) -> None:
    graph.set_zone("Europe/Zurich")
    for number, at in enumerate(["2026-09-30T21:59:00Z", "2026-09-30T22:01:00Z", "2026-10-05T08:00:00Z"]):
        incident(graph, f"inc-{number}", at)
    (process,) = graph.obligations.history(as_of=NOW).processes
    assert process.months == {"2026-09": 1, "2026-10": 2}
    assert (process.records, process.earliest) == (3, "2026-09-30T21:59:00Z")


def test_what_came_about_later_is_not_counted_then(graph: Graph) -> None:
    incident(graph, "inc-1", "2026-12-01T08:00:00Z")
    history = graph.obligations.history(as_of=NOW)
    assert history.processes[0].sentence(history.required) == "no records"
    assert graph.obligations.history(as_of="2026-12-02").processes[0].records == 1


def test_a_case_counts_when_it_was_recorded_and_not_when_it_was_resolved(graph: Graph) -> None:
    times = {"recordedAt": "2026-07-01T08:00:00Z", "resolvedAt": "2026-11-01T08:00:00Z"}
    graph.apply(
        ChangeSet(entities=[Entity("inc", "Incident", times)], relations=[Relation("underProcess", "inc", "proc")])
    )
    assert graph.obligations.history(as_of=NOW).processes[0].months == {"2026-07": 1}


def test_an_incident_that_names_no_process_counts_for_the_one_that_satisfies_its_clause(graph: Graph) -> None:
    demand = "iso-20000-1-2018/8.6.1-1"
    graph.apply(
        ChangeSet(
            entities=[Entity(demand, "Requirement"), Entity("other", "Process")],
            relations=[Relation("satisfies", "proc", demand)],
        )
    )
    incident(graph, "inc-1", "2026-07-01T08:00:00Z", None)
    found = {one.id: one for one in graph.obligations.history(as_of=NOW).processes}
    assert (found["proc"].records, found["proc"].by_type, found["other"].records) == (1, 1, 0)


def test_the_policy_says_how_far_back_records_have_to_go(graph: Graph, tmp_path: Path) -> None:
    incident(graph, "inc-1", "2026-08-01T08:00:00Z")
    policy = tmp_path / "policy.yaml"
    policy.write_text("{period: P1Y, computed_within: P3M, history: P6M, audit_cycle: P3Y}")
    history = graph.obligations.history(policy=policy, as_of=NOW)
    assert history.processes[0].sentence(history.required) == "1 record since 2026-08-01, which is less than 6 months"
    assert history.sentence() == "0 of 1 processes have records that go back 6 months or more."


def test_a_process_that_is_retired_has_no_history_to_show(graph: Graph) -> None:
    graph.apply(ChangeSet(entities=[Entity("proc", "Process", {"lifecycle": "retired"})]))
    assert graph.obligations.history(as_of=NOW).processes == ()


def assessment(graph: Graph, id: str, on: str, level: int, target: int | None = None) -> None:
    said: dict[str, Any] = {
        "maturityLevel": level,
        "endedAt": on,
        **({} if target is None else {"targetMaturityLevel": target}),
    }
    graph.apply(
        ChangeSet(entities=[Entity(id, "MaturityAssessment", said)], relations=[Relation("assesses", id, "proc")])
    )


def test_of_several_assessments_of_maturity_the_latest_counts(graph: Graph) -> None:
    assessment(graph, "first", "2026-03-01T00:00:00Z", 1, 3)
    assessment(graph, "second", "2026-09-01T00:00:00Z", 3, 3)
    assessment(graph, "to-come", "2027-03-01T00:00:00Z", 5, 3)
    (level,) = graph.obligations.worksheet(as_of=NOW).maturity
    assert (level.assessment, level.level, level.target, level.below) == ("second", 3, 3, False)
    assert graph.obligations.worksheet(as_of="2026-05-01").maturity[0].below


def test_maturity_counts_for_readiness_once_anything_is_assessed(graph: Graph) -> None:
    assert graph.obligations.readiness(as_of=NOW).of("maturity") == ()
    graph.apply(ChangeSet(entities=[Entity("other", "Process")]))
    assessment(graph, "first", "2026-03-01T00:00:00Z", 2, 3)
    states = [(one.id, one.state, one.ready) for one in graph.obligations.readiness(as_of=NOW).of("maturity")]
    assert states == [("other", "not assessed", False), ("proc", "below target", False)]


def test_each_point_of_the_list_has_the_state_of_the_requirements_behind_it(graph: Graph) -> None:
    listed = [one for one in graph.obligations.catalogue.guidance.values() if one.kind == "readiness"]
    answer = graph.obligations.readiness(as_of=NOW)
    assert [one.id for one in answer.of("point")] == [one.id for one in sorted(listed, key=lambda one: one.position)]
    point = answer.of("point")[0]
    behind = next(one for one in listed if one.id == point.id).guides
    assert (point.state, point.ready) == ("not assessed", False)
    approved = {"version": "1", "approvedOn": "2026-10-01", "fileLocation": "policy.pdf", "documentStatus": "approved"}
    record = Entity("policy", "Policy", approved)
    minutes = Entity("minutes", "MeetingMinutes", {"issuedOn": "2026-10-01"})
    wanted = {*behind, *(item for id in behind for item in graph.obligations.catalogue.requirements[id].items)}
    graph.apply(
        ChangeSet(
            entities=[record, minutes, *(Entity(id, "Requirement") for id in sorted(wanted))],
            relations=[Relation("demonstrates", of, id) for id in sorted(wanted) for of in ("policy", "minutes")],
        )
    )
    point = graph.obligations.readiness(as_of=NOW).of("point")[0]
    assert (point.state, point.ready, point.open) == ("evidenced", True, ())


def test_of_the_edition_of_2011_what_became_the_requirements_of_2018_stands_behind_the_points(graph: Graph) -> None:
    old, new = (graph.obligations.readiness(edition, as_of=NOW).of("point") for edition in ("2011", "2018"))
    assert [one.id for one in old] == [one.id for one in new]
    nothing = [one.text for one in old if "no requirement of this edition" in one.why]
    assert nothing == ["Objectives for service management can be measured and go back to the policy."]
    known = graph.obligations.catalogue
    tried_out = next(one for one in old if one.text.startswith("Continuity plans have been tried out"))
    assert set(tried_out.open) == {
        known.requirements[before.id].anchor
        for id in known.guidance[tried_out.id].guides
        for before in known.requirements[id].came_from
    }


def test_a_short_history_stands_against_the_point_on_operational_history(graph: Graph) -> None:
    incident(graph, "inc-1", "2026-10-01T08:00:00Z")
    (point,) = [one for one in graph.obligations.readiness(as_of=NOW).of("point") if "3 months" in one.why]
    assert not point.ready
    (history,) = graph.obligations.readiness(as_of=NOW).of("history")
    assert (history.state, history.why) == ("too short", "1 record since 2026-10-01, which is less than 3 months")


def test_without_processes_nothing_is_ready_by_default(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "empty.db") as graph:
        answer = graph.obligations.readiness(as_of=NOW)
        assert not answer.ready
        assert "no live process" in graph.obligations.history(as_of=NOW).sentence()
