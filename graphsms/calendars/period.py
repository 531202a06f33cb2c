"""The span that a target is counted over: a day, week, month, quarter or year of the calendar, or a rolling one."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from typing import Final

from graphsms.calendars.hours import clock, midnight
from graphsms.calendars.timeset import DAY, HOUR, MINUTE, SECOND, TimeSet
from graphsms.errors import InputError
from graphsms.moments import canonical_moment

__all__ = ["Period", "length_of", "period"]

_DURATION: Final = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:\.(\d{1,6}))?S)?)?",
    re.ASCII,
)
_WEEK: Final = 7
_MOST_MONTHS: Final = 120
_MOST_DAYS: Final = 3660


@dataclass(frozen=True, slots=True)
class Period:
    """A span that a target is counted over.

    Parameters
    ----------
    since, until : int
        Half-open, in microseconds from 1970.
    zone : tzinfo
        Whose days it is made of.
    name : str
        As people call it: ``2026-11``, ``2026-Q4``, ``2026-W47``, ``2026``, or its first and last day.
    rolling : bool
        Whether it moves with each day.
    """

    since: int
    until: int
    zone: tzinfo
    name: str
    rolling: bool = False

    @property
    def time(self) -> TimeSet:
        """All of it."""
        return TimeSet(((self.since, self.until),))

    @property
    def start(self) -> str:
        """When it begins, canonical."""
        return canonical_moment(clock(self.since, UTC))

    @property
    def end(self) -> str:
        """When it ends, canonical."""
        return canonical_moment(clock(self.until, UTC))


def period(counted_over: str, moment: int, zone: tzinfo = UTC, *, rolling: bool = False) -> Period:
    """The span of a length in which a moment lies.

    Parameters
    ----------
    counted_over : str
        ISO 8601. By the calendar: a day, a week (from Monday), or so many months as go into a year without rest,
        counted from January.
    moment : int
        Microseconds from 1970.
    zone : tzinfo
        Whose days are meant.
    rolling : bool
        The span that ends with the day in which the moment lies, of whatever length up to ten years.

    Raises
    ------
    InputError
        By the calendar there is no span of that length, or it is longer than ten years.

    Examples
    --------
    >>> from graphsms.snapshot.validity import microseconds
    >>> noon = microseconds("2026-11-21T12:00:00Z")
    >>> period("P3M", noon).name, period("P7D", noon).name, period("P30D", noon, rolling=True).name
    ('2026-Q4', '2026-W47', '2026-10-23 to 2026-11-21')
    """
    months, days, time = _parts(counted_over)
    today = clock(moment, zone).date()
    try:
        if rolling:
            tomorrow = today + timedelta(days=1)
            until = midnight(tomorrow, zone)
            first = _months_before(tomorrow, months) - timedelta(days=days)
            since = midnight(first, zone) - time
            name = f"{clock(since, zone).date()} to {today}"
            return Period(since, until, zone, name, rolling=True)
        first, following, name = _by_calendar(months, days, time, today, counted_over)
    except OverflowError:
        raise InputError(f"A span of {counted_over} around {today} is outside the years 1 to 9999.") from None
    return Period(midnight(first, zone), midnight(following, zone), zone, name)


def _by_calendar(months: int, days: int, time: int, today: date, stated: str) -> tuple[date, date, str]:
    """The first day of the span, the day after its last, and its name."""
    if not days and not time and months and 12 % months == 0:
        position = (today.month - 1) // months
        first = date(today.year, position * months + 1, 1)
        following = _months_before(first, -months)
        if months == 12:
            return first, following, f"{first.year}"
        if months == 1:
            return first, following, f"{first:%Y-%m}"
        if months == 3:
            return first, following, f"{first.year}-Q{position + 1}"
        return first, following, f"{first:%Y-%m} to {following - timedelta(days=1):%m}"
    if not months and not time and days == 1:
        return today, today + timedelta(days=1), today.isoformat()
    if not months and not time and days == _WEEK:
        year, week, weekday = today.isocalendar()
        first = today - timedelta(days=weekday - 1)
        return first, first + timedelta(days=_WEEK), f"{year}-W{week:02}"
    raise InputError(
        f"{stated} is no span of the calendar: give P1D, P7D, P1M, P3M, P6M or P1Y, or say that it is rolling."
    )


def length_of(duration: str) -> int:
    """How much time a duration is that names no months and years, in microseconds.

    Raises
    ------
    InputError
        It is none, or names months or years, which have no length of their own.

    Examples
    --------
    >>> length_of("PT8H") == 8 * 60 * 60 * 1_000_000
    True
    """
    months, days, time = _parts(duration)
    if months:
        raise InputError(f"{duration} has no fixed length; say it in days or hours, such as P1D or PT8H.")
    return days * DAY + time


def _parts(duration: str) -> tuple[int, int, int]:
    """Months, days, and microseconds."""
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise InputError(f"{duration!r} is no span of time; give one such as P1M.")
    years, months, days, hours, minutes, seconds = (int(one or 0) for one in found.groups()[:6])
    months += 12 * years
    time = hours * HOUR + minutes * MINUTE + seconds * SECOND + int((found[7] or "").ljust(6, "0") or 0)
    if months > _MOST_MONTHS or days > _MOST_DAYS or time > _MOST_DAYS * DAY:
        raise InputError(f"{duration} is longer than ten years, which nothing is counted over.")
    if not (months or days or time):
        raise InputError(f"{duration} is no time at all.")
    return months, days, time


def _months_before(day: date, months: int) -> date:
    position = 12 * day.year + day.month - 1 - months
    year, month = position // 12, position % 12 + 1
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    return date(year, month, min(day.day, monthrange(year, month)[1]))
