"""``graphsms log``: the revisions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import list_options, open_graph, store_options
from graphsms.cli._output import console, hint, print_table, print_value, write
from graphsms.report.tables import Table, to_csv

if TYPE_CHECKING:
    from graphsms.history.answers import Log
    from graphsms.model import Revision


@click.command("log", epilog="Example: graphsms log --since 2026-11-01 --request rfc-2041")
@click.option("--since", metavar="REV|DATE", help="From a revision on, or from the beginning of a day.")
@click.option("--until", metavar="REV|DATE", help="Up to a revision, or to the end of a day.")
@click.option("--actor", metavar="WHO", help="Only what somebody did.")
@click.option("--request", metavar="ID", help="Only what was done under a request for change.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many, the newest.")
@list_options
@store_options
def command(
    since: str | None,
    until: str | None,
    actor: str | None,
    request: str | None,
    limit: int,
    as_json: bool,
    as_csv: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """List the revisions, newest first: when, by whom, why, under which request for change, from which source.

    Each import, and each change of any other kind, is one revision.
    """
    with open_graph(store, ontology) as graph:
        found = graph.history.log(since=since, until=until, actor=actor, request=request, limit=limit)
    if as_json:
        print_value(found.to_json())
    elif as_csv:
        columns = tuple(found.present.__dataclass_fields__)
        write(to_csv(Table(columns, tuple(tuple(asdict(one).values()) for one in found))))
    else:
        _tell(found)
    if found.left_out and not as_json:
        click.echo(f"{found.left_out:,} more; --limit shows more of them.", err=True)


def _tell(found: Log) -> None:
    if not found.revisions:
        console().print("There is no such revision.")
    else:
        optional = {"request": "request", "why": "reason", "from": "source"}
        kept = {heading: name for heading, name in optional.items() if any(getattr(one, name) for one in found)}
        headings = ("rev", "recorded", "who", *kept, "+", "~", "-")
        print_table(Table((), ()), headings=headings, shown=[_row(one, kept) for one in found])
    print_recorded(found.present)
    if found.revisions:
        hint("diff", str(found.revisions[0].number - 1), str(found.revisions[0].number))


def _row(one: Revision, kept: dict[str, str]) -> list[str]:
    return [
        str(one.number),
        f"{one.time[:16]}Z",
        one.actor or "–",
        *(getattr(one, name) or "–" for name in kept.values()),
        *(f"{count:,}" for count in (one.created, one.changed, one.removed)),
    ]
