"""Documents: what a report says, apart from the form that it takes.

A document is made once, of plain values, and shown by `graphsms.report.html`, `graphsms.report.pdf` and
`graphsms.report.xlsx`. It knows no clock: what is made twice of the same values is the same, byte for byte. Tables
come first, every row opens to its reasons, and what a page has no room for is said and stands whole in the workbook.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from graphsms.report.tables import Cell

if TYPE_CHECKING:
    from graphsms.report.map import Map

__all__ = ["Chapter", "Column", "Document", "Entry", "Fact", "Line", "Listing", "Row", "Section", "Share", "text_of"]

Kind = Literal["text", "id", "state", "figure"]

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NOTHING: Final = "–"
STATE: Final = "state"


class Share(float):
    """A part of a whole, which people read as a percentage; programs have the number."""


@dataclass(frozen=True, slots=True)
class Entry:
    """That people fill in a column of the workbook: what they may choose from, if it is settled.

    ``choices`` are the words; ``of`` is the title of a listing whose first column holds what is suggested; ``day`` says
    that it is a date; ``help`` is shown beside the cell.
    """

    help: str = ""
    choices: tuple[str, ...] = ()
    of: str = ""
    day: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and whether its cells are texts, ids, states (with a mark) or figures.

    In the workbook, a column with an ``entry`` is filled in by people, and all others of its sheet are locked; a
    ``hidden`` one is for programs; ``width`` is in characters.
    """

    heading: str
    kind: Kind = "text"
    entry: Entry | None = None
    hidden: bool = False
    width: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a chain of reasons, with the state that it speaks of, or ""."""

    text: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a listing: a cell for each column, the lines that it opens to, and an anchor, or ""."""

    cells: tuple[Cell, ...]
    detail: tuple[Line, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A table of a document.

    Parameters
    ----------
    title : str
    columns : tuple of Column
        The first two are what is seen of it where there is little room.
    rows : tuple of Row
        All of them.
    note : str
        What has to be known to read it.
    empty : str
        What is said where there are no rows.
    opens : int
        The position of the column that opens to a row's detail.
    for_paper : bool
        Whether it stands on paper only, since there nothing opens.
    frozen : int
        How many of its columns stay in sight in the workbook.
    counted : bool
        Whether it is said how many rows there are of each state.

    Examples
    --------
    >>> Listing("Services", (Column("state", "state"), Column("id", "id")), (Row(("down", "web")),)).counts()
    {'down': 1}
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    empty: str = "None found."
    opens: int = -1
    for_paper: bool = False
    frozen: int = 0
    counted: bool = True

    def counts(self) -> dict[str, int]:
        """How many rows there are of each state, in the order in which the states come first."""
        position = next((at for at, column in enumerate(self.columns) if column.kind == STATE), None)
        found: dict[str, int] = {}
        if position is not None and self.counted:
            for row in self.rows:
                state = str(row.cells[position])
                found[state] = found.get(state, 0) + 1
        return found

    def gathered(self, most: int) -> Listing:
        """With at most so many columns: what the last ones say stands in one, where anything is said.

        Examples
        --------
        >>> wide = Listing("", (Column("id"), Column("unit"), Column("value")), (Row(("a", "%", 1)), Row(("b", "", 2))))
        >>> [row.cells for row in wide.gathered(2).rows]
        [('a', 'unit: %; value: 1'), ('b', 'value: 2')]
        """
        if len(self.columns) <= most:
            return self
        opens = self.opens % len(self.columns) if any(row.detail for row in self.rows) else 0
        order = [at for at in range(len(self.columns)) if at != opens]
        kept = sorted([*order[: most - 2], opens]) if opens >= most - 1 else list(range(most - 1))
        rest = [at for at in range(len(self.columns)) if at not in kept]

        def said(cells: tuple[Cell, ...]) -> str:
            return "; ".join(
                f"{self.columns[at].heading}: {text_of(cells[at])}" for at in rest if text_of(cells[at]) != NOTHING
            )

        return replace(
            self,
            columns=(*(self.columns[at] for at in kept), Column("more")),
            rows=tuple(replace(row, cells=(*(row.cells[at] for at in kept), said(row.cells))) for row in self.rows),
            opens=kept.index(opens),
        )


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a chapter: a heading, the clause that asks for it, a sentence, tables.

    The tables of an ``appendix`` are many, or stand elsewhere too: on paper it is only said which they are.
    """

    title: str
    sentence: str = ""
    listings: tuple[Listing, ...] = ()
    clause: str = ""
    appendix: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Something short that is known, or "not stated"."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a document that begins on a page of its own: the answer, what is known, tables, then the map.

    Parameters
    ----------
    title, answer : str
        The answer is a sentence.
    facts : tuple of Fact
    sections : tuple of Section
    map : Map, optional
    map_after : int
        How many sections stand ahead of the map.
    notes : tuple of str
        What has to be known to read it, in sentences.
    about : tuple of str
        Ids of what it is about: what leads to them leads here.
    """

    title: str
    answer: str
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    map: Map | None = None
    map_after: int = 1
    notes: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What a report says.

    Parameters
    ----------
    kind, title : str
        What it is, such as "CAB pack", and what it is about.
    chapters : tuple of Chapter
        The first is the front.
    inputs : tuple of Fact
        What it was made of, so that it can be made again.
    classification : str
        Who may come to know it; "" where nothing in it says.
    foot : str
        Stands on every page.
    moment : str
        A moment that belongs to its content, UTC and canonical: where a form has to state one, this is it.
    data : mapping
        What programs read: plain values.
    """

    kind: str
    title: str
    chapters: tuple[Chapter, ...]
    inputs: tuple[Fact, ...]
    classification: str
    foot: str
    moment: str
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def listings(self) -> Iterator[tuple[Chapter, Section, Listing]]:
        """All tables with where they stand, in order."""
        for chapter in self.chapters:
            for section in chapter.sections:
                for listing in section.listings:
                    yield chapter, section, listing


def text_of(cell: Cell) -> str:
    """A cell as people read it; "–" where it is empty.

    Examples
    --------
    >>> text_of(("a", "b")), text_of(None), text_of(True), text_of(1200), text_of("2026-11-21T09:30:00Z")
    ('a, b', '–', 'yes', '1,200', '2026-11-21 09:30 UTC')
    >>> text_of(99.95), text_of(180.0), text_of(Share(0.8333))
    ('99.95', '180', '83%')
    """
    if cell is None or cell == "" or cell == ():
        return NOTHING
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Share):
        return f"{cell:.0%}"
    if isinstance(cell, int | float):
        return f"{int(cell):,}" if isinstance(cell, float) and cell.is_integer() else f"{cell:,}"
    if isinstance(cell, str):
        return f"{cell[:10]} {cell[11:16]} UTC" if _MOMENT.fullmatch(cell) else cell
    if isinstance(cell, Mapping):
        return json.dumps(dict(cell), ensure_ascii=False, default=str)
    return ", ".join(map(text_of, cell))


def folded(rows: Sequence[Row], most: int) -> tuple[Sequence[Row], str]:
    """As many rows as there is room for, and what is said where that is not all of them."""
    if len(rows) <= most:
        return rows, ""
    return rows[:most], f"The first {most:,} of {len(rows):,}. All of them stand in the XLSX and JSON forms of this."
