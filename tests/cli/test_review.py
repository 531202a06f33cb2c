"""``graphsms review`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

RECORDS = """
entities:
  - {id: sms, type: ServiceManagementSystem, name: Our system, reviewInterval: P1Y}
  - {id: ann, type: Person, name: Ann}
  - {id: risk-1, type: Risk, name: It breaks, riskLevel: high}
"""


@pytest.fixture
def managed(store: str, tmp_path: Path) -> str:
    file = tmp_path / "records.yaml"
    file.write_text(RECORDS, encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    assert run("clauses", "--load", "--store", store).code == 0
    return store


def test_people_see_each_input_and_what_is_not_recorded(managed: str, tmp_path: Path) -> None:
    out = tmp_path / "review.html"
    ran = run("review", "--as-of", "2026-11-21", "-o", str(out), "--store", managed)
    assert ran.code == 0
    assert " ".join(ran.out.split()).startswith(
        "There is data for 1 of 12 inputs of the management review, from 2025-11-21"
    )
    assert "k)    Risks" in ran.out
    assert "No data: nothing of this is recorded." in " ".join(ran.out.split())
    assert f"Written: {out}" in ran.out.replace("\n", "")
    assert (
        max(map(len, (line for line in ran.out.splitlines() if "Written" not in line and str(out) not in line))) <= 80
    )
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_after_the_form_comes_what_takes_it_back(managed: str, tmp_path: Path) -> None:
    form, page = tmp_path / "review.yaml", tmp_path / "review.html"
    asked = ("review", "--as-of", "2026-11-21", "--store", managed, "-o", str(page))
    assert f"graphsms review record {form}" in run(*asked, "-o", str(form), watched=True).err
    assert "graphsms review -o review.html -o review.yaml" in run(*asked, watched=True).err


def test_programs_get_all_of_it(managed: str) -> None:
    answer = json.loads(run("review", "--as-of", "2026-11-21", "--json", "--store", managed).out)
    assert [one["letter"] for one in answer["sections"]] == [f"{letter})" for letter in "abcdefghijkl"]
    assert answer["inputs"]["since_by"] == "sms"
    rows = list(csv.DictReader(io.StringIO(run("review", "--as-of", "2026-11-21", "--csv", "--store", managed).out)))
    assert [row["state"] for row in rows].count("data") == 1


def test_from_the_form_to_the_recorded_review(managed: str, tmp_path: Path) -> None:
    form = tmp_path / "review.yaml"
    assert run("review", "-o", str(form), "--store", managed).code == 0
    empty = run("review", "record", str(form), "--store", managed)
    assert (empty.code, "date: Say when the review was held" in empty.err) == (2, True)
    text = (
        form.read_text("utf-8")
        .replace("date:  ", "date: 2026-06-30  ")
        .replace("participants: []", "participants: [ann]")
    )
    form.write_text(
        text.replace("\nactions: []", "\nactions: [{what: Mend it, owner: ann, due: 2026-09-30}]"), encoding="utf-8"
    )
    ran = run("review", "record", str(form), "--store", managed)
    assert ran.code == 0
    assert " ".join(ran.out.split()) == (
        "Revision 4: review:management:2026-06-30 is recorded, with 12 of 12 inputs, 0 decisions and 1 action."
    )
    again = run("review", "record", str(form), "--store", managed)
    assert (again.code, "There is review:management:2026-06-30 already" in again.err) == (2, True)


def test_what_was_recorded_can_be_read_by_programs(managed: str, tmp_path: Path) -> None:
    form = tmp_path / "review.json"
    stated = {"id": "rev", "date": "2026-06-30", "participants": "ann", "inputs": {"risks": "risk-1"}}
    form.write_text(json.dumps(stated), encoding="utf-8")
    answer = json.loads(run("review", "record", str(form), "--json", "--store", managed).out)
    assert (answer["id"], answer["inputs"]) == ("rev", ["risks"])
    assert answer["requirements"] == ["iso-20000-1-2018/9.3-1", "iso-20000-1-2018/9.3-2-k"]


def test_what_cannot_be_meant_is_refused_before_anything_is_written(managed: str, tmp_path: Path) -> None:
    assert run("review", "-o", str(tmp_path / "review.docx"), "--store", managed).code == 2
    assert run("review", "--since", "soon", "--store", managed).code == 2
    over = run("review", "-o", managed, "--store", managed)
    assert over.code == 2
    misplaced = run("review", "--since", "2026-01-01", "record", "file.yaml", "--store", managed)
    assert (misplaced.code, "Give options of record behind it" in misplaced.err) == (2, True)
    missing = run("review", "record", str(tmp_path / "none.yaml"), "--store", managed)
    assert (missing.code, "Traceback" in missing.err) == (2, False)


def test_a_policy_of_ones_own_says_from_when(managed: str, tmp_path: Path) -> None:
    policy = tmp_path / "evidence.yaml"
    policy.write_text("{period: soon, computed_within: P3M, history: P3M, audit_cycle: P1M}", encoding="utf-8")
    ran = run("review", "--policy", str(policy), "--store", managed)
    assert (ran.code, "period" in ran.err) == (2, True)  # an interval that is no duration
