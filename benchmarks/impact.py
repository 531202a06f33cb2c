"""Blast radius with groups, four states and reasons, beside what only knows reachability; all in one run.

::

    python benchmarks/impact.py                             # 10^5 and 10^6 entities
    python benchmarks/impact.py --nodes 10000000 --without networkx
    python benchmarks/impact.py --nodes 100000 --neo4j bolt://neo4j:secret@localhost:7687   # an empty database

networkx, rustworkx and Cypher find what can be reached against the edges; none of them knows groups, states or
reasons. Each is asked from one node, beside the others, that leads to the seeds. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import Any, cast
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from numba import njit

from estates import DEPENDS_ON, HAS_MEMBER, LAYERS, Estate, estate
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.moments import now
from graphsms.ontology import load
from graphsms.snapshot import arrays, cache, refresh
from graphsms.snapshot.compiled import CompiledGraph
from graphsms.store import MARK_SOFT, EdgeStream, GraphStream, NodeStream, Store, open_store
from graphsms.vocabulary import Vocabulary, relationship_type

CHUNK = 2**16
Seeds = npt.NDArray[np.uint32]


class Streamed:
    """As much of a store as a snapshot asks for, straight from an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.vocabulary: Vocabulary = load()

    @contextmanager
    def stream(self, relations: Sequence[str], _at: int | None = None) -> Iterator[GraphStream]:
        yield GraphStream(1, [""], self._nodes(), self._edges(relations))

    def _nodes(self) -> Iterator[NodeStream]:
        for code, (type, _) in enumerate(LAYERS):
            keys = np.flatnonzero(self.estate.types == code) + 1
            yield NodeStream(type, _chunks(keys.astype(np.uint64) << np.uint64(32)))

    def _edges(self, relations: Sequence[str]) -> Iterator[EdgeStream]:
        e = self.estate
        ends = (e.subject.astype(np.uint64) + 1) << np.uint64(32) | (e.object.astype(np.uint64) + 1)
        soft = [(int(x) >> 32, int(x) & 0xFFFFFFFF, MARK_SOFT) for x in ends[e.soft].tolist()]
        if DEPENDS_ON in relations:
            yield EdgeStream(DEPENDS_ON, _chunks(ends[~e.member & ~e.soft]), soft)
        if HAS_MEMBER in relations:
            yield EdgeStream(HAS_MEMBER, _chunks(ends[e.member]), [])

    def by_keys(self, keys: Sequence[int], _at: int | None = None) -> Iterator[tuple[int, Entity]]:
        for key in keys:
            yield key, Entity("", "RedundancyGroup", {"minimum": int(self.estate.minimum[key - 1])})


def _chunks(packed: npt.NDArray[np.uint64]) -> Iterator[list[int]]:
    for begin in range(0, len(packed), CHUNK):
        yield packed[begin : begin + CHUNK].tolist()


@njit(cache=True)
def reach(start: Any, receivers: Any, seen: Any, seeds: Any, queue: Any) -> Any:
    """Plain reachability over the same arrays: what the spread would cost if it knew nothing."""
    one, bit, two = np.uint64(1), np.uint32(1), np.uint32(2)
    head = tail = np.uint64(0)
    for i in range(np.uint64(len(seeds))):
        if seen[seeds[i]] == 0:
            seen[seeds[i]] = 1
            queue[tail] = seeds[i]
            tail += one
    while head < tail:
        sender = queue[head]
        head += one
        for edge in range(np.uint64(start[sender]), np.uint64(start[sender + bit])):
            receiver = receivers[edge] >> two
            queue[tail] = receiver
            tail += np.uint64(seen[receiver] == 0)
            seen[receiver] = 1
    for i in range(tail):
        seen[queue[i]] = 0
    return tail


