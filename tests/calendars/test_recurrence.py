"""Windows that recur are where RFC 5545 has them; spans of the calendar are where people look for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from graphsms.calendars.hours import clock, wall_clock
from graphsms.calendars.period import length_of, period
from graphsms.calendars.recurrence import occurrences
from graphsms.calendars.timeset import DAY, HOUR, TimeSet
from graphsms.errors import InputError
from graphsms.snapshot.validity import microseconds

LONDON = ZoneInfo("Europe/London")
SUNDAY = microseconds("2026-01-04T01:00:00Z"), microseconds("2026-01-04T05:00:00Z")


def starts(rule: str, since: str, until: str, window: tuple[int, int] = SUNDAY) -> list[str]:
    found = occurrences(window, rule, LONDON, microseconds(since), microseconds(until))
    return [clock(one, UTC).strftime("%m-%dT%H:%M") for one, _ in found]


def test_a_window_keeps_its_time_of_the_clock_when_the_clock_is_changed() -> None:
    weekly = "FREQ=WEEKLY;BYDAY=SU"
    assert starts(weekly, "2026-03-20T00:00:00Z", "2026-04-10T00:00:00Z") == [
        "03-22T01:00",
        "03-29T01:00",
        "04-05T00:00",
    ]
    assert starts(weekly, "2026-10-20T00:00:00Z", "2026-11-05T00:00:00Z") == ["10-25T00:00", "11-01T01:00"]


def test_a_window_that_has_begun_counts_with_what_is_left_of_it() -> None:
    since, until = microseconds("2026-11-08T03:00:00Z"), microseconds("2026-11-15T02:00:00Z")
    assert occurrences(SUNDAY, "FREQ=WEEKLY", UTC, since, until).length == 2 * HOUR + HOUR
    assert occurrences(SUNDAY, "", UTC, since, until) == TimeSet()
    assert starts("FREQ=WEEKLY", "2025-12-01T00:00:00Z", "2026-01-05T00:00:00Z") == ["01-04T01:00"], (
        "none before the first"
    )


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY", "FREQ=WEEKLY;BYSETPOS=1", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=1MO", "INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=2;UNTIL=20261231", "FREQ=DAILY;UNTIL=soon",
        "FREQ=WEEKLY;BYMONTHDAY=1", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;WKST=1", "FREQ=DAILY;INTERVAL=1,2", "FREQ",
        "FREQ=DAILY;UNTIL=20261331", "FREQ=MONTHLY;BYMONTHDAY=32",
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_followed_is_refused_with_why(rule: str) -> None:
    with pytest.raises(InputError, match="cannot be followed"):
        starts(rule, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")


days = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
which = st.sampled_from(["1", "2", "-1", "5", "+3"])


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 4))}")
    by_month = draw(st.booleans())
    if by_month:
        months = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True))
        parts.append(f"BYMONTH={','.join(map(str, months))}")
    if draw(st.booleans()):
        # Not both in one rule: dateutil lets a day pass only where it is each of both.
        of_month = frequency == "MONTHLY" or (frequency == "YEARLY" and by_month)
        counted = which if of_month and draw(st.booleans()) else st.just("")
        some = draw(st.lists(st.tuples(counted, days).map("".join), min_size=1, max_size=3, unique=True))
        parts.append(f"BYDAY={','.join(some)}")
    elif frequency != "WEEKLY" and draw(st.booleans()):
        some_days = draw(st.lists(st.sampled_from([1, 2, 15, 29, 31, -1, -3]), min_size=1, max_size=3, unique=True))
        parts.append(f"BYMONTHDAY={','.join(map(str, some_days))}")
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(["COUNT=3", "COUNT=20", "UNTIL=20270301T120000", "UNTIL=20260601T000000"])))
    if draw(st.booleans()):
        parts.append(f"WKST={draw(days)}")
    return ";".join(parts)


@settings(max_examples=200, deadline=None, phases=(Phase.explicit, Phase.generate))  # dateutil is slow to shrink with
@given(
    rules(), st.integers(0, 400), st.integers(0, 500), st.integers(0, 200), st.sampled_from(["UTC", "Europe/London"])
)
def test_windows_are_where_dateutil_has_them(rule: str, first: int, since: int, long: int, name: str) -> None:
    rrule = pytest.importorskip("dateutil.rrule")
    zone = ZoneInfo(name)
    begins = datetime.fromisoformat("2026-01-01T09:00") + timedelta(days=first)
    from_, to = begins + timedelta(days=since - 50), begins + timedelta(days=since - 50 + long)
    window = wall_clock(begins, zone), wall_clock(begins, zone) + HOUR
    found = occurrences(window, rule, zone, wall_clock(from_, zone), wall_clock(to, zone))
    every = rrule.rrulestr(rule, dtstart=begins).between(from_, to, inc=True)
    assert [one for one, _ in found] == [wall_clock(one, zone) for one in every if one < to]


# ------------------------------------------------------------------------------------------------ spans

NOW = microseconds("2026-11-21T12:00:00Z")


@pytest.mark.parametrize(
    ("counted_over", "name", "start", "end"),
    [
        ("P1M", "2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        ("P3M", "2026-Q4", "2026-09-30T23:00:00Z", "2027-01-01T00:00:00Z"),
        ("P6M", "2026-07 to 12", "2026-06-30T23:00:00Z", "2027-01-01T00:00:00Z"),
        ("P1Y", "2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("P12M", "2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("P7D", "2026-W47", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
        ("P1D", "2026-11-21", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
    ],
)
def test_a_span_of_the_calendar_begins_where_people_say_it_does(
    counted_over: str, name: str, start: str, end: str
) -> None:
    found = period(counted_over, NOW, LONDON)
    assert (found.name, found.start, found.end) == (name, start, end)


def test_a_rolling_span_ends_with_the_day_that_is_asked_about() -> None:
    found = period("P30D", NOW, LONDON, rolling=True)
    assert (found.start, found.end) == ("2026-10-22T23:00:00Z", "2026-11-22T00:00:00Z")
    assert found.until - found.since == 30 * DAY + HOUR, "the clock was put back in it"
    assert period("P1M", microseconds("2026-03-30T12:00:00Z"), UTC, rolling=True).start == "2026-02-28T00:00:00Z"
    assert period("PT24H", NOW, UTC, rolling=True).name == "2026-11-21 to 2026-11-21"


@pytest.mark.parametrize(
    "wrong", ["P5M", "P2Y", "P30D", "PT1H", "P1M1D", "P11Y", "P1000000000D", "P", "PT", "P0D", "-P1M", "x"]
)
def test_what_is_no_span_of_the_calendar_is_refused(wrong: str) -> None:
    with pytest.raises(InputError):
        period(wrong, NOW, LONDON)


def test_the_length_of_an_allowance_is_exact_and_a_month_has_none() -> None:
    assert (length_of("PT8H"), length_of("P1DT0.5S")) == (8 * HOUR, DAY + 500_000)
    with pytest.raises(InputError, match="no fixed length"):
        length_of("P1M")


SPANS = ["P1D", "P7D", "P1M", "P2M", "P3M", "P4M", "P6M", "P1Y"]
PLACES = ["UTC", "Europe/London", "America/Santiago", "Pacific/Apia"]


@given(st.sampled_from(SPANS), st.integers(0, 2**40), st.sampled_from(PLACES))
def test_spans_of_the_calendar_leave_no_moment_out_and_do_not_overlap(counted_over: str, milli: int, name: str) -> None:
    moment, zone = milli * 1000, ZoneInfo(name)
    found = period(counted_over, moment, zone)
    assert found.since <= moment < found.until
    assert period(counted_over, found.since, zone) == found == period(counted_over, found.until - 1, zone)
    assert period(counted_over, found.until, zone).since == found.until
