"""``graphsms find``: entities by id, name and type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, answer_options, at_option
from graphsms.cli._output import hint, print_table
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.model import Entity

MOST: Final = 10_000  # of the catalogue that are looked through


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
    """List the entities whose id or name contains TEXT, whatever its case.

    Of the catalogue of clauses, where it is in the graph, what contains TEXT is only counted, unless nothing else does
    or --type names a type.
    """
    from graphsms.obligations.loading import SOURCE

    with asked.graph() as graph:
        revision = graph.history.revision(at)

        def look(most: int) -> list[Entity]:
            return graph.find(text, type=type_, limit=most, at=None if at is None else revision.number)

        found = look(limit + 1)
        clauses: list[Entity] = []
        if type_ is None and any(one.source == SOURCE for one in found):
            every = look(limit + 1 + MOST)
            own = [one for one in every if one.source != SOURCE]
            if own:
                found, clauses = own, [one for one in every if one.source == SOURCE]
    table = Table(("id", "type", "name"), tuple((one.id, one.type, one.name) for one in found[:limit]))
    programs = asked.as_json or asked.as_csv
    if not found and not programs:
        click.echo("Nothing found." + (" Try fewer letters." if text else " `graphsms ingest FILE` brings data in."))
        return
    print_table(table, as_json=asked.as_json, as_csv=asked.as_csv)
    print_recorded(revision, aside=programs)
    if clauses:
        types = ", ".join(sorted({one.type for one in clauses}))
        click.echo(f"The catalogue of clauses has {len(clauses):,} more ({types}); --type shows them.", err=True)
    if len(found) > limit:
        click.echo(f"There are more than {limit}; --limit shows more of them.", err=True)
    elif not programs:
        hint("show", found[0].id)
