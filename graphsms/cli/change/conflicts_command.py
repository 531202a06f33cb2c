"""``graphsms change conflicts``: redundancy that changes consume together, and windows that are not kept."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, shape, state
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from datetime import tzinfo

    from graphsms.change.conflicts import Conflict, Conflicts
    from graphsms.change.windows import Breach, Overlap


@click.command("conflicts", epilog="Example: graphsms change conflicts rfc-2051 rfc-2052")
@click.argument("ids", nargs=-1, metavar="[RFC]...")
@click.option("--undecided", is_flag=True, help="Also requests on which nothing has been decided yet.")
@click.option("--without-context", is_flag=True, help="Leave out what is down already by open incidents.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@click.option(
    "--start", metavar="DATE", help="Windows from then on; a bare date: from its beginning. [default: --as-of]"
)
@click.option("--end", metavar="DATE", help="Windows until then; a bare date: to its end.")
@question_options
def command(
    ids: tuple[str, ...],
    undecided: bool,
    without_context: bool,
    policy: str | None,
    start: str | None,
    end: str | None,
    asked: Asked,
) -> None:
    """Find changes that take services down together, though none of them does alone.

    Sets are minimal: without any one of its changes the services go on. First come single changes whose partner is
    down already, then several together; what a change stops alone is listed apart. Then changes in a freeze, outside
    the maintenance windows of what they interrupt, and at once on the same or dependent things. Without RFC, of all
    that are approved and not over. Exit code 1 where redundancy is consumed or a window not kept.
    """
    with asked.graph() as graph:
        answer = graph.change.conflicts(
            *ids,
            undecided=undecided,
            context=not without_context,
            start=start,
            end=end,
            policy=policy,
            at=asked.at,
            as_of=asked.as_of,
        )
        revision = graph.history.revision(answer.revision)
        zone = graph.zone
    if asked.as_json:
        print_value(answer.to_json())
    else:
        if asked.as_csv:
            print_table(answer.table(), as_csv=True)
        else:
            _print(answer, zone)
        print_recorded(revision, answer.as_of, aside=asked.as_csv)
        if answer.consumed and not asked.as_csv:
            hint("change", "windows", answer.consumed[0].ids[0])
    sys.exit(1 if answer.found else 0)


def _print(answer: Conflicts, zone: tzinfo) -> None:
    from rich.text import Text

    from graphsms.change.proposals import shown_window

    out = console()
    out.print(Text(answer.sentence()))
    for one in answer.consumed:
        out.print()
        print_conflict(one, zone)
    alone = [
        (one.ids[0], shown_window(*one.spans[0], zone), ", ".join(each.id for each in one.services))
        for one in answer.conflicts
        if one not in answer.consumed
    ]
    if alone:
        headings = ("change", f"when ({zone})", "services")
        print_table(Table((), ()), title=f"Stops services alone ({len(alone)})", headings=headings, shown=alone)
    print_breaches(answer.breaches, zone)
    _print_overlaps(answer.overlaps, zone)
    for note in answer.notes:
        out.print(Text(note, style="dim"))
    out.print()


def print_conflict(one: Conflict, zone: tzinfo) -> None:
    """A set of changes: when, what goes down, and which redundancy they consume."""
    from rich.padding import Padding
    from rich.text import Text

    from graphsms.change.proposals import shown_window

    out = console()
    times = ", ".join(shown_window(*span, zone) for span in one.spans)
    out.print(Text.assemble(shape("down"), " ", (" + ".join(one.ids), "bold"), f"  {times} ({zone})"))
    for change in one.changes:
        start, end = change.window
        said = f"{change.id}: {change.name} ({change.status or 'no status'}), {shown_window(start, end, zone)}"
        out.print(Padding(Text(said, style="dim"), (0, 0, 0, 2)))
    because = {each.because.id: each.because.name for each in one.because}
    for id, name in because.items():
        out.print(Padding(Text(f"with {id}: {name}", style="dim"), (0, 0, 0, 2)))
    services = ", ".join(each.id for each in one.services)
    out.print(Padding(Text(f"Services down: {services}"), (0, 0, 0, 2)))
    for each in one.groups:
        needs = f"{each.group.id} needs {each.minimum} of {each.members}"
        lost = "; ".join(f"{lost.entity.id} by {' or '.join(' + '.join(by) for by in lost.by)}" for lost in each.lost)
        out.print(Padding(Text(f"{needs}, and loses {lost}"), (0, 0, 0, 2)))
    for judged in one.judged:
        who = judged.by or "Somebody"
        said = f"{who} holds {judged.entity} not to be impacted by {judged.request} alone: {judged.why}"
        out.print(Padding(Text(said, style="dim"), (0, 0, 0, 2)))


def print_breaches(breaches: Iterable[Breach], zone: tzinfo) -> None:
    """The windows that are not kept, as a table."""
    from rich.text import Text

    from graphsms.change.proposals import shown_window
    from graphsms.change.windows import IN_FREEZE

    rows: list[tuple[Text | str, ...]] = []
    for one in breaches:
        windows = ", ".join(window.id for window in one.windows)
        said = f"in {windows}" if one.kind == IN_FREEZE else f"not in {windows}"
        begins = shown_window(one.change.window[0], "", zone).removesuffix(" –")
        rows.append((one.change.id, begins, state(one.state), one.of.id, said))
    if rows:
        headings = ("change", f"begins ({zone})", "by it", "of", "window")
        print_table(Table((), ()), title=f"Windows not kept ({len(rows)})", headings=headings, shown=rows)


def _print_overlaps(overlaps: Iterable[Overlap], zone: tzinfo) -> None:
    from graphsms.change.proposals import shown_window

    rows = [
        (
            " + ".join(change.id for change in one.changes),
            shown_window(one.start, one.end, zone),
            f"{', '.join(thing.id for thing in one.things)} {'stands on the first' if one.dependent else 'in both'}",
        )
        for one in overlaps
    ]
    if rows:
        headings = ("changes", f"at once ({zone})", "what")
        print_table(
            Table((), ()), title=f"On the same or dependent things ({len(rows)})", headings=headings, shown=rows
        )
