"""iTop: answers of its REST/JSON services (``core/get``), CSV exports, and what ``graphsms fetch itop`` has fetched.

Ids are ``itop:FunctionalCI/12``: keys are counted through all classes below one root, and what refers to an item
often says no more than that root. How classes and attributes become ours stands in ``mappings/itop.yaml``; what
needs what follows iTop's own relation "impacts". Dates and times are those of the server, without a zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import content_of
from graphsms.ingest.fetched import fetched, is_manifest
from graphsms.ingest.foreign import mapping, text
from graphsms.ingest.jsontext import json_document
from graphsms.ingest.reader import RawRelation, RawStatement
from graphsms.ingest.record_csv import header_of, is_csv, rows_of
from graphsms.ingest.record_reader import Instance, RecordReader
from graphsms.ingest.record_values import Cell
from graphsms.ingest.records import Record
from graphsms.model import Fault, Origin

__all__ = ["ItopReader"]

_OBJECTS: Final = re.compile(rb'"objects"\s*:\s*(?:null|\{\s*(?:\}|"\w+::\d+"\s*:))')
_OBJECT: Final = re.compile(r'"(\w+::\d+)"\s*:\s*\{')
_LISTED: Final = 5
_COLUMNS: Final = frozenset({"name", "friendlyname", "org_id", "title", "functionalci_id"})  # one of them at least
_KEY: Final = re.compile(rb'(?:^|[,;\t"])id \(', re.IGNORECASE)  # the label of the key, whatever the language
_CODE: Final = re.compile(r"[a-z]\w*(?:->[a-z]\w*)?", re.ASCII)  # labels begin with a capital, or have spaces
_ANSWER: Final = re.compile(rb'"(?:code|message)"\s*:')


class ItopReader(RecordReader):
    """Reads objects of iTop."""

    name = "itop"

    def recognizes(self, path: Path, head: bytes) -> bool:
        """JSON with ``objects`` such as ``Server::12``, or CSV with keys in a file named after a class."""
        if is_csv(path):
            rules: Any = mapping(self.name)
            header = header_of(head, rules["labels"])
            its_own = _KEY.search(head.partition(b"\n")[0]) is not None or not header.isdisjoint(_COLUMNS)
            return _class_named(path) in rules["tables"] and "id" in header and its_own
        if path.suffix.lower() != ".json":
            return False
        found = _OBJECTS.search(head)
        return is_manifest(path, head, self.name) or (
            found is not None and (b"::" in found[0] or _ANSWER.search(head) is not None)
        )

    def instance(self) -> type[Instance]:
        """The records of one instance."""
        return _Instance


class _Instance(Instance):
    """The objects of one instance."""

    def id_of(self, table: str, key: str) -> str:
        """An object by the first class of its line, whose keys are counted through."""
        return f"itop:{self.records.tables.line(table)[-1]}/{key}"

    def key_of(self, record: Record) -> str:
        """What iTop calls an object."""
        return f"{record.table}::{record.key}"

    def told(self) -> Iterator[RawStatement]:
        """What the objects of all answers say."""
        yield from self.records.statements()
        yield from self.promised()

    def file(self, path: Path) -> None:
        """The objects of one answer."""
        file, manifest = str(path), fetched(path.parent)
        self.bases[file] = manifest.url if manifest is not None else ""
        if is_csv(path):
            table = _class_named(path)
            for row, origin in rows_of(path, self.rules["labels"], self.fault, self.headed):
                self.take(f"{row.get('finalclass') or table}::{row.get('id', '')}", {"fields": row}, origin, local=True)
            return
        content = content_of(path)
        answer = json_document(content, file)
        if text(answer.get("code")) not in ("", "0"):
            message = f"iTop answered with an error: {text(answer.get('message'))[:200]}"
            self.fault(Fault(Origin(file, 1), "", "code", "error-answer", message))
            return
        objects = answer.get("objects")
        lines = _lines(content.decode("utf-8"))
        for name, value in objects.items() if isinstance(objects, Mapping) else ():
            self.take(name, value, Origin(file, lines.get(name)))

    def headed(self, fields: Mapping[str, str], origin: Origin) -> None:
        """Tell of columns that are headed by labels which the mapping does not know.

        Raises
        ------
        RejectedError
            There is no other column than that of the key.
        """
        unknown = [
            one for one, field in fields.items() if field not in self.of_use and one and not _CODE.fullmatch(one)
        ]
        if not unknown:
            return
        more = f" and {len(unknown) - _LISTED} more" if len(unknown) > _LISTED else ""
        message = (
            "Left out, since their headings are no codes of attributes and no English labels of those that are of use:"
            f' {", ".join(map(repr, unknown[:_LISTED]))}{more}. Export with the option "Export Code instead of Label"'
            " (no_localize=1), or say in a mapping what the columns are (`graphsms mapping guess`)."
        )
        fault = Fault(origin, "", "", "unknown-heading", message)
        if {field for field in fields.values() if field in self.of_use} <= {"id"}:
            raise RejectedError(str(fault), [fault])
        self.warn(fault)

    def take(self, name: str, value: object, origin: Origin, *, local: bool = False) -> None:
        """One object, to where it belongs."""
        said = value.get("fields") if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or not isinstance(said, Mapping):
            self.fault(Fault(origin, "", name, "wrong-form", "An object must have `fields`; ask for output_fields."))
            return
        table, _, key = name.partition("::")
        table, key = text(value.get("class")) or table, text(value.get("key")) or key
        if not key:
            self.missing_key(origin, "id", f"The {table} has no id; export that column too.")
            return
        tables = self.records.tables
        if tables.nearest(table) is None:
            signature = next((t for t, names in self.rules["signatures"].items() if all(n in said for n in names)), "")
            if not signature:
                if table not in self.rules["used_otherwise"]:
                    self.skipped.append((table, origin))
                return
            tables.learn(table, signature)
        self.taken_as_nearest(table, "class", origin)
        cells = {
            one: Cell(text(each).strip(), local=local)
            for one, each in said.items()
            if one in self.of_use and not isinstance(each, list | dict)
        }
        sets = {
            one: [
                {n: Cell(text(v).strip()) for n, v in link.items() if n in self.of_use}
                for link in each
                if isinstance(link, Mapping)
            ]
            for one, each in said.items()
            if one in self.of_use and isinstance(each, list)
        }
        self.records.add(Record(table, key, cells, origin, sets))

    def promised(self) -> Iterator[RawRelation]:
        """The targets of agreements are for what these cover."""
        rule = {name: one["relation"] for name, one in self.rules["promised"].items()}
        covered: dict[str, list[str]] = {}
        for subject, type, object in self.records.relations:
            if type == rule["promise"]:
                covered.setdefault(subject, []).append(object)
        for (subject, type, object), one in self.records.relations.items():
            if type == rule["has"]:
                for service in covered.get(subject, ()):
                    yield RawRelation(rule["target_for"], object, service, one.origin)


def _class_named(path: Path) -> str:
    """The class that a file is named after."""
    found = re.match(r"[A-Za-z]\w*", path.name)
    return found[0] if found else ""


def _lines(text: str) -> dict[str, int]:
    """The line in which each object begins."""
    found: dict[str, int] = {}
    line, counted = 1, 0
    for one in _OBJECT.finditer(text):
        line += text.count("\n", counted, one.start())
        counted = one.start()
        found.setdefault(one[1], line)
    return found
