"""From which state a request for change may go into which, and what a decision makes of it: data of the policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphsms.errors import InputError
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Fault
from graphsms.vocabulary import Vocabulary

__all__ = ["LIFE_KEYS", "Life", "faults_of_life", "life_of"]

_DECIDED: Final = "decided"
_TRANSITIONS: Final = "transitions"
LIFE_KEYS: Final = (_DECIDED, _TRANSITIONS)


@dataclass(frozen=True, slots=True)
class Life:
    """The states of requests for change, and the ways between them.

    Parameters
    ----------
    decided : mapping of str to str
        By outcome of a decision, the state that a request is in after it.
    transitions : mapping of str to tuple of str
        By state, those that may follow; a request without a state may go into any.

    Examples
    --------
    >>> life = Life({"approved": "approved"}, {"draft": ("recorded",)})
    >>> life.require("rfc-1", "draft", "closed")
    Traceback (most recent call last):
    graphsms.errors.InputError: rfc-1 is draft, and can only become recorded, by the policy for change management.
    """

    decided: Mapping[str, str]
    transitions: Mapping[str, tuple[str, ...]]

    def require(self, id: str, status: str, following: str) -> None:
        """Whether a request in a state may go into another.

        Raises
        ------
        InputError
            It may not; the message says into which ones it may.
        """
        if not status or following == status:
            return
        allowed = self.transitions.get(status, ())
        if following not in allowed:
            ways = " or ".join(filter(None, [", ".join(allowed[:-1]), *allowed[-1:]]))
            become = f"can only become {ways}" if allowed else "stays so"
            raise InputError(f"{id} is {status}, and {become}, by the policy for change management.")


def life_of(stated: Mapping[str, Any]) -> Life:
    """From the content of a policy without faults."""
    return Life(
        {str(outcome): str(status) for outcome, status in stated[_DECIDED].items()},
        {str(status): tuple(map(str, following)) for status, following in stated[_TRANSITIONS].items()},
    )


def faults_of_life(
    stated: Mapping[str, Any], vocabulary: Vocabulary, fault: Callable[[str, str, str], Fault]
) -> Iterator[Fault]:
    """What is wrong with it; ``fault`` makes one of key, rule and message."""
    outcomes, states = _notations(vocabulary, "decision"), _notations(vocabulary, "changeStatus")

    def unknown(key: str, words: Iterator[str] | list[str], known: list[str]) -> Iterator[Fault]:
        for word in words:
            if word not in known:
                message = f"The ontology has no such code {word!r}.{did_you_mean(word, known)}"
                yield fault(key, "unknown-code", message)

    decided, transitions = stated.get(_DECIDED), stated.get(_TRANSITIONS)
    if isinstance(decided, dict):
        yield from unknown(_DECIDED, list(map(str, decided)), outcomes)
        yield from unknown(_DECIDED, list(map(str, decided.values())), states)
    elif decided is not None:
        yield fault(_DECIDED, "wrong-form", "It must be a mapping: outcome of a decision to state.")
    if isinstance(transitions, dict) and all(isinstance(one, list) for one in transitions.values()):
        yield from unknown(_TRANSITIONS, list(map(str, transitions)), states)
        yield from unknown(_TRANSITIONS, [str(one) for some in transitions.values() for one in some], states)
    elif transitions is not None:
        yield fault(_TRANSITIONS, "wrong-form", "It must be a mapping: state to the list of those that may follow.")


def _notations(vocabulary: Vocabulary, property: str) -> list[str]:
    code_list = vocabulary.properties[property].code_list
    return [code.notation for code in vocabulary.code_lists[code_list].codes] if code_list else []
