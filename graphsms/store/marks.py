"""What the snapshot must know of an entity or a relation without reading its properties, as bits."""

from __future__ import annotations

from collections.abc import Mapping

from graphsms.model import Value
from graphsms.store import MARK_DATED, MARK_HARD, MARK_NOT_LIVE, MARK_PLACEHOLDER, MARK_SOFT
from graphsms.vocabulary import LIFECYCLE, PLACEHOLDER, STRENGTH, VALID_FROM, VALID_TO, Vocabulary

__all__ = ["entity_marks", "not_live", "relation_marks"]

_STRENGTHS = {"hard": MARK_HARD, "soft": MARK_SOFT}


def not_live(vocabulary: Vocabulary) -> frozenset[str]:
    """The lifecycle statuses, by notation, of what carries no failure: it is not there yet, or no more."""
    code_list = vocabulary.properties[LIFECYCLE].code_list
    codes = vocabulary.code_lists[code_list].codes if code_list else ()
    return frozenset(code.notation for code in codes if code.carries_failure is False)


def entity_marks(properties: Mapping[str, Value], not_live: frozenset[str]) -> int:
    """The marks of an entity; ``not_live`` as the function of that name has it.

    Examples
    --------
    >>> entity_marks({"placeholder": True, "validTo": "2026-11-22T00:00:00Z"}, frozenset())
    5
    """
    marks = 0
    if properties.get(PLACEHOLDER) is True:
        marks |= MARK_PLACEHOLDER
    if LIFECYCLE in properties and properties[LIFECYCLE] in not_live:
        marks |= MARK_NOT_LIVE
    if VALID_FROM in properties or VALID_TO in properties:
        marks |= MARK_DATED
    return marks


def relation_marks(properties: Mapping[str, Value]) -> int:
    """The marks of a relation.

    Examples
    --------
    >>> relation_marks({"strength": "soft"})
    16
    """
    if not properties:
        return 0
    marks = _STRENGTHS.get(str(properties.get(STRENGTH)), 0)
    if VALID_FROM in properties or VALID_TO in properties:
        marks |= MARK_DATED
    return marks
