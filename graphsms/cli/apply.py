"""``graphsms apply``: the changes of a plan that a dry run has kept, just these or none."""

from __future__ import annotations

from pathlib import Path

import click

from graphsms.cli._options import Asked, answer_options
from graphsms.cli._who import actor_option
from graphsms.cli.ingest import show_verdict
from graphsms.ingest.plan_files import load_plan


@click.command("apply", epilog="Example: graphsms apply import.plan --request RFC-17")
@click.argument("file", type=click.Path())
@actor_option
@click.option("--reason", metavar="WHY", default="", help="Why. [default: as said when it was planned]")
@click.option(
    "--request", metavar="ID", default="", help="The request for change. [default: as said when it was planned]"
)
@answer_options
def command(
    file: str,
    actor: str,
    reason: str,
    request: str,
    asked: Asked,
) -> None:
    """Apply the plan in FILE, which `graphsms ingest --dry-run --save FILE` wrote: just its changes, or none of them.

    Refused where the graph has moved on since, or is another one. Exit code 1 where the plan leaves something out.
    """
    with asked.graph() as graph:
        plan = load_plan(Path(file), graph.vocabulary)
        verdict = graph.apply_plan(plan, actor=actor, reason=reason, request=request)
    show_verdict(verdict, as_json=asked.as_json, as_csv=asked.as_csv)
    if verdict.rejected:
        raise click.exceptions.Exit(1)
