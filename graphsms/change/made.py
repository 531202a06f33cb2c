"""When changes were made, and the record of how they went (8.5.1.3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.errors import InputError, UnknownIdError
from graphsms.ingest.hand import apply_by_hand
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.stated import canonical_changes
from graphsms.model import ChangeSet, Entity, Revision, Value
from graphsms.moments import moment, now
from graphsms.snapshot.validity import microseconds
from graphsms.store import Store
from graphsms.vocabulary import Vocabulary

__all__ = ["Span", "done", "following", "given", "happened", "require_ends", "succeeded", "time_of", "within_bounds"]

_STATUS: Final = "changeStatus"
_OUTCOME: Final = "outcome"
MOST: Final = 4_000  # characters of what is said in words


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a change was made.

    Parameters
    ----------
    start, end : str
        Canonical.
    planned : bool
        Whether it is taken from the window, since nobody recorded when it really ended.
    """

    start: str
    end: str
    planned: bool


def time_of(request: Request) -> Span | None:
    """When a change was made: as recorded, else as its window says; None where neither says when it ended.

    Examples
    --------
    >>> time_of(Request(Entity("rfc-1", "RequestForChange", {"windowEnd": "2026-11-02T22:00:00Z"}), ()))
    Span(start='2026-11-02T22:00:00Z', end='2026-11-02T22:00:00Z', planned=True)
    """
    started, ended = request.says("startedAt"), request.says("endedAt")
    since, until = request.window
    end = ended or until
    if not end:
        return None
    start = started or since or end
    return Span(start if microseconds(start) <= microseconds(end) else end, end, not ended)


def succeeded(request: Request, policy: ChangePolicy) -> bool:
    """Whether neither its state nor its outcome says that it failed; closed ones are told by their outcome."""
    return request.status not in policy.failed and request.says(_OUTCOME) not in policy.unsuccessful


def done(
    store: Store,
    policy: ChangePolicy,
    request: str,
    status: str,
    *,
    started: str = "",
    ended: str = "",
    outcome: str = "",
    root_cause: str = "",
    actor: str = "",
    zone: tzinfo = UTC,
) -> Revision:
    """Record that a change was made or failed, when, and with which outcome.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    request : str
    status : str
        The state that it goes into: one that the policy calls made, such as ``deployed`` or ``failed``.
    started, ended : str
        When its work really began and was over, canonical. Where nobody says or has said when it was over, it is now.
    outcome : str
        Notation; without it, as it is recorded.
    root_cause : str
        Why it failed, as far as that is known.
    actor : str
        For the history.
    zone : tzinfo
        Of dates that state none.

    Raises
    ------
    UnknownIdError, InputError
        There is no such request; by the policy it may not go into that state; the moments or the outcome contradict it.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     approved = graphsms.Entity("rfc-1", "RequestForChange", {"changeStatus": "approved"})
    ...     made = g.apply(graphsms.ChangeSet([approved]))
    ...     made = g.change.done("rfc-1", "deployed", outcome="successful")
    ...     g.entity("rfc-1").properties["changeStatus"]
    'deployed'
    """
    (asked,) = read_requests(store, policy, [request])
    endings = sorted(policy.made)
    if status not in policy.made:
        raise InputError(f"{request} cannot end as {status!r}; it is one of {', '.join(endings)}.")
    policy.life.require(request, asked.status, status)
    said = {
        _STATUS: status,
        "startedAt": started or asked.says("startedAt"),
        "endedAt": ended or asked.says("endedAt") or now(),
        _OUTCOME: outcome or asked.says(_OUTCOME),
        "rootCause": within_bounds(root_cause, "A root cause") or asked.says("rootCause"),
    }
    _require_outcome(request, status, said[_OUTCOME], policy, store.vocabulary)
    _require_moments(said["startedAt"], said["endedAt"])
    made = ChangeSet(
        entities=[following(asked, given(said))],
        actor=actor,
        reason=f"{asked.name}: {status}",
        request=request,
    )
    return apply_by_hand(store, canonical_changes(made, store.vocabulary, zone))


def _require_outcome(id: str, status: str, outcome: str, policy: ChangePolicy, vocabulary: Vocabulary) -> None:
    if not outcome:
        return
    code_list = vocabulary.properties[_OUTCOME].code_list
    codes = sorted(vocabulary.code_lists[code_list].codes if code_list else (), key=lambda code: code.rank or 0)
    known = [code.notation for code in codes]
    if outcome not in known:
        raise InputError(
            f"There is no outcome {outcome!r}; it is one of {', '.join(known)}.{did_you_mean(outcome, known)}"
        )
    if status in policy.failed and outcome == known[0]:
        raise InputError(f"{id} cannot be {status} and {outcome}: say --deployed, or another outcome.")
    if status not in policy.failed and outcome in policy.unsuccessful:
        raise InputError(f"{id} cannot be {status} and {outcome}: say --failed, or another outcome.")


def _require_moments(started: str, ended: str) -> None:
    if started and microseconds(ended) < microseconds(started):
        raise InputError(f"It cannot have ended ({ended}) before it began ({started}).")
    if microseconds(ended) > microseconds(now()):
        raise InputError(f"It cannot have ended yet: {ended} is still to come.")


def happened(given: str, zone: tzinfo = UTC) -> str:
    """The moment by which something was over, as a person gave it: a bare date is that day's end, and today is now.

    Examples
    --------
    >>> happened("2026-11-02")
    '2026-11-02T23:59:59.999999Z'
    """
    until = moment(given, zone)
    present = now()
    try:
        today = date.fromisoformat(given.strip()) == datetime.fromisoformat(present).astimezone(zone).date()
    except ValueError:  # it says the time too
        return until
    return present if today else until


def following(request: Request, said: Mapping[str, Value]) -> Entity:
    """The request as it is from now on."""
    one = request.entity
    return Entity(one.id, one.type, {**one.properties, **said})


def given(said: Mapping[str, str]) -> dict[str, Value]:
    """What of it says something."""
    return {name: value for name, value in said.items() if value}


def within_bounds(text: str, what: str) -> str:
    """What is said in words, without spaces around it.

    Raises
    ------
    InputError
        It is longer than anything that is read.
    """
    said = text.strip()
    if len(said) > MOST:
        raise InputError(f"{what} has at most {MOST:,} characters; this one has {len(said):,}.")
    return said


def require_ends(store: Store, ends: Mapping[str, Sequence[str]]) -> None:
    """That what a record is tied to, by the word of the relation, is there and of a type that it can be tied to.

    Raises
    ------
    UnknownIdError, InputError
        There is none with an id, or it is of another type.
    """
    vocabulary = store.vocabulary
    wanted: Collection[str] = {id for some in ends.values() for id in some}
    found = {one.id: one for one in store.entities(ids=sorted(wanted))} if wanted else {}
    for word, some in ends.items():
        relation = vocabulary.relations[vocabulary.known_as(word)]
        for id in some:
            if id not in found:
                raise UnknownIdError(id, store.nearest_ids(id))
            if not vocabulary.any_of(found[id].type, relation.range):
                label = vocabulary.types[found[id].type].label
                kinds = ", ".join(vocabulary.types[type].label for type in relation.range)
                raise InputError(f"{id} is of type {label}; {relation.label!r} leads to one of: {kinds}.")
