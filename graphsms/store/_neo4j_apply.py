"""How a change set becomes the next revision of a Neo4j database: one writer at a time, all of it or nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import Final

import neo4j

from graphsms.errors import ConflictError, CorruptError, StoreError
from graphsms.model import ChangeSet, Revision
from graphsms.store._neo4j_lanes import InSteps, InTransaction, clear_leftovers, finish
from graphsms.store._neo4j_names import Names
from graphsms.store._neo4j_schema import META, State, ensure_marked_index, locked, revision_from
from graphsms.store._neo4j_server import Server
from graphsms.store._neo4j_spool import Spool
from graphsms.store._neo4j_write import Writing
from graphsms.store.journal import EMPTY, Clock, Images, sealed
from graphsms.vocabulary import Vocabulary

__all__ = ["LARGE", "apply"]

LARGE: Final = 50_000  # stated by one change set: then it creates in steps


def apply(
    server: Server,
    names: Names,
    vocabulary: Vocabulary,
    changes: ChangeSet,
    spool: Spool,
    marked: tuple[str, ...],
    clock: Clock,
) -> Revision:
    """Make a change set true.

    Parameters
    ----------
    spool : Spool
        Of the change set.
    marked : tuple of str
        Relations whose marks have an index already.

    Returns
    -------
    Revision
        The one that it makes, or the present one where it changes nothing.
    """
    for relation in spool.marked.difference(marked):
        ensure_marked_index(server, names, relation)
    in_steps = spool.total > LARGE

    def work(run: neo4j.ManagedTransaction) -> Revision:
        state = locked(run, server)
        clear_leftovers(server)
        if changes.base not in (None, state.revision):
            raise ConflictError(
                f"The change set was made from revision {changes.base}, and the graph is at {state.revision} by now:"
                " read it again and make the change set anew; nothing was changed."
            )
        lane = InSteps(server, state.last_k + 1, state.revision + 1) if in_steps else InTransaction(run)
        previous = _previous(run, state)
        with (
            Images() as images,
            closing(Writing(run, lane, names, vocabulary, state, images, changes.exact)) as writing,
        ):
            writing.write(spool)
            if not any(writing.totals):
                return previous
            revision = sealed(previous, changes, clock(), writing.totals, images)
            run.run("CREATE (r:Revision) SET r = $made", made={**asdict(revision), **writing.touched}).consume()
            run.run(f"MATCH {META} SET m.state = $state", state=writing.state(spool.marked).json()).consume()
        if in_steps:
            finish(run)
        return revision

    try:
        return server.write(work)
    except BaseException:
        if in_steps:
            _clear_after_failure(server)
        raise


def _previous(run: neo4j.ManagedTransaction, state: State) -> Revision:
    if state.revision == 0:
        return EMPTY
    record = run.run("MATCH (r:Revision {number: $number}) RETURN properties(r)", number=state.revision).single()
    if record is None:
        raise CorruptError(f"The store lacks its revision {state.revision}: restore a backup.")
    return revision_from(record[0])


def _clear_after_failure(server: Server) -> None:
    def work(run: neo4j.ManagedTransaction) -> None:
        locked(run, server)
        clear_leftovers(server)

    try:
        server.write(work)
    except StoreError:
        return  # it cannot be reached; the next writer does it
