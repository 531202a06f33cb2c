"""Assessments of changes: one that hits little, beside others in the same window, and one that hits much.

::

    python benchmarks/assessment.py                     # over 10^5 entities
    python benchmarks/assessment.py --nodes 1000000

Services have an owner and a customer, and every fourth an agreement with a target of availability. Fifty approved
changes overlap the window, each from another minute on. The
change that hits little touches something right below services, the other one the hundred entities that most stands
on; they are not yet approved. Prints a Markdown table; what an assessment takes is told with the snapshot there
already.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from time import perf_counter, process_time

import numpy as np

from estates import LAYERS, Estate, estate
from graphsms.graph import Graph
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.ontology import load
from graphsms.report.tables import to_json
from graphsms.store import open_store

WINDOW = {"windowStart": "2026-12-01T22:00:00Z", "windowEnd": "2026-12-01T23:00:00Z"}
TARGET = "ServiceLevelTarget"
PROMISED: dict[str, Value] = {
    "metric": "availability",
    "comparison": "at least",
    "targetValue": 99.5,
    "unit": "%",
    "countedOver": "P1M",
}
OTHERS = 50


def around(made: Estate) -> ChangeSet:
    """Who owns and receives services, and what was agreed."""
    service = next(number for number, (type, _) in enumerate(LAYERS) if type == "Service")
    entities = [Entity(f"person-{number}", "Person") for number in range(200)]
    entities += [Entity(f"customer-{number}", "Customer") for number in range(100)]
    relations = []
    for number, node in enumerate(np.flatnonzero(made.types == service).tolist()):
        relations.append(Relation("ownedBy", made.id(node), f"person-{number % 200}"))
        relations.append(Relation("receives", f"customer-{number % 100}", made.id(node)))
        if number % 4 == 0:
            entities += [Entity(f"sla-{number}", "ServiceLevelAgreement"), Entity(f"t-{number}", TARGET, PROMISED)]
            relations.append(Relation("covers", f"sla-{number}", made.id(node)))
            relations.append(Relation("hasTarget", f"sla-{number}", f"t-{number}"))
            relations.append(Relation("targetFor", f"t-{number}", made.id(node)))
    return ChangeSet(entities=entities, relations=relations)


def requests(made: Estate, seed: int = 8513) -> ChangeSet:
    """The two changes in question, and those beside them."""
    rng = np.random.default_rng(seed)
    near = np.flatnonzero(made.types == 1)  # what services stand on directly
    most = np.argsort(-np.bincount(made.object, minlength=len(made)))[:100]
    touched = {"little": near[:1].tolist(), "much": most.tolist()}
    touched |= {f"other-{number}": rng.choice(near, 2).tolist() for number in range(OTHERS)}
    return ChangeSet(
        entities=[
            Entity(id, "RequestForChange", {**window, "changeStatus": "approved" if "other" in id else "assessed"})
            for id, window in ((id, window_of(id)) for id in touched)
        ],
        relations=[
            Relation("touches", id, made.id(node), {"mode": "outage"})
            for id, nodes in touched.items()
            for node in sorted(set(nodes))
        ],
    )


def window_of(id: str) -> dict[str, str]:
    """The window, and for those beside it one that begins some minutes later."""
    minute = int(id.removeprefix("other-")) if "other" in id else 0
    return {**WINDOW, "windowStart": f"2026-12-01T22:{minute:02}:00Z"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=100_000)
    asked = parser.parse_args()
    made = estate(asked.nodes)
    print(f"Python {platform.python_version()}, {platform.machine()}; {asked.nodes:,} entities\n")
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/estate.db", vocabulary=load()) as store:
        store.apply(ChangeSet(entities=made.entities(), relations=made.relations()))
        graph = Graph(store)
        graph.apply(around(made))
        graph.apply(requests(made))
        graph.change.assess("little")
        print("| change | hits | by the context | assessment, s | of one core, s | JSON, MB |")
        print("|---|---:|---:|---:|---:|---:|")
        for id in ("little", "much"):
            begin, began = perf_counter(), process_time()
            answer = graph.change.assess(id)
            took, used = perf_counter() - begin, process_time() - began
            already = len(answer.context_impact.hits) if answer.context_impact else 0
            size = len(json.dumps(json.loads(to_json(answer.to_json()))).encode()) / 1e6
            print(f"| hits {id} | {len(answer.hits):,} | {already:,} | {took:.2f} | {used:.2f} | {size:.1f} |")


if __name__ == "__main__":
    main()
