"""Which id somebody may have meant, and in which order what is found by a text is shown; the same in every store."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

__all__ = ["most_alike", "pieces", "rank"]

_PIECES: Final = 6
_LONGEST: Final = 50_000  # characters
_ALIKE: Final = 0.6  # of the ratio of difflib, as its get_close_matches has it


def rank(text: str, id: str, name: str) -> int | None:
    """The place of an entity among those found by a text, 0 before 1 before 2, or None where it does not hold it.

    Examples
    --------
    >>> rank("db", "db", ""), rank("db", "DB", ""), rank("db", "x", "The DB"), rank("db", "x", "y")
    (0, 1, 2, None)
    """
    folded, own = text.casefold(), id.casefold()
    if id == text:
        return 0
    if own == folded:
        return 1
    return 2 if folded in own or folded in name.casefold() else None


def pieces(id: str) -> list[str]:
    """Short parts spread over an id: a slip of the finger leaves most of them whole.

    Examples
    --------
    >>> pieces("mailer")
    ['mai', 'mai', 'ail', 'ail', 'ile', 'ler']
    """
    length = min(3, max(1, len(id) // 2))
    last = min(len(id), _LONGEST) - length
    return [id[start : start + length] for start in (last * number // (_PIECES - 1) for number in range(_PIECES))]


def most_alike(id: str, candidates: Iterable[str], limit: int) -> list[str]:
    """Those of the candidates that are most like an id, nearest first; none that is unlike.

    Examples
    --------
    >>> most_alike("mailr", ["mailer", "web", "mail"], 3)
    ['mailer', 'mail']
    """
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(id.casefold())
    found: list[tuple[float, str]] = []
    for candidate in candidates:
        matcher.set_seq1(candidate.casefold())
        if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE:
            ratio = matcher.ratio()
            if ratio >= _ALIKE:
                found.append((-ratio, candidate))
    return [candidate for _, candidate in sorted(found)[:limit]]
