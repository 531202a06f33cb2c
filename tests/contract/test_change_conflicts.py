"""The same conflicts and the same proposals from every store."""

from __future__ import annotations

from change.test_conflicts import BOTH, EARLY, EDGES, ESTATE, LATE, NOW
from graphsms import ChangeSet, Entity, Relation
from graphsms.graph import Graph
from graphsms.store import Store


def test_conflicts_and_windows_are_the_same_on_every_store(store: Store) -> None:
    g = Graph(store)
    incident = Entity("inc-1", "Incident", {"caseStatus": "new"})
    freeze = Entity(
        "season", "FreezePeriod", {"windowStart": "2026-11-29T00:00:00Z", "windowEnd": "2027-01-02T00:00:00Z"}
    )
    affects = Relation("affects", "inc-1", "lb-2", {"state": "down", "validTo": "2026-11-28T20:00:00Z"})
    g.apply(
        ChangeSet(
            entities=[*ESTATE, EARLY, LATE, incident, freeze],
            relations=[*EDGES, *BOTH, affects, Relation("windowFor", "season", "shop")],
        )
    )
    found = g.change.conflicts(as_of=NOW)
    assert [(one.kind, one.ids, one.spans) for one in found.conflicts] == [
        ("in context", ("rfc-1",), (("2026-11-28T19:00:00Z", "2026-11-28T20:00:00Z"),)),
        ("together", ("rfc-1", "rfc-2"), (("2026-11-28T21:00:00Z", "2026-11-28T22:00:00Z"),)),
    ]
    assert found.breaches == ()
    assert [one.start for one in g.change.windows("rfc-2", as_of=NOW, count=2).proposals] == [
        "2026-11-28T22:00:00Z",
        "2026-11-28T18:00:00Z",  # lb-2 is down already until 20:00, whatever is done to it
    ]
