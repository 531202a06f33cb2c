"""What a person states in Python or through a command, made canonical before it is applied."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TypeVar

from graphsms.asked import asked_id, asked_text
from graphsms.errors import InputError
from graphsms.ingest.check import id_problem
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.values import canonical_all
from graphsms.vocabulary import Vocabulary

__all__ = ["canonical_changes"]

_Stated = TypeVar("_Stated", Entity, Relation)


def canonical_changes(changes: ChangeSet, vocabulary: Vocabulary, zone: tzinfo = UTC) -> ChangeSet:
    """A change set with canonical values: a bare date is in the zone, a code is its notation.

    Raises
    ------
    InputError
        As it is read: an id cannot be one, or a property or a value is none of the ontology's.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> made = canonical_changes(ChangeSet([Entity("web", "Service", {"validTo": "2026-12-31"})]), load())
    >>> [dict(one.properties) for one in made.entities]
    [{'validTo': '2027-01-01T00:00:00Z'}]
    """

    def canonical(stated: _Stated, what: str) -> _Stated:
        asked_text(stated.type, f"{what}: the type")
        if isinstance(stated, Entity) and (problem := id_problem(stated.id)):
            raise InputError(f"The id {stated.id[:60]!r} {problem}; nothing was changed.")
        if not stated.properties:
            return stated
        try:
            return replace(stated, properties=canonical_all(stated.properties, vocabulary, zone))
        except ValueError as error:
            raise InputError(f"{what}: {error}; nothing was changed.") from None

    return replace(
        changes,
        entities=(canonical(one, asked_id(one.id)) for one in changes.entities),
        relations=(canonical(one, " ".join(map(asked_id, one.key))) for one in changes.relations),
    )
