"""A mapping that is drafted from a table reads that table, and says what it rests on."""

from __future__ import annotations

import datetime
import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

import graphsms
from graphsms.errors import InputError, RejectedError
from graphsms.ingest.tabular import KEYS
from graphsms.ingest.tabular.guess import guess
from graphsms.ingest.tabular.preview import preview
from graphsms.ontology import load
from graphsms.store import Store
from imported import Write, edges, imported, types

VOCABULARY = load()
TABLES = Path(__file__).parent / "fixtures" / "tables"


def drafted(tmp_path: Path, *files: Path, **options: Any) -> tuple[Path, str]:
    text = guess(files, VOCABULARY, **options)
    path = tmp_path / "drafted.yaml"
    path.write_text(text, encoding="utf-8")
    return path, text


def line(text: str, key: str) -> str:
    """The line of a draft that begins so."""
    (found,) = [one.strip() for one in text.splitlines() if one.strip().startswith(key)]
    return found


@pytest.mark.parametrize("name", sorted(path.name for path in TABLES.iterdir() if path.suffix in (".csv", ".xlsx")))
def test_a_draft_reads_the_table_that_it_was_made_from(store: Store, tmp_path: Path, name: str) -> None:
    mapping, _ = drafted(tmp_path, TABLES / name)
    verdict = imported(store, TABLES / name, mapping=mapping)
    assert verdict.created.entities > 5
    assert verdict.created.relations > 5
    assert {one.rule for one in verdict.warnings} <= {"placeholder", "passed-over"}
    assert imported(store, TABLES / name, mapping=mapping).revision == 1


def test_a_list_of_servers_is_understood(store: Store, tmp_path: Path) -> None:
    mapping, text = drafted(tmp_path, TABLES / "serverliste.csv")
    imported(store, TABLES / "serverliste.csv", mapping=mapping)
    assert types(store)["mrk-db-01"] == "VirtualMachine"
    assert types(store)["mrk-esx-01"] == "Server"
    assert ("mrk-db-01", "mrk-esx-01") in edges(store, "hostedOn")
    assert ("mrk-db-01", "site:rechenzentrum-nord") in edges(store, "locatedAt")
    assert ("mrk-db-01", "person:pavel-ruttner") in edges(store, "ownedBy")
    database = store.entity("mrk-db-01")
    assert database is not None
    assert database.properties == {
        "name": "mrk-db-01",
        "hostname": ("mrk-db-01",),
        "lifecycle": "live",
        "ipAddress": ("10.20.1.21", "10.30.1.21"),
        "validFrom": "2022-05-02T00:00:00Z",
        "note": "Primäre Datenbank;\nsiehe Wiki",
    }
    assert '"%d.%m.%Y"' in line(text, "Inbetriebnahme:")
    assert "100% of its values are ids of serverliste" in line(text, '"Läuft auf":')
    assert "which only Asset can have" in line(text, "- Garantie bis")


def test_sheets_that_refer_to_each_other_are_drafted_together(store: Store, tmp_path: Path) -> None:
    files = [TABLES / "register.xlsx", TABLES / "contracts.csv", TABLES / "serverliste.csv"]
    mapping, _ = drafted(tmp_path, *files)
    verdict = imported(store, *files, mapping=mapping, source="register")
    assert not [id for id in verdict.placeholders if not id.startswith("person:")]
    assert edges(store, "covers") >= {("C-2021-017", "SVC-WAN"), ("C-2021-017", "SVC-ERP")}
    assert ("SVC-ERP", "SVC-WAN") in edges(store, "dependsOn")
    assert ("SVC-ERP", "APP-003") in edges(store, "dependsOn")
    assert ("APP-003", "mrk-db-02") in edges(store, "hostedOn")
    contract = store.entity("C-2021-017")
    assert contract is not None
    assert contract.properties["noticePeriod"] == "P12M"
    assert contract.properties["validTo"] == "2027-01-01T00:00:00Z"
    assert contract.properties["yearlyCost"] == 96000.0
    service = store.entity("SVC-ID")
    assert service is not None
    assert service.properties["availability"] == 0.999
    assert service.properties["recoveryTimeObjective"] == "PT4H"


