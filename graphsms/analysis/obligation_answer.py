"""What the analysis of obligations answers: the state of evidence of each requirement, and rolled up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.proofs import Proof
from graphsms.clauses import Catalogue, Clause, Requirement

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EVIDENCED",
    "MISSING",
    "NOT_ASSESSED",
    "NO_OCCURRENCE",
    "PARTIAL",
    "STALE",
    "STATES",
    "Conformity",
    "Obligations",
    "RequirementState",
    "Rolled",
    "rolled",
]

EVIDENCED: Final = "evidenced"
NO_OCCURRENCE: Final = "no occurrence"
NOT_ASSESSED: Final = "not assessed"
PARTIAL: Final = "partial"
STALE: Final = "stale"
MISSING: Final = "missing"
# As the ontology ranks them, the best first.
STATES: Final = (EVIDENCED, NO_OCCURRENCE, NOT_ASSESSED, PARTIAL, STALE, MISSING)


@dataclass(frozen=True, slots=True)
class Conformity:
    """What a person holds of whether a requirement is met; no state of evidence replaces it.

    Parameters
    ----------
    id, conformity, by, on, why, day : str
        ``conformity`` is a notation, ``by`` the name of who judged, ``on`` when, ``day`` that in the organization's
        zone.
    """

    id: str
    conformity: str
    by: str
    on: str
    why: str
    day: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class RequirementState:
    """The state of evidence of one requirement.

    Parameters
    ----------
    requirement : Requirement
    state : str
        One of `STATES`.
    reason : str
        Why, in words.
    proofs : tuple of Proof
        All that is linked, the best first.
    conformity : Conformity or None
        The latest judgement.
    """

    requirement: Requirement
    state: str
    reason: str
    proofs: tuple[Proof, ...] = ()
    conformity: Conformity | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        one = self.requirement
        return {
            "id": one.id,
            "edition": one.edition,
            "clause": one.clause,
            "sentence": one.sentence,
            "item": one.item,
            "anchor": one.anchor,
            "paraphrase": one.paraphrase,
            "mandatory": one.mandatory,
            "duty": one.duty,
            "state": self.state,
            "reason": self.reason,
            "evidence": [proof.to_json() for proof in self.proofs],
            "conformity": None if self.conformity is None else self.conformity.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Rolled:
    """How several requirements stand together.

    Parameters
    ----------
    counts : mapping of str to int
        By state, all states; heads of lists and what is only permitted are not counted: their items are.
    """

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many requirements there are."""
        return sum(self.counts.values())

    @property
    def applicable(self) -> int:
        """How many of them asked for something in the period: the denominator."""
        return self.total - self.counts[NO_OCCURRENCE]

    @property
    def evidenced(self) -> int:
        """How many of those are evidenced: the numerator."""
        return self.counts[EVIDENCED]

    @property
    def state(self) -> str:
        """One state for all of them.

        That of all, where they have one; no occurrence counts for nothing beside others. Otherwise stale, where
        all the others are evidenced, and else partial.
        """
        there = {state for state, count in self.counts.items() if count}
        if not there:
            return NOT_ASSESSED
        if len(there) > 1:
            there -= {NO_OCCURRENCE}
        if len(there) == 1:
            return next(iter(there))
        return STALE if there == {EVIDENCED, STALE} else PARTIAL

    def sentence(self) -> str:
        """As people read it."""
        rest = ", ".join(f"{count} {state}" for state, count in self.counts.items() if count and state != EVIDENCED)
        return f"{self.evidenced} of {self.applicable} evidenced{f'; {rest}' if rest else ''}"

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "state": self.state,
            "evidenced": self.evidenced,
            "applicable": self.applicable,
            "total": self.total,
            "counts": dict(self.counts),
        }


def rolled(states: Iterable[RequirementState]) -> Rolled:
    """How requirements stand together; those that have items, or are only permitted, are left out."""
    found = Counter(one.state for one in states if one.requirement.mandatory and not one.requirement.items)
    return Rolled({state: found[state] for state in STATES})


@dataclass(frozen=True)
class Obligations:
    """The state of evidence of an edition on a day.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that it is about.
    edition : str
        The year.
    states : mapping of str to RequirementState
        By id of the requirement, in order of the text; then those of laws and contracts in the graph.
    processes : mapping of str to tuple of str
        By id of a process of the graph: the requirements that it satisfies.
    """

    revision: int
    at: str
    as_of: str
    edition: str
    states: Mapping[str, RequirementState]
    processes: Mapping[str, tuple[str, ...]]
    catalogue: Catalogue = field(repr=False)

    @cached_property
    def overall(self) -> Rolled:
        """The whole edition."""
        return rolled(one for one in self.states.values() if one.requirement.edition == self.edition)

    @cached_property
    def beside(self) -> Rolled:
        """What laws and contracts demand."""
        return rolled(one for one in self.states.values() if one.requirement.edition != self.edition)

    def of_clause(self, clause: Clause) -> Rolled:
        """A clause with all below it."""
        return rolled(self.states[one.id] for one in self.catalogue.required_by(clause) if one.id in self.states)

    def of_process(self, id: str) -> Rolled:
        """The requirements that a process satisfies."""
        return rolled(self.states[one] for one in self.processes.get(id, ()) if one in self.states)

    def clauses(self) -> list[tuple[Clause, Rolled]]:
        """All clauses of the edition that demand anything, in order, each with all below it."""
        found = ((one, self.of_clause(one)) for one in self.catalogue.clauses.values() if one.edition == self.edition)
        return [(clause, stand) for clause, stand in found if stand.total]

    def sentence(self) -> str:
        """The answer in a sentence."""
        return f"ISO/IEC 20000-1:{self.edition}: {self.overall.sentence()}."

    def to_frame(self) -> pd.DataFrame:
        """A row a requirement."""
        import pandas as pd

        rows = [one.to_json() for one in self.states.values()]
        return pd.DataFrame([{**row, "evidence": [proof["id"] for proof in row["evidence"]]} for row in rows])

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "edition": self.edition,
            "overall": self.overall.to_json(),
            "clauses": [
                {"clause": clause.number, "title": clause.title, **stand.to_json()} for clause, stand in self.clauses()
            ],
            "processes": {id: self.of_process(id).to_json() for id in self.processes},
            "requirements": [one.to_json() for one in self.states.values()],
        }
