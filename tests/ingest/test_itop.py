"""iTop: what its classes, link sets and tickets become, and what needs what by its relation "impacts"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from graphsms.analysis.impact import impact
from graphsms.ingest.files import readers
from graphsms.store import Store
from imported import Write, between, edges, imported, refused, rules, types


@pytest.fixture
def hospital(store: Store, fixtures: Path) -> Store:
    imported(store, fixtures / "itop")
    return store


def answer(*objects: tuple[str, Mapping[str, object]]) -> str:
    """An answer of core/get."""
    found = {
        name: {"code": 0, "class": name.split("::")[0], "key": name.split("::")[1], "fields": fields}
        for name, fields in objects
    }
    return json.dumps({"objects": found, "code": 0, "message": f"Found: {len(found)}"})


def test_classes_become_types_and_keys_are_counted_through_all_below_one_root(hospital: Store) -> None:
    found = types(hospital)
    assert {id: found[f"itop:{id}"] for id in ("FunctionalCI/10", "FunctionalCI/23", "FunctionalCI/20")} == {
        "FunctionalCI/10": "Server",
        "FunctionalCI/23": "VirtualMachine",
        "FunctionalCI/20": "Cluster",
    }
    assert (found["itop:FunctionalCI/16"], found["itop:Contact/2"]) == ("Switch", "Team")
    assert (found["itop:Ticket/5"], found["itop:Ticket/6"]) == ("Incident", "RequestForChange")


def test_what_itop_calls_an_object_is_its_source_key(hospital: Store) -> None:
    server = hospital.entity("itop:FunctionalCI/10")
    assert server is not None
    assert server.properties == {
        "name": "srv-1",
        "sourceKey": "Server::10",
        "serialNumber": "S-1",
        "vendor": "Fjord",
        "model": "F200",
        "ipAddress": ("10.2.0.1",),
        "lifecycle": "live",
    }


def test_software_stands_on_systems_and_those_on_hypervisors(hospital: Store) -> None:
    assert between(hospital, "hostedOn") == {
        ("hyp-1", "srv-1"),
        ("hyp-2", "srv-2"),
        ("vm-records", "farm-1"),
        ("mysql-records", "vm-records"),
        ("apache-records", "vm-records"),
        ("records-db", "mysql-records"),
        ("records-web", "apache-records"),
    }


def test_a_farm_needs_as_many_hypervisors_as_its_redundancy_says(hospital: Store) -> None:
    group = hospital.entity("itop:FunctionalCI/20#hypervisors")
    assert group is not None
    assert group.properties["minimum"] == 1
    assert "inferred" not in group.properties
    assert edges(hospital, "hasMember") >= {(group.id, "itop:FunctionalCI/21"), (group.id, "itop:FunctionalCI/22")}


def test_a_solution_without_redundancy_needs_each_of_its_items(hospital: Store) -> None:
    assert {object for subject, object in between(hospital, "dependsOn") if subject == "Patient records"} == {
        "records-db",
        "records-web",
    }


@pytest.mark.parametrize(("redundancy", "minimum"), [("1", 1), ("50%", 2), ("67%", 3)])
def test_redundancy_is_a_count_or_a_percentage(store: Store, write: Write, redundancy: str, minimum: int) -> None:
    items: list[dict[str, object]] = [{"functionalci_id": str(number)} for number in (1, 2, 3, 4)]
    solution = {"name": "whole", "redundancy": redundancy, "functionalcis_list": items}
    imported(store, write("a.json", answer(("ApplicationSolution::9", solution))))
    group = store.entity("itop:FunctionalCI/9#items")
    assert group is not None
    assert group.properties["minimum"] == minimum


def test_two_feeds_are_redundant_and_one_is_not(hospital: Store) -> None:
    assert between(hospital, "poweredBy") == {
        ("srv-1", "Power of srv-1"),
        ("srv-2", "pdu-a"),
        ("pdu-a", "mains"),
        ("pdu-b", "mains"),
    }


def test_link_classes_say_the_same_as_link_sets(store: Store, write: Write) -> None:
    ends: dict[str, object] = {"applicationsolution_id": "1", "functionalci_id": "2"}
    solution: dict[str, object] = {"name": "whole", "functionalcis_list": [ends]}
    link = write(
        "1.json",
        answer(("ApplicationSolution::1", {"name": "whole"}), ("lnkApplicationSolutionToFunctionalCI::7", ends)),
    )
    imported(store, link, source="one")
    before = edges(store, "dependsOn")
    assert before == {("itop:FunctionalCI/1", "itop:FunctionalCI/2")}
    imported(store, write("2.json", answer(("ApplicationSolution::1", solution))), source="one")
    assert edges(store, "dependsOn") == before


def test_a_customer_receives_the_services_of_its_contract_under_its_sla(hospital: Store) -> None:
    assert between(hospital, "receives") == {("Riverside Clinic", "Electronic health record")}
    assert between(hospital, "amends") == {("Clinical, around the clock", "Riverside Clinic 2026")}
    assert between(hospital, "targetFor") == {("Priority 1 restored", "Electronic health record")}
    assert ("Housing", "srv-1") in between(hospital, "covers")


def test_the_same_is_said_by_the_link_between_contract_and_service(store: Store, write: Write) -> None:
    file = answer(
        ("CustomerContract::1", {"name": "c", "org_id": "2"}),
        ("lnkCustomerContractToService::1", {"customercontract_id": "1", "service_id": "3", "sla_id": "4"}),
    )
    imported(store, write("a.json", file))
    assert edges(store, "receives") == {("itop:Organization/2", "itop:Service/3")}
    assert edges(store, "amends") == {("itop:SLA/4", "itop:Contract/1")}
    assert edges(store, "covers") == {("itop:Contract/1", "itop:Service/3"), ("itop:SLA/4", "itop:Service/3")}


def test_tickets_are_about_what_was_put_on_them_and_incidents_hit_what_itop_computed(hospital: Store) -> None:
    assert between(hospital, "touches") == {("Replace PDU A", "pdu-a")}
    assert between(hospital, "affects") == {
        ("Ward round is slow", "records-db"),
        ("Ward round is slow", "Patient records"),
        ("Ward round is slow", "Electronic health record"),
        ("Index grows without end", "Electronic health record"),
    }


def test_a_class_of_an_extension_is_taken_for_a_configuration_item_and_told(store: Store, fixtures: Path) -> None:
    verdict = imported(store, fixtures / "itop", zone=UTC)
    assert types(store)["itop:FunctionalCI/42"] == "ConfigurationItem"
    assert [(one.rule, one.origin.line) for one in verdict.warnings] == [("unknown-class", 20)]


def test_times_of_the_server_are_taken_for_utc_and_that_is_told_unless_its_zone_is_said(
    store: Store, fixtures: Path
) -> None:
    (told,) = [one for one in imported(store, fixtures / "itop").warnings if one.rule == "no-zone"]
    assert told.message == (
        "Times are those of the server and say no zone (5 of them): taken for UTC. Give their zone with --zone."
    )
    before = store.entity("itop:Ticket/5")
    imported(store, fixtures / "itop", zone=ZoneInfo("Europe/Oslo"))
    after = store.entity("itop:Ticket/5")
    assert before is not None
    assert after is not None
    assert (before.properties["recordedAt"], after.properties["recordedAt"]) == (
        "2026-11-20T07:40:00Z",
        "2026-11-20T06:40:00Z",
    )


def test_losing_a_server_costs_redundancy_and_losing_both_stops_the_service(hospital: Store) -> None:
    one = {hit.id: hit.state for hit in impact(hospital, "itop:FunctionalCI/11").hits}
    assert one["itop:Service/1"] == "at risk"
    both = {hit.id: hit.state for hit in impact(hospital, ["itop:FunctionalCI/10", "itop:FunctionalCI/11"]).hits}
    assert both["itop:Service/1"] == both["itop:FunctionalCI/41"] == "down"


def test_what_is_only_referred_to_is_of_the_class_that_the_link_says(store: Store, write: Write) -> None:
    link: dict[str, object] = {"functionalci_id": "2", "functionalci_id_finalclass_recall": "DBServer"}
    plain: dict[str, object] = {"functionalci_id": "3"}
    solution = ("ApplicationSolution::1", {"name": "a", "functionalcis_list": [link, plain]})
    imported(store, write("a.json", answer(solution)))
    assert types(store) == {
        "itop:FunctionalCI/1": "Application",
        "itop:FunctionalCI/2": "Database",
        "itop:FunctionalCI/3": "ConfigurationItem",
    }


def test_an_error_of_itop_is_a_fault_and_not_an_empty_estate(store: Store, write: Write) -> None:
    file = write("a.json", '{"code": 100, "message": "Error: Unknown class", "objects": null}')
    assert rules(refused(store, file, format="itop")) == [("error-answer", 1)]


def test_importing_the_same_again_changes_nothing(hospital: Store, fixtures: Path) -> None:
    assert imported(hospital, fixtures / "itop").revision == 1


@pytest.mark.parametrize(
    ("text", "its"),
    [
        ('{"objects": {"Server::1": {"fields": {}}}, "code": 0}', True),
        ('{"objects": null, "code": 0, "message": "Found: 0"}', True),
        ('{"objects": {}, "version": 2}', False),
        ('{"objects": [1]}', False),
        ('{"result": [{"sys_id": "1"}]}', False),
    ],
)
def test_its_answers_are_told_from_those_of_others(text: str, its: bool) -> None:
    (reader,) = [one for one in readers() if one.name == "itop"]
    assert reader.recognizes(Path("a.json"), text.encode()) is its


def test_exports_as_csv_are_read_with_keys_or_names_for_references(store: Store, write: Write) -> None:
    imported(
        store,
        write("f/Server.csv", 'id,name,status,location_id->name\n1,"srv-1",production,Main building\n'),
        write("f/Location.csv", "id,name\n4,Main building\n"),
        write("f/Hypervisor.csv", "id;name;server_id\n2;hyp-1;1\n"),
    )
    assert types(store) == {
        "itop:FunctionalCI/1": "Server",
        "itop:FunctionalCI/2": "SoftwareItem",
        "itop:Location/4": "Site",
    }
    assert edges(store, "hostedOn") == {("itop:FunctionalCI/2", "itop:FunctionalCI/1")}
    assert edges(store, "locatedAt") == {("itop:FunctionalCI/1", "itop:Location/4")}


def test_an_export_without_keys_is_refused(store: Store, write: Write) -> None:
    file = write("Server.csv", "id,name\n,srv-1\n")
    assert rules(refused(store, file)) == [("missing-id", 2)]


def test_english_labels_in_place_of_codes_are_known(store: Store, write: Write) -> None:
    verdict = imported(
        store,
        write(
            "f/Server.csv",
            "Name,Organization->Full name,Status,Serial number,Brand->Name,id (Primary Key)\n"
            "srv-1,Clinic,production,S-1,Fjord,1\n",
        ),
        write("f/Organization.csv", "Name,id (Primary Key)\nClinic,3\n"),
        write("f/Hypervisor.csv", "Name,Server,id (Primary Key)\nhyp-1,1,2\n"),
    )
    server = store.entity("itop:FunctionalCI/1")
    assert server is not None
    assert {name: server.properties[name] for name in ("name", "lifecycle", "serialNumber", "vendor")} == {
        "name": "srv-1",
        "lifecycle": "live",
        "serialNumber": "S-1",
        "vendor": "Fjord",
    }
    assert edges(store, "ownedBy") == {("itop:FunctionalCI/1", "itop:Organization/3")}
    assert edges(store, "hostedOn") == {("itop:FunctionalCI/2", "itop:FunctionalCI/1")}
    assert verdict.warnings == ()


def test_headings_in_another_language_are_told_with_what_to_do(store: Store, write: Write) -> None:
    verdict = imported(store, write("Server.csv", "id,name,Numéro de série,Statut\n1,srv-1,S-1,production\n"))
    (told,) = verdict.warnings
    assert (told.rule, told.origin.line) == ("unknown-heading", 1)
    assert told.message == (
        "Left out, since their headings are no codes of attributes and no English labels of those that are of use:"
        " 'Numéro de série', 'Statut'. Export with the option \"Export Code instead of Label\" (no_localize=1), or say"
        " in a mapping what the columns are (`graphsms mapping guess`)."
    )


@pytest.mark.parametrize(
    "header", ["Nom,Organisation,id (Clé primaire)", "Nombre,Organización,Id (Clave Primaria)", "名称,组织,id (主键)"]
)
def test_an_export_of_which_only_the_key_is_known_is_refused(store: Store, write: Write, header: str) -> None:
    assert rules(refused(store, write("Server.csv", f"{header}\nsrv-1,Clinic,1\n"))) == [("unknown-heading", 1)]


def test_codes_of_no_use_here_are_not_told(store: Store, write: Write) -> None:
    assert imported(store, write("Server.csv", "id,name,nb_u,cpu\n1,srv-1,2,8\n")).warnings == ()


def test_a_mapping_of_ones_own_goes_before_what_is_known_of_itop(store: Store, write: Write) -> None:
    file = write("Server.csv", "Nom,Numéro de série,id (Clé primaire)\nsrv-1,S-1,1\n")
    mapping = write(
        "labels.yaml",
        "tables:\n- file: Server.csv\n  type: Server\n  id: itop:FunctionalCI/{id (Clé primaire)}\n"
        "  columns: {Nom: name, Numéro de série: serialNumber}\n",
    )
    imported(store, file, mapping=mapping)
    server = store.entity("itop:FunctionalCI/1")
    assert server is not None
    assert (server.name, server.properties["serialNumber"]) == ("srv-1", "S-1")
