"""What is wrong with evidence is found where somebody has begun with it, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import graphsms
from graphsms import ChangeSet, Entity, Graph, Relation

AS_OF = "2026-11-21"
OURS = [
    "document-review-overdue",
    "evidence-in-the-future",
    "interval-not-declared",
    "obligation-uncovered",
    "requirement-missing",
    "requirement-partial",
    "requirement-stale",
    "withdrawn-document-linked",
]
POLICY = "iso-20000-1-2018/5.2.1-1-a"  # a duty to document
AUDITS = "iso-20000-1-2018/9.2.1-1-b"  # audits, at planned intervals
APPROVED = {"version": "2", "approvedOn": "2026-02-01", "fileLocation": "policy.pdf", "documentStatus": "approved"}


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graphsms.open(f"{tmp_path}/sms.db") as found:
        found.obligations.load()
        yield found


def planned_duty(graph: Graph) -> str:
    """A requirement to do something at planned intervals."""
    return next(
        one.id
        for one in graph.obligations.catalogue.of_edition()
        if one.at_planned_intervals and one.duty == "do" and not one.items and one.mandatory and not one.computed
    )


def link(graph: Graph, entity: Entity, requirement: str, **said: Any) -> None:
    graph.apply(ChangeSet([entity], [Relation("demonstrates", entity.id, requirement, said)]))


def found(graph: Graph) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for one in graph.findings.run(checks=OURS, as_of=AS_OF).findings:
        rows.setdefault(one.check, []).append(one.entities[0])
    return rows


def test_where_nobody_has_begun_nothing_is_found_though_the_catalogue_is_there(graph: Graph) -> None:
    answer = graph.findings.run(checks=OURS, as_of=AS_OF)
    assert answer.findings == ()
    assert all(one.looked_at == 0 and one.note for one in answer.tallies)


def test_computed_evidence_alone_is_no_beginning(graph: Graph) -> None:
    graph.apply(ChangeSet([Entity("inc-1", "Incident")]))
    graph.obligations.assess(as_of=AS_OF + "T12:00:00Z")
    assert found(graph) == {}


def test_only_what_was_looked_at_counts_and_only_in_the_edition_begun_with(graph: Graph) -> None:
    link(graph, Entity("policy", "Policy", APPROVED), POLICY)
    tallies = {one.check: one for one in graph.findings.run(checks=OURS, as_of=AS_OF).tallies}
    assert tallies["requirement-missing"].looked_at == 1
    assert found(graph) == {}


def test_a_name_in_a_list_leaves_the_requirement_missing(graph: Graph) -> None:
    link(graph, Entity("policy", "Policy"), POLICY)
    assert found(graph) == {"requirement-missing": [POLICY]}


def test_a_draft_is_partial_and_a_withdrawn_document_is_out_of_date_and_told_itself(graph: Graph) -> None:
    link(graph, Entity("policy", "Policy", {**APPROVED, "documentStatus": "draft"}), POLICY)
    assert found(graph) == {"requirement-partial": [POLICY]}
    graph.apply(ChangeSet([Entity("policy", "Policy", {**APPROVED, "documentStatus": "withdrawn"})]))
    assert found(graph) == {"requirement-stale": [POLICY], "withdrawn-document-linked": ["policy"]}


@pytest.mark.parametrize(("due", "overdue"), [("2026-11-21", False), ("2026-11-20", True)])
def test_a_document_is_due_for_review_from_the_day_after(graph: Graph, due: str, overdue: bool) -> None:
    graph.apply(ChangeSet([Entity("policy", "Policy", {**APPROVED, "reviewDueOn": due})]))
    assert found(graph) == ({"document-review-overdue": ["policy"]} if overdue else {})


def test_evidence_of_the_future_is_found_and_counts_for_nothing(graph: Graph) -> None:
    done = Entity("audit", "Audit", {"endedAt": "2026-11-22T00:00:00Z"})
    link(graph, done, planned_duty(graph), reviewInterval="P1Y")
    assert found(graph) == {"evidence-in-the-future": ["audit"], "requirement-missing": [planned_duty(graph)]}


def test_an_interval_that_nobody_has_declared_is_found_once(graph: Graph) -> None:
    duty = planned_duty(graph)
    done = Entity("audit", "Audit", {"endedAt": "2026-11-01T00:00:00Z"})
    link(graph, done, duty)
    assert found(graph) == {"interval-not-declared": [duty]}
    link(graph, done, duty, reviewInterval="P1Y")
    assert found(graph) == {}


def test_a_demand_of_the_law_wants_an_owner_and_evidence(graph: Graph) -> None:
    graph.apply(ChangeSet([Entity("law", "LegalObligation", {"name": "Keep logs"}), Entity("ann", "Person")]))
    (one,) = graph.findings.run(checks=["obligation-uncovered"], as_of=AS_OF).findings
    assert one.message == "Keep logs has no owner and no evidence."
    graph.apply(ChangeSet(relations=[Relation("ownedBy", "law", "ann")]))
    link(graph, Entity("logs", "Record", {"issuedOn": "2026-11-01"}), "law")
    assert found(graph) == {}


def test_a_finding_keeps_its_identity_and_is_gone_when_the_evidence_is_there(graph: Graph) -> None:
    link(graph, Entity("policy", "Policy"), POLICY)
    graph.findings.record(checks=OURS)
    graph.apply(ChangeSet([Entity("policy", "Policy", APPROVED)]))
    statuses = {one.identity: one.status for one in graph.findings.run(checks=OURS).findings}
    assert statuses == {f"requirement-missing:{POLICY}": "gone"}
