"""Every error that graphsms raises on purpose, in one tree.

::

    GraphSmsError
    ├── VocabularyError        the ontology, ours or the user's, does not say what it must
    ├── InputError             what was read or asked cannot be used
    │   ├── RejectedError      a file has faults; ``faults`` lists them, nothing was applied
    │   └── UnknownIdError     no entity has that id; ``nearest`` says which may be meant
    ├── FetchError             another system did not give what was asked of it
    └── StoreError             the store could not do it, and did none of it
        ├── UnavailableError   no server, wrong password, locked, read-only, disk full
        ├── CorruptError       what is stored is not a graphsms store, or is damaged
        ├── ConflictError      the graph has moved on since the change set was made
        └── IntegrityError     the change set refers to what does not exist

A message names the object, the rule, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphsms.model import Fault

__all__ = [
    "ConflictError",
    "CorruptError",
    "FetchError",
    "GraphSmsError",
    "InputError",
    "IntegrityError",
    "RejectedError",
    "StoreError",
    "UnavailableError",
    "UnknownIdError",
    "VocabularyError",
]


class GraphSmsError(Exception):
    """Base of every error that graphsms raises on purpose."""


class VocabularyError(GraphSmsError):
    """An ontology file does not say what a vocabulary must (names the file, the term and the rule)."""


class InputError(GraphSmsError):
    """What was read or asked cannot be used."""


class RejectedError(InputError):
    """An input has faults, and nothing of it was applied.

    Attributes
    ----------
    faults : tuple of Fault
        Every fault found, in the order of the input.
    """

    def __init__(self, message: str, faults: Sequence[Fault]) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class UnknownIdError(InputError):
    """No entity has that id.

    Attributes
    ----------
    nearest : tuple of str
        Ids that may have been meant, nearest first.
    """

    def __init__(self, id: str, nearest: Sequence[str] = (), *, removed: int = 0) -> None:
        if removed:  # by that revision
            message = f"No entity has the id {id!r} any more: revision {removed} removed it; `graphsms history` tells."
        elif id in nearest:  # suggestions are of the present
            message = f"No entity had the id {id!r} at that time; one has it now."
        else:
            message = f"No entity has the id {id!r}." + (f" Did you mean {', '.join(nearest)}?" if nearest else "")
        super().__init__(message)
        self.id = id
        self.nearest = tuple(nearest)


class FetchError(GraphSmsError):
    """Another system did not give what was asked of it; what it has given before is kept.

    Attributes
    ----------
    status : int or None
        Of the answer over HTTP, where there was one.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class StoreError(GraphSmsError):
    """The store could not do what was asked, and did none of it."""


class UnavailableError(StoreError):
    """The store cannot be reached or written: no server, wrong password, locked, read-only, disk full."""


class CorruptError(StoreError):
    """What stands there is not a graphsms store, or is damaged."""


class ConflictError(StoreError):
    """The graph has moved on since the change set was made.

    Attributes
    ----------
    conflicts : tuple
        What stands in the way, one by one, where that is known (`graphsms.history.reversal.Conflict`).
    """

    def __init__(self, message: str, conflicts: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.conflicts = tuple(conflicts)


class IntegrityError(StoreError):
    """A change set refers to an entity that does not exist."""
