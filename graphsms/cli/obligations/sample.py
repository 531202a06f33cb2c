"""``graphsms sample``: records for an audit, drawn in a way that can be repeated."""

from __future__ import annotations

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.cli.obligations._shown import edition_option
from graphsms.report.tables import Table


@click.command("sample", epilog="Example: graphsms sample --clause 8.5.1 --size 5 --seed 2026 --since 2026-06-01")
@click.option("--clause", metavar="NUMBER", help="Of what is linked to it as evidence, or of a type that it is about.")
@click.option("--type", "type_", metavar="TYPE", help="Of all of a type, such as Incident.")
@click.option("--size", type=int, required=True, metavar="N", help="How many.")
@click.option("--seed", type=int, required=True, metavar="S", help="A number: with the same, the same are drawn.")
@click.option("--by", type=click.Choice(["type", "process"]), help="Some of each, and the rest in proportion.")
@click.option("--since", metavar="DATE", help="Dated from then on; a bare date: from its beginning.")
@click.option("--until", metavar="DATE", help="Dated before then; a bare date: with that day.")
@click.option("--keep", is_flag=True, help="Store the sample as a record of the graph.")
@edition_option
@actor_option
@question_options
def command(
    clause: str | None,
    type_: str | None,
    size: int,
    seed: int,
    by: str | None,
    since: str | None,
    until: str | None,
    keep: bool,
    edition: str | None,
    actor: str,
    asked: Asked,
) -> None:
    """Draw records for an audit, with the requirements that each serves.

    Which are drawn depends on the seed and on what there is to draw from, and on nothing else: anybody can draw the
    same again. A larger sample of the same seed holds the smaller one.
    """
    with asked.graph() as graph:
        found = graph.obligations.sample(
            clause=clause, type=type_, size=size, seed=seed, by=by, since=since, until=until, edition=edition,
            keep=keep, actor=actor, at=asked.at, as_of=asked.as_of,
        )  # fmt: skip
    if asked.as_json:
        print_value(found.to_json())
        return
    if asked.as_csv:
        print_table(found.table(), as_csv=True)
        tell_times(found)
        return
    out = console()
    out.print(found.sentence(), markup=False, style="bold")
    shown = [(one.id, one.type, one.date[:10] or "–", _clauses(one.clauses)) for one in found.drawn]
    if shown:
        headings = ("id", "type", "date", "serves clauses")
        print_table(Table((), ()), headings=headings, shown=shown, whole=("date", "type"))
    for note in found.notes():
        out.print(note, markup=False)
    if found.kept:
        out.print(f"Revision {found.kept_in}: kept as {found.kept}.", markup=False)
    tell_times(found)
    if found.drawn:
        hint("show", found.drawn[0].id)


_MOST = 6


def _clauses(numbers: tuple[str, ...]) -> str:
    more = len(numbers) - _MOST
    return (", ".join(numbers[:_MOST]) + (f" and {more} more" if more > 0 else "")) or "–"
