"""The server that the other tests stand on: real, empty at the start of each test, and gone when the tests are."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import neo4j_server as servers


@pytest.fixture(params=["neo4j_server", "neo4j_2025_server"])
def server(request: pytest.FixtureRequest) -> servers.Server:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, servers.Server)
    return found


def test_an_emptied_database_has_no_nodes_no_constraints_and_no_indexes(server: servers.Server) -> None:
    with server.driver() as driver:
        driver.execute_query("CREATE CONSTRAINT FOR (x:Thing) REQUIRE x.id IS UNIQUE")
        driver.execute_query("CREATE INDEX FOR (x:Thing) ON (x.name)")
        driver.execute_query("UNWIND range(1, 25000) AS id CREATE (a:Thing {id: id})-[:NEXT]->(:Other)")
        server.empty(keep="")
        left = driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"]
        constraints = driver.execute_query("SHOW CONSTRAINTS").records
        indexes = driver.execute_query("SHOW INDEXES YIELD type WHERE type <> 'LOOKUP' RETURN type").records
    assert (left, constraints, indexes) == (0, [], [])


def test_a_server_ends_and_its_files_go_when_the_tests_are_killed(neo4j_server: servers.Server, tmp_path: Path) -> None:
    if os.environ.get(servers.URL_VARIABLE) or servers.docker_answers():
        pytest.skip("the server was not started from its jars")
    tests = subprocess.Popen(
        [sys.executable, servers.__file__, "5.26"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert tests.stdout is not None
    with tests.stdout as said:
        url = said.readline()
    port = int(url.rpartition(":")[2])
    assert _is_listening(port)
    assert list(tmp_path.glob("*/data"))
    tests.kill()
    tests.wait()
    until = time.monotonic() + 30
    while time.monotonic() < until and (_is_listening(port) or list(tmp_path.iterdir())):
        time.sleep(0.1)
    assert not _is_listening(port)
    assert not list(tmp_path.iterdir())


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
