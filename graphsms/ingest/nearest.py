"""Which word may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean", "nearest"]


def nearest(word: str, words: Iterable[str], limit: int = 3) -> list[str]:
    """The words most like a given one, nearest first; case, hyphens and underscores count for nothing.

    Examples
    --------
    >>> nearest("depends_on", ["dependsOn", "hostedOn", "name"])
    ['dependsOn']
    """
    by_form: dict[str, str] = {}
    for one in sorted(words):
        by_form.setdefault(_form(one), one)
    return [by_form[form] for form in get_close_matches(_form(word), by_form, n=limit, cutoff=0.7)]


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """`nearest` as a question to put behind a message, or nothing.

    Examples
    --------
    >>> did_you_mean("Sevrice", ["Service", "Server"])
    ' Did you mean Service?'
    """
    found = nearest(word, words)
    return f" Did you mean {' or '.join(found)}?" if found else ""


def _form(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "").replace(" ", "")
