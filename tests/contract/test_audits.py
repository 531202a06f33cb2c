"""Samples, audits and management reviews on every store."""

from __future__ import annotations

import graphsms
from graphsms.model import ChangeSet, Entity
from graphsms.store import Store

AS_OF = "2026-11-21"


def test_a_sample_is_the_same_on_every_store_and_is_kept(store: Store) -> None:
    graph = graphsms.Graph(store)
    graph.apply(ChangeSet([Entity(f"inc-{n}", "Incident", {"recordedAt": "2026-10-02"}) for n in range(20)]))
    found = graph.obligations.sample(type="Incident", size=4, seed=2026, keep=True, as_of=AS_OF)
    assert [one.id for one in found.drawn] == ["inc-11", "inc-6", "inc-14", "inc-19"]
    assert found.kept == "sample:2026-11-21:0f84bfc19d88"
    assert graph.entity(found.kept).properties["numerator"] == 4.0
    assert {one.object for one in graph.relations(found.kept)} == {one.id for one in found.drawn}
