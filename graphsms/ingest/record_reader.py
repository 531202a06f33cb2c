"""What the readers of service management tools share: files taken in one by one, and then told together.

What a record refers to may stand in any of the files, so nothing is said before all of them are read. What differs
between tools is the form of their files (``file``) and what only they have (``told``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from graphsms.errors import RejectedError
from graphsms.ingest.fetched import taken_for_manifest
from graphsms.ingest.foreign import mapping
from graphsms.ingest.reader import RawStatement
from graphsms.ingest.record_tables import words
from graphsms.ingest.records import Record, Records, Take
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["Instance", "RecordReader"]


class RecordReader:
    """A reader of what one tool gives."""

    name: str
    foreign = True

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """What the records of all files say together."""
        yield from self.instance()(self.name, vocabulary, fault, warn).read(paths)

    def instance(self) -> type[Instance]:
        """What makes statements of the records."""
        raise NotImplementedError


class Instance:
    """The records of one instance of a tool.

    Parameters
    ----------
    name : str
        The tool, as its reader and its mapping are called.
    vocabulary : Vocabulary
    fault, warn : callable
        Take what is wrong with a file, and what is doubtful.
    """

    def __init__(self, name: str, vocabulary: Vocabulary, fault: Take, warn: Take) -> None:
        self.name = name
        self.rules: Any = mapping(name)
        self.of_use = words(self.rules)
        self.fault = fault
        self.warn = warn
        self.records = Records(self.rules, vocabulary, self.id_of, self.link, self.key_of)
        # Where people open the instance, by the file that says so.
        self.bases: dict[str, str] = {}
        self.skipped: list[tuple[str, Origin]] = []

    def read(self, paths: Sequence[Path]) -> Iterator[RawStatement]:
        """All statements of files; a file that cannot be parsed is a fault, and the next is read."""
        for path in paths:
            if taken_for_manifest(path, self.name, self.fault, self.warn):
                continue
            try:
                self.file(path)
            except RejectedError as error:
                for one in error.faults:
                    self.fault(one)
        yield from self.told()
        self.records.tell(self.warn, self.skipped)

    def file(self, path: Path) -> None:
        """Take in the records of one file."""
        raise NotImplementedError

    def told(self) -> Iterator[RawStatement]:
        """What the records of all files say."""
        raise NotImplementedError

    def id_of(self, table: str, key: str) -> str:
        """The id of a record."""
        raise NotImplementedError

    def key_of(self, record: Record) -> str:
        """What the tool itself calls a record."""
        return record.key

    def base_of(self, record: Record) -> str:
        """Where people open the instance that a record is of, or ""."""
        return self.bases.get(record.origin.file, "")

    def link(self, record: Record) -> str:
        """Where people open a record, if it is known of which instance it is."""
        base = self.base_of(record)
        form = record.table.lower()
        return base + self.rules["link"].format(table=record.table, form=form, key=record.key) if base else ""

    def taken_as_nearest(self, table: str, field: str, origin: Origin) -> None:
        """Tell of a table that the mapping does not know, where it knows one that this extends."""
        tables = self.records.tables
        nearest = tables.nearest(table)
        if nearest != table:
            type = tables.inherited(table, "type")
            message = f"{{n}} of class {table}, which the mapping does not know: taken as {nearest}, a {type}."
            self.records.tally.add(origin, field, "unknown-class", message)

    def missing_key(self, origin: Origin, field: str, message: str) -> None:
        """Tell of a record that nothing can refer to."""
        self.fault(Fault(origin, "", field, "missing-id", message))
