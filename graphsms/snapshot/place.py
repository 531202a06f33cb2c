"""Where the snapshot of a store is kept on disk; apart, since asking whether there is one must import nothing heavy."""

from __future__ import annotations

from pathlib import Path

from graphsms.store import Store

__all__ = ["cache_file"]


def cache_file(store: Store) -> Path | None:
    """The file beside a store for its snapshot under its ontology; None where nothing can be kept."""
    folder = store.cache_folder()
    return None if folder is None else Path(folder) / f"{store.vocabulary.hash[:16]}.snapshot"
