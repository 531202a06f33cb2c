"""What ``graphsms clauses`` shows beside the clauses: guidance, defined terms, other frameworks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphsms.clauses.guidance import counterparts_on, guidance_on, places
from graphsms.cli._options import Asked
from graphsms.cli._output import console, print_table
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from rich.text import Text

    from graphsms.clauses import Catalogue, Guidance
    from graphsms.clauses.references import Meant
    from graphsms.clauses.terms import Term

__all__ = ["print_beside", "print_frameworks", "print_guidance", "print_terms"]


def print_guidance(catalogue: Catalogue, kind: str | None, meant: Meant | None, asked: Asked) -> None:
    """Guidance as a list."""
    found = guidance_on(catalogue, kind, meant)
    columns = (
        "kind", "category", "position", "name", "text", "requirements", "evidence", "good_practice", "asked_before",
        "computable", "note", "id",
    )  # fmt: skip
    rows = tuple(
        (
            one.kind, one.category, one.position, one.name, one.text, places(catalogue, one.guides), one.evidence,
            one.good_practice, places(catalogue, one.corresponds), one.computable, one.note, one.id,
        )
        for one in found
    )  # fmt: skip
    if not (asked.as_json or asked.as_csv):
        of = f" on {meant.clause.number if meant.whole else meant.requirements[0].anchor}" if meant else ""
        _say(f"{_count(len(found), 'piece')} of guidance{of}{f', of the kind {kind}' if kind else ''}.")
        if not found:
            return
    headings = ("where", "name", "what") if kind else ("kind", "where", "what")
    print_table(
        Table(columns, rows),
        as_json=asked.as_json,
        as_csv=asked.as_csv,
        headings=headings,
        shown=[_shown(catalogue, one, whole=kind is None) for one in found],
    )


def _shown(catalogue: Catalogue, one: Guidance, *, whole: bool) -> list[Text | str]:
    from rich.text import Text

    said = Text(one.text)
    if one.good_practice:
        before = f", asked in {', '.join(places(catalogue, one.corresponds))}" if one.corresponds else ""
        said.append(f" (good practice{before})", style="dim")
    if one.evidence:
        said.append(f" Shown by: {', '.join(one.evidence)}.", style="dim")
    where = ", ".join(dict.fromkeys(at.partition(" ")[0] for at in places(catalogue, one.guides)))
    return [one.kind, where, said] if whole else [where, one.name, said]


def print_beside(catalogue: Catalogue, meant: Meant) -> None:
    """Guidance on a place, and what other frameworks have on its clause, below what it asks."""
    from rich.text import Text

    out = console()
    met = [str(one) for _, one in counterparts_on(catalogue, None, meant)]
    if met:
        out.print(Text.assemble(("elsewhere: ", "dim"), "; ".join(met)))
    found = guidance_on(catalogue, None, meant)
    if found:
        headings = ("kind", "where", "what")
        shown = [_shown(catalogue, one, whole=True) for one in found]
        print_table(Table(headings, ()), title="Guidance", headings=headings, shown=shown)


def print_terms(found: Sequence[Term], word: str | None, asked: Asked) -> None:
    """Defined terms as a list."""
    columns = tuple(found[0].to_json()) if found else ("edition", "number", "name", "definition")
    rows = tuple(tuple(getattr(one, name) for name in columns) for one in found)
    if not (asked.as_json or asked.as_csv):
        of = f" with {word!r}" if word else ""
        _say(f"{_count(len(found), 'defined term')}{of}; the definitions are ours, the standard has its own.")
        if not found:
            return
    print_table(
        Table(columns, rows),
        as_json=asked.as_json,
        as_csv=asked.as_csv,
        headings=("term", "name", "what it means"),
        shown=[_term(one) for one in found],
    )


def _term(one: Term) -> list[Text | str]:
    from rich.text import Text

    said = Text(one.definition)
    other = " and ".join(filter(None, (", ".join(one.same), ", ".join(f"near {at}" for at in one.near))))
    beside = [f"type {', '.join(one.types)}" if one.types else "", f"other edition: {other}" if other else "", one.note]
    for text in filter(None, beside):
        said.append(f" {text.rstrip('.')}.", style="dim")
    return [f"{one.edition}: {one.number}", ", ".join((one.name, *one.also)), said]


def print_frameworks(catalogue: Catalogue, framework: str | None, meant: Meant | None, asked: Asked) -> None:
    """What other frameworks have on clauses, as a list."""
    found = counterparts_on(catalogue, framework, meant)
    columns = ("edition", "clause", "title", "framework", "number", "name", "id")
    rows = tuple(
        (clause.edition, clause.number, clause.title, one.framework, one.number, one.title, one.id)
        for clause, one in found
    )
    if not (asked.as_json or asked.as_csv):
        if not found:
            _say("Nothing of other frameworks is set beside it: they are set beside clauses of the newest edition.")
            return
        clauses = len({clause.id for clause, _ in found})
        _say(
            f"{_count(len(found), 'counterpart')} of {_count(clauses, 'clause')}; who meets one has not met the other."
        )
    shown: list[list[Text | str]] = [[c.number, one.framework, f"{one.number} {one.title}".strip()] for c, one in found]
    print_table(
        Table(columns, rows),
        as_json=asked.as_json,
        as_csv=asked.as_csv,
        headings=("clause", "framework", "there"),
        shown=shown,
    )


def _say(sentence: str) -> None:
    from rich.text import Text

    console().print(Text(sentence, style="bold"))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
