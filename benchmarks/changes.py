"""Changes over large estates: conflicts of a week's schedule, one assessment, its CAB pack in every form.

::

    python benchmarks/changes.py                                  # 10^5 and 10^6 entities
    python benchmarks/changes.py --nodes 100000 --hits 1000 10000 # packs of changes that hit about so much
    python benchmarks/changes.py --nodes 1000000 --keep estates   # a folder in which the stores stay for the next time

The layered estate, with customers and teams beside it, and 500 approved changes in one week: three in four in the
nights, of one to four hours, on one to three machines, workloads or devices. Each size is measured in a process of its
own, in seconds of the processor, which tell more on a machine that others use too, and in seconds on the clock in
brackets. Peak memory is of the process until then. Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from zipfile import ZipFile

import numpy as np

from estates import Estate, estate
from graphsms.change.pack import FORMS
from graphsms.graph import Graph
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.moments import canonical_moment
from graphsms.snapshot import live_graph
from graphsms.snapshot.carriage import DOWN
from memory import peak

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
NOW = "2026-11-21T12:00:00Z"
CHANGES = 500
WORKED_ON = (3, 4, 5, 6)  # workloads, virtual machines, servers, devices
SERVICES_A_CUSTOMER, TEAMS = 50, 20
LARGE = "rfc-large-"
WHOLE = ("xlsx", "json")  # the forms that fold nothing


def week(made: Estate, count: int = CHANGES, seed: int = 8513) -> ChangeSet:
    """Approved changes, with customers and teams of the services."""
    rng = np.random.default_rng(seed)
    entities: list[Entity] = [Entity(f"team-{number}", "Team") for number in range(TEAMS)]
    relations: list[Relation] = []
    services = np.flatnonzero(made.types == 0).tolist()
    for place, node in enumerate(services):
        if place % SERVICES_A_CUSTOMER == 0:
            entities.append(Entity(f"customer-{place // SERVICES_A_CUSTOMER}", "Customer"))
        relations.append(Relation("receives", f"customer-{place // SERVICES_A_CUSTOMER}", made.id(node)))
        relations.append(Relation("ownedBy", made.id(node), f"team-{place % TEAMS}"))
    layers = [np.flatnonzero(made.types == layer) for layer in WORKED_ON]
    for number in range(count):
        night = rng.random() < 0.75
        hour = 20 + 8 * rng.random() if night else 6 + 14 * rng.random()
        start = MONDAY + timedelta(days=int(rng.integers(7)), minutes=15 * int(hour * 4))
        length = timedelta(minutes=15 * int(rng.integers(4, 17)))
        id = f"rfc-{number:04}"
        window = {"windowStart": canonical_moment(start), "windowEnd": canonical_moment(start + length)}
        entities.append(Entity(id, "RequestForChange", {"changeStatus": "approved", **window}))
        mode = str(rng.choice(["outage", "change", "degradation"], p=[0.6, 0.3, 0.1]))
        touched = {int(rng.choice(layers[int(rng.integers(len(layers)))])) for _ in range(int(rng.integers(1, 4)))}
        relations += [Relation("touches", id, made.id(node), {"mode": mode}) for node in sorted(touched)]
    return ChangeSet(entities=entities, relations=relations)


def filled(nodes: int, folder: Path) -> str:
    """A store that holds such an estate, made unless it is there."""
    url = folder / f"estate-{nodes}.db"
    if not url.exists():
        made = estate(nodes)
        with Graph.open(url) as graph:
            graph.store.apply(ChangeSet(entities=made.entities(), relations=made.relations()))
            graph.store.apply(week(made))
    return str(url)


def with_large_changes(url: str, nodes: int, wanted: list[int]) -> None:
    """Adds changes of the week after that hit about as much as wanted, and touch one site or device each."""
    with Graph.open(url) as graph:
        missing = [hits for hits in wanted if graph.store.entity(f"{LARGE}{hits}") is None]
        if not missing:
            return
        made = estate(nodes)
        live = live_graph(graph.store, NOW)
        rng = np.random.default_rng(7)
        candidates = [int(one) for layer in (6, 7) for one in rng.permutation(np.flatnonzero(made.types == layer))[:60]]
        reached: dict[int, int] = {}
        keys = graph.store.keys([made.id(one) for one in candidates])
        for candidate, key in zip(candidates, keys, strict=True):
            node = None if key is None else live.node(key)
            if node is not None:
                reached[candidate] = len(live.spread({node: DOWN}).nodes)
        entities, relations = [], []
        for hits in missing:
            nearest = min(reached, key=lambda one, hits=hits: abs(reached[one] - hits))  # type: ignore[misc]
            window = {"windowStart": "2026-12-05T20:00:00Z", "windowEnd": "2026-12-05T23:00:00Z"}
            entities.append(Entity(f"{LARGE}{hits}", "RequestForChange", {"changeStatus": "assessed", **window}))
            relations.append(Relation("touches", f"{LARGE}{hits}", made.id(nearest), {"mode": "outage"}))
        graph.store.apply(ChangeSet(entities=entities, relations=relations))


def hits_in(content: bytes, form: str) -> int:
    """How many rows a whole form of a pack has for what is hit; in a workbook, of its largest sheet."""
    if form == "json":
        return sum(len(one["hits"]) for one in json.loads(content)["changes"])
    with ZipFile(BytesIO(content)) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        return max(book.read(name).count(b"<row ") - 1 for name in sheets)


def timed(run: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Seconds of the processor and on the clock, the peak of memory until then in MB, and what was returned."""
    clock, processor = perf_counter(), process_time()
    value = run()
    took = {"processor": process_time() - processor, "clock": perf_counter() - clock}
    return took | {"peak": peak()}, value