KINDS_OF_TABLES = {
    "assets": (
        "Asset Tag,Asset Name,Model,Manufacturer,Serial No.,Assigned To,Purchase Date,Purchase Price,State\n"
        'AT-1,Laptop Marlow,Fold 14,Branngart,X1,Ada Lang,03/28/2023,"$1,250.00",In Use\n'
        'AT-2,Plotter,Wide 90,Inkwell,X2,,12/01/2022,"$4,300.00",Retired\n',
        {"AT-1": "Asset", "AT-2": "Asset", "person:ada-lang": "Person"},
        "AT-1",
        {
            "name": "Laptop Marlow",
            "assetNumber": "AT-1",
            "model": "Fold 14",
            "vendor": "Branngart",
            "serialNumber": "X1",
            "acquiredOn": "2023-03-28",
            "purchasePrice": 1250.0,
            "lifecycle": "live",
        },
    ),
    "services": (
        "Service Name,Business Owner,Service Tier,Availability,Go-Live Date,RTO\n"
        "Payroll,Ada Lang,Tier 1,99.9%,01-Mar-2020,4 hours\nIntranet,Bo Quist,Tier 3,99%,15-Jun-2019,2 days\n",
        {
            "service:Payroll": "Service",
            "service:Intranet": "Service",
            "person:ada-lang": "Person",
            "person:bo-quist": "Person",
        },
        "service:Payroll",
        {
            "name": "Payroll",
            "criticality": "critical",
            "availability": 0.999,
            "validFrom": "2020-03-01T00:00:00Z",
            "recoveryTimeObjective": "PT4H",
        },
    ),
    "people": (
        "Employee ID,First name,Last name,E-Mail,Phone\n1001,Ada,Lang,a@example.org,+41 44 000 00 01\n"
        "1002,Bo,Quist,b@example.org,\n",
        {"person:1001": "Person", "person:1002": "Person"},
        "person:1001",
        {"name": "Ada Lang", "email": ("a@example.org",), "telephone": ("+41 44 000 00 01",)},
    ),
    "certs": (
        "Certificate,Issuer,Valid from,Expiry date,Key length\nshop.example.org,Keystave,2026-01-01,2026-12-31,4096\n"
        "mail.example.org,Keystave,2026-03-01,2027-02-28,2048\n",
        {"shop.example.org": "Certificate", "mail.example.org": "Certificate"},
        "shop.example.org",
        {"name": "shop.example.org", "validFrom": "2026-01-01T00:00:00Z", "expiresOn": "2026-12-31"},
    ),
}


@pytest.mark.parametrize("name", KINDS_OF_TABLES)
def test_tables_of_many_kinds_are_understood(store: Store, write: Write, tmp_path: Path, name: str) -> None:
    content, all_types, id, said = KINDS_OF_TABLES[name]
    file = write(f"{name}.csv", content)
    mapping, _ = drafted(tmp_path, file)
    imported(store, file, mapping=mapping)
    assert types(store) == all_types
    entity = store.entity(id)
    assert entity is not None
    assert dict(entity.properties) == said


def test_a_draft_keeps_to_what_the_shapes_allow(store: Store, write: Write, tmp_path: Path) -> None:
    file = write("servers.csv", "Host,Currency,Country,Yearly cost\na1,Euro,CH,-5\nb1,Franc,DE,7\n")
    mapping, text = drafted(tmp_path, file)
    assert "its values cannot be that: 'Euro'" in line(text, "- Currency")
    assert "its values cannot be that: '-5'" in line(text, "- Yearly cost")
    assert line(text, "Country:").startswith("Country: country")
    imported(store, file, mapping=mapping)
    _, groups = drafted(tmp_path, write("redundancy groups.csv", "Name,Note\nweb pair,x\ndb pair,y\n"))
    assert "It must also say hasMember, minimum: from" in groups


