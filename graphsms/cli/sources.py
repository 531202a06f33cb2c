"""``graphsms sources``: where what is in the graph comes from, and which source is believed before which."""

from __future__ import annotations

import click

from graphsms.analysis.sources import SourceSummary
from graphsms.cli._changes import print_recorded
from graphsms.cli._options import list_options, open_graph, store_options
from graphsms.cli._output import console, fits, print_table
from graphsms.cli._who import actor_option
from graphsms.moments import now
from graphsms.report.tables import Table


@click.group("sources", invoke_without_command=True, epilog="Example: graphsms sources prefer cmdb monitoring")
@list_options
@store_options
@click.pass_context
def command(ctx: click.Context, as_json: bool, as_csv: bool, store: str | None, ontology: tuple[str, ...]) -> None:
    """List the sources of the graph, the one to be believed first ahead: last import, precedence, what they state.

    Where several sources say something of the same property, the first of this list holds. Entities by hand come
    before all but those that are authoritative.
    """
    if ctx.invoked_subcommand is not None:
        if as_json or as_csv:
            raise click.UsageError("--json and --csv are for the list.", ctx)
        ctx.find_root().obj |= {"store": store, "ontology": ontology}  # what is said here holds for what follows
        return
    with open_graph(store, ontology) as graph:
        revision, moment = graph.revision, now()
        found = list(graph.sources)
    table = Table(
        tuple(SourceSummary.__dataclass_fields__),
        tuple(tuple(one.to_json().values()) for one in found),  # type: ignore[arg-type]
    )
    if as_json or as_csv:
        print_table(table, as_json=as_json, as_csv=as_csv)
        print_recorded(revision, moment, aside=True)
        return
    click.echo(_sentence(found))
    stating = [one for one in found if one.last_import or one.entities or one.relations or one.precedence]
    if stating:
        _print_fitting(stating)
    if silent := [one.name for one in found if one not in stating]:
        console().print(f"Named, and nothing was imported from: {', '.join(silent)}.", markup=False)
    print_recorded(revision, moment)


# What there is no room for is left out, the first of these first; --json and --csv have all.
_DISPENSABLE = ("relations", "fresh", "entities", "contested")


def _print_fitting(found: list[SourceSummary]) -> None:
    rows = [_row(one) for one in found]
    kept = list(_HEADINGS)
    for heading in ("", *_DISPENSABLE):
        kept = [one for one in kept if one != heading]
        shown = [[row[_HEADINGS.index(one)] for one in kept] for row in rows]
        if fits(kept, shown):
            break
    print_table(Table((), ()), headings=kept, shown=shown)


_HEADINGS = ("source", "imported", "fresh", "precedence", "entities", "relations", "contested")


def _sentence(found: list[SourceSummary]) -> str:
    if not found:
        return "The graph has no source yet: `graphsms ingest FILE` imports one."
    number, contested = sum(bool(one.name) for one in found), sum(one.contested for one in found)
    stale = sum(one.fresh is False for one in found)
    values = f"{contested:,} value does" if contested == 1 else f"{contested:,} values do"
    stands = f"{values} not stand: a source before says otherwise" if contested else "all that they say stands"
    text = f"{number} {'source' if number == 1 else 'sources'}; {stands}"
    return text + (f"; {stale} not fresh." if stale else ".")


def _row(one: SourceSummary) -> tuple[str, ...]:
    fresh = {True: "yes", False: "no", None: "–"}[one.fresh]
    return (
        one.name or "(by hand)",
        f"{one.last_import[:16]}Z" if one.last_import else "–",
        fresh,
        ("first" if one.authoritative else f"{one.precedence}") if one.name else "–",
        f"{one.entities:,}",
        f"{one.relations:,}",
        f"{one.contested:,}",
    )


@command.command("prefer", epilog="Example: graphsms sources prefer cmdb monitoring --request RFC-17")
@click.argument("names", nargs=-1, required=True)
@actor_option
@click.option("--reason", metavar="WHY", default="", help="Why, for the history.")
@click.option("--request", metavar="ID", default="", help="The request for change that this implements.")
@store_options
def prefer(
    names: tuple[str, ...],
    actor: str,
    reason: str,
    request: str,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Believe the sources NAMES in this order, before all others; what they contest is put together anew at once."""
    with open_graph(store, ontology) as graph:
        for message in graph.sources.unknown(names):
            click.echo(f"warning: {message}", err=True)
        before = graph.revision.number
        made = graph.sources.prefer(*names, actor=actor, reason=reason, request=request)
    if made.number == before:
        click.echo(f"Nothing changed: still revision {made.number}.")
    else:
        count = made.created + made.changed
        click.echo(
            f"Revision {made.number}: {', then '.join(names)}; {count:,} {'change' if count == 1 else 'changes'}."
        )
