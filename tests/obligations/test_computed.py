"""What a check of the catalogue gives on a graph: so many of so many, and a hash of all that matters."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import graphsms
from graphsms import ChangeSet, Entity, Graph, Relation
from graphsms.analysis.estate import Estate, estate
from graphsms.clauses import Catalogue, Computed
from graphsms.clauses.runs import OCCURRENCES, runs_of
from graphsms.errors import InputError
from graphsms.obligations.computed import DECLARED_SAID, Result, run

NOW = "2026-11-21T12:00:00Z"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graphsms.open(f"{tmp_path}/sms.db") as found:
        yield found


def check(graph: Graph, runs: str, as_of: str = NOW) -> Result:
    """What a check that runs this gives."""
    return of(estate(graph.store, as_of=as_of), graph.obligations.catalogue, runs)


def of(read: Estate, known: Catalogue, runs: str) -> Result:
    more = {**known.checks, "check/own": Computed("check/own", "Own", runs, False)}
    read._kept.pop("check check/own", None)
    return run(read, "check/own", replace(known, checks=more))


def share(result: Result) -> tuple[int, int]:
    return result.numerator, result.denominator


def test_records_count_that_have_all_that_is_asked_properties_and_relations_both_ways(graph: Graph) -> None:
    graph.apply(
        ChangeSet(
            entities=[
                Entity("audit-1", "Audit", {"auditKind": "internal", "result": "Two remarks", "endedAt": NOW}),
                Entity("audit-2", "Audit", {"auditKind": "internal", "endedAt": NOW}),
                Entity("audit-3", "Audit", {"auditKind": "surveillance", "endedAt": NOW}),
                Entity("report", "Report", {"issuedOn": "2026-11-20"}),
                Entity("proc", "Process"),
            ],
            relations=[
                Relation("examines", "audit-1", "proc"),
                Relation("examines", "audit-2", "proc"),
                Relation("recordOf", "report", "audit-2"),
            ],
        )
    )
    internal = "records of Audit where auditKind = internal"
    assert share(check(graph, f"{internal} with examines")) == (2, 2)
    assert share(check(graph, f"{internal} with examines, result")) == (1, 2)
    assert check(graph, f"{internal} with ^recordOf").lacking == ("audit-1",)
    assert share(check(graph, "records of Audit with result")) == (1, 3)


@pytest.mark.parametrize(
    ("properties", "counted"),
    [
        ({"recordedAt": "2025-11-21T12:00:00Z"}, 1),  # on the day itself, a year ago
        ({"recordedAt": "2025-11-21T11:59:59Z"}, 0),
        ({"recordedAt": "2026-11-21T12:00:00Z"}, 1),
        ({"recordedAt": "2026-11-21T12:00:01Z"}, 0),
        ({}, 1),
    ],
)
def test_deeds_count_that_lie_in_the_period_and_those_without_a_date(
    graph: Graph, properties: dict[str, str], counted: int
) -> None:
    graph.apply(ChangeSet(entities=[Entity("inc-1", "Incident", properties)]))
    assert check(graph, "records of Incident with caseCategory").denominator == counted


def test_what_holds_counts_while_it_is_live_and_a_withdrawn_document_does_not(graph: Graph) -> None:
    graph.apply(
        ChangeSet(
            entities=[
                Entity("web", "Service"),
                Entity("old", "Service", {"lifecycle": "retired"}),
                Entity("plan", "ContinuityPlan"),
                Entity("plan-old", "ContinuityPlan", {"documentStatus": "withdrawn"}),
                Entity("sla", "ServiceLevelAgreement", {"validTo": "2026-01-01T00:00:00Z"}),
            ],
            relations=[Relation("covers", "sla", "web")],
        )
    )
    assert check(graph, "records of Service with ownedBy").lacking == ("web",)
    assert check(graph, "records of ContinuityPlan with recovers").lacking == ("plan",)
    # An agreement that has ended covers nothing.
    assert share(check(graph, "records of Service with ^covers")) == (0, 1)
    assert share(check(graph, "records of Service with ^covers", "2025-06-01T00:00:00Z")) == (1, 1)


def test_what_graphsms_keeps_of_its_own_is_no_record_of_the_organization(graph: Graph) -> None:
    graph.apply(ChangeSet(entities=[Entity("inc-1", "Incident", {"caseCategory": "network"})]))
    graph.obligations.assess("8.6.1", as_of=NOW)
    assert check(graph, "records of Record with name").denominator == 0


def test_the_hash_is_of_what_matters_and_not_of_the_moment(graph: Graph) -> None:
    graph.apply(ChangeSet(entities=[Entity("inc-1", "Incident", {"caseCategory": "network", "recordedAt": NOW})]))
    runs = "records of Incident with caseCategory"
    first = check(graph, runs)
    assert check(graph, runs, "2026-12-01T00:00:00Z").hash == first.hash
    graph.apply(ChangeSet(entities=[Entity("web", "Service")]))
    assert check(graph, runs).hash == first.hash
    graph.apply(ChangeSet(entities=[Entity("inc-2", "Incident", {"caseCategory": "network", "recordedAt": NOW})]))
    assert check(graph, runs).hash != first.hash


def test_every_revision_after_that_says_who_and_why_leaves_the_journal_as_it_was(graph: Graph) -> None:
    def made(id: str, actor: str = "ann", reason: str = "new") -> None:
        graph.apply(ChangeSet(entities=[Entity(id, "Service")], actor=actor, reason=reason))

    made("web")
    first = check(graph, "analysis journal")
    made("mail")
    again = check(graph, "analysis journal")
    assert (share(again), again.hash) == ((2, 2), first.hash)
    made("chat", actor="", reason="")
    assert share(check(graph, "analysis journal")) == (2, 3)
    assert check(graph, "analysis journal").hash != first.hash


def test_an_analysis_that_comes_later_says_so_and_counts_for_nothing(graph: Graph) -> None:
    found = check(graph, "analysis single-points")
    assert found.declared
    assert not found.short
    assert DECLARED_SAID in found.sentence()


def test_what_cannot_be_run_is_said(graph: Graph) -> None:
    with pytest.raises(InputError, match="no check 'check/none'"):
        run(estate(graph.store), "check/none", graph.obligations.catalogue)
    with pytest.raises(InputError, match="proves that nothing occurred"):
        check(graph, "occurrences of Incident")
    with pytest.raises(InputError, match="does not have: tea-leaves"):
        check(graph, "analysis tea-leaves")
    with pytest.raises(InputError, match="Incidant"):
        check(graph, "records of Incidant with name")


def test_all_checks_of_the_catalogue_run_on_the_example_estate_within_seconds(graph: Graph) -> None:
    graph.ingest(EXAMPLES / "estate", source="example estate")
    known, read = graph.obligations.catalogue, estate(graph.store, as_of=NOW)
    began = time.perf_counter()
    found = [run(read, id, known) for id, one in known.checks.items() if runs_of(one.runs).kind != OCCURRENCES]
    assert time.perf_counter() - began < 10  # a third of a second on a machine of its own
    assert len(found) > 600
    assert sum(one.denominator > 0 for one in found) > 500
    assert all(0 <= one.numerator <= one.denominator for one in found)
