"""What is wrong is left out and listed where that is asked for; the rest is imported, and nothing is lost silently."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook

from graphsms.errors import InputError, RejectedError
from graphsms.graph import Graph
from graphsms.ingest import Counts
from graphsms.ingest.rejects import rejected_csv
from graphsms.store import Store
from graphsms.values import MAX_TEXT
from imported import Write, edges, estate, imported, refused, rules, types

BAD = "{id: bad, type: Srver, name: Bad}"
GOOD = "{id: good, type: Server}"


def test_one_wrong_entity_does_not_keep_the_others_out(store: Store, write: Write) -> None:
    file = write("a.yaml", estate(GOOD, BAD, "{id: other, type: Server, minimum: 3}"))
    assert len(refused(store, file)) == 2
    verdict = imported(store, file, skip_invalid=True)
    assert types(store) == {"good": "Server"}
    assert [(one.origin.line, one.subject, one.faults[0].rule) for one in verdict.rejected] == [
        (3, "bad", "unknown-type"),
        (4, "other", "unexpected-property"),
    ]
    assert "2 statements rejected and left out" in verdict.sentence()
    assert imported(store, file, skip_invalid=True).revision == verdict.revision


def test_what_refers_to_something_left_out_is_left_out_too_in_our_own_format(store: Store, write: Write) -> None:
    file = write("a.yaml", estate(BAD, "{id: web, type: Application, dependsOn: [bad, good]}", GOOD))
    verdict = imported(store, file, skip_invalid=True)
    assert edges(store, "dependsOn") == {("web", "good")}
    assert [(one.subject, one.faults[0].field, one.faults[0].rule) for one in verdict.rejected] == [
        ("bad", "type", "unknown-type"),
        ("web", "dependsOn", "dangling-relation"),
    ]


def test_in_a_foreign_format_it_becomes_a_placeholder(store: Store, write: Write) -> None:
    mapping = 'tables:\n- id: "{Host}"\n  type: Server\n  columns: {Ends: validTo, Needs: {relation: dependsOn}}\n'
    write("servers.mapping.yaml", mapping)
    verdict = imported(store, write("servers.csv", "Host,Ends,Needs\na,,b\nb,never,a\n"), skip_invalid=True)
    assert [(one.subject, dict(one.row)) for one in verdict.rejected] == [
        ("b", {"Host": "b", "Ends": "never", "Needs": "a"})
    ]
    assert verdict.placeholders == ("b",)
    assert edges(store, "dependsOn") == {("a", "b")}


def test_what_is_in_the_graph_stays_as_it_was_while_its_new_statement_is_wrong(store: Store, write: Write) -> None:
    imported(store, write("a.yaml", estate("{id: s, type: Server, name: S, dependsOn: good}", GOOD)), source="cmdb")
    web = "{id: web, type: Application, dependsOn: s}"
    wrong = write("b.yaml", estate("{id: s, type: Server, nmae: T}", GOOD, web))
    verdict = imported(store, wrong, source="cmdb", skip_invalid=True, prune=True)
    assert (verdict.created, verdict.changed, verdict.removed) == (Counts(1, 1), Counts(), Counts())
    assert edges(store, "dependsOn") == {("s", "good"), ("web", "s")}
    found = store.entity("s")
    assert found is not None
    assert found.name == "S"


def test_a_file_that_cannot_be_read_is_left_out_whole(store: Store, write: Write) -> None:
    good, bad = write("a.yaml", estate(GOOD)), write("b.yaml", estate("{id: x, type: Server}") + "  - [unclosed\n")
    verdict = imported(store, good, bad, source="both", skip_invalid=True)
    assert types(store) == {"good": "Server"}
    assert [(one.origin.file, one.faults[0].rule) for one in verdict.rejected] == [(str(bad), "not-yaml")]


def test_what_has_no_id_is_left_out_and_forbids_to_remove_what_is_no_longer_there(store: Store, write: Write) -> None:
    imported(store, write("a.yaml", estate(GOOD, "{id: x, type: Server}")), source="cmdb")
    file = write("b.yaml", estate(GOOD, "{type: Server}"))
    assert imported(store, file, source="cmdb", skip_invalid=True).rejected[0].faults[0].rule == "missing-id"
    with pytest.raises(InputError, match="leave --prune out"):
        imported(store, file, source="cmdb", skip_invalid=True, prune=True)
    assert set(types(store)) == {"good", "x"}


def test_a_group_that_loses_too_many_members_is_left_out_itself(store: Store, write: Write) -> None:
    group = "{id: g, type: RedundancyGroup, minimum: 2, hasMember: [good, bad]}"
    verdict = imported(store, write("a.yaml", estate(GOOD, BAD, group)), skip_invalid=True)
    assert types(store) == {"good": "Server"}
    assert {fault.rule for one in verdict.rejected for fault in one.faults} >= {"unknown-type", "dangling-relation"}


def test_when_nothing_is_right_nothing_is_imported(store: Store, write: Write) -> None:
    verdict = imported(store, write("a.yaml", estate(BAD)), skip_invalid=True)
    assert (verdict.revision, len(verdict.rejected)) == (0, 1)


def test_what_was_left_out_is_a_table_with_what_stands_there(store: Store, write: Write) -> None:
    file = write("a.yaml", estate(GOOD, "{id: bad, type: Srver, name: 'Größe; 1', tag: [a, b], live: true}"))
    verdict = imported(store, file, skip_invalid=True)
    (row,) = csv.DictReader(io.StringIO(rejected_csv(verdict.rejected)))
    assert (row["file"], row["line"], row["id"], row["type"], row["name"], row["tag"]) == (
        str(file),
        "3",
        "bad",
        "Srver",
        "Größe; 1",
        "a; b",
    )
    assert set(row["rule"].split("; ")) == {"unknown-type", "unknown-property"}
    assert verdict.to_json()["rejected"][0]["row"]["tag"] == ["a", "b"]  # type: ignore[index]


def test_the_line_of_what_was_left_out_of_turtle_is_found(store: Store, write: Write) -> None:
    file = write(
        "a.ttl",
        "@prefix sms: <https://w3id.org/graphsms/ontology#> .\n@prefix id: <https://w3id.org/graphsms/id/> .\n"
        "id:good a sms:Server .\nid:bad a sms:Srver .\nid:web a sms:Application ; sms:dependsOn id:bad, id:good .\n",
    )
    verdict = imported(store, file, skip_invalid=True)
    assert [(one.subject, one.origin.line) for one in verdict.rejected] == [("bad", 4), ("web", 5)]
    assert edges(store, "dependsOn") == {("web", "good")}


def test_a_table_of_what_was_left_out_can_be_corrected_and_imported_again(
    store: Store, write: Write, tmp_path: Path
) -> None:
    mapping = 'tables:\n- id: "{id}"\n  type: Server\n  columns: {Ends: validTo}\n'
    write("servers.mapping.yaml", mapping)
    table = write("servers.csv", "id,Ends\na,2026-12-31\nb,never\nc,\n")
    verdict = imported(store, table, source="list", skip_invalid=True)
    assert set(types(store)) == {"a", "c"}
    text = rejected_csv(verdict.rejected)
    assert text.splitlines()[0] == "file,line,rejected_id,field,rule,message,id,Ends"
    again = write("again.csv", text.replace("never", "2027-01-31"))
    write("again.mapping.yaml", mapping)
    corrected = imported(store, again, source="list")
    assert (corrected.created, corrected.warnings) == (Counts(1, 0), ())  # nothing is said of why it was left out
    assert set(types(store)) == {"a", "b", "c"}


def test_what_was_left_out_of_other_files_is_corrected_and_imported_without_a_mapping(
    store: Store, write: Write
) -> None:
    bad = (
        "{id: bad, type: Srver, name: '=1+1', tag: ['a;b', '[c'], dependsOn: [good, {to: other, strength: soft}],"
        " locatedAt: dc}"
    )
    rest = ("{id: other, type: Server, tag: [x, y], dependsOn: bad}", "{id: dc, type: Site}", GOOD)
    whole = write("whole.yaml", estate(bad.replace("Srver", "Server"), *rest))
    verdict = imported(store, write("a.yaml", estate(bad, *rest)), source="cmdb", skip_invalid=True)
    assert [one.subject for one in verdict.rejected] == ["bad", "other"]  # which needs what was left out
    again = write("rejected.csv", rejected_csv(verdict.rejected).replace("Srver", "Server"))
    assert imported(store, again, source="cmdb").format == "rejected"
    kept = store.entity("bad")
    assert kept is not None
    assert (kept.name, kept.properties["tag"]) == ("=1+1", ("[c", "a;b"))
    strengths = {one.object: one.properties for one in store.relations() if one.key[:2] == ("bad", "dependsOn")}
    assert strengths == {"good": {}, "other": {"strength": "soft"}}
    # The whole of it, read as it should have been, finds nothing to change.
    assert imported(store, whole, source="cmdb").revision == store.revision().number == 2


def test_what_was_left_out_of_the_lists_of_a_tool_comes_back_with_its_relations(
    store: Store, write: Write, fixtures: Path
) -> None:
    text = (fixtures / "glpi" / "Computer.json").read_text()
    assert '"name": "host-1"' in text
    wrong = write("glpi/Computer.json", text.replace('"name": "host-1"', f'"name": "{"x" * (MAX_TEXT + 1)}"'))
    verdict = imported(store, wrong, source="glpi", skip_invalid=True)
    (left,) = verdict.rejected
    again = write("rejected.csv", rejected_csv([replace(left, row={**left.row, "name": "host-1"})]))
    imported(store, again, source="glpi")
    host = store.entity("glpi:Computer/1")
    assert host is not None
    assert (host.type, host.name) == (left.row["type"], "host-1")
    assert "locatedAt" in {one.type for one in store.relations(subjects=["glpi:Computer/1"])}
    assert imported(store, write("glpi/Computer.json", text), source="glpi").created == Counts(0, 0)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("a.yaml,2,,type,unknown-type,No.,Server", "missing-id"),
        ("a.yaml,2,a,type,unknown-type,No.,Server,more", "wrong-form"),
        ("a.yaml,2,a,type,unknown-type,No.,Srver", "unknown-type"),
        ("a.yaml,2,a,type,unknown-type,No.,", "nothing"),
    ],
)
def test_what_is_not_yet_right_in_it_is_told_with_its_row(store: Store, write: Write, row: str, rule: str) -> None:
    file = write("rejected.csv", f"file,line,id,field,rule,message,type\n{row}\n")
    if rule == "nothing":
        assert imported(store, file).created == Counts(0, 0)
    else:
        assert rules(refused(store, file)) == [(rule, 2)]


@pytest.mark.parametrize("cell", ['"[""b"', '"[{""to"": ""b"""', "[b"])
def test_a_list_in_it_that_a_hand_has_spoilt_is_no_relation_to_something_odd(
    store: Store, write: Write, cell: str
) -> None:
    file = write(
        "rejected.csv",
        f"file,line,id,field,rule,message,type,dependsOn\na.yaml,2,a,type,unknown-type,No.,Server,{cell}\n",
    )
    assert rules(refused(store, file)) == [("wrong-form", 2)]


