"""Requests for change on every store: made, altered, read, classified and scheduled, with the same answers."""

from __future__ import annotations

import pytest

from graphsms.change import Change
from graphsms.errors import RejectedError
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store

ESTATE = ChangeSet(
    entities=[
        Entity("web", "Service", {"criticality": "critical"}),
        Entity("db", "Database"),
        Entity("board", "Team"),
        Entity("rel", "Release"),
        Entity("inc", "Incident"),
        Entity("frozen", "FreezePeriod", {"windowStart": "2026-12-01T00:00:00Z", "windowEnd": "2026-12-02T00:00:00Z"}),
    ],
    relations=[
        Relation("dependsOn", "web", "db"),
        Relation("windowFor", "frozen", "web"),
        Relation("affects", "inc", "db", {"state": "degraded"}),
    ],
)
PATCH = {
    "name": "Patch",
    "touches": [{"to": "db", "mode": "outage"}],
    "windowStart": "2026-12-01T20:00Z",
    "windowEnd": "2026-12-01T23:00Z",
    "approver": "board",
    "release": "rel",
}


@pytest.fixture
def change(store: Store) -> Change:
    store.apply(ESTATE)
    return Change(store)


def test_a_request_is_made_altered_and_read(change: Change, store: Store) -> None:
    (id,) = change.create(PATCH, actor="ann", reason="weekly").ids
    assert id == "rfc-0001"
    assert (store.revision().actor, store.revision().reason) == ("ann", "weekly")
    change.edit(id, {"approver": None, "priority": "high"}, touch={"web": "change"}, untouch=["db"])
    (request,) = change.requests([id])
    assert (request.modes(), request.says("priority")) == ({"web": "change"}, "high")
    assert sorted(request.leading_to) == ["touches"]
    assert [one.id for one in request.led_from["implements"]] == ["rel"]
    assert change.requests([id], at=2)[0].modes() == {"db": "outage"}


def test_a_number_that_was_used_is_not_used_again(change: Change, store: Store) -> None:
    (id,) = change.create(PATCH).ids
    store.apply(ChangeSet(removed_entities=[id]))
    assert change.create({"name": "Another"}).ids == ("rfc-0002",)


def test_what_is_wrong_leaves_the_store_as_it_was(change: Change, store: Store) -> None:
    with pytest.raises(RejectedError) as caught:
        change.create(PATCH, {**PATCH, "touches": "bd", "windowEnd": "2026-11-01"})
    assert sorted(one.rule for one in caught.value.faults) == ["less-than", "unknown-id"]
    assert store.revision().number == 1


def test_requests_are_classified(change: Change) -> None:
    (id,) = change.create(PATCH).ids
    (found,) = change.classify(id)
    assert (found.category.says, found.route.says, found.risk.says) == ("normal", "8.5.1.3", "very high")
    assert found.major_impact.rule == "service-of-weight-stops"
    facts = {"services_down": 1, "in_freeze": True, "open_incidents": 1, "criticality_down": "critical"}
    assert facts.items() <= found.facts.items()


def test_what_is_known_and_when_it_is_made(change: Change) -> None:
    (id,) = change.create(PATCH).ids
    found = change.known(id)
    assert [(one.what, one.entity.id) for one in found.overlaps] == [("freeze", "frozen")]
    assert [one.entity.id for one in found.ties] == ["board", "rel"]
    schedule = change.schedule("2026-12-01", "2026-12-01")
    assert [one.entity.id for one in schedule.entries] == ["frozen", id]
    assert schedule.to_ical() == change.schedule("2026-12-01", "2026-12-01").to_ical()
