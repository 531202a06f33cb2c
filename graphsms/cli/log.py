"""``graphsms log``: the revisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, answer_options
from graphsms.cli._output import console, fits, hint, print_table, print_value, write
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
@answer_options
def command(
    since: str | None,
    until: str | None,
    actor: str | None,
    request: str | None,
    limit: int,
    asked: Asked,
) -> None:
    """List the revisions, newest first: when, by whom, why, under which request for change, from which source.

    Each import, and each change of any other kind, is one revision.
    """
    with asked.graph() as graph:
        found = graph.history.log(since=since, until=until, actor=actor, request=request, limit=limit)
    if asked.as_json:
        print_value(found.to_json())
    elif asked.as_csv:
        columns = tuple(found.present.__dataclass_fields__)
        write(to_csv(Table(columns, tuple(tuple(asdict(one).values()) for one in found))))
        print_recorded(found.present, aside=True)
    else:
        _tell(found)
    if found.left_out and not asked.as_json:
        click.echo(f"{found.left_out:,} more; --limit shows more of them.", err=True)


def _tell(found: Log) -> None:
    if not found.revisions:
        console().print("There is no such revision." if found.present.number else "Nothing has been recorded yet.")
    else:
        optional = {"request": "request", "why": "reason", "from": "source"}
        kept = {heading: name for heading, name in optional.items() if any(getattr(one, name) for one in found)}
        headings = ("rev", "recorded", "who", *kept, "+", "~", "-")
        rows = [_row(one, kept) for one in found]
        if _why_is_broken(headings, rows):
            _print_below(found)
        else:
            print_table(Table((), ()), headings=headings, shown=rows)
    print_recorded(found.present)
    if found.revisions:
        hint("diff", str(found.revisions[0].number - 1), str(found.revisions[0].number))


def _why_is_broken(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a word of the reasons, which may be an id, has no room in a column."""
    if "why" not in headings:
        return False
    at = headings.index("why")
    words = max(len(word) for row in rows for word in ("why", *row[at].split()))
    narrowest = [[cell if position != at else "x" * words for position, cell in enumerate(row)] for row in rows]
    return not fits(headings, narrowest)


def _print_below(found: Log) -> None:
    """Each revision on a line of its own, its reason below."""
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    for one in found:
        parts = [f"{one.number:>4}", f"{one.time[:16]}Z", one.actor or "–", one.request]
        parts += [one.source and f"from {one.source}", f"+{one.created:,} ~{one.changed:,} -{one.removed:,}"]
        out.print(Text("  ".join(part for part in parts if part)))
        if one.reason:
            out.print(Padding(Text(one.reason, style="dim"), (0, 0, 0, 6)))


def _row(one: Revision, kept: dict[str, str]) -> list[str]:
    return [
        str(one.number),
        f"{one.time[:16]}Z",
        one.actor or "–",
        *(getattr(one, name) or "–" for name in kept.values()),
        *(f"{count:,}" for count in (one.created, one.changed, one.removed)),
    ]
