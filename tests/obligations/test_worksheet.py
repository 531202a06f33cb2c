"""The gap assessment worksheet: a row for each requirement, what belongs to it, and the forms that it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.errors import InputError
from graphsms.graph import Graph
from graphsms.ingest.worksheet_form import COLUMNS, FILLED, MARKER, heading
from graphsms.obligations.worksheet import form_of

NOW = "2026-11-21T12:00:00Z"
CONTEXT, CATALOGUE = "iso-20000-1-2018/4.1-1", "iso-20000-1-2018/8.2.4-1"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    """A graph in which one requirement is shown, judged and found wanting."""
    with graphsms.open(tmp_path / "sms.db") as graph:
        graph.apply(
            ChangeSet(
                entities=[
                    Entity(CONTEXT, "Requirement"),
                    Entity(CATALOGUE, "Requirement"),
                    Entity("anna", "Person", {"name": "Anna Berg"}),
                    Entity("minutes", "MeetingMinutes", {
                        "name": "Minutes of the board", "issuedOn": "2026-10-01", "fileLocation": "dms/minutes.pdf",
                    }),
                    Entity("judged", "ConformityJudgement", {
                        "conformity": "minor", "decidedAt": "2026-11-01T10:00:00Z", "rationale": "Interview",
                    }),
                    Entity("nc-1", "Nonconformity", {
                        "name": "No review of issues", "conformity": "minor", "recordedAt": "2026-11-01T10:00:00Z",
                        "dueOn": "2027-01-31",
                    }),
                    Entity("nc-0", "Nonconformity", {"name": "Old", "caseStatus": "closed"}),
                ],
                relations=[
                    Relation("demonstrates", "minutes", CONTEXT),
                    Relation("decidesOn", "judged", CONTEXT),
                    Relation("decidedBy", "judged", "anna"),
                    Relation("failsToMeet", "nc-1", CONTEXT),
                    Relation("ownedBy", "nc-1", "anna"),
                    Relation("failsToMeet", "nc-0", CONTEXT),
                ],
            )
        )  # fmt: skip
        yield graph


def test_every_requirement_of_the_edition_has_one_row_in_order_of_the_text(graph: Graph) -> None:
    for year in ("2018", "2011"):
        sheet = graph.obligations.worksheet(year, as_of=NOW)
        wanted = [one.id for one in graph.obligations.catalogue.of_edition(year)]
        assert [row.requirement.id for row in sheet.rows] == wanted
        assert {row.kind for row in sheet.rows} >= {"sentence", "list", "item"}


def test_a_row_says_how_it_stands_what_shows_it_and_what_people_judged(graph: Graph) -> None:
    (row,) = [one for one in graph.obligations.worksheet(as_of=NOW).rows if one.requirement.id == CONTEXT]
    assert (row.state, row.title, row.kind) == (
        "evidenced",
        "Understanding the organization and its context",
        "sentence",
    )
    assert row.evidence[0].text().startswith("minutes (Minutes of the board, dms/minutes.pdf): ")
    assert row.filled == {
        **dict.fromkeys(FILLED, ""),
        "conformity": "minor",
        "assessed_by": "anna",
        "assessed_on": "2026-11-01",
        "note": "Interview",
    }
    assert [one.text() for one in row.on_record] == ["nc-1 (minor, anna, due 2027-01-31): No review of issues"]


def test_the_day_of_a_judgement_is_that_of_the_organizations_zone(graph: Graph) -> None:
    graph.set_zone("Pacific/Auckland")
    graph.apply(ChangeSet(entities=[Entity("judged", "ConformityJudgement", {
        "conformity": "minor", "decidedAt": "2026-11-01T12:00:00Z"})]))  # fmt: skip
    (row,) = [one for one in graph.obligations.worksheet(as_of=NOW).rows if one.requirement.id == CONTEXT]
    assert row.filled["assessed_on"] == "2026-11-02"


def test_denominators_are_exact(graph: Graph) -> None:
    sheet = graph.obligations.worksheet(as_of=NOW)
    counted = [row for row in sheet.rows if row.requirement.mandatory and not row.requirement.items]
    assert sheet.overall.total == len(counted) == sum(sheet.judged.values())
    of_4 = next(stand for clause, stand in sheet.clauses if clause.number == "4")
    assert (of_4.evidenced, of_4.total) == (
        1,
        sum(row.requirement.clause.partition(".")[0] == "4" for row in counted),
    )
    assert sheet.judged["minor"] == 1


def test_a_clause_alone_has_its_own_rows_and_its_own_share(graph: Graph) -> None:
    sheet = graph.obligations.worksheet(clause="4.1", as_of=NOW)
    assert [row.requirement.anchor for row in sheet.rows] == ["4.1 (1)"]
    assert sheet.sentence() == "ISO/IEC 20000-1:2018, clause 4.1: 1 of 1 evidenced."
    with pytest.raises(InputError, match=r"no clause 4\.9"):
        graph.obligations.worksheet(clause="4.9")


def test_without_a_moment_it_is_of_that_of_the_revision(graph: Graph) -> None:
    sheet = graph.obligations.worksheet()
    assert sheet.inputs.as_of == f"{graph.revision.time[:19]}Z"


@pytest.mark.parametrize("form", ["html", "xlsx", "json", "csv"])
def test_the_same_graph_makes_the_same_bytes(graph: Graph, form: str) -> None:
    assert graph.obligations.worksheet().to_bytes(form) == graph.obligations.worksheet().to_bytes(form)


def test_in_the_workbook_keys_are_locked_and_what_people_fill_in_is_free_and_checked(graph: Graph) -> None:
    book = load_workbook(BytesIO(graph.obligations.worksheet(as_of=NOW).to_bytes("xlsx")))
    sheet: Any = book[MARKER]
    heads = {str(cell.value): cell for cell in sheet[1]}
    assert list(heads) == [heading(one) for one in COLUMNS]
    assert sheet.protection.sheet
    assert sheet.freeze_panes == "E2"
    row = {name: sheet.cell(2, head.column) for name, head in heads.items()}
    assert {name for name, cell in row.items() if not cell.protection.locked} == {heading(one) for one in FILLED}
    hidden = {name for name, head in heads.items() if sheet.column_dimensions[head.column_letter].hidden}
    assert hidden == {"id", "exported"}
    by_column = {
        str(one.sqref).rstrip("0123456789:").partition("2")[0]: one for one in sheet.data_validations.dataValidation
    }
    conformity = by_column[heads["conformity"].column_letter]
    assert conformity.formula1 == '"not assessed,conforms,opportunity,minor,major"'
    assert by_column[heads["owner"].column_letter].formula1.startswith("'People'!$A$2")
    assert by_column[heads["due"].column_letter].type == "date"
    assert row["assessed on"].value.isoformat()[:10] == "2026-11-01"
    assert [cell.value for cell in book["People"][2]] == ["anna", "Anna Berg"]


def test_in_the_workbook_a_text_that_begins_like_a_formula_is_a_text(graph: Graph) -> None:
    graph.apply(ChangeSet(entities=[Entity("judged", "ConformityJudgement", {
        "conformity": "minor", "decidedAt": "2026-11-01T10:00:00Z", "rationale": "=1+1"})]))  # fmt: skip
    book = load_workbook(BytesIO(graph.obligations.worksheet(as_of=NOW).to_bytes("xlsx")))
    cell = book[MARKER].cell(2, COLUMNS.index("note") + 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_the_page_is_sealed_and_shows_the_sections_before_the_clauses(graph: Graph) -> None:
    page = graph.obligations.worksheet(as_of=NOW).to_bytes("html").decode()
    assert "default-src 'none'" in page
    assert "<script" not in page
    heads = ["By clause", "Findings on record", "Readiness", "Operational history", "Maturity", "Evidence by category"]
    places = [page.index(f">{head}") for head in heads]
    assert places == sorted(places)
    assert page.index("4 Context of the organization</h1>") > places[-1]


def test_evidence_is_indexed_by_clause_and_by_what_auditors_ask_for(graph: Graph) -> None:
    sheet = graph.obligations.worksheet(as_of=NOW)
    assert [(one.clause, one.evidence.id, one.evidence.location) for one in sheet.index] == [
        ("4.1", "minutes", "dms/minutes.pdf")
    ]
    categories = list(dict.fromkeys(one.category for one in sheet.requested))
    assert len(categories) == 6
    listed = [one.id for one in sheet.states.catalogue.guidance.values() if one.kind == "evidence request"]
    assert sorted(one.id for one in sheet.requested) == sorted(listed)


def test_what_a_category_shows_is_what_is_linked_to_the_requirements_behind_it(graph: Graph) -> None:
    request = next(
        one
        for one in graph.obligations.catalogue.guidance.values()
        if one.kind == "evidence request" and any(id in graph.obligations.catalogue.requirements for id in one.guides)
    )
    behind = next(id for id in request.guides if id in graph.obligations.catalogue.requirements)
    if behind not in (CONTEXT, CATALOGUE):
        graph.apply(ChangeSet(entities=[Entity(behind, "Requirement")]))
    graph.apply(ChangeSet(relations=[Relation("demonstrates", "minutes", behind)]))
    (found,) = [one for one in graph.obligations.worksheet(as_of=NOW).requested if one.id == request.id]
    assert [one.id for one in found.evidence] == ["minutes"]


def test_what_laws_and_contracts_demand_stands_behind_the_clauses(graph: Graph) -> None:
    graph.apply(ChangeSet(entities=[Entity("law-1", "LegalObligation", {"name": "Report breaches in 72 hours"})]))
    sheet = graph.obligations.worksheet(as_of=NOW)
    assert (sheet.rows[-1].requirement.id, sheet.rows[-1].kind) == ("law-1", "law or contract")
    assert "Laws and contracts" in sheet.to_bytes("html").decode()


def test_an_empty_graph_has_a_worksheet_too(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "empty.db") as graph:
        sheet = graph.obligations.worksheet(as_of=NOW)
        assert sheet.judged == {"not assessed": sheet.overall.total}
        assert json.loads(sheet.to_bytes("json"))["format"] == MARKER
        assert load_workbook(BytesIO(sheet.to_bytes("xlsx")))[MARKER].max_row == len(sheet.rows) + 1


def test_a_form_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="--format"):
        form_of("gaps.docx")


def test_what_is_linked_to_a_list_is_shown_with_its_items_and_indexed_once(graph: Graph) -> None:
    head = "iso-20000-1-2018/4.2-1"
    linked = Relation("demonstrates", "minutes", head)
    graph.apply(ChangeSet(entities=[Entity(head, "Requirement")], relations=[linked]))
    sheet = graph.obligations.worksheet(clause="4.2", as_of=NOW)
    assert [[one.id for one in row.evidence] for row in sheet.rows] == [["minutes"]] * 3
    assert [one.anchor for one in sheet.index] == ["4.2 (1)"]


@pytest.mark.parametrize(("year", "clause"), [("2018", "7.5.4"), ("2011", "4.3.1")])
def test_the_documented_information_that_the_edition_lists_stands_with_it(graph: Graph, year: str, clause: str) -> None:
    sheet = graph.obligations.worksheet(year, as_of=NOW)
    assert sheet.documents is not None
    assert (sheet.documents.clause, sheet.documents.edition) == (clause, year)
    assert f'Documented information <span class="clause">{clause}' in sheet.to_bytes("html").decode()
    assert graph.obligations.worksheet(clause="4.1", as_of=NOW).documents is None


def test_on_the_page_a_document_has_its_version_and_an_address_that_may_be_broken(graph: Graph) -> None:
    said = {"name": "Ours", "version": "7", "fileLocation": "https://docs.example.org/ours"}
    graph.apply(ChangeSet(entities=[Entity("ours", "ServiceManagementPolicy", said)]))
    page = graph.obligations.worksheet(as_of=NOW).to_bytes("html").decode()
    assert ">Ours 7</td>" in page
    assert 'class="k-id" data-heading="location">https://docs.example.org/ours</td>' in page


def test_findings_on_clauses_and_on_what_is_linked_are_listed_too(graph: Graph) -> None:
    clause = "iso-20000-1-2018/4.1"
    graph.apply(
        ChangeSet(
            entities=[
                Entity(clause, "Clause"),
                Entity("nc-2", "Nonconformity", {"name": "Of the clause"}),
                Entity("imp-1", "Improvement", {"name": "Of the minutes"}),
            ],
            relations=[Relation("failsToMeet", "nc-2", clause), Relation("about", "imp-1", "minutes")],
        )
    )
    found = [(where, one.id) for where, one in graph.obligations.worksheet(clause="4.1", as_of=NOW).findings]
    assert found == [("4.1 (1)", "nc-1"), ("4.1", "nc-2"), ("minutes", "imp-1")]


def test_it_is_as_confidential_as_what_is_in_it_and_never_public_by_silence(graph: Graph) -> None:
    def level(**said: str) -> str:
        for id, confidentiality in said.items():
            type, properties = {
                "minutes": ("MeetingMinutes", {"issuedOn": "2026-10-01"}),
                "nc_1": ("Nonconformity", {"name": "No review of issues"}),
            }[id]
            entity = Entity(id.replace("_", "-"), type, {**properties, "confidentiality": confidentiality})
            graph.apply(ChangeSet(entities=[entity]))
        return graph.obligations.worksheet(clause="4.1", as_of=NOW).inputs.level

    assert level() == ""
    assert level(minutes="public") == ""
    assert level(minutes="confidential") == "confidential"
    assert level(minutes="public", nc_1="public") == "public"


def test_a_clause_alone_has_only_what_is_asked_about_it(graph: Graph) -> None:
    whole, part = graph.obligations.worksheet(as_of=NOW), graph.obligations.worksheet(clause="8.6", as_of=NOW)
    assert 0 < len(part.requested) < len(whole.requested)
    assert "Operational history" not in part.to_bytes("html").decode()
