"""What an import leaves out, where it is to go on without what is wrong: listed, and as a table to be corrected."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from graphsms.ingest.check import Findings, Stated
from graphsms.ingest.corrected import TO, cell_of
from graphsms.ingest.files import Chosen
from graphsms.ingest.reader import WHY, RawEntity, Reader, Rowed
from graphsms.ingest.spilling import pairs
from graphsms.ingest.verdict import fault_json
from graphsms.model import Fault, Origin, RelationKey
from graphsms.vocabulary import Vocabulary

__all__ = ["Rejected", "Rejects", "rejected_csv"]


@dataclass(frozen=True, slots=True)
class Rejected:
    """One statement that was left out.

    Parameters
    ----------
    origin : Origin
        Where it stands.
    subject : str
        The id of the entity concerned, "" where it has none.
    faults : tuple of Fault
        What is wrong with it.
    row : mapping of str to object
        What stands there: the columns of its row, or the properties as given.
    """

    origin: Origin
    subject: str
    faults: tuple[Fault, ...]
    row: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "file": self.origin.file,
            **({"sheet": sheet} if (sheet := getattr(self.origin, "sheet", "")) else {}),
            "line": self.origin.line,
            "id": self.subject,
            "faults": [fault_json(one) for one in self.faults],
            "row": dict(self.row),
        }


class Rejects:
    """What has been left out so far.

    Parameters
    ----------
    chosen : Chosen
        What is read.
    """

    def __init__(self, chosen: Chosen) -> None:
        self.faults: list[Fault] = []
        self.subjects: set[str] = set()
        self.nameless = False
        self._readers = {str(path): reader for reader, paths in chosen.by_reader for path in paths}

    def __bool__(self) -> bool:
        return bool(self.faults)

    def take_out(self, faults: Iterable[Fault], stated: Stated) -> bool:
        """Leave out what faults are about: a relation, an entity with all that it says, a row, or a whole file.

        Returns
        -------
        bool
            Whether anything that was stated is now left out.
        """
        ids: set[str] = set()
        edges: set[RelationKey] = set()
        places: set[Origin] = set()
        files: set[str] = set()
        for fault in faults:
            self.faults.append(fault)
            if fault.object:
                relation = fault.field.partition(" ")[0]
                edges |= {(fault.subject, relation, fault.object), (fault.object, relation, fault.subject)}
                self.subjects.add(fault.subject)
            elif fault.subject:
                ids.add(fault.subject)
            elif fault.origin.line is not None and (fault.field or self._is_row(fault.origin)):
                places.add(fault.origin)
                self.nameless = True
            else:
                files.add(fault.origin.file)
                self.nameless = True
        self.subjects |= ids
        gone = [id for id, (_, _, at) in pairs(stated.entities) if id in ids or at in places or at.file in files]
        for id in gone:
            del stated.entities[id]
        loose = [
            key
            for key, (_, at, _, _) in pairs(stated.relations)
            if key in edges or key[0] in ids or at in places or at.file in files
        ]
        for key in loose:
            del stated.relations[key]
        return bool(gone or loose)

    def _is_row(self, origin: Origin) -> bool:
        reader = self._readers.get(origin.file)
        return isinstance(reader, Rowed) and reader.row_of(origin) is not None

    def listed(self, vocabulary: Vocabulary) -> tuple[Rejected, ...]:
        """What was left out, in the order of the files, with what stands there: the files are read once more."""
        about: dict[tuple[Origin, str], list[Fault]] = {}
        for fault in self.faults:
            about.setdefault((fault.origin, fault.subject), []).append(fault)
        rows = self._rows(vocabulary)
        order = {file: number for number, file in enumerate(self._readers)}
        found: list[Rejected] = []
        for (origin, subject), faults in about.items():
            reader = self._readers.get(origin.file)
            row = reader.row_of(origin) if isinstance(reader, Rowed) else rows.get(subject)
            plain = {name: _plain(value) for name, value in (row or {}).items()}
            found.append(Rejected(origin, subject, tuple(dict.fromkeys(faults)), plain))
        return tuple(sorted(found, key=lambda one: (order.get(one.origin.file, -1), one.origin.line or 0, one.subject)))

    def _rows(self, vocabulary: Vocabulary) -> dict[str, dict[str, object]]:
        """The properties and relations of what was left out, as given, by id."""
        wanted = {fault.subject for fault in self.faults if fault.subject}
        readers: dict[int, tuple[Reader, list[Path]]] = {}
        for file in dict.fromkeys(fault.origin.file for fault in self.faults if fault.subject):
            reader = self._readers.get(file)
            if reader is not None and not isinstance(reader, Rowed):
                readers.setdefault(id(reader), (reader, []))[1].append(Path(file))
        found: dict[str, dict[str, object]] = {}
        related: dict[str, dict[str, list[object]]] = {}
        unheard = Findings()  # it has all been said
        for reader, paths in readers.values():
            for one in reader.read(paths, vocabulary, unheard.add, unheard.add):
                if isinstance(one, RawEntity):
                    if one.id in wanted:
                        found.setdefault(one.id, {}).update({"type": one.type, **one.properties})
                elif one.subject in wanted:
                    leads: object = {TO: one.object, **one.properties} if one.properties else one.object
                    related.setdefault(one.subject, {}).setdefault(one.type, []).append(leads)
        for subject, relations in related.items():
            found.setdefault(subject, {"type": ""}).update(relations)
        return found


def rejected_csv(rejected: Iterable[Rejected]) -> str:
    """What was left out as a table: why, and then the columns of each row as they stand in the file.

    Corrected, without the first six columns or with them, it can be imported again: what came from a table by the
    mapping of that table, everything else as it is (`graphsms.ingest.corrected`).

    Examples
    --------
    >>> fault = Fault(Origin("a.csv", 7), "db-1", "minimum", "wrong-value", "It is no whole number.")
    >>> print(rejected_csv([Rejected(fault.origin, "db-1", (fault,), {"Host": "db-1", "Min": "x"})]), end="")
    file,line,id,field,rule,message,Host,Min
    a.csv,7,db-1,minimum,wrong-value,It is no whole number.,db-1,x
    """
    every = list(rejected)
    columns = list(dict.fromkeys(name for one in every for name in one.row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    # The columns of the table keep their names: they are what it is read by.
    writer.writerow([*(f"rejected_{one}" if one in columns else one for one in WHY), *columns])
    for one in every:
        told = ("; ".join(dict.fromkeys(getattr(f, name) for f in one.faults)) for name in ("field", "rule", "message"))
        line = "" if one.origin.line is None else one.origin.line
        # As they stand, not made safe for a spreadsheet: what is imported again must be what was there.
        where = str(replace(one.origin, line=None))  # with the sheet of a workbook
        writer.writerow([where, line, one.subject, *told, *(_cell(one.row.get(name)) for name in columns)])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return cell_of(value)
    return str(value)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
