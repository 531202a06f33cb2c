"""What a snapshot of arrays says, in ids: to compare two that were made in different ways."""

from __future__ import annotations

from typing import Any

from graphsms.snapshot.arrays import ArraySnapshot, Condition
from graphsms.snapshot.validity import microseconds
from graphsms.store import Store
from small_estates import MOMENTS


def told(snapshot: ArraySnapshot, store: Store) -> dict[str, Any]:
    """All that a snapshot says, by id, without what has been removed."""
    ids = {snapshot.node(key): id for id in (e.id for e in store.entities()) if (key := store.keys([id])[0])}
    groups = {int(node): place for place, node in enumerate(snapshot.groups)}
    dated = dict(zip(snapshot.dated_nodes.tolist(), map(tuple, snapshot.dated_intervals.tolist()), strict=True))
    edges = {}
    for sender in range(len(snapshot)):
        for place in range(int(snapshot.start[sender]), int(snapshot.start[sender + 1])):
            receiver, kind = divmod(int(snapshot.receivers[place]), 4)
            edges[place] = (ids[sender], ids[receiver], kind, int(snapshot.relations[place]))
    conditions = []
    for row in snapshot.conditions.tolist():
        group = row[Condition.GROUP]
        conditions.append(
            (
                ids[row[Condition.SUBJECT]],
                ids[row[Condition.OBJECT]],
                row[Condition.RELATION],
                None if row[Condition.EDGE] < 0 else edges[row[Condition.EDGE]],
                None if group < 0 else ids[int(snapshot.groups[group])],
                *row[Condition.BIT :],
            )
        )
    return {
        "revision": snapshot.revision,
        "edges": sorted(edges.values()),
        "conditions": sorted(conditions, key=str),
        "nodes": {
            id: (
                int(snapshot.types[node]),
                int(snapshot.marks[node]),
                snapshot.sources[int(snapshot.source_of[node])],
                int(snapshot.missing[node]),
                dated.get(node),
                node in groups
                and (int(snapshot.group_members[groups[node]]), int(snapshot.group_minimum[groups[node]])),
            )
            for node, id in ids.items()
            if node is not None
        },
    }


def assert_the_same(one: ArraySnapshot, other: ArraySnapshot, store: Store) -> None:
    """Two snapshots of the present say the same, and so does what is live of them at every moment."""
    assert told(one, store) == told(other, store)
    for moment in map(microseconds, MOMENTS):
        this, that = one.live(moment), other.live(moment)
        assert list(this.live_by_type) == list(that.live_by_type)
        assert this.below_minimum == that.below_minimum
        assert this.placeholders == that.placeholders
        assert this.unknown((), ()) == that.unknown((), ())
