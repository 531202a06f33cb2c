"""``graphsms change classify`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

REQUESTS = """
entities:
  - {id: rfc-1, type: RequestForChange, name: Retire the shop, touches: {to: web, mode: removal},
     changeStatus: approved, changeCategory: normal, remediation: Put it back}
  - {id: rfc-2, type: RequestForChange, touches: {to: db-2, mode: change}, changeStatus: recorded}
  - {id: rfc-3, type: RequestForChange, touches: {to: db-2, mode: change}, changeStatus: closed}
"""


@pytest.fixture
def changes(store: str, tmp_path: Path) -> str:
    file = tmp_path / "changes.yaml"
    file.write_text(REQUESTS, encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    return store


def test_one_request_is_said_in_a_sentence_with_rules_and_facts(changes: str) -> None:
    ran = run("change", "classify", "rfc-1", "--store", changes)
    assert ran.code == 0, ran.err
    out = " ".join(ran.out.split())
    assert out.startswith("rfc-1 is a normal change of high risk, of major impact, and goes through 8.5.2, by letter d")
    assert "removal-of-a-service" in out
    assert "Acts on: service (removal)." in out


def test_all_that_are_not_made_yet_are_listed(changes: str) -> None:
    ran = run("change", "classify", "--store", changes)
    assert ran.out.startswith("2 requests for change")
    assert "rfc-3" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_what_differs_from_the_record_leaves_with_1(changes: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("category: [{id: all, says: emergency, because: Always.}]\n", encoding="utf-8")
    ran = run("change", "classify", "rfc-1", "--policy", str(policy), "--store", changes)
    assert (ran.code, "normal (differs)" in ran.out) == (1, True)


def test_json_has_every_fact_and_csv_a_row_for_each_conclusion(changes: str) -> None:
    answer = json.loads(run("change", "classify", "rfc-1", "--json", "--store", changes).out)
    (found,) = answer["requests"]
    assert (found["route"]["says"], found["letter"], found["clause"]) == ("8.5.1.2 d", "d", "8.5.2")
    assert found["facts"]["mode"] == ["removal"]
    assert found["facts"]["acts_on"] == [["Service", "removal"]]
    rows = list(csv.DictReader(io.StringIO(run("change", "classify", "--csv", "--store", changes).out)))
    assert [row["conclusion"] for row in rows[:4]] == ["major_impact", "category", "route", "risk"]
    assert len(rows) == 8


def test_a_policy_with_an_unknown_fact_is_refused_with_its_line(changes: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "risk:\n  - {id: a, says: high, when: {servces_down_at_least: 1}, because: x}\n"
        "  - {id: otherwise, says: low, because: y}\n",
        encoding="utf-8",
    )
    ran = run("change", "classify", "--policy", str(policy), "--store", changes)
    assert ran.code == 2
    assert f"{policy}:2: a risk when servces_down_at_least" in ran.err
    assert "[unknown-fact]" in ran.err


def test_an_unknown_request_and_one_that_is_none_are_refused(changes: str) -> None:
    ran = run("change", "classify", "rfc-9", "--store", changes)
    assert (ran.code, "Did you mean" in ran.err) == (2, True)
    assert run("change", "classify", "web", "--store", changes).code == 2


def test_it_can_be_asked_of_an_earlier_revision(changes: str) -> None:
    assert run("change", "classify", "--at", "1", "--store", changes).out.startswith("0 requests for change")


def test_the_policy_is_shown_with_its_rules_in_the_order_in_which_they_are_tried(changes: str, tmp_path: Path) -> None:
    ran = run("change", "policy", "--store", changes)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Our policy holds ")
    assert max(map(len, ran.out.splitlines())) <= 80
    rules = json.loads(run("change", "policy", "--json", "--store", changes).out)["rules"]
    assert [one["id"] for one in rules["route"]][:2] == ["removal-of-a-service", "service-handed-over"]
    assert all(of_one[-1]["id"] == "otherwise" for of_one in rules.values())
    file = tmp_path / "policy.yaml"
    file.write_text("route: x\n", encoding="utf-8")
    ran = run("change", "policy", "--policy", str(file), "--store", changes)
    assert (ran.code, "[wrong-form]" in ran.err) == (2, True)


def test_the_facts_are_listed_with_their_conditions() -> None:
    rows = list(csv.DictReader(io.StringIO(run("change", "policy", "--facts", "--csv").out)))
    of = {row["fact"]: row["conditions"] for row in rows}
    assert of["services_down"] == "services_down_at_least; services_down_at_most"
    assert of["tested"] == "tested"
    assert run("change", "policy", "--facts").out.startswith(f"Rules may rest on {len(rows)} facts.")


@pytest.mark.parametrize("command", ["classify", "show"])
def test_without_a_moment_a_request_is_held_against_its_window_and_that_is_said(changes: str, command: str) -> None:
    said = " ".join(run("change", command, "rfc-1", "--store", changes).out.split())
    assert said.endswith(
        ("each by itself, as of when its window begins.", "classified by itself, as of when the window begins.")
    )
    asked = " ".join(run("change", command, "rfc-1", "--as-of", "2026-11-21", "--store", changes).out.split())
    assert asked.endswith("as of 2026-11-21T23:59Z.")
    assert "[default: when the window begins]" in " ".join(run("change", command, "--help").out.split())