def measured(url: str, wanted: list[int]) -> Iterator[dict[str, Any]]:
    """One line for each question."""
    with Graph.open(url) as graph:
        took, _ = timed(lambda: live_graph(graph.store, NOW))
        yield {"what": "graph read", "answer": "", **took}
        took, found = timed(lambda: graph.change.conflicts(start="2026-11-23", end="2026-11-30", as_of=NOW))
        kinds = [len(one.changes) for one in found.conflicts]
        answer = f"{len(found.changes)} changes, {len(kinds) - kinds.count(1):,} sets together, {kinds.count(1)} alone"
        yield {"what": "conflicts of the week", "answer": answer + ("" if found.complete else ", not all"), **took}
        if found.conflicts:
            id = max(found.conflicts, key=lambda one: len(one.changes)).ids[0]
            took, windows = timed(
                lambda: graph.change.windows(id, earliest="2026-11-23", latest="2026-11-30", as_of=NOW)
            )
            yield {"what": "nearest free windows of one", "answer": f"{len(windows.proposals)} proposed", **took}
        for id in (f"{LARGE}{hits}" for hits in wanted):
            took, assessed = timed(lambda id=id: graph.change.assess(id))  # type: ignore[misc]
            services = len(assessed.services())
            yield {"what": "assess", "answer": f"{len(assessed.hits):,} hit, {services:,} services", **took}
            took, pack = timed(lambda id=id: graph.change.pack(id))  # type: ignore[misc]
            yield {"what": "pack made", "answer": f"{len(pack.rows().rows):,} rows", **took}
            for form in FORMS:
                took, content = timed(lambda pack=pack, form=form: pack.to_bytes(form))  # type: ignore[misc]
                assert form not in WHOLE or hits_in(content, form) >= len(assessed.hits), f"{form} lacks some"
                yield {"what": f"pack as {form}", "answer": f"{len(content) / 1e6:.1f} MB", **took}
            del assessed, pack


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[10**5, 10**6])
    parser.add_argument("--hits", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--measure", metavar="URL", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.measure:
        for line in measured(said.measure, said.hits):
            print(json.dumps(line), flush=True)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = said.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for nodes in said.nodes:
            url = filled(nodes, folder)
            with_large_changes(url, nodes, said.hits)
            print(f"\n| {nodes:,} entities | answer | s | peak MB |\n|---|---|---:|---:|", flush=True)
            call = [sys.executable, __file__, "--measure", url, "--hits", *map(str, said.hits)]
            with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as running:
                assert running.stdout is not None
                for text in running.stdout:
                    one = json.loads(text)
                    seconds = f"{one['processor']:.2f} ({one['clock']:.1f})"
                    print(f"| {one['what']} | {one['answer']} | {seconds} | {one['peak']:,.0f} |", flush=True)
            assert running.returncode == 0, "it failed: see above"


if __name__ == "__main__":
    main()
