"""Estates of any size for benchmarks: layered, with popularity by a power law, groups, soft edges, shuffled ids.

From top to bottom: services, applications, groups, workloads, virtual machines, servers, devices and
storage, sites. An entity needs others of the layers below its own, the popular ones more often; one in
ten is a group of two to five; one edge in eleven is soft; a few edges lead upwards and make cycles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphsms.model import Entity, Relation

# type, its share of all entities
LAYERS = (
    ("Service", 0.01),
    ("Application", 0.14),
    ("RedundancyGroup", 0.10),
    ("ContainerWorkload", 0.25),
    ("VirtualMachine", 0.20),
    ("Server", 0.20),
    ("NetworkDevice", 0.09),
    ("Site", 0.01),
)
DEPENDS_ON, HAS_MEMBER = "dependsOn", "hasMember"
EDGES_PER_NODE = 4.0
SOFT_SHARE = 0.09
CYCLE_SHARE = 0.001
SKEW = 2.5  # the popularity of the one at place x (0 to 1) of its layer falls with x to the power of 1/SKEW - 1


@dataclass(frozen=True)
class Estate:
    """Nodes are numbered from 0 in shuffled order; an edge leads from what needs to what is needed."""

    types: npt.NDArray[np.uint8]  # by node, index into LAYERS
    minimum: npt.NDArray[np.uint8]  # by node, 0 for what is no group
    subject: npt.NDArray[np.uint32]
    object: npt.NDArray[np.uint32]
    member: npt.NDArray[np.bool_]
    soft: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.types)

    def id(self, node: int) -> str:
        return f"{LAYERS[self.types[node]][0].lower()}-{node}"

    def entities(self) -> Iterator[Entity]:
        for node, (type, minimum) in enumerate(zip(self.types.tolist(), self.minimum.tolist(), strict=True)):
            properties: dict[str, str | int] = {"name": f"Item {node}"}
            if minimum:
                properties["minimum"] = minimum
            yield Entity(f"{LAYERS[type][0].lower()}-{node}", LAYERS[type][0], properties)

    def relations(self) -> Iterator[Relation]:
        ids = [entity.id for entity in self.entities()]
        edges = zip(self.subject.tolist(), self.object.tolist(), self.member.tolist(), self.soft.tolist(), strict=True)
        for subject, object, member, soft in edges:
            type = HAS_MEMBER if member else DEPENDS_ON
            yield Relation(type, ids[subject], ids[object], {"strength": "soft"} if soft else {})


def estate(nodes: int, seed: int = 20000) -> Estate:
    """An estate of so many entities, always the same for the same seed."""
    rng = np.random.default_rng(seed)
    counts = [max(2, round(share * nodes)) for _, share in LAYERS]
    counts[3] += nodes - sum(counts)
    first = np.concatenate(([0], np.cumsum(counts)))
    types = np.repeat(np.arange(len(LAYERS), dtype=np.uint8), counts)

    groups = np.arange(first[2], first[3], dtype=np.int64)
    size = rng.integers(2, 6, len(groups))
    members = np.repeat(groups, size)
    subject = [members]
    object = [_needed(rng, np.full(len(members), 3), first)]
    others = np.arange(first[-2], dtype=np.int64)
    others = others[types[others] != 2]
    free = int(EDGES_PER_NODE * nodes) - len(members)
    from_ = rng.choice(others, free)
    subject.append(from_)
    object.append(_needed(rng, types[from_].astype(np.int64) + 1, first))
    cycles = rng.random(free) < CYCLE_SHARE
    object[1][cycles] = rng.choice(others, int(cycles.sum()))

    subjects, objects = np.concatenate(subject), np.concatenate(object)
    member = np.arange(len(subjects)) < len(members)
    kept = np.unique(subjects * nodes + objects, return_index=True)[1]
    kept = rng.permutation(kept[subjects[kept] != objects[kept]])
    subjects, objects, member = subjects[kept], objects[kept], member[kept]
    soft = ~member & (rng.random(len(kept)) < SOFT_SHARE)

    shuffled = rng.permutation(nodes)
    live = np.bincount(subjects[member], minlength=nodes)
    minimum = np.where(types == 2, np.maximum(1, live - rng.integers(1, 3, nodes)), 0).astype(np.uint8)
    order = np.argsort(shuffled)
    return Estate(
        types=types[order],
        minimum=minimum[order],
        subject=shuffled[subjects].astype(np.uint32),
        object=shuffled[objects].astype(np.uint32),
        member=member,
        soft=soft,
    )


def _needed(
    rng: np.random.Generator, layer: npt.NDArray[np.int64], first: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """For each, one of a layer at or below: mostly the very next ones, the popular ones more often."""
    below = np.minimum(layer + rng.geometric(0.5, len(layer)) - 1, len(first) - 2)
    width = first[below + 1] - first[below]
    place = rng.random(len(layer)) ** SKEW
    picked: npt.NDArray[np.int64] = first[below] + (place * width).astype(np.int64)
    return picked
