"""Where the live graph and its history are kept: the `Store` protocol, and `open_store` by URL.

Two implementations, one contract (``tests/contract/``): `SqliteStore`, one file, the default, and
`Neo4jStore`. A store knows the vocabulary, checks that every relation has both its ends, and keeps
every revision readable; whether what it is given makes sense is checked before it gets here
(`graphsms.ingest`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from graphsms.errors import InputError
from graphsms.model import ChangeSet, Entity, Relation, Revision, Touched
from graphsms.store.versions import Census
from graphsms.vocabulary import Vocabulary

__all__ = [
    "DEFAULT_URL",
    "EdgeStream",
    "GraphStream",
    "NodeStream",
    "PackedIntegers",
    "SourceState",
    "Store",
    "files_of",
    "open_store",
]

DEFAULT_URL = "graphsms.db"

# A chunk of integers as a store can give it fastest: a list, or their decimal digits between commas.
PackedIntegers: TypeAlias = str | list[int]

# Marks of an entity or a relation that the snapshot must know without reading its properties.
MARK_PLACEHOLDER = 1  # entity: only referred to, never described
MARK_NOT_LIVE = 2  # entity: its lifecycle status does not carry failure
MARK_DATED = 4  # entity or relation: has validFrom or validTo; look them up before use
MARK_HARD = 8  # relation: says hard itself
MARK_SOFT = 16  # relation: says soft itself


@dataclass(frozen=True, slots=True)
class NodeStream:
    """Entities of one type: each integer is ``k << 32 | source << 8 | marks``, ascending in k.

    ``k`` is the store's own key of the entity, stable over revisions, from 1, under 2**31;
    ``source`` is an index into `GraphStream.sources` (under 2**24).
    """

    type: str
    chunks: Iterable[PackedIntegers]


@dataclass(frozen=True, slots=True)
class EdgeStream:
    """Relations of one type: each integer is ``subject k << 32 | object k``, without those in ``marked``.

    ``marked`` holds the few relations with marks: (subject k, object k, marks).
    """

    type: str
    chunks: Iterable[PackedIntegers]
    marked: Sequence[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class GraphStream:
    """All of the graph at one revision that a snapshot needs, as packed integers.

    Consume it in order, nodes before edges, within the ``with`` block that yields it. Edges are those
    of the relations asked for.
    """

    revision: int
    sources: Sequence[str]
    nodes: Iterable[NodeStream]
    edges: Iterable[EdgeStream]


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as the store knows it: when it was last imported, even if nothing had changed, and
    for how long that counts as fresh (ISO 8601 duration, or "" for no limit)."""

    name: str
    format: str
    last_import: str
    fresh_for: str


