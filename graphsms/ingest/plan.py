"""What an import is to change: what files state, set against the graph as it is.

Second step of three. An entity that only this source has stated is stated whole: what the source no longer
says of it goes. What another source stated too is merged: the file wins, the rest is kept. Relations are
added and updated, never removed. A placeholder gives way to a description, and never the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from graphsms.ingest.check import Stated, most_specific
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Entity, Fault, Origin, Relation, RelationKey, Revision, Value
from graphsms.vocabulary import PLACEHOLDER, Vocabulary

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = ["Counts", "Plan", "plan"]

_BATCH: Final = 10_000
_HINTS: Final = 20  # for how many missing ids to look for the nearest
_HINTED: Final = 5_000  # and among how many
_FEW: Final = 4  # times as many entities as are asked for may be read in place of asking for them
_TYPE: Final = ""  # stands for the type among the names of properties
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entities and how many relations."""

    entities: int = 0
    relations: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.entities + other.entities, self.relations + other.relations)


@dataclass(slots=True)
class Plan:
    """What to write, and what is known of what is not written.

    Parameters
    ----------
    base : int
        The revision that it was made against.
    entities : dict of str to str
        Ids of the entities to be written, with the source that each is to have.
    relations : dict of RelationKey to str
        Keys of the relations to be written, likewise.
    created, changed, unchanged : Counts
    placeholders : set of str
        What the files refer to and nothing describes, new or not.
    known : dict of str to str
        Types of entities of the graph that files refer to without stating them.
    present : set of RelationKey
        Relations that the graph has already from entities that the files speak of.
    no_longer_stated : set of RelationKey
        Those of them that this source stated first, and does not state now: they are kept.
    """

    base: int
    entities: dict[str, str | None] = field(default_factory=dict)
    relations: dict[RelationKey, str | None] = field(default_factory=dict)
    created: Counts = Counts()
    changed: Counts = Counts()
    unchanged: Counts = Counts()
    placeholders: set[str] = field(default_factory=set)
    known: dict[str, str] = field(default_factory=dict)
    present: set[RelationKey] = field(default_factory=set)
    no_longer_stated: set[RelationKey] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.entities or self.relations)


def plan(
    stated: Stated,
    store: Store,
    source: str,
    *,
    strict: bool,
    refused: Collection[str] = (),
    fault: Callable[[Fault], None],
    warn: Callable[[Fault], None],
) -> Plan:
    """Set what files state against the graph.

    Parameters
    ----------
    stated : Stated
        Becomes what the graph is to say: placeholders are added, and entities merged with what is stored.
    store : Store
    source : str
    strict : bool
        Whether a missing target is a fault in foreign formats too.
    refused : collection of str
        Ids that have faults already: that they are missing is not said again.
    fault, warn : callable
        Take each `Fault` and each warning.
    """
    made = _Planner(stated, store, source, fault, warn)
    made.find_missing(strict, refused)
    made.set_against_graph()
    return made.plan


