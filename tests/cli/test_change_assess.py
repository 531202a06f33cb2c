"""``graphsms change assess`` and ``judge`` as people and programs meet them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

CHANGES = """
entities:
  - {id: ann, type: Person, name: Ann}
  - {id: rfc-1, type: RequestForChange, name: New disks, changeStatus: assessed, feasibility: Done before,
     windowStart: "2026-12-01T22:00:00Z", windowEnd: "2026-12-01T23:00:00Z", touches: {to: db-1, mode: outage}}
  - {id: inc-1, type: Incident, name: Second database lost, caseStatus: in progress,
     affects: {to: db-2, state: down, validFrom: "2026-11-20T00:00:00Z"}}
"""


@pytest.fixture
def changes(store: str, tmp_path: Path) -> str:
    file = tmp_path / "changes.yaml"
    file.write_text(CHANGES, encoding="utf-8")
    ran = run("ingest", str(file), "--store", store)
    assert ran.code == 0, ran.err
    return store


def test_the_sentence_comes_first_then_the_services_then_the_letters_in_order(changes: str) -> None:
    ran = run("change", "assess", "rfc-1", "--store", changes)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "Making rfc-1 stops 2 of 2 services, one of them critical."
    places = [
        ran.out.index(text) for text in ("Services (2)", "As recorded", "a) ", "b) ", "c) ", "d) ", "e) ", "Who must")
    ]
    assert places == sorted(places)
    assert "Feasibility: Done before" in ran.out
    assert "Business benefits: not stated" in ran.out
    assert "db-2: outage, by inc-1 Second database lost" in ran.out
    assert "Revision 2 of" in lines[-1]
    assert "as of 2026-12-01T22:00Z." in lines[-1]


def test_without_context_the_pair_survives(changes: str) -> None:
    out = run("change", "assess", "rfc-1", "--without-context", "--store", changes).out
    assert "stops 1 of 2 services, and uses up the redundancy of 1 more, which is critical." in " ".join(out.split())
    assert "Left out, as asked." in out


def test_a_letter_shows_its_tables_and_all_shows_them_all(changes: str) -> None:
    out = run("change", "assess", "rfc-1", "--section", "b", "--store", changes).out
    assert "8.5.1.3 b: Customers, users and other interested parties" in out
    assert "down  acme  Acme" in out
    assert "8.5.1.3 a" not in out
    everything = run("change", "assess", "rfc-1", "--all", "--store", changes).out
    assert all(f"8.5.1.3 {letter}: " in everything for letter in "abcde")
    assert run("change", "assess", "rfc-1", "--section", "f", "--store", changes).code == 2


def test_json_is_the_whole_and_csv_is_one_row_for_each_hit(changes: str) -> None:
    whole = json.loads(run("change", "assess", "rfc-1", "--json", "--store", changes).out)
    assert [section["letter"] for section in whole["sections"]] == ["a", "b", "c", "d", "e"]
    assert (whole["as_of"], whole["start"], whole["end"]) == (
        "2026-12-01T22:00:00Z", "2026-12-01T22:00:00Z", "2026-12-01T23:00:00Z",
    )  # fmt: skip
    assert whole["context"]["disturbed"][0]["because"] == "inc-1"
    rows = list(csv.DictReader(io.StringIO(run("change", "assess", "rfc-1", "--csv", "--store", changes).out)))
    assert [row["id"] for row in rows] == [hit["id"] for hit in whole["hits"]]
    assert next(row for row in rows if row["id"] == "web")["without_the_change"] == "at risk"


def test_csv_of_a_letter_has_each_row_of_its_tables_and_says_where_there_is_none(changes: str) -> None:
    out = run("change", "assess", "rfc-1", "--section", "b", "--csv", "--store", changes).out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["section"] for row in rows} == {"b"}
    assert [(row["part"], row["answer"], row["state"], row["why"]) for row in rows if row["id"] == "acme"] == [
        ("Customers", "found", "down", "receives billing; receives web")
    ]
    empty = [row for row in rows if row["answer"] != "found"]
    assert empty, "a table without rows is a row that says so"
    assert not any(row["id"] for row in empty)
    whole = run("change", "assess", "rfc-1", "--all", "--csv", "--store", changes).out
    assert [row["section"] for row in csv.DictReader(io.StringIO(whole)) if row["part"] == "Risks"] == [""]


def test_why_shows_the_chain_of_reasons_with_the_context_in_it(changes: str) -> None:
    out = run("change", "assess", "rfc-1", "--why", "acme", "--store", changes).out
    assert "acme is concerned by what is down: receives" in out
    assert "db-1 is down to begin with" in out
    steps = json.loads(run("change", "assess", "rfc-1", "--why", "web", "--json", "--store", changes).out)["steps"]
    assert {"db-1", "db-2"} <= {step["id"] for step in steps}
    assert run("change", "assess", "rfc-1", "--why", "wbe", "--store", changes).code == 2


def test_who_must_be_told_is_a_list_with_reasons(changes: str) -> None:
    rows = json.loads(run("change", "assess", "rfc-1", "--told", "--json", "--store", changes).out)
    assert [(row["role"], row["id"]) for row in rows] == [("customer", "acme")]
    assert rows[0]["why"].startswith("concerned: receives")
    assert "acme" in run("change", "assess", "rfc-1", "--told", "--store", changes).out


def test_a_judgement_is_made_shown_and_taken_back(changes: str) -> None:
    said = ["change", "judge", "rfc-1", "app-1", "--not-impacted", "--why", "It has a copy", "--by", "ann"]
    assert "app-1 is judged not to be impacted by rfc-1: revision 3." in run(*said, "--store", changes).out
    out = run("change", "assess", "rfc-1", "--store", changes).out
    assert "app-1 is not impacted, by ann on" in out
    counts = "What people judged counts in this, of app-1."
    assert out.index(counts) < out.index("As recorded")
    assert "By the graph: down." in " ".join(out.split())
    assert run("change", "judge", "rfc-1", "app-1", "--withdraw", "--store", changes).code == 0
    taken_back = run("change", "assess", "rfc-1", "--store", changes).out
    assert "Withdrawn on" in " ".join(taken_back.split())
    assert counts not in taken_back
    again = run("change", "judge", "rfc-1", "app-1", "--withdraw", "--store", changes)
    assert (again.code, "could be withdrawn" in again.err) == (2, True)


def test_judge_asks_for_what_it_needs(changes: str) -> None:
    for wrong in (
        ["--impacted"],
        ["--impacted", "--withdraw"],
        [],
        ["--withdraw", "--why", "So"],
        ["--not-impacted", "--why", "So", "--by", "nobody"],
    ):
        ran = run("change", "judge", "rfc-1", "app-1", *wrong, "--store", changes)
        assert ran.code == 2
        assert "Traceback" not in ran.err
    said = ["--impacted", "--state", "at-risk", "--why", "So", "--by", "ann"]
    answer = run("change", "judge", "rfc-1", "mailer", *said, "--json", "--store", changes)
    assert json.loads(answer.out) == {"revision": 3, "request": "rfc-1", "entity": "mailer", "impacted": True}


def test_an_unknown_request_and_a_bad_policy_are_met_kindly(changes: str, tmp_path: Path) -> None:
    assert run("change", "assess", "rfc-9", "--store", changes).code == 2
    assert run("change", "assess", "web", "--store", changes).code == 2
    bad = tmp_path / "policy.yaml"
    bad.write_text("mode: outrage\n", encoding="utf-8")
    ran = run("change", "assess", "rfc-1", "--policy", str(bad), "--store", changes)
    assert ran.code == 2
    assert "policy" in ran.err


def test_the_answer_fits_eighty_columns(changes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for option in ((), ("--all",), ("--told",)):
        out = run("change", "assess", "rfc-1", *option, "--store", changes).out
        assert max(map(len, out.splitlines())) <= 80
