"""What is wrong with what the commands of change are given is told, where it is too; nothing is half-applied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import Run, run

REQUESTS = """
entities:
  - {id: rfc-1, type: RequestForChange, touches: {to: app-1, mode: outage}, changeStatus: approved,
     windowStart: 2026-12-05T20:00:00, windowEnd: 2026-12-05T22:00:00}
  - {id: rfc-2, type: RequestForChange, touches: {to: app-2, mode: outage}, changeStatus: approved,
     windowStart: 2026-12-05T21:00:00, windowEnd: 2026-12-05T23:00:00}
  - {id: rfc-3, type: RequestForChange, touches: {to: mailer, mode: change}, changeStatus: approved,
     windowStart: 2026-12-05T20:00:00, windowEnd: 2026-12-05T22:00:00}
"""
POLICY = """numbering: CHG-{year}-{number:4}
risk:
  - {id: many, says: high, when: {services_dwn_at_least: 1}, because: A service stops.}
  - {id: otherwise, says: low, because: None stops.}
"""
# Each command that reads requests, as it is asked about some of them.
ASKING = (
    ("assess",),
    ("conflicts",),
    ("windows",),
    ("classify",),
    ("show",),
    ("decisions",),
    ("pack", "--json"),
    ("decide", "--approve", "--by", "acme"),
    ("edit", "--name", "Another name"),
    ("done", "--deployed"),
    ("review",),
    ("prediction",),
    ("releases",),
)


@pytest.fixture
def changes(store: str, tmp_path: Path) -> str:
    """The store of the small estate, with three requests in revision 2."""
    file = tmp_path / "changes.yaml"
    file.write_text(REQUESTS, encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    return store


def change(store: str, *arguments: str) -> Run:
    return run("change", *arguments, "--store", store)


def refused(ran: Run) -> str:
    """What a command says that could not be carried out: with exit code 2, on standard error, and no traceback."""
    assert (ran.code, ran.out) == (2, ""), ran
    assert "Traceback" not in ran.err
    return ran.err


def revisions(store: str) -> int:
    return len(json.loads(run("log", "--json", "--store", store).out)["revisions"])


# ----------------------------------------------------------------------------------------------------- windows


@pytest.mark.parametrize("end", ["2026-12-05T19:00", "2026-12-05T20:00", "2026-12-05T21:30+02:00", "2026-12-04"])
def test_a_window_that_ends_before_it_begins_is_refused_by_create_and_edit(changes: str, end: str) -> None:
    window = ("--start", "2026-12-05T20:00", "--end", end)
    made = refused(change(changes, "create", "--touch", "db-1", "outage", *window))
    altered = refused(change(changes, "edit", "rfc-1", *window))
    for err in (made, altered):
        assert "windowStart" in err
        assert "windowEnd" in err
        assert "[less-than]" in err
        assert "Nothing was recorded: 1 fault." in err
    assert revisions(changes) == 2


def test_an_edit_of_one_end_is_held_against_the_other_that_is_recorded(changes: str) -> None:
    assert "[less-than]" in refused(change(changes, "edit", "rfc-1", "--end", "2026-12-05T19:59"))
    assert change(changes, "edit", "rfc-1", "--end", "2026-12-05T20:01").code == 0


def test_an_import_with_a_window_that_ends_before_it_begins_brings_nothing(changes: str, tmp_path: Path) -> None:
    file = tmp_path / "late.yaml"
    file.write_text(
        "entities:\n"
        "  - {id: new, type: Service}\n"
        "  - id: rfc-8\n"
        "    type: RequestForChange\n"
        "    windowStart: 2026-12-05T20:00:00\n"
        "    windowEnd: 2026-12-05T19:00:00\n",
        encoding="utf-8",
    )
    err = refused(run("ingest", str(file), "--store", changes))
    assert "late.yaml:3: rfc-8 windowStart" in err
    assert "[less-than]" in err
    assert run("show", "new", "--store", changes).code == 2
    assert revisions(changes) == 2


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("conflicts", ("--start", "2026-12-06", "--end", "2026-12-05")),
        ("windows", ("--earliest", "2026-12-06", "--latest", "2026-12-05")),
        ("windows", ("--length", "two hours")),
        ("windows", ("--length", "PT0S")),
        ("assess", ("--as-of", "yesterday")),
        ("assess", ("--at", "77")),
    ],
)
def test_times_that_cannot_be_are_refused(changes: str, command: str, options: tuple[str, ...]) -> None:
    refused(change(changes, command, "rfc-1", *options))


# -------------------------------------------------------------------------------------------- ids that are not there


def test_a_request_on_what_is_not_there_is_refused_with_the_nearest(changes: str) -> None:
    err = refused(change(changes, "create", "--touch", "db-11", "outage"))
    assert "[unknown-id]" in err
    assert "Did you mean db-1" in err
    assert "[unknown-id]" in refused(change(changes, "edit", "rfc-1", "--touch", "db-11", "outage"))
    assert revisions(changes) == 2


def test_one_wrong_request_of_a_file_keeps_all_of_them_out(changes: str, tmp_path: Path) -> None:
    file = tmp_path / "requests.yaml"
    file.write_text("requests:\n- {name: One, touches: db-1}\n- {name: Two, touches: db-11}\n", encoding="utf-8")
    err = refused(change(changes, "create", "--file", str(file)))
    assert "requests.yaml:3:" in err
    assert revisions(changes) == 2


def test_an_import_of_a_request_on_what_is_not_there_is_refused(changes: str, tmp_path: Path) -> None:
    file = tmp_path / "dangling.yaml"
    file.write_text(
        "entities:\n  - {id: rfc-9, type: RequestForChange, touches: {to: db-11, mode: outage}}\n", encoding="utf-8"
    )
    err = refused(run("ingest", str(file), "--store", changes))
    assert "dangling.yaml:2: rfc-9 touches" in err
    assert "'db-11'" in err
    assert run("show", "rfc-9", "--store", changes).code == 2


@pytest.mark.parametrize("asking", ASKING, ids=lambda one: one[0])
def test_every_command_refuses_a_request_that_is_not_there_or_is_none(changes: str, asking: tuple[str, ...]) -> None:
    command, *options = asking
    assert "rfc-77" in refused(change(changes, command, "rfc-77", *options))
    assert "web" in refused(change(changes, command, "web", *options))  # a service
    assert revisions(changes) == 2


# ------------------------------------------------------------------------------------------------------ rule files


@pytest.mark.parametrize(
    "asking",
    [one for one in ASKING if one[0] not in ("show", "decisions")],
    ids=lambda one: one[0],
)
def test_every_command_that_takes_rules_refuses_an_unknown_fact(
    changes: str, tmp_path: Path, asking: tuple[str, ...]
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY, encoding="utf-8")
    command, *options = asking
    err = refused(change(changes, command, "rfc-1", *options, "--policy", str(file)))
    assert "policy.yaml:3: many risk when services_dwn_at_least" in err
    assert "Did you mean services_down_at_least" in err
    assert "[unknown-fact]" in err
    assert revisions(changes) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a list",
        "risk: []",
        "risk: [{id: a, says: purple, because: Why not.}]",
        "risk: [{id: a, says: low, when: {services_down_at_least: many}, because: x}, {id: b, says: low, because: y}]",
        "risk: [{id: a, says: low, when: {services_down_at_least: 1}, because: x}]",
        "unheard_of: 1",
        "risk: [{id: {}, says: low, because: x}]",
        "risk: [{id: [a], says: low, because: x}, {id: [a], says: low, because: x}]",
        "numbering: rfc-{secret}",
        "risk: &r [*r]",
        "risk: !!python/object/apply:os.system [true]",
        "\x00",
    ],
)
def test_what_is_no_policy_is_refused(changes: str, tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    assert "policy.yaml" in refused(change(changes, "classify", "rfc-1", "--policy", str(file)))


# ------------------------------------------------------------------------------------------------------ exit codes


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("list",), 0),
        (("assess", "rfc-1"), 0),
        (("conflicts", "rfc-1", "rfc-2"), 1),  # together they stop the shop
        (("conflicts", "rfc-3"), 0),
        (("windows", "rfc-1", "--latest", "2026-12-31"), 1),  # something stands against the one that it has
        (("windows", "rfc-3", "--latest", "2026-12-31"), 0),
        (("classify", "rfc-1"), 0),
        (("decisions", "rfc-1"), 0),
        (("assess",), 2),
        (("assess", "rfc-1", "--json", "--csv"), 2),
        (("nonsense",), 2),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else str(one),
)
def test_the_exit_code_says_whether_it_ran_and_found_something(
    changes: str, arguments: tuple[str, ...], code: int
) -> None:
    asked = () if code == 2 or arguments[0] in ("list", "decisions") else ("--as-of", "2026-11-21")
    ran = change(changes, *arguments, *asked)
    assert ran.code == code, ran
    assert "Traceback" not in ran.err


# --------------------------------------------------------------------------------- what excludes each other


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("decide", "rfc-1", "--approve", "--reject", "--by", "acme"), "Give one of --approve and --reject, not more."),
        (("decide", "rfc-1", "--reject", "--approve", "--by", "acme"), "Give one of --approve and --reject, not more."),
        (
            ("judge", "rfc-1", "web", "--impacted", "--not-impacted", "--why", "No", "--by", "acme"),
            "Give one of --impacted and --not-impacted, not more.",
        ),
        (("done", "rfc-1", "--deployed", "--failed"), "Give one of --deployed and --failed, not more."),
        (("judge", "rfc-1", "web", "--withdraw", "--impacted"), "Give one of --impacted and --withdraw, not more."),
    ],
)
def test_of_two_verdicts_none_is_recorded(changes: str, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(change(changes, *arguments))
    assert revisions(changes) == 2


@pytest.mark.parametrize("command", ["list", "schedule"])
def test_a_status_that_there_is_none_of_is_refused_and_not_answered_by_an_empty_list(
    changes: str, command: str
) -> None:
    assert "There is no status 'aproved'. Did you mean approved?" in refused(
        change(changes, command, "--status", "aproved")
    )
    assert "It is one of draft, recorded, assessed," in refused(change(changes, command, "--status", "nonsense"))
    assert change(changes, command, "--status", "rejected").code == 0


def test_a_name_without_a_letter_is_empty_and_not_shorter_than_one_character(changes: str) -> None:
    err = refused(change(changes, "create", "--name", "", "--touch", "db-1", "outage"))
    assert "name: is empty (" in err


# ------------------------------------------------------------------------------------- before anything was recorded


@pytest.mark.parametrize("at", ["0", "2001-01-01"])
@pytest.mark.parametrize("command", ["list", "review", "releases", "trends", "prediction", "classify", "conflicts"])
def test_before_anything_was_recorded_there_was_no_change(changes: str, command: str, at: str) -> None:
    assert change(changes, "edit", "rfc-3", "--status", "in implementation").code == 0
    made = change(changes, "done", "rfc-3", "--deployed", "--ended", "2026-11-01T10:00")
    assert made.code == 0, made
    ran = change(changes, command, "--at", at, "--as-of", "2026-11-21", "--json")
    assert ran.code == 0, ran
    answer = json.loads(ran.out)
    assert answer["revision"] == 0
    assert "rfc-3" not in ran.out


def test_an_option_says_the_same_in_every_command() -> None:
    commands = ("assess", "classify", "conflicts", "create", "decide", "done", "edit", "prediction", "releases")
    for command in (*commands, "review", "schedule", "show", "trends", "windows", "pack", "decisions"):
        told = " ".join(run("change", command, "--help").out.split())
        assert "--policy FILE A policy for change management instead of the one that holds." in told, command
