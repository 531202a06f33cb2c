"""Packs on every store: the same words of the same graph, and as confidential as what is in it."""

from __future__ import annotations

from graphsms.change import Change
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store


def test_a_pack_is_the_same_on_every_store(store: Store) -> None:
    store.apply(
        ChangeSet(
            [
                Entity("rfc-1", "RequestForChange", {"name": "New disks", "changeStatus": "assessed"}),
                Entity("db-1", "Database", {"confidentiality": "confidential"}),
                Entity("web", "Service", {"name": "Shop", "criticality": "high"}),
            ],
            [Relation("touches", "rfc-1", "db-1", {"mode": "outage"}), Relation("dependsOn", "web", "db-1")],
            source="cmdb",
        )
    )
    first = Change(store).pack("rfc-1")
    store.apply(ChangeSet([Entity("web-2", "Service")], [Relation("dependsOn", "web-2", "web")]))
    again, moved = Change(store).pack("rfc-1", at=1), Change(store).pack("rfc-1")
    assert again.to_bytes("json") == first.to_bytes("json")
    assert moved.hash != first.hash
    assert first.sentence() == "Making *rfc-1* stops 1 of 1 service."
    assert [one.id for one in first.assessments[0].services()] == ["web"]
    assert (first.marking.level, first.marking.by) == ("confidential", ("db-1",))
    assert [one.name for one in first.inputs.sources] in ([], ["cmdb"])
    agenda = Change(store).pack("rfc-1", agenda=True, at=1)
    assert agenda.assessments[0].to_json() == first.assessments[0].to_json()
