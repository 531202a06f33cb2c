"""``graphsms sample`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

RECORDS = """
entities:
  - {id: inc-1, type: Incident, name: No mail, recordedAt: "2026-10-02T08:00:00Z"}
  - {id: inc-2, type: Incident, name: No shop, recordedAt: "2026-10-03T08:00:00Z"}
  - {id: inc-3, type: Incident, name: No bills, recordedAt: "2026-11-04T08:00:00Z"}
"""
ASKED = ("sample", "--type", "Incident", "--seed", "7", "--as-of", "2026-11-21")


@pytest.fixture
def records(store: str, tmp_path: Path) -> str:
    file = tmp_path / "records.yaml"
    file.write_text(RECORDS, encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    return store


def test_people_see_what_was_drawn_of_how_many_and_how(records: str) -> None:
    ran = run(*ASKED, "--size", "2", "--until", "2026-10-31", "--store", records)
    assert ran.code == 0
    assert ran.out.startswith("2 drawn of 2 of Incident to 2026-10-31, seed 7.")
    assert "inc-1   Incident   2026-10-02   8.5.3, 8.6.1" in ran.out
    assert "SHA-256 over seed and id" in ran.out
    assert "Dated outside the period: 1; left out." in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_a_long_type_is_not_broken_where_there_is_room_for_the_rest(records: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    plan = "{id: the-plan-of-service-management, type: ServiceManagementPlan, issuedOn: 2026-10-01}"
    file.write_text(f"entities:\n  - {plan}\n", encoding="utf-8")
    assert run("ingest", str(file), "--store", records).code == 0
    asked = ("sample", "--type", "Plan", "--seed", "7", "--size", "1", "--as-of", "2026-11-21", "--store", records)
    assert "the-plan-of-service-management   ServiceManagementPlan   2026-10-01   " in run(*asked).out


def test_programs_get_all_of_it(records: str) -> None:
    answer = json.loads(run(*ASKED, "--size", "2", "--json", "--store", records).out)
    assert (answer["population"], answer["seed"], len(answer["drawn"])) == (3, 7, 2)
    assert {"requirement", "clause", "anchor", "how"} == answer["drawn"][0]["serves"][0].keys()
    rows = list(csv.DictReader(io.StringIO(run(*ASKED, "--size", "2", "--csv", "--store", records).out)))
    assert [row["id"] for row in rows] == [one["id"] for one in answer["drawn"]]


def test_a_sample_is_kept_in_one_revision(records: str) -> None:
    ran = run(*ASKED, "--size", "2", "--keep", "--store", records)
    assert "Revision 3: kept as sample:2026-11-21:" in ran.out


def test_what_it_says_that_it_runs_draws_it_again(records: str) -> None:
    first = json.loads(run(*ASKED, "--size", "2", "--by", "type", "--json", "--store", records).out)
    again = json.loads(run(*first["runs"].split(), "--json", "--store", records).out)
    assert again == first


def test_a_clause_that_is_not_there_suggests_the_nearest(records: str) -> None:
    ran = run("sample", "--clause", "8.6.9", "--size", "2", "--seed", "1", "--store", records)
    assert (ran.code, "Did you mean 8.6" in ran.err) == (2, True)
