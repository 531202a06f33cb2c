"""The embedded store beside SQLite alone: loading, streaming, small revisions; all in one run.

::

    python benchmarks/store_sqlite.py                   # 200,000 entities and 800,000 relations
    python benchmarks/store_sqlite.py --nodes 1000000   # and four million

*Alone* is what SQLite itself takes with the same rows ready as tuples, in the same tables, with the same
indexes after them, in one transaction: no canonical form, no check of ends, no hash, no history. Streaming
alone is ``fetchall`` of both ends. Loading and streaming are the best of three runs in turn, in seconds of the
processor; the small things are medians by the clock, commit to disk included. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import platform
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np

from estates import DEPENDS_ON, HAS_MEMBER, estate
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.store._sqlite_tables import INDEXES_OF_ENTITIES, INDEXES_OF_RELATIONS, TABLES
from graphsms.store.journal import canonical_json
from graphsms.store.marks import entity_marks, not_live, relation_marks
from graphsms.store.sqlite import SqliteStore

WORDS = load()
RUNS = 3


def seconds(task: Callable[[], object]) -> float:
    start = perf_counter()
    task()
    return perf_counter() - start


def processor_seconds(task: Callable[[], object]) -> float:
    """Of this process: on a machine that others use too, more telling than the clock."""
    start = process_time()
    task()
    return process_time() - start


class Alone:
    """The rows of an estate, and what SQLite does with them by itself."""

    def __init__(self, entities: list[Entity], relations: list[Relation]) -> None:
        codes = {name: code for code, name in enumerate(sorted({e.type for e in entities}), 1)}
        keys = {entity.id: k for k, entity in enumerate(entities, 1)}
        dead = not_live(WORDS)
        self.entities = [
            (k, e.id, codes[e.type], canonical_json(e.properties), 0, entity_marks(e.properties, dead), 1)
            for k, e in enumerate(entities, 1)
        ]
        types = {DEPENDS_ON: 101, HAS_MEMBER: 102}
        self.relations = [
            (
                types[r.type],
                keys[r.subject],
                keys[r.object],
                canonical_json(r.properties),
                0,
                relation_marks(r.properties),
                1,
            )
            for r in relations
        ]

    def load(self, path: Path) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("BEGIN")
        for statement in TABLES:
            connection.execute(statement)
        connection.executemany("INSERT INTO entity VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", self.entities)
        self._index(connection, INDEXES_OF_ENTITIES)
        connection.executemany("INSERT INTO relation VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, NULL)", self.relations)
        self._index(connection, INDEXES_OF_RELATIONS)
        connection.execute("COMMIT")
        connection.close()

    def _index(self, connection: sqlite3.Connection, indexes: Iterable[str]) -> None:
        connection.execute("PRAGMA cache_size = -1000")  # as the store does: it sorts twice as fast
        for statement in indexes:
            connection.execute(statement)
        connection.execute("PRAGMA cache_size = -65536")


def ours(path: Path, entities: list[Entity], relations: list[Relation]) -> None:
    with SqliteStore.open(str(path), WORDS) as store:
        store.apply(ChangeSet(entities, relations))


def streamed(store: SqliteStore) -> int:
    """All edges as arrays, as the snapshot reads them; how many."""
    count = 0
    with store.stream([DEPENDS_ON, HAS_MEMBER]) as graph:
        for nodes in graph.nodes:
            for chunk in nodes.chunks:
                assert isinstance(chunk, str)
                np.fromstring(chunk, np.uint64, sep=",")
        for edges in graph.edges:
            count += len(edges.marked)
            for chunk in edges.chunks:
                assert isinstance(chunk, str)
                count += len(np.fromstring(chunk, np.uint64, sep=","))
    return count


def fetched(path: Path) -> int:
    connection = sqlite3.connect(path)
    connection.execute("SELECT k, type FROM entity").fetchall()
    rows = connection.execute("SELECT type, subject, object FROM relation").fetchall()
    connection.close()
    return len(np.array(rows, np.uint64))


def measure(nodes: int, folder: Path) -> None:
    made = estate(nodes)
    entities, relations = list(made.entities()), list(made.relations())
    rows = len(entities) + len(relations)
    alone = Alone(entities, relations)
    loads: tuple[list[float], list[float]] = [], []
    for run in range(RUNS):
        loads[0].append(processor_seconds(partial(alone.load, folder / f"alone-{nodes}-{run}.db")))
        loads[1].append(processor_seconds(partial(ours, folder / f"ours-{nodes}-{run}.db", entities, relations)))
    path = folder / f"ours-{nodes}-0.db"
    with SqliteStore.open(str(path), WORDS) as store:
        assert streamed(store) == len(relations)
        streams: tuple[list[float], list[float]] = [], []
        for _ in range(RUNS):
            streams[0].append(processor_seconds(partial(fetched, path)))
            streams[1].append(processor_seconds(partial(streamed, store)))
        again = processor_seconds(lambda: store.apply(ChangeSet(entities, relations)))
        small = []
        for number in range(50):
            changes = ChangeSet([Entity(f"new-{number}", "Server", {"name": "New"})], base=number + 1)
            small.append(seconds(partial(store.apply, changes)))
        as_of = [seconds(partial(store.entity, one.id, 25)) for one in entities[:: max(1, nodes // 1000)]]
    size = path.stat().st_size
    load_alone, load_ours = min(loads[0]), min(loads[1])
    stream_alone, stream_ours = min(streams[0]), min(streams[1])
    print(f"\n{nodes:,} entities, {len(relations):,} relations; {size / rows:.0f} bytes a row\n")
    print("| what | SQLite alone | the store | ratio |")
    print("|---|---|---|---|")
    print(
        f"| load | {load_alone:.2f} s, {rows / load_alone:,.0f} rows/s | {load_ours:.2f} s,"
        f" {rows / load_ours:,.0f} rows/s | {load_alone / load_ours:.2f}× the rate |"
    )
    print(
        f"| stream into arrays | {stream_alone:.2f} s, {rows / stream_alone:,.0f} rows/s | {stream_ours:.2f} s,"
        f" {rows / stream_ours:,.0f} rows/s | {stream_alone / stream_ours:.1f}× the rate |"
    )
    print(f"| the same import again | | {again:.2f} s, {rows / again:,.0f} rows/s | |")
    print(f"| revision of one entity | | {median(small) * 1e3:.2f} ms | |")
    print(f"| one entity as of a revision | | {median(as_of) * 1e6:.0f} µs | |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[200_000])
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}")
    for nodes in parser.parse_args().nodes:
        with tempfile.TemporaryDirectory() as folder:
            measure(nodes, Path(folder))


if __name__ == "__main__":
    main()
