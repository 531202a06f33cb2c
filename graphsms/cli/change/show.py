"""``graphsms change show``: everything that is known about one request for change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded, shown_value
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from datetime import tzinfo

    from graphsms.change.known import Known, Tie
    from graphsms.vocabulary import Vocabulary

_WINDOW = ("windowStart", "windowEnd")
_APART = {"name", *_WINDOW, "changeStatus", "changeCategory", "priority", "riskLevel", "changeRoute", "majorImpact"}


@click.command("show", epilog="Example: graphsms change show rfc-2051")
@click.argument("id", metavar="RFC")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@partial(question_options, default="when the window begins")
def command(id: str, policy: str | None, asked: Asked) -> None:
    """Show everything that is known about the request RFC.

    What it touches and how, its window, how it is classified, who decides, decisions, releases, risks, what is in the
    calendar at the same time, what was done under it, and what is not stated. --csv gives what it is tied to.
    """
    with asked.graph() as graph:
        moment = graph.moment(asked.as_of) if asked.as_of else None
        answer = graph.change.known(id, policy=policy, at=asked.at, as_of=asked.as_of)
        words, zone = graph.vocabulary, graph.zone
    if asked.as_json:
        print_value(answer.to_json())
        return
    touches = words.known_as("touched by change")
    table = Table(
        ("relation", "outward", "id", "type", "name", "mode"),
        (
            *((touches, True, one.entity.id, one.entity.type, one.entity.name, one.mode)
              for one in answer.request.touches),
            *((one.relation, one.outward, one.entity.id, one.entity.type, one.entity.name, None)
              for one in answer.ties),
        ),
    )  # fmt: skip
    if asked.as_csv:
        print_table(table, as_csv=True)
    else:
        _print(answer, words, zone)
    print_recorded(
        answer.revision, moment, otherwise="classified by itself, as of when the window begins", aside=asked.as_csv
    )
    if not asked.as_csv:
        hint("change", "assess", id)


def _print(answer: Known, words: Vocabulary, zone: tzinfo) -> None:
    from rich.table import Table as RichTable
    from rich.text import Text

    out, request, its = console(), answer.request, answer.classification
    out.print(Text.assemble((request.name, "bold"), "  ", (words.types[request.entity.type].label, "dim")))
    facts = RichTable.grid(padding=(0, 2))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("id", Text(request.id))
    facts.add_row("status", Text(request.status or "not stated"))
    facts.add_row("window", Text(_window(answer, zone)))
    for label, one in (("category", its.category), ("route", its.route), ("risk", its.risk),
                       ("major impact", its.major_impact)):  # fmt: skip
        recorded = one.recorded or "not recorded"
        agrees = "as the rules say" if one.recorded == one.says else f"the rules say {one.says}"
        facts.add_row(label, Text(f"{recorded} ({agrees})", style="yellow" if one.differs else ""))
    facts.add_row("priority", Text(request.says("priority") or "not stated"))
    for name, value in request.entity.properties.items():
        if name not in _APART:
            facts.add_row(words.properties[name].label, Text(shown_value(value)))
    if request.entity.source:
        facts.add_row("source", Text(request.entity.source))
    out.print(facts)
    _print_parts(answer)


def _print_parts(answer: Known) -> None:
    from rich.text import Text

    out, request = console(), answer.request
    if request.touches:
        shown = [(one.entity.id, one.entity.name, one.mode + ("" if one.stated else " (by the policy)"))
                 for one in request.touches]  # fmt: skip
        print_table(Table((), ()), title=f"Touches ({len(shown)})", headings=("id", "name", "mode"), shown=shown)
    else:
        out.print(Text("It is not recorded what it touches.", style="yellow"))
    if answer.ties:
        rows = [(one.label, one.entity.id, _about(one)) for one in answer.ties]
        print_table(Table((), ()), title=f"Tied to ({len(rows)})", headings=("", "id", "what"), shown=rows)
    if answer.overlaps:
        rows = [(one.what, one.entity.id, f"{one.entity.name} ({', '.join(one.shared)})") for one in answer.overlaps]
        print_table(Table((), ()), title="At the same time", headings=("what", "id", "name"), shown=rows)
    if answer.under:
        done = [
            (str(one.number), f"{one.time[:16]}Z", f"{one.actor}: {one.reason}".strip(": "),
             f"+{one.created} ~{one.changed} -{one.removed}")
            for one in answer.under
        ]  # fmt: skip
        print_table(Table((), ()), title="Done under it", headings=("revision", "when", "who, why", ""), shown=done)
    out.print()
    if answer.not_stated:
        out.print(Text(f"Not stated: {', '.join(answer.not_stated)}."))


def _about(one: Tie) -> str:
    """The name of what it is tied to, and what a decision, a case or a release says of itself."""
    said = one.entity.properties
    says = [str(said[name]) for name in ("decision", "caseStatus", "releaseStatus", "riskLevel") if name in said]
    if "impacted" in said:
        says.append("impacted" if said["impacted"] else "not impacted")
    if said.get("conditions"):
        says.append(f"condition: {said['conditions']}")
    name = "" if one.entity.name == one.entity.id else one.entity.name
    return "  ".join(filter(None, (name, f"({'; '.join(says)})" if says else "")))


def _window(answer: Known, zone: tzinfo) -> str:
    """The window in the organization's zone, and in UTC where that is another."""
    from datetime import UTC, datetime

    start, end = answer.request.window
    if not start:
        return "not stated"
    utc = " – ".join(text[:16].replace("T", " ") if text else "open" for text in (start, end))
    if zone is UTC:
        return f"{utc} (UTC)"
    here = " – ".join(
        f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M}" if text else "open" for text in (start, end)
    )
    return f"{here} ({zone}); {utc} (UTC)"
