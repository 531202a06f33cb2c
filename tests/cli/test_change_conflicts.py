"""``graphsms change conflicts`` and ``graphsms change windows`` as people and programs meet them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from change.test_conflicts import BOTH, EARLY, EDGES, ESTATE, LATE
from command_line import run
from graphsms import ChangeSet, Relation
from graphsms import open as open_graph

AS_OF = ("--as-of", "2026-11-20")


@pytest.fixture
def store(tmp_path: Path) -> str:
    path = tmp_path / "estate.db"
    with open_graph(path) as g:
        g.apply(ChangeSet(entities=[*ESTATE, EARLY, LATE], relations=[*EDGES, *BOTH]))
    return str(path)


def test_conflicts_are_a_sentence_then_each_set_with_its_group_and_leave_with_1(store: str) -> None:
    ran = run("change", "conflicts", *AS_OF, "--store", store)
    out = " ".join(ran.out.split())
    assert ran.code == 1
    assert out.startswith("Of 2 changes, 1 set stops services together that no part of the set stops.")
    assert "rfc-1 + rfc-2 Sat 2026-11-28 21:00 – 22:00 (UTC)" in out
    assert "Services down: shop" in out
    assert "lbs needs 1 of 2, and loses lb-1 by rfc-1; lb-2 by rfc-2" in out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_nothing_to_be_settled_leaves_with_0(store: str) -> None:
    ran = run("change", "conflicts", "--as-of", "2026-11-29", "--store", store)
    assert ran.code == 0
    assert ran.out.startswith("No change with a window is to be looked at.")


def test_conflicts_for_programs_are_whole(store: str) -> None:
    told = json.loads(run("change", "conflicts", "rfc-1", *AS_OF, "--json", "--store", store).out)
    assert told["asked"] == ["rfc-1"]
    (one,) = told["conflicts"]
    assert ([each["id"] for each in one["changes"]], one["kind"]) == (["rfc-1", "rfc-2"], "together")
    (row,) = csv.DictReader(io.StringIO(run("change", "conflicts", *AS_OF, "--csv", "--store", store).out))
    assert (row["changes"], row["services"], row["groups"], row["lost"]) == (
        "rfc-1; rfc-2",
        "shop",
        "lbs",
        "lb-1; lb-2",
    )


def test_a_freeze_is_told_with_what_it_is_for(store: str) -> None:
    with open_graph(store) as g:
        from change.test_change_windows import FREEZE

        g.apply(ChangeSet(entities=[FREEZE], relations=[Relation("windowFor", "season", "shop")]))
    ran = run("change", "conflicts", "rfc-1", *AS_OF, "--store", store)
    assert "Windows not kept (1)" in ran.out
    assert "in season" in ran.out


def test_windows_propose_the_nearest_one_and_hint_at_nothing_in_a_pipe(store: str) -> None:
    ran = run("change", "windows", "rfc-2", *AS_OF, "--count", "2", "--store", store)
    out = " ".join(ran.out.split())
    assert ran.code == 1
    assert "Nearest without conflict: Sat 2026-11-28 22:00 – Sun 2026-11-29 00:00 (UTC)." in out
    assert "1 h later" in out
    assert "With rfc-1, it would stop shop." in out
    assert ran.err == ""


def test_windows_for_programs_keep_utc_beside_the_zone(store: str) -> None:
    assert run("init", "--zone", "Europe/Zurich", "--store", store).code == 0
    told = json.loads(run("change", "windows", "rfc-2", *AS_OF, "--json", "--store", store).out)
    assert told["proposals"][0] == {
        "start": "2026-11-28T22:00:00Z",
        "end": "2026-11-29T00:00:00Z",
        "local_start": "2026-11-28T23:00:00+01:00",
        "local_end": "2026-11-29T01:00:00+01:00",
        "zone": "Europe/Zurich",
        "moved_by_seconds": 3600,
    }
    rows = list(csv.DictReader(io.StringIO(run("change", "windows", "rfc-2", *AS_OF, "--csv", "--store", store).out)))
    assert [row["start"] for row in rows][:1] == ["2026-11-28T22:00:00Z"]


def test_a_window_that_is_free_leaves_with_0(store: str) -> None:
    ran = run("change", "windows", "rfc-2", *AS_OF, "--at", "0", "--store", store)
    assert ran.code == 2
    with open_graph(store) as g:
        g.apply(ChangeSet(removed_relations=[("rfc-1", "touches", "lb-1")]))
    ran = run("change", "windows", "rfc-2", *AS_OF, "--store", store)
    assert (ran.code, ran.out.startswith("Nothing stands against the window of rfc-2")) == (0, True)


@pytest.mark.parametrize(
    "words",
    [
        ("change", "conflicts", "rfc-8"),
        ("change", "conflicts", "shop"),
        ("change", "conflicts", "--start", "2026-12-02", "--end", "2026-12-01"),
        ("change", "windows", "rfc-1", "--count", "0"),
        ("change", "windows", "rfc-1", "--length", "long"),
        ("change", "windows", "rfc-1", "--policy", "no-such.yaml"),
    ],
)
def test_what_cannot_be_asked_leaves_with_2_and_says_why(store: str, words: tuple[str, ...]) -> None:
    ran = run(*words, *AS_OF, "--store", store)
    assert (ran.code, ran.out) == (2, "")
    assert "graphsms: " in ran.err


def test_utc_stands_beside_the_zone_only_where_it_is_another(store: str) -> None:
    in_utc = run("change", "windows", "rfc-2", *AS_OF, "--store", store).out
    assert "window (UTC)   " in in_utc
    assert "2026-11-28 22:00 – 2026-11-29 00:00" not in in_utc
    assert run("init", "--zone", "Europe/Zurich", "--store", store).code == 0
    in_zurich = " ".join(run("change", "windows", "rfc-2", *AS_OF, "--store", store).out.split())
    assert "window (Europe/Zurich) UTC" in in_zurich


def test_what_a_freeze_is_for_is_told_in_its_state_in_words(store: str) -> None:
    with open_graph(store) as g:
        from change.test_change_windows import FREEZE

        g.apply(ChangeSet(entities=[FREEZE], relations=[Relation("windowFor", "season", "shop")]))
    told = " ".join(run("change", "conflicts", "rfc-1", *AS_OF, "--store", store).out.split())
    assert "by it of window" in told
    assert "◆ at risk shop in season" in told
    kept = run("change", "windows", "rfc-1", *AS_OF, "--store", store).out
    assert "It keeps out of the freeze season of shop." in kept
