"""``graphsms validate``: what in the graph, or in files, breaks the rules."""

from __future__ import annotations

import sys

import click

from graphsms.cli._options import list_options, open_graph, store_options
from graphsms.cli._output import print_table
from graphsms.report.tables import Table


@click.command("validate", epilog="Example: graphsms validate --csv > faults.csv")
@list_options
@store_options
def command(as_json: bool, as_csv: bool, store: str | None, ontology: tuple[str, ...]) -> None:
    """Check the whole graph against the ontology and its shapes. Exit code 1 if anything was found."""
    with open_graph(store, ontology) as graph:
        faults = graph.validate()
        revision = graph.revision.number
    table = Table(
        ("id", "field", "rule", "message"),
        tuple((fault.subject, fault.field, fault.rule, fault.message) for fault in faults),
    )
    findings = "1 finding" if len(faults) == 1 else f"{len(faults):,} findings"
    if faults or as_json or as_csv:
        print_table(table, as_json=as_json, as_csv=as_csv, title=f"{findings} at revision {revision}")
    else:
        click.echo(f"Nothing found: the graph at revision {revision} keeps every rule.")
    sys.exit(1 if faults else 0)
