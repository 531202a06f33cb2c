"""Words that the parts of an assessment share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphsms.change.considered import NONE_FOUND, NOT_RECORDED, Part
from graphsms.change.considering import Spec
from graphsms.change.reach import Reach
from graphsms.model import Entity
from graphsms.report.tables import Cell, Table

__all__ = ["label_of", "listed", "none_of", "plural", "shown"]

_MOST = 5


def listed(ids: Iterable[str]) -> str:
    """Ids in a sentence, the first few of many.

    Examples
    --------
    >>> listed(["a", "b"])
    'a, b'
    >>> listed("abcdefg")
    'a, b, c, d, e and 2 more'
    """
    found = list(dict.fromkeys(ids))
    more = len(found) - _MOST
    return ", ".join(found[:_MOST]) + (f" and {more:,} more" if more > 0 else "")


def plural(count: int, word: str) -> str:
    """So many of something.

    Examples
    --------
    >>> plural(1, "service"), plural(2, "service"), plural(2, "policy")
    ('1 service', '2 services', '2 policies')
    """
    if count == 1:
        return f"1 {word}"
    return f"{count:,} {word[:-1]}ies" if word.endswith("y") else f"{count:,} {word}s"


def shown(entity: Entity, properties: Sequence[str]) -> tuple[Cell, ...]:
    """What an entity says for properties; None where it says nothing."""
    return tuple(entity.properties.get(name) for name in properties)


def label_of(types: Iterable[str], reach: Reach) -> str:
    """What people call several types."""
    return " or ".join(reach.label(type) for type in types)


def none_of(spec: Spec, table: Table, unknown: str = "") -> Part:
    """A part that found nothing; ``unknown`` says why nothing could be found."""
    if unknown:
        return Part(spec.title, NOT_RECORDED, unknown, table)
    return Part(spec.title, NONE_FOUND, "None found.", table)
