"""What a table is made of, whatever file it stands in: sheets, rows as people count them, and cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeAlias

from graphsms.model import Origin

__all__ = ["BadCell", "Cell", "Row", "SheetOrigin", "cell_text", "column_letter", "tidy"]


class BadCell(NamedTuple):
    """A cell of a workbook that has no value to be used, and why."""

    rule: str
    message: str


Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | BadCell | None


class Row(NamedTuple):
    """The cells of a row, and its number from 1: in a sheet as shown there, in a text file the line it begins in."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class SheetOrigin(Origin):
    """A row of one of several sheets.

    Examples
    --------
    >>> print(SheetOrigin("register.xlsx", 7, "Services"))
    register.xlsx:Services:7
    """

    sheet: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.sheet}"
        return where if self.line is None else f"{where}:{self.line}"


def cell_text(cell: Cell) -> str:
    """A cell as text, without white space around it; numbers that are whole have no point.

    Examples
    --------
    >>> cell_text(1001.0), cell_text(True), cell_text(datetime(2026, 11, 21)), cell_text("  a\\xa0")
    ('1001', 'true', '2026-11-21', 'a')
    """
    if isinstance(cell, str):
        return cell.strip()
    if cell is None or isinstance(cell, BadCell):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def tidy(header: str) -> str:
    """A header on one line, its white space made single.

    Examples
    --------
    >>> tidy(" Host\\n name ")
    'Host name'
    """
    return " ".join(header.split())


def column_letter(number: int) -> str:
    """What a spreadsheet calls a column, from 1.

    Examples
    --------
    >>> column_letter(1), column_letter(28)
    ('A', 'AB')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
