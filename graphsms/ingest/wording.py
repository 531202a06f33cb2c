"""Names of things compared by their words, as people mean them."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["form", "words"]

_TOKEN: Final = re.compile(r"[^\W_]+")
_SMALL: Final = frozenset({"and", "of", "the", "for", "to", "a", "an", "or", "in", "on", "with", "by"})


def form(text: str) -> tuple[str, ...]:
    """The words of a text in their order, lower case and singular.

    Examples
    --------
    >>> form("Approved-by"), form("approved on")
    (('approved', 'by'), ('approved', 'on'))
    """
    return tuple(_singular(one) for one in _TOKEN.findall(text.casefold()))


def words(text: str) -> frozenset[str]:
    """The words of a text by which it is compared: lower case, singular, without small ones.

    Examples
    --------
    >>> sorted(words("Policies for the Management of Changes"))
    ['change', 'management', 'policy']
    """
    return frozenset(_singular(one) for one in _TOKEN.findall(text.casefold()) if one not in _SMALL)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
