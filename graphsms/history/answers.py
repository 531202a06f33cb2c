"""What questions about the history answer: typed, as rows, as JSON, in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from graphsms.history.changes import Change
from graphsms.model import Entity, Relation, Revision

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Difference", "EntityHistory", "Event", "Log", "TypeDifference", "change_rows"]

# Of the rows of changes, in tables, frames and CSV.
COLUMNS: Final = ("change", "id", "relation", "object", "field", "before", "after", "source")


def change_rows(changes: Sequence[Change]) -> Iterator[tuple[Any, ...]]:
    """One row for each field that is different, and one where something has no fields at all; as `COLUMNS`."""
    for change in changes:
        item = change.item
        named = (item.id, "", "") if isinstance(item, Entity) else (item.subject, item.type, item.object)
        for one in change.fields:
            yield (change.kind, *named, one.field, one.before, one.after, one.source)
        if not change.fields:
            yield (change.kind, *named, "", None, None, None)


@dataclass(frozen=True)
class Log:
    """Revisions, newest first.

    Parameters
    ----------
    revisions : tuple of Revision
    present : Revision
        The one at which the log was read.
    left_out : int
        How many more there are that were asked for, but for the limit.
    """

    revisions: tuple[Revision, ...]
    present: Revision
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.revisions)

    def __iter__(self) -> Iterator[Revision]:
        return iter(self.revisions)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.present.number,
            "at": self.present.time,
            "left_out": self.left_out,
            "revisions": [asdict(one) for one in self.revisions],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row for each revision."""
        import pandas as pd

        return pd.DataFrame([asdict(one) for one in self.revisions], columns=list(Revision.__dataclass_fields__))


@dataclass(frozen=True)
class Event:
    """What one revision did to an entity and its relations."""

    revision: Revision
    changes: tuple[Change, ...]

    @property
    def created(self) -> bool:
        """Whether it made the entity, or made it anew."""
        return any(one.kind == "created" for one in self.changes if isinstance(one.item, Entity))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {**asdict(self.revision), "changes": [change.to_json() for change in self.changes]}


@dataclass(frozen=True)
class EntityHistory:
    """Every revision that touched an entity or one of its relations, newest first.

    Parameters
    ----------
    id : str
    entity : Entity or None
        As it is now; None where it has been removed.
    events : tuple of Event
    present : Revision
        The one at which the history was read.
    left_out : int
        How many more events there are, but for the limit.
    """

    id: str
    entity: Entity | None
    events: tuple[Event, ...]
    present: Revision
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "revision": self.present.number,
            "at": self.present.time,
            "removed": self.entity is None,
            "left_out": self.left_out,
            "events": [event.to_json() for event in self.events],
        }

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """One for each field that became different: revision, time, actor, reason, request, source of the revision,
        then as `change_rows`."""
        for event in self.events:
            one = event.revision
            for row in change_rows(event.changes):
                yield (one.number, one.time, one.actor, one.reason, one.request, *row)

    def to_frame(self) -> pd.DataFrame:
        """One row for each field that became different."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=["revision", "time", "actor", "reason", "request", *COLUMNS])


@dataclass(frozen=True, slots=True)
class TypeDifference:
    """How many entities, or relations, of one type (by local name) were created, changed and removed."""

    type: str
    relation: bool
    created: int
    changed: int
    removed: int

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Difference:
    """What is different at one revision from what was at another, which may be later.

    Parameters
    ----------
    since, until : Revision
        From which state to which.
    changes : tuple of Change
        Entities in order of their ids, then relations in order of their keys.
    about : str
        What was compared, where not all: for people.
    """

    since: Revision
    until: Revision
    changes: tuple[Change, ...]
    about: str = field(default="", compare=False)

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def entities(self) -> tuple[Change, ...]:
        """The changes of entities."""
        return tuple(change for change in self.changes if isinstance(change.item, Entity))

    @property
    def relations(self) -> tuple[Change, ...]:
        """The changes of relations."""
        return tuple(change for change in self.changes if isinstance(change.item, Relation))

    def count(self, kind: str) -> int:
        """How many were created, changed or removed."""
        return sum(change.kind == kind for change in self.changes)

    def by_type(self) -> list[TypeDifference]:
        """The changes counted by the type that things have, or had: entities before relations, the most first.

        Examples
        --------
        >>> [one] = Difference(Revision(1, ""), Revision(2, ""), (Change(None, Entity("web", "Service")),)).by_type()
        >>> one.type, one.created, one.changed, one.removed
        ('Service', 1, 0, 0)
        """
        found: dict[tuple[bool, str], Counter[str]] = {}
        for change in self.changes:
            key = (isinstance(change.item, Relation), change.item.type)
            found.setdefault(key, Counter())[change.kind] += 1
        ordered = sorted(found.items(), key=lambda item: (item[0][0], -item[1].total(), item[0][1]))
        return [
            TypeDifference(type, relation, kinds["created"], kinds["changed"], kinds["removed"])
            for (relation, type), kinds in ordered
        ]

    def sentence(self) -> str:
        """The answer in a sentence.

        Examples
        --------
        >>> Difference(Revision(1, ""), Revision(2, ""), (Change(None, Entity("web", "Service")),)).sentence()
        'From revision 1 to revision 2, 1 entity is different: created 1, changed 0, removed 0.'
        """
        start = f"From revision {self.since.number} to revision {self.until.number}"
        about = f" of {self.about}" if self.about else ""
        if not self.changes:
            return f"{start}, nothing{about} is different."
        parts = [
            f"{len(some):,} {one if len(some) == 1 else many}"
            for some, one, many in (
                (self.entities, "entity", "entities"),
                (self.relations, "relation", "relations"),
            )
            if some
        ]
        verb = "is" if len(self.changes) == 1 else "are"
        counts = ", ".join(f"{kind} {self.count(kind):,}" for kind in ("created", "changed", "removed"))
        return f"{start}, {' and '.join(parts)}{about} {verb} different: {counts}."

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "since": asdict(self.since),
            "until": asdict(self.until),
            "compared": self.about or "everything",
            **{kind: self.count(kind) for kind in ("created", "changed", "removed")},
            "by_type": [one.to_json() for one in self.by_type()],
            "entities": [change.to_json() for change in self.entities],
            "relations": [change.to_json() for change in self.relations],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row for each field that is different."""
        import pandas as pd

        return pd.DataFrame(list(change_rows(self.changes)), columns=list(COLUMNS))
