"""What one document, record or activity is worth as evidence on a day, and why (7.5, 9.1).

A duty to *document* is shown by documented information that is approved and current; a duty to *do* by something with
a date that lies inside the declared interval. A name in a list, and what a machine wrote, is worth nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.estate import Estate
from graphsms.clauses.model import Requirement
from graphsms.model import Entity, Relation, Value
from graphsms.moments import canonical_moment
from graphsms.snapshot.validity import END, after, microseconds
from graphsms.vocabulary import LIFECYCLE, VALID_FROM

if TYPE_CHECKING:
    from graphsms.analysis.obligation_policy import EvidencePolicy

__all__ = ["NO_INTERVAL", "Proof", "Worth", "is_planned", "proof_of", "review_due", "when"]

# When something happened, or a text was settled, the most telling first.
_HAPPENED: Final = (
    "collected",
    "endedAt",
    "decidedAt",
    "startedAt",
    "verifiedAt",
    "takenAt",
    "evaluatedOn",
    "issuedOn",
    "resolvedAt",
    "recordedAt",
    "periodEnd",
)
_SETTLED: Final = ("approvedOn", "issuedOn", VALID_FROM, "agreedOn")
_PLACES: Final = ("fileLocation",)
_WANTED: Final = ("version", "approval", "location")
_PLANNED: Final = "planned"
_PROPOSED: Final = "proposed"
_NOT_YET: Final = frozenset({"draft", "in review"})
_APPROVED: Final = "approved"
_WITHDRAWN: Final = "withdrawn"
_IN_BUILD: Final = "in build"
# Deeds that only what was done shows: a text that holds says no more than that they are to be done.
_WAS_DONE: Final = frozenset({"monitor", "review", "test", "verify"})
# Deeds that a record shows, also where the duty is to document.
_KEPT: Final = frozenset({"record", "retain evidence", "report"})
NO_INTERVAL: Final = "no interval is declared"
_CONTRIBUTES: Final = "contributes"


class Worth(IntEnum):
    """How far a piece of evidence goes, the better the higher."""

    NOTHING = 0
    OUT_OF_DATE = 1
    PART = 2
    WHOLE = 3

    @property
    def word(self) -> str:
        """As people read it."""
        return ("counts for nothing", "out of date", "shows part", "shows all")[self]


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence for a requirement, and what it is worth.

    Parameters
    ----------
    id, type, name : str
    link : str
        The relation by which it is linked.
    linked_to : str
        The requirement that it is linked to: the one asked about, or the head of its list.
    worth : Worth
    reason : str
        Why, in words.
    date : str
        When it happened or was settled, canonical, or "".
    until : str
        Until when it counts, or "".
    """

    id: str
    type: str
    name: str
    link: str
    linked_to: str
    worth: Worth
    reason: str
    date: str = ""
    until: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "worth": self.worth.word}


def proof_of(
    read: Estate, requirement: Requirement, relation: Relation, policy: EvidencePolicy, declared: str
) -> Proof:
    """What the subject of a relation is worth as evidence for a requirement, at the moment that is read.

    Parameters
    ----------
    read : Estate
    requirement : Requirement
    relation : Relation
        By which it satisfies or demonstrates the requirement, or the head of its list.
    policy : EvidencePolicy
    declared : str
        The interval that is declared for the requirement, or "".

    Notes
    -----
    O(1).
    """
    entity, said = read.entities[relation.subject], relation.properties
    demonstrates = relation.type == read.vocabulary.known_as("demonstrated by")
    date = when(read, entity, said)
    worth, reason, until = _worth(read, requirement, entity, said, demonstrates, date, policy, declared)
    if worth is Worth.WHOLE and said.get("sufficiency") == _CONTRIBUTES:
        worth, reason = Worth.PART, f"{reason}; linked as a contribution"
    elif worth is Worth.WHOLE and relation.object != requirement.id and said.get("sufficiency") is None:
        worth, reason = Worth.PART, f"{reason}; linked to the whole list, not to this item"
    return Proof(entity.id, entity.type, entity.name, relation.type, relation.object, worth, reason, date, until)


