"""A register of documents, on every store: the same entries, the same states, nothing new the second time."""

from __future__ import annotations

from pathlib import Path

from graphsms.analysis.documents import document_register
from graphsms.analysis.reconciliation import duplicates
from graphsms.ingest import ingest
from graphsms.obligations.loading import load
from graphsms.store import Store

FIXTURE = Path(__file__).parent.parent / "ingest" / "fixtures" / "documents.md"
TABLE = """\
name,type,version,status,approved by,approved on,location,clause
Service Management Policy,policy,3,approved,Management board,2026-02-16,https://docs.example.org/P-01,5.2.1 (1); 7.5.4 b
"""
OWN = """\
entities:
- {id: pol, type: Policy, name: Policy for service management}
"""
DAY = "2026-11-21T12:00Z"


def test_a_page_then_a_table_of_one_source_on_every_store(store: Store, tmp_path: Path) -> None:
    first = ingest(store, [FIXTURE], source="documents")
    again = ingest(store, [FIXTURE], source="documents")
    assert (first.revision, again.revision, again.placements) == (1, 1, first.placements)
    policy = "iso-20000-1-2018/7.5.4-1-b"
    before = {one.requirement: one.state for one in document_register(store, as_of=DAY).wanted}
    assert (before[policy], before["iso-20000-1-2018/7.5.4-1-d"]) == ("missing", "in order")
    table = tmp_path / "documents.csv"
    table.write_text(TABLE, encoding="utf-8")
    ingest(store, [table], source="documents")
    after = {one.requirement: one.state for one in document_register(store, as_of=DAY).wanted}
    assert after == {**before, policy: "in order"}
    load(store)
    assert ingest(store, [FIXTURE, table], source="documents").overruled == ()


def test_what_the_graph_has_by_another_id_is_proposed_as_the_same_on_every_store(store: Store, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(OWN, encoding="utf-8")
    ingest(store, [own])
    ingest(store, [FIXTURE])
    pairs = [{group.keep, *group.others} for group in duplicates(store).groups]
    assert {"pol", "document:service-management-policy"} in pairs
    assert {"document:capacity-plan", "document:capacity-plan-2"} in pairs
