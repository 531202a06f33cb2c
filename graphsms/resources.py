"""Where the ontology, the queries and the examples lie: in the wheel inside the package, in a checkout beside it."""

from __future__ import annotations

from pathlib import Path

__all__ = ["resource"]

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The folder ``ontology``, ``queries`` or ``examples`` as shipped.

    Raises
    ------
    FileNotFoundError
        The installation is incomplete.
    """
    for place in (_PACKAGE / "_resources" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"graphsms is installed without its folder {name!r}; install it again")
