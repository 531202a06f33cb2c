"""What became of changes on every store: made, reviewed, closed, and their trends kept and computed again."""

from __future__ import annotations

import pytest

import graphsms
from after_changes import ESTATE, a_change, an_incident
from graphsms.store import Store


@pytest.fixture
def graph(store: Store) -> graphsms.Graph:
    store.apply(ESTATE)
    store.apply(a_change("rfc-1", ("db", "outage"), start="", end="", changeStatus="approved", team="ops"))
    return graphsms.Graph(store)


def test_a_change_is_made_reviewed_and_closed(graph: graphsms.Graph) -> None:
    graph.change.done("rfc-1", "failed", started="2026-11-02T20:00", ended="2026-11-02T21:00", outcome="reversed")
    action = ("Check the image", "ops", "2026-12-01")
    graph.change.review(
        "rfc-1", by="ann", root_cause="A damaged image", effectiveness="ineffective", actions=[action], close=True
    )
    (found,) = graph.change.reviews("rfc-1")
    assert (found.status, found.failed, found.lacks) == ("closed", True, ())
    assert [(one.name, one.assigned_to, one.due) for one in found.actions] == [
        ("Check the image", ("ops",), "2026-12-01")
    ]
    assert not graph.validate()


def test_trends_are_kept_and_computed_again_from_their_revision(graph: graphsms.Graph) -> None:
    graph.change.done("rfc-1", started="2026-10-02T20:00", ended="2026-10-02T21:00", outcome="successful")
    graph.store.apply(an_incident("inc-1", "2026-10-03T08:00:00Z", ("web", "down")))
    kept = graph.change.trends(since="2026-10-01", until="2026-10-31", keep=True)
    assert (kept.total.made, kept.total.incidents) == (1, 1)
    graph.store.apply(an_incident("inc-2", "2026-10-04T08:00:00Z", ("web", "down")))
    before = graph.change.trends(since="2026-11-01").previous
    assert before is not None
    assert (before.reproduced, before.total.incidents) == (True, 1)
    (found,) = graph.change.predictions("rfc-1").changes
    assert [(one.id, one.verdict) for one in found.compared] == [("web", "predicted")]
