"""``graphsms oscal``: the catalogue, and what was found, for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from graphsms.cli._options import Asked, history_options, store_options
from graphsms.cli._output import write
from graphsms.cli.obligations._shown import edition_option, graph_or_none, policy_option
from graphsms.errors import InputError
from graphsms.report.tables import to_json


@click.command("oscal", epilog="Example: graphsms oscal results --output results.json")
@click.argument("what", type=click.Choice(["catalog", "results"]))
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="The file. [default: -]")
@edition_option
@policy_option
@history_options
@store_options
def command(
    what: str,
    output: Path | None,
    edition: str | None,
    policy: str | None,
    at: str | None,
    as_of: str | None,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Write the catalogue of requirements, or the assessment results, as OSCAL in JSON.

    The words are ours; the standard itself has to be bought. Evidence is written as observations, the conformity that
    people judged as findings.
    """
    asked = Asked(store, ontology, as_json=True, as_csv=False, at=at, as_of=as_of)
    with graph_or_none(asked) as (graph, there):
        if what == "results" and not there:
            raise InputError("There is no graph here: name one with --store, or make one with `graphsms ingest`.")
        made = graph.obligations.oscal(what, edition, policy=policy, at=at, as_of=as_of)
    text = to_json(made) + "\n"
    if output is None:
        write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"The file {output} cannot be written: {error.strerror}.") from error
