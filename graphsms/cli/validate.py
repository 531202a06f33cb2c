"""``graphsms validate``: what in the graph, or in files, breaks the rules."""

from __future__ import annotations

import sys

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import at_option, list_options, open_graph, store_options
from graphsms.cli._output import print_table
from graphsms.report.tables import Table


@click.command("validate", epilog="Example: graphsms validate --csv > faults.csv")
@at_option
@list_options
@store_options
def command(at: str | None, as_json: bool, as_csv: bool, store: str | None, ontology: tuple[str, ...]) -> None:
    """Check the whole graph against the ontology and its shapes. Exit code 1 if anything was found."""
    with open_graph(store, ontology) as graph:
        revision = graph.history.revision(at)
        faults = graph.validate(at=revision.number)
    table = Table(
        ("id", "field", "rule", "message"),
        tuple((fault.subject, fault.field, fault.rule, fault.message) for fault in faults),
    )
    findings = "1 finding" if len(faults) == 1 else f"{len(faults):,} findings"
    if faults or as_json or as_csv:
        print_table(table, as_json=as_json, as_csv=as_csv, title=f"{findings} at revision {revision.number}")
    else:
        click.echo(f"Nothing found: the graph at revision {revision.number} keeps every rule.")
    programs = as_json or as_csv
    print_recorded(revision, aside=programs)
    sys.exit(1 if faults else 0)
