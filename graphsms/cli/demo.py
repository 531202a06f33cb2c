"""``graphsms demo``: our own estate in an embedded store, a blast radius worth reading, and how the standard stands."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import click

from graphsms.resources import resource

ACTOR: Final = "graphsms demo"


@click.command("demo", epilog="Example: graphsms demo --keep estate.db")
@click.option("--keep", metavar="FILE", type=click.Path(path_type=Path), help="Keep the store there, to ask it more.")
def command(keep: Path | None) -> None:
    """Load the example estate and its evidence; show what taking one of its parts down would hit."""
    from graphsms.cli._output import console, hint
    from graphsms.cli.impact import tell
    from graphsms.graph import Graph

    examples = resource("examples")
    seed, date = (examples / "demo-seed.txt").read_text(encoding="utf-8").split()
    with tempfile.TemporaryDirectory() as folder:
        file = keep or Path(folder) / "demo.db"
        with Graph.open(file) as graph:
            for name in ("estate", "evidence"):
                if name == "evidence":  # it leads from the estate to the clauses, so that both come before it
                    clauses = graph.obligations.load(actor=ACTOR)
                    click.echo(f"Revision {clauses.number} from the catalogue of clauses.")
                source = f"example {name}"
                verdict = graph.ingest(examples / name, source=source, actor=ACTOR, reason="demonstration")
                console().print(verdict.sentence())
            click.echo()
            click.echo(f"$ graphsms impact {seed} --as-of {date}")
            tell(graph.impact(seed, as_of=date), graph.vocabulary)
            click.echo()
            stand = graph.obligations.states(as_of=date)
            console().print(f"Evidence for {stand.sentence()}")
    if not keep:
        hint("demo", "--keep", "estate.db")
        return
    click.echo(
        f"Kept in {keep}: try graphsms --store {keep} explain SERVICE {seed} --as-of {date}\n"
        f"or graphsms --store {keep} gaps --as-of {date}"
    )
