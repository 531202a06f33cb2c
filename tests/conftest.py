"""What tests of several folders share: a real Neo4j, started once for the run by the first test that asks.

Tests run side by side (`make test`); those that ask a Neo4j stay together in one process, so that one server serves
them all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from neo4j_server import NoServerError, Server, started

# A machine that does other things at once is slow now and then; that is no failure of what is tested.
settings.register_profile("graphsms", deadline=None)
settings.load_profile("graphsms")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what asks a Neo4j: by a fixture, or by the store that a case is run on."""
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
        if any(str(one).startswith("neo4j") for one in (*getattr(item, "fixturenames", ()), *parameters)):
            item.add_marker(pytest.mark.xdist_group("neo4j"))


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
