"""``graphsms verify``: the graph held against a second source."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.analysis.verification import Verification
    from graphsms.model import Value

_COLUMNS = ("deviation", "id", "theirs", "field", "recorded", "found")
_SHOWN = 50


@click.command("verify", epilog="Example: graphsms verify scan.yaml --record --reason 'quarterly check'")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--source", metavar="NAME", help="What to call the second source. [default: the name of the file]")
@click.option("--format", "format_", metavar="NAME", help="The format, where the file does not show it.")
@click.option("--mapping", metavar="FILE", type=click.Path(), help="What the columns of CSV and Excel files are.")
@click.option("--type", "type_", metavar="TYPE", help="Only items of a type and its subtypes.")
@click.option("--rules", metavar="FILE", help="Rules of identification of your own (YAML) instead of ours.")
@click.option("--record", is_flag=True, help="Store the verification as a record: evidence that it was done.")
@click.option("--reason", metavar="WHY", default="", help="Why, for the history.")
@actor_option
@question_options
def command(
    paths: tuple[str, ...],
    source: str | None,
    format_: str | None,
    mapping: str | None,
    type_: str | None,
    rules: str | None,
    record: bool,
    reason: str,
    actor: str,
    asked: Asked,
) -> None:
    """Hold the graph against a second source, which is read as an import would and not imported.

    Shows what differs, field by field, what is recorded only, and what was found only. Exit code 1 where there is any.
    """
    if record and (asked.at or asked.as_of):
        raise click.UsageError("--record keeps that the present was verified: leave out --at and --as-of.")
    with asked.graph() as graph:
        answer = graph.configuration.verify(
            *paths, source=source, format=format_, mapping=mapping, type=type_, rules=rules,
            at=asked.at, as_of=asked.as_of, keep=record, actor=actor, reason=reason,
        )  # fmt: skip
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        print_table(Table(_COLUMNS, tuple(answer.rows())), as_csv=True)
        tell_times(answer)
    else:
        _print(answer)
        _hint(answer, paths)
    sys.exit(1 if answer.deficient else 0)


def _print(answer: Verification) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(answer.sentence(), style="bold"))
    rows = list(answer.rows())
    if rows:
        shown = [
            (what, id or theirs, field, _text(mine), _text(other)) for what, id, theirs, field, mine, other in rows
        ]
        headings = ("deviation", "id", "field", "recorded", "found")
        print_table(Table((), ()), headings=headings, shown=shown[:_SHOWN])
        if len(rows) > _SHOWN:
            out.print(f"... and {len(rows) - _SHOWN:,} more; --csv lists them all.")
    recorded = f" Recorded in revision {answer.recorded_in}." if answer.recorded_in is not None else ""
    at = f" of {answer.at[:16]}Z" if answer.at else ""
    out.print(Text(f"Revision {answer.revision}{at}, as of {answer.as_of[:16]}Z.{recorded}", style="dim"))


def _hint(answer: Verification, paths: tuple[str, ...]) -> None:
    """Who changed what differs; else what importing what was found would do; else evidence that all agrees."""
    if answer.differing:
        hint("history", answer.differing[0].id)
    elif answer.only_found:
        hint("ingest", *paths, "--dry-run")
    elif answer.only_recorded:
        hint("show", answer.only_recorded[0])
    elif answer.checked and answer.recorded_in is None:
        hint("verify", *paths, "--record")


def _text(value: Value | None) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
