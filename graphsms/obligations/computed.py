"""Checks of the catalogue run on a graph: of so many records so many have what is demanded (9.1).

``records of TYPE where ... with ...`` counts, ``analysis NAME`` asks one of `graphsms.obligations.analyses`. What a
check looks at:

- deeds (activities, cases and records) that are dated in the period of the policy for evidence before the moment, and
  those without a date;
- everything else that is live at the moment; a document that is withdrawn is not.

A relation counts where it holds at the moment; what leads to something that is live has to be live too. Results of
checks are no records for other checks: what graphsms writes shows nothing of the organization.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from graphsms.analysis.estate import Estate
from graphsms.analysis.evidence import result_hash
from graphsms.analysis.obligation_policy import evidence_policy
from graphsms.analysis.proofs import when
from graphsms.clauses import Catalogue
from graphsms.clauses.runs import ANALYSIS, OCCURRENCES, Runs, holds, runs_of
from graphsms.errors import InputError
from graphsms.model import Entity
from graphsms.moments import canonical_moment
from graphsms.obligations.analyses import examined
from graphsms.snapshot.validity import after, microseconds

__all__ = ["DECLARED_SAID", "Result", "run"]

DECLARED_SAID: Final = "is declared and comes with a later version"
_WITHDRAWN: Final = "withdrawn"
_TO_THIS: Final = "^"
# What is counted only grows with every revision; what matters is whether anything is lacking.
_GROWING: Final = frozenset({"journal"})
_NAMED: Final = 5  # of those that lack something, in a sentence


@dataclass(frozen=True, slots=True)
class Result:
    """What a check gives.

    Parameters
    ----------
    check, name, runs : str
        Id of the check, what people call it, and what it runs.
    numerator, denominator : int
        For how many of how many it holds.
    lacking : tuple of str
        Ids, or what else they are recognized by, of those for which it does not.
    hash : str
        SHA-256 of all that matters of it; not of the moment.
    note : str
        Why nothing could be looked at, or "".
    declared : bool
        Whether its analysis comes with a later version: it gives nothing yet.
    """

    check: str
    name: str
    runs: str
    numerator: int = 0
    denominator: int = 0
    lacking: tuple[str, ...] = ()
    hash: str = ""
    note: str = ""
    declared: bool = False

    @property
    def short(self) -> bool:
        """Whether it falls short: it looked at something, and does not hold for all of it."""
        return self.numerator < self.denominator

    def sentence(self) -> str:
        """What came out of it."""
        if self.declared:
            return f"The analysis {DECLARED_SAID}."
        if not self.denominator:
            return f"There was nothing to look at{f': {self.note}' if self.note else ''}."
        said = f"{self.numerator:,} of {self.denominator:,}"
        if not self.lacking:
            return f"{said}."
        more = len(self.lacking) - _NAMED
        names = ", ".join(self.lacking[:_NAMED])
        return f"{said}; not {names}{f' and {more:,} more' if more > 0 else ''}."

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "lacking": list(self.lacking), "result": self.sentence()}


def run(read: Estate, check: str, catalogue: Catalogue) -> Result:
    """Run a check of the catalogue on a graph that is read, at its moment; each only once for a reading.

    Parameters
    ----------
    read : Estate
    check : str
        Its id.
    catalogue : Catalogue

    Raises
    ------
    InputError
        There is no such check, or what it runs cannot be read.

    Notes
    -----
    Records: O(records of the type); of all of them together, O(relations) once. An analysis costs what it costs.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms.analysis.estate import estate
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     one = graphsms.Entity("inc-1", "Incident", {"caseCategory": "network"})
    ...     revision = g.apply(graphsms.ChangeSet(entities=[one, graphsms.Entity("inc-2", "Incident")]))
    ...     id = next(id for id, one in g.obligations.catalogue.checks.items()
    ...               if one.runs == "records of Incident with caseCategory")
    ...     run(estate(g.store), id, g.obligations.catalogue).sentence()
    '1 of 2; not inc-2.'
    """
    known = catalogue.checks.get(check)
    if known is None:
        raise InputError(f"The catalogue has no check {check!r}.")
    runs = runs_of(known.runs)
    if runs.kind == OCCURRENCES:
        raise InputError(f"The check {check!r} proves that nothing occurred; it gives no result of its own.")
    make = _of_analysis if runs.kind == ANALYSIS else _of_records
    return read.once(f"check {check}", partial(make, read, known.id, known.name, known.runs, runs))


def _of_analysis(read: Estate, id: str, name: str, text: str, runs: Runs) -> Result:
    try:
        found = examined(read, runs.name)
    except KeyError:
        raise InputError(f"The check {id} names an analysis that graphsms does not have: {runs.name}.") from None
    if found is None:
        return Result(id, name, text, declared=True)
    lacking = sorted({(*one.entities, *([one.aspect] if one.aspect else [])) for one in found.deficiencies})
    counted = None if runs.name in _GROWING else found.looked_at
    return Result(
        id,
        name,
        text,
        numerator=max(0, found.looked_at - found.deficient),
        denominator=found.looked_at,
        lacking=tuple(" ".join(one) for one in lacking),
        hash=result_hash({"runs": text, "looked_at": counted, "lacking": lacking}),
        note=found.note,
    )


def _of_records(read: Estate, id: str, name: str, text: str, runs: Runs) -> Result:
    (type,) = runs.types
    unknown = next((one for one in runs.types if one not in read.vocabulary.types), None)
    if unknown is not None:
        raise InputError(f"The check {id} is about {unknown}, which the ontology does not have.")
    has: list[str] = []
    lacking: list[str] = []
    for entity in _looked_at(read, type):
        if holds(runs.where, entity.properties):
            (has if all(_has(read, entity, one) for one in runs.having) else lacking).append(entity.id)
    return Result(
        id,
        name,
        text,
        numerator=len(has),
        denominator=len(has) + len(lacking),
        lacking=tuple(lacking),
        hash=result_hash({"runs": text, "has": has, "lacking": lacking}),
    )


def _looked_at(read: Estate, type: str) -> list[Entity]:
    return read.once(f"looked at {type}", lambda: list(_counted(read, type)))


def _counted(read: Estate, type: str) -> Iterator[Entity]:
    until = microseconds(read.as_of)
    since = after(read.as_of, f"-{evidence_policy(read).period}")
    ours = read.vocabulary.known_as("computed record")
    for entity in read.of_type(type):
        if entity.type == ours:
            continue
        if not is_deed(read, entity.type):
            if read.live(entity) and entity.properties.get("documentStatus") != _WITHDRAWN:
                yield entity
            continue
        begun, ended = dated(read, entity)
        if not begun or (since <= microseconds(ended) and microseconds(begun) <= until):
            yield entity


def is_deed(read: Estate, type: str) -> bool:
    """Whether something of the type is done or happens, rather than holds: an activity, a case or a record."""
    deeds = read.once(
        "deeds",
        lambda: frozenset(
            one
            for word in ("activity", "case", "record")
            for one in read.vocabulary.subtypes[read.vocabulary.known_as(word)]
        ),
    )
    return type in deeds


def dated(read: Estate, entity: Entity) -> tuple[str, str]:
    """When something happened, from and to, canonical; "" where nobody has said, or the day that it is planned for."""
    if date := when(read, entity, {}):
        return date, date
    its = entity.properties
    if its.get("periodStart"):
        return str(its["periodStart"]), str(its.get("periodEnd") or its["periodStart"])
    if planned := its.get("plannedOn"):
        from datetime import datetime, time

        text = str(planned)
        if "T" not in text:
            text = canonical_moment(datetime.combine(datetime.fromisoformat(text), time(), read.zone))
        return text, text
    return "", ""


def _has(read: Estate, entity: Entity, wanted: str) -> bool:
    """Whether it has a property, or a relation that holds from or (``^``) to it."""
    if wanted.startswith(_TO_THIS):
        both = _ends(read)[1].get(entity.id)
        return both is not None and wanted[1:] in both
    value = entity.properties.get(wanted)
    if value is not None and value not in ("", ()):
        return True
    both = _ends(read)[0].get(entity.id)
    return both is not None and wanted in both


_Ends = tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]


def _ends(read: Estate) -> _Ends:
    """By id, the relations that hold from it, and those that hold to it."""
    return read.once("relations that hold", lambda: _that_hold(read))


def _that_hold(read: Estate) -> _Ends:
    leading: dict[str, set[str]] = defaultdict(set)
    led_to: dict[str, set[str]] = defaultdict(set)
    for one in read.relations:
        if not read.valid(one.properties):
            continue
        leading[one.subject].add(one.type)
        subject = read.entities[one.subject]
        if is_deed(read, subject.type) or read.live(subject):
            led_to[one.object].add(one.type)
    return _shared(leading), _shared(led_to)


def _shared(found: Mapping[str, set[str]]) -> Mapping[str, frozenset[str]]:
    """The same few sets of relations are had by most: each is held once."""
    kept: dict[frozenset[str], frozenset[str]] = {}
    return {id: kept.setdefault(one, one) for id, one in ((id, frozenset(types)) for id, types in found.items())}
