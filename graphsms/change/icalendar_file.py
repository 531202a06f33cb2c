"""The forward schedule of changes as iCalendar (RFC 5545), for the calendars of people.

The same schedule is the same bytes, and no clock is read: DTSTAMP is when the revision was recorded, SEQUENCE its
number, and UID is made of the identity of the store and the id, so that a calendar that takes the file in again
replaces what it has.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from graphsms.change.forward import CHANGE, FREEZE, Entry, ForwardSchedule
from graphsms.version import __version__

if TYPE_CHECKING:
    from icalendar import Event

__all__ = ["icalendar_of"]

# What RFC 5545 (3.3.11) lets stand in no text, beside the line break that is escaped.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_URL: Final = re.compile(r"https?://[^\s\"<>]+", re.ASCII)
# How freely what is confidential may be shown (3.8.1.3), by the notation of its confidentiality.
_CLASS: Final = {"public": "PUBLIC", "internal": "PRIVATE", "confidential": "CONFIDENTIAL", "secret": "CONFIDENTIAL"}
_PRIORITY: Final = {"critical": 1, "high": 3, "medium": 5, "low": 7}  # 3.8.1.9: 1 is the highest


def icalendar_of(schedule: ForwardSchedule) -> bytes:
    """A schedule as iCalendar: an event for each change, and for each time of a freeze or a maintenance window.

    Times are in UTC. Of what has no end the event ends with the schedule. A change that is not decided on is
    ``TENTATIVE``, one that is rejected or cancelled ``CANCELLED``; freezes and maintenance windows are ``TRANSPARENT``,
    so that they take nobody's time.

    Examples
    --------
    >>> from graphsms.model import Revision
    >>> schedule = ForwardSchedule("2026-12-01T00:00:00Z", "2026-12-08T00:00:00Z", (), (), Revision(0, ""), "x")
    >>> icalendar_of(schedule).splitlines()[0]
    b'BEGIN:VCALENDAR'
    """
    from icalendar import Calendar

    found = Calendar()
    found.add("prodid", f"-//graphsms//graphsms {__version__}//EN")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("x-wr-calname", "Forward schedule of changes")
    for entry in schedule.entries:
        found.add_component(_event(entry, schedule))
    content: bytes = found.to_ical()
    return content


def _event(entry: Entry, schedule: ForwardSchedule) -> Event:
    from icalendar import Event

    event, entity = Event(), entry.entity
    start, end = _moment(entry.start), _moment(entry.end or schedule.end)
    event.add("uid", _uid(entry, schedule.store))
    event.add("dtstamp", _moment(schedule.revision.time or schedule.start))
    event.add("sequence", schedule.revision.number)
    event.add("dtstart", start)
    if end > start:
        event.add("dtend", end)
    title = {CHANGE: "", FREEZE: "Freeze: "}.get(entry.kind, "Maintenance: ")
    named = entity.name if entity.name == entity.id else f"{entity.name} ({entity.id})"
    event.add("summary", _text(f"{title}{named}"))
    event.add("description", _text("\n".join(_described(entry))))
    event.add("categories", [_text(one) for one in (entry.kind, entry.says("changeCategory")) if one])
    event.add("class", _CLASS.get(entry.says("confidentiality"), "PRIVATE"))
    if entry.kind == CHANGE:
        event.add("status", "CANCELLED" if entry.off else "CONFIRMED" if entry.decided else "TENTATIVE")
        if entry.says("priority") in _PRIORITY:
            event.add("priority", _PRIORITY[entry.says("priority")])
    event.add("transp", "OPAQUE" if entry.kind == CHANGE else "TRANSPARENT")
    if _URL.fullmatch(entry.says("link")):
        event.add("url", entry.says("link"))
    return event


def _uid(entry: Entry, store: str) -> str:
    """Of a change its id; of a window that has several times, when this one begins as well."""
    id = quote(entry.entity.id, safe="")
    return f"{id}@{store}" if entry.kind == CHANGE else f"{id}/{entry.start}@{store}"


def _described(entry: Entry) -> list[str]:
    lines = []
    for label, property in (("Status", "changeStatus"), ("Level of risk", "riskLevel"), ("Remediation", "remediation")):
        if entry.says(property):
            lines.append(f"{label}: {entry.says(property)}")
    on = [f"{one.name} ({mode})" if mode else one.name for one, mode in entry.on]
    if on:
        lines.append(f"{'Touches' if entry.kind == CHANGE else 'For'}: {', '.join(on)}")
    if not entry.end:
        lines.append("When it ends is not recorded.")
    return lines


def _text(text: str) -> str:
    return _NO_TEXT.sub(" ", text)


def _moment(text: str) -> datetime:
    """A canonical moment, to the second: iCalendar knows no fractions."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
