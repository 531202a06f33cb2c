"""Conflicts between changes: redundancy consumed together, and windows that are not kept (8.5.1.3).

Values only: `graphsms.change.conflicting` works them out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.considered import Judgement
from graphsms.change.context import Disturbance
from graphsms.change.requests import Request
from graphsms.model import Entity
from graphsms.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd

    from graphsms.change.windows import Breach, Overlap

__all__ = ["ALONE", "COLUMNS", "IN_CONTEXT", "TOGETHER", "Conflict", "Conflicts", "Consumed", "Lost"]

IN_CONTEXT: Final = "in context"  # one change, and what is down already
TOGETHER: Final = "together"
ALONE: Final = "alone"  # one change, whatever else happens: no redundancy is consumed
_ORDER: Final = (IN_CONTEXT, TOGETHER, ALONE)

COLUMNS: Final = ("kind", "changes", "names", "start", "end", "services", "groups", "lost", "because")


@dataclass(frozen=True, slots=True)
class Lost:
    """A member that a group loses: by which changes, and incidents, each a set that is enough."""

    entity: Entity
    by: tuple[tuple[str, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"id": self.entity.id, "name": self.entity.name, "by": [list(one) for one in self.by]}


@dataclass(frozen=True, slots=True)
class Consumed:
    """A redundancy group that loses more members than it can spare.

    Parameters
    ----------
    group : Entity
    members, minimum : int
        How many it has that are live, and how many of them it needs.
    lost : tuple of Lost
        In order of their ids.
    """

    group: Entity
    members: int
    minimum: int
    lost: tuple[Lost, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.group.id,
            "name": self.group.name,
            "members": self.members,
            "minimum": self.minimum,
            "lost": [one.to_json() for one in self.lost],
        }


@dataclass(frozen=True, slots=True)
class Conflict:
    """A set of changes by which services go down that no part of the set takes down.

    Parameters
    ----------
    kind : str
        `IN_CONTEXT`: one change, and something is down already. `TOGETHER`: several. `ALONE`: one change by itself.
    changes : tuple of Request
        In order of their ids.
    services : tuple of Entity
        The more critical first.
    groups : tuple of Consumed
        At which groups the changes come together; none for one that does it alone.
    because : tuple of Disturbance
        What of the context it takes beside the changes.
    spans : tuple of tuple of str
        From when to when, canonical and half-open; "" is no end.
    judged : tuple of Judgement
        What a person holds not to be impacted by one of the changes. It was judged of that change alone: whether it
        stands together with the others is for a person to say again.
    """

    kind: str
    changes: tuple[Request, ...]
    services: tuple[Entity, ...]
    groups: tuple[Consumed, ...]
    because: tuple[Disturbance, ...]
    spans: tuple[tuple[str, str], ...]
    judged: tuple[Judgement, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the changes."""
        return tuple(one.id for one in self.changes)

    @property
    def start(self) -> str:
        """When it begins."""
        return self.spans[0][0]

    @property
    def end(self) -> str:
        """When it is over; "" where that is not recorded, or never."""
        return self.spans[-1][1]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "kind": self.kind,
            "changes": [_told(one) for one in self.changes],
            "services": [{"id": one.id, "name": one.name, "type": one.type} for one in self.services],
            "groups": [one.to_json() for one in self.groups],
            "because": [one.to_json() for one in self.because],
            "start": self.start,
            "end": self.end or None,
            "spans": [[since, until or None] for since, until in self.spans],
            "judged": [one.to_json() for one in self.judged],
        }

    def row(self) -> tuple[Any, ...]:
        """As a row of `COLUMNS`."""
        lost = {one.entity.id: None for group in self.groups for one in group.lost}
        return (
            self.kind,
            self.ids,
            tuple(one.name for one in self.changes),
            self.start,
            self.end,
            tuple(one.id for one in self.services),
            tuple(one.group.id for one in self.groups),
            tuple(lost),
            tuple(dict.fromkeys(one.because.id for one in self.because)),
        )


