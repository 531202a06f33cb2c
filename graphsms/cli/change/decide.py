"""``graphsms change decide`` and ``decisions``: what was decided, on which pack, and whether that still stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, answer_options, at_option, one_flag
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.report.tables import Cell, Table

if TYPE_CHECKING:
    from graphsms.change.decisions import Basis
    from graphsms.change.standing import Decided

__all__ = ["command", "decisions"]

_OUTCOMES = {"approve": "approved", "defer": "deferred", "reject": "rejected"}
_MOST = 20  # of what moved, that are shown


@click.command("decide", epilog="Example: graphsms change decide rfc-2048 --approve --by change-board --pack pack.html")
@click.argument("id")
@one_flag(
    "way",
    approve="It may be made, in its window, under the conditions.",
    defer="It is to be decided later.",
    reject="It shall not be made.",
)
@click.option("--by", metavar="ID", required=True, help="Who decides: a person, another party or a role.")
@click.option("--pack", metavar="FILE", help="The pack that it rests on: the HTML or JSON of `graphsms change pack`.")
@at_option
@click.option("--based-on", metavar="ID", multiple=True, help="A further record that it rests on; may be repeated.")
@click.option("--in", "decided_in", metavar="ID", default="", help="The meeting.")
@click.option("--on", "decided_at", metavar="DATE", help="When it was decided. [default: now]")
@click.option("--conditions", metavar="TEXT", default="", help="What has to be met for it to hold.")
@click.option("--priority", metavar="PRIORITY", default="", help="The priority that it is given.")
@click.option("--why", metavar="TEXT", default="", help="Why it is decided so.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@actor_option
@answer_options
def command(
    id: str,
    way: str | None,
    by: str,
    pack: str | None,
    at: str | None,
    based_on: tuple[str, ...],
    decided_in: str,
    decided_at: str | None,
    conditions: str,
    priority: str,
    why: str,
    policy: str | None,
    actor: str,
    asked: Asked,
) -> None:
    """Record what was decided on the request for change ID; its state follows, in the same revision.

    What the decision rests on is kept with it: the pack and its hash, or the revision that --at names. When the graph
    has moved on since, `graphsms change decisions` says what is different.
    """
    if way is None:
        raise click.UsageError("Say what was decided: --approve, --defer or --reject.")
    if pack is not None and at is not None:
        raise click.UsageError("Give --pack or --at, not both: a pack says which revision it was made of.")
    with asked.graph() as graph:
        made, revision = graph.change.decide(
            id,
            _OUTCOMES[way],
            by=by,
            conditions=conditions,
            why=why,
            priority=priority,
            pack=pack,
            at=at,
            based_on=based_on,
            decided_in=decided_in,
            decided_at=decided_at,
            policy=policy,
            actor=actor,
        )
    if asked.as_json:
        print_value({"recorded_in": revision.number, **made.to_json()})
        return
    if asked.as_csv:
        said = made.to_json()
        print_table(Table(tuple(said), (tuple(said.values()),)), as_csv=True)
        return
    on = f", on {_basis(made.basis, 'what revision {} says')}" if made.basis else ", on no recorded basis"
    click.echo(f"{made.request} is {made.outcome} by {made.by}{on}. Recorded in revision {revision.number}.")
    hint("change", "decisions", made.request)


@click.command("decisions", epilog="Example: graphsms change decisions rfc-2041")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@at_option
@answer_options
def decisions(ids: tuple[str, ...], policy: str | None, at: str | None, asked: Asked) -> None:
    """Show the decisions on requests for change, and whether the graph is still as it was when they were taken.

    Without ids on all that are decided and not made yet. Exit code 1 where a decision rests on what is not so any more.
    """
    with asked.graph() as graph:
        revision = graph.history.revision(at)
        found = graph.change.decisions(*ids, policy=policy, at=at)
        if not ids:
            ahead = graph.change.policy(policy).ahead
            found = tuple(one for one in found if one.decision is not None and one.request.status in ahead)
    moved = [one for one in found if one.moved]
    if asked.as_json:
        print_value({"revision": revision.number, "at": revision.time, "decisions": [one.to_json() for one in found]})
    else:
        _print(found, moved, as_csv=asked.as_csv)
        print_recorded(revision, aside=asked.as_csv)
        if moved and not asked.as_csv:
            hint("change", "assess", moved[0].request.id)
    if moved:
        raise click.exceptions.Exit(1)


def _print(found: tuple[Decided, ...], moved: list[Decided], *, as_csv: bool) -> None:
    columns = (
        "request",
        "name",
        "status",
        "decision",
        "by",
        "at",
        "conditions",
        "standing",
        "revision",
        "pack",
        "moved",
    )
    table = Table(columns, tuple(_row(one) for one in found))
    if not as_csv:
        taken = sum(one.decision is not None for one in found)
        many = f"{taken} decision{'s' if taken != 1 else ''} on {len(found)} request{'s' if len(found) != 1 else ''}"
        rest = f"{len(moved)} rest{'s' if len(moved) == 1 else ''} on what is not so any more"
        rest = rest if moved else "none rests on what is known to be different now"
        untold = sum(one.decision is not None and one.decision.basis is None for one in found)
        if untold:
            on = "that it rests on" if untold == 1 else "that they rest on"
            rest += f"; of {untold} it cannot be told, since no revision is recorded {on}"
        console().print(f"{many}; {rest}.", markup=False)
    shown = [(one.request.id, _outcome(one), _when(one), _standing(one)) for one in found]
    print_table(table, as_csv=as_csv, headings=("request", "decision", "taken", "stands on"), shown=shown)
    for one in () if as_csv else moved:
        _print_moved(one)


def _print_moved(one: Decided) -> None:
    rows = [(it.what, it.id, it.field, it.before, it.after) for it in one.moved[:_MOST]]
    title = f"Since the decision on {one.request.id} ({len(one.moved)})"
    headings = ("what", "id", "field", "then", "now")
    print_table(Table(headings, tuple(rows)), title=title)
    if len(one.moved) > _MOST:
        console().print(f"... and {len(one.moved) - _MOST} more; --json has them all.", markup=False)


def _row(one: Decided) -> tuple[Cell, ...]:
    it, basis = one.decision, None if one.decision is None else one.decision.basis
    said = ("", "", "", "") if it is None else (it.outcome, it.by, it.at, it.conditions)
    moved = "; ".join(map(str, one.moved))
    on = (None, "") if basis is None else (basis.revision, basis.sha256)
    return (one.request.id, one.request.name, one.request.status, *said, one.standing, *on, moved)


def _outcome(one: Decided) -> str:
    if one.decision is None:
        return "none"
    conditions = f" ({one.decision.conditions})" if one.decision.conditions else ""
    return f"{one.decision.outcome} by {one.decision.by or 'nobody named'}{conditions}"


def _when(one: Decided) -> str:
    return "" if one.decision is None or not one.decision.at else f"{one.decision.at[:16]}Z"


def _standing(one: Decided) -> str:
    if one.decision is None:
        return ""
    if one.decision.basis is None:
        recorded = ", ".join(it.id for it in one.decision.based_on)
        return recorded or "nothing recorded"
    count = f", {len(one.moved)} different since" if one.moved else ""
    return f"{_basis(one.decision.basis, 'revision {}')}{count}"


def _basis(basis: Basis, revision: str) -> str:
    """The pack by the beginning of its hash, as it is printed on it, or the revision."""
    short = basis.sha256[:12]
    return f"pack {short} of revision {basis.revision}" if short else revision.format(basis.revision)
