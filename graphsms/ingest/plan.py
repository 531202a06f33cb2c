"""An import as a plan: every change that it would make, field by field, to be read, kept in a file, and applied.

A plan is of one store at one revision, under one ontology. Applied, it makes just these changes, or is refused
because the graph has moved on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from graphsms.ingest.drafted import NONE, Counts, Draft, OverruledOf
from graphsms.ingest.rejects import Rejected
from graphsms.ingest.sources import HAND, TYPE
from graphsms.ingest.verdict import FileVerdict, counted, fault_json, summary
from graphsms.model import ChangeSet, Entity, Fault, Relation, RelationKey, Statement, Value

if TYPE_CHECKING:
    import pandas

__all__ = ["Action", "FieldChange", "ImportPlan", "PlannedChange", "PlannedFile"]

Action: TypeAlias = Literal["create", "change", "note", "remove"]

# As the rows of tables of changes have it.
COLUMNS: Final = ("action", "id", "relation", "object", "field", "before", "after", "by")


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that a plan was made from: its path as given, and the SHA-256 of its content."""

    file: str
    sha256: str


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


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do, complete.

    Parameters
    ----------
    store : str
        Identity of the store that it is for.
    base : int
        The revision that it was made against.
    ontology : str
        Hash of the ontology that it was made under.
    source, format : str
    made : str
        When, canonical.
    changes : tuple of PlannedChange
        Entities before relations, what is new before what changes, what goes last.
    unchanged : Counts
        What is left alone.
    files : tuple of PlannedFile
    placeholders : tuple of str
        Ids that the files refer to and nothing describes.
    became_placeholders : tuple of str
        Ids that nothing describes any more, while relations of others still need them.
    rejected : tuple of Rejected
        What was left out, where that was asked for.
    overruled : tuple of OverruledOf
        What the source says and what does not stand; the first thousand, ``overruled_count`` are all.
    warnings : tuple of Fault
        The first thousand, ``warning_count`` are all.
    no_longer_stated : tuple of RelationKey
        Relations that the source stated before, kept.
    passed_over : tuple of str
        Files of folders that are of no known format.
    read : tuple of FileVerdict
        How much each file holds.
    guard : str
        Why it is not applied without a further word; "" where nothing stands against it.
    merged_before : tuple of (str, str)
        Ids that the files state and that went in a merge, each with the id that stands for it now.
    fresh_for, actor, reason, request : str
        As given when it was made.
    """

    store: str
    base: int
    ontology: str
    source: str
    format: str
    made: str
    changes: tuple[PlannedChange, ...]
    unchanged: Counts = NONE
    files: tuple[PlannedFile, ...] = ()
    placeholders: tuple[str, ...] = ()
    became_placeholders: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    overruled: tuple[OverruledOf, ...] = ()
    overruled_count: int = 0
    warnings: tuple[Fault, ...] = ()
    warning_count: int = 0
    no_longer_stated: tuple[RelationKey, ...] = ()
    passed_over: tuple[str, ...] = ()
    read: tuple[FileVerdict, ...] = ()
    guard: str = ""
    merged_before: tuple[tuple[str, str], ...] = ()
    fresh_for: str = ""
    actor: str = ""
    reason: str = ""
    request: str = ""

    def __bool__(self) -> bool:
        return bool(self.changes)

    def counts(self, action: Action) -> Counts:
        """How many entities and relations are created, changed, noted or removed."""
        kinds = Counter(isinstance(one.thing, Entity) for one in self.changes if one.action == action)
        return Counts(kinds[True], kinds[False])

    def change_set(self, *, actor: str = "", reason: str = "", request: str = "") -> ChangeSet:
        """The one change set that it is; who, why and under which request as given here, else as when it was made."""
        written = [one.after for one in self.changes if one.after is not None]
        removed = [one.thing for one in self.changes if one.after is None]
        return ChangeSet(
            entities=[one for one in written if isinstance(one, Entity)],
            relations=[one for one in written if isinstance(one, Relation)],
            removed_entities=[one.id for one in removed if isinstance(one, Entity)],
            removed_relations=[one.key for one in removed if isinstance(one, Relation)],
            actor=actor or self.actor,
            reason=reason or self.reason,
            request=request or self.request,
            source=self.source,
            base=self.base,
            exact=True,
        )

    def sentence(self) -> str:
        """The plan for people, in a sentence or a few."""
        parts = [
            f"{word} {counted(one)}"
            for word, one in (
                ("create", self.counts("create")),
                ("change", self.counts("change")),
                ("remove", self.counts("remove")),
                ("note who states", self.counts("note")),
            )
            if one
        ]
        alone = f"leave {counted(self.unchanged)} as they are" if self.unchanged else ""
        text = "; ".join([*parts, *filter(None, [alone])]) or "change nothing"
        begin = f"Importing {self.source} ({self.format}) into revision {self.base} would {text}."
        return begin + summary(self)

    def to_json(self) -> dict[str, object]:
        """The plan for programs, complete."""
        actions: tuple[Action, ...] = ("create", "change", "note", "remove")
        counts: dict[str, object] = {one: _counts_json(self.counts(one)) for one in actions}
        return {
            "source": self.source,
            "format": self.format,
            "base": self.base,
            "counts": {**counts, "unchanged": _counts_json(self.unchanged)},
            "changes": [one.to_json() for one in self.changes],
            "placeholders": list(self.placeholders),
            "became_placeholders": list(self.became_placeholders),
            "rejected": [one.to_json() for one in self.rejected],
            "overruled": [one.to_json() for one in self.overruled],
            "overruled_count": self.overruled_count,
            "warnings": [fault_json(one) for one in self.warnings],
            "warning_count": self.warning_count,
            "no_longer_stated": [list(one) for one in self.no_longer_stated],
            "merged_before": [list(one) for one in self.merged_before],
            "files": [{"file": one.file, "sha256": one.sha256} for one in self.files],
            "passed_over": list(self.passed_over),
            "guard": self.guard,
        }

    def rows(self) -> Iterator[tuple[object, ...]]:
        """All changes, one row a field; then what was rejected, one row a fault."""
        for change in self.changes:
            yield from change.rows()
        for one in self.rejected:
            for fault in one.faults:
                yield ("reject", one.subject, None, None, fault.field, None, fault.message, None)

    def to_frame(self) -> pandas.DataFrame:
        """All of `rows` as a data frame."""
        import pandas

        return pandas.DataFrame.from_records(list(self.rows()), columns=list(COLUMNS))


def _counts_json(counts: Counts) -> dict[str, int]:
    return {"entities": counts.entities, "relations": counts.relations}


def changes_of(draft: Draft) -> Iterator[PlannedChange]:
    """Every change of a draft."""
    for id in draft.new_entities:
        yield PlannedChange(None, draft.view.entity(id, draft.source))
    for entity, as_entity in draft.entities:
        yield PlannedChange(entity, as_entity)
    for key in draft.new_relations:
        yield PlannedChange(None, draft.view.relation(key, draft.source))
    for relation, as_relation in draft.relations:
        yield PlannedChange(relation, as_relation)
    for gone in draft.pruned.relations.values():
        yield PlannedChange(gone, None)
    for lost in draft.pruned.entities.values():
        yield PlannedChange(lost, None)
