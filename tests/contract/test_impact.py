"""The same blast radius from every store, by both engines, now and as recorded before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphsms.snapshot as snapshots
from contract.conftest import NewStore
from graphsms.analysis.impact import explain, impact
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.snapshot import arrays
from graphsms.snapshot.refresh import refreshed
from graphsms.store import Store
from small_edits import Edit, edits
from small_estates import VOCABULARY, Small, small_estates
from told_snapshot import assert_the_same

AS_OF = "2026-11-21T09:30:00Z"
ESTATE = ChangeSet(
    entities=[
        Entity("web", "Service", {"name": "Web shop", "criticality": "critical"}),
        Entity("mail", "Service", {"validTo": "2026-01-01T00:00:00Z"}),
        Entity("apps", "RedundancyGroup", {"minimum": 1}),
        Entity("app-1", "Application"),
        Entity("app-2", "Application"),
        Entity("app-3", "Application", {"lifecycle": "retired"}),
        Entity("host", "Server", {"placeholder": True}),
        Entity("supply", "SupplyRelationship"),
        Entity("acme", "Organization"),
        Entity("sla", "ServiceLevelAgreement"),
    ],
    relations=[
        Relation("dependsOn", "web", "apps"),
        Relation("dependsOn", "mail", "apps"),
        Relation("hasMember", "apps", "app-1"),
        Relation("hasMember", "apps", "app-2"),
        Relation("hasMember", "apps", "app-3"),
        Relation("hostedOn", "app-1", "host"),
        Relation("hostedOn", "app-2", "host", {"strength": "soft"}),
        Relation("suppliedBy", "host", "supply", {"validFrom": "2026-01-01T00:00:00Z"}),
        Relation("hasSupplier", "supply", "acme"),
        Relation("covers", "sla", "web"),
    ],
)


@pytest.fixture(params=["plain", "compiled"])
def _engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "compiled":
        monkeypatch.setattr(snapshots, "SMALL", 0)
    snapshots._kept.clear()
    yield
    snapshots._kept.clear()


def hit(store: Store, *ids: str, **options: Any) -> dict[str, tuple[str, tuple[str, ...]]]:
    answer = impact(store, ids, as_of=AS_OF, **options)
    return {one.id: (one.state, one.through) for one in (*answer.hits, *answer.concerned)}


@pytest.mark.usefixtures("_engine")
def test_a_blast_radius_is_the_same_from_every_store(store: Store) -> None:
    store.apply(ESTATE)
    assert hit(store, "acme") == {
        "host": ("down", ("supply",)),
        "app-1": ("down", ("host",)),
        "app-2": ("degraded", ("host",)),
        "apps": ("degraded", ("app-1", "app-2")),
        "web": ("degraded", ("apps",)),
        "sla": ("degraded", ("web",)),
    }
    assert hit(store, "app-1") == {
        "apps": ("at risk", ("app-1",)),
        "web": ("at risk", ("apps",)),
        "sla": ("at risk", ("web",)),
    }
    assert str(explain(store, "acme", "apps", as_of=AS_OF)) == (
        "apps is degraded: 2 of its 2 members are degraded or down, it needs 1: app-1, app-2; "
        "app-1 is down: hosted on host; app-2 is degraded: hosted on host; host is down: supplied by supply; "
        "supply is down to begin with, as it stands for acme."
    )


@pytest.mark.usefixtures("_engine")
def test_it_follows_what_changes_and_keeps_what_was(store: Store) -> None:
    store.apply(ESTATE)
    assert hit(store, "app-1")["web"] == ("at risk", ("apps",))
    store.apply(ChangeSet([Entity("apps", "RedundancyGroup", {"minimum": 2})], removed_entities=["sla"]))
    assert hit(store, "app-1") == {"apps": ("down", ("app-1",)), "web": ("down", ("apps",))}
    assert hit(store, "app-1", at=1)["web"] == ("at risk", ("apps",))
    assert "sla" in hit(store, "app-1", at=1)
    assert impact(store, "app-1", at=1).revision == 1


def test_a_snapshot_refreshed_over_any_history_is_the_one_streamed(new_store: NewStore, store_url: str) -> None:
    @settings(max_examples=5 if "://" in store_url else 60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(small=small_estates(6), changes=st.lists(edits(8), min_size=1, max_size=4))
    def as_streamed(small: Small, changes: list[Edit]) -> None:
        with new_store(vocabulary=VOCABULARY) as store:
            store.apply(ChangeSet(small.entities, small.relations))
            snapshot = arrays.read(store)
            for change in changes:
                change.apply(store)
                streamed = arrays.read(store)
                # It is None where it has to be streamed, such as for an entity of another type.
                snapshot = refreshed(snapshot, store) or streamed
                assert_the_same(snapshot, streamed, store)

    as_streamed()
