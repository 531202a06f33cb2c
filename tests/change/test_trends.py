"""Trends of changes: exact counts over a period, kept as a record from which they can be computed again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsms
from after_changes import ESTATE, a_change, an_incident
from graphsms.change.trend_figures import Figures, Trends
from graphsms.errors import InputError
from graphsms.model import ChangeSet, Entity


class Period(TypedDict):
    since: str
    until: str


NOVEMBER: Period = {"since": "2026-11-01", "until": "2026-11-30"}


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ESTATE)
        graph.apply(a_change("rfc-1", ("db", "outage"), team="ops"))
        graph.apply(a_change("rfc-2", ("db-1", "outage"), changeStatus="failed", changeCategory="emergency"))
        graph.apply(a_change("rfc-3", ("wiki", "change"), changeStatus="closed", outcome="reversed", team="ops"))
        graph.apply(a_change("rfc-4", ("wiki", "change"), changeStatus="approved"))
        graph.apply(a_change("rfc-5", ("wiki", "change"), start="2026-10-02T20:00:00Z", end="2026-10-02T21:00:00Z"))
        yield graph


def of(found: Trends, by: str) -> dict[str, Figures]:
    return {row.id: row.figures for row in found.rows if row.by == by}


def test_made_urgent_and_failed_are_counted_over_the_period(graph: graphsms.Graph) -> None:
    found = graph.change.trends(**NOVEMBER, as_of="2026-12-31")
    assert found.total == Figures(made=3, urgent=1, failed=2, followed=0, incidents=0, caused=0)
    assert {id: one.made for id, one in of(found, "category").items()} == {"normal": 2, "emergency": 1}
    assert {id: one.made for id, one in of(found, "team").items()} == {"ops": 2, "": 1}
    assert found.to_json()["shares"] == {"urgent": 1 / 3, "failed": 2 / 3, "followed": 0.0}
    assert found.sentence().startswith("3 changes made from 2026-11-01 to 2026-11-30: 1 urgent (33%), 2 failed (67%)")


def test_a_change_counts_for_each_service_that_it_touches_or_hits(graph: graphsms.Graph) -> None:
    found = graph.change.trends(**NOVEMBER, as_of="2026-12-31")
    # mail has lost one of two, and is at risk.
    assert {id: one.made for id, one in of(found, "service").items()} == {"web": 1, "mail": 1, "wiki": 1}


def test_incidents_are_counted_once_however_many_changes_they_follow(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-6", ("db", "change")))
    graph.apply(an_incident("inc-1", "2026-11-03T08:00:00Z", ("web", "down")))
    graph.apply(an_incident("inc-2", "2026-11-03T09:00:00Z", ("wiki", "down"), causes=("rfc-3",)))
    total = graph.change.trends(**NOVEMBER, as_of="2026-12-31").total
    assert (total.followed, total.incidents, total.caused) == (3, 2, 1)


def test_an_incident_after_the_moment_asked_about_is_not_known_yet(graph: graphsms.Graph) -> None:
    graph.apply(an_incident("inc-1", "2026-11-10T08:00:00Z", ("web", "down")))
    early = graph.change.trends(**NOVEMBER, as_of="2026-11-09")
    late = graph.change.trends(**NOVEMBER, as_of="2026-11-20")
    assert (early.total.incidents, early.observing) == (0, 3)
    assert (late.total.incidents, late.observing) == (1, 0)


def test_how_long_incidents_count_can_be_said(graph: graphsms.Graph) -> None:
    graph.apply(an_incident("inc-1", "2026-11-10T08:00:00Z", ("web", "down")))
    found = [graph.change.trends(**NOVEMBER, within=time, as_of="2026-12-31") for time in ("P2D", "P30D")]
    assert [one.total.incidents for one in found] == [0, 1]
    with pytest.raises(InputError, match="--within is a duration"):
        graph.change.trends(**NOVEMBER, within="soon")


def test_without_a_period_it_is_the_interval_of_the_policy_until_now(graph: graphsms.Graph, tmp_path: Path) -> None:
    found = graph.change.trends(as_of="2026-11-30T00:00:00Z")
    assert (found.since, found.until) == ("2026-10-30T00:00:00Z", "2026-11-30T00:00:00Z")
    policy = tmp_path / "policy.yaml"
    policy.write_text("trends_every: P2M\nurgent: [normal]\n", encoding="utf-8")
    wider = graph.change.trends(as_of="2026-11-30T00:00:00Z", policy=policy)
    assert (wider.since, wider.total.made, wider.total.urgent) == ("2026-09-30T00:00:00Z", 4, 3)
    policy.write_text("trends_every: P9000Y\n", encoding="utf-8")
    assert graph.change.trends(as_of="2026-11-30T00:00:00Z", policy=policy).total.made == 4


def test_one_of_which_nothing_says_when_it_was_made_is_in_no_period_and_named(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([Entity("rfc-9", "RequestForChange", {"changeStatus": "deployed"})]))
    found = graph.change.trends(**NOVEMBER, as_of="2026-12-31")
    assert (found.total.made, found.undated) == (3, ("rfc-9",))
    assert any("rfc-9" in note for note in found.notes())


def test_a_period_that_ends_before_it_begins_is_refused(graph: graphsms.Graph) -> None:
    with pytest.raises(InputError):
        graph.change.trends(since="2026-11-30", until="2026-11-01")
    with pytest.raises(InputError, match="ends before it begins"):
        graph.change.trends(since="2999-01-01")


def test_a_record_holds_its_revision_and_the_next_analysis_is_compared_with_it(graph: graphsms.Graph) -> None:
    october = graph.change.trends(since="2026-10-01", until="2026-10-31", keep=True, actor="ann")
    assert october.recorded_in == graph.revision.number
    (kept,) = graph.entities(type="TrendAnalysis")
    assert (kept.properties["atRevision"], kept.properties["denominator"]) == (october.revision, 1.0)
    assert not graph.validate()
    # What is learned since changes neither the record nor what it is compared as.
    graph.apply(a_change("rfc-7", ("wiki", "change"), start="2026-10-03T20:00:00Z", end="2026-10-03T21:00:00Z"))
    found = graph.change.trends(**NOVEMBER)
    assert found.previous is not None
    assert (found.previous.record, found.previous.reproduced, found.previous.total.made) == (kept.id, True, 1)
    assert {row[1]: row[-6] for row in found.table() if row[0] == "team"} == {"ops": 0, "": 1}


def test_a_record_that_does_not_hold_what_is_computed_is_told(graph: graphsms.Graph) -> None:
    graph.change.trends(since="2026-10-01", until="2026-10-31", keep=True)
    (kept,) = graph.entities(type="TrendAnalysis")
    graph.apply(ChangeSet([Entity(kept.id, kept.type, {**kept.properties, "resultHash": "0" * 64})]))
    found = graph.change.trends(**NOVEMBER)
    assert found.previous is not None
    assert not found.previous.reproduced
    assert any("holds other figures" in note for note in found.notes())


def test_the_next_analysis_is_due_an_interval_after_the_last(graph: graphsms.Graph) -> None:
    graph.change.trends(since="2026-09-01", until="2026-09-30", keep=True)
    found = [graph.change.trends(as_of=moment).due for moment in ("2026-10-31T23:59:00Z", "2026-11-01T00:00:00Z")]
    assert found == ["", "2026-11-01T00:00:00Z"]


def test_only_what_is_known_now_is_recorded(graph: graphsms.Graph) -> None:
    with pytest.raises(InputError, match="leave the revision and the moment out"):
        graph.change.trends(keep=True, at=1)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 28),
            st.sampled_from(["deployed", "failed", "closed"]),
            st.sampled_from(["normal", "emergency"]),
        ),
        max_size=12,
    ),
    st.integers(2, 27),
)
def test_the_figures_of_two_halves_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[int, str, str]], day: int
) -> None:
    with graphsms.open(tmp_path_factory.mktemp("halves") / "estate.db") as graph:
        graph.apply(ESTATE)
        for number, (on, status, category) in enumerate(said):
            moment = f"2026-10-{on:02d}T12:00:00Z"
            made = a_change(
                f"rfc-{number}",
                ("wiki", "change"),
                start=moment,
                end=moment,
                changeStatus=status,
                changeCategory=category,
            )
            graph.apply(made)
        ends = ["2026-10-01T00:00:00Z", f"2026-10-{day:02d}T12:00:00Z", "2026-11-01T00:00:00Z"]

        def figures(since: str, until: str) -> Figures:
            return graph.change.trends(since=since, until=until, as_of="2026-12-31").total

        first, second, whole = figures(ends[0], ends[1]), figures(ends[1], ends[2]), figures(ends[0], ends[2])
        assert [a + b for a, b in zip(first.values(), second.values(), strict=True)] == list(whole.values())
        assert whole.made == len(said)
