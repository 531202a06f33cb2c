"""Decisions on changes, on every store: what is recorded of them, and whether they still stand."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from graphsms.change import Change
from graphsms.change.pack import canonical
from graphsms.errors import ConflictError, InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store


@pytest.fixture
def shop(store: Store) -> Store:
    """A request that takes down the database of a shop; revision 1."""
    store.apply(
        ChangeSet(
            [
                Entity("rfc-1", "RequestForChange", {"name": "New disks", "changeStatus": "assessed"}),
                Entity("db-1", "Database", {"name": "Orders"}),
                Entity("web", "Service", {"name": "Shop"}),
                Entity("board", "Team", {"name": "Change board"}),
                Entity("room", "Site"),
            ],
            [Relation("touches", "rfc-1", "db-1", {"mode": "outage"}), Relation("dependsOn", "web", "db-1")],
        )
    )
    return store


def test_a_decision_is_recorded_with_its_basis_and_the_state_follows(shop: Store) -> None:
    made, revision = Change(shop).decide(
        "rfc-1", "approved", by="board", conditions="Only at night", priority="high", at=1, actor="ada"
    )
    assert (made.outcome, made.by, made.conditions, made.priority) == ("approved", "board", "Only at night", "high")
    assert made.basis is not None
    assert (made.basis.revision, revision.number, revision.actor, revision.request) == (1, 2, "ada", "rfc-1")
    request = shop.entity("rfc-1")
    assert request is not None
    assert (request.properties["changeStatus"], request.properties["priority"]) == ("approved", "high")
    (standing,) = Change(shop).decisions("rfc-1")
    assert (standing.standing, standing.moved) == ("stands", ())


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_pack_is_kept_by_its_hash_and_says_its_revision(shop: Store, tmp_path: Path, form: str) -> None:
    pack = tmp_path / f"pack.{form}"
    printed = Change(shop).pack("rfc-1")
    pack.write_bytes(printed.to_bytes(form))
    made, _ = Change(shop).decide("rfc-1", "approved", by="board", pack=pack)
    assert made.basis is not None
    assert (made.basis.revision, made.basis.file) == (1, f"pack.{form}")
    assert made.basis.sha256 == printed.hash, "as it is printed in every form of it"
    (record,) = made.based_on
    assert shop.vocabulary.is_a(record.type, shop.vocabulary.known_as("assessment of changes"))


def test_a_pack_of_another_request_or_of_another_graph_is_no_basis(shop: Store, tmp_path: Path) -> None:
    shop.apply(ChangeSet([Entity("rfc-2", "RequestForChange")], [Relation("touches", "rfc-2", "web")]))
    pack = tmp_path / "pack.json"
    pack.write_bytes(Change(shop).pack("rfc-2").to_bytes("json"))
    with pytest.raises(InputError, match=r"pack\.json is about rfc-2, and not about rfc-1"):
        Change(shop).decide("rfc-1", "approved", by="board", pack=pack)
    stated = json.loads(Change(shop).pack("rfc-1").to_bytes("json"))
    del stated["hash"]
    stated["inputs"]["revision_hash"] = "0" * 64
    pack.write_text(json.dumps({**stated, "hash": sha256(canonical(stated)).hexdigest()}), "utf-8")
    with pytest.raises(ConflictError, match="revision 2 of another graph"):
        Change(shop).decide("rfc-1", "approved", by="board", pack=pack)
    stated["changes"][0]["hits"] = []
    pack.write_text(json.dumps({**stated, "hash": Change(shop).pack("rfc-1").hash}), "utf-8")
    with pytest.raises(InputError, match=r"pack\.json .* was altered after it was made"):
        Change(shop).decide("rfc-1", "approved", by="board", pack=pack)
    assert shop.revision().number == 2


def test_what_is_different_since_is_told_of_the_request_what_it_touches_and_what_it_hits(shop: Store) -> None:
    change = Change(shop)
    change.decide("rfc-1", "approved", by="board", at=1)
    shop.apply(ChangeSet([Entity("elsewhere", "Server")]))
    assert change.decisions("rfc-1")[0].standing == "stands"  # the graph moved on, and nothing of the change with it
    shop.apply(
        ChangeSet(
            [
                Entity(
                    "rfc-1", "RequestForChange", {"name": "New disks", "changeStatus": "approved", "mode": "change"}
                ),
                Entity("db-1", "Database", {"name": "Orders", "version": "17"}),
                Entity("mail", "Service"),
                Entity("db-2", "Database"),
            ],
            [Relation("dependsOn", "mail", "db-1"), Relation("touches", "rfc-1", "db-2")],
            removed_relations=[("web", "dependsOn", "db-1")],
        )
    )
    (decided,) = change.decisions("rfc-1")
    assert decided.standing == "moved"
    assert [(one.what, one.id, one.field, one.before, one.after) for one in decided.moved] == [
        ("request", "rfc-1", "mode", "", "change"),
        ("touched", "db-1", "version", "", "17"),
        ("touched", "db-2", "", "", "touched"),
        ("hit", "mail", "state", "ok", "down"),
        ("hit", "web", "state", "down", "ok"),
    ]


def test_a_later_decision_replaces_an_earlier_one_and_both_stay(shop: Store) -> None:
    change = Change(shop)
    change.decide("rfc-1", "deferred", by="board", decided_at="2026-11-01T10:00:00Z")
    change.decide("rfc-1", "approved", by="board", decided_at="2026-11-08T10:00:00Z")
    (decided,) = change.decisions("rfc-1")
    assert decided.decision is not None
    assert (decided.decision.outcome, [one.outcome for one in decided.earlier]) == ("approved", ["deferred"])
    assert decided.standing == "no basis"


def test_a_decision_that_cannot_be_taken_changes_nothing(shop: Store) -> None:
    change = Change(shop)
    change.decide("rfc-1", "rejected", by="board")
    with pytest.raises(InputError, match="rfc-1 is rejected, and can only become recorded"):
        change.decide("rfc-1", "approved", by="board")
    with pytest.raises(InputError, match="it is one of approved, deferred, rejected"):
        change.decide("rfc-1", "postponed", by="board")
    with pytest.raises(UnknownIdError, match="boar"):
        change.decide("rfc-1", "rejected", by="boar")
    assert shop.revision().number == 2


def test_who_decides_is_a_party_or_a_role_and_the_basis_is_of_this_graph(shop: Store) -> None:
    change = Change(shop)
    with pytest.raises(InputError, match="room is of type site"):
        change.decide("rfc-1", "approved", by="room")
    with pytest.raises(ConflictError, match="revision 7 of another graph"):
        change.decide("rfc-1", "approved", by="board", at=7)
    with pytest.raises(UnknownIdError, match="minutes"):
        change.decide("rfc-1", "approved", by="board", based_on=["minutes"])
    with pytest.raises(InputError, match="db-1 is of type database, and no request for change"):
        change.decide("db-1", "approved", by="board")
    assert shop.revision().number == 1


@pytest.mark.parametrize("content", [b"", b"{}", b'{"inputs": {"revision": "1"}}', b"<html></html>", b"\xff\xfe\x00"])
def test_what_is_no_pack_is_refused(shop: Store, tmp_path: Path, content: bytes) -> None:
    pack = tmp_path / "pack.html"
    pack.write_bytes(content)
    with pytest.raises(InputError, match=r"pack\.html"):
        Change(shop).decide("rfc-1", "approved", by="board", pack=pack)
    assert shop.revision().number == 1
