"""Both engines against the rule of states, on random nested groups with cycles, soft and hard, live and not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.model import Entity, Relation
from graphsms.snapshot import arrays, plain
from graphsms.snapshot.live import LACKS, PLACEHOLDER, STALE, LiveGraph
from graphsms.snapshot.validity import microseconds
from memory_store import MemoryStore
from small_estates import AS_OF, MOMENTS, Small, small_estates, with_minimum

Engine = Callable[[MemoryStore, str], LiveGraph]
Answer = dict[str, tuple[int, int, frozenset[str]]]


def plainly(store: MemoryStore, as_of: str = AS_OF) -> LiveGraph:
    return plain.read(store).live(microseconds(as_of))


def compiled(store: MemoryStore, as_of: str = AS_OF) -> LiveGraph:
    return arrays.read(store).live(microseconds(as_of))


ENGINES = pytest.mark.parametrize("engine", [plainly, compiled])
THOROUGHLY = settings(max_examples=100, deadline=None)


def ids_of(store: MemoryStore, graph: LiveGraph) -> dict[int, str]:
    return {node: id for id in (e.id for e in store.entities()) if (node := node_of(store, graph, id)) is not None}


def node_of(store: MemoryStore, graph: LiveGraph, id: str) -> int:
    key = store.keys([id])[0]
    assert key is not None
    node = graph.node(key)
    assert node is not None
    assert graph.key(node) == key
    return node


def answer(
    engine: Engine,
    small: Small,
    as_of: str = AS_OF,
    packed_text: bool = False,
    held: Mapping[str, int] | None = None,
) -> Answer:
    """State, height and reasons of everything hit, by id."""
    store = small.store(packed_text=packed_text)
    graph = engine(store, as_of)
    seeds = {node_of(store, graph, id): state for id, state in small.live_seeds(as_of).items()}
    ids = ids_of(store, graph)
    fixed = {node_of(store, graph, id): state for id, state in (held or {}).items()}
    found = graph.spread(seeds, fixed)
    return {
        ids[node]: (state, height, frozenset(ids[need.node] for need in needs))
        for node, state, height, needs in zip(
            found.nodes, found.states, found.heights, graph.reasons(found), strict=True
        )
    }


@ENGINES
@THOROUGHLY
@given(small=small_estates(), packed_text=st.booleans(), as_of=st.sampled_from(MOMENTS))
def test_states_heights_and_reasons_are_those_of_the_rule(
    engine: Engine, small: Small, packed_text: bool, as_of: str
) -> None:
    naive, seeds = small.naive(as_of), small.live_seeds(as_of)
    states = naive.states(seeds)
    heights = naive.heights(states, seeds)
    expected = {id: (state, heights[id], frozenset(naive.through(id, states, heights))) for id, state in states.items()}
    assert answer(engine, small, as_of, packed_text) == expected


@ENGINES
@THOROUGHLY
@given(small=small_estates(), numbers=st.sets(st.integers(0, 11), max_size=4))
def test_what_is_left_out_stays_as_it_is_and_passes_nothing_on(engine: Engine, small: Small, numbers: set[int]) -> None:
    without = frozenset(small.entities[number % len(small.entities)].id for number in numbers)
    naive = small.naive()
    seeds = {id: state for id, state in small.live_seeds().items() if id not in without}
    states = naive.states(small.live_seeds(), dict.fromkeys(without, 0))
    heights = naive.heights(states, seeds)
    expected = {id: (state, heights[id], frozenset(naive.through(id, states, heights))) for id, state in states.items()}
    assert answer(engine, small, held=dict.fromkeys(without, 0)) == expected


@ENGINES
@THOROUGHLY
@given(small=small_estates(), levels=st.dictionaries(st.integers(0, 11), st.integers(0, 3), max_size=4))
def test_what_is_held_is_in_its_state_whatever_it_needs_and_goes_on_from_there(
    engine: Engine, small: Small, levels: dict[int, int]
) -> None:
    naive, seeds = small.naive(), small.live_seeds()
    able = sorted(id for id in naive.entities if naive.behaviour(id).value == "canFail")
    held = {able[number % len(able)]: level for number, level in levels.items()} if able else {}
    states = naive.states(seeds, held)
    heights = naive.heights(states, {**seeds, **held})
    expected = {id: (state, heights[id], frozenset(naive.through(id, states, heights))) for id, state in states.items()}
    assert answer(engine, small, held=held) == expected
    assert {id: states.get(id, 0) for id in held} == held


@ENGINES
@THOROUGHLY
@given(small=small_estates(), shuffled=st.randoms(use_true_random=False))
def test_the_order_of_edges_does_not_matter(engine: Engine, small: Small, shuffled: object) -> None:
    edges = list(small.relations)
    shuffled.shuffle(edges)  # type: ignore[attr-defined]
    assert answer(engine, small) == answer(engine, Small(small.entities, tuple(edges), small.seeds))


@ENGINES
@THOROUGHLY
@given(small=small_estates(), more=st.dictionaries(st.integers(0, 11), st.integers(1, 3), max_size=3))
def test_more_or_worse_seeds_never_heal_anything(engine: Engine, small: Small, more: dict[int, int]) -> None:
    worse = dict(small.seeds)
    for number, state in more.items():
        id = small.entities[number % len(small.entities)].id
        worse[id] = max(worse.get(id, 0), state)
    before = answer(engine, small)
    after = answer(engine, Small(small.entities, small.relations, worse))
    assert all(after[id][0] >= state for id, (state, _, _) in before.items())


@ENGINES
@THOROUGHLY
@given(small=small_estates(), which=st.integers(0, 11), minimums=st.tuples(st.integers(0, 4), st.integers(0, 4)))
def test_raising_a_minimum_never_shrinks_what_is_hit(
    engine: Engine, small: Small, which: int, minimums: tuple[int, int]
) -> None:
    pools = [entity.id for entity in small.entities if entity.type == "Pool"]
    if not pools:
        return
    pool = pools[which % len(pools)]
    low = answer(engine, with_minimum(small, pool, min(minimums)))
    high = answer(engine, with_minimum(small, pool, max(minimums)))
    assert all(high[id][0] >= state for id, (state, _, _) in low.items())


@ENGINES
@THOROUGHLY
@given(small=small_estates())
def test_every_hit_is_justified_by_what_it_was_hit_through_and_that_leads_to_the_seeds(
    engine: Engine, small: Small
) -> None:
    naive, seeds = small.naive(), small.live_seeds()
    found = answer(engine, small)
    for id, (state, height, through) in found.items():
        if seeds.get(id) == state:
            assert not through
            continue
        assert naive.rule(id, {other: found[other][0] for other in through}) >= state
        assert all(found[other][1] < height for other in through)


@ENGINES
@THOROUGHLY
@given(small=small_estates(most=6))
def test_nothing_fails_without_a_seed(engine: Engine, small: Small) -> None:
    assert answer(engine, Small(small.entities, small.relations, {})) == {}


@ENGINES
@THOROUGHLY
@given(small=small_estates(), stale=st.sets(st.sampled_from(["", "files", "cloud"])), as_of=st.sampled_from(MOMENTS))
def test_what_is_not_known_to_be_fine_is_counted_and_can_be_had(
    engine: Engine, small: Small, stale: set[str], as_of: str
) -> None:
    store = small.store()
    graph = engine(store, as_of)
    seeds = {node_of(store, graph, id): state for id, state in small.live_seeds(as_of).items()}
    hit = frozenset(graph.spread(seeds).nodes)
    past = frozenset(number for number, name in enumerate(graph.sources) if name in stale)
    ids = ids_of(store, graph)
    names = {PLACEHOLDER: "placeholder", LACKS: "missing relation", STALE: "stale source"}
    one_by_one = dict(graph.unknown_nodes(hit, past))
    found = {ids[node]: {name for bit, name in names.items() if causes & bit} for node, causes in one_by_one.items()}
    naive = small.naive(as_of)
    assert found == naive.unknown({ids[node] for node in hit}, stale)
    assert {ids[node]: set(graph.missing(node)) for node in one_by_one} == {id: naive.missing(id) for id in found}
    counts: dict[int, int] = {}
    for causes in one_by_one.values():
        counts[causes] = counts.get(causes, 0) + 1
    assert graph.unknown(hit, past) == counts


@THOROUGHLY
@given(small=small_estates(), as_of=st.sampled_from(MOMENTS))
def test_both_engines_count_the_same(small: Small, as_of: str) -> None:
    store = small.store()
    one, other = plainly(store, as_of), compiled(store, as_of)
    for graph in (one, other):
        assert sum(graph.live_by_type) == len(small.naive(as_of).entities)
    assert list(one.live_by_type) == list(other.live_by_type)
    assert one.placeholders == other.placeholders
    assert one.below_minimum == other.below_minimum
    for entity in small.entities:
        nodes = [node_of(store, graph, entity.id) for graph in (one, other)]
        assert one.is_live(nodes[0]) == other.is_live(nodes[1])
        assert one.group(nodes[0]) == other.group(nodes[1])


@ENGINES
@settings(max_examples=30, deadline=None)
@given(members=st.integers(30, 80), minimum=st.integers(1, 80), lost=st.integers(0, 80), degraded=st.integers(0, 80))
def test_a_group_that_can_spare_many_counts_them_all(
    engine: Engine, members: int, minimum: int, lost: int, degraded: int
) -> None:
    all = (
        Entity("pool", "Pool", {"minimum": minimum}),
        Entity("web", "Thing"),
        *(Entity(f"e{number}", "Thing") for number in range(members)),
    )
    edges = [Relation("holds", "pool", f"e{number}") for number in range(members)]
    seeds = {f"e{number}": 3 if number < lost else 2 for number in range(min(members, lost + degraded))}
    small = Small(all, (*edges, Relation("needs", "web", "pool")), seeds)
    naive = small.naive()
    expected = naive.states(seeds)
    for _ in range(2):
        assert {id: state for id, (state, _, _) in answer(engine, small).items()} == expected


@ENGINES
@pytest.mark.parametrize("others", [0, 1800])
@settings(max_examples=60, deadline=None)
@given(small=small_estates())
def test_one_question_leaves_nothing_behind_for_the_next(engine: Engine, others: int, small: Small) -> None:
    # Among many others the compiled engine goes back over what it touched; among few it starts afresh.
    more = tuple(Entity(f"other-{number}", "Thing") for number in range(others))
    store = Small(small.entities + more, small.relations, small.seeds).store()
    graph = engine(store, AS_OF)
    seeds = {node_of(store, graph, id): state for id, state in small.live_seeds().items()}
    other = dict.fromkeys(seeds, 3)
    first = graph.spread(seeds)
    reasons = list(graph.reasons(first))
    list(graph.reasons(graph.spread(other, dict.fromkeys(list(other)[:1], 0))))
    second = graph.spread(seeds)
    assert second == first
    assert list(graph.reasons(second)) == reasons


@ENGINES
def test_of_two_ways_to_lose_redundancy_the_shorter_one_explains(engine: Engine) -> None:
    # d0 <- d1 <- d2 are down in turn, and late loses d2; early loses g, which is degraded from the start.
    all = tuple(Entity(id, "Pool" if id in ("early", "late") else "Thing", {"minimum": 1}) for id in
                ("d0", "d1", "d2", "g", "x", "y", "early", "late", "top"))  # fmt: skip
    edges = [("d1", "needs", "d0"), ("d2", "needs", "d1"), ("late", "holds", "d2"), ("late", "holds", "x")]
    edges += [("early", "holds", "g"), ("early", "holds", "y"), ("top", "needs", "late"), ("top", "needs", "early")]
    small = Small(all, tuple(Relation(type, subject, object) for subject, type, object in edges), {"d0": 3, "g": 2})
    found = answer(engine, small)
    assert found["late"] == (1, 3, frozenset({"d2"}))
    assert found["early"] == (1, 1, frozenset({"g"}))
    assert found["top"] == (1, 2, frozenset({"early"}))
