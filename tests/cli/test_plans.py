"""Imports as plans, on the command line: shown, kept, applied; what a source no longer has; what is left out."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from command_line import Run, run

A = """\
entities:
- {id: web, type: Application, name: Web, hostedOn: srv}
- {id: srv, type: Server, name: Server 1}
- {id: db, type: Database, name: Orders}
"""
B = """\
entities:
- {id: web, type: Application, name: Web shop, description: Sells, dependsOn: db}
- {id: db, type: Database, version: "15"}
- {id: extra, type: Server}
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store into which the source cmdb has been imported."""
    (tmp_path / "a.yaml").write_text(A)
    (tmp_path / "b.yaml").write_text(B)
    found = str(tmp_path / "store.db")
    assert run("ingest", str(tmp_path / "a.yaml"), "--source", "cmdb", "--store", found).code == 0
    return found


def ingest(url: str, name: str, *options: str) -> Run:
    return run("ingest", str(Path(url).parent / name), "--store", url, *options)


def revision(url: str) -> int:
    return int(json.loads(run("log", "--json", "--limit", "1", "--store", url).out)["revision"])


def test_a_dry_run_shows_every_change_and_makes_none(url: str) -> None:
    shown = ingest(url, "b.yaml", "--source", "scan", "--dry-run")
    assert shown.code == 0
    assert "would create 1 entity and 1 relation; change 2 entities and 0 relations" in shown.out
    assert "1 value of scan does not stand" in shown.out
    assert "Does not stand: web name Web shop of scan; cmdb says Web" in shown.out
    assert "– → Sells" in shown.out
    rows = list(csv.DictReader(io.StringIO(ingest(url, "b.yaml", "--source", "scan", "--dry-run", "--csv").out)))
    assert [(row["action"], row["id"], row["field"], row["after"], row["by"]) for row in rows] == [
        ("create", "extra", "type", "Server", "scan"),
        ("change", "web", "description", "Sells", "scan"),
        ("change", "db", "version", "15", "scan"),
        ("create", "web", "", "", "scan"),
    ]
    plan = json.loads(ingest(url, "b.yaml", "--source", "scan", "--dry-run", "--json").out)
    assert plan["counts"]["create"] == {"entities": 1, "relations": 1}
    assert [change["action"] for change in plan["changes"]] == ["create", "change", "change", "create"]
    assert plan["overruled"] == [
        {"id": "web", "field": "name", "says": "Web shop", "stands": "Web", "by": "cmdb"},
    ]
    assert revision(url) == 1


def test_of_a_long_text_people_see_the_beginning_and_programs_all(url: str, tmp_path: Path) -> None:
    long = "x" * 100_000
    (tmp_path / "long.yaml").write_text(
        f"entities:\n- {{id: web, type: Application, name: {long}, description: {long}}}\n"
    )
    shown = ingest(url, "long.yaml", "--source", "scan", "--dry-run")
    assert "… (100,000 characters)" in shown.out
    assert len(shown.out) < 5_000
    plan = json.loads(ingest(url, "long.yaml", "--source", "scan", "--dry-run", "--json").out)
    assert plan["overruled"][0]["says"] == long


def test_a_dry_run_without_a_store_leaves_none_behind_unless_its_plan_is_to_be_kept(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(A)
    url = str(tmp_path / "none.db")
    shown = ingest(url, "a.yaml", "--dry-run")
    assert (shown.code, "would create 3 entities and 1 relation" in shown.out) == (0, True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]
    kept = str(tmp_path / "a.plan")
    assert ingest(url, "a.yaml", "--dry-run", "--save", kept).code == 0
    assert run("apply", kept, "--store", url).code == 0


def test_a_kept_plan_is_applied_once_and_then_refused(url: str, tmp_path: Path) -> None:
    file = str(tmp_path / "b.plan")
    assert f"graphsms apply {file}" in ingest(url, "b.yaml", "--source", "scan", "--dry-run", "--save", file).out
    done = run("apply", file, "--request", "RFC-7", "--store", url)
    assert (done.code, "Revision 2 from scan" in done.out) == (0, True)
    (logged,) = json.loads(run("log", "--json", "--limit", "1", "--store", url).out)["revisions"]
    assert (logged["request"], logged["source"]) == ("RFC-7", "scan")
    again = run("apply", file, "--store", url)
    assert again.code == 2
    assert "the graph is at 2 by now" in again.err
    assert revision(url) == 2
    assert run("apply", str(tmp_path / "a.yaml"), "--store", url).code == 2


def test_a_kept_plan_says_when_applied_what_does_not_stand_and_what_was_left_out(url: str, tmp_path: Path) -> None:
    file = str(tmp_path / "b.plan")
    (tmp_path / "bad.yaml").write_text(B + "- {id: odd, type: Srver}\n")
    planned = ingest(url, "bad.yaml", "--source", "scan", "--skip-invalid", "--dry-run", "--save", file)
    done = run("apply", file, "--store", url)
    assert (planned.code, done.code) == (1, 1)
    assert "Does not stand: web name Web shop of scan; cmdb says Web" in done.out
    assert "rejected: " in done.err
    assert "unknown-type" in done.err


def test_what_makes_no_sense_together_is_refused_before_anything_is_read(url: str) -> None:
    assert "--dry-run" in ingest(url, "b.yaml", "--save", "x.plan").err
    assert "--skip-invalid" in ingest(url, "b.yaml", "--rejected", "x.csv").err
    assert "--source" in ingest(url, "b.yaml", "--prune").err
    assert ingest(url, "b.yaml", "--prune").code == 2


def test_too_much_is_not_removed_unasked(url: str, tmp_path: Path) -> None:
    (tmp_path / "less.yaml").write_text("".join(A.splitlines(keepends=True)[:3]))
    for more in ((), ("--dry-run",), ("--dry-run", "--save", str(tmp_path / "x.plan"))):
        stopped = ingest(url, "less.yaml", "--source", "cmdb", "--prune", *more)
        assert stopped.code == 2
        assert "1 of the 3 entities that cmdb stated" in stopped.err
    assert not (tmp_path / "x.plan").exists()
    assert revision(url) == 1
    done = ingest(url, "less.yaml", "--source", "cmdb", "--prune", "--allow-removals", "1")
    assert (done.code, "removed 1 entity" in done.out) == (0, True)
    assert run("show", "db", "--store", url).code == 2


def test_what_is_left_out_is_told_written_and_found_in_the_exit_code(url: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(B.replace("Database", "Databse"))
    refused = ingest(url, "bad.yaml", "--source", "scan")
    assert refused.code == 2
    file = tmp_path / "rejected.csv"
    for more in (("--dry-run",), ()):
        done = ingest(url, "bad.yaml", "--source", "scan", "--skip-invalid", "--rejected", str(file), *more)
        assert done.code == 1
        assert "1 statement rejected and left out" in done.out
        assert "rejected: " in done.err
        assert "Databse" in done.err
        (row,) = csv.DictReader(io.StringIO(file.read_text("utf-8")))
        assert (row["id"], row["line"], row["rule"], row["type"]) == ("db", "3", "unknown-type", "Databse")
    assert revision(url) == 2
    cannot = ingest(url, "b.yaml", "--skip-invalid", "--rejected", str(tmp_path / "no" / "such.csv"))
    assert (cannot.code, "cannot be written" in cannot.err, revision(url)) == (2, True, 2)


def test_sources_are_listed_in_the_order_in_which_they_are_believed(url: str) -> None:
    empty = run("sources", "--store", f"{url}.empty")
    assert empty.code == 2
    ingest(url, "b.yaml", "--source", "scan", "--fresh-for", "P7D")
    listed = json.loads(run("sources", "--json", "--store", url).out)
    assert [(one["name"], one["entities"], one["relations"], one["contested"], one["fresh"]) for one in listed] == [
        ("cmdb", 3, 1, 0, None),
        ("scan", 3, 1, 1, True),
    ]
    assert re.search(r"Revision 2 of \S+Z, as of \S+Z\.\n$", run("sources", "--store", url).out)
    preferred = run("sources", "prefer", "scan", "cmdb", "sacn", "--reason", "newer", "--store", url)
    assert preferred.code == 0
    assert "Did you mean scan?" in preferred.err
    shown = run("show", "web", "--store", url).out
    assert shown.startswith("Web shop")
    assert "Where sources differ" in shown
    assert "Stated by cmdb, scan." in shown
    assert [one["source"] for one in json.loads(run("show", "web", "--json", "--store", url).out)["stated"]] == [
        "cmdb",
        "scan",
    ]
    assert "2 sources" not in run("sources", "--store", url).out  # the one that was said by mistake is one too
    assert next(csv.DictReader(io.StringIO(run("sources", "--csv", "--store", url).out)))["name"] == ""
    assert run("sources", "prefer", "web", "--store", url).code == 2
    assert "is the id of a" in run("sources", "--store", url, "prefer", "web").err
    assert run("sources", "--json", "prefer", "cmdb", "--store", url).code == 2
    assert run("sources", "prefer", "scan", "scan", "--store", url).code == 2
    assert "Nothing changed" not in preferred.out
