"""ServiceNow: what its tables, classes and types of relation become, in whichever form they were exported."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

import graphsms
from graphsms.analysis.impact import impact
from graphsms.ingest.files import readers
from graphsms.ingest.foreign import mapping
from graphsms.model import Entity
from graphsms.store import Store
from imported import Write, between, content, edges, imported, refused, rules, types


def sid(name: str) -> str:
    """The sys_id that the fixtures give to what has this name."""
    return hashlib.md5(name.encode()).hexdigest()


def ci(name: str) -> str:
    return f"servicenow:{sid(name)}"


@pytest.fixture
def bank(store: Store, fixtures: Path) -> Store:
    imported(store, fixtures / "servicenow")
    return store


def entity(store: Store, name: str) -> Entity:
    found = store.entity(ci(name))
    assert found is not None
    return found


def test_classes_become_types_and_a_virtual_server_is_a_virtual_machine(bank: Store) -> None:
    found = {one.name: one.type for one in bank.entities()}
    assert {name: found[name] for name in ("Online Banking", "Online Banking Prod", "bank-app", "bank-db")} == {
        "Online Banking": "Service",
        "Online Banking Prod": "ServiceComponent",
        "bank-app": "Application",
        "bank-db": "Database",
    }
    assert (found["vm-app-1"], found["srv-db-1"], found["esx-1"]) == ("VirtualMachine", "Server", "Server")
    assert (found["Harbour Shops"], found["Northwind Databases"]) == ("Customer", "Organization")
    assert (found["Payments are slow"], found["Locks after the statistics job"]) == ("Incident", "KnownError")


def test_a_class_of_the_instances_own_is_taken_for_the_nearest_that_is_known_and_told(
    store: Store, fixtures: Path
) -> None:
    verdict = imported(store, fixtures / "servicenow")
    assert types(store)[ci("hsm-1")] == "ConfigurationItem"
    (told,) = [one for one in verdict.warnings if one.rule == "unknown-class"]
    assert told.message == (
        "1 of class u_cmdb_ci_hsm, which the mapping does not know: taken as cmdb_ci_hardware, a ConfigurationItem."
    )


def test_without_the_table_of_tables_the_table_that_it_was_exported_from_says_what_a_class_is(
    store: Store, write: Write
) -> None:
    row = {"sys_id": sid("x"), "name": "x", "sys_class_name": "u_cmdb_ci_turbo_server"}
    imported(store, write("cmdb_ci_server.json", json.dumps({"result": [row]})))
    assert types(store) == {ci("x"): "Server"}


def test_of_several_tables_that_an_unknown_class_was_exported_from_the_most_particular_one_counts(
    store: Store, write: Write
) -> None:
    row = {"sys_id": sid("x"), "name": "x", "sys_class_name": "x_acme_robot"}
    pages = ("cmdb_ci", "cmdb_ci_server", "cmdb_ci_computer")
    imported(store, *(write(f"{name}.json", json.dumps({"result": [row]})) for name in pages))
    assert types(store) == {ci("x"): "Server"}


def test_the_sys_id_is_the_key_and_the_link_opens_the_record(bank: Store) -> None:
    assert entity(bank, "srv-db-1").properties == {
        "name": "srv-db-1",
        "serialNumber": "SN-4711",
        "ipAddress": ("10.1.0.11",),
        "lifecycle": "live",
        "sourceKey": sid("srv-db-1"),
        "link": f"https://bank.service-now.com/nav_to.do?uri=cmdb_ci_linux_server.do?sys_id={sid('srv-db-1')}",
    }


def test_either_status_field_takes_an_item_out_of_use_and_a_broken_one_is_in_use(bank: Store) -> None:
    assert entity(bank, "old-mainframe").properties["lifecycle"] == "retired"
    assert entity(bank, "srv-db-2").properties["lifecycle"] == "live"


def test_criticality_environment_and_owner_are_read(bank: Store) -> None:
    service = entity(bank, "Online Banking").properties
    assert (service["criticality"], service["environment"]) == ("critical", "production")
    assert ("Online Banking", "Ada Byron") in between(bank, "ownedBy")
    assert ("Online Banking Prod", "Banking Operations") in between(bank, "ownedBy")


def test_types_of_relation_are_followed_in_their_own_direction(bank: Store) -> None:
    assert between(bank, "hostedOn") == {
        ("bank-app", "vm-app-1"),
        ("vm-app-1", "esx-1"),
        ("bank-db", "bank-cluster"),
        ("bank-node-1", "srv-db-1"),
        ("bank-node-2", "srv-db-2"),
    }
    assert ("bank-app", "bank-db") in between(bank, "dependsOn")
    assert ("bank-app", "hsm-1") in between(bank, "dependsOn")


def test_nodes_of_a_cluster_are_one_group_whichever_end_names_them(bank: Store) -> None:
    group = f"{ci('bank-cluster')}#members"
    assert edges(bank, "hasMember") >= {(group, ci("bank-node-1")), (group, ci("bank-node-2"))}
    assert (ci("bank-cluster"), group) in edges(bank, "dependsOn")
    found = bank.entity(group)
    assert found is not None
    assert (found.properties["minimum"], found.properties["inferred"]) == (1, True)


def test_two_sources_of_power_are_a_group_whoever_states_the_relation(bank: Store) -> None:
    group = f"{ci('esx-1')}#power"
    assert edges(bank, "poweredBy") == {(ci("esx-1"), group)}
    assert edges(bank, "hasMember") >= {(group, ci("ups-a")), (group, ci("ups-b"))}


def test_what_carries_no_failure_is_told_and_left_out(store: Store, fixtures: Path) -> None:
    verdict = imported(store, fixtures / "servicenow")
    (told,) = [one for one in verdict.warnings if one.rule == "unknown-relationship"]
    assert "'Manages'" in told.message


def test_an_offering_stops_with_its_service_and_degrades_it(bank: Store) -> None:
    said = {
        one.object: dict(one.properties) for one in bank.relations(subjects=[ci("Retail Banking")], type="dependsOn")
    }
    assert said == {ci("Online Banking"): {"inferred": True}}
    assert ("Retail Banking", "Online Banking") in between(bank, "partOf")
    assert between(bank, "receives") == {("Harbour Shops", "Retail Banking")}


def test_changes_touch_and_incidents_affect_their_items(bank: Store) -> None:
    assert between(bank, "touches") == {
        ("Patch the database cluster", "bank-cluster"),
        ("Patch the database cluster", "bank-node-1"),
    }
    assert between(bank, "affects") == {
        ("Payments are slow", "bank-db"),
        ("Payments are slow", "bank-app"),
        ("Payments are slow", "Online Banking"),
    }
    assert between(bank, "causedBy") == {("Payments are slow", "Locks after the statistics job")}
    change = entity(bank, "CHG0030001").properties
    assert (change["changeStatus"], change["riskLevel"], change["windowStart"]) == (
        "approved",
        "high",
        "2026-11-28T21:00:00Z",
    )


def test_those_asked_to_approve_a_change_are_its_approvers_and_those_no_longer_asked_are_not(bank: Store) -> None:
    assert between(bank, "approver") == {("Patch the database cluster", "Ada Byron")}


def test_approvals_of_other_tasks_and_of_none_make_nothing(store: Store, write: Write) -> None:
    write("change_request.json", json.dumps({"result": [{"sys_id": "c" * 32, "short_description": "Patch"}]}))
    write("incident.json", json.dumps({"result": [{"sys_id": "d" * 32, "short_description": "Down"}]}))
    write("sys_user.json", json.dumps({"result": [{"sys_id": "a" * 32, "name": "Ada"}]}))
    asked: list[dict[str, object]] = [
        {"sysapproval": "c" * 32, "approver": "a" * 32, "state": {"value": "approved", "display_value": "Approved"}},
        {"sysapproval": "d" * 32, "approver": "a" * 32, "state": "requested"},
        {"sysapproval": "e" * 32, "approver": "a" * 32, "state": "requested"},
        {"sysapproval": "", "approver": "a" * 32, "state": "requested"},
    ]
    rows = [{"sys_id": f"{number}" * 32, **one} for number, one in enumerate(asked)]
    imported(store, write("sysapproval_approver.json", json.dumps({"result": rows})).parent)
    assert between(store, "approver") == {("Patch", "Ada")}


def test_an_approval_names_the_change_by_its_document_where_it_names_no_task(store: Store, write: Write) -> None:
    write("change_request.json", json.dumps({"result": [{"sys_id": "c" * 32, "short_description": "Patch"}]}))
    write("sys_user.json", json.dumps({"result": [{"sys_id": "a" * 32, "name": "Ada"}]}))
    row = {"sys_id": "1" * 32, "sysapproval": "", "document_id": "c" * 32, "source_table": "change_request"}
    asked = {**row, "approver": "a" * 32, "state": "requested"}
    imported(store, write("sysapproval_approver.json", json.dumps({"result": [asked]})).parent)
    assert between(store, "approver") == {("Patch", "Ada")}


def test_items_of_tasks_that_are_not_here_are_counted(store: Store, fixtures: Path) -> None:
    verdict = imported(store, fixtures / "servicenow")
    (told,) = [one for one in verdict.warnings if one.rule == "not-described"]
    assert told.message.startswith("1 of task_ci left out")


def test_a_definition_of_an_sla_is_an_agreement_with_a_target_for_its_offerings(bank: Store) -> None:
    target = bank.entity(f"{ci('P1 in four hours')}#target")
    assert target is not None
    assert target.properties == {
        "name": "P1 in four hours",
        "metric": "resolution time",
        "comparison": "at most",
        "targetValue": 4.0,
        "unit": "h",
        "forPriority": ("1",),
    }
    assert between(bank, "covers") == {("P1 in four hours", "Retail Banking"), ("Database support", "bank-db")}
    assert between(bank, "targetFor") == {("P1 in four hours", "Retail Banking")}
    hours = entity(bank, "Banking hours").properties
    assert (hours["openingHours"], hours["closedOn"]) == (("Mo-Fr 07:00-20:00",), ("2026-12-25",))


def test_how_long_a_case_took_is_held_against_the_target_when_it_is_over(bank: Store, write: Write) -> None:
    over = {
        "sys_id": sid("m"),
        "task": sid("INC0010042"),
        "sla": sid("P1 in four hours"),
        "start_time": "2026-11-20 09:15:00",
        "end_time": "2026-11-20 15:00:00",
        "business_duration": "1970-01-01 05:45:00",
    }
    runs = {**over, "sys_id": sid("n"), "end_time": ""}
    folder = write("task_sla.json", json.dumps({"result": [over, runs]}))
    definitions = Path(__file__).parent / "fixtures" / "servicenow"
    verdict = imported(bank, definitions, folder)
    measured = entity(bank, "m").properties
    assert (measured["name"], measured["measuredValue"], measured["unit"]) == (
        "P1 in four hours: Payments are slow",
        5.75,
        "h",
    )
    assert edges(bank, "measures") == {(ci("m"), f"{ci('P1 in four hours')}#target")}
    assert bank.entity(ci("n")) is None
    assert [one.message[:2] for one in verdict.warnings if one.rule == "not-measured"] == ["1 "]


def test_a_contract_runs_to_the_end_of_its_last_day(bank: Store) -> None:
    contract = entity(bank, "Database support").properties
    assert (contract["validFrom"], contract["validTo"]) == ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    assert between(bank, "agreedWith") == {("Database support", "Northwind Databases")}


def test_losing_one_node_uses_up_redundancy_and_losing_both_stops_the_service(bank: Store) -> None:
    one = {hit.id: hit.state for hit in impact(bank, [ci("srv-db-1")]).hits}
    assert one[ci("Online Banking")] == "at risk"
    both = {hit.id: hit.state for hit in impact(bank, [ci("srv-db-1"), ci("srv-db-2")]).hits}
    assert both[ci("Online Banking")] == both[ci("Retail Banking")] == "down"


def test_references_are_understood_in_each_form_that_the_interfaces_give(store: Store, write: Write) -> None:
    parent, child = sid("parent"), sid("child")
    kind = "1a9cb166f1571100a92eb60da2bce5c5"
    base = "https://x.service-now.com/api/now/table"
    kinds = {"display_value": "Depends on::Used by", "value": "x"}
    linked = f"{base}/cmdb_ci/{parent}"
    forms: list[tuple[str, object, object]] = [
        ("records", parent, kind),
        ("result", {"link": linked, "value": parent}, {"value": kind}),
        ("result", {"display_value": "P", "value": parent}, kinds),
        ("result", {"display_value": "P", "link": linked}, "Depends on::Used by"),
    ]
    first = None
    for number, (key, whole, type) in enumerate(forms):
        row = {"parent": whole, "child": child, "type": type, "dv_parent": "P"}
        imported(store, write(f"{number}/cmdb_rel_ci.json", json.dumps({key: [row]})), source="one")
        first = first or content(store)
        assert content(store) == first
    assert edges(store, "dependsOn") == {(f"servicenow:{parent}", f"servicenow:{child}")}


def test_references_by_name_are_followed_where_only_one_has_that_name(store: Store, write: Write) -> None:
    rows = [{"sys_id": sid(name), "name": called} for name, called in (("a", "a"), ("b", "b"), ("c", "b"), ("d", "d"))]
    items = write("f/cmdb_ci_server.json", json.dumps({"records": rows}))
    said = [
        {"parent": "a", "child": "d", "type": "Runs on::Runs"},
        {"parent": "a", "child": "b", "type": "Runs on::Runs"},
    ]
    verdict = imported(store, items, write("f/cmdb_rel_ci.json", json.dumps({"records": said})))
    assert edges(store, "hostedOn") == {(ci("a"), ci("d"))}
    assert "no-ends" in {one.rule for one in verdict.warnings}


def test_an_item_exported_from_two_of_its_tables_is_one_with_all_that_both_say(store: Store, write: Write) -> None:
    imported(
        store,
        write("f/cmdb_ci.json", json.dumps({"result": [{"sys_id": sid("a"), "name": "a", "ip_address": "10.0.0.1"}]})),
        write(
            "f/cmdb_ci_server.json", json.dumps({"result": [{"sys_id": sid("a"), "name": "a", "serial_number": "1"}]})
        ),
    )
    assert types(store) == {ci("a"): "Server"}
    found = entity(store, "a").properties
    assert (found["ipAddress"], found["serialNumber"]) == (("10.0.0.1",), "1")


@pytest.mark.parametrize("order", [("cmdb_ci", "cmdb_ci_computer"), ("cmdb_ci_computer", "cmdb_ci")])
def test_what_only_the_more_particular_table_says_decides_on_the_type(
    store: Store, write: Write, order: tuple[str, str]
) -> None:
    row = {"sys_id": sid("a"), "name": "a", "sys_class_name": "cmdb_ci_linux_server"}
    rows = {"cmdb_ci": row, "cmdb_ci_computer": {**row, "virtual": "true"}}
    imported(store, *(write(f"{name}.json", json.dumps({"result": [rows[name]]})) for name in order))
    assert types(store) == {ci("a"): "VirtualMachine"}


def test_what_an_application_service_was_found_to_be_made_of_degrades_it_unless_a_need_is_stated(
    store: Store, write: Write
) -> None:
    items = [
        {"sys_id": sid("s"), "name": "s", "sys_class_name": "cmdb_ci_service_discovered"},
        {"sys_id": sid("a"), "name": "a", "sys_class_name": "cmdb_ci_appl"},
        {"sys_id": sid("b"), "name": "b", "sys_class_name": "cmdb_ci_appl"},
    ]
    found = [{"service_id": sid("s"), "ci_id": sid(name)} for name in "ab"]
    stated = [{"parent": sid("s"), "child": sid("a"), "type": "Depends on::Used by"}]
    tables = {"cmdb_ci": items, "svc_ci_assoc": found, "cmdb_rel_ci": stated}
    imported(store, *(write(f"{name}.json", json.dumps({"result": rows})) for name, rows in tables.items()))
    said = {one.object: dict(one.properties) for one in store.relations(type="dependsOn")}
    assert said == {ci("a"): {}, ci("b"): {"strength": "soft", "inferred": True}}


def test_a_record_without_a_sys_id_is_a_fault_with_its_line(store: Store, write: Write) -> None:
    file = write("cmdb_ci_server.json", '{"result": [\n{"sys_id": "' + sid("a") + '", "name": "a"},\n{"name": "b"}]}')
    assert rules(refused(store, file)) == [("missing-id", 3)]


def test_unknown_codes_and_dates_are_told_once_and_left_out(store: Store, write: Write) -> None:
    rows = [
        {"sys_id": sid(name), "name": name, "operational_status": "77", "sys_class_name": "cmdb_ci_server"}
        for name in "abc"
    ]
    task = {"sys_id": sid("i"), "number": "INC1", "sys_class_name": "incident", "opened_at": "yesterday"}
    verdict = imported(
        store,
        write("f/cmdb_ci.json", json.dumps({"result": rows})),
        write("f/incident.json", json.dumps({"result": [task]})),
    )
    assert [(one.rule, one.field, one.message[:2]) for one in verdict.warnings] == [
        ("unknown-code", "operational_status", "3 "),
        ("unreadable-value", "opened_at", "1 "),
    ]
    assert "lifecycle" not in entity(store, "a").properties


def test_a_truncated_export_is_refused_whole(store: Store, fixtures: Path, write: Write) -> None:
    whole = (fixtures / "servicenow" / "cmdb_ci.json").read_text("utf-8")
    assert [one.rule for one in refused(store, write("cmdb_ci.json", whole[:2000]), format="servicenow")] == [
        "not-json"
    ]


def test_importing_the_same_again_changes_nothing(bank: Store, fixtures: Path) -> None:
    assert imported(bank, fixtures / "servicenow").revision == 1


@pytest.mark.parametrize(
    "text",
    ['{"results": [{"id": 1}], "count": 1}', '{"result": "ok", "data": [{"host": "a"}]}', '{"items": []}', "[]", "{}"],
)
def test_json_of_others_is_left_to_others(text: str) -> None:
    (reader,) = [one for one in readers() if one.name == "servicenow"]
    assert not reader.recognizes(Path("cmdb_ci.json"), text.encode())


def test_every_descriptor_of_a_relation_is_in_small_letters_and_every_known_id_leads_to_one() -> None:
    rule = mapping("servicenow")
    relationships, ids = rule["relationships"], rule["relationship_ids"]
    assert isinstance(relationships, dict)
    assert isinstance(ids, dict)
    assert [one for one in relationships if one != one.casefold()] == []
    assert set(ids.values()) <= relationships.keys()


def test_lists_exported_as_csv_are_read_by_field_or_label_with_names_for_references(store: Store, write: Write) -> None:
    imported(
        store,
        write(
            "f/cmdb_ci_server.csv",
            f'"Sys ID","Name","Class","Serial number","Operational status","Location"\n'
            f'"{sid("a")}","a","Windows Server","S-1","Operational","Hall 2"\n'
            f'"{sid("b")}","b","Linux Server","","Retired",""\n',
        ),
        write("f/cmn_location.csv", f"sys_id;name\n{sid('hall')};Hall 2\n"),
        write("f/cmdb_rel_ci.csv", f"sys_id,parent,type,child\n{sid('r')},a,Runs on::Runs,b\n"),
    )
    found = entity(store, "a")
    assert (found.type, found.properties["serialNumber"], found.properties["lifecycle"]) == ("Server", "S-1", "live")
    assert entity(store, "b").properties["lifecycle"] == "retired"
    assert edges(store, "hostedOn") == {(ci("a"), ci("b"))}
    assert edges(store, "locatedAt") == {(ci("a"), ci("hall"))}


def test_a_row_with_more_cells_than_the_header_is_a_fault(store: Store, write: Write) -> None:
    file = write("cmdb_ci.csv", f"sys_id,name\n{sid('a')},a\n{sid('b')},b,c\n")
    assert rules(refused(store, file)) == [("too-many-cells", 3)]


def test_lists_exported_as_excel_are_read_too(store: Store, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Sys ID", "Number", "Short description", "Opened", "State"])
    sheet.append([sid("i"), "INC0010099", "Slow", datetime(2026, 11, 20, 9, 15), "In Progress"])  # noqa: DTZ001
    file = tmp_path / "incident.xlsx"
    book.save(file)
    imported(store, file)
    found = entity(store, "i")
    assert (found.type, found.properties["recordedAt"], found.properties["caseStatus"]) == (
        "Incident",
        "2026-11-20T09:15:00Z",
        "in progress",
    )


def exported(write: Write, *opened: str) -> Path:
    """A list of incidents as somebody has exported it."""
    rows = "".join(f'"{sid(str(number))}","i","{one}"\n' for number, one in enumerate(opened))
    return write("incident.csv", f'"Sys ID","Short description","Opened"\n{rows}')


def test_times_of_an_exported_list_are_in_the_zone_of_who_exported_it(store: Store, write: Write) -> None:
    file = exported(write, "2026-11-20 09:15:00", "2026-07-20 09:15:00")
    verdict = imported(store, file, zone=ZoneInfo("America/Los_Angeles"))
    assert entity(store, "0").properties["recordedAt"] == "2026-11-20T17:15:00Z"
    assert entity(store, "1").properties["recordedAt"] == "2026-07-20T16:15:00Z"
    assert verdict.warnings == ()


def test_that_their_zone_is_not_said_is_told_once_and_they_are_taken_for_utc(store: Store, write: Write) -> None:
    verdict = imported(store, exported(write, "2026-11-20 09:15:00", "2026-07-20 09:15:00"))
    assert entity(store, "0").properties["recordedAt"] == "2026-11-20T09:15:00Z"
    (told,) = verdict.warnings
    assert (told.rule, told.origin.line) == ("no-zone", 2)
    assert told.message == (
        "Times are those of whoever exported the list and say no zone (2 of them): taken for UTC."
        " Give their zone with --zone."
    )


def test_the_zone_of_the_store_is_one_that_somebody_has_said(write: Write, tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "bank.db") as graph:
        graph.set_zone("Europe/Zurich")
        assert graph.ingest(exported(write, "2026-11-20 09:15:00")).warnings == ()
        assert graph.entity(ci("0")).properties["recordedAt"] == "2026-11-20T08:15:00Z"


def test_times_of_the_table_api_are_utc_whatever_zone_is_said(store: Store, write: Write) -> None:
    row = {"sys_id": sid("i"), "short_description": "Slow", "opened_at": "2026-11-20 09:15:00"}
    verdict = imported(
        store, write("incident.json", json.dumps({"result": [row]})), zone=ZoneInfo("America/Los_Angeles")
    )
    assert entity(store, "i").properties["recordedAt"] == "2026-11-20T09:15:00Z"
    assert verdict.warnings == ()


def test_times_in_another_format_are_left_out_with_a_word_on_how_to_export_them(store: Store, write: Write) -> None:
    verdict = imported(store, exported(write, "20.11.2026 09:15:00", "11/20/2026 09:15:00 AM"))
    assert "recordedAt" not in entity(store, "0").properties
    (told,) = verdict.warnings
    assert (told.rule, told.field) == ("unreadable-value", "opened_at")
    assert told.message == (
        "2 of incident: what stands there is no date and time such as 2026-11-20 09:15:00; it is left out."
        " Set the formats of who exports to yyyy-MM-dd and HH:mm:ss."
    )
