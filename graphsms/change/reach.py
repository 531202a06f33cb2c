"""What changes reach, and what stands around it: what the sections of an assessment are read from.

The graph is read once for it, in batches: the relations of what is touched, hit or brought into being, as far as
anything that is considered goes over them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cached_property
from itertools import islice

from graphsms.analysis.answer import Impact
from graphsms.change.assessment import Impacted
from graphsms.change.grounds import Grounds
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request
from graphsms.model import Entity, Relation, Value
from graphsms.snapshot.carriage import OK, STATES, Carriage
from graphsms.snapshot.validity import interval, microseconds
from graphsms.store import Store
from graphsms.vocabulary import VALID_FROM, VALID_TO, Vocabulary

__all__ = ["Around", "Reach", "batches", "read_around"]

_BATCH = 5_000
_SAID = 8  # reasons in a sentence


@dataclass(frozen=True)
class Around:
    """The relations around what changes reach.

    Parameters
    ----------
    by_type : mapping of str to list of Relation
        Those that anything considered goes over, by their type, in order of their keys.
    inferred : tuple of Relation
        Those that carry failure and were concluded, not recorded.
    bare : frozenset of str
        Of those asked about, what has no relation at all that carries failure.
    """

    by_type: Mapping[str, list[Relation]]
    inferred: tuple[Relation, ...]
    bare: frozenset[str]


@dataclass(frozen=True)
class Reach:
    """What is assessed, and what it reaches.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    revision : int
    as_of : str
    requests, others : tuple of Request
        The changes in question; the other ones that are not yet made.
    span : tuple of int or None
        When they are made, in microseconds; None where nobody says.
    touched, introduced : mapping of str to Entity
        What they touch, whatever it is; what they bring into being.
    hits : tuple of Impacted
        What they do.
    before, after : mapping of str to str
        States by id, of all that is not ok: by the context alone, and with the changes.
    impact : Impact
    context_impact : Impact or None
    around : Around
    zone : tzinfo
        The organization's time zone.
    grounds : Grounds
        What the assessment starts from.
    """

    store: Store
    policy: ChangePolicy
    revision: int
    as_of: str
    requests: tuple[Request, ...]
    others: tuple[Request, ...]
    span: tuple[int, int] | None
    touched: Mapping[str, Entity]
    introduced: Mapping[str, Entity]
    hits: tuple[Impacted, ...]
    before: Mapping[str, str]
    after: Mapping[str, str]
    impact: Impact
    context_impact: Impact | None
    around: Around
    grounds: Grounds = field(repr=False)
    zone: tzinfo = UTC
    _known: dict[str, Entity] = field(default_factory=dict, repr=False)

    @property
    def vocabulary(self) -> Vocabulary:
        """The ontology."""
        return self.store.vocabulary

    @cached_property
    def by_id(self) -> Mapping[str, Impacted]:
        """What is hit or concerned, by its id."""
        return {one.id: one for one in self.hits}

    @cached_property
    def failing(self) -> tuple[Impacted, ...]:
        """What is hit and can fail."""
        return tuple(one for one in self.hits if not one.concerned)

    @cached_property
    def own(self) -> frozenset[str]:
        """Ids of what is touched, hit, or brought into being: all that anything else is considered with."""
        return frozenset({*self.touched, *self.introduced, *(one.id for one in self.failing)})

    def below(self, types: Iterable[str]) -> frozenset[str]:
        """Types, and everything below them."""
        return frozenset(one for type in types for one in self.vocabulary.subtypes[type])

    def label(self, type: str) -> str:
        """What people call a type."""
        return self.vocabulary.types[type].label

    def entities(self, ids: Iterable[str]) -> dict[str, Entity]:
        """Entities by id, each read once."""
        wanted = set(ids)
        missing = sorted(wanted - self._known.keys())
        for some in batches(missing):
            self._known.update((one.id, one) for one in self.store.entities(ids=some, at=self.revision))
        return {id: self._known[id] for id in sorted(wanted) if id in self._known}

    def any_recorded(self, types: Iterable[str]) -> bool:
        """Whether the graph holds anything of these types at all."""
        return any(next(iter(self.store.entities(type=type, at=self.revision)), None) is not None for type in types)

    def valid(self, relation: Relation) -> bool:
        """Whether a relation holds at the moment."""
        says = relation.properties
        if VALID_FROM not in says and VALID_TO not in says:
            return True
        since, until = interval(_text(says, VALID_FROM), _text(says, VALID_TO))
        return since <= microseconds(self.as_of) < until

    def relations(self, type: str) -> Iterator[Relation]:
        """Those of a type around what is reached that hold at the moment."""
        return (one for one in self.around.by_type.get(type, ()) if self.valid(one))

    @cached_property
    def leading_here(self) -> Mapping[str, tuple[Relation, ...]]:
        """By id of what cannot fail: the relations over which it is told of what is reached."""
        found: dict[str, list[Relation]] = {}
        carriage = Carriage.of(self.vocabulary)
        for type, code in carriage.relation_code.items():
            for relation in self.relations(type):
                ends = (relation.subject, relation.object)
                told, sender = ends if carriage.object_sends[code] else ends[::-1]
                if sender in self.own and told not in self.own:
                    found.setdefault(told, []).append(relation)
        return {id: tuple(some) for id, some in found.items()}

    def why(self, id: str) -> str:
        """Over which relations something is told of what is reached, in words; of very many the first few."""
        said = []
        for relation in self.leading_here.get(id, ()):
            term = self.vocabulary.relations[relation.type]
            inverse = term.inverse_label or f"{term.label} of"
            said.append(
                f"{term.label} {relation.object}" if relation.subject == id else f"{inverse} {relation.subject}"
            )
        said += [f"touched by {one.id}" for one in self.requests if id in one.modes()]
        told = list(dict.fromkeys(said))
        more = [f"and {len(told) - _SAID:,} more"] if len(told) > _SAID else []
        return "; ".join([*told[:_SAID], *more])

    def worst(self, ids: Iterable[str]) -> str:
        """The worst state among entities in the end."""
        return max((self.after.get(id, STATES[OK]) for id in ids), key=STATES.index, default=STATES[OK])


def read_around(store: Store, ids: Sequence[str], asked: Iterable[str], considered: Collection[str], at: int) -> Around:
    """Read the relations around entities, of which ``asked`` is where the changes begin; of those that carry no
    failure the ones ``considered``.

    Notes
    -----
    Proportional to the relations of the entities.
    """
    vocabulary = store.vocabulary
    carriage = Carriage.of(vocabulary)
    told = {
        name
        for name, code in carriage.relation_code.items()
        if any(
            carriage.concerned[carriage.type_code[type]]
            for end in _receivers(vocabulary, name, carriage.object_sends[code])
            for type in vocabulary.subtypes[end]
        )
    }
    members = {type.quorum.relation for type in vocabulary.types.values() if type.quorum}
    wanted = told | members | set(considered)
    by_type: dict[str, dict[tuple[str, str, str], Relation]] = {}
    inferred: dict[tuple[str, str, str], Relation] = {}
    bare = set(asked)
    for some in batches(ids):
        for relation in store.relations(subjects=some, objects=some, at=at):
            if relation.type in wanted:
                by_type.setdefault(relation.type, {})[relation.key] = relation
            if relation.type in carriage.relation_code:
                bare -= {relation.subject, relation.object}
                if relation.properties.get("inferred") is True:
                    inferred[relation.key] = relation
    kept = {type: [some[key] for key in sorted(some)] for type, some in by_type.items()}
    return Around(kept, tuple(inferred[key] for key in sorted(inferred)), frozenset(bare))


def batches(ids: Iterable[str]) -> Iterator[list[str]]:
    """Ids in lists that a store takes at once."""
    ahead = iter(ids)
    take: Callable[[], list[str]] = lambda: list(islice(ahead, _BATCH))  # noqa: E731
    return iter(take, [])


def _receivers(vocabulary: Vocabulary, relation: str, object_sends: bool) -> tuple[str, ...]:
    term = vocabulary.relations[relation]
    return term.domain if object_sends else term.range


def _text(properties: Mapping[str, Value], name: str) -> str:
    return str(properties.get(name, ""))