class Store(Protocol):
    """The live graph and its history. Not shared between threads; any number of processes."""

    @property
    def url(self) -> str:
        """Where it is, without a password."""

    @property
    def identity(self) -> str:
        """Made when the store was made, never changed: what caches of it are kept under."""

    @property
    def vocabulary(self) -> Vocabulary: ...

    def close(self) -> None: ...

    def __enter__(self) -> Store: ...

    def __exit__(self, *exception: object) -> None: ...

    # ------------------------------------------------------------------------------- writing

    def apply(self, changes: ChangeSet) -> Revision:
        """Make a change set true, all of it or nothing.

        Read in this order, each part once: entities, relations, removed entities, removed relations. What
        it states twice must be equal, and counts once; what is removed twice is removed once. What differs
        from what is stored in its source alone is left alone; what changes otherwise takes the source that is
        given, and keeps its own where none is.

        Returns
        -------
        Revision
            The new one, or the present one where nothing had to change.

        Raises
        ------
        IntegrityError
            A relation would lack an end, what is to be removed does not exist, or the change set
            contradicts itself: states something twice and differently, or states and removes it.
        ConflictError
            ``changes.base`` is not the present revision.
        UnavailableError, CorruptError
        """

    def note_import(self, source: SourceState) -> None:
        """Remember that a source has been imported; makes no revision."""

    def set_setting(self, name: str, value: str) -> None:
        """Keep something that the organization decides for this graph, such as its time zone; makes no revision."""

    # ------------------------------------------------------------------------------- reading
    #
    # ``at`` is a revision that the store has, 0 for the empty one; any other is an InputError. An iterator
    # gives the graph as it was when its first item was asked for, whatever is written meanwhile.

    def setting(self, name: str) -> str | None:
        """What was kept under that name, if anything."""

    def revision(self) -> Revision:
        """The present one; number 0 (`graphsms.store.journal.EMPTY`) where nothing has been stored yet."""

    def revisions(self, since: int = 0) -> Iterator[Revision]:
        """Those after ``since``, in order."""

    def revision_at(self, time: str) -> Revision:
        """The one that was present at a moment (UTC, canonical)."""

    def entity(self, id: str, at: int | None = None) -> Entity | None: ...

    def entities(
        self, ids: Iterable[str] | None = None, type: str | None = None, at: int | None = None
    ) -> Iterator[Entity]:
        """Entities in order of their ids; those of ``type`` include its subclasses. Unknown ids are passed over."""

    def relations(
        self,
        subjects: Iterable[str] | None = None,
        objects: Iterable[str] | None = None,
        type: str | None = None,
        at: int | None = None,
    ) -> Iterator[Relation]:
        """Relations in order of their keys. With both ``subjects`` and ``objects``: those with either end
        among them."""

    def having(self, property: str) -> Iterator[Entity]:
        """Entities that have a property, in order of their ids. Without an index: for what few have, and seldom."""

    def find(self, text: str, type: str | None = None, limit: int = 50) -> list[Entity]:
        """Entities whose id or name contains the text, whatever its case: that with just this id first, then
        those whose id differs only in case, then by id."""

    def nearest_ids(self, id: str, limit: int = 3) -> list[str]:
        """Ids that may have been meant."""

    def counts(self) -> dict[str, int]:
        """How many live entities and relations of each type (by local name)."""

    def sources(self) -> list[SourceState]: ...

    def touched(self, since: int, until: int | None = None) -> Iterator[Touched]:
        """What the revisions after ``since`` (up to ``until``, included) did, revision by revision: in each the
        entities in order of their ids, then the relations in order of their keys."""

    def touched_of(self, id: str) -> list[Touched]:
        """What the revisions did to one entity and to the relations that it is an end of, in the same order; also of
        an entity that is gone. Found by its id, without reading what else they did."""

    def census(self) -> Census:
        """The rows at one revision, counted by the revisions that they begin and end with, whether or not those are
        there: what is put in or taken out behind the store's back shows."""

    def stream(self, relations: Sequence[str], at: int | None = None) -> AbstractContextManager[GraphStream]:
        """The graph as packed integers, with the relations of the types asked for, at one revision throughout."""

    def keys(self, ids: Sequence[str], at: int | None = None) -> list[int | None]:
        """The store's own keys of entities, in the order of ``ids``; None where there is no such entity."""

    def by_keys(self, keys: Sequence[int], at: int | None = None) -> Iterator[tuple[int, Entity]]:
        """Entities by the store's own keys, ascending."""

    def dated(self, at: int | None = None) -> tuple[list[tuple[int, str, str]], list[tuple[str, int, int, str, str]]]:
        """Validity of what is marked as dated: entities as (k, from, to), relations as (type, subject k,
        object k, from, to); "" where there is no limit."""

    def cache_folder(self) -> str | None:
        """A folder beside the store where derived files may be kept, or None where there is none."""


def files_of(store: Store) -> frozenset[Path]:
    """The files of an embedded store, which nothing else may open while it is.

    Whoever opens and closes one of them undoes the locks of the whole process (POSIX), and what is then
    written can be lost.
    """
    if "://" in store.url:
        return frozenset()
    path = Path(store.url).resolve()
    return frozenset(path.with_name(path.name + ending) for ending in ("", "-wal", "-shm", "-journal"))


def open_store(url: str | None = None, *, vocabulary: Vocabulary | None = None, create: bool = True) -> Store:
    """Open a store by its URL: a path to a file, or ``neo4j://``, ``bolt://`` (also ``+s``, ``+ssc``).

    Parameters
    ----------
    url : str, optional
        Without it, the environment's ``GRAPHSMS_STORE``, and without that ``graphsms.db`` here.
        For Neo4j, user and password stand in the URL or in ``NEO4J_USERNAME`` and ``NEO4J_PASSWORD``.
    vocabulary : Vocabulary, optional
        Without it, that of our own ontology.
    create : bool
        Whether an embedded store that does not exist is made.

    Raises
    ------
    InputError
        The URL is of no known kind, or the file does not exist and is not to be made.
    StoreError
        The store cannot be opened; which subclass says why.
    """
    from graphsms.ontology import load

    url = url or os.environ.get("GRAPHSMS_STORE") or DEFAULT_URL
    words = vocabulary or load()
    scheme, separator, _ = url.partition("://")
    if not separator or scheme in ("sqlite", "file"):
        from graphsms.store.sqlite import SqliteStore

        return SqliteStore.open(url, words, create=create)
    if scheme.partition("+")[0] in ("neo4j", "bolt"):
        from graphsms.store.neo4j import Neo4jStore

        return Neo4jStore.open(url, words)
    raise InputError(  # without the URL, there may be a password in it
        f"A store {scheme}:// is of no known kind: give a file, or a URL that begins with neo4j:// or bolt://."
    )
