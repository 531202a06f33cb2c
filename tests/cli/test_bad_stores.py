"""A store that cannot be used: one clear line, exit code 2, nothing changed."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from command_line import Run, run
from graphsms.store.sqlite import SqliteStore


def refused(ran: Run) -> str:
    """The one line that a person reads."""
    assert ran.code == 2
    assert ran.out == ""
    lines = ran.err.strip().splitlines()
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("graphsms: ")
    return lines[0]


def test_garbage_is_not_a_store(tmp_path: Path) -> None:
    file = tmp_path / "garbage.db"
    file.write_bytes(os.urandom(8192))
    before = file.read_bytes()
    assert "garbage.db" in refused(run("find", "--store", str(file)))
    assert file.read_bytes() == before


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE customer (name TEXT)")
    connection.close()
    before = file.read_bytes()
    assert "other.db" in refused(run("init", "--store", str(file)))
    assert file.read_bytes() == before


def test_a_damaged_store_is_said_to_be_damaged(store: str) -> None:
    with Path(store).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 30_000)
    message = refused(run("impact", "db-1", "--store", store))
    assert "damaged" in message or "corrupt" in message


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    assert str(tmp_path) in refused(run("find", "--store", str(tmp_path)))


def test_a_store_that_somebody_else_is_writing_to_is_waited_for_and_then_said_to_be_locked(
    store: str, estate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SqliteStore.open.__func__.__kwdefaults__, "timeout", 0.2)  # type: ignore[attr-defined]
    estate.write_text(estate.read_text(encoding="utf-8") + "  - {id: more, type: Server}\n", encoding="utf-8")
    connection = sqlite3.connect(store, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        assert "locked" in refused(run("ingest", str(estate), "--store", store))
    finally:
        connection.close()
    assert run("ingest", str(estate), "--store", store).code == 0


def test_nobody_at_the_address(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    message = refused(run("find", "--store", f"bolt://neo4j:secret@127.0.0.1:{port}"))
    assert f"127.0.0.1:{port}" in message
    assert "secret" not in message


def test_a_wrong_password(neo4j_url: str) -> None:
    scheme, _, rest = neo4j_url.partition("://")
    address = rest.rpartition("@")[2]
    message = refused(run("find", "--store", f"{scheme}://neo4j:not-the-password@{address}"))
    assert "password" in message
    assert "not-the-password" not in message


def test_a_store_of_no_known_kind() -> None:
    assert "redis://" in refused(run("find", "--store", "redis://localhost"))


def test_a_full_disk_leaves_the_store_as_it_was(store: str, tmp_path: Path) -> None:
    """A limit on the size of files, as a process may have, is what a full disk looks like to it."""
    file = tmp_path / "large.json"
    entities = ",\n".join(f'{{"id": "n{i}", "type": "Server", "description": "{"x" * 500}"}}' for i in range(20_000))
    file.write_text(f'{{"entities": [{entities}]}}', encoding="utf-8")
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
        "from graphsms.cli import main\n"
        f"sys.argv = ['graphsms', 'ingest', {str(file)!r}, '--store', {store!r}]\n"
        "main()\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stderr.startswith("graphsms: ")
    assert run("show", "n0", "--store", store).code == 2
    assert run("impact", "db-1", "--store", store).code == 0


def test_a_file_that_may_not_be_written(store: str, estate: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:  # which everybody may enter, as that of the tests may not be
        shared, more = Path(shutil.copy(store, folder)), Path(folder) / "more.yaml"
        more.write_text(estate.read_text(encoding="utf-8") + "  - {id: more, type: Server}\n", encoding="utf-8")
        shared.chmod(0o444)
        Path(folder).chmod(0o777)
        # Root may write everywhere, so it becomes somebody who may not, after our Python has been read.
        script = (
            "import contextlib, io, os, sys\n"
            "from graphsms.cli import main\n"
            f"sys.argv = ['graphsms', 'ingest', {str(more)!r}, '--store', {str(shared)!r}, '--dry-run']\n"
            "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
            "    main()\n"
            "if os.geteuid() == 0:\n"
            "    os.setgroups([]), os.setgid(65534), os.setuid(65534)\n"
            "sys.argv.pop()\n"
            "main()\n"
        )
        before = shared.read_bytes()
        ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
        assert "read-only" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert shared.read_bytes() == before
