"""A refreshed snapshot is the one that would be built anew."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.model import ChangeSet, Entity, Relation
from graphsms.snapshot import arrays
from graphsms.snapshot.arrays import ArraySnapshot
from graphsms.snapshot.refresh import MOST, refreshed
from graphsms.snapshot.validity import microseconds
from memory_store import MemoryStore
from small_edits import Edit, edits
from small_estates import AS_OF, VOCABULARY, Small, small_estates
from told_snapshot import assert_the_same, told


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
        assert_the_same(snapshot, arrays.read(store), store)


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
