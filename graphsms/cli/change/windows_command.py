"""``graphsms change windows``: what stands against the window of a change, and the nearest ones without conflict."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli.change.conflicts_command import print_breaches, print_conflict
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.change.proposals import Proposals


@click.command("windows", epilog="Example: graphsms change windows rfc-2052 --earliest 2026-11-28 --count 5")
@click.argument("id", metavar="RFC")
@click.option("--earliest", metavar="DATE", help="From when on; a bare date: from its beginning. [default: now]")
@click.option("--latest", metavar="DATE", help="Until when; a bare date: to its end. [default: 90 days ahead]")
@click.option("--length", metavar="DURATION", help="How long it takes, such as PT2H. [default: as long as its window]")
@click.option("--count", metavar="N", type=int, default=3, show_default=True, help="How many windows to propose.")
@click.option("--undecided", is_flag=True, help="Keep clear also of requests on which nothing has been decided.")
@click.option("--without-context", is_flag=True, help="Leave out what is down already by open incidents.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@question_options
def command(
    id: str,
    earliest: str | None,
    latest: str | None,
    length: str | None,
    count: int,
    undecided: bool,
    without_context: bool,
    policy: str | None,
    asked: Asked,
) -> None:
    """Propose the nearest windows in which a change is in nobody's way.

    They are as long as the one that it has, in no freeze, within the maintenance windows of what it touches or
    interrupts, and at times at which no service goes down by it together with other changes or open incidents. Exit
    code 1 where something stands against the window that it has, or none was found.
    """
    with asked.graph() as graph:
        answer = graph.change.windows(
            id,
            earliest=earliest,
            latest=latest,
            length=length,
            count=count,
            undecided=undecided,
            context=not without_context,
            policy=policy,
            at=asked.at,
            as_of=asked.as_of,
        )
        revision = graph.history.revision(answer.revision)
    if asked.as_json:
        print_value(answer.to_json())
    else:
        if asked.as_csv:
            print_table(answer.table(), as_csv=True)
        else:
            _print(answer)
        print_recorded(revision, answer.as_of, aside=asked.as_csv)
        if not asked.as_csv:
            hint("change", "conflicts", id)
    sys.exit(0 if answer.proposals and (answer.present is None or answer.free) else 1)


def _print(answer: Proposals) -> None:
    from rich.text import Text

    from graphsms.change.proposals import shown_window

    out, zone = console(), answer.zone
    out.print(Text(answer.sentence()))
    if answer.present is not None:
        for one in answer.present.consumed:
            out.print()
            print_conflict(one, zone)
        print_breaches(answer.present.breaches, zone)
    rows: list[tuple[str, ...]] = [
        (shown_window(one.start, one.end, zone), _utc(one.start, one.end), _moved(one.moved_by))
        for one in answer.proposals
    ]
    headings: tuple[str, ...] = (f"window ({zone})", "UTC", "from the wanted one")
    if str(zone) == "UTC":  # then the two would say the same
        rows, headings = [(shown, moved) for shown, _, moved in rows], (headings[0], headings[2])
    if rows:
        print_table(Table((), ()), title=f"Without conflict ({len(rows)})", headings=headings, shown=rows)
    out.print()
    for held in (*answer.held, *answer.notes):
        out.print(Text(held, style="dim"))


def _utc(start: str, end: str) -> str:
    since, until = (text[:16].replace("T", " ") for text in (start, end))
    return f"{since} – {until[11:] if until[:10] == since[:10] else until}"


def _moved(seconds: int) -> str:
    if not seconds:
        return "the same"
    days, rest = divmod(abs(seconds), 86_400)
    hours, minutes = divmod(rest // 60, 60)
    parts = [f"{days} d"] * bool(days) + [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    return f"{' '.join(parts) or 'less than a minute'} {'later' if seconds > 0 else 'earlier'}"
