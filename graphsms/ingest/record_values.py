"""What the tables of service management tools hold in their fields, as the values that our properties take.

The same few forms come back in all of them: times without a zone, spans of time written as a moment after the
epoch, numbers with a thousands separator, lists in one text. What a form cannot be read as is None, and told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Final, NamedTuple

from graphsms.model import Origin

__all__ = ["READ", "Cell", "Record", "cell_of", "duration_text", "week"]

_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?|-?\d+(\.\d+)?")


class Cell(NamedTuple):
    """What stands in a field: what it is for the tool (a key, a code, text), and how the tool shows it to people.

    ``local`` is whether only the latter is known, as of lists that people export: then times are those of a zone of
    theirs, and not as the tool keeps them.
    """

    value: str
    shown: str = ""
    local: bool = False


_NO_CELL: Final = Cell("")


def cell_of(cells: Mapping[str, Cell], name: str) -> Cell:
    """What stands in a field, or an empty cell where there is no such field."""
    return cells.get(name, _NO_CELL)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it was read.

    Parameters
    ----------
    table : str
        The table or class that it is of.
    key : str
        What identifies it there.
    cells : mapping of str to Cell
    origin : Origin
    sets : mapping of str to list of mapping
        Fields that hold records themselves, such as the link sets of iTop.
    """

    table: str
    key: str
    cells: Mapping[str, Cell]
    origin: Origin
    sets: Mapping[str, Sequence[Mapping[str, Cell]]] = field(default_factory=dict)

    def cell(self, name: str) -> Cell:
        """What stands in a field; an empty cell where the record has no such field."""
        return cell_of(self.cells, name)

    def said(self, name: str) -> str:
        """What stands in a field for the tool, or ""."""
        return self.cell(name).value


def moment(text: str) -> str | None:
    """A date, or a date and time of no stated zone.

    Examples
    --------
    >>> moment("2026-01-31 08:00:00"), moment("2026-01-31"), moment("31.01.2026")
    ('2026-01-31T08:00:00', '2026-01-31', None)
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None or not _is_day(found[1]):
        return None
    return found[1] if found[2] is None else f"{found[1]}T{found[2]}{found[3] or ':00'}{found[4] or ''}"


def utc_moment(text: str) -> str | None:
    """A date, or a date and time in UTC.

    Examples
    --------
    >>> utc_moment("2026-01-31 08:00:00"), utc_moment("2026-01-31")
    ('2026-01-31T08:00:00Z', '2026-01-31')
    """
    found = moment(text)
    return f"{found}Z" if found is not None and re.search(r"T[\d:]+$", found) else found


def day(text: str) -> str | None:
    """The day of a date, whatever time stands behind it.

    Examples
    --------
    >>> day("2026-01-31 08:00:00")
    '2026-01-31'
    """
    found = moment(text)
    return None if found is None else found[:10]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def number(text: str) -> str | None:
    """A number, with or without separators of thousands.

    Examples
    --------
    >>> number("12,500.50"), number("a dozen")
    ('12500.50', None)
    """
    found = _NUMBER.fullmatch(text.strip())
    return None if found is None else found[0].replace(",", "")


def hours_since_epoch(text: str) -> str | None:
    """A span that is written as a moment: so many hours after the beginning of 1970.

    Examples
    --------
    >>> hours_since_epoch("1970-01-02 04:30:00")
    '28.5'
    """
    found = moment(text)
    if found is None:
        return None
    seconds = (datetime.fromisoformat(found).replace(tzinfo=UTC) - _EPOCH).total_seconds()
    return f"{seconds / 3600:.10g}" if seconds >= 0 else None


def span_since_epoch(text: str) -> str | None:
    """A span that is written as a moment, as a duration of ISO 8601.

    Examples
    --------
    >>> span_since_epoch("1970-01-02 04:30:00")
    'P1DT4H30M'
    """
    hours = hours_since_epoch(text)
    return None if hours is None else duration_text(timedelta(hours=float(hours)))


def months(text: str) -> str | None:
    """A number of months as a duration.

    Examples
    --------
    >>> months("12")
    'P12M'
    """
    return f"P{int(text)}M" if re.fullmatch(r"[1-9]\d{0,3}", text.strip()) else None


def duration_text(span: timedelta) -> str:
    """A span as a duration of ISO 8601.

    Examples
    --------
    >>> duration_text(timedelta(hours=4))
    'PT4H'
    """
    seconds = round(span.total_seconds())
    days, seconds = divmod(seconds, 86_400)
    parts = [f"{seconds // 3600}H", f"{seconds % 3600 // 60}M", f"{seconds % 60}S"]
    clock = "".join(part for part in parts if not part.startswith("0"))
    if not days and not clock:
        return "PT0S"
    return f"P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


def truth(text: str) -> str | None:
    """Yes or no.

    Examples
    --------
    >>> truth("1"), truth("No"), truth("perhaps")
    ('true', 'false', None)
    """
    return {"1": "true", "true": "true", "yes": "true", "0": "false", "false": "false", "no": "false"}.get(
        text.strip().casefold()
    )


def country(text: str) -> str | None:
    """A country by its two letters (ISO 3166-1).

    Examples
    --------
    >>> country("de"), country("Germany")
    ('DE', None)
    """
    return text.strip().upper() if re.fullmatch(r"[A-Za-z]{2}", text.strip()) else None


def time_zone(text: str) -> str | None:
    """A time zone by its name in the IANA database.

    Examples
    --------
    >>> time_zone("Europe/Berlin"), time_zone("floating")
    ('Europe/Berlin', None)
    """
    return text.strip() if re.fullmatch(r"UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+", text.strip()) else None


def week(days: str) -> str:
    """Days of the week by their numbers, from 1 for Monday, as spans.

    Examples
    --------
    >>> week("12345"), week("136")
    ('Mo-Fr', 'Mo,We,Sa')
    """
    numbers = sorted({int(day) for day in days})
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][-1] == number - 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ",".join(_DAYS[one[0] - 1] + (f"-{_DAYS[one[-1] - 1]}" if len(one) > 1 else "") for one in spans)


def plain_text(text: str) -> str | None:
    """What somebody has written in an editor of rich text, without its marks.

    Examples
    --------
    >>> plain_text("&lt;p&gt;New disks &amp;amp; fans&lt;/p&gt;")
    'New disks & fans'
    """
    plain = re.sub(r"<[^<>]{0,2000}>", " ", unescape(unescape(text)))
    return " ".join(unescape(plain).split()) or None


# By the word that a mapping has for it under `as`.
READ: Final[Mapping[str, Callable[[str], str | None]]] = {
    "moment": moment,
    "utc moment": utc_moment,
    "day": day,
    "number": number,
    "hours since epoch": hours_since_epoch,
    "span since epoch": span_since_epoch,
    "months": months,
    "truth": truth,
    "country": country,
    "time zone": time_zone,
    "plain text": plain_text,
}
