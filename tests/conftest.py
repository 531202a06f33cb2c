"""What tests of several folders share: a real Neo4j, started once for the run by the first test that asks.

Tests run side by side (`make test`); those that ask a Neo4j stay together in one process for each line of it, so
that one server serves them all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from neo4j_server import NoServerError, Server, started

ROOT = Path(__file__).parent.parent

# A machine that does other things at once is slow now and then; that is no failure of what is tested.
settings.register_profile("graphsms", deadline=None)
settings.load_profile("graphsms")


class _ByServer(LoadScopeScheduling):  # type: ignore[misc]  # xdist says no types
    """Hands tests out one by one, and those that ask a Neo4j of one line all to one process."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, case = nodeid.partition("::")
        if "neo4j-2025" in case:
            return "neo4j-2025"
        return "neo4j" if "neo4j" in case or _asks_a_server(file) else nodeid


@cache
def _asks_a_server(file: str) -> bool:
    """Whether tests of a file ask a Neo4j, other than by the store that each case is run on."""
    return "contract/" not in file and "neo4j_" in (ROOT / file).read_text("utf-8")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByServer:
    """How tests are shared out. (Groups of xdist itself do nothing under pytest 9.)"""
    return _ByServer(config, log)


def _server(line: str, required: bool) -> Iterator[Server]:
    try:
        with started(line) as server:
            yield server
    except NoServerError as error:
        if required:
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Server]:
    """Neo4j 5.26 (long-term support). In CI it must be there; elsewhere its tests are skipped without it."""
    required = os.environ.get("CI") == "true" or os.environ.get("GRAPHSMS_REQUIRE_NEO4J") == "1"
    yield from _server("5.26", required)


@pytest.fixture(scope="session")
def neo4j_2025_server() -> Iterator[Server]:
    """Neo4j 2025, where there is a Java for it (21 or later)."""
    yield from _server("2025", required=False)


@pytest.fixture
def neo4j_url(neo4j_server: Server) -> str:
    """URL, with user and password, of an empty database of Neo4j 5.26."""
    neo4j_server.empty()
    return neo4j_server.url


@pytest.fixture
def neo4j_2025_url(neo4j_2025_server: Server) -> str:
    """URL, with user and password, of an empty database of Neo4j 2025."""
    neo4j_2025_server.empty()
    return neo4j_2025_server.url
