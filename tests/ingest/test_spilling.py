"""Mappings, lists and groups that are partly in a file are what they would be in memory."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsms.errors import UnavailableError
from graphsms.ingest import spill_blocks, spill_filter, spilling
from graphsms.ingest.check import Stated
from graphsms.ingest.kinds import relations_with_kinds
from graphsms.ingest.missing import missing_ends
from graphsms.ingest.packing import CHANGES, ENTITIES, RELATIONS
from graphsms.ingest.rest import Rest
from graphsms.ingest.spill_file import ItemCodec, SpillFile, packed, unpacked
from graphsms.ingest.spilled_lists import Groups, SpilledList
from graphsms.ingest.spilling import Spilled, looked_up, pairs
from graphsms.ingest.tabular.cells import SheetOrigin
from graphsms.model import Entity, Origin, Relation, Statement

KEYS = st.integers(0, 12) | st.sampled_from(["a", "b", "Ü", ""]) | st.tuples(st.sampled_from("xyz"), st.just("t"))
STEPS = st.one_of(
    st.tuples(st.just("put"), KEYS, st.none() | st.integers()),
    st.tuples(st.sampled_from(["delete", "look", "many", "read", "copy", "default"]), KEYS, st.none()),
)


@pytest.fixture(autouse=True)
def small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spilling, "BATCH", 3)
        yield


@given(st.integers(0, 4), st.sampled_from([-20, 0, 100]), st.lists(STEPS, max_size=60))
def test_a_mapping_in_a_file_is_a_dictionary(held: int, few: int, steps: list[tuple[str, object, int | None]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill_blocks, "_FEW", few)  # blocks are taken apart early, later, or when something goes
        compare_with_a_dictionary(held, steps)


def compare_with_a_dictionary(held: int, steps: list[tuple[str, object, int | None]]) -> None:
    model: dict[object, int | None] = {}
    mapping: Spilled[object, int | None] = Spilled(held=held)
    left_behind: list[tuple[Spilled[object, int | None], dict[object, int | None]]] = []
    for what, key, value in steps:
        if what == "put":
            model[key] = mapping[key] = value
        elif what == "delete":
            assert (key in mapping) == (key in model)
            if key in model:
                del model[key], mapping[key]
            else:
                with pytest.raises(KeyError):
                    del mapping[key]
        elif what == "look":
            assert mapping.get(key, "none") == model.get(key, "none")
        elif what == "default":
            assert mapping.setdefault(key, 99) == model.setdefault(key, 99)
        elif what == "many":
            wanted = [key, *list(model)[::2]]
            assert looked_up(mapping, wanted) == {one: model[one] for one in wanted if one in model}
        elif what == "read":
            for number, (one, before) in enumerate(pairs(mapping)):
                assert before == model[one]
                model[one] = mapping[one] = number  # what is read may be put anew
        else:
            left_behind.append((mapping, dict(model)))
            mapping = mapping.copy()
        assert len(mapping) == len(model)
    for one, its in [*left_behind, (mapping, model)]:
        assert [*one.items()] == [*its.items()]
        assert [*one] == [*its]


def test_a_filter_that_has_become_too_small_is_made_anew_and_passes_what_it_has_passed() -> None:
    for few in (-100, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(spill_blocks, "_FEW", few)
            patch.setattr(spill_filter, "_BITS", 64)
            mapping: Spilled[int, int] = Spilled(held=5)
            for number in range(100):
                mapping[number] = number
            assert mapping[50] == 50
            mapping.update((number, number) for number in range(100, 200))
            assert looked_up(mapping, range(250)) == {number: number for number in range(200)}


@given(st.integers(0, 5), st.lists(st.integers(), unique=True, max_size=30), st.data())
def test_what_is_taken_out_of_a_mapping_is_not_among_the_rest(held: int, keys: list[int], data: st.DataObject) -> None:
    taken = data.draw(st.lists(st.sampled_from(keys), unique=True) if keys else st.just([]))
    mapping: Spilled[int, str] = Spilled(held=held)
    mapping.update((key, str(key)) for key in keys)
    for whole in (mapping, dict(mapping)):
        rest = Rest(whole)
        for key in taken:
            rest.take(key)
        assert [*rest.items()] == [(key, str(key)) for key in keys if key not in taken]
        assert len(rest) == len(keys) - len(taken)


@given(st.integers(0, 5), st.lists(st.text(max_size=3), max_size=30), st.slices(30))
def test_a_list_in_a_file_is_a_list(held: int, items: list[str], part: slice) -> None:
    found: SpilledList[str] = SpilledList(held=held)
    found.extend(items)
    assert [*found] == items
    assert found[part] == items[part]
    assert [found[number] for number in range(-len(items), len(items))] == items + items


@given(st.integers(0, 5), st.lists(st.tuples(st.sampled_from(["b", "a", "é", "z"]), st.integers(0, 3)), max_size=30))
def test_groups_in_a_file_come_in_the_order_of_their_texts_and_know_which_began_first(
    held: int, items: list[tuple[str, int]]
) -> None:
    groups, model = Groups(held=held), dict[str, list[int]]()
    for text, item in items:
        groups.add(text, item)
        model.setdefault(text, []).append(item)
    assert {text: [*groups.of(text)] for text in model} == model
    assert [*groups] == sorted(model.items())
    assert [text for _, text, _ in sorted(groups.numbered())] == [*model]
    assert bool(groups) == bool(model)


def test_statements_come_back_from_a_file_as_they_were() -> None:
    for place in (Origin("a.yaml", 7), Origin("b.json"), SheetOrigin("c.xlsx", 3, "Servers")):
        entity: Any = ("Server", {"name": "Büro", "tag": ("a", "b"), "minimum": 1}, place)
        relation: Any = ({"strength": "soft"}, place, "Server", None)
        kept: list[tuple[Any, Any, ItemCodec[Any, Any]]] = [
            ("db", entity, ENTITIES),
            (("db", "dependsOn", "srv"), relation, RELATIONS),
        ]
        for key, one, codec in kept:
            assert codec.unpack(codec.pack(key, one)) == (key, one)
            assert [*map(type, codec.unpack(codec.pack(key, one))[1])] == [*map(type, one)]
            again = [one, (*one,), one]  # one object twice, and its equal
            assert codec.unpack_block(codec.pack_block([key] * 3, again)) == ([key] * 3, again)
    said = {"cmdb": Statement("Server", {"name": "db"}), "": Statement("", {})}
    change = (None, Entity("db", "Server", {"name": "db"}, "cmdb", said))
    encode, decode = CHANGES
    assert decode(unpacked(packed(encode(change)))) == change
    edge = (Relation("dependsOn", "a", "b", {}, None, said), None)
    assert decode(unpacked(packed(encode(edge)))) == edge


@given(
    st.sets(st.sampled_from("abcdef")),
    st.lists(st.tuples(st.sampled_from("abcdef"), st.just("t"), st.sampled_from("abcdef")), max_size=12),
    st.data(),
)
def test_what_is_surely_whole_lacks_nothing_and_what_lacks_something_is_not(
    ids: set[str], keys: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    stated = Stated()
    stated.entities.update({id: ("Server", {}, Origin("a")) for id in sorted(ids)})
    before = data.draw(st.integers(0, len(keys)))
    stated.relations.update({key: ({}, Origin("a"), None, None) for key in keys[:before]})
    assert not stated.surely_whole()  # nothing is looked through in memory
    stated.spill()
    stated.relations.update({key: ({}, Origin("a"), None, None) for key in keys[before:]})
    for one in (stated, stated.copy()):
        assert one.surely_whole() == all(end in ids for key in keys for end in (key[0], key[2]))
    lacking = {end for key in keys for end in (key[0], key[2])} - ids
    assert [id for id, _ in missing_ends(stated)] == sorted(lacking)
    for (subject, _, object), _, its, others in relations_with_kinds(stated, {"a": "Known"}):
        expected = dict.fromkeys(ids, "Server")
        assert (its, others) == (
            expected.get(subject, "Known" if subject == "a" else None),
            expected.get(object, "Known" if object == "a" else None),
        )


def test_text_of_a_kind_of_its_own_can_be_kept() -> None:
    class Word(str):
        __slots__ = ()

    globals()["Word"] = Word
    Word.__qualname__ = "Word"
    assert unpacked(packed(("a", Word("b")))) == ("a", "b")


def temporary_files() -> dict[str, Path]:
    """Those of SQLite that this process has open, by the name that they had."""
    found = {}
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that of the folder itself
            found[str(one.readlink())] = one
    return {name: one for name, one in found.items() if "etilqs" in name}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="asks the system which files are open")
def test_a_temporary_file_has_no_name_and_is_nobody_elses() -> None:
    before = temporary_files()
    kept = SpillFile("CREATE TABLE item (data BLOB)")
    kept.run_many("INSERT INTO item VALUES (?)", ((b"x" * 1000,) for _ in range(40_000)))  # more than is held of it
    ((name, file),) = temporary_files().items() - before.items()
    assert name.endswith("(deleted)")
    assert file.stat().st_mode & 0o077 == 0
    assert file.stat().st_size > 10_000_000
    del kept
    assert temporary_files() == before


FULL = """
import resource, signal, sys
from pathlib import Path
from graphsms.errors import UnavailableError
from graphsms.ingest import ingest, reading, spilling
from graphsms.store import open_store
reading.ROOM, spilling.HELD = 1, 10
with open_store(sys.argv[1]) as store:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    try:
        ingest(store, [Path(sys.argv[2])])
    except UnavailableError as error:
        print(error)
    print(store.revision().number)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of the size of files")
def test_a_full_temporary_folder_is_an_error_and_nothing_is_applied(tmp_path: Path) -> None:
    file = tmp_path / "estate.csv"
    rows = (f"srv-{number},Server,{number}{'x' * 3000}" for number in range(9_000))
    file.write_text("\n".join(["id,type,description", *rows]))
    mapping = file.with_name("estate.mapping.yaml")
    mapping.write_text(
        'tables:\n- id: "{id}"\n  type: {column: type, values: {Server: Server}}\n'
        "  columns: {description: description}\n"
    )
    run = [sys.executable, "-c", FULL, str(tmp_path / "estate.db"), str(file)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    message, revision = done.stdout.splitlines()
    assert "temporary folder" in message
    assert "TMPDIR" in message
    assert revision == "0"


def test_an_error_of_the_file_is_ours() -> None:
    with pytest.raises(UnavailableError, match="nothing was changed"):
        SpillFile("no statement")
