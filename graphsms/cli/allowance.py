"""``graphsms allowance``: what targets of availability still allow, and what an outage would use of it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.calendars.answers import Allowance, Allowances, Use, Uses

_UNKNOWN: Final = "unknown"
_MOST_SAID: Final = 10  # sentences of a kind; programs get all


@click.command(
    "allowance", epilog="Example: graphsms allowance sla-web --start 2026-11-26T21:00 --end 2026-11-26T22:00"
)
@click.argument("ids", metavar="[AGREEMENT|TARGET]...", nargs=-1)
@click.option("--start", metavar="DATE", help="When an outage would begin; a bare date: at its beginning.")
@click.option("--end", metavar="DATE", help="When it would end; a bare date: at its end. [default: with the period]")
@question_options
def command(ids: tuple[str, ...], start: str | None, end: str | None, asked: Asked) -> None:
    """Show what availability targets still allow in their period, and what an outage would use of it.

    Of agreements, of targets, or of all agreements in force. Only agreed service time counts, without maintenance
    windows and what else is excepted, from the downtime that is recorded. Exit code 1 where a target is missed, or
    would be.
    """
    if end and not start:
        raise click.UsageError("An outage that ends has a beginning: give --start too.")
    with asked.graph() as graph:
        if start is None:
            answer: Allowances | Uses = graph.calendar.allowance(*ids, at=asked.at, as_of=asked.as_of)
        else:
            answer = graph.calendar.use(*ids, start=start, end=end, at=asked.at, as_of=asked.as_of)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        from graphsms.calendars.answers import ALLOWANCE_COLUMNS, USE_COLUMNS

        columns = ALLOWANCE_COLUMNS if start is None else USE_COLUMNS
        rows = tuple(tuple(one[name] for name in columns) for one in answer.records())
        print_table(Table(columns, rows), as_csv=True)
        tell_times(answer)
    else:
        _show(answer)
    sys.exit(1 if answer.missed else 0)


def _show(answer: Allowances | Uses) -> None:
    from rich.text import Text

    from graphsms.calendars.answers import UNKNOWN_DOWNTIME, Allowances

    out = console()
    out.print(Text(answer.sentence(), style="bold"))
    if isinstance(answer, Allowances):
        rows: Sequence[Allowance] = answer.allowances
        _print_parts("missed", _ALLOWED, [(one.missed, _allowed(one)) for one in rows])
    else:
        rows = [one.allowance for one in answer.uses]
        _print_parts("missed with it", _USED, [(one.missed, _used(one)) for one in answer.uses])
    missing = sorted((one for row in rows for one in row.missing), key=lambda one: one.what == UNKNOWN_DOWNTIME)
    _print_said("Not recorded", (one.message for one in missing))
    _print_said("Taken to be so", (one for row in rows for one in row.assumptions))
    _print_said("To know", (one for row in rows for one in row.notes))
    if answer.others:
        out.print(Text(f"Targets of something else than availability: {answer.others}.", style="dim"))
    if answer.without:
        out.print(Text(f"Agreements without a target of availability: {len(answer.without)}.", style="dim"))
    recorded = f" of {answer.at[:16]}Z" if answer.at else ""
    out.print(Text(f"Revision {answer.revision}{recorded}, as of {answer.as_of[:16]}Z.", style="dim"))
    if rows:
        hint("show", rows[0].target)


_ALLOWED: Final = ("id", "agreement", "promised", "period", "used", "left")
_USED: Final = ("id", "agreement", "period", "takes", "share", "left")


def _allowed(one: Allowance) -> tuple[str, ...]:
    promised = _UNKNOWN if one.promised is None else f"{one.promised:g}%"
    return one.target, one.agreement or "–", promised, one.period or _UNKNOWN, *_bounded(one, one.used, one.left)


def _used(one: Use) -> tuple[str, ...]:
    known = one.allowance
    share = "–" if one.share is None else f"{100 * one.share:.0f}%"
    _, left = _bounded(known, known.used, one.left)
    return known.target, known.agreement or "–", known.period or _UNKNOWN, _span(one.seconds), share, left


def _bounded(one: Allowance, used: float | None, left: float | None) -> tuple[str, str]:
    """What is used and left, where it is no more than a bound with its sign."""
    if left is None:
        return _UNKNOWN, _UNKNOWN
    other = {"≥": "≤", "≤": "≥"}.get(one.bound, one.bound)
    return one.bound + _span(used), other + _span(left)


def _print_parts(missed: str, headings: Sequence[str], rows: Sequence[tuple[bool | None, tuple[str, ...]]]) -> None:
    """The rows that are missed, those that are kept, and those of which it is not known, each under its title."""
    for title, which in ((missed.capitalize(), True), ("Kept", False), ("Not known", None)):
        those = tuple(row for state, row in rows if state is which)
        if those:
            print_table(Table(tuple(headings), those), title=f"{title} ({len(those)})")


def _print_said(title: str, sentences: Iterable[str]) -> None:
    from rich.text import Text

    many = Counter(sentences)
    if many:
        console().print()
        console().print(Text(f"{title}:", style="bold"))
    for sentence, times in list(many.items())[:_MOST_SAID]:
        console().print(Text(f"- {sentence}" + (f" ({times} targets)" if times > 1 else "")))
    if len(many) > _MOST_SAID:
        console().print(Text(f"- and {len(many) - _MOST_SAID} more, which --json lists."))


def _span(seconds: float | None) -> str:
    """A time as people read it: ``7h26m``, ``43m12s``."""
    if seconds is None:
        return _UNKNOWN
    whole = round(abs(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    sign = "-" if seconds < 0 and whole else ""
    if hours:
        return f"{sign}{hours}h{minutes:02}m" if minutes else f"{sign}{hours}h"
    if minutes:
        return f"{sign}{minutes}m{rest:02}s" if rest else f"{sign}{minutes}m"
    return f"{sign}{rest}s"
