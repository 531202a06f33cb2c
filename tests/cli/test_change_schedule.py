"""``graphsms change schedule`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

REQUESTS = """
entities:
  - {id: rfc-1, type: RequestForChange, name: Patch, touches: {to: db-2, mode: change}, changeStatus: approved,
     windowStart: "2026-12-01T20:00:00Z", windowEnd: "2026-12-01T23:00:00Z"}
  - {id: rfc-2, type: RequestForChange, name: Later, changeStatus: assessed, windowStart: "2026-12-02T22:00:00Z",
     windowEnd: "2026-12-03T01:00:00Z"}
  - {id: frozen, type: FreezePeriod, windowFor: web, windowStart: "2026-12-01", windowEnd: "2026-12-31"}
"""
DECEMBER = ("--from", "2026-12-01", "--to", "2026-12-07")


@pytest.fixture
def changes(store: str, tmp_path: Path) -> str:
    file = tmp_path / "changes.yaml"
    file.write_text(REQUESTS, encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    return store


def test_the_schedule_is_said_in_a_sentence_and_a_table(changes: str) -> None:
    ran = run("change", "schedule", *DECEMBER, "--store", changes)
    assert ran.code == 0, ran.err
    out = " ".join(ran.out.split())
    assert out.startswith("2 changes from 2026-12-01 00:00 to 2026-12-08 00:00, 1 of them approved or made; 1 freeze.")
    assert "2026-12-02 22:00   2026-12-03 01:00   rfc-2" in ran.out
    assert "assessed *" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_times_are_those_of_the_organization(changes: str) -> None:
    assert run("init", "--zone", "Europe/Zurich", "--store", changes).code == 0
    ran = run("change", "schedule", *DECEMBER, "--changes-only", "--store", changes)
    assert "2026-12-01 21:00" in ran.out
    assert "Times are those of Europe/Zurich." in ran.out


def test_json_and_csv_have_all_of_it(changes: str) -> None:
    answer = json.loads(run("change", "schedule", *DECEMBER, "--json", "--store", changes).out)
    assert [one["id"] for one in answer["entries"]] == ["frozen", "rfc-1", "rfc-2"]
    rows = list(csv.DictReader(io.StringIO(run("change", "schedule", *DECEMBER, "--csv", "--store", changes).out)))
    assert rows[1]["on"] == "db-2 (change)"


def test_the_calendar_is_written_whole_or_not_at_all(changes: str, tmp_path: Path) -> None:
    file = tmp_path / "changes.ics"
    ran = run("change", "schedule", *DECEMBER, "--ics", str(file), "--store", changes)
    assert (ran.code, f"Written to {file}." in ran.out.replace("\n", "")) == (0, True)
    assert file.read_bytes().count(b"BEGIN:VEVENT") == 3
    assert [one.name for one in tmp_path.glob(".*.ics*")] == []
    assert run("change", "schedule", "--ics", str(tmp_path / "no" / "x.ics"), "--store", changes).code == 2
    ran = run("change", "schedule", "--ics", changes, "--store", changes)
    assert (ran.code, "is the store itself" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--ics", "-", "--json"),
        ("--from", "x"),
        ("--from", "2026-12-02", "--to", "2026-12-01"),
        ("--status", "aproved"),
    ],
)
def test_what_cannot_be_answered_is_refused(changes: str, arguments: tuple[str, ...]) -> None:
    ran = run("change", "schedule", *arguments, "--store", changes)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_an_empty_schedule_says_so(store: str) -> None:
    assert run("change", "schedule", *DECEMBER, "--store", store).out.startswith("0 changes from 2026-12-01")


def test_long_ids_of_other_tools_stand_on_lines_of_their_own(store: str) -> None:
    id = "servicenow:1f157609c5da01f988a72c9cfabedd89"
    made = run("change", "create", "--id", id, "--name", "Patch", "--touches", "db-2", "--start",
               "2026-12-01T20:00Z", "--end", "2026-12-01T21:00Z", "--store", store)  # fmt: skip
    assert made.code == 0, made.err
    for command in (("schedule", *DECEMBER), ("classify",)):
        lines = run("change", *command, "--store", store).out.splitlines()
        assert id in lines
        assert max(map(len, lines)) <= 80
    assert (
        "    from 2026-12-01 20:00   to 21:00   name Patch   status recorded *"
        in run("change", "schedule", *DECEMBER, "--store", store).out
    )
