"""What ends: certificates, licences, support, agreements and their notice; what is over comes first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphsms
from graphsms import ontology
from graphsms.analysis.expiry import duration_of, expiring
from graphsms.errors import InputError
from memory_store import MemoryStore

WORDS = ontology.load()
TODAY = "2026-11-21T12:00:00Z"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        yield graph


def load(graph: graphsms.Graph, folder: Path, text: str) -> None:
    file = folder / "estate.yaml"
    file.write_text("entities:\n" + text, encoding="utf-8")
    graph.ingest(file)


def endings(graph: graphsms.Graph, within: str = "90d", as_of: str = TODAY) -> list[tuple[str, str, str, int]]:
    return [
        (one.id, one.what, one.last_day, one.days) for one in graph.configuration.expiring(within, as_of=as_of).endings
    ]


def test_what_is_over_comes_first_and_then_what_ends_soonest(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(
        graph,
        tmp_path,
        """
- {id: late, type: Certificate, expiresOn: 2026-11-20}
- {id: today, type: Certificate, expiresOn: 2026-11-21}
- {id: soon, type: Licence, expiresOn: 2026-12-01}
- {id: later, type: Licence, expiresOn: 2027-06-01}
- {id: host, type: Server, endOfSupport: 2026-11-30}
- {id: gone, type: Server, endOfSupport: 2026-01-30, lifecycle: retired}
- {id: asset, type: Asset, accountsFor: host, warrantyUntil: 2026-01-01}
""",
    )
    assert endings(graph) == [
        ("asset", "warranty", "2026-01-01", -324),
        ("late", "use", "2026-11-20", -1),
        ("today", "use", "2026-11-21", 0),
        ("host", "support", "2026-11-30", 9),
        ("soon", "use", "2026-12-01", 10),
    ]
    assert [one[0] for one in endings(graph, as_of="2027-06-01T12:00:00Z")][-1] == "later"


def test_an_ending_names_the_services_that_depend_on_it_or_on_what_it_is_about(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    load(
        graph,
        tmp_path,
        """
- {id: web, type: Service, criticality: low, securedBy: cert, dependsOn: host}
- {id: pay, type: Service, criticality: critical, dependsOn: web}
- {id: cert, type: Certificate, expiresOn: 2026-12-01}
- {id: host, type: Server}
- {id: asset, type: Asset, accountsFor: host, warrantyUntil: 2026-12-02}
- {id: sla, type: ServiceLevelAgreement, covers: web, validTo: 2026-12-03}
""",
    )
    found = {one.id: one.services for one in graph.configuration.expiring(as_of=TODAY).endings}
    assert found == {"cert": ("pay", "web"), "asset": ("pay", "web"), "sla": ("pay", "web")}


def test_an_agreement_ends_after_its_last_day_and_its_notice_comes_before(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    load(
        graph,
        tmp_path,
        """
- {id: acme, type: Organization}
- {id: supply, type: SupplyRelationship, hasSupplier: acme}
- {id: contract, type: Contract, covers: supply, validTo: 2027-03-31, noticePeriod: P3M}
""",
    )
    assert endings(graph, "60d") == [("contract", "notice", "2026-12-31", 40)]
    assert endings(graph, "1y") == [
        ("contract", "notice", "2026-12-31", 40),
        ("contract", "validity", "2027-03-31", 130),
    ]
    assert endings(graph, as_of="2027-02-01T12:00:00Z") == [("contract", "validity", "2027-03-31", 58)]
    assert endings(graph, as_of="2027-03-31T23:59:59Z") == [("contract", "validity", "2027-03-31", 0)]
    assert endings(graph, as_of="2027-04-01T00:00:00Z") == [("contract", "validity", "2027-03-31", -1)]


def test_an_agreement_that_was_followed_by_another_has_not_ended_for_anybody(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    load(
        graph,
        tmp_path,
        """
