"""How what is new gets into Neo4j, all of it or nothing, whatever its size.

A server keeps everything that a transaction has changed in memory: one to two KB for each entity or
relation, so a heap of 1 GB ends at some 400,000 of them. So what a *large* change set creates is committed
in steps, while its transaction does nothing but keep other writers waiting. Until that transaction
makes the new revision the present one, none of our readers sees any of it, for they ask for what is
there since a revision that they know; if it never does, the next writer takes it away again.
Only people's own Cypher can meet the part of a large import that is there already.
"""

# (:GraphsmsPending {key, token, first_k, revision}) stands from the first step to the last.

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Final, Protocol
from uuid import uuid4

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from graphsms.errors import UnavailableError
from graphsms.store._neo4j_names import ENTITY
from graphsms.store._neo4j_schema import locked
from graphsms.store._neo4j_server import Server

__all__ = ["InSteps", "InTransaction", "Lane", "clear_leftovers", "clear_leftovers_of_the_dead", "finish"]

_AT_ONCE: Final = 10_000
_KEYS_AT_ONCE: Final = 5_000
_SECONDS_TO_WAIT: Final = 1.0  # for the lock of a writer that may be dead


class Lane(Protocol):
    """Takes in what is new."""

    def create(self, query: str, **values: object) -> neo4j.SummaryCounters:
        """Run a query that creates; what it did."""


class InTransaction:
    """All in the one transaction of the change set."""

    def __init__(self, run: neo4j.ManagedTransaction) -> None:
        self._run = run

    def create(self, query: str, **values: object) -> neo4j.SummaryCounters:
        return self._run.run(query, values).consume().counters


class InSteps:
    """Each query in a transaction of its own, while the caller's keeps other writers waiting.

    Parameters
    ----------
    server : Server
    first_k, revision : int
        Every entity that is created has a key from ``first_k`` on, and everything is from ``revision``.
    """

    def __init__(self, server: Server, first_k: int, revision: int) -> None:
        self._server = server
        self._mark = {"token": str(uuid4()), "first_k": first_k, "revision": revision}
        self._announced = False

    def create(self, query: str, **values: object) -> neo4j.SummaryCounters:
        if not self._announced:
            self._server.write(self._announce)
            self._announced = True

        def step(run: neo4j.ManagedTransaction) -> neo4j.SummaryCounters:
            mine = "MATCH (p:GraphsmsPending {key: 'pending', token: $token}) SET p.token = p.token RETURN 1"
            if not run.run(mine, token=self._mark["token"]).values():
                raise UnavailableError(
                    f"{self._server.address.shown} lost our transaction, and another writer has begun; nothing was"
                    " changed: try again."
                )
            return run.run(query, values).consume().counters

        made = self._server.write(step)
        gc.collect(0)  # what the driver was asked with hangs in circles, and an import keeps the collector off
        return made

    def _announce(self, run: neo4j.ManagedTransaction) -> None:
        run.run("CREATE (p:GraphsmsPending {key: 'pending'}) SET p += $mark", mark=self._mark).consume()


def finish(run: neo4j.ManagedTransaction) -> None:
    """With the caller's transaction, what the steps have created is there for good."""
    run.run("MATCH (p:GraphsmsPending) DELETE p").consume()


def clear_leftovers(server: Server) -> None:
    """Take away what a writer created in steps that never came to their end. Other writers must be kept waiting."""
    row = server.one("MATCH (p:GraphsmsPending) RETURN p.first_k, p.revision")
    if row is None:
        return
    first_k, revision = row
    server.write(lambda run: run.run("MATCH (p:GraphsmsPending) SET p.token = ''").consume())  # it may still be alive
    found = server.one(f"MATCH (n:{ENTITY}) WHERE n._k >= $k RETURN max(n._k)", k=first_k)
    last_k = found[0] if found and found[0] is not None else first_k - 1
    for low in range(first_k, last_k + 1, _KEYS_AT_ONCE):
        here = f"MATCH (n:{ENTITY}) WHERE $low <= n._k < $high"
        keys = {"low": low, "high": low + _KEYS_AT_ONCE}
        while _deleted(server, f"{here} MATCH (n)-[r]-() WITH DISTINCT r LIMIT $limit DELETE r RETURN count(r)", keys):
            pass
        _deleted(server, f"{here} DETACH DELETE n RETURN count(n)", keys)
    between = [id for (id,) in server.read("MATCH ()-[r]->() WHERE r._from = $r RETURN elementId(r)", r=revision)]
    for start in range(0, len(between), _AT_ONCE):
        query = "UNWIND $ids AS id MATCH ()-[r]->() WHERE elementId(r) = id DELETE r RETURN count(r)"
        _deleted(server, query, {"ids": between[start : start + _AT_ONCE]})
    server.write(finish)


def clear_leftovers_of_the_dead(server: Server) -> None:
    """`clear_leftovers`, unless their writer is at work."""
    if server.one("MATCH (p:GraphsmsPending) RETURN 1") is None:
        return
    try:
        with server.session() as session, session.begin_transaction(timeout=_SECONDS_TO_WAIT) as run:
            run.run("MATCH (m:GraphsmsStore) SET m.format = m.format").consume()
    except (DriverError, Neo4jError):
        return

    def work(run: neo4j.ManagedTransaction) -> None:
        locked(run, server)
        clear_leftovers(server)

    server.write(work)


def _deleted(server: Server, query: str, values: Mapping[str, object]) -> int:
    def work(run: neo4j.ManagedTransaction) -> int:
        return int(run.run(query, {**values, "limit": _AT_ONCE}).single(strict=True)[0])

    return server.write(work)
