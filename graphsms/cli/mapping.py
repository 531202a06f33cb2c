"""``graphsms mapping``: what the columns of tables are here, drafted and tried out."""

from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from graphsms.cli._options import list_options, open_graph, store_options
from graphsms.cli._output import print_table, print_value, write
from graphsms.errors import InputError
from graphsms.moments import zone as time_zone
from graphsms.report.tables import Cell, Table, to_csv

if TYPE_CHECKING:
    from graphsms.ingest.tabular.preview import Preview
    from graphsms.vocabulary import Vocabulary

_NO_TABLES: Final = (".yaml", ".yml", ".json", ".jsonld", ".ttl")
_KNOWN_IDS: Final = 200_000
_DEFAULT_STORE: Final = "graphsms.db"


@click.group("mapping", epilog="Example: graphsms mapping guess servers.csv > servers.mapping.yaml")
def command() -> None:
    """Say what the columns of CSV and Excel files are: draft a mapping, try it out, list its keys."""


@command.command("guess", epilog="Example: graphsms mapping guess servers.csv > servers.mapping.yaml")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@store_options
def guess(files: tuple[str, ...], store: str | None, ontology: tuple[str, ...]) -> None:
    """Draft a mapping for FILES from their headers and values, with the reasons as comments.

    Columns may refer to each other's ids, and to those of the graph where there is one. Look through the draft.
    """
    from graphsms.ingest.tabular.guess import guess as drafted

    paths = [Path(file) for file in files]
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path} does not exist, or is no file.")
        if path.suffix.lower() in _NO_TABLES:
            raise InputError(f"{path} is no table: a mapping is for CSV and Excel. `graphsms ingest` reads it without.")
    usual = os.environ.get("GRAPHSMS_STORE") or _DEFAULT_STORE
    if store or "://" in usual or Path(usual).exists():  # what is drafted first has nothing to refer to yet
        with open_graph(store, ontology) as graph:
            write(drafted(paths, graph.vocabulary, islice(graph.entities(), _KNOWN_IDS)))
    else:
        write(drafted(paths, _vocabulary(ontology)))


@command.command("check", epilog="Example: graphsms mapping check servers.mapping.yaml servers.csv --rows 3")
@click.argument("mapping", type=click.Path())
@click.argument("file", type=click.Path())
@click.option("--rows", default=5, show_default=True, type=int, metavar="N", help="How many rows of each table.")
@click.option("--zone", metavar="ZONE", default="UTC", show_default=True, help="Time zone of dates that state none.")
@list_options
@click.option("--ontology", metavar="FILE", multiple=True, help="A Turtle file of your own beside our ontology.")
@click.pass_context
def check(
    ctx: click.Context,
    mapping: str,
    file: str,
    rows: int,
    zone: str,
    as_json: bool,
    as_csv: bool,
    ontology: tuple[str, ...],
) -> None:
    """Show what MAPPING makes of the first rows of FILE. Nothing is imported. Exit code 1 if there are faults."""
    from graphsms.ingest.tabular.preview import preview

    inherited = (ctx.find_root().obj or {}).get("ontology") or ()
    found = preview(
        Path(mapping), Path(file), _vocabulary((*inherited, *ontology)), rows=rows, zone=time_zone(zone)
    )  # fmt: skip
    if as_json:
        print_value(found.to_json())
    elif as_csv:
        write(to_csv(_table(found)))
    else:
        _tell(found, Path(file).name)
    if found.faults:
        sys.exit(1)


@command.command("keys", epilog="Example: graphsms mapping keys")
@list_options
def keys(as_json: bool, as_csv: bool) -> None:
    """List the keys of a mapping file, where each may stand, and what it says."""
    from graphsms.ingest.tabular import KEYS

    rows = tuple((place, key, says) for place, listed in KEYS.items() for key, says in listed.items())
    print_table(Table(("place", "key", "says"), rows), as_json=as_json, as_csv=as_csv)


@command.command("ready", epilog="Example: graphsms mapping ready > documents.mapping.yaml")
def ready() -> None:
    """Print the mapping that is shipped for a register of documents, to be changed for your own columns.

    `graphsms ingest documents.csv --format register` reads by it as it stands.
    """
    from graphsms.ingest.register_tables import READY

    write(READY.read_text("utf-8"))


def _vocabulary(ontology: tuple[str, ...]) -> Vocabulary:
    from graphsms.ontology import load

    files = [*filter(None, os.environ.get("GRAPHSMS_ONTOLOGY", "").split(os.pathsep)), *ontology]
    for file in files:
        if not Path(file).is_file():
            raise InputError(f"The ontology file {file} does not exist.")
    return load(tuple(dict.fromkeys(files)))


def _table(found: Preview) -> Table:
    """One statement a row, by the rows of the file."""
    lines: list[tuple[Cell, ...]] = []
    for at, entity in found.entities:
        sheet = getattr(at, "sheet", "")
        lines.append((sheet, at.line, entity.id, "type", entity.type))
        lines += [(sheet, at.line, entity.id, name, value) for name, value in entity.properties.items()]
    for at, one in found.relations:
        said = "".join(f" ({name}: {value})" for name, value in one.properties.items())
        lines.append((getattr(at, "sheet", ""), at.line, one.subject, one.type, f"{one.object}{said}"))
    places = {place: number for number, place in enumerate(dict.fromkeys((one[0], one[1]) for one in lines))}
    ids = {id: number for number, id in enumerate(dict.fromkeys(one[2] for one in lines))}
    lines.sort(key=lambda one: (places[one[0], one[1]], ids[one[2]]))
    return Table(("sheet", "row", "id", "field", "value"), tuple(lines))


def _tell(found: Preview, file: str) -> None:
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    for fault in found.faults:
        click.echo(f"fault: {fault}", err=True)
    entities, relations, faults = len(found.entities), len(found.relations), len(found.faults)
    click.echo(
        f"The first rows of {file} make {entities} {'entity' if entities == 1 else 'entities'} and "
        f"{relations} {'relation' if relations == 1 else 'relations'}"
        + (f", and have {faults} {'fault' if faults == 1 else 'faults'}." if faults else ", without a fault.")
    )
    table = _table(found)
    with_sheets = any(row[0] for row in table.rows)
    columns = table.columns if with_sheets else table.columns[1:]
    shown: list[list[str]] = []
    before: tuple[Cell, ...] = ()
    for row in table.rows:
        cells = [_shown(one) for one in row]
        same = 3 if row[:3] == before[:3] else 2 if row[:2] == before[:2] else 0
        cells[:same] = [""] * same
        shown.append(cells if with_sheets else cells[1:])
        before = row
    if shown:
        print_table(table, headings=columns, shown=shown)


def _shown(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return ", ".join(map(str, cell)) if isinstance(cell, tuple) else "" if cell is None else str(cell)
