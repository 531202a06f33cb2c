"""GLPI: lists of its REST API and CSV of searches, one item type a file, and what ``graphsms fetch glpi`` has fetched.

A list does not say of what it is, so the file does: ``Computer.json``, ``Item_Ticket (2).json``. Ids are
``glpi:Computer/12``. How item types and fields become ours stands in ``mappings/glpi.yaml``. References come as
numbers, or as names with ``expand_dropdowns``: then the links beside them still say which item is meant. Dates and
times are those of the server, without a zone.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import MAXYEAR, date, timedelta
from pathlib import Path
from typing import Any, Final

from graphsms.ingest.documents import content_of
from graphsms.ingest.fetched import fetched, is_manifest
from graphsms.ingest.foreign import mapping, text
from graphsms.ingest.glpi_network import connect
from graphsms.ingest.glpi_planning import planned
from graphsms.ingest.jsontext import json_elements
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.ingest.record_csv import header_of, is_csv, rows_of
from graphsms.ingest.record_reader import Instance, RecordReader
from graphsms.ingest.record_values import READ, Cell, week
from graphsms.ingest.records import Record, Take
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["GlpiReader"]

_LIST: Final = re.compile(rb"\s*\[\s*(?:\{|\])")
_FIELD: Final = re.compile(
    rb'"(?:entities_id|itemtype|itemtype_source|\w+s_id|is_recursive|date_mod)"\s*:|"id"\s*:\s*\d'
)
_STEM: Final = re.compile(r"[A-Za-z_]+")
_HREF: Final = re.compile(r"(https?://[^?#\s]+?)/(?:apirest\.php|api(?:\.php)?)(?:/v\d+)?/(\w+)/(\d+)")
_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?|24:00(?::00)?")


class GlpiReader(RecordReader):
    """Reads items of GLPI."""

    name = "glpi"

    def recognizes(self, path: Path, head: bytes) -> bool:
        """A JSON list with GLPI's fields, or CSV of a search with ids, in a file named after an item type."""
        rules: Any = mapping(self.name)
        if is_csv(path):
            return _named(path) in rules["tables"] and {"id", "name"} <= header_of(head, rules["labels"])
        if path.suffix.lower() != ".json":
            return False
        return is_manifest(path, head, self.name) or (
            _LIST.match(head) is not None
            and _named(path) in {*rules["tables"], *rules["used_otherwise"]}
            and (_FIELD.search(head) is not None or not head.strip(b" \t\r\n[]"))
        )

    def instance(self) -> type[Instance]:
        """The records of one instance."""
        return _Instance


