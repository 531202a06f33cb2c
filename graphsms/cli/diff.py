"""``graphsms diff``: what is different between two revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import changes_table, print_changes, recorded
from graphsms.cli._options import list_options, open_graph, store_options
from graphsms.cli._output import console, print_value, write
from graphsms.report.tables import to_csv

if TYPE_CHECKING:
    from graphsms.history.answers import Difference
    from graphsms.vocabulary import Vocabulary

_LISTED = 40


@click.command("diff", epilog="Example: graphsms diff 2026-11-20 2026-11-21 --type Service")
@click.argument("since", metavar="REV|DATE|BASELINE")
@click.argument("until", metavar="[REV|DATE|BASELINE]", required=False)
@click.option(
    "--type", "type_", metavar="TYPE", help="Only entities of this type or a subclass, and relations at them."
)
@click.option("--id", "ids", metavar="ID", multiple=True, help="Only this entity and its relations; may be repeated.")
@list_options
@store_options
def command(
    since: str,
    until: str | None,
    type_: str | None,
    ids: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Show what is different between two revisions, or between one and now: field by field.

    A bare date is what was recorded by the end of that day, so `diff 2026-11-20 2026-11-21` is what happened on the
    21st.
    """
    with open_graph(store, ontology) as graph:
        found = graph.history.diff(since, until, type=type_, ids=ids)
        words = graph.vocabulary
    print_difference(found, words, as_json=as_json, as_csv=as_csv)


def print_difference(found: Difference, words: Vocabulary, *, as_json: bool, as_csv: bool) -> None:
    """A difference in the form that was asked for."""
    if as_json:
        print_value(found.to_json())
        return
    if as_csv:
        write(to_csv(changes_table(found.changes)))
        return
    from rich.text import Text

    out = console()
    out.print(Text(found.sentence(), style="bold"))
    for title, changes in (("Entities", found.entities), ("Relations", found.relations)):
        if changes:
            print_changes(changes[:_LISTED], words, title=f"{title} ({len(changes):,})")
        if len(changes) > _LISTED:
            click.echo(f"... and {len(changes) - _LISTED:,} more; --json and --csv list them all.")
    for revision in (found.since, found.until):
        out.print(Text(recorded(revision), style="dim"))
