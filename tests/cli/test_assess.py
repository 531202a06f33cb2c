"""``graphsms assess`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256
from pathlib import Path

import pytest

from command_line import run

RECORDS = """
entities:
  - {id: inc-1, type: Incident, name: Shop down, caseCategory: network, recordedAt: "2026-11-01T09:00:00Z"}
  - {id: inc-2, type: Incident, name: Mail down, recordedAt: "2026-11-02T09:00:00Z"}
  - {id: plan, type: Plan, name: Plan, fileLocation: plan.txt, sha256: %s}
"""
AS_OF = ("--as-of", "2026-11-21")


@pytest.fixture
def store(tmp_path: Path) -> str:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "plan.txt").write_text("the plan", encoding="utf-8")
    file = tmp_path / "records.yaml"
    file.write_text(RECORDS % sha256(b"the plan").hexdigest(), encoding="utf-8")
    url = str(tmp_path / "sms.db")
    assert run("ingest", str(file), "--store", url).code == 0
    return url


def test_it_says_what_was_run_how_it_stood_before_and_after_and_what_falls_short(store: str) -> None:
    ran = run("assess", "8.6.1", *AS_OF, "--store", store)
    said = " ".join(ran.out.split())
    assert ran.code == 1
    assert ran.err == ""
    assert "kept for the first time" in said
    assert "clause 8.6.1 of ISO/IEC 20000-1:2018 before: 0 of" in said
    assert "after:" in said
    assert "records of Incident with caseCategory" in said
    assert "1 of 2; not inc-2." in said
    assert "Kept in revision 2." in said


def test_a_second_run_writes_nothing_and_a_dry_run_neither(store: str) -> None:
    assert "Nothing was written." in run("assess", *AS_OF, "--dry-run", "--store", store).out
    run("assess", *AS_OF, "--store", store)
    again = run("assess", *AS_OF, "--store", store)
    assert "nothing is new" in " ".join(again.out.split())
    revisions = json.loads(run("log", "--json", "--store", store).out)["revisions"]
    assert sorted(one["source"] for one in revisions) == ["graphsms assess", "records.yaml"]


def test_json_and_csv_hold_each_check_with_its_share_and_hash(store: str) -> None:
    answer = json.loads(run("assess", "8.6.1 a)", *AS_OF, "--dry-run", "--json", "--store", store).out)
    (one,) = [check for check in answer["checks"] if check["runs"] == "records of Incident with caseCategory"]
    assert (one["numerator"], one["denominator"], one["lacking"]) == (1, 2, ["inc-2"])
    assert answer["recorded_in"] is None
    assert one["check"] in answer["new"]
    text = run("assess", "8.6.1 a)", *AS_OF, "--dry-run", "--csv", "--store", store).out
    (row,) = [row for row in csv.DictReader(io.StringIO(text)) if row["check"] == one["check"]]
    assert (row["numerator"], row["result_hash"], row["kept"]) == ("1", one["hash"], "first")


def test_whoever_watches_is_told_where_to_see_the_evidence(store: str) -> None:
    ran = run("assess", "8.6.1", "--edition", "2018", *AS_OF, "--dry-run", "--store", store, watched=True)
    assert "graphsms evidence '8.6.1 (" in " ".join(ran.err.split())


def test_both_editions_can_be_assessed(store: str) -> None:
    said = run("assess", "--edition", "2011", *AS_OF, "--dry-run", "--store", store).out
    assert "ISO/IEC 20000-1:2011" in said
    assert "Declared, to come with a later version" in said


def test_where_nothing_falls_short_it_leaves_with_0(store: str) -> None:
    assert run("assess", "4.4", *AS_OF, "--dry-run", "--store", store).code in (0, 1)
    assert run("assess", "10.1.1 a) 1)", *AS_OF, "--dry-run", "--store", store).code == 0


def test_files_are_held_against_their_hashes(store: str, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    same = run("assess", "10.1.1 a) 1)", "--files", str(folder), *AS_OF, "--store", store)
    assert same.code == 0
    assert "Files: 0 of 1 are not what they were." in same.out
    (folder / "plan.txt").write_text("another plan", encoding="utf-8")
    changed = run("assess", "10.1.1 a) 1)", "--files", str(folder), *AS_OF, "--store", store)
    assert changed.code == 1
    assert "evidence-file-changed:plan" in changed.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("8.6.9",), "Did you mean 8.6"),
        (("--edition", "2005"), "There is no edition '2005'"),
        (("--files", "nowhere"), "There is no folder 'nowhere'"),
        (("--at", "1"), "Only the present can be assessed"),
        (("--policy", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_with_2(store: str, arguments: tuple[str, ...], said: str) -> None:
    ran = run("assess", *arguments, "--store", store)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_what_is_found_as_of_a_day_to_come_is_not_kept(store: str) -> None:
    ran = run("assess", "8.6.1", "--as-of", "2999-01-01", "--store", store)
    assert ran.code == 2
    assert "2999-01-01 is still to come" in ran.err
    assert run("assess", "8.6.1", "--as-of", "2999-01-01", "--dry-run", "--store", store).code in (0, 1)
    assert run("assess", "8.6.1", *AS_OF, "--store", store).code == 1, "nothing stands in the way of what is"
