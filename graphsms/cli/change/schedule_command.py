"""``graphsms change schedule``: the forward schedule of changes, as table, JSON, CSV and iCalendar."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import at_option, list_options, open_graph, store_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli.change._stacked import print_list
from graphsms.errors import InputError
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from datetime import tzinfo

    from graphsms.change.forward import Entry
    from graphsms.store import Store


@click.command(
    "schedule", epilog="Example: graphsms change schedule --from 2026-11-21 --to 2026-12-05 --ics changes.ics"
)
@click.option("--from", "start", metavar="DATE", help="From when; a bare date: from its beginning. [default: now]")
@click.option("--to", "end", metavar="DATE", help="Until when; a bare date: to its end. [default: four weeks on]")
@click.option("--status", metavar="CODE", multiple=True, help="Only changes of this status; may be repeated.")
@click.option("--changes-only", is_flag=True, help="Without freezes and maintenance windows.")
@click.option("--ics", metavar="FILE", help="Write it as iCalendar too; - is standard output, with nothing else there.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@list_options
@at_option
@store_options
def command(
    start: str | None,
    end: str | None,
    status: tuple[str, ...],
    changes_only: bool,
    ics: str | None,
    policy: str | None,
    as_json: bool,
    as_csv: bool,
    at: str | None,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Show what is to be changed when, beside freezes and maintenance windows.

    Changes that are approved, not yet decided on, or made; those that are not decided on are marked. Times are those of
    the organization's zone; --json, --csv and --ics have UTC.
    """
    if ics == "-" and (as_json or as_csv):
        raise click.UsageError("Standard output takes one form: give --ics a file, or leave --json and --csv out.")
    with open_graph(store, ontology) as graph:
        answer = graph.change.schedule(start, end, status=status, windows=not changes_only, policy=policy, at=at)
        zone, held = graph.zone, graph.store
        if ics == "-":
            sys.stdout.buffer.write(answer.to_ical())
            sys.stdout.buffer.flush()
            return
        if ics is not None:
            _write(Path(ics), answer.to_ical(), held)
    if as_json:
        print_value(answer.to_json())
        return
    from graphsms.change.forward import COLUMNS

    table = Table(COLUMNS, tuple(one.row() for one in answer.entries))
    if as_csv:
        print_table(table, as_csv=True)
    else:
        console().print(answer.sentence(zone), markup=False)
        if answer.entries:
            rows = [(*_when(one, zone), one.entity.id, one.entity.name, _status(one)) for one in answer.entries]
            print_list(("from", "to", "id", "name", "status"), rows)
            console().print(f"Times are those of {zone}.", markup=False, style="dim")
        if not all(one.decided or one.off for one in answer.entries):
            console().print("* not decided on yet.", markup=False, style="dim")
        if answer.without_window:
            ids = ", ".join(one.id for one in answer.without_window)
            console().print(f"It is not recorded when: {ids}.", markup=False)
        if ics is not None:
            console().print(f"Written to {ics}.", markup=False)
    print_recorded(answer.revision, aside=as_csv)
    if answer.entries and not as_csv:
        hint("change", "conflicts")


def _status(one: Entry) -> str:
    """Of a change its status; of a window what it is."""
    said = one.says("changeStatus") or one.kind
    return said if one.decided or one.off else f"{said} *"


def _when(one: Entry, zone: tzinfo) -> tuple[str, str]:
    """From when to when; of the end only the time where it is on the same day."""
    from datetime import datetime

    since, until = (datetime.fromisoformat(text).astimezone(zone) if text else None for text in (one.start, one.end))
    assert since is not None, "what has no beginning is not in the schedule"
    same = until is not None and until.date() == since.date()
    return f"{since:%Y-%m-%d %H:%M}", f"{until:{'%H:%M' if same else '%Y-%m-%d %H:%M'}}" if until else "open"


def _write(path: Path, content: bytes, store: Store) -> None:
    """Write beside the file, and put it in its place when all is written."""
    from graphsms.store import files_of

    path = Path(os.path.realpath(path))
    if path in files_of(store):
        raise InputError(f"The file {path} is the store itself; give another.")
    beside = path.with_name(f".{path.name}.{os.getpid()}") if path.is_file() or not path.exists() else path
    try:
        beside.write_bytes(content)
        if beside != path:
            beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True) if beside != path else None
        raise InputError(f"The file {path} cannot be written: {error.strerror}.") from None
