"""``graphsms export``: the graph as a file."""

from __future__ import annotations

from pathlib import Path

import click

from graphsms.cli._options import at_option, open_graph, store_options


@click.command("export", epilog="Example: graphsms export --format turtle --output estate.ttl")
@click.option(
    "--format",
    "format_",
    metavar="NAME",
    default="exchange",
    show_default=True,
    help="exchange (YAML; exchange-json), turtle, jsonld, graphml or csv.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The file, or for csv the folder. [default: -]")
@click.option("--type", "types", metavar="TYPE", multiple=True, help="Only of this type and its subclasses.")
@at_option
@store_options
def command(
    format_: str,
    output: Path | None,
    types: tuple[str, ...],
    at: str | None,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Write the graph as a file that other tools read, or that `graphsms ingest` reads again."""
    with open_graph(store, ontology) as graph:
        graph.export(format_, output, types=types, at=at)
