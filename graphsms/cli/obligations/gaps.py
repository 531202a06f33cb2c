"""``graphsms gaps``: what is missing, stale or partial."""

from __future__ import annotations

import sys
from collections import Counter

import click

from graphsms.analysis.obligation_answer import EVIDENCED, NO_OCCURRENCE, STATES
from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table
from graphsms.cli.obligations._shown import asked_and_why, edition_option, foot, named, policy_option, rows
from graphsms.report.marks import mark

_OPEN = [state for state in STATES if state not in (EVIDENCED, NO_OCCURRENCE)]


@click.command("gaps", epilog="Example: graphsms gaps --clause 8.5 --state stale")
@click.option("--clause", metavar="NUMBER", help="Only a clause and what is below it.")
@click.option("--state", "states", multiple=True, type=click.Choice(_OPEN), help="Only this state; may be repeated.")
@edition_option
@policy_option
@question_options
def command(clause: str | None, states: tuple[str, ...], edition: str | None, policy: str | None, asked: Asked) -> None:
    """List the requirements that are not evidenced, with why: missing, stale, partial, or not assessed at all.

    Exit code 1 where there are any.
    """
    with asked.graph() as graph:
        meant = graph.obligations.meant(clause, edition) if clause else None
        year = meant.clause.edition if meant else edition
        answer = graph.obligations.states(year, policy=policy, at=asked.at, as_of=asked.as_of)
    wanted = states or tuple(_OPEN)
    within = {one.id for one in meant.requirements} if meant else answer.states.keys()
    found = [
        one
        for one in answer.states.values()
        if one.state in wanted
        and not one.requirement.items
        and one.requirement.mandatory
        and one.requirement.id in within
    ]
    if asked.as_json or asked.as_csv:
        print_table(rows(found, answer), as_json=asked.as_json, as_csv=asked.as_csv)
        tell_times(answer)
        sys.exit(1 if found else 0)
    from rich.text import Text

    ours = [one for one in found if one.requirement.edition == answer.edition]
    beside = [one for one in found if one.requirement.edition != answer.edition]
    where = f"clause {meant.clause.number} of " if meant else ""
    total = (answer.of_clause(meant.clause) if meant else answer.overall).applicable
    counts = Counter(one.state for one in ours)
    said = ", ".join(f"{counts[state]} {state}" for state in reversed(STATES) if counts[state])
    gaps = "1 gap" if len(ours) == 1 else f"{len(ours)} gaps"
    text = f"{gaps} in {where}ISO/IEC 20000-1:{answer.edition}, of {total} requirements: {said}."
    text = text if ours else f"No gaps in {where}ISO/IEC 20000-1:{answer.edition}."
    more = f" {len(beside)} more in what law and contracts demand." if beside else ""
    console().print(Text(text + more, style="bold"))
    for state in reversed(STATES):
        if counts[state]:
            asked_and_why([one for one in ours if one.state == state], title=f"{mark(state)} ({counts[state]})")
    if beside:
        asked_and_why(beside, title="What law and contracts demand")
    if ours:
        worst = max(ours, key=lambda one: STATES.index(one.state))
        hint("evidence", named(worst.requirement.anchor, answer))
    foot(answer)
    sys.exit(1 if found else 0)
