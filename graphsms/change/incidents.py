"""Incidents after changes: those that they are recorded to have caused, and those on what they hit (8.5.1.3).

An incident is related to a change

- as *caused* by it, where that is recorded: of the change, of a release that implements it, or of their deployment;
- as on what it *touched*, or on what it *hit*, where it began from the beginning of the change until a stated period
  after its end, and no cause is recorded that lies elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphsms.analysis.impact import impact
from graphsms.change.grounds import real_seeds
from graphsms.change.requests import Request
from graphsms.model import Entity
from graphsms.moments import now
from graphsms.snapshot.carriage import STATES
from graphsms.snapshot.validity import microseconds
from graphsms.store import Store
from graphsms.vocabulary import VALID_FROM, Behaviour, Vocabulary

__all__ = [
    "Following", "Incident", "Incidents", "known_until", "origins", "read_incidents", "service_types", "states_hit",
]  # fmt: skip

_BEGAN: Final = ("startedAt", "detectedAt", "recordedAt")
_MISTAKEN: Final = "cancelled"  # withdrawn, or recorded by mistake
UNSTATED: Final = "degraded"  # the state of what an incident disturbs where nobody says which
CAUSED, TOUCHED, HIT = "caused", "touched", "hit"


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident, and what it disturbed.

    Parameters
    ----------
    entity : Entity
    began : int
        In microseconds from 1970.
    disturbed : mapping of str to str
        By id of what it affects, the state that it was in.
    causes : frozenset of str
        Ids of what is recorded to have caused it.
    """

    entity: Entity
    began: int
    disturbed: Mapping[str, str]
    causes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Following:
    """An incident after a change.

    Parameters
    ----------
    incident : Incident
    how : str
        ``caused``, ``touched`` or ``hit``.
    """

    incident: Incident
    how: str

    @property
    def id(self) -> str:
        """Of the incident."""
        return self.incident.entity.id

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "name": self.incident.entity.name,
            "how": self.how,
            "disturbed": dict(self.incident.disturbed),
        }


class Incidents:
    """The incidents of a graph, in order of time.

    Parameters
    ----------
    found : iterable of Incident
    undated : int
        How many more there are of which nothing says when they began.
    """

    def __init__(self, found: Iterable[Incident], undated: int = 0) -> None:
        self._found = sorted(found, key=lambda one: (one.began, one.entity.id))
        self._times = [one.began for one in self._found]
        self._caused: dict[str, list[int]] = {}
        for position, one in enumerate(self._found):
            for cause in one.causes:
                self._caused.setdefault(cause, []).append(position)
        self.undated = undated

    def __len__(self) -> int:
        return len(self._found)

    def after(
        self, sources: Collection[str], touched: Collection[str], hit: Collection[str], since: int, until: int
    ) -> list[Following]:
        """Those related to a change, in order of time.

        Parameters
        ----------
        sources : collection of str
            Ids of the change, of the releases that implement it, and of their deployments.
        touched, hit : collection of str
            Ids of what it touched, and of what it hit beside that.
        since, until : int
            In microseconds from 1970, half-open.

        Notes
        -----
        Proportional to the incidents in that time.

        Examples
        --------
        >>> down = Incident(Entity("inc-1", "Incident"), 5, {"web": "down"}, frozenset())
        >>> [one.how for one in Incidents([down]).after({"rfc-1"}, {"db"}, {"web"}, 0, 10)]
        ['hit']
        """
        found: dict[int, str] = {one: CAUSED for id in sources for one in self._caused.get(id, ())}
        for position in range(bisect_left(self._times, since), bisect_left(self._times, until)):
            one = self._found[position]
            if position in found or (one.causes and one.causes.isdisjoint(touched)):
                continue  # what caused it lies elsewhere
            if any(id in touched for id in (*one.causes, *one.disturbed)):
                found[position] = TOUCHED
            elif any(id in hit for id in one.disturbed):
                found[position] = HIT
        return [Following(self._found[position], found[position]) for position in sorted(found)]


