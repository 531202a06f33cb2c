"""The forward schedule of changes: what is made when, beside freezes and maintenance windows, and as iCalendar."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

import graphsms
from graphsms.change.forward import CHANGE, FREEZE, MAINTENANCE, Entry, ForwardSchedule, time_meant
from graphsms.errors import InputError
from graphsms.model import ChangeSet, Entity, Relation, Revision
from graphsms.moments import canonical_moment, zone


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(
            ChangeSet(
                entities=[
                    Entity("web", "Service", {"name": "Web shop"}),
                    request("rfc-1", "approved", "2026-12-01T20:00", "2026-12-01T23:00", priority="high"),
                    request("rfc-2", "assessed", "2026-12-02T00:00", ""),
                    request("rfc-3", "cancelled", "2026-12-02T00:00", "2026-12-02T01:00"),
                    request("rfc-4", "recorded", "", ""),
                    window("sunday", "MaintenanceWindow", "2026-03-01T02:00", "2026-03-01T04:00"),
                    window("frozen", "FreezePeriod", "2026-11-20T00:00", "2027-01-02T00:00", recurrence=""),
                ],
                relations=[
                    Relation("touches", "rfc-1", "web", {"mode": "outage"}),
                    Relation("windowFor", "sunday", "web"),
                    Relation("windowFor", "frozen", "web"),
                ],
            )
        )
        yield graph


def request(id: str, status: str, start: str, end: str, **more: str) -> Entity:
    said = {"changeStatus": status, "windowStart": start, "windowEnd": end, **more}
    return Entity(id, "RequestForChange", {name: value for name, value in said.items() if value})


def window(id: str, type: str, start: str, end: str, recurrence: str = "FREQ=WEEKLY;BYDAY=SU") -> Entity:
    said = {"windowStart": start, "windowEnd": end, "recurrence": recurrence, "timeZone": "Europe/Berlin"}
    return Entity(id, type, {name: value for name, value in said.items() if value})


def told(found: ForwardSchedule) -> list[tuple[str, str, str]]:
    return [(one.kind, one.entity.id, one.start[:16]) for one in found.entries]


def test_changes_freezes_and_maintenance_stand_in_order_of_time(graph: graphsms.Graph) -> None:
    found = graph.change.schedule("2026-11-29", "2026-12-02")
    assert told(found) == [
        (FREEZE, "frozen", "2026-11-20T00:00"),
        (MAINTENANCE, "sunday", "2026-11-29T02:00"),
        (CHANGE, "rfc-1", "2026-12-01T20:00"),
        (CHANGE, "rfc-2", "2026-12-02T00:00"),
    ]
    assert [one.decided for one in found.entries if one.kind == CHANGE] == [True, False]
    assert [one.id for one in found.without_window] == ["rfc-4"]
    assert [one.id for one, _ in found.entries[2].on] == ["web"]
    assert len(found.to_frame()) == 4


def test_times_that_only_touch_the_schedule_are_not_in_it(graph: graphsms.Graph) -> None:
    assert told(graph.change.schedule("2026-12-01T23:00", "2026-12-02T00:00", windows=False)) == []
    last = graph.change.schedule("2026-12-01T22:59", "2026-12-02T00:00", windows=False)
    assert told(last) == [(CHANGE, "rfc-1", "2026-12-01T20:00")]


def test_what_has_no_end_is_in_every_schedule_after_its_beginning(graph: graphsms.Graph) -> None:
    assert told(graph.change.schedule("2028-01-01", "2028-01-02", windows=False)) == [
        (CHANGE, "rfc-2", "2026-12-02T00:00")
    ]


def test_a_window_recurs_at_the_same_time_of_its_own_clock(graph: graphsms.Graph) -> None:
    found = graph.change.schedule("2026-03-01", "2026-04-06")
    starts = [one.start[5:16] for one in found.entries if one.kind == MAINTENANCE]
    # The clock of Berlin goes an hour ahead on 29 March: 02:00 UTC was 03:00 there, and is 04:00.
    assert starts == ["03-01T02:00", "03-08T02:00", "03-15T02:00", "03-22T02:00", "03-29T01:00", "04-05T01:00"]


def test_only_changes_of_some_status(graph: graphsms.Graph) -> None:
    found = graph.change.schedule("2026-12-01", "2026-12-03", status=["cancelled"], windows=False)
    assert [(one.entity.id, one.off) for one in found.entries] == [("rfc-3", True)]
    with pytest.raises(InputError, match="Did you mean cancelled"):
        graph.change.schedule("2026-12-01", "2026-12-03", status=["canceled"])


def test_a_schedule_is_of_the_revision_that_is_asked_about(graph: graphsms.Graph) -> None:
    graph.change.edit("rfc-1", {"windowStart": "2026-12-05T20:00", "windowEnd": "2026-12-05T21:00"})
    then, there = (graph.change.schedule("2026-12-01", "2026-12-31", windows=False, at=at) for at in (1, None))
    assert ("change", "rfc-1", "2026-12-01T20:00") in told(then)
    assert ("change", "rfc-1", "2026-12-05T20:00") in told(there)


@pytest.mark.parametrize(
    ("start", "end"), [("2026-12-02", "2026-12-01"), ("x", None), ("2026-01-01", "2036-01-01"), (None, "2000-01-01")]
)
def test_a_time_that_is_none_or_too_long_is_refused(graph: graphsms.Graph, start: str | None, end: str | None) -> None:
    with pytest.raises(InputError):
        graph.change.schedule(start, end)


def test_a_window_that_recurs_by_a_rule_that_cannot_be_followed_is_told(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([window("odd", "FreezePeriod", "2026-01-01", "2026-01-02", recurrence="FREQ=SECONDLY")]))
    with pytest.raises(InputError, match="odd: The recurrence"):
        graph.change.schedule("2026-12-01", "2026-12-02")


def test_four_weeks_end_at_the_same_hour_after_the_clock_is_changed() -> None:
    since, until = time_meant("2026-03-10T08:00", None, zone("Europe/Berlin"))
    assert (since, until) == ("2026-03-10T07:00:00Z", "2026-04-07T06:00:00Z")


# ------------------------------------------------------------------------------------------ iCalendar


def events(found: ForwardSchedule) -> list[dict[str, object]]:
    """What another reads in it."""
    calendar = Calendar.from_ical(found.to_ical())
    return [dict(event.items()) for event in calendar.walk("VEVENT")]


def test_the_calendar_holds_what_the_table_does(graph: graphsms.Graph) -> None:
    found = graph.change.schedule("2026-11-29", "2026-12-02")
    read = {str(one["UID"]).partition("@")[0]: one for one in events(found)}
    assert read.keys() == {"frozen/2026-11-20T00:00:00Z", "sunday/2026-11-29T02:00:00Z", "rfc-1", "rfc-2"}
    change = read["rfc-1"]
    assert change["DTSTART"].dt == datetime(2026, 12, 1, 20, tzinfo=UTC)  # type: ignore[attr-defined]
    assert change["DTEND"].dt == datetime(2026, 12, 1, 23, tzinfo=UTC)  # type: ignore[attr-defined]
    assert (change["STATUS"], change["PRIORITY"], change["TRANSP"]) == ("CONFIRMED", 3, "OPAQUE")
    assert "Web shop (outage)" in str(change["DESCRIPTION"])
    assert read["rfc-2"]["STATUS"] == "TENTATIVE"
    # Of what has no end the event ends with the schedule.
    assert read["rfc-2"]["DTEND"].dt == datetime(2026, 12, 3, tzinfo=UTC)  # type: ignore[attr-defined]
    assert {str(one["TRANSP"]) for key, one in read.items() if "/" in key} == {"TRANSPARENT"}


def test_the_stamp_is_of_the_revision_and_the_uid_of_the_store(graph: graphsms.Graph) -> None:
    found = graph.change.schedule("2026-11-29", "2026-12-02")
    for one in events(found):
        stamp = one["DTSTAMP"].dt  # type: ignore[attr-defined]
        assert stamp == datetime.fromisoformat(graph.revision.time).replace(microsecond=0)
        assert str(one["UID"]).endswith(f"@{graph.store.identity}")
        assert one["SEQUENCE"] == 1


def test_a_calendar_made_twice_in_different_processes_is_the_same_bytes(graph: graphsms.Graph, tmp_path: Path) -> None:
    def made(zone_: str, seed: str) -> bytes:
        out = tmp_path / f"{seed}.ics"
        arguments = ["change", "schedule", "--from", "2026-11-29", "--to", "2026-12-20", "--ics", str(out)]
        environment = {**os.environ, "TZ": zone_, "PYTHONHASHSEED": seed, "GRAPHSMS_STORE": str(tmp_path / "estate.db")}
        subprocess.run([sys.executable, "-m", "graphsms", *arguments], env=environment, check=True, capture_output=True)
        return out.read_bytes()

    first = made("UTC", "1")
    assert first == made("Asia/Tokyo", "2")
    assert first == graph.change.schedule("2026-11-29", "2026-12-20").to_ical()


def schedule_of(name: str, id: str, **more: str) -> ForwardSchedule:
    entity = Entity(id, "RequestForChange", {"name": name, **more})
    entry = Entry(CHANGE, entity, "2026-12-01T20:00:00Z", "2026-12-01T21:00:00Z", ())
    return ForwardSchedule(
        "2026-12-01T00:00:00Z", "2026-12-08T00:00:00Z", (entry,), (), Revision(1, "2026-11-21T00:00:00Z"), "store"
    )


@given(
    st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="ascii"), min_size=1, max_size=60)
)
def test_no_name_breaks_out_of_its_line(name: str, id: str) -> None:
    content = schedule_of(name, id).to_ical()
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)  # RFC 5545, 3.1
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    known = "UID DTSTAMP SEQUENCE DTSTART DTEND SUMMARY DESCRIPTION CATEGORIES CLASS STATUS TRANSP"
    assert set(event.keys()) <= set(known.split())
    assert b"BEGIN:VALARM" not in lines


def test_a_link_that_is_no_address_of_the_web_stays_out() -> None:
    assert b"URL" not in schedule_of("x", "rfc", link="javascript:alert(1)").to_ical()
    assert b"URL:https://cab.example/1\r\n" in schedule_of("x", "rfc", link="https://cab.example/1").to_ical()


@pytest.mark.parametrize(("stated", "shown"), [("public", "PUBLIC"), ("secret", "CONFIDENTIAL"), ("", "PRIVATE")])
def test_what_is_confidential_is_marked_as_such(stated: str, shown: str) -> None:
    (event,) = events(schedule_of("x", "rfc", **({"confidentiality": stated} if stated else {})))
    assert event["CLASS"] == shown


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(1, 50), st.sampled_from(["approved", "assessed", "closed"])),
        max_size=12,
    ),
    st.integers(0, 200),
    st.integers(1, 60),
)
def test_a_schedule_holds_just_what_has_a_moment_in_it(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int, str]], start: int, length: int
) -> None:
    def moment(hours: int) -> str:
        return canonical_moment(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours))

    with graphsms.open(tmp_path_factory.mktemp("s") / "e.db") as graph:
        graph.apply(
            ChangeSet(
                [
                    request(f"rfc-{number}", status, moment(begin), moment(begin + hours))
                    for number, (begin, hours, status) in enumerate(changes)
                ]
            )
        )
        found = graph.change.schedule(moment(start), moment(start + length))
    hours = range(start, start + length)
    expected = {f"rfc-{number}" for number, (begin, lasts, _) in enumerate(changes)
                if set(range(begin, begin + lasts)) & set(hours)}  # fmt: skip
    assert {one.entity.id for one in found.entries} == expected
    assert len(events(found)) == len(expected)
