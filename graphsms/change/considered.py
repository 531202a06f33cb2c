"""The parts of an assessment: what is considered under each letter of 8.5.1.3, who is told, what people judged.

Values only. `graphsms.change.assessment` holds the whole of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from graphsms.report.tables import Table
from graphsms.snapshot.carriage import STATES

__all__ = ["FOUND", "NONE_FOUND", "NOT_RECORDED", "Judgement", "Part", "Section", "Statement", "Told", "state_of"]

FOUND: Final = "found"
NONE_FOUND: Final = "none found"
NOT_RECORDED: Final = "not recorded"

_OK: Final = STATES[0]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person knows better than the graph about one entity.

    Parameters
    ----------
    id : str
        Of the record of it.
    request : str
        Id of the request for change whose assessment it is about.
    entity, name, type : str
        What it judges.
    impacted : bool
        Whether the person holds it to be impacted.
    state : str
        The state that the person says it is in; where the person says none, that which is taken, and "" where it is
        not impacted.
    by, at, why : str
        Id of who judged, when, and the reason; "" where it is not recorded.
    withdrawn : str
        When it was taken back, or "".
    computed : str
        The state that it would be in by the graph alone.
    note : str
        What else has to be known to read it, or "".
    """

    id: str
    request: str
    entity: str
    name: str
    type: str
    impacted: bool
    state: str
    by: str
    at: str
    why: str
    withdrawn: str = ""
    computed: str = _OK
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether it has not been withdrawn."""
        return not self.withdrawn

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a request for change says of a matter that has to be considered; ``text`` is "" where it states nothing."""

    request: str
    matter: str
    text: str

    @property
    def stated(self) -> bool:
        """Whether anything is."""
        return bool(self.text)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"request": self.request, "matter": self.matter, "stated": self.stated, "text": self.text}


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a section looks at.

    Parameters
    ----------
    title : str
    state : str
        `FOUND`, `NONE_FOUND`, or `NOT_RECORDED` where the graph holds nothing that could answer.
    sentence : str
        The answer.
    table : Table
        What was found, one a row.
    note : str
        What else has to be known to read it, or "".
    """

    title: str
    state: str
    sentence: str
    table: Table
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "title": self.title,
            "state": self.state,
            "sentence": self.sentence,
            "rows": self.table.records(),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """One letter of 8.5.1.3: ``state`` is `FOUND` where any of its parts has found something."""

    letter: str
    clause: str
    title: str
    state: str
    sentence: str
    parts: tuple[Part, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "letter": self.letter,
            "clause": self.clause,
            "title": self.title,
            "state": self.state,
            "sentence": self.sentence,
            "parts": [part.to_json() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who has to be told, and why.

    Parameters
    ----------
    id, type, name : str
    role : str
        As what, such as ``owner``.
    about : tuple of str
        Ids of what they are told of.
    why : str
        In a sentence, for the first of those.
    chain : tuple of str
        Ids from the first of those to whom is told.
    email, telephone : str
        How they are reached, or "".
    """

    id: str
    type: str
    name: str
    role: str
    about: tuple[str, ...]
    why: str
    chain: tuple[str, ...]
    email: str = ""
    telephone: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return {name: list(one) if isinstance(one, tuple) else one for name, one in said.items()}


def state_of(states: Iterable[str]) -> str:
    """The state of a whole by those of its parts.

    Examples
    --------
    >>> state_of(["none found", "not recorded"])
    'not recorded'
    >>> state_of(["none found", "found"])
    'found'
    """
    found = set(states)
    return FOUND if FOUND in found else NOT_RECORDED if NOT_RECORDED in found else NONE_FOUND
