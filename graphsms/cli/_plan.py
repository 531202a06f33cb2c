"""How an import is told to people: what it would do, what it left out, what does not stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from graphsms.cli._output import print_table
from graphsms.cli._placed import tell_placements
from graphsms.errors import InputError
from graphsms.ingest import ImportPlan, PlannedChange, Rejected
from graphsms.ingest.drafted import OverruledOf
from graphsms.ingest.plan import COLUMNS
from graphsms.model import Entity, Fault, RelationKey, Value
from graphsms.report.tables import Cell, Table

__all__ = ["LISTED", "plan_table", "rejected_file", "tell_of_rejected", "tell_overruled", "tell_plan", "warn_of"]

LISTED = 20
_CHANGES = 40
_LINE = 100  # longer ones are told on several
_TEXT = 400  # of a text; --json and --csv have all of it


def warn_of(warnings: Iterable[Fault]) -> None:
    """Warnings, on standard error."""
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


def tell_of_rejected(rejected: Sequence[Rejected]) -> None:
    """What was left out and why, on standard error."""
    for one in rejected[:LISTED]:
        for fault in one.faults:
            click.echo(f"rejected: {fault}", err=True)
    if len(rejected) > LISTED:
        click.echo(f"... and {len(rejected) - LISTED:,} more; --rejected FILE writes them all.", err=True)


def tell_overruled(overruled: Sequence[OverruledOf], source: str) -> None:
    """What a source says and what does not stand."""
    for of, (field, says, stands, by) in overruled[:LISTED]:
        whose = f"{by} says" if by else "entered by hand:"
        line = f"Does not stand: {_named(of)} {field} {_shown(says)} of {source}; {whose} {_shown(stands)}"
        if len(line) > _LINE:
            line = f"Does not stand: {_named(of)} {field}\n  {source} says {_shown(says)}\n  {whose} {_shown(stands)}"
        click.echo(line)
    if len(overruled) > LISTED:
        click.echo(f"... and {len(overruled) - LISTED:,} more; --json lists them all.")


def tell_plan(plan: ImportPlan) -> None:
    """A plan: the sentence, then every change, one line a field; the first of them where there are many."""
    warn_of(plan.warnings)
    tell_of_rejected(plan.rejected)
    click.echo(plan.sentence())
    if plan.placeholders:
        click.echo(f"Referred to but described nowhere: {', '.join(plan.placeholders)}")
    rows = [row for change in plan.changes[: _CHANGES + 1] for row in _lines(change)]
    if rows:
        listed = rows[:_CHANGES]
        kept = [column for column in range(4) if any(row[column] for row in listed)]
        headings = [("action", "what", "field", "change")[column] for column in kept]
        shown = [[row[column] for column in kept] for row in listed]
        print_table(Table((), ()), title=f"Changes ({len(plan.changes):,})", headings=headings, shown=shown)
    if len(rows) > _CHANGES:
        click.echo("... and more; --json and --csv list them all.")
    tell_overruled(plan.overruled, plan.source)
    tell_placements(plan.placements)


def plan_table(plan: ImportPlan) -> Table:
    """All changes, one row a field."""
    return Table(COLUMNS, tuple(tuple(map(_cell, row)) for row in plan.rows()))


def _cell(value: object) -> Cell:
    assert value is None or isinstance(value, str | int | float | bool | tuple)
    return value


def _lines(change: PlannedChange) -> Iterator[tuple[str, str, str, str]]:
    thing = change.thing
    what = thing.id if isinstance(thing, Entity) else _named(thing.key)
    if change.action == "create":
        said = thing.type if isinstance(thing, Entity) else ""
        more = ", ".join(f"{name} {_shown(value)}" for name, value in thing.properties.items())
        yield "create", what, "", ": ".join(filter(None, (said, more)))
    elif change.action == "note":
        yield "note", what, "", f"stated by {', '.join(source or 'hand' for source in thing.stated) or thing.source}"
    elif change.action == "remove":
        yield "remove", what, "", ""
    for one in change.fields if change.action == "change" else ():
        by = "" if one.by == (thing.source or "") else f" ({one.by or 'hand'})"
        yield "change", what, one.field, f"{_shown(one.before)} → {_shown(one.after)}{by}"


def _named(of: str | RelationKey) -> str:
    return of if isinstance(of, str) else " ".join(of)


def _shown(value: Value | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}… ({len(text):,} characters)"


@contextmanager
def rejected_file(path: str | None) -> Iterator[Callable[[str], None]]:
    """Where what was left out is written; that it can be is found out before anything is imported."""
    if path is None:
        yield lambda _: None
        return
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as out:
            yield lambda text: _put(out.write, text, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from None


def _put(write: Callable[[str], int], text: str, path: str) -> None:
    try:
        write(text)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; the import itself was made.") from None
