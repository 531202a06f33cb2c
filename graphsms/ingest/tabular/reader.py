"""Tables of people's own, CSV and Excel, by a mapping file that says what their columns are here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import reject
from graphsms.ingest.reader import RawStatement
from graphsms.ingest.tabular.cells import Cell, Row, SheetOrigin, cell_text, tidy
from graphsms.ingest.tabular.delimited import delimited_rows
from graphsms.ingest.tabular.excel import Book, MergedRange, Sheet, open_book
from graphsms.ingest.tabular.mapping import TableMapping, TableRule
from graphsms.ingest.tabular.mapping_file import patterns, read_mapping
from graphsms.ingest.tabular.rows import TableReading
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = [
    "BESIDE",
    "EXCEL",
    "TEXT",
    "TableReader",
    "filled",
    "is_excel",
    "is_table",
    "mapping_beside",
    "without_mapping",
]

TEXT: Final = (".csv", ".tsv")
EXCEL: Final = (".xlsx", ".xlsm")
OTHERS: Final = (".xls", ".xlsb", ".ods")  # known, so that it can be said what to do with them
BESIDE: Final = ".mapping.yaml"
_PLAIN: Final = ".txt"  # may be a table, where a mapping is for it
_MAGIC: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LISTED: Final = 20

Take = Callable[[Fault], None]


def is_table(path: Path) -> bool:
    """Whether a file is a table by its name.

    Examples
    --------
    >>> is_table(Path("servers.CSV")), is_table(Path("servers.yaml"))
    (True, False)
    """
    return path.suffix.lower() in (*TEXT, *EXCEL, *OTHERS)


def is_excel(path: Path) -> bool:
    """Whether a table is a workbook, by its name or by what it begins with."""
    if path.suffix.lower() in (*EXCEL, *OTHERS):
        return True
    try:
        with path.open("rb") as file:
            return file.read(4) in _MAGIC
    except OSError:
        return False  # which is told where it is read


def mapping_beside(path: Path) -> Path | None:
    """The mapping that stands beside a table: for ``servers.csv``, ``servers.mapping.yaml``."""
    for name in (path.stem + BESIDE, path.name + BESIDE):
        beside = path.with_name(name)
        if beside.is_file():
            return beside
    return None


def without_mapping(path: Path, mapping: Path | None = None) -> str:
    """What to say of a table that no mapping is for."""
    if mapping is not None:
        listed = ", ".join(patterns(mapping))
        return f"The mapping {mapping} is not for a file of this name; its tables are for {listed}."
    return (
        f"What its columns are is not known; say it with --mapping FILE, or in {path.stem}{BESIDE} beside it. "
        f"`graphsms mapping guess {path.name}` drafts one."
    )


class TableReader:
    """Reads CSV and Excel by a mapping: the one that is given, or that stands beside the file."""

    name: Final = "table"
    foreign: Final = True

    def __init__(self, mapping: Path | None = None, rows: int | None = None) -> None:
        self.mapping = mapping
        self.rows = rows  # of each table, where not all are to be read
        self._read: dict[Path, TableMapping | None] = {}
        self._place: _Place | None = None

    def recognizes(self, path: Path, head: bytes) -> bool:  # noqa: ARG002  # columns are known by the mapping alone
        """A table that a mapping is for."""
        if not is_table(path) and path.suffix.lower() != _PLAIN:
            return False
        if self.mapping is None:
            return mapping_beside(path) is not None
        name = path.name.casefold()
        return any(fnmatchcase(name, pattern.casefold()) for pattern in patterns(self.mapping))

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """The statements of the tables in order; a file that cannot be read is one fault, and the next is read."""
        mappings = self._read = dict[Path, TableMapping | None]()
        for path in paths:
            try:
                said = self.mapping or mapping_beside(path)
                if said is None:
                    reject(str(path), None, "no-mapping", without_mapping(path))
                if said not in mappings:
                    mappings[said] = None  # what is wrong with it is said once
                    mappings[said] = read_mapping(said, vocabulary)
                mapping = mappings[said]
                if mapping is not None:
                    yield from _File(path, mapping, vocabulary, fault, warn, self.rows).statements()
            except RejectedError as error:
                for one in error.faults:
                    fault(one)

    def row_of(self, origin: Origin) -> Mapping[str, str] | None:
        """What stands in a row below the headers; read once more, in one go where rows are asked for in order."""
        sheet = origin.sheet if isinstance(origin, SheetOrigin) else ""
        if origin.line is None:
            return None
        place = self._place
        if place is None or (place.file, place.sheet) != (origin.file, sheet) or place.number > origin.line:
            place = self._place = _Place(origin.file, sheet, self._rule(Path(origin.file), sheet))
        return place.row(origin.line)

    def _rule(self, path: Path, sheet: str) -> TableRule | None:
        said = self.mapping or mapping_beside(path)
        mapping = self._read.get(said) if said is not None else None
        if mapping is None:
            return None
        # Whether the sheet is hidden is not known here; what was read once is read again.
        return mapping.rule(path.name, sheet or None) or mapping.rule(path.name, sheet or None, hidden=True)


class _Place:
    """How far a table has been read once more, to see what stands in single rows."""

    def __init__(self, file: str, sheet: str, rule: TableRule | None) -> None:
        self.file = file
        self.sheet = sheet
        self.number = 0
        self._cells: Sequence[Cell] = ()
        self._headers: list[str] = []
        self._rows = self._again(rule) if rule is not None else iter(())
        header = next((row for row in self._rows if rule is not None and row.number >= rule.header), None)
        if header is not None:
            self.number = header.number
            self._headers = [tidy(cell_text(one)) for one in header.cells]

    def row(self, number: int) -> dict[str, str] | None:
        """The row of that number, where it is at or below the present one."""
        while self.number < number:
            found = next(self._rows, None)
            if found is None:
                return None
            self.number, self._cells = found
        if self.number != number or not self._cells:
            return None
        return {name: cell_text(one) for name, one in zip(self._headers, self._cells, strict=False) if name}

    def _again(self, rule: TableRule) -> Iterator[Row]:
        path = Path(self.file)
        if not self.sheet:
            yield from delimited_rows(path, rule.encoding, rule.delimiter)
            return
        with open_book(path) as book:
            for sheet in book.sheets:
                if sheet.title == self.sheet:
                    merged = book.merged(sheet) if rule.fill_merged else ()
                    yield from filled(book.rows(sheet), merged) if merged else book.rows(sheet)


class _File:
    """One file being read."""

    def __init__(
        self, path: Path, mapping: TableMapping, vocabulary: Vocabulary, fault: Take, warn: Take, limit: int | None
    ) -> None:
        self.path = path
        self.limit = limit
        self.mapping = mapping
        self.vocabulary = vocabulary
        self.fault = fault
        self.warn = warn

    def statements(self) -> Iterator[RawStatement]:
        if is_excel(self.path):
            with open_book(self.path) as book:
                yield from self.sheets(book)
            return
        rule = self.mapping.rule(self.path.name)
        if rule is None:
            reject(str(self.path), None, "no-mapping", without_mapping(self.path, Path(self.mapping.file)))
        yield from self.table(rule, "", delimited_rows(self.path, rule.encoding, rule.delimiter))

    def table(self, rule: TableRule, sheet: str, rows: Iterator[Row]) -> Iterator[RawStatement]:
        reading = TableReading(
            rule, self.mapping.file, str(self.path), sheet, self.vocabulary, self.fault, self.warn
        )  # fmt: skip
        yield from reading.statements(rows, self.limit)

    def sheets(self, book: Book) -> Iterator[RawStatement]:
        left: list[str] = []
        for sheet in book.sheets:
            rule = self.mapping.rule(self.path.name, sheet.title, hidden=sheet.hidden)
            if rule is None:
                left.append(f"{sheet.title} (hidden)" if sheet.hidden else sheet.title)
                continue
            merged = [one for one in book.merged(sheet) if one.last_row >= rule.header]
            if merged and not rule.fill_merged:
                self.reject_merged(sheet, merged)
                continue
            rows = book.rows(sheet)
            yield from self.table(rule, sheet.title, filled(rows, merged) if merged else rows)
        shown = ", ".join(left[:_LISTED]) + (", …" if len(left) > _LISTED else "")
        if left and len(left) == len(book.sheets):
            message = f"The mapping {self.mapping.file} is for none of its sheets: {shown}."
            reject(str(self.path), None, "no-mapping", message)
        if left:
            message = f"The mapping is not for every sheet; passed over: {shown}."
            self.warn(Fault(Origin(str(self.path)), "", "", "passed-over", message))

    def reject_merged(self, sheet: Sheet, merged: Sequence[MergedRange]) -> None:
        names = ", ".join(one.name for one in merged[:_LISTED]) + (", …" if len(merged) > _LISTED else "")
        message = (
            f"Sheet {sheet.title}: cells are merged: {names}. Unmerge them, or say `merged: fill` in the mapping, "
            "so that each has the value of the first."
        )
        self.fault(Fault(Origin(str(self.path), merged[0].first_row), "", "", "merged-cells", message))


def filled(rows: Iterator[Row], merged: Sequence[MergedRange]) -> Iterator[Row]:
    """Rows in which every cell of a merged range has the value of its first."""
    ahead = list(reversed(merged))
    open_ranges: list[tuple[MergedRange, Cell]] = []
    for row in rows:
        cells = list(row.cells)
        while ahead and ahead[-1].first_row <= row.number:
            one = ahead.pop()
            at = one.first_column - 1
            value = cells[at] if one.first_row == row.number and at < len(cells) else None
            open_ranges.append((one, value))
        open_ranges = [each for each in open_ranges if each[0].last_row >= row.number]
        for one, value in open_ranges:
            if value is not None:
                cells.extend([None] * (one.last_column - len(cells)))
                cells[one.first_column - 1 : one.last_column] = [value] * (one.last_column - one.first_column + 1)
        yield Row(row.number, cells)