def best(run: Callable[[], Any], least: float = 0.3, most: int = 30) -> tuple[float, Any]:
    """The fastest of several runs, in milliseconds, and what it returned."""
    found, value, spent, runs = float("inf"), None, 0.0, 0
    while runs < 3 or (spent < least and runs < most):
        begin = perf_counter()
        value = run()
        took = perf_counter() - begin
        found, spent, runs = min(found, took), spent + took, runs + 1
        if took > 20:
            break
    return found * 1000, value


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    begin = perf_counter()
    value = run()
    return perf_counter() - begin, value


def seeds_by_size(made: Estate, count: Callable[[Seeds], int]) -> dict[str, Seeds]:
    """Seeds from the bottom of the estate that reach about a hundred, ten thousand, and half of all."""
    rng = np.random.default_rng(7)
    bottom = rng.permutation(np.flatnonzero(made.types >= 5)).astype(np.uint32)
    sites = rng.permutation(np.flatnonzero(made.types == 7)).astype(np.uint32)
    found = {}
    for name, wanted in (("small", 100), ("middle", 10_000)):
        found[name] = min((bottom[i : i + 1] for i in range(400)), key=lambda one: abs(count(one) - wanted))
    share = 1
    while share < len(sites) and count(sites[:share]) < len(made) / 2:
        share *= 2
    found["large"] = sites[:share]
    return found


class Ours:
    def __init__(self, made: Estate) -> None:
        self.seconds, self.snapshot = timed(lambda: arrays.read(cast("Store", Streamed(made))))
        self.graph = CompiledGraph(self.snapshot, np.zeros(0, np.bool_), np.zeros(0, np.bool_))
        self._seen = np.zeros(len(made) + 1, np.uint8)
        self._queue = np.empty(len(made) + 1, np.uint32)

    def reach(self, seeds: Seeds) -> int:
        return int(reach(self.snapshot.start, self.snapshot.receivers, self._seen, seeds, self._queue))

    def spread(self, seeds: Seeds) -> Any:
        return self.graph.spread_arrays(seeds, np.full(len(seeds), 3, np.uint8))

    def with_reasons(self, seeds: Seeds) -> Any:
        return self.graph.reason_arrays(*self.spread(seeds))

    def bytes_an_edge(self) -> str:
        s, edges = self.snapshot, len(self.snapshot.receivers)
        scratch = self.graph._taken()
        self.graph._scratch.append(scratch)
        read = s.start.nbytes + s.receivers.nbytes + self.graph._template.nbytes
        written = sum(a.nbytes for a in (scratch.state, scratch.queue, scratch.heights))
        written += scratch.later.nbytes + scratch.later_height.nbytes
        nodes = s.keys.nbytes + s.types.nbytes + s.source_of.nbytes + s.marks.nbytes + s.missing.nbytes
        return (
            f"{read / edges:.2f} B an edge read by a spread (adjacency, offsets, byte a node), "
            f"{(read + written) / edges:.2f} with its scratch; names of relations {s.relations.nbytes / edges:.2f}, "
            f"keys, types, sources and marks {nodes / len(s):.1f} B a node, "
            f"scratch for the reasons {(scratch.hit.nbytes + scratch.counts.nbytes) / edges:.2f} B an edge"
        )


class Networkx:
    name = "networkx `descendants`"

    def __init__(self, made: Estate, seeds: dict[str, Seeds]) -> None:
        import networkx as nx

        def build() -> nx.DiGraph[Any]:
            graph: nx.DiGraph[Any] = nx.DiGraph()
            graph.add_nodes_from(range(len(made)))
            graph.add_edges_from(zip(made.object.tolist(), made.subject.tolist(), strict=True))
            for name, nodes in seeds.items():
                graph.add_edges_from((name, node) for node in nodes.tolist())
            return graph

        self.seconds, self.graph = timed(build)
        self._descendants = nx.descendants

    def reach(self, name: str) -> int:
        return len(self._descendants(self.graph, name))


