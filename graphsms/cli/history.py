"""``graphsms history``: what happened to one entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_changes, print_recorded
from graphsms.cli._options import Asked, answer_options
from graphsms.cli._output import console, hint, print_value, write
from graphsms.report.tables import Table, to_csv

if TYPE_CHECKING:
    from graphsms.history.answers import EntityHistory
    from graphsms.model import Revision
    from graphsms.vocabulary import Vocabulary


@click.command("history", epilog="Example: graphsms history web --since 2026-11-01")
@click.argument("id")
@click.option("--since", metavar="REV|DATE", help="From a revision on, or from the beginning of a day.")
@click.option("--until", metavar="REV|DATE", help="Up to a revision, or to the end of a day.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many revisions, the newest. [default: all]")
@answer_options
def command(
    id: str,
    since: str | None,
    until: str | None,
    limit: int | None,
    asked: Asked,
) -> None:
    """Show every revision that touched the entity ID or one of its relations: field by field, by whom, why.

    Also of an entity that has been removed.
    """
    with asked.graph() as graph:
        found = graph.history.of(id, since=since, until=until, limit=limit)
        words = graph.vocabulary
    if asked.as_json:
        print_value(found.to_json())
    elif asked.as_csv:
        from graphsms.history.answers import COLUMNS

        write(to_csv(Table(("revision", "time", "actor", "reason", "request", *COLUMNS), tuple(found.rows()))))
        print_recorded(found.present, aside=True)
    else:
        _tell(found, words)
    if found.left_out and not asked.as_json:
        click.echo(f"{found.left_out:,} more; --limit shows more of them.", err=True)


def _tell(found: EntityHistory, words: Vocabulary) -> None:
    from rich.text import Text

    many = len(found) + found.left_out
    touched = "1 revision touched" if many == 1 else f"{many:,} revisions touched"
    gone = "" if found.entity is not None else " It has been removed."
    console().print(Text(f"{touched} {found.id} or its relations.{gone}", style="bold"))
    for event in found:
        print_changes(event.changes, words, title=_heading(event.revision), whole=True)
    print_recorded(found.present)
    newest = next(iter(found), None)
    if newest is not None and not newest.created:
        hint("show", found.id, "--at", str(newest.revision.number - 1))  # as it was before that
    elif found.entity is not None:
        hint("show", found.id)


def _heading(revision: Revision) -> str:
    by = f" by {revision.actor}" if revision.actor else ""
    under = f" under {revision.request}" if revision.request else ""
    source = f" from {revision.source}" if revision.source else ""
    why = f": {revision.reason}" if revision.reason else ""
    return f"Revision {revision.number} of {revision.time[:16]}Z{by}{under}{source}{why}"
