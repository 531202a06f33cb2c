"""``graphsms pack``: packs that were made before."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphsms.cli._options import list_options
from graphsms.cli._output import console, print_table, print_value
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.change.pack.comparison import Difference


@click.group("pack", epilog="Example: graphsms pack compare monday.html friday.html")
def command() -> None:
    """Packs for the CAB that were made before (`graphsms change pack` makes them)."""


@command.command("compare", epilog="Example: graphsms pack compare monday.html friday.html")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--inputs", is_flag=True, help="Show also in what they differ that they were made of.")
@list_options
def compare_command(first: Path, second: Path, inputs: bool, as_json: bool, as_csv: bool) -> None:
    """Show what is new, gone or worse in the pack SECOND against FIRST.

    Packs are read from their HTML or JSON. Exit code 1 where they differ in what they say.
    """
    from rich.text import Text

    from graphsms.change.pack.comparison import COLUMNS, compare

    answer = compare(first, second)
    if as_json:
        print_value(answer.to_json())
    elif as_csv:
        print_table(answer.table(), as_csv=True)
    else:
        out = console()
        out.print(Text(answer.sentence()))
        several = len({one.request for one in answer.differences}) > 1
        for request, some in groupby(answer.differences, key=lambda one: one.request if several else ""):
            shown = [(one.kind, one.id, _said(one)) for one in some]
            print_table(Table(COLUMNS, ()), title=request, headings=("kind", "id", "what"), shown=shown)
        if inputs and answer.inputs:
            rows = [(one.id.replace("_", " "), one.before, one.after) for one in answer.inputs]
            print_table(Table(COLUMNS, ()), title="Made of", headings=("input", "first", "second"), shown=rows)
        for note in answer.notes:
            out.print(Text(f"Note: {note}"))
    sys.exit(1 if answer.differences else 0)


_MOST = 160


def _said(one: Difference) -> str:
    """What it is, and from what to what."""
    what = f"{one.what}, {one.name}" if one.kind == "changed" and one.name else one.what
    before, after = (text if len(text) <= _MOST else f"{text[:_MOST]}…" for text in (one.before, one.after))
    if before and after:
        return f"{what}: {before} → {after}"
    return f"{what}: {before or after}" if before or after else what
