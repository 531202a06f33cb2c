"""Whether a decision still stands on what it was taken on: what has changed in the graph since (8.5.1.3).

Compared are the request itself, what it touches, and what it hits: at the revision of the basis and now, both for the
moment at which the change is to be made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphsms.analysis.impact import Impact, impact
from graphsms.change.decisions import Decision, read_decisions
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.errors import UnknownIdError
from graphsms.history.changes import Change as Difference
from graphsms.model import Entity
from graphsms.moments import now
from graphsms.snapshot.carriage import STATES
from graphsms.store import Store

__all__ = ["Decided", "Moved", "decided", "moved_since", "what_moved"]

_OK: Final = STATES[0]
# What a decision itself, and the work on the change, says on a request: no other change is meant by it.
_ASIDE: Final = frozenset(
    ("changeStatus", "priority", "startedAt", "endedAt", "outcome", "closedAt", "rootCause", "effectiveness", "source")
)


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that is not as it was when a decision was taken.

    Parameters
    ----------
    id, name : str
    what : str
        ``request``, ``touched`` or ``hit``: what of the change it is.
    field : str
        The property that differs; ``state`` of what is hit.
    before, after : str
        As it was on the basis of the decision, and as it is; "" where there was, or is, none.
    """

    id: str
    name: str
    what: str
    field: str
    before: str
    after: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) or None for name in self.__slots__}

    def __str__(self) -> str:
        if self.field == "":
            return f"{self.id} is touched now." if self.after else f"{self.id} is touched no more."
        return f"{self.id}: {self.field} was {self.before or 'not stated'}, and is {self.after or 'not stated'}."


@dataclass(frozen=True, slots=True)
class Decided:
    """A request with the latest decision on it, and what is different since.

    Parameters
    ----------
    request : Request
    decision : Decision or None
        None where none is recorded.
    earlier : tuple of Decision
        Those before it, the latest first.
    moved : tuple of Moved
    """

    request: Request
    decision: Decision | None
    earlier: tuple[Decision, ...] = ()
    moved: tuple[Moved, ...] = ()

    @property
    def standing(self) -> str:
        """``stands``, ``moved`` where the graph is not as it was, ``no basis``, or ``undecided``."""
        if self.decision is None:
            return "undecided"
        return "moved" if self.moved else "stands" if self.decision.basis is not None else "no basis"

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "request": self.request.id,
            "name": self.request.name,
            "status": self.request.status,
            "standing": self.standing,
            "decision": None if self.decision is None else self.decision.to_json(),
            "earlier": [one.to_json() for one in self.earlier],
            "moved": [one.to_json() for one in self.moved],
        }


def decided(
    store: Store, policy: ChangePolicy, requests: Sequence[Request], at: int | None = None
) -> tuple[Decided, ...]:
    """The decisions on requests, and what is different since, in the order of the requests.

    Notes
    -----
    Two spreads of failure for each request whose basis is of an earlier revision.
    """
    found = []
    decisions = read_decisions(store, requests, at)
    for request in requests:
        if not decisions[request.id]:
            found.append(Decided(request, None))
            continue
        latest, *earlier = decisions[request.id]
        moved = tuple(moved_since(store, policy, request, latest, at))
        found.append(Decided(request, latest, tuple(earlier), moved))
    return tuple(found)


def moved_since(
    store: Store, policy: ChangePolicy, request: Request, decision: Decision, at: int | None = None
) -> list[Moved]:
    """What is different since the basis of a decision; nothing where the basis is not recorded.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    request : Request
        As it is at the revision asked about.
    decision : Decision
    at : int, optional
        That revision; the present one without it.

    Notes
    -----
    Two spreads of failure, at the two revisions, where they differ.
    """
    basis = decision.basis
    present = store.revision().number if at is None else at
    if basis is None or basis.revision >= present:
        return []
    try:
        (before,) = read_requests(store, policy, [request.id], basis.revision)
    except UnknownIdError:
        return [Moved(request.id, request.name, "request", "request", "", "recorded")]
    return [*what_moved(before, request), *_hits(store, before, request, basis.revision, present)]


def what_moved(before: Request, after: Request) -> Iterator[Moved]:
    """What differs between two states of a request, and of what it touches."""
    yield from _fields(before.entity, after.entity, "request", _ASIDE)
    then = {one.entity.id: one for one in before.touches}
    since = {one.entity.id: one for one in after.touches}
    for id in sorted(then.keys() | since.keys()):
        old, new = then.get(id), since.get(id)
        if old is None or new is None:
            one = (new or old or before.touches[0]).entity
            yield Moved(id, one.name, "touched", "", "touched" if old else "", "touched" if new else "")
            continue
        if old.mode != new.mode:
            yield Moved(id, new.entity.name, "touched", "mode", old.mode, new.mode)
        yield from _fields(old.entity, new.entity, "touched", frozenset({"source"}))


def _fields(before: Entity, after: Entity, what: str, aside: Iterable[str]) -> Iterator[Moved]:
    for one in Difference(before, after).fields:
        if one.field not in aside and one.source is None:
            yield Moved(after.id, after.name, what, one.field, _text(one.before), _text(one.after))


def _hits(store: Store, before: Request, after: Request, then: int, present: int) -> Iterator[Moved]:
    moment = after.window[0] or now()
    old, new = _states(store, before, then, moment), _states(store, after, present, moment)
    for id in sorted(old.keys() | new.keys()):
        (name, was), (_, is_now) = old.get(id, (new.get(id, ("", ""))[0], _OK)), new.get(id, ("", _OK))
        if was != is_now:
            yield Moved(id, name, "hit", "state", was, is_now)


def _states(store: Store, request: Request, at: int, moment: str) -> Mapping[str, tuple[str, str]]:
    modes = request.modes()
    if not modes:
        return {}
    found: Impact = impact(store, list(modes), modes_of=modes, at=at, as_of=moment)
    return {hit.id: (hit.name, hit.state) for hit in (*found.hits, *found.concerned)}


def _text(value: object) -> str:
    return "" if value is None else ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
