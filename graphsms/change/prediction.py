"""How good the prediction of impact is: assessed before each change, compared with what happened after (8.5.1.3).

What counts as what, for each change that was made, is over, and whose time of observation is over:

- *told*: what the spread of failure from what it touched, in its modes, gives at the last revision before it began: the
  things that it names as at risk, degraded or down, those touched among them; and what people had judged by then.
- *happened*: what the incidents related to it disturbed (`graphsms.change.incidents`), with the worst state.
- *predicted*: it happened, and it was told, in whatever state; where it came worse than told, that is counted apart.
- *missed*: it happened, and it was not told. Only an incident that is recorded to be caused by the change, or by what
  it touched, can show that: another one on something that was not told says nothing of this change.
- *alarm*: told to be degraded or down, of a service that the change does not touch itself. An alarm after which no
  incident disturbed the service is a *false alarm*. At risk means that it may fail, so that no incident proves nothing;
  what is touched is out of use because that is the change; what lies between is not what people report on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from graphsms.change.afterwards import duration
from graphsms.change.considered import Judgement
from graphsms.change.incidents import (
    Following,
    Incidents,
    known_until,
    origins,
    read_incidents,
    service_types,
    states_hit,
)
from graphsms.change.judgements import read_judgements
from graphsms.change.made import Span, time_of
from graphsms.change.policy import ChangePolicy
from graphsms.change.prediction_figures import (
    FALSE_ALARM,
    MISSED,
    PREDICTED,
    Compared,
    Prediction,
    Predictions,
)
from graphsms.change.requests import Request, read_requests
from graphsms.errors import InputError
from graphsms.history.reading import revision_of
from graphsms.model import Entity
from graphsms.moments import canonical_moment, now
from graphsms.snapshot.carriage import AT_RISK, OK, STATES
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store

__all__ = ["compared", "predictions"]

_ORDER = {MISSED: 0, PREDICTED: 1, FALSE_ALARM: 2}


def predictions(
    store: Store,
    policy: ChangePolicy,
    ids: Sequence[str] | None = None,
    *,
    since: str | None = None,
    until: str | None = None,
    within: str | None = None,
    at: int | None = None,
    as_of: str | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Predictions:
    """What was to be expected of changes before they were made, compared with what happened after.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    ids : sequence of str, optional
        Requests for change; without them all that were made.
    since, until : str, optional
        Only those whose work ended in this time, half-open, canonical.
    within : str, optional
        How long after a change incidents are counted; without it, as the policy says.
    at, as_of : optional
        The revision that incidents are read from, and the moment until which they count.
    progress : callable, optional
        Told how many changes are done, of how many.

    Raises
    ------
    UnknownIdError, InputError
        There is no such request, or it was not made yet.

    Notes
    -----
    One spread of failure for each change. They are taken in order of time, so that those between which nothing was
    recorded share a snapshot; each other revision is read once, which in a large graph is most of the work: a period
    bounds it.
    """
    revision = store.revision() if at is None else revision_of(store, at)
    moment = as_of or now()
    counted = duration(within, "--within") if within else policy.afterwards.incidents_within
    requests = read_requests(store, policy, ids, revision.number)
    if ids is not None:
        for one in requests:
            if one.status not in policy.made:
                raise InputError(f"{one.id} is {one.status or 'of no state'}: it was not made yet.")
    made = [one for one in requests if one.status in policy.made]
    dated = [(one, span) for one in made if (span := time_of(one)) and _in(span, since, until, moment)]
    dated.sort(key=lambda pair: (microseconds(pair[1].start), pair[0].id))
    read = read_incidents(store, revision.number)
    sources = origins(store, [one for one, _ in dated], revision.number)
    found = []
    for number, (one, span) in enumerate(dated):
        if progress is not None:
            progress(number, len(dated))
        found.append(_prediction(store, one, span, counted, read, sources, revision.number, moment))
    return Predictions(
        revision=revision.number,
        at=revision.time,
        as_of=moment,
        since=since or "",
        until=until or "",
        within=counted,
        changes=tuple(found),
        undated=tuple(one.id for one in made if time_of(one) is None),
    )


def _in(span: Span, since: str | None, until: str | None, as_of: str) -> bool:
    end = microseconds(span.end)
    return (
        end <= known_until(as_of)
        and (since is None or end >= microseconds(since))
        and (until is None or end < microseconds(until))
    )


def _prediction(
    store: Store,
    request: Request,
    span: Span,
    within: str,
    incidents: Incidents,
    sources: Mapping[str, frozenset[str]],
    at: int,
    as_of: str,
) -> Prediction:
    earlier = store.revision_at(_just_before(span.start)).number
    number = min(max(earlier, 1), at)
    there = {one.id for one in store.entities(ids=sorted(request.modes()), at=number)}
    judged = _judged_before(store, request, span.start, at)
    modes = {id: mode for id, mode in request.modes().items() if id in there}
    known = {one.id for one in store.entities(ids=sorted({one.entity for one in judged}), at=number)}
    spared = [one.entity for one in judged if not one.impacted and one.entity in known]
    told = states_hit(store, modes, at=number, as_of=span.start, spared=spared)
    told.update({one.entity: one.state for one in judged if one.impacted and one.entity in known})
    touched = request.modes().keys()
    present, ends = known_until(as_of), after(span.end, within)
    limits = (microseconds(span.start), min(ends, present + 1))
    following = incidents.after(sources[request.id], touched, told.keys() - touched, *limits)
    following = [one for one in following if one.incident.began <= present]
    entities = {
        one.id: one
        for one in store.entities(ids=sorted({*told, *(id for f in following for id in f.incident.disturbed)}), at=at)
    }
    services = service_types(store.vocabulary)
    return Prediction(
        request=request.id,
        name=request.name,
        made=span.end,
        revision=number,
        before=earlier > 0,
        told=len(told),
        observing=ends > present,
        compared=tuple(
            compared(
                told,
                following,
                touched=set(touched),
                sources=sources[request.id],
                services={id for id, one in entities.items() if one.type in services},
                entities=entities,
            )
        ),
        unrecorded=tuple(sorted(request.modes().keys() - there)),
    )


def _judged_before(store: Store, request: Request, start: str, at: int) -> list[Judgement]:
    """What people had judged when the change began: what was said, or taken back, after it is no prediction."""
    begins = microseconds(start)
    return [
        one
        for one in read_judgements(store, [request], start, at)
        if (not one.at or microseconds(one.at) <= begins) and (one.holds or microseconds(one.withdrawn) > begins)
    ]


def compared(
    told: Mapping[str, str],
    following: Sequence[Following],
    *,
    touched: set[str],
    sources: frozenset[str],
    services: set[str],
    entities: Mapping[str, Entity],
) -> Iterator[Compared]:
    """What was told beside what happened, as the module says; the missed first, then by id.

    Parameters
    ----------
    told : mapping of str to str
        By id, the state.
    following : sequence of Following
        The incidents related to the change.
    touched : set of str
        Ids of what the change acts on.
    sources : frozenset of str
        Ids of the change, its releases and deployments.
    services : set of str
        Ids of services.
    entities : mapping of str to Entity
        For the names.
    """
    happened: dict[str, str] = {}
    by: dict[str, list[str]] = {}
    for one in following:
        its_own = not one.incident.causes.isdisjoint(sources | touched)
        for id, state in one.incident.disturbed.items():
            if state != STATES[OK] and (id in told or its_own):
                happened[id] = max(state, happened.get(id, STATES[OK]), key=STATES.index)
                by.setdefault(id, []).append(one.id)
    found = []
    for id in {*told, *happened}:
        state, came = told.get(id, STATES[OK]), happened.get(id, "")
        alarm = id in services and id not in touched and STATES.index(state) > AT_RISK
        if not came and not alarm:
            continue
        verdict = FALSE_ALARM if not came else PREDICTED if id in told else MISSED
        found.append(
            Compared(
                id=id,
                name=entities[id].name if id in entities else id,
                told=state,
                happened=came,
                touched=id in touched,
                service=id in services,
                verdict=verdict,
                alarm=alarm,
                milder=bool(came) and STATES.index(came) > STATES.index(state),
                incidents=tuple(by.get(id, ())),
            )
        )
    yield from sorted(found, key=lambda one: (_ORDER[one.verdict], one.id))


def _just_before(moment: str) -> str:
    return canonical_moment(datetime.fromisoformat(moment) - timedelta(microseconds=1))
