"""CSV with a mapping file: what columns become, and what is said where the file or the mapping is wrong."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from graphsms.errors import InputError
from graphsms.ingest.tabular import read_mapping
from graphsms.ingest.tabular.delimited import delimited_rows
from graphsms.ingest.tabular.rows import TableReading
from graphsms.model import Fault
from graphsms.ontology import load
from graphsms.store import Store
from imported import Write, edges, imported, refused, rules, types

VOCABULARY = load()
SERVERS = """\
tables:
- id: "srv:{Host}"
  type: Server
  columns: {Host: hostname}
"""


def properties(store: Store, id: str) -> dict[str, object]:
    entity = store.entity(id)
    assert entity is not None, id
    return dict(entity.properties)


def table(write: Write, mapping: str, content: str | bytes, name: str = "servers.csv") -> Path:
    """A table with its mapping beside it."""
    write(f"{Path(name).stem}.mapping.yaml", mapping)
    return write(name, content)


# ------------------------------------------------------------------------------------ what columns become


def test_rows_become_entities_and_columns_their_properties(store: Store, write: Write) -> None:
    file = table(
        write,
        """\
tables:
- id: "srv:{Host name|lower}"
  type: {column: Kind, values: {VM: VirtualMachine}, otherwise: Server}
  constants: {environment: production, tag: cmdb}
  empty: ["-"]
  skip: [{column: Status, equals: [scrapped, lost]}, {column: Host name, empty: true}]
  ignore: ["Internal*"]
  columns:
    Host name: [hostname, name]
    Status: {property: lifecycle, values: {Aktiv: live, "?": ~}}
    In service: {property: validFrom, format: "%d.%m.%Y"}
    Until: {property: validTo, format: ["%d.%m.%Y", "%Y-%m-%d"]}
    Cost: {property: yearlyCost, number: {decimal: ",", thousands: ".", unit: EUR}}
    Availability: {property: availability, number: {decimal: ",", unit: "%", times: 0.01}}
    Labels: {property: tag, split: ","}
    RTO: {property: recoveryTimeObjective, number: {unit: [hours, h]}, template: "PT{value}H"}
""",
        """\
Host name;Kind;Status;In service;Until;Cost;Availability;Labels;RTO;Internal no
WEB-01;VM;aktiv;01.03.2024;31.12.2026;1.234,50 EUR;99,5 %;"a, b";4 h;7
DB-01;metal;?;-;2026-12-31;EUR 20;;;8 hours;8
OLD-1;;Scrapped;;;;;;;9
;;;;;;;;;
;VM;;;;;;;;10
""",
    )
    imported(store, file, zone=ZoneInfo("Europe/Berlin"))
    assert types(store) == {"srv:web-01": "VirtualMachine", "srv:db-01": "Server"}
    assert properties(store, "srv:web-01") == {
        "hostname": ("WEB-01",),
        "name": "WEB-01",
        "lifecycle": "live",
        "validFrom": "2024-02-29T23:00:00Z",
        "validTo": "2026-12-31T23:00:00Z",
        "yearlyCost": 1234.5,
        "availability": 0.995,
        "tag": ("a", "b", "cmdb"),
        "recoveryTimeObjective": "PT4H",
        "environment": "production",
    }
    assert properties(store, "srv:db-01")["validTo"] == "2026-12-31T23:00:00Z"
    assert "lifecycle" not in properties(store, "srv:db-01")
    assert imported(store, file, zone=ZoneInfo("Europe/Berlin")).revision == 1


def test_columns_become_relations_either_way_and_missing_ends_become_placeholders(store: Store, write: Write) -> None:
    file = table(
        write,
        """\
tables:
- id: "app:{App}"
  type: Application
  columns:
    Server: {relation: hostedOn, id: "srv:{value|lower}", type: Server, split: [";", "/"]}
    Used by: {relation: dependsOn, id: "svc:{value}", type: Service, inverse: true, strength: soft}
    Owner: {relation: ownedBy, id: "person:{Owner|slug}", type: Person, values: {"n/a": ~}}
  also:
  - id: "person:{Owner|slug}"
    type: Person
    columns: {Owner: name, Mail: email}
    when: {column: Owner, equals: [Ada Lang, Bo]}
  relations:
  - {relation: locatedAt, to: "site:{Site}", from: "srv:{First}", type: Site, from_type: Server}
