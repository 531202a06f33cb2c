"""``graphsms change list`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run


@pytest.fixture
def asked(tmp_path: Path) -> str:
    """A store with requests that are over, to come, and without a window."""
    file = tmp_path / "requests.yaml"
    file.write_text(
        "entities:\n"
        "  - {id: past-1, type: RequestForChange, changeStatus: closed, windowStart: '2026-01-05T20:00:00Z',"
        " windowEnd: '2026-01-05T21:00:00Z'}\n"
        "  - {id: past-2, type: RequestForChange, changeStatus: closed, windowStart: '2026-02-05T20:00:00Z',"
        " windowEnd: '2026-02-05T21:00:00Z'}\n"
        "  - {id: some-day, type: RequestForChange, changeStatus: draft}\n"
        "  - {id: next, type: RequestForChange, changeStatus: approved, windowStart: '2026-03-05T20:00:00Z',"
        " windowEnd: '2026-03-05T21:00:00Z'}\n"
        "  - {id: later, type: RequestForChange, changeStatus: approved, windowStart: '2026-04-05T20:00:00Z'}\n",
        "utf-8",
    )
    url = str(tmp_path / "estate.db")
    assert run("ingest", str(file), "--store", url).code == 0
    return url


def test_what_is_made_next_comes_first_and_what_is_over_last(asked: str) -> None:
    answer = json.loads(run("change", "list", "--as-of", "2026-02-10", "--json", "--store", asked).out)
    assert [one["id"] for one in answer["requests"]] == ["next", "later", "some-day", "past-2", "past-1"]


def test_requests_are_chosen_by_their_status(asked: str) -> None:
    ran = run("change", "list", "--status", "approved", "--as-of", "2026-02-10", "--csv", "--store", asked)
    assert [row["id"] for row in csv.DictReader(io.StringIO(ran.out))] == ["next", "later"]
    said = run("change", "list", "--status", "approved", "--store", asked).out
    assert said.startswith("2 requests for change of status approved.")
    assert "2026-03-05 20:00 – 21:00" in said


def test_where_there_is_none_it_is_said_what_to_do(tmp_path: Path) -> None:
    store = str(tmp_path / "empty.db")
    assert run("init", "--store", store).code == 0
    ran = run("change", "list", "--store", store)
    assert ran.code == 0
    assert ran.out.splitlines()[:2] == [
        "0 requests for change.",
        "Import them with `graphsms ingest`, or record one with `graphsms change create`.",
    ]
    assert run("change", "list", "--csv", "--store", store).out.startswith("id,name,status")
