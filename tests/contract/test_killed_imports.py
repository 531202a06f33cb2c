"""Imports that are killed at any moment, on every store: all or nothing each time, and the next one works.

A hundred on SQLite, a few on Neo4j, whose server may go on for a moment with what a killed client has asked for, so
that each takes seconds: ``KILLED_IMPORTS=100`` makes as many there too.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

from contract.conftest import opened
from graphsms.history.verification import verify_journal
from graphsms.ingest import ingest
from graphsms.model import ChangeSet

# Forked, not started anew: the ontology is loaded already, so that a hundred take seconds.
PROCESSES = multiprocessing.get_context("fork")
SIZE = 300


def estate(path: Path, version: str) -> Path:
    """Servers in a ring; which of them there are, what they are called and what they need depends on the version."""
    step = 1 if version == "blue" else 7
    ids = [f"s{number}" for number in range(SIZE)] + [f"{version}-{number}" for number in range(SIZE)]
    entities: list[dict[str, Any]] = [
        {"id": id, "type": "Server", "name": f"{version} {id}", "dependsOn": ids[(number + step) % len(ids)]}
        for number, id in enumerate(ids)
    ]
    path.write_text(json.dumps({"entities": entities}))
    return path


def importing(url: str, file: Path) -> None:
    """What the process does that is killed: a file that takes the place of the other one."""
    with opened(url, None, None) as store:
        ingest(store, [file], source="cmdb", prune=True, allow_removals="100%")


def content(url: str) -> tuple[int, object]:
    with opened(url, None, None) as store:
        number = store.apply(ChangeSet()).number  # waits for what a server may still be doing for the killed
        entities = [(one.id, one.name, one.source) for one in store.entities()]
        return number, (entities, [one.key for one in store.relations()])


def test_imports_that_are_killed_leave_all_or_nothing(store_url: str, tmp_path: Path) -> None:
    files = {version: estate(tmp_path / f"{version}.json", version) for version in ("blue", "green")}
    holds: dict[str, object] = {}
    seconds = 0.0
    for version in ("blue", "green"):
        begun = time.monotonic()
        importing(store_url, files[version])
        seconds = time.monotonic() - begun
        revision, holds[version] = content(store_url)
    chance, present, finished, killed = random.Random(20000), "green", 0, 0
    number = int(os.environ.get("KILLED_IMPORTS", "2")) if "://" in store_url else 100
    # A machine may be faster than when it was measured: it goes on until one was killed in time, each earlier.
    while finished + killed < number or not killed:
        other = "blue" if present == "green" else "green"
        process = PROCESSES.Process(target=importing, args=(store_url, files[other]))
        process.start()
        process.join(chance.random() * seconds * 1.2)
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
            process.join()
        now, found = content(store_url)
        assert now - revision in (0, 1)
        if now > revision:
            present, revision, finished = other, now, finished + 1
            seconds *= 1.0 if killed else 0.7
        else:
            killed += 1
        assert found == holds[present]
    importing(store_url, files["blue"])
    assert content(store_url)[1] == holds["blue"]
    with opened(store_url, None, None) as store:
        assert verify_journal(store).intact
        assert [source.name for source in store.sources()] == ["cmdb"]
