"""Freezes, maintenance windows and overlaps of changes, and the nearest window in which one is in nobody's way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from change.test_conflicts import BOTH, DAYS, EARLY, EDGES, ESTATE, LATE, NOW, estates, opened, request, touches
from graphsms import ChangeSet, Entity, Relation
from graphsms.change.proposals import shown_window
from graphsms.change.windows import IN_FREEZE, OUTSIDE
from graphsms.errors import InputError
from graphsms.graph import Graph
from graphsms.moments import zone

SATURDAY = Entity(
    "saturdays",
    "MaintenanceWindow",
    {
        "windowStart": "2026-01-03T19:00:00Z",
        "windowEnd": "2026-01-03T23:00:00Z",
        "recurrence": "FREQ=WEEKLY;BYDAY=SA",
        "timeZone": "Europe/London",
    },
)
FREEZE = Entity("season", "FreezePeriod", {"windowStart": "2026-11-16T00:00:00Z", "windowEnd": "2027-01-02T00:00:00Z"})


def breaches(g: Graph, *ids: str) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.change.id, one.of.id, one.state) for one in g.change.conflicts(*ids, as_of=NOW).breaches]


def test_a_freeze_of_a_service_holds_what_it_depends_on_whatever_redundancy_there_is() -> None:
    frozen = Relation("windowFor", "season", "shop")
    with opened([*ESTATE, EARLY, LATE, FREEZE], [*EDGES, BOTH[0], touches("rfc-2", "db"), frozen]) as g:
        assert breaches(g) == [(IN_FREEZE, "rfc-1", "shop", "at risk")]


def test_a_freeze_holds_what_it_is_for_itself_and_ends_when_it_ends() -> None:
    ended = Entity(
        "over", "FreezePeriod", {"windowStart": "2026-11-01T00:00:00Z", "windowEnd": EARLY.properties["windowStart"]}
    )
    edges = [*EDGES, BOTH[0], Relation("windowFor", "season", "lb-1"), Relation("windowFor", "over", "lb-1")]
    with opened([*ESTATE, EARLY, FREEZE, ended], edges) as g:
        assert breaches(g) == [(IN_FREEZE, "rfc-1", "lb-1", "down")]
        assert [each.id for each in g.change.conflicts(as_of=NOW).breaches[0].windows] == ["season"]


def test_a_service_that_is_live_only_later_in_the_window_has_its_freeze_then() -> None:
    edges = [edge for edge in EDGES if edge.subject != "report"]
    later = Relation("dependsOn", "report", "db", {"validFrom": "2026-11-28T21:00:00Z"})
    frozen = Relation("windowFor", "season", "report")
    with opened([*ESTATE, EARLY, FREEZE], [*edges, later, touches("rfc-1", "db"), frozen]) as g:
        (one,) = g.change.conflicts(as_of=NOW).breaches
        assert one.spans == (("2026-11-28T21:00:00Z", "2026-11-28T22:00:00Z"),)


def test_an_emergency_is_made_in_a_freeze_and_that_is_told() -> None:
    emergency = request("rfc-1", "2026-11-28T19:00:00Z", "2026-11-28T22:00:00Z", changeCategory="emergency")
    with opened([*ESTATE, emergency, FREEZE], [*EDGES, BOTH[0], Relation("windowFor", "season", "shop")]) as g:
        found = g.change.conflicts(as_of=NOW)
        assert found.breaches == ()
        assert found.notes == ("rfc-1 is an emergency, so that the freeze season does not hold it.",)


def test_maintenance_windows_are_asked_for_where_a_change_interrupts_the_service() -> None:
    early = request("rfc-1", "2026-11-28T18:00:00Z", "2026-11-28T20:00:00Z")
    both_of = [Relation("windowFor", "saturdays", one) for one in ("shop", "report")]
    with opened([*ESTATE, early, SATURDAY], [*EDGES, touches("rfc-1", "db"), *both_of]) as g:
        (one,) = g.change.conflicts(as_of=NOW).breaches
        assert (one.kind, one.of.id, one.state) == (OUTSIDE, "report", "down")
        assert one.spans == (("2026-11-28T18:00:00Z", "2026-11-28T19:00:00Z"),)
    with opened([*ESTATE, early, SATURDAY], [*EDGES, BOTH[0], *both_of]) as g:
        assert breaches(g) == []  # the second load balancer goes on


def test_a_partner_that_is_down_makes_work_on_the_other_an_interruption() -> None:
    early = request("rfc-1", "2026-11-27T18:00:00Z", "2026-11-27T20:00:00Z")
    incident = Entity("inc-1", "Incident", {"caseStatus": "new"})
    edges = [
        *EDGES,
        BOTH[0],
        Relation("windowFor", "saturdays", "shop"),
        Relation("affects", "inc-1", "lb-2", {"state": "down"}),
    ]
    with opened([*ESTATE, early, SATURDAY, incident], edges) as g:
        assert breaches(g) == [(OUTSIDE, "rfc-1", "shop", "down")]


def test_a_window_that_recurs_keeps_to_the_clock_of_its_zone() -> None:
    # In London 19:00 is 18:00 UTC until 25 October.
    summer = request("rfc-1", "2026-10-24T18:00:00Z", "2026-10-24T22:00:00Z")
    winter = request("rfc-2", "2026-10-31T18:00:00Z", "2026-10-31T22:00:00Z")
    edges = [*EDGES, touches("rfc-1", "db"), touches("rfc-2", "db"), Relation("windowFor", "saturdays", "report")]
    with opened([*ESTATE, summer, winter, SATURDAY], edges) as g:
        found = g.change.conflicts(start="2026-10-01", as_of=NOW)
        assert [(one.change.id, one.spans) for one in found.breaches] == [
            ("rfc-2", (("2026-10-31T18:00:00Z", "2026-10-31T19:00:00Z"),))
        ]


def test_windows_that_cannot_be_followed_are_told_and_hold_nothing() -> None:
    odd = Entity("odd", "MaintenanceWindow", {**SATURDAY.properties, "recurrence": "FREQ=HOURLY"})
    nothing = Entity("nothing", "FreezePeriod", {"windowStart": "2026-11-16T00:00:00Z"})
    with opened(
        [*ESTATE, EARLY, odd, nothing], [*EDGES, touches("rfc-1", "db"), Relation("windowFor", "odd", "db")]
    ) as g:
        found = g.change.conflicts(as_of=NOW)
        assert found.breaches == ()
        assert any(note.startswith("Not followed: odd") for note in found.notes)
        assert "nothing does not say what it is for, and so holds nothing." in found.notes


def test_changes_at_once_on_the_same_thing_or_on_what_stands_on_it_are_told() -> None:
    third = request("rfc-3", "2026-11-28T21:30:00Z", "2026-11-28T22:30:00Z")
    edges = [
        *EDGES,
        touches("rfc-1", "db", "change"),
        touches("rfc-2", "db", "change"),
        touches("rfc-3", "report", "change"),
    ]
    with opened([*ESTATE, EARLY, LATE, third], edges) as g:
        told = [
            ([each.id for each in one.changes], [each.id for each in one.things], one.dependent)
            for one in g.change.conflicts(as_of=NOW).overlaps
        ]
    assert told == [
        (["rfc-1", "rfc-2"], ["db"], False),
        (["rfc-1", "rfc-3"], ["report"], True),
        (["rfc-2", "rfc-3"], ["report"], True),
    ]


# ------------------------------------------------------------------------------------- proposals


def test_the_nearest_window_is_beside_the_other_change() -> None:
    with opened([*ESTATE, EARLY, LATE], [*EDGES, *BOTH]) as g:
        found = g.change.windows("rfc-2", as_of=NOW)
        assert not found.free
        assert found.held == ("With rfc-1, it would stop shop.",)
        first = found.proposals[0]
        assert (first.start, first.end, first.moved_by) == ("2026-11-28T22:00:00Z", "2026-11-29T00:00:00Z", 3600)
        assert found.to_frame()["start"].tolist()[1:] == ["2026-11-28T17:00:00Z", "2026-11-27T21:00:00Z"]


def test_a_window_without_conflict_is_the_first_proposal_itself() -> None:
    with opened([*ESTATE, EARLY], [*EDGES, BOTH[0]]) as g:
        found = g.change.windows("rfc-1", as_of=NOW, count=1)
        assert found.free
        assert [one.moved_by for one in found.proposals] == [0]
        assert found.sentence().startswith("Nothing stands against the window of rfc-1, Sat 2026-11-28 19:00 – 22:00.")


def test_proposals_keep_to_maintenance_windows_on_the_clock_of_their_zone_and_to_freezes() -> None:
    edges = [
        *EDGES,
        touches("rfc-1", "db"),
        Relation("windowFor", "saturdays", "report"),
        Relation("windowFor", "season", "db"),
    ]
    early = request("rfc-1", "2026-11-26T19:00:00Z", "2026-11-26T21:00:00Z")
    with opened([*ESTATE, early, SATURDAY, FREEZE], edges) as g:
        g.set_zone("Europe/Zurich")
        found = g.change.windows("rfc-1", as_of=NOW, count=2)
        assert [one.start for one in found.proposals] == ["2027-01-02T19:00:00Z", "2027-01-09T19:00:00Z"]
        assert found.to_json()["proposals"][0]["local_start"] == "2027-01-02T20:00:00+01:00"
        summer = g.change.windows("rfc-1", earliest="2027-04-01", latest="2027-04-30", as_of=NOW, count=1)
        assert summer.proposals[0].start == "2027-04-03T18:00:00Z"
        none = g.change.windows("rfc-1", latest="2026-12-31", as_of=NOW)
        assert none.proposals == ()
        assert "There is no window without conflict" in none.sentence()


def test_another_day_is_proposed_at_the_same_time_of_the_clock_when_the_clock_is_put_back() -> None:
    summer = request("rfc-1", "2026-10-24T18:00:00Z", "2026-10-24T20:00:00Z")  # 19:00 in London
    freeze = Entity(
        "autumn", "FreezePeriod", {"windowStart": "2026-10-20T00:00:00Z", "windowEnd": "2026-10-26T00:00:00Z"}
    )
    with opened([*ESTATE, summer, freeze], [*EDGES, BOTH[0], Relation("windowFor", "autumn", "lb-1")]) as g:
        g.set_zone("Europe/London")
        found = g.change.windows("rfc-1", earliest="2026-10-20", as_of=NOW, count=2)
        assert [one.start for one in found.proposals] == ["2026-10-26T00:00:00Z", "2026-10-26T19:00:00Z"]
        assert found.proposals[1].moved_by == (2 * 24 + 1) * 3600


def test_what_is_removed_is_removed_after_the_others_that_need_it() -> None:
    later = request("rfc-2", "2026-12-05T21:00:00Z", "2026-12-05T23:00:00Z")
    with opened([*ESTATE, EARLY, later], [*EDGES, touches("rfc-1", "lb-1", "removal"), BOTH[1]]) as g:
        found = g.change.windows("rfc-1", as_of=NOW, count=1)
        assert [one.start for one in found.proposals] == ["2026-12-05T23:00:00Z"]
        # The one that is made while the other is still there can be moved ahead of it.
        assert g.change.windows("rfc-2", as_of=NOW, count=1).proposals[0].end == "2026-11-28T19:00:00Z"


def test_a_request_without_a_window_needs_to_say_how_long_it_takes() -> None:
    unplanned = Entity("rfc-9", "RequestForChange", {"changeStatus": "recorded"})
    with opened([*ESTATE, unplanned, EARLY], [*EDGES, BOTH[0], touches("rfc-9", "lb-2")]) as g:
        with pytest.raises(InputError, match="how long it takes"):
            g.change.windows("rfc-9", as_of=NOW)
        found = g.change.windows("rfc-9", length="PT24H", earliest="2026-11-28", as_of=NOW)
        assert found.proposals[0].start == "2026-11-28T22:00:00Z"
        assert not found.free
        assert found.present is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "From 1 to"),
        ({"length": "-PT1H"}, "time ahead|duration"),
        ({"length": "soon"}, "no duration"),
        ({"earliest": "2026-12-01", "latest": "2026-11-01"}, "not after"),
        ({"earliest": "2026-12-01", "latest": "2029-11-01"}, "a year at most"),
    ],
)
def test_what_cannot_be_asked_is_an_error(options: dict[str, Any], message: str) -> None:
    with opened([*ESTATE, EARLY], EDGES) as g, pytest.raises(InputError, match=message):
        g.change.windows("rfc-1", as_of=NOW, **options)


def test_a_window_is_shown_on_the_clock_of_a_zone_whatever_the_hour() -> None:
    london = zone("Europe/London")
    assert (
        shown_window("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", london)
        == "Sun 2026-10-25 01:30 (+0100) – 01:30 (+0000)"
    )
    assert (
        shown_window("2026-11-28T22:00:00Z", "2026-11-29T02:00:00Z", london)
        == "Sat 2026-11-28 22:00 – Sun 2026-11-29 02:00"
    )
    assert (shown_window("", "", london), shown_window("2026-11-28T22:00:00Z", "", london)) == (
        "",
        "Sat 2026-11-28 22:00 –",
    )


@st.composite
def planned(draw: st.DrawFn) -> tuple[list[Entity], list[Relation]]:
    """An estate with changes, incidents, freezes and maintenance windows."""
    entities, relations = draw(estates())
    dice = Random(draw(st.integers(0, 2**32)))
    able = [one.id for one in entities if one.type in ("Service", "Application")]
    for number in range(dice.randint(0, 3)):
        since, until = sorted(dice.sample(DAYS, 2))
        type = dice.choice(["FreezePeriod", "MaintenanceWindow"])
        entities.append(Entity(f"window-{number}", type, {"windowStart": since, "windowEnd": until}))
        relations.append(Relation("windowFor", f"window-{number}", dice.choice(able)))
    return entities, relations


@settings(max_examples=40, deadline=None)
@given(drawn=planned())
def test_proposals_are_free_and_none_is_nearer(drawn: tuple[list[Entity], list[Relation]]) -> None:
    entities, relations = drawn
    (own,) = (one for one in entities if one.id == "rfc-0")
    begins, ends = (datetime.fromisoformat(str(own.properties[name])) for name in ("windowStart", "windowEnd"))
    lasting = any(
        one.subject == "rfc-0" and one.properties["mode"] == "removal" for one in relations if one.type == "touches"
    )
    with opened(entities, relations) as g:
        found = g.change.windows("rfc-0", earliest=DAYS[0], latest=DAYS[-1], as_of=NOW, count=5)
        starts = [datetime.fromisoformat(one.start) for one in found.proposals]
        assert all(_is_free(g, own, start, start + (ends - begins)) for start in starts)
        assert [abs(start - begins) for start in starts] == sorted(abs(start - begins) for start in starts)
        _do_not_overlap(starts, ends - begins)
        if lasting:
            return
        nearest = abs(starts[0] - begins) if starts else timedelta.max
        candidate = datetime.fromisoformat(DAYS[0])
        while candidate + (ends - begins) <= datetime.fromisoformat(DAYS[-1]):
            if abs(candidate - begins) < nearest:
                assert not _is_free(g, own, candidate, candidate + (ends - begins))
            candidate += timedelta(hours=12)


def _do_not_overlap(starts: Sequence[datetime], length: timedelta) -> None:
    for number, start in enumerate(starts):
        assert all(abs(start - other) >= length for other in starts[:number])


def _is_free(g: Graph, own: Entity, start: datetime, end: datetime) -> bool:
    properties = {**own.properties, "windowStart": start.isoformat(), "windowEnd": end.isoformat()}
    g.apply(ChangeSet(entities=[Entity(own.id, own.type, properties)]))
    return not g.change.conflicts(own.id, as_of=NOW).found
