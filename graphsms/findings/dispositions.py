"""What people decide about a finding: that it is dealt with, or accepted until a day (9.4, 10.1, 6.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphsms.analysis.estate import Estate
from graphsms.analysis.identity import disposition_id, finding_id
from graphsms.errors import InputError, UnknownIdError
from graphsms.findings.answer import ACCEPTED
from graphsms.findings.stored import Stored
from graphsms.model import Entity, Relation, RelationKey, Value
from graphsms.snapshot.validity import microseconds
from graphsms.values import canonical, canonical_all
from graphsms.vocabulary import VALID_FROM, VALID_TO

__all__ = ["Decision", "decided", "reopened"]

_TO_BE_DEALT_WITH: Final = "to be dealt with"


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody wants to decide: `Findings.dispose` and `Findings.accept` say what each part is."""

    accepted: bool = False
    owner: str = ""
    due: str = ""
    through: tuple[str, ...] = ()
    by: str = ""
    why: str = ""
    until: str = ""

    @property
    def outcome(self) -> str:
        """Notation of the outcome in the ontology's code list."""
        return ACCEPTED if self.accepted else _TO_BE_DEALT_WITH


def decided(read: Estate, identity: str, decision: Decision) -> tuple[list[Entity], list[Relation], list[RelationKey]]:
    """The entity and relations that hold a decision, and the relations of an earlier one that no longer hold.

    Raises
    ------
    InputError
        Something that has to be said is not, or is none of its kind.
    UnknownIdError
    """
    words = read.vocabulary
    _complete(decision)
    id = disposition_id(identity)
    given: dict[str, object] = {
        "name": f"{decision.outcome.capitalize()}: {identity}"[:500],
        "findingIdentity": identity,
        "decision": decision.outcome,
        "decidedAt": read.as_of,
        "rationale": decision.why or None,
        "dueOn": decision.due or None,
        VALID_FROM: read.as_of,
        VALID_TO: decision.until or None,
    }
    try:
        properties = canonical_all(given, words, read.zone)
    except ValueError as error:
        raise InputError(f"{error}; nothing was decided.") from None
    _ahead(properties, read)
    relations = [
        Relation(words.known_as("decides on"), id, finding_id(identity)),
        *(Relation(words.known_as("owned by"), id, one) for one in (decision.owner,) if one),
        *(Relation(words.known_as("decided by"), id, one) for one in (decision.by,) if one),
        *(Relation(words.known_as("disposition through"), id, one) for one in decision.through),
    ]
    for relation in relations[1:]:
        _fits(read, relation)
    before = read.store.entity(id, read.revision.number)
    removed: list[RelationKey] = []
    if before is not None:
        keys = {relation.key for relation in relations}
        earlier = read.store.relations(subjects=[id], at=read.revision.number)
        removed = [relation.key for relation in earlier if relation.key not in keys]
    return [Entity(id, words.known_as("disposition"), properties)], relations, removed


def _complete(decision: Decision) -> None:
    needed = {"why": decision.why, "until": decision.until, "by": decision.by} if decision.accepted else {}
    if not decision.accepted:
        needed = {"owner": decision.owner, "due": decision.due}
    missing = [name for name, value in needed.items() if not value.strip()]
    if missing:
        lacks = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; nothing was decided."
        if decision.accepted:
            raise InputError(f"Accepting a finding takes why, until which day, and by whom: {lacks}")
        raise InputError(f"Say who deals with the finding and by when it is due, or accept it: {lacks}")


def _ahead(properties: Mapping[str, Value], read: Estate) -> None:
    until = properties.get(VALID_TO)
    if until is not None and microseconds(str(until)) <= microseconds(read.as_of):
        raise InputError(f"until is {until}, which is past; give a day ahead.")


def _fits(read: Estate, relation: Relation) -> None:
    words = read.vocabulary
    entity = read.store.entity(relation.object, read.revision.number)
    if entity is None:
        raise UnknownIdError(relation.object, read.store.nearest_ids(relation.object))
    term = words.relations[relation.type]
    if not words.any_of(entity.type, term.range):
        kinds = ", ".join(words.types[name].label for name in term.range)
        label = words.types[entity.type].label
        raise InputError(f"{entity.id!r} is of type {label}; {term.label} leads to one of: {kinds}.")


def reopened(read: Estate, known: Stored, identity: str) -> Entity:
    """The entity of a decision, ended now.

    Raises
    ------
    InputError
        There is no decision about the finding, or it has ended already.
    """
    disposition = known.dispositions.get(identity)
    entity = None if disposition is None else read.store.entity(disposition.id, read.revision.number)
    if disposition is None or entity is None:
        raise InputError(f"Nothing is decided about a finding {identity!r}; `graphsms findings` lists them.")
    if not disposition.holds:
        raise InputError(f"What was decided about {identity!r} has ended already: it is open.")
    ended = canonical(read.vocabulary.properties[VALID_TO], read.as_of, read.vocabulary, read.zone)
    properties = {**entity.properties, VALID_TO: ended}
    return Entity(entity.id, entity.type, {name: properties[name] for name in sorted(properties)})
