"""``graphsms change done`` and ``change review`` as people and programs meet them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

REQUESTS = """
entities:
  - {id: ann, type: Person, name: Ann}
  - {id: rfc-1, type: RequestForChange, name: Patch the database, touches: {to: db-2, mode: change},
     changeStatus: approved, windowStart: "2026-11-01T20:00:00Z", windowEnd: "2026-11-01T22:00:00Z"}
  - {id: rfc-2, type: RequestForChange, name: New shop, touches: {to: web, mode: change}, changeStatus: recorded}
"""


@pytest.fixture
def changes(store: str, tmp_path: Path) -> str:
    file = tmp_path / "changes.yaml"
    file.write_text(REQUESTS, encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    return store


def test_done_says_when_the_review_is_due(changes: str) -> None:
    ran = run("change", "done", "rfc-1", "--deployed", "--ended", "2026-11-01T21:00", "--store", changes)
    assert (ran.code, ran.out) == (0, "Revision 3: rfc-1 is recorded as deployed. Its review is due by 2026-11-15.\n")
    again = run("change", "done", "rfc-1", "--failed", "--outcome", "reversed", "--json", "--store", changes)
    answer = json.loads(again.out)
    assert (answer["revision"], answer["status"], answer["made"]) == (4, "failed", "2026-11-01T21:00:00Z")


def test_how_it_went_has_to_be_said_and_has_to_be_possible(changes: str) -> None:
    assert run("change", "done", "rfc-1", "--store", changes).code == 2
    ran = run("change", "done", "rfc-2", "--deployed", "--store", changes)
    assert (ran.code, "rfc-2 is recorded, and can only become" in ran.err) == (2, True)


def test_reviews_that_are_overdue_leave_with_1(changes: str) -> None:
    run("change", "done", "rfc-1", "--deployed", "--ended", "2026-11-01T21:00", "--store", changes)
    early = run("change", "review", "--as-of", "2026-11-03", "--store", changes)
    late = run("change", "review", "--as-of", "2026-12-03", "--store", changes)
    assert (early.code, late.code) == (0, 1)
    assert late.out.startswith("1 change was made, and is still to be reviewed or closed; 1 of them overdue.")
    assert max(map(len, late.out.splitlines())) <= 80


def test_a_review_is_recorded_shown_and_closes_the_change(changes: str) -> None:
    run("change", "done", "rfc-1", "--failed", "--ended", "2026-11-01T21:00", "--store", changes)
    refused = run("change", "review", "rfc-1", "--by", "ann", "--close", "--store", changes)
    assert (refused.code, "--root-cause" in refused.err) == (2, True)
    ran = run(
        "change", "review", "rfc-1", "--by", "ann", "--root-cause", "No space left", "--effectiveness", "ineffective",
        "--action", "Watch the space", "ann", "2026-12-01", "--close", "--store", changes,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    out = " ".join(ran.out.split())
    assert out.startswith(
        "Revision 4: the review of rfc-1 is recorded. rfc-1 is recorded as closed; its review lacks nothing."
    )
    assert "Watch the space" in out
    answer = json.loads(run("change", "review", "rfc-1", "--json", "--store", changes).out)
    (found,) = answer["changes"]
    assert (found["closed"] is None, found["actions"][0]["due"]) == (False, "2026-12-01")
    assert run("change", "review", "--store", changes).out.startswith(
        "No change that was made is still to be reviewed."
    )


def test_csv_has_a_row_for_each_change(changes: str) -> None:
    run("change", "done", "rfc-1", "--deployed", "--ended", "2026-11-01T21:00", "--store", changes)
    (row,) = csv.DictReader(io.StringIO(run("change", "review", "--csv", "--store", changes).out))
    assert (row["id"], row["lacks"]) == ("rfc-1", "whether it was effective; to be closed")


@pytest.mark.parametrize(
    "said",
    [
        ["--effectiveness", "effective"],
        ["rfc-1", "--close"],
        ["rfc-1", "--by", "ann", "--close", "--as-of", "2026-11-03"],
        ["rfc-1"],
        ["rfc-9"],
        ["rfc-1", "--by", "ann", "--action", "Watch", "ann", "tomorrow"],
    ],
)
def test_what_cannot_be_recorded_is_refused_and_nothing_written(changes: str, said: list[str]) -> None:
    assert run("change", "review", *said, "--store", changes).code == 2
    assert run("log", "--store", changes, "--json").out.count('"revision"') <= 3
