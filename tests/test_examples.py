"""The example estate is consistent, uses what the ontology has, and holds the gaps that its README promises."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pytest

from graphsms.analysis.impact import Impact, impact
from graphsms.analysis.obligation_answer import STATES, Obligations
from graphsms.analysis.obligations import obligations
from graphsms.ingest import ImportVerdict, ingest
from graphsms.model import Entity
from graphsms.obligations.loading import load as load_catalogue
from graphsms.ontology import load
from graphsms.resources import resource
from memory_store import MemoryStore

README = (resource("examples") / "README.md").read_text("utf-8")
TODAY = "2026-11-21"
NOW = "2026-11-21T09:00:00Z"


@lru_cache(maxsize=1)
def estate() -> tuple[MemoryStore, ImportVerdict]:
    store = MemoryStore(load())
    return store, ingest(store, [resource("examples") / "estate"], source="example estate")


@lru_cache(maxsize=1)
def audited() -> tuple[MemoryStore, ImportVerdict]:
    """The estate with the clauses and the evidence that leads to them, in a store of its own."""
    store = MemoryStore(load())
    ingest(store, [resource("examples") / "estate"], source="example estate")
    load_catalogue(store)
    return store, ingest(store, [resource("examples") / "evidence"], source="example evidence")


@lru_cache(maxsize=1)
def standing() -> Obligations:
    return obligations(audited()[0], as_of=NOW)


def entity(id: str) -> Entity:
    (found,) = estate()[0].entities([id])
    return found


def entities(type: str) -> list[Entity]:
    return list(estate()[0].entities(type=type))


def objects(subject: str, type: str) -> set[str]:
    return {relation.object for relation in estate()[0].relations(subjects=[subject], type=type)}


def subjects(type: str, object: str) -> set[str]:
    return {relation.subject for relation in estate()[0].relations(objects=[object], type=type)}


def down(*seeds: str) -> set[str]:
    """The services that stop."""
    answer: Impact = impact(estate()[0], seeds, as_of=NOW)
    return {hit.id for hit in answer.hits if hit.type == "Service" and hit.state == "down"}


def states(*seeds: str) -> dict[str, str]:
    return {hit.id: hit.state for hit in impact(estate()[0], seeds, as_of=NOW).hits if hit.type == "Service"}


# ------------------------------------------------------------------------------------------ the whole of it


def test_it_is_accepted_without_a_fault_or_a_warning() -> None:
    verdict = estate()[1]
    assert verdict.warnings == ()
    assert [one for one in entities("Entity") if one.properties.get("placeholder")] == []


def test_there_is_as_much_of_each_type_as_its_readme_says() -> None:
    section = README[README.index("## How much of what") :]
    said = {name: int(number) for name, number in re.findall(r"`(\w+)`\s+(\d+)", section)}
    vocabulary = load()
    assert said == {name: number for name, number in estate()[0].counts().items() if name in vocabulary.types}


def test_every_type_that_is_not_made_by_graphsms_itself_is_used() -> None:
    vocabulary = load()
    general = {ancestor for type in vocabulary.types.values() for ancestor in type.ancestors}
    unused = set(vocabulary.types) - general - estate()[0].counts().keys()
    last = README[README.rindex("None of those") :]
    assert unused == set(re.findall(r"`(\w+)`", last))


def test_its_readme_names_only_what_there_is() -> None:
    ids = {one.id for one in entities("Entity")}
    story = README[README.index("## What an analysis should find") : README.index("## How much of what")]
    assert set(re.findall(r"`([a-z][\w-]+)`", story)) - ids == set()


def test_it_is_as_large_as_promised() -> None:
    live = [one for one in entities("Service") if one.properties.get("lifecycle", "live") == "live"]
    assert 15 <= len(live) <= 18
    assert len(entities("ConfigurationItem")) >= 150
    assert {one.properties["supplyKind"] for one in entities("SupplyRelationship")} == {
        "external",
        "internal",
        "customer acting as a supplier",
    }
    suppliers = {party for one in entities("SupplyRelationship") for party in objects(one.id, "hasSupplier")}
    assert len(suppliers) >= 12


@pytest.mark.parametrize("file", sorted((resource("examples") / "estate").iterdir()), ids=lambda path: path.name)
def test_every_file_says_what_it_is(file: Path) -> None:
    assert file.suffix == ".yaml"
    assert file.read_text("utf-8").startswith("# ")
    assert f"(estate/{file.name})" in README


# ------------------------------------------------------------------------------------------ where it breaks


def test_the_demo_is_worth_reading() -> None:
    seed, date = (resource("examples") / "demo-seed.txt").read_text("utf-8").split()
    assert date == TODAY
    answer = impact(estate()[0], [seed], as_of=NOW)
    services = {hit.id: hit for hit in answer.hits if hit.type == "Service"}
    assert {hit.state for hit in services.values()} == {"at risk", "degraded", "down"}
    assert {hit.criticality for hit in services.values() if hit.state == "down"} >= {"critical", "high", "low"}
    assert services["payment-switch"].state == "at risk", "one of two payment nodes is left"
    concerned = {hit.type for hit in answer.concerned}
    assert concerned >= {"Customer", "UserGroup", "ServiceLevelAgreement", "ServiceLevelTarget", "ContinuityPlan"}


def test_both_erp_servers_stand_on_one_machine() -> None:
    machines = {vm for server in objects("grp-erp-app", "hasMember") for vm in objects(server, "hostedOn")}
    assert len(machines) == 2
    assert {host for vm in machines for host in objects(vm, "hostedOn")} == {"host-n-4"}
    assert "erp-hosting" in down("host-n-4")


def test_two_carriers_are_one() -> None:
    assert down("line-n-1") == set()
    assert states("line-n-1") == {}
    assert down("lumenstrand") >= {"clinical-records", "erp-hosting", "web-shop", "payment-switch", "wide-area-network"}


def test_one_ups_stops_a_hall_with_two() -> None:
    assert down("ups-n-a") == set()
    assert "clinical-records" in down("ups-n-b")


def test_everything_waits_for_one_directory_database() -> None:
    assert down("idp-1") == set()
    assert down("db-directory") >= {"single-sign-on", "clinical-records", "erp-hosting", "mail", "remote-access"}


def test_the_records_survive_the_loss_of_a_pair_of_databases() -> None:
    assert states("grp-clinical-db-n")["clinical-records"] == "at risk"
    assert "clinical-records" in down("grp-clinical-db-n", "clinical-db-s")


# ------------------------------------------------------------------------------------------ the coming week


def window(change: str) -> tuple[str, str]:
    properties = entity(change).properties
    return str(properties["windowStart"]), str(properties["windowEnd"])


@pytest.mark.parametrize(
    ("one", "other", "already", "stopped"),
    [
        ("rfc-2051", "rfc-2052", (), {"payment-switch", "web-shop"}),
        ("rfc-2041", "rfc-2042", ("firewall-n-2",), {"clinical-records", "web-shop", "payment-switch", "erp-hosting"}),
    ],
)
def test_two_changes_use_up_a_redundancy_together(
    one: str, other: str, already: tuple[str, ...], stopped: set[str]
) -> None:
    (start, end), (other_start, other_end) = window(one), window(other)
    assert max(start, other_start) < min(end, other_end), "they overlap"
    touched, other_touched = objects(one, "touches"), objects(other, "touches")
    alone = down(*touched, *already) | down(*other_touched, *already)
    assert alone & stopped == set()
    assert down(*touched, *other_touched, *already) >= stopped


def test_a_change_lies_in_a_freeze() -> None:
    (start, end), (freeze_start, freeze_end) = window("rfc-2048"), window("freeze-shop")
    assert freeze_start <= start < end <= freeze_end
    assert objects("rfc-2048", "touches") & objects("freeze-shop", "windowFor")


def test_something_live_depends_on_something_retired() -> None:
    assert entity("fax-gateway").properties["lifecycle"] == "retired"
    assert "archive-app" in subjects("dependsOn", "fax-gateway")


# ------------------------------------------------------------------------------------------ agreements and others


def in_force(agreement: Entity) -> bool:
    properties = agreement.properties
    return (
        properties.get("documentStatus") == "approved"
        and str(properties.get("validFrom", "")) <= NOW
        and str(properties.get("validTo", "9")) > NOW
    )


def covered(id: str) -> set[str]:
    return {agreement for agreement in subjects("covers", id) if in_force(entity(agreement))}


def test_services_without_an_sla_in_force_are_those_that_the_readme_names() -> None:
    delivered = {service for customer in entities("Customer") for service in objects(customer.id, "receives")}
    live = {service for service in delivered if entity(service).properties.get("lifecycle", "live") == "live"}
    assert {service for service in live if not covered(service)} == {"printing", "document-archive"}


def test_supplies_without_an_agreement_in_force_are_those_that_the_readme_names() -> None:
    ours = {one.id for one in entities("SupplyRelationship") if "quillmere" in objects(one.id, "hasRecipient")}
    assert {supply for supply in ours if not covered(supply)} == {
        "supply-disposal",
        "supply-wan-cairnline",
        "supply-telephony",
    }


def test_no_control_governs_some_of_what_others_provide() -> None:
    ours = {one.id for one in entities("SupplyRelationship") if "quillmere" in objects(one.id, "hasRecipient")}
    uncontrolled = {supply for supply in ours if not subjects("governs", supply)}
    assert uncontrolled >= {"supply-disposal", "supply-colocation", "supply-courier", "supply-power"}
    assert len(uncontrolled) < len(ours) / 2


def test_targets_were_missed() -> None:
    missed = set()
    for measurement in entities("Measurement"):
        for target in objects(measurement.id, "measures"):
            wanted, found = entity(target).properties, measurement.properties["measuredValue"]
            if "targetValue" in wanted:
                at_least = wanted["comparison"] == "at least"
                good = found >= wanted["targetValue"] if at_least else found <= wanted["targetValue"]  # type: ignore[operator]
                missed |= set() if good else {measurement.id}
    assert missed == {"m-shop-oct", "m-remote-oct", "m-cair-oct", "m-change-success-oct"}
    assert subjects("arisesFrom", "m-remote-oct") == {"imp-vpn"}
    assert subjects("arisesFrom", "m-shop-oct") == set()


# ------------------------------------------------------------------------------------------ records


def owners_missing(ids: Iterable[str]) -> set[str]:
    return {id for id in ids if not objects(id, "ownedBy")}


def test_what_nobody_answers_for() -> None:
    named = "plant-ostermill router-plant server-jump vm-archive archive-app cert-wildcard lic-backup asset-handhelds"
    assert owners_missing(named.split()) == set(named.split())
    services = {one.id for one in entities("Service")}
    assert owners_missing(services) == {"document-archive"}


def test_what_expires_before_the_middle_of_january() -> None:
    expires = {one.id: str(one.properties.get("expiresOn", "")) for one in entities("ConfigurationItem")}
    soon = {id for id, day in expires.items() if TODAY <= day < "2027-01-15"}
    assert soon == {"cert-shop", "zone-customers", "cert-signing", "lic-erp", "ticketing", "cert-wildcard"}


def test_what_is_past_its_support() -> None:
    past = {one.id for one in entities("ConfigurationItem") if str(one.properties.get("endOfSupport", "9")) < TODAY}
    assert past == {"router-s-1", "hypervisor-8"}


def test_the_scope_leaves_nothing_live_out_but_what_it_says() -> None:
    live = {one.id for one in entities("Service") if one.properties.get("lifecycle", "live") == "live"}
    assert live <= objects("sms", "scopeIncludes")
    assert {one.id for one in entities("Process")} <= objects("sms", "scopeIncludes")


def test_a_plan_was_never_tested_and_another_was_too_slow() -> None:
    tested = {plan for test in entities("ContinuityTest") for plan in objects(test.id, "tests")}
    assert {plan.id for plan in entities("ContinuityPlan")} - tested == {"plan-loss-erp"}
    assert entity("test-north-2026").properties["recoveryTimeAchieved"] == "PT5H20M"
    assert entity("clinical-records").properties["recoveryTimeObjective"] == "PT4H"


# ------------------------------------------------------------------------------------------ evidence


def test_the_evidence_is_accepted_and_every_link_of_it_ends_in_the_catalogue() -> None:
    store, verdict = audited()
    assert verdict.warnings == ()
    assert [one.id for one in store.entities() if one.properties.get("placeholder")] == []
    demands = standing().catalogue.requirements.keys() | {one.id for one in entities("Obligation")}
    demands |= {one.id for one in entities("ServiceRequirement")}
    links = [*store.relations(type="satisfies"), *store.relations(type="demonstrates")]
    assert {link.object for link in links if not link.subject.startswith("check/")} <= demands


def test_as_much_is_evidenced_as_an_audit_would_find_and_every_state_occurs() -> None:
    overall = standing().overall
    assert overall.counts == {
        "evidenced": 275,
        "no occurrence": 4,
        "not assessed": 35,
        "partial": 104,
        "stale": 20,
        "missing": 30,
    }
    assert overall.counts.keys() == set(STATES)
    assert 0.55 <= overall.evidenced / overall.applicable <= 0.65


@pytest.mark.parametrize("clause", ["4", "5", "6", "7", "8", "9", "10"])
def test_no_clause_is_perfect_and_none_is_empty(clause: str) -> None:
    found = standing()
    stand = next(stand for one, stand in found.clauses() if one.number == clause)
    assert 0.4 <= stand.evidenced / stand.applicable <= 0.8


@pytest.mark.parametrize(
    ("requirement", "state", "why"),
    [
        ("7.5.4-1-d_2", "stale", "Information security policy: its review was due on 2026-03-10"),
        ("8.4.3-2-a", "partial", "Capacity plan: it is a draft"),
        ("8.3.2-9", "missing", "no more than a name"),
        ("9.2.1-1-a-2", "stale", "of 2025-10-09, and counted for P1Y"),
        ("8.7.2-7", "partial", "linked as a contribution"),
        ("8.6.3-9", "partial", "no interval is declared"),
        ("8.5.1.2-2-f", "missing", "Mirela Stanek looked on 2026-11-11"),
        ("8.5.2.1-2", "no occurrence", "none in the P1Y before 2026-11-21"),
        ("5.1-1-l", "not assessed", "nobody has looked"),
    ],
)
def test_what_is_amiss_is_found(requirement: str, state: str, why: str) -> None:
    found = standing().states[f"iso-20000-1-2018/{requirement}"]
    assert (found.state, why in found.reason) == (state, True), found.reason


def test_each_judgement_is_of_a_named_person_on_a_day_before() -> None:
    store = audited()[0]
    people = {one.id for one in entities("Person")}
    for judgement in store.entities(type="ConformityJudgement"):
        by = {relation.object for relation in store.relations(subjects=[judgement.id], type="decidedBy")}
        assert by
        assert by <= people
        assert str(judgement.properties["decidedAt"]) < NOW


def test_each_process_stands_as_what_it_settles() -> None:
    found = standing()
    processes = {one.id for one in entities("Process")}
    assert found.processes.keys() == processes
    assert found.of_process("proc-incident").evidenced > found.of_process("proc-capacity").evidenced


def test_a_nonconformity_is_followed_through_the_graph_from_requirement_to_effectiveness() -> None:
    store = audited()[0]
    (action,) = {one.subject for one in store.relations(type="addresses", objects=["nc-12"])}
    assert next(iter(store.entities([action]))).properties["effectiveness"] == "effective"
    (fails,) = [one.object for one in store.relations(type="failsToMeet", subjects=["nc-15"])]
    assert standing().states[fails].conformity is not None


@pytest.mark.parametrize("file", sorted((resource("examples") / "evidence").iterdir()), ids=lambda path: path.name)
def test_every_file_of_the_evidence_says_what_it_is_and_what_is_amiss(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.startswith("# ")
    assert "What is amiss, on purpose:" in text
    assert f"(evidence/{file.name})" in README
