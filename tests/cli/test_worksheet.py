"""`graphsms worksheet` writes a gap assessment, and `graphsms ingest` takes it back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from command_line import run
from graphsms.ingest.worksheet_form import COLUMNS, MARKER, heading

CONTEXT = "iso-20000-1-2018/4.1-1"
ESTATE = f"""
entities:
  - {{id: {CONTEXT}, type: Requirement}}
  - {{id: anna, type: Person, name: Anna Berg}}
  - {{id: minutes, type: MeetingMinutes, issuedOn: 2026-10-01}}
"""


@pytest.fixture
def store(tmp_path: Path) -> str:
    (tmp_path / "sms.yaml").write_text(ESTATE, encoding="utf-8")
    url = str(tmp_path / "sms.db")
    assert run("ingest", str(tmp_path / "sms.yaml"), "--store", url).code == 0
    return url


def fill(path: Path, **said: str) -> None:
    book = load_workbook(path)
    sheet: Any = book[MARKER]
    for name, value in said.items():
        sheet.cell(2, COLUMNS.index(name) + 1).value = value
    book.save(path)


def test_a_worksheet_is_written_filled_in_and_taken_back(store: str, tmp_path: Path) -> None:
    path = tmp_path / "gaps.xlsx"
    ran = run("worksheet", "--clause", "4", "-o", str(path), "--store", store)
    assert ran.code == 0, ran.err
    assert "0 of 11 evidenced" in ran.out
    fill(path, conformity="minor", finding="Nobody looks.", assessed_by="anna", assessed_on="2026-11-20")
    ran = run("ingest", str(path), "--store", store)
    assert (ran.code, "gap assessment worksheet (worksheet)" in ran.out) == (0, True)
    shown = json.loads(run("worksheet", "--json", "--store", store).out)["rows"][0]
    assert (shown["conformity"], shown["finding"], shown["assessed_by"]) == ("minor", "Nobody looks.", "anna")


def test_a_bad_cell_is_told_with_row_and_column_and_changes_nothing(store: str, tmp_path: Path) -> None:
    path = tmp_path / "gaps.xlsx"
    run("worksheet", "-o", str(path), "--store", store)
    fill(path, conformity="fine")
    ran = run("ingest", str(path), "--store", store)
    assert ran.code == 2
    assert f"{path}:2, column conformity: {CONTEXT} conformity: 'fine' is none of conforms" in ran.err
    assert "Nothing" in ran.err


def test_that_a_requirement_does_not_apply_is_a_warning_and_a_finding(store: str, tmp_path: Path) -> None:
    path = tmp_path / "gaps.xlsx"
    run("worksheet", "-o", str(path), "--store", store)
    fill(path, conformity="not applicable", assessed_by="anna", assessed_on="2026-11-20")
    ran = run("ingest", str(path), "--store", store)
    assert ran.code == 0, ran.err
    assert "can be excluded (1.2)" in " ".join((ran.out + ran.err).split())
    ran = run("findings", "--check", "requirement-excluded", "--json", "--store", store)
    (found,) = json.loads(ran.out)["findings"]
    assert (found["entities"][0], found["severity"]) == (CONTEXT, "error")


@pytest.mark.parametrize("form", ["html", "xlsx", "json", "csv"])
def test_the_form_is_that_of_the_name_or_the_one_that_is_said(store: str, tmp_path: Path, form: str) -> None:
    by_name, said = tmp_path / f"gaps.{form}", tmp_path / "gaps.out"
    assert run("worksheet", "--clause", "4.1", "-o", str(by_name), "--store", store).code == 0
    assert run("worksheet", "--clause", "4.1", "-o", str(said), "--format", form, "--store", store).code == 0
    assert by_name.read_bytes() == said.read_bytes()


def test_programs_get_it_as_json_and_csv(store: str) -> None:
    answer = json.loads(run("worksheet", "--clause", "4.1", "--edition", "2018", "--json", "--store", store).out)
    assert (answer["format"], answer["inputs"]["clause"], len(answer["rows"])) == (MARKER, "4.1", 1)
    rows = [*csv.DictReader(io.StringIO(run("worksheet", "--clause", "4.1", "--csv", "--store", store).out))]
    assert list(rows[0]) == [heading(one) for one in COLUMNS]


def test_what_cannot_be_meant_is_refused(store: str, tmp_path: Path) -> None:
    assert "--out" in run("worksheet", "--store", store).err
    assert "--format" in run("worksheet", "-o", str(tmp_path / "gaps.docx"), "--store", store).err
    assert run("worksheet", "-o", str(tmp_path / "gaps.xlsx"), "--clause", "4.9", "--store", store).code == 2
    assert "give --clause 4.1" in run("worksheet", "--json", "--clause", "4.1 (1)", "--store", store).err
    assert "is the store itself" in run("worksheet", "-o", store, "--format", "csv", "--store", store).err
    assert run("worksheet", "-o", str(tmp_path / "no" / "gaps.xlsx"), "--store", store).code == 2


def test_where_the_catalogue_is_not_in_the_graph_it_is_said_before_anybody_fills_it_in(tmp_path: Path) -> None:
    url = str(tmp_path / "empty.db")
    assert run("init", "--store", url).code == 0
    ran = run("worksheet", "-o", str(tmp_path / "gaps.xlsx"), "--store", url)
    assert (ran.code, "graphsms clauses --load" in " ".join(ran.out.split())) == (0, True)
