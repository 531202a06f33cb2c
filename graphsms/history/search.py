"""Finding entities as they were at a revision, by a part of their id or name."""

from __future__ import annotations

from heapq import nsmallest
from operator import itemgetter

from graphsms.model import Entity
from graphsms.store import Store
from graphsms.store.likeness import rank

__all__ = ["find_at"]


def find_at(store: Store, text: str, type: str | None, limit: int, at: int) -> list[Entity]:
    """Entities whose id or name contained a text, whatever its case, in the order of `graphsms.store.Store.find`.

    Notes
    -----
    Stores have an index of what is there now; of an earlier revision every entity is looked at.

    Examples
    --------
    >>> import tempfile
    >>> from graphsms.model import ChangeSet
    >>> from graphsms.store import open_store
    >>> with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/estate.db") as store:
    ...     one = store.apply(ChangeSet(entities=[Entity("web", "Service", {"name": "Shop"})]))
    ...     two = store.apply(ChangeSet(entities=[Entity("web", "Service", {"name": "Sale"})]))
    ...     [found.id for found in find_at(store, "shop", None, 50, 1)], store.find("shop")
    (['web'], [])
    """
    found = (
        (place, entity.id, entity)
        for entity in store.entities(type=type, at=at)
        if (place := rank(text, entity.id, entity.name)) is not None
    )
    return [entity for _, _, entity in nsmallest(limit, found, key=itemgetter(0, 1))]