""",
        "App,Server,Used by,Owner,Mail,Site,First\nshop,WEB-1; web-2/DB,orders,Ada Lang,ada@example.org,north,web-1\n"
        "wiki,,,N/A,,,\n",
        "apps.csv",
    )
    assert {one.rule for one in refused(store, file, strict=True)} == {"dangling-relation"}
    verdict = imported(store, file)
    assert edges(store, "hostedOn") == {("app:shop", "srv:web-1"), ("app:shop", "srv:web-2"), ("app:shop", "srv:db")}
    assert [(one.key, dict(one.properties)) for one in store.relations(type="dependsOn")] == [
        (("svc:orders", "dependsOn", "app:shop"), {"strength": "soft"})
    ]
    assert edges(store, "ownedBy") == {("app:shop", "person:ada-lang")}
    assert edges(store, "locatedAt") == {("srv:web-1", "site:north")}
    assert types(store)["svc:orders"] == "Service"
    assert properties(store, "person:ada-lang") == {"name": "Ada Lang", "email": ("ada@example.org",)}
    assert "person:ada-lang" not in verdict.placeholders
    assert {"srv:db", "svc:orders", "site:north"} < set(verdict.placeholders)


def test_a_table_of_relations_alone_is_read_by_what_its_rows_call_them(store: Store, write: Write) -> None:
    file = table(
        write,
        """\
tables:
- relations:
  - relation: {column: Kind, values: {Runs on: hostedOn, Contains: {relation: partOf, inverse: true}}}
    from: "{Parent}"
    to: "{Child}"
    type: Server
    from_type: Application
    properties: {note: "{Remark}"}
    when: [{column: Kind, empty: false}]
""",
        "Parent,Kind,Child,Remark\na,runs on,s,old\nb,Contains,c,\nd,,e,\n",
        "links.csv",
    )
    imported(store, file)
    assert edges(store, "hostedOn") == {("a", "s")}
    assert edges(store, "partOf") == {("c", "b")}
    assert [dict(one.properties) for one in store.relations(subjects=["a"])] == [{"note": "old"}]
    write("links.csv", "Parent,Kind,Child,Remark\na,Rns on,s,\n")
    (fault,) = refused(store, file)
    assert (fault.rule, fault.field, fault.origin.line) == ("unmapped-relation", "Kind", 2)
    assert "Did you mean Runs on?" in fault.message


def test_a_column_that_is_called_value_is_one_like_any_other(store: Store, write: Write) -> None:
    mapping = """\
tables:
- id: "srv:{value}"
  type: Server
  columns:
    value: {property: name, template: "<{value}>"}
    Up: {relation: partOf, id: "srv:{value}"}
  relations: [{relation: hostedOn, to: "on:{value}", type: Server}]
"""
    imported(store, table(write, mapping, "value,Up\na,b\nb,\n"))
    assert properties(store, "srv:a") == {"name": "<a>"}
    assert edges(store, "partOf") == {("srv:a", "srv:b")}
    assert edges(store, "hostedOn") == {("srv:a", "on:a"), ("srv:b", "on:b")}


def test_a_file_of_any_name_is_read_as_a_table_where_that_is_said(store: Store, write: Write) -> None:
    mapping = write("servers.yaml", SERVERS)
    imported(store, write("servers.txt", "Host\na\n"), mapping=mapping)
    imported(store, write("servers.export", "Host\nb\n"), mapping=mapping, format="table")
    assert types(store).keys() == {"srv:a", "srv:b"}


def test_one_mapping_is_for_several_files_and_may_leave_out_columns(store: Store, write: Write) -> None:
    write("north.csv", "Host,Model\na,X1\n")
    write("south.csv", "Host\nb\n")
    write("sites.csv", "Site\nhall\n")
    mapping = write(
        "all.yaml",
        """\
tables:
- file: "*th.csv"
  id: "{Host}"
  type: Server
  columns: {Host: hostname, Model: {property: model, optional: true}}
- file: SITES.csv
  id: "{Site}"
  type: Site
