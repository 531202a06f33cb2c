"""From a record to the clauses that it serves (9.2.2): the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphsms.analysis.obligation_answer import Obligations
from graphsms.analysis.proofs import Proof
from graphsms.clauses import Requirement
from graphsms.errors import UnknownIdError
from graphsms.store import Store

__all__ = ["Served", "served"]


@dataclass(frozen=True, slots=True)
class Served:
    """What one piece of evidence serves.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that it is about.
    id, type, name : str
    requirements : tuple of (Requirement, Proof)
        In order of the text: what it is linked to, with the items of lists, and what it is worth there.
    """

    revision: int
    at: str
    as_of: str
    id: str
    type: str
    name: str
    requirements: tuple[tuple[Requirement, Proof], ...]

    @property
    def clauses(self) -> tuple[str, ...]:
        """The numbers of the clauses, in order."""
        return tuple(dict.fromkeys(one.clause or one.anchor for one, _ in self.requirements))

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.requirements:
            return f"{self.name} is linked to no requirement."
        count, clauses = len(self.requirements), self.clauses
        return (
            f"{self.name} serves {count} {'requirement' if count == 1 else 'requirements'} "
            f"of {len(clauses)} {'clause' if len(clauses) == 1 else 'clauses'}: {', '.join(clauses)}."
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in ("revision", "at", "as_of", "id", "type", "name")}
        rows = [
            {"id": one.id, "edition": one.edition, "clause": one.clause, "anchor": one.anchor, **_worth(proof)}
            for one, proof in self.requirements
        ]
        return {**found, "clauses": list(self.clauses), "requirements": rows}


def _worth(proof: Proof) -> dict[str, Any]:
    return {"link": proof.link, "worth": proof.worth.word, "reason": proof.reason, "until": proof.until}


def served(store: Store, id: str, states: Obligations) -> Served:
    """Which requirements an entity serves as evidence, and how far.

    Parameters
    ----------
    store : Store
    id : str
        Of the document, record, agreement, activity, ...
    states : Obligations

    Raises
    ------
    UnknownIdError
        There is no such entity.

    Notes
    -----
    O(requirements).
    """
    entity = store.entity(id, states.revision)
    if entity is None:
        raise UnknownIdError(id, store.nearest_ids(id))
    found = tuple((one.requirement, proof) for one in states.states.values() for proof in one.proofs if proof.id == id)
    return Served(states.revision, states.at, states.as_of, id, entity.type, entity.name, found)
