"""What the first rows of a table tell of its columns, before anybody has said what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import reject
from graphsms.ingest.tabular.cells import BadCell, Cell, Row, cell_text, tidy
from graphsms.ingest.tabular.delimited import delimited_rows
from graphsms.ingest.tabular.excel import open_book
from graphsms.ingest.tabular.reader import filled, is_excel

__all__ = ["LOOKED_AT", "SEPARATORS", "Column", "Profile", "profiles"]

LOOKED_AT: Final = 5_000
SEPARATORS: Final = (";", "\n", "|", ",")  # between several values in a cell
MAX_COLUMNS: Final = 300
MAX_CHARACTERS: Final = 1 << 25
_TOP: Final = 30  # rows among which the header is looked for
_OTHER_ENCODING: Final = "cp1252"


@dataclass(frozen=True)
class Column:
    """A column: its header, and the cells that hold something, with their rows."""

    name: str
    cells: Sequence[Cell]
    rows: int
    bad: str = ""

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Different values, in the order of the rows."""
        return tuple(dict.fromkeys(cell_text(one) for one in self.cells))

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return 0 < len(self.texts) == len(self.cells) == self.rows

    @cached_property
    def pieces(self) -> Sequence[tuple[str | None, Sequence[str]]]:
        """The values as they are, and as each separator that stands in one of them splits them."""
        found: list[tuple[str | None, Sequence[str]]] = [(None, self.texts)]
        for separator in SEPARATORS:
            if any(separator in text for text in self.texts):
                split = (piece.strip() for text in self.texts for piece in text.split(separator))
                found.append((separator, [piece for piece in split if piece]))
        return found


@dataclass(frozen=True)
class Profile:
    """A table: a text file, or a visible sheet with rows.

    ``header`` is the number of the row with the headers, ``first`` that of the first row that holds anything.
    """

    file: str
    sheet: str | None
    header: int
    first: int
    columns: tuple[Column, ...]
    rows: int
    encoding: str | None = None
    merged: bool = False
    doubled: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        """What it is called by: its sheet, or the file without its ending."""
        return Path(self.file).stem if self.sheet is None else self.sheet

    @property
    def partial(self) -> bool:
        """Whether there may be more rows than were looked at."""
        return self.rows >= LOOKED_AT


def profiles(path: Path) -> list[Profile]:
    """The tables of a file, by their first 5,000 rows.

    Raises
    ------
    RejectedError
        The file cannot be read, or no table is in it.
    """
    found: list[Profile] = []
    if is_excel(path):
        with open_book(path) as book:
            for sheet in book.sheets:
                if sheet.hidden:
                    continue
                merged = book.merged(sheet)
                again = lambda sheet=sheet, merged=merged: filled(book.rows(sheet), merged)  # noqa: E731
                one = _profile(path, sheet.title, again)
                if one is not None:
                    below = any(range.last_row >= one.header for range in merged)
                    found.append(_with(one, merged=below))
    else:
        encoding = None
        try:
            one = _profile(path, None, lambda: delimited_rows(path))
        except RejectedError as error:
            if error.faults[0].rule != "wrong-encoding":
                raise
            encoding = _OTHER_ENCODING
            one = _profile(path, None, lambda: delimited_rows(path, encoding))
        found += [_with(one, encoding=encoding)] if one is not None else []
    if not found:
        reject(str(path), None, "empty-file", "There is no table in it: no row with headers and a row below it.")
    return found


def _with(one: Profile, **changes: object) -> Profile:
    from dataclasses import replace

    return replace(one, **changes)  # type: ignore[arg-type]


def _profile(path: Path, sheet: str | None, again: Callable[[], Iterator[Row]]) -> Profile | None:
    top = list(islice(again(), _TOP))
    header = _header(top)
    if header is None:
        return None
    names = [tidy(cell_text(one)) for one in header.cells[:MAX_COLUMNS]]
    cells: list[list[Cell]] = [[] for _ in names]
    bad = [""] * len(names)
    number = size = 0
    for row in islice((row for row in again() if row.number > header.number), LOOKED_AT):
        if not any(cell_text(one) for one in row.cells):
            continue
        number += 1
        for place, cell in enumerate(row.cells[: len(names)]):
            if isinstance(cell, BadCell):
                bad[place] = bad[place] or cell.message
            elif text := cell_text(cell):
                cells[place].append(cell)
                size += len(text)
        if size > MAX_CHARACTERS:
            break
    if not number:
        return None
    doubled = tuple(name for name in dict.fromkeys(names) if name and names.count(name) > 1)
    columns = tuple(
        Column(name, tuple(cells[place]), number, bad[place])
        for place, name in enumerate(names)
        if name and name not in doubled
    )
    return Profile(path.name, sheet, header.number, top[0].number, columns, number, doubled=doubled)


def _header(rows: Sequence[Row]) -> Row | None:
    """The first row that is about as full as the fullest, and holds texts only, most of them no numbers."""
    widths = [len({cell_text(one) for one in row.cells} - {""}) for row in rows]
    if not widths:
        return None
    fullest = max(widths)
    for row, width in zip(rows, widths, strict=True):
        texts = [one.strip() for one in row.cells if isinstance(one, str) and one.strip()]
        words = sum(any(letter.isalpha() for letter in one) for one in texts)
        if width * 10 >= fullest * 6 and len(texts) == sum(bool(cell_text(one)) for one in row.cells) < 2 * words:
            return row
    return None
