"""Kept results of checks: which there are, and whether the graph under them has changed since.

``(:ComputedRecord)-[:RESULT_OF]->(:ComputedCheck)``. There is one record for each check; what it said before stands
in its history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Final

from graphsms.analysis.estate import Estate
from graphsms.analysis.obligation_policy import evidence_policy
from graphsms.clauses import Catalogue
from graphsms.errors import InputError
from graphsms.model import Entity, Value
from graphsms.obligations.computed import run
from graphsms.snapshot.validity import microseconds
from graphsms.version import __version__

__all__ = ["SOURCE", "current", "kept", "record_id"]

# What assessments write comes from a source of its own.
SOURCE: Final = "graphsms assess"


def record_id(check: str) -> str:
    """The id of the record that keeps the result of a check.

    Examples
    --------
    >>> record_id("check/analysis-completeness")
    'computed/analysis-completeness'
    """
    return f"computed/{check.rpartition('/')[2]}"


def kept(read: Estate) -> Mapping[str, Entity]:
    """By check, the latest result that is kept and no later than the moment; O(relations), once for a reading."""
    return read.once("kept results", lambda: _kept(read))


def _kept(read: Estate) -> dict[str, Entity]:
    relation, moment = read.vocabulary.known_as("result of"), microseconds(read.as_of)
    found: dict[str, tuple[int, Entity]] = {}
    for one in read.relations:
        if one.type != relation:
            continue
        entity = read.entities[one.subject]
        date = str(entity.properties.get("collected") or entity.properties.get("asOf") or "")
        at = microseconds(date) if date else 0
        if at <= moment and at >= found.get(one.object, (0, entity))[0]:
            found[one.object] = (at, entity)
    return {check: entity for check, (_, entity) in found.items()}


def current(read: Estate, catalogue: Catalogue) -> Callable[[str], str | None]:
    """What gives the hash of the result of a check now; only checks with a kept result are run.

    Each is run at the moment that its kept result is of, on the graph as it is read: time that goes by is no change
    of the graph. Where nothing but assessments was written since, nothing is run: O(revisions).
    """
    moments: dict[str, Estate] = {read.as_of: read}
    rules = (read.vocabulary.hash, evidence_policy(read).hash, __version__)

    def hash_of(check: str) -> str | None:
        entity = kept(read).get(check)
        if entity is None or check not in catalogue.checks:
            return None
        its = entity.properties
        looked_at = its.get("atRevision")
        if isinstance(looked_at, int) and _last_written(read) <= looked_at and _rules(its) == rules:
            return str(its.get("resultHash"))
        as_of = str(its.get("asOf") or read.as_of)
        there = moments.get(as_of)
        if there is None:
            there = moments[as_of] = read.on(as_of)
        try:
            return run(there, check, catalogue).hash or None
        except InputError:  # what it runs is no more: nobody can say that it has changed
            return None

    return hash_of


def _rules(its: Mapping[str, Value]) -> tuple[Value | None, ...]:
    return its.get("ontologyHash"), its.get("policyHash"), its.get("softwareVersion")


def _last_written(read: Estate) -> int:
    """The last revision of those read that is no assessment: until it, there is something that can have changed."""

    def find() -> int:
        there = takewhile(lambda one: one.number <= read.revision.number, read.store.revisions())
        return max((one.number for one in there if one.source != SOURCE), default=0)

    return read.once("last revision of others", find)
