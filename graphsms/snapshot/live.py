"""What an analysis reads: the part of the graph that is live at a moment, and how failure spread in it.

Nodes are positions in the snapshot, from 0; the store's own keys lead to entities. There are two
engines behind it, `plain` for small graphs and `compiled` for large ones, and they agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from graphsms.snapshot.carriage import Carriage

__all__ = ["LACKS", "PLACEHOLDER", "STALE", "Group", "LiveGraph", "Need", "Spread"]

# Why it is unknown whether an entity is fine.
PLACEHOLDER: Final = 1  # referred to, never described
LACKS: Final = 2  # without a relation that its type expects
STALE: Final = 4  # from a source not imported for longer than it counts as fresh


@dataclass(frozen=True, slots=True)
class Spread:
    """The nodes with a state worse than ok, in no particular order; seeds and those concerned are among them.

    Parameters
    ----------
    nodes, states, heights : sequence of int
        Parallel. The height of a seed that stayed as it was seeded is 0; any other node's is one more
        than the least number of rounds after which those derived so far explain its state. Neither
        states nor heights depend on the order of edges.
    """

    nodes: Sequence[int]
    states: Sequence[int]
    heights: Sequence[int]


@dataclass(frozen=True, slots=True)
class Need:
    """A direct need that explains a state: the node, by which relation (code), and whether as a member of a group."""

    node: int
    relation: int
    member: bool


@dataclass(frozen=True, slots=True)
class Group:
    """How many members a group has that are live, and how many of them it needs."""

    members: int
    minimum: int


class LiveGraph(Protocol):
    """The graph at one revision, without what is not live at a moment."""

    @property
    def revision(self) -> int: ...

    @property
    def carriage(self) -> Carriage: ...

    @property
    def sources(self) -> Sequence[str]:
        """Names of the sources; a node's is a position in it."""

    @property
    def live_by_type(self) -> Sequence[int]:
        """How many live entities there are, by code of the type."""

    @property
    def placeholders(self) -> int:
        """How many live entities are only referred to."""

    @property
    def below_minimum(self) -> int:
        """How many live groups have fewer live members than they need."""

    def node(self, key: int) -> int | None:
        """The node of the entity with that key of the store."""

    def key(self, node: int) -> int: ...

    def type(self, node: int) -> int:
        """Code of the type of a node."""

    def is_live(self, node: int) -> bool: ...

    def group(self, node: int) -> Group | None:
        """What a group needs; None for what is no group."""

    def edges_from(self, nodes: Collection[int]) -> Iterator[tuple[int, int, int]]:
        """Along which nodes pass their state on between what is live: sender, receiver, and what the sender is to it
        (`carriage.HARD`, ``SOFT``, ``MEMBER``)."""

    def spread(self, seeds: Mapping[int, int], held: Mapping[int, int] | None = None) -> Spread:
        """The least fixed point from seeds (node → state); those not live seed nothing. What is ``held`` is in its
        state, and goes on from that, whatever it needs and is seeded with: from what is held as ok nothing goes on."""

    def reasons(self, spread: Spread) -> Iterable[list[Need]]:
        """For each node of a spread, in its order, the direct needs of smaller height that explain its state.

        Of a group: the members lost, where so many are lost that it is in its state for that, or where
        losing one is enough. A seed that stayed as it was seeded has none.
        """

    def unknown(self, hit: Collection[int], stale: Collection[int]) -> dict[int, int]:
        """How many live entities that can fail are not hit and unknown, by the sum of the causes.

        ``stale`` are the sources (positions) past their freshness.
        """

    def unknown_nodes(self, hit: Collection[int], stale: Collection[int]) -> Iterator[tuple[int, int]]:
        """The same one by one: node and sum of the causes."""

    def missing(self, node: int) -> tuple[str, ...]:
        """The relations that an entity of its type is expected to have, and a node has not."""
