"""The review of changes after they were made: why it failed, whether it was effective, what was agreed (8.5.1.3).

``(:Review)-[:REVIEWS]->(:RequestForChange)``, ``(:Action)-[:ADDRESSES]->(:RequestForChange)``,
``(:Action)-[:ARISES_FROM]->(:Review)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from itertools import count

from graphsms.change.grounds import moment_of
from graphsms.change.made import following, given, require_ends, succeeded, time_of, within_bounds
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.change.reviewed import Agreed, Review, Reviewed, Reviews
from graphsms.errors import InputError
from graphsms.history.reading import revision_of
from graphsms.ingest.hand import apply_by_hand
from graphsms.ingest.stated import canonical_changes
from graphsms.model import ChangeSet, Entity, Relation, Revision
from graphsms.moments import now
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store

__all__ = ["closing_state", "read_reviews", "review", "reviews"]

_STATUS = "changeStatus"


def reviews(
    store: Store,
    policy: ChangePolicy,
    ids: Sequence[str] | None = None,
    *,
    at: int | None = None,
    as_of: str | None = None,
) -> Reviews:
    """How far the reviews of changes are; without ids, of all that were made and are not closed.

    Raises
    ------
    UnknownIdError, InputError
        There is no such request, or it was not made yet.

    Notes
    -----
    Proportional to the requests, their reviews and actions.
    """
    revision = store.revision() if at is None else revision_of(store, at)
    moment = as_of or now()
    requests = read_requests(store, policy, ids, revision.number)
    if ids is None:
        ended = set(_endings(policy))
        requests = [one for one in requests if one.status in policy.made - ended]
    for one in requests:
        if one.status not in policy.made:
            raise InputError(
                f"{one.id} is {one.status or 'of no state'}: it was not made yet, and there is nothing to review."
            )
    found = sorted(
        read_reviews(store, policy, requests, moment, revision.number),
        key=lambda one: (microseconds(one.due) if one.due else 0, one.request),
    )
    return Reviews(revision.number, revision.time, moment, tuple(found))


def read_reviews(
    store: Store, policy: ChangePolicy, requests: Sequence[Request], as_of: str, at: int | None = None
) -> Iterator[Reviewed]:
    """How far the review of each of these requests is, at a moment."""
    words = store.vocabulary
    reviewed_in, addressed_by = words.known_as("reviewed in"), words.known_as("addressed by")
    review_type, action = words.known_as("review"), words.known_as("action")
    by, to = words.known_as("performed by"), words.known_as("assigned to")
    records = {one.id for request in requests for one in request.led_from.get(reviewed_in, ())}
    actions = {one.id for request in requests for one in request.led_from.get(addressed_by, ())}
    ends: dict[tuple[str, str], list[str]] = {}
    if records or actions:
        for relation in store.relations(subjects=sorted(records | actions), at=at):
            ends.setdefault((relation.subject, relation.type), []).append(relation.object)
    for request in requests:
        yield _reviewed(
            request,
            policy,
            as_of,
            [
                Review(
                    one.id,
                    tuple(ends.get((one.id, by), ())),
                    _said(one, "endedAt") or _said(one, "startedAt"),
                    _said(one, "effectiveness"),
                    _said(one, "result"),
                )
                for one in request.led_from.get(reviewed_in, ())
                if words.is_a(one.type, review_type)
            ],
            [
                Agreed(
                    one.id,
                    one.name,
                    _said(one, "caseStatus"),
                    tuple(ends.get((one.id, to), ())),
                    _said(one, "dueOn"),
                )
                for one in request.led_from.get(addressed_by, ())
                if words.is_a(one.type, action)
            ],
        )


def _reviewed(
    request: Request, policy: ChangePolicy, as_of: str, found: list[Review], actions: list[Agreed]
) -> Reviewed:
    span = time_of(request)
    due = moment_of(after(span.end, policy.afterwards.reviewed_within)) if span else ""
    failed = not succeeded(request, policy)
    cause, effect = request.says("rootCause"), request.says("effectiveness")
    ended = request.status in _endings(policy)
    lacks = (
        *(["why it failed"] if failed and not cause else []),
        *(["whether it was effective"] if not effect else []),
        *(["to be closed"] if not ended else []),
    )
    return Reviewed(
        request=request.id,
        name=request.name,
        status=request.status,
        outcome=request.says("outcome"),
        failed=failed,
        made=span.end if span else "",
        planned=bool(span and span.planned),
        root_cause=cause,
        effectiveness=effect,
        closed=request.says("closedAt"),
        due=due,
        overdue=bool(due and not ended and microseconds(due) <= microseconds(as_of)),
        reviews=tuple(sorted(found, key=lambda one: (one.at, one.id), reverse=True)),
        actions=tuple(sorted(actions, key=lambda one: (one.due or "9", one.id))),
        lacks=lacks,
    )


def _endings(policy: ChangePolicy) -> list[str]:
    return sorted(one for one in policy.made if not policy.life.transitions.get(one))


def closing_state(policy: ChangePolicy) -> str:
    """The state in which a change that was made is over: the one that none follows.

    Raises
    ------
    InputError
        The policy has none.

    Examples
    --------
    >>> from graphsms.change.policy import read_policy
    >>> from graphsms.ontology import load
    >>> closing_state(read_policy(load()))
    'closed'
    """
    for status in _endings(policy):
        return status
    raise InputError("By the policy a state follows each in which a change was made: in none of them it is closed.")


def review(
    store: Store,
    policy: ChangePolicy,
    request: str,
    *,
    by: str,
    effectiveness: str = "",
    result: str = "",
    root_cause: str = "",
    actions: Sequence[tuple[str, str, str]] = (),
    reviewed_at: str = "",
    close: bool = False,
    actor: str = "",
    zone: tzinfo = UTC,
) -> Revision:
    """Record the review of a change that was made, what was agreed in it, and close it if told to.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    request : str
    by : str
        Who reviewed it: a party or a role.
    effectiveness : str
        Whether it achieved what it was for; notation.
    result, root_cause : str
        What was found, and why it failed, in words.
    actions : sequence of (str, str, str)
        What was agreed, in words; the id of who is to do it; by which day.
    reviewed_at : str
        When; now, without it.
    close : bool
        Whether nothing more is to be done than these actions.
    actor : str
    zone : tzinfo

    Raises
    ------
    UnknownIdError, InputError
        An id is none, or of the wrong type; it was not made yet; it is to be closed and lacks what has to be known.
    ConflictError
        Somebody has written meanwhile.
    """
    present = store.revision()
    words = store.vocabulary
    (asked,) = read_requests(store, policy, [request])
    if asked.status not in policy.made:
        raise InputError(f"{request} is {asked.status or 'of no state'}: it was not made yet, and cannot be reviewed.")
    said = {
        "rootCause": within_bounds(root_cause, "A root cause"),
        "effectiveness": effectiveness,
    }
    result = within_bounds(result, "A result")
    if not (any(said.values()) or result or actions or close):
        raise InputError("Say what the review found: --effectiveness, --result, --root-cause, --action or --close.")
    agreed = [(within_bounds(text, "An action"), who, due) for text, who, due in actions]
    if any(not text for text, _, _ in agreed):
        raise InputError("Say what is to be done in an action.")
    require_ends(store, {"performed by": [by], "assigned to": [who for _, who, _ in agreed]})
    moment = reviewed_at or now()
    if microseconds(moment) > microseconds(now()):
        raise InputError(f"It cannot have been reviewed yet: {moment} is still to come.")
    as_it_is = following(asked, given(said))
    if close:
        as_it_is = _closed(Request(as_it_is, asked.touches, asked.leading_to, asked.led_from), policy, moment)
    id = _free(store, f"review:{request}")
    name = f"Review of {asked.name}"
    record = {"name": name, "endedAt": moment, "result": result, "effectiveness": effectiveness}
    entities = [as_it_is, Entity(id, words.known_as("review"), given(record))]
    relations = [
        Relation(words.known_as("reviewed in"), id, request),
        Relation(words.known_as("performed by"), id, by),
    ]
    for number, (text, who, due) in enumerate(agreed, 1):
        one = f"action:{id.removeprefix('review:')}:{number}"
        stated = {"name": text, "dueOn": due, "recordedAt": moment, "caseStatus": _first(store)}
        entities.append(Entity(one, words.known_as("action"), given(stated)))
        relations += [
            Relation(words.known_as("assigned to"), one, who),
            Relation(words.known_as("addressed by"), one, request),
            Relation(words.known_as("arises from"), one, id),
        ]
    made = ChangeSet(
        entities=entities, relations=relations, actor=actor, reason=name, request=request, base=present.number
    )
    return apply_by_hand(store, canonical_changes(made, words, zone))


def _closed(request: Request, policy: ChangePolicy, moment: str) -> Entity:
    ending = closing_state(policy)
    policy.life.require(request.id, request.status, ending)
    (found,) = [_reviewed(request, policy, moment, [], [])]
    missing = [one for one in found.lacks if one != "to be closed"]
    if missing:
        options = {"why it failed": "--root-cause", "whether it was effective": "--effectiveness"}
        told = " and ".join(f"{one} ({options[one]})" for one in missing)
        raise InputError(f"{request.id} cannot be {ending} yet: it is not recorded {told}.")
    said = {_STATUS: ending, "closedAt": request.says("closedAt") or moment}
    return following(request, given(said))


def _free(store: Store, form: str) -> str:
    """The first id of that form that nothing has."""
    return next(id for number in count(1) if store.entity(id := f"{form}:{number}") is None)


def _first(store: Store) -> str:
    """The state that a case begins in."""
    words = store.vocabulary
    code_list = words.properties["caseStatus"].code_list
    codes = words.code_lists[code_list].codes if code_list else ()
    return min(codes, key=lambda code: code.rank or 0).notation


def _said(one: Entity, property: str) -> str:
    return str(one.properties.get(property, ""))
