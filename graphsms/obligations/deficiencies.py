"""What is wrong with obligations and their evidence, for the checks of findings (4 to 10, 7.5, 9.1).

They apply only where somebody has begun: to an edition of which a document, a record or a judgement is linked to some
requirement. What nobody has looked at is no finding; ``graphsms gaps`` lists it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.analysis.obligation_answer import (
    MISSING,
    NO_OCCURRENCE,
    NOT_ASSESSED,
    PARTIAL,
    STALE,
    Obligations,
    RequirementState,
)
from graphsms.analysis.obligations import obligations_of
from graphsms.analysis.proofs import NO_INTERVAL, review_due
from graphsms.clauses import catalogue
from graphsms.model import Entity
from graphsms.obligations.kept import current
from graphsms.snapshot.validity import END, microseconds

__all__ = [
    "begun",
    "future",
    "law_uncovered",
    "missing",
    "partial",
    "review_overdue",
    "stale",
    "withdrawn_linked",
    "without_interval",
]

_NOT_BEGUN = "nothing is linked to a requirement, and nobody has judged one"
_WITHDRAWN = "withdrawn"
_NOT_HELD = frozenset({"planned", "draft", "in review", _WITHDRAWN})


def missing(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Requirements for which somebody has looked, and there is no evidence that counts."""
    return _in_state(read, MISSING)


def stale(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Requirements whose evidence is out of date."""
    return _in_state(read, STALE)


def partial(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Requirements whose evidence shows a part of what is demanded; for lack of an interval: `without_interval`."""
    return _in_state(read, PARTIAL)


def _in_state(read: Estate, state: str) -> Examined:
    looked_at = [one for one in _demanded(read) if one.state not in (NO_OCCURRENCE, NOT_ASSESSED)]
    found = [_deficiency(one) for one in looked_at if one.state == state and not _no_interval(one)]
    return Examined(len(looked_at), tuple(found), "" if looked_at else _NOT_BEGUN)


def without_interval(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Requirements to do something at planned intervals, for which something was done and no interval is declared."""
    looked_at = [one for one in _demanded(read) if one.requirement.at_planned_intervals and one.proofs]
    found = [_deficiency(one) for one in looked_at if _no_interval(one)]
    return Examined(len(looked_at), tuple(found), "" if looked_at else _NOT_BEGUN)


def _no_interval(one: RequirementState) -> bool:
    return one.state == PARTIAL and one.reason.endswith(NO_INTERVAL)


def _deficiency(one: RequirementState) -> Deficiency:
    its = one.requirement
    where = f"{its.edition}: {its.anchor}" if its.edition else its.anchor
    return Deficiency((its.id,), f"{where}: {one.state}; {one.reason}.")


def future(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """What is linked as evidence and dated later than the moment."""
    dated: dict[str, tuple[str, str]] = {}
    for answer in begun(read):
        for one in answer.states.values():
            dated |= {proof.id: (proof.name, proof.date) for proof in one.proofs if proof.date}
    moment = microseconds(read.as_of)
    found = (
        Deficiency((id,), f"{name} is evidence and dated {read.day(date)}, which is still to come.")
        for id, (name, date) in sorted(dated.items())
        if microseconds(date) > moment
    )
    return Examined(len(dated), tuple(found), "" if dated else _NOT_BEGUN)


def review_overdue(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Documents that hold and whose review was due, by the day that is stated or by their interval."""
    moment = microseconds(read.as_of)
    looked_at, found = 0, []
    for entity in _documents(read):
        due = review_due(read, entity)
        if due == END or entity.properties.get("documentStatus") in _NOT_HELD or not read.live(entity):
            continue
        looked_at += 1
        if due < moment:
            day = entity.properties.get("reviewDueOn") or read.day(due)
            found.append(Deficiency((entity.id,), f"{entity.name} was to be reviewed by {day}."))
    return Examined(looked_at, tuple(found), "" if looked_at else "no document says when it is to be reviewed")


def withdrawn_linked(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Documents that are withdrawn and still stand for a requirement."""
    linked = {proof.id for answer in begun(read) for one in answer.states.values() for proof in one.proofs}
    documents = [one for one in _documents(read) if one.id in linked]
    found = (
        Deficiency((one.id,), f"{one.name} is withdrawn, and still linked to what it is to satisfy or show.")
        for one in documents
        if one.properties.get("documentStatus") == _WITHDRAWN
    )
    return Examined(len(documents), tuple(found), "" if documents else _NOT_BEGUN)


def law_uncovered(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """What laws and contracts demand, that nobody owns, or for which there is no evidence."""
    newest, owned_by = _states(read, catalogue(read.vocabulary).newest), read.vocabulary.known_as("owned by")
    beside = [one for one in newest.states.values() if not one.requirement.edition]
    found = []
    for one in beside:
        id = one.requirement.id
        owner = any(relation.type == owned_by for relation in read.leading_from.get(id, ()))
        lacks = ["no owner"] if not owner else []
        lacks += ["no evidence"] if one.state in (MISSING, NOT_ASSESSED) else []
        if lacks:
            found.append(Deficiency((id,), f"{read.entities[id].name} has {' and '.join(lacks)}."))
    note = "" if beside else "no demand of a law or contract is recorded"
    return Examined(len(beside), tuple(found), note)


def _documents(read: Estate) -> Iterator[Entity]:
    words = read.vocabulary
    records = frozenset(words.subtypes[words.known_as("record")])
    return (one for one in read.of_type(words.known_as("documented information")) if one.type not in records)


def _demanded(read: Estate) -> list[RequirementState]:
    """What is mandatory in the editions that somebody has begun with; heads of lists are counted by their items."""
    return [
        one
        for answer in begun(read)
        for one in answer.states.values()
        if one.requirement.mandatory and not one.requirement.items and one.requirement.edition == answer.edition
    ]


def begun(read: Estate) -> list[Obligations]:
    """The states of the editions to whose requirements something leads that is no check; O(relations), once."""
    return read.once("editions begun", lambda: [_states(read, year) for year in _editions(read)])


def _editions(read: Estate) -> list[str]:
    words, known = read.vocabulary, catalogue(read.vocabulary)
    wanted = {words.known_as(word) for word in ("satisfied by", "demonstrated by", "decides on")}
    check, found = words.known_as("computed check"), set[str]()
    for relation in read.relations:
        if relation.type not in wanted or read.entities[relation.subject].type == check:
            continue
        place = known.requirements.get(relation.object) or known.clauses.get(relation.object)
        if place is not None:
            found.add(place.edition)
    return [year for year in known.editions if year in found]


def _states(read: Estate, year: str) -> Obligations:
    known = catalogue(read.vocabulary)
    return read.once(f"obligations {year}", lambda: obligations_of(read, year, current=current(read, known)))
