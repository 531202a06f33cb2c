"""A management review that was held, taken back into the graph: all of it in one revision, or nothing (9.3).

``(:ManagementReview)-[:CONSIDERED {reviewInput}]->(:Entity)``, ``-[:DEMONSTRATES]->(:Requirement)`` of 9.3,
``(:Decision)-[:DECIDED_IN]->(:ManagementReview)``, ``(:Action)-[:ARISES_FROM]->(:ManagementReview)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Final

from graphsms.analysis.estate import Estate, estate
from graphsms.errors import InputError
from graphsms.ingest.hand import apply_by_hand
from graphsms.ingest.stated import canonical_changes
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.obligations.review.form import read_form, refused
from graphsms.obligations.review.making import CLAUSE, EDITION, letters, review_interval
from graphsms.obligations.review.stated import Stated, Wrong, stated_review
from graphsms.store import Store

__all__ = ["ReviewRecorded", "record"]

_HELD: Final = "1"  # the sentences of 9.3: that it is held, what it looks at, what it decides, what is kept of it
_LOOKS: Final = "2"
_DECIDES: Final = "3"
_KEPT: Final = "4"
# By item of c), the kinds that show that it was looked at.
_OF_C: Final = {
    "1": ("nonconformity", "corrective action"),
    "2": ("measure", "measurement", "objective", "report", "analysis of trends"),
    "3": ("audit",),
}


@dataclass(frozen=True, slots=True)
class ReviewRecorded:
    """What was recorded of a review.

    Parameters
    ----------
    id : str
    revision : int
    inputs : tuple of str
        Notations of what was considered.
    left_out : tuple of str
        Of what was not.
    decisions, actions : tuple of str
        Ids.
    requirements : tuple of str
        Ids of what it demonstrates.
    """

    id: str
    revision: int
    inputs: tuple[str, ...]
    left_out: tuple[str, ...]
    decisions: tuple[str, ...]
    actions: tuple[str, ...]
    requirements: tuple[str, ...]

    def sentence(self) -> str:
        """The answer in a sentence."""
        total = len(self.inputs) + len(self.left_out)
        left = f" Not considered: {', '.join(self.left_out)}." if self.left_out else ""
        made = f"{len(self.decisions)} decision{'s' * (len(self.decisions) != 1)}"
        agreed = f"{len(self.actions)} action{'s' * (len(self.actions) != 1)}"
        return (
            f"Revision {self.revision}: {self.id} is recorded, with {len(self.inputs)} of {total} inputs, {made} and "
            f"{agreed}.{left}"
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def record(
    store: Store, given: str | Path | Mapping[str, object], *, zone: tzinfo = UTC, actor: str = ""
) -> ReviewRecorded:
    """Record a management review that was held.

    Parameters
    ----------
    store : Store
    given : str, Path or mapping
        A file, or what one would state; see `graphsms.obligations.review.form`.
    zone : tzinfo
        Of dates that state none.
    actor : str
        For the history.

    Raises
    ------
    RejectedError
        Something is wrong with what is stated; every fault is listed, and nothing was recorded.
    InputError
        The catalogue is not in the graph, so that it cannot be linked to what it shows.
    ConflictError
        Somebody has written meanwhile.
    """
    said, file = read_form(given)
    read = estate(store, zone=zone)
    if f"{_prefix()}{_HELD}" not in read.entities:
        raise InputError(
            "The catalogue of clauses is not in the graph, and a review is linked to what it shows of 9.3: put it "
            "there with `graphsms clauses --load`, and record the review then. Nothing was changed."
        )
    wrong = Wrong(file)
    stated = stated_review(read, said, wrong)
    if wrong.faults:
        raise refused(wrong.faults)
    assert stated is not None
    writing = _Writing(read, stated)
    changes = canonical_changes(writing.changes(actor), store.vocabulary, zone)
    revision = apply_by_hand(store, changes)
    codes = letters(read)
    return ReviewRecorded(
        id=stated.id,
        revision=revision.number,
        inputs=tuple(code for code in codes if code in stated.inputs),
        left_out=tuple(code for code in codes if code not in stated.inputs),
        decisions=tuple(writing.ids("decision", len(stated.decisions))),
        actions=tuple(writing.ids("action", len(stated.actions))),
        requirements=tuple(writing.requirements()),
    )


def _prefix() -> str:
    return f"iso-20000-1-{EDITION}/{CLAUSE}-"


class _Writing:
    """A review being written."""

    def __init__(self, read: Estate, stated: Stated) -> None:
        self._read = read
        self._stated = stated
        self._word = read.vocabulary.known_as

    def ids(self, kind: str, number: int) -> Iterator[str]:
        return (f"{kind}:{self._stated.id}:{n}" for n in range(1, number + 1))

    def changes(self, actor: str) -> ChangeSet:
        stated = self._stated
        entities = [Entity(stated.id, self._word("management review"), self._review())]
        entities += self._decided()
        entities += self._agreed()
        relations = [*self._of_review(), *self._of_decisions(), *self._of_actions()]
        if stated.minutes:
            id = f"minutes:{stated.id}"
            entities.append(Entity(id, self._word("minutes of meeting"), stated.minutes))
            relations.append(Relation(self._word("record of"), id, stated.id))
            relations.append(Relation(self._word("demonstrated by"), id, f"{_prefix()}{_KEPT}"))
        return ChangeSet(
            entities=entities,
            relations=relations,
            actor=actor,
            reason=stated.name,
            base=self._read.revision.number,
        )

    def requirements(self) -> Iterator[str]:
        """What the review itself demonstrates: that it was held, each input, and that it decided."""
        yield f"{_prefix()}{_HELD}"
        for code, (letter, _) in letters(self._read).items():
            if code in self._stated.inputs:
                yield f"{_prefix()}{_LOOKS}-{letter}"
                if letter == "c":
                    for item, words in _OF_C.items():
                        if any(self._is(id, words) for id in self._stated.inputs[code]):
                            yield f"{_prefix()}{_LOOKS}-{letter}-{item}"
        if self._stated.decisions or self._stated.actions:
            yield f"{_prefix()}{_DECIDES}"

    def _is(self, id: str, words: tuple[str, ...]) -> bool:
        kinds = [self._word(word) for word in words]
        return self._read.vocabulary.any_of(self._read.entities[id].type, kinds)

    def _review(self) -> dict[str, Value]:
        stated = self._stated
        note = f"It rests on the pack {stated.pack}." if stated.pack else ""
        return _given({"name": stated.name, "endedAt": stated.held, "result": stated.result, "note": note})

    def _of_review(self) -> Iterator[Relation]:
        stated = self._stated
        for word, ids in (("performed by", stated.participants), ("reviewed in", stated.of)):
            yield from (Relation(self._word(word), stated.id, id) for id in ids)
        codes: dict[str, list[str]] = {}
        for code, ids in stated.inputs.items():
            for id in ids:
                codes.setdefault(id, []).append(code)
        for id in sorted(codes):
            yield Relation(self._word("considered in review"), stated.id, id, {"reviewInput": tuple(sorted(codes[id]))})
        interval, by = review_interval(self._read)
        for id in self.requirements():
            # How often reviews are held is declared by the management system.
            said: dict[str, Value] = {"reviewInterval": interval} if id.endswith(f"-{_HELD}") and by != "policy" else {}
            yield Relation(self._word("demonstrated by"), stated.id, id, said)

    def _decided(self) -> Iterator[Entity]:
        for id, one in zip(self.ids("decision", len(self._stated.decisions)), self._stated.decisions, strict=True):
            said = {"name": one.what, "decision": one.decision, "decidedAt": self._stated.held, "rationale": one.why}
            yield Entity(id, self._word("decision"), _given(said))

    def _of_decisions(self) -> Iterator[Relation]:
        for id, one in zip(self.ids("decision", len(self._stated.decisions)), self._stated.decisions, strict=True):
            yield Relation(self._word("decided in"), id, self._stated.id)
            yield from (Relation(self._word("decided by"), id, who) for who in self._stated.participants)
            yield from (Relation(self._word("decides on"), id, what) for what in one.on)

    def _agreed(self) -> Iterator[Entity]:
        for id, one in zip(self.ids("action", len(self._stated.actions)), self._stated.actions, strict=True):
            said = {"name": one.what, "dueOn": one.due, "recordedAt": self._stated.held, "caseStatus": self._first()}
            yield Entity(id, self._word("action"), _given(said))

    def _of_actions(self) -> Iterator[Relation]:
        for id, one in zip(self.ids("action", len(self._stated.actions)), self._stated.actions, strict=True):
            yield Relation(self._word("arises from"), id, self._stated.id)
            yield Relation(self._word("assigned to"), id, one.owner)
            yield from (Relation(self._word("addressed by"), id, what) for what in one.on)

    def _first(self) -> str:
        """The state that a case begins in."""
        code_list = self._read.vocabulary.properties["caseStatus"].code_list
        codes = self._read.vocabulary.code_lists[code_list].codes if code_list else ()
        return min(codes, key=lambda code: code.rank or 0).notation


def _given(said: Mapping[str, str]) -> dict[str, Value]:
    return {name: said[name] for name in sorted(said) if said[name]}
