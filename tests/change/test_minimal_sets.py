"""Minimal sets of changes against every subset tried one by one, on random graphs with groups in groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.change.minimal_sets import Acting, minimal_sets, numbers_in
from graphsms.model import Entity, Relation
from small_estates import AS_OF, Small, small_estates
from snapshot.test_spread import ENGINES, Engine, ids_of, node_of

THOROUGHLY = settings(max_examples=100, deadline=None)


@dataclass(frozen=True)
class Planned:
    """A change: the state that it puts each thing into, and its window."""

    touches: dict[str, int]
    span: tuple[int, int]


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Small, list[Planned]]:
    small = draw(small_estates())
    dice = Random(draw(st.integers(0, 2**32)))
    naive = small.naive()
    able = [id for id in naive.entities if naive.behaviour(id).value == "canFail"]
    planned = []
    for _ in range(dice.randint(1, 6) if able else 0):
        touched = {dice.choice(able): dice.choice([1, 2, 3, 3, 3, 3]) for _ in range(dice.randint(1, 2))}
        begins = dice.randint(0, 4)
        planned.append(Planned(touched, (begins, begins + dice.randint(1, 5))))
    return small, planned


def by_trying_all(small: Small, planned: list[Planned]) -> dict[str, set[frozenset[int]]]:
    """By id, the minimal sets of changes with a common moment that take it down."""
    naive = small.naive()
    found: dict[str, set[frozenset[int]]] = {}
    for size in range(1, len(planned) + 1):
        for chosen in combinations(range(len(planned)), size):
            spans = [planned[number].span for number in chosen]
            if max(since for since, _ in spans) >= min(until for _, until in spans):
                continue
            seeds: dict[str, int] = {}
            for number in chosen:
                for id, state in planned[number].touches.items():
                    seeds[id] = max(state, seeds.get(id, 0))
            for id, state in naive.states(seeds).items():
                smaller = found.setdefault(id, set())
                if state == 3 and not any(one <= set(chosen) for one in smaller):
                    smaller.add(frozenset(chosen))
    return {id: sets for id, sets in found.items() if sets}


@ENGINES
@THOROUGHLY
@given(drawn=schedules())
def test_minimal_sets_are_minimal_and_complete(engine: Engine, drawn: tuple[Small, list[Planned]]) -> None:
    small, planned = drawn
    store = small.store()
    graph = engine(store, AS_OF)
    acting = [
        Acting({node_of(store, graph, id): state for id, state in one.touches.items()}, one.span) for one in planned
    ]
    found = minimal_sets(graph, acting, lambda node: True)
    assert found.beyond is None
    ids = ids_of(store, graph)
    assert {
        ids[node]: {frozenset(numbers_in(one)) for one in found.of[node]} for node in found.services
    } == by_trying_all(small, planned)


@ENGINES
@THOROUGHLY
@given(drawn=schedules())
def test_a_set_of_several_comes_together_at_a_group(engine: Engine, drawn: tuple[Small, list[Planned]]) -> None:
    small, planned = drawn
    store = small.store()
    graph = engine(store, AS_OF)
    acting = [
        Acting({node_of(store, graph, id): state for id, state in one.touches.items()}, one.span) for one in planned
    ]
    found = minimal_sets(graph, acting, lambda node: True)
    naive, ids = small.naive(), ids_of(store, graph)
    for set in {one for node in found.services for one in found.of[node] if one & (one - 1)}:
        together = found.combined(set)
        assert together
        for combined in together:
            members = naive.members(ids[combined.group])
            assert members is not None
            assert {ids[member] for member in combined.lost} <= {*members}
            assert len(combined.lost) > len(members) - naive.minimum(ids[combined.group])
            for smaller in combined.lost.values():
                assert all(one & set == one and one != set for one in smaller)


def k_of_n(members: int, minimum: int) -> tuple[Small, list[Planned]]:
    """A group of which each member is taken down by a change of its own, all at once."""
    names = [f"e{number}" for number in range(members)]
    entities = (
        Entity("web", "Thing"),
        Entity("pool", "Pool", {"minimum": minimum}),
        *(Entity(name, "Thing") for name in names),
    )
    relations = (Relation("needs", "web", "pool"), *(Relation("holds", "pool", name) for name in names))
    return Small(entities, relations, {}), [Planned({name: 3}, (0, 1)) for name in names]


@ENGINES
def test_too_many_sets_are_never_cut_silently(engine: Engine) -> None:
    small, planned = k_of_n(12, 9)
    store = small.store()
    graph = engine(store, AS_OF)
    acting = [Acting({node_of(store, graph, id): 3 for id in one.touches}, one.span) for one in planned]
    web = node_of(store, graph, "web")
    every = minimal_sets(graph, acting, lambda node: node == web)
    assert (len(every.of[web]), every.beyond) == (495, None)  # 4 of 12
    for bounds in ({"most_sets": 100}, {"most_unions": 100}):
        some = minimal_sets(graph, acting, lambda node: node == web, **bounds)
        assert some.beyond is not None
        assert some.beyond <= 4
        assert some.of[web]  # one at least, and all of them right
        assert {*some.of[web]} <= {*every.of[web]}
        assert all(some.combined(set) for set in some.of[web])


@ENGINES
def test_windows_that_only_touch_do_not_overlap(engine: Engine) -> None:
    small, planned = k_of_n(2, 1)
    store = small.store()
    graph = engine(store, AS_OF)
    web = node_of(store, graph, "web")
    for second, expected in (((1, 2), []), ((0, 1), [0b11])):
        acting = [
            Acting({node_of(store, graph, id): 3 for id in one.touches}, span)
            for one, span in zip(planned, ((0, 1), second), strict=True)
        ]
        assert minimal_sets(graph, acting, lambda node: node == web).of.get(web, []) == expected
