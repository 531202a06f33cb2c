"""``graphsms audit``: the audit programme, and what became of nonconformities."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, state
from graphsms.cli.obligations._shown import edition_option, policy_option
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.obligations.nonconformities import Nonconforming
    from graphsms.obligations.programme import ClauseAudit


@click.group("audit", epilog="Example: graphsms audit programme --until 2027-06-30")
def command() -> None:
    """Internal audits: what to audit by when, and what became of what they found (9.2, 10.1)."""


@command.command("programme", epilog="Example: graphsms audit programme --until 2027-06-30")
@click.option("--until", metavar="DATE", help="Only what is to be audited by then; a bare date: with that day.")
@edition_option
@policy_option
@question_options
def programme_command(until: str | None, edition: str | None, policy: str | None, asked: Asked) -> None:
    """Show by when to audit each clause, in that order, and what speaks for it.

    Every clause within the cycle of the audit programme, or of the policy; in half of it where something is important,
    has changed since, or was found not to be met. Exit code 1 where a clause was not audited within its cycle.
    """
    with asked.graph() as graph:
        answer = graph.obligations.audits.programme(edition, policy=policy, at=asked.at, as_of=asked.as_of)
        rows = answer.until(graph.moment(until)) if until else answer.clauses
    if asked.as_json:
        print_value({**answer.to_json(), "clauses": [one.to_json() for one in rows]})
    elif asked.as_csv:
        from graphsms.obligations.programme import COLUMNS

        print_table(Table(COLUMNS, tuple(one.row() for one in rows)), as_csv=True)
        tell_times(answer)
    else:
        out = console()
        out.print(answer.sentence(), markup=False, style="bold")
        shown = [
            (
                one.clause,
                "overdue" if one.overdue else one.propose[:10],
                one.last[:10] or "never",
                state(one.state),
                _reasons(one),
            )
            for one in rows
        ]
        if shown and answer.known:
            headings = ("clause", "audit by", "last", "evidence", "what speaks for it")
            print_table(Table((), ()), headings=headings, shown=shown)
        elif answer.known:
            out.print(f"Nothing is to be audited until {until}.")
        tell_times(answer)
        hint("sample", "--clause", rows[0].clause, "--size", "5", "--seed", "1") if rows else None
    sys.exit(1 if answer.overdue and answer.known else 0)


def _reasons(one: ClauseAudit) -> str:
    """What speaks for an audit, beside what the other columns say; and the audits that are planned already."""
    said = [reason for reason in one.reasons if reason not in ("never audited", "not evidenced")]
    return "; ".join([*said, *(f"planned: {audit}" for audit in one.planned)]) or "–"


@command.command("nonconformities", epilog="Example: graphsms audit nonconformities --lacking cause")
@click.option(
    "--lacking", type=click.Choice(["cause", "action", "effectiveness"]), help="Only those of which it is not recorded."
)
@click.option("--overdue", is_flag=True, help="Only those that are past their day, or an action of which is.")
@question_options
def nonconformities_command(lacking: str | None, overdue: bool, asked: Asked) -> None:
    """Follow nonconformities to their cause, corrective action, and whether that was effective.

    Exit code 1 where one that is shown is overdue or lacks something.
    """
    with asked.graph() as graph:
        answer = graph.obligations.audits.nonconformities(at=asked.at, as_of=asked.as_of)
    rows = [one for one in answer if (not lacking or lacking in one.lacks) and (not overdue or one.overdue)]
    if asked.as_json:
        print_value({**answer.to_json(), "nonconformities": [one.to_json() for one in rows]})
    elif asked.as_csv:
        from graphsms.obligations.nonconformities import COLUMNS

        print_table(Table(COLUMNS, tuple(one.row() for one in rows)), as_csv=True)
        tell_times(answer)
    else:
        out = console()
        out.print(answer.sentence(), markup=False, style="bold")
        shown = [
            (one.id, one.name or "–", _standing(one), one.root_cause or ", ".join(one.caused_by) or "–",
             ", ".join(each.id for each in one.actions) or "–", one.effectiveness or "–")
            for one in rows
        ]  # fmt: skip
        if shown:
            headings = ("id", "found", "status", "cause", "action", "effect")
            print_table(Table((), ()), headings=headings, shown=shown)
        tell_times(answer)
        if rows:
            hint("show", rows[0].id)
    sys.exit(1 if any(one.overdue or one.lacks for one in rows) else 0)


def _standing(one: Nonconforming) -> str:
    """How far it has come, and by when it is to be dealt with."""
    late = "overdue" if one.overdue else ""
    due = f"due {one.due}{late and f' ({late})'}" if one.due else late
    return ", ".join(filter(None, (one.status, due))) or "–"
