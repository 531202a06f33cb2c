"""How long all checks take (`graphsms findings`), on two estates of each size, every one in a process of its own.

::

    python benchmarks/checks.py                       # 20,000 and 100,000 entities
    python benchmarks/checks.py --entities 5000

*Example* is the example estate as often as it takes, each copy with names, addresses and serial numbers of its own:
services, agreements, changes, evidence. *Layers* is that of the other benchmarks, where nothing is owned or described
and nearly every item is a finding. Seconds of the processor, which tell more on a machine that others use too: of the
whole run, and of each check on what has been read by then. Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from estates import estate as layers
from graphsms.analysis.estate import estate
from graphsms.findings.checks import checks
from graphsms.findings.run import examine
from graphsms.graph import Graph
from graphsms.model import ChangeSet, Entity, Relation, Value
from memory import peak

EXAMPLE = Path(__file__).parent.parent / "examples" / "estate"
OWN = ("name", "serialNumber", "packageUrl", "hostname", "ipAddress", "macAddress")


def example(entities: int, folder: str) -> tuple[Iterator[Entity], Iterator[Relation]]:
    """The example estate in copies."""
    with Graph.open(f"{folder}/one.db") as graph:
        graph.ingest(EXAMPLE)
        items, edges = list(graph.store.entities()), list(graph.store.relations())
    copies = range(max(1, round(entities / len(items))))

    def own(value: Value, copy: int) -> Value:
        return tuple(f"{one}.{copy}" for one in value) if isinstance(value, tuple) else f"{value} {copy}"

    def copied(one: Entity, copy: int) -> Entity:
        said = {name: own(value, copy) if name in OWN else value for name, value in one.properties.items()}
        return Entity(f"{one.id}-{copy}", one.type, said)

    return (
        (copied(one, copy) for copy in copies for one in items),
        (
            Relation(one.type, f"{one.subject}-{copy}", f"{one.object}-{copy}", one.properties)
            for copy in copies
            for one in edges
        ),
    )


def filled(kind: str, entities: int, folder: str) -> str:
    """A store that holds such an estate."""
    url = f"{folder}/estate.db"
    if kind == "example":
        items, edges = example(entities, folder)
    else:
        made = layers(entities)
        items, edges = made.entities(), made.relations()
    with Graph.open(url) as graph:
        graph.store.apply(ChangeSet(entities=items, relations=edges))
    return url


def measured(url: str) -> dict[str, object]:
    """All checks in one run as people start it; then each by itself, on what has been read."""
    with Graph.open(url) as graph:
        start = process_time()
        answer = graph.findings.run()
        whole = process_time() - start
        held = round(peak())
        read, each = estate(graph.store), {}
        start = process_time()
        assert read.entities
        assert read.leading_from
        each["reading"] = process_time() - start
        for check in checks(graph.vocabulary):
            start = process_time()
            examine(read, [check])
            each[check.id] = process_time() - start
        return {
            "entities": len(read.entities),
            "relations": len(read.relations),
            "findings": len(answer.findings),
            "whole": whole,
            "peak": held,
            "each": each,
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entities", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--measure", metavar="URL", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.measure:
        print(json.dumps(measured(said.measure)))
        return
    print("| estate | entities | relations | findings | all checks, s | peak MB | longest |")
    print("|---|---:|---:|---:|---:|---:|---|")
    for kind in ("example", "layers"):
        for entities in said.entities:
            with tempfile.TemporaryDirectory() as folder:
                url = filled(kind, entities, folder)
                done = subprocess.run([sys.executable, __file__, "--measure", url], stdout=subprocess.PIPE, check=True)
            found = json.loads(done.stdout)
            longest = sorted(found["each"].items(), key=lambda one: -one[1])[:3]
            told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in longest)
            counts = " | ".join(f"{found[name]:,}" for name in ("entities", "relations", "findings"))
            print(f"| {kind} | {counts} | {found['whole']:.1f} | {found['peak']:,} | {told} |", flush=True)


if __name__ == "__main__":
    main()
