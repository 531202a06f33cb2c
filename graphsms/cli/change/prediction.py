"""``graphsms change prediction``: what was to be expected of changes, beside what happened after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, progress
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.change.prediction_figures import Predictions, Score

_SHOWN = 30


@click.command("prediction", epilog="Example: graphsms change prediction --from 2026-10-01 --to 2026-10-31")
@click.argument("ids", nargs=-1, metavar="[RFC]...")
@click.option("--from", "since", metavar="DATE", help="Only changes whose work ended from then on.")
@click.option("--to", "until", metavar="DATE", help="Only changes whose work ended until then; a bare date: with it.")
@click.option("--within", metavar="DURATION", help="How long incidents count as following. [default: by the policy]")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@question_options
def command(
    ids: tuple[str, ...],
    since: str | None,
    until: str | None,
    within: str | None,
    policy: str | None,
    asked: Asked,
) -> None:
    """Compare what was to be expected of changes before they were made with the incidents recorded after.

    Predicted: disturbed, and told at risk or worse. Missed: disturbed by an incident recorded as caused by the change,
    and not told. False alarm: a service, not touched itself, told degraded or down, and no incident on it; at risk
    means that it may fail, and is no alarm.
    """
    with asked.graph() as graph:
        with progress("Predicting") as shown:
            answer = graph.change.predictions(
                *ids, since=since, until=until, within=within, policy=policy, at=asked.at, as_of=asked.as_of,
                progress=shown,
            )  # fmt: skip
        revision = graph.history.revision(answer.revision)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        from graphsms.change.prediction_figures import COLUMNS

        print_table(Table(COLUMNS, tuple(row for one in answer.changes for row in one.rows())), as_csv=True)
        print_recorded(revision, answer.as_of, aside=True)
    else:
        _print(answer)
        print_recorded(revision, answer.as_of)
        if answer.changes:
            hint("change", "review", answer.changes[0].request)


def _print(answer: Predictions) -> None:
    out = console()
    out.print(answer.sentence(), markup=False, style="bold")
    months = list(answer.months())
    if months:
        rows = [(name, *_cells(score)) for name, score in months]
        if len(months) > 1:
            rows.append(("all", *_cells(answer.score)))
        headings = ("month", "changes", "predicted", "missed", "alarms", "held", "false")
        print_table(Table((), ()), headings=headings, shown=rows)
    things: list[tuple[str, ...]] = [
        (one.request, each.id, each.told, each.happened or "–", "still observed" if one.observing else each.verdict)
        for one in answer.changes
        for each in one.compared
    ]
    if things:
        print_table(
            Table((), ()),
            title="Told and happened",
            headings=("change", "id", "told", "happened", "verdict"),
            shown=things[:_SHOWN],
        )
        if len(things) > _SHOWN:
            out.print(f"... and {len(things) - _SHOWN:,} more; --csv lists them all.")
    for note in answer.notes():
        out.print(note, markup=False)


def _cells(score: Score) -> tuple[str, ...]:
    figures = (score.changes, score.predicted, score.missed, score.alarms, score.held, score.false_alarms)
    return tuple(f"{one:,}" for one in figures)
