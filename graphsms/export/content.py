"""What is exported: the entities and relations of one revision, all or those of some types, as streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphsms.model import Entity, Relation
from graphsms.store import Store
from graphsms.vocabulary import Vocabulary

__all__ = ["Content"]


@dataclass(frozen=True)
class Content:
    """Entities and relations of a store at a fixed revision, in the order of ids and keys.

    Parameters
    ----------
    store : Store
    at : int
        The revision: fixed, so that several passes see the same.
    types : sequence of str
        Only entities of these types (and their subclasses), and the relations between them. Without it, all.
    """

    store: Store
    at: int
    types: Sequence[str] = ()

    @property
    def vocabulary(self) -> Vocabulary:
        """That the content is in."""
        return self.store.vocabulary

    def entities(self) -> Iterator[Entity]:
        """Entities in order of their ids."""
        if not self.types:
            yield from self.store.entities(at=self.at)
            return
        wanted = {name for type in self.types for name in self.vocabulary.subtypes[type]}
        yield from (entity for entity in self.store.entities(at=self.at) if entity.type in wanted)

    def relations(self) -> Iterator[Relation]:
        """Relations in order of their keys."""
        found = self.store.relations(at=self.at)
        if not self.types:
            yield from found
            return
        yield from (one for one in found if one.subject in self._ids and one.object in self._ids)

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(entity.id for entity in self.entities())

    def by_subject(self) -> Iterator[tuple[Entity, list[Relation]]]:
        """Each entity with the relations that it is the subject of: both streams, merged."""
        relations = self.relations()
        pending = next(relations, None)
        for entity in self.entities():
            own: list[Relation] = []
            while pending is not None and pending.subject == entity.id:
                own.append(pending)
                pending = next(relations, None)
            yield entity, own
        assert pending is None, "a store yields entities and relations in the same order of ids"

    @cached_property
    def entity_properties(self) -> tuple[str, ...]:
        """The properties that occur on entities, in alphabetical order; takes one pass."""
        return tuple(sorted({name for entity in self.entities() for name in entity.properties}))

    @cached_property
    def relation_properties(self) -> tuple[str, ...]:
        """The properties that occur on relations, in alphabetical order; takes one pass."""
        return tuple(sorted({name for relation in self.relations() for name in relation.properties}))
