"""``graphsms revert``: undo a revision, by another one."""

from __future__ import annotations

import click

from graphsms.cli._changes import changes_table, print_changes, print_recorded, recording_options
from graphsms.cli._options import Asked, answer_options
from graphsms.cli._output import console, print_value, write
from graphsms.report.tables import to_csv

_LISTED = 100


@click.command("revert", epilog="Example: graphsms revert 12 --dry-run — graphsms revert --to before-4.18")
@click.argument("revision", metavar="[REV]", required=False)
@click.option("--to", metavar="REV|DATE|BASELINE", help="Go back to a whole earlier state instead.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done. Exit code 1 where it would be refused.")
@recording_options
@answer_options
def command(
    revision: str | None,
    to: str | None,
    dry_run: bool,
    actor: str,
    reason: str,
    request: str,
    asked: Asked,
) -> None:
    """Undo what revision REV did, by a new revision: nothing is ever erased.

    Refused where later revisions touched the same things; they are listed, and nothing is changed. --to goes back to
    a whole earlier state, and gives up all that came after.
    """
    with asked.graph() as graph:
        done = graph.history.revert(revision, to=to, dry_run=dry_run, actor=actor, reason=reason, request=request)
        words = graph.vocabulary
    if asked.as_json:
        print_value(done.to_json())
    elif asked.as_csv:
        write(to_csv(changes_table(done.changes)))
    else:
        from rich.text import Text

        console().print(Text(done.sentence(), style="bold"))
        if done.changes:
            print_changes(done.changes[:_LISTED], words)
        if len(done.changes) > _LISTED:
            click.echo(f"... and {len(done.changes) - _LISTED:,} more; --json and --csv list them all.")
        print_recorded(done.made or done.present)
    for conflict in done.conflicts if not asked.as_json else ():
        click.echo(f"conflict: {conflict}", err=True)
    if done.conflicts:
        raise click.exceptions.Exit(1)
