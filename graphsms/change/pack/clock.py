"""Windows in packs, on the clock of the organization: a board meets by that, and not by UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from graphsms.change.proposals import shown_window
from graphsms.moments import zone

__all__ = ["day_of", "window_of"]

_UTC = "UTC"


def window_of(start: str, end: str, clock: str = _UTC) -> str:
    """From when to when, as people read it on the clock of a zone; one that is not UTC with the day of the week.

    Examples
    --------
    >>> window_of("2026-11-22T01:00:00Z", "2026-11-22T03:00:00Z")
    '2026-11-22 01:00 – 03:00 UTC'
    >>> window_of("2027-03-28T00:30:00Z", "2027-03-28T02:00:00Z", "Europe/London")
    'Sun 2027-03-28 00:30 (+0000) – 03:00 (+0100) Europe/London'
    >>> window_of("", "")
    'not stated'
    """
    if not start:
        return "not stated"
    if clock != _UTC:
        shown = shown_window(start, end, zone(clock))
        return f"{shown} {clock}" if end else f"from {shown.removesuffix(' –')} {clock}, without an end"
    first, last = (text[:16].replace("T", " ") for text in (start, end))
    if not last:
        return f"from {first} UTC, without an end"
    return f"{first} – {last[11:] if last[:10] == first[:10] else last} UTC"


def day_of(moment: str, clock: str, *, ends: bool = False) -> str:
    """The day of a moment on the clock of a zone; of one that ends something, the last day that has part of it.

    Examples
    --------
    >>> midnight = "2026-11-28T23:00:00Z"
    >>> day_of(midnight, "Europe/Zurich"), day_of(midnight, "Europe/Zurich", ends=True), day_of(midnight, "UTC")
    ('2026-11-29', '2026-11-28', '2026-11-28')
    """
    at = datetime.fromisoformat(moment).astimezone(UTC if clock == _UTC else zone(clock))
    return (at - timedelta(microseconds=1) if ends else at).strftime("%Y-%m-%d")
