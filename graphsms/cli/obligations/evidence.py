"""``graphsms evidence``: from a clause to what shows that it is met, and from a record to the clauses it serves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, shape, state
from graphsms.cli.obligations._shown import edition_option, foot, policy_option, print_under
from graphsms.errors import InputError, UnknownIdError
from graphsms.report.marks import MARKS
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.analysis.obligation_answer import Obligations, RequirementState
    from graphsms.analysis.proofs import Worth
    from graphsms.clauses import Requirement
    from graphsms.clauses.references import Meant
    from graphsms.graph import Graph
    from graphsms.obligations.served import Served

# The state that evidence of a worth leads to, by the worth: its mark stands before it.
_BY_WORTH: Final = ("missing", "stale", "partial", "evidenced")


@click.command("evidence", epilog="Example: graphsms evidence 8.5.1.1")
@click.argument("clause_or_record")
@edition_option
@policy_option
@question_options
def command(clause_or_record: str, edition: str | None, policy: str | None, asked: Asked) -> None:
    """Show the evidence for a clause, or the clauses that a record serves.

    CLAUSE_OR_RECORD is a clause or a place in it (8.5.1.1, "8.2.3.1 a)", 2011:4.2), or the id of a document, record,
    agreement or anything else in the graph; of a judgement of conformity, what it judges is shown. Exit code 1 where
    something is not evidenced, or nothing is served.
    """
    with asked.graph() as graph:
        known = graph.obligations.catalogue
        entity = graph.store.entity(clause_or_record)
        settles = graph.vocabulary.known_as("satisfied by")
        meant = None
        if entity is None or clause_or_record in (known.requirements.keys() | known.clauses.keys()):
            clause = known.clauses.get(clause_or_record)
            meant = _meant(graph, clause.number, clause.edition) if clause else _meant(graph, clause_or_record, edition)
            edition = meant.clause.edition
        answer = graph.obligations.states(edition, policy=policy, at=asked.at, as_of=asked.as_of)
        judged = [one for one in answer.states.values() if one.conformity and one.conformity.id == clause_or_record]
        if meant is None and not judged and clause_or_record not in answer.states:
            served = graph.obligations.served_by(
                clause_or_record, edition, policy=policy, at=asked.at, as_of=asked.as_of
            )
            sys.exit(_tell_served(served, asked))
    # What is no clause and has a state is a demand of law or of a contract.
    asked_for = [one.id for one in meant.requirements] if meant else [clause_or_record]
    states = judged or [answer.states[id] for id in asked_for]
    if asked.as_json:
        number, title = (meant.clause.number, meant.clause.title) if meant else ("", entity.name if entity else "")
        found = {"revision": answer.revision, "at": answer.at, "as_of": answer.as_of, "clause": number, "title": title}
        print_value({**found, "requirements": [one.to_json() for one in states]})
    elif asked.as_csv:
        print_table(_proofs(states), as_csv=True)
        tell_times(answer)
    else:
        _print(answer, meant, states, settles, "" if entity is None else entity.name)
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


def _print(answer: Obligations, meant: Meant | None, states: list[RequirementState], settles: str, name: str) -> None:
    from rich.text import Text

    from graphsms.analysis.obligation_answer import rolled

    out = console()
    title, stand = name, rolled(states).sentence() if len(states) > 1 else states[0].state
    if meant is not None:
        title = f"ISO/IEC 20000-1:{meant.clause.edition}, {meant.clause.number} {meant.clause.title}"
        stand = answer.of_clause(meant.clause).sentence() if meant.whole else stand
    out.print(Text(f"{title}: {stand}.", style="bold"))
    listed = {one.requirement.id for one in states}
    for one in states:
        _print_requirement(answer, one, listed, settles)
    out.print()
    first = next((proof.id for one in states for proof in one.proofs), None)
    if first:
        hint("evidence", first)
    foot(answer)


def _print_requirement(answer: Obligations, one: RequirementState, listed: set[str], settles: str) -> None:
    """A requirement with its evidence; what is linked to the list of which it is an item stands there."""
    from rich.text import Text

    its = one.requirement
    own = [proof for proof in one.proofs if proof.linked_to == its.id or proof.linked_to not in listed]
    if its.items and not own:
        return
    out = console()
    out.print()
    of_items = "  (of its items together)" if its.items else ""
    out.print(Text.assemble(state(one.state), "  ", (its.anchor, "bold"), (of_items, "dim")))
    print_under(its.paraphrase)
    shown = own or one.proofs[:1]
    # Of a deed, what settles how it is done is named; what was done is told.
    ways = [proof for proof in shown if proof.link == settles and its.duty != "document"]
    for proof in shown:
        if proof in ways and proof.id != one.proofs[0].id:
            continue
        word, name = _BY_WORTH[proof.worth], "" if proof.name == proof.id else f"  {proof.name}"
        print_under(Text.assemble(shape(word), " ", (proof.id, "bold"), name), by=4)
        print_under(Text(f"{proof.reason} ({proof.worth.word})", style="dim"), by=6)
    if more := [proof for proof in ways if proof.id != one.proofs[0].id]:
        print_under(Text(f"settled by {', '.join(proof.id for proof in more)}", style="dim"), by=4)
    if not one.proofs:
        print_under(Text(f"→ {one.reason}", style="dim"))
        typical = [said for item in answer.catalogue.guiding(its.id) for said in item.evidence]
        if typical:
            print_under(Text(f"commonly shown: {', '.join(dict.fromkeys(typical))}", style="dim"))
    if one.conformity is not None:
        judged = one.conformity
        why, on = f": {judged.why}" if judged.why else "", f" on {judged.day}" if judged.day else ""
        print_under(Text(f"judged: {judged.conformity} by {judged.by or 'somebody'}{on}{why}", style="dim"))


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
            _print_served(served)
        tell_times(served, aside=False)
    return 0 if served.requirements else 1


def _print_served(served: Served) -> None:
    """What it serves, told apart by what it is worth there and why."""
    alike: dict[tuple[Worth, str], list[Requirement]] = {}
    for one, proof in served.requirements:
        alike.setdefault((proof.worth, proof.reason), []).append(one)
    for worth, reason in sorted(alike, key=lambda one: -one[0]):
        found = alike[worth, reason]
        headings = ("where", "what is asked")
        shown = [(one.anchor, one.paraphrase) for one in found]
        title = f"{MARKS[_BY_WORTH[worth]].shape} {worth.word} ({len(found)}): {reason}"
        print_table(Table(headings, ()), title=title, headings=headings, shown=shown)
