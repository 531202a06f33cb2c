"""What an import is to write, before it is shown or stored: a draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from graphsms.ingest.check import Stated
from graphsms.ingest.prune import Pruned
from graphsms.ingest.sources import Overruled
from graphsms.model import Entity, Relation, RelationKey

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
    new_entities, new_relations : dict
        Ids and keys of what is new; in order.
    entities : list of (Entity, Entity)
        What changes, before and after; also where only what the sources say does.
    relations : list of (Relation, Relation)
    pruned : Pruned
        What goes, and what becomes a placeholder, since the source no longer has it.
    unchanged : Counts
    placeholders : set of str
        What the files refer to and nothing describes, new or not.
    known : dict of str to str
        Types of entities of the graph that files refer to without stating them.
    present : set of RelationKey
        Relations that the graph has from entities that the files speak of, and that the files do not state.
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
    new_entities: dict[str, None] = field(default_factory=dict)
    new_relations: dict[RelationKey, None] = field(default_factory=dict)
    entities: list[tuple[Entity, Entity]] = field(default_factory=list)
    relations: list[tuple[Relation, Relation]] = field(default_factory=list)
    pruned: Pruned = field(default_factory=Pruned)
    unchanged: Counts = Counts()
    placeholders: set[str] = field(default_factory=set)
    known: dict[str, str] = field(default_factory=dict)
    present: set[RelationKey] = field(default_factory=set)
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
    def changed(self) -> Counts:
        """Those whose type or properties change."""
        entities = sum(says_else(*pair) for pair in self.entities)
        return Counts(entities, sum(says_else(*pair) for pair in self.relations))

    @property
    def noted(self) -> Counts:
        """Those that stay as they are, while another set of sources says so."""
        changed = self.changed
        return Counts(len(self.entities) - changed.entities, len(self.relations) - changed.relations)

    def written_entities(self) -> Iterator[Entity]:
        """Every entity to be written, as it is to become."""
        for id in self.new_entities:
            yield self.view.entity(id, self.source)
        yield from (after for _, after in self.entities)

    def written_relations(self) -> Iterator[Relation]:
        """Every relation to be written."""
        for key in self.new_relations:
            yield self.view.relation(key, self.source)
        yield from (after for _, after in self.relations)


def says_else(before: Entity | Relation, after: Entity | Relation) -> bool:
    """Whether it is another type or other properties, whoever says so."""
    return before.type != after.type or before.properties != after.properties
