"""Windows on the clocks of several zones, where the clock is put forward or back, are compared as they are in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.graph import Graph

NOW = "2026-01-01T00:00:00Z"

# A night on which the clock changes, by its zone: back, back, forward, forward by half an hour, never.
NIGHTS = {
    "Europe/Berlin": datetime(2026, 10, 25, 1, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, 6, tzinfo=UTC),
    "Europe/London": datetime(2027, 3, 28, 1, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    "Asia/Kolkata": datetime(2026, 10, 25, 1, tzinfo=UTC),
}
MINUTES = st.integers(-16, 16).map(lambda quarters: 15 * quarters)
Span = tuple[datetime, datetime]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """A service on a pair, of which two requests take one each."""
    folder: Path = tmp_path_factory.mktemp("clocks")
    with graphsms.open(folder / "estate.db") as graph:
        graph.apply(
            ChangeSet(
                entities=[
                    Entity("shop", "Service"),
                    Entity("pair", "RedundancyGroup", {"minimum": 1}),
                    Entity("lb-1", "LoadBalancer"),
                    Entity("lb-2", "LoadBalancer"),
                ],
                relations=[
                    Relation("dependsOn", "shop", "pair"),
                    Relation("hasMember", "pair", "lb-1"),
                    Relation("hasMember", "pair", "lb-2"),
                ],
            )
        )
        for number in (1, 2):
            graph.change.create({"id": f"rfc-{number}", "touches": {"to": f"lb-{number}", "mode": "outage"}})
        yield graph


def set_window(graph: Graph, id: str, start: str, end: str, zone: str) -> None:
    graph.change.edit(id, {"windowStart": start, "windowEnd": end}, zone=zone)


def at_once(graph: Graph) -> list[tuple[str, str]]:
    """When the two requests stop the shop together."""
    found = graph.change.conflicts("rfc-1", "rfc-2", as_of=NOW).conflicts
    return [span for one in found for span in one.spans]


def on_the_wall(moment: datetime, zone: str) -> str:
    """What the clock of a zone shows; only where that says which moment is meant."""
    local = moment.astimezone(ZoneInfo(zone))
    assume(local.fold == 0)
    return local.replace(tzinfo=None).isoformat()


def canonical(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@st.composite
def near(draw: st.DrawFn, night: datetime) -> Span:
    """A window near a moment, in UTC."""
    start = draw(MINUTES)
    end = start + draw(st.integers(1, 16)) * 15
    return night + timedelta(minutes=start), night + timedelta(minutes=end)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), zone=st.sampled_from([*NIGHTS]), other=st.sampled_from([*NIGHTS]))
def test_windows_of_two_zones_overlap_when_they_do_in_utc(
    pair: Graph, data: st.DataObject, zone: str, other: str
) -> None:
    spans = [data.draw(near(NIGHTS[zone])), data.draw(near(NIGHTS[zone]))]
    for id, span, place in zip(("rfc-1", "rfc-2"), spans, (zone, other), strict=True):
        set_window(pair, id, on_the_wall(span[0], place), on_the_wall(span[1], place), place)
        (request,) = pair.change.requests([id])
        assert request.window == tuple(map(canonical, span))
    since, until = max(start for start, _ in spans), min(end for _, end in spans)
    assert at_once(pair) == ([(canonical(since), canonical(until))] if since < until else [])


@settings(max_examples=30, deadline=None)
@given(zone=st.sampled_from([*NIGHTS]), other=st.sampled_from([*NIGHTS]), minutes=MINUTES)
@example(zone="Europe/Berlin", other="America/New_York", minutes=0)
def test_a_window_that_begins_as_the_other_ends_has_no_moment_in_common_with_it(
    pair: Graph, zone: str, other: str, minutes: int
) -> None:
    moment = NIGHTS[zone] + timedelta(minutes=minutes)
    before, after = moment - timedelta(hours=5), moment + timedelta(hours=5)
    set_window(pair, "rfc-1", on_the_wall(before, zone), on_the_wall(moment, zone), zone)
    set_window(pair, "rfc-2", on_the_wall(moment, other), on_the_wall(after, other), other)
    assert at_once(pair) == []
    set_window(pair, "rfc-2", on_the_wall(moment - timedelta(minutes=1), "UTC"), on_the_wall(after, "UTC"), "UTC")
    assert at_once(pair) == [(canonical(moment - timedelta(minutes=1)), canonical(moment))]


def test_in_the_night_that_is_an_hour_longer_a_window_to_three_is_too(pair: Graph) -> None:
    set_window(pair, "rfc-1", "2026-10-25T00:00", "2026-10-25T03:00", "Europe/Berlin")
    set_window(pair, "rfc-2", "2026-10-25T01:00", "2026-10-25T04:00", "UTC")
    assert at_once(pair) == [("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z")]
    # A week before, the same times on the wall are over as the other begins.
    set_window(pair, "rfc-1", "2026-10-18T00:00", "2026-10-18T03:00", "Europe/Berlin")
    set_window(pair, "rfc-2", "2026-10-18T01:00", "2026-10-18T04:00", "UTC")
    assert at_once(pair) == []


def test_an_offset_that_is_stated_says_which_of_two_hours_is_meant(pair: Graph) -> None:
    set_window(pair, "rfc-1", "2026-10-25T02:15+02:00", "2026-10-25T02:45+02:00", "Europe/Berlin")
    set_window(pair, "rfc-2", "2026-10-25T02:15+01:00", "2026-10-25T02:45+01:00", "Europe/Berlin")
    assert at_once(pair) == []
    set_window(pair, "rfc-2", "2026-10-25T02:15", "2026-10-25T02:45", "Europe/Berlin")  # without one, the first
    assert at_once(pair) == [("2026-10-25T00:15:00Z", "2026-10-25T00:45:00Z")]