def test_a_table_of_dependencies_becomes_relations(store: Store, write: Write, tmp_path: Path) -> None:
    rows = "app-1,Runs on,vm-1,x\napp-1,Depends on,db-1,\ndb-1,Hosts,app-2,\napp-2,Frobs,app-1,\n"
    file = write("dependencies.csv", f"Source CI,Relationship,Target CI,Remark\n{rows}")
    mapping, text = drafted(tmp_path, file)
    imported(store, file, mapping=mapping)
    assert edges(store, "hostedOn") == {("app-1", "vm-1"), ("app-2", "db-1")}
    assert edges(store, "dependsOn") == {("app-1", "db-1"), ("app-2", "app-1")}
    assert "'Frobs': no relation is called so" in text


@pytest.mark.parametrize("header", ["CI Name", "Name of the CI", "Configuration item name"])
def test_the_name_of_a_ci_is_its_name(write: Write, tmp_path: Path, header: str) -> None:
    file = write("list.csv", f"{header};Class\nweb01;Server\nshop;Application\n")
    _, text = drafted(tmp_path, file)
    assert line(text, f"{header}:").startswith(f"{header}: name")


def test_ids_of_the_graph_are_found_in_columns(write: Write, tmp_path: Path) -> None:
    estate = write("estate.yaml", "entities:\n- {id: 'site:north', type: Site}\n- {id: 'site:south', type: Site}\n")
    file = write("servers.csv", "Host,Where,Nearby\na1,north,x\nb1,south,y\nc1,north,z\n")
    with graphsms.open(tmp_path / "estate.db") as g:
        g.ingest(estate)
        text = g.guess_mapping(file)
        mapping = write("servers.mapping.yaml", text)
        assert [one.id for _, one in g.check_mapping(mapping, file, rows=2).entities] == ["a1", "b1"]
        g.ingest(file, mapping=str(mapping))
        assert {(one.type, one.object) for one in g.relations("a1")} == {("dependsOn", "site:north")}
    assert "100% of its values are ids of the graph; its name is that of no relation" in line(text, "Where:")


def test_days_and_months_that_tell_nothing_apart_are_said(write: Write, tmp_path: Path) -> None:
    file = write("servers.csv", "Host,Go live,End of support\na1,01/02/2024,25/12/2027\nb1,03/04/2024,01/02/2027\n")
    _, text = drafted(tmp_path, file)
    assert "could also be %m/%d/%Y" in line(text, "Go live:")
    assert line(text, "End of support:").startswith('End of support: {property: endOfSupport, format: "%d/%m/%Y"}')
    assert "could also" not in line(text, "End of support:")


def test_a_table_in_no_unicode_with_a_title_and_doubled_headers_is_drafted(
    store: Store, write: Write, tmp_path: Path
) -> None:
    rows = "Unsere Server;;;\n;;;\nHostname;Hersteller;Notiz;Notiz\nmünchen1;Müller;a;b\nköln1;Größe;;c\n"
    file = write("servers.csv", rows.encode("cp1252"))
    mapping, text = drafted(tmp_path, file)
    assert line(text, "encoding:").startswith("encoding: cp1252")
    assert line(text, "header:") == "header: 3"
    assert "several columns are called so" in line(text, "- Notiz")
    imported(store, file, mapping=mapping)
    assert types(store) == {"münchen1": "Server", "köln1": "Server"}


