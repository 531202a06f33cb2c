"""``graphsms impact``: what is hit when something fails, changes or goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import click
from rich.text import Text

from graphsms.analysis.answer import LACKING, Hit, Impact, Seed, Unknown
from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options, window_options
from graphsms.cli._output import console, hint, print_table, print_value, state, write
from graphsms.report.tables import Table, to_csv
from graphsms.vocabulary import Vocabulary


@click.command(
    "impact",
    epilog="Examples: graphsms impact db-1 — graphsms impact lb-1 lb-2 --mode change --as-of 2026-12-01",
)
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option(
    "--mode",
    metavar="MODE",
    default="outage",
    show_default=True,
    help="outage, degradation, change, removal, 'supplier replacement' or 'service transfer'.",
)
@window_options
@click.option("--unknown", is_flag=True, help="List instead what is not hit but not known to be fine, and why.")
@question_options
def command(
    ids: tuple[str, ...],
    mode: str,
    start: str | None,
    end: str | None,
    unknown: bool,
    asked: Asked,
) -> None:
    """Show what is hit when the entities ID fail (or change, or go), in which state, and through what.

    Services come first, by criticality and state; then the customers and agreements concerned; then the
    other configuration items. Nothing is cut.
    """
    with asked.graph() as graph:
        answer = graph.impact(
            *ids,
            mode=mode.replace("-", " ").replace("_", " "),
            at=asked.at,
            as_of=asked.as_of,
            start=start,
            end=end,
        )
        if unknown:
            _print_unknown(list(answer.unknown()), graph.vocabulary, as_json=asked.as_json, as_csv=asked.as_csv)
            tell_times(answer, aside=asked.as_json or asked.as_csv)
        elif asked.as_json:
            print_value(answer.to_json())
        elif asked.as_csv:
            write(to_csv(_hits(answer)))
            tell_times(answer)
        else:
            tell(answer, graph.vocabulary)
            if answer.hits:
                hint("explain", answer.rows()[0].id, *(seed.id for seed in answer.seeds))


def _print_unknown(unknown: Sequence[Unknown], words: Vocabulary, *, as_json: bool, as_csv: bool) -> None:
    table = Table(
        ("id", "type", "name", "causes", "missing"),
        tuple((one.id, one.type, one.name, one.causes, one.missing) for one in unknown),
    )
    shown = [(one.id, words.types[one.type].label, one.name, _why(one, words)) for one in unknown]
    title = f"Not hit, but not known to be fine ({len(unknown)})"
    headings = ("id", "type", "name", "why")
    print_table(table, as_json=as_json, as_csv=as_csv, title=title, headings=headings, shown=shown)


def _why(one: Unknown, words: Vocabulary) -> str:
    lacks = (f"no {_any_of(name, words)!r}" for name in one.missing)
    return "; ".join((*(cause for cause in one.causes if cause != LACKING), *lacks))


def _any_of(expected: str, words: Vocabulary) -> str:
    """The relations of which one would do."""
    return " / ".join(relation.label for relation in words.relations.values() if expected in relation.fulfils)


def _hits(answer: Impact) -> Table:
    concerned = {hit.id for hit in answer.concerned}
    return Table(
        ("id", "type", "name", "state", "criticality", "through", "relations", "section", "concerned"),
        tuple(
            (h.id, h.type, h.name, h.state, h.criticality, h.through, h.relations, h.section, h.id in concerned)
            for h in answer.rows()
        ),
    )


def tell(answer: Impact, words: Vocabulary) -> None:
    """The answer for people: the sentence, the seeds that end worse, a table a section, and what it rests on."""
    out = console()
    sentence = Text(answer.sentence(emphasis=""), style="bold")
    out.print(sentence)
    for seed in answer.seeds:
        for line in _about(seed):
            out.print(line)
    headings = {type.section.notation: type.section.label for type in words.types.values()}
    for section, hits in groupby(answer.rows(), key=lambda hit: hit.section):
        _print_section(headings[section], list(hits))
    if answer.references:
        _print_references(answer, words)
    out.print()
    for note in answer.verdict.notes:
        out.print(Text(f"Note: {note}"))
    out.print(Text(_rests_on(answer), style="dim"))


def _about(seed: Seed) -> Iterator[Text]:
    if seed.stands_for:
        yield Text(f"{seed.id} cannot fail itself: taken as {', '.join(one.id for one in seed.stands_for)}.")
    if seed.note:
        yield Text(f"{seed.id}: {seed.note}")
    for one in (seed, *seed.stands_for):
        if one.state != one.seeded and one.through:
            yield Text.assemble(f"{one.id} itself ends ", state(one.state), f", through {', '.join(one.through)}.")


def _print_section(heading: str, hits: list[Hit]) -> None:
    critical = any(hit.criticality for hit in hits)
    named = any(_name(hit) for hit in hits)
    rows: list[tuple[Text | str, ...]] = [
        (
            state(hit.state),
            *((hit.criticality or "–",) if critical else ()),
            hit.id,
            *((_name(hit),) if named else ()),
            _through(hit),
        )
        for hit in hits
    ]
    print_table(
        Table((), ()),
        title=f"{heading} ({len(hits)})",
        headings=("state", *(("criticality",) if critical else ()), "id", *(("name",) if named else ()), "through"),
        shown=rows,
    )


def _name(hit: Hit) -> str:
    """The name, where it says more than the id."""
    return "" if hit.name.casefold() in hit.id.casefold() else hit.name


_SHOWN = 4


def _through(hit: Hit) -> str:
    more = len(hit.through) - _SHOWN
    text = ", ".join(hit.through[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    if hit.lost is not None:
        text += f" ({hit.lost} of {hit.members} hit, needs {hit.minimum})"
    return text


def _print_references(answer: Impact, words: Vocabulary) -> None:
    rows = [(relation.subject, words.relations[relation.type].label, relation.object) for relation in answer.references]
    print_table(
        Table((), ()),
        title=f"To be looked at, because it refers to what goes ({len(rows)})",
        headings=("subject", "relation", "object"),
        shown=rows,
    )


def _rests_on(answer: Impact) -> str:
    verdict = answer.verdict
    text = f"Revision {answer.revision} of {verdict.recorded[:16]}Z, as of {answer.as_of[:16]}Z."
    if verdict.unknown:
        causes = ", ".join(f"{count} {cause}" for cause, count in verdict.unknown_by_cause.items() if count)
        text += f" Not hit but not known to be fine: {verdict.unknown} ({causes}); --unknown lists them."
    if verdict.groups_below_minimum:
        groups = verdict.groups_below_minimum
        have = (
            "1 group has fewer live members than it needs"
            if groups == 1
            else f"{groups} groups have fewer live members than they need"
        )
        text += f" {have}."
    return text
