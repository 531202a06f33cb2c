"""``graphsms readiness``: what stands against a certification."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, shape
from graphsms.cli.obligations._shown import edition_option, policy_option
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from rich.text import Text

    from graphsms.obligations.operation import OperationalHistory
    from graphsms.obligations.readiness import Readiness


@click.command("readiness", epilog="Example: graphsms readiness --history")
@click.option("--history", is_flag=True, help="Only since when, and how often, each process has left records behind.")
@edition_option
@policy_option
@question_options
def command(history: bool, edition: str | None, policy: str | None, asked: Asked) -> None:
    """Show what stands against a certification: the readiness list, operational history, and maturity.

    A point of the list has the state of the requirements behind it. A process is flagged where its records do not go
    back three months (the policy for evidence says how far), or where it is below the maturity that it is to have.
    Exit code 1 where anything is not ready.
    """
    with asked.graph() as graph:
        answer: OperationalHistory | Readiness
        if history:
            answer = graph.obligations.history(policy=policy, at=asked.at, as_of=asked.as_of)
            ready = bool(answer.processes) and not answer.short
        else:
            answer = graph.obligations.readiness(edition, policy=policy, at=asked.at, as_of=asked.as_of)
            ready = answer.ready
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        print_table(answer.rows(), as_csv=True)
        tell_times(answer)
    else:
        from rich.text import Text

        console().print(Text(answer.sentence(), style="bold"))
        _print_history(answer) if history else _print_points(answer)  # type: ignore[arg-type]
        tell_times(answer, aside=False)
    sys.exit(0 if ready else 1)


def _print_history(answer: OperationalHistory) -> None:
    headings = ("process", "records", "since", "a month, of late")
    shown: list[list[Text | str]] = []
    for one in answer.processes:
        late = ", ".join(f"{month[5:]}: {count}" for month, count in [*one.months.items()][-4:])
        since = one.earliest[:10] if one.long_enough else f"{one.earliest[:10] or 'none'} (too short)"
        shown.append([one.name, str(one.records), since, late])
    if shown:
        print_table(Table(headings, ()), headings=headings, shown=shown)


def _print_points(answer: Readiness) -> None:

    headings = ("point", "state", "why")
    shown: list[list[Text | str]] = [
        [one.text if one.kind == "point" else f"{one.text}: {one.group}", _state(one.state), one.why]
        for one in answer.against
    ]
    if shown:
        print_table(Table(headings, ()), title="Not ready", headings=headings, shown=shown)
    first = next((one.open[0] for one in answer.against if one.open), None)
    if first:
        hint("evidence", first)
    elif any(not one.ready for one in answer.of("history")):
        hint("readiness", "--history")


def _state(word: str) -> Text:
    from rich.text import Text

    from graphsms.report.marks import MARKS

    if word not in MARKS:
        return Text(word)
    return Text.assemble(shape(word), f" {word}")
