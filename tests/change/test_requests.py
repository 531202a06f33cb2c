"""Requests as assessments read them, and what is down or changing beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphsms
from graphsms.change.context import context_of, modes_together
from graphsms.change.requests import Request, read_requests
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.moments import canonical_moment
from graphsms.snapshot.validity import END, microseconds

HOUR = 3_600_000_000
EVENING = microseconds("2026-12-01T20:00:00Z"), microseconds("2026-12-01T22:00:00Z")


def request(id: str, status: str = "approved", start: str = "", end: str = "", **more: str) -> Entity:
    said = {"changeStatus": status, "windowStart": start, "windowEnd": end, **more}
    return Entity(id, "RequestForChange", {name: value for name, value in said.items() if value})


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(
            ChangeSet(
                entities=[
                    *(Entity(id, "Server", {"name": id.upper()}) for id in ("a", "b", "c")),
                    Entity("risk", "Risk"),
                    Entity("rel", "Release"),
                    request("rfc-1", start="2026-12-01T20:00:00Z", end="2026-12-01T22:00:00Z"),
                    request("rfc-2", "recorded", mode="removal"),
                    request("rfc-3", "recorded"),
                ],
                relations=[
                    Relation("touches", "rfc-1", "b", {"mode": "outage"}),
                    Relation("touches", "rfc-1", "a"),
                    Relation("touches", "rfc-2", "a"),
                    Relation("touches", "rfc-2", "b", {"mode": "change"}),
                    Relation("raisesRisk", "rfc-1", "risk"),
                    Relation("implements", "rel", "rfc-1"),
                ],
            )
        )
        yield graph


def test_a_request_is_read_with_what_it_touches_in_order_of_ids(graph: graphsms.Graph) -> None:
    (found,) = graph.change.requests(["rfc-1"])
    assert [(one.entity.name, one.mode, one.stated) for one in found.touches] == [
        ("A", "change", False),
        ("B", "outage", True),
    ]
    assert found.window == ("2026-12-01T20:00:00Z", "2026-12-01T22:00:00Z")
    assert [one.id for one in found.leading_to["raisesRisk"]] == ["risk"]
    assert [one.id for one in found.led_from["implements"]] == ["rel"]


def test_the_mode_stands_on_the_relation_else_on_the_request_else_in_the_policy(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    assert graph.change.requests(["rfc-2"])[0].modes() == {"a": "removal", "b": "change"}
    policy = tmp_path / "policy.yaml"
    policy.write_text("mode: degradation\n", encoding="utf-8")
    assert graph.change.requests(["rfc-1"], policy=policy)[0].modes() == {"a": "degradation", "b": "outage"}
    assert graph.change.requests(["rfc-2"], policy=policy)[0].modes() == {"a": "removal", "b": "change"}


def test_all_of_them_are_in_order_of_ids_and_those_asked_for_as_asked(graph: graphsms.Graph) -> None:
    assert [one.id for one in graph.change.requests()] == ["rfc-1", "rfc-2", "rfc-3"]
    assert [one.id for one in graph.change.requests(["rfc-3", "rfc-1", "rfc-3"])] == ["rfc-3", "rfc-1"]
    assert graph.change.requests([]) == []


def test_what_touches_nothing_and_has_no_window_is_a_request_all_the_same(graph: graphsms.Graph) -> None:
    (found,) = graph.change.requests(["rfc-3"])
    assert (found.touches, found.span, found.window, found.name) == ((), None, ("", ""), "rfc-3")
    assert not found.overlaps((0, END))


def test_an_id_that_is_not_there_is_told_with_the_nearest(graph: graphsms.Graph) -> None:
    with pytest.raises(UnknownIdError, match="Did you mean rfc-1"):
        graph.change.requests(["rfc-11"])


def test_what_is_no_request_is_told_with_its_type(graph: graphsms.Graph) -> None:
    with pytest.raises(InputError, match="a is of type server, and no request for change"):
        graph.change.requests(["a"])


def test_a_request_is_read_as_it_was_recorded(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet(removed_relations=[("rfc-1", "touches", "a")]))
    assert list(graph.change.requests(["rfc-1"], at=1)[0].modes()) == ["a", "b"]
    assert list(graph.change.requests(["rfc-1"])[0].modes()) == ["b"]


def test_json_holds_what_it_says(graph: graphsms.Graph) -> None:
    found = graph.change.requests(["rfc-2"])[0].to_json()
    assert (found["status"], found["start"], found["end"]) == ("recorded", None, None)
    assert [(one["id"], one["mode"]) for one in found["touched"]] == [("a", "removal"), ("b", "change")]


def moment(hours: int) -> str:
    from datetime import UTC, datetime, timedelta

    return canonical_moment(datetime(2026, 12, 1, tzinfo=UTC) + timedelta(hours=hours))


@given(st.integers(0, 50), st.integers(1, 20), st.integers(0, 50), st.integers(1, 20))
def test_windows_overlap_where_they_share_an_hour_and_touching_is_none(a: int, long: int, b: int, wide: int) -> None:
    one = Request(request("rfc-1", start=moment(a), end=moment(a + long)), ())
    span = microseconds(moment(b)), microseconds(moment(b + wide))
    assert one.overlaps(span) == bool(set(range(a, a + long)) & set(range(b, b + wide)))


def test_a_window_without_an_end_lasts_for_ever() -> None:
    one = Request(request("rfc-1", start=moment(5)), ())
    assert one.overlaps((microseconds(moment(1000)), END))
    assert not one.overlaps((0, microseconds(moment(5))))


# ------------------------------------------------------------------------------------------ context


def context(
    graph: graphsms.Graph, span: tuple[int, int] = EVENING, without: tuple[str, ...] = ()
) -> list[tuple[str, ...]]:
    policy = graph.change.policy()
    requests = read_requests(graph.store, policy)
    found = context_of(graph.store, policy, requests, span, without=without)
    return [(one.because.id, one.entity.id, one.mode) for one in found]


def test_approved_changes_that_overlap_are_context_and_others_are_not(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [
                request("rfc-5", "in implementation", "2026-12-01T21:00:00Z", "2026-12-01T23:00:00Z"),
                request("rfc-6", "recorded", "2026-12-01T21:00:00Z", "2026-12-01T23:00:00Z"),
                request("rfc-7", "approved", "2026-12-01T22:00:00Z", "2026-12-01T23:00:00Z"),
                request("rfc-8", "closed", "2026-12-01T20:00:00Z", "2026-12-01T23:00:00Z"),
            ],
            [Relation("touches", f"rfc-{number}", "c", {"mode": "outage"}) for number in (5, 6, 7, 8)],
        )
    )
    assert context(graph) == [("rfc-1", "a", "change"), ("rfc-1", "b", "outage"), ("rfc-5", "c", "outage")]
    assert context(graph, without=("rfc-1", "rfc-5")) == []


def test_what_an_approved_change_has_removed_by_then_is_context_for_good(graph: graphsms.Graph) -> None:
    window = ("2026-11-01T20:00:00Z", "2026-11-01T22:00:00Z")  # a month before the evening
    graph.apply(
        ChangeSet(
            [request("rfc-5", "approved", *window), request("rfc-6", "approved", *window)],
            [
                Relation("touches", "rfc-5", "c", {"mode": "removal"}),
                Relation("touches", "rfc-6", "b", {"mode": "outage"}),
            ],
        )
    )
    assert context(graph, without=("rfc-1",)) == [("rfc-5", "c", "removal")]
    assert context(graph, span=(0, microseconds("2026-11-01T20:00:00Z")), without=("rfc-1",)) == []


@pytest.mark.parametrize(
    ("of_the_relation", "of_the_incident", "mode"),
    [
        ("down", "", "outage"),
        ("degraded", "", "degradation"),
        ("at risk", "", "change"),
        ("", "down", "outage"),
        ("at risk", "down", "change"),
        ("", "", "degradation"),
    ],
)
def test_an_open_incident_is_context_in_the_state_that_it_states(
    graph: graphsms.Graph, of_the_relation: str, of_the_incident: str, mode: str
) -> None:
    says = {"state": of_the_relation} if of_the_relation else {}
    own = {"state": of_the_incident} if of_the_incident else {}
    graph.apply(ChangeSet([Entity("inc", "Incident", own)], [Relation("affects", "inc", "c", says)]))
    assert context(graph, without=("rfc-1",)) == [("inc", "c", mode)]


def test_what_an_incident_leaves_alone_and_one_that_is_over_are_no_context(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [Entity("inc-1", "Incident"), Entity("inc-2", "Incident", {"caseStatus": "resolved"})],
            [Relation("affects", "inc-1", "c", {"state": "ok"}), Relation("affects", "inc-2", "c", {"state": "down"})],
        )
    )
    assert context(graph, without=("rfc-1",)) == []


def test_an_incident_counts_for_as_long_as_its_relation_says(graph: graphsms.Graph) -> None:
    times = {"state": "down", "validFrom": "2026-12-01T10:00:00Z", "validTo": "2026-12-01T20:00:00Z"}
    graph.apply(ChangeSet([Entity("inc", "Incident")], [Relation("affects", "inc", "c", times)]))
    assert context(graph, without=("rfc-1",)) == []
    before = EVENING[0] - HOUR, EVENING[0]
    assert context(graph, before, without=("rfc-1",)) == [("inc", "c", "outage")]


def test_of_several_modes_on_one_thing_that_counts_which_does_most(graph: graphsms.Graph) -> None:
    parts = [("a", "change"), ("a", "degradation"), ("b", "removal"), ("b", "outage"), ("b", "change")]
    assert modes_together(parts, graph.store) == {"a": "degradation", "b": "outage"}
    assert modes_together(reversed(parts), graph.store) == {"a": "degradation", "b": "outage"}
