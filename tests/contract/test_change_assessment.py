"""An assessment is the same on every store, and so is what people judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphsms.change import Change
from graphsms.errors import UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.store import Store

ESTATE = ChangeSet(
    entities=[
        Entity("web", "Service", {"criticality": "critical"}),
        Entity("pair", "RedundancyGroup", {"minimum": 1}),
        Entity("db-1", "Database"),
        Entity("db-2", "Database"),
        Entity("acme", "Customer"),
        Entity("ann", "Person"),
        Entity("pol", "Policy"),
        Entity("inc", "Incident", {"caseStatus": "new"}),
        Entity("rfc", "RequestForChange", {"windowStart": "2026-12-01T22:00:00Z", "windowEnd": "2026-12-01T23:00:00Z"}),
        Entity("other", "RequestForChange", {"changeStatus": "draft"}),
    ],
    relations=[
        Relation("dependsOn", "web", "pair"),
        Relation("hasMember", "pair", "db-1"),
        Relation("hasMember", "pair", "db-2"),
        Relation("receives", "acme", "web"),
        Relation("ownedBy", "web", "ann"),
        Relation("appliesTo", "pol", "web"),
        Relation("affects", "inc", "db-2", {"state": "down"}),
        Relation("touches", "rfc", "db-1", {"mode": "outage"}),
        Relation("touches", "other", "db-1", {"mode": "change"}),
    ],
)


@pytest.fixture
def change(store: Store) -> Change:
    store.apply(ESTATE)
    return Change(store)


def test_an_assessment_says_the_same_on_every_store(change: Change) -> None:
    answer = change.assess("rfc")
    assert {one.id: (one.before, one.state) for one in answer.hits} == {
        "web": ("at risk", "down"),
        "acme": ("at risk", "down"),
        "pair": ("at risk", "down"),
        "db-1": ("ok", "down"),
        "pol": ("at risk", "down"),
    }
    assert [section.state for section in answer.sections] == ["found", "found", "found", "found", "found"]
    assert [(one.role, one.id) for one in answer.notify] == [("customer", "acme"), ("owner", "ann")]
    assert answer.sentence() == "Making *rfc* stops 1 of 1 service, which is critical."


def test_what_a_change_uses_of_an_allowance_is_the_same_on_every_store(change: Change, store: Store) -> None:
    target: dict[str, Value] = {"metric": "availability", "targetValue": 99.5, "unit": "%", "countedOver": "P1M"}
    window = {"windowStart": "2026-12-01T22:45:00Z", "windowEnd": "2026-12-02T01:00:00Z", "changeStatus": "approved"}
    store.apply(
        ChangeSet(
            [
                Entity("t", "ServiceLevelTarget", target),
                Entity("later", "RequestForChange", window),
                Entity("inc", "Incident", {"caseStatus": "closed"}),
            ],
            [Relation("targetFor", "t", "web"), Relation("touches", "later", "db-2", {"mode": "outage"})],
        )
    )
    (part,) = [one for one in change.assess("rfc").sections[1].parts if one.title == "Targets at risk"]
    assert [(row["id"], row["uses_minutes"]) for row in part.table.records()] == [("t", 15.0)]


def test_a_policy_is_kept_with_every_store_and_let_go_of(change: Change, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    text = "# Ours: ä, 変更\ntold:\n- {role: steward, of: [Service], through: [ownedBy]}\n\n"
    file.write_text(text, encoding="utf-8")
    before = store.revision().number
    revision, kept = change.keep_policy(file, actor="ann", reason="Decided")
    assert (revision.number, revision.actor, revision.reason) == (before + 1, "ann", "Decided")
    assert change.policy().hash == kept.hash == change.policy(file).hash
    assert [(one.role, one.id) for one in change.assess("rfc").notify] == [("steward", "ann")]
    assert [one.role for one in change.assess("rfc", at=before).notify] == ["customer", "owner"]
    change.let_go_of_policy()
    assert change.policy().kept_as == ""


def test_judgements_are_written_read_and_taken_back_on_every_store(change: Change, store: Store) -> None:
    change.judge("rfc", "pair", impacted=False, why="The other one is back", by="ann")
    held = change.assess("rfc")
    assert {one.id for one in held.hits} == {"db-1"}
    (said,) = held.judgements
    assert (said.by, said.computed, said.note) == ("ann", "down", "It stays at risk, as it is without the change.")
    change.withdraw("rfc", "pair")
    assert {one.id for one in change.assess("rfc").hits} == {"web", "acme", "pair", "db-1", "pol"}
    assert {one.id for one in change.assess("rfc", at=2).hits} == {"db-1"}
    before = store.revision().number
    with pytest.raises(UnknownIdError):
        change.judge("rfc", "paar", impacted=False, why="So", by="ann")
    assert store.revision().number == before
