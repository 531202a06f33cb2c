"""The commands about the history as their users meet them."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from command_line import Run, run

AGAIN = """
entities:
  - {id: web, type: Service, name: Web shop 2, criticality: critical,
     dependsOn: [app-group, {to: mailer, strength: soft}]}
  - {id: db-3, type: Database}
"""
RELEASE = """
entities:
  - {id: rel-2, type: Release, name: Shop 2, delivers: [app-1, app-2]}
"""


@pytest.fixture
def changed(store: str, tmp_path: Path) -> str:
    """1: the estate. 2: the shop is renamed under rfc-7. 3: a release."""
    for name, text, options in (
        ("again.yaml", AGAIN, ("--request", "rfc-7", "--actor", "grace", "--reason", "new name")),
        ("release.yaml", RELEASE, ()),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        ran = run("ingest", str(tmp_path / name), "--source", "estate.yaml", *options, "--store", store)
        assert ran.code == 0, ran.err
    return store


def asked(store: str, *arguments: str, code: int = 0) -> Run:
    ran = run(*arguments, "--store", store)
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err
    return ran


def rows(store: str, *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(asked(store, *arguments, "--csv").out)))


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def fits(text: str) -> bool:
    return max(map(len, text.splitlines())) <= 80


def test_log_lists_who_did_what_when_why_and_under_which_request(changed: str) -> None:
    out = asked(changed, "log").out
    assert fits(out)
    assert out.index("rfc-7") < out.index("Revision 3 of ")
    answer = json.loads(asked(changed, "log", "--json").out)
    assert [one["number"] for one in answer["revisions"]] == [3, 2, 1]
    assert (answer["revision"], answer["left_out"]) == (3, 0)
    second = answer["revisions"][1]
    assert (second["actor"], second["reason"], second["request"]) == ("grace", "new name", "rfc-7")
    assert [row["number"] for row in rows(changed, "log", "--request", "rfc-7")] == ["2"]
    assert [row["number"] for row in rows(changed, "log", "--actor", "grace")] == ["2"]
    assert [row["number"] for row in rows(changed, "log", "--since", "2", "--until", "2")] == ["2"]
    assert [row["number"] for row in rows(changed, "log", "--since", "2001-01-01", "--limit", "1")] == ["3"]
    assert "2 more" in asked(changed, "log", "--limit", "1").err
    assert "no such revision" in asked(changed, "log", "--actor", "nobody").out


def test_history_tells_of_one_entity_field_by_field(changed: str) -> None:
    out = asked(changed, "history", "web").out
    assert fits(out)
    assert out.startswith("2 revisions touched web or its relations.")
    assert "by grace under rfc-7 from estate.yaml: new name" in out.replace("\n", " ")
    answer = json.loads(asked(changed, "history", "web", "--json").out)
    assert [event["number"] for event in answer["events"]] == [2, 1]
    assert answer["events"][0]["changes"] == [
        {
            "id": "web",
            "type": "Service",
            "name": "Web shop 2",
            "change": "changed",
            "fields": [{"field": "name", "before": "Web shop", "after": "Web shop 2"}],
        }
    ]
    (row,) = rows(changed, "history", "web", "--since", "2")
    assert (row["revision"], row["request"], row["field"], row["before"], row["after"]) == (
        "2",
        "rfc-7",
        "name",
        "Web shop",
        "Web shop 2",
    )
    assert "Did you mean web" in asked(changed, "history", "wep", code=2).err


def test_diff_tells_what_is_different_between_revisions_dates_and_baselines(changed: str) -> None:
    out = asked(changed, "diff", "1", "2").out
    assert out.startswith("From revision 1 to revision 2, 2 entities are different: created 1, changed 1, \nremoved 0.")
    assert fits(out)
    answer = json.loads(asked(changed, "diff", "1", "2", "--json").out)
    assert (answer["since"]["number"], answer["until"]["number"], answer["changed"]) == (1, 2, 1)
    assert [row["id"] for row in rows(changed, "diff", "1", "2", "--id", "web")] == ["web"]
    assert {row["id"] for row in rows(changed, "diff", "1", "2", "--type", "Database")} == {"db-3"}
    asked(changed, "baseline", "create", "then", "--at", "1")
    assert rows(changed, "diff", "then", "2") == rows(changed, "diff", "1", "2")
    assert len(rows(changed, "diff", "2001-01-01", "1")) > 10
    assert "nothing is different" in asked(changed, "diff", "2", "2").out
    for wrong in ("9", "yesterday"):
        assert asked(changed, "diff", wrong, code=2).out == ""


def test_much_that_is_different_is_counted_by_type_first_and_told_one_by_one_when_asked(changed: str) -> None:
    few = asked(changed, "diff", "1", "2").out
    assert "by type" not in few
    assert few == asked(changed, "diff", "1", "2", "--all").out
    file = Path(changed).parent / "more.yaml"
    more = [f"- {{id: many-{number}, type: Server, hostedOn: many-0}}" for number in range(1, 15)]
    file.write_text("\n".join(["entities:", "- {id: many-0, type: Site}", *more]).replace("hostedOn", "locatedAt"))
    asked(changed, "ingest", str(file))
    out = asked(changed, "diff", "3").out
    assert "Entities by type (15)" in out
    assert "Relations by type (14)" in out
    assert "many-7" not in out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert {"server 14 0 0", "site 1 0 0", "located at 14 0 0"} <= set(lines)
    whole = asked(changed, "diff", "3", "--all").out
    assert "Entities by type (15)" in whole
    assert all(f"many-{number}" in whole for number in range(15))
    answer = json.loads(asked(changed, "diff", "3", "--json").out)
    assert answer["by_type"][0] == {"type": "Server", "relation": False, "created": 14, "changed": 0, "removed": 0}
    assert len(answer["entities"]) == 15


def test_a_baseline_is_made_listed_shown_and_compared_with(changed: str, tmp_path: Path) -> None:
    made = asked(changed, "baseline", "create", "before-2", "--release", "rel-2", "--request", "rfc-8").out
    assert made == "Revision 4 made the baseline before-2: the state of 2 items at revision 3.\n"
    assert json.loads(asked(changed, "log", "--json").out)["revisions"][0]["request"] == "rfc-8"
    (listed,) = json.loads(asked(changed, "baseline", "list", "--json").out)
    assert (listed["id"], listed["items"], listed["releases"]) == ("before-2", ["app-1", "app-2"], ["rel-2"])
    assert [row["id"] for row in rows(changed, "baseline", "list")] == ["before-2"]
    assert "before-2" in asked(changed, "baseline", "list").out
    shown = asked(changed, "baseline", "show", "before-2").out
    assert "Taken for rel-2." in shown
    assert fits(shown)
    assert [row["id"] for row in rows(changed, "baseline", "show", "before-2")] == ["app-1", "app-2"]
    assert "nothing of before-2 (2 items) is different" in asked(changed, "baseline", "diff", "before-2").out
    (tmp_path / "app.yaml").write_text("entities: [{id: app-1, type: Application, name: App 2, dependsOn: db-1}]")
    run("ingest", str(tmp_path / "app.yaml"), "--source", "estate.yaml", "--store", changed)
    assert [row["field"] for row in rows(changed, "baseline", "diff", "before-2")] == ["name"]
    assert json.loads(asked(changed, "baseline", "diff", "before-2", "4", "--json").out)["entities"] == []
    assert "no baseline 'before'" in asked(changed, "baseline", "diff", "before", code=2).err
    assert asked(changed, "baseline", "create", "2026-11-21", code=2).out == ""


def test_no_baseline_is_an_empty_list_that_says_what_to_do(store: str) -> None:
    assert "graphsms baseline create" in asked(store, "baseline", "list").out
    assert json.loads(asked(store, "baseline", "list", "--json").out) == []


def test_revert_undoes_a_revision_by_another_one(changed: str) -> None:
    plan = asked(changed, "revert", "2", "--dry-run").out
    assert plan.startswith("A new revision would bring the undoing of revision 2: 1 changed, 1 removed.")
    assert fits(plan)
    done = json.loads(asked(changed, "revert", "2", "--actor", "ada", "--request", "rfc-9", "--json").out)
    assert (done["made"]["number"], done["made"]["actor"], done["made"]["request"]) == (4, "ada", "rfc-9")
    assert rows(changed, "diff", "1", "4", "--id", "web") == []
    assert "undone already" in asked(changed, "revert", "2").out
    assert len(rows(changed, "revert", "--to", "3", "--dry-run")) > 1


def test_revert_that_would_lose_later_work_is_refused_with_what_is_in_the_way(changed: str) -> None:
    ran = asked(changed, "revert", "1", code=2)
    assert ran.out == ""
    assert "  web: it has been changed since, in revision 2." in ran.err
    assert "nothing was changed" in ran.err
    assert json.loads(asked(changed, "log", "--json").out)["revision"] == 3
    dry = asked(changed, "revert", "1", "--dry-run", code=1)
    assert "conflict: web: it has been changed since" in dry.err
    assert json.loads(asked(changed, "revert", "1", "--dry-run", "--json", code=1).out)["conflicts"]
    assert asked(changed, "revert", code=2).out == ""
    assert asked(changed, "revert", "2", "--to", "1", code=2).out == ""


def test_verify_journal_tells_whether_the_history_is_what_was_written(changed: str) -> None:
    out = asked(changed, "verify-journal").out
    assert out.startswith("The journal is intact: 3 revisions, ")
    answer = json.loads(asked(changed, "verify-journal", "--json").out)
    assert answer["intact"]
    assert answer["hash"] in out
    asked(changed, "verify-journal", "--kept", answer["hash"])
    assert "kept" in asked(changed, "verify-journal", "--kept", "0" * 64, code=1).out
    connection = sqlite3.connect(changed)
    with connection:
        connection.execute("UPDATE revision SET request = 'rfc-8' WHERE number = 2")
    connection.close()
    assert "broken at revision 2" in asked(changed, "verify-journal", code=1).out
    broken = json.loads(asked(changed, "verify-journal", "--json", code=1).out)["broken"]
    assert (broken["revision"], broken["rule"]) == (2, "hash-differs")


# --------------------------------------------------------------------------- every question, then


def test_show_is_about_a_revision_and_a_moment_and_says_so(changed: str) -> None:
    then = json.loads(asked(changed, "show", "web", "--at", "1", "--as-of", "2026-11-21", "--json").out)
    assert (then["properties"]["name"], then["revision"]) == ("Web shop", 1)
    assert then["as_of"] == "2026-11-21T23:59:59.999999Z"
    out = asked(changed, "show", "web", "--at", "1", "--as-of", "2026-11-21").out
    assert "Web shop 2" not in out
    assert "Revision 1 of " in out
    assert ", as of 2026-11-21T23:59Z." in out
    assert "Web shop 2" in asked(changed, "show", "web").out
    assert "No entity had the id 'db-3' at that time" in asked(changed, "show", "db-3", "--at", "1", code=2).err


def test_what_was_removed_is_told_from_what_never_was(changed: str) -> None:
    asked(changed, "revert", "2")
    gone = asked(changed, "show", "db-3", code=2).err
    assert "No entity has the id 'db-3' any more: revision 4 removed it" in gone
    assert "4 removed it" not in asked(changed, "show", "db-9", code=2).err
    assert json.loads(asked(changed, "history", "db-3", "--json").out)["removed"]


def test_show_marks_what_was_not_valid_then(store: str, tmp_path: Path) -> None:
    file = tmp_path / "ends.yaml"
    file.write_text(
        "entities: [{id: x, type: Service, dependsOn: [{to: y, validTo: 2026-11-21}]}, {id: y, type: Server}]"
    )
    run("ingest", str(file), "--store", store)
    shown = {
        day: json.loads(asked(store, "show", "x", "--as-of", day, "--json").out)["relations"][0]["valid"]
        for day in ("2026-11-21", "2026-11-22")
    }
    assert shown == {"2026-11-21": True, "2026-11-22": False}
    assert "not valid then" in asked(store, "show", "x", "--as-of", "2026-11-22").out


def test_find_validate_query_impact_explain_and_export_are_about_a_revision(changed: str, tmp_path: Path) -> None:
    assert json.loads(asked(changed, "find", "shop 2", "--at", "1", "--json").out) == []
    assert [one["id"] for one in json.loads(asked(changed, "find", "shop 2", "--type", "Service", "--json").out)] == [
        "web"
    ]
    assert "Revision 1 of " in asked(changed, "find", "web", "--at", "1").out
    assert "Revision 1 of " in asked(changed, "find", "web", "--at", "1", "--json").err
    assert "revision 1" in run("validate", "--at", "1", "--store", changed).out
    ask = "SELECT ?s WHERE { ?s a <https://w3id.org/graphsms/ontology#Database> }"
    assert len(json.loads(asked(changed, "query", ask, "--at", "1", "--json").out)) == 2
    assert len(json.loads(asked(changed, "query", ask, "--json").out)) == 3
    assert json.loads(asked(changed, "impact", "db-1", "--at", "1", "--json").out)["revision"] == 1
    explained = json.loads(asked(changed, "explain", "web", "db-1", "--at", "1", "--json").out)
    assert explained["revision"] == 1
    assert explained["at"]
    for revision, there in (("1", False), ("2", True)):
        asked(changed, "export", "--at", revision, "--output", str(tmp_path / "then.yaml"))
        assert ("db-3" in (tmp_path / "then.yaml").read_text("utf-8")) is there
    asked(changed, "baseline", "create", "then", "--at", "1")
    assert json.loads(asked(changed, "impact", "db-1", "--at", "then", "--json").out)["revision"] == 1
