"""``graphsms explain``: why something is hit."""

from __future__ import annotations

import click
from rich.text import Text

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options, window_options
from graphsms.cli._output import console, print_value, shape, write
from graphsms.report.tables import Table, to_csv


@click.command("explain", epilog="Example: graphsms explain web db-1 — why is web hit when db-1 goes down?")
@click.argument("target")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--mode", metavar="MODE", default="outage", show_default=True, help="As for `graphsms impact`.")
@window_options
@question_options
def command(
    target: str,
    ids: tuple[str, ...],
    mode: str,
    start: str | None,
    end: str | None,
    asked: Asked,
) -> None:
    """Show the shortest chain of reasons by which TARGET is hit when the entities ID fail."""
    with asked.graph() as graph:
        answer = graph.explain(
            target,
            *ids,
            mode=mode.replace("-", " ").replace("_", " "),
            at=asked.at,
            as_of=asked.as_of,
            start=start,
            end=end,
        )
    if asked.as_json:
        print_value(answer.to_json())
        return
    if asked.as_csv:
        rows = tuple((s.id, s.type, s.name, s.state, s.through, s.relations, s.text) for s in answer.steps)
        write(to_csv(Table(("id", "type", "name", "state", "through", "relations", "text"), rows)))
        tell_times(answer)
        return
    out = console()
    if not answer.steps:
        out.print(Text(f"{target} is not hit."))
    for step in answer.steps:
        out.print(Text.assemble(shape(step.state), f" {step.text}"))
    for note in answer.notes:
        out.print(Text(f"Note: {note}"))
    out.print(Text(f"Revision {answer.revision} of {answer.at[:16]}Z, as of {answer.as_of[:16]}Z.", style="dim"))
