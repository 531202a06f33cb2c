"""A refreshed snapshot is the one that would be built anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.model import ChangeSet, Entity, Relation
from graphsms.snapshot import arrays
from graphsms.snapshot.arrays import ArraySnapshot
from graphsms.snapshot.refresh import MOST, refreshed
from graphsms.snapshot.validity import microseconds
from memory_store import MemoryStore
from small_estates import AS_OF, MOMENTS, VOCABULARY, Small, entities, relations, small_estates
from told_snapshot import told


@dataclass(frozen=True)
class Edit:
    """Entities to put or remove, then relations to put or remove, all by id."""

    put: tuple[Entity, ...]
    removed: tuple[str, ...]
    connected: tuple[Relation, ...]
    disconnected: tuple[int, ...]
    retypes: bool

    def apply(self, store: MemoryStore) -> None:
        types = {entity.id: entity.type for entity in store.entities()}
        known = types.keys()
        put = {e.id: e if self.retypes else replace(e, type=types.get(e.id, e.type)) for e in self.put}
        gone = tuple(id for id in self.removed if id in known - put.keys())
        left = (known | put.keys()) - set(gone)
        connected = {r.key: r for r in self.connected if {r.subject, r.object} <= left}
        keys = [r.key for r in store.relations() if not {r.subject, r.object} & set(gone)]
        cut = {keys[number % len(keys)] for number in self.disconnected if keys} - connected.keys()
        store.apply(
            ChangeSet(entities=put.values(), relations=connected.values(), removed_entities=gone, removed_relations=cut)
        )


@st.composite
def edits(draw: st.DrawFn, most: int = 14) -> Edit:
    ids = st.integers(0, most).map("e{}".format)
    put = draw(st.lists(ids.flatmap(entities), max_size=4))
    ends = tuple(Entity(f"e{number}", draw(st.sampled_from(["Pool", "Thing"]))) for number in range(most))
    return Edit(
        tuple({entity.id: entity for entity in put}.values()),
        tuple(dict.fromkeys(draw(st.lists(ids, max_size=2)))),
        tuple(draw(st.lists(relations(ends), max_size=6))),
        tuple(draw(st.lists(st.integers(0, 99), max_size=3))),
        draw(st.integers(0, 9)) == 0,
    )


@settings(max_examples=200, deadline=None)
@given(small=small_estates(), changes=st.lists(edits(), min_size=1, max_size=3), at_once=st.booleans())
def test_a_refreshed_snapshot_is_the_one_that_would_be_built_anew(
    small: Small, changes: list[Edit], at_once: bool
) -> None:
    store = small.store()
    snapshot: ArraySnapshot | None = arrays.read(store)
    for number, change in enumerate(changes):
        change.apply(store)
        if at_once and number < len(changes) - 1:
            continue
        assert snapshot is not None
        snapshot = refreshed(snapshot, store)
        if snapshot is None:  # it says so where it cannot
            return
        anew = arrays.read(store)
        assert told(snapshot, store) == told(anew, store)
        for moment in map(microseconds, MOMENTS):
            one, other = snapshot.live(moment), anew.live(moment)
            assert one.live_by_type == other.live_by_type
            assert one.below_minimum == other.below_minimum
            assert one.placeholders == other.placeholders
            assert one.unknown((), ()) == other.unknown((), ())


def estate() -> MemoryStore:
    store = MemoryStore(VOCABULARY)
    store.apply(
        ChangeSet(
            entities=[Entity("web", "Thing"), Entity("db", "Thing"), Entity("pool", "Pool", {"minimum": 1})],
            relations=[Relation("needs", "web", "pool"), Relation("holds", "pool", "db")],
        )
    )
    return store


def test_most_changes_are_patched() -> None:
    store = estate()
    before = arrays.read(store)
    store.apply(
        ChangeSet(
            entities=[Entity("db-2", "Thing"), Entity("db", "Thing", {"lifecycle": "retired"})],
            relations=[Relation("holds", "pool", "db-2")],
            removed_entities=["web"],
        )
    )
    after = refreshed(before, store)
    assert after is not None
    assert told(after, store) == told(arrays.read(store), store)
    assert after.group_members.tolist() == [1]
    assert before.group_members.tolist() == [1], "the snapshot that it was made from is as it was"
    assert len(before) == 3


def test_an_entity_of_another_type_is_no_patch() -> None:
    store = estate()
    before = arrays.read(store)
    store.apply(ChangeSet(entities=[Entity("db", "Box")]))
    assert refreshed(before, store) is None


def test_a_store_that_goes_on_meanwhile_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = estate()
    before = arrays.read(store)
    store.apply(ChangeSet(entities=[Entity("db-2", "Thing")]))
    look_up = store.keys

    def keys_while_another_writes(ids: Sequence[str], at: int | None = None) -> list[int | None]:
        if store.revision().number == 2:
            store.apply(ChangeSet(entities=[Entity("db-3", "Thing")]))
        return look_up(ids, at)

    monkeypatch.setattr(store, "keys", keys_while_another_writes)
    assert refreshed(before, store) is None
    after = refreshed(before, store)
    assert after is not None
    assert after.revision == 3


def test_very_many_changes_are_no_patch() -> None:
    store = estate()
    before = arrays.read(store)
    store.apply(ChangeSet(entities=[Entity(f"thing-{number}", "Thing") for number in range(MOST + 1)]))
    assert refreshed(before, store) is None


def test_what_was_removed_and_comes_again_is_live_again() -> None:
    store = estate()
    snapshot = arrays.read(store)
    store.apply(ChangeSet(removed_entities=["db"]))
    without = refreshed(snapshot, store)
    assert without is not None
    store.apply(ChangeSet(entities=[Entity("db", "Thing")], relations=[Relation("holds", "pool", "db")]))
    again = refreshed(without, store)
    assert again is not None
    assert told(again, store) == told(arrays.read(store), store)
    assert again.live(microseconds(AS_OF)).below_minimum == 0
