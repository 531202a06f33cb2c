"""How fast a graph gets into Neo4j and out again: ours against the bare driver, in one run.

    python benchmarks/store_neo4j.py [entities] [rounds]

Import: a change set (history, hash chain, one revision, all or nothing) against the same batches sent by a bare
``UNWIND … CREATE``, each round into a freshly started server, in turn. Streaming: all edges as packed integers, in a
process of its own with and without ``neo4j-rust-ext``. Needs what the tests need (tests/neo4j_server.py).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from estates import DEPENDS_ON, HAS_MEMBER, Estate, estate
from graphsms.model import ChangeSet
from graphsms.ontology import load
from graphsms.store import open_store
from neo4j_server import URL_VARIABLE, Server, started

LINE = "5.26"
BATCH = 10_000
RELATIONS = [DEPENDS_ON, HAS_MEMBER]
CONSTRAINT = "CREATE CONSTRAINT FOR (n:Entity) REQUIRE n.id IS UNIQUE"

Batches = list[tuple[str, list[dict[str, Any]]]]


def batches(graph: Estate) -> tuple[Batches, Batches]:
    """What the bare driver is to send: queries with their rows, entities then relations."""
    vocabulary = load()
    nodes: Batches = []
    for type, entities in groupby(sorted(graph.entities(), key=attrgetter("type")), attrgetter("type")):
        labels = "".join(f":{label}" for label in vocabulary.types[type].labels)
        rows = [{"id": entity.id, **entity.properties} for entity in entities]
        nodes += _parts(f"UNWIND $rows AS row CREATE (n{labels}) SET n = row", rows)
    edges: Batches = []
    for type, relations in groupby(sorted(graph.relations(), key=attrgetter("type")), attrgetter("type")):
        name = vocabulary.relations[type].relationship_type
        ends = "UNWIND $rows AS row MATCH (a:Entity {id: row.a}) MATCH (b:Entity {id: row.b})"
        ends_of: list[dict[str, Any]] = [
            {"a": one.subject, "b": one.object, "p": dict(one.properties)} for one in relations
        ]
        edges += _parts(f"{ends} CREATE (a)-[:{name}]->(b)", [row for row in ends_of if not row["p"]])
        edges += _parts(f"{ends} CREATE (a)-[r:{name}]->(b) SET r = row.p", [row for row in ends_of if row["p"]])
    return nodes, edges


def _parts(query: str, rows: list[dict[str, Any]]) -> Batches:
    return [(query, rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]


def bare(server: Server, graph: Estate) -> float:
    nodes, edges = batches(graph)
    with server.driver() as driver, driver.session() as session:
        session.run(CONSTRAINT).consume()
        start = time.perf_counter()
        for query, rows in nodes + edges:
            session.run(query, rows=rows).consume()
        return time.perf_counter() - start


def ours(server: Server, graph: Estate) -> float:
    with open_store(server.url) as store:
        start = time.perf_counter()
        store.apply(ChangeSet(graph.entities(), graph.relations(), reason="benchmark", source="benchmark"))
        return time.perf_counter() - start


def imports(graph: Estate, rounds: int) -> None:
    rows = len(graph) + len(graph.subject)
    ways: dict[str, Callable[[Server, Estate], float]] = {"bare UNWIND … CREATE": bare, "change set": ours}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            with started(LINE) as server:
                seconds[name].append(way(server, graph))
                if way is ours and len(seconds[name]) == rounds:
                    streaming(server, len(graph.subject))
    for name, all in seconds.items():
        print(f"import, {name:22} {rows / statistics.median(all):10,.0f} rows/s   {[f'{one:.1f} s' for one in all]}")
    ratios = [one / other for one, other in zip(*seconds.values(), strict=True)]
    print(f"import, ratio                 {statistics.median(ratios):10.2f}          target at least 0.70")


def streaming(server: Server, edges: int) -> None:
    for extension in ("without", "with"):
        process = [sys.executable, __file__, "stream", extension]
        asked = subprocess.run(process, env={**os.environ, URL_VARIABLE: server.url}, capture_output=True, text=True)
        if asked.returncode:
            print(f"stream, {extension} neo4j-rust-ext: {asked.stderr.strip().splitlines()[-1]}")
            continue
        found, best = asked.stdout.split()
        assert int(found) == edges
        print(f"stream, {extension:7} neo4j-rust-ext {edges / float(best):10,.0f} edges/s   target at least 400,000")


def stream() -> None:
    """The child process: how many edges there are, and the seconds of the best of five rounds."""
    seconds = []
    with open_store(os.environ[URL_VARIABLE]) as store:
        for _ in range(5):
            start = time.perf_counter()
            with store.stream(RELATIONS) as graph:
                nodes = sum(len(chunk) for one in graph.nodes for chunk in one.chunks)
                edges = sum(sum(map(len, one.chunks)) + len(one.marked) for one in graph.edges)
            seconds.append(time.perf_counter() - start)
            assert nodes
    print(edges, min(seconds))


if __name__ == "__main__":
    if sys.argv[1:2] == ["stream"]:
        if sys.argv[2] == "without":
            sys.modules["neo4j._rust"] = None  # type: ignore[assignment]
        else:
            import neo4j._rust  # type: ignore[import-not-found]  # noqa: F401
        stream()
    else:
        size, rounds = (*map(int, sys.argv[1:]), *(50_000, 1)[len(sys.argv) - 1 :])
        imports(estate(size), rounds)
