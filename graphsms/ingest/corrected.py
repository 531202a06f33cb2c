"""What an import left out, as ``--rejected`` wrote it, corrected and read again.

What came from a table is read by the mapping of that table. Everything else (YAML, JSON, Turtle, lists of tools) is
given back in the words of the ontology, one row an entity, and is read here; no mapping is needed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from graphsms.errors import RejectedError
from graphsms.ingest.reader import WHY, RawEntity, RawRelation, RawStatement, RawValue
from graphsms.ingest.tabular.cells import cell_text
from graphsms.ingest.tabular.delimited import delimited_rows
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["TO", "CorrectedReader", "cell_of"]

TO: Final = "to"
_HEADER: Final = (*WHY, "type")
_SEPARATOR: Final = ";"
_Take = Callable[[Fault], None]


def cell_of(values: Iterable[object]) -> str:
    """Several values in one cell: between semicolons, or as JSON where that could be misread.

    Examples
    --------
    >>> cell_of(["a", "b"]), cell_of(["a;b"])
    ('a; b', '["a;b"]')
    """
    every = list(values)
    if any(isinstance(one, Mapping) or _SEPARATOR in str(one) or str(one).startswith("[") for one in every):
        return json.dumps(every, ensure_ascii=False)
    return f"{_SEPARATOR} ".join("true" if one is True else "false" if one is False else str(one) for one in every)


def _values(cell: str) -> list[object]:
    """What `cell_of` made a cell of.

    Raises
    ------
    ValueError
        It begins as a JSON list does, and is none.
    """
    if cell.startswith("["):
        return list(json.loads(cell))
    return [one.strip() for one in cell.split(_SEPARATOR) if one.strip()]


class CorrectedReader:
    """Reads what was left out of files that are no tables."""

    name: Final = "rejected"
    foreign: Final = True  # what was left out of a tool's lists may refer to what nobody describes

    def recognizes(self, path: Path, head: bytes) -> bool:
        """By its header, which begins with why each row was left out."""
        if path.suffix.lower() != ".csv":
            return False
        first = head.partition(b"\n")[0].decode("utf-8", "replace")
        return tuple(next(csv.reader([first.strip()]), ()))[: len(_HEADER)] == _HEADER

    def read(
        self,
        paths: Sequence[Path],
        vocabulary: Vocabulary,
        fault: _Take,
        warn: _Take,  # noqa: ARG002
    ) -> Iterator[RawStatement]:
        """The entities of the rows with their relations; a file that cannot be read is one fault."""
        for path in paths:
            try:
                yield from _statements(path, vocabulary, fault)
            except RejectedError as error:
                for one in error.faults:
                    fault(one)


def _statements(path: Path, vocabulary: Vocabulary, fault: _Take) -> Iterator[RawStatement]:
    rows = delimited_rows(path, delimiter=",")
    header = [cell_text(one) for one in next(rows).cells]
    relations = {word: name for name, one in vocabulary.relations.items() for word in (name, one.iri)}
    several = {word for name, one in vocabulary.properties.items() if one.many for word in (name, one.iri)}
    for row in rows:
        origin = Origin(str(path), row.number)
        cells = dict(zip(header, map(cell_text, row.cells), strict=False))
        id = cells.get("id", "")
        if not id or len(row.cells) > len(header):
            message = (
                "It has more cells than there are headers." if id else "The row has no id: write it, or take it out."
            )
            fault(Fault(origin, id, "id", "wrong-form" if id else "missing-id", message))
            continue
        said = {name: cell for name, cell in cells.items() if cell and name not in _HEADER}
        lists: dict[str, list[object]] = {}
        for name in [name for name in said if name in several or name in relations]:
            try:
                lists[name] = _values(said[name])
            except ValueError:
                message = (
                    "It begins as a JSON list does, and is none: correct it, or write the values between semicolons."
                )
                fault(Fault(origin, id, name, "wrong-form", message))
                lists[name] = []
        properties: dict[str, RawValue] = {
            name: [str(one) for one in lists[name]] if name in several else cell
            for name, cell in said.items()
            if name not in relations
        }
        if properties or cells.get("type"):  # otherwise only its relations were stated
            yield RawEntity(id, cells.get("type", ""), properties, origin)
        for name in said:
            for one in lists[name] if name in relations else ():
                more = dict(one) if isinstance(one, Mapping) else {TO: one}
                yield RawRelation(name, id, str(more.pop(TO, "")), origin, more)
