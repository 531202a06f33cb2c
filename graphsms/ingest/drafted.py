"""What an import is to write, before it is shown or stored: a draft."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, NamedTuple

from graphsms.ingest.check import Stated, StatedEntity, StatedRelation
from graphsms.ingest.packing import CHANGES
from graphsms.ingest.prune import Pruned
from graphsms.ingest.rest import Rest
from graphsms.ingest.sources import Overruled
from graphsms.ingest.spilled_lists import SpilledList
from graphsms.ingest.spilling import Spilled
from graphsms.model import Entity, Relation, RelationKey
from graphsms.store.bulk import NewEntities, NewRelations

__all__ = ["NONE", "Counts", "Draft", "OverruledOf", "says_else"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entities and how many relations."""

    entities: int = 0
    relations: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.entities + other.entities, self.relations + other.relations)

    def __bool__(self) -> bool:
        return bool(self.entities or self.relations)


NONE: Final = Counts()
_ENTITY: Final = Counts(1, 0)
_RELATION: Final = Counts(0, 1)


class OverruledOf(NamedTuple):
    """What the source says of an entity (its id) or a relation (its key) and what does not stand."""

    of: str | RelationKey
    what: Overruled

    def to_json(self) -> dict[str, object]:
        """For programs: what does not stand, and who says otherwise."""
        names = ("id", "relation", "object")
        key = {"id": self.of} if isinstance(self.of, str) else dict(zip(names, self.of, strict=True))
        return {**key, **self.what._asdict()}


@dataclass(slots=True)
class Draft:
    """What to write, and what is known of what is not written.

    Parameters
    ----------
    base : int
        The revision that it was made against.
    source : str
    view : Stated
        What the files state, as the graph will have it: merged with what others say, placeholders added.
    new_entities, new_relations : Rest
        What is new; in order.
    entities : sequence of (Entity, Entity)
        What changes, before and after; also where only what the sources say does. Put in by `change`.
    relations : sequence of (Relation, Relation)
    changed : Counts
        Those of both whose type or properties change.
    pruned : Pruned
        What goes, and what becomes a placeholder, since the source no longer has it.
    unchanged : Counts
    placeholders : set of str
        What the files refer to and nothing describes, new or not.
    known : mapping of str to str
        Types of entities of the graph that files refer to without stating them.
    present : sequence of RelationKey
        Relations that the graph has from entities that the files speak of, that the files do not state, and that stay.
    no_longer_stated : set of RelationKey
        Those of them that this source stated, and does not state now; kept where nothing is pruned.
    again : int
        How many entities that this source stated before it states again.
    overruled : list of OverruledOf
        The first thousand of what the source says and what does not stand.
    overruled_count : int
    """

    base: int
    source: str
    view: Stated
    new_entities: Rest[str, StatedEntity] = field(default_factory=lambda: Rest({}))
    new_relations: Rest[RelationKey, StatedRelation] = field(default_factory=lambda: Rest({}))
    entities: SpilledList[tuple[Entity, Entity]] = field(default_factory=lambda: SpilledList(CHANGES))
    relations: SpilledList[tuple[Relation, Relation]] = field(default_factory=lambda: SpilledList(CHANGES))
    changed: Counts = NONE
    pruned: Pruned = field(default_factory=Pruned)
    unchanged: Counts = Counts()
    placeholders: set[str] = field(default_factory=set)
    known: MutableMapping[str, str] = field(default_factory=Spilled)
    present: SpilledList[RelationKey] = field(default_factory=SpilledList)
    no_longer_stated: set[RelationKey] = field(default_factory=set)
    again: int = 0
    overruled: list[OverruledOf] = field(default_factory=list)
    overruled_count: int = 0

    def __bool__(self) -> bool:
        return bool(self.new_entities or self.new_relations or self.entities or self.relations or self.pruned)

    @property
    def created(self) -> Counts:
        return Counts(len(self.new_entities), len(self.new_relations))

    @property
    def noted(self) -> Counts:
        """Those that stay as they are, while another set of sources says so."""
        return Counts(len(self.entities) - self.changed.entities, len(self.relations) - self.changed.relations)

    def change_entity(self, before: Entity, after: Entity) -> None:
        """An entity changes, or what sources say of it."""
        self.entities.append((before, after))
        if says_else(before, after):
            self.changed += _ENTITY

    def change_relation(self, before: Relation, after: Relation) -> None:
        """A relation changes, or what sources say of it."""
        self.relations.append((before, after))
        if says_else(before, after):
            self.changed += _RELATION

    def created_entities(self) -> NewEntities:
        """What is new, in order."""
        blocks = self.new_entities.blocks()
        return NewEntities(([(id, one[0], one[1]) for id, one in block] for block in blocks), self.source)

    def created_relations(self) -> NewRelations:
        """Likewise."""
        blocks = self.new_relations.blocks()
        return NewRelations(([(key, one[0]) for key, one in block] for block in blocks), self.source)

    def written_entities(self) -> Iterable[Entity]:
        """Every entity to be written, as it is to become."""
        return chain(self.created_entities(), (after for _, after in self.entities))

    def written_relations(self) -> Iterable[Relation]:
        """Every relation to be written."""
        return chain(self.created_relations(), (after for _, after in self.relations))


def says_else(before: Entity | Relation, after: Entity | Relation) -> bool:
    """Whether it is another type or other properties, whoever says so."""
    return before.type != after.type or before.properties != after.properties
