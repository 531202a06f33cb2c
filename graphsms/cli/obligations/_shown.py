"""What commands of obligations show alike."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from graphsms.cli._options import Asked
from graphsms.cli._output import console, print_table, state
from graphsms.report.tables import Cell, Table

if TYPE_CHECKING:
    from rich.text import Text

    from graphsms.analysis.obligation_answer import Obligations, RequirementState
    from graphsms.graph import Graph

__all__ = [
    "asked_and_why",
    "edition_option",
    "foot",
    "graph_or_none",
    "named",
    "policy_option",
    "print_requirements",
    "print_under",
    "rows",
]

_COLUMNS: Final = ("edition", "clause", "item", "anchor", "title", "paraphrase", "state", "reason", "id")

edition_option: Callable[..., Callable[..., object]] = click.option(
    "--edition", metavar="YEAR", help="2018 or 2011. [default: 2018]"
)
policy_option = click.option(
    "--policy", metavar="FILE", help="For how long evidence counts: a policy of your own instead of ours."
)


@contextmanager
def graph_or_none(asked: Asked) -> Iterator[tuple[Graph, bool]]:
    """The graph that is asked; an empty one, where nobody names one and there is none here: the clauses need none."""
    if asked.store is not None or os.environ.get("GRAPHSMS_STORE") or Path("graphsms.db").exists():
        with asked.graph() as graph:
            yield graph, True
        return
    from graphsms.cli._options import open_graph

    with (
        tempfile.TemporaryDirectory() as folder,
        open_graph(str(Path(folder) / "empty.db"), asked.ontology, create=True) as graph,
    ):
        yield graph, False


def rows(states: Sequence[RequirementState], answer: Obligations) -> Table:
    """A row a requirement, for programs."""
    return Table(_COLUMNS, tuple(_row(one, answer) for one in states))


def _row(one: RequirementState, answer: Obligations) -> tuple[Cell, ...]:
    its = one.requirement
    clause = answer.catalogue.clause(its.clause, its.edition) if its.clause else None
    title = clause.title if clause else its.anchor
    return (its.edition, its.clause, its.item, its.anchor, title, its.paraphrase, one.state, one.reason, its.id)


def print_requirements(states: Sequence[RequirementState]) -> None:
    """Requirements for people: where, how it stands, and what is asked."""
    headings = ("where", "state", "what is asked")
    shown: list[list[Text | str]] = [
        [one.requirement.anchor, state(one.state), one.requirement.paraphrase] for one in states
    ]
    print_table(Table(headings, ()), headings=headings, shown=shown)


def asked_and_why(states: Sequence[RequirementState], *, title: str = "") -> None:
    """Requirements of one state: where, what is asked, and below it why, or above where all have one."""
    from rich.text import Text

    reasons = {one.reason for one in states}
    why = f": {reasons.pop()}" if len(reasons) == 1 and len(states) > 1 else ""
    headings = ("where", "what is asked" if why else "what is asked → why it stands so")
    shown: list[list[Text | str]] = [
        [
            one.requirement.anchor,
            Text.assemble(one.requirement.paraphrase, *([] if why else [("\n→ " + one.reason, "dim")])),
        ]
        for one in states
    ]
    print_table(Table(headings, ()), title=f"{title}{why}", headings=headings, shown=shown)


def print_under(text: Text | str, *, by: int = 2) -> None:
    """A paragraph that stands under another, all its lines moved in."""
    from rich.padding import Padding
    from rich.text import Text

    console().print(Padding(text if isinstance(text, Text) else Text(text), (0, 0, 0, by), expand=False))


def named(place: str, answer: Obligations) -> str:
    """A place in a clause as it is to be typed: with its edition, where that is not the newest."""
    return place if answer.edition == answer.catalogue.newest else f"{answer.edition}:{place}"


def foot(answer: Obligations, *, there: bool = True) -> None:
    """What the answer rests on."""
    from rich.text import Text

    recorded = f" of {answer.at[:16]}Z" if answer.at else ""
    said = f"Revision {answer.revision}{recorded}, as of {answer.as_of[:16]}Z."
    console().print(Text(said if there else "There is no graph here: nothing is linked.", style="dim"))
