"""``graphsms demo``: our own estate in an embedded store, and a blast radius worth reading."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from graphsms.resources import resource


@click.command("demo", epilog="Example: graphsms demo --keep estate.db")
@click.option("--keep", metavar="FILE", type=click.Path(path_type=Path), help="Keep the store there, to ask it more.")
def command(keep: Path | None) -> None:
    """Load the example estate and show what taking one of its parts down would hit."""
    from graphsms.cli._output import hint
    from graphsms.cli.impact import tell
    from graphsms.graph import Graph

    examples = resource("examples")
    estate = examples / "estate"
    seed, date = (examples / "demo-seed.txt").read_text(encoding="utf-8").split()
    with tempfile.TemporaryDirectory() as folder:
        file = keep or Path(folder) / "demo.db"
        with Graph.open(file) as graph:
            verdict = graph.ingest(estate, source="example estate", actor="graphsms demo", reason="demonstration")
            click.echo(verdict.sentence())
            click.echo()
            click.echo(f"$ graphsms impact {seed} --as-of {date}")
            tell(graph.impact(seed, as_of=date), graph.vocabulary)
    if not keep:
        hint("demo", "--keep", "estate.db")
    else:
        click.echo(f"Kept in {keep}: try graphsms --store {keep} explain SERVICE {seed} --as-of {date}")
