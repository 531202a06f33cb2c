"""What a mapping makes of the first rows of a table, without any graph."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from graphsms.errors import InputError
from graphsms.ingest.check import Findings, Stated, check
from graphsms.ingest.tabular.cells import SheetOrigin
from graphsms.ingest.tabular.mapping_file import read_mapping
from graphsms.ingest.tabular.reader import TableReader
from graphsms.model import Entity, Fault, Origin, Relation
from graphsms.vocabulary import Vocabulary

__all__ = ["Preview", "preview"]

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """Entities and relations that the first rows state, each with its place, and what is wrong or doubtful."""

    entities: tuple[tuple[Origin, Entity], ...]
    relations: tuple[tuple[Origin, Relation], ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "entities": [
                {**_place(at), "id": one.id, "type": one.type, "properties": dict(one.properties)}
                for at, one in self.entities
            ],
            "relations": [
                {**_place(at), "subject": one.subject, "relation": one.type, "object": one.object,
                 "properties": dict(one.properties)}
                for at, one in self.relations
            ],
            "faults": [_fault(one) for one in self.faults],
            "warnings": [_fault(one) for one in self.warnings],
        }  # fmt: skip


def preview(
    mapping: Path, path: Path, vocabulary: Vocabulary, *, rows: int = _SHOWN, zone: tzinfo = UTC
) -> Preview:  # fmt: skip
    """Read the first rows of a table, of each of its sheets, by a mapping.

    Parameters
    ----------
    mapping, path : Path
    vocabulary : Vocabulary
    rows : int
        How many of each table.
    zone : tzinfo
        Of dates and times that say none.

    Raises
    ------
    RejectedError
        The mapping has faults.
    InputError
        A file does not exist, or the number of rows is none.
    """
    for one in (mapping, path):
        if not one.is_file():
            raise InputError(f"{one} does not exist, or is no file.")
    if rows < 1:
        raise InputError(f"{rows} rows cannot be shown; at least 1.")
    read_mapping(mapping, vocabulary)
    faults, warnings, stated = Findings(), Findings(), Stated()
    statements = TableReader(mapping, rows).read([path], vocabulary, faults.add, warnings.add)
    stated.foreign.add(str(path))
    for _ in check(statements, vocabulary, stated, zone=zone, fault=faults.add, warn=warnings.add):
        pass
    order = {str(path): 0}
    return Preview(
        tuple((at, stated.entity(id)) for id, (_, _, at) in stated.entities.items()),
        tuple((stated.relations[key][1], stated.relation(key)) for key in stated.relations),
        faults.in_order(order),
        warnings.in_order(order),
    )


def _place(at: Origin) -> dict[str, object]:
    sheet: dict[str, object] = {"sheet": at.sheet} if isinstance(at, SheetOrigin) else {}
    return {**sheet, "row": at.line}


def _fault(one: Fault) -> dict[str, object]:
    return {**_place(one.origin), "id": one.subject, "field": one.field, "rule": one.rule, "message": one.message}
