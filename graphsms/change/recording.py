"""Making and altering requests for change: all that is wrong is told at once, and nothing is half-applied (8.5.1.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from graphsms.change.numbering import next_id
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import read_requests
from graphsms.change.stating import HERE, ID, RELEASE, TYPE, statements_of
from graphsms.errors import ConflictError, InputError, RejectedError
from graphsms.ingest.check import Stated, check, id_problem
from graphsms.ingest.documents import LocatedDict
from graphsms.ingest.hand import apply_by_hand
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.rules import Surroundings, judge
from graphsms.model import ChangeSet, Entity, Fault, Origin, Relation, RelationKey
from graphsms.moments import now
from graphsms.store import Store
from graphsms.vocabulary import PLACEHOLDER

__all__ = ["Recorded", "create", "edit"]

_ATTEMPTS: Final = 5
_STATUS: Final = "changeStatus"
_CATEGORY: Final = "changeCategory"
_RECORDED: Final = "recordedAt"
_APPROVED: Final = "approved"  # the outcome of a decision

_Given = Sequence[tuple[Mapping[str, object], Origin]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was made or altered.

    Parameters
    ----------
    ids : tuple of str
        Of the requests, in the order in which they were stated.
    revision : int
        In which they stand now.
    changed : bool
        Whether anything had to change.
    warnings : tuple of Fault
        What is doubtful, and was recorded.
    """

    ids: tuple[str, ...]
    revision: int
    changed: bool
    warnings: tuple[Fault, ...] = ()

    def sentence(self) -> str:
        """The answer in a sentence."""
        what = ", ".join(self.ids[:10]) + (f" and {len(self.ids) - 10:,} more" if len(self.ids) > 10 else "")
        verb = "is" if len(self.ids) == 1 else "are"
        if not self.changed:
            return f"{what} {verb} recorded so already, in revision {self.revision}."
        return f"{what} {verb} recorded in revision {self.revision}."

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "ids": list(self.ids),
            "revision": self.revision,
            "changed": self.changed,
            "warnings": [str(one) for one in self.warnings],
        }


def create(
    store: Store,
    policy: ChangePolicy,
    requests: _Given,
    *,
    zone: tzinfo = UTC,
    actor: str = "",
    reason: str = "",
    time: str | None = None,
) -> Recorded:
    """Record new requests for change, all in one revision.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
        It says how requests without an id are numbered, and in which state they begin.
    requests : sequence of (mapping, Origin)
        What each states, as `graphsms.change.stating` has it, and where.
    zone : tzinfo
        Of times that state none.
    actor, reason : str
        Who and why, for the history.
    time : str, optional
        When they are recorded where they do not say; without it, now.

    Raises
    ------
    RejectedError
        Something is wrong with one of them; every fault is listed, and nothing was recorded.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet([graphsms.Entity("db-1", "Database")]))
    ...     asked = {"name": "Patch", "touches": {"to": "db-1", "mode": "outage"}}
    ...     create(g.store, g.change.policy(), [(asked, HERE)]).sentence()
    'rfc-0001 is recorded in revision 2.'
    """
    moment = time or f"{now()[:19]}Z"

    def attempt() -> Recorded:
        base = store.revision()
        writing = _Writing(store, policy, zone)
        taken = {one.id for one in store.entities(type=store.vocabulary.known_as("request for change"))}
        year = datetime.fromisoformat(moment).astimezone(zone).year
        ids: list[str] = []
        for stated, origin in requests:
            given = stated.get(ID)
            id = next_id(policy.numbering, year, taken, store) if given is None else str(given)
            taken.add(id)
            if problem := id_problem(id):
                writing.fault(Fault(origin, id[:60], ID, "bad-id", f"The id {id[:60]!r} {problem}."))
                continue
            if id in ids or store.entity(id) is not None:
                message = "There is something with that id already: give it another, or alter it by `change edit`."
                writing.fault(Fault(origin, id, ID, "repeated-id", message))
                continue
            ids.append(id)
            writing.state(id, {_STATUS: policy.begins_as, _RECORDED: moment, **stated}, origin, _lines(stated))
            writing.begin(id, origin)
        return writing.apply(ids, base.number, actor, reason, ())

    return _attempts(attempt)


