"""``graphsms documents``: the documented information that 7.5.4 wants, and whether what there is of it is in order."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, shape
from graphsms.cli.obligations._shown import edition_option, foot, policy_option
from graphsms.errors import InputError
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from rich.text import Text

    from graphsms.analysis.documents_answer import DocumentRegister, Wanted

_COLUMNS: Final = (
    "item", "anchor", "wanted", "for", "state", "id", "type", "name", "reference", "version", "status", "owner",
    "approved_by", "approved_on", "location", "review_due", "classification", "reason",
)  # fmt: skip
# The marks of evidence, which mean the same here.
_MARKS: Final = {"in order": "evidenced", "out of date": "stale"}


@click.command("documents", epilog="Example: graphsms documents --list 8.7.2")
@click.option("--list", "clause", metavar="CLAUSE", help="What this clause wants. [default: 7.5.4; of 2011: 4.3.1]")
@click.option("--all", "every", is_flag=True, help="All documented information there is, instead of what is wanted.")
@click.option("--open", "open_", is_flag=True, help="Only what is not in order.")
@edition_option
@policy_option
@question_options
def command(
    clause: str | None, every: bool, open_: bool, edition: str | None, policy: str | None, asked: Asked
) -> None:
    """List the documented information that 7.5.4 a) to l) wants: what there is, whose, approved, current, and where.

    Exit code 1 where something is missing, out of date or not approved.
    """
    if every and clause:
        raise InputError("--all lists every document; it does not go with --list.")
    with asked.graph() as graph:
        answer = graph.obligations.documents(
            clause, edition, every=every, policy=policy, at=asked.at, as_of=asked.as_of
        )
    wanted = [one for one in answer.wanted if not open_ or one.state != "in order"]
    if asked.as_json:
        print_value({**answer.to_json(), "wanted": [one.to_json() for one in wanted]})
    elif asked.as_csv:
        kept = {id(one) for one in wanted}
        rows = [row for one in answer.wanted if id(one) in kept for row in answer.rows_of(one)]
        print_table(Table(_COLUMNS, tuple(tuple(row.get(name, "") for name in _COLUMNS) for row in rows)), as_csv=True)
        tell_times(answer)
    else:
        _print(answer, wanted)
    sys.exit(1 if answer.numerator < answer.denominator else 0)


def _print(answer: DocumentRegister, wanted: list[Wanted]) -> None:
    from rich.text import Text

    console().print(Text(answer.sentence(), style="bold"))
    if wanted:
        rows = [_row(one) for one in wanted]
        headings = ("item", "state", "wanted", "there is")
        kept = [number for number in range(len(headings)) if any(str(row[number]) for row in rows)]
        print_table(
            Table((), ()),
            headings=[headings[number] for number in kept],
            shown=[[row[number] for number in kept] for row in rows],
        )
    first = next((one for one in wanted if one.state != "in order" and one.anchor), None)
    if first is not None:
        hint("evidence", first.anchor)
    foot(answer)  # type: ignore[arg-type]


def _row(one: Wanted) -> list[Text | str]:
    from rich.text import Text

    best, in_order = (one.documents[0] if one.documents else None), one.state == "in order"
    said = [one.reason]
    if best is not None:
        named = " ".join(filter(None, [best.name, best.version]))
        due = f"review by {best.review_due}" if best.review_due and in_order else ""
        said = [named if in_order else f"{named}: {best.reason}", best.owner, due]
    state = Text.assemble(shape(_MARKS.get(one.state, one.state)), f" {one.state}")
    wanted = f"{one.wanted}: {one.of_name}" if one.of_name else one.wanted
    where = one.item if one.anchor.startswith("7.5.4") else one.anchor
    return [where, state, wanted, "; ".join(filter(None, said))]
