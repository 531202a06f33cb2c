"""``graphsms query``: a named query, or one of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import at_option, list_options, open_graph, store_options
from graphsms.cli._output import print_table
from graphsms.errors import InputError
from graphsms.report.tables import Table

_MOST: Final = 1_000_000


@click.command("query", epilog="Example: graphsms query services-on-a-ci --param ci=db-1")
@click.argument("query", required=False)
@click.option("--param", "parameters", metavar="NAME=VALUE", multiple=True, help="A parameter of the query.")
@click.option("--cypher", is_flag=True, help="In Cypher, where the graph is in Neo4j. [default: SPARQL, on any store]")
@click.option("--list", "list_", is_flag=True, help="List the named queries with what they answer.")
@at_option
@list_options
@store_options
def command(
    query: str | None,
    parameters: tuple[str, ...],
    cypher: bool,
    list_: bool,
    at: str | None,
    as_json: bool,
    as_csv: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Run QUERY: the name of one of ours, a file (.rq, .cypher), or its text. Values are bound, never formatted in.

    SPARQL sees the graph at any revision, Cypher the present one.
    """
    from graphsms.queries import load, names

    if list_ or query is None:
        rows = tuple((one.name, one.purpose, one.clause) for one in map(load, names()))
        print_table(Table(("name", "answers", "clause"), rows), as_json=as_json, as_csv=as_csv)
        return
    values = dict(_pair(given) for given in parameters)
    with open_graph(store, ontology) as graph:
        if query.endswith((".rq", ".sparql", ".cypher")):
            cypher = cypher or query.endswith(".cypher")
            query = _text(Path(query))
        revision = graph.history.revision(at)
        number = None if cypher and at is None else revision.number
        table = graph.query(query, values, language="cypher" if cypher else "sparql", at=number)
    print_table(table, as_json=as_json, as_csv=as_csv)
    print_recorded(revision, otherwise="valid as the query asks", aside=as_json or as_csv)


def _text(file: Path) -> str:
    if not file.is_file():
        raise InputError(f"The query file {file} does not exist.")
    try:
        with file.open(encoding="utf-8-sig") as opened:
            text = opened.read(_MOST + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"The query file {file} cannot be read: {reason}.") from None
    if len(text) > _MOST:
        raise InputError(f"The query file {file} has more than {_MOST:,} characters; no query needs so many.")
    return text


def _pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals:
        raise InputError(f"--param {given}: give it as NAME=VALUE.")
    return name, value
