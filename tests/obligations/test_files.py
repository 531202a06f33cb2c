"""Files of evidence are held against their hashes, inside one folder and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

import graphsms
from graphsms import ChangeSet, Entity, Graph
from graphsms.errors import InputError
from graphsms.obligations import files
from graphsms.obligations.files import check_files


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graphsms.open(f"{tmp_path}/sms.db") as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "plan.txt").write_text("the plan", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("a secret", encoding="utf-8")
    return folder


def document(id: str, location: str, text: str) -> Entity:
    digest = sha256(text.encode()).hexdigest().upper()
    return Entity(id, "Plan", {"name": id, "fileLocation": location, "sha256": digest})


def test_a_file_that_is_what_it_was_is_no_finding_and_nothing_is_written(graph: Graph, folder: Path) -> None:
    graph.apply(ChangeSet(entities=[document("plan", "plan.txt", "the plan")]))
    answer = check_files(graph.store, folder)
    assert (answer.tallies[0].looked_at, answer.findings, graph.revision.number) == (1, (), 1)


def test_a_file_that_has_changed_is_found_still_there_and_gone_by_the_same_identity(graph: Graph, folder: Path) -> None:
    graph.apply(ChangeSet(entities=[document("plan", "plan.txt", "the plan of last year")]))
    identity = "evidence-file-changed:plan,changed"
    first = check_files(graph.store, folder)
    assert [(one.identity, one.status) for one in first.findings] == [(identity, "new")]
    assert first.recorded == graph.revision.number == 2
    again = check_files(graph.store, folder)
    assert [(one.identity, one.status) for one in again.findings] == [(identity, "still there")]
    assert graph.revision.number == 2
    # The other checks do not read files, and so do not say that it is gone.
    assert not [one for one in graph.findings.run().findings if one.identity == identity]
    (folder / "plan.txt").write_text("the plan of last year", encoding="utf-8")
    assert [one.status for one in check_files(graph.store, folder).findings] == ["gone"]


def test_a_file_that_is_not_there_is_found(graph: Graph, folder: Path) -> None:
    graph.apply(ChangeSet(entities=[document("plan", "gone.txt", "the plan")]))
    (found,) = check_files(graph.store, folder).findings
    assert "is not there" in found.message


@pytest.mark.parametrize(
    "where", ["../secret.txt", "/etc/hostname", "https://example.org/plan.txt", "C:\\plan.txt", ""]
)
def test_nothing_outside_the_folder_is_read(graph: Graph, folder: Path, where: str) -> None:
    graph.apply(ChangeSet(entities=[document("plan", where, "a secret")]))
    answer = check_files(graph.store, folder)
    assert (answer.tallies[0].looked_at, answer.findings) == (0, ())
    assert "lie elsewhere and were not read" in answer.tallies[0].note


def test_a_link_out_of_the_folder_is_not_followed(graph: Graph, folder: Path, tmp_path: Path) -> None:
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    graph.apply(ChangeSet(entities=[document("plan", "link.txt", "a secret")]))
    assert check_files(graph.store, folder).tallies[0].looked_at == 0


def test_a_file_that_is_too_large_is_not_read_and_said(
    graph: Graph, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 4)
    graph.apply(ChangeSet(entities=[document("plan", "plan.txt", "the plan")]))
    (found,) = check_files(graph.store, folder).findings
    assert "larger than 4 bytes" in found.message


def test_a_folder_that_is_none_is_refused(graph: Graph, folder: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        graph.obligations.assess(files=folder / "plan.txt")
