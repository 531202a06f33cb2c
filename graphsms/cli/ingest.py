"""``graphsms ingest``: files into the graph, all of them or nothing."""

from __future__ import annotations

import getpass

import click

from graphsms.cli._options import list_options, open_graph, store_options
from graphsms.cli._output import hint, print_value, progress, write
from graphsms.ingest import ImportVerdict
from graphsms.model import Fault
from graphsms.moments import zone as time_zone
from graphsms.report.tables import Table, to_csv


@click.command("ingest", epilog="Example: graphsms ingest estate.yaml --reason 'first load' --request RFC-17")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--format", "format_", metavar="NAME", help="The format, where the file does not show it.")
@click.option("--source", metavar="NAME", help="What to call the source. [default: the name of the file or folder]")
@click.option("--strict", is_flag=True, help="Refuse what refers to entities that nothing describes.")
@click.option("--actor", metavar="WHO", help="Who imports. [default: the user who is logged in]")
@click.option("--reason", metavar="WHY", default="", help="Why, for the history.")
@click.option("--request", metavar="ID", default="", help="The request for change that this implements.")
@click.option("--fresh-for", metavar="DURATION", default="", help="How long the source counts as fresh, such as P7D.")
@click.option("--zone", metavar="ZONE", help="Time zone of dates that state none. [default: that of the store]")
@list_options
@store_options
def command(
    paths: tuple[str, ...],
    format_: str | None,
    source: str | None,
    strict: bool,
    actor: str | None,
    reason: str,
    request: str,
    fresh_for: str,
    zone: str | None,
    as_json: bool,
    as_csv: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Import files or folders: exchange format (YAML, JSON), Turtle, JSON-LD, Backstage, Kubernetes, Compose.

    Everything is checked first, and a single fault keeps all of it out. Importing the same again changes nothing.
    """
    if not all(str(path).strip() for path in paths):
        raise click.UsageError("A path is empty; name a file or a folder (`.` is this one).")
    with open_graph(store, ontology, create=True) as graph, progress("Importing") as bar:
        verdict = graph.ingest(
            *paths,
            format=format_,
            source=source,
            strict=strict,
            actor=_who() if actor is None else actor,
            reason=reason,
            request=request,
            fresh_for=fresh_for,
            zone=None if zone is None else time_zone(zone),
            progress=bar,
        )
    if as_json:
        print_value(verdict.to_json())
    elif as_csv:
        write(to_csv(_warnings(verdict.warnings)))
    else:
        _tell(verdict)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no account has this user's number, as in some containers
        return ""


def _warnings(warnings: tuple[Fault, ...]) -> Table:
    return Table(
        ("file", "line", "id", "field", "rule", "message"),
        tuple((w.origin.file, w.origin.line, w.subject, w.field, w.rule, w.message) for w in warnings),
    )


_LISTED = 20


def _tell(verdict: ImportVerdict) -> None:
    for warning in verdict.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(verdict.sentence())
    if verdict.placeholders:
        click.echo(f"Referred to but described nowhere: {', '.join(verdict.placeholders)}")
    for subject, type_, object_ in verdict.no_longer_stated[:_LISTED]:
        click.echo(f"No longer stated: {subject} {type_} {object_}")
    if len(verdict.no_longer_stated) > _LISTED:
        click.echo(f"... and {len(verdict.no_longer_stated) - _LISTED} more; --json lists them all.")
    hint("find")
