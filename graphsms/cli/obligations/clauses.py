"""``graphsms clauses``: what the standard asks, in our own words, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, state
from graphsms.cli.obligations._shown import (
    edition_option,
    foot,
    graph_or_none,
    named,
    policy_option,
    print_requirements,
    print_under,
    rows,
)
from graphsms.errors import InputError
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from rich.text import Text

    from graphsms.analysis.obligation_answer import Obligations
    from graphsms.clauses import Catalogue, Requirement
    from graphsms.clauses.references import Meant


@click.command("clauses", epilog="Example: graphsms clauses 8.2.3")
@click.argument("number", required=False)
@edition_option
@click.option("--load", "load_", is_flag=True, help="Put the catalogue into the graph, for queries over both.")
@click.option(
    "--guide",
    metavar="[KIND]",
    is_flag=False,
    flag_value="",
    help="Guidance: checklist, role, indicator, readiness ...",
)
@click.option("--terms", metavar="[WORD]", is_flag=False, flag_value="", help="Defined terms, with our definitions.")
@click.option("--frameworks", metavar="[NAME]", is_flag=False, flag_value="", help="What ITIL 4, COBIT ... have on it.")
@policy_option
@question_options
def command(
    number: str | None, edition: str | None, load_: bool, policy: str | None, asked: Asked, **beside: str | None
) -> None:
    """Show what clauses of ISO/IEC 20000-1 ask, in our own words, and the state of evidence of each requirement.

    NUMBER is a clause or a place in it: 8.2.3, "8.2.3.1 a)", "8.6.1 (3)", 2011:4.2. Without it, all clauses are
    listed. The standard itself has to be bought; ours are no quotations.
    """
    if any(said is not None for said in beside.values()):
        _show_beside(number, edition, beside, asked, alone=not load_)
        return
    if load_:
        _load(number, asked)
        return
    with graph_or_none(asked) as (graph, there):
        meant = graph.obligations.meant(number, edition) if number else None
        year = meant.clause.edition if meant else edition
        answer = graph.obligations.states(year, policy=policy, at=asked.at, as_of=asked.as_of)
    asked_for = meant.requirements if meant else tuple(answer.catalogue.of_edition(year))
    states = [answer.states[one.id] for one in asked_for]
    if asked.as_json or asked.as_csv:
        print_table(rows(states, answer), as_json=asked.as_json, as_csv=asked.as_csv)
        tell_times(answer)
        return
    from rich.text import Text

    if meant is None:
        console().print(Text(answer.sentence(), style="bold"))
        _print_clauses(answer)
        hint("clauses", named(_worth_a_look(answer), answer))
    else:
        _print_clause(answer, meant)
    foot(answer, there=there)


def _show_beside(
    number: str | None, edition: str | None, beside: dict[str, str | None], asked: Asked, *, alone: bool
) -> None:
    """Guidance, terms or other frameworks, which come from the catalogue alone: the graph is not asked."""
    from graphsms.cli.obligations.guidance import print_frameworks, print_guidance, print_terms

    said = {name: value for name, value in beside.items() if value is not None}
    if len(said) > 1 or not alone:
        raise InputError("Ask for one of --guide, --terms, --frameworks and --load at a time.")
    ((name, value),) = said.items()
    if name == "terms" and number:
        raise InputError(f"Terms have numbers of their own: graphsms clauses --terms {number}.")
    with graph_or_none(asked) as (graph, _):
        catalogue = graph.obligations.catalogue
        meant = graph.obligations.meant(number, edition) if number else None
        terms = graph.obligations.terms(value or None, edition) if name == "terms" else ()
    if name == "terms":
        print_terms(terms, value or None, asked)
        return
    (print_guidance if name == "guide" else print_frameworks)(catalogue, value or None, meant, asked)


def _load(number: str | None, asked: Asked) -> None:
    if number or asked.as_json or asked.as_csv:
        raise InputError("--load puts the whole catalogue into the graph; it goes with nothing else.")
    with asked.graph() as graph:
        before = graph.revision.number
        revision = graph.obligations.load(actor="graphsms clauses --load")
    if revision.number == before:
        click.echo("The catalogue of this version is in the graph already; nothing changed.")
        return
    click.echo(
        f"Revision {revision.number}: the catalogue of clauses is in the graph, {revision.created:,} new things."
    )
    hint("query", "--list")


def _worth_a_look(answer: Obligations) -> str:
    """The clause that lacks most, of those with requirements of their own and none below."""
    found = answer.clauses()
    leaves = [one for one in found if not any(other.number.startswith(f"{one[0].number}.") for other, _ in found)]
    return max(leaves, key=lambda one: one[1].applicable - one[1].evidenced)[0].number


def _print_clauses(answer: Obligations) -> None:
    headings = ("clause", "title", "state", "evidenced")
    shown: list[list[Text | str]] = [
        [clause.number, clause.title, state(stand.state), f"{stand.evidenced} of {stand.applicable}"]
        for clause, stand in answer.clauses()
    ]
    print_table(Table(headings, ()), headings=headings, shown=shown)


def _print_clause(answer: Obligations, meant: Meant) -> None:
    from rich.text import Text

    from graphsms.analysis.obligation_answer import rolled
    from graphsms.cli.obligations.guidance import print_beside

    out = console()
    clause = meant.clause
    states = [answer.states[one.id] for one in meant.requirements]
    stand = answer.of_clause(clause)
    title = f"ISO/IEC 20000-1:{clause.edition}, {clause.number} {clause.title}"
    here = rolled(states).sentence() if len(states) > 1 else states[0].state
    out.print(Text(f"{title}: {stand.sentence() if meant.whole else here}.", style="bold"))
    if meant.whole:
        print_requirements(states)
        where = named(clause.number, answer)
        hint("evidence", where)
        hint("clauses", where, "--guide")
        return
    for one in states:
        out.print()
        out.print(Text.assemble(state(one.state), "  ", (one.requirement.anchor, "bold")))
        print_under(one.requirement.paraphrase)
        print_under(Text(f"→ {one.reason}", style="dim"))
        _print_facts(one.requirement, answer.catalogue)
    print_beside(answer.catalogue, meant)
    out.print()
    hint("evidence", named(meant.requirements[0].anchor, answer))


def _print_facts(one: Requirement, catalogue: Catalogue) -> None:
    """What an auditor wants to know of a requirement beside what it asks."""
    from rich.text import Text

    def way(ends: tuple[object, ...], word: str) -> str:
        found = [catalogue.requirements[end.id] for end in ends]  # type: ignore[attr-defined]
        said = [
            f"{there.edition}: {there.anchor} ({end.change}{f': {end.note}' if end.note else ''})"  # type: ignore[attr-defined]
            for end, there in zip(ends, found, strict=True)
        ]
        return f"{word} {'; '.join(said)}" if said else ""

    facts = {
        "duty": f"to {one.duty}{', at planned intervals' if one.at_planned_intervals else ''}",
        "asks to": ", ".join(one.demands),
        "of whom": ", ".join(one.by),
        "only where": one.condition,
        "wants": ", ".join(one.wants),
        "concerns": ", ".join(one.about),
        "the graph shows": "; ".join(
            f"{check.name}{' (suffices)' if check.suffices else ' (contributes)'}" for check in one.computed
        ),
        "editions": "; ".join(
            filter(None, (way(one.came_from, "came from"), way(one.became, "became"), one.change, one.note))
        ),
    }
    for name, said in facts.items():
        if said:
            print_under(Text.assemble((f"{name}: ", "dim"), said))
