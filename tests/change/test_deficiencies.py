"""What changes and releases lack is found, and nothing else is (8.5.1.3, 8.5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from after_changes import ESTATE, a_change
from graphsms.model import ChangeSet, Entity, Relation

NOW = "2026-11-20T12:00:00Z"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ESTATE)
        yield graph


def found(graph: graphsms.Graph, check: str, **options: object) -> tuple[list[str], int]:
    """The entities that the check finds, and how many it looked at."""
    answer = graph.findings.run(checks=[check], **{"as_of": NOW, **options})  # type: ignore[arg-type]
    (tally,) = answer.tallies
    return [one.identity.partition(":")[2] for one in answer.findings], tally.looked_at


def approved(id: str, **says: str) -> ChangeSet:
    return a_change(id, ("db", "change"), start="", end="", changeStatus="approved", **says)


def a_decision(id: str, on: str, *, outcome: str = "approved", on_what: str = "") -> ChangeSet:
    relations = [Relation("decidesOn", id, on)]
    if on_what:
        relations.append(Relation("basedOn", id, on_what))
    return ChangeSet([Entity(id, "ChangeDecision", {"decision": outcome})], relations)


def test_an_approved_change_needs_an_assessment_that_its_decision_rests_on_or_that_is_about_it(
    graph: graphsms.Graph,
) -> None:
    for id in ("none", "minutes", "pack", "about"):
        graph.apply(approved(id))
    graph.apply(approved("standard", changeCategory="standard"))
    records = [Entity("m", "MeetingMinutes"), Entity("p", "ChangeAssessment"), Entity("q", "ChangeAssessment")]
    graph.apply(ChangeSet(records, [Relation("about", "q", "about")]))
    graph.apply(a_decision("d-1", "minutes", on_what="m"))
    graph.apply(a_decision("d-2", "pack", on_what="p"))
    assert found(graph, "change-without-assessment") == (["minutes", "none"], 4)


def test_an_approved_change_needs_a_decision_that_approved_it(graph: graphsms.Graph) -> None:
    for id in ("none", "rejected", "yes"):
        graph.apply(approved(id))
    graph.apply(a_decision("d-1", "rejected", outcome="rejected"))
    graph.apply(a_decision("d-2", "yes"))
    assert found(graph, "change-without-decision") == (["none", "rejected"], 3)


def test_an_approved_change_needs_a_way_back_in_words_or_as_a_plan(graph: graphsms.Graph) -> None:
    graph.apply(approved("none"))
    graph.apply(approved("words", remediation="Put the old one back"))
    graph.apply(approved("plan"))
    graph.apply(ChangeSet([Entity("way", "RemediationPlan")], [Relation("remediatedBy", "plan", "way")]))
    graph.apply(a_change("made", ("db", "change")))
    assert found(graph, "change-without-remediation") == (["none"], 3)


def test_a_review_is_overdue_when_the_policy_says_so(graph: graphsms.Graph, tmp_path: Path) -> None:
    graph.apply(a_change("old", ("db", "change"), end="2026-11-06T12:00:00Z"))
    graph.apply(a_change("new", ("db", "change"), end="2026-11-06T12:00:01Z"))
    graph.apply(a_change("over", ("db", "change"), end="2026-11-06T12:00:00Z", changeStatus="closed"))
    graph.apply(a_change("undated", ("db", "change"), start="", end=""))
    assert found(graph, "change-review-overdue") == (["old"], 2)
    (tmp_path / "policy.yaml").write_text("reviewed_within: P1D\n", encoding="utf-8")
    mine = tmp_path / "checks.yaml"
    mine.write_text(
        "checks:\n  - {id: ours, version: 1, title: Ours, clause: 8.5.1.3, severity: warning, remedy: Review,\n"
        f"     analysis: change-reviews, parameters: {{policy: {tmp_path / 'policy.yaml'}}}}}\n",
        encoding="utf-8",
    )
    assert found(graph, "ours", files=[mine]) == (["new", "old"], 3)


def test_an_action_is_overdue_from_the_day_after_its_day(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "change")))
    says = {"late": ("2026-11-19", "new"), "today": ("2026-11-20", "new"), "done": ("2026-11-19", "closed")}
    actions = [Entity(id, "Action", {"dueOn": due, "caseStatus": status}) for id, (due, status) in says.items()]
    elsewhere = Entity("elsewhere", "Action", {"dueOn": "2026-11-19", "caseStatus": "new"})
    graph.apply(ChangeSet([*actions, elsewhere], [Relation("addresses", id, "rfc-1") for id in says]))
    assert found(graph, "change-action-overdue") == (["late"], 3)


def test_trends_are_to_be_analysed_where_there_are_changes(graph: graphsms.Graph) -> None:
    assert found(graph, "change-trends-overdue") == ([], 0)
    graph.apply(a_change("rfc-1", ("db", "change")))
    assert found(graph, "change-trends-overdue") == (["changes"], 1)
    graph.change.trends(since="2026-10-01", until="2026-10-31", keep=True)
    assert found(graph, "change-trends-overdue") == ([], 1)
    assert found(graph, "change-trends-overdue", as_of="2026-12-02T00:00:00Z") == (["changes"], 1)


def test_a_release_needs_a_decision_that_accepted_it(graph: graphsms.Graph) -> None:
    deployed = {"releaseStatus": "deployed"}
    graph.apply(
        ChangeSet(
            [
                *(Entity(id, "Release", deployed) for id in ("none", "rejected", "yes")),
                Entity("planned", "Release", {"releaseStatus": "planned"}),
                Entity("a-1", "AcceptanceDecision", {"decision": "rejected"}),
                Entity("a-2", "AcceptanceDecision", {"decision": "accepted"}),
            ],
            [Relation("decidesOn", "a-1", "rejected"), Relation("decidesOn", "a-2", "yes")],
        )
    )
    assert found(graph, "release-without-acceptance") == (["none", "rejected"], 3)
    assert found(graph, "decision-without-basis") == (["a-1", "a-2"], 2)


def test_a_decision_rests_on_something(graph: graphsms.Graph) -> None:
    graph.apply(approved("rfc-1"))
    graph.apply(ChangeSet([Entity("m", "MeetingMinutes")]))
    graph.apply(a_decision("d-1", "rfc-1", on_what="m"))
    graph.apply(a_decision("d-2", "rfc-1"))
    assert found(graph, "decision-without-basis") == (["d-2"], 2)
