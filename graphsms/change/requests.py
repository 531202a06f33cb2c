"""Requests for change as assessments read them: what they touch and how, when, and what they are tied to (8.5.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphsms.change.policy import ChangePolicy
from graphsms.errors import InputError, UnknownIdError
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Entity, Relation
from graphsms.snapshot.validity import interval
from graphsms.store import Store
from graphsms.vocabulary import Vocabulary

__all__ = ["Request", "Touched", "read_requests", "require_statuses"]

_BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Touched:
    """Something that a change acts on, and what it does to it.

    Parameters
    ----------
    entity : Entity
    mode : str
        Notation of the mode of impact.
    stated : bool
        Whether the relation or the request says the mode; otherwise it is that of the policy.
    """

    entity: Entity
    mode: str
    stated: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A request for change with what it touches and what it is tied to.

    Parameters
    ----------
    entity : Entity
        The request itself.
    touches : tuple of Touched
        In order of their ids.
    leading_to, led_from : mapping of str to tuple of Entity
        By local name of the relation: what the request leads to, and what leads to it.

    Examples
    --------
    >>> request = Request(Entity("rfc-1", "RequestForChange", {"windowStart": "2026-12-01T20:00:00Z"}), ())
    >>> request.window
    ('2026-12-01T20:00:00Z', '')
    """

    entity: Entity
    touches: tuple[Touched, ...]
    leading_to: Mapping[str, tuple[Entity, ...]] = field(default_factory=dict, repr=False)
    led_from: Mapping[str, tuple[Entity, ...]] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """Its id."""
        return self.entity.id

    @property
    def name(self) -> str:
        """Its name, or its id."""
        return self.entity.name

    def says(self, property: str) -> str:
        """What it says for a property, as text; "" where it says nothing."""
        value = self.entity.properties.get(property, "")
        return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)

    @property
    def status(self) -> str:
        """How far it has come."""
        return self.says("changeStatus")

    @property
    def window(self) -> tuple[str, str]:
        """When it is to be made, canonical and half-open; "" where an end is not recorded."""
        return self.says("windowStart"), self.says("windowEnd")

    @property
    def span(self) -> tuple[int, int] | None:
        """The window in microseconds from 1970; None where it has none. Without an end it lasts for ever."""
        start, end = self.window
        return interval(start, end) if start else None

    def overlaps(self, span: tuple[int, int]) -> bool:
        """Whether its window and another have a moment in common; windows that only touch have none."""
        own = self.span
        return own is not None and own[0] < span[1] and span[0] < own[1]

    def modes(self) -> dict[str, str]:
        """By id of what it touches, the mode."""
        return {one.entity.id: one.mode for one in self.touches}

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        start, end = self.window
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "start": start or None,
            "end": end or None,
            "touched": [{"id": one.entity.id, "name": one.entity.name, "type": one.entity.type, "mode": one.mode}
                        for one in self.touches],
            "properties": dict(self.entity.properties),
        }  # fmt: skip


def require_statuses(vocabulary: Vocabulary, statuses: Collection[str]) -> None:
    """Refuse a status that no request can have: that there are none of it would be no answer.

    Raises
    ------
    InputError
        There is no such status.
    """
    code_list = vocabulary.properties["changeStatus"].code_list
    known = [code.notation for code in vocabulary.code_lists[code_list].codes] if code_list else []
    for word in statuses:
        if word not in known:
            one_of = did_you_mean(word, known) or f" It is one of {', '.join(known)}."
            raise InputError(f"There is no status {word!r}.{one_of}")


def read_requests(
    store: Store, policy: ChangePolicy, ids: Sequence[str] | None = None, at: int | None = None
) -> list[Request]:
    """Requests for change at a revision, by their ids; without ids all of them.

    Raises
    ------
    UnknownIdError
        There is no such entity.
    InputError
        It is no request for change.

    Notes
    -----
    Proportional to the requests and what they are tied to.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms.change.policy import read_policy
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("rfc-1", "RequestForChange"), graphsms.Entity("db-1", "Database")],
    ...         relations=[graphsms.Relation("touches", "rfc-1", "db-1", {"mode": "outage"})],
    ...     ))
    ...     [(one.id, one.modes()) for one in read_requests(g.store, read_policy(g.vocabulary))]
    [('rfc-1', {'db-1': 'outage'})]
    """
    vocabulary = store.vocabulary
    type = vocabulary.known_as("request for change")
    if ids is None:
        found = {one.id: one for one in store.entities(type=type, at=at)}
    else:
        found = {one.id: one for one in store.entities(ids=list(ids), at=at)}
        for id in ids:
            if id not in found:
                raise UnknownIdError(id, store.nearest_ids(id))
            if not vocabulary.is_a(found[id].type, type):
                label, wanted = vocabulary.types[found[id].type].label, vocabulary.types[type].label
                raise InputError(f"{id} is of type {label}, and no {wanted}.")
    order = sorted(found) if ids is None else list(dict.fromkeys(ids))
    relations: list[Relation] = []
    for start in range(0, len(order), _BATCH):
        some = order[start : start + _BATCH]
        relations += store.relations(subjects=some, objects=some, at=at)
    ends = {end for one in relations for end in (one.subject, one.object)} - found.keys()
    entities = {**{one.id: one for one in store.entities(ids=sorted(ends), at=at)}, **found}
    by_request: dict[str, list[Relation]] = {id: [] for id in order}
    for relation in relations:
        for end in {relation.subject, relation.object} & by_request.keys():
            by_request[end].append(relation)
    return [_request(found[id], by_request[id], entities, vocabulary, policy) for id in order]


def _request(
    entity: Entity,
    relations: Iterable[Relation],
    entities: Mapping[str, Entity],
    vocabulary: Vocabulary,
    policy: ChangePolicy,
) -> Request:
    out: dict[str, list[Entity]] = {}
    into: dict[str, list[Entity]] = {}
    touches = vocabulary.known_as("touched by change")
    touched: list[Touched] = []
    for relation in sorted(relations, key=lambda one: one.key):
        if relation.subject == entity.id:
            out.setdefault(relation.type, []).append(entities[relation.object])
            if relation.type == touches:
                mode = str(relation.properties.get("mode") or entity.properties.get("mode") or "")
                touched.append(Touched(entities[relation.object], mode or policy.mode, bool(mode)))
        else:
            into.setdefault(relation.type, []).append(entities[relation.subject])
    return Request(entity, tuple(touched), _frozen(out), _frozen(into))


def _frozen(found: Mapping[str, list[Entity]]) -> dict[str, tuple[Entity, ...]]:
    return {name: tuple(some) for name, some in found.items()}
