"""Lists for owners to confirm, as CSV or XLSX, and what comes back (8.2.6)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from graphsms.analysis.attestation_answers import ANSWERS, Returned
from graphsms.analysis.attestation_lists import OwnersList
from graphsms.analysis.estate import number_of
from graphsms.errors import InputError, RejectedError
from graphsms.ingest.tabular.cells import Cell, Row, SheetOrigin, cell_text
from graphsms.ingest.tabular.delimited import delimited_rows
from graphsms.ingest.tabular.excel import open_book
from graphsms.model import Fault, Origin
from graphsms.vocabulary import NAME

__all__ = ["INSTRUCTIONS", "read_answers", "write_lists"]

FORMS: Final = ("csv", "xlsx")
_HEAD: Final = ("answer", "id", "type", NAME)
_TAIL: Final = ("comment", "owner", "revision")
_NEEDED: Final = ("answer", "id", "owner", "revision")
_MOST_ROWS: Final = 200_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_README: Final = "instructions.txt"

INSTRUCTIONS: Final = f"""\
Please confirm what is recorded of the configuration items that you answer for.

For each row, write one of these into the column "answer":

  {ANSWERS[0]}   what stands there is right
  {ANSWERS[1]}   you have corrected cells of the row: write what is right over what is wrong
  {ANSWERS[2]}        it is no longer there
  {ANSWERS[3]}    somebody else answers for it; say who in "comment"

Several values stand in one cell with semicolons between them. Leave the columns id, type, owner and revision as they
are. A row without an answer is asked about again.
"""


def write_lists(lists: Iterable[OwnersList], folder: Path, form: str = "csv") -> list[Path]:
    """Write a file for each owner, and the instructions, into a folder that is made where it is not there.

    Raises
    ------
    InputError
        The form is none of ours, or the folder cannot be written.
    """
    if form not in FORMS:
        raise InputError(f"A list is written as {' or '.join(FORMS)}, not as {form!r}.")
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in lists:
            path = _place(folder, one.owner, form, written)
            (_write_csv if form == "csv" else _write_xlsx)(path, one)
            written.append(path)
        (folder / _README).write_text(INSTRUCTIONS, encoding="utf-8")
    except OSError as error:
        raise InputError(f"The lists cannot be written into {folder}: {error.strerror}.") from None
    return written


def _place(folder: Path, owner: str, form: str, written: Sequence[Path]) -> Path:
    stem = re.sub(r"[^\w.-]", "_", owner).lstrip(".") or "owner"
    path, number = folder / f"{stem}.{form}", 2
    while path in written:  # two ids that differ in what a file name cannot hold
        path, number = folder / f"{stem}-{number}.{form}", number + 1
    return path


def _rows(one: OwnersList) -> Iterator[list[str]]:
    yield [*_HEAD, *one.fields, *_TAIL]
    for id, type, (name, *values) in one.items:
        yield ["", id, type, name, *values, "", one.owner, str(one.revision)]


def _write_csv(path: Path, one: OwnersList) -> None:
    # With a byte order mark, so that spreadsheets read it as UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([[_guarded(cell) for cell in row] for row in _rows(one)])


def _guarded(text: str) -> str:
    """Text that a spreadsheet would take for a formula stands behind an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_xlsx(path: Path, one: OwnersList) -> None:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Items"
    count = 0
    for number, row in enumerate(_rows(one), start=1):
        count = number
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column, ILLEGAL_CHARACTERS_RE.sub("", text))
            cell.data_type, cell.number_format = "s", "@"  # text, and never a formula
    choice = DataValidation("list", formula1=f'"{",".join(ANSWERS)}"', allow_blank=True)
    choice.add(f"A2:A{max(2, count)}")
    sheet.add_data_validation(choice)
    sheet.freeze_panes = "E2"
    notes = book.create_sheet("Instructions")
    for number, line in enumerate(INSTRUCTIONS.splitlines(), start=1):
        notes.cell(number, 1, line)
    book.save(path)


def read_answers(paths: Sequence[Path]) -> list[Returned]:
    """The rows that came back, of files and of folders of them.

    Raises
    ------
    RejectedError
        A file cannot be read, or is no such list.
    """
    found: list[Returned] = []
    for path in paths:
        files = sorted(path.glob("*.csv")) + sorted(path.glob("*.xlsx")) if path.is_dir() else [path]
        if not files:
            raise InputError(f"There is no list in {path}: neither .csv nor .xlsx.")
        for file in files:
            try:
                found += _book(file) if file.suffix.casefold() == ".xlsx" else _table(file, delimited_rows(file))
            except RejectedError as error:
                raise _unusable(error.faults) from None
            if len(found) > _MOST_ROWS:
                raise InputError(f"More than {_MOST_ROWS:,} rows came back; take them in file by file.")
    return found


def _book(file: Path) -> list[Returned]:
    with open_book(file) as book:
        sheet = next((one for one in book.sheets if not one.hidden), None)
        if sheet is None:
            raise _refused(file, 1, "no-list", "The workbook has no sheet.")
        return _table(file, book.rows(sheet), sheet.title)


def _table(file: Path, rows: Iterable[Row], sheet: str = "") -> list[Returned]:
    header: list[str] = []
    found: list[Returned] = []
    for row in rows:
        cells = [_text(cell) for cell in row.cells]
        if not header:
            header = cells
            missing = [name for name in _NEEDED if name not in header]
            if missing or len(set(filter(None, header))) != len([*filter(None, header)]):
                problem = f"has no column {', '.join(missing)}" if missing else "has two columns of one name"
                raise _refused(file, row.number, "no-list", f"It {problem}; send back the list as it was made.")
            continue
        values = {name: text for name, text in zip(header, cells, strict=False) if name}
        values.update({name: "" for name in header[len(cells) :] if name})
        if any(values.values()):
            origin = SheetOrigin(str(file), row.number, sheet) if sheet else Origin(str(file), row.number)
            found.append(Returned(origin, values))
        if len(found) > _MOST_ROWS:
            raise _refused(file, row.number, "too-many-rows", f"A list has at most {_MOST_ROWS:,} rows.")
    if not header:
        raise _refused(file, 1, "no-list", "It is empty.")
    return found


def _text(cell: Cell) -> str:
    text = cell_text(cell)
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _unusable(faults: Sequence[Fault]) -> RejectedError:
    return RejectedError(f"Nothing was recorded: {number_of(faults)}, the first being {faults[0]}", faults)


def _refused(file: Path, line: int, rule: str, message: str) -> RejectedError:
    fault = Fault(Origin(str(file), line), "", "", rule, message)
    return RejectedError(str(fault), [fault])
