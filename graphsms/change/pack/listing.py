"""Tables of an assessment as a document shows them: headings in words, rows that open to their chain of reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from graphsms.change.considered import Part
from graphsms.report.document import Column, Kind, Line, Listing, Row, Share
from graphsms.report.tables import Cell, Table
from graphsms.snapshot.carriage import STATES
from graphsms.vocabulary import Vocabulary

__all__ = ["Lister"]

# Columns by name, where they are no plain text.
_KINDS: Final[Mapping[str, Kind]] = {"id": "id", "entity": "id", "request": "id", "subject": "id", "object": "id"}
_STATE_WORDS: Final = frozenset(STATES)
# Which column opens to the reasons: the first of these that is there.
_OPENS: Final = ("through", "why", "how", "id")
_FIRST: Final = ("state", "id", "name")
_SHARES: Final = frozenset({"share"})


class Lister:
    """Makes listings of tables.

    Parameters
    ----------
    vocabulary : Vocabulary
        Its labels stand for columns that bear the name of a property.
    reasons : callable
        The lines that the row of an id opens to.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> listing = Lister(load()).listing(Table(("name", "id", "riskLevel", "note"), (("Web", "web", "high", ""),)))
    >>> [(column.heading, column.kind) for column in listing.columns], listing.rows[0].cells
    ([('id', 'id'), ('name', 'text'), ('level of risk', 'text')], ('web', 'Web', 'high'))
    """

    def __init__(self, vocabulary: Vocabulary, reasons: Callable[[str], tuple[Line, ...]] = lambda _: ()) -> None:
        self._vocabulary = vocabulary
        self._reasons = reasons

    def part(self, part: Part) -> Listing:
        """A part of a section: its table, or what is said where there is nothing."""
        if part.table.rows:
            return self.listing(part.table, part.title, note=part.note)
        said = " ".join(filter(None, (part.sentence, part.note)))
        return self.listing(part.table, part.title, empty=said or f"{part.state[:1].upper()}{part.state[1:]}.")

    def listing(self, table: Table, title: str = "", note: str = "", empty: str = "None found.") -> Listing:
        """A table; columns in which nothing is said are left out, and what a row is about stands first."""
        kept = [
            position
            for position, _ in enumerate(table.columns)
            if not table.rows or any(row[position] not in ("", None, ()) for row in table.rows)
        ]
        kept.sort(key=lambda at: _FIRST.index(name) if (name := table.columns[at]) in _FIRST else len(_FIRST))
        names = [table.columns[position] for position in kept]
        id = table.columns.index("id") if "id" in table.columns else None
        rows = []
        for row in table.rows:
            about = "" if id is None else str(row[id])
            lines = self._reasons(about) if about else ()
            cells = tuple(_shown(table.columns[position], row[position]) for position in kept)
            rows.append(Row(cells, lines, about if lines else ""))
        opens = next((names.index(name) for name in _OPENS if name in names), 0)
        columns = tuple(self._column(table, position) for position in kept)
        return Listing(title, columns, tuple(rows), note, empty, opens)

    def _column(self, table: Table, position: int) -> Column:
        name = table.columns[position]
        property = self._vocabulary.properties.get(name)
        heading = name.replace("_", " ") if property is None else property.label
        cells = [row[position] for row in table.rows]
        return Column(heading, _kind(name, cells))


def _kind(name: str, cells: list[Cell]) -> Kind:
    if name in _KINDS:
        return _KINDS[name]
    if cells and all(isinstance(cell, str) and cell in _STATE_WORDS for cell in cells):
        return "state"
    if cells and all(cell is None or _is_figure(cell) for cell in cells):
        return "figure"
    return "text"


def _is_figure(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _shown(name: str, cell: Cell) -> Cell:
    return Share(cell) if name in _SHARES and isinstance(cell, int | float) else cell
