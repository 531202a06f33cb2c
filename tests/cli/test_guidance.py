"""Guidance, defined terms and other frameworks on the command line: they need no graph."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRAPHSMS_STORE", raising=False)


def test_roles_are_listed_with_what_they_answer_for() -> None:
    found = run("clauses", "--guide", "role")
    assert found.code == 0
    assert found.out.startswith("12 pieces of guidance, of the kind role.")
    assert "Process owner" in found.out


def test_guidance_on_a_clause_is_of_all_kinds() -> None:
    rows = json.loads(run("clauses", "8.7.2", "--guide", "--json").out)
    assert {"checklist", "evidence request", "role", "indicator", "common gap"} <= {row["kind"] for row in rows}
    tests = next(row for row in rows if row["id"] == "guide/checklist-8.7.2-3")
    assert tests["requirements"] == ["8.7.2 (7)", "8.7.2 (8)", "8.7.2 (9)", "8.7.2 (10)"]
    assert tests["good_practice"] is False


def test_what_is_good_practice_says_where_it_was_asked_for() -> None:
    rows = json.loads(run("clauses", "--guide", "checklist", "--json").out)
    plan = next(row for row in rows if row["id"] == "guide/checklist-8.7.1-4")
    assert plan["good_practice"] is True
    assert plan["asked_before"] == ["2011:6.3.2 (1)", "2011:6.3.2 (5)"]


def test_evidence_requests_come_as_csv_with_their_categories() -> None:
    rows = list(csv.DictReader(io.StringIO(run("clauses", "--guide", "evidence request", "--csv").out)))
    assert len(rows) == 30
    assert len({row["category"] for row in rows}) == 6


def test_a_requirement_shows_the_guidance_on_it() -> None:
    out = run("clauses", "8.2.3.1 (4) a)").out
    assert "Guidance" in out
    assert "Register of parties" in out
    assert "COBIT 2019 APO10 Managed vendors" in " ".join(out.split())


def test_terms_are_found_by_a_word() -> None:
    rows = json.loads(run("clauses", "--terms", "CMDB", "--json").out)
    assert [(row["edition"], row["number"]) for row in rows] == [("2011", "3.4")]
    assert run("clauses", "--terms").out.startswith("87 defined terms; the definitions are ours")
    assert run("clauses", "--terms", "flummery").out.startswith("0 defined terms with 'flummery'")
    assert len(json.loads(run("clauses", "--edition", "2011", "--terms", "--json").out)) == 37


def test_other_frameworks_beside_a_clause() -> None:
    rows = list(csv.DictReader(io.StringIO(run("clauses", "8.6.3", "--frameworks", "--csv").out)))
    assert [(row["framework"], row["number"], row["name"]) for row in rows] == [
        ("ITIL 4", "", "Problem management"),
        ("COBIT 2019", "DSS03", "Managed problems"),
    ]


@pytest.mark.parametrize(("asked", "next_"), [("8.6.3", "8.6.3"), ("2011:8.2", "2011:8.2")])
def test_a_clause_tells_the_way_to_its_guidance(asked: str, next_: str) -> None:
    err = run("clauses", asked, watched=True).err
    assert f"graphsms clauses {next_} --guide" in err
    assert f"graphsms evidence {next_}" in err
    assert run("clauses", next_, "--guide").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--guide", "roles"), "There is no guidance of the kind 'roles'; there are checklist"),
        (("--guide", "role", "--terms"), "one of --guide, --terms, --frameworks and --load at a time"),
        (("--guide", "role", "--load"), "one of --guide, --terms, --frameworks and --load at a time"),
        (("3.2.5", "--terms"), "graphsms clauses --terms 3.2.5"),
        (("--frameworks", "TOGAF"), "There is no framework 'TOGAF'"),
        (("--terms", "--edition", "2005"), "There is no edition '2005'"),
        (("8.2.99", "--guide"), "has no clause 8.2.99"),
    ],
)
def test_what_cannot_be_asked_is_told(arguments: tuple[str, ...], told: str) -> None:
    found = run("clauses", *arguments)
    assert found.code == 2
    assert told in " ".join(found.err.split())
    assert found.out == ""