class _Instance(Instance):
    """The items of one instance."""

    def __init__(self, name: str, vocabulary: Vocabulary, fault: Take, warn: Take) -> None:
        super().__init__(name, vocabulary, fault, warn)
        self.items: dict[str, list[Record]] = {}
        # Which item types the fields of references lead to, as the mapping says.
        self.leads_to = {
            **self.rules["dropdowns"],
            **{
                name: table
                for one in self.rules["tables"].values()
                for reference in one.get("references", ())
                for name, table in reference["fields"].items()
            },
            **{
                edge[side]["field"]: edge[side]["table"]
                for one in self.rules["tables"].values()
                for edge in one.get("edges", ())
                for side in ("from", "to")
            },
        }

    def id_of(self, table: str, key: str) -> str:
        """An item by its type, within which ids are counted."""
        return f"glpi:{table}/{key}"

    def key_of(self, record: Record) -> str:
        """What GLPI calls an item."""
        return f"{record.table}/{record.key}"

    def told(self) -> Iterator[RawStatement]:
        """What the items of all lists say."""
        called = {
            (table, one.key): one.said("name")
            for table in set(self.rules["dropdowns"].values())
            for one in self.items.get(table, ())
            if "name" in one.cells
        }
        rule = self.rules["planned"]
        windows = planned(self.items, rule, self.records.tally)
        for table, items in self.items.items():
            for item in items:
                window = windows.get(item.key, {}) if table == rule["of"] else {}
                self.take(table, replace(item, cells={**item.cells, **window}) if window else item, called)
        connect(self.records, self.items, self.rules["network"])
        yield from self.records.statements()
        yield from self.hours()
        yield from self.inside()

    def file(self, path: Path) -> None:
        """The items of one list."""
        file, manifest = str(path), fetched(path.parent)
        table = (manifest.tables.get(path.name, "") if manifest else "") or _named(path)
        self.bases[file] = manifest.url.removesuffix("/apirest.php") if manifest is not None else ""
        if is_csv(path):
            of_type = {key: f"{table.lower()}types_id" for key in self.rules["type_labels"]}
            for row, origin in rows_of(path, {**self.rules["labels"], **of_type}, self.fault):
                cells = {name: Cell(value, local=True) for name, value in row.items() if name in self.of_use}
                self.items.setdefault(table, []).append(Record(table, row.get("id", ""), cells, origin))
            return
        for value, line in json_elements(content_of(path), file):
            origin = Origin(file, line)
            if not isinstance(value, Mapping):
                message = f"An item must be an object, not {str(value)[:60]!r}; GLPI may have answered with an error."
                self.fault(Fault(origin, "", table, "wrong-form", message))
                continue
            self.items.setdefault(table, []).append(
                Record(table, text(value.get("id")), self.cells(value, file), origin)
            )

    def cells(self, item: Mapping[str, object], file: str) -> dict[str, Cell]:
        """The fields of an item; where a name stands for a reference, with the key that its link has."""
        keys: dict[str, set[str]] = {}
        links = item.get("links")
        for link in links if isinstance(links, list) else ():
            found = _HREF.match(text(link.get("href"))) if isinstance(link, Mapping) else None
            if found:
                keys.setdefault(found[2], set()).add(found[3])
                self.bases[file] = self.bases[file] or found[1]
        read: dict[str, Cell] = {}
        for name, value in item.items():
            if name not in self.of_use:
                continue
            said = text(value).strip()
            linked = keys.get(self.leads_to.get(name, ""), set())
            # Only where a single link leads to that item type is it clear which field it is of.
            expanded = said not in self.rules["nothing"] and not said.isdigit() and len(linked) == 1
            read[name] = Cell(next(iter(linked)), said) if expanded else Cell(said)
        return read

    def take(self, table: str, item: Record, called: Mapping[tuple[str, str], str]) -> None:
        """One item, to where it belongs."""
        if table not in self.rules["tables"]:
            if table not in self.rules["used_otherwise"]:
                self.skipped.append((table, item.origin))
            return
        cells = dict(item.cells)
        if cells.get("is_template", Cell("")).value == "1":
            return
        for name, dropdown in self.rules["dropdowns"].items():
            if name in cells and not cells[name].shown:
                value = cells[name].value
                cells[name] = Cell(value, called.get((dropdown, value), "" if value.isdigit() else value))
                if not cells[name].shown:
                    del cells[name]
        if table == "SLA" and cells.get("type", Cell("")).value in ("0", "1"):
            cells["target"] = Cell("own" if cells["type"].value == "1" else "resolve")
        term = self.rules["term"]
        if table == term["table"] and cells.get(term["renewal"], Cell("")).value != term["tacit"]:
            begins, months = (cells.get(term[name], Cell("")).value for name in ("begins", "months"))
            cells[term["ends"]] = Cell(_last_day(begins, months))
        if not item.key and self.records.tables.inherited(table, "type") is not None:
            self.missing_key(item.origin, "id", f"The {table} has no id.")
            return
        self.records.add(replace(item, cells=cells))

    def hours(self) -> Iterator[RawEntity]:
        """The segments of calendars as hours of the week."""
        rule = self.rules["segments"]
        days: dict[tuple[str, str], set[str]] = {}
        for one in self.items.get(rule["table"], ()):
            calendar = self.records.find(rule["calendar"], one.cell("calendars_id"))
            begin, end, day = map(one.said, ("begin", "end", "day"))
            if (
                calendar in self.records.by_id
                and _CLOCK.fullmatch(begin)
                and _CLOCK.fullmatch(end)
                and day in "0123456"
            ):
                days.setdefault((str(calendar), f"{begin[:5]}-{end[:5]}"), set()).add(day if day != "0" else "7")
        hours: dict[str, list[str]] = {}
        for (calendar, clock), on in sorted(days.items()):
            hours.setdefault(calendar, []).append(f"{week(''.join(on))} {clock}")
        for calendar, said in hours.items():
            origin = self.records.by_id[calendar].origin
            yield RawEntity(calendar, self.records.types[calendar], {rule["hours"]["property"]: said}, origin)

    def inside(self) -> Iterator[RawRelation]:
        """Computers that are seen inside of virtual machines stand on them."""
        rule = self.rules["inside"]
        guests = {
            one.said(rule["by"]).casefold(): one for one in self.items.get(rule["guest"], ()) if one.said(rule["by"])
        }
        for one in self.items.get(rule["host"], ()):
            guest = guests.get(one.said(rule["by"]).casefold())
            if guest is not None:
                inner, outer = (self.records.id_of(each.table, each.key) for each in (guest, one))
                yield RawRelation(rule["relation"], inner, outer, one.origin, {"inferred": True})


def _last_day(begins: str, months: str) -> str:
    """The last day of a term of so many months, or "" where either is not said.

    Examples
    --------
    >>> _last_day("2026-01-01", "24"), _last_day("2026-08-31", "6")
    ('2027-12-31', '2027-02-27')
    """
    begin = READ["day"](begins)
    if begin is None or not re.fullmatch(r"[1-9]\d{0,3}", months):
        return ""
    year, month, day = map(int, begin.split("-"))
    years, month = divmod(month - 1 + int(months), 12)
    if year + years > MAXYEAR:
        return ""
    last = monthrange(year + years, month + 1)[1]
    return (date(year + years, month + 1, min(day, last)) - timedelta(days=1)).isoformat()


def _named(path: Path) -> str:
    """The item type that a file is named after."""
    found = _STEM.match(path.name)
    return found[0] if found else ""
