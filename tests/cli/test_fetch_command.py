"""``graphsms fetch``: what it prints, and how it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import run
from fetch.server import Said, Server, ServiceNowTables, key


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHSMS_SERVICENOW_TOKEN", "a-token-of-mine")


def instance(*hidden: int) -> Server:
    rows = [{"sys_id": key(one), "name": f"srv-{one}"} for one in (1, 2, 3)]
    return Server(ServiceNowTables({"cmdb_ci_server": rows}, frozenset(map(key, hidden))))


def test_what_is_fetched_can_be_imported(tmp_path: Path) -> None:
    into, store = str(tmp_path / "cmdb"), str(tmp_path / "estate.db")
    with instance() as server:
        ran = run("fetch", "servicenow", server.url, "--tables", "cmdb_ci_server", "--into", into, "--rate", "1000")
    assert (ran.code, ran.err) == (0, "cmdb_ci_server: 3 of 3 rows\n")
    assert ran.out.startswith("Fetched 3 rows of 1 table ")
    ran = run("ingest", into, "--store", store)
    assert ran.code == 0, ran.err
    assert "created 3 entities" in ran.out


def test_rows_that_are_missing_are_a_finding(tmp_path: Path) -> None:
    with instance(2) as server:
        ran = run(
            "fetch", "servicenow", server.url, "--tables", "cmdb_ci_server", "--into", str(tmp_path / "a"), "--json"
        )
    assert ran.code == 1
    said = json.loads(ran.out)
    assert said["complete"] is False
    assert said["tables"] == [{"table": "cmdb_ci_server", "rows": 2, "told": 3, "missing": 1, "pages": 1, "absent": ""}]


def test_what_cannot_be_fetched_is_said_in_a_sentence_without_the_credential(tmp_path: Path) -> None:
    with instance() as server:
        server.trouble = [Said(401)]
        ran = run("fetch", "servicenow", server.url, "--tables", "cmdb_ci_server", "--into", str(tmp_path / "a"))
    assert ran.code == 2
    assert "401. The credential is not accepted" in ran.err
    assert "a-token-of-mine" not in ran.out + ran.err


def test_a_condition_has_a_table(tmp_path: Path) -> None:
    ran = run("fetch", "servicenow", "https://x.example", "--into", str(tmp_path / "a"), "--where", "active=true")
    assert ran.code == 2
    assert "write TABLE:CONDITION" in ran.err


def test_the_list_is_there_as_csv(tmp_path: Path) -> None:
    with instance() as server:
        ran = run(
            "fetch", "servicenow", server.url, "--tables", "cmdb_ci_server", "--into", str(tmp_path / "a"), "--csv"
        )
    assert ran.out.splitlines() == ["table,rows,told,missing,pages,absent", "cmdb_ci_server,3,3,0,1,"]
