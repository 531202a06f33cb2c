"""A worksheet that people have filled in, taken back on every store: what it states, and what it refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from graphsms.errors import RejectedError
from graphsms.findings.answer import Finding
from graphsms.graph import Graph
from graphsms.ingest.worksheet_form import COLUMNS, MARKER, SOURCE, heading
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.moments import come
from graphsms.store import Store

CONTEXT, PARTIES = "iso-20000-1-2018/4.1-1", "iso-20000-1-2018/4.2-1"
ESTATE = ChangeSet(
    entities=[
        Entity(CONTEXT, "Requirement"),
        Entity(PARTIES, "Requirement"),
        Entity("anna", "Person", {"name": "Anna Berg"}),
        Entity("ben", "Person", {"name": "Ben Low"}),
        Entity("minutes", "MeetingMinutes", {"name": "Minutes", "issuedOn": "2026-10-01"}),
        Entity("judged", "ConformityJudgement", {"conformity": "conforms", "decidedAt": "2026-09-01T00:00:00Z"}),
        Entity("nc-1", "Nonconformity", {"name": "Of an audit", "conformity": "minor"}),
    ],
    relations=[
        Relation("decidesOn", "judged", PARTIES),
        Relation("decidedBy", "judged", "anna"),
        Relation("failsToMeet", "nc-1", PARTIES),
    ],
)
MINOR = {
    "conformity": "minor",
    "finding": "Issues are not looked at.\nSince 2024.",
    "owner": "ben",
    "due": "2027-01-31",
    "assessed_by": "anna",
    "assessed_on": "2026-11-20",
    "note": "Interview",
    "add_evidence": "minutes",
}
NONCONFORMITY = f"worksheet/nonconformity/{CONTEXT}/2026-11-20/anna"
JUDGEMENT = f"worksheet/judgement/{CONTEXT}/2026-11-20/anna"
EXCLUDED = {
    "conformity": "Not Applicable",
    "assessed_by": "anna",
    "assessed_on": "2026-11-20",
    "note": "No such thing",
}
EXCLUSION = f"worksheet/exclusion/{CONTEXT}/2026-11-20/anna"
AS_OF = "2026-12-01"

Fill = Callable[..., Path]


@pytest.fixture
def graph(store: Store) -> Graph:
    store.apply(ESTATE)
    return Graph(store)


def of_json(path: Path, filled: dict[str, dict[str, Any]]) -> None:
    said = json.loads(path.read_text("utf-8"))
    for row in said["rows"]:
        row.update(filled.get(row["id"], {}))
    path.write_text(json.dumps(said), "utf-8")


def of_xlsx(path: Path, filled: dict[str, dict[str, Any]]) -> None:
    book = load_workbook(path)
    sheet: Any = book[MARKER]
    at = {name: position for position, name in enumerate(COLUMNS, start=1)}
    for row in range(2, sheet.max_row + 1):
        for name, value in filled.get(sheet.cell(row, at["id"]).value, {}).items():
            sheet.cell(row, at[name]).value = value
    book.save(path)


def of_csv(path: Path, filled: dict[str, dict[str, Any]]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    for row in rows:
        row.update({heading(name): value for name, value in filled.get(row["id"], {}).items()})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [heading(one) for one in COLUMNS])
        writer.writeheader()
        writer.writerows(rows)


FORMS = {"json": of_json, "xlsx": of_xlsx, "csv": of_csv}


@pytest.fixture
def fill(graph: Graph, tmp_path: Path) -> Fill:
    """Writes a worksheet of clause 4 and fills it in."""

    def fill(filled: dict[str, dict[str, Any]], form: str = "json", name: str = "gaps") -> Path:
        path = tmp_path / f"{name}.{form}"
        graph.obligations.worksheet(clause="4", as_of=AS_OF).write(path)
        FORMS[form](path, filled)
        return path

    return fill


def row(graph: Graph, id: str) -> dict[str, str]:
    """What a new worksheet shows."""
    (found,) = [one for one in graph.obligations.worksheet(as_of=AS_OF).rows if one.requirement.id == id]
    return {name: value for name, value in found.filled.items() if value}


def relations(graph: Graph, id: str) -> set[tuple[str, str]]:
    return {(one.type, one.object) for one in graph.relations(id) if one.subject == id}


def excluded(graph: Graph) -> list[Finding]:
    return list(graph.findings.run(checks=["requirement-excluded"], as_of=AS_OF).findings)


def refused(graph: Graph, path: Path) -> list[tuple[str, str]]:
    """The rules that it breaks, with where; and that nothing was changed."""
    before = graph.revision.number
    with pytest.raises(RejectedError) as error:
        graph.ingest(path)
    assert graph.revision.number == before
    return [(fault.rule, str(fault.origin).removeprefix(f"{path}:").partition(", ")[2]) for fault in error.value.faults]


@pytest.mark.parametrize("form", FORMS)
def test_a_worksheet_that_nobody_has_touched_changes_nothing(graph: Graph, fill: Fill, form: str) -> None:
    before = graph.revision.number
    path = fill({}, form)
    graph.apply(ChangeSet(entities=[Entity("judged", "ConformityJudgement", {"conformity": "major"})]))  # meanwhile
    verdict = graph.ingest(path)
    assert (verdict.source, graph.revision.number) == (SOURCE, before + 1)
    assert graph.entity("judged").properties["conformity"] == "major"


@pytest.mark.parametrize("form", FORMS)
def test_what_was_filled_in_becomes_judgement_nonconformity_and_evidence(graph: Graph, fill: Fill, form: str) -> None:
    verdict = graph.ingest(fill({CONTEXT: MINOR}, form))
    assert not verdict.warnings
    judgement, found = graph.entity(JUDGEMENT), graph.entity(NONCONFORMITY)
    assert judgement.type == "ConformityJudgement"
    assert {"conformity": "minor", "rationale": "Interview"}.items() <= judgement.properties.items()
    assert relations(graph, JUDGEMENT) == {("decidesOn", CONTEXT), ("decidedBy", "anna")}
    assert (found.type, found.name) == ("Nonconformity", "Issues are not looked at.")
    assert {
        "conformity": "minor",
        "dueOn": "2027-01-31",
        "description": MINOR["finding"],
    }.items() <= found.properties.items()
    assert relations(graph, NONCONFORMITY) == {
        ("failsToMeet", CONTEXT),
        ("ownedBy", "ben"),
        ("raisedBy", "anna"),
        ("arisesFrom", JUDGEMENT),
    }
    assert relations(graph, "minutes") == {("demonstrates", CONTEXT)}


@pytest.mark.parametrize("form", FORMS)
def test_what_was_filled_in_is_shown_and_comes_back_unchanged(graph: Graph, fill: Fill, form: str) -> None:
    first = fill({CONTEXT: MINOR}, form)
    graph.ingest(first)
    after = graph.revision.number
    shown = row(graph, CONTEXT)
    assert shown == {name: value for name, value in MINOR.items() if name != "add_evidence"}
    graph.ingest(first)
    graph.ingest(fill({}, form, "again"))
    assert graph.revision.number == after


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_a_day_is_that_of_the_organizations_zone_on_the_way_in_and_out(graph: Graph, fill: Fill, zone: str) -> None:
    graph.set_zone(zone)
    graph.ingest(fill({CONTEXT: MINOR}))
    after = graph.revision.number
    assert row(graph, CONTEXT)["assessed_on"] == "2026-11-20"
    graph.ingest(fill({CONTEXT: {"finding": "Corrected."}}))
    assert graph.entity(NONCONFORMITY).properties["recordedAt"] == graph.entity(JUDGEMENT).properties["decidedAt"]
    assert graph.revision.number == after + 1


def test_the_state_is_that_of_the_evidence_whatever_is_judged(graph: Graph, fill: Fill) -> None:
    graph.ingest(fill({CONTEXT: {"conformity": "conforms", "assessed_by": "anna", "assessed_on": "2026-11-20"}}))
    found = graph.obligations.states(as_of=AS_OF).states[CONTEXT]
    assert found.state == "missing"
    assert found.conformity is not None
    assert found.conformity.conformity == "conforms"


def test_an_opportunity_becomes_an_improvement(graph: Graph, fill: Fill) -> None:
    graph.ingest(fill({CONTEXT: {**MINOR, "conformity": "Opportunity for improvement"}}))
    id = f"worksheet/improvement/{CONTEXT}/2026-11-20/anna"
    assert graph.entity(id).type == "Improvement"
    assert ("about", CONTEXT) in relations(graph, id)


def test_a_finding_is_corrected_and_keeps_its_identity(graph: Graph, fill: Fill) -> None:
    graph.ingest(fill({CONTEXT: MINOR}))
    changed = {"conformity": "major", "finding": "Nobody looks.", "due": "2026-12-31", "assessed_on": "2026-11-21"}
    graph.ingest(fill({CONTEXT: changed}, "xlsx", "by-ben"))
    found = graph.entity(NONCONFORMITY).properties
    assert (found["description"], found["conformity"], found["dueOn"]) == ("Nobody looks.", "major", "2026-12-31")
    assert str(found["recordedAt"]).startswith("2026-11-20")
    assert row(graph, CONTEXT)["conformity"] == "major"
    assert graph.entity(JUDGEMENT).properties["conformity"] == "minor"  # what was held before stands


def test_after_a_finding_is_closed_the_next_is_another(graph: Graph, fill: Fill) -> None:
    graph.ingest(fill({CONTEXT: MINOR}))
    closed = {**graph.entity(NONCONFORMITY).properties, "closedAt": "2026-11-25T00:00:00Z"}
    graph.apply(ChangeSet(entities=[Entity(NONCONFORMITY, "Nonconformity", closed)]))
    assert "finding" not in row(graph, CONTEXT)
    graph.ingest(fill({CONTEXT: {"finding": "Again."}}))
    assert graph.entity(f"{NONCONFORMITY}/2").properties["description"] == "Again."
    assert graph.entity(NONCONFORMITY).properties["description"] == MINOR["finding"]


def test_what_others_have_found_is_shown_and_not_touched(graph: Graph, fill: Fill) -> None:
    sheet = graph.obligations.worksheet(as_of=AS_OF)
    (found,) = [one for one in sheet.rows if one.requirement.id == PARTIES]
    assert [one.id for one in found.on_record] == ["nc-1"]
    assert found.filled["finding"] == ""
    graph.ingest(fill({PARTIES: {**MINOR, "add_evidence": ""}}))
    assert graph.entity("nc-1").name == "Of an audit"


def test_two_who_assess_from_the_same_worksheet_do_not_overwrite_each_other(graph: Graph, fill: Fill) -> None:
    by_anna, by_ben = fill({CONTEXT: MINOR}, name="a"), fill({CONTEXT: {**MINOR, "assessed_by": "ben"}}, name="b")
    graph.ingest(by_anna)
    graph.ingest(by_ben)
    assert graph.entity(JUDGEMENT)
    assert graph.entity(f"worksheet/judgement/{CONTEXT}/2026-11-20/ben")


def test_several_may_assess_and_own(graph: Graph, fill: Fill) -> None:
    graph.ingest(fill({CONTEXT: {**MINOR, "assessed_by": "anna; ben", "owner": "ben\nanna"}}))
    id = f"worksheet/judgement/{CONTEXT}/2026-11-20/anna+ben"
    assert relations(graph, id) == {("decidesOn", CONTEXT), ("decidedBy", "anna"), ("decidedBy", "ben")}
    assert row(graph, CONTEXT)["assessed_by"] == "anna; ben"


@pytest.mark.parametrize("form", FORMS)
def test_who_says_that_a_requirement_does_not_apply_is_kept_and_warned(graph: Graph, fill: Fill, form: str) -> None:
    before = graph.obligations.states(as_of=AS_OF).states[CONTEXT]
    verdict = graph.ingest(fill({CONTEXT: EXCLUDED}, form))
    (warning,) = verdict.warnings
    assert (warning.rule, warning.subject, warning.field) == ("not-applicable", CONTEXT, "conformity")
    assert "No requirement of clauses 4 to 10 can be excluded (1.2)" in warning.message
    assert "graphsms findings" in warning.message
    said = graph.entity(EXCLUSION)
    assert said.type == "ConformityJudgement"
    assert {"claimedExclusion": "Not Applicable", "rationale": "No such thing"}.items() <= said.properties.items()
    assert "conformity" not in said.properties
    assert relations(graph, EXCLUSION) == {("decidesOn", CONTEXT), ("decidedBy", "anna")}
    assert graph.obligations.states(as_of=AS_OF).states[CONTEXT] == before
    assert row(graph, CONTEXT) == {"conformity": "not assessed"}


def test_a_duty_of_law_that_is_said_not_to_apply_is_no_finding_under_the_standard(graph: Graph, tmp_path: Path) -> None:
    graph.apply(ChangeSet(entities=[Entity("act-7", "LegalObligation", {"name": "Records are kept"})]))
    path = tmp_path / "whole.json"
    graph.obligations.worksheet(as_of=AS_OF).write(path)
    of_json(path, {"act-7": EXCLUDED})
    (warning,) = graph.ingest(path).warnings
    assert (warning.rule, warning.subject) == ("not-applicable", "act-7")
    assert "1.2" not in warning.message
    assert excluded(graph) == []


@pytest.mark.parametrize("word", ["not applicable", "N/A", "n.a.", "NA", "not-applicable", "excluded", "out of scope"])
def test_a_requirement_can_be_said_not_to_apply_in_several_words(graph: Graph, fill: Fill, word: str) -> None:
    verdict = graph.ingest(fill({CONTEXT: {**EXCLUDED, "conformity": word}}, "xlsx"))
    assert [one.rule for one in verdict.warnings] == ["not-applicable"]
    assert graph.entity(EXCLUSION).properties["claimedExclusion"] == word


@pytest.mark.parametrize("form", FORMS)
def test_what_was_said_not_to_apply_comes_back_unchanged(graph: Graph, fill: Fill, form: str) -> None:
    first = fill({CONTEXT: EXCLUDED}, form)
    graph.ingest(first)
    after = graph.revision.number
    graph.ingest(first)
    graph.ingest(fill({}, form, "again"))
    assert graph.revision.number == after


def test_what_was_judged_stands_whoever_says_later_that_it_does_not_apply(graph: Graph, fill: Fill) -> None:
    graph.ingest(fill({CONTEXT: MINOR}))
    before = row(graph, CONTEXT)
    assert refused(graph, fill({CONTEXT: {"conformity": "n/a"}})) == [("judged-that-day", "column assessed on")]
    verdict = graph.ingest(fill({CONTEXT: {"conformity": "n/a", "assessed_on": "2026-11-21"}}))
    assert [one.rule for one in verdict.warnings] == ["open-finding", "not-applicable"]
    assert row(graph, CONTEXT) == before
    assert graph.entity(JUDGEMENT).properties["conformity"] == "minor"
    (found,) = excluded(graph)
    assert found.entities == (CONTEXT, EXCLUSION.replace("2026-11-20", "2026-11-21"))


def test_a_requirement_that_is_said_not_to_apply_is_a_finding_until_it_is_judged(graph: Graph, fill: Fill) -> None:
    assert excluded(graph) == []
    graph.ingest(fill({CONTEXT: EXCLUDED}))
    (found,) = excluded(graph)
    assert found.message == (
        "Anna Berg says that 4.1 (1) does not apply; no requirement of 4 to 10 can be excluded (1.2)."
    )
    graph.ingest(fill({CONTEXT: {"conformity": "conforms", "assessed_by": "ben", "assessed_on": "2026-11-20"}}))
    assert excluded(graph) == []


@pytest.mark.parametrize("lacking", ["assessed_by", "assessed_on"])
def test_who_says_that_something_does_not_apply_and_when_is_wanted(graph: Graph, fill: Fill, lacking: str) -> None:
    found = refused(graph, fill({CONTEXT: {**EXCLUDED, lacking: ""}}))
    assert found == [("incomplete-judgement", f"column {heading(lacking)}")]


@pytest.mark.parametrize(
    ("said", "rule", "column"),
    [
        ({"conformity": "fine"}, "unknown-code", "conformity"),
        ({"assessed_on": "yesterday"}, "wrong-value", "assessed on"),
        ({"assessed_on": "2026-02-30"}, "wrong-value", "assessed on"),
        ({"assessed_on": "2999-01-01"}, "future-date", "assessed on"),
        ({"due": "soon"}, "wrong-value", "due"),
        ({"assessed_by": ""}, "incomplete-judgement", "assessed by"),
        ({"assessed_on": ""}, "incomplete-judgement", "assessed on"),
        ({"conformity": ""}, "incomplete-judgement", "conformity"),
        ({"conformity": "conforms"}, "no-grade", "conformity"),
        ({"finding": ""}, "no-finding", "due"),
        ({"finding": "n/a"}, "not-applicable", "finding"),
        ({"conformity": "n/a"}, "no-grade", "conformity"),
        ({"anchor": "4.1 (2)"}, "changed-key", "anchor"),
        ({"id": PARTIES}, "changed-key", "id"),
        ({"exported": "{}"}, "changed-key", "exported"),
        ({"exported": ""}, "changed-key", "exported"),
        ({"state": "evidenced"}, "computed-state", "state"),
        ({"add_evidence": "minuets"}, "dangling-relation", "add evidence"),
        ({"owner": "nobody"}, "dangling-relation", "owner"),
        ({"assessed_by": "nobody"}, "dangling-relation", "assessed by"),
    ],
)
@pytest.mark.parametrize("form", ["json", "xlsx"])
def test_what_cannot_be_is_refused_with_row_and_column(
    graph: Graph, fill: Fill, form: str, said: dict[str, str], rule: str, column: str
) -> None:
    found = refused(graph, fill({CONTEXT: {**MINOR, **said}}, form))
    assert (rule, f"column {column}") in found


def test_a_judgement_may_be_of_today_and_not_of_a_day_to_come(graph: Graph, fill: Fill) -> None:
    path = fill({CONTEXT: {**MINOR, "assessed_on": "2999-01-01"}})
    assert refused(graph, path) == [("future-date", "column assessed on")]
    graph.ingest(fill({CONTEXT: {**MINOR, "assessed_on": come()[:10], "due": "2999-01-01"}}))


def test_an_id_that_nobody_has_is_told_with_what_to_do(graph: Graph, fill: Fill) -> None:
    with pytest.raises(
        RejectedError, match=r"column add evidence: .*'minuets', which is stated nowhere.*graphsms find"
    ):
        graph.ingest(fill({CONTEXT: {**MINOR, "add_evidence": "minuets"}}))


def test_an_owner_that_is_no_person_is_refused(graph: Graph, fill: Fill) -> None:
    (fault,) = refused(graph, fill({CONTEXT: {**MINOR, "owner": "minutes"}}))
    assert fault[1] == "column owner"


@pytest.mark.parametrize("column", ["conformity", "exported", "add_evidence", "anchor"])
@pytest.mark.parametrize("form", FORMS)
def test_a_column_that_is_gone_is_named(graph: Graph, fill: Fill, form: str, column: str) -> None:
    path = fill({CONTEXT: MINOR}, form)
    if form == "json":
        said = json.loads(path.read_text("utf-8"))
        del said["rows"][0][column]
        path.write_text(json.dumps(said), "utf-8")
    elif form == "xlsx":
        book = load_workbook(path)
        sheet: Any = book[MARKER]
        sheet.delete_cols(COLUMNS.index(column) + 1)
        book.save(path)
    else:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [*csv.DictReader(file)]
        with path.open("w", encoding="utf-8", newline="") as file:
            kept = [heading(one) for one in COLUMNS if one != column]
            writer = csv.DictWriter(file, kept, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    before = graph.revision.number
    with pytest.raises(RejectedError) as error:
        graph.ingest(path, format="worksheet")
    assert graph.revision.number == before
    assert [one.rule for one in error.value.faults] == ["removed-column"]
    assert heading(column) in error.value.faults[0].message


@pytest.mark.parametrize("column", ["conformity", "finding", "owner", "due", "assessed_by", "note"])
def test_nothing_is_taken_back_by_emptying_a_cell(graph: Graph, fill: Fill, column: str) -> None:
    graph.ingest(fill({CONTEXT: MINOR}))
    assert ("emptied-cell", f"column {heading(column)}") in refused(graph, fill({CONTEXT: {column: ""}}, "xlsx"))


def test_a_judgement_from_elsewhere_is_corrected_there_or_judged_anew(graph: Graph, fill: Fill) -> None:
    assert refused(graph, fill({PARTIES: {"conformity": "minor"}})) == [("judged-elsewhere", "column conformity")]
    graph.ingest(fill({PARTIES: {"conformity": "minor", "assessed_on": "2026-11-20"}}))
    assert row(graph, PARTIES)["conformity"] == "minor"
    assert graph.entity("judged").properties["conformity"] == "conforms"


def test_a_row_that_stands_twice_is_refused(graph: Graph, fill: Fill) -> None:
    path = fill({CONTEXT: MINOR})
    said = json.loads(path.read_text("utf-8"))
    said["rows"].append(said["rows"][0])
    path.write_text(json.dumps(said), "utf-8")
    assert ("duplicate-row", "column id") in refused(graph, path)


def test_what_is_wrong_can_be_left_out(graph: Graph, fill: Fill) -> None:
    path = fill({CONTEXT: {**MINOR, "due": "soon"}, PARTIES: {"conformity": "minor", "assessed_on": "2026-11-20"}})
    verdict = graph.ingest(path, skip_invalid=True)
    assert [fault.rule for one in verdict.rejected for fault in one.faults] == ["wrong-value"]
    assert row(graph, PARTIES)["conformity"] == "minor"
    assert row(graph, CONTEXT)["conformity"] == "not assessed"


def test_where_the_catalogue_is_not_in_the_graph_it_is_said_how_it_gets_there(store: Store, tmp_path: Path) -> None:
    graph = Graph(store)
    graph.apply(ChangeSet(entities=[Entity("anna", "Person")]))
    path = tmp_path / "gaps.json"
    graph.obligations.worksheet(clause="4", as_of=AS_OF).write(path)
    of_json(path, {CONTEXT: {"conformity": "conforms", "assessed_by": "anna", "assessed_on": "2026-11-20"}})
    with pytest.raises(RejectedError, match="graphsms clauses --load"):
        graph.ingest(path)


def test_what_is_not_met_without_a_finding_is_a_warning(graph: Graph, fill: Fill) -> None:
    said = {**MINOR, "finding": "", "owner": "", "due": ""}
    verdict = graph.ingest(fill({CONTEXT: said}))
    assert [one.rule for one in verdict.warnings] == ["no-finding"]
    assert row(graph, CONTEXT)["conformity"] == "minor"


def test_a_finding_stays_open_when_the_requirement_is_met_again(graph: Graph, fill: Fill) -> None:
    graph.ingest(fill({CONTEXT: MINOR}))
    verdict = graph.ingest(fill({CONTEXT: {"conformity": "conforms", "assessed_on": "2026-11-21"}}))
    assert [one.rule for one in verdict.warnings] == ["open-finding"]
    assert row(graph, CONTEXT)["finding"] == MINOR["finding"]
    assert graph.entity(NONCONFORMITY).properties["conformity"] == "minor"
