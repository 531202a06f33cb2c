"""What the register of documents answers: what is wanted, what there is of it, and how it stands on a day (7.5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.proofs import Worth

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["IN_ORDER", "MISSING", "OUT_OF_DATE", "PARTIAL", "STATES", "DocumentRegister", "Kept", "Wanted"]

IN_ORDER: Final = "in order"
PARTIAL: Final = "partial"
OUT_OF_DATE: Final = "out of date"
MISSING: Final = "missing"
# The best first.
STATES: Final = (IN_ORDER, PARTIAL, OUT_OF_DATE, MISSING)
_BY_WORTH: Final = {
    Worth.WHOLE: IN_ORDER,
    Worth.PART: PARTIAL,
    Worth.OUT_OF_DATE: OUT_OF_DATE,
    Worth.NOTHING: MISSING,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A document, record or agreement as it stands on the day.

    Parameters
    ----------
    id, type, name, reference, version, status : str
    owner, approved_by : str
        Names, joined by commas.
    approved_on, location, review_due, classification : str
        As stated; ``review_due`` is the day by which it has to be looked at again.
    worth : Worth
    reason : str
        How it stands, in words.
    """

    id: str
    type: str
    name: str
    reference: str
    version: str
    status: str
    owner: str
    approved_by: str
    approved_on: str
    location: str
    review_due: str
    classification: str
    worth: Worth
    reason: str

    @property
    def state(self) -> str:
        """One of `STATES`; what is no more than a name is missing."""
        return _BY_WORTH[self.worth]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__ if name != "worth"}
        return {**found, "state": self.state}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that is to be documented, and what there is of it.

    Parameters
    ----------
    anchor, requirement : str
        Where it is asked for; "" in a register of all documents.
    item : str
        Such as ``d)``.
    wanted : str
        What is wanted, in words.
    of, of_name : str
        For which process, service, supply relationship or requirement; or "".
    state, reason : str
        One of `STATES`, and why.
    documents : tuple of Kept
        What there is, the best first.
    """

    anchor: str
    requirement: str
    item: str
    wanted: str
    of: str
    of_name: str
    state: str
    reason: str
    documents: tuple[Kept, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__ if name != "documents"}
        return {**found, "documents": [one.to_json() for one in self.documents]}


@dataclass(frozen=True)
class DocumentRegister:
    """The documented information that a clause wants, or all there is, on a day.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that it is about.
    edition, clause : str
        Whose list it is; ``clause`` is "" where it is all there is.
    wanted : tuple of Wanted
        In order of the text; of all there is, in order of types and names.
    """

    revision: int
    at: str
    as_of: str
    edition: str
    clause: str
    wanted: tuple[Wanted, ...]

    @property
    def numerator(self) -> int:
        """How many of those wanted are in order: approved, current, and where somebody finds them."""
        return self.counts[IN_ORDER]

    @property
    def denominator(self) -> int:
        """How many are wanted."""
        return len(self.wanted)

    @cached_property
    def counts(self) -> dict[str, int]:
        """By state, all states."""
        return {state: sum(one.state == state for one in self.wanted) for state in STATES}

    def sentence(self) -> str:
        """The answer in a sentence."""
        what = f"{self.clause} of ISO/IEC 20000-1:{self.edition} wants" if self.clause else "the register has"
        rest = ", ".join(f"{self.counts[state]} {state}" for state in STATES[1:] if self.counts[state])
        said = f"{self.numerator} of {self.denominator} documents that {what} are in order"
        return f"{said}{f'; {rest}' if rest else ''}."

    def rows(self) -> list[dict[str, Any]]:
        """A row a document; one for what is wanted and of which there is none."""
        return [row for one in self.wanted for row in self.rows_of(one)]

    @staticmethod
    def rows_of(one: Wanted) -> list[dict[str, Any]]:
        """The rows of one thing that is wanted."""
        head = {"item": one.item, "anchor": one.anchor, "wanted": one.wanted, "for": one.of_name}
        kept = [{**head, **each.to_json()} for each in one.documents]
        return kept or [{**head, "state": one.state, "reason": one.reason}]

    def to_frame(self) -> pd.DataFrame:
        """`rows` as a data frame."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "edition": self.edition,
            "clause": self.clause,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "counts": self.counts,
            "wanted": [one.to_json() for one in self.wanted],
        }
