"""The rows of a worksheet, whatever form it has: XLSX, JSON or CSV."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedList, content_of, reject
from graphsms.ingest.jsontext import json_items
from graphsms.ingest.tabular.cells import BadCell, Cell, Row, cell_text, tidy
from graphsms.ingest.tabular.delimited import delimited_rows
from graphsms.ingest.tabular.excel import open_book
from graphsms.ingest.worksheet_form import COLUMNS, EXPORTED, FILLED, MARKER, VERSION, Exported, heading
from graphsms.model import Fault, Origin

__all__ = ["CellOrigin", "FilledRow", "filled_rows", "is_worksheet"]

_XLSX: Final = (".xlsx", ".xlsm")
_CSV: Final = ".csv"
_JSON: Final = ".json"
_MARKED: Final = re.compile(rb'"format"\s*:\s*"' + MARKER.encode() + rb'"')
_BOOK: Final = "xl/workbook.xml"
_BOOK_BYTES: Final = 1 << 20
_ROWS: Final = "rows"
_NEEDED: Final = ("id", "anchor", "state", *FILLED, EXPORTED)  # in JSON; the rest of a row is for reading
_QUOTED: Final = re.compile(r"'(?=[=+@\t\r-])")  # how a text that begins like a formula stands in CSV


@dataclass(frozen=True, slots=True)
class CellOrigin(Origin):
    """A cell of a worksheet, or a row of it.

    Examples
    --------
    >>> print(CellOrigin("gaps.xlsx", 12, "owner"))
    gaps.xlsx:12, column owner
    """

    column: str = ""

    @property
    def advice(self) -> str:
        """What to do about an id in the cell that nothing has."""
        return " Give the id of something in the graph: `graphsms find` looks for it."

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}, column {self.column}" if self.column else where


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row: its cells as text, by column."""

    file: str
    number: int
    cells: Mapping[str, str]

    def origin(self, column: str = "") -> CellOrigin:
        """Where the row is, or one of its cells."""
        return CellOrigin(self.file, self.number, heading(column))


def is_worksheet(path: Path, head: bytes) -> bool:
    """Whether a file is a worksheet, by its mark or its columns."""
    form = path.suffix.lower()
    if form == _JSON:
        return _MARKED.search(head) is not None
    if form == _CSV:
        first = head.split(b"\n", 1)[0].decode("utf-8", "replace").casefold()
        return all(heading(one) in first.replace("_", " ") for one in (*FILLED, EXPORTED))
    return form in _XLSX and f'name="{MARKER}"' in _sheets(path)


def _sheets(path: Path) -> str:
    """What a workbook says of its sheets; nothing where it cannot be read, which its reader tells."""
    try:
        with ZipFile(path) as archive, archive.open(_BOOK) as part:
            return part.read(_BOOK_BYTES).decode("utf-8", "replace")
    except (BadZipFile, KeyError, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        return ""


def filled_rows(path: Path, fault: Callable[[Fault], None]) -> Iterator[FilledRow]:
    """The rows of a worksheet in order.

    Raises
    ------
    RejectedError
        It is none, cannot be read, or lacks a column.
    """
    form = path.suffix.lower()
    if form == _JSON:
        yield from _of_json(path, fault)
    elif form in _XLSX:
        with open_book(path) as book:
            sheet = next((one for one in book.sheets if one.title == MARKER), None)
            if sheet is None:
                message = f"It has no sheet {MARKER!r}: was it renamed? `graphsms worksheet` writes a new one."
                reject(str(path), None, "no-worksheet", message)
            yield from _of_table(path, book.rows(sheet), fault)
    elif form == _CSV:
        for row in _of_table(path, delimited_rows(path), fault):
            yield FilledRow(row.file, row.number, _unquoted(row.cells))
    else:
        reject(str(path), None, "no-worksheet", "A worksheet is a file .xlsx, .json or .csv.")


def _unquoted(cells: Mapping[str, str]) -> dict[str, str]:
    """Cells without the apostrophe that CSV has ahead of what begins like a formula; what stood so before keeps it."""
    try:
        before = Exported.of_text(cells[EXPORTED])
    except ValueError:
        return dict(cells)
    quoted = {name for name, text in cells.items() if _QUOTED.match(text) and not before.kept(name, text)}
    return {name: text[1:] if name in quoted else text for name, text in cells.items()}


def _of_table(path: Path, rows: Iterator[Row], fault: Callable[[Fault], None]) -> Iterator[FilledRow]:
    header = next(rows, None)
    named = {tidy(cell_text(one)).casefold(): at for at, one in enumerate(header.cells if header else ())}
    at = {name: named.get(heading(name), named.get(name)) for name in COLUMNS}
    _require([name for name, position in at.items() if position is None], path, header.number if header else 1)
    for row in rows:
        cells = {name: _cell(row.cells, position) for name, position in at.items()}
        bad = [(name, cell) for name, cell in cells.items() if isinstance(cell, BadCell)]
        for name, cell in bad:
            fault(Fault(CellOrigin(str(path), row.number, heading(name)), "", name, cell.rule, cell.message))
        if not bad and any(cell_text(one) for one in cells.values()):
            yield FilledRow(str(path), row.number, {name: cell_text(cell) for name, cell in cells.items()})


def _cell(cells: Sequence[Cell], position: int | None) -> Cell:
    return cells[position] if position is not None and position < len(cells) else None


def _require(lacking: Sequence[str], path: Path, line: int) -> None:
    if lacking:
        names = ", ".join(map(heading, lacking))
        some = "The column is" if len(lacking) == 1 else "Columns are"
        message = (
            f"{some} not there any more: {names}. Columns may be hidden and added, not removed or renamed; take a copy"
            " of the worksheet as it was written, or write a new one with `graphsms worksheet`."
        )
        reject(str(path), line, "removed-column", message)


def _of_json(path: Path, fault: Callable[[Fault], None]) -> Iterator[FilledRow]:
    file, rows = str(path), 0
    for key, value, line in json_items(content_of(path), file, _ROWS):
        if key == "version" and value != VERSION:
            message = f"It is of version {value!r}, and {VERSION} is read: write a new one with `graphsms worksheet`."
            reject(file, line, "other-version", message)
        if key != _ROWS or (isinstance(value, LocatedList) and not value):
            continue  # which is where the list begins
        rows += 1
        if not isinstance(value, dict):
            fault(Fault(Origin(file, line), "", _ROWS, "wrong-form", "A row must be an object."))
            continue
        lacking = [name for name in _NEEDED if name not in value]
        _require(lacking, path, line)
        odd = [name for name in _NEEDED if not isinstance(value[name], str | int | float | None)]
        for name in odd:
            message = "It must be text; several ids stand in one text, between semicolons."
            fault(Fault(CellOrigin(file, line, heading(name)), "", name, "wrong-form", message))
        if not odd:
            yield FilledRow(file, line, {name: cell_text(_scalar(value[name])) for name in _NEEDED})
    if not rows:
        raise RejectedError(
            f"{file} holds no rows.", [Fault(Origin(file), "", _ROWS, "no-worksheet", "It holds no rows.")]
        )


def _scalar(value: object) -> Cell:
    return value if isinstance(value, str | int | float) else None
