"""ServiceNow: exports of its tables, and what ``graphsms fetch servicenow`` has fetched of them.

Ids are ``servicenow:<sys_id>``: a sys_id is one record whichever of its tables it was read from, and what refers
to it often says no more. How tables, fields, classes and types of relation become ours stands in
``mappings/servicenow.yaml``. Dates and times are UTC, as ServiceNow stores them; in lists that somebody has exported
they are in the zone of who did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from graphsms.errors import RejectedError
from graphsms.ingest.fetched import is_manifest
from graphsms.ingest.foreign import mapping
from graphsms.ingest.reader import RawStatement
from graphsms.ingest.record_csv import first_row_of, header_of, is_csv, is_excel
from graphsms.ingest.record_reader import Instance, RecordReader
from graphsms.ingest.record_values import Cell
from graphsms.ingest.records import Record, Take
from graphsms.ingest.servicenow_files import Row, answers, looks_like_answer, table_named
from graphsms.ingest.servicenow_terms import schedules, targets
from graphsms.vocabulary import Vocabulary

__all__ = ["ServiceNowReader"]

_CLASS: Final = re.compile(r"[a-z][a-z0-9_]*")
_NO_CELL: Final = Cell("")


class ServiceNowReader(RecordReader):
    """Reads records of ServiceNow."""

    name = "servicenow"

    def recognizes(self, path: Path, head: bytes) -> bool:
        """JSON with a list of ``result`` or ``records`` that have a ``sys_id``; CSV and Excel with that column."""
        rules: Any = mapping(self.name)
        if is_csv(path) or is_excel(path):
            return table_named(path, _known(rules)) != "" and _is_list(path, head, rules)
        if path.suffix.lower() != ".json":
            return False
        return is_manifest(path, head, self.name) or looks_like_answer(
            head, rules["signatures"], table_named(path, _known(rules)) != ""
        )

    def instance(self) -> type[Instance]:
        """The records of one instance."""
        return _Instance


class _Instance(Instance):
    """The records of one instance."""

    def __init__(self, name: str, vocabulary: Vocabulary, fault: Take, warn: Take) -> None:
        super().__init__(name, vocabulary, fault, warn)
        self.rows: list[Row] = []
        self.by_table: dict[str, list[Record]] = {}

    def id_of(self, table: str, key: str) -> str:
        """A record by its sys_id, whichever of its tables it was read from."""
        del table
        return f"servicenow:{key}"

    def file(self, path: Path) -> None:
        """The records of one answer or export."""
        for row in answers(path, _known(self.rules), self.of_use, self.rules["labels"], self.fault):
            self.rows.append(row)

    def told(self) -> Iterator[RawStatement]:
        """What the records of all files say."""
        self.learn(self.rows)
        for row in self.rows:
            self.take(row)
        for each in self.by_table.get("cmdb_rel_ci", ()):
            self.relationship(each)
        yield from schedules(self.records, self.by_table)
        yield from self.records.statements()
        yield from targets(self.records, self.by_table)

    # ------------------------------------------------------------------------------ tables and classes

    def learn(self, rows: Sequence[Row]) -> None:
        """What extends what: by the table of tables where it is there, else by the table that records stand in."""
        tables, rule = self.records.tables, self.rules["class_table"]
        names = {
            row.cells["sys_id"].value: row.cells.get(rule["name"], _NO_CELL).value
            for row in rows
            if self.table_of(row) == rule["table"] and "sys_id" in row.cells
        }
        for row in rows:
            if self.table_of(row) == rule["table"]:
                above = row.cells.get(rule["above"], _NO_CELL)
                name = row.cells.get(rule["name"], _NO_CELL).value
                if name and (above.value in names or _CLASS.fullmatch(above.value)):
                    tables.learn(name, names.get(above.value, above.value))
        # Of the tables that records of a class stand in, the most particular one says most of what it is.
        stand_in: dict[str, str] = {}
        for row in rows:
            own = self.class_of(row)
            if not _CLASS.fullmatch(own) or tables.nearest(own) is not None:
                continue
            table = row.table if tables.nearest(row.table) is not None else ""
            if not table and own.startswith(("cmdb_ci_", "u_cmdb_ci")):
                table = "cmdb_ci"
            before = stand_in.get(own)
            if table and (before is None or len(tables.line(table)) > len(tables.line(before))):
                stand_in[own] = table
        for own, table in stand_in.items():
            tables.learn(own, table)

    def table_of(self, row: Row) -> str:
        """The class that a record says it is of, else the table of its file, else the table that has such fields."""
        own = self.class_of(row)
        if _CLASS.fullmatch(own) and self.records.tables.nearest(own) is not None:
            return own
        if row.table:
            return row.table
        signatures = self.rules["signatures"].items()
        return next((table for table, names in signatures if all(name in row.cells for name in names)), own)

    def class_of(self, row: Row) -> str:
        """The class of a record by its name or, in lists for people, by its label."""
        said = row.cells.get(self.rules["class_field"], _NO_CELL).value
        if not said or said in self.rules["tables"]:
            return said
        label = said.casefold()
        found = self.rules["class_labels"].get(label) or f"cmdb_ci_{label.replace(' ', '_')}"
        return str(found) if found in self.rules["tables"] else said

    def take(self, row: Row) -> None:
        """One record, to where it belongs."""
        table = self.table_of(row)
        self.bases.setdefault(row.origin.file, row.instance)
        key = row.cells.get("sys_id", _NO_CELL).value
        record = Record(table, key, row.cells, row.origin)
        self.by_table.setdefault(table, []).append(record)
        tables = self.records.tables
        if tables.nearest(table) is None:
            if table not in self.rules["used_otherwise"]:
                self.skipped.append((table or "no known table", row.origin))
            return
        self.taken_as_nearest(table, self.rules["class_field"], row.origin)
        if not key and tables.inherited(table, "type") is not None:
            self.missing_key(row.origin, "sys_id", "The record has no sys_id; export the table with that field.")
            return
        self.records.add(record)

    def base_of(self, record: Record) -> str:
        """The instance that the record's file is of, or the one that all files are of which say so."""
        return super().base_of(record) or self.instance

    @cached_property
    def instance(self) -> str:
        """The one instance that all files are of which say so; what says nothing is of it too."""
        known = {one for one in self.bases.values() if one}
        return known.pop() if len(known) == 1 else ""

    # ----------------------------------------------------------------------------------- relations

    def relationship(self, record: Record) -> None:
        """One relation between items, by the descriptor that its type has for the parent."""
        records = self.records
        ends = [records.find("cmdb_ci", record.cell(name)) for name in ("parent", "child")]
        parent, child = ends
        if parent is None or child is None:
            records.tally.add(record.origin, "", "no-ends", "{n} of cmdb_rel_ci left out: one end is not said.")
            return
        said = self.descriptor(record.cell("type"))
        rule = self.rules["relationships"].get(said.casefold())
        if rule is None:
            shown = f"the type {said!r}" if said else "a type that no cmdb_rel_type describes"
            message = f"{{n}} of cmdb_rel_ci are of {shown}, which carries no failure by the mapping; left out."
            records.tally.add(record.origin, "type", "unknown-relationship", message)
        elif parent != child:
            records.relate({**rule, "said": said}, parent, child, record.origin, "cmdb_ci", "cmdb_ci")

    def descriptor(self, type: Cell) -> str:
        """What the parent is to the child by a type of relation, such as "Depends on"."""
        for said in (type.shown, type.value):
            if "::" in said:
                return said.split("::")[0].strip()
        return self.descriptors.get(type.value, "") or str(self.rules["relationship_ids"].get(type.value, ""))

    @cached_property
    def descriptors(self) -> dict[str, str]:
        """The descriptors of types of relation, by their sys_ids."""
        return {
            one.key: one.said("parent_descriptor") or one.said("name").split("::")[0].strip()
            for one in self.by_table.get("cmdb_rel_type", ())
        }


def _is_list(path: Path, head: bytes, rules: Any) -> bool:
    """Whether a list has the keys of its records, or else all that a table without keys is about."""
    try:
        header = first_row_of(path, rules["labels"]) if is_excel(path) else header_of(head, rules["labels"])
    except RejectedError:
        return True  # what is wrong with it is said when it is read
    return "sys_id" in header or any(header.issuperset(names) for names in rules["signatures"].values())


def _known(rules: Any) -> frozenset[str]:
    """The tables that something is made of, by themselves or with others."""
    return frozenset(rules["tables"]).union(rules["used_otherwise"])
