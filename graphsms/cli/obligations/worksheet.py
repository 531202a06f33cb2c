"""``graphsms worksheet``: the gap assessment, as a file that people fill in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._files import spare
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, progress
from graphsms.cli.obligations._shown import edition_option, policy_option
from graphsms.errors import InputError
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.obligations.worksheet import Worksheet

_FORMS = ("html", "xlsx", "json", "csv")


@click.command("worksheet", epilog="Example: graphsms worksheet --clause 8.5 -o gaps.xlsx")
@click.option(
    "--out",
    "-o",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write it: .xlsx, .json or .csv to be filled in, .html to be read and printed.",
)
@click.option("--format", "form", type=click.Choice(_FORMS), help="The form, where the name of the file is another.")
@click.option("--clause", metavar="NUMBER", help="Only a clause and what is below it.")
@edition_option
@policy_option
@partial(question_options, default="when the revision was recorded")
def command(
    path: Path | None, form: str | None, clause: str | None, edition: str | None, policy: str | None, asked: Asked
) -> None:
    """Write the worksheet of a gap assessment: a row for each requirement, with its state and evidence.

    People fill in what they judged and found (conformity, finding, owner, due date, who assessed it and when, further
    evidence); `graphsms ingest` takes it back. With it stand the roll-up by clause, the evidence by clause and by what
    auditors ask for, the readiness list, operational history and maturity. The same revision makes the same bytes.
    """
    if path is None and not asked.as_json and not asked.as_csv:
        raise click.UsageError("Say where to write the worksheet: --out FILE, or --json for standard output.")
    if path is not None and form is None:
        from graphsms.obligations.worksheet import form_of

        form = form_of(path)
    with asked.graph() as graph, progress("Making the worksheet"):
        if path is not None:
            spare(graph.store, [path], "the worksheet")
        meant = graph.obligations.meant(clause, edition) if clause else None
        if meant is not None and not meant.whole:
            raise InputError(f"A worksheet is of a clause with all below it: give --clause {meant.clause.number}.")
        worksheet = graph.obligations.worksheet(
            meant.clause.edition if meant else edition,
            meant.clause.number if meant else None,
            policy=policy,
            at=asked.at,
            as_of=asked.as_of,
        )
        if path is not None:
            worksheet.write(path, form)
        first = worksheet.rows[0].requirement.id if worksheet.rows else ""
        loaded = not first or graph.store.entity(first) is not None
    if asked.as_json:
        print_value(worksheet.to_json())
    elif asked.as_csv:
        print_table(worksheet.table(), as_csv=True)
        tell_times(worksheet.states)
    elif path is not None:
        _tell(worksheet, path, form or "", loaded=loaded)


def _tell(worksheet: Worksheet, path: Path, form: str, *, loaded: bool) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(worksheet.sentence(), style="bold"))
    shown = [(word, str(count)) for word, count in sorted(worksheet.judged.items(), key=lambda one: -one[1])]
    print_table(Table(("conformity", "requirements"), ()), headings=("conformity", "requirements"), shown=shown)
    out.print(Text(f"Written to {path} ({form}), {len(worksheet.rows)} rows."))
    out.print(Text(f"Classification: {worksheet.inputs.classification}."))
    if form == "html":
        hint("worksheet", "-o", "worksheet.xlsx")
    elif loaded:
        hint("ingest", str(path))
    else:
        said = "Before it can come back, the catalogue has to be in the graph: graphsms clauses --load."
        out.print(Text(said))
    tell_times(worksheet.states, aside=False)
