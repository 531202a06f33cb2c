"""Pipes, devices and sockets have no end, or nobody at the other end: they are refused at once, and never opened."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import graphsms
from graphsms.store import Store
from imported import Write, estate, imported, refused

ESTATE = estate("{id: a, type: Server}")


def said(tmp_path: Path, *arguments: str) -> str:
    """What the command says, which must be soon, and that it could not run."""
    ran = subprocess.run(
        [sys.executable, "-m", "graphsms", *arguments, "--store", str(tmp_path / "estate.db")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stderr


@pytest.mark.parametrize("options", [(), ("--format", "exchange")])
def test_a_device_or_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, options: tuple[str, ...]) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    assert "/dev/zero: It is a device, not a file" in said(tmp_path, "ingest", "/dev/zero", *options)
    message = said(tmp_path, "ingest", str(pipe), *options)
    assert f"{pipe}: It is a pipe, not a file: write what comes out of it to a file" in message


def test_standard_input_is_refused_with_what_to_do(tmp_path: Path) -> None:
    assert "Standard input is not read: write it to a file" in said(tmp_path, "ingest", "-", "--format", "turtle")


def test_a_file_that_is_called_like_standard_input_is_a_file(
    store: Store, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write("-", ESTATE).parent)
    assert imported(store, Path("-"), format="exchange").created.entities == 1


def test_what_is_no_file_in_a_folder_is_passed_over_and_told_of(store: Store, write: Write) -> None:
    folder = write("estate.yaml", ESTATE).parent
    os.mkfifo(folder / "pipe.yaml")
    (folder / "nowhere.yaml").symlink_to(folder / "gone")
    (folder / "round.yaml").symlink_to(folder / "round.yaml")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket has at most some hundred characters
        try:
            listening.bind("talk.yaml")
        finally:
            os.chdir(here)
        verdict = imported(store, folder)
    assert verdict.created.entities == 1
    assert [Path(path).name for path in verdict.passed_over] == ["nowhere.yaml", "pipe.yaml", "round.yaml", "talk.yaml"]


def test_a_link_that_leads_to_itself_is_a_fault(store: Store, tmp_path: Path) -> None:
    link = tmp_path / "round.yaml"
    link.symlink_to(link)
    (fault,) = refused(store, link)
    assert (fault.rule, fault.origin.file) == ("unreadable", str(link))


def test_folders_however_deep_are_walked(store: Store, write: Write) -> None:
    top = write("top/estate.yaml", ESTATE).parent
    here = Path.cwd()
    os.chdir(top)
    try:
        for _ in range(1200):  # deeper than Python recurses
            Path("d").mkdir()
            os.chdir("d")
        Path("deepest.yaml").write_text(estate("{id: b, type: Server}"), encoding="utf-8")
        os.chdir(here)
        assert imported(store, top).created.entities == 2
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", str(top)], check=True)  # deeper than shutil recurses, too


def test_an_ontology_or_a_query_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(graphsms.VocabularyError, match="/dev/zero: an ontology file must be an ordinary file"):
        graphsms.open(tmp_path / "estate.db", ontology=["/dev/zero"])
    query = tmp_path / "mine.rq"
    said(tmp_path, "init", "--zone", "nowhere")
    graphsms.open(tmp_path / "estate.db").close()
    query.write_bytes(b"SELECT \xff")
    assert "cannot be read: it is not UTF-8" in said(tmp_path, "query", str(query))
    query.write_bytes(b" " * 1_000_001)
    assert "no query needs so many" in said(tmp_path, "query", str(query))