def test_what_cannot_be_read_is_left_aside_with_the_reason(store: Store, write: Write, tmp_path: Path) -> None:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Servers"
    rows: Sequence[list[Any]] = [
        ["Host", "Status", "Cost per year", "Formula", "Empty", "Colour", "Date bought"],
        ["a1", "blue", "cheap", "=1+1", None, "red", datetime.date(2024, 1, 1)],
        ["b1", "green", "dear", "=1+2", None, "red", datetime.date(2024, 1, 2)],
    ]
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    file = write("register.xlsx", content.getvalue())
    mapping, text = drafted(tmp_path, file)
    assert "its values cannot be that: 'blue'" in line(text, "- Status")
    assert "never calculated" in line(text, "- Formula")
    assert "it is empty" in line(text, "- Empty")
    assert "nothing is called so here; such as 'red'" in line(text, "- Colour")
    imported(store, file, mapping=mapping)
    assert types(store) == {"a1": "Server", "b1": "Server"}


def test_headers_that_are_yaml_themselves_do_no_harm(store: Store, write: Write, tmp_path: Path) -> None:
    headers = 'Host,"a: [b]","# c","""d""","{e}|",null,"x\ny",\x7f\x85\ufeff\U000e0001,💡'
    file = write("servers.csv", headers + '\nh1,1,2,3,4,5,6,7,8\nh2,1,2,3,4,5,"#, 6",7,\x7f\n')
    mapping, _ = drafted(tmp_path, file)
    verdict = imported(store, file, mapping=mapping)
    assert types(store) == {"h1": "Server", "h2": "Server"}
    assert not verdict.warnings


def test_an_id_that_is_not_unique_is_said_loudly(store: Store, write: Write, tmp_path: Path) -> None:
    file = write("servers.csv", "Host,Place\na1,x\na1,y\n,z\n")
    mapping, text = drafted(tmp_path, file)
    assert "NOT UNIQUE" in text
    assert "Unique are 'Place'." in text
    imported(store, file, mapping=mapping)
    assert types(store) == {"a1": "Server"}


def test_a_wide_table_is_drafted_in_time(write: Write) -> None:
    """Columns are set against each other, and not all of their values each time."""
    header = ",".join(f"Col {number}" for number in range(120))
    rows = [",".join(f"v{column}-{row}" for column in range(120)) for row in range(500)]
    file = write("wide.csv", "\n".join([header, *rows]))
    began = time.process_time()
    guess([file], VOCABULARY)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("content", ["", "Host\n", "1;2\n3;4\n"])
def test_what_holds_no_table_cannot_be_drafted(write: Write, content: str) -> None:
    with pytest.raises(RejectedError, match=r"row|empty"):
        guess([write("servers.csv", content)], VOCABULARY)


def test_a_preview_shows_the_first_rows_of_each_sheet_and_their_faults(write: Write, tmp_path: Path) -> None:
    mapping, _ = drafted(tmp_path, TABLES / "register.xlsx")
    found = preview(mapping, TABLES / "register.xlsx", VOCABULARY, rows=1)
    assert [one.id for _, one in found.entities] == ["SVC-ERP", "person:tobias-grell", "APP-001", "team:Platform"]
    assert not found.faults
    bad = write("bad.yaml", "tables: [{id: '{Host}', type: Server, columns: {Status: lifecycle}}]")
    file = write("servers.csv", "Host,Status\na,broken\nb,live\n")
    found = preview(bad, file, VOCABULARY, rows=1)
    assert [(one.origin.line, one.field, one.rule) for one in found.faults] == [(2, "Status", "wrong-value")]
    with pytest.raises(InputError, match="at least 1"):
        preview(bad, file, VOCABULARY, rows=0)
    with pytest.raises(InputError, match="does not exist"):
        preview(tmp_path / "none.yaml", file, VOCABULARY)


def test_every_key_of_a_mapping_says_what_it_is() -> None:
    assert all(says and not says.endswith(".") for listed in KEYS.values() for says in listed.values())


def test_the_codes_that_words_stand_for_are_those_of_the_ontology() -> None:
    from graphsms.ingest.tabular.words import Words

    for name, codes in Words(VOCABULARY).codes.items():
        if codes:
            listed = VOCABULARY.code_lists[VOCABULARY.properties[name].code_list or ""]
            assert {said for said in codes.values() if listed.code(said) is None} == set(), name
