"""Documents as workbooks: every table whole on a sheet, texts as texts, and no clock in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from graphsms.report.document import Document, Listing, text_of
from graphsms.report.marks import MARKS
from graphsms.report.tables import Cell

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell as XlsxCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.styles.cell_style import StyleArray
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

__all__ = ["to_xlsx"]

MOST_ROWS: Final = 1_048_000  # a sheet has 1,048,576
MOST_TEXT: Final = 32_767  # characters of a cell
_CORE: Final = "docProps/core.xml"
_FIRST: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP can state
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NO_TITLE: Final = re.compile(r"[\\/*?:\[\]]")
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def to_xlsx(document: Document) -> bytes:
    """A document as a workbook: a sheet of what it is about, then one for each table, whole.

    Notes
    -----
    Nothing in it is a formula: a text that begins like one is a text.

    Examples
    --------
    >>> from graphsms.report.document import Chapter
    >>> front = Chapter("rfc-1", "Hits nothing.")
    >>> made = Document("CAB pack", "rfc-1", (front,), (), "internal", "Revision 1.", "2026-11-21T09:30:00Z")
    >>> to_xlsx(made) == to_xlsx(made)
    True
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _front(book, document)
    names = {"overview"}
    for chapter, section, listing in document.listings():
        if listing.rows and not listing.for_paper:
            begins = chapter.title.partition(":")[0] if len(document.chapters) > 1 else ""
            title = listing.title or section.title
            if section.clause and listing.title:
                title = f"{section.clause.removeprefix('8.5.1.3').strip()} {listing.title}".strip()
            for start in range(0, len(listing.rows), MOST_ROWS):
                name = _name(" ".join(filter(None, (begins, title))), names)
                _sheet(book, name, listing, start)
    return _without_clock(book, document)


def _front(book: Workbook, document: Document) -> None:
    sheet = book.create_sheet("Overview")
    sheet.column_dimensions["A"].width = 36
    sheet.column_dimensions["B"].width = 100
    rows: list[tuple[str, Cell]] = [
        (document.kind, document.title),
        ("Classification", document.classification or "not classified"),
        ("", document.foot),
    ]
    for chapter in document.chapters:
        rows += [("", ""), (chapter.title, ""), ("Answer", chapter.answer)]
        rows += [("Note", note) for note in chapter.notes]
        rows += [(fact.label, fact.value) for fact in chapter.facts]
        for section in chapter.sections:
            rows.append((section.title, section.sentence))
            rows += [(f"    {one.title}", _said(one)) for one in section.listings if not one.for_paper]
    rows += [("", ""), ("What this was made of", "")]
    rows += [(fact.label, fact.value) for fact in document.inputs]
    cells = _Cells(sheet)
    for label, value in rows:
        sheet.append([cells.bold(label), cells.wrapped(value)])


def _said(listing: Listing) -> str:
    if not listing.rows:
        return listing.empty
    return f"{len(listing.rows):,} row{'s' if len(listing.rows) != 1 else ''}. {listing.note}".strip()


def _sheet(book: Workbook, name: str, listing: Listing, start: int) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    if any(column.entry for column in listing.columns):
        from graphsms.report.xlsx_entry import write_form

        write_form(sheet, listing, _text)
        return
    rows = listing.rows[start : start + MOST_ROWS]
    opens = any(row.detail for row in rows)
    headings = [*(column.heading for column in listing.columns), *(("chain of reasons",) if opens else ())]
    for position, heading in enumerate(headings):
        shown = [heading, *(text_of(row.cells[position]) for row in rows[:200] if position < len(row.cells))]
        width = 60 if position == len(listing.columns) else max(map(len, shown)) + 2
        sheet.column_dimensions[get_column_letter(position + 1)].width = min(60, max(10, width))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{len(rows) + 1}"
    cells = _Cells(sheet)
    sheet.append([cells.bold(heading) for heading in headings])
    make = [cells.state if column.kind == "state" else cells.plain for column in listing.columns]
    for row in rows:
        made = [make_one(cell) for make_one, cell in zip(make, row.cells, strict=True)]
        if opens:
            made.append(cells.plain("; ".join(line.text for line in row.detail)))
        sheet.append(made)


