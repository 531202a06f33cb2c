"""A file that is too large to be held is read as one that is held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsms.errors import RejectedError
from graphsms.ingest import large_text
from graphsms.ingest.jsontext import json_elements, json_items
from graphsms.model import Fault
from graphsms.store import Store
from imported import Write, imported, refused

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=10,
)
DOCUMENTS = st.dictionaries(st.sampled_from(["entities", "a", "ü"]), VALUES | st.lists(VALUES, max_size=6), max_size=3)


@pytest.fixture
def every_file_is_large() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_text, "_LARGE", -1)
        patch.setattr(large_text, "_BLOCK", 7)
        yield


def read(content: bytes | Iterator[str]) -> tuple[list[object], tuple[Fault, ...]]:
    """All items up to the first fault, and that."""
    found: list[object] = []
    try:
        found.extend(json_items(content, "x.json", "entities"))
    except RejectedError as error:
        return found, error.faults
    return found, ()


@given(DOCUMENTS, st.sampled_from([None, 1]), st.integers(1, 40), st.data())
def test_json_in_blocks_says_what_it_says_whole_and_so_do_its_faults(
    document: dict[str, object], indent: int | None, size: int, data: st.DataObject
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    cut = data.draw(st.integers(0, len(text)))
    more = data.draw(st.sampled_from(["", "", " ", "x", '"', "}", "[1", "tru"]))
    for one in (text, text[:cut] + more, text[:cut] + more + text[cut:]):
        blocks = (one[start : start + size] for start in range(0, len(one), size))
        assert read(blocks) == read(one.encode())


def test_an_array_in_blocks_has_its_lines() -> None:
    text = '[{"pk": 1},\n {"pk": 22}\n,3]'
    assert [*json_elements(iter(text), "x.json")] == [({"pk": 1}, 1), ({"pk": 22}, 2), (3, 3)]


ENTITIES = [
    {"id": "web", "type": "Service", "name": "Büro – Web", "dependsOn": ["srv", {"to": "net", "strength": "soft"}]},
    {"id": "srv", "type": "Server", "tag": ["a", "b"]},
    {"id": "net", "type": "Server"},
]


@pytest.mark.usefixtures("every_file_is_large")
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("name", ["estate.json", "estate.yaml"])
def test_a_large_file_is_imported_block_by_block(store: Store, write: Write, name: str, mark: str) -> None:
    text = json.dumps({"entities": ENTITIES}, indent=1, ensure_ascii=False)
    content = text if name.endswith("json") else "# yaml\n" + text
    verdict = imported(store, write(name, mark + content), format="exchange")
    assert (verdict.created.entities, verdict.created.relations) == (3, 2)
    web = store.entity("web")
    assert web is not None
    assert web.name == "Büro – Web"


@pytest.mark.usefixtures("every_file_is_large")
@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b'{"entities": [\n{"id": "a", "name": "\xff"}]}', "not-utf8", 2),
        (b'{"entities": [\n\n{"id": "a\0"}]}', "nul-character", 3),
        (b"\xff\xfe{\0", "not-utf8", 1),
        (b" \n \n", "empty-file", 1),
        (b'{"entities": [\n{"id": "a", "type": "Server"},\n{"id": "b" "type": "Server"}]}', "not-json", 3),
        (b'entities:\n- {id: a, type: Server}\n- {id: "b\n', "not-yaml", 4),
        (b"entities:\n- {id: a, type: Server}\n- {id: \x01, type: Server}\n", "not-yaml", 3),
    ],
)
def test_what_is_wrong_with_a_large_file_is_said_with_its_line(
    store: Store, write: Write, content: bytes, rule: str, line: int
) -> None:
    faults = refused(store, write("estate.json" if b"{" in content[:3] else "estate.yaml", content), format="exchange")
    assert [(one.rule, one.origin.line) for one in faults] == [(rule, line)]


def test_a_small_file_is_no_large_one(tmp_path: Path) -> None:
    file = tmp_path / "estate.json"
    file.write_text("{}")
    assert not large_text.is_large(file)
    assert not large_text.is_large(tmp_path / "missing.json")
