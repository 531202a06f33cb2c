"""Excel workbooks as streams of rows, by openpyxl in its read-only way, with what it leaves open made sure of first.

A workbook is a zip archive of XML. Its directory says how large each part will be, and no part can be read beyond
that, so an archive that would unfold without end is refused before anything of it is. Parts that declare entities are
refused. Formulas count with the value that was calculated last; macros and links to other workbooks are not followed.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile, ZipFile

from graphsms.ingest.documents import reject
from graphsms.ingest.tabular.cells import BadCell, Cell, Row, column_letter

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook as OpenpyxlWorkbook

__all__ = ["Book", "MergedRange", "Sheet", "open_book"]

MAX_PARTS: Final = 10_000
MAX_UNFOLDED: Final = 1 << 30
MAX_STRINGS: Final = 1 << 28  # of the table of texts, which is held whole
MAX_RATIO: Final = 200  # of real workbooks, the most repetitive come to some 100
MAX_ROW: Final = 1 << 20
MAX_COLUMN: Final = 1 << 14
MAX_MERGED: Final = 100_000
_SMALL: Final = 1 << 23  # below, a ratio says nothing
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_DECLARED: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"""\A<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")
_READABLE: Final = frozenset({b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1"})
_MERGED: Final = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*["']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})["']""")
_ZEROS: Final = re.compile(r"0{2,}")
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 256
# What zipfile, the XML parser and openpyxl raise where a part is not what it must be.
_DAMAGE: Final = (
    BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError, ValueError, TypeError, IndexError, AttributeError,
    OverflowError, OSError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MergedRange:
    """Cells shown as one: the first holds the value. Rows and columns from 1, both ends inclusive."""

    name: str
    first_column: int
    first_row: int
    last_column: int
    last_row: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its title, and whether people see it."""

    title: str
    hidden: bool
    part: str


class Book:
    """An open workbook."""

    def __init__(self, file: str, archive: ZipFile, book: OpenpyxlWorkbook) -> None:
        self._file = file
        self._archive = archive
        self._book: Any = book  # what is needed of it stands in no stub
        self.sheets = tuple(
            Sheet(one.title, one.sheet_state != "visible", one._worksheet_path)
            for one in self._book.worksheets
            if hasattr(one, "_worksheet_path")
        )

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a sheet that hold anything, one at a time."""
        from xml.etree.ElementTree import ParseError, iterparse  # entities are refused beforehand

        from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG

        parser = _parser(self._book)
        held: Any = None
        try:
            with self._archive.open(sheet.part) as source:
                for event, element in iterparse(source, ("start", "end")):  # noqa: S314
                    if event == "start":
                        if element.tag == DATA_TAG:
                            held = element
                    elif element.tag == ROW_TAG:
                        number, cells = parser.parse_row(element)
                        if not 0 < number <= MAX_ROW:
                            self.damaged(f"There is a row {number}; a sheet has at most {MAX_ROW:,}", sheet)
                        found = _in_place(cells)
                        if found:
                            yield Row(number, found)
                        held.clear()  # or every row stays behind as an empty element
        except (ParseError, *_DAMAGE) as error:
            self.damaged(f"The sheet cannot be read ({_first_line(error)})", sheet)
        if held is None:
            self.damaged("No rows are found in it; it may be of the strict variant of the format", sheet)

    def merged(self, sheet: Sheet) -> tuple[MergedRange, ...]:
        """The ranges of a sheet whose cells are merged, from the top."""
        from openpyxl.utils import range_boundaries

        found: set[str] = set()
        for chunk in _chunks(self._archive, sheet.part):
            found.update(one.decode() for one in _MERGED.findall(chunk))
            if len(found) > MAX_MERGED:
                self.damaged(f"More than {MAX_MERGED:,} ranges are merged in it", sheet)
        ranges = [MergedRange(one, *map(int, range_boundaries(one))) for one in found]  # type: ignore[arg-type]
        return tuple(sorted(ranges, key=lambda one: (one.first_row, one.first_column)))

    def damaged(self, problem: str, sheet: Sheet | None = None) -> None:
        """Give up on the workbook."""
        where = f"Sheet {sheet.title}: " if sheet is not None else ""
        reject(
            self._file, None, "damaged-workbook", f"{where}{problem}; open it in a spreadsheet and save it as .xlsx."
        )


@contextmanager
def open_book(path: Path) -> Iterator[Book]:
    """Open a workbook, or say why it must not or cannot be.

    Raises
    ------
    RejectedError
        It is no workbook, is of an older format, has a password, is damaged, or would unfold beyond the limits.
    """
    import warnings

    file = str(path)
    try:
        with path.open("rb") as raw:
            _reject_other_formats(file, raw.read(1 << 22))
            raw.seek(0)
            with ZipFile(raw) as archive:
                _reject_bombs(file, archive)
                _reject_declarations(file, archive)
                from openpyxl import load_workbook

                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # of features that are of no matter here
                        raw.seek(0)
                        book = load_workbook(raw, read_only=True, data_only=True, keep_links=False)
                except Exception as error:  # openpyxl has no error of its own for what is damaged
                    _reject_damaged(file, error)
                yield Book(file, archive, book)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        _reject_damaged(file, error)
    except OSError as error:
        reject(file, None, "unreadable", f"The file cannot be read: {error.strerror or error}.")


def _reject_other_formats(file: str, head: bytes) -> None:
    if not head:
        reject(file, None, "empty-file", "The file is empty.")
    if head.startswith(_OLE):
        if _ENCRYPTED in head:
            reject(file, None, "has-password", "The workbook has a password; save a copy without one.")
        reject(file, None, "old-format", "This is a workbook of Excel 97 to 2003 (.xls); save it as .xlsx.")
    if not head.startswith(b"PK"):
        reject(file, None, "damaged-workbook", "This is no .xlsx workbook; if it is text, let its name end in .csv.")


def _reject_bombs(file: str, archive: ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        reject(file, None, "zip-bomb", f"The workbook has {len(parts):,} parts; at most {MAX_PARTS:,} are read.")
    total = sum(one.file_size for one in parts)
    if total > MAX_UNFOLDED:
        message = f"The workbook would unfold to {total:,} bytes; split it: at most {MAX_UNFOLDED:,} are read."
        reject(file, None, "zip-bomb", message)
    for one in parts:
        if one.file_size > _SMALL and one.file_size > MAX_RATIO * max(one.compress_size, 1):
            times = one.file_size // max(one.compress_size, 1)
            message = f"Its part {one.filename[:80]} would unfold to {times:,} times its size; it is not read."
            reject(file, None, "zip-bomb", message)
        if one.flag_bits & 1:
            reject(file, None, "has-password", "Parts of the workbook are encrypted; save a copy without a password.")
        if one.filename.lower().endswith("sharedstrings.xml") and one.file_size > MAX_STRINGS:
            message = f"Its texts have {one.file_size:,} bytes, and at most {MAX_STRINGS:,} are held; save it as CSV."
            reject(file, None, "too-large", message)


def _reject_declarations(file: str, archive: ZipFile) -> None:
    """No part of a workbook declares entities or a document type; one that does means harm.

    What is not in an encoding that ASCII can be looked for in is refused with it.
    """
    for one in archive.infolist():
        for number, chunk in enumerate(_chunks(archive, one.filename)):
            said = _ENCODING.match(chunk) if number == 0 else None
            strange = number == 0 and (chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in chunk[:4])
            named = one.filename.lower().endswith((".xml", ".rels", ".vml"))
            if _DECLARED.search(chunk) or (said and said[1].lower() not in _READABLE) or (strange and named):
                message = f"Its part {one.filename[:80]} declares entities or a strange encoding; it is not read."
                reject(file, None, "xml-entities", message)


def _chunks(archive: ZipFile, part: str) -> Iterator[bytes]:
    """A part in pieces that overlap, so that nothing short is cut in two."""
    before = b""
    with archive.open(part) as source:
        while chunk := source.read(_CHUNK):
            yield before + chunk
            before = chunk[-_OVERLAP:]


def _reject_damaged(file: str, error: Exception) -> None:
    message = f"The workbook cannot be read ({_first_line(error)}); open it in a spreadsheet and save it as .xlsx."
    reject(file, None, "damaged-workbook", message)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120].rstrip(".")


def _in_place(cells: list[dict[str, Any]]) -> list[Cell]:
    """The cells of a row by position; nothing where all are empty."""
    found: list[Cell] = []
    for cell in cells:
        value = cell["value"]
        if value is None or value == "":
            continue
        column = cell["column"]
        if not 0 < column <= MAX_COLUMN:
            raise ValueError(f"a column {column}")
        if column > len(found):
            found.extend([None] * (column - len(found)))
        found[column - 1] = value
    return found


def _parser(book: Any) -> Any:
    """openpyxl's parser of rows, which also tells formulas without a value, errors, and zeros that a format shows."""
    from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

    zeros = _zeros(book)

    class Parser(WorkSheetParser):
        def parse_cell(self, element: Any) -> dict[str, Any]:
            style = element.get("s")
            if style is not None and int(style) in self.date_formats and element.get("t", "n") == "n":
                said = element.findtext(VALUE_TAG)
                if said and not 0 <= float(said) < 2_958_466:  # the days of Excel end with the year 9999
                    element.set("t", "e")
            cell: dict[str, Any] = super().parse_cell(element)
            value = cell["value"]
            if value is None:
                if element.find(FORMULA_TAG) is not None:
                    message = "is a formula whose value was never calculated; open the workbook and save it with values"
                    cell["value"] = BadCell("formula-without-value", f"{self._name(cell)} {message}.")
            elif cell["data_type"] == "e":
                message = f"holds the error {str(value)[:40]}; mend it, or empty it."
                cell["value"] = BadCell("error-cell", f"{self._name(cell)} {message}")
            elif style is not None and type(value) is int and int(style) in zeros:
                cell["value"] = str(value).zfill(zeros[int(style)])
            return cell

        @staticmethod
        def _name(cell: dict[str, Any]) -> str:
            return f"Cell {column_letter(cell['column'])}{cell['row']}"

    return Parser(
        io.BytesIO(), _texts(book), data_only=True, epoch=book.epoch,
        date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
    )  # fmt: skip


def _zeros(book: Any) -> dict[int, int]:
    """How many digits numbers of a style are filled up to, such as 5 where the format is 00000."""
    found: dict[int, int] = {}
    for number, style in enumerate(book._cell_styles):
        custom = style.numFmtId - 164
        if 0 <= custom < len(book._number_formats) and _ZEROS.fullmatch(book._number_formats[custom]):
            found[number] = len(book._number_formats[custom])
    return found


def _texts(book: Any) -> Any:
    """The table of texts, which the sheets of a workbook share."""
    return next((one._shared_strings for one in book.worksheets if hasattr(one, "_shared_strings")), [])
