"""``graphsms change trends``, ``releases`` and ``prediction`` as people and programs meet them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

AFTER = ("--as-of", "2026-12-31")
RECORDS = """
entities:
  - {id: ops, type: Team, name: Operations}
  - {id: rfc-1, type: RequestForChange, touches: {to: db-1, mode: outage}, changeStatus: deployed,
     changeCategory: normal, assignedTo: ops, startedAt: "2026-11-02T20:00:00Z", endedAt: "2026-11-02T21:00:00Z"}
  - {id: rfc-2, type: RequestForChange, touches: {to: mailer, mode: change}, changeStatus: failed,
     changeCategory: emergency, startedAt: "2026-11-05T20:00:00Z", endedAt: "2026-11-05T21:00:00Z"}
  - {id: inc-1, type: Incident, name: Billing stands still, affects: {to: billing, state: down},
     causedBy: rfc-1, startedAt: "2026-11-03T08:00:00Z"}
  - {id: rel-1, type: Release, name: Billing 2, implements: rfc-1, delivers: db-1, releaseType: minor,
     releaseStatus: deployed, observationPeriod: P7D}
"""


@pytest.fixture
def made(store: str, tmp_path: Path) -> str:
    file = tmp_path / "records.yaml"
    file.write_text(RECORDS, encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    return store


def fits(out: str) -> bool:
    return max(map(len, out.splitlines())) <= 80


def test_trends_say_the_figures_first_and_fit_the_terminal(made: str) -> None:
    ran = run("change", "trends", "--from", "2026-11-01", "--to", "2026-11-30", *AFTER, "--store", made)
    assert ran.code == 0, ran.err
    assert " ".join(ran.out.split()).startswith(
        "2 changes made from 2026-11-01 to 2026-11-30: 1 urgent (50%), 1 failed (50%), 1 followed (50%) by 1 incident "
        "within P14D"
    )
    assert "No analysis is recorded yet" in ran.out
    assert fits(ran.out)


def test_trends_are_recorded_and_the_next_is_due_an_interval_later(made: str) -> None:
    said = ["change", "trends", "--from", "2026-10-01", "--to", "2026-10-31", "--store", made]
    recorded = run(*said, "--record")
    assert (recorded.code, "Recorded in revision 3." in recorded.out) == (0, True)
    ran = run("change", "trends", "--from", "2026-11-01", "--to", "2026-11-30", *AFTER, "--store", made)
    assert (ran.code, "the next was due by 2026-12-01" in " ".join(ran.out.split())) == (1, True)
    assert "Before: No change was made from 2026-10-01 to 2026-10-31" in " ".join(ran.out.split())
    assert run(*said, "--record", "--at", "1").code == 2


def test_trends_for_programs_have_every_row(made: str) -> None:
    said = ["change", "trends", "--from", "2026-11-01", "--to", "2026-11-30", *AFTER, "--store", made]
    answer = json.loads(run(*said, "--json").out)
    assert (answer["rows"][0]["made"], answer["previous"]) == (2, None)
    rows = list(csv.DictReader(io.StringIO(run(*said, "--csv").out)))
    assert [row["by"] for row in rows[:3]] == ["all", "category", "category"]
    assert {row["id"]: row["caused"] for row in rows if row["by"] == "team"} == {"ops": "1", "": "0"}


@pytest.mark.parametrize(
    "said",
    [
        ["--within", "soon"],
        ["--from", "yesterday"],
        ["--from", "2026-11-30", "--to", "2026-11-01"],
        ["--from", "2999-01-01"],
    ],
)
def test_what_is_no_period_is_refused(made: str, said: list[str]) -> None:
    ran = run("change", "trends", *said, "--store", made)
    assert (ran.code, "Traceback" in ran.err) == (2, False)


def test_a_release_is_shown_with_the_incidents_related_to_it(made: str) -> None:
    ran = run("change", "releases", "rel-1", *AFTER, "--store", made)
    out = " ".join(ran.out.split())
    assert out.startswith("rel-1: deployed on 2026-11-02, was observed until 2026-11-09, 1 incident related to it.")
    assert "recorded as caused by it" in out
    listed = run("change", "releases", *AFTER, "--store", made)
    assert listed.out.startswith("1 release, 1 deployed")
    assert fits(listed.out)
    (row,) = csv.DictReader(io.StringIO(run("change", "releases", *AFTER, "--csv", "--store", made).out))
    assert (row["incidents"], row["caused"], row["observed_for"]) == ("inc-1", "inc-1", "P7D")
    (found,) = json.loads(run("change", "releases", *AFTER, "--json", "--store", made).out)["releases"]
    assert found["incidents"][0]["disturbed"] == {"billing": "down"}
    assert run("change", "releases", "rel-2", "--store", made).code == 2


def test_the_prediction_is_held_against_what_happened(made: str) -> None:
    ran = run("change", "prediction", *AFTER, "--store", made)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("After 2 changes 1 of 1 thing disturbed had been told; 1 of 1 alarm held.")
    assert fits(ran.out)
    rows = list(csv.DictReader(io.StringIO(run("change", "prediction", *AFTER, "--csv", "--store", made).out)))
    assert [(row["id"], row["told"], row["happened"], row["verdict"]) for row in rows] == [
        ("billing", "down", "down", "predicted")
    ]
    answer = json.loads(run("change", "prediction", "rfc-2", *AFTER, "--json", "--store", made).out)
    assert (answer["score"]["changes"], answer["score"]["recall"]) == (1, None)
    assert run("change", "prediction", "rfc-9", "--store", made).code == 2
