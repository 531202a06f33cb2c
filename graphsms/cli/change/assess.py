"""``graphsms change assess``: what has to be considered before changes are decided on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from graphsms.cli._changes import print_recorded, shown_value
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, shape, state, write
from graphsms.report.tables import Table, to_csv

if TYPE_CHECKING:
    from graphsms.analysis.impact import Explanation
    from graphsms.change.assessment import Assessment, Impacted
    from graphsms.change.considered import Judgement, Part, Section, Told
    from graphsms.model import Revision
    from graphsms.vocabulary import Vocabulary

_LETTERS = ("a", "b", "c", "d", "e")


@click.command("assess", epilog="Example: graphsms change assess rfc-2051 --section b")
@click.argument("ids", nargs=-1, required=True, metavar="RFC...")
@click.option("--without-context", is_flag=True, help="As if nothing were down or changing already.")
@click.option(
    "--section",
    "letters",
    type=click.Choice(_LETTERS),
    multiple=True,
    help="Show the tables of this letter of 8.5.1.3; may be repeated.",
)
@click.option("--all", "everything", is_flag=True, help="Show the tables of all letters, and what stands beside them.")
@click.option("--told", "who", is_flag=True, help="List who must be told instead, as what, and why.")
@click.option("--why", metavar="ENTITY", help="Show instead by which chain of reasons this is hit.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@partial(question_options, default="when the first window begins")
def command(
    ids: tuple[str, ...],
    without_context: bool,
    letters: tuple[str, ...],
    everything: bool,
    who: bool,
    why: str | None,
    policy: str | None,
    asked: Asked,
) -> None:
    """Say what requests for change do to services, customers, agreements, plans and all else that 8.5.1.3 asks for.

    Several requests are assessed as if they were made together. What is down already or changes at the same time is
    their context: it counts, and is told apart. Without --as-of, it is what is valid when the first window begins.
    --csv is one row for each hit, or with --section or --all for each row of their tables.
    """
    with asked.graph() as graph:
        with_context = not without_context
        if why is not None:
            explained = graph.change.explain(
                why, *ids, policy=policy, with_context=with_context, at=asked.at, as_of=asked.as_of
            )
            _print_why(explained, asked)
            return
        answer = graph.change.assess(*ids, policy=policy, with_context=with_context, at=asked.at, as_of=asked.as_of)
        revision, words = graph.history.revision(answer.revision), graph.vocabulary
    if who:
        _print_told(answer, asked)
    elif asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv and (letters or everything):
        write(to_csv(_sections_table(answer, letters or _LETTERS, everything)))
    elif asked.as_csv:
        write(to_csv(answer.rows()))
    elif letters or everything:
        _print_sections(answer, letters or _LETTERS, everything, words)
        print_recorded(revision, answer.as_of)
    else:
        _print(answer, revision)


# ---------------------------------------------------------------------------------- the whole


def _print(answer: Assessment, revision: Revision) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(answer.sentence(emphasis=""), style="bold"))
    for one in answer.classification:
        out.print(Text(one.sentence(emphasis="")))
    if counting := [one.entity for one in answer.judgements if not one.withdrawn]:
        out.print(Text(f"What people judged counts in this, of {', '.join(dict.fromkeys(counting))}."))
    _print_services(answer)
    _print_ahead(answer)
    _print_context(answer)
    for section in answer.sections:
        _print_summary(section)
    found = [part for part in answer.beside if part.state == "found"]
    if found:
        _heading("Beside that")
        for part in found:
            _line(part.sentence)
    if answer.judgements:
        _heading(f"Judged by people ({len(answer.judgements)})")
        for judgement in answer.judgements:
            _line(_judged(judgement))
    _heading("Who must be told")
    _line(_counted(answer.notify))
    unknown = [part.sentence for part in answer.unknown if part.state == "found"]
    _heading("What is not known")
    for text in unknown or ["Nothing that is recorded shows a gap."]:
        _line(text)
    out.print()
    for note in answer.notes:
        out.print(Text(f"Note: {note}"))
    print_recorded(revision, answer.as_of)
    ids = [one.id for one in answer.requests]
    services = answer.services()
    if services:
        hint("change", "assess", *ids, "--why", services[0].id)
    else:
        hint("change", "assess", *ids, "--all")


def _print_services(answer: Assessment) -> None:
    services = answer.services()
    if services:
        changed = any(one.before != "ok" for one in services)
        critical = any(one.hit.criticality for one in services)
        rows = [
            (
                state(one.state),
                *((one.before,) if changed else ()),
                *((one.hit.criticality or "–",) if critical else ()),
                one.id,
                _through(one),
            )
            for one in services
        ]
        said = (*(("before",) if changed else ()), *(("criticality",) if critical else ()))
        headings = ("state", *said, "id", "through")
        print_table(Table((), ()), title=f"Services ({len(services)})", headings=headings, shown=rows)


def _through(one: Impacted) -> str:
    if one.by_hand:
        return f"{one.by_hand} (by hand)"
    shown = ", ".join(one.hit.through[:4])
    more = len(one.hit.through) - 4
    return shown + (f" and {more} more" if more > 0 else "")


def _print_ahead(answer: Assessment) -> None:
    several = len(answer.requests) > 1
    for request in answer.requests:
        _heading(f"As recorded: {request.id}" if several else "As recorded")
        for one in answer.ahead:
            if one.request == request.id:
                _line(f"{one.matter}: {one.text or 'not stated'}")


def _print_context(answer: Assessment) -> None:
    if not answer.with_context:
        _heading("Down or changing already")
        _line("Left out, as asked.")
    elif answer.context:
        _heading(f"Down or changing already ({len(answer.context)})")
        for one in answer.context:
            taken = "" if one.stated else ", taken as degraded because no state is recorded"
            _line(f"{one.entity.id}: {one.mode}, by {one.because.id} {one.because.name}{taken}")


def _print_summary(section: Section) -> None:
    _heading(f"{section.letter}) {section.title}")
    for part in section.parts:
        if part.state == "found":
            _line(part.sentence)
    unrecorded = [part.sentence for part in section.parts if part.state == "not recorded"]
    for text in dict.fromkeys(unrecorded):
        _line(f"Not recorded: {text}")
    nothing = [part.title for part in section.parts if part.state == "none found"]
    if nothing:
        _line(f"None found: {'; '.join(nothing)}.")


def _judged(one: Judgement) -> str:
    says = f"is impacted ({one.state})" if one.impacted else "is not impacted"
    taken_back = f" Withdrawn on {one.withdrawn[:10]}." if one.withdrawn else ""
    by = f", by {one.by}" if one.by else ""
    on = f" on {one.at[:10]}" if one.at else ""
    note = f" {one.note}" if one.note else ""
    why = (one.why or "no reason is recorded").rstrip(".")
    return f"{one.entity} {says}{by}{on}: {why}. By the graph: {one.computed}.{taken_back}{note}"


def _counted(notify: Sequence[Told]) -> str:
    if not notify:
        return "Nobody is recorded."
    roles: dict[str, int] = {}
    for one in notify:
        roles[one.role] = roles.get(one.role, 0) + 1
    people = len({one.id for one in notify})
    counted = ", ".join(f"{role} {count}" for role, count in roles.items())
    return f"{people} in all ({counted}); --told lists them."


# ------------------------------------------------------------------------------------ sections


def _sections_table(answer: Assessment, letters: Sequence[str], everything: bool) -> Table:
    """The tables of sections as one: each row with where it stands; a table without rows is a row that says so."""
    parts = [(one.letter, part) for one in answer.sections if one.letter in letters for part in one.parts]
    parts += [("", part) for part in (*answer.beside, *answer.unknown) if everything]
    own = dict.fromkeys(name for _, part in parts for name in part.table.columns)
    names = ("state", "id", "name", *(name for name in own if name not in ("state", "id", "name")))
    rows = [
        (letter, part.title, part.state, *(record.get(name) for name in names))
        for letter, part in parts
        for record in part.table.records() or [{}]
    ]
    return Table(("section", "part", "answer", *names), tuple(rows))


def _print_sections(answer: Assessment, letters: Sequence[str], everything: bool, words: Vocabulary) -> None:
    from rich.text import Text

    console().print(Text(answer.sentence(emphasis=""), style="bold"))
    for section in answer.sections:
        if section.letter in letters:
            _heading(f"{section.clause}: {section.title}")
            for part in section.parts:
                _print_part(part, words)
    if everything:
        for title, parts in (("Beside that", answer.beside), ("What is not known", answer.unknown)):
            _heading(title)
            for part in parts:
                _print_part(part, words)
    console().print()
    for note in answer.notes:
        console().print(Text(f"Note: {note}"))


def _print_part(part: Part, words: Vocabulary) -> None:
    _heading(part.title)
    _line(part.sentence)
    if part.note:
        _line(part.note)
    for row in part.table.records():
        _print_row(row, words)


def _print_row(row: Mapping[str, Any], words: Vocabulary) -> None:
    """What it is on a line of its own, what is said of it below: ids stay in one piece, however narrow it is."""
    from rich.padding import Padding
    from rich.text import Text

    first = [state(str(row["state"]))] if row.get("state") else []
    first += [Text(str(row[name])) for name in ("id", "name") if row.get(name)]
    rest = [
        Text.assemble((f"{_label(name, words)}: ", "dim"), _cell(name, value))
        for name, value in row.items()
        if not (name in ("state", "id", "name") or value in (None, "", ()) or (name, value) in _UNREMARKABLE)
    ]
    if not first:  # it has no id of its own: what is said of it is all there is
        first, rest = [Text("   ").join(rest)], []
    out = console()
    out.print(Padding(Text("  ").join(first), (0, 0, 0, 2), expand=False))
    if rest:
        out.print(Padding(Text("   ").join(rest), (0, 0, 0, 6), expand=False))


_UNREMARKABLE = (("without_the_change", "ok"), ("overdue", False), ("test_again", False), ("missed_before", False))


def _label(column: str, words: Vocabulary) -> str:
    term = words.properties.get(column)
    return term.label if term else column.replace("_", " ")


def _cell(column: str, value: Any) -> Any:
    if column == "state_of_it":
        return state(str(value))
    if column == "share":
        return f"{value:.0%}"
    if isinstance(value, str) and value.endswith("Z") and len(value) >= 20:  # a moment, to the minute
        return value[:16] + "Z"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return shown_value(tuple(value) if isinstance(value, list) else value)


# --------------------------------------------------------------------------- told, and the reasons


def _print_told(answer: Assessment, asked: Asked) -> None:
    columns = ("role", "id", "name", "type", "email", "telephone", "told_of", "why", "chain")
    rows = tuple(
        (one.role, one.id, one.name, one.type, one.email, one.telephone, one.about, one.why, one.chain)
        for one in answer.notify
    )
    shown = [(one.role, one.id, one.why) for one in answer.notify]
    if not asked.as_json and not asked.as_csv:
        console().print(_counted(answer.notify).replace("; --told lists them", ""), markup=False)
    print_table(
        Table(columns, rows),
        as_json=asked.as_json,
        as_csv=asked.as_csv,
        headings=("role", "id", "why"),
        shown=shown,
    )


def _print_why(answer: Explanation, asked: Asked) -> None:
    from rich.text import Text

    if asked.as_json:
        print_value(answer.to_json())
        return
    if asked.as_csv:
        rows = tuple((s.id, s.type, s.name, s.state, s.through, s.relations, s.text) for s in answer.steps)
        write(to_csv(Table(("id", "type", "name", "state", "through", "relations", "text"), rows)))
        return
    out = console()
    if not answer.steps:
        out.print(Text(f"{answer.target} is not hit."))
    for step in answer.steps:
        out.print(Text.assemble(shape(step.state), f" {step.text}"))
    for note in answer.notes:
        out.print(Text(f"Note: {note}"))
    out.print(Text(f"Revision {answer.revision} of {answer.at[:16]}Z, as of {answer.as_of[:16]}Z.", style="dim"))


# ----------------------------------------------------------------------------------------- lines


def _heading(text: str) -> None:
    from rich.text import Text

    console().print()
    console().print(Text(text, style="bold"))


def _line(text: str) -> None:
    """A line that is folded below its own beginning."""
    from rich.padding import Padding
    from rich.text import Text

    console().print(Padding(Text(text), (0, 0, 0, 2), expand=False))
