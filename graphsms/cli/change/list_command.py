"""``graphsms change list``: the requests for change, with their windows and what they touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli.change._stacked import print_list
from graphsms.moments import now
from graphsms.report.tables import Table
from graphsms.snapshot.validity import microseconds

if TYPE_CHECKING:
    from graphsms.change import Request


@click.command("list", epilog="Example: graphsms change list --status approved")
@click.option("--status", metavar="CODE", multiple=True, help="Only requests of this status; may be repeated.")
@question_options
def command(status: tuple[str, ...], asked: Asked) -> None:
    """List the requests for change: those still to be made in the order of their windows, then those without one, then
    those whose window is over, the latest first."""
    from graphsms.change.requests import require_statuses

    with asked.graph() as graph:
        require_statuses(graph.vocabulary, status)
        revision = graph.history.revision(asked.at)
        moment = graph.moment(asked.as_of) if asked.as_of else now()
        found = [one for one in graph.change.requests(at=asked.at) if not status or one.status in status]
    found = _in_order(found, microseconds(moment))
    if asked.as_json:
        print_value(
            {
                "revision": revision.number,
                "at": revision.time,
                "as_of": moment,
                "requests": [one.to_json() for one in found],
            }
        )
        return
    columns = ("id", "name", "status", "category", "priority", "start", "end", "touched")
    table = Table(columns, tuple(_row(one) for one in found))
    if not asked.as_csv:
        many = f"{len(found)} request{'s' if len(found) != 1 else ''} for change"
        console().print(f"{many}{' of status ' + ', '.join(status) if status else ''}.", markup=False)
        if not found and not status:
            console().print("Import them with `graphsms ingest`, or record one with `graphsms change create`.")
    shown = [(one.id, one.name, one.status, _window(one)) for one in found]
    if asked.as_csv:
        print_table(table, as_csv=True)
    elif found:
        print_list(("id", "name", "status", "window (UTC)"), shown)
    print_recorded(revision, moment, aside=asked.as_csv)
    if found and not asked.as_csv:
        hint("change", "show", found[0].id)


def _in_order(requests: list[Request], moment: int) -> list[Request]:
    dated = sorted((one for one in requests if one.span is not None), key=lambda one: (one.span or (0, 0), one.id))
    ahead = [one for one in dated if (one.span or (0, 0))[1] > moment]
    over = [one for one in dated if (one.span or (0, 0))[1] <= moment]
    return [*ahead, *(one for one in requests if one.span is None), *reversed(over)]


def _row(one: Request) -> tuple[str, ...]:
    touches = ", ".join(f"{touched.entity.id} ({touched.mode})" for touched in one.touches)
    start, end = one.window
    return (one.id, one.name, one.status, one.says("changeCategory"), one.says("priority"), start, end, touches)


def _window(one: Request) -> str:
    start, end = (text[:16].replace("T", " ") for text in one.window)
    return f"{start} – {end[11:] if end[:10] == start[:10] else end}" if start else ""
