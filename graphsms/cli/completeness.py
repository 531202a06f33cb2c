"""``graphsms completeness``: what is recorded of configuration items, and how fresh it is."""

from __future__ import annotations

import sys

import click

from graphsms.analysis.configuration import RECORDED, Completeness, OfType
from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.report.tables import Cell, Table


@click.command("completeness", epilog="Example: graphsms completeness --type Server --items")
@click.option("--type", "type_", metavar="TYPE", help="Only items of a type and its subtypes.")
@click.option("--items", is_flag=True, help="List the items that lack something, instead of the types.")
@click.option(
    "--freshness", "fresh", is_flag=True, help="Show how fresh and verified they are, instead of how complete."
)
@click.option("--policy", metavar="FILE", help="A policy for configuration management instead of ours.")
@question_options
def command(
    type_: str | None,
    items: bool,
    fresh: bool,
    policy: str | None,
    asked: Asked,
) -> None:
    """Show how complete and fresh configuration information is, by type, as 8.2.6 wants it.

    For each live configuration item: a) unique identification, b) type, c) description, d) relationships, e) status.
    Exit code 1 where something is missing.
    """
    with asked.graph() as graph:
        answer = graph.configuration.completeness(type=type_, policy=policy, at=asked.at, as_of=asked.as_of)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        print_table(_items(answer) if items else _types(answer), as_csv=True)
        tell_times(answer)
    else:
        _print(answer, items=items, fresh=fresh)
    sys.exit(1 if answer.items else 0)


def _types(answer: Completeness) -> Table:
    recorded = (f"recorded_{letter}" for letter in RECORDED)
    fresh = ("fresh", "stale", "without_interval", "by_hand", "last_import", "verified", "last_verified")
    columns = ("type", "total", *recorded, "complete", "expected", "orphans", *fresh)
    return Table(columns, tuple(_row(one) for one in answer.types))


def _row(one: OfType) -> tuple[Cell, ...]:
    its = one.freshness
    recorded = (one.recorded[letter] for letter in RECORDED)
    fresh = (its.fresh, its.stale, its.without_interval, its.by_hand, its.last_import, its.verified, its.last_verified)
    return (one.type, one.total, *recorded, one.complete, one.expected, one.orphans, *fresh)


def _items(answer: Completeness) -> Table:
    return Table(
        ("id", "type", "name", "missing", "expected", "orphan"),
        tuple(
            (one.id, one.type, one.name, tuple(RECORDED[letter] for letter in one.missing), one.expected, one.orphan)
            for one in answer.items
        ),
    )


def _print(answer: Completeness, *, items: bool, fresh: bool) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(answer.sentence(), style="bold"))
    if items and answer.items:
        rows = [
            (
                one.id,
                one.type,
                ", ".join((*(RECORDED[x] for x in one.missing), *one.expected, *["orphan"] * one.orphan)),
            )
            for one in answer.items
        ]
        print_table(_items(answer), title="Items that lack something", headings=("id", "type", "lacks"), shown=rows)
    elif answer.types:
        if fresh:
            print_table(_types(answer), headings=_FRESHNESS, shown=[_fresh(one) for one in answer.types])
        else:
            letters = "  ".join(f"{letter}) {name}" for letter, name in RECORDED.items())
            out.print(Text(letters, style="dim"))
            print_table(_types(answer), headings=_RECORDED, shown=[_recorded(one) for one in answer.types])
    recorded = f" of {answer.at[:16]}Z" if answer.at else ""
    out.print(Text(f"Revision {answer.revision}{recorded}, as of {answer.as_of[:16]}Z.", style="dim"))
    if answer.items and not items:
        hint("findings", "--check", "ci-incomplete")


_RECORDED = ("type", "items", *RECORDED, "a–e", "expected", "orphans")
_FRESHNESS = ("type", "fresh", "stale", "last read", "verified", "last verified")


def _recorded(one: OfType) -> list[str]:
    recorded = (str(one.recorded[letter]) for letter in RECORDED)
    return [one.label, str(one.total), *recorded, str(one.complete), str(one.expected), str(one.orphans)]


def _fresh(one: OfType) -> list[str]:
    its = one.freshness
    counts = (f"{count}/{one.total}" for count in (its.fresh, its.stale))
    verified = (f"{its.verified}/{one.total}", its.last_verified[:10] or "never")
    return [one.label, *counts, its.last_import[:10] or "never", *verified]