- {id: us, type: Organization}
- {id: a, type: Customer}
- {id: b, type: Customer}
- {id: web, type: Service}
- {id: old-a, type: ServiceLevelAgreement, covers: web, agreedWith: [us, a], validTo: 2026-06-30}
- {id: new-a, type: ServiceLevelAgreement, covers: web, agreedWith: [us, a], validFrom: 2026-07-01}
- {id: old-b, type: ServiceLevelAgreement, covers: web, agreedWith: [us, b], validTo: 2026-06-30}
""",
    )
    assert [one[0] for one in endings(graph)] == ["old-b"]


def test_a_property_of_the_users_own_that_says_it_is_an_end_is_looked_at(tmp_path: Path) -> None:
    own = tmp_path / "own.ttl"
    own.write_text(
        """
@prefix sms: <https://w3id.org/graphsms/ontology#> .
@prefix my: <https://example.org/my#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
my:inspectedUntil a owl:DatatypeProperty ; rdfs:domain sms:ConfigurationItem ; sms:valueType xsd:date ;
    sms:endOf "inspection" ; skos:prefLabel "inspected until"@en ; skos:definition "Until when."@en .
"""
    )
    with graphsms.open(tmp_path / "estate.db", ontology=[own]) as graph:
        load(graph, tmp_path, "- {id: lift, type: Server, inspectedUntil: 2026-12-01}\n")
        assert endings(graph) == [("lift", "inspection", "2026-12-01", 10)]


def test_a_day_ends_in_the_organizations_zone(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(graph, tmp_path, "- {id: cert, type: Certificate, expiresOn: 2026-12-01}\n")
    auckland = expiring(graph.store, as_of="2026-12-01T12:00:00Z", zone=ZoneInfo("Pacific/Auckland"))
    assert [(one.last_day, one.days) for one in auckland.endings] == [("2026-12-01", -1)]
    assert endings(graph, as_of="2026-12-01T12:00:00Z") == [("cert", "use", "2026-12-01", 0)]


def test_where_nothing_states_an_end_nothing_can_be_said(graph: graphsms.Graph) -> None:
    assert "nothing can be said" in graph.configuration.expiring().sentence()


def test_what_ended_in_use_and_what_ends_soon_are_findings(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(
        graph,
        tmp_path,
        "- {id: late, type: Certificate, expiresOn: 2026-11-20}\n- {id: soon, type: Licence, expiresOn: 2026-12-01}\n",
    )
    run = graph.findings.run(checks=["ended-in-use", "ends-soon"], as_of=TODAY)
    assert [one.identity for one in run.open] == ["ended-in-use:late,use", "ends-soon:soon,use"]
    assert {one.looked_at for one in run.tallies} == {2}


def test_on_the_example_estate_the_certificates_come_with_their_services(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.ingest(Path(__file__).parent.parent.parent / "examples" / "estate")
        answer = graph.configuration.expiring("90d", as_of=TODAY)
    found = {one.id: one for one in answer.endings}
    assert found["cert-shop"].days == 11
    assert "web-shop" in found["cert-shop"].services
    assert found["hypervisor-8"].ended
    assert found["sla-kestrelby"].ended
    assert [one.ended for one in answer.endings] == sorted((one.ended for one in answer.endings), reverse=True)


def test_however_far_ahead_is_asked_there_is_an_answer(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(graph, tmp_path, "- {id: cert, type: Certificate, expiresOn: 9999-12-31}\n")
    assert [one[0] for one in endings(graph, "99999y")] == ["cert"]


@pytest.mark.parametrize("wrong", ["", "soon", "90", "-P1D", "P", "1e3d"])
def test_what_is_no_time_ahead_is_refused(wrong: str) -> None:
    with pytest.raises(InputError):
        duration_of(wrong)


def test_hours_are_told_how_to_be_written() -> None:
    with pytest.raises(InputError, match=r"'2h' is no duration; write it as 90d, .* or PT2H"):
        duration_of("2h")
    assert duration_of("PT2H") == "PT2H"


@given(st.integers(-400, 400), st.integers(0, 400))
def test_exactly_what_ends_by_the_last_day_asked_about_is_listed(days: int, within: int) -> None:
    day = date(2026, 11, 21) + timedelta(days=days)
    with MemoryStore(WORDS) as store:
        store.apply(
            graphsms.ChangeSet(entities=[graphsms.Entity("cert", "Certificate", {"expiresOn": day.isoformat()})])
        )
        found = expiring(store, f"P{within}D", as_of=TODAY).endings
    assert [one.days for one in found] == ([days] if days <= within else [])
