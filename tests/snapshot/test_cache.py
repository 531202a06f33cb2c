"""Which snapshot is taken: of this process, of the disk, refreshed, or streamed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import graphsms.snapshot as snapshots
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.snapshot import arrays, cache, place
from graphsms.snapshot.arrays import ArraySnapshot
from graphsms.snapshot.plain import PlainSnapshot
from memory_store import MemoryStore
from small_estates import VOCABULARY, Small, small_estates


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    snapshots._kept.clear()
    yield
    snapshots._kept.clear()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every graph counts as large."""
    monkeypatch.setattr(snapshots, "SMALL", 0)


def estate(folder: Path | None = None) -> MemoryStore:
    store = MemoryStore(VOCABULARY, str(folder) if folder else None)
    store.apply(
        ChangeSet(
            entities=[Entity("web", "Thing"), Entity("db", "Thing", {"validTo": "2030-01-01T00:00:00Z"})],
            relations=[Relation("needs", "web", "db", {"validFrom": "2020-01-01T00:00:00Z"})],
        )
    )
    return store


def as_another_process(store: MemoryStore) -> ArraySnapshot:
    snapshots._kept.clear()
    found = snapshots.snapshot(store)
    assert isinstance(found, ArraySnapshot)
    return found


def same(one: ArraySnapshot, other: ArraySnapshot) -> bool:
    return (one.revision, one.sources) == (other.revision, other.sources) and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in cache._ARRAYS
    )


def test_a_small_graph_is_plain_and_leaves_no_file(tmp_path: Path) -> None:
    store = estate(tmp_path)
    assert isinstance(snapshots.snapshot(store), PlainSnapshot)
    assert not list(tmp_path.iterdir())


def test_the_same_graph_is_streamed_once(large: None, tmp_path: Path) -> None:
    store = estate()
    assert snapshots.snapshot(store) is snapshots.snapshot(store)
    assert store.streams == 1


def test_another_process_maps_it_from_disk(large: None, tmp_path: Path) -> None:
    store = estate(tmp_path)
    first = snapshots.snapshot(store)
    second = as_another_process(store)
    assert store.streams == 1
    assert second is not first
    assert isinstance(first, ArraySnapshot)
    assert same(second, first)
    assert not second.receivers.flags.writeable


def test_what_changed_since_is_put_on_top(large: None, tmp_path: Path) -> None:
    store = estate(tmp_path)
    snapshots.snapshot(store)
    store.apply(ChangeSet(entities=[Entity("db-2", "Thing")], relations=[Relation("needs", "web", "db-2")]))
    for found in (snapshots.snapshot(store), as_another_process(store)):
        assert isinstance(found, ArraySnapshot)
        assert found.revision == 2
        assert len(found.receivers) == 2
    assert store.streams == 1


def test_the_past_is_streamed_and_not_kept_on_disk(large: None, tmp_path: Path) -> None:
    store = estate(tmp_path)
    store.apply(ChangeSet(removed_entities=["db"]))
    past = snapshots.snapshot(store, at=1)
    assert isinstance(past, ArraySnapshot)
    assert (past.revision, len(past)) == (1, 2)
    assert not list(tmp_path.iterdir())


def test_an_earlier_state_put_back_under_the_same_number_is_not_mistaken(large: None, tmp_path: Path) -> None:
    store = estate(tmp_path)
    snapshots.snapshot(store)
    other = estate(tmp_path)
    other._identity = store.identity
    assert as_another_process(other).revision == 1
    assert other.streams == 1, "its first revision is another one"


def test_an_ontology_has_its_own(large: None, tmp_path: Path) -> None:
    store = estate(tmp_path)
    before = place.cache_file(store)
    object.__setattr__(store.vocabulary, "hash", "another")
    try:
        assert place.cache_file(store) != before
    finally:
        object.__setattr__(store.vocabulary, "hash", "small")


def test_a_folder_that_cannot_be_written_is_no_hindrance(large: None, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert len(as_another_process(estate(file))) == 2
    assert len(as_another_process(estate(file / "below"))) == 2


@pytest.mark.parametrize("kind", ["empty", "cut", "longer", "header", "content", "text"])
def test_a_damaged_file_is_as_if_it_were_not_there(large: None, tmp_path: Path, kind: str) -> None:
    store = estate(tmp_path)
    snapshots.snapshot(store)
    path = place.cache_file(store)
    assert path is not None
    content = path.read_bytes()
    damaged = {
        "empty": b"",
        "cut": content[:-1],
        "longer": content + b"\0",
        "header": content[:20] + bytes([content[20] ^ 1]) + content[21:],
        "content": content[:-1] + bytes([content[-1] ^ 1]),
        "text": b"This is not a snapshot at all.",
    }
    path.write_bytes(damaged[kind])
    assert cache.load(store) is None
    assert len(as_another_process(store)) == 2
    assert store.streams == 2
    assert cache.load(store) is not None, "it is written anew"


@settings(max_examples=50, deadline=None)
@given(small=small_estates())
def test_it_is_read_as_it_was_written(small: Small, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = small.store(folder=str(tmp_path_factory.mktemp("cache")))
    written = arrays.read(store)
    cache.save(written, store, "hash")
    loaded = cache.load(store)
    assert loaded is not None
    assert loaded[1] == "hash"
    assert same(loaded[0], written)
