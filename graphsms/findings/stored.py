"""Findings and dispositions as the graph holds them (8.2.6, 9.4, 10.1).

``(:Finding)-[:FINDING_ON]->(:Entity)``, ``(:Disposition)-[:DECIDES_ON]->(:Finding)``; a disposition is kept by the
identity of its finding, so it is there again when a finding that was gone comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from graphsms.analysis.estate import Estate
from graphsms.analysis.identity import finding_id
from graphsms.findings.answer import GONE, Disposition, Finding
from graphsms.model import Entity, Relation, Value
from graphsms.snapshot.validity import interval, microseconds
from graphsms.vocabulary import VALID_FROM, VALID_TO, Vocabulary

__all__ = ["Stored", "stored", "to_store"]

_IDENTITY: Final = "findingIdentity"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the graph holds of findings: the entities by identity, and what is decided about them."""

    findings: Mapping[str, Entity]
    dispositions: Mapping[str, Disposition]


def stored(estate: Estate) -> Stored:
    """The findings and dispositions of the graph at a revision; whether the latter hold, at the estate's moment."""
    words = estate.vocabulary
    return Stored(
        _by_identity(estate.store.entities(type=words.known_as("finding"), at=estate.revision.number)),
        _dispositions(estate),
    )


def _by_identity(entities: Iterable[Entity]) -> dict[str, Entity]:
    return {str(one.properties[_IDENTITY]): one for one in entities if _IDENTITY in one.properties}


def _dispositions(estate: Estate) -> dict[str, Disposition]:
    words, at = estate.vocabulary, estate.revision.number
    found = _by_identity(estate.store.entities(type=words.known_as("disposition"), at=at))
    ends: dict[tuple[str, str], list[str]] = {}
    if found:
        for relation in estate.store.relations(subjects=[one.id for one in found.values()], at=at):
            ends.setdefault((relation.subject, relation.type), []).append(relation.object)
    today = datetime.fromisoformat(estate.as_of).astimezone(estate.zone).date().isoformat()
    return {
        identity: _disposition(one, ends, words, microseconds(estate.as_of), today) for identity, one in found.items()
    }


def _disposition(
    entity: Entity, ends: Mapping[tuple[str, str], list[str]], words: Vocabulary, moment: int, today: str
) -> Disposition:
    def said(name: str) -> str:
        return str(entity.properties.get(name, ""))

    def led_to(word: str) -> list[str]:
        return ends.get((entity.id, words.known_as(word)), [])

    since, until = interval(said(VALID_FROM), said(VALID_TO))
    return Disposition(
        id=entity.id,
        decision=said("decision"),
        owner=", ".join(led_to("owned by")),
        due=said("dueOn"),
        through=tuple(led_to("disposition through")),
        by=", ".join(led_to("decided by")),
        why=said("rationale"),
        until=said(VALID_TO),
        holds=since <= moment < until,
        overdue=bool(said("dueOn")) and said("dueOn") < today,
    )


def to_store(
    findings: Iterable[Finding], before: Stored, estate: Estate, moment: str
) -> tuple[list[Entity], list[Relation]]:
    """What is to be stored of a run: each finding with its life, and what it is on.

    What is gone keeps when it was last found, by which version of the rule.
    """
    entities: list[Entity] = []
    relations: list[Relation] = []
    for one in findings:
        was = before.findings.get(one.identity)
        if one.status == GONE:
            if was is not None and was.properties.get("findingStatus") != GONE:
                entities.append(Entity(was.id, was.type, _ordered({**was.properties, "findingStatus": GONE})))
            continue
        properties = _properties(one, estate, moment)
        if was is None:
            entities.append(Entity(finding_id(one.identity), estate.vocabulary.known_as("finding"), properties))
        else:
            entities.append(Entity(was.id, was.type, _ordered({**was.properties, **properties})))
        relations += _on(one, estate)
    return entities, relations


def _properties(one: Finding, estate: Estate, moment: str) -> dict[str, Value]:
    clauses = estate.vocabulary.properties["clauseReference"].many
    found: dict[str, Value] = {
        "name": one.message,
        "description": one.remedy,
        _IDENTITY: one.identity,
        "ruleId": one.check,
        "ruleVersion": one.version,
        "severity": one.severity,
        "findingStatus": one.status,
        "firstFoundAt": one.first_found or moment,
        "lastFoundAt": moment,
        "numerator": float(one.numerator),
        "denominator": float(one.denominator),
        "atRevision": estate.revision.number,
        "clauseReference": tuple(sorted({part.strip() for part in one.clause.split(",")})) if clauses else one.clause,
    }
    return _ordered(found)


def _on(one: Finding, estate: Estate) -> Iterator[Relation]:
    for id in dict.fromkeys(one.entities):
        if id in estate.entities:
            yield Relation(estate.vocabulary.known_as("finding on"), finding_id(one.identity), id)


def _ordered(properties: Mapping[str, Value]) -> dict[str, Value]:
    return {name: properties[name] for name in sorted(properties)}