class _Cells:
    """Makes the cells of a sheet: plain values where they can only be taken as such, which is most and fast."""

    def __init__(self, sheet: WriteOnlyWorksheet) -> None:
        from openpyxl.styles import Alignment, Font

        self._sheet = sheet
        self._bold = self._styled(Font(bold=True))
        self._wrapped = self._styled(None, Alignment(wrap_text=True, vertical="top"))
        self._states = {
            mark.word: self._styled(Font(bold=True, color=f"FF{mark.light[1:].upper()}")) for mark in MARKS.values()
        }

    def _styled(self, font: Font | None, alignment: Alignment | None = None) -> StyleArray:
        from openpyxl.cell import WriteOnlyCell

        made = WriteOnlyCell(self._sheet)
        if font is not None:
            made.font = font
        if alignment is not None:
            made.alignment = alignment
        style: StyleArray = made._style  # type: ignore[attr-defined]  # how openpyxl gives many cells one style
        return style

    def bold(self, value: Cell) -> XlsxCell:
        return self._made(_text(value), self._bold)

    def wrapped(self, value: Cell) -> XlsxCell:
        return self._made(_text(value), self._wrapped)

    def state(self, value: Cell) -> XlsxCell | str | int | float:
        text = _text(value)
        return self._made(text, self._states[text]) if text in self._states else self.plain(text)

    def plain(self, value: Cell) -> XlsxCell | str | int | float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        text = _text(value)
        return self._made(text) if text.startswith(_BEGINS_FORMULA) else text

    def _made(self, text: str, style: StyleArray | None = None) -> XlsxCell:
        from openpyxl.cell import WriteOnlyCell

        made = WriteOnlyCell(self._sheet, value=text)
        if style is not None:
            made._style = copy(style)  # type: ignore[attr-defined]
        made.data_type = "s"  # a text, also where it begins like a formula
        if text.startswith(_BEGINS_FORMULA):
            made.quotePrefix = True
        return made


def _text(value: Cell) -> str:
    text = "" if value is None or value == "" or value == () else text_of(value)
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("\ufffd", text)
    if len(text) <= MOST_TEXT:
        return text
    note = f"… ({len(text):,} characters)"
    return f"{text[: MOST_TEXT - len(note)]}{note}"


def _name(title: str, taken: set[str]) -> str:
    """A name for a sheet: at most 31 characters, none twice, whatever their case."""
    plain = _NO_TITLE.sub(" ", _FORBIDDEN.sub(" ", title)).strip().strip("'") or "Table"
    name, number = plain[:31].strip(), 1
    while name.casefold() in taken:
        number += 1
        ending = f" {number}"
        name = plain[: 31 - len(ending)].strip() + ending
    taken.add(name.casefold())
    return name


def _without_clock(book: Workbook, document: Document) -> bytes:
    """The bytes of a workbook, with the moment of its content in the place of that at which it was made."""
    from openpyxl.xml.functions import tostring

    moment = datetime.fromisoformat(document.moment) if document.moment else datetime(*_FIRST, tzinfo=UTC)
    made = BytesIO()
    book.save(made)
    properties = book.properties
    properties.creator = "graphsms"
    properties.title = _FORBIDDEN.sub(" ", f"{document.kind}: {document.title}")
    properties.created = properties.modified = moment.replace(tzinfo=None, microsecond=0)
    core = tostring(properties.to_tree())
    out = BytesIO()
    with ZipFile(made) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for one in _in_order(source.namelist()):
            entry = ZipInfo(one, _FIRST)
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, core if one == _CORE else source.read(one))
    return out.getvalue()


def _in_order(names: Iterable[str]) -> Sequence[str]:
    """What says the types of the parts comes first, as readers expect."""
    return sorted(names, key=lambda name: (name != "[Content_Types].xml", name))
