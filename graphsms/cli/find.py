"""``graphsms find``: entities by id, name and type."""

from __future__ import annotations

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, answer_options, at_option
from graphsms.cli._output import hint, print_table
from graphsms.report.tables import Table


@click.command("find", epilog="Example: graphsms find shop --type Service")
@click.argument("text", default="")
@click.option("--type", "type_", metavar="TYPE", help="Only of this type of the ontology, or a subclass of it.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@at_option
@answer_options
def command(
    text: str,
    type_: str | None,
    limit: int,
    at: str | None,
    asked: Asked,
) -> None:
    """List the entities whose id or name contains TEXT, whatever its case."""
    with asked.graph() as graph:
        revision = graph.history.revision(at)
        found = graph.find(text, type=type_, limit=limit + 1, at=None if at is None else revision.number)
    table = Table(("id", "type", "name"), tuple((one.id, one.type, one.name) for one in found[:limit]))
    programs = asked.as_json or asked.as_csv
    if not found and not programs:
        click.echo("Nothing found." + (" Try fewer letters." if text else " `graphsms ingest FILE` brings data in."))
        return
    print_table(table, as_json=asked.as_json, as_csv=asked.as_csv)
    print_recorded(revision, aside=programs)
    if len(found) > limit:
        click.echo(f"There are more than {limit}; --limit shows more of them.", err=True)
    elif not programs:
        hint("show", found[0].id)
