"""``graphsms change trends``: what the changes of a period show when they are looked at together."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.change.trend_figures import Figures, Trends

_HEADINGS = ("made", "urgent", "failed", "followed", "incidents", "caused")
_SHOWN = 10  # of each kind


@click.command("trends", epilog="Example: graphsms change trends --from 2026-10-01 --to 2026-10-31 --record")
@click.option("--from", "since", metavar="DATE", help="From when. [default: the interval of the policy before the end]")
@click.option("--to", "until", metavar="DATE", help="Until when; a bare date: with that day. [default: now]")
@click.option("--within", metavar="DURATION", help="How long incidents count as following. [default: by the policy]")
@click.option("--record", is_flag=True, help="Keep the analysis as a record: evidence that it was done.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@actor_option
@question_options
def command(
    since: str | None,
    until: str | None,
    within: str | None,
    record: bool,
    policy: str | None,
    actor: str,
    asked: Asked,
) -> None:
    """Analyse the changes of a period: how many, how urgent, how many failed, and incidents after them.

    By category, service (touched or hit) and team, beside the last record of an earlier period, which is computed again
    from its revision. Exit code 1 where the interval of the policy since the last record is over.
    """
    with asked.graph() as graph:
        answer = graph.change.trends(
            since=since, until=until, within=within, keep=record, policy=policy, at=asked.at, as_of=asked.as_of,
            actor=actor,
        )  # fmt: skip
        revision = graph.history.revision(answer.revision)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        from graphsms.change.trend_figures import COLUMNS

        print_table(Table(COLUMNS, tuple(answer.table())), as_csv=True)
        print_recorded(revision, answer.as_of, aside=True)
    else:
        _print(answer)
        print_recorded(revision, answer.as_of)
        if answer.total.followed:
            hint("change", "prediction")
    sys.exit(1 if answer.due else 0)


def _print(answer: Trends) -> None:
    from graphsms.change.trend_figures import NONE

    out = console()
    out.print(answer.sentence(), markup=False, style="bold")
    if answer.previous is not None:
        out.print(f"Before: {answer.previous.sentence()}", markup=False)
    before = {(row.by, row.id): row.figures for row in answer.previous.rows} if answer.previous else None
    for by in ("category", "service", "team"):
        rows = [row for row in answer.rows if row.by == by]
        if rows:
            shown = [
                (
                    row.id or "not recorded",
                    *_cells(row.figures, None if before is None else before.get((by, row.id), NONE)),
                )
                for row in rows[:_SHOWN]
            ]
            print_table(Table((), ()), title=f"By {by} ({len(rows)})", headings=("id", *_HEADINGS), shown=shown)
            if len(rows) > _SHOWN:
                out.print(f"... and {len(rows) - _SHOWN:,} more; --csv lists them all.")
    for note in answer.notes():
        out.print(note, markup=False)
    if answer.recorded_in is not None:
        out.print(f"Recorded in revision {answer.recorded_in}.")


def _cells(figures: Figures, before: Figures | None) -> tuple[str, ...]:
    """The figures, each with what it was before where that differs."""
    if before is None:
        return tuple(f"{one:,}" for one in figures.values())
    pairs = zip(figures.values(), before.values(), strict=True)
    return tuple(f"{one:,}" if one == other else f"{one:,} ({other:,})" for one, other in pairs)
