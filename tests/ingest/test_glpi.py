"""GLPI: what its item types become, with names or numbers in their references."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphsms.analysis.impact import impact
from graphsms.ingest.files import readers
from graphsms.store import Store
from imported import Write, between, edges, imported, refused, rules, types


@pytest.fixture
def port(store: Store, fixtures: Path) -> Store:
    imported(store, fixtures / "glpi")
    return store


def test_item_types_become_types_and_the_words_of_the_organization_say_which(port: Store) -> None:
    found = types(port)
    assert (found["glpi:Computer/1"], found["glpi:Computer/3"]) == ("Server", "VirtualMachine")
    assert (found["glpi:NetworkEquipment/1"], found["glpi:Cluster/1"]) == ("Switch", "Cluster")
    assert (found["glpi:Appliance/1"], found["glpi:Appliance/2"]) == ("Service", "Application")
    assert (found["glpi:Ticket/10"], found["glpi:Ticket/11"]) == ("Incident", "ServiceRequest")


def test_words_are_looked_up_where_fields_hold_their_numbers(port: Store) -> None:
    host = port.entity("glpi:Computer/1")
    assert host is not None
    assert host.properties == {
        "name": "host-1",
        "serialNumber": "HL-001",
        "vendor": "Fjord",
        "lifecycle": "live",
        "sourceKey": "Computer/1",
    }
    scrapped = port.entity("glpi:Computer/4")
    assert scrapped is not None
    assert scrapped.properties["lifecycle"] == "retired"


def test_a_state_that_only_this_organization_knows_is_told_and_left_out(store: Store, fixtures: Path) -> None:
    verdict = imported(store, fixtures / "glpi")
    (told,) = [one for one in verdict.warnings if one.rule == "unknown-code"]
    assert "'Waiting for Klaus'" in told.message
    host = store.entity("glpi:Computer/2")
    assert host is not None
    assert "lifecycle" not in host.properties


def test_templates_are_no_items(port: Store) -> None:
    assert port.entity("glpi:Computer/5") is None


def test_names_in_place_of_numbers_are_followed_by_the_links_beside_them(port: Store) -> None:
    assert ("sw-yard", "Quay 7 > Server room") in between(port, "locatedAt")
    switch = port.entity("glpi:NetworkEquipment/1")
    assert switch is not None
    assert switch.properties["link"] == "https://glpi.harbour.example/front/networkequipment.form.php?id=1"


def test_what_is_impacted_depends_on_the_source(port: Store) -> None:
    assert between(port, "dependsOn") >= {
        ("Container tracking", "yard-db"),
        ("Container tracking", "Gate kiosk"),
        ("Gate kiosk", "yard-cluster"),
    }


def test_relations_to_items_of_plugins_are_counted(store: Store, fixtures: Path) -> None:
    verdict = imported(store, fixtures / "glpi")
    (told,) = [one for one in verdict.warnings if one.rule == "no-ends"]
    assert told.message.startswith("1 of ImpactRelation")


def test_a_virtual_machine_and_the_computer_seen_inside_of_it_are_joined_by_their_uuid(port: Store) -> None:
    assert edges(port, "hostedOn") == {
        ("glpi:ComputerVirtualMachine/1", "glpi:Computer/1"),
        ("glpi:Computer/3", "glpi:ComputerVirtualMachine/1"),
        ("glpi:DatabaseInstance/1", "glpi:Computer/3"),
    }


def test_the_group_in_charge_owns_an_item_before_the_person(port: Store) -> None:
    assert {object for subject, object in between(port, "ownedBy") if subject == "host-1"} == {"Yard systems"}


def test_what_is_installed_is_a_version_of_a_software_that_the_machine_consists_of_too(port: Store) -> None:
    assert between(port, "builtFrom") == {("vm-yard", "PostgreSQL 15.4"), ("host-1", "Yard Client 4.1")}
    assert between(port, "partOf") == {("PostgreSQL 15.4", "PostgreSQL"), ("Yard Client 4.1", "Yard Client")}
    version = port.entity("glpi:SoftwareVersion/2")
    assert version is not None
    assert version.properties == {
        "name": "Yard Client 4.1",
        "version": "4.1",
        "lifecycle": "retired",
        "sourceKey": "SoftwareVersion/2",
    }


@pytest.mark.parametrize(("software", "name"), [(0, "4.1"), ("PostgreSQL", "PostgreSQL 4.1"), (7, "4.1")])
def test_a_version_of_no_known_software_is_called_by_itself(
    store: Store, write: Write, software: object, name: str
) -> None:
    version = {"id": 1, "entities_id": 0, "softwares_id": software, "name": "4.1"}
    imported(store, write("SoftwareVersion.json", json.dumps([version])))
    found = store.entity("glpi:SoftwareVersion/1")
    assert found is not None
    assert found.name == name


def test_a_machine_is_degraded_at_most_by_what_is_installed_on_it(port: Store) -> None:
    states = {hit.id: hit.state for hit in impact(port, "glpi:SoftwareVersion/1").hits}
    assert states["glpi:Computer/3"] == "degraded"


def test_a_licence_is_of_the_software_that_it_names(store: Store, write: Write) -> None:
    licence = {"id": 3, "entities_id": 0, "name": "PostgreSQL support", "softwares_id": 1, "number": 2}
    imported(store, write("SoftwareLicense.json", json.dumps([licence])))
    assert edges(store, "licensedBy") == {("glpi:Software/1", "glpi:SoftwareLicense/3")}


def test_cables_lead_from_machines_to_switches_and_join_switches_as_peers(port: Store) -> None:
    assert between(port, "peersWith") == {("sw-yard", "sw-quay")}
    assert between(port, "connectedTo") == {("host-1", "Uplinks of host-1"), ("host-2", "sw-yard")}
    uplinks = port.entity("glpi:Computer/1#uplinks")
    assert uplinks is not None
    assert (uplinks.properties["minimum"], uplinks.properties["inferred"]) == (1, True)
    assert {end for one, end in between(port, "hasMember") if one == uplinks.name} == {"sw-yard", "sw-quay"}


def test_the_loss_of_one_of_two_switches_costs_redundancy_and_the_loss_of_the_only_one_degrades(port: Store) -> None:
    states = {hit.id: hit.state for hit in impact(port, "glpi:NetworkEquipment/1").hits}
    assert (states["glpi:Computer/1"], states["glpi:Computer/2"]) == ("at risk", "degraded")


@pytest.mark.parametrize("ends", [(1, 9), (1, 2)])
def test_a_cable_of_which_an_end_is_not_known_is_counted(store: Store, write: Write, ends: tuple[int, int]) -> None:
    ports = [
        {"id": 1, "items_id": 1, "itemtype": "Computer", "is_deleted": 0},
        {"id": 2, "items_id": 1, "itemtype": "PluginCoffeeMachine", "is_deleted": 0},
    ]
    cable = {"id": 1, "networkports_id_1": ends[0], "networkports_id_2": ends[1]}
    verdict = imported(
        store,
        write("f/NetworkPort.json", json.dumps(ports)),
        write("f/NetworkPort_NetworkPort.json", json.dumps([cable])),
        write("f/Computer.json", '[{"id": 1, "entities_id": 0, "name": "a"}]'),
    )
    assert [one.rule for one in verdict.warnings] == ["no-ends"]
    assert edges(store, "connectedTo") == set()


def test_a_hub_that_discovery_has_found_carries_what_hangs_on_it(store: Store, write: Write) -> None:
    ports = [
        {"id": 1, "items_id": 1, "itemtype": "Computer", "is_deleted": 0},
        {"id": 2, "items_id": 1, "itemtype": "Unmanaged", "is_deleted": 0},
    ]
    imported(
        store,
        write("f/NetworkPort.json", json.dumps(ports)),
        write("f/NetworkPort_NetworkPort.json", '[{"id": 1, "networkports_id_1": 1, "networkports_id_2": 2}]'),
        write("f/Computer.json", '[{"id": 1, "entities_id": 0, "name": "a"}]'),
        write("f/Unmanaged.json", '[{"id": 1, "entities_id": 0, "name": "Hub", "hub": 1}]'),
    )
    assert edges(store, "connectedTo") == {("glpi:Computer/1", "glpi:Unmanaged/1")}


def test_an_slm_is_the_agreement_and_each_sla_a_target_of_it(port: Store) -> None:
    assert between(port, "hasTarget") == {
        ("Yard, working days", "Solved in eight hours"),
        ("Yard, working days", "Looked at in one"),
    }
    metrics = {one.name: one.properties["metric"] for one in port.entities(type="ServiceLevelTarget")}
    assert metrics == {"Solved in eight hours": "resolution time", "Looked at in one": "response time"}
    calendar = port.entity("glpi:Calendar/1")
    assert calendar is not None
    assert calendar.properties["openingHours"] == ("Mo-Fr 08:00-20:00",)


def test_a_contact_is_a_person_who_works_for_the_supplier(port: Store) -> None:
    contact = port.entity("glpi:Contact/3")
    assert contact is not None
    assert (contact.type, contact.name) == ("Person", "Silje Brandt")
    assert contact.properties["email"] == ("silje@portside.example",)
    assert contact.properties["telephone"] == ("+49 471 556",)
    assert ("Silje Brandt", "Portside Telecom") in between(port, "worksFor")


def test_a_contract_has_its_term_notice_and_renewal(port: Store) -> None:
    contract = port.entity("glpi:Contract/1")
    assert contract is not None
    said = {name: contract.properties[name] for name in ("initialTerm", "noticePeriod", "renewal", "reference")}
    assert said == {"initialTerm": "P24M", "noticePeriod": "P3M", "renewal": "automatic", "reference": "PT-77"}
    assert between(port, "agreedWith") == {("Lines to the quay", "Portside Telecom")}


@pytest.mark.parametrize(("renewal", "ends"), [(0, "2028-01-01T00:00:00Z"), (1, None), (2, "2028-01-01T00:00:00Z")])
def test_a_contract_that_does_not_go_on_by_itself_ends_with_its_term(
    store: Store, write: Write, renewal: int, ends: str | None
) -> None:
    row = {"id": 1, "name": "c", "begin_date": "2026-01-01", "duration": 24, "renewal": renewal, "entities_id": 0}
    imported(store, write("Contract.json", json.dumps([row])))
    contract = store.entity("glpi:Contract/1")
    assert contract is not None
    assert contract.properties.get("validTo") == ends


def test_tickets_problems_and_changes_lead_to_their_items_and_to_each_other(port: Store) -> None:
    assert between(port, "affects") == {("No positions on the map", "yard-db")}
    assert between(port, "requestFor") == {("New kiosk account", "Gate kiosk")}
    assert between(port, "touches") == {("Upgrade the yard database", "yard-db")}
    assert between(port, "causedBy") == {("No positions on the map", "Locks in the yard database")}
    assert between(port, "addresses") == {("Upgrade the yard database", "Locks in the yard database")}
    change = port.entity("glpi:Change/2")
    assert change is not None
    assert change.properties["purpose"] == "Version 16"


def test_a_change_is_planned_from_the_first_of_its_tasks_to_the_last(port: Store) -> None:
    change = port.entity("glpi:Change/2")
    assert change is not None
    assert (change.properties["windowStart"], change.properties["windowEnd"]) == (
        "2026-12-05T21:00:00Z",
        "2026-12-05T23:00:00Z",
    )


def test_those_asked_for_their_validation_approve_a_change_groups_too(port: Store) -> None:
    asked = edges(port, "approver")
    assert asked == {("glpi:Change/2", "glpi:User/4"), ("glpi:Change/2", "glpi:Group/1")}


CHANGES = [{"id": 1, "name": "one", "entities_id": 1}, {"id": 2, "name": "two", "entities_id": 1}]


def task(change: object, begin: object, end: object, **more: object) -> dict[str, object]:
    return {"id": 1, "changes_id": change, "begin": begin, "end": end, **more}


def test_tasks_that_are_planned_apart_are_one_window_and_that_is_told(store: Store, write: Write) -> None:
    write("Change.json", json.dumps(CHANGES))
    tasks = [
        task(1, "2026-12-05 22:00:00", "2026-12-05 23:00:00"),
        task(1, "2026-12-07 22:00:00", "2026-12-07 23:00:00"),
        task(2, "2026-12-08 22:00:00", "2026-12-08 23:00:00"),
        task(2, "2026-12-08 23:00:00", "2026-12-09 00:00:00"),
    ]
    done = imported(store, write("ChangeTask.json", json.dumps(tasks)).parent)
    assert windows(store) == {
        "one": ("2026-12-05T22:00:00Z", "2026-12-07T23:00:00Z"),
        "two": ("2026-12-08T22:00:00Z", "2026-12-09T00:00:00Z"),
    }
    (told,) = [one for one in done.warnings if one.rule == "planned-apart"]
    assert told.message.startswith("1 of ChangeTask: nothing is planned for some time before it")


def test_tasks_say_by_name_too_of_which_change_they_are(store: Store, write: Write) -> None:
    write("Change.json", json.dumps(CHANGES))
    link = {"rel": "Change", "href": "https://glpi.example/apirest.php/Change/2"}
    tasks = [
        task("one", "2026-12-05 22:00:00", "2026-12-05 23:00:00"),
        task("whatever it is called", "2026-12-06 22:00:00", "2026-12-06 23:00:00", links=[link]),
    ]
    imported(store, write("ChangeTask.json", json.dumps(tasks)).parent)
    assert windows(store) == {
        "one": ("2026-12-05T22:00:00Z", "2026-12-05T23:00:00Z"),
        "two": ("2026-12-06T22:00:00Z", "2026-12-06T23:00:00Z"),
    }


@pytest.mark.parametrize(
    ("begin", "end", "rule"),
    [
        (None, "2026-12-05 23:00:00", None),
        ("2026-12-05 22:00:00", None, None),
        ("2026-12-05 23:00:00", "2026-12-05 22:00:00", "no-window"),
        ("05/12/2026", "2026-12-05 23:00:00", "unreadable-value"),
    ],
)
def test_a_task_without_a_window_of_its_own_plans_nothing(
    store: Store, write: Write, begin: str | None, end: str | None, rule: str | None
) -> None:
    write("Change.json", json.dumps(CHANGES[:1]))
    done = imported(store, write("ChangeTask.json", json.dumps([task(1, begin, end)])).parent)
    assert windows(store) == {"one": (None, None)}
    assert [one.rule for one in done.warnings if one.rule in ("no-window", "unreadable-value")] == [rule] * bool(rule)


def windows(store: Store) -> dict[str, tuple[object, object]]:
    found = store.entities(type="RequestForChange")
    return {one.name: (one.properties.get("windowStart"), one.properties.get("windowEnd")) for one in found}


def test_the_service_goes_down_with_its_host_and_the_kiosk_does_not(port: Store) -> None:
    states = {hit.id: hit.state for hit in impact(port, "glpi:Computer/1").hits}
    assert (states["glpi:Appliance/1"], states["glpi:Appliance/2"]) == ("down", "at risk")


def test_an_error_of_glpi_in_place_of_a_list_is_a_fault(store: Store, write: Write) -> None:
    file = write("Computer.json", '["ERROR_SESSION_TOKEN_INVALID", "session_token seems invalid"]')
    assert rules(refused(store, file, format="glpi")) == [("wrong-form", 1), ("wrong-form", 1)]


def test_importing_the_same_again_changes_nothing(port: Store, fixtures: Path) -> None:
    assert imported(port, fixtures / "glpi").revision == 1


@pytest.mark.parametrize(
    ("name", "items", "its"),
    [
        ("Computer.json", [{"id": 1, "entities_id": 0}], True),
        ("Item_Ticket (2).json", [{"id": 1, "itemtype": "Computer", "items_id": 1}], True),
        ("Computer.0002.json", [], True),
        ("computers.json", [{"id": 1, "entities_id": 0}], False),
        ("dump.json", [{"model": "dcim.site", "pk": 1, "fields": {}}], False),
        ("User.json", [{"login": "a"}], False),
    ],
)
def test_lists_are_known_by_the_name_of_their_file_and_their_fields(name: str, items: object, its: bool) -> None:
    (reader,) = [one for one in readers() if one.name == "glpi"]
    assert reader.recognizes(Path(name), json.dumps(items).encode()) is its


def test_searches_exported_as_csv_are_read_by_their_labels(store: Store, write: Write) -> None:
    imported(
        store,
        write(
            "f/Computer.csv",
            '"Name";"ID";"Status";"Manufacturers";"Serial number";"Type";"Location"\n'
            '"host-1";"1";"In production";"Fjord";"HL-1";"Server";"Quay 7 > Server room"\n',
        ),
        write("f/Location.csv", '"Nom";"ID"\n"Quay 7 > Server room";"2"\n'),
        write("f/Software.csv", '"Nom";"ID";"Éditeur"\n"Yard Client";"2";"Fjord"\n'),
    )
    assert types(store) == {
        "glpi:Computer/1": "Server",
        "glpi:Location/2": "Location",
        "glpi:Software/2": "SoftwareComponent",
    }
    assert {one.name: one.properties["vendor"] for one in store.entities(type="SoftwareComponent")} == {
        "Yard Client": "Fjord"
    }
    host = store.entity("glpi:Computer/1")
    assert host is not None
    assert (host.properties["vendor"], host.properties["lifecycle"]) == ("Fjord", "live")
    assert edges(store, "locatedAt") == {("glpi:Computer/1", "glpi:Location/2")}