""",
    )
    verdict = imported(store, mapping.parent, mapping=mapping)
    assert types(store) == {"a": "Server", "b": "Server", "hall": "Site"}
    assert verdict.format == "table"
    assert not verdict.passed_over


def test_a_folder_with_tables_and_their_mappings_is_read(store: Store, write: Write) -> None:
    file = table(write, SERVERS, "Host\na\n")
    write("notes.csv", "x\ny\n")
    write("estate.yaml", "entities: [{id: b, type: Site}]")
    verdict = imported(store, file.parent)
    assert types(store) == {"srv:a": "Server", "b": "Site"}
    assert [Path(one).name for one in verdict.passed_over] == ["notes.csv"]


def test_a_table_without_a_mapping_says_what_to_do(store: Store, write: Write) -> None:
    file = write("servers.csv", "Host\na\n")
    (fault,) = refused(store, file)
    assert fault.rule == "no-mapping"
    assert "graphsms mapping guess servers.csv" in fault.message
    other = write("other.yaml", "tables: [{file: apps.csv, id: '{Host}', type: Server}]")
    (fault,) = refused(store, file, mapping=other)
    assert "its tables are for apps.csv" in fault.message
    (fault,) = refused(store, file, mapping=other, format="table")
    assert fault.rule == "no-mapping"
    with pytest.raises(InputError, match="does not exist"):
        imported(store, file, mapping=file.parent / "none.yaml")


# ---------------------------------------------------------------------------------- what is wrong in rows


def test_what_is_wrong_in_a_row_is_told_with_its_row_and_column(store: Store, write: Write) -> None:
    mapping = """\
tables:
- id: "srv:{Host}"
  type: {column: Kind, values: {physical: Server}}
  required: [Owner]
  columns:
    Status: lifecycle
    Since: {property: validFrom, format: ["%d/%m/%Y", "%m/%d/%Y"]}
    Cost: {property: yearlyCost, number: {}}
    Owner: {relation: ownedBy, type: Person}