def known_until(as_of: str) -> int:
    """Until when what happened can be known, in microseconds: the moment asked about, and never later than now."""
    return min(microseconds(as_of), microseconds(now()))


def read_incidents(store: Store, at: int | None = None) -> Incidents:
    """The incidents of a graph, those of information security among them; cancelled ones left out.

    Notes
    -----
    Proportional to the incidents and what they affect.
    """
    words = store.vocabulary
    affects, caused_by = words.known_as("affected by case"), words.known_as("caused by")
    cases = {
        one.id: one
        for word in ("incident", "security incident")
        for one in store.entities(type=words.known_as(word), at=at)
        if one.properties.get("caseStatus") != _MISTAKEN
    }
    disturbed: dict[str, dict[str, str]] = {id: {} for id in cases}
    causes: dict[str, set[str]] = {id: set() for id in cases}
    since: dict[str, list[str]] = {id: [] for id in cases}
    for relation in store.relations(subjects=sorted(cases), at=at) if cases else ():
        if relation.type == affects:
            said = relation.properties.get("state") or cases[relation.subject].properties.get("state") or UNSTATED
            disturbed[relation.subject][relation.object] = str(said)
            if VALID_FROM in relation.properties:
                since[relation.subject].append(str(relation.properties[VALID_FROM]))
        elif relation.type == caused_by:
            causes[relation.subject].add(relation.object)
    found = []
    for id, one in cases.items():
        began = next((str(one.properties[name]) for name in _BEGAN if name in one.properties), "")
        moments = [microseconds(one) for one in ([began] if began else since[id])]
        if moments:
            found.append(Incident(one, min(moments), disturbed[id], frozenset(causes[id])))
    return Incidents(found, len(cases) - len(found))


def origins(store: Store, requests: Sequence[Request], at: int | None = None) -> dict[str, frozenset[str]]:
    """By id of a request, what an incident is recorded to be caused by where that request caused it.

    The request itself, the releases that implement it, and the deployments of both.
    """
    words = store.vocabulary
    implements, deploys = words.known_as("implemented by release"), words.known_as("deployed by")
    releases = {one.id: [r.id for r in one.led_from.get(implements, ())] for one in requests}
    every = sorted({id for some in releases.values() for id in some})
    deployments: dict[str, list[str]] = {}
    for relation in store.relations(objects=every, type=deploys, at=at) if every else ():
        deployments.setdefault(relation.object, []).append(relation.subject)
    return {
        one.id: frozenset(
            (
                one.id,
                *(deployment.id for deployment in one.led_from.get(deploys, ())),
                *releases[one.id],
                *(id for release in releases[one.id] for id in deployments.get(release, ())),
            )
        )
        for one in requests
    }


def states_hit(
    store: Store,
    modes: Mapping[str, str],
    *,
    at: int | None = None,
    as_of: str | None = None,
    spared: Iterable[str] = (),
) -> dict[str, str]:
    """The state of what can fail and is not ok when this is done to these entities, themselves among them, by id.

    Those that were not recorded at the revision are passed over; nothing goes on from those that are ``spared``.
    """
    there = {one.id for one in store.entities(ids=sorted(modes), at=at)}
    if not there:
        return {}
    known = {id: mode for id, mode in modes.items() if id in there}
    answer = impact(store, sorted(known), modes_of=known, at=at, as_of=as_of, held=dict.fromkeys(spared, STATES[0]))
    found = {hit.id: hit.state for hit in answer.hits}
    found.update((id, seed.state) for id, seed in real_seeds(answer).items() if seed.state != STATES[0])
    return found


def service_types(vocabulary: Vocabulary) -> frozenset[str]:
    """The types of what people see first, the services."""
    first = min((type.section.rank or 0 for type in vocabulary.types.values()), default=0)
    return frozenset(
        name
        for name, type in vocabulary.types.items()
        if type.section.rank == first and type.behaviour is Behaviour.CAN_FAIL
    )