def test_what_was_left_out_of_a_workbook_names_its_sheet(store: Store, write: Write, tmp_path: Path) -> None:
    write("book.mapping.yaml", 'tables:\n- id: "{Host}"\n  type: Server\n  columns: {Ends: validTo}\n')
    book = Workbook()
    sheet = book.create_sheet("Halls")
    book.remove(book["Sheet"])
    for cells in (("Host", "Ends"), ("a", "2026-12-31"), ("b", "never")):
        sheet.append(cells)
    file = write("book.xlsx", b"")
    book.save(file)
    verdict = imported(store, file, skip_invalid=True)
    (row,) = csv.DictReader(io.StringIO(rejected_csv(verdict.rejected)))
    assert (row["file"], row["line"], row["Host"], row["Ends"]) == (f"{file}:Halls", "3", "b", "never")
    assert verdict.to_json()["rejected"][0]["sheet"] == "Halls"  # type: ignore[index]
    assert set(types(store)) == {"a"}


def test_a_source_that_goes_by_the_name_of_its_file_is_told_from_another_file_of_that_name(
    store: Store, write: Write
) -> None:
    imported(store, write("north/estate.yaml", estate("{id: n, type: Server}")))
    again = imported(store, write("north/estate.yaml", estate("{id: n, type: Server}", GOOD)))
    other = write("south/estate.yaml", estate("{id: s, type: Server}"))
    assert [one.rule for one in again.warnings] == []
    assert [one.rule for one in imported(store, other).warnings] == ["another-source"]
    assert imported(store, other, source="south").warnings == ()


def test_a_plan_lists_what_it_leaves_out(store: Store, write: Write) -> None:
    plan = Graph(store).plan(write("a.yaml", estate(GOOD, BAD)), skip_invalid=True)
    assert (plan.counts("create"), len(plan.rejected)) == (Counts(1, 0), 1)
    assert [row[:2] for row in plan.rows()] == [("create", "good"), ("reject", "bad")]
    with pytest.raises(RejectedError):
        Graph(store).plan(write("a.yaml", estate(GOOD, BAD)))
