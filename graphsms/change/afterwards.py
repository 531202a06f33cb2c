"""How long after changes something is due, or counts as following from them: data of the policy (8.5.1.1, 8.5.1.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphsms.errors import InputError
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Fault
from graphsms.snapshot.validity import after
from graphsms.vocabulary import Vocabulary

__all__ = ["AFTERWARDS_KEYS", "Afterwards", "afterwards_of", "duration", "faults_of_afterwards"]

_URGENT: Final = "urgent"
_DURATIONS: Final = ("reviewed_within", "incidents_within", "trends_every")
AFTERWARDS_KEYS: Final = (_URGENT, *_DURATIONS)
_ANY: Final = "2000-01-01T00:00:00Z"  # a moment to try durations at


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What the policy says of the time after a change.

    Parameters
    ----------
    urgent : frozenset of str
        Categories of change that cannot wait for the usual assessment: what the share of emergencies counts.
    reviewed_within : str
        How long after a change was made its review is due.
    incidents_within : str
        How long after a change incidents on what it touched or hit are counted as following it.
    trends_every : str
        How often the records of changes are analysed for trends.
    """

    urgent: frozenset[str] = frozenset()
    reviewed_within: str = ""
    incidents_within: str = ""
    trends_every: str = ""


def duration(text: str, what: str) -> str:
    """A duration that is not nothing, as it was given.

    Raises
    ------
    InputError
        It is none.

    Examples
    --------
    >>> duration("P14D", "--within")
    'P14D'
    """
    if not _forward(text):
        raise InputError(f"{what} is a duration such as P14D, P1M or PT12H, and {text!r} is none.")
    return text


def afterwards_of(stated: Mapping[str, Any]) -> Afterwards:
    """From the content of a policy without faults."""
    return Afterwards(frozenset(map(str, stated[_URGENT])), *(str(stated[key]) for key in _DURATIONS))


def faults_of_afterwards(
    stated: Mapping[str, Any], vocabulary: Vocabulary, fault: Callable[[str, str, str], Fault]
) -> Iterator[Fault]:
    """What is wrong with it; ``fault`` makes one of key, rule and message."""
    urgent = stated.get(_URGENT)
    if urgent is not None and not isinstance(urgent, list):
        yield fault(_URGENT, "wrong-form", "It must be a list.")
    elif urgent is not None:
        code_list = vocabulary.properties["changeCategory"].code_list
        known = [code.notation for code in vocabulary.code_lists[code_list].codes] if code_list else []
        for word in map(str, urgent):
            if word not in known:
                message = f"The ontology has no such code {word!r}.{did_you_mean(word, known)}"
                yield fault(_URGENT, "unknown-code", message)
    for key in _DURATIONS:
        if stated.get(key) is not None and not _forward(str(stated[key])):
            yield fault(key, "wrong-form", "It must be a duration such as P14D, P1M or PT12H.")


def _forward(text: str) -> bool:
    try:
        return after(_ANY, text) > after(_ANY, "P0D")
    except InputError:
        return False
