"""The audit programme and nonconformities on hand-made cases, with days on both sides of every limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.obligations.programme import ClauseAudit, Programme

R = "iso-20000-1-2018"
PROGRAMME = Entity(
    "programme", "AuditProgramme",
    {"documentStatus": "approved", "approvedOn": "2024-01-01", "auditCycle": "P2Y"},
)  # fmt: skip


def an_audit(
    id: str, day: str = "", *, examines: tuple[str, ...] = (), against: tuple[str, ...] = (), **said: str
) -> ChangeSet:
    ended = {"endedAt": f"{day}T12:00:00Z"} if day else {}
    relations = [Relation("examines", id, one) for one in examines]
    relations += [Relation("auditedAgainst", id, one) for one in against]
    return ChangeSet([Entity(id, "Audit", {**ended, **said})], relations)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "sms.db") as graph:
        graph.obligations.load()
        graph.apply(
            ChangeSet(
                entities=[
                    Entity("sms", "ServiceManagementSystem"),
                    Entity("proc-change", "Process", {"criticality": "low"}),
                    Entity("proc-incident", "Process", {"criticality": "low"}),
                ],
                relations=[
                    Relation("satisfies", "proc-change", f"{R}/8.5.1.2-1"),
                    Relation("satisfies", "proc-incident", f"{R}/8.6.1-1"),
                ],
            )
        )
        yield graph


def clause(found: Programme, number: str) -> ClauseAudit:
    return next(one for one in found if one.clause == number)


def programme(graph: graphsms.Graph, as_of: str = "2025-06-30") -> Programme:
    return graph.obligations.audits.programme(as_of=as_of)


def test_without_programme_and_audits_nothing_can_be_said(graph: graphsms.Graph) -> None:
    assert not programme(graph).known
    (tally,) = graph.findings.run(checks=["clause-not-audited"], as_of="2025-06-30").tallies
    assert (tally.looked_at, tally.note) == (0, "no internal audit and no audit programme is recorded")


def test_every_clause_that_demands_anything_is_in_the_programme_once(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([PROGRAMME]))
    found = programme(graph)
    demanding = {one.clause for one in graph.obligations.catalogue.of_edition("2018") if one.mandatory}
    assert sorted(one.clause for one in found) == sorted(demanding)
    assert {one.clause.partition(".")[0] for one in found} == {"4", "5", "6", "7", "8", "9", "10"}
    old = graph.obligations.audits.programme("2011", as_of="2025-06-30")
    assert {one.clause.partition(".")[0] for one in old} == {"4", "5", "6", "7", "8", "9"}


def test_what_was_never_audited_is_due_when_the_first_cycle_ends(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([PROGRAMME]))
    assert not programme(graph, "2025-12-31T23:59:59Z").overdue
    late = programme(graph, "2026-01-01T00:00:01Z")
    assert len(late.overdue) == len(late)
    assert clause(late, "8.6.1").was() == "was never audited and was due by 2026-01-01"


def test_an_audit_of_a_process_covers_the_clauses_that_it_satisfies(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([PROGRAMME]))
    graph.apply(an_audit("audit-1", "2025-03-10", examines=("proc-change",), result="Two remarks"))
    found = programme(graph)
    change, incident = clause(found, "8.5.1.2"), clause(found, "8.6.1")
    assert (change.last, change.audits, change.result) == ("2025-03-10T12:00:00Z", ("audit-1",), "Two remarks")
    assert change.due == "2027-03-10T12:00:00Z"
    assert (incident.last, incident.reasons[0]) == ("", "never audited")
    assert sum(bool(one.last) for one in found) == 1


def test_an_audit_against_a_clause_covers_all_below_it(graph: graphsms.Graph) -> None:
    graph.apply(an_audit("audit-1", "2025-03-10", against=(f"{R}/8.5",)))
    audited = {one.clause for one in programme(graph) if one.last}
    assert {"8.5.1.1", "8.5.1.2", "8.5.1.3", "8.5.3"} <= audited
    assert all(number.startswith("8.5") for number in audited)


def test_an_audit_of_the_whole_system_covers_everything_but_not_when_it_names_clauses(graph: graphsms.Graph) -> None:
    graph.apply(an_audit("audit-1", "2025-03-10", examines=("sms",)))
    assert all(one.last for one in programme(graph))
    graph.apply(an_audit("audit-2", "2025-04-10", examines=("sms",), against=(f"{R}/4.1",)))
    later = {one.clause for one in programme(graph) if one.last.startswith("2025-04")}
    assert later == {"4.1"}


def test_audits_of_others_and_those_still_to_come_do_not_keep_the_cycle(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([PROGRAMME]))
    graph.apply(an_audit("surveillance", "2025-03-10", examines=("sms",), auditKind="surveillance"))
    graph.apply(an_audit("audit-2", examines=("proc-change",), plannedOn="2025-09-01"))
    one = clause(programme(graph), "8.5.1.2")
    assert (one.last, one.others, one.planned) == ("", ("surveillance",), ("audit-2 on 2025-09-01",))


def test_the_cycle_ends_to_the_second(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([PROGRAMME]))
    graph.apply(an_audit("audit-1", "2025-03-10", examines=("proc-change",)))
    assert not clause(programme(graph, "2027-03-10T12:00:00Z"), "8.5.1.2").overdue
    assert clause(programme(graph, "2027-03-10T12:00:01Z"), "8.5.1.2").overdue


def test_without_a_programme_the_policy_says_the_cycle(graph: graphsms.Graph, tmp_path: Path) -> None:
    graph.apply(an_audit("audit-1", "2025-03-10", examines=("sms",)))
    found = programme(graph)
    assert (found.cycle, found.cycle_by, found.overdue) == ("P3Y", "", ())
    own = tmp_path / "evidence.yaml"
    own.write_text("{period: P1Y, computed_within: P3M, history: P3M, audit_cycle: P1M}", encoding="utf-8")
    short = graph.obligations.audits.programme(policy=own, as_of="2025-06-30")
    assert len(short.overdue) == len(short)


def test_what_is_important_changed_or_was_not_met_comes_in_half_the_cycle(graph: graphsms.Graph) -> None:
    graph.apply(an_audit("audit-1", "2025-03-10", examines=("sms",)))
    graph.apply(ChangeSet([PROGRAMME]))
    plain = clause(programme(graph), "8.5.1.2")
    assert (plain.propose, plain.reasons) == (plain.due, ("not evidenced",))
    graph.apply(
        ChangeSet(
            [Entity("nc-1", "Nonconformity", {"caseStatus": "in progress"})],
            [Relation("failsToMeet", "nc-1", f"{R}/8.5.1.2-1")],
        )
    )
    found = clause(programme(graph), "8.5.1.2")
    assert (found.open, found.propose[:10], found.due[:10]) == (("nc-1",), "2026-03-10", "2027-03-10")
    graph.apply(ChangeSet([Entity("proc-incident", "Process", {"auditPriority": "high"})]))
    incident = clause(programme(graph, "2025-06-30"), "8.6.1")
    assert (incident.importance, incident.important_by) == ("high", ("proc-incident",))
    assert "important" in incident.reasons
    assert [one.clause for one in programme(graph)][:2] == ["8.5.1.2", "8.6.1"]  # what is not met comes first


def test_a_clause_matters_as_the_most_critical_service_that_its_agreements_cover(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [
                Entity("sla", "ServiceLevelAgreement"), Entity("web", "Service", {"criticality": "critical"}),
                Entity("wiki", "Service", {"criticality": "low"}),
            ],
            [
                Relation("covers", "sla", "web"), Relation("covers", "sla", "wiki"),
                Relation("demonstrates", "sla", f"{R}/8.3.3-1"),
            ],
        )
    )  # fmt: skip
    found = clause(programme(graph), "8.3.3")
    assert (found.importance, found.important_by, found.weight) == ("critical", ("web",), 1.0)
    assert clause(programme(graph), "4.1").important_by == ()


def test_changes_since_the_last_audit_are_counted_and_earlier_ones_are_not(graph: graphsms.Graph) -> None:
    graph.apply(an_audit("audit-1", "2025-03-10", examines=("sms",)))
    for id, day in (("rfc-1", "2025-03-09"), ("rfc-2", "2025-03-11"), ("rfc-3", "2025-07-01")):
        graph.apply(
            ChangeSet(
                [Entity(id, "RequestForChange", {"changeStatus": "closed", "endedAt": f"{day}T10:00:00Z"})],
                [Relation("touches", id, "proc-change")],
            )
        )
    assert clause(programme(graph), "8.5.1.2").changes == ("rfc-2",)
    revision = graph.apply(ChangeSet([Entity("proc-change", "Process", {"name": "Changes"})])).number
    found = clause(programme(graph), "8.5.1.2")
    assert found.changes == ("rfc-2", f"revision {revision}")  # it is recorded after the audit
    assert "changed since" in found.reasons


def test_none_is_proposed_after_its_cycle_ends_or_before_the_day_asked_about(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([PROGRAMME]))
    graph.apply(an_audit("audit-1", "2024-03-10", examines=("proc-change",)))
    for as_of in ("2024-06-30", "2025-06-30", "2026-06-30"):
        found = programme(graph, as_of)
        assert all(one.propose[:10] >= as_of for one in found)
        assert all(one.propose <= one.due for one in found if not one.overdue)
    assert programme(graph).until("2026-01-01T00:00:00Z") == tuple(
        one for one in programme(graph) if one.propose <= "2026-01-01T00:00:00Z"
    )


@pytest.mark.parametrize(
    ("relations", "partial"),
    [
        ([("ownedBy", "proc-change", "ann")], True),
        ([("ownedBy", "proc-change", "manager"), ("heldBy", "manager", "ann")], True),
        ([("ownedBy", "proc-change", "unit"), ("worksFor", "ann", "unit")], True),
        ([("ownedBy", "proc-change", "team"), ("staffedBy", "team", "ann")], True),
        ([("ownedBy", "proc-change", "team"), ("staffedBy", "team", "group"), ("hasMember", "group", "ann")], True),
        ([("roleIn", "manager", "proc-change"), ("heldBy", "manager", "ann")], True),
        ([("ownedBy", "proc-change", "bob")], False),
        ([("ownedBy", "proc-incident", "ann")], False),
        ([("ownedBy", "proc-change", "unit"), ("worksFor", "bob", "unit")], False),
        ([("ownedBy", "proc-change", "team"), ("staffedBy", "team", "bob")], False),
    ],
)
@pytest.mark.parametrize("through_role", [False, True])
def test_an_auditor_who_owns_what_is_audited_is_a_finding(
    graph: graphsms.Graph, relations: list[tuple[str, str, str]], partial: bool, through_role: bool
) -> None:
    graph.apply(
        ChangeSet(
            [
                Entity("ann", "Person"), Entity("bob", "Person"), Entity("manager", "Role"), Entity("team", "Team"),
                Entity("unit", "OrganizationalUnit"), Entity("group", "RedundancyGroup", {"minimum": 1}),
                Entity("auditor", "Role"),
            ],
            [
                Relation("heldBy", "auditor", "ann"),
                *(Relation(type, subject, object) for type, subject, object in relations),
            ],
        )
    )  # fmt: skip
    graph.apply(an_audit("audit-1", "2025-03-10", examines=("proc-change",)))
    graph.apply(ChangeSet(relations=[Relation("performedBy", "audit-1", "auditor" if through_role else "ann")]))
    answer = graph.findings.run(checks=["auditor-not-impartial"])
    assert {one.entities for one in answer.findings} == ({("audit-1", "ann", "proc-change")} if partial else set())
    assert answer.tallies[0].looked_at == 1


# --------------------------------------------------------------------------- nonconformities


def a_case(**said: str) -> ChangeSet:
    return ChangeSet([Entity("nc-1", "Nonconformity", {"name": "No approval", **said})])


def an_action(**said: str) -> ChangeSet:
    action = Entity("ca-1", "CorrectiveAction", {"name": "Ask first", **said})
    return ChangeSet([action], [Relation("addresses", "ca-1", "nc-1")])


def found_by(graph: graphsms.Graph, check: str, as_of: str = "2025-06-30") -> list[str]:
    return [one.entities[0] for one in graph.findings.run(checks=[check], as_of=as_of).findings]


def test_from_a_nonconformity_to_an_effective_action(graph: graphsms.Graph) -> None:
    graph.apply(a_case(caseStatus="in progress", recordedAt="2025-05-01T09:00:00Z"))
    (found,) = graph.obligations.audits.nonconformities(as_of="2025-06-30")
    assert (found.open, found.lacks) == (True, ("cause", "action"))
    assert found_by(graph, "nonconformity-without-cause") == ["nc-1"]
    assert found_by(graph, "nonconformity-without-action") == ["nc-1"]
    graph.apply(a_case(caseStatus="in progress", recordedAt="2025-05-01T09:00:00Z", rootCause="Nobody was told"))
    graph.apply(an_action(caseStatus="in progress", dueOn="2025-06-30"))
    (found,) = graph.obligations.audits.nonconformities(as_of="2025-06-30")
    assert (found.lacks, found.overdue, found.due) == ((), False, "2025-06-30")
    assert not found_by(graph, "nonconformity-without-cause") + found_by(graph, "nonconformity-without-action")
    graph.apply(an_action(caseStatus="closed", closedAt="2025-06-20T09:00:00Z", dueOn="2025-06-30"))
    assert found_by(graph, "nonconformity-without-effect") == ["nc-1"]
    review = Entity("review-1", "Review", {"effectiveness": "effective"})
    graph.apply(ChangeSet([review], [Relation("reviews", "review-1", "ca-1")]))
    (found,) = graph.obligations.audits.nonconformities(as_of="2025-06-30")
    assert (found.effectiveness, found.reviewed, found.lacks) == ("effective", ("review-1",), ())
    assert not found_by(graph, "nonconformity-without-effect")


def test_an_action_is_overdue_from_the_day_after_until_it_is_done(graph: graphsms.Graph) -> None:
    graph.apply(a_case())
    graph.apply(an_action(caseStatus="in progress", dueOn="2025-06-30"))
    assert not found_by(graph, "corrective-action-overdue", "2025-06-30")
    assert found_by(graph, "corrective-action-overdue", "2025-07-01") == ["ca-1"]
    assert [one.overdue for one in graph.obligations.audits.nonconformities(as_of="2025-07-01")] == [True]
    graph.apply(an_action(caseStatus="closed", dueOn="2025-06-30", closedAt="2025-07-02T09:00:00Z"))
    assert found_by(graph, "corrective-action-overdue", "2025-07-01") == ["ca-1"]  # it was not done yet then
    assert not found_by(graph, "corrective-action-overdue", "2025-07-03")


def test_what_was_recorded_later_was_not_known_yet(graph: graphsms.Graph) -> None:
    graph.apply(a_case(recordedAt="2025-07-01T09:00:00Z"))
    assert not len(graph.obligations.audits.nonconformities(as_of="2025-06-30"))
    assert len(graph.obligations.audits.nonconformities(as_of="2025-07-01"))


def test_a_cancelled_nonconformity_needs_nothing(graph: graphsms.Graph) -> None:
    graph.apply(a_case(caseStatus="cancelled"))
    for check in ("nonconformity-without-cause", "nonconformity-without-action", "nonconformity-without-effect"):
        assert not found_by(graph, check)


def test_an_audit_has_to_say_what_it_covers_and_against_what(graph: graphsms.Graph) -> None:
    graph.apply(an_audit("audit-1", "2025-03-10", examines=("sms",)))
    assert found_by(graph, "audit-without-yardstick") == ["audit-1"]
    graph.apply(an_audit("audit-1", "2025-03-10", examines=("sms",), against=(R,)))
    assert not found_by(graph, "audit-without-yardstick")
