"""Lists of requests whose ids may be too long to stand beside anything, such as those of other tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graphsms.cli._output import console, fits, print_table
from graphsms.report.tables import Table

__all__ = ["print_list"]

_SHORT: Final = 24  # of an id, beside which the rest has room in 80 columns


def print_list(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table, or where that would tear it to pieces, each on two lines; one of the headings is ``id``."""
    from rich.padding import Padding
    from rich.text import Text

    place = list(headings).index("id")
    if fits(headings, rows) or all(len(row[place]) <= _SHORT for row in rows):
        print_table(Table((), ()), headings=headings, shown=rows)
        return
    out = console()
    for row in rows:
        out.print(Text(row[place]), overflow="fold")
        said = [
            Text.assemble((f"{heading} ", "dim"), cell)
            for number, (heading, cell) in enumerate(zip(headings, row, strict=True))
            if number != place and cell
        ]
        out.print(Padding(Text("   ").join(said), (0, 0, 0, 4)))