def is_planned(entity: Entity) -> bool:
    """Whether it is documented information of which there is no more than a name."""
    return entity.properties.get("documentStatus") == _PLANNED


def when(read: Estate, entity: Entity, said: Mapping[str, Value]) -> str:
    """When something happened, was settled or was taken as evidence, canonical; "" where nobody has said."""
    order = _SETTLED if _is_document(read, entity) else _HAPPENED
    for properties, names in ((said, ("collected",)), (entity.properties, order), (entity.properties, _HAPPENED)):
        for name in names:
            if properties.get(name):
                return _moment(read, str(properties[name]))
    return ""


def _moment(read: Estate, value: str) -> str:
    """A day as the moment in which it begins."""
    if "T" in value:
        return value
    return canonical_moment(datetime.combine(datetime.fromisoformat(value), time(), read.zone))


def _is_document(read: Estate, entity: Entity) -> bool:
    """Whether it is documented information that holds, rather than a record of what was."""
    its = read.vocabulary
    return its.is_a(entity.type, its.known_as("documented information")) and not its.is_a(
        entity.type, its.known_as("record")
    )


def _worth(
    read: Estate,
    requirement: Requirement,
    entity: Entity,
    said: Mapping[str, Value],
    demonstrates: bool,
    date: str,
    policy: EvidencePolicy,
    declared: str,
) -> tuple[Worth, str, str]:
    its, moment = entity.properties, microseconds(read.as_of)
    if its.get("machineWritten") is True:
        return Worth.NOTHING, "a machine composed it", ""
    if is_planned(entity):
        return Worth.NOTHING, "it is no more than a name: no version, no approval, no location", ""
    if its.get(LIFECYCLE) == _PROPOSED:
        return Worth.NOTHING, "it is no more than proposed", ""
    if date and microseconds(date) > moment:
        return Worth.NOTHING, f"it is dated {read.day(date)}, which is still to come", ""
    for ends in (said.get("expires"), its.get("expires")):
        if ends and microseconds(str(ends)) <= moment:
            last = read.day(microseconds(str(ends)) - 1)
            return Worth.OUT_OF_DATE, f"it counted as evidence until {last}", str(ends)
    if its.get("documentStatus") == _WITHDRAWN:
        return Worth.OUT_OF_DATE, "it is withdrawn", ""
    if _is_document(read, entity):
        return _of_document(read, requirement, entity, demonstrates, date, policy, declared)
    if not read.live(entity):
        return Worth.OUT_OF_DATE, "it is no longer in force", ""
    if its.get("documentStatus") in _NOT_YET:
        return Worth.PART, _not_yet(its["documentStatus"]), ""
    record = read.vocabulary.known_as("record")
    if requirement.duty == "document":
        if read.vocabulary.is_a(entity.type, record):
            return _of_record(read, requirement, date)
        return Worth.PART, "it is there, but no document states it", ""
    if not demonstrates:
        return Worth.PART, "it settles how it is done, and does not show that it was done", ""
    return _of_deed(read, requirement, date, policy, declared)