def edit(
    store: Store,
    policy: ChangePolicy,
    id: str,
    stated: Mapping[str, object],
    *,
    origin: Origin = HERE,
    touch: Mapping[str, str] | None = None,
    untouch: Iterable[str] = (),
    zone: tzinfo = UTC,
    actor: str = "",
    reason: str = "",
) -> Recorded:
    """Alter a request for change, in one revision.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
        It says which state may follow which.
    id : str
    stated : mapping of str to object
        What is said anew: a property takes the place of its old value, a relation that of all there were; None takes
        away.
    origin : Origin
    touch : mapping of str to str, optional
        By id, the mode of what it touches too, or in another mode; "" is that of the policy.
    untouch : iterable of str
        Ids of what it touches no longer.
    zone, actor, reason
        As `create` has them.

    Raises
    ------
    UnknownIdError, InputError
        There is no such request.
    RejectedError
        Something is wrong with what is stated; every fault is listed, and nothing was changed.
    """
    touches = store.vocabulary.known_as("touched by change")
    gone = tuple(untouch)
    if touches in stated and (touch or gone):
        raise InputError(f"Give either {touches}, all of it anew, or what is touched too and no longer.")
    if str(stated.get(ID, id)) != id:
        raise InputError(f"The id of {id} stays: to give it another, make a new request and cancel this one.")

    def attempt() -> Recorded:
        base = store.revision()
        (request,) = read_requests(store, policy, [id])
        writing = _Writing(store, policy, zone)
        said: dict[str, object] = dict(stated)
        if touch or gone:
            writing.require_touched(request.modes(), gone, id, origin)
            said[touches] = _touched(store, id, touches, touch or {}, gone)
        before = {name: value for name, value in request.entity.properties.items() if name != PLACEHOLDER}
        writing.state(id, {TYPE: request.entity.type, **before, **said}, origin, _lines(stated))
        writing.follow(id, request.status, origin)
        replaced = [name for name in said if name in store.vocabulary.relations or name == RELEASE]
        removed = writing.replaced(id, replaced, base.number)
        return writing.apply([id], base.number, actor, reason, removed)

    return _attempts(attempt)


def _lines(stated: Mapping[str, object]) -> Mapping[str, int]:
    return getattr(stated, "lines", {})


def _touched(store: Store, id: str, touches: str, touch: Mapping[str, str], gone: tuple[str, ...]) -> list[object]:
    """All that a request touches when some is added and some gone, with what the relations say of themselves."""
    found: dict[str, dict[str, object]] = {}
    for relation in store.relations(subjects=[id], type=touches):
        if relation.object not in gone:
            found[relation.object] = {"to": relation.object, **relation.properties}
    for one, mode in touch.items():
        kept = {name: value for name, value in found.get(one, {"to": one}).items() if name != "mode"}
        found[one] = {**kept, "mode": mode} if mode else kept
    return [*found.values()]


def _attempts(attempt: Callable[[], Recorded]) -> Recorded:
    """Try again on what there is by then, where somebody has written meanwhile."""
    for number in range(1, _ATTEMPTS + 1):
        try:
            return attempt()
        except ConflictError:
            if number == _ATTEMPTS:
                raise
    raise AssertionError


