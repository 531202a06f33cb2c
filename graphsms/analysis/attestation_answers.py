"""What owners answer when they are asked about their configuration items (8.2.6), one by one and all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphsms.analysis.evidence import result_hash
from graphsms.model import Origin, Value

__all__ = ["ANSWERS", "Answer", "Answers", "Proposed", "Returned"]

CONFIRMED: Final = "confirmed"
CORRECTED: Final = "corrected"
GONE: Final = "gone"
NOT_MINE: Final = "not mine"
ANSWERS: Final = (CONFIRMED, CORRECTED, GONE, NOT_MINE)


@dataclass(frozen=True, slots=True)
class Returned:
    """One row that came back: where it stands, and its cells as text by column."""

    origin: Origin
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A correction: a property, or that the owner is another; None is nothing."""

    field: str
    was: Value | None
    becomes: Value | None

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"field": self.field, "was": self.was, "becomes": self.becomes}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an owner answered about one item, as the list showed it at the revision ``listed_at``."""

    id: str
    owner: str
    answer: str
    proposed: tuple[Proposed, ...]
    comment: str
    listed_at: int

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "owner": self.owner,
            "answer": self.answer,
            "proposed": [one.to_json() for one in self.proposed],
            "comment": self.comment,
            "listed_at": self.listed_at,
        }

    @property
    def hash(self) -> str:
        """What the record of it is known by: the same answer, in the same list, is the same."""
        return result_hash(self.to_json())


@dataclass(frozen=True)
class Answers:
    """What came back.

    Parameters
    ----------
    revision : int
        That it was held against.
    answers : tuple of Answer
        Those that are new.
    unanswered : tuple of str
        Ids of items without an answer.
    outdated : tuple of str
        Ids of items that have changed since the list was made, or are gone: they have to be asked about anew.
    recorded_in : int or None
        The revision that holds the records.
    applied : bool
        Whether the corrections were made in it.
    repeated : tuple of Answer
        Those of the same lists that are recorded already.
    pending : tuple of Answer
        Those of them whose corrections had not been made until now.
    """

    revision: int
    answers: tuple[Answer, ...]
    unanswered: tuple[str, ...]
    outdated: tuple[str, ...]
    recorded_in: int | None = None
    applied: bool = False
    repeated: tuple[Answer, ...] = ()
    pending: tuple[Answer, ...] = ()

    @property
    def proposed(self) -> tuple[tuple[str, Proposed], ...]:
        """Every correction that is new or was made now, with the id of the item."""
        those = (*self.answers, *(self.pending if self.applied else ()))
        return tuple((answer.id, one) for answer in those for one in answer.proposed)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if self.repeated and not self.answers:
            return self._nothing_new()
        again = f" {self._again()}." if self.repeated else ""
        confirmed = sum(one.answer == CONFIRMED for one in self.answers)
        made = "made" if self.applied else "proposed, none made"
        return (
            f"{len(self.answers)} of {self._asked()} items answered: "
            f"{confirmed} confirmed, {len(self.answers) - confirmed} otherwise; "
            f"{len(self.proposed)} corrections {made}. "
            f"{len(self.outdated)} have changed since and have to be asked about anew.{again}"
        )

    def _asked(self) -> int:
        return len(self.answers) + len(self.repeated) + len(self.unanswered) + len(self.outdated)

    def _again(self) -> str:
        are = "answer is" if len(self.repeated) == 1 else "answers are"
        return f"{len(self.repeated)} {are} recorded already, as they stand here"

    def _nothing_new(self) -> str:
        text = f"Nothing new: {self._again()}."
        if self.applied:
            text += f" {len(self.proposed)} corrections made."
        elif self.pending:
            text += f" Corrections of {len(self.pending)} are still to be made: --apply makes them."
        if self.unanswered:
            text += f" {len(self.unanswered)} are not answered."
        if self.outdated:
            text += f" {len(self.outdated)} have changed since and have to be asked about anew."
        return text

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "answers": [one.to_json() for one in self.answers],
            "unanswered": list(self.unanswered),
            "outdated": list(self.outdated),
            "recorded_in": self.recorded_in,
            "applied": self.applied,
            "repeated": [one.to_json() for one in self.repeated],
            "pending": [one.id for one in self.pending],
        }
