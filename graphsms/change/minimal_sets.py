"""Which sets of changes take something down that no part of them does: the kernel of conflicts between changes.

Changes are numbered, and a set of them is a number with their bits. What is down because of a set is the least fixed
point of the rule of states (see ``docs/decisions/`` on the one rule), and grows with the set; so it is enough to know
the *minimal* sets.

A set of two or more that is minimal for a node follows from smaller ones at some redundancy group: somewhere on the
way it takes down a group whose lost members have smaller minimal sets, of which it is the union. So the sets to try are
unions of those known at the members of groups, from small to large, and each is tried by spreading failure from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from graphsms.snapshot.carriage import DOWN, MEMBER
from graphsms.snapshot.live import LiveGraph
from graphsms.snapshot.validity import Interval

__all__ = ["MOST_SETS", "MOST_UNIONS", "Acting", "Combined", "MinimalSets", "minimal_sets", "numbers_in"]

MOST_SETS: Final = 20_000
MOST_UNIONS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Acting:
    """A change: the nodes that it puts into a state, and from when until when."""

    seeds: Mapping[int, int]
    span: Interval


@dataclass(frozen=True, slots=True)
class Combined:
    """A group that a set takes down together: its node, and for each member lost the smaller sets that lose it."""

    group: int
    lost: Mapping[int, tuple[int, ...]]


@dataclass(slots=True)
class MinimalSets:
    """What was found.

    Parameters
    ----------
    of : mapping
        By node, its minimal sets; of services, and of groups that can spare members and of their members.
    services : list of int
        The nodes of services that are down because of some set.
    tried : int
        For how many sets failure was spread.
    beyond : int, optional
        Sets of so many and more were not all looked for, since there are too many; None where all were.
    """

    of: dict[int, list[int]] = field(default_factory=dict)
    services: list[int] = field(default_factory=list)
    tried: int = 0
    beyond: int | None = None
    _sparing: Mapping[int, tuple[int, Sequence[int]]] = field(default_factory=dict)
    _groups: dict[int, list[int]] = field(default_factory=dict)

    def combined(self, set: int) -> list[Combined]:
        """The groups at which smaller sets come together to one that is minimal for the group."""
        found = []
        for group in self._groups.get(set, ()):
            spare, members = self._sparing[group]
            lost = {
                member: smaller
                for member in members
                if (smaller := tuple(one for one in self.of.get(member, ()) if one & set == one and one != set))
            }
            if len(lost) > spare:
                found.append(Combined(group, lost))
        return found


def numbers_in(set: int) -> list[int]:
    """The numbers of the changes in a set.

    Examples
    --------
    >>> numbers_in(0b1010)
    [1, 3]
    """
    return [number for number in range(set.bit_length()) if set >> number & 1]


def minimal_sets(
    graph: LiveGraph,
    changes: Sequence[Acting],
    is_service: Callable[[int], bool],
    *,
    most_sets: int = MOST_SETS,
    most_unions: int = MOST_UNIONS,
) -> MinimalSets:
    """The minimal sets of changes, having a moment in common, that take each service down.

    Parameters
    ----------
    graph : LiveGraph
    changes : sequence of Acting
    is_service : callable
        Whether a node is one of those asked about.
    most_sets, most_unions : int
        How many sets are tried, and how many unions are formed, before larger sets are given up.

    Returns
    -------
    MinimalSets
        Exact, as far as it does not say otherwise.

    Notes
    -----
    One spread for each change, one for each largest set of changes that have a moment in common, and one for each set
    that is tried; nearly all sets that are tried are answers. There can be as many answers as there are subsets (a
    group that can spare half of its members, each lost to a change of its own), so both numbers are bounded; sets are
    found from small to large, and ``beyond`` says from which size on they are not complete. Of services that go down
    when all changes of some moment act there is then one set all the same, found by leaving out one after the other, as
    far as as many tries again allow.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms.snapshot import live_graph
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("shop", "Service"), graphsms.Entity("lbs", "RedundancyGroup", {"minimum": 1}),
    ...                   graphsms.Entity("lb-1", "Application"), graphsms.Entity("lb-2", "Application")],
    ...         relations=[graphsms.Relation("dependsOn", "shop", "lbs"), graphsms.Relation("hasMember", "lbs", "lb-1"),
    ...                    graphsms.Relation("hasMember", "lbs", "lb-2")],
    ...     ))
    ...     graph = live_graph(g.store, "2026-11-21T00:00:00Z")
    ...     shop, one, two = map(graph.node, g.store.keys(["shop", "lb-1", "lb-2"]))
    ...     changes = [Acting({one: 3}, (0, 2)), Acting({two: 3}, (1, 3))]
    ...     [numbers_in(set) for set in minimal_sets(graph, changes, lambda node: node == shop).of[shop]]
    [[0, 1]]
    """
    return _Search(graph, changes, is_service, most_sets, most_unions).found()


class _Search:
    def __init__(
        self,
        graph: LiveGraph,
        changes: Sequence[Acting],
        is_service: Callable[[int], bool],
        most_sets: int,
        most_unions: int,
    ) -> None:
        self._graph = graph
        self._changes = changes
        self._sparing = _sparing(graph, changes)
        self._groups_of: dict[int, list[int]] = {}
        for group, (_, members) in self._sparing.items():
            for member in members:
                self._groups_of.setdefault(member, []).append(group)
        self._is_service = is_service
        self._matters: dict[int, bool] = {}
        self._most_sets = most_sets
        self._unions_left = most_unions
        self._first_spans = {1 << number: change.span for number, change in enumerate(changes)}
        self._spans = dict(self._first_spans)
        self._result = MinimalSets(_sparing=self._sparing)

    def found(self) -> MinimalSets:
        for number in range(len(self._changes)):
            self._keep(1 << number)
        groups = self._ever_down()
        if groups:
            self._grow(groups)
        if self._result.beyond is not None:
            self._at_least_one()
        of = self._result.of
        self._result.services = [node for node in of if self._is_service(node)]
        return self._result

    def _at_least_one(self) -> None:
        """Where sets were given up: one for each node that all changes of a moment take down and that has none yet."""
        for together in list(_together(self._first_spans)):
            ahead = [node for node in self._down(together) if self._is_service(node)]
            for node in ahead:
                if self._follows(node, together):
                    continue
                if self._result.tried > 2 * self._most_sets:
                    return
                set = together
                for number in numbers_in(together):
                    less = set & ~(1 << number)
                    if node in self._down(less):
                        set = less
                smaller = {each for number in numbers_in(set) for each in self._down(set & ~(1 << number))}
                for each in self._down(set):
                    # What no part of it takes down is taken down by all of it alone.
                    if each not in smaller and not self._follows(each, set):
                        self._result.of.setdefault(each, []).append(set)
                        if each in self._sparing:
                            self._result._groups.setdefault(set, []).append(each)

    # ------------------------------------------------------------------------------ trying a set

    def _keep(self, set: int) -> bool:
        """Try a set, and note it at each node that it is minimal for. Smaller ones are all known by then."""
        found = False
        for node in self._down(set):
            if not self._follows(node, set):
                self._result.of.setdefault(node, []).append(set)
                found = True
                if node in self._sparing:
                    self._result._groups.setdefault(set, []).append(node)
        return found

    def _follows(self, node: int, set: int) -> bool:
        """Whether a smaller set takes the node down."""
        size = set.bit_count()
        for one in self._result.of.get(node, ()):  # from small to large
            if one & set == one:
                return True
            if one.bit_count() >= size:
                return False
        return False

    def _down(self, set: int) -> list[int]:
        """What a set takes down, of services, groups that can spare members, and members of those."""
        self._result.tried += 1
        seeds: dict[int, int] = {}
        for number in numbers_in(set):
            for node, state in self._changes[number].seeds.items():
                seeds[node] = max(state, seeds.get(node, 0))
        spread = self._graph.spread(seeds)
        matters = self._matters
        down = []
        for node, state in zip(spread.nodes, spread.states, strict=True):
            if state == DOWN:
                answers = matters.get(node)
                if answers is None:
                    answers = node in self._groups_of or node in self._sparing or self._is_service(node)
                    matters[node] = answers
                if answers:
                    down.append(node)
        return down

    def _ever_down(self) -> list[int]:
        """The groups that can spare members and are down when all changes of some moment act: no others ever are."""
        found = {
            node
            for set in _together(self._first_spans)
            if set & (set - 1)
            for node in self._down(set)
            if node in self._sparing
        }
        return sorted(found)

    # -------------------------------------------------------------------------------- larger sets

    def _grow(self, groups: Sequence[int]) -> None:
        size = 2
        while True:
            tries: dict[int, None] = {}
            larger = False
            try:
                for group in groups:
                    more, unions = self._unions(group, size)
                    larger = larger or more
                    for set in unions:
                        if set.bit_count() == size and not self._follows(group, set):
                            tries[set] = None
            except _TooManyError:
                self._result.beyond = size
                return
            for set in sorted(tries):
                if self._result.tried >= self._most_sets:
                    self._result.beyond = size
                    return
                larger = self._keep(set) or larger  # what it takes down may be a member of another group
            if not larger:
                return
            size += 1

    def _unions(self, group: int, most: int) -> tuple[bool, Iterable[int]]:
        """The sets of at most so many changes by which a group loses more members than it can spare, and whether
        there may be larger ones."""
        spare, members = self._sparing[group]
        losing: list[dict[int, None]] = [{0: None}, *({} for _ in range(spare + 1))]
        larger = False
        lost = 0
        for member in members:
            sets = self._result.of.get(member)
            if not sets:
                continue
            lost += 1
            for count in range(min(spare, lost - 1), -1, -1):
                following = losing[count + 1]
                for one in losing[count]:
                    for other in sets:
                        union = self._union(one, other)
                        if union is None or union in following:
                            continue
                        if union.bit_count() > most:
                            larger = larger or not self._follows(group, union)
                        else:
                            following[union] = None
        return larger and lost > spare, losing[spare + 1]

    def _union(self, one: int, other: int) -> int | None:
        """Both sets together; None where they have no moment in common."""
        union = one | other
        if union in (one, other):
            return union
        self._unions_left -= 1
        if self._unions_left < 0:
            raise _TooManyError
        if one:
            (since, until), (begins, ends) = self._spans[one], self._spans[other]
            span = max(since, begins), min(until, ends)
            if span[0] >= span[1]:
                return None
            self._spans[union] = span
        return union


def _sparing(graph: LiveGraph, changes: Sequence[Acting]) -> dict[int, tuple[int, list[int]]]:
    """Of each group that can spare members: how many, and those of them that go down when all changes act."""
    seeds: dict[int, int] = {}
    for change in changes:
        for node, state in change.seeds.items():
            seeds[node] = max(state, seeds.get(node, 0))
    spread = graph.spread(seeds)
    down = [node for node, state in zip(spread.nodes, spread.states, strict=True) if state == DOWN]
    found: dict[int, tuple[int, list[int]]] = {}
    for member, receiver, kind in graph.edges_from(down):
        if kind != MEMBER:
            continue
        if receiver not in found:
            group = graph.group(receiver)
            found[receiver] = (max(0, group.members - group.minimum) if group else 0, [])
        found[receiver][1].append(member)
    return {group: (spare, members) for group, (spare, members) in found.items() if spare}


class _TooManyError(Exception):
    """There are more unions than were to be formed."""


def _together(spans: Mapping[int, Interval]) -> Iterator[int]:
    """The largest sets of changes that have a moment in common."""
    bounds = sorted(
        [(span[0], 1, set) for set, span in spans.items()] + [(span[1], 0, set) for set, span in spans.items()]
    )
    active, grown = 0, False
    for _, begins, set in bounds:  # at one moment ends come first: windows that only touch have none in common
        if begins:
            active, grown = active | set, True
        else:
            if grown:
                yield active
            active, grown = active & ~set, False
