"""What is computed is kept as evidence, goes stale when the graph under it changes, and is written only when new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from graphsms import ChangeSet, Entity, Graph, Relation
from graphsms.analysis.estate import Estate
from graphsms.clauses import Catalogue
from graphsms.errors import InputError
from graphsms.obligations import kept
from graphsms.obligations.computed import Result, run

NOW = "2026-11-21T12:00:00Z"
CATEGORY = "iso-20000-1-2018/8.6.1-1-a_2"  # "records of Incident with caseCategory" suffices


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graphsms.open(f"{tmp_path}/sms.db") as found:
        found.apply(ChangeSet(entities=[incident("inc-1")], actor="ann", reason="recorded"))
        yield found


def incident(id: str, **said: str) -> Entity:
    return Entity(id, "Incident", {"caseCategory": "network", "recordedAt": "2026-11-01T09:00:00Z", **said})


def state(graph: Graph, as_of: str = NOW) -> str:
    return graph.obligations.states(as_of=as_of).states[CATEGORY].state


def test_what_a_check_shows_whole_and_suffices_makes_a_requirement_evidenced(graph: Graph) -> None:
    assert state(graph) == "not assessed"
    answer = graph.obligations.assess("8.6.1", as_of=NOW)
    assert answer.before.states[CATEGORY].state == "not assessed"
    assert answer.after.states[CATEGORY].state == state(graph) == "evidenced"
    record = graph.entity("computed/records-of-Incident-caseCategory")
    assert record is not None
    assert (record.properties["numerator"], record.properties["denominator"]) == (1.0, 1.0)
    assert (record.properties["atRevision"], record.properties["asOf"]) == (1, NOW)
    assert record.properties["evidenceState"] == "evidenced"
    assert len(str(record.properties["resultHash"])) == 64


def test_a_second_run_on_the_same_graph_changes_nothing(graph: Graph) -> None:
    first = graph.obligations.assess(as_of=NOW)
    again = graph.obligations.assess(as_of="2026-11-21T12:00:01Z")
    assert first.recorded_in == 2
    assert again.recorded_in is None
    assert graph.revision.number == 2
    assert "nothing is new" in again.sentence()


def test_one_revision_holds_it_from_a_source_of_its_own(graph: Graph) -> None:
    answer = graph.obligations.assess(actor="ann", as_of=NOW)
    assert (graph.revision.number, graph.revision.source, graph.revision.actor) == (2, "graphsms assess", "ann")
    assert answer.recorded_in == 2


def test_a_dry_run_writes_nothing(graph: Graph) -> None:
    answer = graph.obligations.assess(dry_run=True, as_of=NOW)
    assert graph.revision.number == 1
    assert any(one.written for one in answer.results)


def test_evidence_goes_stale_when_the_graph_under_it_changes_and_fresh_again_by_another_run(graph: Graph) -> None:
    graph.obligations.assess("8.6.1", as_of=NOW)
    graph.apply(ChangeSet(entities=[Entity("web", "Service")]))
    assert state(graph) == "evidenced"
    graph.apply(ChangeSet(entities=[incident("inc-2")]))
    assert state(graph) == "stale"
    graph.obligations.assess("8.6.1", as_of=NOW)
    assert state(graph) == "evidenced"


def test_checks_are_run_again_only_where_something_else_was_written_since(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.obligations.assess("8.6.1", as_of=NOW)
    graph.obligations.assess("8.6.2", as_of=NOW)
    ran: list[str] = []

    def watched(read: Estate, check: str, catalogue: Catalogue) -> Result:
        ran.append(check)
        return run(read, check, catalogue)

    monkeypatch.setattr(kept, "run", watched)
    assert state(graph) == "evidenced"
    assert ran == []
    graph.apply(ChangeSet(entities=[Entity("web", "Service")]))
    assert state(graph) == "evidenced"
    assert "check/records-of-Incident-caseCategory" in ran


def test_evidence_goes_stale_by_its_interval_and_is_kept_anew_when_half_of_it_is_over(graph: Graph) -> None:
    graph.obligations.assess("8.6.1", as_of=NOW)
    assert state(graph, "2027-02-21T12:00:00Z") == "evidenced"
    assert state(graph, "2027-02-21T12:00:01Z") == "stale"
    early = graph.obligations.assess("8.6.1", as_of="2027-01-05T00:00:00Z")
    assert early.recorded_in is None
    late = graph.obligations.assess("8.6.1", as_of="2027-01-10T00:00:00Z")
    assert late.recorded_in is not None
    assert {one.kept for one in late.ran if one.written} == {"renewed"}
    assert state(graph, "2027-04-01T00:00:00Z") == "evidenced"


def test_what_a_check_contributes_does_not_make_up_for_a_record_that_is_out_of_date(graph: Graph) -> None:
    id = "iso-20000-1-2018/8.6.1-1-d"  # that incidents are resolved; checks contribute to it
    done = Entity("report", "Report", {"issuedOn": "2025-06-01"})
    said = {"reviewInterval": "P6M"}
    resolved = incident("inc-1", resolvedAt="2026-11-01T10:00:00Z")
    graph.obligations.load()
    graph.apply(ChangeSet([done, resolved], [Relation("demonstrates", "report", id, said)]))
    assert graph.obligations.states(as_of=NOW).states[id].state == "stale"
    graph.obligations.assess("8.6.1", as_of=NOW)
    found = graph.obligations.states(as_of=NOW).states[id]
    assert "shows part" in {proof.worth.word for proof in found.proofs}
    assert found.state == "stale"


def test_what_falls_short_is_new_then_still_there_then_gone_and_keeps_its_identity(graph: Graph) -> None:
    name = "check/records-of-Incident-caseCategory"

    def shortfall() -> str:
        answer = graph.obligations.assess("8.6.1", as_of=NOW)
        return next(one.shortfall for one in answer.results if one.result.check == name)

    assert shortfall() == ""
    graph.apply(ChangeSet(entities=[Entity("inc-2", "Incident", {"recordedAt": NOW})]))
    assert [shortfall(), shortfall()] == ["new", "still there"]
    graph.apply(ChangeSet(entities=[incident("inc-2")]))
    assert [shortfall(), shortfall()] == ["gone", ""]
    id = "computed/records-of-Incident-caseCategory"
    were = [graph.store.entity(id, at=event.revision.number) for event in graph.history.of(id)]
    assert [one.properties["numerator"] for one in were if one is not None] == [2.0, 1.0, 1.0]


def test_what_is_kept_is_not_replaced_by_what_is_older(graph: Graph) -> None:
    graph.obligations.assess("8.6.1", as_of=NOW)
    graph.apply(ChangeSet(entities=[incident("inc-2")]))
    with pytest.raises(InputError, match="is kept as of 2026-11-21"):
        graph.obligations.assess("8.6.1", as_of="2026-11-19T12:00:00Z")
    assert graph.revision.number == 3
    assert graph.obligations.assess("8.6.1", as_of="2026-11-19T12:00:00Z", dry_run=True).recorded_in is None
    # The end of a day that was given as a bare date, and then a moment of the same day.
    assert graph.obligations.assess("8.6.1", as_of="2026-11-21T09:00:00Z").recorded_in == 4


def test_nothing_is_written_where_the_folder_of_files_is_none(graph: Graph) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        graph.obligations.assess("8.6.1", files="nowhere", as_of=NOW)
    assert graph.revision.number == 1


def test_the_catalogue_can_come_into_the_graph_before_or_after(graph: Graph) -> None:
    graph.obligations.assess("8.6.1", as_of=NOW)
    graph.obligations.load()
    assert state(graph) == "evidenced"
    assert graph.obligations.assess("8.6.1", as_of=NOW).recorded_in is None


def test_a_clause_that_is_none_is_refused_with_the_nearest(graph: Graph) -> None:
    with pytest.raises(InputError, match=r"Did you mean 8\.6"):
        graph.obligations.assess("8.6.9")
    assert graph.revision.number == 1


def test_only_the_checks_of_the_clause_are_run(graph: Graph) -> None:
    answer = graph.obligations.assess("8.6.2", as_of=NOW)
    assert {one.clause for found in answer.results for one in found.requirements} == {"8.6.2"}
    heads = sum(bool(answer.after.states[id].requirement.items) for id in answer.requirements)
    assert answer.rolled(answer.after).total == len(answer.requirements) - heads
