"""The embedded store: one SQLite file, safe for any number of processes at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from graphsms.errors import ConflictError, StoreError
from graphsms.model import ChangeSet, Entity, Relation, Revision, Touched
from graphsms.moments import now
from graphsms.store import GraphStream, SourceState
from graphsms.store import _sqlite_read as read
from graphsms.store._sqlite_file import File, connected, foreign, opened, path_of, translated
from graphsms.store._sqlite_search import find, nearest_ids
from graphsms.store._sqlite_stream import counts, dated, graph_stream
from graphsms.store._sqlite_versions import census, versions_of
from graphsms.store._sqlite_write import Writing
from graphsms.store.bulk import NewEntities, NewRelations
from graphsms.store.journal import Clock, Images, sealed
from graphsms.store.versions import Census, touched_by
from graphsms.vocabulary import Vocabulary

__all__ = ["SqliteStore"]

_Thing = TypeVar("_Thing", Entity, Relation)
_TIMEOUT = 10.0  # seconds that another process's import is waited for


class SqliteStore:
    """A graph and its history in one file, in SQLite's WAL mode: readers and the one writer do not wait for
    each other. Made by `open`.

    Every reading and every writing has a connection of its own while it lasts, so that what is being
    iterated over stays as it was, also while this very store is written.
    """

    def __init__(
        self, url: str, file: File, connection: sqlite3.Connection, vocabulary: Vocabulary, clock: Clock
    ) -> None:
        self._url = url
        self._file = file
        self._vocabulary = vocabulary
        self._clock = clock
        self._connections = [connection]
        self._idle = [connection]
        self._closed = False
        with self._transaction() as reading:
            (identity,) = reading.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()
        self._identity = str(identity)

    @classmethod
    def open(
        cls,
        url: str,
        vocabulary: Vocabulary,
        *,
        create: bool = True,
        timeout: float = _TIMEOUT,
        clock: Clock = now,
    ) -> SqliteStore:
        """Open a store by the path or URL of its file.

        Parameters
        ----------
        url : str
            A path, ``sqlite:///`` and a path, or ``file://``.
        vocabulary : Vocabulary
        create : bool
            Whether a file that does not exist is made.
        timeout : float
            Seconds to wait for another process that is writing.
        clock : callable
            Gives the present moment in canonical form, to the microsecond.

        Raises
        ------
        InputError
            The URL names no file, or the file does not exist and is not to be made.
        UnavailableError
            The file cannot be read, is locked, or was made by a newer version.
        CorruptError
            The file is no store of ours, or is damaged.

        Examples
        --------
        >>> import tempfile
        >>> from graphsms.ontology import load
        >>> with tempfile.TemporaryDirectory() as folder, SqliteStore.open(f"{folder}/estate.db", load()) as store:
        ...     store.apply(ChangeSet(entities=[Entity("web", "Service")], actor="Ada")).number
        1
        """
        path = path_of(url)
        file, connection = opened(path, create=create, timeout=timeout)
        try:
            return cls(path, file, connection, vocabulary, clock)
        except BaseException:
            connection.close()
            raise

    @property
    def url(self) -> str:
        """The path as it was given."""
        return self._url

    @property
    def identity(self) -> str:
        """A UUID made with the file."""
        return self._identity

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    def close(self) -> None:
        """Close the file; closing it again does nothing."""
        self._closed = True
        self._idle.clear()
        with translated(self._file.path):
            while self._connections:
                self._connections.pop().close()

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------- writing

    def apply(self, changes: ChangeSet) -> Revision:
        with self._transaction("IMMEDIATE") as connection, Images() as images:
            previous = read.present(connection)
            if changes.base not in (None, previous.number):
                raise ConflictError(
                    f"The change set was made from revision {changes.base}, and the graph is at {previous.number} by"
                    " now: read it again and make the change set anew; nothing was changed."
                )
            writing = Writing(connection, self._vocabulary, previous.number + 1, images)
            writing.write(
                replace(
                    changes,
                    entities=_foreign(changes.entities),
                    relations=_foreign(changes.relations),
                    removed_entities=foreign(changes.removed_entities),
                    removed_relations=foreign(changes.removed_relations),
                )
            )
            if not any(writing.counts):
                return previous
            revision = sealed(previous, changes, self._clock(), writing.counts, images)
            writing.close(revision)
            connection.execute("COMMIT")
        return revision

    def note_import(self, source: SourceState) -> None:
        note = """
            INSERT INTO source (code, name, format, last_import, fresh_for)
            VALUES ((SELECT coalesce(max(code), 0) + 1 FROM source), ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE
            SET format = excluded.format, last_import = excluded.last_import, fresh_for = excluded.fresh_for
        """
        with self._transaction("IMMEDIATE") as connection:
            connection.execute(note, (source.name, source.format, source.last_import, source.fresh_for))
            connection.execute("COMMIT")

    def set_setting(self, name: str, value: str) -> None:
        keep = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        with self._transaction("IMMEDIATE") as connection:
            connection.execute(keep, (f"setting {name}", value))
            connection.execute("COMMIT")

    # ------------------------------------------------------------------------------- reading

    def setting(self, name: str) -> str | None:
        with self._transaction() as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = ?", (f"setting {name}",)).fetchone()
        return None if row is None else str(row[0])

    def revision(self) -> Revision:
        with self._transaction() as connection:
            return read.present(connection)

    def revisions(self, since: int = 0) -> Iterator[Revision]:
        with self._transaction() as connection:
            yield from read.revisions(connection, since)

    def revision_at(self, time: str) -> Revision:
        with self._transaction() as connection:
            return read.revision_at(connection, time)

    def entity(self, id: str, at: int | None = None) -> Entity | None:
        with self._reading(at) as connection:
            return read.entity(connection, id, at)

    def entities(
        self, ids: Iterable[str] | None = None, type: str | None = None, at: int | None = None
    ) -> Iterator[Entity]:
        with self._reading(at) as connection:
            yield from read.entities(connection, self._vocabulary, ids, type, at)

    def relations(
        self,
        subjects: Iterable[str] | None = None,
        objects: Iterable[str] | None = None,
        type: str | None = None,
        at: int | None = None,
    ) -> Iterator[Relation]:
        with self._reading(at) as connection:
            yield from read.relations(connection, subjects, objects, type, at)

    def having(self, property: str) -> Iterator[Entity]:
        with self._transaction() as connection:
            yield from read.having(connection, property)

    def find(self, text: str, type: str | None = None, limit: int = 50) -> list[Entity]:
        with self._transaction() as connection:
            return find(connection, self._vocabulary, text, type, limit)

    def nearest_ids(self, id: str, limit: int = 3) -> list[str]:
        with self._transaction() as connection:
            return nearest_ids(connection, id, limit)

    def counts(self) -> dict[str, int]:
        with self._transaction() as connection:
            return counts(connection)

    def sources(self) -> list[SourceState]:
        noted = "SELECT name, format, last_import, fresh_for FROM source WHERE last_import IS NOT NULL ORDER BY name"
        with self._transaction() as connection:
            return [SourceState(*row) for row in connection.execute(noted)]

    def touched(self, since: int, until: int | None = None) -> Iterator[Touched]:
        with self._reading(until) as connection:
            last = read.present(connection).number if until is None else until
            yield from read.touched(connection, since, last)

    def touched_of(self, id: str) -> list[Touched]:
        with self._transaction() as connection:
            return touched_by(versions_of(connection, id))

    def census(self) -> Census:
        with self._transaction() as connection:
            return census(connection, self._vocabulary)

    @contextmanager
    def stream(self, relations: Sequence[str], at: int | None = None) -> Iterator[GraphStream]:
        # What goes wrong in the caller's block comes by here too, and is none of the store's.
        with self._leased("DEFERRED") as connection:
            with translated(self._file.path):
                read.require_revision(connection, at)
            with graph_stream(connection, self._vocabulary, relations, at, self._file.path) as graph:
                yield graph

    def keys(self, ids: Sequence[str], at: int | None = None) -> list[int | None]:
        with self._reading(at) as connection:
            return read.keys(connection, ids, at)

    def by_keys(self, keys: Sequence[int], at: int | None = None) -> Iterator[tuple[int, Entity]]:
        with self._reading(at) as connection:
            yield from read.by_keys(connection, keys, at)

    def dated(self, at: int | None = None) -> tuple[list[tuple[int, str, str]], list[tuple[str, int, int, str, str]]]:
        with self._reading(at) as connection:
            return dated(connection, at)

    def cache_folder(self) -> str | None:
        """Beside the file, named after it; made by whoever first keeps something there."""
        return None if self._file.immutable else f"{self._file.path}.cache"

    # ---------------------------------------------------------------------------- connections

    @contextmanager
    def _reading(self, at: int | None) -> Iterator[sqlite3.Connection]:
        with self._transaction() as connection:
            read.require_revision(connection, at)
            yield connection

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        with translated(self._file.path), self._leased(kind) as connection:
            yield connection

    @contextmanager
    def _leased(self, kind: str) -> Iterator[sqlite3.Connection]:
        """A connection of its own in a transaction, which is undone unless it has been committed."""
        if self._closed:
            raise StoreError(f"The store {self._url} has been closed; open it again.")
        with translated(self._file.path):
            if not self._idle:
                self._idle.append(connected(self._file))
                self._connections.append(self._idle[-1])
            connection = self._idle.pop()
        try:
            with translated(self._file.path):
                connection.execute(f"BEGIN {kind}")
            yield connection
        finally:
            if not self._closed:
                if connection.in_transaction:  # a reader has written to tables of its own, and keeps those
                    connection.execute("COMMIT" if kind == "DEFERRED" else "ROLLBACK")
                self._idle.append(connection)


def _foreign(items: Iterable[_Thing]) -> Iterable[_Thing]:
    return items.through(foreign) if isinstance(items, NewEntities | NewRelations) else foreign(items)
