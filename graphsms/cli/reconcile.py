"""``graphsms reconcile``: what may be recorded twice, and what is done about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, answer_options, open_graph, question_options, store_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.report.tables import Cell, Table

if TYPE_CHECKING:
    from graphsms.analysis.merging import Merge
    from graphsms.analysis.reconciliation import Duplicates

_COLUMNS = ("keep", "id", "other", "score", "rules", "values", "type")


@click.group("reconcile", invoke_without_command=True, epilog="Example: graphsms reconcile --type Server --least 0.9")
@click.option("--type", "type_", metavar="TYPE", help="Only entities of a type and its subtypes.")
@click.option("--rules", metavar="FILE", help="Rules of identification of your own (YAML) instead of ours.")
@click.option("--least", metavar="SCORE", type=click.FloatRange(0, 1), help="The least score. [default: the rules say]")
@question_options
@click.pass_context
def command(
    ctx: click.Context,
    type_: str | None,
    rules: str | None,
    least: float | None,
    asked: Asked,
) -> None:
    """Propose which records are of the same thing, with the evidence; nothing is merged.

    Exit code 1 where something is proposed. `reconcile merge` makes one of them, `reconcile reject` says they differ.
    """
    if ctx.invoked_subcommand is not None:
        ctx.find_root().obj = {"store": asked.store, "ontology": asked.ontology}
        return
    with asked.graph() as graph:
        answer = graph.configuration.duplicates(type=type_, rules=rules, least=least, at=asked.at, as_of=asked.as_of)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        print_table(Table(_COLUMNS, tuple(_rows(answer))), as_csv=True)
        tell_times(answer)
    else:
        _print(answer)
    sys.exit(1 if answer.groups else 0)


def _rows(answer: Duplicates) -> list[tuple[Cell, ...]]:
    return [
        (
            group.keep,
            *pair.ids,
            pair.score,
            tuple(one.rule for one in pair.evidence),
            tuple(" + ".join(one.values) for one in pair.evidence),
            group.type,
        )
        for group in answer.groups
        for pair in group.pairs
    ]


def _print(answer: Duplicates) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(answer.sentence(), style="bold"))
    if answer.groups:
        shown = [
            (f"{pair.score:.2f}", "\n".join(pair.ids), "\n".join(map(str, pair.evidence)))
            for group in answer.groups
            for pair in group.pairs
        ]
        print_table(Table((), ()), headings=("score", "id", "evidence"), shown=shown)
        first = answer.groups[0]
        hint("reconcile", "merge", first.keep, *first.others)
    at = f" of {answer.at[:16]}Z" if answer.at else ""
    out.print(Text(f"Revision {answer.revision}{at}, as of {answer.as_of[:16]}Z.", style="dim"))


@command.command("merge", epilog="Example: graphsms reconcile merge web-1 scan:17 --dry-run")
@click.argument("keep")
@click.argument("others", nargs=-1, required=True, metavar="OTHER...")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--reason", metavar="WHY", default="", help="Why, for the history.")
@click.option("--request", metavar="ID", default="", help="The request for change that this implements.")
@actor_option
@answer_options
def merge(
    keep: str,
    others: tuple[str, ...],
    dry_run: bool,
    reason: str,
    request: str,
    actor: str,
    asked: Asked,
) -> None:
    """Make one entity of KEEP and the OTHERs, in one revision: relations rewired, properties united; KEEP wins.

    The ids of the others become former ids of KEEP; their history stays readable.
    """
    with asked.graph() as graph:
        done = graph.configuration.merge(keep, *others, dry_run=dry_run, actor=actor, reason=reason, request=request)
    if asked.as_json:
        print_value(done.to_json())
    elif asked.as_csv:
        print_table(_conflicts(done), as_csv=True)
    else:
        click.echo(done.sentence())
        for subject, type, object in done.dropped:
            click.echo(f"Dropped: {subject} {type} {object}")
        if done.conflicts:
            headings = ("of", "field", "kept", "lost", "said by")
            print_table(_conflicts(done), title="Where they differed", headings=headings)


def _conflicts(done: Merge) -> Table:
    rows = tuple((one.about, one.field, one.kept, one.lost, one.other) for one in done.conflicts)
    return Table(("of", "field", "kept", "lost", "other"), rows)


@command.command("reject", epilog="Example: graphsms reconcile reject web-1 web-2 --why 'two of a cluster'")
@click.argument("one")
@click.argument("other")
@click.option("--by", metavar="ID", default="", help="Who says so.")
@click.option("--why", metavar="TEXT", default="", help="Why.")
@actor_option
@store_options
def reject(one: str, other: str, by: str, why: str, actor: str, store: str | None, ontology: tuple[str, ...]) -> None:
    """Remember that ONE and OTHER are different, so that they are not proposed again.

    `graphsms findings reopen` takes that back.
    """
    with open_graph(store, ontology) as graph:
        revision = graph.configuration.reject(one, other, by=by, why=why, actor=actor)
    click.echo(f"Revision {revision.number}: {one} and {other} are different.")