class Rustworkx:
    name = "rustworkx `descendants`"

    def __init__(self, made: Estate, seeds: dict[str, Seeds]) -> None:
        import rustworkx as rx

        def build() -> Any:
            graph = rx.PyDiGraph(node_count_hint=len(made) + 3, edge_count_hint=len(made.subject))
            graph.add_nodes_from(range(len(made) + len(seeds)))
            graph.add_edges_from_no_data(list(zip(made.object.tolist(), made.subject.tolist(), strict=True)))
            for number, nodes in enumerate(seeds.values()):
                graph.add_edges_from_no_data([(len(made) + number, node) for node in nodes.tolist()])
            return graph

        self.seconds, self.graph = timed(build)
        self._descendants = rx.descendants
        self._nodes = {name: len(made) + number for number, name in enumerate(seeds)}

    def reach(self, name: str) -> int:
        return len(self._descendants(self.graph, self._nodes[name]))


class Cypher:
    """Nodes and relationships by UNWIND in batches; the seeds of a question hang on a node of their own."""

    name = "Cypher on Neo4j"

    def __init__(self, made: Estate, seeds: dict[str, Seeds], url: str) -> None:
        import neo4j

        parts = urlsplit(url)
        self._driver = neo4j.GraphDatabase.driver(
            f"{parts.scheme}://{parts.hostname}:{parts.port}", auth=(parts.username or "", parts.password or "")
        )
        self.seconds, _ = timed(lambda: self._load(made, seeds))

    def _load(self, made: Estate, seeds: dict[str, Seeds]) -> None:
        run = self._driver.execute_query
        run("CREATE CONSTRAINT bench IF NOT EXISTS FOR (n:Bench) REQUIRE n.id IS UNIQUE")
        ids: list[int] = list(range(len(made) + len(seeds)))
        for begin in range(0, len(ids), 10_000):
            run("UNWIND $ids AS id CREATE (:Bench {id: id})", ids=ids[begin : begin + 10_000])
        types = {DEPENDS_ON: ~made.member, HAS_MEMBER: made.member}
        for type, chosen in types.items():
            self._connect(type, made.subject[chosen].tolist(), made.object[chosen].tolist())
        for number, nodes in enumerate(seeds.values()):
            self._connect(DEPENDS_ON, nodes.tolist(), [len(made) + number] * len(nodes))
        self._roots = {name: len(made) + number for number, name in enumerate(seeds)}

    def _connect(self, type: str, subjects: list[int], objects: list[int]) -> None:
        rows = [list(row) for row in zip(subjects, objects, strict=True)]
        for begin in range(0, len(rows), 10_000):
            self._driver.execute_query(
                "UNWIND $rows AS row MATCH (s:Bench {id: row[0]}) MATCH (o:Bench {id: row[1]}) "
                f"CREATE (s)-[:{relationship_type(type)}]->(o)",
                rows=rows[begin : begin + 10_000],
            )

    def reach(self, name: str) -> int:
        types = "|".join(relationship_type(type) for type in (DEPENDS_ON, HAS_MEMBER))
        found = self._driver.execute_query(
            f"MATCH (:Bench {{id: $id}})<-[:{types}*]-(hit) RETURN count(DISTINCT hit) AS hits", id=self._roots[name]
        )
        return int(found.records[0]["hits"])


