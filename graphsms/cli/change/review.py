"""``graphsms change review``: how far the reviews of changes are, and what a review found."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.change.reviewed import Reviewed, Reviews


@click.command(
    "review",
    epilog="Example: graphsms change review rfc-2035 --by p-reeve --effectiveness ineffective --root-cause 'Image"
    " damaged' --action 'Check images after transfer' p-brandt 2026-12-01 --close",
)
@click.argument("id", metavar="[RFC]", required=False)
@click.option("--by", metavar="ID", help="Who reviewed it: a person, another party or a role. Needed to record.")
@click.option("--effectiveness", metavar="CODE", default="", help="effective, partly effective or ineffective.")
@click.option("--result", metavar="TEXT", default="", help="What the review found, in words.")
@click.option("--root-cause", metavar="TEXT", default="", help="Why it failed, as the investigation found.")
@click.option(
    "--action", "actions", type=(str, str, str), metavar="TEXT WHO DATE", multiple=True,
    help="What was agreed, who is to do it, by which day; may be repeated.",
)  # fmt: skip
@click.option("--on", "reviewed_at", metavar="DATE", help="When it was reviewed. [default: now]")
@click.option("--close", is_flag=True, help="Nothing more is to be done than these actions.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@actor_option
@question_options
def command(
    id: str | None,
    by: str | None,
    effectiveness: str,
    result: str,
    root_cause: str,
    actions: tuple[tuple[str, str, str], ...],
    reviewed_at: str | None,
    close: bool,
    policy: str | None,
    actor: str,
    asked: Asked,
) -> None:
    """Show how far the reviews of changes are, or record one.

    Without RFC, those that were made and are not closed. With findings of a review, they are recorded: of one that
    failed why it did, of each whether it was effective, and what was agreed. A change is closed with --close, once
    that is known. Exit code 1 where a review that is shown is overdue by the policy.
    """
    findings = bool(effectiveness or result or root_cause or actions or close or reviewed_at)
    if (findings or by) and id is None:
        raise click.UsageError("Say which change was reviewed.")
    if findings and by is None:
        raise click.UsageError("Say who reviewed it: --by.")
    if by is not None and (asked.at or asked.as_of):
        raise click.UsageError("A review is recorded now: leave --at and --as-of out; --on says when it was.")
    with asked.graph() as graph:
        recorded = None
        if by is not None and id is not None:
            recorded = graph.change.review(
                id, by=by, effectiveness=effectiveness, result=result, root_cause=root_cause, actions=actions,
                reviewed_at=reviewed_at, close=close, policy=policy, actor=actor,
            )  # fmt: skip
        answer = graph.change.reviews(*([id] if id else []), policy=policy, at=asked.at, as_of=asked.as_of)
        revision = graph.history.revision(answer.revision)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        from graphsms.change.reviewed import COLUMNS

        print_table(Table(COLUMNS, tuple(one.row() for one in answer)), as_csv=True)
        print_recorded(revision, answer.as_of, aside=True)
    else:
        if recorded is not None:
            console().print(f"Revision {recorded.number}: the review of {id} is recorded.", markup=False)
        if id is None:
            _print_all(answer)
        else:
            _print_one(answer[0])
        print_recorded(revision, answer.as_of)
        if id is None and len(answer):
            hint("change", "review", answer[0].request)
    sys.exit(1 if answer.overdue and recorded is None else 0)


def _print_all(answer: Reviews) -> None:
    console().print(answer.sentence(), markup=False, style="bold")
    if not answer.changes:
        return
    shown = [
        (
            one.request,
            f"{one.status}, {one.outcome}" if one.outcome else one.status,
            one.made[:10],
            f"{one.due[:10]} (overdue)" if one.overdue else one.due[:10],
            ", ".join(one.lacks),
        )
        for one in answer
    ]
    print_table(Table((), ()), headings=("id", "status", "made", "due", "still to come"), shown=shown)


def _print_one(one: Reviewed) -> None:
    out = console()
    out.print(one.sentence(), markup=False, style="bold")
    made = f"{one.made[:16].replace('T', ' ')} (UTC{', by its window' if one.planned else ''})" if one.made else ""
    said = (
        ("name", one.name),
        ("made", made),
        ("why it failed", one.root_cause),
        ("effectiveness", one.effectiveness),
        ("closed", one.closed[:16].replace("T", " ")),
    )
    print_table(Table((), ()), headings=("what", "recorded"), shown=[(what, text or "–") for what, text in said])
    if one.reviews:
        print_table(
            Table((), ()),
            title=f"Reviews ({len(one.reviews)})",
            headings=("day", "by", "effectiveness", "result"),
            shown=[(r.at[:10], ", ".join(r.by), r.effectiveness or "–", r.result or "–") for r in one.reviews],
        )
    if one.actions:
        print_table(
            Table((), ()),
            title=f"Actions ({len(one.actions)})",
            headings=("id", "action", "who", "due", "status"),
            shown=[(a.id, a.name, ", ".join(a.assigned_to), a.due, a.status) for a in one.actions],
        )
