"""``graphsms audit`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

AUDITS = """
entities:
  - {id: programme, type: AuditProgramme, name: Internal audits, documentStatus: approved, approvedOn: 2024-01-01,
     auditCycle: P2Y}
  - {id: sms, type: ServiceManagementSystem, name: Our system}
  - {id: audit-1, type: Audit, name: All of it, underProgramme: programme, examines: sms,
     endedAt: "2025-03-10T12:00:00Z"}
  - {id: nc-1, type: Nonconformity, name: No approval, caseStatus: in progress, arisesFrom: audit-1}
  - {id: ca-1, type: CorrectiveAction, name: Ask first, addresses: nc-1, dueOn: 2025-06-30}
"""
IN_TIME = ("--as-of", "2025-06-30")


@pytest.fixture
def audits(store: str, tmp_path: Path) -> str:
    file = tmp_path / "audits.yaml"
    file.write_text(AUDITS, encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    return store


def test_the_programme_says_by_when_to_audit_what(audits: str) -> None:
    ran = run("audit", "programme", *IN_TIME, "--store", audits)
    assert ran.code == 0
    assert " ".join(ran.out.split()).startswith(
        "62 of 62 clauses were audited; in the cycle of P2Y (by programme) none is overdue."
    )
    assert "8.5.1.2   2027-03-10   2025-03-10" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    late = run("audit", "programme", "--as-of", "2027-03-12", "--store", audits)
    assert (late.code, "62 are overdue" in " ".join(late.out.split())) == (1, True)


def test_where_nothing_is_known_of_audits_only_that_is_said(store: str) -> None:
    ran = run("audit", "programme", "--store", store)
    assert (ran.code, ran.out.split(":")[0]) == (0, "Nothing is known of audits")
    assert "4.1" not in ran.out


def test_only_what_is_to_be_audited_until_a_day(audits: str) -> None:
    early = json.loads(run("audit", "programme", *IN_TIME, "--until", "2027-03-09", "--json", "--store", audits).out)
    late = json.loads(run("audit", "programme", *IN_TIME, "--until", "2027-03-10", "--json", "--store", audits).out)
    assert (len(early["clauses"]), len(late["clauses"])) == (0, 62)
    rows = list(csv.DictReader(io.StringIO(run("audit", "programme", *IN_TIME, "--csv", "--store", audits).out)))
    assert (len(rows), rows[0]["last"]) == (62, "2025-03-10T12:00:00Z")


def test_nonconformities_leave_with_1_while_something_lacks(audits: str) -> None:
    ran = run("audit", "nonconformities", *IN_TIME, "--store", audits)
    assert (ran.code, ran.out.splitlines()[0]) == (1, "1 nonconformity: 1 open, 0 overdue, 1 without a cause.")
    assert run("audit", "nonconformities", *IN_TIME, "--overdue", "--store", audits).code == 0
    late = run("audit", "nonconformities", "--as-of", "2025-07-01", "--overdue", "--json", "--store", audits)
    assert [one["id"] for one in json.loads(late.out)["nonconformities"]] == ["nc-1"]
    rows = list(csv.DictReader(io.StringIO(run("audit", "nonconformities", "--csv", "--store", audits).out)))
    assert (rows[0]["actions"], rows[0]["lacks"]) == ("ca-1", "cause")


def test_people_read_what_was_found_and_how_far_it_has_come(audits: str) -> None:
    late = run("audit", "nonconformities", "--as-of", "2025-07-01", "--store", audits).out
    assert "nc-1   No approval   in progress, due 2025-06-30" in late
    assert "(overdue)" in late
    assert max(map(len, late.splitlines())) <= 80


def test_people_get_the_next_command_about_the_same_graph(audits: str) -> None:
    ran = run("audit", "programme", *IN_TIME, "--store", audits, watched=True)
    assert f"graphsms sample --clause 4.1 --size 5 --seed 1 --store {audits} --as-of 2025-06-30" in ran.err
    assert (
        f"graphsms evidence '4.1 (1)' --store {audits}"
        in run("gaps", "--clause", "4.1", "--store", audits, watched=True).err
    )


def test_an_edition_that_is_not_there_is_said(audits: str) -> None:
    ran = run("audit", "programme", "--edition", "2005", "--store", audits)
    assert (ran.code, "There is no edition '2005'" in ran.err) == (2, True)