class _Planner:
    def __init__(
        self,
        stated: Stated,
        store: Store,
        source: str,
        fault: Callable[[Fault], None],
        warn: Callable[[Fault], None],
    ) -> None:
        self.stated = stated
        self.store = store
        self.source = source
        self.vocabulary: Vocabulary = store.vocabulary
        self.fault = fault
        self.warn = warn
        self.plan = Plan(store.revision().number)

    # -------------------------------------------------------------------- what is only referred to

    def find_missing(self, strict: bool, refused_before: Collection[str]) -> None:
        """Look in the graph for what no file states; what is not there either is a fault or a placeholder."""
        entities = self.stated.entities
        missing: dict[str, list[RelationKey]] = {}
        for key in self.stated.relations:
            if key[2] not in entities:
                missing.setdefault(key[2], []).append(key)
            if key[0] not in entities:
                missing.setdefault(key[0], []).append(key)
        for one in self.stored(missing):
            self.plan.known[one.id] = one.type
            if one.properties.get(PLACEHOLDER) is True:
                self.plan.placeholders.add(one.id)
        hints = list(entities) if len(entities) <= _HINTED else []
        for number, id in enumerate(sorted(missing.keys() - self.plan.known.keys() - set(refused_before))):
            keys = missing[id]
            refused = [k for k in keys if strict or self.stated.relations[k][1].file not in self.stated.foreign]
            if not refused:
                self.add_placeholder(id, keys)
                continue
            hint = did_you_mean(id, hints) if number < _HINTS else ""
            for key in refused:
                other = key[0] if key[2] == id else key[2]
                message = f"It refers to {id!r}, which is stated nowhere.{hint}"
                self.fault(Fault(self.stated.relations[key][1], other, key[1], "dangling-relation", message))

    def add_placeholder(self, id: str, keys: Sequence[RelationKey]) -> None:
        origin = min((self.stated.relations[key][1] for key in keys), key=lambda one: (one.file, one.line or 0))
        type = self.placeholder_type(id, keys)
        self.stated.entities[id] = (type, {PLACEHOLDER: True}, origin)
        referring = sorted({key[0] if key[2] == id else key[2] for key in keys})
        shown = ", ".join(referring[:3]) + (f" and {len(referring) - 3} more" if len(referring) > 3 else "")
        message = f"Nothing describes it; it becomes a placeholder of type {type}, needed by what {shown} says."
        self.warn(Fault(origin, id, "", "placeholder", message))

    def placeholder_type(self, id: str, keys: Sequence[RelationKey]) -> str:
        """What something missing may be: what the sources say, else what most of the relations allow; ties by name."""
        said: set[str] = set()
        allowed: list[tuple[str, ...]] = []
        for key in keys:
            relation = self.vocabulary.relations[key[1]]
            _, _, object_type, subject_type = self.stated.relations[key]
            its, ends = (object_type, relation.range) if key[2] == id else (subject_type, relation.domain)
            allowed.append(ends)
            if its is not None:
                said.add(its)
        candidates = said or {ends[0] for ends in allowed}
        depth = {one: len(self.vocabulary.types[one].ancestors) for one in candidates}
        fits = {one: sum(self.vocabulary.any_of(one, ends) for ends in allowed) for one in candidates}
        return min(candidates, key=lambda one: (-fits[one], -depth[one], one))

    # ----------------------------------------------------------------------- what is there already

    def set_against_graph(self) -> None:
        """Merge with what is stored, and sort out what is to be written."""
        entities, relations = self.stated.entities, self.stated.relations
        if self.plan.base == 0:
            self.plan.entities = dict.fromkeys(entities, self.source)
            self.plan.relations = dict.fromkeys(relations, self.source)
            self.plan.created = Counts(len(entities), len(relations))
        else:
            before = {one.id: one for one in self.stored(entities)}
            between = self.relations_of(before.keys() | ({key[0] for key in relations} & self.plan.known.keys()))
            self.keep_what_others_say(before, between)
            self.compare_entities(before)
            self.compare_relations(between)
        self.plan.placeholders |= {id for id, one in entities.items() if one[1].get(PLACEHOLDER) is True}

    def compare_entities(self, before: Mapping[str, Entity]) -> None:
        created = changed = 0
        for id, (type, properties, origin) in self.stated.entities.items():
            old = before.get(id)
            source: str | None = self.source
            if old is not None:
                type, properties, source = self.merged(old, type, properties, origin)
                self.stated.entities[id] = (type, properties, origin)
                if type == old.type and properties == old.properties:
                    continue
            self.plan.entities[id] = source
            created, changed = created + (old is None), changed + (old is not None)
        unchanged = len(self.stated.entities) - created - changed
        self.plan.created += Counts(created, 0)
        self.plan.changed += Counts(changed, 0)
        self.plan.unchanged += Counts(unchanged, 0)

    def merged(
        self, old: Entity, type: str, properties: dict[str, Value], origin: Origin
    ) -> tuple[str, dict[str, Value], str | None]:
        """What an entity of the graph becomes: its type, properties and source."""
        was, is_now = old.properties.get(PLACEHOLDER) is True, properties.get(PLACEHOLDER) is True
        if is_now and not was:
            return old.type, dict(old.properties), old.source
        if was and not is_now:
            return type, properties, self.source
        if old.source == self.source:
            return type, properties, old.source
        specific = most_specific(old.type, type, self.vocabulary)
        if specific is None:
            by = old.source or "hand"
            message = f"It is {type} here and {old.type} in the graph (by {by}), and one is no subclass of the other."
            self.fault(Fault(origin, old.id, "type", "type-conflict", message))
            specific = old.type
        return specific, {**old.properties, **properties}, old.source

    def compare_relations(self, between: Mapping[RelationKey, Relation]) -> None:
        created = changed = 0
        for key, (properties, origin, object_type, subject_type) in self.stated.relations.items():
            old = between.get(key)
            source: str | None = self.source
            if old is not None:
                source = old.source
                if old.source != self.source:
                    properties = {**old.properties, **properties}
                    self.stated.relations[key] = (properties, origin, object_type, subject_type)
                if properties == old.properties:
                    continue
            self.plan.relations[key] = source
            created, changed = created + (old is None), changed + (old is not None)
        self.plan.created += Counts(0, created)
        self.plan.changed += Counts(0, changed)
        self.plan.unchanged += Counts(0, len(self.stated.relations) - created - changed)

    def keep_what_others_say(self, before: Mapping[str, Entity], between: Mapping[RelationKey, Relation]) -> None:
        """Put back what this source first stated, no longer says, and another source or person has set since."""
        gone: dict[str | RelationKey, set[str]] = {}
        for id, old in before.items():
            type, properties, _ = self.stated.entities[id]
            if old.source == self.source and PLACEHOLDER not in old.properties:
                names = old.properties.keys() - properties.keys()
                if old.type != type and self.vocabulary.is_a(old.type, type):
                    names |= {_TYPE}
                if names:
                    gone[id] = set(names)
        for key, edge in between.items():
            if edge.source == self.source and key in self.stated.relations:
                names = edge.properties.keys() - self.stated.relations[key][0].keys()
                if names:
                    gone[key] = set(names)
        for what, name, value in self.set_by_others(gone):
            if isinstance(what, str):
                type, properties, origin = self.stated.entities[what]
                if name == _TYPE:
                    if before[what].type == value:
                        self.stated.entities[what] = (before[what].type, properties, origin)
                elif before[what].properties[name] == value:
                    properties[name] = value
            elif between[what].properties[name] == value:
                said, origin, object_type, subject_type = self.stated.relations[what]
                self.stated.relations[what] = ({**said, name: value}, origin, object_type, subject_type)

    def set_by_others(
        self, gone: Mapping[str | RelationKey, set[str]]
    ) -> Iterator[tuple[str | RelationKey, str, Value]]:
        """What revisions of other sources set of the properties asked for, from the history."""
        if not gone:
            return
        for revision in self.store.revisions():
            if revision.source == self.source:
                continue
            for was, after in self.changes(revision, gone.keys()):
                what = after.id if isinstance(after, Entity) else after.key
                for name in gone.get(what, ()):
                    if name == _TYPE:
                        if was is None or was.type != after.type:
                            yield what, name, after.type
                    elif name in after.properties:
                        value = after.properties[name]
                        if was is None or was.properties.get(name) != value:
                            yield what, name, value

    def changes(
        self, revision: Revision, asked: Collection[str | RelationKey]
    ) -> Iterator[tuple[Entity | Relation | None, Entity | Relation]]:
        """What a revision made of what is asked for, with what it was before; the shorter way of two to find out."""
        now = revision.number
        if revision.created + revision.changed + revision.removed <= _FEW * len(asked):
            yield from ((one.before, one.after) for one in self.store.touched(now - 1, now) if one.after is not None)
            return
        for ids in _batches(one for one in asked if isinstance(one, str)):
            old = {one.id: one for one in self.store.entities(ids=ids, at=now - 1)}
            yield from ((old.get(one.id), one) for one in self.store.entities(ids=ids, at=now))
        for subjects in _batches({one[0] for one in asked if not isinstance(one, str)}):
            were = {one.key: one for one in self.store.relations(subjects=subjects, at=now - 1)}
            yield from ((were.get(one.key), one) for one in self.store.relations(subjects=subjects, at=now))

    # ---------------------------------------------------------------------------------- the graph

    def stored(self, ids: Iterable[str]) -> Iterator[Entity]:
        """Those of the entities that the graph has."""
        if self.plan.base:
            for batch in _batches(ids):
                yield from self.store.entities(ids=batch)

    def relations_of(self, subjects: Iterable[str]) -> dict[RelationKey, Relation]:
        """The relations of entities of the graph; all are noted as present, those that files state are returned."""
        found: dict[RelationKey, Relation] = {}
        for batch in _batches(subjects):
            for relation in self.store.relations(subjects=batch):
                self.plan.present.add(relation.key)
                if relation.key in self.stated.relations:
                    found[relation.key] = relation
                elif relation.source == self.source and relation.subject in self.stated.entities:
                    self.plan.no_longer_stated.add(relation.key)
        return found


def _batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
