"""``graphsms baseline``: the state of configuration items, kept under a name and compared with what came after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded, recording_options
from graphsms.cli._options import Asked, answer_options, at_option, list_options, open_graph, store_options
from graphsms.cli._output import console, hint, print_table, print_value, write
from graphsms.cli.diff import all_option, print_difference
from graphsms.report.tables import Table, to_csv

if TYPE_CHECKING:
    from graphsms.history.baseline import Baseline
    from graphsms.model import Entity


@click.group("baseline", epilog="Example: graphsms baseline create before-4.18 --release rel-shop-4-18")
def command() -> None:
    """Keep the state of configuration items under a name, and compare with it (8.5.3, 8.2.6)."""


@command.command("create", epilog="Example: graphsms baseline create before-4.18 --release rel-shop-4-18")
@click.argument("name")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--release", metavar="ID", help="Take what this release affects too, and tie the baseline to it.")
@at_option
@recording_options
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@store_options
def create(
    name: str,
    ids: tuple[str, ...],
    release: str | None,
    at: str | None,
    actor: str,
    reason: str,
    request: str,
    as_json: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Keep the state of the configuration items ID, with the relations at them, as NAME.

    Without any it is that of the whole graph. The baseline is an entity of the graph, made by a revision of its own.
    """
    with open_graph(store, ontology) as graph:
        made = graph.history.create_baseline(
            name, *ids, at=at, release=release, actor=actor, reason=reason, request=request
        )
    if as_json:
        print_value(made.to_json())
        return
    of = _items(made)
    click.echo(f"Revision {made.made} made the baseline {made.id}: the state of {of} at revision {made.revision}.")


@command.command("list", epilog="Example: graphsms baseline list --json")
@list_options
@store_options
def list_(as_json: bool, as_csv: bool, store: str | None, ontology: tuple[str, ...]) -> None:
    """List the baselines."""
    with open_graph(store, ontology) as graph:
        found, present = graph.history.baselines(), graph.revision
    if as_json:
        print_value(found.to_json())
        print_recorded(present, aside=True)
        return
    columns = ("id", "name", "revision", "taken_at", "items", "releases", "made", "problem")
    if as_csv:
        write(to_csv(Table(columns, tuple(tuple(getattr(one, column) for column in columns) for one in found))))
        print_recorded(present, aside=True)
        return
    if not found:
        click.echo("There is no baseline; `graphsms baseline create NAME` makes one.")
        return
    shown = [
        (
            one.id,
            "–" if one.revision is None else str(one.revision),
            f"{one.taken_at[:16]}Z" if one.taken_at else "–",
            _items(one),
            ", ".join(one.releases) or "–",
        )
        for one in found
    ]
    print_table(Table((), ()), headings=("id", "revision", "taken", "of", "for"), shown=shown)
    for one in found:
        if one.problem:
            click.echo(f"{one.id}: {_problem(one)}", err=True)
    print_recorded(present)
    kept = [one for one in found if one.revision is not None]
    if kept:
        hint("baseline", "diff", max(kept, key=lambda one: one.made).id)


@command.command("show", epilog="Example: graphsms baseline show before-4.18")
@click.argument("name")
@list_options
@store_options
def show(name: str, as_json: bool, as_csv: bool, store: str | None, ontology: tuple[str, ...]) -> None:
    """Show the baseline NAME: its configuration items, as they were."""
    with open_graph(store, ontology) as graph:
        found = graph.history.baseline(name)
        then = {one.id: one for one in graph.store.entities(ids=found.items, at=found.revision)} if found.items else {}
        held = None if found.revision is None else graph.history.revision(found.revision)
    rows = tuple(_row(id, then.get(id)) for id in found.items)
    table = Table(("id", "type", "name"), rows)
    if as_json:
        print_value({**found.to_json(), "items": table.records()})
        return
    if as_csv:
        write(to_csv(table))
        return
    from rich.text import Text

    out = console()
    removed = f" It was removed in revision {found.removed}." if found.removed else ""
    state = "no state" if held is None else f"the state of {_items(found)} at revision {held.number}"
    out.print(Text(f"The baseline {found.id}, made in revision {found.made}, holds {state}.{removed}", style="bold"))
    if found.name != found.id:
        out.print(Text(found.name))
    if found.releases:
        out.print(Text(f"Taken for {', '.join(found.releases)}."))
    if found.problem:
        out.print(Text(_problem(found)))
    if rows:
        shown = [tuple("–" if cell is None else str(cell) for cell in row) for row in rows]
        print_table(table, title=f"Configuration items ({len(rows)})", headings=table.columns, shown=shown)
    if held is not None:
        print_recorded(held)


@command.command("diff", epilog="Example: graphsms baseline diff before-4.18")
@click.argument("name")
@click.argument("other", metavar="[NAME|REV|DATE]", required=False)
@all_option
@answer_options
def diff(
    name: str,
    other: str | None,
    whole: bool,
    asked: Asked,
) -> None:
    """Show what is different now, at a revision or in another baseline, from what the baseline NAME holds.

    Compared are its configuration items and every relation at one of them.
    """
    with asked.graph() as graph:
        found = graph.history.baseline_diff(name, other)
        words = graph.vocabulary
    print_difference(found, words, whole=whole, as_json=asked.as_json, as_csv=asked.as_csv)


def _problem(found: Baseline) -> str:
    return found.problem if found.revision is not None else f"It cannot be compared with: {found.problem}"


def _items(found: Baseline) -> str:
    if not found.items:
        return "the whole graph"
    return "1 item" if len(found.items) == 1 else f"{len(found.items):,} items"


def _row(id: str, entity: Entity | None) -> tuple[str, str | None, str | None]:
    """An item that was not there yet is shown as one."""
    return (id, None, None) if entity is None else (id, entity.type, entity.name)
