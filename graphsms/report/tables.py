"""Tables: one list, as text for people, as JSON and as CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Cell", "Table", "plain", "to_csv", "to_json"]

Cell: TypeAlias = str | int | float | bool | Sequence["Cell"] | Mapping[str, "Cell"] | None


@dataclass(frozen=True, slots=True)
class Table:
    """A list of things, one a row.

    Parameters
    ----------
    columns : tuple of str
        Names, in lower case, as they stand in JSON and CSV.
    rows : tuple of tuple
        As many cells each as there are columns.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def records(self) -> list[dict[str, Cell]]:
        """Each row as a mapping by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def to_json(value: object) -> str:
    """Indented JSON, keys as given, characters as they are.

    Examples
    --------
    >>> print(to_json({"name": "Zürich"}))
    {
      "name": "Zürich"
    }
    """
    return json.dumps(value, indent=2, ensure_ascii=False, default=plain)


def plain(value: object) -> object:
    """What JSON has no form for, as what it has one for: a mapping as a dictionary, a sequence as a list.

    Examples
    --------
    >>> from types import MappingProxyType
    >>> plain(MappingProxyType({"id": "web"}))
    {'id': 'web'}
    """
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def to_csv(table: Table) -> str:
    """RFC 4180 with a header; several values in one cell stand between semicolons.

    A cell that a spreadsheet would take for a formula keeps its text behind an apostrophe, as spreadsheets
    themselves write it.

    Examples
    --------
    >>> print(to_csv(Table(("id", "through"), (("web", ("a", "b")),))), end="")
    id,through
    web,a; b
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([[_cell(cell) for cell in row] for row in table.rows])
    return out.getvalue()


def _cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return cell
    if isinstance(cell, Mapping):
        cell = json.dumps(cell, ensure_ascii=False, default=plain)
    elif not isinstance(cell, str):
        cell = "; ".join(str(_cell(one)) for one in cell)
    return "'" + cell if cell.startswith(("=", "+", "@", "\t", "\r")) or _is_formula(cell) else cell


def _is_formula(text: str) -> bool:
    """A leading minus is a formula unless the rest is a number."""
    if not text.startswith("-"):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False
