"""``graphsms diff``: what is different between two revisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphsms.cli._changes import changes_table, print_changes, print_recorded, recorded
from graphsms.cli._options import Asked, answer_options
from graphsms.cli._output import console, print_table, print_value, write
from graphsms.report.tables import Table, to_csv

if TYPE_CHECKING:
    from graphsms.history.answers import Difference, TypeDifference
    from graphsms.vocabulary import Vocabulary

_F = TypeVar("_F", bound=Callable[..., Any])
_LISTED = 20


def all_option(command: _F) -> _F:
    """``--all``: one by one, however much is different."""
    text = f"Show the changes one by one also where they are more than {_LISTED}."
    return click.option("--all", "whole", is_flag=True, help=text)(command)


@click.command("diff", epilog="Example: graphsms diff 2026-11-20 2026-11-21 --type Service")
@click.argument("since", metavar="REV|DATE|BASELINE")
@click.argument("until", metavar="[REV|DATE|BASELINE]", required=False)
@click.option(
    "--type", "type_", metavar="TYPE", help="Only entities of this type or a subclass, and relations at them."
)
@click.option("--id", "ids", metavar="ID", multiple=True, help="Only this entity and its relations; may be repeated.")
@all_option
@answer_options
def command(
    since: str,
    until: str | None,
    type_: str | None,
    ids: tuple[str, ...],
    whole: bool,
    asked: Asked,
) -> None:
    """Show what is different between two revisions, or between one and now: field by field, or how much of which type.

    A bare date is what was recorded by the end of that day, so `diff 2026-11-20 2026-11-21` is what happened on the
    21st.
    """
    with asked.graph() as graph:
        found = graph.history.diff(since, until, type=type_, ids=ids)
        words = graph.vocabulary
    print_difference(found, words, whole=whole, as_json=asked.as_json, as_csv=asked.as_csv)


def print_difference(found: Difference, words: Vocabulary, *, whole: bool, as_json: bool, as_csv: bool) -> None:
    """A difference in the form that was asked for; where there is much of it, how much of which type."""
    if as_json:
        print_value(found.to_json())
        return
    if as_csv:
        write(to_csv(changes_table(found.changes)))
        for revision in (found.since, found.until):
            print_recorded(revision, aside=True)
        return
    from rich.text import Text

    out = console()
    out.print(Text(found.sentence(), style="bold"))
    if len(found) > _LISTED:
        _print_by_type(found, words)
    if whole or len(found) <= _LISTED:
        for title, changes in (("Entities", found.entities), ("Relations", found.relations)):
            if changes:
                print_changes(changes, words, title=f"{title} ({len(changes):,})")
    else:
        out.print(Text("--all shows the changes one by one, --csv and --json list them."))
    for revision in (found.since, found.until):
        out.print(Text(recorded(revision), style="dim"))


def _print_by_type(found: Difference, words: Vocabulary) -> None:
    counted = found.by_type()
    for title, number, relation in (
        ("Entities", len(found.entities), False),
        ("Relations", len(found.relations), True),
    ):
        rows = [
            (_label(one, words), f"{one.created:,}", f"{one.changed:,}", f"{one.removed:,}")
            for one in counted
            if one.relation is relation
        ]
        headings = ("type", "created", "changed", "removed")
        if rows:
            print_table(Table((), ()), title=f"{title} by type ({number:,})", headings=headings, shown=rows)


def _label(one: TypeDifference, words: Vocabulary) -> str:
    term = words.relations.get(one.type) if one.relation else words.types.get(one.type)
    return term.label if term else one.type
