"""Half-open intervals of validity, and how long an import counts as fresh, in microseconds from 1970.

Canonical text does not sort where fractions of a second differ, so moments are compared as numbers.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from graphsms.errors import InputError

__all__ = ["BEGINNING", "END", "Interval", "after", "interval", "microseconds"]

Interval: TypeAlias = tuple[int, int]  # from, to: it holds at m where from <= m < to

BEGINNING: Final = -(2**63)
END: Final = 2**63 - 1

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION: Final = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)


def microseconds(moment: str) -> int:
    """Microseconds from 1970 to a moment.

    Raises
    ------
    InputError
        It is no date and time, or states no offset.

    Examples
    --------
    >>> microseconds("1970-01-01T00:00:01.5Z")
    1500000
    """
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        raise InputError(f"{moment!r} is no moment; write it as 2026-11-21T09:30:00Z.") from None
    if parsed.tzinfo is None:
        raise InputError(f"{moment!r} states no offset; write it as 2026-11-21T09:30:00Z.")
    return (parsed - _EPOCH) // timedelta(microseconds=1)


def interval(valid_from: str, valid_to: str) -> Interval:
    """When something holds; "" is no limit.

    Examples
    --------
    >>> interval("", "1970-01-01T00:00:00Z") == (BEGINNING, 0)
    True
    """
    return (
        microseconds(valid_from) if valid_from else BEGINNING,
        microseconds(valid_to) if valid_to else END,
    )


def after(moment: str, duration: str) -> int:
    """Microseconds from 1970 to what lies a duration (ISO 8601) after a moment.

    Years and months go by the calendar, and to the last day of a shorter month, as XML Schema
    Part 2 (appendix E) adds them. Beyond the year 9999 there is `END`.

    Examples
    --------
    >>> after("2026-01-31T00:00:00Z", "P1M") == microseconds("2026-02-28T00:00:00Z")
    True
    """
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise InputError(f"{duration!r} is no duration; write it as P1Y, P30D or PT4H.")
    sign = -1 if found["sign"] else 1
    count = {part: sign * int(found[part] or 0) for part in ("years", "months", "days", "hours", "minutes")}
    start = datetime.fromisoformat(moment).astimezone(UTC)
    months = 12 * start.year + start.month - 1 + count["months"] + 12 * count["years"]
    year, month = months // 12, months % 12 + 1
    try:
        day = min(start.day, (_next_month(year, month) - timedelta(days=1)).day)
        shifted = start.replace(year=year, month=month, day=day) + timedelta(
            days=count["days"],
            hours=count["hours"],
            minutes=count["minutes"],
            seconds=sign * float(found["seconds"] or 0),
        )
    except (ValueError, OverflowError):
        return BEGINNING if found["sign"] else END
    return (shifted - _EPOCH) // timedelta(microseconds=1)


def _next_month(year: int, month: int) -> datetime:
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
