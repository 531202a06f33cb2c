"""Verification records (8.2.6): what was checked, against what, what it found, and how to see it again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from graphsms.analysis.estate import Estate
from graphsms.ingest.hand import apply_by_hand
from graphsms.model import ChangeSet, Entity, Relation, RelationKey, Revision, Value
from graphsms.version import __version__

__all__ = ["Checked", "record", "result_hash"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A check of configuration information, as it is to be recorded.

    Parameters
    ----------
    id, name : str
        Of the record.
    items : tuple of str
        Ids of the configuration items that were checked.
    source : str
        The name of what they were checked against.
    source_name : str
        What people call it.
    checked, deficient : int
        How many were looked at, and for how many of them the information was wrong or missing.
    runs : str
        The analysis that did it, with its parameters.
    result : str
        What was found, in a sentence.
    result_hash, rules_hash : str
        SHA-256 of the result as such, and of the rules that it was found by.
    more : mapping of str to Value
        Further properties of the record.
    """

    id: str
    name: str
    items: tuple[str, ...]
    source: str
    source_name: str
    checked: int
    deficient: int
    runs: str
    result: str
    result_hash: str
    rules_hash: str = ""
    more: Mapping[str, Value] | None = None


def result_hash(result: object) -> str:
    """The SHA-256 of a result as JSON in one form, by which two runs are compared.

    Examples
    --------
    >>> result_hash({"b": 1, "a": 2}) == result_hash({"a": 2, "b": 1})
    True
    """
    return sha256(json.dumps(result, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def record(
    read: Estate,
    runs: Iterable[Checked],
    *,
    corrected: Iterable[Entity] = (),
    removed: Iterable[RelationKey] = (),
    actor: str = "",
    reason: str = "",
    request: str = "",
) -> Revision:
    """Store checks as records of the graph, in one revision, together with what they led to correct.

    ``(:ConfigurationVerification)-[:VERIFIES]->(:ConfigurationItem)``, ``-[:VERIFIED_AGAINST]->(:InformationSource)``

    Raises
    ------
    ConflictError
        The graph has moved on since it was read: what was found may no longer be so.
    """
    words = read.vocabulary
    entities: dict[str, Entity] = {}
    relations: list[Relation] = []
    reasons = []
    for one in runs:
        source = _source(read, one)
        entities.setdefault(source.id, source)
        entities[one.id] = Entity(one.id, words.known_as("configuration verification"), _properties(read, one))
        relations += [Relation(words.known_as("item verified"), one.id, item) for item in one.items]
        relations.append(Relation(words.known_as("verified against source"), one.id, source.id))
        reasons.append(one.name)
    fresh = [one for one in entities.values() if read.entities.get(one.id) != one]
    return apply_by_hand(
        read.store,
        ChangeSet(
            entities=[*fresh, *corrected],
            relations=relations,
            removed_relations=removed,
            actor=actor,
            reason=reason or (reasons[0] if len(reasons) == 1 else f"{len(reasons)} verifications"),
            request=request,
            base=read.revision.number,
        ),
    )


def _properties(read: Estate, one: Checked) -> dict[str, Value]:
    found: dict[str, Value] = {
        "name": one.name,
        "verifiedAt": read.as_of,
        "asOf": read.as_of,
        "atRevision": read.revision.number,
        "checkedItems": one.checked,
        "deficientItems": one.deficient,
        "runs": one.runs,
        "result": one.result,
        "resultHash": one.result_hash,
        "softwareVersion": __version__,
        "ontologyHash": read.vocabulary.hash,
        **({"policyHash": one.rules_hash} if one.rules_hash else {}),
        **(one.more or {}),
    }
    return {name: found[name] for name in sorted(found)}


def _source(read: Estate, one: Checked) -> Entity:
    """The source as the graph has it, or a new one by its name."""
    kind = read.vocabulary.known_as("information source")
    for id in (one.source, f"source:{one.source}"):
        there = read.entities.get(id)
        if there is None:
            return Entity(id, kind, {"name": one.source_name})
        if read.vocabulary.is_a(there.type, kind):
            return there
    return Entity(f"source#{one.source}", kind, {"name": one.source_name})
