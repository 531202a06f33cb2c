"""``graphsms change classify``: category, route, risk and major impact, by the rules of the policy."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli.change._stacked import print_list
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.change.classification import Classification, Conclusion

_LABELS = {"major_impact": "major impact", "category": "category", "route": "route", "risk": "risk"}


@click.command("classify", epilog="Example: graphsms change classify rfc-2051")
@click.argument("ids", nargs=-1, metavar="[RFC]...")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@partial(question_options, default="when the window begins")
def command(ids: tuple[str, ...], policy: str | None, asked: Asked) -> None:
    """Say by the rules of the policy how requests are managed: category, route, risk, and whether impact may be major.

    Of each the rule that decides is named, with the facts that it rests on, and what is recorded where that differs.
    Without RFC, of all that are not made yet. Exit code 1 where something else is recorded than the rules say.
    """
    with asked.graph() as graph:
        moment = graph.moment(asked.as_of) if asked.as_of else None
        answer = graph.change.classify(*ids, policy=policy, at=asked.at, as_of=asked.as_of)
        revision = graph.history.revision(answer.revision)
    if asked.as_json:
        print_value(answer.to_json())
    else:
        from graphsms.change.classification import COLUMNS

        table = Table(COLUMNS, tuple(row for one in answer for row in one.rows()))
        if asked.as_csv:
            print_table(table, as_csv=True)
        elif ids:
            for one in answer:
                _print(one)
        else:
            console().print(answer.sentence(), markup=False)
            shown = [(one.request, *(_said(each) for each in _in_order(one))) for one in answer]
            print_list(("id", "category", "route", "risk", "major impact"), shown)
            if answer.differing:
                console().print("* something else is recorded.", markup=False, style="dim")
        print_recorded(revision, moment, otherwise="each by itself, as of when its window begins", aside=asked.as_csv)
        if answer and not ids and not asked.as_csv:
            hint("change", "classify", answer[0].request)
    sys.exit(1 if answer.differing else 0)


def _in_order(one: Classification) -> tuple[Conclusion, ...]:
    return (one.category, one.route, one.risk, one.major_impact)


def _said(one: Conclusion) -> str:
    return f"{one.says} *" if one.differs else one.says


def _print(one: Classification) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(one.sentence(emphasis=""), style="bold"))
    if one.name != one.request:
        out.print(Text(one.name, style="dim"))
    rows = [(_LABELS[each.of], each.says, _recorded(each), each.rule) for each in _in_order(one)]
    print_table(Table((), ()), headings=("", "rules say", "recorded", "by rule"), shown=rows)
    for each in _in_order(one):
        out.print(Text.assemble((f"{_LABELS[each.of].capitalize()} {each.says}: ", "bold"), _why(each)))
    for each in _in_order(one):
        for id, says, names in each.open:
            facts = " and ".join(name.replace("_", " ") for name in names)
            were = "it were" if len(names) == 1 else "they were"
            out.print(Text(f"Not known: {facts}. If {were}, {_LABELS[each.of]} might be {says} (rule {id})."))
    out.print()


def _recorded(one: Conclusion) -> str:
    if not one.recorded:
        return "–"
    return f"{one.recorded} (differs)" if one.differs else one.recorded


def _why(one: Conclusion) -> str:
    return f"{one.because} {'; '.join(one.facts).capitalize()}." if one.facts else one.because
