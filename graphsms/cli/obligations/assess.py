"""``graphsms assess``: the checks of the catalogue run, and what they give kept as evidence."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.cli.obligations._shown import edition_option, policy_option
from graphsms.errors import InputError
from graphsms.moments import come, moment
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from graphsms.findings.answer import FindingsAnswer
    from graphsms.obligations.assessment import Assessed, Assessment

_SHOWN = 10  # of each kind, where a whole edition is asked about


@click.command("assess", epilog="Example: graphsms assess 8.6.1 --dry-run")
@click.argument("clause", required=False)
@edition_option
@click.option("--dry-run", is_flag=True, help="Show what would be kept; write nothing.")
@click.option(
    "--files",
    metavar="FOLDER",
    type=click.Path(),
    help="Hold the files of evidence in this folder against their hashes; nothing outside it is read.",
)
@click.option("--reason", metavar="WHY", default="", help="Why, for the history.")
@actor_option
@policy_option
@question_options
def command(
    clause: str | None,
    edition: str | None,
    dry_run: bool,
    files: str | None,
    reason: str,
    actor: str,
    policy: str | None,
    asked: Asked,
) -> None:
    """Run the queries and analyses that show whether requirements are met, and keep what they give as evidence.

    CLAUSE is a clause or a place in it; without it, all of the edition is assessed. What is new is kept in one
    revision; where nothing is new, nothing is written. Exit code 1 where a check falls short or a file has changed.
    """
    if asked.at:
        raise click.UsageError("Only the present can be assessed: leave out --at.")
    with asked.graph() as graph:
        if asked.as_of and not dry_run:
            _refuse_to_come(asked.as_of, graph.zone)
        answer = graph.obligations.assess(
            clause, edition, policy=policy, files=files, dry_run=dry_run, as_of=asked.as_of, actor=actor, reason=reason
        )
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        from graphsms.obligations.assessment import COLUMNS

        print_table(Table(COLUMNS, tuple(answer.rows())), as_csv=True)
        tell_times(answer)
    else:
        _print(answer, dry_run=dry_run)
    sys.exit(1 if answer.short or (answer.files is not None and answer.files.open) else 0)


def _refuse_to_come(as_of: str, zone: tzinfo) -> None:
    """What is found as of a day that is still to come is no evidence, and would stand in the way of what is."""
    day, today = (datetime.fromisoformat(one).astimezone(zone).date() for one in (moment(as_of, zone), come()))
    if day > today:
        raise InputError(f"{day} is still to come, and what is found as of then is no evidence: add --dry-run.")


def _print(answer: Assessment, *, dry_run: bool) -> None:
    from rich.text import Text

    from graphsms.findings.answer import GONE, NEW, STILL_THERE

    out = console()
    where = f"clause {answer.clause} of " if answer.clause else ""
    out.print(Text(answer.sentence(), style="bold"))
    before, after = answer.rolled(answer.before).sentence(), answer.rolled(answer.after).sentence()
    out.print(Text(f"{where}ISO/IEC 20000-1:{answer.edition}"))
    out.print(Text(f"  before: {before}"))
    if answer.recorded_in is not None:
        out.print(Text(f"  after:  {after}"))
    most = None if answer.clause else _SHOWN
    for status, title in (
        (NEW, "Falls short, and did not before"),
        (STILL_THERE, "Falls short as before"),
        (GONE, "Holds again"),
    ):
        _print_checks(answer.shortfalls(status), title, most)
    if answer.declared:
        names = ", ".join(one.result.runs.partition(" ")[2] for one in answer.declared)
        out.print(Text(f"Declared, to come with a later version: {names}.", style="dim"))
    if answer.files is not None:
        _print_files(answer.files)
    kept = f" Kept in revision {answer.recorded_in}." if answer.recorded_in is not None else ""
    kept = " Nothing was written." if dry_run else kept
    recorded = f" of {answer.at[:16]}Z" if answer.at else ""
    out.print(Text(f"Revision {answer.revision}{recorded}, as of {answer.as_of[:16]}Z.{kept}", style="dim"))
    first = next((one for one in answer.short if one.requirements), None)
    if first is not None:
        hint("evidence", first.requirements[0].anchor)


def _print_checks(found: Sequence[Assessed], title: str, most: int | None) -> None:
    if not found:
        return
    shown = [
        (one.requirements[0].anchor if one.requirements else "", one.result.runs, one.result.sentence())
        for one in found[:most]
    ]
    headings = ("where", "what was run", "result")
    print_table(Table(headings, ()), title=f"{title}: {len(found)}", headings=headings, shown=shown)
    if most is not None and len(found) > most:
        click.echo(f"... and {len(found) - most:,} more; --csv lists them all.")


def _print_files(found: FindingsAnswer) -> None:
    from rich.text import Text

    out = console()
    (tally,) = found.tallies
    note = f" ({tally.note})" if tally.note else ""
    out.print(Text(f"Files: {tally.deficient:,} of {tally.looked_at:,} are not what they were{note}.", style="bold"))
    if found.findings:
        rows = [(one.identity, one.message, one.status) for one in found.findings]
        headings = ("finding", "what", "state")
        print_table(Table(headings, ()), headings=headings, shown=rows)
