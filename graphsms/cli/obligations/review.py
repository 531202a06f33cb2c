"""``graphsms review``: the pack of the management review, and what it decided."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._files import spare
from graphsms.cli._options import Asked, answer_options, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.cli.obligations._shown import policy_option
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.obligations.review import ReviewPack


@click.group(
    "review",
    invoke_without_command=True,
    epilog="Examples: graphsms review -o review.html -o review.yaml — graphsms review record review.yaml",
)
@click.option(
    "--out", "-o", "paths", type=click.Path(path_type=Path, dir_okay=False), multiple=True, metavar="FILE",
    help="Where to write it: .html, .pdf, .xlsx or .json; .yaml is the form to be filled in. May be repeated.",
)  # fmt: skip
@click.option("--since", metavar="DATE", help="From when. [default: the last management review]")
@policy_option
@partial(question_options, default="when the revision was recorded")
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], since: str | None, policy: str | None, asked: Asked) -> None:
    """Make the pack of the management review: a section for each of its inputs, a) to l) of 9.3.

    It is made of one revision and of the time since the last review; from both it is made again, byte for byte. What is
    not recorded is "no data". `graphsms review record` takes back what the review decided.
    """
    if ctx.invoked_subcommand is not None:
        if paths or since or policy or asked.at or asked.as_of or asked.as_json or asked.as_csv:
            raise click.UsageError(f"Give options of {ctx.invoked_subcommand} behind it.", ctx)
        return
    from graphsms.obligations.review import form_of

    for path in paths:
        form_of(path)
    with asked.graph() as graph:
        spare(graph.store, paths, "the pack")
        pack = graph.obligations.review.pack(since=since, policy=policy, at=asked.at, as_of=asked.as_of)
        pack.write(*paths)
    if asked.as_json:
        print_value(pack.to_json())
    elif asked.as_csv:
        print_table(pack.table(), as_csv=True)
        tell_times(pack)
    else:
        _tell(pack, paths)


def _tell(pack: ReviewPack, paths: tuple[Path, ...]) -> None:
    from graphsms.obligations.review import form_of

    out = console()
    out.print(pack.sentence(), markup=False, style="bold")
    shown = [(one.letter, one.title, " ".join(one.sentences)) for one in pack]
    print_table(Table((), ()), headings=("9.3", "input", "what is found"), shown=shown)
    for path in paths:
        out.print(f"Written: {path} (pack {pack.hash[:12]}).", markup=False, highlight=False)
    tell_times(pack)
    form = next((path for path in paths if form_of(path) == "yaml"), None)
    if form is not None:
        hint("review", "record", str(form))
    else:
        hint("review", "-o", "review.html", "-o", "review.yaml")


@command.command("record", epilog="Example: graphsms review record review.yaml")
@click.argument("file", type=click.Path(path_type=Path))
@actor_option
@answer_options
def record_command(file: Path, actor: str, asked: Asked) -> None:
    """Record a management review that was held: what was considered, decided and agreed.

    FILE is the form (YAML or JSON) that `graphsms review -o FILE.yaml` writes. All of it is recorded in one revision,
    and linked to the requirements of 9.3 that it shows; where anything is wrong, nothing is.
    """
    with asked.graph() as graph:
        found = graph.obligations.review.record(file, actor=actor)
    if asked.as_json:
        print_value(found.to_json())
    elif asked.as_csv:
        rows = [("review", found.id), *(("decision", one) for one in found.decisions)]
        rows += [("action", one) for one in found.actions]
        print_table(Table(("what", "id"), tuple(rows)), as_csv=True)
    else:
        console().print(found.sentence(), markup=False)
        hint("evidence", "9.3")
