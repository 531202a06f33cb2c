"""``graphsms ingest``: files into the graph, all of them or nothing; or what that would do, as a plan."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from graphsms.cli._options import list_options, open_graph, store_options
from graphsms.cli._output import hint, print_value, progress, write
from graphsms.cli._placed import placement_rows, tell_placements
from graphsms.cli._plan import (
    LISTED,
    plan_table,
    rejected_file,
    tell_of_rejected,
    tell_overruled,
    tell_plan,
    warn_of,
)
from graphsms.cli._who import actor_option
from graphsms.errors import InputError
from graphsms.graph import Graph
from graphsms.ingest import ImportOptions, ImportVerdict, Rejected
from graphsms.ingest.plan_files import save_plan
from graphsms.ingest.rejects import rejected_csv
from graphsms.moments import zone as time_zone
from graphsms.report.tables import Table, to_csv
from graphsms.store import DEFAULT_URL


@click.command("ingest", epilog="Example: graphsms ingest estate.yaml --reason 'first load' --request RFC-17")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--format", "format_", metavar="NAME", help="The format, where the file does not show it.")
@click.option("--mapping", metavar="FILE", type=click.Path(), help="What the columns of CSV and Excel files are.")
@click.option("--source", metavar="NAME", help="What to call the source. [default: the name of the file or folder]")
@click.option("--dry-run", is_flag=True, help="Show what would change, field by field, and change nothing.")
@click.option("--save", metavar="FILE", type=click.Path(), help="With --dry-run: keep the plan for `graphsms apply`.")
@click.option("--prune", is_flag=True, help="Remove what the source no longer has and nobody else states.")
@click.option("--allow-removals", metavar="N|PERCENT%", help="How much of the source may go. [default: 10%]")
@click.option("--skip-invalid", is_flag=True, help="Leave out and list what is wrong, and import the rest.")
@click.option("--rejected", metavar="FILE", type=click.Path(), help="Write what was left out as CSV, to be corrected.")
@click.option("--strict", is_flag=True, help="Refuse what refers to entities that nothing describes.")
@actor_option
@click.option("--reason", metavar="WHY", default="", help="Why, for the history.")
@click.option("--request", metavar="ID", default="", help="The request for change that this implements.")
@click.option("--fresh-for", metavar="DURATION", default="", help="How long the source counts as fresh, such as P7D.")
@click.option("--zone", metavar="ZONE", help="Time zone of dates that state none. [default: that of the store]")
@list_options
@store_options
def command(
    paths: tuple[str, ...],
    format_: str | None,
    mapping: str | None,
    source: str | None,
    dry_run: bool,
    save: str | None,
    prune: bool,
    allow_removals: str | None,
    skip_invalid: bool,
    rejected: str | None,
    strict: bool,
    actor: str,
    reason: str,
    request: str,
    fresh_for: str,
    zone: str | None,
    as_json: bool,
    as_csv: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Import files or folders: exchange format (YAML, JSON), Turtle, JSON-LD, Backstage, Kubernetes, Compose, …

    Everything is checked first, and a single fault keeps all of it out. Importing the same again changes nothing.
    """
    if not all(str(path).strip() for path in paths):
        raise click.UsageError("A path is empty; name a file or a folder (`.` is this one).")
    if save and not dry_run:
        raise click.UsageError("A plan is saved from a dry run: give --dry-run as well.")
    if rejected and not skip_invalid:
        raise click.UsageError("Nothing is left out without --skip-invalid.")
    options = ImportOptions(
        format=format_,
        mapping=mapping,
        source=source,
        strict=strict,
        prune=prune,
        allow_removals=allow_removals,
        skip_invalid=skip_invalid,
        actor=actor,
        reason=reason,
        request=request,
        fresh_for=fresh_for,
        zone=None if zone is None else time_zone(zone),
    )
    with (
        _opened(store, ontology, for_nothing=dry_run and not save) as graph,
        progress("Planning" if dry_run else "Importing") as bar,
        rejected_file(rejected) as put,
    ):
        options["progress"] = bar
        if dry_run:
            left_out = _plan(graph, paths, options, save, as_json=as_json, as_csv=as_csv)
        else:
            verdict = graph.ingest(*paths, **options)
            left_out = verdict.rejected
        put(rejected_csv(left_out))
    if not dry_run:
        show_verdict(verdict, as_json=as_json, as_csv=as_csv)
    if left_out:
        raise click.exceptions.Exit(1)


@contextmanager
def _opened(store: str | None, ontology: tuple[str, ...], *, for_nothing: bool) -> Iterator[Graph]:
    """The graph; where there is none yet and only a look is wanted, an empty one that leaves nothing behind."""
    url = store or os.environ.get("GRAPHSMS_STORE") or DEFAULT_URL
    if for_nothing and "://" not in url and not Path(url).exists():
        from tempfile import TemporaryDirectory  # slow to import

        with TemporaryDirectory() as folder, open_graph(f"{folder}/empty.db", ontology, create=True) as graph:
            yield graph
        return
    with open_graph(store, ontology, create=True) as graph:
        yield graph


def _plan(
    graph: Graph, paths: tuple[str, ...], options: ImportOptions, save: str | None, *, as_json: bool, as_csv: bool
) -> tuple[Rejected, ...]:
    """Show the plan, and keep it where that is asked for; what it leaves out."""
    plan = graph.plan(*paths, **options)
    if save is not None and not plan.guard:
        save_plan(plan, Path(save))
    if as_json:
        print_value(plan.to_json())
    elif as_csv:
        write(to_csv(plan_table(plan)))
    else:
        tell_plan(plan)
        if save is not None and not plan.guard:
            click.echo(f"The plan is in {save}; `graphsms apply {save}` makes just these changes.")
    if plan.guard:
        raise InputError(plan.guard)
    return plan.rejected


def show_verdict(verdict: ImportVerdict, *, as_json: bool, as_csv: bool) -> None:
    """What an import did, in the form that was asked for."""
    if as_json:
        print_value(verdict.to_json())
    elif as_csv:
        write(to_csv(warnings_table(verdict)))
    else:
        tell_verdict(verdict)


def tell_verdict(verdict: ImportVerdict) -> None:
    """What an import did."""
    warn_of(verdict.warnings)
    tell_of_rejected(verdict.rejected)
    click.echo(verdict.sentence())
    if verdict.placeholders:
        click.echo(f"Referred to but described nowhere: {', '.join(verdict.placeholders)}")
    for subject, type_, object_ in verdict.no_longer_stated[:LISTED]:
        click.echo(f"No longer stated: {subject} {type_} {object_}")
    if len(verdict.no_longer_stated) > LISTED:
        click.echo(f"... and {len(verdict.no_longer_stated) - LISTED} more; --json lists them all.")
    if verdict.became_placeholders:
        click.echo(f"No longer stated, still needed: {', '.join(verdict.became_placeholders)}")
    tell_overruled(verdict.overruled, verdict.source)
    tell_placements(verdict.placements)
    hint("find")


def warnings_table(verdict: ImportVerdict) -> Table:
    """Warnings, what was left out, and what became of the entries of a register, one row each."""
    found = (*verdict.warnings, *(fault for one in verdict.rejected for fault in one.faults))
    return Table(
        ("file", "line", "id", "field", "rule", "message"),
        (
            *((str(replace(w.origin, line=None)), w.origin.line, w.subject, w.field, w.rule, w.message) for w in found),
            *placement_rows(verdict.placements),
        ),
    )