def stored(made: Estate, folder: str) -> list[str]:
    """How long a snapshot takes from an embedded store, from disk, and after a small change."""
    with open_store(f"{folder}/estate.db") as store:
        loading, _ = timed(lambda: store.apply(ChangeSet(entities=made.entities(), relations=made.relations())))
        reading, snapshot = timed(lambda: arrays.read(store))
        edges = len(snapshot.receivers)
        cache.save(snapshot, store, "benchmark")
        mapping, loaded = timed(lambda: cache.load(store))
        assert loaded is not None
        server = made.id(int(np.flatnonzero(made.types == 5)[0]))
        store.apply(
            ChangeSet(
                entities=[Entity("new", "Application", {"name": "New"})],
                relations=[Relation(DEPENDS_ON, "new", server)],
            )
        )
        changing, refreshed = timed(lambda: refresh.refreshed(loaded[0], store))
        assert refreshed is not None
        assert len(refreshed.receivers) == edges + 1
        live, _ = timed(lambda: refreshed.live(0))
        from graphsms.analysis.impact import impact

        asking, answer = best(lambda: impact(store, server, as_of=now()))
    return [
        f"SQLite: import {loading:.1f} s; snapshot streamed {reading:.2f} s, from disk {mapping * 1000:.0f} ms, "
        f"refreshed after a change {changing * 1000:.0f} ms, made ready for a moment {live * 1000:.0f} ms.",
        f"`impact` of one server as Python objects, names and reasons read from the store: {asking:.0f} ms "
        f"for {len(answer.hits)} hits.",
    ]


def measured(nodes: int, without: Sequence[str], neo4j: str | None, with_store: bool) -> Iterator[str]:
    made = estate(nodes)
    ours = Ours(made)
    seeds = seeds_by_size(made, ours.reach)
    yield f"### {nodes:,} entities, {len(made.subject):,} relations, {made.member.mean():.0%} to members, "
    yield f"{made.soft.mean():.0%} soft\n"
    peers: list[Any] = [peer(made, seeds) for peer in (Networkx, Rustworkx) if peer.__name__.lower() not in without]
    if neo4j:
        peers.append(Cypher(made, seeds, neo4j))
    yield "| | build s | " + " | ".join(f"{name}, ms" for name in seeds) + " | large, ratio |"
    yield "|---|---|" + "---|" * (len(seeds) + 1)
    plain, spread, reasons = (
        {name: best(partial(ask, some)) for name, some in seeds.items()}
        for ask in (ours.reach, ours.spread, ours.with_reasons)
    )
    reached = {name: int(value) for name, (_, value) in plain.items()}
    base = spread["large"][0]
    yield _row("hit: plain reachability", "", {name: f"{count:,}" for name, count in reached.items()}, "")
    hit = {name: f"{len(value[0]):,} ({int((value[1] == 3).sum()):,} down)" for name, (_, value) in spread.items()}
    yield _row("hit: with groups and states", "", hit, "")
    built = f"{ours.seconds:.2f}"
    yield _row("**ours: four states and heights**", built, _times(spread), "1")
    yield _row("ours: and every reason written down", built, _times(reasons), f"{reasons['large'][0] / base:.1f}×")
    yield _row("ours: plain reachability", built, _times(plain), f"{plain['large'][0] / base:.2f}×")
    for peer in peers:
        times = {name: best(partial(peer.reach, name)) for name in seeds}
        assert {name: reached for name, (_, reached) in times.items()} == reached, peer.name
        yield _row(peer.name, f"{peer.seconds:.1f}", _times(times), f"{times['large'][0] / base:,.0f}×")
    yield "\n" + ours.bytes_an_edge() + "."
    if with_store:
        del peers
        with tempfile.TemporaryDirectory() as folder:
            for line in stored(made, folder):
                yield "\n" + line


def _times(found: dict[str, tuple[float, Any]]) -> dict[str, str]:
    return {name: f"{ms:.3f}" if ms < 10 else f"{ms:,.0f}" for name, (ms, _) in found.items()}


def _row(name: str, build: str, cells: dict[str, str], ratio: str) -> str:
    return f"| {name} | {build} | {' | '.join(cells.values())} | {ratio} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[10**5, 10**6])
    parser.add_argument("--without", nargs="*", default=[], choices=["networkx", "rustworkx"])
    parser.add_argument("--neo4j", metavar="URL", help="with user and password; an empty database")
    parser.add_argument("--no-store", action="store_true", help="leave out import into and reading from a store")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; best of several runs, in one run\n")
    for nodes in options.nodes:
        for line in measured(nodes, options.without, options.neo4j, not options.no_store):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
