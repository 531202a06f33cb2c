"""How what became of the entries of a register of documents is told."""

from __future__ import annotations

from collections.abc import Sequence

import click

from graphsms.cli._output import print_table
from graphsms.ingest.placement import NOT_PLACED, PLACED, UNRELATED, UNUSED, Placement, summed
from graphsms.report.tables import Cell, Table

__all__ = ["placement_rows", "tell_placements"]

_TITLES = (
    (PLACED, "Placed", "serves"),
    (NOT_PLACED, "Not placed: somebody has to say what these serve", "perhaps"),
    (UNRELATED, "Nothing to do with service management", ""),
    (UNUSED, "Keys and text that were not used", ""),
)
_LISTED = 100


def tell_placements(placements: Sequence[Placement]) -> None:
    """What became of each entry: placed and what it serves, not placed with a guess, and what was left aside."""
    if not placements:
        return
    click.echo(summed(placements))
    for outcome, title, serves in _TITLES:
        found = [one for one in placements if one.outcome == outcome]
        if not found:
            continue
        rows = [
            (
                str(one.line or ""),
                one.field,
                one.text,
                one.status,
                "; ".join(filter(None, [", ".join(one.requirements), one.note])),
            )
            for one in found[:_LISTED]
        ]
        headings = ("line", "key", "entry", "status", serves or "why")
        kept = [number for number in range(5) if any(row[number] for row in rows)]
        print_table(
            Table((), ()),
            title=f"{title} ({len(found):,})",
            headings=[headings[number] for number in kept],
            shown=[[row[number] for number in kept] for row in rows],
        )
        if len(found) > _LISTED:
            click.echo(f"... and {len(found) - _LISTED:,} more; --json and --csv list them all.")


def placement_rows(placements: Sequence[Placement]) -> list[tuple[Cell, ...]]:
    """One row each, in the columns of warnings: file, line, id, field, rule, message."""
    return [
        (
            one.file,
            one.line,
            one.id,
            one.field,
            one.outcome.replace(" ", "-"),
            "; ".join(filter(None, [one.text, one.status, ", ".join(one.requirements), one.note])),
        )
        for one in placements
    ]
