"""How failure travels, as numbers: what the vocabulary says of types and relations, by code.

A *sender* passes its state to a *receiver* along an edge; which end of a relation is which, the
relation says. Everything here is derived from the `Vocabulary`; codes are positions in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphsms.errors import VocabularyError
from graphsms.store import MARK_HARD, MARK_SOFT
from graphsms.vocabulary import Behaviour, Propagation, Vocabulary

__all__ = [
    "AT_RISK",
    "DEGRADED",
    "DOWN",
    "DROPPED",
    "HARD",
    "MEMBER",
    "OK",
    "SOFT",
    "STATES",
    "Carriage",
]

# The four states, in order, and their names for people.
OK: Final = 0
AT_RISK: Final = 1
DEGRADED: Final = 2
DOWN: Final = 3
STATES: Final = ("ok", "at risk", "degraded", "down")

# What an edge is to its receiver. The lowest two bits of a neighbour in the adjacency.
HARD: Final = 0  # passes the state fully
SOFT: Final = 1  # passes at most `degraded`
MEMBER: Final = 2  # one of the members of which the receiver, a group, needs so many
DROPPED: Final = 3  # carries nothing between these two types


@dataclass(frozen=True)
class Carriage:
    """What a snapshot needs of a vocabulary.

    Parameters
    ----------
    types : tuple of str
        Every type; its code is its position.
    relations : tuple of str
        Those along which a state travels; likewise.
    expected : tuple of str
        What the absence of makes an entity that can fail unknown: a relation, or a super-property that any
        relation under it provides; bit ``1 << position`` in masks.
    provides : mapping of str to int
        The mask of what is expected and an edge of a relation provides, of those that provide any.
    can_fail, concerned : tuple of bool
        By code of the type.
    quorum : tuple of int
        By code of the type: the code of the relation to the members of a group, -1 for what is no group.
    minimum : tuple of str
        By code of the type: the property that says how many members a group needs, or "".
    expects : tuple of int
        By code of the type: the mask of what its entities should have as subject.
    object_sends, soft : tuple of bool
        By code of the relation: the object passes its state to the subject (else the other way);
        it is soft where an edge does not say.
    """

    types: tuple[str, ...]
    relations: tuple[str, ...]
    expected: tuple[str, ...]
    provides: Mapping[str, int]
    can_fail: tuple[bool, ...]
    concerned: tuple[bool, ...]
    quorum: tuple[int, ...]
    minimum: tuple[str, ...]
    expects: tuple[int, ...]
    object_sends: tuple[bool, ...]
    soft: tuple[bool, ...]
    type_code: Mapping[str, int]
    relation_code: Mapping[str, int]

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Carriage:
        """Derive it from a vocabulary."""
        types = tuple(vocabulary.types)
        defined = tuple(vocabulary.types.values())
        carrying = [r for r in vocabulary.relations.values() if r.propagation is not Propagation.NONE]
        relation_code = {relation.name: code for code, relation in enumerate(carrying)}
        failing = [type for type in defined if type.behaviour is Behaviour.CAN_FAIL]
        expected = tuple(sorted({name for type in failing for name in type.expects}))
        bit = {name: 1 << position for position, name in enumerate(expected)}
        return cls(
            types=types,
            relations=tuple(relation_code),
            expected=expected,
            provides={
                relation.name: sum(bit[name] for name in relation.fulfils if name in bit)
                for relation in vocabulary.relations.values()
                if not bit.keys().isdisjoint(relation.fulfils)
            },
            can_fail=tuple(type.behaviour is Behaviour.CAN_FAIL for type in defined),
            concerned=tuple(type.behaviour is Behaviour.IS_CONCERNED for type in defined),
            quorum=tuple(relation_code.get(t.quorum.relation, -1) if t.quorum else -1 for t in defined),
            minimum=tuple(type.quorum.property if type.quorum else "" for type in defined),
            expects=tuple(
                sum(bit[name] for name in type.expects) if type.behaviour is Behaviour.CAN_FAIL else 0
                for type in defined
            ),
            object_sends=tuple(r.propagation is Propagation.OBJECT_TO_SUBJECT for r in carrying),
            soft=tuple(relation.strength == "soft" for relation in carrying),
            type_code={name: code for code, name in enumerate(types)},
            relation_code=relation_code,
        )

    @property
    def streamed(self) -> tuple[str, ...]:
        """The relations that a snapshot asks the store for."""
        return tuple(dict.fromkeys((*self.relations, *self.provides)))

    def bit(self, relation: str) -> int:
        """What of the expected an edge of a relation provides, as a mask; 0 where nothing expects it."""
        return self.provides.get(relation, 0)

    def expectations(self, mask: int) -> tuple[str, ...]:
        """The expected relations that a mask stands for."""
        return tuple(name for position, name in enumerate(self.expected) if mask >> position & 1)

    def kind(self, relation: int, sender: int, receiver: int, marks: int = 0) -> int:
        """What an edge is to its receiver.

        Parameters
        ----------
        relation : int
            Code of the relation.
        sender, receiver : int
            Codes of the types of its ends.
        marks : int
            Of the edge, as the store gives them.

        Returns
        -------
        int
            `HARD`, `SOFT`, `MEMBER` or `DROPPED`.
        """
        return self.received(relation, receiver, marks) if self.can_fail[sender] else DROPPED

    def received(self, relation: int, receiver: int, marks: int = 0) -> int:
        """The same for a sender that can fail. What is only concerned is told the worst state, whatever
        the strength: its edges are hard."""
        if self.concerned[receiver]:
            return HARD
        if not self.can_fail[receiver]:
            return DROPPED
        if self.quorum[receiver] == relation:
            return MEMBER
        if marks & (MARK_HARD | MARK_SOFT):
            return SOFT if marks & MARK_SOFT else HARD
        return SOFT if self.soft[relation] else HARD

    def code_of(self, type: str) -> int:
        """The code of a type that the store has entities of.

        Raises
        ------
        VocabularyError
            The ontology does not know the type.
        """
        try:
            return self.type_code[type]
        except KeyError:
            raise VocabularyError(
                f"The store has entities of type {type}, which the ontology does not know; "
                "open it with the ontology file that declares it."
            ) from None
