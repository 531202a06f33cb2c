"""Assessment on every store: the same results, the same hashes, nothing written where nothing is new."""

from __future__ import annotations

from graphsms.model import ChangeSet, Entity, Relation
from graphsms.obligations import Assurance
from graphsms.store import Store

NOW = "2026-11-21T12:00:00Z"
ESTATE = ChangeSet(
    entities=[
        Entity("inc-1", "Incident", {"caseCategory": "network", "recordedAt": "2026-11-01T09:00:00Z"}),
        Entity("inc-2", "Incident", {"recordedAt": "2026-11-02T09:00:00Z"}),
        Entity("web", "Service"),
        Entity("sla", "ServiceLevelAgreement"),
    ],
    relations=[Relation("covers", "sla", "web")],
    actor="ann",
    reason="recorded",
)


def test_results_are_kept_once_and_replaced_with_their_history(store: Store) -> None:
    store.apply(ESTATE)
    assured = Assurance(store)
    first = assured.assess("8.6.1", as_of=NOW)
    again = assured.assess("8.6.1", as_of=NOW)
    assert (first.recorded_in, again.recorded_in, store.revision().number) == (2, None, 2)
    store.apply(ChangeSet(entities=[Entity("inc-2", "Incident", {"caseCategory": "mail", "recordedAt": NOW})]))
    third = assured.assess("8.6.1", as_of=NOW)
    assert third.recorded_in == 4
    id = "computed/records-of-Incident-caseCategory"
    shares = [
        (one.properties["numerator"], one.properties["denominator"])
        for one in (store.entity(id, at=2), store.entity(id, at=3), store.entity(id))
        if one is not None
    ]
    assert shares == [(1.0, 2.0), (1.0, 2.0), (2.0, 2.0)]
    assert [(one.type, one.object) for one in store.relations(subjects=[id])] == [
        ("resultOf", "check/records-of-Incident-caseCategory")
    ]


def test_a_kept_result_is_stale_where_the_graph_under_it_has_changed(store: Store) -> None:
    store.apply(ESTATE)
    assured = Assurance(store)
    assured.assess("8.6.1 a)", as_of=NOW)
    id = "iso-20000-1-2018/8.6.1-1-a_2"
    before = assured.states(as_of=NOW).states[id]
    store.apply(ChangeSet(entities=[Entity("inc-3", "Incident", {"recordedAt": NOW})]))
    after = assured.states(as_of=NOW).states[id]
    assert (before.state, after.state) == ("partial", "stale")
    assert "the graph under it has changed since" in after.reason
