"""Agreed service time: what the clock on the wall of a zone shows decides, on the days on which it is changed too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.calendars.hours import ServiceHours, always, service_hours
from graphsms.calendars.timeset import DAY, HOUR, MINUTE, TimeSet
from graphsms.errors import InputError
from graphsms.snapshot.validity import microseconds

LONDON = ZoneInfo("Europe/London")
ZONES = [
    "UTC",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "America/Santiago",  # at midnight
    "Asia/Kathmandu",
    "Africa/Casablanca",  # around Ramadan
    "Pacific/Apia",  # left out a whole day in 2011
]
# Around which clocks are changed somewhere, the day that Samoa left out among them.
DAYS = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 4, 5),
    date(2026, 9, 6),
    date(2026, 2, 15),
    date(2011, 12, 30),
]


def hours_of(agreed: TimeSet) -> float:
    return agreed.length / HOUR


def day(text: str, zone: ZoneInfo = LONDON) -> tuple[int, int]:
    """A day of a zone, from midnight to midnight."""
    start = datetime.fromisoformat(text)
    since, until = (one.replace(tzinfo=zone).astimezone(UTC) for one in (start, start + timedelta(days=1)))
    return microseconds(since.isoformat()), microseconds(until.isoformat())


# ------------------------------------------------------------------------------------------------- cases


@pytest.mark.parametrize(
    ("on", "long"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-21", 24), ("2026-12-25", 24)]
)
def test_round_the_clock_is_as_long_as_the_day_is(on: str, long: float) -> None:
    assert hours_of(always(LONDON).agreed(*day(on))) == long


@pytest.mark.parametrize(
    ("hours", "on", "long"),
    [
        ("Mo-Su 01:15-01:45", "2026-03-29", 0),  # left out
        ("Mo-Su 01:15-01:45", "2026-10-25", 1),  # twice
        ("Mo-Su 00:00-01:30", "2026-10-25", 2),
        ("Mo-Su 01:30-03:00", "2026-03-29", 1),
        ("Mo-Su 08:00-18:00", "2026-10-25", 10),
    ],
)
def test_hours_left_out_do_not_happen_and_hours_that_come_twice_happen_twice(hours: str, on: str, long: float) -> None:
    assert hours_of(service_hours([hours], LONDON).agreed(*day(on))) == long


def test_hours_that_run_past_midnight_belong_to_the_day_on_which_they_begin() -> None:
    night = service_hours(["Th 22:00-06:00"], LONDON, closed=[date(2026, 12, 25)])  # a Friday
    assert hours_of(night.agreed(*day("2026-12-24"))) == 2
    assert hours_of(night.agreed(*day("2026-12-25"))) == 6
    closed = service_hours(["Th 22:00-06:00"], LONDON, closed=[date(2026, 12, 24)])
    assert hours_of(closed.agreed(*day("2026-12-25"))) == 0


def test_a_day_of_its_own_has_its_own_hours_also_where_it_is_closed() -> None:
    office = service_hours(
        ["Mo-Fr 08:00-18:00"], LONDON, [date(2026, 12, 24)], ["2026-12-24 08:00-10:00", "2026-12-24 11:00-12:00"]
    )
    assert hours_of(office.agreed(*day("2026-12-24"))) == 3
    assert hours_of(office.agreed(*day("2026-12-23"))) == 10


def test_hours_of_one_day_that_overlap_count_once_and_days_go_round_the_end_of_the_week() -> None:
    found = service_hours(["Sa-Mo 08:00-12:00", "Su 10:00-14:00"], LONDON)
    week = microseconds("2026-11-16T00:00:00Z"), microseconds("2026-11-23T00:00:00Z")
    assert hours_of(found.agreed(*week)) == 4 + 4 + 6
    assert found.weekly[1] == ()


@pytest.mark.parametrize(
    "wrong",
    ["", "Mo-Fr", "Mo-Fr 8-18", "08:00-18:00", "Mo 25:00-26:00", "Mo 08:00-24:30", "Mo 08:60-09:00", "Xx 08:00-09:00"],
)
def test_what_reads_like_no_hours_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="hours"):
        service_hours([wrong])


@pytest.mark.parametrize("wrong", ["2026-12-24", "2026-13-24 08:00-12:00", "2026-12-24 24:00-25:00", "Mo 08:00-12:00"])
def test_what_reads_like_no_hours_of_a_day_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="hours"):
        service_hours([], special=[wrong])


def test_more_than_a_hundred_years_or_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(InputError, match="hundred years"):
        always().agreed(0, 101 * 366 * DAY)
    far = microseconds("9999-12-31T23:00:00Z")
    with pytest.raises(InputError, match="years 1 to 9999"):
        always(ZoneInfo("Pacific/Auckland")).agreed(far, far + HOUR)


# -------------------------------------------------------------------------------------------- properties

minutes = st.integers(0, 1439)
hours = st.lists(st.tuples(minutes, st.integers(1, 1440)).map(lambda two: (two[0], sum(two))), max_size=2).map(tuple)
moments = st.builds(
    lambda on, off: (
        (datetime.combine(on, datetime.min.time(), UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        + off * MINUTE
    ),
    st.sampled_from(DAYS) | st.dates(date(2000, 1, 1), date(2037, 1, 1)),
    st.integers(-2 * 1440, 2 * 1440),
)


@st.composite
def patterns(draw: st.DrawFn) -> ServiceHours:
    near = st.builds(lambda on, by: on + timedelta(days=by), st.sampled_from(DAYS), st.integers(-2, 2))
    return ServiceHours(
        tuple(draw(st.lists(hours, min_size=7, max_size=7))),
        ZoneInfo(draw(st.sampled_from(ZONES))),
        frozenset(draw(st.lists(near, max_size=3))),
        draw(st.dictionaries(near, hours, max_size=2)),
    )


def shows_open(pattern: ServiceHours, moment: int) -> bool:
    """Read off the clock on the wall."""
    shown = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)).astimezone(pattern.zone)
    minute = 60 * shown.hour + shown.minute
    for back in (0, 1):
        on = shown.date() - timedelta(days=back)
        if on in pattern.special:
            those = pattern.special[on]
        else:
            those = () if on in pattern.closed else pattern.weekly[on.weekday()]
        if any(opens <= minute + 1440 * back < closes for opens, closes in those):
            return True
    return False


@settings(max_examples=150, deadline=None)
@given(patterns(), moments, st.integers(1, 1440))
def test_it_is_what_somebody_who_looks_at_the_clock_each_minute_writes_down(
    pattern: ServiceHours, start: int, long: int
) -> None:
    agreed = pattern.agreed(start, start + long * MINUTE)
    looked = range(start, start + long * MINUTE, MINUTE)
    assert agreed == TimeSet.of((one, one + MINUTE) for one in looked if shows_open(pattern, one))


@settings(max_examples=100, deadline=None)
@given(patterns(), moments, st.integers(0, 10 * DAY), st.integers(0, 10 * DAY))
def test_what_is_agreed_in_two_adjacent_times_adds_up(pattern: ServiceHours, start: int, one: int, more: int) -> None:
    whole = pattern.agreed(start, start + one + more)
    first, second = pattern.agreed(start, start + one), pattern.agreed(start + one, start + one + more)
    assert first | second == whole
    assert first.length + second.length == whole.length <= one + more
    assert not first - whole, "longer is never less"


sets = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6).map(TimeSet.of)


@given(sets, sets, st.integers(0, 70))
def test_sets_of_time_are_sets(one: TimeSet, other: TimeSet, most: int) -> None:
    moments, others = ({at for at in range(60) if at in both} for both in (one, other))
    assert {at for at in range(60) if at in one | other} == moments | others
    assert {at for at in range(60) if at in one & other} == moments & others
    assert {at for at in range(60) if at in one - other} == moments - others
    assert one.length == len(moments)
    assert {at for at in range(60) if at in one.first(most)} == set(sorted(moments)[:most])
    for found in (one | other, one & other, one - other, one.first(most)):
        assert TimeSet.of(found) == found, "in order, and none touches the next"
