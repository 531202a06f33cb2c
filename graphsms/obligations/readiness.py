"""Whether the organization is ready for a certification: the readiness list, operational history, maturity.

Each point of the list has the state of the requirements that it guides; a process whose records do not go back far
enough is flagged. What is ready is for people to say: the list says what stands against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.obligation_answer import EVIDENCED, NO_OCCURRENCE, Obligations, RequirementState, rolled
from graphsms.clauses import Guidance
from graphsms.obligations.maturity import Maturity
from graphsms.obligations.operation import OperationalHistory
from graphsms.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Point", "Readiness", "guided", "readiness"]

_LIST: Final = "readiness"
_HISTORY: Final = "analysis operational-history"  # what a point on it is computed by
_COLUMNS: Final = ("kind", "group", "point", "state", "ready", "why")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the readiness list.

    Parameters
    ----------
    id, kind, group, text : str
        ``kind`` is point, history or maturity; ``group`` that of the point in the list, or the process.
    state : str
        A state of evidence, or in words.
    ready : bool
    why : str
    open : tuple of str
        Anchors of requirements that stand against it.
    """

    id: str
    kind: str
    group: str
    text: str
    state: str
    ready: bool
    why: str
    open: tuple[str, ...] = ()

    def row(self) -> tuple[Any, ...]:
        """As a row of a table."""
        return (self.kind, self.group, self.text, self.state, self.ready, self.why)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "open": list(self.open)}


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands against a certification on a day.

    Parameters
    ----------
    revision : int
    at, as_of, edition : str
    points : tuple of Point
        The points of the list, then the history of each process, then its maturity.
    """

    revision: int
    at: str
    as_of: str
    edition: str
    points: tuple[Point, ...] = field(repr=False)

    @property
    def ready(self) -> bool:
        """Whether nothing stands against it."""
        return bool(self.points) and all(one.ready for one in self.points)

    @property
    def against(self) -> tuple[Point, ...]:
        """What does."""
        return tuple(one for one in self.points if not one.ready)

    def of(self, kind: str) -> tuple[Point, ...]:
        """The points of a kind."""
        return tuple(one for one in self.points if one.kind == kind)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.points:
            return "There is nothing to say readiness by: no list, and no live process."
        count = f"{len(self.points) - len(self.against)} of {len(self.points)} points"
        listed, history = self.of("point"), self.of("history")
        parts = [
            f"{sum(one.ready for one in some)} of {len(some)} {what}"
            for some, what in ((listed, "of the list"), (history, "processes with enough history"))
            if some
        ]
        return f"Ready for a certification by ISO/IEC 20000-1:{self.edition} on {count} ({', '.join(parts)})."

    def rows(self) -> Table:
        """A row a point."""
        return Table(_COLUMNS, tuple(one.row() for one in self.points))

    def to_frame(self) -> pd.DataFrame:
        """A row a point."""
        import pandas as pd

        return pd.DataFrame([one.to_json() for one in self.points])

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in ("revision", "at", "as_of", "edition")}
        return {**found, "ready": self.ready, "points": [one.to_json() for one in self.points]}


def readiness(states: Obligations, history: OperationalHistory, levels: tuple[Maturity, ...]) -> Readiness:
    """What stands against a certification.

    Parameters
    ----------
    states : Obligations
    history : OperationalHistory
    levels : tuple of Maturity
        Those below their target, and those that nobody has assessed, count where any was assessed at all.

    Notes
    -----
    O(points of the list · requirements that they guide).
    """
    listed = [one for one in states.catalogue.guidance.values() if one.kind == _LIST]
    listed.sort(key=lambda one: (one.position, one.id))
    points = [_point(one, states, history) for one in listed]
    for process in history.processes:
        state = "long enough" if process.long_enough else "too short" if process.records else "no records"
        why = process.sentence(history.required)
        points.append(
            Point(process.id, "history", process.name, "Operational history", state, process.long_enough, why)
        )
    for level in levels if any(one.level is not None for one in levels) else ():
        state = "not assessed" if level.level is None else "below target" if level.below else "at target"
        ready = level.level is not None and not level.below
        points.append(Point(level.id, "maturity", level.name, "Maturity", state, ready, level.sentence()))
    return Readiness(states.revision, states.at, states.as_of, states.edition, tuple(points))


def _point(one: Guidance, states: Obligations, history: OperationalHistory) -> Point:
    guides = [*guided(one, states)]
    stand = rolled(guides)
    if not stand.total:
        why = "no requirement of this edition is behind it: a person has to say"
        return Point(one.id, "point", one.category, one.text or one.name, "not assessed", ready=False, why=why)
    good = (EVIDENCED, NO_OCCURRENCE)
    against = tuple(
        dict.fromkeys(
            each.requirement.anchor
            for each in guides
            if each.requirement.mandatory and not each.requirement.items and each.state not in good
        )
    )
    ready, why = not against, stand.sentence()
    if _HISTORY in one.computable:
        ready, why = ready and bool(history.processes) and not history.short, f"{history.sentence()} And {why}"
    return Point(one.id, "point", one.category, one.text or one.name, stand.state, ready, why, against)


def guided(one: Guidance, states: Obligations) -> Iterator[RequirementState]:
    """The requirements that guidance is about, each once: of a clause with all below it, of a list with its items.

    Guidance speaks of the newest edition; of an earlier one it is about what its requirements came from.
    """
    known, met = states.catalogue, set[str]()
    for id in one.guides:
        if clause := known.clauses.get(id):
            ahead = [each.id for each in known.required_by(clause)]
        else:
            ahead = [id]
        while ahead:
            each = known.requirements[ahead.pop(0)]
            if each.id in met:
                continue
            met.add(each.id)
            if each.id in states.states:
                yield states.states[each.id]
            else:
                ahead += [before.id for before in each.came_from]
            ahead += each.items
