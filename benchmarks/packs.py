"""The CAB pack of one change: how long it takes to make, and to write in each form.

::

    python benchmarks/packs.py                       # over 10^5 entities
    python benchmarks/packs.py --nodes 1000000

Three changes: one that hits about a hundred things, one that hits about ten thousand, and one that hits most of the
estate, whose tables are folded on the page and whole in the workbook. Prints a Markdown table. Nobody else's tool makes
such a pack, so that there is no peer in it.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
from time import perf_counter

from estates import Estate, estate
from graphsms.change.pack import FORMS
from graphsms.graph import Graph
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.snapshot import live_graph
from graphsms.snapshot.carriage import DOWN
from graphsms.store import open_store

AS_OF = "2026-11-22T00:00:00Z"
WANTED = (100, 10_000, 1 << 31)


def touched(graph: Graph, made: Estate) -> list[str]:
    """What to touch, so that about as much is hit as is wanted; of a sample."""
    live = live_graph(graph.store, AS_OF)
    step = max(1, len(made) // 400)
    ids = [made.id(node) for node in range(0, len(made), step)]
    sizes: dict[str, int] = {}
    for id, key in zip(ids, graph.store.keys(ids), strict=True):
        node = None if key is None else live.node(key)
        if node is not None:
            sizes[id] = len(live.spread({node: DOWN}).nodes)
    return [min(sizes, key=lambda id: (abs(sizes[id] - wanted), id)) for wanted in WANTED]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=100_000)
    asked = parser.parse_args()
    made = estate(asked.nodes)
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/estate.db", vocabulary=load()) as store:
        store.apply(ChangeSet(entities=made.entities(), relations=made.relations()))
        graph = Graph(store)
        chosen = touched(graph, made)
        graph.apply(
            ChangeSet(
                entities=[Entity(f"rfc-{number}", "RequestForChange") for number in range(len(chosen))],
                relations=[
                    Relation("touches", f"rfc-{number}", id, {"mode": "outage"}) for number, id in enumerate(chosen)
                ],
            )
        )
        graph.change.pack("rfc-0")
        print(f"| hits, over {asked.nodes:,} entities | made, s | {' | '.join(f'{form}, s' for form in FORMS)} |")
        print(f"|---:|---:|{'---:|' * len(FORMS)}")
        for number in range(len(chosen)):
            begin = perf_counter()
            pack = graph.change.pack(f"rfc-{number}")
            times = [perf_counter() - begin]
            for form in FORMS:
                begin = perf_counter()
                pack.to_bytes(form)
                times.append(perf_counter() - begin)
            hits = len(pack.assessments[0].hits)
            print(f"| {hits:,} | {' | '.join(f'{took:.2f}' for took in times)} |")


if __name__ == "__main__":
    main()
