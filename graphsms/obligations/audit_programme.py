"""What the audit programme has to cover: every clause within its cycle, sooner where it matters more (9.2.2 a).

Importance, changes since the last audit and the results of earlier ones bring a clause forward to half its cycle; none
of them ever puts it off. Only internal audits keep the cycle; those of others are shown beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.analysis.obligation_answer import EVIDENCED, NO_OCCURRENCE, Obligations, rolled
from graphsms.analysis.obligation_policy import evidence_policy
from graphsms.analysis.obligations import obligations_of
from graphsms.analysis.proofs import when
from graphsms.change.grounds import moment_of
from graphsms.clauses import Clause
from graphsms.model import Entity
from graphsms.obligations.nonconformities import is_open
from graphsms.obligations.programme import ClauseAudit, Programme
from graphsms.snapshot.validity import END, after, microseconds

__all__ = ["programme", "uncovered"]

_INTERNAL: Final = ("", "internal")
_DRAFTS: Final = ("planned", "draft", "in review", "withdrawn")
_NONCONFORMING: Final = ("minor", "major")
IMPORTANT: Final = "important"
CHANGED: Final = "changed since"
NOT_MET: Final = "nonconformity"
NOT_SHOWN: Final = "not evidenced"
NEVER: Final = "never audited"


def programme(read: Estate, edition: str | None = None) -> Programme:
    """When each clause was audited last, what speaks for auditing it, and by when to do so.

    Parameters
    ----------
    read : Estate
    edition : str, optional
        The year; without it, the newest.

    Notes
    -----
    O(entities + relations), and what the history did to what satisfies or shows each clause.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     print(g.obligations.audits.programme().sentence())
    Nothing is known of audits: no internal audit and no audit programme is recorded.
    """
    return _Making(read, obligations_of(read, edition)).programme()


def uncovered(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Clauses that were not audited within their cycle, for the checks."""
    recorded = any(one for word in ("audit", "audit programme") for one in read.of_type(read.vocabulary.known_as(word)))
    found = programme(read) if recorded else None  # where nothing is, it is not worked out in vain
    if found is None or not found.known:
        return Examined(0, (), "no internal audit and no audit programme is recorded")
    lacking = tuple(
        Deficiency(
            (),
            f"Clause {one.clause} ({one.title}) {one.was()}; the cycle is {found.cycle}.",
            f"clause-{one.clause}",
            concerning=(one.id,) if one.id in read.entities else (),
        )
        for one in found.clauses
        if one.overdue
    )
    return Examined(len(found.clauses), lacking)


@dataclass(frozen=True, slots=True)
class _Audit:
    entity: Entity
    date: str
    internal: bool
    clauses: frozenset[str]


