"""``graphsms init``: make an empty store."""

from __future__ import annotations

import click

from graphsms.cli._options import open_graph, store_options


@click.command("init", epilog="Example: graphsms init --store estate.db --zone Europe/Zurich")
@click.option("--zone", metavar="ZONE", help="The organization's time zone, of dates that state none. [default: UTC]")
@store_options
def command(zone: str | None, store: str | None, ontology: tuple[str, ...]) -> None:
    """Make an empty store, or check that one is there and can be opened."""
    with open_graph(store, ontology, create=True) as graph:
        if zone is not None:
            graph.set_zone(zone)
        words = graph.vocabulary
        click.echo(
            f"{graph.store.url} is at revision {graph.revision.number}; the ontology has {len(words.types)} types, "
            f"{len(words.relations)} relations and {len(words.properties)} properties."
        )
