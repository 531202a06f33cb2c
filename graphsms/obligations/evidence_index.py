"""The index of evidence: by clause, and by the categories in which auditors ask for it (7.5, 9.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphsms.analysis.obligation_answer import Obligations, rolled
from graphsms.analysis.proofs import Proof
from graphsms.model import Entity
from graphsms.obligations.readiness import guided

__all__ = ["Evidence", "Indexed", "Requested", "by_category", "by_clause", "evidence_of"]

_REQUEST: Final = "evidence request"
_PLACES: Final = ("fileLocation", "link")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence as an auditor wants to find it.

    Parameters
    ----------
    id, type, name, location, worth, reason, until : str
        ``location`` is where it is kept, or ""; the others are those of a `Proof`.
    """

    id: str
    type: str
    name: str
    location: str
    worth: str
    reason: str
    until: str

    def text(self) -> str:
        """On one line."""
        where = f", {self.location}" if self.location else ""
        return f"{self.id} ({self.name}{where}): {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Indexed:
    """A piece of evidence under a requirement that it is linked to."""

    clause: str
    anchor: str
    evidence: Evidence

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"clause": self.clause, "anchor": self.anchor, **self.evidence.to_json()}


@dataclass(frozen=True, slots=True)
class Requested:
    """Something that auditors ask to see, and what there is.

    Parameters
    ----------
    category, id, name, text : str
        Of the request.
    state : str
        Of the requirements that it is about, together.
    evidence : tuple of Evidence
        What is linked to them, each once, the best first.
    """

    category: str
    id: str
    name: str
    text: str
    state: str
    evidence: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "evidence": [one.to_json() for one in self.evidence]}


def evidence_of(proof: Proof, entities: Mapping[str, Entity]) -> Evidence:
    """A proof with where it is kept."""
    its = entities[proof.id].properties
    location = next((str(its[name]) for name in _PLACES if its.get(name)), "")
    return Evidence(proof.id, proof.type, proof.name, location, proof.worth.word, proof.reason, proof.until)


def by_clause(states: Obligations, entities: Mapping[str, Entity], wanted: set[str]) -> Iterator[Indexed]:
    """The evidence of the requirements wanted, in order of the text; what is linked to a list stands there once."""
    for id, one in states.states.items():
        if id in wanted:
            for proof in one.proofs:
                if proof.linked_to == id:
                    its = one.requirement
                    yield Indexed(its.clause or its.anchor, its.anchor, evidence_of(proof, entities))


def by_category(states: Obligations, entities: Mapping[str, Entity], wanted: set[str]) -> Iterator[Requested]:
    """What auditors ask to see, by category in the order of the list, with what there is of it; of the requirements
    wanted."""
    known = states.catalogue
    requests = [one for one in known.guidance.values() if one.kind == _REQUEST]
    requests.sort(key=lambda one: (one.position, one.id))
    order = {one.category: number for number, one in reversed(list(enumerate(requests)))}
    for one in sorted(requests, key=lambda one: (order[one.category], one.position, one.id)):
        behind = [each for each in guided(one, states) if each.requirement.id in wanted]
        if not behind and len(wanted) < len(states.states):
            continue
        proofs: dict[str, Proof] = {}
        for each in behind:
            for proof in each.proofs:
                if proof.id not in proofs or proof.worth > proofs[proof.id].worth:
                    proofs[proof.id] = proof
        best = sorted(proofs.values(), key=lambda proof: (-proof.worth, proof.id))
        yield Requested(
            one.category,
            one.id,
            one.name,
            one.text or one.name,
            rolled(behind).state,
            tuple(evidence_of(proof, entities) for proof in best),
        )
