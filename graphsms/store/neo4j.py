"""The graph in a Neo4j database, where people's own Cypher sees it live: every entity under the labels of its type."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphsms.errors import InputError, StoreError, UnavailableError
from graphsms.model import ChangeSet, Entity, Relation, Revision, Touched
from graphsms.moments import now
from graphsms.store import GraphStream, SourceState
from graphsms.store._neo4j_apply import apply
from graphsms.store._neo4j_cypher import cypher
from graphsms.store._neo4j_history import revision_at, revisions, touched
from graphsms.store._neo4j_lanes import clear_leftovers_of_the_dead
from graphsms.store._neo4j_names import ENTITY, Names
from graphsms.store._neo4j_read import AsOf
from graphsms.store._neo4j_schema import State, opened, revision, state_of, stored_names
from graphsms.store._neo4j_search import find, nearest_ids
from graphsms.store._neo4j_server import Server, address_of
from graphsms.store._neo4j_spool import spooled
from graphsms.store._neo4j_stream import dated, graph_stream
from graphsms.store._neo4j_versions import census, versions_of
from graphsms.store.journal import Clock
from graphsms.store.versions import Census, touched_by
from graphsms.vocabulary import Vocabulary

__all__ = ["Neo4jStore"]

_COUNTED_ANEW = 20  # times, where others write meanwhile


class Neo4jStore:
    """A graph and its history in a Neo4j database, alone or in a cluster. Made by `open`.

    An entity is a node with the labels of its type and of all superclasses, a relation a relationship
    with the name of its type in capitals::

        (:Service:ConfigurationItem:Entity {id: 'web', name: 'Web shop'})-[:DEPENDS_ON]->(:Server ...)

    Readers never wait; writers wait for each other.
    """

    def __init__(self, server: Server, vocabulary: Vocabulary, identity: str, clock: Clock) -> None:
        self._server = server
        self._vocabulary = vocabulary
        self._identity = identity
        self._clock = clock
        self._closed = False
        self._names_known = ""
        self._state()

    @classmethod
    def open(cls, url: str, vocabulary: Vocabulary, *, clock: Clock = now) -> Neo4jStore:
        """Open the store in a database, and make the database one where it is none yet.

        Parameters
        ----------
        url : str
            ``neo4j://user:password@host:port/database`` (``bolt://`` for one server of a cluster; ``+s``
            encrypted, ``+ssc`` also where nobody vouches for the certificate). User and password can stand
            in ``NEO4J_USERNAME`` and ``NEO4J_PASSWORD`` instead.
        vocabulary : Vocabulary
        clock : callable
            Gives the present moment in canonical form, to the microsecond.

        Raises
        ------
        InputError
            The URL is none of a Neo4j database.
        UnavailableError
            The server does not answer, refuses the user, or cannot be written.
        CorruptError
            The database has entities that are not ours.
        VocabularyError
            The ontology uses a name that the store keeps for itself.
        """
        ours = Names.of(vocabulary)
        server = Server(address_of(url))
        try:
            identity = opened(server, ours)
            clear_leftovers_of_the_dead(server)
            return cls(server, vocabulary, identity, clock)
        except BaseException:
            server.close()
            raise

    def __repr__(self) -> str:
        return f"Neo4jStore({self.url!r})"

    @property
    def url(self) -> str:
        """Where it is, without user and password."""
        return self._server.address.shown

    @property
    def identity(self) -> str:
        """A UUID made with the store."""
        return self._identity

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    def close(self) -> None:
        """End the connection; ending it again does nothing."""
        self._closed = True
        self._server.close()

    def __enter__(self) -> Neo4jStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------- writing

    def apply(self, changes: ChangeSet) -> Revision:
        server = self._open_server
        with spooled(changes, self._vocabulary) as spool:
            marked = self._state().marked
            return apply(server, self._names, self._vocabulary, changes, spool, marked, self._clock)

    def note_import(self, source: SourceState) -> None:
        note = (
            "MERGE (s:GraphsmsSource {name: $name})"
            " SET s.format = $format, s.last_import = $last_import, s.fresh_for = $fresh_for"
        )
        values = {name: getattr(source, name) for name in SourceState.__dataclass_fields__}
        self._open_server.write(lambda run: run.run(note, values).consume())

    def set_setting(self, name: str, value: str) -> None:
        keep = "MERGE (s:GraphsmsSetting {name: $name}) SET s.value = $value"
        self._open_server.write(lambda run: run.run(keep, name=name, value=value).consume())

    # ------------------------------------------------------------------------------- reading

    def setting(self, name: str) -> str | None:
        row = self._open_server.one("MATCH (s:GraphsmsSetting {name: $name}) RETURN s.value", name=name)
        return None if row is None else str(row[0])

    def revision(self) -> Revision:
        return revision(self._server, self._state().revision)

    def revisions(self, since: int = 0) -> Iterator[Revision]:
        present = self._state().revision
        yield from revisions(self._server, since, present)

    def revision_at(self, time: str) -> Revision:
        return revision_at(self._open_server, time)

    def entity(self, id: str, at: int | None = None) -> Entity | None:
        return next(self._as_of(at)[0].entities((id,)), None)

    def entities(
        self, ids: Iterable[str] | None = None, type: str | None = None, at: int | None = None
    ) -> Iterator[Entity]:
        graph, _ = self._as_of(at)
        if type is None:
            yield from graph.all_entities() if ids is None else graph.entities(ids)
            return
        types = self._vocabulary.subtypes.get(type, (type,))
        wanted = graph.ids_of_types(types) if ids is None else ids
        yield from (entity for entity in graph.entities(wanted) if entity.type in types)

    def relations(
        self,
        subjects: Iterable[str] | None = None,
        objects: Iterable[str] | None = None,
        type: str | None = None,
        at: int | None = None,
    ) -> Iterator[Relation]:
        graph, _ = self._as_of(at)
        yield from graph.relations(subjects, objects, type)

    def having(self, property: str) -> Iterator[Entity]:
        graph, _ = self._as_of(None)
        some = f"MATCH (n:{ENTITY}) WHERE n[$property] IS NOT NULL RETURN n.id"
        ids = self._server.column(some, property=property)  # also of what has it since the revision
        yield from (entity for entity in graph.entities(ids) if property in entity.properties)

    def find(self, text: str, type: str | None = None, limit: int = 50) -> list[Entity]:
        types = None if type is None else list(self._vocabulary.subtypes.get(type, (type,)))
        return find(self._as_of(None)[0], text, types, limit)

    def nearest_ids(self, id: str, limit: int = 3) -> list[str]:
        return nearest_ids(self._as_of(None)[0], id, limit)

    def counts(self) -> dict[str, int]:
        return dict(sorted(self._state().counts.items()))

    def sources(self) -> list[SourceState]:
        noted = (
            "MATCH (s:GraphsmsSource) WHERE s.last_import IS NOT NULL"
            " RETURN s.name, s.format, s.last_import, s.fresh_for ORDER BY s.name"
        )
        return [SourceState(*row) for row in self._open_server.read(noted)]

    def touched(self, since: int, until: int | None = None) -> Iterator[Touched]:
        graph, _ = self._as_of(until)
        yield from touched(graph, since, graph.at)

    def touched_of(self, id: str) -> list[Touched]:
        return touched_by(versions_of(self._as_of(None)[0], id))

    def census(self) -> Census:
        for _ in range(_COUNTED_ANEW):
            graph, state = self._as_of(None)
            present = revision(self._server, state.revision)
            found = census(graph, present, sum(state.counts.values()))
            if self._state().revision == state.revision:
                return found
        raise UnavailableError(
            f"{self.url} is being written to all the time, and its rows cannot be counted: try again when that is over."
        )

    @contextmanager
    def stream(self, relations: Sequence[str], at: int | None = None) -> Iterator[GraphStream]:
        graph, state = self._as_of(at)
        yield graph_stream(graph, state, self._vocabulary, relations)

    def keys(self, ids: Sequence[str], at: int | None = None) -> list[int | None]:
        return self._as_of(at)[0].keys(ids)

    def by_keys(self, keys: Sequence[int], at: int | None = None) -> Iterator[tuple[int, Entity]]:
        graph, _ = self._as_of(at)
        yield from graph.by_keys(keys)

    def dated(self, at: int | None = None) -> tuple[list[tuple[int, str, str]], list[tuple[str, int, int, str, str]]]:
        return dated(*self._as_of(at))

    def cypher(
        self, query: str, parameters: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> tuple[list[str], list[list[Any]]]:
        """The answer to somebody's own query, which may read anything and change nothing.

        Parameters
        ----------
        query : str
            Cypher.
        parameters : mapping
        timeout : float
            Seconds after which the server gives up.

        Returns
        -------
        columns : list of str
        rows : list of list
            Plain values: an entity is its id, a relation (subject, name, object), a path the ids along it,
            any other node its properties; dates and durations are text.

        Raises
        ------
        InputError
            The query is none, lacks a parameter, or would change something.
        UnavailableError
            It took too long, or the server cannot be reached.
        """
        return cypher(self._open_server, self._names, query, parameters or {}, timeout)

    def cache_folder(self) -> str | None:
        """One for each store among the user's own caches; made by whoever first keeps something there."""
        caches = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return str(Path(caches) / "graphsms" / self._identity)

    # ------------------------------------------------------------------------------- helpers

    @property
    def _open_server(self) -> Server:
        if self._closed:
            raise StoreError(f"The store {self.url} has been closed; open it again.")
        return self._server

    def _state(self) -> State:
        state = state_of(self._open_server)
        if state.names != self._names_known:  # somebody with another ontology has opened the store
            self._names = Names.of(self._vocabulary).with_older(stored_names(self._server))
            self._names_known = state.names
        return state

    def _as_of(self, at: int | None) -> tuple[AsOf, State]:
        """The graph as of a revision, the present one if none is said; and where the store stands."""
        state = self._state()
        if at is not None and not 0 <= at <= state.revision:
            raise InputError(f"There is no revision {at}; the present one is {state.revision}.")
        return AsOf(self._server, self._names, state.revision if at is None else at), state
