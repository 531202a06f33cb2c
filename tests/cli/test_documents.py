"""``graphsms documents``, and what an import of a register tells."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

FIXTURES = Path(__file__).parent.parent / "ingest" / "fixtures"


@pytest.fixture
def register(tmp_path: Path) -> str:
    url = str(tmp_path / "documents.db")
    assert run("--store", url, "ingest", str(FIXTURES / "documents.md")).code == 0
    return url


def test_the_list_says_what_is_in_order_and_what_is_missing(register: str) -> None:
    ran = run("--store", register, "documents", "--as-of", "2026-11-21")
    assert ran.code == 1
    said = " ".join(ran.out.split())
    assert said.startswith("1 of 23 documents that 7.5.4 of ISO/IEC 20000-1:2018 wants are in order; 22 missing.")
    assert "✓ in order" in ran.out
    assert "review by 2027-03-02" in ran.out


def test_only_what_is_not_in_order_is_listed_where_that_is_asked(register: str) -> None:
    ran = run("--store", register, "documents", "--as-of", "2026-11-21", "--open")
    assert "in order   " not in ran.out
    assert "statement of scope" in ran.out


def test_of_the_edition_of_2011_its_own_list_is_gone_through(register: str) -> None:
    ran = run("--store", register, "documents", "--edition", "2011", "--as-of", "2026-11-21")
    assert ran.code == 1
    assert "documents that 4.3.1 of ISO/IEC 20000-1:2011 wants are in order" in " ".join(ran.out.split())
    asked = run("--store", register, "documents", "--list", "2011:4.3.1", "--as-of", "2026-11-21")
    assert asked.out == ran.out


def test_programs_get_all_of_it(register: str) -> None:
    found = json.loads(run("--store", register, "documents", "--json", "--as-of", "2026-11-21").out)
    assert (found["numerator"], found["denominator"]) == (1, len(found["wanted"]))
    rows = list(csv.DictReader(io.StringIO(run("--store", register, "documents", "--all", "--csv").out)))
    assert {row["name"] for row in rows} >= {"Change Policy", "Capacity Plan", "capacity plan"}
    (policy,) = [row for row in rows if row["name"] == "Change Policy"]
    assert (policy["version"], policy["owner"], policy["approved_by"]) == ("2.1", "Odile Marran", "Management board")


def test_a_clause_that_there_is_not_suggests_the_nearest_and_lists_exclude_each_other(register: str) -> None:
    ran = run("--store", register, "documents", "--list", "7.5.9")
    assert (ran.code, "Did you mean" in ran.err) == (2, True)
    assert run("--store", register, "documents", "--all", "--list", "8.7").code == 2


def test_an_import_tells_what_became_of_each_entry(tmp_path: Path) -> None:
    url, page = str(tmp_path / "a.db"), str(FIXTURES / "documents.md")
    dry = run("--store", url, "ingest", page, "--dry-run")
    ran = run("--store", url, "ingest", page)
    summary = "15 entries: 12 placed, 2 not placed, 1 not service management; 8 of them planned"
    for told in (dry.out, ran.out):
        assert summary in told.replace("\n", " ")
        assert "Not placed: somebody has to say what these serve (2)" in told
        assert "perhaps policy" in told.replace("\n", " ")


def test_an_import_gives_programs_its_entries(tmp_path: Path) -> None:
    url, page = str(tmp_path / "a.db"), str(FIXTURES / "documents.md")
    found = json.loads(run("--store", url, "ingest", page, "--json").out)["register"]
    assert {name: len(those) for name, those in found.items()} == {
        "placed": 12,
        "not_placed": 2,
        "not_service_management": 1,
        "keys_not_used": 2,
        "of_the_page": 8,
        "planned": 7,
    }
    rows = list(csv.DictReader(io.StringIO(run("--store", url, "ingest", page, "--csv").out)))
    assert len(rows) == 25
    assert {row["rule"] for row in rows} >= {"placed", "not-placed", "not-used"}
