"""``graphsms allowance``: the sentence, the table at 80 columns, what is not known, and the exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

ESTATE = """
entities:
  - {id: web, type: Service, name: Web shop}
  - {id: mail, type: Service, name: Mail}
  - {id: always, type: ServiceCalendar, openingHours: Mo-Su 00:00-24:00, timeZone: UTC}
  - {id: sla-of-a-customer-with-a-name, type: ServiceLevelAgreement, covers: [web, mail], hasServiceHours: always,
     hasTarget: [t-availability-of-the-web-shop, t-mail, t-speed]}
  - {id: t-availability-of-the-web-shop, type: ServiceLevelTarget, targetFor: web, metric: availability,
     comparison: at least, targetValue: 99.5, unit: "%", countedOver: P1M}
  - {id: t-mail, type: ServiceLevelTarget, targetFor: mail, metric: availability, unit: "%", countedOver: P1M}
  - {id: t-speed, type: ServiceLevelTarget, targetFor: web, metric: latency, targetValue: 400, unit: ms}
  - {id: contract, type: Contract, covers: web}
  - {id: inc, type: Incident,
     affects: {to: web, state: down, validFrom: "2026-11-03T10:00:00Z", validTo: "2026-11-03T11:00:00Z"}}
"""
OUTAGE = ("--start", "2026-11-26T20:00", "--end", "2026-11-26T23:00")
WHEN = ("--as-of", "2026-11-21T12:00")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "estate.yaml").write_text(ESTATE, encoding="utf-8")
    url = str(tmp_path / "estate.db")
    assert run("ingest", str(tmp_path / "estate.yaml"), "--store", url).code == 0
    return url


def test_what_is_left_is_said_first_and_then_listed_with_what_is_not_known(store: str) -> None:
    ran = run("allowance", *WHEN, "--store", store)
    assert (ran.code, ran.err) == (0, "")
    said = " ".join(ran.out.split())
    assert said.startswith(
        "0 of 2 availability targets are missed, 1 has used a part of what the period allows, of 1 it is not known."
    )
    assert "2026-11 1h 2h36m" in said
    assert "- t-mail states no target value." in said
    assert "Targets of something else than availability: 1." in said
    assert "Agreements without a target of availability: 1." in said
    assert max(map(len, ran.out.splitlines())) <= 80
    assert any(line.startswith("t-availability-of-the-web-shop ") for line in ran.out.splitlines()), "in one piece"


def test_an_outage_that_makes_a_target_missed_ends_with_one(store: str) -> None:
    ran = run("allowance", "sla-of-a-customer-with-a-name", *OUTAGE, *WHEN, "--store", store)
    assert ran.code == 1
    assert "Missed with it (1)" in ran.out
    assert " 3h " in ran.out
    assert "83%" in ran.out
    assert "-24m" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    shorter = run(
        "allowance", "t-availability-of-the-web-shop", *OUTAGE[:3], "2026-11-26T20:30", *WHEN, "--store", store
    )
    assert shorter.code == 0


@pytest.mark.parametrize("outage", [(), OUTAGE])
def test_programs_get_all_of_it_in_seconds(store: str, outage: tuple[str, ...]) -> None:
    answer = json.loads(run("allowance", *outage, *WHEN, "--json", "--store", store).out)
    rows = list(csv.DictReader(io.StringIO(run("allowance", *outage, *WHEN, "--csv", "--store", store).out)))
    assert answer["revision"] == 1
    assert answer["others"] == 1
    assert [row["target"] for row in rows] == ["t-availability-of-the-web-shop", "t-mail"]
    assert (float(rows[0]["allowed"]), float(rows[0]["used_before" if outage else "used"])) == (12960, 3600)
    assert rows[1]["missing"] == "t-mail states no target value."
    if outage:
        assert answer["by_target"][0]["causes_miss"] is True
        assert answer["by_target"][0]["allowance"]["left"] == 9360
    else:
        assert answer["allowances"][0]["outages"][0]["record"] == "inc"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--end", "2026-11-26"), "An outage that ends has a beginning: give --start too."),
        (("--start", "2026-11-27", "--end", "2026-11-26"), "is not after the start"),
        (("--start", "soon"), "'soon' is no date"),
        (("web",), "web is a service; give agreements or targets"),
        (("contrac",), "Did you mean contract"),
    ],
)
def test_what_cannot_be_asked_is_told(store: str, arguments: tuple[str, ...], said: str) -> None:
    ran = run("allowance", *arguments, "--store", store)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_of_many_that_say_too_little_people_see_some_and_programs_all(store: str, tmp_path: Path) -> None:
    silent = [f"- {{id: inc-{number:02}, type: Incident, affects: web, startedAt: 2026-11-05}}" for number in range(14)]
    (tmp_path / "more.yaml").write_text("entities:\n" + "\n".join(silent), encoding="utf-8")
    assert run("ingest", str(tmp_path / "more.yaml"), "--store", store).code == 0
    ran = run("allowance", *WHEN, "--store", store)
    assert "- inc-09 does not say" not in ran.out
    assert "- inc-08 does not say" in ran.out
    assert "- and 5 more, which --json lists." in ran.out
    assert "≥1h" in ran.out
    assert "≤2h36m" in ran.out
    assert run("allowance", *WHEN, "--json", "--store", store).out.count('"what": "downtime"') == 14


def test_what_comes_next_can_be_typed(store: str) -> None:
    told = run("allowance", *WHEN, "--store", store, watched=True).err
    assert told == f"graphsms show t-availability-of-the-web-shop --store {store}\n"
    assert run(*told.split()[1:]).code == 0
