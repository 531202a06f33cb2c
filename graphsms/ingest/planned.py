"""What is to become of one entity or relation, and all that is to become of a graph, however much that is."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, TypeAlias, overload

from graphsms.ingest import spilling
from graphsms.ingest.drafted import Counts, Draft
from graphsms.ingest.packing import CHANGES
from graphsms.ingest.sources import HAND, TYPE
from graphsms.ingest.spilled_lists import SpilledList
from graphsms.ingest.spilling import pairs
from graphsms.model import Entity, Relation, Statement, Value

__all__ = [
    "Action",
    "Changes",
    "FieldChange",
    "ListedChanges",
    "PlannedChange",
    "changes_of",
    "thing_from",
    "thing_json",
]

Action: TypeAlias = Literal["create", "change", "note", "remove"]
_ACTIONS: Final[tuple[Action, ...]] = ("create", "change", "note", "remove")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One property (or the type) before and after; None where there is none. ``by`` is the source of what stands
    after it, "" for hand."""

    field: str
    before: Value | None
    after: Value | None
    by: str


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What is to become of one entity or relation.

    Parameters
    ----------
    before : Entity or Relation, optional
        As the graph has it; None where it is new.
    after : Entity or Relation, optional
        As it will be; None where it goes.
    """

    before: Entity | Relation | None
    after: Entity | Relation | None

    @property
    def thing(self) -> Entity | Relation:
        """What it will be, or was."""
        found = self.after if self.after is not None else self.before
        assert found is not None
        return found

    @property
    def action(self) -> Action:
        """``note`` is where only what the sources say changes, not what holds."""
        if self.before is None:
            return "create"
        if self.after is None:
            return "remove"
        same = self.before.type == self.after.type and self.before.properties == self.after.properties
        return "note" if same else "change"

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """Field by field: what changes; of something new all that it says, of something that goes nothing."""
        if self.after is None:
            return ()
        was: Mapping[str, Value] = _content(self.before) if self.before is not None else {}
        now = _content(self.after)
        return tuple(
            FieldChange(name, was.get(name), now.get(name), _sayer(self.after, name))
            for name in sorted(was.keys() | now.keys(), key=lambda name: (name != TYPE, name))
            if name not in was or name not in now or was[name] != now[name]
        )

    def rows(self) -> Iterator[tuple[object, ...]]:
        """One row a field, one alone where no field changes; columns as `ImportPlan.to_frame` names them."""
        thing = self.thing
        ends = (thing.id, None, None) if isinstance(thing, Entity) else (thing.subject, thing.type, thing.object)
        fields = self.fields
        if not fields:
            yield (self.action, *ends, None, None, None, thing.source)
        for one in fields:
            yield (self.action, *ends, one.field, one.before, one.after, one.by)

    def to_json(self) -> dict[str, object]:
        """The change for programs, whole."""
        return {
            "action": self.action,
            "before": None if self.before is None else thing_json(self.before),
            "after": None if self.after is None else thing_json(self.after),
            "fields": [
                {"field": one.field, "before": one.before, "after": one.after, "by": one.by} for one in self.fields
            ],
        }


def _content(thing: Entity | Relation) -> dict[str, Value]:
    return {TYPE: thing.type, **thing.properties} if isinstance(thing, Entity) else dict(thing.properties)


def _sayer(thing: Entity | Relation, field: str) -> str:
    """Whose word a field is; the leading source's where it is nobody's in particular."""
    if thing.stated:
        stands = thing.type if field == TYPE else thing.properties.get(field)
        for source, one in thing.stated.items():
            if stands is not None and (one.type if field == TYPE else one.properties.get(field)) == stands:
                return source
        return ", ".join(source for source, one in thing.stated.items() if field in one.properties)
    return thing.source or HAND


def thing_json(thing: Entity | Relation) -> dict[str, object]:
    """An entity or a relation, whole, for programs and for files of plans."""
    found: dict[str, object] = (
        {"id": thing.id, "type": thing.type}
        if isinstance(thing, Entity)
        else {"type": thing.type, "subject": thing.subject, "object": thing.object}
    )
    found |= {"properties": dict(thing.properties), "source": thing.source}
    if thing.stated:
        found["stated"] = [[source, one.type, dict(one.properties)] for source, one in thing.stated.items()]
    return found


def thing_from(said: Mapping[str, object]) -> Entity | Relation:
    """What `thing_json` wrote.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError
        It is none of these.
    """
    properties = _properties(said["properties"])
    source = None if said["source"] is None else _text(said["source"])
    stated: dict[str, Statement] = {}
    for name, type, own in said.get("stated", ()):  # type: ignore[attr-defined]
        stated[_text(name)] = Statement(_text(type), _properties(own))
    if "id" in said:
        return Entity(_text(said["id"]), _text(said["type"]), properties, source, stated)
    return Relation(_text(said["type"]), _text(said["subject"]), _text(said["object"]), properties, source, stated)


def _properties(said: object) -> dict[str, Value]:
    if not isinstance(said, dict):
        raise TypeError("properties are a mapping")
    found: dict[str, Value] = {}
    for name, value in said.items():
        many = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | int | float | bool) for one in many):
            raise TypeError(f"{name} has a value that is none")
        found[name] = tuple(many) if isinstance(value, list) else value
    return found


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise TypeError(f"{said!r} is no text")
    return said


class Changes(Sequence[PlannedChange]):
    """Changes that are too many to be held: read in order, and anew each time."""

    @abstractmethod
    def counts(self, action: Action) -> Counts:
        """How many entities and relations are created, changed, noted or removed."""

    def few_held(self) -> Sequence[PlannedChange]:
        """Themselves, or where they are few, all of them."""
        return self if len(self) > spilling.HELD else tuple(self)

    @abstractmethod
    def __iter__(self) -> Iterator[PlannedChange]: ...

    def __len__(self) -> int:
        return sum(one.entities + one.relations for one in map(self.counts, _ACTIONS))

    @overload
    def __getitem__(self, at: int) -> PlannedChange: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[PlannedChange]: ...
    def __getitem__(self, at: int | slice) -> PlannedChange | Sequence[PlannedChange]:
        if isinstance(at, slice):
            numbers = range(*at.indices(len(self)))
            if numbers.step < 0:
                return self[numbers[-1] : numbers[0] + 1 : -numbers.step][::-1] if numbers else ()
            return tuple(islice(self, numbers.start, numbers.stop, numbers.step))
        number = at + len(self) if at < 0 else at
        if not 0 <= number < len(self):
            raise IndexError(at)
        return next(islice(self, number, None))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Changes | tuple):
            return NotImplemented
        return len(self) == len(other) and all(one == its for one, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class ListedChanges(Changes):
    """Changes put in one by one."""

    def __init__(self) -> None:
        self._pairs: SpilledList[tuple[Entity | Relation | None, Entity | Relation | None]] = SpilledList(CHANGES)
        self._counts: Counter[tuple[Action, bool]] = Counter()

    def append(self, change: PlannedChange) -> None:
        """Put one at the end."""
        self._pairs.append((change.before, change.after))
        self._counts[change.action, isinstance(change.thing, Entity)] += 1

    def counts(self, action: Action) -> Counts:
        return Counts(self._counts[action, True], self._counts[action, False])

    def __iter__(self) -> Iterator[PlannedChange]:
        return (PlannedChange(*pair) for pair in self._pairs)


def changes_of(draft: Draft) -> Sequence[PlannedChange]:
    """Every change of a draft; read from it anew each time where they are many."""
    return _DraftedChanges(draft).few_held()


class _DraftedChanges(Changes):
    """The changes of a draft, as they stand there."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def counts(self, action: Action) -> Counts:
        draft = self._draft
        gone = Counts(len(draft.pruned.entities), len(draft.pruned.relations))
        return {"create": draft.created, "change": draft.changed, "note": draft.noted, "remove": gone}[action]

    def __iter__(self) -> Iterator[PlannedChange]:
        draft = self._draft
        yield from (PlannedChange(None, entity) for entity in draft.created_entities())
        yield from (PlannedChange(*pair) for pair in draft.entities)
        yield from (PlannedChange(None, relation) for relation in draft.created_relations())
        yield from (PlannedChange(*pair) for pair in draft.relations)
        yield from (PlannedChange(gone, None) for _, gone in pairs(draft.pruned.relations))
        yield from (PlannedChange(lost, None) for _, lost in pairs(draft.pruned.entities))