class _Making:
    """The programme being made."""

    def __init__(self, read: Estate, answer: Obligations) -> None:
        self._read = read
        self._answer = answer
        self._word = read.vocabulary.known_as
        self._catalogue = answer.catalogue
        self._now = microseconds(read.as_of)

    def programme(self) -> Programme:
        stated = self._stated
        cycle = str(stated.properties.get("auditCycle", "")) if stated else ""
        cycle, by = (cycle, stated.id) if stated and cycle else (evidence_policy(self._read).audit_cycle, "")
        starts = self._starts(stated)
        rows = [self._row(clause, cycle, starts) for clause in self._clauses]
        rows.sort(key=_sooner)
        return Programme(
            revision=self._read.revision.number,
            at=self._read.revision.time,
            as_of=self._read.as_of,
            edition=self._answer.edition,
            programme=stated.id if stated else "",
            cycle=cycle,
            cycle_by=by,
            known=stated is not None or any(one.internal for one in self._audits),
            clauses=tuple(rows),
        )

    @cached_property
    def _clauses(self) -> list[Clause]:
        """The clauses that demand something themselves."""
        demanding = {one.clause for one in self._catalogue.of_edition(self._answer.edition) if one.mandatory}
        every = (one for one in self._catalogue.clauses.values() if one.edition == self._answer.edition)
        return [one for one in every if one.number in demanding]

    @cached_property
    def _stated(self) -> Entity | None:
        """The audit programme that holds: approved or without a status, the one settled last."""
        found = [
            one
            for one in self._read.of_type(self._word("audit programme"))
            if self._read.live(one) and one.properties.get("documentStatus") not in _DRAFTS
        ]
        settled = [one for one in found if not (date := self._starts(one)) or microseconds(date) <= self._now]
        return max(settled, key=lambda one: (self._starts(one), one.id), default=None)

    def _starts(self, stated: Entity | None) -> str:
        return when(self._read, stated, {}) if stated else ""

    # ------------------------------------------------------------------------- what belongs to a clause

    @cached_property
    def _linked(self) -> Mapping[str, frozenset[str]]:
        """By number of a clause: what satisfies or shows its requirements, and the clause itself."""
        found: dict[str, set[str]] = defaultdict(set)
        for state in self._answer.states.values():
            found[state.requirement.clause] |= {proof.id for proof in state.proofs}
        for process, requirements in self._answer.processes.items():
            for id in requirements:
                if id in self._catalogue.requirements:
                    found[self._catalogue.requirements[id].clause].add(process)
        return {number: frozenset(ids & self._read.entities.keys()) for number, ids in found.items()}

    @cached_property
    def _by_target(self) -> Mapping[str, frozenset[str]]:
        """By id of a clause, a requirement, or what is linked to one: the numbers of the clauses that it stands for."""
        found: dict[str, set[str]] = defaultdict(set)
        numbers = {one.number for one in self._clauses}
        for clause in self._catalogue.clauses.values():
            if clause.edition == self._answer.edition:
                found[clause.id] |= {one.number for one in self._catalogue.under(clause)} & numbers
        for one in self._catalogue.of_edition(self._answer.edition):
            found[one.id].add(one.clause)
        for number, ids in self._linked.items():
            for id in ids:
                found[id].add(number)
        return {id: frozenset(some & numbers) for id, some in found.items()}

    def _to(self, id: str, *words: str) -> list[str]:
        types = {self._word(word) for word in words}
        return [one.object for one in self._read.leading_from.get(id, ()) if one.type in types]

    # ---------------------------------------------------------------------------------------- audits

    @cached_property
    def _audits(self) -> list[_Audit]:
        """The audits that are over, and those that are planned, each with the clauses that it covers."""
        found = []
        for one in self._read.of_type(self._word("audit")):
            its = one.properties
            date = when(self._read, one, {}) or str(its.get("plannedOn", ""))
            internal = str(its.get("auditKind", "")) in _INTERNAL
            found.append(_Audit(one, date, internal, frozenset(self._covered(one.id))))
        return found

    def _covered(self, audit: str) -> Iterator[str]:
        """The clauses that an audit covers.

        Those that it names, and those of the processes and documents that it examines; where it examines nothing but
        the management system as a whole, or holds just an edition of the standard against it, all of them.
        """
        system = self._word("management system")
        examined = self._to(audit, "examined in audit")
        specific = [id for id in examined if not self._read.vocabulary.is_a(self._read.entities[id].type, system)]
        against = self._to(audit, "audited against")
        named = [id for id in against if id in self._catalogue.clauses or id in self._catalogue.requirements]
        for id in (*specific, *named):
            yield from self._by_target.get(id, ())
        whole = self._catalogue.editions[self._answer.edition] in against
        if not specific and not named and (examined or whole):
            yield from (one.number for one in self._clauses)

    @cached_property
    def _cases(self) -> Mapping[str, list[Entity]]:
        """By number of a clause: the nonconformities that were known at the moment."""
        found: dict[str, list[Entity]] = defaultdict(list)
        for one in self._read.of_type(self._word("nonconformity")):
            recorded = str(one.properties.get("recordedAt", ""))
            if recorded and microseconds(recorded) > self._now:
                continue
            ends = self._to(one.id, "fails to meet", "subject of record", "under process", "caused by")
            for number in sorted({number for id in ends for number in self._by_target.get(id, ())}):
                found[number].append(one)
        return found

    # -------------------------------------------------------------------------------- what has changed

    @cached_property
    def _times(self) -> Mapping[int, str]:
        return {one.number: one.time for one in self._read.store.revisions()}

    @cached_property
    def _revised(self) -> Mapping[str, tuple[int, ...]]:
        """By id of what is linked to any clause: the revisions that changed what was there already."""
        found = {}
        last = self._read.revision.number
        for id in sorted({id for ids in self._linked.values() for id in ids}):
            touched = self._read.store.touched_of(id) if last > 1 else []
            found[id] = tuple(
                one.revision
                for one in touched
                if one.revision <= last
                and isinstance(one.before, Entity)
                and (not isinstance(one.after, Entity) or one.after.properties != one.before.properties)
            )
        return found

    @cached_property
    def _made(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """By id of what is touched: the requests for change that were made, with when."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        touches, request = self._word("touched by change"), self._word("request for change")
        for one in self._read.of_type(request):
            ended = str(one.properties.get("endedAt", ""))
            if ended and microseconds(ended) <= self._now:
                for relation in self._read.leading_from.get(one.id, ()):
                    if relation.type == touches:
                        found[relation.object].append((one.id, ended))
        return {id: tuple(some) for id, some in found.items()}

    def _changes(self, number: str, since: str) -> tuple[str, ...]:
        """What changed for a clause since a moment: requests for change, then revisions."""
        if not since:
            return ()
        start = microseconds(since)
        linked = sorted(self._linked.get(number, ()))
        requests = {id for one in linked for id, ended in self._made.get(one, ()) if microseconds(ended) > start}
        revisions = {n for one in linked for n in self._revised[one] if microseconds(self._times[n]) > start}
        return (*sorted(requests), *(f"revision {n}" for n in sorted(revisions)))

    # ------------------------------------------------------------------------------------- the rows

    def _importance(self, clause: Clause) -> tuple[str, float, tuple[str, ...]]:
        """How important it is, as a word, as a part of the highest there is, and who says so."""
        best: tuple[float, str, str] = (0.0, "", "")
        for id in sorted({clause.id, *self._linked.get(clause.number, ())} & self._read.entities.keys()):
            entity = self._read.entities[id]
            said = [("auditPriority", entity), *(("criticality", one) for one in self._at_stake(entity))]
            for property, of in said:
                word = str(of.properties.get(property, ""))
                if share := self._shares(property).get(word, 0.0):
                    best = max(best, (share, word, of.id))
        return best[1], best[0], (best[2],) if best[2] else ()

    def _at_stake(self, entity: Entity) -> Iterator[Entity]:
        """What is at stake with something that belongs to a clause: a process or another item, the most critical
        service on it, and that on what an agreement covers."""
        words = self._read.vocabulary
        if words.is_a(entity.type, self._word("configuration item")):
            yield from (entity, *self._read.services_on(entity.id)[:1])
        elif words.is_a(entity.type, self._word("agreement")):
            for id in self._to(entity.id, "covered by agreement"):
                yield from self._read.services_on(id)[:1]

    def _shares(self, property: str) -> Mapping[str, float]:
        """The codes of a property as parts of the highest."""
        known = self._read.vocabulary.properties.get(property)
        codes = self._read.vocabulary.code_lists[known.code_list].codes if known and known.code_list else ()
        top = max((code.rank or 0 for code in codes), default=0)
        return {code.notation: (code.rank or 0) / top for code in codes} if top else {}

    def _row(self, clause: Clause, cycle: str, starts: str) -> ClauseAudit:
        over = [one for one in self._audits if clause.number in one.clauses and self._over(one)]
        ours = sorted((one for one in over if one.internal), key=lambda one: (one.date, one.entity.id))
        last = ours[-1] if ours else None
        states = [one for one in self._answer.states.values() if one.requirement.clause == clause.number]
        stand = rolled(one for one in states if one.requirement.edition == self._answer.edition)
        cases = self._cases.get(clause.number, [])
        open_ = [one.id for one in cases if is_open(self._read, one)]
        judged = [one for one in states if one.conformity and one.conformity.conformity in _NONCONFORMING]
        word, share, by = self._importance(clause)
        changes = self._changes(clause.number, last.date if last else starts)
        reasons = [
            *([NEVER] if last is None else []),
            *([NOT_MET] if open_ or judged else []),
            *([CHANGED] if changes else []),
            *([IMPORTANT] if share > 0.5 else []),
            *([NOT_SHOWN] if stand.state not in (EVIDENCED, NO_OCCURRENCE) else []),
        ]
        base = last.date if last else starts
        due = after(base, cycle) if base else self._now
        sooner = any(one in reasons for one in (NOT_MET, CHANGED, IMPORTANT))
        start = microseconds(base) if base else self._now
        propose = max(self._now, start + (due - start) // 2 if sooner else due)
        return ClauseAudit(
            id=clause.id,
            clause=clause.number,
            title=clause.title,
            position=clause.position,
            last=last.date if last else "",
            audits=tuple(one.entity.id for one in ours),
            result=_result(last.entity) if last else "",
            others=tuple(one.entity.id for one in over if not one.internal),
            planned=self._planned(clause.number),
            importance=word,
            important_by=by,
            weight=round(share, 4),
            changes=changes,
            open=tuple(open_),
            closed=len(cases) - len(open_),
            judged=tuple(one.requirement.id for one in judged),
            state=stand.state,
            evidenced=stand.evidenced,
            applicable=stand.applicable,
            due=moment_of(due) if base else "",
            overdue=due < self._now or not base,
            propose=moment_of(propose),
            reasons=tuple(reasons),
        )

    def _over(self, one: _Audit) -> bool:
        return bool(when(self._read, one.entity, {})) and microseconds(one.date) <= self._now

    def _planned(self, number: str) -> tuple[str, ...]:
        """Internal audits that are still to come and will cover it, the next first."""
        ahead = [one for one in self._audits if one.internal and number in one.clauses and not self._over(one)]
        return tuple(f"{one.entity.id} on {one.date[:10]}" for one in sorted(ahead, key=lambda one: one.date))


def _sooner(one: ClauseAudit) -> tuple[Any, ...]:
    """The order in which to audit: what is due first, then what is not met, what matters most, and the text."""
    return (microseconds(one.propose) if one.propose else END, -len(one.open), -one.weight, one.due, one.position)


def _result(audit: Entity) -> str:
    return str(audit.properties.get("result") or audit.properties.get("outcome") or "")
