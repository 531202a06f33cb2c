"""Every case here runs on every store: the same change sets, the same answers, the same hashes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from graphsms.moments import now
from graphsms.ontology import load
from graphsms.store import Store
from graphsms.store.journal import Clock
from graphsms.vocabulary import Vocabulary
from neo4j_server import server_at

# By name, the fixture that gives the URL of one with nothing in it; SQLite needs none.
STORES = {"sqlite": None, "neo4j": "neo4j_url", "neo4j-2025": "neo4j_2025_url"}


class Reopen(Protocol):
    """Opens the store of the test once more, as another process would."""

    def __call__(self, vocabulary: Vocabulary | None = None, clock: Clock | None = None) -> Store: ...


class NewStore(Protocol):
    """Gives a store with nothing in it as often as it is asked: for properties that Hypothesis tries."""

    def __call__(
        self, clock: Clock | None = None, vocabulary: Vocabulary | None = None
    ) -> AbstractContextManager[Store]: ...


def opened(url: str, vocabulary: Vocabulary | None, clock: Clock | None) -> Store:
    if "://" in url:
        from graphsms.store.neo4j import Neo4jStore

        return Neo4jStore.open(url, vocabulary or load(), clock=clock or now)
    from graphsms.store.sqlite import SqliteStore

    return SqliteStore.open(url, vocabulary or load(), clock=clock or now)


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store with nothing in it."""
    fixture = STORES[request.param]
    return str(tmp_path / "estate.db") if fixture is None else str(request.getfixturevalue(fixture))


@pytest.fixture
def reopen(store_url: str) -> Iterator[Reopen]:
    with ExitStack() as stores:

        def reopen(vocabulary: Vocabulary | None = None, clock: Clock | None = None) -> Store:
            store = opened(store_url, vocabulary, clock)
            stores.callback(store.close)
            return store

        yield reopen


@pytest.fixture
def store(reopen: Reopen) -> Store:
    """A store with nothing in it."""
    return reopen()


@pytest.fixture
def new_store(store_url: str) -> NewStore:
    number = count()

    @contextmanager
    def new_store(clock: Clock | None = None, vocabulary: Vocabulary | None = None) -> Iterator[Store]:
        url = store_url
        if "://" in url:
            server_at(url).empty()
        else:
            url = f"{url}-{next(number)}"
        store = opened(url, vocabulary, clock)
        try:
            yield store
        finally:
            store.close()

    return new_store
