"""Agreed service time: hours of the week in a zone, without holidays, with days that have hours of their own (8.3.3).

No store is read here; `graphsms.calendars.recorded` makes service hours of what the graph holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final, TypeAlias

from graphsms.calendars.timeset import DAY, HOUR, MINUTE, TimeSet
from graphsms.errors import InputError

__all__ = ["Hours", "ServiceHours", "always", "clock", "midnight", "service_hours", "wall_clock"]

Hours: TypeAlias = tuple[int, int]  # minutes from midnight; past 1440 they run into the next day

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = date(1970, 1, 1)
_WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_THURSDAY: Final = 3  # on which 1970 began
_DAYS: Final = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_CLOCK: Final = r"(\d\d):(\d\d)-(\d\d):(\d\d)"
_WEEKLY: Final = re.compile(rf"({_DAYS}(?:-{_DAYS})?(?:,{_DAYS}(?:-{_DAYS})?)*) {_CLOCK}", re.ASCII)
_SPECIAL: Final = re.compile(rf"(\d{{4}}-\d\d-\d\d) {_CLOCK}", re.ASCII)
_MIDNIGHT: Final = 24 * 60
_STEP: Final = 12 * HOUR  # two changes of the clock are never nearer
_MOST: Final = 100 * 366 * DAY


@dataclass(frozen=True)
class ServiceHours:
    """When a service is to be usable: a weekly pattern on the clock of a zone, holidays, and days of their own.

    Parameters
    ----------
    weekly : tuple of tuple of Hours
        For each day from Monday to Sunday, from when to when, in minutes from midnight. Beyond 24:00 they run into
        the next day, and belong to the day on which they begin: a holiday takes away what begins on it.
    zone : tzinfo
        Whose clock is meant.
    closed : frozenset of date
        Days on which the hours of the week do not hold.
    special : mapping of date to tuple of Hours
        Days with hours of their own in place of those of the week, also where they are closed otherwise.

    Notes
    -----
    The clock on the wall decides: a moment is agreed time where the clock of the zone, as `zoneinfo` has it, shows a
    time within the hours. So round the clock is 23 hours on the day on which an hour is left out, and 25 on that on
    which one comes twice; hours that lie in the hour left out do not happen, and those in the hour that comes twice
    happen twice.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> from graphsms.snapshot.validity import microseconds
    >>> day = microseconds("2026-03-29T00:00:00Z"), microseconds("2026-03-29T23:00:00Z")
    >>> always(ZoneInfo("Europe/London")).agreed(*day).length // 3_600_000_000
    23
    """

    weekly: tuple[tuple[Hours, ...], ...]
    zone: tzinfo = UTC
    closed: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict, hash=False)

    def agreed(self, start: int, end: int) -> TimeSet:
        """The agreed time from ``start`` until ``end``, in microseconds from 1970.

        Proportional to the days between them and the hours of each.

        Raises
        ------
        InputError
            They lie more than a hundred years apart, or beyond the years 1 to 9999.
        """
        if end - start > _MOST:
            raise InputError("Agreed time is counted over a hundred years at most; ask about less.")
        closed = frozenset((day - _FIRST).days for day in self.closed)
        special = {(day - _FIRST).days: hours for day, hours in self.special.items()}
        found: list[tuple[int, int]] = []
        for since, until, offset in _by_offset(self.zone, start, end):
            from_, to = since + offset, until + offset  # as the wall clock shows them
            for day in range(from_ // DAY - 1, -(-to // DAY)):  # the hours of the day before may run into the first
                if day in special:
                    hours = special[day]
                else:
                    hours = () if day in closed else self.weekly[(day + _THURSDAY) % 7]
                for opens, closes in hours:
                    found.append(
                        (
                            max(day * DAY + opens * MINUTE, from_) - offset,
                            min(day * DAY + closes * MINUTE, to) - offset,
                        )
                    )
        return TimeSet.of(found)


def always(zone: tzinfo = UTC) -> ServiceHours:
    """Round the clock, every day."""
    return ServiceHours((((0, _MIDNIGHT),),) * 7, zone)


def service_hours(
    opening: Iterable[str], zone: tzinfo = UTC, closed: Iterable[date] = (), special: Iterable[str] = ()
) -> ServiceHours:
    """Service hours from what is written in a calendar.

    Parameters
    ----------
    opening : iterable of str
        Such as ``Mo-Fr 08:00-18:00``. An end that is not after the beginning is on the next day: ``Sa 22:00-06:00``.
    zone : tzinfo
    closed : iterable of date
    special : iterable of str
        Such as ``2026-12-24 08:00-12:00``; several for one day stand together.

    Raises
    ------
    InputError
        One of them does not read so.

    Examples
    --------
    >>> service_hours(["Mo-Fr 08:00-18:00", "Fr-Sa 22:00-02:00"]).weekly[4]
    ((480, 1080), (1320, 1560))
    """
    weekly: list[list[Hours]] = [[] for _ in _WEEKDAYS]
    for text in opening:
        found = _WEEKLY.fullmatch(text.strip())
        if found is None:
            raise InputError(f"Opening hours {text!r} cannot be read; write them as Mo-Fr 08:00-18:00.")
        for part in found[1].split(","):
            first, _, last = part.partition("-")
            begin, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
            for day in range(begin, end + 1 if begin <= end else end + 8):  # Sa-Mo goes round the end of the week
                weekly[day % 7].append(_hours(text, *found.groups()[1:]))
    days: dict[date, tuple[Hours, ...]] = {}
    for text in special:
        found = _SPECIAL.fullmatch(text.strip())
        try:
            if found is None:
                raise ValueError
            on = date.fromisoformat(found[1])
        except ValueError:
            raise InputError(f"Special hours {text!r} cannot be read; write 2026-12-24 08:00-12:00.") from None
        days[on] = (*days.get(on, ()), _hours(text, *found.groups()[1:]))
    return ServiceHours(tuple(map(tuple, weekly)), zone, frozenset(closed), days)


def _hours(text: str, *clock: str) -> Hours:
    hour, minute, to_hour, to_minute = map(int, clock)
    opens, closes = 60 * hour + minute, 60 * to_hour + to_minute
    if minute > 59 or to_minute > 59 or opens >= _MIDNIGHT or closes > _MIDNIGHT:
        raise InputError(f"{text!r} has no time of a day; hours go from 00:00 to 24:00.")
    return opens, closes if closes > opens else closes + _MIDNIGHT


def _by_offset(zone: tzinfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The time between two moments cut where the clock of a zone is changed: from, to, and how far ahead of UTC."""
    if isinstance(zone, timezone):  # of one offset for ever
        if start < end:
            yield start, end, _offset(zone, start)
        return
    since, offset = start, _offset(zone, start) if start < end else 0
    probe = start
    while probe < end:
        following = min(probe + _STEP, end)
        if (next_offset := _offset(zone, following)) != offset:
            before, after = probe, following
            while after - before > 1:
                middle = (before + after) // 2
                if _offset(zone, middle) == offset:
                    before = middle
                else:
                    after = middle
            yield since, after, offset
            since, offset = after, next_offset
        probe = following
    if since < end:
        yield since, end, offset


