"""The life of findings: what a run found, compared with what is stored: new, still there, or gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from graphsms.analysis.estate import Estate
from graphsms.analysis.identity import identity_of
from graphsms.findings.answer import ACCEPTED, GONE, NEW, OPEN, STILL_THERE, Finding, FindingsAnswer, Tally
from graphsms.findings.run import Ran
from graphsms.findings.stored import Stored
from graphsms.model import Entity, Relation

__all__ = ["compared"]

_STATES: Final = (OPEN, ACCEPTED, GONE)


def compared(ran: Sequence[Ran], read: Estate, before: Stored) -> FindingsAnswer:
    """What checks found, with the life of each finding and what is decided about it, the more severe first.

    Of what is stored, only what belongs to the checks that were run can be gone; of the rest, nobody has looked.
    """
    found = [finding for one in ran for finding in _found(one, read, before)]
    rules = {one.check.id for one in ran}
    lost = list(_gone(read, before, {one.identity for one in found}, rules))
    everything = sorted([*found, *lost], key=_order(read))
    not_run = [
        one
        for one in before.findings.values()
        if one.properties.get("ruleId") not in rules and one.properties.get("findingStatus") != GONE
    ]
    states: dict[str, list[str]] = {}
    for one in everything:
        states.setdefault(one.check, []).append(one.state)
    return FindingsAnswer(
        revision=read.revision.number,
        at=read.revision.time,
        as_of=read.as_of,
        tallies=tuple(_tally(one, states.get(one.check.id, [])) for one in sorted(ran, key=_severest(read))),
        findings=tuple(everything),
        newly_gone=sum(before.findings[one.identity].properties.get("findingStatus") != GONE for one in lost),
        not_run=len(not_run),
        recorded_before=bool(before.findings),
    )


def _found(ran: Ran, read: Estate, before: Stored) -> Iterator[Finding]:
    check, examined = ran.check, ran.examined
    deficient = examined.deficient
    for one in examined.deficiencies:
        identity = identity_of(check.id, one.entities, one.aspect)
        was = before.findings.get(identity)
        there = was is not None and was.properties.get("findingStatus") != GONE
        said: Mapping[str, object] = was.properties if was is not None else {}
        yield Finding(
            identity=identity,
            check=check.id,
            version=check.version,
            title=check.title,
            clause=check.clause,
            severity=check.severity,
            remedy=check.remedy,
            entities=(on := (*one.entities, *one.concerning)),
            types=tuple(read.entities[id].type if id in read.entities else "" for id in on),
            message=one.message,
            numerator=deficient if one.numerator is None else one.numerator,
            denominator=examined.looked_at if one.denominator is None else one.denominator,
            status=STILL_THERE if there else NEW,
            first_found=str(said.get("firstFoundAt", "")) if there else "",
            last_found=str(said.get("lastFoundAt", "")) if there else "",
            disposition=before.dispositions.get(identity),
        )


def _gone(read: Estate, before: Stored, found: set[str], rules: set[str]) -> Iterator[Finding]:
    """What is stored of the rules that were run, and was not found."""
    lost = {
        identity: one
        for identity, one in before.findings.items()
        if identity not in found and one.properties.get("ruleId") in rules
    }
    on: dict[str, list[Relation]] = {}
    if lost:
        word = read.vocabulary.known_as("finding on")
        ids = [one.id for one in lost.values()]
        for relation in read.store.relations(subjects=ids, type=word, at=read.revision.number):
            on.setdefault(relation.subject, []).append(relation)
    for identity, one in lost.items():
        yield _from_store(identity, one, [relation.object for relation in on.get(one.id, [])], read, before)


def _from_store(identity: str, one: Entity, entities: Iterable[str], read: Estate, before: Stored) -> Finding:
    def said(name: str) -> str:
        value = one.properties.get(name, "")
        return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)

    ids = tuple(entities)
    return Finding(
        identity=identity,
        check=said("ruleId"),
        version=said("ruleVersion"),
        title=said("ruleId"),
        clause=said("clauseReference"),
        severity=said("severity"),
        remedy=said("description"),
        entities=ids,
        types=tuple(read.entities[id].type for id in ids),
        message=said("name"),
        numerator=float(said("numerator") or 0),
        denominator=float(said("denominator") or 0),
        status=GONE,
        first_found=said("firstFoundAt"),
        last_found=said("lastFoundAt"),
        disposition=before.dispositions.get(identity),
    )


def _severest(read: Estate) -> Callable[[Ran], tuple[int, str]]:
    ranks = _ranks(read)
    return lambda one: (-ranks.get(one.check.severity, 0), one.check.id)


def _ranks(read: Estate) -> Mapping[str, int]:
    code_list = read.vocabulary.properties["severity"].code_list
    return {code.notation: code.rank or 0 for code in read.vocabulary.code_lists[str(code_list)].codes}


def _order(read: Estate) -> Callable[[Finding], tuple[int, int, str, str]]:
    ranks = _ranks(read)
    return lambda one: (_STATES.index(one.state), -ranks.get(one.severity, 0), one.check, one.identity)


def _tally(ran: Ran, states: Sequence[str]) -> Tally:
    return Tally(
        check=ran.check.id,
        title=ran.check.title,
        clause=ran.check.clause,
        severity=ran.check.severity,
        looked_at=ran.examined.looked_at,
        deficient=ran.examined.deficient,
        open=states.count(OPEN),
        accepted=states.count(ACCEPTED),
        gone=states.count(GONE),
        note=ran.examined.note,
    )
