"""Conflicts between the changes of a week, beside trying every subset; all in one run.

::

    python benchmarks/conflicts.py                          # 1,000 changes over 10^5 entities
    python benchmarks/conflicts.py --nodes 1000000 --changes 500

Changes touch one to three virtual machines, servers or network devices each, members of groups for the most part, in
windows of one to four hours in the evenings of one week. Trying every subset of those that are made at once, size by
size, is the definition itself, and is asked of the same compiled graph: it stands for a tool that knows no better.
Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from time import perf_counter

import numpy as np

from estates import LAYERS, Estate, estate
from graphsms.change.conflicting import conflicts
from graphsms.change.minimal_sets import Acting, minimal_sets
from graphsms.change.policy import read_policy
from graphsms.change.schedule import is_service_in
from graphsms.graph import Graph
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.snapshot import live_graph
from graphsms.snapshot.carriage import DOWN, MEMBER
from graphsms.snapshot.live import LiveGraph
from graphsms.store import open_store

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
TOUCHED = ("VirtualMachine", "Server", "NetworkDevice")
NOW = "2026-11-22T00:00:00Z"


def changes(made: Estate, count: int, seed: int = 8513) -> ChangeSet:
    """So many approved requests, always the same for the same seed."""
    rng = np.random.default_rng(seed)
    layers = [number for number, (type, _) in enumerate(LAYERS) if type in TOUCHED]
    able = np.flatnonzero(np.isin(made.types, layers))
    members = np.intersect1d(np.unique(made.object[made.member]), able)
    entities, relations = [], []
    for number in range(count):
        start = MONDAY + timedelta(days=int(rng.integers(7)), hours=18, minutes=15 * int(rng.integers(16)))
        end = start + timedelta(minutes=15 * int(rng.integers(4, 17)))
        window = {"windowStart": start.isoformat(), "windowEnd": end.isoformat()}
        id = f"rfc-{number:05}"
        entities.append(Entity(id, "RequestForChange", {"changeStatus": "approved", **window}))
        for _ in range(int(rng.integers(1, 4))):
            node = int(rng.choice(members if rng.random() < 0.8 else able))
            relations.append(Relation("touches", id, made.id(node), {"mode": "outage"}))
    return ChangeSet(entities=entities, relations=list({one.key: one for one in relations}.values()))


def every_subset(graph: LiveGraph, acting: Sequence[Acting], services: frozenset[int]) -> dict[int, list[int]]:
    """The minimal sets of each service by the definition."""
    found: dict[int, list[int]] = {}
    for size in range(1, len(acting) + 1):
        for chosen in combinations(range(len(acting)), size):
            set = sum(1 << number for number in chosen)
            spread = graph.spread({node: state for number in chosen for node, state in acting[number].seeds.items()})
            for node, state in zip(spread.nodes, spread.states, strict=True):
                if state == DOWN and node in services:
                    known = found.setdefault(node, [])
                    if all(one & set != one for one in known):
                        known.append(set)
    return found


def at_once(graph: LiveGraph, graph_size: int, count: int, seed: int = 7) -> list[Acting]:
    """So many changes at one moment, each of one or two members of groups that can spare some."""
    rng = np.random.default_rng(seed)
    able = [node for node, _, kind in graph.edges_from(range(graph_size)) if kind == MEMBER]
    return [Acting({int(node): DOWN for node in rng.choice(able[:400], 2)}, (0, 1)) for _ in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=1_000)
    asked = parser.parse_args()
    made = estate(asked.nodes)
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/estate.db", vocabulary=load()) as store:
        store.apply(ChangeSet(entities=made.entities(), relations=made.relations()))
        Graph(store).apply(changes(made, asked.changes))
        policy = read_policy(store.vocabulary)
        begin = perf_counter()
        graph = live_graph(store, NOW)
        graph.spread({0: DOWN})
        read = perf_counter() - begin
        print(f"Snapshot of {len(made):,} entities and {len(made.subject):,} relations: {read:.1f} s\n")
        begin = perf_counter()
        found = conflicts(store, policy, as_of=NOW)
        took = perf_counter() - begin
        print(f"| {asked.changes:,} changes in a week over {asked.nodes:,} entities | s |\n|---|---:|")
        print(f"| conflicts, freezes and overlaps | {took:.2f} |\n")
        kinds = {kind: len(found.of_kind(kind)) for kind in ("together", "alone")}
        largest = max((len(one.changes) for one in found.conflicts), default=0)
        print(f"{kinds['together']:,} sets together, the largest of {largest}; {kinds['alone']:,} changes alone; "
              f"{len(found.overlaps):,} overlaps; {'complete' if found.complete else 'not complete'}.\n")  # fmt: skip
        graph = live_graph(store, NOW)
        is_service = is_service_in(graph, store.vocabulary)
        services = frozenset(node for node in range(len(made) + asked.changes) if is_service(node))
        print("| changes at once | ours, ms | every subset, ms | ratio |\n|---|---:|---:|---:|")
        for count in (8, 10, 12):
            acting = at_once(graph, len(made), count)
            begin = perf_counter()
            ours = minimal_sets(graph, acting, is_service)
            between = perf_counter()
            theirs = every_subset(graph, acting, services)
            end = perf_counter()
            assert {node: sorted(ours.of[node]) for node in ours.services} == {n: sorted(s) for n, s in theirs.items()}
            ratio = (end - between) / (between - begin)
            print(f"| {count} | {(between - begin) * 1000:.0f} | {(end - between) * 1000:.0f} | {ratio:,.1f} |")


if __name__ == "__main__":
    main()
