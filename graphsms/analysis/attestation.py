"""Attestation (8.2.6): owners confirm or correct what is recorded of their configuration items, and that is evidence.

Each owner gets a list (`graphsms.analysis.attestation_lists`); what comes back is held against what the list said, and
against what has become of it since. Corrections are proposed, and made only when somebody says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final

from graphsms.analysis.attestation_answers import (
    ANSWERS,
    CONFIRMED,
    CORRECTED,
    GONE,
    NOT_MINE,
    Answer,
    Answers,
    Proposed,
    Returned,
)
from graphsms.analysis.attestation_lists import RUNS, shown
from graphsms.analysis.estate import Estate, estate, number_of
from graphsms.analysis.evidence import Checked, record
from graphsms.errors import RejectedError
from graphsms.model import Entity, Fault, Value
from graphsms.store import Store
from graphsms.values import canonical
from graphsms.vocabulary import LIFECYCLE

__all__ = ["attest"]

_OWNER: Final = "owner"


def attest(
    store: Store,
    rows: Iterable[Returned],
    *,
    apply: bool = False,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    actor: str = "",
    reason: str = "",
    request: str = "",
) -> Answers:
    """Take in what owners answered: a verification record for each answer, in one revision.

    Parameters
    ----------
    store : Store
    rows : iterable of Returned
    apply : bool
        Whether the corrections are made, in the same revision; otherwise they are proposed.
    as_of : str, optional
        When they answered; without it, now.
    zone : tzinfo
        Of dates that state none.
    actor, reason, request : str
        For the history.

    Raises
    ------
    RejectedError
        Rows have faults; nothing was recorded.

    Notes
    -----
    An answer that is recorded already, of the same list and with the same content, is not recorded again; corrections
    that it proposed and that were not made are made where ``apply`` says so.
    """
    read = estate(store, None, as_of, zone)
    judged = _Judged(read)
    for row in rows:
        judged.take(row)
    if judged.faults:
        number, first = number_of(judged.faults), judged.faults[0]
        raise RejectedError(f"Nothing was recorded: {number}, the first being {first}", judged.faults)
    found = Answers(
        read.revision.number,
        tuple(judged.answers),
        tuple(judged.unanswered),
        tuple(judged.outdated),
        repeated=tuple(judged.repeated),
        pending=tuple(judged.pending),
    )
    corrections = (*found.answers, *found.pending) if apply else ()
    if not found.answers and not corrections:
        return found
    relation = read.vocabulary.known_as("owned by")
    revision = record(
        read,
        [_checked(read, one) for one in found.answers],
        corrected=list(_corrected(read, corrections)),
        removed=[(one.id, relation, one.owner) for one in corrections if one.answer == NOT_MINE],
        actor=actor,
        reason=reason or "Attestation by owners",
        request=request,
    )
    return replace(found, recorded_in=revision.number, applied=apply)


def _checked(read: Estate, one: Answer) -> Checked:
    changes = "; ".join(
        f"{p.field}: {shown(p.was) or 'nothing'} → {shown(p.becomes) or 'nothing'}" for p in one.proposed
    )
    result = ". ".join(filter(None, (f"{one.answer}{f': {changes}' if changes else ''}", one.comment)))
    owner = read.entities[one.owner]
    return Checked(
        id=f"attestation:{one.id}:{one.owner}:{read.as_of}",
        name=f"Attestation of {read.entities[one.id].name} by {owner.name}",
        items=(one.id,),
        source=f"attestation:{one.owner}",
        source_name=f"Attestation by {owner.name}",
        checked=1,
        deficient=int(one.answer != CONFIRMED),
        runs=RUNS,
        result=result,
        result_hash=one.hash,
    )


def _corrected(read: Estate, answers: Iterable[Answer]) -> Iterator[Entity]:
    for one in answers:
        changes = {p.field: p.becomes for p in one.proposed if p.field != _OWNER}
        if changes:
            entity = read.entities[one.id]
            said = {**entity.properties, **changes}
            yield Entity(
                one.id, entity.type, {name: value for name in sorted(said) if (value := said[name]) is not None}
            )


class _Judged:
    """Rows held against what the list said, and what is recorded now."""

    def __init__(self, read: Estate) -> None:
        self._read = read
        self.answers: list[Answer] = []
        self.unanswered: list[str] = []
        self.outdated: list[str] = []
        self.repeated: list[Answer] = []
        self.pending: list[Answer] = []
        self.faults: list[Fault] = []
        self._recorded = {
            one.properties.get("resultHash")
            for one in read.of_type(read.vocabulary.known_as("configuration verification"))
            if one.properties.get("runs") == RUNS
        }
        self._seen: set[tuple[str, str]] = set()

    def take(self, row: Returned) -> None:
        cells = row.cells
        id, owner, said = cells.get("id", ""), cells.get(_OWNER, ""), cells.get("answer", "").casefold()
        before = len(self.faults)
        then = self._then(row, id, owner)
        if said and said not in ANSWERS:
            self._fault(row, "answer", "unknown-answer", f"It is {said!r}; answer {', '.join(ANSWERS)}.")
        if (id, owner) in self._seen:
            self._fault(row, "id", "repeated-row", "It stands in the list twice; leave one.")
        self._seen.add((id, owner))
        if then is None or len(self.faults) > before:
            return
        proposed = tuple(self._proposed(row, then, said, owner))
        if not said and proposed:
            self._fault(row, "answer", "missing-answer", "Cells were changed; answer 'corrected'.")
        elif said == CONFIRMED and proposed:
            self._fault(row, "answer", "contradiction", "It is confirmed and changed; answer 'corrected' instead.")
        elif said == CORRECTED and not proposed:
            self._fault(row, "answer", "contradiction", "It is corrected and nothing is changed; change the cells.")
        elif len(self.faults) > before:
            return
        elif not said:
            self.unanswered.append(id)
        else:
            listed_at = int(cells.get("revision", ""))
            self._sort(Answer(id, owner, said, proposed, cells.get("comment", ""), listed_at), then)

    def _sort(self, answer: Answer, then: Entity) -> None:
        unchanged = self._now(answer.id) == then.properties
        recorded = answer.hash in self._recorded
        made = recorded and self._made(answer)
        if not made and not unchanged:
            self.outdated.append(answer.id)
        elif not recorded:
            self.answers.append(answer)
        else:
            self.repeated.append(answer)
            if not made:
                self.pending.append(answer)

    def _made(self, answer: Answer) -> bool:
        """Whether what an answer corrects is by now as it says."""
        now = self._now(answer.id)
        owned = (answer.id, self._read.vocabulary.known_as("owned by"), answer.owner)
        edges = {edge.key for edge in self._read.leading_from.get(answer.id, ())}
        return all(
            owned not in edges if one.field == _OWNER else now is not None and now.get(one.field) == one.becomes
            for one in answer.proposed
        )

    def _then(self, row: Returned, id: str, owner: str) -> Entity | None:
        """The item as the list showed it."""
        number = row.cells.get("revision", "")
        if not number.isascii() or not number.isdigit() or not 0 < int(number) <= self._read.revision.number:
            self._fault(
                row, "revision", "unknown-revision", f"There is no revision {number!r}; leave the column as it was."
            )
            return None
        if owner not in self._read.entities:
            self._fault(row, _OWNER, "unknown-id", f"Nobody has the id {owner!r}; leave the column as it was.")
            return None
        found = self._read.store.entity(id, int(number))
        if found is None:
            self._fault(row, "id", "unknown-id", f"Nothing had the id {id!r} at revision {number}; leave it as it was.")
        return found

    def _now(self, id: str) -> Mapping[str, Value] | None:
        entity = self._read.entities.get(id)
        return None if entity is None else entity.properties

    def _proposed(self, row: Returned, then: Entity, said: str, owner: str) -> Iterator[Proposed]:
        words = self._read.vocabulary
        for name, text in row.cells.items():
            term = words.properties.get(name)
            was = then.properties.get(name)
            if term is None or text == shown(was):
                continue
            try:
                parts = [part.strip() for part in text.split(";") if part.strip()] if term.many else text
                yield Proposed(name, was, canonical(term, parts, words, self._read.zone) if text else None)
            except ValueError as error:
                self._fault(row, name, "wrong-value", f"It {error}.")
        if said == GONE:
            yield Proposed(LIFECYCLE, then.properties.get(LIFECYCLE), self._last_status())
        elif said == NOT_MINE:
            yield Proposed(_OWNER, owner, None)

    def _last_status(self) -> str:
        words = self._read.vocabulary
        codes = words.code_lists[str(words.properties[LIFECYCLE].code_list)].codes
        return max((one for one in codes if one.carries_failure is False), key=lambda one: one.rank or 0).notation

    def _fault(self, row: Returned, field: str, rule: str, message: str) -> None:
        self.faults.append(Fault(row.origin, row.cells.get("id", ""), field, rule, message))
