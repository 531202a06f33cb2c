"""The commands as their users meet them: what they print, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from command_line import run
from graphsms.cli._output import next_command, print_table
from graphsms.report.tables import Table
from graphsms.version import __version__

COMMANDS = (
    *("init", "ingest", "find", "show", "impact", "explain", "validate", "export", "query", "demo"),
    *("log", "history", "diff", "baseline", "revert", "verify-journal"),
)


# ------------------------------------------------------------------------------------------ impact


def test_impact_as_json_is_an_object_of_revision_verdict_seeds_hits_and_concerned(store: str) -> None:
    ran = run("impact", "db-1", "--json", "--store", store)
    answer = json.loads(ran.out)
    assert ran.code == 0
    assert answer["revision"] == 1
    assert answer["verdict"]["complete"] is True
    assert [seed["id"] for seed in answer["seeds"]] == ["db-1"]
    hits = {hit["id"]: (hit["state"], hit["through"]) for hit in answer["hits"]}
    assert hits == {
        "app-1": ("down", ["db-1"]),
        "billing": ("down", ["db-1"]),
        "app-group": ("at risk", ["app-1"]),
        "web": ("at risk", ["app-group"]),
    }
    assert {hit["id"]: hit["state"] for hit in answer["concerned"]} == {"acme": "down", "sla-web": "at risk"}
    assert {"id", "type", "name", "state", "through"} <= answer["hits"][0].keys()


def test_impact_for_people_begins_with_the_sentence_and_lists_services_first(store: str) -> None:
    out = run("impact", "db-1", "--store", store).out
    assert out.startswith(
        "Taking db-1 down stops 1 of 2 services, and uses up the redundancy of 1 more, \nwhich is critical."
    )
    headings = ["Services (2)", "Customers and other parties (1)", "Agreements (1)", "Configuration items (2)"]
    assert [out.index(heading) for heading in headings] == sorted(out.index(heading) for heading in headings)
    assert "■ down" in out
    assert "◆ at risk" in out
    assert "Revision 1" in out


def test_impact_for_people_fits_80_columns(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("impact", "db-1", "--store", store).out.splitlines()
    assert max(map(len, lines)) <= 80


def test_impact_as_csv_has_a_row_for_each_hit_and_each_concerned(store: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run("impact", "db-1", "--csv", "--store", store).out)))
    assert {row["id"]: row["concerned"] for row in rows} == {
        "web": "false",
        "billing": "false",
        "app-1": "false",
        "app-group": "false",
        "acme": "true",
        "sla-web": "true",
    }


def test_modes_are_spelled_as_one_likes(store: str) -> None:
    for mode in ("service transfer", "service-transfer", "service_transfer"):
        assert json.loads(run("impact", "web", "--mode", mode, "--json", "--store", store).out)["mode"] == (
            "service transfer"
        )


def test_an_unknown_mode_names_those_that_there_are(store: str) -> None:
    ran = run("impact", "web", "--mode", "meltdown", "--store", store)
    assert ran.code == 2
    assert "outage" in ran.err


def test_removal_lists_what_refers_to_what_goes(store: str) -> None:
    ran = run("impact", "db-1", "--mode", "removal", "--json", "--store", store)
    references = {(one["subject"], one["object"]) for one in json.loads(ran.out)["references"]}
    assert references == {("billing", "db-1"), ("app-1", "db-1")}


def test_an_unknown_id_suggests_the_nearest_and_could_not_run(store: str) -> None:
    ran = run("impact", "db1", "--store", store)
    assert ran.code == 2
    assert ran.out == ""
    assert "No entity has the id 'db1'. Did you mean db-1" in ran.err
    assert "Traceback" not in ran.err


def test_what_is_unknown_is_listed_with_its_causes(store: str) -> None:
    rows = json.loads(run("impact", "db-1", "--unknown", "--json", "--store", store).out)
    answer = json.loads(run("impact", "db-1", "--json", "--store", store).out)
    assert answer["unknown_count"] == answer["verdict"]["unknown"]["total"] == len(rows)
    assert {"id", "type", "name", "causes", "missing"} == rows[0].keys()
    (mailer,) = (row for row in rows if row["id"] == "mailer")
    assert (mailer["causes"], mailer["missing"]) == (["missing relation"], ["standsOn"])
    told = " ".join(run("impact", "db-1", "--unknown", "--store", store).out.split())
    assert "Not hit, but not known to be fine" in told
    assert "'depends on / forwards to" in told


# ---------------------------------------------------------------------------------------- the rest


def test_explain_leads_from_the_target_back_to_the_seeds(store: str) -> None:
    answer = json.loads(run("explain", "web", "db-1", "--json", "--store", store).out)
    assert [step["id"] for step in answer["steps"]] == ["web", "app-group", "app-1", "db-1"]
    out = run("explain", "web", "db-1", "--store", store).out
    assert "app-group" in out
    assert "mailer is not hit" in run("explain", "mailer", "db-1", "--store", store).out


def test_explain_is_about_a_window_as_impact_is(store: str) -> None:
    within = ("--start", "2026-12-01", "--end", "2026-12-01", "--as-of", "2026-12-01", "--store", store)
    assert json.loads(run("explain", "web", "db-1", "--json", *within).out)["state"] == "at risk"
    after = run("explain", "web", "db-1", "--end", "2026-12-01", "--as-of", "2026-12-02", "--store", store)
    assert "web is not hit" in after.out
    assert "Note: Nothing is put into a state at 2026-12-02" in after.out
    turned = run("explain", "web", "db-1", "--start", "2027-01-01", "--end", "2026-01-01", "--store", store)
    assert (turned.code, "is not after the start" in turned.err) == (2, True)


def test_a_query_can_be_asked_of_what_was_recorded_before(store: str, tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    more.write_text("entities:\n  - {id: mail, type: Service, dependsOn: mailer}\n", encoding="utf-8")
    assert run("ingest", str(more), "--store", store).code == 0
    asked = ("query", "services-on-a-ci", "--param", "ci=mailer", "--csv", "--store", store)
    assert "mail," in run(*asked).out
    assert "mail," not in run(*asked, "--at", "1").out
    assert "web," in run(*asked, "--at", "1").out
    assert "no revision 9" in run(*asked, "--at", "9").err
    early = run("query", "services-on-a-ci", "--param", "ci=mail", "--at", "1", "--store", store)
    assert (early.code, "at that time" in early.err) == (2, True)


def test_show_has_properties_source_and_relations_both_ways(store: str) -> None:
    out = run("show", "web", "--store", store).out
    for word in ("Web shop", "critical", "estate.yaml", "depends on", "app-group", "mailer", "soft", "acme"):
        assert word in out
    shown = json.loads(run("show", "web", "--json", "--store", store).out)
    assert shown["type"] == "Service"
    assert shown["properties"]["criticality"] == "critical"
    assert {one["type"] for one in shown["relations"]} == {"dependsOn", "receives", "covers"}
    assert (shown["source_key"], shown["link"]) == ("web", None)  # as it is called in the file


def test_show_says_where_an_entity_comes_from_and_what_it_is_called_there(tmp_path: Path) -> None:
    file = tmp_path / "catalog-info.yaml"
    file.write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
        "metadata: {name: Shop, annotations: {backstage.io/view-url: 'https://git.example.org/shop'}}\n",
        encoding="utf-8",
    )
    store = str(tmp_path / "estate.db")
    assert run("ingest", str(file), "--source", "catalogue", "--store", store).code == 0
    out = run("show", "component:default/shop", "--store", store).out
    facts = dict(re.split(r"  +", line.strip(), maxsplit=1) for line in out.splitlines()[1:5])
    assert facts == {
        "id": "component:default/shop",
        "link": "https://git.example.org/shop",
        "source key": "Component:default/Shop",
        "source": "catalogue",
    }
    shown = json.loads(run("show", "component:default/shop", "--json", "--store", store).out)
    assert shown["source"] == "catalogue"
    assert shown["properties"]["sourceKey"] == shown["source_key"] == "Component:default/Shop"
    assert shown["link"] == shown["properties"]["link"]
    assert shown["properties"]["link"] == "https://git.example.org/shop"


def test_find_looks_in_ids_and_names_whatever_their_case(store: str) -> None:
    assert [one["id"] for one in json.loads(run("find", "SHOP", "--json", "--store", store).out)] == ["sla-web", "web"]
    assert run("find", "web", "--type", "Service", "--csv", "--store", store).out == (
        "id,type,name\nweb,Service,Web shop\n"
    )
    assert "Did you mean Service" in run("find", "web", "--type", "Servce", "--store", store).err


def test_importing_the_same_again_changes_nothing(store: str, estate: Path) -> None:
    ran = run("ingest", str(estate), "--store", store)
    assert ran.code == 0
    assert "Nothing changed" in ran.out
    assert json.loads(run("impact", "db-1", "--json", "--store", store).out)["revision"] == 1


def test_a_faulty_file_is_refused_whole_with_every_fault_and_its_line(store: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "entities:\n"
        "  - {id: new-1, type: Server}\n"
        "  - {id: new-2, type: Servr}\n"
        "  - {id: new-3, type: Server, dependsOn: nowhere}\n",
        encoding="utf-8",
    )
    ran = run("ingest", str(file), "--store", store)
    assert ran.code == 2
    assert f"{file}:3: new-2" in ran.err
    assert "Server" in ran.err
    assert f"{file}:4: new-3 dependsOn" in ran.err
    assert run("show", "new-1", "--store", store).code == 2


def test_find_counts_what_the_catalogue_of_clauses_has_beside_what_is_ones_own(store: str) -> None:
    assert run("clauses", "--load", "--store", store).code == 0
    found = run("find", "shop", "--json", "--store", store)
    assert [one["id"] for one in json.loads(found.out)] == ["sla-web", "web"]
    assert "The catalogue of clauses has" in run("find", "we", "--store", store).err
    assert "8.6.1 (1)" in run("find", "8.6.1", "--store", store).out, "where nothing else has it, the clauses do"
    assert "8.6.1 (1)" in run("find", "8.6.1", "--type", "Requirement", "--store", store).out


def test_validate_finds_nothing_in_a_clean_graph(store: str) -> None:
    ran = run("validate", "--store", store)
    assert (ran.code, ran.err) == (0, "")
    assert "keeps every rule" in ran.out


def test_validate_exits_with_1_where_a_live_thing_depends_on_a_retired_one(store: str, tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text("entities:\n  - {id: mailer, type: Application, lifecycle: retired}\n", encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    ran = run("validate", "--json", "--store", store)
    assert ran.code == 1
    assert [(one["id"], one["field"], one["rule"]) for one in json.loads(ran.out)] == [
        ("web", "dependsOn", "depends-on-retired")
    ]


def test_export_is_read_back_as_the_same_graph(store: str, tmp_path: Path) -> None:
    file, again = tmp_path / "out.yaml", str(tmp_path / "again.db")
    assert run("export", "-o", str(file), "--store", store).code == 0
    assert run("ingest", str(file), "--store", again).code == 0
    assert (
        json.loads(run("impact", "db-1", "--json", "--store", again).out)["hits"]
        == (json.loads(run("impact", "db-1", "--json", "--store", store).out)["hits"])
    )


def test_what_is_asked_of_a_store_that_is_not_there_says_so(tmp_path: Path) -> None:
    ran = run("find", "x", "--store", str(tmp_path / "nowhere.db"))
    assert ran.code == 2
    assert "nowhere.db" in ran.err
    assert not (tmp_path / "nowhere.db").exists()


def test_an_earlier_revision_answers_as_it_was(store: str, tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text("entities:\n  - {id: app-2, type: Application, dependsOn: [db-2, db-1]}\n", encoding="utf-8")
    assert run("ingest", str(file), "--store", store).code == 0
    now = json.loads(run("impact", "db-1", "--json", "--store", store).out)
    then = json.loads(run("impact", "db-1", "--at", "1", "--json", "--store", store).out)
    assert {hit["id"]: hit["state"] for hit in now["hits"]}["web"] == "down"
    assert {hit["id"]: hit["state"] for hit in then["hits"]}["web"] == "at risk"
    assert (now["revision"], then["revision"]) == (2, 1)


def test_dates_are_in_the_zone_of_the_organization(tmp_path: Path) -> None:
    url, file = str(tmp_path / "zoned.db"), tmp_path / "sla.yaml"
    file.write_text("entities:\n  - {id: sla, type: ServiceLevelAgreement, validTo: 2026-12-31}\n", encoding="utf-8")
    assert run("init", "--zone", "Europe/Zurich", "--store", url).code == 0
    assert run("ingest", str(file), "--store", url).code == 0
    assert json.loads(run("show", "sla", "--json", "--store", url).out)["properties"]["validTo"] == (
        "2026-12-31T23:00:00Z"
    )
    wrong = run("init", "--zone", "Mars/Olympus", "--store", url)
    assert wrong.code == 2
    assert "Mars/Olympus" in wrong.err


def test_the_store_is_named_by_the_environment_too(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHSMS_STORE", store)
    assert run("show", "web").code == 0
    assert run("--store", store, "show", "web").code == 0


# -------------------------------------------------------------------------------- the whole command


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    ran = run(name, "--help")
    assert ran.code == 0
    assert re.search(r"Examples?: graphsms", ran.out)


def test_help_lists_every_command() -> None:
    out = run("--help").out
    assert all(re.search(rf"^  {name} ", out, re.MULTILINE) for name in COMMANDS)


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").out == f"graphsms {__version__}\n"


def test_an_unknown_command_suggests_the_nearest() -> None:
    ran = run("impct", "web")
    assert ran.code == 2
    assert "Did you mean impact" in ran.err


def test_a_small_answer_imports_nothing_heavy(store: str) -> None:
    heavy = ("rdflib", "numpy", "numba", "pandas", "pydantic", "neo4j", "openpyxl", "networkx", "yaml")
    script = (
        "import sys\n"
        "from graphsms.cli import main\n"
        f"sys.argv = ['graphsms', 'impact', 'db-1', '--store', {store!r}]\n"
        "try:\n    main()\n"
        f"finally:\n    print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stderr == "[]\n"
    assert "Taking db-1 down" in ran.stdout


@pytest.mark.parametrize("words", ["find ''", "export --format turtle", "impact db-1"])
def test_a_reader_that_goes_away_is_no_error(store: str, words: str) -> None:
    command = f"{sys.executable} -m graphsms {words} --store {store} | true; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("0\n", "")


def test_no_colour_in_a_pipe(store: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "graphsms", "impact", "db-1", "--store", store],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    assert "\x1b" not in ran.stdout


def test_a_fault_of_a_file_is_told_once(tmp_path: Path) -> None:
    bad, store = tmp_path / "bad.yaml", str(tmp_path / "estate.db")
    bad.write_text("entities:\n- {id: a, type: Nope}\n", encoding="utf-8")
    ran = run("ingest", str(bad), "--store", store)
    assert (ran.code, ran.err.count("unknown-type")) == (2, 1)
    assert "Nothing of bad.yaml was imported: 1 fault.\n" in ran.err
    missing = run("ingest", str(tmp_path / "missing.yaml"), "--store", store)
    assert missing.err.count("No such file") == 1


def test_an_empty_path_is_no_folder(tmp_path: Path) -> None:
    ran = run("ingest", "", "--store", str(tmp_path / "estate.db"))
    assert ran.code == 2
    assert "A path is empty" in ran.err


def test_json_and_csv_together_are_refused(store: str) -> None:
    ran = run("find", "--json", "--csv", "--store", store)
    assert (ran.code, ran.out) == (2, "")
    assert "not both" in ran.err


def test_the_next_command_is_about_the_same_graph_and_can_be_typed_as_it_stands() -> None:
    command = import_module("graphsms.cli.impact").command
    said = ["db 1", "--mode", "removal", "--store", "my estate.db", "--as-of", "2026-12-01"]
    with command.make_context("impact", said) as ctx:
        assert next_command(["explain", "web", "db 1"], ctx) == (
            "graphsms explain web 'db 1' --store 'my estate.db' --mode removal --as-of 2026-12-01"
        )
    with command.make_context("impact", ["db-1"]) as ctx:
        assert next_command(["explain", "web", "db-1"], ctx) == "graphsms explain web db-1"


@pytest.mark.parametrize(
    "rows",
    [
        [("■ down", "critical", "clinical-records", "Clinical records hosting", "endpoint-clinical")],
        [
            ("■ down", "critical", "clinical-records", "Clinical records hosting", "endpoint-clinical, endpoint-shop"),
            ("▲ degraded", "high", "workplace", "Managed workplace", "mail"),
        ],
        [("■ down", "critical", "web", "A name that is longer than any terminal is wide, or nearly", "a-1, b-2, c-3")],
    ],
)
def test_ids_that_something_is_hit_through_stay_in_one_piece(
    rows: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_table(Table((), ()), headings=("state", "criticality", "id", "name", "through"), shown=rows)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    shown = out.split()
    for row in rows:
        assert set(row[2].split() + row[3].split() + row[4].split()) <= set(shown)
