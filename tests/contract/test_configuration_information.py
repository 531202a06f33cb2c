"""What becomes of records on every store: merged, verified, attested, and whether their changes were controlled."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.ingest import ingest
from graphsms.store import Store

CMDB = """
entities:
- {id: ann, type: Person, name: Ann}
- {id: web-1, type: Server, name: Web 1, serialNumber: A1, ownedBy: ann}
- {id: shop, type: Service, dependsOn: [web-1]}
- {id: rfc-1, type: RequestForChange, changeStatus: approved, touches: web-1}
"""
SCAN = """
entities:
- {id: scan-7, type: Server, name: web-1.local, serialNumber: a1, hostname: web-1}
- {id: app, type: Application, hostedOn: {to: scan-7, strength: soft}}
"""


@pytest.fixture
def graph(store: Store, tmp_path: Path) -> graphsms.Graph:
    for name, text in (("cmdb", CMDB), ("scan", SCAN)):
        file = tmp_path / f"{name}.yaml"
        file.write_text(text)
        ingest(store, [file], source=name)
    return graphsms.Graph(store)


def test_two_records_are_found_merged_and_still_readable_as_they_were(graph: graphsms.Graph) -> None:
    (group,) = graph.configuration.duplicates().groups
    done = graph.configuration.merge(group.keep, *group.others, request="rfc-1")
    entity = graph.entity("web-1")
    assert (entity.source, set(entity.stated)) == ("cmdb", {"", "cmdb", "scan"})
    assert entity.properties["formerId"] == ("scan-7",)
    (edge,) = [one for one in graph.relations("web-1") if one.subject == "app"]
    assert (edge.source, edge.properties["strength"]) == ("scan", "soft")
    assert graph.store.entity("scan-7") is None
    before = graph.store.entity("scan-7", at=2)
    assert before
    assert before.name == "web-1.local"
    assert done.revision == graph.revision.number == 3


def test_a_verification_and_an_attestation_are_kept_as_records(graph: graphsms.Graph, tmp_path: Path) -> None:
    found = graph.configuration.verify(tmp_path / "scan.yaml", keep=True, actor="ann")
    # By its id; and the other, of which the scan says nothing.
    assert [one.id for one in found.matched] == ["app", "scan-7"]
    assert (found.only_recorded, found.recorded_in) == (("web-1",), 3)
    graph.configuration.attestation_lists(tmp_path / "lists", owner="ann")
    file = tmp_path / "lists" / "ann.csv"
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    rows[0] |= {"answer": "corrected", "model": "HX-60"}
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    answer = graph.configuration.attest(file, apply=True, request="rfc-1")
    assert answer.recorded_in == graph.revision.number == 4
    assert graph.entity("web-1").properties["model"] == "HX-60"
    assert len(list(graph.entities(type="ConfigurationVerification"))) == 2


def test_a_change_without_a_request_is_found_in_the_history_of_every_store(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet(entities=[Entity("web-1", "Server", {"name": "Web", "serialNumber": "A1"})], request="rfc-1"))
    graph.apply(ChangeSet(relations=[Relation("dependsOn", "shop", "app")], actor="bob"))
    open_ = graph.findings.run(checks=["change-without-request"]).open
    assert [(one.identity, one.entities) for one in open_] == [
        ("change-without-request:revision-2", ("app", "scan-7")),
        ("change-without-request:revision-4", ("shop",)),
    ]
