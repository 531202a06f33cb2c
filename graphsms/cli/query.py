"""``graphsms query``: a named query, or one of your own."""

from __future__ import annotations

from pathlib import Path

import click

from graphsms.cli._options import at_option, list_options, open_graph, store_options
from graphsms.cli._output import print_table
from graphsms.errors import InputError
from graphsms.report.tables import Table


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
    file = Path(query)
    with open_graph(store, ontology) as graph:
        if query.endswith((".rq", ".sparql", ".cypher")):
            if not file.is_file():
                raise InputError(f"The query file {query} does not exist.")
            cypher = cypher or query.endswith(".cypher")
            query = file.read_text(encoding="utf-8")
        table = graph.query(query, values, language="cypher" if cypher else "sparql", at=at)
    print_table(table, as_json=as_json, as_csv=as_csv)


def _pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals:
        raise InputError(f"--param {given}: give it as NAME=VALUE.")
    return name, value
