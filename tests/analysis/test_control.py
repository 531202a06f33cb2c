"""Control of configuration items: what was changed without an approved request, or outside its window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.moments import canonical_moment

CHECKS = ["change-without-request", "change-outside-window", "change-not-recorded"]


def ahead(**how_far: float) -> str:
    return canonical_moment(datetime.now(UTC).replace(microsecond=0) + timedelta(**how_far))


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(
            ChangeSet(
                entities=[
                    Entity("web", "Application", {"name": "Web"}),
                    Entity("db", "Database"),
                    Entity("ann", "Person"),
                    Entity("rfc-1", "RequestForChange", {"changeStatus": "approved"}),
                    Entity("rfc-2", "RequestForChange", {"changeStatus": "assessed", "changeCategory": "normal"}),
                    Entity("rfc-3", "RequestForChange", {"changeStatus": "assessed", "changeCategory": "emergency"}),
                ],
                relations=[Relation("touches", "rfc-1", "web")],
            )
        )
        yield graph


def change(graph: graphsms.Graph, id: str = "web", request: str = "", **properties: str) -> int:
    said = {"description": str(graph.revision.number), **properties}
    return graph.apply(
        ChangeSet(entities=[Entity(id, graph.entity(id).type, said)], request=request, actor="bob")
    ).number


def found(graph: graphsms.Graph, check: str = CHECKS[0], **options: object) -> dict[str, str]:
    answer = graph.findings.run(checks=[check], **options)  # type: ignore[arg-type]
    return {one.identity.partition(":")[2]: one.message for one in answer.open}


def test_the_first_load_and_what_is_not_controlled_are_not_looked_at(graph: graphsms.Graph) -> None:
    change(graph, "ann")
    (tally,) = graph.findings.run(checks=CHECKS[:1]).tallies
    assert (tally.looked_at, tally.open) == (0, 0)
    assert "no revision" in tally.note


def test_a_change_under_an_approved_request_is_in_order(graph: graphsms.Graph) -> None:
    change(graph, request="rfc-1")
    assert found(graph) == {}
    (tally,) = graph.findings.run(checks=CHECKS[:1]).tallies
    assert tally.looked_at == 1


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ("", "without naming a request"),
        ("rfc-9", "no request for change that was recorded then"),
        ("ann", "no request for change that was recorded then"),
        ("rfc-2", "under rfc-2, which was assessed then"),
    ],
)
def test_a_change_without_an_approved_request_is_a_finding_on_what_it_changed(
    graph: graphsms.Graph, request_: str, says: str
) -> None:
    number = change(graph, request=request_)
    (one,) = graph.findings.run(checks=CHECKS[:1]).open
    assert one.identity == f"change-without-request:revision-{number}"
    assert says in one.message
    assert "by bob changed web" in one.message
    assert one.entities == ("web",)


def test_an_approval_counts_only_if_it_was_there_then_but_for_an_emergency(graph: graphsms.Graph) -> None:
    normal, emergency = change(graph, request="rfc-2"), change(graph, request="rfc-3")
    assert set(found(graph)) == {f"revision-{normal}", f"revision-{emergency}"}
    for id, category in (("rfc-2", "normal"), ("rfc-3", "emergency")):
        change(graph, id, changeStatus="approved", changeCategory=category)
    assert set(found(graph)) == {f"revision-{normal}"}


def test_a_request_may_be_named_by_its_number(graph: graphsms.Graph) -> None:
    change(graph, request="RFC-1")
    assert found(graph) == {}


def test_a_removal_a_new_item_and_a_new_relation_are_changes_of_items(graph: graphsms.Graph) -> None:
    new = graph.apply(ChangeSet(entities=[Entity("app", "Application")])).number
    tied = graph.apply(ChangeSet(relations=[Relation("dependsOn", "web", "db")])).number
    owned = graph.apply(ChangeSet(relations=[Relation("ownedBy", "web", "ann")])).number
    removed = graph.apply(ChangeSet(removed_entities=["app"])).number
    assert set(found(graph)) == {f"revision-{new}", f"revision-{tied}", f"revision-{removed}"}
    assert f"revision-{owned}" not in found(graph)


def test_bookkeeping_is_no_change(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet(entities=[Entity("web", "Application", {"name": "Web", "sourceKey": "7"})]))
    assert found(graph) == {}


def test_a_change_outside_the_window_of_its_request_is_a_finding(graph: graphsms.Graph) -> None:
    def requested(id: str, start: str, end: str) -> int:
        window = {"changeStatus": "approved", "windowStart": start, "windowEnd": end}
        graph.apply(ChangeSet(entities=[Entity(id, "RequestForChange", window)]))
        return change(graph, request=id)

    early = requested("early", ahead(hours=1), ahead(hours=2))
    requested("inside", ahead(hours=-1), ahead(hours=1))
    requested("soon-after", ahead(hours=-3), ahead(hours=-2))  # the policy leaves two days to record it
    late = requested("late", ahead(days=-9), ahead(days=-8))
    messages = found(graph, "change-outside-window")
    assert set(messages) == {f"revision-{early}", f"revision-{late}"}
    assert "before the window of early" in messages[f"revision-{early}"]
    assert "after the window of late" in messages[f"revision-{late}"]
    (tally,) = graph.findings.run(checks=["change-outside-window"]).tallies
    assert tally.looked_at == 4


def test_a_deployed_request_without_a_revision_of_what_it_touches_is_a_finding(graph: graphsms.Graph) -> None:
    change(graph, "rfc-1", changeStatus="deployed")
    assert set(found(graph, "change-not-recorded")) == {"rfc-1"}
    change(graph, request="rfc-1")
    assert found(graph, "change-not-recorded") == {}


def test_so_is_one_that_is_closed_unless_it_changed_nothing_or_ended_before_anything_was_recorded(
    graph: graphsms.Graph,
) -> None:
    change(graph, "rfc-1", changeStatus="closed", outcome="successful")
    assert set(found(graph, "change-not-recorded")) == {"rfc-1"}
    change(graph, "rfc-1", changeStatus="closed", outcome="reversed")
    assert found(graph, "change-not-recorded") == {}
    change(graph, "rfc-1", changeStatus="closed", outcome="successful", endedAt="2001-01-01T00:00:00Z")
    assert found(graph, "change-not-recorded") == {}


def test_a_policy_in_the_graph_says_what_is_controlled(graph: graphsms.Graph) -> None:
    policy = Entity("pol", "Policy", {"name": "CM", "controlsType": ("Database",)})
    graph.apply(ChangeSet(entities=[policy]))
    change(graph, "web")
    number = change(graph, "db")
    assert set(found(graph)) == {f"revision-{number}"}


def test_history_is_read_up_to_the_revision_asked_about(graph: graphsms.Graph) -> None:
    one = change(graph)
    change(graph)
    assert set(found(graph, at=one)) == {f"revision-{one}"}


def test_findings_and_their_recording_are_no_changes_of_items(graph: graphsms.Graph) -> None:
    number = change(graph)
    graph.findings.record()
    graph.findings.record()
    assert set(found(graph)) == {f"revision-{number}"}


def test_the_load_that_control_begins_with_may_come_after_the_clauses(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "other.db") as graph:
        graph.apply(ChangeSet(entities=[Entity("ann", "Person")]))
        graph.apply(ChangeSet(entities=[Entity("web", "Application")]))
        assert found(graph) == {}
        number = change(graph)
        assert set(found(graph)) == {f"revision-{number}"}
