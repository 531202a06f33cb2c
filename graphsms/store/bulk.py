"""Very many new entities or relations on their way into a store, in blocks of plain values.

Whoever stores them may take the blocks, or go through them as through any others, one object at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from graphsms.model import Entity, Relation, RelationKey, Value

__all__ = ["EntityBlock", "NewEntities", "NewRelations", "RelationBlock"]

EntityBlock: TypeAlias = Sequence[tuple[str, str, Mapping[str, Value]]]  # id, type, properties
RelationBlock: TypeAlias = Sequence[tuple[RelationKey, Mapping[str, Value]]]


class NewEntities:
    """Entities that a store has not, of one source alone; read once, in order.

    Parameters
    ----------
    blocks : iterable
    source : str, optional
        None for what is entered by hand.

    Examples
    --------
    >>> [*NewEntities([[("web", "Service", {})]], "cmdb")]
    [Entity(id='web', type='Service', properties={}, source='cmdb', stated={})]
    """

    def __init__(self, blocks: Iterable[EntityBlock], source: str | None) -> None:
        self.blocks = blocks
        self.source = source

    def through(self, pass_on: Callable[[Iterable[EntityBlock]], Iterable[EntityBlock]]) -> NewEntities:
        """The same, with blocks that something passes on."""
        return NewEntities(pass_on(self.blocks), self.source)

    def __iter__(self) -> Iterator[Entity]:
        for block in self.blocks:
            for id, type, properties in block:
                yield Entity(id, type, properties, self.source)


class NewRelations:
    """Relations that a store has not, likewise.

    Examples
    --------
    >>> [one.key for one in NewRelations([[(("web", "dependsOn", "db"), {})]], "cmdb")]
    [('web', 'dependsOn', 'db')]
    """

    def __init__(self, blocks: Iterable[RelationBlock], source: str | None) -> None:
        self.blocks = blocks
        self.source = source

    def through(self, pass_on: Callable[[Iterable[RelationBlock]], Iterable[RelationBlock]]) -> NewRelations:
        """The same, with blocks that something passes on."""
        return NewRelations(pass_on(self.blocks), self.source)

    def __iter__(self) -> Iterator[Relation]:
        for block in self.blocks:
            for (subject, type, object), properties in block:
                yield Relation(type, subject, object, properties, self.source)
