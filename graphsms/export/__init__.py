"""Writing the graph for other tools, or to be read again: one module a format.

What is written is one revision of the graph, its content only: not which import stated what, nor the
history. The exchange format, Turtle and JSON-LD hold all of it and are read back as the same graph, and the
same graph is always the same bytes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Final, TypeAlias

from graphsms.asked import asked_text
from graphsms.errors import InputError
from graphsms.export import csv, exchange, graphml, jsonld, turtle
from graphsms.export.content import Content
from graphsms.ingest.nearest import did_you_mean
from graphsms.store import Store, files_of

__all__ = ["FORMATS", "export"]

_Write: TypeAlias = Callable[[IO[bytes]], None]

_LINES: Final[Mapping[str, Callable[[Content], Iterable[str]]]] = {
    "exchange": exchange.yaml_lines,
    "exchange-json": exchange.json_lines,
    "jsonld": jsonld.lines,
    "csv-entities": csv.entity_lines,
    "csv-relations": csv.relation_lines,
}
_TURTLE: Final = "turtle"
_GRAPHML: Final = "graphml"
_CSV: Final = "csv"
_CSV_FILES: Final = {"entities.csv": "csv-entities", "relations.csv": "csv-relations"}

FORMATS: Final = (*_LINES, _TURTLE, _GRAPHML, _CSV)


def export(
    store: Store,
    format: str,
    out: Path | IO[bytes] | None = None,
    *,
    types: Sequence[str] = (),
    at: int | None = None,
    states: Mapping[str, str] | None = None,
) -> None:
    """Write the graph, or a part of it, in a format.

    Parameters
    ----------
    store : Store
    format : str
        ``exchange`` (YAML), ``exchange-json``, ``turtle``, ``jsonld``, ``graphml``, ``csv-entities``,
        ``csv-relations``; or ``csv``, both tables as ``entities.csv`` and ``relations.csv`` in a folder.
    out : Path or binary file, optional
        A file (for ``csv`` a folder, made where there is none), replaced only when all is written; without it,
        standard output.
    types : sequence of str
        Only entities of these types and their subclasses, with the relations between them.
    at : int, optional
        As of that revision; without it, the present one.
    states : mapping of str to str, optional
        For ``graphml``: the state of entities, by id.

    Raises
    ------
    InputError
        There is no such format or type, or the place cannot be written or is the store itself.
    VocabularyError
        The store was filled with an ontology that says more than the present one.

    Notes
    -----
    Streamed: memory does not grow with the graph, except with ``types`` by the ids of what is written.
    """
    if asked_text(format, "A format") not in FORMATS:
        raise InputError(
            f"There is no format {format!r}; there are {', '.join(FORMATS)}.{did_you_mean(format, FORMATS)}"
        )
    for type in types:
        if type not in store.vocabulary.types:
            raise InputError(f"The ontology has no type {type!r}.{did_you_mean(type, store.vocabulary.types)}")
    if states and format != _GRAPHML:
        raise InputError(f"Only {_GRAPHML} shows states, not {format}.")
    apart = files_of(store)
    content = Content(store, store.revision().number if at is None else at, tuple(types))
    if format == _CSV:
        _folder(content, out, apart)
        return
    write = _writer(content, format, states or {})
    if out is None:
        write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    elif isinstance(out, Path):
        _file(out, write, apart)
    else:
        write(out)


def _writer(content: Content, format: str, states: Mapping[str, str]) -> _Write:
    if format == _TURTLE:
        return partial(turtle.write, content)
    if format == _GRAPHML:
        return partial(_write_text, lambda: graphml.lines(content, states))
    return partial(_write_text, partial(_LINES[format], content))


def _write_text(lines: Callable[[], Iterable[str]], out: IO[bytes]) -> None:
    for line in lines():
        out.write(line.encode("utf-8"))


def _folder(content: Content, out: Path | IO[bytes] | None, apart: Collection[Path]) -> None:
    if not isinstance(out, Path):
        raise InputError(f"{_CSV} is two tables: give a folder, or ask for {' or '.join(_CSV_FILES.values())}.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {out} cannot be made: {error.strerror}.") from error
    for name, format in _CSV_FILES.items():
        _file(out / name, _writer(content, format, {}), apart)


def _file(path: Path, write: _Write, apart: Collection[Path]) -> None:
    """Write beside the file and put it in its place when all is written; what is no plain file is written to."""
    path = Path(os.path.realpath(path))
    if path in apart:
        raise InputError(f"The file {path} is the store itself; export to another.")
    plain = path.is_file() or not path.exists()
    beside = path.with_name(f".{path.name}.{os.getpid()}") if plain else path
    try:
        with beside.open("wb") as out:
            write(out)
        if plain:
            beside.replace(path)
    except OSError as error:
        raise InputError(f"The file {path} cannot be written: {error.strerror}.") from error
    finally:
        if plain:
            with suppress(OSError):
                beside.unlink()
