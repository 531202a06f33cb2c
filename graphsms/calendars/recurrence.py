"""Windows that recur, by the rules of RFC 5545 as far as calendars of maintenance use them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from graphsms.calendars.hours import clock, wall_clock
from graphsms.calendars.timeset import DAY, TimeSet
from graphsms.errors import InputError

__all__ = ["occurrences"]

_WEEKDAYS: Final = {name: number for number, name in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_READ: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH"})
_BY_DAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_MOST_DAYS: Final = 100 * 366


@dataclass(frozen=True)
class _Rule:
    frequency: str
    interval: int
    count: int | None
    until: datetime | None  # on the wall clock, inclusive
    week_start: int
    weekdays: Mapping[int, frozenset[int]]  # by weekday, which of them in the month; 0 is every one
    month_days: frozenset[int]
    months: frozenset[int]

    def falls_on(self, day: date, first: date) -> bool:
        """Whether it recurs on a day, the first of all being another."""
        if not self._in_step(day, first) or (self.months and day.month not in self.months):
            return False
        if self.weekdays or self.month_days:
            return self._by_day(day) and self._by_month_day(day)
        if self.frequency == "WEEKLY":
            return day.weekday() == first.weekday()
        if self.frequency == "DAILY":
            return True
        return day.day == first.day and (self.frequency == "MONTHLY" or bool(self.months) or day.month == first.month)

    def _in_step(self, day: date, first: date) -> bool:
        if self.frequency == "DAILY":
            passed = (day - first).days
        elif self.frequency == "WEEKLY":
            passed = (self._week(day) - self._week(first)) // 7
        elif self.frequency == "MONTHLY":
            passed = 12 * (day.year - first.year) + day.month - first.month
        else:
            passed = day.year - first.year
        return passed % self.interval == 0

    def _week(self, day: date) -> int:
        return day.toordinal() - (day.weekday() - self.week_start) % 7

    def _by_day(self, day: date) -> bool:
        if not self.weekdays:
            return True
        which = self.weekdays.get(day.weekday())
        if which is None:
            return False
        length = monthrange(day.year, day.month)[1]
        return bool(which & {0, (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)})

    def _by_month_day(self, day: date) -> bool:
        length = monthrange(day.year, day.month)[1]
        return not self.month_days or bool(self.month_days & {day.day, day.day - length - 1})


def occurrences(window: tuple[int, int], rule: str, zone: tzinfo, start: int, end: int) -> TimeSet:
    """What of a window that recurs lies between two moments, in microseconds from 1970.

    Parameters
    ----------
    window : pair of int
        The first window. The following ones begin at the same time of the clock, and last as long (RFC 5545, 3.8.5.3).
    rule : str
        An RRULE; "" where it is but once. Read are ``FREQ`` from daily to yearly, ``INTERVAL``, ``COUNT``, ``UNTIL``,
        ``WKST``, ``BYDAY``, ``BYMONTHDAY`` and ``BYMONTH``.
    zone : tzinfo
        Whose clock is meant.
    start, end : int

    Raises
    ------
    InputError
        The rule has a part that is not read, or that makes no sense.

    Notes
    -----
    Proportional to the days between the two moments; with ``COUNT``, to those from the first window on.

    Examples
    --------
    >>> from graphsms.snapshot.validity import microseconds as at
    >>> sunday = at("2026-01-04T01:00:00Z"), at("2026-01-04T05:00:00Z")
    >>> november = at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")
    >>> len(occurrences(sunday, "FREQ=WEEKLY;BYDAY=SU", UTC, *november).spans)
    5
    """
    between = TimeSet.of([(start, end)])
    if not rule:
        return TimeSet.of([window]) & between
    first = clock(window[0], zone).replace(tzinfo=None)
    parsed = _parsed(rule, zone)
    length = window[1] - window[0]
    last = clock(end, zone).date()
    day = first.date()
    if parsed.count is None:
        day = max(day, clock(max(start - length - DAY, window[0]), zone).date())
    if (last - day).days > _MOST_DAYS:
        raise InputError(f"The rule {rule!r} is followed over a hundred years at most.")
    found: list[tuple[int, int]] = []
    counted = 0
    while day <= last and (parsed.count is None or counted < parsed.count):
        shown = datetime.combine(day, first.time())
        if parsed.until is not None and shown > parsed.until:
            break
        if shown >= first and parsed.falls_on(day, first.date()):
            counted += 1
            since = wall_clock(shown, zone)
            found.append((since, since + length))
        if day == date.max:
            break
        day += timedelta(days=1)
    return TimeSet.of(found) & between


def _parsed(rule: str, zone: tzinfo) -> _Rule:
    parts: dict[str, str] = {}
    for part in rule.strip().removeprefix("RRULE:").upper().split(";"):
        name, separator, value = part.partition("=")
        if not separator or not value or name in parts:
            raise _unreadable(rule, f"{part!r} is no part of one")
        parts[name] = value
    if unread := parts.keys() - _READ:
        raise _unreadable(rule, f"{', '.join(sorted(unread))} is not read here; state windows without it")
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise _unreadable(rule, f"FREQ is one of {', '.join(_FREQUENCIES)}")
    weekdays = _weekdays(rule, parts, frequency)
    month_days = _numbers(rule, parts, "BYMONTHDAY", 31, negative=True)
    if frequency == "WEEKLY" and month_days:
        raise _unreadable(rule, "BYMONTHDAY has no place in a WEEKLY rule")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _unreadable(rule, "it has COUNT or UNTIL, not both")
    counts = {name: _numbers(rule, parts, name, 10_000) for name in ("INTERVAL", "COUNT")}
    if any(len(those) > 1 for those in counts.values()):
        raise _unreadable(rule, "INTERVAL and COUNT are one number each")
    if parts.get("WKST", "MO") not in _WEEKDAYS:
        raise _unreadable(rule, "WKST is a day such as MO")
    return _Rule(
        frequency=frequency,
        interval=min(counts["INTERVAL"], default=1),
        count=min(counts["COUNT"], default=None),
        until=_until(rule, parts["UNTIL"], zone) if "UNTIL" in parts else None,
        week_start=_WEEKDAYS[parts.get("WKST", "MO")],
        weekdays=weekdays,
        month_days=month_days,
        months=_numbers(rule, parts, "BYMONTH", 12),
    )


def _weekdays(rule: str, parts: Mapping[str, str], frequency: str) -> dict[int, frozenset[int]]:
    weekdays: dict[int, frozenset[int]] = {}
    for one in filter(None, parts.get("BYDAY", "").split(",")):
        found = _BY_DAY.fullmatch(one)
        which = int(found[1] or 0) if found else 0
        if found is None or abs(which) > 5 or (found[1] and not which):
            raise _unreadable(rule, f"{one!r} is no day; give such as SU, 1MO, -1FR")
        if which and not (frequency == "MONTHLY" or (frequency == "YEARLY" and "BYMONTH" in parts)):
            raise _unreadable(rule, f"{one!r} counts days of a month, which {frequency} does not name")
        weekday = _WEEKDAYS[found[2]]
        weekdays[weekday] = weekdays.get(weekday, frozenset()) | {which}
    return weekdays


def _numbers(rule: str, parts: Mapping[str, str], name: str, most: int, *, negative: bool = False) -> frozenset[int]:
    found = set()
    for one in filter(None, parts.get(name, "").split(",")):
        if not re.fullmatch(r"[+-]?\d{1,5}", one, re.ASCII):
            raise _unreadable(rule, f"{name} has {one!r}, which is no number")
        number = int(one)
        if not (1 <= number <= most or (negative and -most <= number <= -1)):
            raise _unreadable(rule, f"{name} is from 1 to {most}, and {number} is not")
        found.add(number)
    return frozenset(found)


def _until(rule: str, text: str, zone: tzinfo) -> datetime:
    found = _UNTIL.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        if found[2] is None:
            return datetime.combine(datetime.strptime(found[1], "%Y%m%d"), datetime.max.time())  # noqa: DTZ007
        moment = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")  # noqa: DTZ007
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if found[3] else moment
    except (ValueError, OverflowError):
        raise _unreadable(rule, f"UNTIL={text} is no date such as 20261231 or 20261231T230000Z") from None


def _unreadable(rule: str, why: str) -> InputError:
    return InputError(f"The recurrence {rule!r} cannot be followed: {why}.")
