"""``graphsms evidence``: from a clause to what shows that it is met, and from a record to the clauses it serves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, state
from graphsms.cli.obligations._shown import edition_option, foot, policy_option
from graphsms.errors import InputError, UnknownIdError
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.analysis.obligation_answer import Obligations, RequirementState
    from graphsms.clauses.references import Meant
    from graphsms.graph import Graph
    from graphsms.obligations.served import Served


@click.command("evidence", epilog="Example: graphsms evidence 8.5.1.1")
@click.argument("clause_or_record")
@edition_option
@policy_option
@question_options
def command(clause_or_record: str, edition: str | None, policy: str | None, asked: Asked) -> None:
    """Show the evidence for a clause, or the clauses that a record serves.

    CLAUSE_OR_RECORD is a clause or a place in it (8.5.1.1, "8.2.3.1 a)", 2011:4.2), or the id of a document, record,
    agreement or anything else in the graph. Exit code 1 where something is not evidenced, or nothing is served.
    """
    with asked.graph() as graph:
        if (
            graph.store.entity(clause_or_record) is not None
            and clause_or_record not in graph.obligations.catalogue.requirements
        ):
            served = graph.obligations.served_by(
                clause_or_record, edition, policy=policy, at=asked.at, as_of=asked.as_of
            )
            sys.exit(_tell_served(served, asked))
        meant = _meant(graph, clause_or_record, edition)
        answer = graph.obligations.states(meant.clause.edition, policy=policy, at=asked.at, as_of=asked.as_of)
    states = [answer.states[one.id] for one in meant.requirements]
    if asked.as_json:
        found = {"revision": answer.revision, "at": answer.at, "as_of": answer.as_of, "clause": meant.clause.number}
        print_value({**found, "title": meant.clause.title, "requirements": [one.to_json() for one in states]})
    elif asked.as_csv:
        print_table(_proofs(states), as_csv=True)
        tell_times(answer)
    else:
        _print(answer, meant, states)
    open_ones = [one for one in states if not one.requirement.items and one.state not in ("evidenced", "no occurrence")]
    sys.exit(1 if open_ones else 0)


def _meant(graph: Graph, text: str, edition: str | None) -> Meant:
    try:
        return graph.obligations.meant(text, edition)
    except InputError as error:
        if text[:1].isdigit():
            raise
        near = graph.store.nearest_ids(text)
        if near:
            raise UnknownIdError(text, near) from None
        raise error from None


def _proofs(states: list[RequirementState]) -> Table:
    columns = ("anchor", "state", "evidence", "type", "name", "link", "worth", "reason", "date", "until")
    return Table(
        columns,
        tuple(
            (one.requirement.anchor, one.state, *proof)
            for one in states
            for proof in (
                [(p.id, p.type, p.name, p.link, p.worth.word, p.reason, p.date, p.until) for p in one.proofs]
                or [("", "", "", "", "", one.reason, "", "")]
            )
        ),
    )


def _print(answer: Obligations, meant: Meant, states: list[RequirementState]) -> None:
    from rich.text import Text

    out = console()
    clause = meant.clause
    title = f"ISO/IEC 20000-1:{clause.edition}, {clause.number} {clause.title}"
    stand = answer.of_clause(clause).sentence() if meant.whole else states[0].state
    out.print(Text(f"{title}: {stand}.", style="bold"))
    for one in states:
        if one.requirement.items and not one.proofs:
            continue
        out.print()
        out.print(
            Text.assemble(state(one.state), "  ", (one.requirement.anchor, "bold"), "  ", one.requirement.paraphrase)
        )
        for proof in one.proofs:
            out.print(
                Text.assemble(
                    "    ", (proof.id, "bold"), f" {proof.name}: {proof.reason}", (f" ({proof.worth.word})", "dim")
                )
            )
        if not one.proofs:
            out.print(Text(f"    {one.reason}", style="dim"))
            typical = [shown for item in answer.catalogue.guiding(one.requirement.id) for shown in item.evidence]
            if typical:
                out.print(Text(f"    commonly shown: {', '.join(dict.fromkeys(typical))}", style="dim"))
        if one.conformity is not None:
            judged = one.conformity
            out.print(Text(f"    judged: {judged.conformity} by {judged.by} on {judged.on[:10]}", style="dim"))
    out.print()
    first = next((proof.id for one in states for proof in one.proofs), None)
    if first:
        hint("evidence", first)
    foot(answer)


def _tell_served(served: Served, asked: Asked) -> int:
    columns = ("edition", "clause", "anchor", "paraphrase", "link", "worth", "reason", "until", "id")
    table = Table(
        columns,
        tuple(
            (one.edition, one.clause, one.anchor, one.paraphrase, p.link, p.worth.word, p.reason, p.until, one.id)
            for one, p in served.requirements
        ),
    )
    if asked.as_json:
        print_value(served.to_json())
    elif asked.as_csv:
        print_table(table, as_csv=True)
        tell_times(served)
    else:
        from rich.text import Text

        console().print(Text(served.sentence(), style="bold"))
        if served.requirements:
            shown = [(one.anchor, p.worth.word, one.paraphrase, p.reason) for one, p in served.requirements]
            headings = ("where", "worth", "what is asked", "why")
            print_table(Table(headings, ()), headings=headings, shown=shown)
        tell_times(served, aside=False)
    return 0 if served.requirements else 1