def _offset(zone: tzinfo, moment: int) -> int:
    offset = clock(moment, zone).utcoffset()
    return (offset or timedelta()) // timedelta(microseconds=1)


def clock(moment: int, zone: tzinfo) -> datetime:
    """A moment on the clock of a zone.

    Raises
    ------
    InputError
        It is outside the years 1 to 9999.
    """
    try:
        return (EPOCH + timedelta(microseconds=moment)).astimezone(zone)
    except OverflowError:
        raise InputError("That moment is outside the years 1 to 9999.") from None


def wall_clock(shown: datetime, zone: tzinfo) -> int:
    """The moment, in microseconds from 1970, at which the clock of a zone shows a time; of two, the first.

    Where the clock leaves the time out, it is read with the offset that held before, as RFC 5545 has it.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> wall_clock(datetime(1970, 7, 1, 2), ZoneInfo("Europe/Paris")) // 3_600_000_000 - 181 * 24
    1
    """
    try:
        return (shown.replace(tzinfo=zone, fold=0) - EPOCH) // timedelta(microseconds=1)
    except OverflowError:
        raise InputError("That moment is outside the years 1 to 9999.") from None


def midnight(day: date, zone: tzinfo) -> int:
    """The moment at which a day begins on the clock of a zone."""
    return wall_clock(datetime.combine(day, datetime.min.time()), zone)
