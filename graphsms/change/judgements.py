"""What people judge of a computed impact: that something is not impacted, or is though no relation says so (8.5.1.3).

A judgement is an entity of the graph: on one request for change, about one entity, by somebody, with a reason. There is
one at a time; what was said before, and that it was taken back, stands in the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, tzinfo
from typing import Final

from graphsms.change.considered import Judgement
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.errors import InputError, UnknownIdError
from graphsms.ingest.hand import apply_by_hand
from graphsms.ingest.stated import canonical_changes
from graphsms.model import ChangeSet, Entity, Relation, Revision
from graphsms.moments import now
from graphsms.snapshot.carriage import STATES
from graphsms.snapshot.validity import interval, microseconds
from graphsms.store import Store
from graphsms.vocabulary import VALID_FROM, VALID_TO

__all__ = ["UNSTATED", "judge", "read_judgements", "withdraw"]

UNSTATED: Final = "degraded"  # the state of what is judged to be impacted where nobody says which
_WITHDRAWN: Final = "withdrawnAt"
_MOST: Final = 4_000  # characters of a reason


def read_judgements(store: Store, requests: Sequence[Request], as_of: str, at: int | None = None) -> list[Judgement]:
    """What people have judged in the assessment of requests, also what was withdrawn, in order of the entities.

    What does not say whether the entity is impacted, or does not hold at the moment, is passed over.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("rfc-1", "RequestForChange"), graphsms.Entity("web", "Service"),
    ...                   graphsms.Entity("ann", "Person")],
    ...         relations=[graphsms.Relation("touches", "rfc-1", "web")],
    ...     ))
    ...     made = g.change.judge("rfc-1", "web", impacted=False, why="A copy answers meanwhile", by="ann")
    ...     said = read_judgements(g.store, g.change.requests(), "2026-12-01T00:00:00Z")
    >>> [(one.entity, one.impacted, one.by) for one in said]
    [('web', False, 'ann')]
    """
    vocabulary = store.vocabulary
    decides, kind = vocabulary.known_as("decides on"), vocabulary.known_as("impact judgement")
    of: dict[str, tuple[Entity, str]] = {}
    for request in requests:
        for one in request.led_from.get(decides, ()):
            if vocabulary.is_a(one.type, kind):
                of[one.id] = (one, request.id)
    if not of:
        return []
    judged = list(store.relations(subjects=sorted(of), type=vocabulary.known_as("judged entity"), at=at))
    by = {
        relation.subject: relation.object
        for relation in store.relations(subjects=sorted(of), type=vocabulary.known_as("decided by"), at=at)
    }
    entities = {one.id: one for one in store.entities(ids=sorted({one.object for one in judged}), at=at)}
    found = []
    for relation in judged:
        record, request_id = of[relation.subject]
        impacted = record.properties.get("impacted")
        if not isinstance(impacted, bool) or not _holds(record, as_of):
            continue
        entity = entities[relation.object]
        state = str(record.properties.get("state", ""))
        found.append(
            Judgement(
                id=record.id,
                request=request_id,
                entity=entity.id,
                name=entity.name,
                type=entity.type,
                impacted=impacted,
                state=(state or UNSTATED) if impacted else "",
                by=by.get(record.id, ""),
                at=_said(record, "decidedAt"),
                why=_said(record, "rationale"),
                withdrawn=_said(record, _WITHDRAWN),
                note=f"The state is not recorded and taken as {UNSTATED}." if impacted and not state else "",
            )
        )
    return sorted(found, key=lambda one: (one.entity, one.request, one.id))


def judge(
    store: Store,
    policy: ChangePolicy,
    request: str,
    entity: str,
    *,
    impacted: bool,
    why: str,
    by: str,
    state: str | None = None,
    actor: str = "",
    zone: tzinfo = UTC,
) -> Revision:
    """Record that an entity is, or is not, impacted by a change; what was judged of it before is replaced.

    Raises
    ------
    UnknownIdError, InputError
        An id is none, or of the wrong type; no reason or an unknown state is given.
    """
    vocabulary = store.vocabulary
    (asked,) = read_requests(store, policy, [request])
    found = {one.id: one for one in store.entities(ids=[entity, by])}
    for id in (entity, by):
        if id not in found:
            raise UnknownIdError(id, store.nearest_ids(id))
    decided = vocabulary.known_as("decided by")
    if not vocabulary.any_of(found[by].type, vocabulary.relations[decided].range):
        label = vocabulary.types[found[by].type].label
        raise InputError(f"{by} is of type {label}; a judgement is made by a person, another party or a role.")
    reason = why.strip()
    if not reason:
        raise InputError("Say why (--why): a judgement without a reason cannot be weighed by those who decide.")
    if len(reason) > _MOST:
        raise InputError(f"A reason has at most {_MOST:,} characters; this one has {len(reason):,}.")
    said = _state(impacted, state)
    id = next(
        (one.id for one in read_judgements(store, [asked], now()) if one.entity == entity),
        f"judgement:{request}:{entity}",
    )
    record = Entity(
        id,
        vocabulary.known_as("impact judgement"),
        {
            "name": f"{found[entity].name}: {'' if impacted else 'not '}impacted by {asked.name}",
            "impacted": impacted,
            "decidedAt": now(),
            "rationale": reason,
            **({"state": said} if said else {}),
        },
    )
    relations = [
        Relation(vocabulary.known_as("decides on"), id, request),
        Relation(vocabulary.known_as("judged entity"), id, entity),
        Relation(decided, id, by),
    ]
    others = [
        one.key for one in store.relations(subjects=[id], type=decided) if one.object != by
    ]  # somebody else judged it before
    made = ChangeSet(
        entities=[record],
        relations=relations,
        removed_relations=others,
        actor=actor,
        reason=f"Judged in the assessment of {request}",
        request=request,
    )
    return apply_by_hand(store, canonical_changes(made, vocabulary, zone))


def withdraw(store: Store, policy: ChangePolicy, request: str, entity: str, *, actor: str = "") -> Revision:
    """Take back what was judged of an entity in the assessment of a change; that it was judged stays visible.

    Raises
    ------
    UnknownIdError
        There is no such request.
    InputError
        Nothing is judged of the entity, or it was taken back before.
    """
    (asked,) = read_requests(store, policy, [request])
    standing = [one for one in read_judgements(store, [asked], now()) if one.entity == entity and one.holds]
    if not standing:
        raise InputError(f"Nothing is judged of {entity} in the assessment of {request} that could be withdrawn.")
    records = store.entities(ids=[one.id for one in standing])
    made = ChangeSet(
        entities=[Entity(one.id, one.type, {**one.properties, _WITHDRAWN: now()}) for one in records],
        actor=actor,
        reason=f"Judgement withdrawn in the assessment of {request}",
        request=request,
    )
    return apply_by_hand(store, canonical_changes(made, store.vocabulary))


def standing(judgements: Iterable[Judgement], *, impacted: bool) -> Iterator[Judgement]:
    """Those that hold and say so."""
    return (one for one in judgements if one.holds and one.impacted is impacted)


def _state(impacted: bool, state: str | None) -> str:
    if state is None:
        return "" if impacted else STATES[0]
    if not impacted:
        raise InputError("What is not impacted has no state to be in; leave --state out.")
    if state not in STATES[1:]:
        raise InputError(f"There is no state {state!r} to be impacted in; it is one of {', '.join(STATES[1:])}.")
    return state


def _said(one: Entity, property: str) -> str:
    return str(one.properties.get(property, ""))


def _holds(record: Entity, as_of: str) -> bool:
    since, until = interval(_said(record, VALID_FROM), _said(record, VALID_TO))
    return since <= microseconds(as_of) < until
