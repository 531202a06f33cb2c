"""``graphsms change create``, ``edit`` and ``show`` as people and programs meet them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from command_line import run

TIMES = ("--start", "2026-12-05T20:00", "--end", "2026-12-05T23:00")


@pytest.fixture
def request_of(store: str) -> str:
    """The id of a request in the store."""
    ran = run("change", "create", "--name", "Patch", "--touch", "db-1", "outage", *TIMES, "--json", "--store", store)
    assert ran.code == 0, ran.err
    (id,) = json.loads(ran.out)["ids"]
    return str(id)


def test_a_request_is_made_by_options_and_numbered(store: str) -> None:
    ran = run("change", "create", "--name", "Patch", "--touch", "db-1", "outage", "--touches", "web", "--store", store)
    assert (ran.code, ran.out) == (0, "rfc-0001 is recorded in revision 2.\n")
    shown = json.loads(run("change", "show", "rfc-0001", "--json", "--store", store).out)
    assert {one["id"]: one["mode"] for one in shown["touched"]} == {"db-1": "outage", "web": "change"}
    assert json.loads(run("log", "--json", "--store", store).out)


def test_modes_may_be_written_with_hyphens(store: str) -> None:
    assert run("change", "create", "--touch", "web", "service-transfer", "--store", store).code == 0
    assert "service transfer" in run("change", "show", "rfc-0001", "--store", store).out


def test_every_fault_is_told_and_nothing_is_recorded(store: str) -> None:
    ran = run("change", "create", "--touch", "db-11", "outage", "--priority", "huge", "--start", "2026-12-02",
              "--end", "2026-12-01", "--store", store)  # fmt: skip
    assert ran.code == 2
    for told in (
        "[unknown-id]",
        "Did you mean db-1",
        "[wrong-value]",
        "[less-than]",
        "Nothing was recorded: 3 faults.",
    ):
        assert told in ran.err
    assert run("change", "list", "--store", store).out.startswith("0 requests")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--file", "x.yaml", "--name", "y"),
        ("--touch", "db-1"),
        ("--touch", "db-1", "outage", "--touch", "db-1", "change"),
        ("--name", "x", "--zone", "Mars"),
        ("--file", "no-such-file.yaml"),
        ("--set", "touches", "db-1"),
    ],
)
def test_what_makes_no_request_is_refused(store: str, arguments: tuple[str, ...]) -> None:
    ran = run("change", "create", *arguments, "--store", store)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_a_file_of_requests_is_recorded_in_one_revision(store: str, tmp_path: Path) -> None:
    file = tmp_path / "rfc.yaml"
    file.write_text("requests: [{name: One, touches: db-1}, {name: Two, touches: db-2}]", encoding="utf-8")
    ran = run("change", "create", "--file", str(file), "--actor", "ann", "--reason", "weekly", "--store", store)
    assert ran.out == "rfc-0001, rfc-0002 are recorded in revision 2.\n"


def test_a_request_is_altered(store: str, request_of: str) -> None:
    ran = run("change", "edit", request_of, "--untouch", "db-1", "--touch", "db-2", "change", "--set", "tag", "a",
              "--set", "tag", "b", "--unset", "windowEnd", "--status", "assessed", "--store", store)  # fmt: skip
    assert ran.code == 0, ran.err
    shown = json.loads(run("change", "show", request_of, "--json", "--store", store).out)
    assert [one["id"] for one in shown["touched"]] == ["db-2"]
    assert (shown["properties"]["tag"], shown["end"], shown["status"]) == (["a", "b"], None, "assessed")


def test_a_relation_may_be_said_by_its_option_and_by_set(store: str) -> None:
    said = ("--approver", "acme", "--set", "approver", "mailer")
    ran = run("change", "create", "--name", "x", *said, "--store", store)
    assert "'mailer': approver leads to Party or Role" in ran.err
    fits = ("--approver", "acme", "--set", "approver", "acme", "--set", "raisedBy", "acme")
    assert run("change", "create", "--name", "x", *fits, "--store", store).code == 0
    shown = json.loads(run("change", "show", "rfc-0001", "--json", "--store", store).out)
    assert [(one["relation"], one["id"]) for one in shown["ties"]] == [("approver", "acme"), ("raisedBy", "acme")]


def test_an_edit_says_something_and_not_two_things(store: str, request_of: str) -> None:
    assert run("change", "edit", request_of, "--store", store).code == 2
    assert run("change", "edit", request_of, "--name", "x", "--unset", "name", "--store", store).code == 2
    ran = run("change", "edit", request_of, "--status", "approved", "--store", store)
    assert (ran.code, "graphsms change decide" in ran.err) == (2, True)
    assert run("change", "edit", "rfc-9", "--name", "x", "--store", store).code == 2


def test_a_request_is_shown_whole_in_80_columns(store: str, request_of: str) -> None:
    ran = run("change", "show", request_of, "--store", store)
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "not recorded (the rules say moderate)" in ran.out
    assert "Not stated: risks, business benefits" in ran.out


def test_what_a_request_is_tied_to_as_csv(store: str, request_of: str) -> None:
    (row,) = csv.DictReader(io.StringIO(run("change", "show", request_of, "--csv", "--store", store).out))
    assert (row["relation"], row["id"], row["mode"]) == ("touches", "db-1", "outage")


def test_a_request_that_is_not_there_is_refused_with_the_nearest(store: str, request_of: str) -> None:
    ran = run("change", "show", request_of[:-1], "--store", store)
    assert (ran.code, f"Did you mean {request_of}" in ran.err) == (2, True)
    assert run("change", "show", request_of, "--at", "1", "--store", store).code == 2
