"""How mature each process was found to be, from 0 to 5, against what it is to become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphsms.analysis.estate import Estate
from graphsms.analysis.proofs import when
from graphsms.model import Entity
from graphsms.snapshot.validity import microseconds

__all__ = ["Maturity", "maturity"]


@dataclass(frozen=True, slots=True)
class Maturity:
    """The latest assessment of a process.

    Parameters
    ----------
    id, name : str
        Of the process.
    level, target : int or None
        None where nobody has assessed it, or set a target.
    on, by, assessment : str
        When, by whom (names), and the id of the assessment, or "".
    """

    id: str
    name: str
    level: int | None = None
    target: int | None = None
    on: str = ""
    by: str = ""
    assessment: str = ""

    @property
    def below(self) -> bool:
        """Whether it is below its target."""
        return self.level is not None and self.target is not None and self.level < self.target

    def sentence(self) -> str:
        """As people read it."""
        if self.level is None:
            return "not assessed"
        against = "no target" if self.target is None else f"target {self.target}"
        return f"level {self.level}, {against}, assessed on {self.on[:10]}"

    def row(self) -> tuple[Any, ...]:
        """As a row of a table."""
        return (self.id, self.name, self.level, self.target, self.below, self.on[:10], self.by)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "below": self.below}


def maturity(read: Estate) -> tuple[Maturity, ...]:
    """The maturity of each live process, in order of their ids: what the latest assessment up to the moment says.

    Notes
    -----
    O(entities + relations).

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms.analysis.estate import estate
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     assessed = {"maturityLevel": 2, "targetMaturityLevel": 3, "endedAt": "2026-10-01T00:00:00Z"}
    ...     made = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("p", "Process"), graphsms.Entity("m", "MaturityAssessment", assessed)],
    ...         relations=[graphsms.Relation("assesses", "m", "p")],
    ...     ))
    ...     [one.sentence() for one in maturity(estate(g.store))]
    ['level 2, target 3, assessed on 2026-10-01']
    """
    its, moment = read.vocabulary, microseconds(read.as_of)
    assesses, performed = its.known_as("assessed by"), its.known_as("performed by")
    latest: dict[str, tuple[int, Entity, str]] = {}
    for one in read.of_type(its.known_as("assessment of maturity")):
        date = when(read, one, {})
        at = microseconds(date) if date else 0
        if at > moment or "maturityLevel" not in one.properties:
            continue
        for relation in read.leading_from.get(one.id, ()):
            if relation.type == assesses and at >= latest.get(relation.object, (0, one, ""))[0]:
                latest[relation.object] = (at, one, date)
    found: list[Maturity] = []
    for process in read.of_type(its.known_as("process")):
        if not read.live(process):
            continue
        if process.id not in latest:
            found.append(Maturity(process.id, process.name))
            continue
        _, one, date = latest[process.id]
        by = [read.entities[r.object].name for r in read.leading_from.get(one.id, ()) if r.type == performed]
        level, target = (_level(one, name) for name in ("maturityLevel", "targetMaturityLevel"))
        found.append(Maturity(process.id, process.name, level, target, date, ", ".join(by), one.id))
    return tuple(found)


def _level(assessment: Entity, name: str) -> int | None:
    value = assessment.properties.get(name)
    return value if isinstance(value, int) else None
