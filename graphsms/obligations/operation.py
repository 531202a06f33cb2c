"""Operational history: since when, and how often, each process has left records behind (8.1, 9.1).

``(:Activity|:Case|:Record)-[:UNDER_PROCESS]->(:Process)``. What names no process counts for the one that satisfies
requirements of the clause which the ontology gives for its type: an incident for the process that satisfies 8.6.1.

Before a certification, a process has to have run for some time; how long, the policy for evidence says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphsms.analysis.estate import Estate
from graphsms.analysis.obligation_policy import evidence_policy
from graphsms.analysis.proofs import when
from graphsms.clauses import Catalogue, catalogue
from graphsms.model import Entity
from graphsms.report.tables import Table
from graphsms.snapshot.validity import after, microseconds

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OperationalHistory", "ProcessHistory", "in_words", "operational_history"]

_COLUMNS = ("process", "name", "records", "earliest", "latest", "long_enough", "by", "months")


@dataclass(frozen=True, slots=True)
class ProcessHistory:
    """What a process has left behind.

    Parameters
    ----------
    id, name : str
    records : int
    earliest, latest : str
        When the first and the last of its records came about, canonical, or "".
    months : mapping of str to int
        How many records there are of each month that has any, as ``2026-08``, in order.
    by_type : int
        How many of them name no process, and were counted by their type.
    long_enough : bool
        Whether the first lies as far back as is demanded.
    """

    id: str
    name: str
    records: int
    earliest: str
    latest: str
    months: Mapping[str, int]
    by_type: int
    long_enough: bool

    def sentence(self, required: str) -> str:
        """As people read it."""
        if not self.records:
            return "no records"
        since = f"{self.records} {'record' if self.records == 1 else 'records'} since {self.earliest[:10]}"
        return since if self.long_enough else f"{since}, which is less than {in_words(required)}"

    def row(self) -> tuple[Any, ...]:
        """As a row of a table."""
        months = [f"{month}: {count}" for month, count in self.months.items()]
        by = "" if not self.records else "type" if self.by_type == self.records else "both" if self.by_type else "link"
        earliest, latest = self.earliest[:10], self.latest[:10]
        return (self.id, self.name, self.records, earliest, latest, self.long_enough, by, months)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "months": dict(self.months)}


@dataclass(frozen=True, slots=True)
class OperationalHistory:
    """The operational history of all processes that are live.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that it is about: what came about later is not counted.
    required : str
        How far back records have to go (ISO 8601 duration).
    processes : tuple of ProcessHistory
        In order of their ids.
    """

    revision: int
    at: str
    as_of: str
    required: str
    processes: tuple[ProcessHistory, ...] = field(repr=False)

    @property
    def short(self) -> tuple[ProcessHistory, ...]:
        """Those whose records do not go back far enough."""
        return tuple(one for one in self.processes if not one.long_enough)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.processes:
            return "There is no live process in the graph: nothing can be said of its history."
        enough = len(self.processes) - len(self.short)
        return (
            f"{enough} of {len(self.processes)} processes have records that go back {in_words(self.required)} or more."
        )

    def rows(self) -> Table:
        """A row a process."""
        return Table(_COLUMNS, tuple(one.row() for one in self.processes))

    def to_frame(self) -> pd.DataFrame:
        """A row a process."""
        import pandas as pd

        return pd.DataFrame([one.to_json() for one in self.processes])

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in ("revision", "at", "as_of", "required")}
        return {**found, "processes": [one.to_json() for one in self.processes]}


def in_words(duration: str) -> str:
    """A duration as people say it, where it is a plain one.

    Examples
    --------
    >>> in_words("P3M"), in_words("P1Y"), in_words("P1Y6M")
    ('3 months', '1 year', 'P1Y6M')
    """
    found = re.fullmatch(r"P(\d+)([YMWD])", duration)
    if found is None:
        return duration
    word = {"Y": "year", "M": "month", "W": "week", "D": "day"}[found[2]]
    return f"{found[1]} {word}{'' if found[1] == '1' else 's'}"


def operational_history(read: Estate) -> OperationalHistory:
    """The earliest record and the records a month of each live process.

    Parameters
    ----------
    read : Estate
        The graph, with the policy for evidence among its options.

    Notes
    -----
    O(entities + relations).

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("proc-incident", "Process"),
    ...                   graphsms.Entity("inc-1", "Incident", {"recordedAt": "2026-09-03T08:00:00Z"})],
    ...         relations=[graphsms.Relation("underProcess", "inc-1", "proc-incident")],
    ...     ))
    ...     found = g.obligations.history(as_of="2026-11-21")
    ...     found.processes[0].sentence(found.required)
    '1 record since 2026-09-03, which is less than 3 months'
    """
    required = evidence_policy(read).history
    enough = after(read.as_of, f"-{required}")
    dated, by_type = _records(read)
    found: list[ProcessHistory] = []
    for process in read.of_type(read.vocabulary.known_as("process")):
        if not read.live(process):
            continue
        dates = sorted(dated.get(process.id, ()), key=microseconds)
        months: dict[str, int] = defaultdict(int)
        for date in dates:
            months[datetime.fromisoformat(date).astimezone(read.zone).strftime("%Y-%m")] += 1
        first, last = (dates[0], dates[-1]) if dates else ("", "")
        reaches = bool(dates) and microseconds(first) <= enough
        found.append(
            ProcessHistory(
                process.id, process.name, len(dates), first, last, dict(months), by_type.get(process.id, 0), reaches
            )
        )
    return OperationalHistory(read.revision.number, read.revision.time, read.as_of, required, tuple(found))


def _records(read: Estate) -> tuple[Mapping[str, list[str]], Mapping[str, int]]:
    """The dates of what each process has left behind, by its id; and how many of them were counted by type."""
    under, moment = read.vocabulary.known_as("under process"), microseconds(read.as_of)
    of_clause = _processes_of_clauses(read)
    found: dict[str, list[str]] = defaultdict(list)
    by_type: dict[str, int] = defaultdict(int)
    for entity in _left_behind(read):
        date = _made(read, entity)
        if not date or microseconds(date) > moment:
            continue
        processes = [one.object for one in read.leading_from.get(entity.id, ()) if one.type == under]
        if not processes:
            clauses = read.vocabulary.types[entity.type].clauses
            processes = sorted({id for clause in clauses for id in of_clause.get(clause, ())})
            for id in processes:
                by_type[id] += 1
        for id in processes:
            found[id].append(date)
    return found, by_type


def _made(read: Estate, entity: Entity) -> str:
    """When it came about: of a case or activity when it was recorded or begun, rather than how it ended."""
    said = entity.properties.get("recordedAt") or entity.properties.get("startedAt")
    return str(said) if said else when(read, entity, {})


def _left_behind(read: Estate) -> Iterator[Entity]:
    """Activities, cases and records, each once."""
    wanted: set[str] = set()
    for word in ("activity", "case", "record"):
        wanted.update(read.vocabulary.subtypes[read.vocabulary.known_as(word)])
    return (one for one in read.entities.values() if one.type in wanted)


def _processes_of_clauses(read: Estate) -> Mapping[str, set[str]]:
    """The processes that satisfy requirements of a clause, by its number as the ontology writes it."""
    satisfies, process = read.vocabulary.known_as("satisfied by"), read.vocabulary.known_as("process")
    known: Catalogue = catalogue(read.vocabulary)
    found: dict[str, set[str]] = defaultdict(set)
    for relation in read.relations:
        if relation.type != satisfies or relation.object not in known.requirements:
            continue
        if read.vocabulary.is_a(read.entities[relation.subject].type, process):
            its = known.requirements[relation.object]
            number = its.clause if its.edition == known.newest else f"{its.edition}:{its.clause}"
            found[number].add(relation.subject)
    return found