class _Writing:
    """Statements being gathered, checked together and written."""

    def __init__(self, store: Store, policy: ChangePolicy, zone: tzinfo) -> None:
        self.store = store
        self.policy = policy
        self.zone = zone
        self.stated = Stated()
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.fault = self.faults.append

    def state(self, id: str, said: Mapping[str, object], origin: Origin, lines: Mapping[str, int]) -> None:
        """Take in what is said of one request."""
        located = LocatedDict(origin.line or 0)
        located.update(said)
        located.lines.update(lines)
        statements = statements_of(id, located, origin, self.store.vocabulary, self.fault)
        warn = self.warnings.append
        for _ in check(statements, self.store.vocabulary, self.stated, zone=self.zone, fault=self.fault, warn=warn):
            pass

    # ------------------------------------------------------------------------------ its state

    def begin(self, id: str, origin: Origin) -> None:
        """A new request is not decided on, unless it is of a category that was approved once for all times."""
        said = self._said(id)
        status, decided = str(said.get(_STATUS, "")), self.policy.life.decided
        if not status or (status in self.policy.undecided and status not in decided.values()):
            return
        if status == decided.get(_APPROVED) and self._in_advance(said):
            return
        begins = ", ".join(sorted(self.policy.undecided - set(decided.values())))
        message = f"A new request is {begins}; what follows is decided, or done: `graphsms change` has commands for it."
        self.fault(Fault(origin, id, _STATUS, "not-decided", message))

    def follow(self, id: str, before: str, origin: Origin) -> None:
        """One state follows another as the policy says; what a decision makes of it takes a decision."""
        said = self._said(id)
        status, decided = str(said.get(_STATUS, "")), self.policy.life.decided
        if status == before or (id, _STATUS) in self.stated.faulty:
            return
        try:
            self.policy.life.require(id, before, status)
        except InputError as error:
            self.fault(Fault(origin, id, _STATUS, "no-such-step", str(error)))
            return
        if status in decided.values() and not (status == decided.get(_APPROVED) and self._in_advance(said)):
            message = f"That it is {status} is decided, by somebody, for a reason: use `graphsms change decide`."
            self.fault(Fault(origin, id, _STATUS, "not-decided", message))

    def _said(self, id: str) -> Mapping[str, object]:
        return self.stated.entities[id][1] if id in self.stated.entities else {}

    def _in_advance(self, said: Mapping[str, object]) -> bool:
        return said.get(_CATEGORY) in self.policy.approved_in_advance

    # ------------------------------------------------------------------------- what it stands to

    def require_touched(self, touched: Mapping[str, str], gone: tuple[str, ...], id: str, origin: Origin) -> None:
        """What is no longer to be touched has to be touched."""
        for one in gone:
            if one not in touched:
                touches = self.store.vocabulary.known_as("touched by change")
                message = f"It does not touch {one!r}.{did_you_mean(one, touched)}"
                self.fault(Fault(origin, id, touches, "not-touched", message))

    def replaced(self, id: str, names: Sequence[str], at: int) -> tuple[RelationKey, ...]:
        """The relations that no longer hold since others are stated in their place."""
        words = self.store.vocabulary
        found: list[Relation] = []
        for name in names:
            if name == RELEASE:
                found += self.store.relations(objects=[id], type=words.known_as("implemented by release"), at=at)
            else:
                found += self.store.relations(subjects=[id], type=name, at=at)
        return tuple(one.key for one in found if one.key not in self.stated.relations)

    def _judge(self, at: int) -> None:
        """What is stated must lead to something that there is, of the right kind, and keep the shapes."""
        own = self.stated.entities
        ends = {end for key in self.stated.relations for end in (key[0], key[2])} - own.keys()
        types = {one.id: one.type for one in self.store.entities(ids=sorted(ends), at=at)}
        for key, said in self.stated.relations.items():
            for end in (key[0], key[2]):
                if end not in types and end not in own:
                    id, field = (key[2], RELEASE) if end == key[0] else (key[0], key[1])
                    nearest = self.store.nearest_ids(end)
                    hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
                    message = f"No entity has the id {end!r}.{hint}"
                    self.fault(Fault(said[1], id, field, "unknown-id", message, end))
        judge(
            self.stated,
            self.store.vocabulary,
            Surroundings(types),
            strict=True,
            fault=self.fault,
            warn=self.warnings.append,
        )

    # --------------------------------------------------------------------------------- writing

    def apply(
        self, ids: Sequence[str], base: int, actor: str, reason: str, removed: tuple[RelationKey, ...]
    ) -> Recorded:
        """Write it, or refuse all of it."""
        self._judge(base)
        if self.faults:
            count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults):,} faults"
            raise RejectedError(f"Nothing was recorded: {count}, the first being {self.faults[0]}", self.faults)
        changes = ChangeSet(
            entities=list(self._entities()),
            relations=[self.stated.relation(key) for key in self.stated.relations],
            removed_relations=removed,
            actor=actor,
            reason=reason,
            base=base,
        )
        revision = apply_by_hand(self.store, changes)
        return Recorded(tuple(ids), revision.number, revision.number != base, tuple(self.warnings))

    def _entities(self) -> Iterator[Entity]:
        for id in self.stated.entities:
            entity = self.stated.entity(id)
            yield replace(entity, properties={name: entity.properties[name] for name in sorted(entity.properties)})
