"""Files that commands write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from graphsms.errors import InputError

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = ["spare"]


def spare(store: Store, paths: Iterable[Path], what: str) -> None:
    """Nothing that is written takes the place of the graph that it is made from.

    Raises
    ------
    InputError
        One of the paths is the store.
    """
    from graphsms.store import files_of

    kept = files_of(store)
    for path in paths:
        if path.resolve() in kept:
            raise InputError(f"{path} is the store itself: give {what} another name.")
