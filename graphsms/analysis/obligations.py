"""Obligations and evidence: the state of every requirement, clause, process and edition on a day (4 to 10, 7.5, 9.2).

::

    requirement ◀─satisfies─── policy, process, procedure, control, agreement, role   it is settled how
                ◀─demonstrates── document, record, activity, case, kept result        it is shown

A duty to document needs the approved, current document; a duty to do a record inside its declared interval; "at planned
intervals" with none declared is partial. Where the condition of a requirement did not arise in the period there is
nothing to show: *no occurrence*. No requirement can be excluded (1.2). The state says that evidence exists; whether
the requirement is met is a person's judgement, and stands beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, tzinfo
from functools import cached_property
from typing import Final

from graphsms.analysis.estate import Estate, estate
from graphsms.analysis.obligation_answer import (
    EVIDENCED,
    MISSING,
    NO_OCCURRENCE,
    NOT_ASSESSED,
    PARTIAL,
    STALE,
    Conformity,
    Obligations,
    RequirementState,
    rolled,
)
from graphsms.analysis.obligation_policy import evidence_policy
from graphsms.analysis.occurrences import nothing_occurred
from graphsms.analysis.proofs import Proof, Worth, proof_of, when
from graphsms.clauses import Catalogue, Requirement, catalogue
from graphsms.clauses.runs import runs_of
from graphsms.model import Entity, Relation
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store

__all__ = ["Current", "obligations", "obligations_of"]

# By id of a check, the hash of the result that it gives on the graph as it is read; None where it cannot be run.
Current = Callable[[str], str | None]
_CONFORMS: Final = "conforms"
_BY_WORTH: Final = {Worth.WHOLE: EVIDENCED, Worth.PART: PARTIAL, Worth.OUT_OF_DATE: STALE}
# What the organization has to show itself, whoever does the work (1.2): by edition, the first number of the clause.
_OWN: Final = {"2018": ("4", "5"), "2011": ("4",)}


def obligations(
    store: Store,
    edition: str | None = None,
    *,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    policy: str | None = None,
    current: Current | None = None,
) -> Obligations:
    """The state of evidence of every requirement of an edition, and of the laws and contracts in the graph.

    Parameters
    ----------
    store : Store
    edition : str, optional
        The year; without it, the newest edition.
    at : int, optional
        The revision; without it, the present one.
    as_of : str, optional
        The moment; without it, now.
    zone : tzinfo
        The organization's time zone.
    policy : str, optional
        A file that says for how long evidence counts, in place of ours.
    current : callable, optional
        What checks give now: kept results that differ from it are out of date.

    Raises
    ------
    InputError
        There is no such edition.

    Notes
    -----
    O(entities + relations), read once; then O(links to requirements).

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     found = obligations(g.store)
    ...     found.overall.evidenced, found.overall.state
    (0, 'not assessed')
    """
    options = {} if policy is None else {"evidence policy": policy}
    return obligations_of(estate(store, at, as_of, zone, options), edition, current=current)


def obligations_of(read: Estate, edition: str | None = None, *, current: Current | None = None) -> Obligations:
    """`obligations` of a graph that is read already."""
    found = catalogue(read.vocabulary)
    year = found.edition(edition)
    states = _States(read, found, current)
    demands = [*found.of_edition(year), *states.demands_beside()]
    judged = {one.id: states.of(one) for one in reversed(demands)}  # items before the heads of their lists
    return Obligations(
        revision=read.revision.number,
        at=read.revision.time,
        as_of=read.as_of,
        edition=year,
        states={one.id: judged[one.id] for one in demands},
        processes=states.processes(),
        catalogue=found,
    )


class _States:
    """States being found, each once."""

    def __init__(self, read: Estate, found: Catalogue, current: Current | None) -> None:
        self._read = read
        self._catalogue = found
        self._current = current
        self._policy = evidence_policy(read)
        self._word = read.vocabulary.known_as
        self._found: dict[str, RequirementState] = {}

    # ------------------------------------------------------------------------------ what is linked

    @cached_property
    def _linked(self) -> Mapping[str, list[Relation]]:
        """What satisfies or demonstrates a requirement, by its id; what has become of computed checks is apart."""
        wanted = {self._word("satisfied by"), self._word("demonstrated by")}
        check = self._word("computed check")
        found: dict[str, list[Relation]] = defaultdict(list)
        for relation in self._read.relations:
            subject = self._read.entities[relation.subject]
            if relation.type not in wanted or not self._read.valid(relation.properties):
                continue
            if not self._read.vocabulary.is_a(subject.type, check):
                found[relation.object].append(relation)
        return found

    @cached_property
    def _results(self) -> Mapping[str, Entity]:
        """The latest kept result of each check that is no later than the moment."""
        relation, moment = self._word("result of"), microseconds(self._read.as_of)
        found: dict[str, tuple[int, Entity]] = {}
        for one in self._read.relations:
            if one.type != relation:
                continue
            entity = self._read.entities[one.subject]
            date = when(self._read, entity, {})
            at = microseconds(date) if date else 0
            if at <= moment and at >= found.get(one.object, (0, entity))[0]:
                found[one.object] = (at, entity)
        return {check: entity for check, (_, entity) in found.items()}

    def demands_beside(self) -> Iterator[Requirement]:
        """What laws, contracts and others demand: obligations of the graph that are none of the catalogue."""
        for entity in self._read.of_type(self._word("obligation")):
            if entity.id in self._catalogue.requirements or not self._read.live(entity):
                continue
            its = entity.properties
            yield Requirement(
                id=entity.id,
                edition="",
                clause="",
                anchor=entity.name,
                sentence=0,
                item=str(its.get("item", "")),
                position=0,
                paraphrase=str(its.get("paraphrase", its.get("description", ""))),
                mandatory=True,
                duty=str(its.get("duty", "do")),
                at_planned_intervals=its.get("atPlannedIntervals") is True,
                condition=str(its.get("condition", "")),
            )

    def processes(self) -> dict[str, tuple[str, ...]]:
        """Which requirements each process satisfies; of the head of a list, its items too."""
        satisfies, process = self._word("satisfied by"), self._word("process")
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for relation in self._read.relations:
            subject = self._read.entities[relation.subject]
            if relation.type == satisfies and self._read.vocabulary.is_a(subject.type, process):
                own = self._catalogue.requirements.get(relation.object)
                for id in (relation.object, *(own.items if own else ())):
                    found[subject.id][id] = None
        return {id: tuple(found[id]) for id in sorted(found)}

    # ---------------------------------------------------------------------------------- the states

    def of(self, requirement: Requirement) -> RequirementState:
        """The state of a requirement; of the head of a list, that of its items."""
        if requirement.id not in self._found:
            self._found[requirement.id] = self._state(requirement)
        return self._found[requirement.id]

    def _state(self, requirement: Requirement) -> RequirementState:
        proofs = self._proofs(requirement)
        conformity = self._judgements.get(requirement.id)
        if requirement.items:
            items = [self.of(self._catalogue.requirements[id]) for id in requirement.items]
            of_items = rolled(self._leaves(items))
            reason = f"its items: {of_items.sentence()}"
            return RequirementState(requirement, of_items.state, reason, proofs, conformity)
        best = self._telling(requirement, proofs)
        if best is not None and best.worth is Worth.WHOLE:
            return RequirementState(requirement, EVIDENCED, f"{best.name}: {best.reason}", proofs, conformity)
        # Who judged that something is amiss has seen that there was something to judge.
        judged = conformity is not None and conformity.conformity != _CONFORMS
        if not judged and (nothing := self._nothing_arose(requirement)):
            return RequirementState(requirement, NO_OCCURRENCE, nothing, proofs, conformity)
        if best is not None and best.worth in _BY_WORTH:
            return RequirementState(
                requirement, _BY_WORTH[best.worth], f"{best.name}: {best.reason}", proofs, conformity
            )
        if best is not None:
            return RequirementState(requirement, MISSING, f"{best.name}: {best.reason}", proofs, conformity)
        if conformity is not None:
            day = f" on {conformity.day}" if conformity.day else ""
            reason = f"{conformity.by or 'somebody'} looked{day}, and nothing is linked"
            return RequirementState(requirement, MISSING, reason, proofs, conformity)
        return RequirementState(requirement, NOT_ASSESSED, "nobody has looked, and nothing is linked", proofs)

    def _telling(self, requirement: Requirement, proofs: tuple[Proof, ...]) -> Proof | None:
        """The proof that decides: the best, but where something is to be done, neither what settles how nor the part
        that a check shows makes up for a record that is out of date; and where it is to be documented, nor does a
        result for the document itself."""
        best = proofs[0] if proofs else None
        if best is None or best.worth is not Worth.PART:
            return best
        result, settles = self._word("computed record"), self._word("satisfied by")
        if requirement.duty == "document":
            own = next((one for one in proofs if one.type != result), None)
            return own if best.type == result and own is not None else best
        shown = next((one for one in proofs if one.link != settles and one.type != result), None)
        weak = best.link == settles or best.type == result
        return shown if weak and shown is not None and shown.worth is Worth.OUT_OF_DATE else best

    def _leaves(self, states: list[RequirementState]) -> Iterator[RequirementState]:
        for one in states:
            if one.requirement.items:
                yield from self._leaves([self._found[id] for id in one.requirement.items])
            else:
                yield one

    def _proofs(self, requirement: Requirement) -> tuple[Proof, ...]:
        relations = [*self._linked.get(requirement.id, ())]
        above = requirement.head
        while above:
            relations += self._linked.get(above, ())
            above = self._catalogue.requirements[above].head
        declared = self._declared(relations)
        found: dict[str, Proof] = {}
        for relation in relations:
            proof = proof_of(self._read, requirement, relation, self._policy, declared)
            kept = found.get(proof.id)
            if kept is None or proof.worth > kept.worth:
                found[proof.id] = self._own(requirement, proof)
        for proof in self._computed(requirement):
            found[proof.id] = proof
        settles = self._word("satisfied by")
        return tuple(sorted(found.values(), key=lambda one: (-one.worth, one.link == settles, one.id)))

    def _declared(self, relations: list[Relation]) -> str:
        """The interval that somebody has declared: on a link, or on a record as the time to the next."""
        for relation in relations:
            if interval := relation.properties.get("reviewInterval"):
                return str(interval)
        demonstrates, record = self._word("demonstrated by"), self._word("documented information")
        for relation in relations:
            entity = self._read.entities[relation.subject]
            interval = entity.properties.get("reviewInterval")
            if interval and relation.type == demonstrates and not self._read.vocabulary.is_a(entity.type, record):
                return str(interval)
        return ""

    def _own(self, requirement: Requirement, proof: Proof) -> Proof:
        """Clauses 4 and 5 are for the organization itself to show: what another party did shows part of it."""
        first = requirement.clause.partition(".")[0]
        if proof.worth is not Worth.WHOLE or first not in _OWN.get(requirement.edition, ()):
            return proof
        done_by = {self._word("owned by"), self._word("performed by")}
        for relation in self._read.leading_from.get(proof.id, ()):
            if relation.type in done_by and relation.object in self._suppliers:
                name = self._read.entities[relation.object].name
                reason = f"{proof.reason}; it is {name}'s, and clause {first} is for the organization itself to show"
                return Proof(
                    proof.id,
                    proof.type,
                    proof.name,
                    proof.link,
                    proof.linked_to,
                    Worth.PART,
                    reason,
                    proof.date,
                    proof.until,
                )
        return proof

    @cached_property
    def _suppliers(self) -> frozenset[str]:
        supplier = self._word("supplier of supply")
        return frozenset(one.object for one in self._read.relations if one.type == supplier)

    # -------------------------------------------------------------------------- what is computed

    def _computed(self, requirement: Requirement) -> Iterator[Proof]:
        for check in requirement.computed:
            result = self._results.get(check.id)
            if result is None:
                continue
            its = result.properties
            top, of = its.get("numerator"), its.get("denominator")
            date = when(self._read, result, {})
            until = after(date, self._policy.computed_within) if date else 0
            day = self._read.day(date)
            share = f"{top:g} of {of:g}" if isinstance(top, int | float) and isinstance(of, int | float) else "a result"
            now = self._current(check.id) if self._current is not None else its.get("resultHash")
            if until < microseconds(self._read.as_of):
                worth, reason = Worth.OUT_OF_DATE, f"{share} on {day}, and not run since"
            elif now is not None and now != its.get("resultHash"):
                worth, reason = Worth.OUT_OF_DATE, f"{share} on {day}; the graph under it has changed since"
            elif not of:
                worth, reason = Worth.NOTHING, f"there was nothing to look at on {day}"
            elif top == of and check.suffices:
                worth, reason = Worth.WHOLE, f"{share} on {day}"
            else:
                less = "" if top != of else "; it shows part of what is demanded"
                worth, reason = (Worth.PART if top else Worth.NOTHING), f"{share} on {day}{less}"
            yield Proof(
                result.id, result.type, check.name, self._word("demonstrated by"), requirement.id, worth, reason, date
            )

    def _nothing_arose(self, requirement: Requirement) -> str:
        """Why nothing is to be shown: none of what the requirement is about occurred, though records are kept."""
        for check in requirement.not_arisen:
            if nothing_occurred(self._read, runs_of(check.runs), self._policy.period):
                return f"{check.name}: none in the {self._policy.period} before {self._read.day(self._read.as_of)}"
        return ""

    # ------------------------------------------------------------------------ what people judged

    @cached_property
    def _judgements(self) -> Mapping[str, Conformity]:
        """The latest judgement of each requirement."""
        decides, judgement = self._word("decides on"), self._word("judgement of conformity")
        by, moment = self._word("decided by"), microseconds(self._read.as_of)
        found: dict[str, tuple[int, Conformity]] = {}
        for relation in self._read.relations:
            entity = self._read.entities[relation.subject]
            if relation.type != decides or not self._read.vocabulary.is_a(entity.type, judgement):
                continue
            its = entity.properties
            if its.get("machineWritten") is True:  # only people judge
                continue
            if its.get("claimedExclusion") and not its.get("conformity"):  # no requirement can be excluded (1.2)
                continue
            on = when(self._read, entity, {})
            at = microseconds(on) if on else 0
            if at > moment or at < found.get(relation.object, (0, None))[0]:
                continue
            people = [
                self._read.entities[one.object].name
                for one in self._read.leading_from.get(entity.id, ())
                if one.type == by
            ]
            why, day = str(its.get("rationale", "")), self._read.day(on)
            said = Conformity(entity.id, str(its.get("conformity", "")), ", ".join(people), on, why, day)
            found[relation.object] = (at, said)
        return {id: said for id, (_, said) in found.items()}