@dataclass(frozen=True, slots=True)
class Conflicts:
    """What stands between changes, in a schedule.

    Parameters
    ----------
    revision : int
    at : str
        When the revision was recorded.
    as_of : str
        From when on the schedule is looked at.
    asked : tuple of str
        Ids of the changes in question; none where it is the whole schedule.
    changes : tuple of Request
        Those that were looked at, in order of their beginning.
    with_context : bool
        Whether it counts what is down already by open incidents.
    conflicts : tuple of Conflict
        Single changes in their context first, then several together, fewer before more, then single ones alone.
    breaches : tuple of Breach
        Changes within a freeze, or outside the maintenance windows of what they touch.
    overlaps : tuple of Overlap
        Changes on the same thing, or on things that depend on each other, at once.
    complete : bool
        Whether all sets were looked for; ``notes`` say from which size on they were not.
    notes : tuple of str
    """

    revision: int
    at: str
    as_of: str
    asked: tuple[str, ...]
    changes: tuple[Request, ...]
    with_context: bool
    conflicts: tuple[Conflict, ...]
    breaches: tuple[Breach, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    complete: bool = True
    notes: tuple[str, ...] = ()

    def of_kind(self, *kinds: str) -> tuple[Conflict, ...]:
        """The conflicts of some kinds."""
        return tuple(one for one in self.conflicts if one.kind in kinds)

    @property
    def consumed(self) -> tuple[Conflict, ...]:
        """Those in which redundancy is consumed: all but single changes that do it alone."""
        return self.of_kind(IN_CONTEXT, TOGETHER)

    @property
    def found(self) -> bool:
        """Whether anything is to be settled: redundancy consumed, or a window not kept."""
        return bool(self.consumed or self.breaches)

    def sentence(self) -> str:
        """The answer."""
        if not self.changes:
            return "No change with a window is to be looked at."
        kinds = Counter(one.kind for one in self.conflicts)
        said = []
        if count := kinds[TOGETHER]:
            verb = "stops" if count == 1 else "stop"
            said.append(f"{_number(count, 'set')} {verb} services together that no part of the set stops")
        if count := kinds[IN_CONTEXT]:
            verb, its = ("stops", "its partner is") if count == 1 else ("stop", "their partners are")
            said.append(f"{_number(count, 'change')} {verb} services since {its} down already")
        if not said:
            said.append("no service goes down by several together, or by one with what is down already")
        if count := kinds[ALONE]:
            said.append(f"{_number(count, 'change')} {'stops' if count == 1 else 'stop'} services alone")
        for kind in sorted({one.kind for one in self.breaches}):
            count = len({one.change.id for one in self.breaches if one.kind == kind})
            said.append(f"{_number(count, 'change')} {'lies' if count == 1 else 'lie'} {kind}")
        return f"Of {_number(len(self.changes), 'change')}, {'; '.join(said)}."

    def table(self) -> Table:
        """The conflicts, one a row."""
        return Table(COLUMNS, tuple(one.row() for one in self.conflicts))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "sentence": self.sentence(),
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "asked": list(self.asked),
            "changes": [_told(one) for one in self.changes],
            "with_context": self.with_context,
            "conflicts": [one.to_json() for one in self.conflicts],
            "breaches": [one.to_json() for one in self.breaches],
            "overlaps": [one.to_json() for one in self.overlaps],
            "complete": self.complete,
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """The conflicts as a pandas frame, one a row."""
        import pandas as pd

        return pd.DataFrame([one.row() for one in self.conflicts], columns=list(COLUMNS))


def in_order(conflicts: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """Conflicts as they are told: by kind, fewer changes before more, the earlier first."""
    return tuple(sorted(conflicts, key=lambda one: (_ORDER.index(one.kind), len(one.changes), one.spans, one.ids)))


def _told(request: Request) -> dict[str, Any]:
    start, end = request.window
    return {
        "id": request.id,
        "name": request.name,
        "status": request.status,
        "start": start or None,
        "end": end or None,
    }


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
