"""Everything that is known about one request for change, in one place (8.5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphsms.change.calendar import frozen, read_windows
from graphsms.change.classification import Classification, classify
from graphsms.change.facts import facts_of
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.model import Entity, Relation, Revision, Value
from graphsms.store import Store

__all__ = ["Known", "Overlap", "Tie", "known"]

# What a request should say before it is decided on (8.5.1.3): in words, and the properties that say it.
_STATED: Final = {
    "when it is made": ("windowStart",),
    "risks": ("riskStatement",),
    "business benefits": ("businessBenefit",),
    "feasibility": ("feasibility",),
    "financial impact": ("financialImpact", "estimatedCost"),
    "remediation": ("remediation",),
}
# Words of the ontology for the relations that say the same, and for what else there should be.
_TIED: Final = {"risks": "risk raised by change", "remediation": "remediated by"}
_WANTED: Final = {"who asked for it": "raised by", "who decides on it": "approver of change"}


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation of the request, seen from it.

    Parameters
    ----------
    relation, label : str
        Local name, and how it reads from the request.
    outward : bool
        Whether it leads from the request.
    entity : Entity
        The other end.
    says : mapping of str to Value
        What the relation says of itself.
    """

    relation: str
    label: str
    outward: bool
    entity: Entity
    says: dict[str, Value]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "relation": self.relation,
            "outward": self.outward,
            "id": self.entity.id,
            "type": self.entity.type,
            "name": self.entity.name,
            "properties": dict(self.entity.properties),
            "says": dict(self.says),
        }


@dataclass(frozen=True, slots=True)
class Overlap:
    """Something in the calendar at the same time.

    Parameters
    ----------
    entity : Entity
        Another request for change, or a freeze.
    what : str
        ``change`` or ``freeze``.
    shared : tuple of str
        Ids of what both touch; of a freeze, what it is for.
    """

    entity: Entity
    what: str
    shared: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"id": self.entity.id, "name": self.entity.name, "what": self.what, "shared": list(self.shared)}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a request.

    Parameters
    ----------
    request : Request
    ties : tuple of Tie
        Everything that it is tied to, but what it touches: first what it leads to.
    classification : Classification
    overlaps : tuple of Overlap
        Freezes of what it touches, and other requests that touch the same at the same time and are not made yet.
    not_stated : tuple of str
        What should be considered before it is decided on, and nothing is recorded about.
    under : tuple of Revision
        The revisions that were made under it.
    revision : Revision
        What was recorded when this was asked.
    """

    request: Request
    ties: tuple[Tie, ...]
    classification: Classification
    overlaps: tuple[Overlap, ...]
    not_stated: tuple[str, ...]
    under: tuple[Revision, ...]
    revision: Revision

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision.number,
            "at": self.revision.time,
            **self.request.to_json(),
            "source": self.request.entity.source,
            "ties": [one.to_json() for one in self.ties],
            "classification": self.classification.to_json(),
            "overlaps": [one.to_json() for one in self.overlaps],
            "not_stated": list(self.not_stated),
            "under": [
                {"revision": one.number, "at": one.time, "actor": one.actor, "reason": one.reason,
                 "created": one.created, "changed": one.changed, "removed": one.removed}
                for one in self.under
            ],
        }  # fmt: skip


def known(store: Store, policy: ChangePolicy, id: str, *, at: int | None = None, as_of: str | None = None) -> Known:
    """Everything that is known about a request.

    Raises
    ------
    UnknownIdError, InputError
        There is no such request.

    Notes
    -----
    Proportional to what it is tied to and what its impact is, and to the revisions there are.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.change.create({"name": "Patch", "remediation": "Put it back"})
    ...     g.change.known(made.ids[0]).not_stated[:3]
    ('when it is made', 'risks', 'business benefits')
    """
    from graphsms.analysis.estate import estate

    revision = estate(store, at).revision
    (request,) = read_requests(store, policy, [id], at)
    its = classify(request, facts_of(store, request, policy, at=at, as_of=as_of), policy)
    return Known(
        request=request,
        ties=tuple(_ties(store, request, at)),
        classification=its,
        overlaps=(*_freezes(store, request, at, as_of), *_others(store, policy, request, at)),
        not_stated=tuple(_not_stated(store, request, its)),
        under=tuple(one for one in store.revisions() if one.request == id and one.number <= revision.number),
        revision=revision,
    )


def _ties(store: Store, request: Request, at: int | None) -> Iterator[Tie]:
    words = store.vocabulary
    touches = words.known_as("touched by change")
    relations = [one for one in store.relations(subjects=[request.id], objects=[request.id], at=at)
                 if one.type != touches or one.object == request.id]  # fmt: skip
    ends = {one.id: one for one in store.entities(ids=sorted({_other(one, request.id) for one in relations}), at=at)}
    for relation in sorted(relations, key=lambda one: (one.subject != request.id, one.type, one.key)):
        outward, term = relation.subject == request.id, words.relations[relation.type]
        label = term.label if outward else term.inverse_label or f"({term.label})"
        yield Tie(relation.type, label, outward, ends[_other(relation, request.id)], dict(relation.properties))


def _other(relation: Relation, id: str) -> str:
    return relation.object if relation.subject == id else relation.subject


def _freezes(store: Store, request: Request, at: int | None, as_of: str | None) -> Iterator[Overlap]:
    span = request.span
    if span is None or not request.touches:
        return
    freezes = [one for one in read_windows(store, at) if one.freeze and one.between(*span)]
    touched = [one.entity.id for one in request.touches]
    for one in frozen(store, touched, freezes, at=at, as_of=as_of or request.window[0]) if freezes else ():
        yield Overlap(one.entity, "freeze", tuple(each.id for each in one.of))


def _others(store: Store, policy: ChangePolicy, request: Request, at: int | None) -> Iterator[Overlap]:
    span, touched = request.span, sorted(request.modes())
    if span is None or not touched:
        return
    touches = store.vocabulary.known_as("touched by change")
    ids = {one.subject for one in store.relations(objects=touched, type=touches, at=at)} - {request.id}
    others: Sequence[Request] = read_requests(store, policy, sorted(ids), at) if ids else ()
    for one in others:
        if one.status in policy.undecided | policy.ahead and one.overlaps(span):
            yield Overlap(one.entity, "change", tuple(sorted(one.modes().keys() & set(touched))))


def _not_stated(store: Store, request: Request, its: Classification) -> Iterator[str]:
    words, said = store.vocabulary, request.entity.properties
    for matter, properties in _STATED.items():
        tied = matter in _TIED and request.leading_to.get(words.known_as(_TIED[matter]))
        if not tied and not any(one in said for one in properties):
            yield matter
    if its.facts.get("tested") is None:
        yield "whether it was tested"
    for matter, word in _WANTED.items():
        if not request.leading_to.get(words.known_as(word)):
            yield matter
