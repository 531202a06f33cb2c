"""Parts of a graph's Python face: what is asked through them is asked of the graph that made them, as it would be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo

from graphsms.store import Store

__all__ = ["GraphPart"]


class GraphPart:
    """A part of a graph's face, made by the graph.

    Parameters
    ----------
    store : Store
    zone : tzinfo
        The organization's time zone: of dates that state none.
    at, as_of : callable, optional
        What turns what a person says of a revision and of a moment into the store's number and a canonical moment.
    """

    def __init__(
        self,
        store: Store,
        zone: tzinfo = UTC,
        *,
        at: Callable[[int | str | None], int | None] = lambda at: None if at is None else int(at),
        as_of: Callable[[str | None], str | None] = lambda as_of: as_of,
    ) -> None:
        self._store = store
        self._zone = zone
        self._at = at
        self._as_of = as_of
