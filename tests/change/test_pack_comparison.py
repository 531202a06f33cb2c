"""Two packs beside each other: new, gone, worse, and nothing where nothing differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.change.decisions import read_basis
from graphsms.change.pack.comparison import Comparison, compare
from graphsms.errors import InputError
from graphsms.graph import Graph


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graphsms.open(tmp_path / "estate.db") as opened:
        opened.apply(
            ChangeSet(
                [
                    Entity("rfc-1", "RequestForChange", {"name": "New disks", "changeStatus": "assessed"}),
                    Entity("db-1", "Database"),
                    Entity("db-2", "Database"),
                    Entity("dbs", "RedundancyGroup", {"minimum": 1}),
                    Entity("web", "Service", {"name": "Web shop"}),
                    Entity("archive", "Service"),
                ],
                [
                    Relation("touches", "rfc-1", "db-1", {"mode": "outage"}),
                    Relation("hasMember", "dbs", "db-1"),
                    Relation("hasMember", "dbs", "db-2"),
                    Relation("dependsOn", "web", "dbs"),
                    Relation("dependsOn", "archive", "db-1"),
                ],
            )
        )
        yield opened


def written(graph: Graph, name: str, folder: Path) -> Path:
    path = folder / name
    graph.change.pack("rfc-1").write(path)
    return path


def told(found: Comparison) -> set[tuple[str, str, str]]:
    return {(one.kind, one.what, one.id) for one in found.differences}


def test_nothing_differs_between_the_forms_of_one_pack(graph: Graph, tmp_path: Path) -> None:
    found = compare(written(graph, "a.html", tmp_path), written(graph, "a.json", tmp_path))
    assert (found.differences, found.inputs, found.notes) == ((), (), ())
    assert found.sentence() == "Both say the same."


def test_another_revision_that_changes_nothing_in_it_is_told_and_is_no_difference(graph: Graph, tmp_path: Path) -> None:
    before = written(graph, "before.json", tmp_path)
    graph.apply(ChangeSet([Entity("elsewhere", "Site")]))
    found = compare(before, written(graph, "after.json", tmp_path))
    assert {one.id for one in found.inputs} - {"as_of"} == {"revision", "revision_hash", "recorded"}
    assert told(found) == set()
    assert "Both say the same, though made of another revision" in found.sentence()


def test_what_is_new_gone_and_worse_is_told(graph: Graph, tmp_path: Path) -> None:
    before = written(graph, "before.html", tmp_path)
    graph.apply(
        ChangeSet(
            [
                Entity("rfc-1", "RequestForChange", {"name": "New disks", "changeStatus": "approved"}),
                Entity("portal", "Service"),
            ],
            [Relation("dependsOn", "web", "db-1"), Relation("dependsOn", "portal", "web")],
            removed_relations=[("archive", "dependsOn", "db-1")],
        )
    )
    found = compare(before, written(graph, "after.html", tmp_path))
    assert {
        ("new", "hit", "portal"),
        ("gone", "hit", "archive"),
        ("worse", "hit", "web"),
        ("changed", "request", "rfc-1"),
    } <= told(found)
    (worse,) = [one for one in found.differences if one.kind == "worse"]
    assert (worse.before, worse.after, worse.name) == ("at risk", "down", "Web shop")
    assert {one.kind for one in compare(tmp_path / "after.html", before).differences} >= {"better", "new", "gone"}
    assert len(found.to_frame()) == len(found.differences)


def test_a_judgement_is_told_with_what_it_says_and_that_it_was_taken_back(graph: Graph, tmp_path: Path) -> None:
    graph.apply(ChangeSet([Entity("ann", "Person")]))
    first = written(graph, "first.json", tmp_path)
    graph.change.judge("rfc-1", "web", impacted=False, why="It has a copy", by="ann")
    second = written(graph, "second.json", tmp_path)
    graph.change.withdraw("rfc-1", "web")
    third = written(graph, "third.json", tmp_path)

    def judged(before: Path, after: Path) -> list[tuple[str, str, str]]:
        found = compare(before, after).differences
        return [(one.kind, one.name, one.after) for one in found if one.what == "judgement"]

    assert [(kind, after) for kind, _, after in judged(first, second)] == [("new", "not impacted; It has a copy")]
    assert [after[:42] for _, _, after in judged(first, third)] == ["not impacted; It has a copy; withdrawn on "]
    assert [(kind, name) for kind, name, _ in judged(second, third)] == [("changed", "withdrawn")]


def test_a_change_of_another_meeting_is_new_in_an_agenda(graph: Graph, tmp_path: Path) -> None:
    graph.apply(ChangeSet([Entity("rfc-2", "RequestForChange")], [Relation("touches", "rfc-2", "db-2")]))
    graph.change.pack("rfc-1", agenda=True).write(tmp_path / "monday.json")
    graph.change.pack("rfc-1", "rfc-2", agenda=True).write(tmp_path / "friday.json")
    found = compare(tmp_path / "monday.json", tmp_path / "friday.json")
    assert ("new", "request", "rfc-2") in told(found)


def test_a_pack_that_was_altered_is_noticed(graph: Graph, tmp_path: Path) -> None:
    path = written(graph, "a.json", tmp_path)
    pack = json.loads(path.read_text("utf-8"))
    pack["changes"][0]["hits"][0]["state"] = "ok"
    (tmp_path / "b.json").write_text(json.dumps(pack), encoding="utf-8")
    found = compare(path, tmp_path / "b.json")
    (note,) = found.notes
    assert "b.json does not say what its hash stands for" in note
    assert [one.kind for one in found.differences] == ["better"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        "<html>",
        '{"kind": 1, "inputs": {}, "changes": [], "hash"',
        "[" * 9_999,
    ],
)
def test_what_is_no_pack_is_refused(graph: Graph, tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"b\.json is no pack"):
        compare(written(graph, "a.json", tmp_path), tmp_path / "b.json")


@pytest.mark.parametrize(
    "changes", ["[]", "[1]", '[{"requests": [{}]}]', '[{"requests": [{"id": "rfc-1"}], "hits": {}}]']
)
def test_a_pack_that_is_not_as_we_write_it_is_refused(graph: Graph, tmp_path: Path, changes: str) -> None:
    text = f'{{"kind": "pack", "inputs": {{}}, "changes": {changes}, "hash": ""}}'
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    if changes == "[]":
        assert compare(tmp_path / "b.json", tmp_path / "b.json").differences == ()
        return
    with pytest.raises(InputError, match="cannot be compared"):
        compare(written(graph, "a.json", tmp_path), tmp_path / "b.json")


def test_a_page_without_all_of_its_data_cannot_be_compared(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphsms.report.html.MOST_DATA", 10)
    monkeypatch.setattr("graphsms.report.html.SHORT_DATA", 1_000)
    path = written(graph, "a.html", tmp_path)
    assert read_basis(path).revision == 1
    with pytest.raises(InputError, match=r"a\.html is too large .* give its JSON form"):
        compare(path, path)


def test_a_pdf_cannot_be_compared(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="packs are compared in one of these forms"):
        compare(written(graph, "a.pdf", tmp_path), written(graph, "a.json", tmp_path))
    with pytest.raises(InputError, match="cannot be read"):
        compare(tmp_path / "none.json", tmp_path / "none.json")
