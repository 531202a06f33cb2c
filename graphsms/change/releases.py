"""Releases (8.5.3): what is in them, whether they were accepted, when they were deployed, and what followed.

``(:Release)-[:IMPLEMENTS]->(:RequestForChange)``, ``-[:DELIVERS]->(:ConfigurationItem)``,
``(:Deployment)-[:DEPLOYS]->(:Release)``, ``(:AcceptanceDecision)-[:DECIDES_ON]->(:Release)``. An incident counts as
related to a release where it began from the beginning of its deployment until the end of its period of observation, on
what it touches or hits, or where it is recorded to be caused by it; see `graphsms.change.incidents`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphsms.change.context import modes_together
from graphsms.change.grounds import moment_of
from graphsms.change.incidents import Following, Incidents, known_until, read_incidents, states_hit
from graphsms.change.made import time_of
from graphsms.change.policy import ChangePolicy
from graphsms.change.release_states import Acceptance, Deployed, Releases, ReleaseState
from graphsms.change.requests import Request, read_requests
from graphsms.errors import InputError, UnknownIdError
from graphsms.history.reading import revision_of
from graphsms.model import Entity, Relation
from graphsms.moments import now
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store

__all__ = ["releases"]


def releases(
    store: Store,
    policy: ChangePolicy,
    ids: Sequence[str] | None = None,
    *,
    at: int | None = None,
    as_of: str | None = None,
) -> Releases:
    """Releases with what is in them and what became of them; without ids all.

    Raises
    ------
    UnknownIdError, InputError
        There is no such entity, or it is no release.

    Notes
    -----
    One spread of failure for each release that is deployed, all over the same snapshot, and one reading of the
    incidents.
    """
    revision = store.revision() if at is None else revision_of(store, at)
    moment = as_of or now()
    chosen = _chosen(store, ids, revision.number)
    edges = list(store.relations(subjects=chosen, objects=chosen, at=revision.number)) if chosen else []
    words = store.vocabulary
    implements = words.known_as("implemented by release")
    asked = sorted({one.object for one in edges if one.type == implements})
    requests = {one.id: one for one in read_requests(store, policy, asked, revision.number)} if asked else {}
    deploys = words.known_as("deployed by")
    if asked:  # the deployments of its changes are its own
        edges += store.relations(objects=asked, type=deploys, at=revision.number)
    ends = {end for one in edges for end in (one.subject, one.object)}
    entities = {one.id: one for one in store.entities(ids=sorted(ends), at=revision.number)} | chosen
    decisions = sorted({one.subject for one in edges if one.type == words.known_as("decides on")})
    rests = list(store.relations(subjects=decisions, at=revision.number)) if decisions else []
    incidents, around = read_incidents(store, revision.number), _around([*edges, *rests], entities, requests)
    found = [_state(store, policy, one, around, incidents, revision.number, moment) for one in chosen.values()]
    found.sort(key=lambda one: (-microseconds(one.deployed) if one.deployed else 1, one.id))
    return Releases(revision.number, revision.time, moment, tuple(found))


def _chosen(store: Store, ids: Sequence[str] | None, at: int) -> dict[str, Entity]:
    words = store.vocabulary
    kind = words.known_as("release")
    if ids is None:
        return {one.id: one for one in store.entities(type=kind, at=at)}
    found = {one.id: one for one in store.entities(ids=list(ids), at=at)}
    for id in ids:
        if id not in found:
            raise UnknownIdError(id, store.nearest_ids(id))
        if not words.is_a(found[id].type, kind):
            raise InputError(f"{id} is of type {words.types[found[id].type].label}, and no {words.types[kind].label}.")
    return found


@dataclass(frozen=True, slots=True)
class _Around:
    """What leads from and to releases, their changes, and the decisions on them: by end and type of the relation."""

    objects: Mapping[tuple[str, str], list[str]]
    subjects: Mapping[tuple[str, str], list[str]]
    entities: Mapping[str, Entity]
    requests: Mapping[str, Request]

    def to(self, id: str, type: str) -> tuple[str, ...]:
        return tuple(self.objects.get((id, type), ()))

    def led_from(self, ids: Iterable[str], type: str) -> list[Entity]:
        return [self.entities[id] for id in sorted({one for id in ids for one in self.subjects.get((id, type), ())})]


def _around(edges: Iterable[Relation], entities: Mapping[str, Entity], requests: Mapping[str, Request]) -> _Around:
    objects: dict[tuple[str, str], list[str]] = defaultdict(list)
    subjects: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in sorted({one.key for one in edges}):
        subject, type, object = key
        objects[subject, type].append(object)
        subjects[object, type].append(subject)
    return _Around(objects, subjects, entities, requests)


def _state(
    store: Store, policy: ChangePolicy, one: Entity, around: _Around, incidents: Incidents, at: int, as_of: str
) -> ReleaseState:
    words = store.vocabulary
    implements = around.to(one.id, words.known_as("implemented by release"))
    delivers = around.to(one.id, words.known_as("affected by release"))
    acceptance, decides = words.known_as("decision on acceptance"), words.known_as("decides on")
    decisions = [d for d in around.led_from([one.id], decides) if words.is_a(d.type, acceptance)]
    carried_out = [_deployed(d) for d in around.led_from([one.id, *implements], words.known_as("deployed by"))]
    carried_out.sort(key=lambda d: (d.end, d.id), reverse=True)
    start, deployed = _when(carried_out, [around.requests[id] for id in implements], policy, as_of)
    stated = str(one.properties.get("observationPeriod", ""))
    period = stated or policy.afterwards.incidents_within
    until = after(deployed, period) if deployed else 0
    following: list[Following] = []
    if deployed:
        touched = dict.fromkeys(delivers, policy.mode)
        modes = [*touched.items(), *(pair for id in implements for pair in around.requests[id].modes().items())]
        together = modes_together(modes, store)
        hit = states_hit(store, together, at=at, as_of=start)
        sources = {one.id, *implements, *(d.id for d in carried_out)}
        present = known_until(as_of)
        limits = (microseconds(start), min(until, present + 1))
        found = incidents.after(sources, together.keys(), hit.keys() - together.keys(), *limits)
        following = [each for each in found if each.incident.began <= present]
    return ReleaseState(
        entity=one,
        implements=implements,
        delivers=delivers,
        baselines=around.to(one.id, words.known_as("has baseline")),
        acceptances=tuple(_acceptances(decisions, around, store)),
        deployments=tuple(carried_out),
        deployed=deployed,
        observed_for=period,
        stated=bool(stated),
        observed_until=moment_of(until) if deployed else "",
        watching=bool(deployed) and until > known_until(as_of),
        incidents=tuple(following),
    )


def _deployed(one: Entity) -> Deployed:
    span = time_of(Request(one, ()))
    outcome = str(one.properties.get("outcome", ""))
    return (
        Deployed(one.id, span.start, span.end, outcome, span.planned)
        if span
        else Deployed(one.id, "", "", outcome, False)
    )


def _when(
    deployments: Sequence[Deployed], requests: Sequence[Request], policy: ChangePolicy, as_of: str
) -> tuple[str, str]:
    """When the deployment of a release began and was over; "" and "" where it is still to come, or not known."""
    spans = [(one.start, one.end) for one in deployments if one.end and not one.planned]
    if not spans:
        made = [time_of(one) for one in requests if one.status in policy.made]
        spans = [(one.start, one.end) for one in made if one]
    spans = [one for one in spans if microseconds(one[1]) <= known_until(as_of)]
    if not spans:
        return "", ""
    return min(spans, key=lambda one: microseconds(one[0]))[0], max(spans, key=lambda one: microseconds(one[1]))[1]


def _acceptances(decisions: Sequence[Entity], around: _Around, store: Store) -> list[Acceptance]:
    by, based_on = (store.vocabulary.known_as(word) for word in ("decided by", "based on"))
    found = [
        Acceptance(
            one.id,
            str(one.properties.get("decision", "")),
            str(one.properties.get("decidedAt", "")),
            around.to(one.id, by),
            around.to(one.id, based_on),
        )
        for one in decisions
    ]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)
