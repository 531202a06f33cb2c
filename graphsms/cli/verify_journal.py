"""``graphsms verify-journal``: whether the history is what was written."""

from __future__ import annotations

import click

from graphsms.cli._options import open_graph, store_options
from graphsms.cli._output import console, print_value, progress


@click.command("verify-journal", epilog="Example: graphsms verify-journal --kept $(cat last-hash.txt)")
@click.option("--kept", metavar="HASH", default="", help="The hash of a revision that was kept elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@store_options
def command(kept: str, as_json: bool, store: str | None, ontology: tuple[str, ...]) -> None:
    """Check every revision, and every row, against the chain of hashes. Exit code 1 where something does not fit.

    What was edited, removed, put in or reordered behind the store's back is told with the first revision that it
    broke. Whoever keeps the last hash elsewhere can prove by --kept that nothing before it was written anew.
    """
    with open_graph(store, ontology) as graph, progress("Verifying") as bar:
        verdict = graph.history.verify(kept=kept, progress=bar)
    if as_json:
        print_value(verdict.to_json())
    else:
        from rich.text import Text

        out = console()
        out.print(Text(verdict.sentence(), style="bold" if verdict.intact else "bold red"))
        if verdict.intact and verdict.revisions:
            out.print(
                Text(f"Revision {verdict.present.number} of {verdict.present.time[:16]}Z. Keep its hash elsewhere:")
            )
            out.print(Text(verdict.present.hash))
    if not verdict.intact:
        raise click.exceptions.Exit(1)
