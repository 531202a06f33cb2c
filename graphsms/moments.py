"""Dates that people give, turned into the moments that analyses use.

Two axes: *at* is what was recorded then, a revision; *as of* is what was valid then, a moment. A bare
date is the whole day in the organization's zone, and stands for the moment at which it ends.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graphsms.errors import InputError

__all__ = ["canonical_moment", "come", "moment", "now", "window", "zone"]

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MADE: Final = datetime(2026, 11, 22, tzinfo=UTC)  # the end of the day on which this version was made


def zone(name: str) -> tzinfo:
    """The time zone of that name in the IANA database.

    Raises
    ------
    InputError
        There is no such zone.

    Examples
    --------
    >>> str(zone("Europe/Zurich"))
    'Europe/Zurich'
    """
    if not isinstance(name, str):
        raise InputError(f"A time zone is text such as Europe/Zurich, and {name!r} is none.")
    if name.upper() in ("", "UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"{name!r} is no time zone; give one such as Europe/Zurich or UTC.") from None


def now() -> str:
    """This moment, canonical."""
    return canonical_moment(datetime.now(UTC))


def come() -> str:
    """The latest moment that can have come, canonical: what is dated later is still to come.

    That is this one; but a clock that is behind the day on which this version was made is wrong, and is not believed.
    """
    return canonical_moment(max(datetime.now(UTC), _MADE))


def canonical_moment(moment: datetime) -> str:
    """A moment as the graph holds it: UTC, ``2026-11-21T09:30:00Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(text: str, zone: tzinfo = UTC) -> str:
    """The moment that a person gave as a date or a date and time, canonical.

    Parameters
    ----------
    text : str
        ``2026-11-21`` or ``2026-11-21T09:30`` (with seconds and offset if wanted).
    zone : tzinfo
        Of what states no offset.

    Raises
    ------
    InputError
        It is neither.

    Examples
    --------
    >>> moment("2026-11-21T09:30")
    '2026-11-21T09:30:00Z'
    >>> moment("2026-11-21")
    '2026-11-21T23:59:59.999999Z'
    """
    text = _text(text)
    try:
        found = datetime.fromisoformat(text.strip())
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        if _DAY.fullmatch(text.strip()):
            found += timedelta(days=1) - timedelta(microseconds=1)
        return canonical_moment(found)
    except (ValueError, OverflowError):
        raise InputError(f"{text!r} is no date; give one such as 2026-11-21 or 2026-11-21T09:30.") from None


def window(start: str | None, end: str | None, zone: tzinfo = UTC) -> tuple[str | None, str | None]:
    """The time from ``start`` until ``end`` that a person gave, half-open, canonical; None is no limit.

    A bare date is a whole day here too: a window begins as its first day does, and ends as its last day does.

    Raises
    ------
    InputError
        One of them is no date, or the end is not after the start.

    Examples
    --------
    >>> window("2026-12-01", "2026-12-01")
    ('2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z')
    """
    since = (
        None
        if start is None
        else moment(f"{start.strip()}T00:00" if _DAY.fullmatch(_text(start).strip()) else start, zone)
    )
    until = None if end is None else moment(end, zone)
    if end is not None and until is not None and _DAY.fullmatch(end.strip()):
        try:
            until = canonical_moment(datetime.fromisoformat(until) + timedelta(microseconds=1))
        except OverflowError:
            raise InputError(f"No day follows {end!r}; give an earlier one.") from None
    if since and until and datetime.fromisoformat(until) <= datetime.fromisoformat(since):
        raise InputError(f"The end {end!r} is not after the start {start!r}.")
    return since, until


def _text(given: object) -> str:
    if isinstance(given, str):
        return given
    hint = f" Give {given.isoformat()!r}." if isinstance(given, date) else ""
    raise InputError(f"A date is text such as 2026-11-21 or 2026-11-21T09:30, and {given!r} is none.{hint}")
