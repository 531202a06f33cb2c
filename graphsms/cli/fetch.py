"""``graphsms fetch``: tables of another system over HTTP into a folder, which ``graphsms ingest`` reads."""

from __future__ import annotations

import click

from graphsms.cli._options import list_options
from graphsms.cli._output import hint, print_table, print_value
from graphsms.report.tables import Table

_COLUMNS = ("table", "rows", "told", "missing", "pages", "absent")


@click.command(
    "fetch",
    epilog="Example: graphsms fetch servicenow https://bank.service-now.com --tables cmdb_ci,cmdb_rel_ci --into cmdb",
)
@click.argument("system", type=click.Choice(["servicenow", "glpi", "itop"]))
@click.argument("url")
@click.option("--into", metavar="FOLDER", required=True, help="Where the pages go; an unfinished fetch goes on there.")
@click.option("--tables", metavar="NAME,...", multiple=True, help="Tables, classes or item types. [default: all known]")
@click.option(
    "--where", metavar="TABLE:CONDITION", multiple=True, help="Narrow a table, in its system's query language."
)
@click.option("--page-size", type=click.IntRange(1, 10_000), default=500, show_default=True, help="Rows a page.")
@click.option("--rate", type=click.FloatRange(0.01, 1000), default=5.0, show_default=True, help="Requests a second.")
@click.option("--timeout", type=click.FloatRange(0.1, 3600), default=60.0, show_default=True, help="Seconds to wait.")
@click.option("--attempts", type=click.IntRange(1, 20), default=6, show_default=True, help="How often to ask again.")
@click.option("--max-bytes", type=click.IntRange(min=1), default=10 << 30, show_default=True, help="Of all pages.")
@list_options
def command(
    system: str,
    url: str,
    into: str,
    tables: tuple[str, ...],
    where: tuple[str, ...],
    page_size: int,
    rate: float,
    timeout: float,
    attempts: int,
    max_bytes: int,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Fetch tables of ServiceNow, GLPI or iTop into a folder, for `graphsms ingest`.

    The credential comes from the environment only: GRAPHSMS_SERVICENOW_TOKEN, or _USER and _PASSWORD;
    GRAPHSMS_GLPI_USER_TOKEN (or _USER and _PASSWORD) and GRAPHSMS_GLPI_APP_TOKEN; GRAPHSMS_ITOP_TOKEN, or _USER and
    _PASSWORD. Exit code 1 where a table or rows of it could not be read.
    """
    from graphsms.fetch import Limits, fetch

    conditions = {}
    for one in where:
        table, colon, condition = one.partition(":")
        if not colon or not condition.strip():
            raise click.UsageError(f"{one!r} is no condition; write TABLE:CONDITION.")
        conditions[table.strip()] = condition.strip()
    verdict = fetch(
        system,
        url,
        into,
        tables=[name.strip() for names in tables for name in names.split(",") if name.strip()],
        where=conditions,
        page_size=page_size,
        limits=Limits(rate=rate, read=timeout, attempts=attempts),
        max_bytes=max_bytes,
        progress=_tell,
    )
    rows = tuple((one.name, one.rows, one.told, one.missing, one.pages, one.absent) for one in verdict.tables)
    if as_json:
        print_value(verdict.to_json())
    elif as_csv:
        print_table(Table(_COLUMNS, rows), as_csv=True)
    else:
        click.echo(verdict.sentence())
        print_table(Table(_COLUMNS[:5], tuple(row[:5] for row in rows)))
        hint("ingest", into)
    if not verdict.complete:
        click.get_current_context().exit(1)


def _tell(table: str, rows: int, told: int | None) -> None:
    """How far a table has come, on standard error."""
    of = f" of {told:,}" if told is not None else ""
    click.echo(f"{table}: {rows:,}{of} rows", err=True)
