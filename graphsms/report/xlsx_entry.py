"""Sheets that people fill in: what they may write is free and checked by the spreadsheet, all else is locked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from graphsms.report.document import Column, Listing
from graphsms.report.marks import MARKS
from graphsms.report.tables import Cell

if TYPE_CHECKING:
    from openpyxl.cell import Cell as XlsxCell
    from openpyxl.worksheet.datavalidation import DataValidation

__all__ = ["write_form"]

_FREE: Final = "FFFFF8DC"
_HEAD: Final = "FFE8EBEF"
_DAY: Final = "yyyy-mm-dd"
_LIST: Final = 250  # characters that choices may have together
_SUGGESTED: Final = 5_000  # rows of the listing that is suggested from


def write_form(sheet: Any, listing: Listing, text: Callable[[Cell], str]) -> None:
    """Write a listing with columns to be filled in.

    Parameters
    ----------
    sheet : WriteOnlyWorksheet
        With nothing in it yet.
    listing : Listing
    text : callable
        A cell as text that a workbook takes.

    Notes
    -----
    The sheet is protected without a password: so that nobody changes a key by chance, not so that nobody can.
    """
    from openpyxl.utils import get_column_letter

    for position, column in enumerate(listing.columns, start=1):
        dimension = sheet.column_dimensions[get_column_letter(position)]
        dimension.width = column.width or 14
        dimension.hidden = column.hidden
    sheet.freeze_panes = f"{get_column_letter(listing.frozen + 1)}2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(listing.columns))}{len(listing.rows) + 1}"
    sheet.row_dimensions[1].height = 30
    sheet.append([_heading(sheet, column) for column in listing.columns])
    for row in listing.rows:
        sheet.append(
            [_cell(sheet, column, text(cell)) for column, cell in zip(listing.columns, row.cells, strict=True)]
        )
    last = len(listing.rows) + 1
    for position, column in enumerate(listing.columns, start=1):
        if column.entry is not None and listing.rows:
            letter = get_column_letter(position)
            made = _validation(column)
            made.add(f"{letter}2:{letter}{last}")
            sheet.data_validations.append(made)
    protection = sheet.protection
    protection.sheet = True
    # What stays allowed in a sheet that is protected.
    protection.autoFilter = protection.sort = protection.formatColumns = protection.formatRows = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _heading(sheet: Any, column: Column) -> XlsxCell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    made = WriteOnlyCell(sheet, value=column.heading)
    made.font = Font(bold=True)
    made.fill = PatternFill("solid", fgColor=_FREE if column.entry else _HEAD)
    made.alignment = Alignment(wrap_text=True, vertical="center")
    return made


def _cell(sheet: Any, column: Column, text: str) -> XlsxCell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill, Protection

    day = _day(text) if column.entry is not None and column.entry.day else None
    made = WriteOnlyCell(sheet, value=day or text or None)  # type: ignore[arg-type]  # it takes dates
    made.alignment = Alignment(wrap_text=not column.hidden, vertical="top")
    if text and day is None:
        made.data_type = "s"  # a text, also where it begins like a formula
        if text.startswith(("=", "+", "-", "@")):
            made.quotePrefix = True
    if column.kind == "state" and text in MARKS:
        made.font = Font(bold=True, color=f"FF{MARKS[text].light[1:].upper()}")
    if column.entry is not None:
        made.protection = Protection(locked=False)
        made.fill = PatternFill("solid", fgColor=_FREE)
        made.number_format = _DAY if column.entry.day else "@"
    return made


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _validation(column: Column) -> DataValidation:
    from openpyxl.worksheet.datavalidation import DataValidation

    entry = column.entry
    assert entry is not None
    if entry.choices:
        words = ",".join(entry.choices)
        assert len(words) <= _LIST, words
        made = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=True)
        made.errorTitle, made.error = column.heading, f"One of: {', '.join(entry.choices)}."
    elif entry.of:
        made = DataValidation(type="list", formula1=f"'{entry.of}'!$A$2:$A${_SUGGESTED}", allow_blank=True)
        made.showErrorMessage = False  # others may be written too
    elif entry.day:
        made = DataValidation(type="date", operator="greaterThan", formula1="36526", allow_blank=True)
        made.showErrorMessage = True
        made.errorTitle, made.error = column.heading, "A day, such as 2026-11-21."
    else:
        made = DataValidation(type="textLength", operator="lessThanOrEqual", formula1="30000", allow_blank=True)
        made.showErrorMessage = True
        made.errorTitle, made.error = column.heading, "At most 30,000 characters."
    made.showInputMessage = bool(entry.help)
    made.promptTitle, made.prompt = column.heading[:32], entry.help[:255]
    return made
