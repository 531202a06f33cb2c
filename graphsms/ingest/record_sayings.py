"""What a record of a service management tool says of itself: its fields as values of our properties, by rules.

A property is read ``from`` the first field that says something, ``as`` one of the forms of
`graphsms.ingest.record_values`, or by ``codes``; ``other than`` says which code only holds where no field says another.
What cannot be read so is left out, and told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from graphsms.ingest.reader import NO_ZONE
from graphsms.ingest.record_tables import Tables, Tally
from graphsms.ingest.record_values import READ, Cell, Record

__all__ = ["Sayings"]

_SHOWN: Final = 60
_NO_ZONE: Final = re.compile(r".*T[\d:]+")
_UTC: Final = "utc moment"
_FORMS: Final = {
    "moment": "date and time such as 2026-11-20 09:15:00",
    _UTC: "date and time such as 2026-11-20 09:15:00",
    "day": "date such as 2026-11-20",
}


class Sayings:
    """What records say of themselves.

    Parameters
    ----------
    rules : mapping
        The mapping of the tool.
    tables : Tables
    called : callable
        What the record of a table and key is called, or None.
    """

    def __init__(self, rules: Any, tables: Tables, called: Callable[[str, str], str | None]) -> None:
        self._tables = tables
        self._called = called
        self._nothing = frozenset(rules["nothing"])
        self._is_key = re.compile(rules["key"]).fullmatch
        self._clock: Any = rules["clock"]

    def properties(self, record: Record, tally: Tally | None = None) -> dict[str, object]:
        """What a record says of itself, by property; what is doubtful goes to ``tally``."""
        found: dict[str, object] = {}
        for rule in self._tables.gathered(record.table, "properties"):
            if rule["property"] not in found:
                value = rule.get("always") or self._value(record, rule, tally)
                if value is not None:
                    found[rule["property"]] = value
        return found

    def utc(self, record: Record, cell: Cell, tally: Tally | None) -> str | None:
        """A moment that the tool keeps in UTC, and shows to people in a zone of theirs."""
        return self._moment(record, READ["moment" if cell.local else _UTC](cell.value), tally)

    def _value(self, record: Record, rule: Any, tally: Tally | None) -> object:
        if "join" in rule:
            return " ".join(filter(None, (self._part(record, name, rule) for name in rule["join"]))) or None
        found: list[str] = []
        for name in rule["from"]:
            if {record.cell(name).value, record.cell(name).shown} <= self._nothing:
                continue
            value = self._read(record, name, rule, tally)
            if value is None:
                continue
            found.append(value)
            if not rule.get("list") and value != rule.get("other than"):
                return value
        if rule.get("list"):
            return [part for one in found for part in _parts(one, rule)] or None
        return found[0] if found else None

    def _part(self, record: Record, name: str, rule: Any) -> str | None:
        """A field that is joined with others; of a reference, what that is called."""
        cell, table = record.cell(name), rule.get("names", {}).get(name)
        if {cell.value, cell.shown} <= self._nothing:
            return None
        return self._name(table, cell) if table else cell.value

    def _name(self, table: str, cell: Cell) -> str | None:
        """What the record that a cell refers to is called."""
        return cell.shown or (self._called(table, cell.value) if self._is_key(cell.value) else cell.value)

    def _read(self, record: Record, name: str, rule: Any, tally: Tally | None) -> str | None:
        cell = record.cell(name)
        text = cell.value if cell.value not in self._nothing else cell.shown
        if "codes" in rule:
            codes = rule["codes"].get(name, rule["codes"]) if rule.get("by_field") else rule["codes"]
            for one in (cell.value.casefold(), cell.shown.casefold()):
                if one in codes:
                    return None if codes[one] is None else str(codes[one])
            said = (cell.shown or text)[:_SHOWN]
            message = f"{{n}} of {record.table}: the mapping does not know the code {said!r}; it is left out."
            _doubt(tally, record, name, "unknown-code", message)
            return None
        if "as" in rule:
            return self._as(record, name, cell._replace(value=text), rule["as"], tally)
        if rule.get("names"):
            return self._name(rule["names"], cell)
        return cell.shown or text if rule.get("shown") else text

    def _as(self, record: Record, name: str, cell: Cell, form: str, tally: Tally | None) -> str | None:
        read = self.utc(record, cell, tally) if form == _UTC else READ[form](cell.value)
        if read is None:
            message = f"{{n}} of {record.table}: what stands there is no {_FORMS.get(form, form)}; it is left out."
            if form in _FORMS and cell.local:
                message += f" {self._clock['format']}"
            _doubt(tally, record, name, "unreadable-value", message)
        return self._moment(record, read, tally) if form == "moment" else read

    def _moment(self, record: Record, read: str | None, tally: Tally | None) -> str | None:
        """A moment that was read; where it is of no stated zone, that is told."""
        if read is not None and _NO_ZONE.fullmatch(read):
            message = (
                f"Times are those of {self._clock['of']} and say no zone ({{n}} of them): taken for UTC."
                " Give their zone with --zone."
            )
            _doubt(tally, record, "", NO_ZONE, message)
        return read


def _parts(text: str, rule: Any) -> list[str]:
    split = rule.get("split")
    return [part.strip() for part in text.split(split) if part.strip()] if split else [text]


def _doubt(tally: Tally | None, record: Record, field: str, rule: str, message: str) -> None:
    if tally is not None:
        tally.add(record.origin, field, rule, message)
