"""Several who write at once, several who read meanwhile, and one who is killed in the middle."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.conftest import opened
from contract.samples import content, packed
from graphsms.errors import ConflictError
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity
from graphsms.store import Store

IMPORTER = Path(__file__).with_name("importer.py")
SIZE = 10_000


def importing(url: str, name: str, size: int) -> subprocess.Popen[str]:
    root = str(IMPORTER.parent.parent.parent)
    environment = {"PYTHONPATH": root, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, str(IMPORTER), url, name, str(size)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def at_once(*tasks: Callable[[], None]) -> None:
    """Run tasks in threads, all begun together; the first failure of any is raised here."""
    together = threading.Barrier(len(tasks))
    failures: list[BaseException] = []

    def run(task: Callable[[], None]) -> None:
        try:
            together.wait()
            task()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_two_threads_that_write_at_once_both_come_through(store: Store, store_url: str) -> None:
    def writer(name: str) -> Callable[[], None]:
        def write() -> None:
            with opened(store_url, None, None) as own:
                for number in range(15):
                    own.apply(ChangeSet([Entity(f"{name}-{number}", "Server")], actor=name))

        return write

    at_once(writer("ada"), writer("grace"))
    assert [revision.number for revision in store.revisions()] == list(range(1, 31))
    assert store.counts() == {"Server": 30}
    assert {revision.actor for revision in store.revisions()} == {"ada", "grace"}
    assert verify_journal(store).intact


def test_of_two_who_start_from_the_same_revision_one_is_refused(store: Store, store_url: str) -> None:
    outcomes: list[str] = []

    def writer(name: str) -> Callable[[], None]:
        def write() -> None:
            with opened(store_url, None, None) as own:
                try:
                    own.apply(ChangeSet([Entity("shared", "Server", {"name": name})], base=0))
                    outcomes.append("made")
                except ConflictError:
                    outcomes.append("refused")

        return write

    at_once(writer("ada"), writer("grace"), writer("katherine"))
    assert sorted(outcomes) == ["made", "refused", "refused"]
    assert store.revision().number == 1


def test_two_processes_that_import_at_once_both_come_through(store: Store, store_url: str) -> None:
    processes = [importing(store_url, name, 500) for name in ("ada", "grace")]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert store.revision().number == 2
    assert store.counts() == {"Server": 1000, "dependsOn": 1000}
    assert verify_journal(store).intact


def test_who_reads_while_another_writes_sees_whole_revisions_only(store: Store, store_url: str) -> None:
    done = threading.Event()

    def write() -> None:
        with opened(store_url, None, None) as own:
            for number in range(20):
                own.apply(ChangeSet([Entity(f"{number}-{part}", "Server") for part in range(50)]))
        done.set()

    def read() -> None:
        with opened(store_url, None, None) as own:
            while not done.is_set():
                with own.stream([]) as graph:
                    count = sum(1 for stream in graph.nodes for _ in packed(stream.chunks))
                    assert count == 50 * graph.revision
                assert len(list(own.entities(type="Server"))) % 50 == 0

    at_once(write, read)
    assert store.counts() == {"Server": 1000}


@pytest.mark.parametrize("seed", range(4))
def test_an_import_that_is_killed_leaves_all_or_nothing(store: Store, store_url: str, seed: int) -> None:
    chance = random.Random(seed)
    store.apply(ChangeSet([Entity("first", "Server")]))
    before = store.revision(), content(store)
    for attempt in range(2):
        process = importing(store_url, f"killed-{attempt}", SIZE)
        assert process.stdout is not None
        stated = chance.choice([chance.randint(1, 20), 21])  # of the 21 lines that it says before it commits
        for _ in range(stated):
            assert process.stdout.readline()
        time.sleep(chance.random() * (1.5 if "://" in store_url else 0.1))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        after = store.apply(ChangeSet())  # waits for what a server may still be doing for the killed
        if after == before[0]:
            assert content(store) == before[1]
        else:
            assert after.number == before[0].number + 1
            assert after.created == 2 * SIZE
            assert store.counts()["Server"] == len(before[1][0]) + SIZE
            before = after, content(store)
        with opened(store_url, None, None) as again:
            assert again.revision() == after
            assert verify_journal(again).intact
    process = importing(store_url, "next", 500)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert store.revision().number == before[0].number + 1
    assert verify_journal(store).intact
