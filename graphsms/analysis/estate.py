"""The graph at one revision as analyses of its content read it: once, and shared by all of them.

`graphsms.snapshot` is what failure travels over; here are the entities and relations themselves, with what they say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from heapq import merge
from itertools import chain
from typing import Any, Final, TypeVar, cast

from graphsms.model import Entity, Fault, Relation, Revision, Value
from graphsms.moments import now
from graphsms.snapshot.validity import BEGINNING, END, interval, microseconds
from graphsms.store import Store
from graphsms.store.journal import EMPTY
from graphsms.vocabulary import LIFECYCLE, VALID_FROM, VALID_TO, Behaviour, Propagation, Vocabulary

__all__ = ["Deficiency", "Estate", "Examined", "estate", "number_of"]

_T = TypeVar("_T")
_NOTHING: Final[frozenset[str]] = frozenset()
# What does not depend on the moment, of the parts of an `Estate` and of what analyses have worked out for it.
_READ: Final = ("entities", "relations", "leading_from", "leading_to", "_by_type", "_not_live")
_OF_THE_REVISION: Final = ("rdf",)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Deficiency:
    """That something does not hold for certain entities, as an analysis found it.

    Parameters
    ----------
    entities : tuple of str
        Ids; the first is the one that it counts for. None where it is about something that is no entity, such as
        a type or a source; the aspect says which.
    message : str
        What is wrong, in a sentence.
    aspect : str
        What tells it from another of the same rule on the same entities, such as a missing relation, or "".
    concerning : tuple of str
        Further ids that it is on, which are no part of what it is recognized by.
    numerator, denominator : float or None
        Where it is itself a share: so much of so much.
    """

    entities: tuple[str, ...]
    message: str
    aspect: str = ""
    concerning: tuple[str, ...] = ()
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """What an analysis looked at, and what it found wrong with it.

    Parameters
    ----------
    looked_at : int
        How many entities were looked at; with none of them, nothing can be said.
    deficiencies : tuple of Deficiency
    note : str
        Why nothing, or not all, could be looked at, or "".
    """

    looked_at: int
    deficiencies: tuple[Deficiency, ...]
    note: str = ""

    @property
    def deficient(self) -> int:
        """How many of those looked at are deficient."""
        return len({one.entities[:1] or one.aspect for one in self.deficiencies})


@dataclass(frozen=True, eq=False)
class Estate:
    """The graph at a revision and a moment, made by `estate`; each part is read when it is first asked for.

    Parameters
    ----------
    store : Store
    revision : Revision
        What was recorded then.
    as_of : str
        What is valid then, canonical.
    zone : tzinfo
        The organization's time zone.
    options : mapping of str to str
        What the person who asks has said, such as a file of policies.
    """

    store: Store
    revision: Revision
    as_of: str
    zone: tzinfo = UTC
    options: Mapping[str, str] = field(default_factory=dict)
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, name: str, make: Callable[[], _T]) -> _T:
        """What an analysis has worked out for this graph under a name, worked out the first time only."""
        if name not in self._kept:
            self._kept[name] = make()
        return cast(_T, self._kept[name])

    def on(self, as_of: str) -> Estate:
        """The same revision at another moment: what has been read of it is not read again."""
        kept = {name: self._kept[name] for name in _OF_THE_REVISION if name in self._kept}
        other = replace(self, as_of=as_of, _kept=kept)
        other.__dict__.update({name: self.__dict__[name] for name in _READ if name in self.__dict__})
        return other

    @property
    def vocabulary(self) -> Vocabulary:
        """The ontology that the graph is in."""
        return self.store.vocabulary

    @property
    def present(self) -> bool:
        """Whether it is the present revision."""
        return self.store.revision().number == self.revision.number

    @cached_property
    def entities(self) -> Mapping[str, Entity]:
        """By id, in order of their ids."""
        return {one.id: one for one in self.store.entities(at=self.revision.number)}

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """All of them, in order of their keys."""
        return tuple(self.store.relations(at=self.revision.number))

    @cached_property
    def leading_from(self) -> Mapping[str, list[Relation]]:
        """The relations by their subject."""
        found: dict[str, list[Relation]] = defaultdict(list)
        for relation in self.relations:
            found[relation.subject].append(relation)
        return found

    @cached_property
    def leading_to(self) -> Mapping[str, list[Relation]]:
        """The relations by their object."""
        found: dict[str, list[Relation]] = defaultdict(list)
        for relation in self.relations:
            found[relation.object].append(relation)
        return found

    def of_type(self, type: str) -> Iterator[Entity]:
        """Entities of a type and its subclasses, in order of their ids; in proportion to how many there are."""
        there = [self._by_type[one] for one in self.vocabulary.subtypes[type] if one in self._by_type]
        return (entity for _, entity in (merge(*there) if len(there) > 1 else chain(*there)))

    @cached_property
    def _by_type(self) -> Mapping[str, list[tuple[int, Entity]]]:
        """The entities by their own type, each with its place among all."""
        found: dict[str, list[tuple[int, Entity]]] = defaultdict(list)
        for place, entity in enumerate(self.entities.values()):
            found[entity.type].append((place, entity))
        return {**found}

    def live(self, entity: Entity) -> bool:
        """Whether it is in its life (not proposed, in build or retired), and valid at the moment."""
        return not self.out_of_life(entity) and self.valid(entity.properties)

    def out_of_life(self, entity: Entity) -> bool:
        """Whether it is proposed, in build or retired."""
        return entity.properties.get(LIFECYCLE) in self._not_live

    def valid(self, properties: Mapping[str, Value]) -> bool:
        """Whether what has these properties holds at the moment."""
        if VALID_FROM not in properties and VALID_TO not in properties:
            return True
        since, until = interval(str(properties.get(VALID_FROM, "")), str(properties.get(VALID_TO, "")))
        return since <= microseconds(self.as_of) < until

    def day(self, moment: str | int) -> str:
        """The day of a moment (canonical, or in microseconds) in the organization's zone; "" of none, and of never."""
        if moment in ("", BEGINNING, END):
            return ""
        try:
            read = (
                datetime.fromisoformat(moment) if isinstance(moment, str) else _EPOCH + timedelta(microseconds=moment)
            )
            return read.astimezone(self.zone).date().isoformat()
        except OverflowError:  # the last hours of the year 9999, further east
            return str(moment)[:10] if isinstance(moment, str) else ""

    @cached_property
    def _not_live(self) -> frozenset[str]:
        code_list = self.vocabulary.properties[LIFECYCLE].code_list
        codes = self.vocabulary.code_lists[code_list].codes if code_list else ()
        return frozenset(code.notation for code in codes if code.carries_failure is False)

    def fails(self, type: str) -> bool:
        """Whether entities of the type can fail, and pass failure on."""
        return self.vocabulary.types[type].behaviour is Behaviour.CAN_FAIL

    @cached_property
    def needing(self) -> Mapping[str, frozenset[str]]:
        """By id, what needs it directly: those that its state reaches, by the propagation of relations that hold."""
        found: dict[str, set[str]] = defaultdict(set)
        for relation in self.relations:
            propagation = self.vocabulary.relations[relation.type].propagation
            if propagation is Propagation.NONE or not self.valid(relation.properties):
                continue
            ends = (relation.subject, relation.object)
            needs, needed = ends if propagation is Propagation.OBJECT_TO_SUBJECT else ends[::-1]
            if self.fails(self.entities[needed].type):
                found[needed].add(needs)
        return {id: frozenset(by) for id, by in found.items()}

    def stands_on(self, id: str) -> set[str]:
        """Ids of what stands on an entity, directly or not, without itself: all that its state may reach."""
        reached, ahead = {id}, [id]
        while ahead:
            more = self.needing.get(ahead.pop(), _NOTHING) - reached
            reached |= more
            ahead += more
        return reached - {id}

    def is_service(self, entity: Entity) -> bool:
        """Whether it is one of the things that people see first, the services, and live."""
        type = self.vocabulary.types[entity.type]
        return type.section.rank == self._first_section and self.fails(entity.type) and self.live(entity)

    def services_on(self, id: str) -> list[Entity]:
        """The live services that stand on an entity, the more critical first; itself, where it is one."""
        found = (self.entities[one] for one in {id, *self.stands_on(id)} & self._services)
        return sorted(
            found, key=lambda one: (-self._criticality.get(str(one.properties.get("criticality")), 0), one.id)
        )

    @cached_property
    def _services(self) -> frozenset[str]:
        return frozenset(one.id for one in self.entities.values() if self.is_service(one))

    @cached_property
    def under_services(self) -> frozenset[str]:
        """All that live services stand on, directly or not, and they themselves."""
        needed: dict[str, list[str]] = defaultdict(list)
        for id, by in self.needing.items():
            for one in by:
                needed[one].append(id)
        ahead = [*self._services]
        reached = set(ahead)
        while ahead:
            for one in needed.get(ahead.pop(), ()):
                if one not in reached:
                    reached.add(one)
                    ahead.append(one)
        return frozenset(reached)

    @cached_property
    def _first_section(self) -> int | None:
        return min((type.section.rank or 0 for type in self.vocabulary.types.values()), default=None)

    @cached_property
    def _criticality(self) -> Mapping[str, int]:
        property = self.vocabulary.properties.get("criticality")
        codes = self.vocabulary.code_lists[property.code_list].codes if property and property.code_list else ()
        return {code.notation: code.rank or 0 for code in codes}


def estate(
    store: Store,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    options: Mapping[str, str] | None = None,
) -> Estate:
    """The graph as it was recorded at a revision and is valid at a moment; without them, the present one, now.

    Notes
    -----
    What is asked for is held in memory: some 2 kB an entity with four relations.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("db-1", "Database"), graphsms.Entity("web", "Service")],
    ...         relations=[graphsms.Relation("dependsOn", "web", "db-1")],
    ...     ))
    ...     [service.id for service in estate(g.store).services_on("db-1")]
    ['web']
    """
    revision = store.revision()
    if at == 0:
        revision = EMPTY
    elif at is not None and at != revision.number:
        revision = next(store.revisions(since=at - 1))
    return Estate(store, revision, as_of or now(), zone, options or {})


def number_of(faults: Sequence[Fault]) -> str:
    """How many faults there are, in words for a message.

    Examples
    --------
    >>> number_of([])
    '0 faults'
    """
    return "1 fault" if len(faults) == 1 else f"{len(faults):,} faults"
