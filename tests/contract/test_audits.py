"""Samples, audits and management reviews on every store."""

from __future__ import annotations

import pytest

import graphsms
from graphsms.errors import RejectedError
from graphsms.model import ChangeSet, Entity, Relation
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


def test_a_management_review_is_taken_back_on_every_store(store: Store) -> None:
    graph = graphsms.Graph(store)
    graph.obligations.load()
    graph.apply(
        ChangeSet(
            [
                Entity("ann", "Person"), Entity("risk-1", "Risk", {"riskLevel": "high"}),
                Entity("sms", "ServiceManagementSystem", {"reviewInterval": "P1Y"}),
                Entity("audit-1", "Audit", {"endedAt": "2026-03-10T12:00:00Z"}),
                Entity("nc-1", "Nonconformity", {"caseStatus": "in progress", "recordedAt": "2026-03-11T12:00:00Z"}),
            ],
            [
                Relation("examines", "audit-1", "sms"), Relation("arisesFrom", "nc-1", "audit-1"),
                Relation("failsToMeet", "nc-1", "iso-20000-1-2018/8.6.1-1"),
            ],
        )
    )  # fmt: skip
    pack = graph.obligations.review.pack(since="2026-01-01", as_of="2026-06-30")
    assert [one.letter for one in pack if one.state == "data"] == ["c)", "k)"]
    programme = graph.obligations.audits.programme(as_of="2026-06-30")
    assert (programme.clauses[0].clause, programme.clauses[0].open) == ("8.6.1", ("nc-1",))
    stated = {
        "date": "2026-06-30",
        "participants": ["ann"],
        "inputs": {"risks": ["risk-1"], "performance of the system": ["risk-1", "nc-1"]},
        "decisions": [{"what": "Treat it", "decision": "approved", "on": "risk-1"}],
        "actions": [{"what": "Mend it", "owner": "ann", "due": "2026-09-30"}],
    }
    before = store.revision()
    with pytest.raises(RejectedError):
        graph.obligations.review.record({**stated, "actions": [{"what": "Mend it", "owner": "nobody"}]})
    assert store.revision() == before
    found = graph.obligations.review.record(stated, actor="ann")
    assert found.revision == before.number + 1
    assert {
        one.object: one.properties["reviewInput"] for one in graph.relations(found.id) if one.type == "considered"
    } == {
        "nc-1": ("performance of the system",),
        "risk-1": ("performance of the system", "risks"),
    }
    assert graph.obligations.states(as_of="2026-07-01").states["iso-20000-1-2018/9.3-2-k"].state == "evidenced"
    assert not graph.validate()