"""
    file = table(
        write,
        mapping,
        'Host,Kind,Status,Since,Cost,Owner\na,physical,live,13/05/2026,1,"Ada\nLang"\n\n'
        "b,physical,runing,04/05/2026,1.000,Ada\n,physical,live,,,Ada\nc,physcal,live,2026-01-01,EUR,\n",
    )
    faults = refused(store, file)
    assert [(one.origin.line, one.field, one.rule) for one in faults if one.rule != "bad-id"] == [
        (5, "Status", "wrong-value"),
        (5, "Since", "wrong-value"),
        (6, "Host", "missing-id"),
        (7, "Owner", "missing-value"),
        (7, "Kind", "unmapped-type"),
        (7, "Since", "wrong-value"),
        (7, "Cost", "wrong-value"),
    ]
    told = {(one.origin.line, one.field): one.message for one in faults}
    assert "must be one of proposed, in build, live, retired" in told[5, "Status"]
    assert "2026-05-04 by %d/%m/%Y and 2026-04-05 by %m/%d/%Y" in told[5, "Since"]
    assert "Did you mean physical?" in told[7, "Kind"]
    assert {one.subject for one in faults if one.origin.line == 5} == {"srv:b"}
    assert str(file) in str(faults[0])


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        ("", "empty-file", None),
        ("\n\n", "empty-file", None),
        ("Hots\na\n", "missing-column", 1),
        ("Host,Host\na,b\n", "duplicate-column", 1),
        ("Host,Model\na,X1,rack 3\n", "ragged-row", 2),
        ('Host,Model\n"a,X1\nb,X2\n', "not-csv", 2),
        ('Host,Model\n"a" x,X1\n', "not-csv", 2),
        ("Host\na\0b\n", "nul-character", 2),
        (b"Host\nok\nZ\xfcrich\n", "wrong-encoding", 3),
        ("Host\nZürich\n".encode() + "Zürich\n".encode("cp1252"), "wrong-encoding", 3),
        (b"\xff\xfeH\x00o\x00s\x00t\x00\n\x00a", "wrong-encoding", 2),
        ('Host\n"' + "x" * 200_000 + '"\n', "too-large", 2),
        ("Host\n" + "x" * 1_100_000, "too-large", 2),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(
    store: Store, write: Write, content: str | bytes, rule: str, line: int | None
) -> None:
    (fault,) = refused(store, table(write, SERVERS, content))
    assert (fault.rule, fault.origin.line) == (rule, line)


def test_headers_only_is_no_fault_and_is_told(store: Store, write: Write) -> None:
    verdict = imported(store, table(write, SERVERS, "Host\n"))
    assert rules(verdict.warnings) == [("no-rows", 1)]


def test_columns_and_cells_that_are_left_over_are_told_once(store: Store, write: Write) -> None:
    verdict = imported(store, table(write, SERVERS, "Host,Model,\na\nb,X1,\nc\n"))
    assert [(one.rule, one.field, one.origin.line) for one in verdict.warnings] == [
        ("unmapped-column", "Model", 1),
        ("short-row", "", 2),
    ]
    assert "2 rows" in verdict.warnings[1].message


def test_where_the_encoding_is_wrong_byte_and_line_are_told(store: Store, write: Write) -> None:
    content = b"Host\n" + b"ok\n" * 400_000 + b"Z\xfcrich\n"
    (fault,) = refused(store, table(write, SERVERS, content))
    assert fault.origin.line == 400_002
    assert "Byte 1,200,006, 0xFC, is not utf-8" in fault.message
    assert "encoding: cp1252" in fault.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Host\nZürich\n".encode("utf-8-sig"), ""),
        ("Host\nZürich\n".encode("utf-16"), ""),
        ("\ufeffHost\nZürich\n".encode("utf-16-be"), ""),
        ("Host\nZürich\n".encode("cp1252"), "encoding: cp1252"),
        ("Host\nZürich\n".encode("utf-8-sig"), "encoding: cp1252"),
        ("sep=;\nHost;Model\nZürich;X1\n".encode(), ""),
        ("Host|Model\nZürich|X1\n".encode(), ""),
        ("Host\tModel\nZürich\tX, Y\n".encode(), ""),
        ("Host;Model\nZürich;1,5\n".encode(), "delimiter: ;"),
        ("A list of servers;\n;\nHost;Model\nZürich;1,5\n".encode(), "header: 3"),
        ("Host\r\nZürich\r\n".encode(), ""),
        ("Host\rZürich\r".encode(), ""),
    ],
)
def test_encodings_delimiters_and_line_ends_are_known(store: Store, write: Write, content: bytes, said: str) -> None:
    mapping = SERVERS + f"  ignore: [Model]\n  {said}\n"
    imported(store, table(write, mapping, content))
    assert types(store) == {"srv:Zürich": "Server"}


def test_a_header_over_two_lines_or_in_other_case_is_found(store: Store, write: Write) -> None:
    mapping = "tables: [{id: '{host name}', type: Server, columns: {Host name: name}}]"
    imported(store, table(write, mapping, '"Host\nname "\na\n'))
    assert properties(store, "a") == {"name": "a"}


def test_rows_that_are_left_out_come_back_as_they_stand_in_the_file(store: Store, write: Write) -> None:
    mapping = SERVERS + "  ignore: [Note]\n"
    mapping = mapping.replace("hostname}", "hostname, Status: lifecycle, Up: {relation: partOf, id: 'srv:{value}'}}")
    rows = 'Host,Note,Status,Up\na,x,live,\nb,"two\nlines",broken,\n,y,live,\nc,z,live,srv:b,q\nd,,live,a\n'
    verdict = imported(store, table(write, mapping, rows), skip_invalid=True)
    assert types(store).keys() == {"srv:a", "srv:d"}
    assert [(one.origin.line, one.subject, dict(one.row)) for one in verdict.rejected] == [
        (3, "srv:b", {"Host": "b", "Note": "two\nlines", "Status": "broken", "Up": ""}),
        (5, "", {"Host": "", "Note": "y", "Status": "live", "Up": ""}),
        (6, "", {"Host": "c", "Note": "z", "Status": "live", "Up": "srv:b"}),
    ]
    verdict = imported(store, table(write, SERVERS, "Hots\na\n"), skip_invalid=True, source="other")
    assert [(one.origin.line, dict(one.row)) for one in verdict.rejected] == [(1, {})]


# ------------------------------------------------------------------------------ what is wrong in a mapping


def test_every_word_of_a_mapping_is_held_against_the_ontology(store: Store, write: Write) -> None:
    file = table(
        write,
        """\
