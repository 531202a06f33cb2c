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
    "requirement-excluded",
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


def say(graph: Graph, id: str, day: str, requirement: str = POLICY, **said: Any) -> None:
    """What somebody says of a requirement on a day."""
    judged = Entity(id, "ConformityJudgement", {"decidedAt": f"{day}T00:00:00Z", **said})
    people = [Entity("ann", "Person", {"name": "Ann"}), Entity("ben", "Person", {"name": "Ben"})]
    decided = [Relation("decidedBy", id, "ann"), Relation("decidesOn", id, requirement)]
    graph.apply(ChangeSet([judged, *people], decided))


@pytest.mark.parametrize(
    ("conformity", "day", "gone"),
    [("conforms", "2026-11-11", True), ("major", "2026-11-10", True), ("conforms", "2026-11-09", False)],
)
def test_what_is_said_not_to_apply_is_found_until_it_is_judged(
    graph: Graph, conformity: str, day: str, gone: bool
) -> None:
    say(graph, "said", "2026-11-10", claimedExclusion="n/a")
    (one,) = graph.findings.record(checks=["requirement-excluded"]).findings
    assert one.entities == (POLICY, "said")
    assert one.message == "Ann says that 5.2.1 (1) a) does not apply; no requirement of 4 to 10 can be excluded (1.2)."
    say(graph, "judged", day, conformity=conformity)
    (one,) = graph.findings.run(checks=["requirement-excluded"]).findings
    assert one.status == ("gone" if gone else "still there")


def test_what_is_said_not_to_apply_is_as_good_and_as_bad_as_before(graph: Graph) -> None:
    before = graph.obligations.states(as_of=AS_OF).states[POLICY]
    say(graph, "said", "2026-11-10", claimedExclusion="n/a")
    assert graph.obligations.states(as_of=AS_OF).states[POLICY] == before
    say(graph, "judged", "2026-11-09", conformity="major")
    judged = graph.obligations.states(as_of=AS_OF).states[POLICY].conformity
    assert judged is not None
    assert judged.conformity == "major"


def test_each_who_says_it_is_found_and_nobody_before_the_day(graph: Graph) -> None:
    say(graph, "said", "2026-11-10", claimedExclusion="n/a")
    say(graph, "too", "2026-11-12", claimedExclusion="excluded")
    graph.apply(ChangeSet(relations=[Relation("decidedBy", "too", "ben")]))
    check = ["requirement-excluded"]
    messages = [one.message.partition(" that ")[0] for one in graph.findings.run(checks=check, as_of=AS_OF).findings]
    assert messages == ["Ann says", "Ann and Ben say"]
    assert graph.findings.run(checks=check, as_of="2026-11-01").findings == ()


def test_of_the_earlier_edition_the_last_clause_is_another(graph: Graph) -> None:
    earlier = next(one.id for one in graph.obligations.catalogue.of_edition("2011") if one.mandatory)
    say(graph, "said", "2026-11-10", earlier, claimedExclusion="n/a")
    (one,) = graph.findings.run(checks=["requirement-excluded"], as_of=AS_OF).findings
    assert "no requirement of 4 to 9 can be excluded" in one.message


def test_where_the_condition_is_shown_not_to_have_arisen_no_exclusion_is_found(graph: Graph) -> None:
    removal = "iso-20000-1-2018/8.5.2.1-2"
    say(graph, "said", "2026-11-10", removal, claimedExclusion="n/a")
    check = ["requirement-excluded"]
    assert len(graph.findings.run(checks=check, as_of=AS_OF).findings) == 1
    request = {"recordedAt": "2026-11-01T00:00:00Z", "changeRoute": "8.5.1.3"}
    graph.apply(ChangeSet([Entity("rfc", "RequestForChange", request)]))
    assert graph.obligations.states(as_of=AS_OF).states[removal].state == "no occurrence"
    assert graph.findings.run(checks=check, as_of=AS_OF).findings == ()
