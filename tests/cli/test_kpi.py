"""``graphsms kpi`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

RECORDS = """
entities:
  - {id: inc-1, type: Incident, recordedAt: "2026-11-02T08:00:00Z", resolvedAt: "2026-11-02T10:00:00Z"}
  - {id: inc-2, type: MajorIncident, recordedAt: "2026-10-05T08:00:00Z", resolvedAt: "2026-10-05T14:00:00Z"}
  - {id: mttr, type: Measure, name: Time to resolve, runs: kpi mean-time-to-resolve, targetValue: 3, unit: h}
"""
AS_OF = ("--as-of", "2026-11-20")


@pytest.fixture
def store(tmp_path: Path) -> str:
    file = tmp_path / "records.yaml"
    file.write_text(RECORDS, encoding="utf-8")
    url = str(tmp_path / "sms.db")
    assert run("ingest", str(file), "--store", url).code == 0
    return url


def test_all_figures_are_shown_with_what_has_no_data_said_plainly(store: str) -> None:
    ran = run("kpi", *AS_OF, "--store", store)
    said = " ".join(ran.out.split())
    assert ran.err == ""
    assert "of 32 figures known; 0 of 1 target reached." in said
    assert "Mean time to resolve incidents 4.0 h 2 at most 3.0 h 8.6.1" in said
    assert "Service requests fulfilled in time no data" in said
    assert "from 2026-08-21 to 2026-11-21" in said or "from 2026-08-20 to 2026-11-20" in said
    assert ran.code == 1  # a target is not reached


def test_a_trend_shows_the_periods_before(store: str) -> None:
    ran = run("kpi", "mean-time-to-resolve", "--period", "P1M", "--steps", "2", *AS_OF, "--store", store)
    assert ran.code == 0  # it is reached in the last period
    assert "2.0 h" in ran.out
    assert "6.0 h" in ran.out


def test_whoever_watches_is_told_how_to_see_the_trend(store: str) -> None:
    ran = run("kpi", "--period", "P1M", *AS_OF, "--store", store, watched=True)
    assert "graphsms kpi incident-resolution --steps 6" in " ".join(ran.err.split())
    assert "--period P1M" in " ".join(ran.err.split())


def test_json_holds_the_trend_and_csv_a_row_a_period(store: str) -> None:
    asked = ("mean-time-to-resolve", "--period", "P1M", "--steps", "2", *AS_OF, "--store", store)
    (one,) = json.loads(run("kpi", *asked, "--json").out)["figures"]
    assert [point["value"] for point in one["trend"]] == [6.0, 2.0]
    assert (one["guidance"], one["target"], one["met"]) == ("guide/indicator-incident-resolution", 3.0, True)
    rows = list(csv.DictReader(io.StringIO(run("kpi", *asked, "--csv").out)))
    assert [(row["value"], row["met"]) for row in rows] == [("6.0", ""), ("2.0", "true")]


def test_revisions_can_be_compared(store: str) -> None:
    ran = run("kpi", "major-incidents-count", "--since", "1", "--steps", "2", "--store", store)
    assert "revisions 1 to 1" in " ".join(ran.out.split())
    assert ran.code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("uptime",), "There is no key figure 'uptime'"),
        (("--period", "monthly"), "'monthly' is no period"),
        (("--since", "9"), "There is no revision 9"),
        (("--since", "yesterday"), "yesterday"),
        (("--steps", "1000"), "Between 1 and 60"),
        (("--since", "1", "--as-of", "2026-11-20"), "leave out --at and --as-of"),
    ],
)
def test_what_cannot_be_shown_is_said_and_leaves_with_2(store: str, arguments: tuple[str, ...], said: str) -> None:
    ran = run("kpi", *arguments, "--store", store)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
