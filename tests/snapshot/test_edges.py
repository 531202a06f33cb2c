"""Along which edges a state may travel, and when what is live changes: in both engines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphsms.snapshot import arrays, plain
from graphsms.snapshot.carriage import HARD, MEMBER, SOFT
from graphsms.snapshot.validity import microseconds
from graphsms.vocabulary import Behaviour
from small_estates import MOMENTS, Small, small_estates
from snapshot.test_spread import ENGINES, THOROUGHLY, Engine, ids_of


@ENGINES
@THOROUGHLY
@given(small=small_estates(), as_of=st.sampled_from(MOMENTS))
def test_edges_are_the_needs_of_what_is_live(engine: Engine, small: Small, as_of: str) -> None:
    store, naive = small.store(), small.naive(as_of)
    graph = engine(store, as_of)
    ids = ids_of(store, graph)
    expected = []
    for id in naive.entities:
        if naive.behaviour(id) is Behaviour.STAYS_OUT:
            continue
        for other, relation in naive.needs(id):
            concerned = naive.behaviour(id) is Behaviour.IS_CONCERNED
            kind = HARD if concerned or naive.passed(relation, 3) == 3 else SOFT
            expected.append((other, id, MEMBER if naive.is_member_edge(id, relation) else kind))
    found = [(ids[sender], ids[receiver], kind) for sender, receiver, kind in graph.edges_from(sorted(ids))]
    assert sorted(found) == sorted(expected)


@THOROUGHLY
@given(small=small_estates())
def test_what_is_live_changes_only_at_the_moments_that_are_told(small: Small) -> None:
    store = small.store()
    for read in (plain.read, arrays.read):
        told = read(store).moments()
        assert told == sorted(set(told))
        assert set(told) <= {microseconds(moment) for moment in MOMENTS}
    for number, moment in enumerate(MOMENTS):
        earlier = "2025-12-31T23:59:59Z" if number == 0 else MOMENTS[number - 1]
        if _live(small, earlier) != _live(small, moment):
            assert microseconds(moment) in plain.read(store).moments()


def _live(small: Small, as_of: str) -> tuple[object, ...]:
    """What is live, as far as a state could travel by it or somebody expects it."""
    naive = small.naive(as_of)
    return naive.entities, [one for one in naive.relations if one.type != "about"]
