"""``graphsms attest``: owners confirm or correct what is recorded of their configuration items."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, answer_options
from graphsms.cli._output import hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.moments import now
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.analysis.attestation_answers import Answers


@click.group("attest", epilog="Example: graphsms attest export --all --into lists")
def command() -> None:
    """Ask owners to confirm or correct what is recorded of their configuration items, and keep the answers."""


@command.command("export", epilog="Example: graphsms attest export --owner team-platform --into lists --xlsx")
@click.option("--owner", metavar="ID", help="The list of this owner only.")
@click.option("--all", "all_", is_flag=True, help="A list for every owner.")
@click.option("--into", metavar="FOLDER", required=True, type=click.Path(), help="Where the lists are written.")
@click.option("--xlsx", is_flag=True, help="As Excel workbooks. [default: CSV]")
@answer_options
def export(
    owner: str | None,
    all_: bool,
    into: str,
    xlsx: bool,
    asked: Asked,
) -> None:
    """Write a list for each owner: the live configuration items that they answer for, with instructions."""
    if all_ == (owner is not None):
        raise click.UsageError("Give either --owner ID or --all.")
    with asked.graph() as graph:
        revision, moment = graph.revision, now()
        written = graph.configuration.attestation_lists(into, owner=owner, form="xlsx" if xlsx else "csv")
    table = Table(("owner", "items", "file"), tuple((id, count, str(path)) for id, count, path in written))
    if asked.as_json or asked.as_csv:
        print_table(table, as_json=asked.as_json, as_csv=asked.as_csv)
        return
    lists = "1 list" if len(written) == 1 else f"{len(written):,} lists"
    click.echo(f"{lists} with {sum(count for _, count, _ in written):,} items written into {into}.")
    print_recorded(revision, moment)
    if written:
        hint("attest", "import", into)


@command.command("import", epilog="Example: graphsms attest import lists/team-platform.csv --apply --request RFC-17")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--apply", is_flag=True, help="Make the corrections, in the same revision. [default: propose them]")
@click.option("--reason", metavar="WHY", default="", help="Why, for the history.")
@click.option("--request", metavar="ID", default="", help="The request for change under which corrections are made.")
@actor_option
@answer_options
def import_(
    paths: tuple[str, ...],
    apply: bool,
    reason: str,
    request: str,
    actor: str,
    asked: Asked,
) -> None:
    """Take in what owners answered: a verification record for each answer, and the corrections that they propose.

    What is recorded already, of the same list and just as it was, is not recorded again.
    Exit code 1 where corrections are proposed and not made, or something has to be asked about anew.
    """
    with asked.graph() as graph:
        answer = graph.configuration.attest(*paths, apply=apply, actor=actor, reason=reason, request=request)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        print_table(_proposed(answer), as_csv=True)
    else:
        click.echo(answer.sentence())
        if answer.proposed:
            print_table(_proposed(answer), title="Corrections")
        if answer.recorded_in is not None:
            click.echo(f"Recorded in revision {answer.recorded_in}.")
        if (answer.proposed or answer.pending) and not answer.applied:
            hint("attest", "import", *paths, "--apply")
        elif answer.recorded_in is not None:
            hint("findings", "--check", "attestation-overdue")
    sys.exit(1 if answer.outdated or (answer.proposed and not answer.applied) else 0)


def _proposed(answer: Answers) -> Table:
    rows = tuple((id, one.field, one.was, one.becomes) for id, one in answer.proposed)
    return Table(("id", "field", "was", "becomes"), rows)
