"""The graph as arrays: built from a store, refreshed, cached, and the kernels that run on it.

Up to some 30,000 entities a graph is streamed anew and read in plain Python, which is faster than to import
what compiled code needs. Beyond that its arrays are kept on disk beside the store, and in this process.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final

from graphsms.snapshot.carriage import Carriage
from graphsms.snapshot.live import LiveGraph
from graphsms.snapshot.place import cache_file
from graphsms.snapshot.plain import PlainSnapshot, build
from graphsms.snapshot.validity import microseconds
from graphsms.store import NodeStream, Store

if TYPE_CHECKING:
    from graphsms.snapshot.arrays import ArraySnapshot

__all__ = ["SMALL", "live_graph", "snapshot"]

# Up to so many entities, plain Python answers sooner than compiled code from a cold start.
SMALL: Final = 30_000

_Key = tuple[str, str, int, str]  # store, ontology, revision and its hash
_KEPT: Final = 3
_WORTH_KEEPING: Final = 0.2  # seconds: what writing some tens of megabytes takes

_kept: OrderedDict[_Key, PlainSnapshot | ArraySnapshot] = OrderedDict()


def live_graph(store: Store, as_of: str, at: int | None = None) -> LiveGraph:
    """The part of the graph in a store that is live at a moment.

    Parameters
    ----------
    store : Store
    as_of : str
        The moment, in canonical form (UTC).
    at : int, optional
        The revision; the present one without it.
    """
    return snapshot(store, at).live(microseconds(as_of))


def snapshot(store: Store, at: int | None = None) -> PlainSnapshot | ArraySnapshot:
    """The graph at a revision as the analyses read it; the same object as long as it is the same graph.

    Parameters
    ----------
    store : Store
    at : int, optional
        The revision; the present one without it.
    """
    present = store.revision()
    number = present.number if at is None else at
    key = _key(store, number, present.hash if number == present.number else _hash(store, number))
    found = _kept.get(key)
    if found is None:
        if number == present.number:
            found = _brought_up_to_date(store, key)
        if found is None:
            found = _streamed(store, None if number == present.number else number)
        if found.revision != number:  # another process has gone on in the meantime
            key = _key(store, found.revision, _hash(store, found.revision))
        _kept[key] = found
    with suppress(KeyError):  # another thread may have had to make room
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def _key(store: Store, revision: int, revision_hash: str) -> _Key:
    return (store.identity, store.vocabulary.hash, revision, revision_hash)


def _hash(store: Store, revision: int) -> str:
    """The hash of a revision, which tells apart histories of the same store; "" for one that is not there."""
    found = next(store.revisions(since=revision - 1), None) if revision > 0 else None
    return "" if found is None else found.hash


def _streamed(store: Store, at: int | None) -> PlainSnapshot | ArraySnapshot:
    with store.stream(Carriage.of(store.vocabulary).streamed, at) as stream:
        nodes = [NodeStream(one.type, list(one.chunks)) for one in stream.nodes]
        count = sum(
            chunk.count(",") + 1 if isinstance(chunk, str) else len(chunk) for one in nodes for chunk in one.chunks
        )
        if count <= SMALL:
            return build(store, stream, nodes)
        from graphsms.snapshot import arrays, cache

        built = arrays.build(store, stream, nodes)
    if at is None:
        cache.save(built, store, _hash(store, built.revision))
    return built


def _brought_up_to_date(store: Store, wanted: _Key) -> ArraySnapshot | None:
    """What this process or the disk has of the same history at the same or an earlier revision, at the one wanted."""
    earlier = _earlier(store, wanted)
    place = cache_file(store)
    if earlier is None and (place is None or not place.exists()):
        return None
    from graphsms.snapshot import cache, refresh

    if earlier is None:
        loaded = cache.load(store)
        if loaded is None or loaded[0].revision > wanted[2] or loaded[1] != _hash(store, loaded[0].revision):
            return None
        earlier = loaded[0]
        if earlier.revision == wanted[2]:
            return earlier
    started = monotonic()
    refreshed = refresh.refreshed(earlier, store)
    if refreshed and refreshed.revision == wanted[2] and monotonic() - started > _WORTH_KEEPING:
        cache.save(refreshed, store, wanted[3])
    return refreshed


def _earlier(store: Store, wanted: _Key) -> ArraySnapshot | None:
    """The latest large graph of the same history that this process knows; it lets go of it."""
    known = [key for key in list(_kept) if key[:2] == wanted[:2] and key[2] < wanted[2]]
    for key in sorted(known, key=lambda key: key[2], reverse=True):
        snapshot = _kept.get(key)
        if snapshot is not None and key[3] == _hash(store, key[2]) and not isinstance(snapshot, PlainSnapshot):
            _kept.pop(key, None)
            return snapshot
    return None
