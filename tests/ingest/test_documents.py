"""Files that are damaged, hostile or merely odd: a clear fault each, in bounded time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, LocatedList, content_of, line_of, yaml_documents
from graphsms.ingest.jsontext import json_items
from graphsms.store import Store
from graphsms.values import MAX_TEXT
from imported import Write, imported, refused, rules

MILLION_ALIASES = b"entities:\n- &a {id: a, type: Server}\n- [" + b"*a," * 10**6 + b"]\n"
LAUGHS = b"entities:\n- a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"  a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)

BAD = {
    "truncated in a list": (b"entities:\n- {id: a, type: Server\n", "not-yaml", 3),
    "truncated in a quote": (b'entities:\n- id: "a\n  type: Server\n', "not-yaml", 4),
    "wrongly indented": (b"entities:\n- id: a\n   type: Server\n", "not-yaml", 3),
    "latin-1": ("entities:\n- {id: a, type: Server, name: Büro}\n".encode("latin-1"), "not-utf8", 2),
    "utf-16": ("entities:\n- {id: a, type: Server}\n".encode("utf-16"), "not-utf8", 1),
    "a NUL": (b"entities:\n- {id: a, type: Server}\n\0\0\0\n", "nul-character", 3),
    "a control character": (b"entities:\n- {id: a\x07, type: Server}\n", "not-yaml", 2),
    "empty": (b"", "empty-file", 1),
    "only a byte order mark": (b"\xef\xbb\xbf\n", "empty-file", 1),
    "only a comment": (b"# nothing\n", "empty-file", 1),
    "a repeated key": (b"entities:\n- id: a\n  type: Server\n  name: A\n  name: B\n", "duplicate-key", 5),
    "a repeated top-level key": (b"entities: []\nentities: []\n", "duplicate-key", 2),
    "two documents": (b"entities: []\n---\nentities: []\n", "several-documents", 2),
    "an alias of nothing": (b"entities:\n- {id: a, type: *b}\n", "unknown-alias", 2),
    "an alias within itself": (b"entities:\n- &a [*a]\n", "recursive-alias", 2),
    "a million aliases": (MILLION_ALIASES, "too-many-aliases", 3),
    "a billion laughs": (LAUGHS, "too-many-aliases", 8),
    "nested too deeply": (b"entities: " + b"[" * 100_000, "too-deep", 1),
    "a Python object": (b"entities:\n- !!python/object/apply:os.system [echo]\n", "unknown-tag", 2),
    "a key that is a list": (b"entities:\n- {[a]: b}\n", "key-not-text", 2),
    "a template": (b"entities:\n- id: {{ .Values.id }}\n", "key-not-text", 2),
    "a list at the top": (b"- id: a\n", "wrong-form", 1),
    "JSON that is cut": (b'{"entities": [\n{"id": "a", "type": "Server"},\n{"id"', "not-json", 3),
    "JSON with a trailing comma": (b'{"entities": [],}', "not-json", 1),
    "JSON with something behind": (b'{"entities": []}\n{}', "not-json", 2),
    "JSON with a repeated key": (b'{"entities": [\n{"id": "a", "type": "Server", "id": "b"}]}', "duplicate-key", 1),
    "JSON with NaN": (b'{"entities": [{"id": "a", "minimum": NaN}]}', "not-json", 1),
    "JSON with a huge number": (b'{"entities": [{"id": "a", "minimum": ' + b"9" * 5000 + b"}]}", "not-json", 1),
    "JSON nested too deeply": (b'{"entities": ' + b"[" * 100_000, "too-deep", 1),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_one_clear_fault_with_its_line_and_changes_nothing(case: str, store: Store, write: Write) -> None:
    content, rule, line = BAD[case]
    path = write("bad.yaml", content)
    began = time.process_time()
    (fault,) = refused(store, path, format="exchange")
    assert time.process_time() - began < 5
    assert (fault.rule, fault.origin.line, fault.origin.file) == (rule, line, str(path))
    assert fault.message[0].isupper()
    assert fault.message.endswith(".")


@pytest.mark.parametrize("name", ["bad.yaml", "bad.json"])
def test_a_text_without_end_is_a_fault_in_every_format_and_one_just_within_bounds_is_read(
    name: str, store: Store, write: Write
) -> None:
    def entity(length: int, letter: str) -> str:
        return '{"entities": [\n{"id": "a", "type": "Server",\n"name": "' + letter * length + '"}]}'

    for letter in "xé":  # what needs no second look and what does
        (fault,) = refused(store, write(name, entity(MAX_TEXT + 1, letter)))
        assert (fault.rule, fault.field) == ("wrong-value", "name")
        assert fault.message.startswith("has 1,048,577 characters; at most 1,048,576 are kept")
    imported(store, write(name, entity(MAX_TEXT, "x")))


def test_a_byte_order_mark_is_accepted(store: Store, write: Write) -> None:
    assert imported(store, write("bom.yaml", b"\xef\xbb\xbfentities:\n- {id: a, type: Server}\n")).revision == 1


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphsms.ingest.documents.MAX_BYTES", 10)
    path = tmp_path / "large.yaml"
    path.write_bytes(b"x" * 11)
    with pytest.raises(RejectedError) as raised:
        content_of(path)
    assert rules(raised.value.faults) == [("too-large", None)]


def test_a_file_that_is_not_there_is_a_fault(store: Store, tmp_path: Path) -> None:
    (fault,) = refused(store, tmp_path / "none.yaml")
    assert fault.rule == "unreadable"
    assert fault.origin.file.endswith("none.yaml")


def test_keys_and_items_know_their_lines() -> None:
    (found,) = yaml_documents(b"a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n", "x.yaml")
    assert isinstance(found, LocatedDict)
    items = found["b"]
    assert isinstance(items, LocatedList)
    assert [line_of(found, "a"), line_of(found, "b"), line_of(items, 0), line_of(items[1], "d")] == [1, 2, 3, 5]


def test_scalars_stay_what_was_written_and_only_plain_null_is_null() -> None:
    (found,) = yaml_documents(b"[1.10, 007, yes, null, ~, 'null', !!str null, 2026-11-21]", "x.yaml")
    assert found == ["1.10", "007", "yes", None, None, "null", "null", "2026-11-21"]


def test_merge_keys_give_way_to_the_mapping_s_own() -> None:
    text = b"base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\nall: {<<: [*b, *o], x: 9}\n"
    (found,) = yaml_documents(text, "x.yaml")
    assert isinstance(found, dict)
    assert found["all"] == {"x": "9", "y": "2", "z": "4"}


def test_json_items_know_their_lines_wherever_the_list_stands() -> None:
    text = b'{\n "other": {"entities": [0]},\n "entities": [\n  {"id": "a"},\n\n  {"id": "b"}\n ]\n}\n'
    assert [one for one in json_items(text, "x.json", "entities") if one[0] == "entities"][1:] == [
        ("entities", {"id": "a"}, 4),
        ("entities", {"id": "b"}, 6),
    ]
