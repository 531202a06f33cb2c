"""``graphsms expiring``: what has ended, what ends soon, and what depends on it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.analysis.expiry import Ending

_COLUMNS = ("last_day", "days", "what", "id", "type", "name", "owner", "services")
_SERVICES = 3  # named; of more, the number


@click.command("expiring", epilog="Example: graphsms expiring --within 30d --type Certificate")
@click.option(
    "--within", metavar="DURATION", default="90d", show_default=True, help="How far ahead: 90d, 12w, 6m, 1y, or P90D."
)
@click.option("--type", "type_", metavar="TYPE", help="Only entities of a type and its subtypes.")
@question_options
def command(
    within: str,
    type_: str | None,
    asked: Asked,
) -> None:
    """List what has ended and what ends soon, and the services that depend on it.

    Certificates, licences, support, warranties, agreements, and the last day to give notice by: whatever the ontology
    says is an end. Exit code 1 where there is something.
    """
    with asked.graph() as graph:
        answer = graph.configuration.expiring(within, type=type_, at=asked.at, as_of=asked.as_of)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        rows = tuple(tuple(getattr(one, name) for name in _COLUMNS) for one in answer.endings)
        print_table(Table(_COLUMNS, rows), as_csv=True)
        tell_times(answer)
    else:
        from rich.text import Text

        out = console()
        out.print(Text(answer.sentence(), style="bold"))
        for title, those in (("Ended", answer.ended), ("To come", answer.endings[len(answer.ended) :])):
            if those:
                headings = ("last day", "days", "ends", "id", "services")
                print_table(Table(headings, tuple(map(_row, those))), title=f"{title} ({len(those)})")
        recorded = f" of {answer.at[:16]}Z" if answer.at else ""
        out.print(Text(f"Revision {answer.revision}{recorded}, as of {answer.as_of[:16]}Z.", style="dim"))
        if answer.endings:
            hint("impact", answer.endings[0].id)
    sys.exit(1 if answer.endings else 0)


def _row(one: Ending) -> tuple[str, str, str, str, str]:
    more = len(one.services) - _SERVICES
    services = ", ".join(one.services[:_SERVICES]) + (f" and {more} more" if more > 0 else "")
    return one.last_day, f"{one.days:+}", one.what, one.id, services or "–"
