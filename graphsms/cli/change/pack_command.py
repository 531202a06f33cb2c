"""``graphsms change pack``: what those who decide on changes rest their decision on, as a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._files import spare
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value, progress
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.change.pack import Pack


@click.command(
    "pack",
    epilog="Examples: graphsms change pack rfc-2041 --out cab.html — "
    "graphsms change pack --agenda --start 2026-11-22 --end 2026-11-29 --out cab.pdf --out cab.xlsx",
)
@click.argument("ids", nargs=-1, metavar="[RFC]...")
@click.option(
    "--out",
    "-o",
    "paths",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="Where to write it: .html, .pdf, .xlsx or .json; may be repeated.",
)
@click.option("--agenda", is_flag=True, help="Of a meeting: each change by itself, and the conflicts between them.")
@click.option("--without-context", is_flag=True, help="As if nothing were down or changing already.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@click.option("--start", metavar="DATE", help="Of an agenda: from when; a bare date: from its beginning.")
@click.option("--end", metavar="DATE", help="Of an agenda: until when; a bare date: to its end.")
@partial(question_options, default="when the window begins")
def command(
    ids: tuple[str, ...],
    paths: tuple[Path, ...],
    agenda: bool,
    without_context: bool,
    policy: str | None,
    start: str | None,
    end: str | None,
    asked: Asked,
) -> None:
    """Write the pack on which the CAB decides: what the changes RFC hit and why, and all that has to be considered.

    It is made of one revision, and states what it was made of: from that it is made again, byte for byte. Several
    changes are assessed as if they were made together; with --agenda each by itself, the riskiest first, and without
    RFC those still to be made whose windows overlap --start to --end. Without --as-of, each change is held against the
    beginning of its window.
    """
    _must_fit(ids, paths, asked, agenda=agenda, spanned=bool(start or end))
    with asked.graph() as graph, progress("Making the pack"):
        spare(graph.store, paths, "the pack")
        pack = graph.change.pack(
            *ids,
            agenda=agenda,
            start=start,
            end=end,
            policy=policy,
            with_context=not without_context,
            at=asked.at,
            as_of=asked.as_of,
        )
        revision = graph.history.revision(pack.inputs.revision)
        pack.write(*paths)
    if asked.as_json:
        print_value(pack.to_json())
        return
    if asked.as_csv:
        print_table(pack.rows(), as_csv=True)
    else:
        _tell(pack, paths)
    print_recorded(revision, min(pack.inputs.as_of.values()), aside=asked.as_csv)
    if not asked.as_csv:
        conflicts = () if pack.conflicts is None else pack.conflicts.consumed
        hint("change", *(("windows", conflicts[0].ids[0]) if conflicts else ("conflicts", *pack.inputs.requests[:4])))


def _must_fit(ids: tuple[str, ...], paths: tuple[Path, ...], asked: Asked, *, agenda: bool, spanned: bool) -> None:
    """Refuse what cannot be meant before anything is worked out."""
    from graphsms.change.pack import form_of

    for path in paths:
        form_of(path)
    if not paths and not asked.as_json and not asked.as_csv:
        raise click.UsageError("Say where to write the pack: --out FILE, or --json for standard output.")
    if agenda and ids and spanned:
        raise click.UsageError("Give the changes of an agenda by their ids, or by --start and --end, not both.")
    if agenda and not ids and not spanned:
        raise click.UsageError("Say of which changes: their ids, or --start and --end.")
    if not agenda and (spanned or not ids):
        raise click.UsageError(
            "--start and --end choose the changes of an --agenda."
            if spanned
            else "Give at least one request for change."
        )


def _tell(pack: Pack, paths: tuple[Path, ...]) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(pack.sentence(emphasis="")))
    out.print(Text(f"Classification: {pack.marking}."))
    rows = tuple((str(path), path.suffix.lower().lstrip("."), path.stat().st_size) for path in paths)
    shown = [(name, form, f"{size:,}") for name, form, size in rows]
    print_table(Table(("file", "form", "bytes"), rows), title=f"Pack {pack.hash[:12]}", shown=shown)
