"""Decisions on requests for change: what was decided, by whom, on which pack, and whether that still holds (8.5.1.3).

``(:ChangeDecision)-[:DECIDES_ON]->(:RequestForChange)``, ``-[:BASED_ON]->(:ChangeAssessment)``: the pack with its hash
and the revision that it was made of. Where the graph has moved on since, what is different is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Final

from graphsms.change.made import following, given, require_ends
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.errors import ConflictError, InputError
from graphsms.ingest.hand import apply_by_hand
from graphsms.ingest.stated import canonical_changes
from graphsms.model import ChangeSet, Entity, Relation, Revision, Value
from graphsms.moments import now
from graphsms.snapshot.validity import microseconds
from graphsms.store import Store

__all__ = ["Basis", "Decision", "decide", "read_basis", "read_decisions"]

_STATUS: Final = "changeStatus"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision rests on: the pack, or a revision.

    Parameters
    ----------
    revision : int
        The revision that it was computed from.
    file, sha256 : str
        The pack and the hash of what it says, which is printed in every form of it; "" where the revision alone is
        known.
    revision_hash : str
        The hash of the revision in the journal, as the pack has it; "" where it is not said.
    requests : tuple of str
        Ids of the requests that the pack is about; empty where the revision alone is known.
    """

    revision: int
    file: str = ""
    sha256: str = ""
    revision_hash: str = ""
    requests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a request for change.

    Parameters
    ----------
    id, request : str
    outcome : str
        Notation: approved, deferred, rejected.
    by, at, conditions, why, priority : str
        Who decided and when; "" where it is not recorded.
    based_on : tuple of Entity
        The records that it rests on.
    basis : Basis or None
        The revision and the pack, where they are recorded.
    """

    id: str
    request: str
    outcome: str
    by: str
    at: str
    conditions: str
    why: str
    priority: str
    based_on: tuple[Entity, ...]
    basis: Basis | None

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "request": self.request,
            "outcome": self.outcome,
            "by": self.by or None,
            "at": self.at or None,
            "conditions": self.conditions or None,
            "why": self.why or None,
            "priority": self.priority or None,
            "based_on": [one.id for one in self.based_on],
            "revision": None if self.basis is None else self.basis.revision,
            "pack": None if self.basis is None else self.basis.sha256 or None,
        }


def read_basis(path: str | Path) -> Basis:
    """What a pack was made of, read from the pack (its JSON, or the HTML that holds it), and its hash.

    Raises
    ------
    InputError
        It cannot be read, is no pack, or was altered after it was made.
    """
    from graphsms.change.pack.comparison import is_altered, read_pack

    place = Path(path)
    pack = read_pack(place)
    if is_altered(pack):
        raise InputError(f"{place} does not say what its hash stands for: it was altered after it was made.")
    inputs = pack["inputs"]
    return Basis(inputs["revision"], place.name, pack["hash"], inputs["revision_hash"], tuple(inputs["requests"]))


def read_decisions(store: Store, requests: Sequence[Request], at: int | None = None) -> dict[str, list[Decision]]:
    """By id of the request, the decisions on it, the latest first.

    Notes
    -----
    Two reads of relations and one of entities, whatever the number of requests.
    """
    vocabulary = store.vocabulary
    decides, kind = vocabulary.known_as("decides on"), vocabulary.known_as("decision on change")
    records: dict[str, tuple[Entity, str]] = {}
    for request in requests:
        for one in request.led_from.get(decides, ()):
            if vocabulary.is_a(one.type, kind):
                records[one.id] = (one, request.id)
    ends: dict[str, dict[str, list[str]]] = {id: {} for id in records}
    for relation in store.relations(subjects=sorted(records), at=at) if records else ():
        ends[relation.subject].setdefault(relation.type, []).append(relation.object)
    based, decided = vocabulary.known_as("based on"), vocabulary.known_as("decided by")
    wanted = {id for by_type in ends.values() for id in by_type.get(based, ())}
    bases = {one.id: one for one in store.entities(ids=sorted(wanted), at=at)}
    found: dict[str, list[Decision]] = {request.id: [] for request in requests}
    for id, (record, request_id) in records.items():
        rests = tuple(bases[one] for one in ends[id].get(based, ()))
        found[request_id].append(
            Decision(
                id=id,
                request=request_id,
                outcome=_said(record, "decision"),
                by=", ".join(ends[id].get(decided, ())),
                at=_said(record, "decidedAt"),
                conditions=_said(record, "conditions"),
                why=_said(record, "rationale"),
                priority=_said(record, "priority"),
                based_on=rests,
                basis=next(_bases(rests), None),
            )
        )
    for decisions in found.values():
        decisions.sort(key=lambda one: (one.at, one.id), reverse=True)
    return found


def _bases(records: Sequence[Entity]) -> Iterator[Basis]:
    for one in records:
        revision = one.properties.get("atRevision")
        if isinstance(revision, int):
            yield Basis(revision, _said(one, "name"), _said(one, "resultHash"))


def decide(
    store: Store,
    policy: ChangePolicy,
    request: str,
    outcome: str,
    *,
    by: str,
    conditions: str = "",
    why: str = "",
    priority: str = "",
    basis: Basis | None = None,
    based_on: Sequence[str] = (),
    decided_in: str = "",
    decided_at: str = "",
    actor: str = "",
    zone: tzinfo = UTC,
) -> tuple[Decision, Revision]:
    """Record what was decided on a request; its state follows, in the same revision.

    Parameters
    ----------
    outcome : str
        Notation of the outcome: approved, deferred or rejected, where the policy says nothing else.
    by : str
        Who decided: a person, another party, a role.
    basis : Basis, optional
        The pack that those who decided had before them (`read_basis`), or the revision.
    based_on : sequence of str
        Further records that it rests on.
    decided_in : str
        The meeting.
    decided_at : str
        When; without it, now.

    Raises
    ------
    UnknownIdError
        There is no such request, party, record or meeting.
    InputError
        The request may not go from its state into the one that follows, or one of them is not what it must be.
    ConflictError
        The basis is of a revision that the graph has not reached.
    """
    vocabulary = store.vocabulary
    present = store.revision()
    (asked,) = read_requests(store, policy, [request])
    status = policy.life.decided.get(outcome)
    if status is None:
        raise InputError(f"A change is not {outcome!r}; it is one of {', '.join(policy.life.decided)}.")
    policy.life.require(request, asked.status, status)
    if basis is not None:
        _require_of_this(store, basis, request, present.number)
    ends = {
        "decided by": [by],
        "based on": list(based_on),
        "decided in": [decided_in] if decided_in else [],
    }
    require_ends(store, ends)
    earlier = read_decisions(store, [asked])[request]
    id = f"decision:{request}:{len(earlier) + 1}"
    moment = decided_at or now()
    if microseconds(moment) > microseconds(now()):
        raise InputError(f"It cannot have been decided yet: {moment} is still to come.")
    said = {"decision": outcome, "conditions": conditions, "rationale": why, "priority": priority, "decidedAt": moment}
    name = f"{asked.name}: {outcome}"
    record = Entity(id, vocabulary.known_as("decision on change"), {"name": name, **given(said)})
    relations = [Relation(vocabulary.known_as("decides on"), id, request)]
    relations += [Relation(vocabulary.known_as(word), id, end) for word, some in ends.items() for end in some]
    entities = [record, following(asked, {_STATUS: status, **given({"priority": priority})})]
    if basis is not None:
        pack = f"assessment:{request}:{basis.sha256[:12] or basis.revision}"
        entities.append(Entity(pack, vocabulary.known_as("assessment of changes"), _of_basis(basis, asked)))
        relations += [
            Relation(vocabulary.known_as("based on"), id, pack),
            Relation(vocabulary.known_as("subject of record"), pack, request),
        ]
    made = ChangeSet(
        entities=entities,
        relations=relations,
        actor=actor,
        reason=f"Decision on {request}: {outcome}",
        request=request,
        base=present.number,
    )
    revision = apply_by_hand(store, canonical_changes(made, vocabulary, zone))
    (decided,) = read_requests(store, policy, [request])
    return next(one for one in read_decisions(store, [decided])[request] if one.id == id), revision


def _require_of_this(store: Store, basis: Basis, request: str, present: int) -> None:
    """That a decision on a request can rest on it: it is of this graph, and about the request."""
    if basis.requests and request not in basis.requests:
        raise InputError(f"The pack {basis.file} is about {', '.join(basis.requests)}, and not about {request}.")
    of_this = 0 < basis.revision <= present
    if of_this and basis.revision_hash:
        of_this = next(store.revisions(since=basis.revision - 1)).hash == basis.revision_hash
    if not of_this:
        raise ConflictError(
            f"The basis is of revision {basis.revision} of another graph; this one is at {present}, and has none such."
        )


def _of_basis(basis: Basis, request: Request) -> dict[str, Value]:
    name = basis.file or f"Revision {basis.revision}, for {request.name}"
    return {"name": name, "atRevision": basis.revision, **given({"resultHash": basis.sha256})}


def _said(record: Entity, property: str) -> str:
    return str(record.properties.get(property, ""))
