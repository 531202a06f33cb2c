"""A store that is a list: for tests of what only reads entities and relations, run for thousands of graphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast
from uuid import uuid4

from graphsms.model import Entity, Relation, Revision
from graphsms.store import Store
from graphsms.vocabulary import Vocabulary


class _Held:
    url = "held"

    def __init__(self, vocabulary: Vocabulary, entities: Iterable[Entity], relations: Iterable[Relation]) -> None:
        self.vocabulary = vocabulary
        self.identity = str(uuid4())
        self._entities = sorted(entities, key=lambda entity: entity.id)
        self._relations = sorted(relations, key=lambda relation: relation.key)

    def revision(self) -> Revision:
        return Revision(1, "2026-11-21T09:30:00Z")

    def entity(self, id: str, at: int | None = None) -> Entity | None:
        return next((entity for entity in self._entities if entity.id == id), None)

    def nearest_ids(self, id: str, limit: int = 3) -> list[str]:
        return [entity.id for entity in self._entities if entity.id[:2] == id[:2]][:limit]

    def entities(self, at: int | None = None) -> Iterator[Entity]:
        assert at == 1
        return iter(self._entities)

    def relations(self, at: int | None = None) -> Iterator[Relation]:
        assert at == 1
        return iter(self._relations)


def held(vocabulary: Vocabulary, entities: Iterable[Entity], relations: Iterable[Relation] = ()) -> Store:
    """A store with that content, at revision 1."""
    return cast(Store, _Held(vocabulary, entities, relations))
