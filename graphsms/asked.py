"""What people ask for from Python, where anything may be given in place of an id, a text or a number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graphsms.errors import InputError

__all__ = ["asked_id", "asked_ids", "asked_limit", "asked_text"]

MOST: Final = 1_000_000_000


def asked_id(value: object) -> str:
    """An id, as it was given.

    Raises
    ------
    InputError
        It is no text.

    Examples
    --------
    >>> asked_id("web")
    'web'
    """
    if isinstance(value, str):
        return value
    hint = f" Give {str(value)!r}." if isinstance(value, int) else ""
    raise InputError(f"An id is text, and {_shown(value)} is none.{hint}")


def asked_ids(*given: str | Iterable[str]) -> tuple[str, ...]:
    """Ids that were given one by one or several in a list, a set, a column; each once, in the order given.

    Raises
    ------
    InputError
        One of them is no text.

    Examples
    --------
    >>> asked_ids("web", ["db-1", "web"])
    ('web', 'db-1')
    """
    found: dict[str, None] = {}
    for one in given:
        several = isinstance(one, Iterable) and not isinstance(one, str | bytes)
        for id in one if several else (one,):
            found[asked_id(id)] = None
    return tuple(found)


def asked_text(value: object, what: str) -> str:
    """A text, as it was given.

    Raises
    ------
    InputError
        It is none.

    Examples
    --------
    >>> asked_text("shop", "What to look for")
    'shop'
    """
    if isinstance(value, str):
        return value
    raise InputError(f"{what} is text, and {_shown(value)} is none.")


def asked_limit(value: object) -> int:
    """How many at most.

    Raises
    ------
    InputError
        It is no such number, or none that all stores can count to.

    Examples
    --------
    >>> asked_limit(50)
    50
    """
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST:
        return value
    raise InputError(f"A limit is a whole number from 1 to {MOST:,}, and {_shown(value)} is none.")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
