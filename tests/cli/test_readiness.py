"""`graphsms readiness`: what stands against a certification, and since when processes have left records."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

ESTATE = """
entities:
  - {id: proc-incident, type: Process, name: Incident management}
  - {id: proc-change, type: Process, name: Change management}
  - {id: inc-1, type: Incident, recordedAt: "2026-07-03T08:00:00Z", underProcess: proc-incident}
  - {id: inc-2, type: Incident, recordedAt: "2026-09-03T08:00:00Z", underProcess: proc-incident}
  - {id: rfc-1, type: RequestForChange, recordedAt: "2026-10-03T08:00:00Z", underProcess: proc-change}
"""
AS_OF = ("--as-of", "2026-11-21")


@pytest.fixture
def store(tmp_path: Path) -> str:
    (tmp_path / "sms.yaml").write_text(ESTATE, encoding="utf-8")
    url = str(tmp_path / "sms.db")
    assert run("ingest", str(tmp_path / "sms.yaml"), "--store", url).code == 0
    return url


def test_a_history_under_three_months_is_flagged(store: str) -> None:
    ran = run("readiness", "--history", *AS_OF, "--store", store)
    assert ran.code == 1
    assert "1 of 2 processes have records that go back 3 months or more." in ran.out
    assert "2026-10-03 (too short)" in ran.out
    assert run("readiness", "--history", "--as-of", "2027-01-21", "--store", store).code == 0


def test_the_history_says_how_many_records_there_are_of_each_month(store: str) -> None:
    answer = json.loads(run("readiness", "--history", *AS_OF, "--json", "--store", store).out)
    months = {one["id"]: one["months"] for one in answer["processes"]}
    assert months == {"proc-change": {"2026-10": 1}, "proc-incident": {"2026-07": 1, "2026-09": 1}}
    rows = [*csv.DictReader(io.StringIO(run("readiness", "--history", *AS_OF, "--csv", "--store", store).out))]
    assert [(one["process"], one["long_enough"]) for one in rows] == [
        ("proc-change", "false"),
        ("proc-incident", "true"),
    ]


def test_what_is_not_ready_is_listed_with_why(store: str) -> None:
    ran = run("readiness", *AS_OF, "--store", store)
    assert ran.code == 1
    assert ran.out.startswith("Ready for a certification by ISO/IEC 20000-1:2018 on 1 of")
    assert "Operational history: Change" in ran.out
    rows = [*csv.DictReader(io.StringIO(run("readiness", *AS_OF, "--csv", "--store", store).out))]
    assert {one["kind"] for one in rows} == {"point", "history"}
    answer = json.loads(run("readiness", *AS_OF, "--json", "--store", store).out)
    assert (answer["ready"], answer["edition"]) == (False, "2018")
    assert len(answer["points"]) == len(rows)


def test_the_earlier_edition_and_bad_input_are_answered(store: str) -> None:
    assert run("readiness", "--edition", "2011", *AS_OF, "--store", store).code == 1
    assert run("readiness", "--edition", "2014", "--store", store).code == 2
    assert run("readiness", "--policy", "no-such.yaml", "--store", store).code == 2
