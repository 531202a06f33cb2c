"""``graphsms kpi``: the key figures of the guide, their targets, and how they have come to be so."""

from __future__ import annotations

import sys
from math import isclose
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from rich.text import Text

    from graphsms.obligations.kpi_answer import KeyFigure, KeyFigures


@click.command("kpi", epilog="Example: graphsms kpi change-success --period P1M --steps 6")
@click.argument("name", required=False)
@click.option("--period", metavar="DURATION", help="How long a period is, such as P1M. [default: P3M]")
@click.option(
    "--since",
    metavar="REV|DATE",
    help="A date: the time from then is divided into --steps periods. A revision: as recorded from then on.",
)
@click.option("--steps", type=int, default=1, show_default=True, help="How many periods or revisions: the trend.")
@question_options
def command(name: str | None, period: str | None, since: str | None, steps: int, asked: Asked) -> None:
    """Show key figures: counted from what the graph records, or else as they were measured and imported.

    NAME is an indicator, such as change-success, or one of its figures; without it, all are shown. A figure has a
    target where a measure of the graph says `runs: kpi NAME`. Exit code 1 where a target is not reached.
    """
    if since is not None and since.isascii() and since.isdigit() and (asked.at or asked.as_of):
        raise click.UsageError("--since with a revision compares revisions: leave out --at and --as-of.")
    with asked.graph() as graph:
        answer = graph.obligations.kpi(name, since=since, period=period, steps=steps, at=asked.at, as_of=asked.as_of)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        from graphsms.obligations.kpi_answer import COLUMNS

        print_table(Table(COLUMNS, tuple(answer.rows())), as_csv=True)
        tell_times(answer)
    else:
        _print(answer)
    sys.exit(1 if answer.missed else 0)


def _print(answer: KeyFigures) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(answer.sentence(), style="bold"))
    several = len(answer.figures[0].trend) > 1
    targets = any(one.target is not None for one in answer.figures)
    headings = ("figure", "value", "of", *(["target"] if targets else []), *(["before"] if several else []), "clause")
    shown = [_row(one, several=several, targets=targets) for one in answer.figures]
    print_table(Table(headings, ()), headings=headings, shown=shown)
    for one in answer.figures:
        if one.note not in ("", "no data"):
            out.print(Text(f"{one.id}: {one.note}.", style="dim"))
    missing = [one for one in answer.figures if one.value is None]
    if missing and len(answer.figures) > len(missing):
        out.print(Text("What has no data can be imported as measurements of a measure.", style="dim"))
    first, last = answer.figures[0].trend[0], answer.figures[0].point
    over = f"from {first.start[:10]} to {last.end[:10]}" if not answer.over_revisions else ""
    over = over or f"revisions {first.revision} to {last.revision}"
    recorded = f" of {answer.at[:16]}Z" if answer.at else ""
    text = f"Revision {answer.revision}{recorded}, as of {answer.as_of[:16]}Z; {over}."
    out.print(Text(text, style="dim"))
    known = next((one for one in answer.figures if one.value is not None), None)
    if known is not None and not several:
        hint("kpi", known.indicator, "--steps", "6")


def _row(one: KeyFigure, *, several: bool, targets: bool) -> list[Text | str]:
    from rich.text import Text

    from graphsms.obligations.kpi_answer import text_of

    point = one.point
    of = ""
    if one.value is not None and point.denominator is not None:
        is_share = point.numerator is not None and isclose(one.value * point.denominator, 100 * point.numerator)
        of = f"{point.numerator:g} of {point.denominator:g}" if is_share else f"{point.denominator:g}"
    styles = {True: "green", False: "red", None: "dim" if one.value is None else ""}
    row: list[Text | str] = [one.name, Text(text_of(one.value, one.unit), style=styles[one.met]), of]
    if targets:
        row.append("" if one.target is None else f"{one.comparison} {text_of(one.target, one.unit)}")
    if several:
        row.append(" → ".join(text_of(was.value, one.unit) for was in one.trend[:-1]))
    return [*row, one.clause]
