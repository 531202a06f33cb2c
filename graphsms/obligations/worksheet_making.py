"""How a gap assessment worksheet is made of a graph: states, what people judged and found, and what belongs to it.

Where no moment is given, it is that at which the revision was recorded: so the revision alone says what comes out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from graphsms.analysis.documents import document_register_of
from graphsms.analysis.estate import Estate, estate
from graphsms.analysis.obligation_answer import Obligations, RequirementState
from graphsms.analysis.obligation_policy import evidence_policy
from graphsms.change.pack.marking import levels, marking_of
from graphsms.clauses import Requirement
from graphsms.errors import InputError
from graphsms.ingest.worksheet_form import NOT_JUDGED, Exported, Finding, is_own
from graphsms.model import Entity
from graphsms.moments import now
from graphsms.obligations.evidence_index import by_category, by_clause, evidence_of
from graphsms.obligations.maturity import maturity
from graphsms.obligations.operation import operational_history
from graphsms.obligations.readiness import readiness
from graphsms.obligations.standing import states as states_of
from graphsms.obligations.worksheet import Inputs, OnRecord, Worksheet, WorksheetRow
from graphsms.snapshot.validity import microseconds
from graphsms.store import Store
from graphsms.version import __version__

__all__ = ["make_worksheet"]

_DONE: Final = {"caseStatus": ("closed", "cancelled"), "improvementStatus": ("implemented", "evaluated", "rejected")}


def make_worksheet(
    store: Store,
    edition: str | None = None,
    clause: str | None = None,
    *,
    policy: str | None = None,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo,
) -> Worksheet:
    """The worksheet of an edition, or of a clause of it with all below.

    Parameters
    ----------
    store : Store
    edition : str, optional
        The year; without it, the newest.
    clause : str, optional
        Its number.
    policy : str, optional
        A file that says for how long evidence counts.
    at : int, optional
        The revision; without it, the present one.
    as_of : str, optional
        The moment; without it, that at which the revision was recorded.
    zone : tzinfo
        The organization's.

    Raises
    ------
    InputError
        There is no such edition or clause.

    Notes
    -----
    O(entities + relations).
    """
    options = {} if policy is None else {"evidence policy": policy}
    revision = estate(store, at).revision
    moment = as_of or (f"{revision.time[:19]}Z" if revision.time else now())
    read = estate(store, at, moment, zone, options)
    states = states_of(store, edition, at=at, as_of=moment, zone=zone, policy=policy)
    wanted = _wanted(states, clause)
    entities = read.entities
    making = _Making(read, states)
    rows = tuple(making.row(one) for id, one in states.states.items() if id in wanted)
    history = operational_history(read)
    levels = maturity(read)
    index = tuple(by_clause(states, entities, wanted))
    level, classification = _classified(store, making.findings(rows, clause), rows, revision.number)
    return Worksheet(
        inputs=Inputs(
            revision=revision.number,
            revision_hash=revision.hash,
            recorded=revision.time,
            as_of=moment,
            edition=states.edition,
            clause=clause or "",
            policy=evidence_policy(read).hash,
            ontology=store.vocabulary.hash,
            version=__version__,
            zone=str(zone),
            classification=classification,
            level=level,
        ),
        states=states,
        rows=rows,
        findings=tuple(making.findings(rows, clause)),
        index=index,
        requested=tuple(by_category(states, entities, wanted)),
        readiness=readiness(states, history, levels),
        history=history,
        maturity=levels,
        documents=None if clause else document_register_of(read, edition=states.edition),
        people=tuple(making.people()),
    )


def _wanted(states: Obligations, clause: str | None) -> set[str]:
    if clause is None:
        return set(states.states)
    found = states.catalogue.clause(clause, states.edition)
    if found is None:
        raise InputError(f"There is no clause {clause} in ISO/IEC 20000-1:{states.edition}.")
    return {one.id for one in states.catalogue.required_by(found)}


def _classified(
    store: Store, findings: Iterable[tuple[str, OnRecord]], rows: Sequence[WorksheetRow], at: int
) -> tuple[str, str]:
    """How confidential it is, and by what: as the most confidential thing in it; silence does not make it public."""
    shown = sorted({*(one.id for row in rows for one in row.evidence), *(one.id for _, one in findings)})
    marking = marking_of(store, shown, at)
    if marking.unstated and marking.level in levels(store.vocabulary)[:1]:
        return "", f"not classified: what is known of it is {marking}"
    return marking.level, str(marking)


class _Making:
    """Rows being made."""

    def __init__(self, read: Estate, states: Obligations) -> None:
        self._read = read
        self._states = states
        self._word = read.vocabulary.known_as
        self._moment = microseconds(read.as_of)
        self._findings = self._found()

    def row(self, one: RequirementState) -> WorksheetRow:
        its = one.requirement
        judged = one.conformity
        found = self._findings.get(its.id, [])
        own = [(entity, graded) for entity, graded in found if is_own(entity.id)]
        shown = next(((entity, graded) for entity, graded in own if self._open(entity)), None)
        filled = {
            "conformity": judged.conformity if judged else NOT_JUDGED,
            "finding": "" if shown is None else str(shown[0].properties.get("description", shown[0].name)),
            "owner": "" if shown is None else "; ".join(self._to(shown[0].id, "owned by")),
            "due": "" if shown is None else str(shown[0].properties.get("dueOn", "")),
            "assessed_by": "; ".join(self._to(judged.id, "decided by")) if judged else "",
            "assessed_on": self._day(judged.on) if judged else "",
            "note": judged.why if judged else "",
            "add_evidence": "",
        }
        was = {**filled, "conformity": "" if judged is None else judged.conformity}
        clause = self._states.catalogue.clause(its.clause, its.edition) if its.clause else None
        return WorksheetRow(
            requirement=its,
            title=clause.title if clause else its.anchor,
            kind=_kind(its),
            state=one.state,
            reason=one.reason,
            evidence=tuple(evidence_of(proof, self._read.entities) for proof in one.proofs),
            on_record=tuple(self._on_record(*each) for each in found if self._open(each[0])),
            filled=filled,
            exported=Exported.of(
                was,
                id=its.id,
                anchor=its.anchor,
                state=one.state,
                judgement=judged.id if judged else "",
                finding=None if shown is None else self._finding(*shown),
                number=len(own),
            ),
        )

    def findings(self, rows: Sequence[WorksheetRow], clause: str | None) -> Iterator[tuple[str, OnRecord]]:
        """What is open: on requirements, on whole clauses, and on what is linked to the requirements."""
        for row in rows:
            yield from ((row.requirement.anchor, one) for one in row.on_record)
        known = self._states.catalogue
        whole = [one for one in known.clauses.values() if one.edition == self._states.edition]
        if clause is not None and (only := known.clause(clause, self._states.edition)):
            whole = known.under(only)
        linked = dict.fromkeys(one.id for row in rows for one in row.evidence)
        for where, id in (*((one.number, one.id) for one in whole), *((one, one) for one in linked)):
            yield from ((where, self._on_record(*one)) for one in self._findings.get(id, ()) if self._open(one[0]))

    def people(self) -> Iterator[tuple[str, str]]:
        """Those who can own a finding, by id."""
        wanted = self._read.vocabulary.relations[self._word("owned by")].range
        types = {type for one in wanted for type in self._read.vocabulary.subtypes[one]}
        return (
            (one.id, one.name) for one in self._read.entities.values() if one.type in types and self._read.live(one)
        )

    def _found(self) -> Mapping[str, list[tuple[Entity, bool]]]:
        """What was found of each thing up to the moment, the latest first; with whether it is a nonconformity."""
        kinds = {
            self._word("fails to meet"): (self._word("nonconformity"), True),
            self._word("subject of record"): (self._word("improvement"), False),
        }
        found: dict[str, list[tuple[int, str, Entity, bool]]] = defaultdict(list)
        for relation in self._read.relations:
            if relation.type not in kinds:
                continue
            type, graded = kinds[relation.type]
            entity = self._read.entities[relation.subject]
            on = str(entity.properties.get("recordedAt", ""))
            at = microseconds(on) if on else 0
            if at <= self._moment and self._read.vocabulary.is_a(entity.type, type):
                found[relation.object].append((-at, entity.id, entity, graded))
        return {id: [(entity, graded) for *_, entity, graded in sorted(some)] for id, some in found.items()}

    def _open(self, entity: Entity) -> bool:
        its = entity.properties
        closed = str(its.get("closedAt", ""))
        if closed and microseconds(closed) <= self._moment:
            return False
        return not any(its.get(name) in words for name, words in _DONE.items())

    def _on_record(self, entity: Entity, graded: bool) -> OnRecord:
        its = entity.properties
        return OnRecord(
            entity.id,
            "nonconformity" if graded else "improvement",
            entity.name,
            str(its.get("conformity", "")),
            "; ".join(self._to(entity.id, "owned by")),
            str(its.get("dueOn", "")),
            str(its.get("recordedAt", "")),
        )

    def _finding(self, entity: Entity, graded: bool) -> Finding:
        on = str(entity.properties.get("recordedAt", ""))
        judgements = self._to(entity.id, "arises from")
        return Finding(
            entity.id,
            graded,
            self._day(on),
            "; ".join(self._to(entity.id, "raised by")),
            judgements[0] if judgements else "",
        )

    def _to(self, id: str, word: str) -> list[str]:
        """Ids at the other end of a relation."""
        type = self._word(word)
        return [one.object for one in self._read.leading_from.get(id, ()) if one.type == type]

    def _day(self, moment: str) -> str:
        """A moment as the day in the organization's zone."""
        return datetime.fromisoformat(moment).astimezone(self._read.zone).date().isoformat() if moment else ""


def _kind(its: Requirement) -> str:
    if not its.edition:
        return "law or contract"
    if not its.mandatory:
        return "permitted"
    if its.items:
        return "list"
    return "item" if its.head else "sentence"
