"""``graphsms mapping`` and ``ingest --mapping``: drafted, tried out, imported, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import run
from graphsms.ingest.tabular import KEYS

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "how-to" / "tables.md").read_text("utf-8")
TABLE = "Host;Status;Runs on\na1;active;\nb1;broken;a1\n"
MAPPING = """\
tables:
- id: "srv:{Host}"
  type: Server
  columns:
    Status: {property: lifecycle, values: {active: live}}
    Runs on: {relation: hostedOn, id: "srv:{value}"}
"""


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRAPHSMS_STORE", raising=False)
    (tmp_path / "servers.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "said.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path / "servers.csv"


def test_a_draft_is_a_mapping_that_is_found_beside_the_table(table: Path) -> None:
    drafted = run("mapping", "guess", "servers.csv")
    assert (drafted.code, drafted.err) == (0, "")
    table.with_name("servers.mapping.yaml").write_text(drafted.out, encoding="utf-8")
    assert run("mapping", "check", "servers.mapping.yaml", "servers.csv").code == 0
    assert run("ingest", "servers.csv").code == 0
    assert "a1" in run("show", "b1").out


def test_the_first_draft_needs_no_store_though_one_is_set_for_later(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHSMS_STORE", str(table.with_name("later.db")))
    drafted = run("mapping", "guess", "servers.csv")
    assert (drafted.code, drafted.err) == (0, "")
    table.with_name("servers.mapping.yaml").write_text(drafted.out, encoding="utf-8")
    assert run("ingest", "servers.csv").code == 0
    assert table.with_name("later.db").is_file()


def test_a_draft_finds_the_ids_of_the_graph(table: Path) -> None:
    table.with_name("sites.csv").write_text("Site\nnorth\nsouth\n")
    table.with_name("sites.mapping.yaml").write_text("tables: [{id: 'site:{Site}', type: Site}]")
    assert run("ingest", "sites.csv").code == 0
    table.with_name("racks.csv").write_text("Rack;Where\nr1;north\nr2;south\n")
    assert "ids of the graph" in run("mapping", "guess", "racks.csv").out
    assert run("mapping", "guess", "racks.csv", "--store", "none.db").code == 2


def test_what_a_mapping_makes_of_a_table_is_shown_and_its_faults_told(table: Path) -> None:
    one = run("mapping", "check", "said.yaml", "servers.csv", "--rows", "1")
    assert one.code == 0
    assert one.out.startswith("The first rows of servers.csv make 1 entity and 0 relations, without a fault.\n")
    both = run("mapping", "check", "said.yaml", "servers.csv")
    assert both.code == 1
    assert "servers.csv:3: srv:b1 Status: lifecycle is 'broken'" in both.err
    told = json.loads(run("mapping", "check", "said.yaml", "servers.csv", "--json").out)
    assert told["entities"][0] == {"row": 2, "id": "srv:a1", "type": "Server", "properties": {"lifecycle": "live"}}
    assert told["relations"][0]["object"] == "srv:a1"
    assert [fault["rule"] for fault in told["faults"]] == ["wrong-value"]
    as_csv = run("mapping", "check", "said.yaml", "servers.csv", "--csv").out.splitlines()
    assert as_csv[:3] == ["sheet,row,id,field,value", ",2,srv:a1,type,Server", ",2,srv:a1,lifecycle,live"]


def test_what_is_wrong_keeps_all_of_it_out(table: Path) -> None:
    refused = run("ingest", "servers.csv", "--mapping", "said.yaml")
    assert refused.code == 2
    assert "servers.csv:3" in refused.err
    assert run("ingest", "servers.csv", "--mapping", "said.yaml", "--skip-invalid").code == 1
    assert "srv:a1" in run("find", "srv").out


def test_sheets_are_named_for_programs_too(table: Path) -> None:
    register = ROOT / "tests" / "ingest" / "fixtures" / "tables" / "register.xlsx"
    drafted = run("mapping", "guess", str(register)).out.replace("  - Lists", "")
    table.with_name("register.yaml").write_text(drafted.replace("    Name: name ", "    Nme: name "), encoding="utf-8")
    refused = run("ingest", str(register), "--mapping", "register.yaml", "--skip-invalid", "--json", "--dry-run")
    told = [fault for one in json.loads(refused.out)["rejected"] for fault in one["faults"]]
    assert {(one["sheet"], one["line"], one["rule"]) for one in told} == {("Services", 3, "missing-column")}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ingest", "servers.csv"), "graphsms mapping guess servers.csv"),
        (("ingest", "servers.csv", "--mapping", "none.yaml"), "none.yaml does not exist"),
        (("mapping", "guess", "none.csv"), "none.csv does not exist"),
        (("mapping", "check", "said.yaml", "none.csv"), "none.csv does not exist"),
        (("mapping", "check", "servers.csv", "servers.csv"), "servers.csv"),
        (("mapping", "check", "said.yaml", "servers.csv", "--rows", "0"), "at least 1"),
        (("mapping", "check", "said.yaml", "servers.csv", "--ontology", "none.ttl"), "none.ttl does not exist"),
        (("mapping", "gues", "servers.csv"), "gues"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(table: Path, arguments: tuple[str, ...], told: str) -> None:
    found = run(*arguments)
    assert found.code == 2
    assert told in found.err
    assert "Traceback" not in found.err


def test_the_keys_are_listed_and_the_page_says_the_same() -> None:
    listed = json.loads(run("mapping", "keys", "--json").out)
    assert {(one["place"], one["key"]) for one in listed} == {(p, k) for p, keys in KEYS.items() for k in keys}
    for one in listed:
        assert f"| `{one['key']}` | {one['says']} |" in PAGE, "copy the tables of keys into the page"