tables:
- id: "srv:{Host"
  type: Sever
  colums: {}
  encoding: klingon
  constants: {environment: prod, colour: red}
  columns:
    A: hostnam
    B: {relation: hostdOn}
    C: {property: validFrom, format: "dd.mm.yyyy"}
    D: {property: name, split: ";"}
    E: {relation: dependsOn, strength: medium, properties: {colour: x}}
    F: {values: {}}
    G: {property: name, id: x}
    H: {property: yearlyCost, number: {decimal: ",", thousands: ","}}
    I: {property: name, template: "{value|shout}"}
  skip: [{column: A}]
- {file: x.csv, columns: {A: name}}
- {}
""",
        "Host\na\n",
    )
    faults = refused(store, file)
    mapping = str(file.parent / "servers.mapping.yaml")
    assert {one.origin.file for one in faults} == {mapping}
    assert sorted((one.origin.line or 0, one.rule) for one in faults) == sorted(
        [
            (2, "wrong-template"),
            (2, "missing-id"),
            (3, "unknown-type"),
            (4, "unknown-key"),
            (5, "wrong-value"),
            (6, "wrong-value"),
            (6, "unknown-property"),
            (8, "unknown-property"),
            (9, "unknown-relation"),
            (10, "wrong-value"),
            (11, "wrong-value"),
            (12, "wrong-value"),
            (12, "unknown-property"),
            (13, "wrong-form"),
            (14, "unknown-key"),
            (15, "wrong-value"),
            (16, "wrong-template"),
            (17, "wrong-form"),
            (18, "missing-id"),
            (18, "missing-id"),
            (19, "missing-id"),
        ]
    )
    told = {(one.origin.line, one.rule): one.message for one in faults}
    assert "Did you mean Server" in told[3, "unknown-type"]
    assert "Did you mean columns?" in told[4, "unknown-key"]
    assert "Did you mean hostname?" in told[8, "unknown-property"]
    assert "Did you mean hostedOn?" in told[9, "unknown-relation"]


def test_a_column_that_is_not_there_is_told_with_what_may_be_meant(store: Store, write: Write) -> None:
    (fault,) = refused(store, table(write, SERVERS, "Hots,Model\na,b\n"))
    assert fault.rule == "missing-column"
    assert "servers.mapping.yaml:4" in fault.message
    assert fault.field == ""
    assert "'Host'" in fault.message
    assert "Did you mean Hots?" in fault.message
    assert "There are: Hots, Model." in fault.message


@pytest.mark.parametrize(
    "mapping", ["", "[]", "tables: x", "tables: []", "a: 1\n---\nb: 2", "tables: [1]", "{", "tables: [{also: 1}]"]
)
def test_what_is_no_mapping_is_refused(store: Store, write: Write, mapping: str) -> None:
    for fault in refused(store, table(write, mapping, "Host\na\n")):
        assert fault.origin.file.endswith("servers.mapping.yaml")


# -------------------------------------------------------------------------------------- many rows


def test_a_large_table_is_read_row_by_row(write: Write) -> None:
    """The reader holds one row and what it has converted before, however many rows there are."""
    row = ",".join(["some text that is long enough to be seen"] * 5)
    file = table(write, SERVERS + "  ignore: ['C*']\n", "Host,C1,C2,C3,C4,C5\n")
    with file.open("a") as out:
        out.writelines(f"h{number},{row}\n" for number in range(30_000))
    faults: list[Fault] = []

    mapping = read_mapping(file.with_name("servers.mapping.yaml"), VOCABULARY)
    tracemalloc.start()
    reading = TableReading(mapping.tables[0], "", str(file), "", VOCABULARY, faults.append, faults.append)
    count = sum(1 for _ in reading.statements(delimited_rows(file)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 30_000
    assert file.stat().st_size > 6_000_000
    assert peak < 3_000_000
    assert not faults
