"""What is fetched and then imported is the graph that the same records make when they are exported and imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fetch.server import Asked, GlpiItems, Said, Server, ServiceNowTables
from graphsms.fetch import Limits, fetch
from graphsms.ingest import ingest
from graphsms.store import open_store

FIXTURES = Path(__file__).parent.parent / "ingest" / "fixtures"
LIMITS = Limits(rate=10_000, read=5.0)


def graph(folder: Path, place: Path) -> tuple[dict[str, Any], dict[Any, Any]]:
    """What a folder says; where a record can be opened depends on how it came."""
    with open_store(str(place)) as store:
        ingest(store, [folder])
        entities = {
            one.id: (one.type, {name: value for name, value in one.properties.items() if name != "link"})
            for one in store.entities()
        }
        return entities, {one.key: dict(one.properties) for one in store.relations()}


def compared(system: str, server: Server, tmp_path: Path) -> None:
    fetch(system, server.url, tmp_path / "fetched", page_size=3, limits=LIMITS)
    fetched, exported = graph(tmp_path / "fetched", tmp_path / "1.db"), graph(FIXTURES / system, tmp_path / "2.db")
    assert len(exported[0]) > 20
    assert fetched == exported


def test_of_servicenow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHSMS_SERVICENOW_TOKEN", "t")
    tables = {}
    for path in (FIXTURES / "servicenow").glob("*.json"):
        (tables[path.stem],) = json.loads(path.read_bytes()).values()
    # The tables that the instance answers for beside the one that has all of their records.
    tables["cmdb_ci_service"] = [row for row in tables["cmdb_ci"] if "service" in row["sys_class_name"]["value"]][:1]
    tables["cmdb_ci_computer"] = [row for row in tables["cmdb_ci"] if "virtual" in row]
    with Server(ServiceNowTables(tables)) as server:
        compared("servicenow", server, tmp_path)


def test_of_glpi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHSMS_GLPI_USER_TOKEN", "mine")
    monkeypatch.setenv("GRAPHSMS_GLPI_APP_TOKEN", "app")
    items = {path.stem: json.loads(path.read_bytes()) for path in (FIXTURES / "glpi").glob("*.json")}
    with Server(GlpiItems(items)) as server:
        compared("glpi", server, tmp_path)


def test_of_itop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHSMS_ITOP_TOKEN", "t")
    objects: dict[str, Any] = {}
    for path in (FIXTURES / "itop").glob("*.json"):
        objects |= json.loads(path.read_bytes())["objects"]

    def answer(asked: Asked) -> Said:
        assert asked.headers["auth-token"] == "t"
        said = json.loads(asked.form["json_data"])
        its, oql = said["class"], said["key"]
        among = set(oql.partition("IN (")[2].rstrip(")").split(",")) if "IN (" in oql else None
        found = {
            name: one
            for name, one in objects.items()
            if its in (name.split("::")[0], _first(name)) and (among is None or name.split("::")[1] in among)
        }
        return Said(value={"code": 0, "message": f"Found: {len(found)}", "objects": found or None})

    with Server(answer) as server:
        compared("itop", server, tmp_path)


def _first(name: str) -> str:
    """The class that an object is asked for by, where that is not its own."""
    own = name.split("::")[0]
    if own.endswith("Change"):
        return "Change"
    return own if own in _OTHERS else "FunctionalCI"


_OTHERS = {
    "Organization", "Location", "Person", "Team", "Service", "SLA", "SLT", "CustomerContract", "ProviderContract",
    "lnkFunctionalCIToService", "Incident", "Problem",
}  # fmt: skip
