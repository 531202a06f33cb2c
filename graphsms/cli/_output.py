"""How answers are printed: tables that fit the terminal, or JSON and CSV with nothing beside them."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from graphsms.report.marks import MARKS, UNKNOWN, mark
from graphsms.report.tables import Cell, Table, to_csv, to_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = [
    "console",
    "fits",
    "hint",
    "next_command",
    "print_table",
    "print_value",
    "progress",
    "shape",
    "state",
    "write",
]

_STEERING: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def console() -> Console:
    """Standard output; without colour where it is a pipe or NO_COLOR is set."""
    from rich.console import Console

    class Ours(Console):
        def render(self, renderable: Any, options: Any = None) -> Any:
            for one in super().render(renderable, options):
                # What is recorded must not steer the terminal: such characters take no room, and are left out.
                bare = one.control or not _STEERING.search(one.text)
                yield one if bare else one._replace(text=_STEERING.sub("", one.text))

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # which `graphsms.cli` knows to be no error

    return Ours(highlight=False, soft_wrap=False)


def write(text: str) -> None:
    """Text on standard output as it is."""
    click.echo(text, nl=not text.endswith("\n"))


def print_value(value: object) -> None:
    """JSON on standard output."""
    write(to_json(value))


def state(name: str) -> Text:
    """A state with its mark and colour."""
    from rich.text import Text

    return Text(mark(name), style=MARKS.get(name, UNKNOWN).terminal)


def shape(name: str) -> Text:
    """The mark of a state alone, where the text beside it says the word."""
    from rich.text import Text

    known = MARKS.get(name, UNKNOWN)
    return Text(known.shape, style=known.terminal)


def print_table(
    table: Table,
    *,
    as_json: bool = False,
    as_csv: bool = False,
    title: str = "",
    headings: Sequence[str] = (),
    shown: Sequence[Sequence[Text | str]] | None = None,
    whole: Sequence[str] = (),
) -> None:
    """A list in the form that was asked for.

    Parameters
    ----------
    table : Table
        What programs get, whole.
    as_json, as_csv : bool
        Which form; neither is a table for people.
    title : str
        Heading for people.
    headings, shown : sequence
        What people see, where it is not the table itself.
    whole : sequence of str
        Headings of columns that, as ids do, stay in one piece where that leaves room for the rest.
    """
    if as_json:
        print_value(table.records())
    elif as_csv:
        write(to_csv(table))
    else:
        _print_rich(title, headings or table.columns, shown if shown is not None else _texts(table), whole)


def _texts(table: Table) -> list[list[str]]:
    return [[_text(cell) for cell in row] for row in table.rows]


def _text(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str | int | float):
        return str(cell)
    return ", ".join(str(one) for one in cell)


_WHOLE_ID: Final = 44
_WHOLE: Final = ("id", "finding", "source", "recorded", "from")
_FIGURE: Final = re.compile(r"[+-]?\d[\d,]*(\.\d+)?%?", re.ASCII)
_LEAST: Final = 9  # of what may be folded
_LEAST_BESIDE_LONG: Final = 16
_GAP: Final = 3  # between columns
_LEAST_NAME: Final = 10


def fits(headings: Sequence[str], rows: Sequence[Sequence[Text | str]]) -> bool:
    """Whether a table of these fits the terminal with nothing folded."""
    widths = (max(map(len, column)) for column in zip(headings, *rows, strict=True))
    return sum(widths) + _GAP * (len(headings) - 1) <= console().width


def _print_rich(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[Text | str]], in_one_piece: Sequence[str]
) -> None:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    out = console()
    if title:
        out.print()
        out.print(Text(title, style="bold"))
    shown = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    whole = _in_one_piece(headings, rows, out.width, (*_WHOLE, *in_one_piece))
    if broken := [one for one in ("id", "finding") if one in headings and one not in whole and rows]:
        _print_below(headings, rows, headings.index(broken[0]))
        return
    for heading in headings:
        most = _room_for_names(headings, rows, out.width) if heading == "name" else None
        shown.add_column(heading, overflow="fold", no_wrap=heading in whole, max_width=most)
    for column, *cells in zip(shown.columns, *rows, strict=True):
        if _figures(str(cell) for cell in cells):
            column.justify = "right"
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    out.print(shown)


def _print_below(headings: Sequence[str], rows: Sequence[Sequence[Text | str]], first: int) -> None:
    """Where ids are too long for a column: each on a line of its own, what else is said of it below."""
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    for row in rows:
        out.print(Text.assemble(row[first]), overflow="fold")
        said = [
            Text.assemble((f"{heading} ", "dim"), cell)
            for position, (heading, cell) in enumerate(zip(headings, row, strict=True))
            if position != first and str(cell) not in ("", "–")
        ]
        if said:
            out.print(Padding(Text("   ").join(said), (0, 0, 0, 4)))


def _figures(cells: Iterable[str]) -> bool:
    """Whether a column holds nothing but numbers, which stand unit below unit."""
    said = [cell for cell in cells if cell not in ("", "–")]
    return bool(said) and all(_FIGURE.fullmatch(cell) for cell in said)


def _in_one_piece(
    headings: Sequence[str], rows: Sequence[Sequence[Text | str]], width: int, wanted: Sequence[str]
) -> frozenset[str]:
    """Which columns are not folded: ids and moments are to be copied, where that leaves room for the rest."""
    widths = {heading: max(map(len, column)) for heading, *column in zip(headings, *rows, strict=True) if column}
    found: set[str] = set()
    for heading in (one for one in wanted if one in widths):
        least = _LEAST if widths[heading] <= _WHOLE_ID else _LEAST_BESIDE_LONG
        needed = [size if one in found or one == heading else min(size, least) for one, size in widths.items()]
        room = sum(needed) + _GAP * (len(headings) - 1) <= width
        if room or (heading == "id" and widths[heading] <= _WHOLE_ID):
            found.add(heading)
    return frozenset(found)


def _room_for_names(headings: Sequence[str], rows: Sequence[Sequence[Text | str]], width: int) -> int | None:
    """How wide names may be for the ids beside them to stay whole: names are read and can be folded, ids are copied.

    None where there is room enough, or too little whatever names do.
    """
    if "through" not in headings or not rows:
        return None
    cells = [[str(cell) for cell in column] for column in zip(headings, *rows, strict=True)]
    others = sum(
        # What something is hit through stands several in a cell, each of them in one piece.
        max(len(piece) for cell in column for piece in (cell.split() if heading == "through" else [cell]) or [""])
        for heading, column in zip(headings, cells, strict=True)
        if heading != "name"
    )
    left = width - others - _GAP * (len(headings) - 1)
    return left if _LEAST_NAME <= left < max(map(len, cells[headings.index("name")])) else None


def hint(*command: str) -> None:
    """The next useful command, for people only, on standard error: about the same graph, so with the same options.

    What was said of the store, the mode and the dates is said again where the next command knows it.
    """
    if sys.stdout.isatty():
        click.secho(next_command(command, click.get_current_context()), dim=True, err=True)


_SAID_AGAIN: Final = {
    "explain": ("store", "ontology", "mode", "at", "as_of", "start", "end"),
    "impact": ("store", "ontology", "at"),
    "allowance": ("store", "ontology", "at", "as_of", "start", "end"),
    "show": ("store", "ontology", "at"),
    "change": ("store", "ontology", "at"),
    "diff": ("store", "ontology"),
    "find": ("store", "ontology"),
    "findings": ("store", "ontology"),
    "reconcile": ("store", "ontology"),
    "attest": ("store", "ontology"),
    "baseline": ("store", "ontology"),
    "history": ("store", "ontology"),
    "verify": ("store", "ontology", "source", "format_", "mapping", "type_", "rules"),
    "ingest": ("store", "ontology", "source", "format_", "mapping"),
    "audit": ("store", "ontology", "at", "as_of"),
    "clauses": ("store", "ontology", "at", "as_of", "policy"),
    "evidence": ("store", "ontology", "at", "as_of", "edition", "policy"),
    "kpi": ("store", "ontology", "at", "as_of", "period"),
    "query": ("store", "ontology"),
    "readiness": ("store", "ontology", "at", "as_of", "edition", "policy"),
    "review": ("store", "ontology"),
    "sample": ("store", "ontology", "at", "as_of", "edition"),
    "worksheet": ("store", "ontology", "at", "as_of", "edition", "policy", "clause"),
    "demo": (),
}


def next_command(command: Sequence[str], ctx: click.Context) -> str:
    """A command as it is to be typed, with the options of the present one that hold for it too."""
    own = {option.name: option for option in ctx.command.params if isinstance(option, click.Option)}
    said = ["graphsms", *command]
    for name in _SAID_AGAIN[command[0]]:
        value = ctx.params.get(name)
        if value is None or name not in own or value == own[name].default:
            continue
        for one in value if isinstance(value, tuple) else (value,):
            said += [own[name].opts[0], one]
    return shlex.join(said)


class _Progress:
    """Tells how far long work has come; shows itself only where a person is watching."""

    def __init__(self, label: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(label, total=None)

    def __call__(self, done: int, total: int | None) -> None:
        if not self._bar.live.is_started:
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total)

    def stop(self) -> None:
        if self._bar.live.is_started:
            self._bar.stop()


@contextmanager
def progress(label: str) -> Iterator[_Progress | None]:
    """A progress bar on standard error, or None where nobody is watching."""
    if not sys.stderr.isatty():
        yield None
        return
    shown = _Progress(label)
    try:
        yield shown
    finally:
        shown.stop()