def _of_document(
    read: Estate,
    requirement: Requirement,
    entity: Entity,
    demonstrates: bool,
    date: str,
    policy: EvidencePolicy,
    declared: str,
) -> tuple[Worth, str, str]:
    its = entity.properties
    status = str(its.get("documentStatus", ""))
    lacks = _lacking(read, entity)
    if not status and len(lacks) == len(_WANTED):
        return Worth.NOTHING, "it is no more than a name: no version, no approval, no location", ""
    if status in _NOT_YET:
        return Worth.PART, _not_yet(status), ""
    if its.get(LIFECYCLE) == _IN_BUILD:
        return Worth.PART, "it is still in the making", ""
    if read.out_of_life(entity):
        return Worth.OUT_OF_DATE, "it is no longer in force", ""
    if not read.valid(its):
        return Worth.OUT_OF_DATE, "it is not in force on that day", ""
    due = review_due(read, entity)
    until = str(its.get("reviewDueOn", "")) or read.day(due)
    if due < microseconds(read.as_of):
        return Worth.OUT_OF_DATE, f"its review was due on {until}", until
    if lacks:
        return Worth.PART, f"it lacks {' and '.join(lacks)}", until
    if requirement.duty == "document":
        return Worth.WHOLE, f"approved and current{f', to be reviewed by {until}' if until else ''}", until
    if not demonstrates:
        return Worth.PART, "it settles how it is done, and does not show that it was done", until
    if not _WAS_DONE.isdisjoint(requirement.demands):
        return Worth.PART, "it is a text that holds, and a record of what was done is wanted", until
    return _of_deed(read, requirement, date, policy, declared)


def _of_record(read: Estate, requirement: Requirement, date: str) -> tuple[Worth, str, str]:
    """What a record is worth where something is to be documented: all, if records are what is wanted."""
    if not date:
        return Worth.PART, "it bears no date", ""
    if _KEPT.isdisjoint(requirement.demands):
        return Worth.PART, f"it is a record of {read.day(date)}, and a document that holds is wanted", ""
    return Worth.WHOLE, f"it is on record since {read.day(date)}", ""


def _lacking(read: Estate, entity: Entity) -> list[str]:
    """What documented information still lacks to count: version, approval, location.

    What is agreed, such as a contract or what a customer wants, has two parties in place of one who approves, and is
    the text itself.
    """
    its, approved_by = entity.properties, read.vocabulary.known_as("approved by")
    agreed = bool(its.get("agreedOn"))
    agreement = agreed or read.vocabulary.is_a(entity.type, read.vocabulary.known_as("agreement"))
    leading = {relation.type for relation in read.leading_from.get(entity.id, ())}
    approval = (
        its.get("approvedOn")
        or approved_by in leading
        or its.get("documentStatus") == _APPROVED
        or agreed
        or (agreement and read.vocabulary.known_as("agreed with") in leading)
    )
    location = any(its.get(name) for name in _PLACES) or bool(leading & set(_kept(read)))
    has = (bool(its.get("version")) or agreement, bool(approval), location or agreement)
    return [word for word, there in zip(_WANTED, has, strict=True) if not there]


def _kept(read: Estate) -> tuple[str, ...]:
    return tuple(read.vocabulary.known_as(word) for word in ("kept on", "filed on"))


def review_due(read: Estate, entity: Entity) -> int:
    """Until when a document counts without another review, in microseconds."""
    its = entity.properties
    if stated := its.get("reviewDueOn"):
        return after(_moment(read, str(stated)), "P1D")
    interval = its.get("reviewInterval")
    if not interval:
        return END
    looked_at = [_moment(read, str(its[name])) for name in ("reviewedOn", *_SETTLED) if its.get(name)]
    return after(max(looked_at, key=microseconds), str(interval)) if looked_at else END


def _of_deed(
    read: Estate, requirement: Requirement, date: str, policy: EvidencePolicy, declared: str
) -> tuple[Worth, str, str]:
    if not date:
        return Worth.PART, "it bears no date", ""
    if not declared and requirement.at_planned_intervals:
        return Worth.PART, f"of {read.day(date)}, and {NO_INTERVAL}", ""
    interval = declared or policy.period
    until = after(date, interval)
    said = f"{interval}{'' if declared else ' by the policy'}"
    if until < microseconds(read.as_of):
        return Worth.OUT_OF_DATE, f"of {read.day(date)}, and counted for {said}", read.day(until)
    return Worth.WHOLE, f"of {read.day(date)}, counts for {said}", read.day(until)


def _not_yet(status: Value) -> str:
    return f"it is {'a draft' if status == 'draft' else 'waiting for approval'}"
