"""Trends of changes (8.5.1.3): how many were made in a period, how urgent, how many failed, what followed them.

Counted are the changes that were made or failed and whose work ended in the period, half-open; what followed them is
said in `graphsms.change.incidents`. The analysis is kept as a record of the graph, with the revision that it was
computed from: from that it is computed again when the next one is compared with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from graphsms.analysis.evidence import result_hash
from graphsms.change.afterwards import duration
from graphsms.change.grounds import moment_of
from graphsms.change.incidents import CAUSED, Following, known_until, origins, read_incidents, service_types, states_hit
from graphsms.change.made import Span, succeeded, time_of
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.change.trend_figures import ALL, CATEGORY, SERVICE, TEAM, Figures, TrendRow, Trends, last_day
from graphsms.errors import InputError
from graphsms.history.reading import revision_of
from graphsms.ingest.hand import apply_by_hand
from graphsms.model import ChangeSet, Entity, Revision, Value
from graphsms.moments import now
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store
from graphsms.version import __version__

__all__ = ["last_record", "record", "trends"]

_RUNS: Final = re.compile(r"change trends --from (\S+) --to (\S+) --within (\S+)", re.ASCII)
_UNASSIGNED: Final = ""
_FIRST: Final = "0001-01-01T00:00:00Z"  # of all moments


@dataclass(frozen=True, slots=True)
class _Made:
    """A change that was made in the period, and what followed it."""

    request: Request
    span: Span
    failed: bool
    services: frozenset[str]
    following: tuple[Following, ...]
    observed: bool


def trends(
    store: Store,
    policy: ChangePolicy,
    *,
    since: str | None = None,
    until: str | None = None,
    within: str | None = None,
    at: int | None = None,
    as_of: str | None = None,
    compare: bool = True,
) -> Trends:
    """What the changes of a period show when they are looked at together.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    since, until : str, optional
        The period, half-open, canonical. Without the end, it is the moment asked about; without the beginning, the
        interval of the policy before the end.
    within : str, optional
        How long after a change incidents are counted as following it; without it, as the policy says.
    at : int, optional
        Revision.
    as_of : str, optional
        The moment: what is recorded to have happened after it is not looked at.
    compare : bool
        Whether the last record of an earlier period is computed again to compare with.

    Raises
    ------
    InputError
        The period ends before it begins, or the time within which incidents count is none.

    Notes
    -----
    One spread of failure for each change of the period, all over the same snapshot, and one reading of the incidents;
    twice that where it is compared.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> said = {"changeStatus": "failed", "endedAt": "2026-11-02T21:00:00Z"}
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet([graphsms.Entity("rfc-1", "RequestForChange", said)]))
    ...     g.change.trends(since="2026-11-01", until="2026-11-30").total.failed
    1
    """
    revision = store.revision() if at is None else revision_of(store, at)
    moment = as_of or now()
    end = until or moment
    start = since or moment_of(after(end, f"-{policy.afterwards.trends_every}")) or _FIRST
    if microseconds(end) <= microseconds(start):
        raise InputError(f"The period from {start} to {end} ends before it begins.")
    counted = duration(within, "--within") if within else policy.afterwards.incidents_within
    found = _computed(store, policy, revision, (start, end), counted, moment)
    if not compare:
        return found
    records = _records(store, revision.number)
    last = records[0] if records else None
    found = replace(found, recorded_until=_said(last, "periodEnd") if last else "", due=_due(last, policy, moment))
    earlier = next((one for one in records if _said(one, "periodStart") < start), None)
    return replace(found, previous=_again(store, policy, earlier)) if earlier else found


def _computed(
    store: Store, policy: ChangePolicy, revision: Revision, period: tuple[str, str], within: str, as_of: str
) -> Trends:
    start, end = period
    at = revision.number
    since, until = microseconds(start), microseconds(end)
    every = read_requests(store, policy, None, at)
    made = [one for one in every if one.status in policy.made]
    spans = {one.id: span for one in made if (span := time_of(one))}
    # What is still to come is not counted, even where somebody has planned it so.
    now_at = known_until(as_of)
    ended = {id: microseconds(span.end) for id, span in spans.items()}
    chosen = [one for one in made if one.id in spans and since <= ended[one.id] < until and ended[one.id] <= now_at]
    changes = list(_followed(store, policy, chosen, spans, within, at, as_of))
    named = {one.id: one for one in store.entities(ids=sorted({s for one in changes for s in one.services}), at=at)}
    raised = sum(since <= microseconds(one.says("recordedAt")) < until for one in every if one.says("recordedAt"))
    return Trends(
        revision=at,
        at=revision.time,
        as_of=as_of,
        since=start,
        until=end,
        within=within,
        raised=raised,
        rows=tuple(_rows(store, policy, changes, named)),
        planned=sum(one.span.planned for one in changes),
        observing=sum(not one.observed for one in changes),
        undated=tuple(one.id for one in made if one.id not in spans),
        policy_hash=policy.hash,
    )


def _followed(
    store: Store,
    policy: ChangePolicy,
    chosen: Sequence[Request],
    spans: Mapping[str, Span],
    within: str,
    at: int,
    as_of: str,
) -> Iterator[_Made]:
    incidents = read_incidents(store, at)
    sources = origins(store, chosen, at)
    kinds = service_types(store.vocabulary)
    present = known_until(as_of)
    for request in chosen:
        span = spans[request.id]
        touched = {one.entity.id for one in request.touches}
        hit = states_hit(store, request.modes(), at=at, as_of=span.start)
        services = {one.id for one in store.entities(ids=sorted(touched | hit.keys()), at=at) if one.type in kinds}
        ends = after(span.end, within)
        following = incidents.after(
            sources[request.id], touched, hit.keys() - touched, microseconds(span.start), min(ends, present + 1)
        )
        known = tuple(one for one in following if one.incident.began <= present)
        yield _Made(request, span, not succeeded(request, policy), frozenset(services), known, ends <= present)


def _rows(
    store: Store, policy: ChangePolicy, changes: Sequence[_Made], named: Mapping[str, Entity]
) -> Iterator[TrendRow]:
    """All together, by category, by service, by team; the most first."""
    yield TrendRow(ALL, "", "", _figures(changes, policy))
    assigned = store.vocabulary.known_as("assigned to")
    teams = {one.id: one for change in changes for one in change.request.leading_to.get(assigned, ())}
    groups: dict[tuple[str, str], list[_Made]] = {}
    for change in changes:
        keys = [(CATEGORY, change.request.says("changeCategory"))]
        keys += [(SERVICE, id) for id in change.services]
        keys += [(TEAM, one.id) for one in change.request.leading_to.get(assigned, ())] or [(TEAM, _UNASSIGNED)]
        for key in keys:
            groups.setdefault(key, []).append(change)
    entities = {**named, **teams}
    for by in (CATEGORY, SERVICE, TEAM):
        rows = [
            TrendRow(by, id, entities[id].name if id in entities else "", _figures(some, policy))
            for (kind, id), some in groups.items()
            if kind == by
        ]
        yield from sorted(rows, key=lambda row: (-row.figures.made, row.id))


def _figures(changes: Iterable[_Made], policy: ChangePolicy) -> Figures:
    some = list(changes)
    incidents = {one.id for change in some for one in change.following}
    caused = {one.id for change in some for one in change.following if one.how == CAUSED}
    return Figures(
        made=len(some),
        urgent=sum(one.request.says("changeCategory") in policy.afterwards.urgent for one in some),
        failed=sum(one.failed for one in some),
        followed=sum(bool(one.following) for one in some),
        incidents=len(incidents),
        caused=len(caused),
    )


# ------------------------------------------------------------------------------------ records


def record(store: Store, policy: ChangePolicy, found: Trends, *, actor: str = "") -> Trends:
    """Keep an analysis as a record of the graph: evidence that it is done at the planned intervals.

    Raises
    ------
    ConflictError
        The graph has moved on since it was computed.
    """
    words = store.vocabulary
    name = f"Trends of changes from {found.since[:10]} to {last_day(found.until)}"
    total = found.total
    properties: dict[str, Value] = {
        "name": name,
        "asOf": found.as_of,
        "collected": found.as_of,
        "atRevision": found.revision,
        "periodStart": found.since,
        "periodEnd": found.until,
        "numerator": float(total.failed),
        "denominator": float(total.made),
        "runs": f"change trends --from {found.since} --to {found.until} --within {found.within}",
        "result": found.sentence(),
        "resultHash": result_hash(found.result()),
        "softwareVersion": __version__,
        "ontologyHash": words.hash,
        "policyHash": policy.hash,
    }
    made = ChangeSet(
        entities=[Entity(f"trend:changes:{found.as_of}", words.known_as("analysis of trends"), properties)],
        actor=actor,
        reason=name,
        base=found.revision,
    )
    revision = apply_by_hand(store, made)
    return replace(found, recorded_in=revision.number, recorded_until=found.until, due="")


def _records(store: Store, at: int | None = None) -> list[Entity]:
    """The analyses of changes that are kept, the one of the latest period first."""
    kind = store.vocabulary.known_as("analysis of trends")
    found = [one for one in store.entities(type=kind, at=at) if _RUNS.fullmatch(_said(one, "runs"))]
    return sorted(found, key=lambda one: (_said(one, "periodEnd"), _said(one, "asOf")), reverse=True)


def last_record(store: Store, at: int | None = None) -> Entity | None:
    """The record of the latest period, if any is kept."""
    return next(iter(_records(store, at)), None)


def _due(last: Entity | None, policy: ChangePolicy, as_of: str) -> str:
    """When the next analysis was due, if that is over; "" where it is not, or nothing was ever recorded."""
    if last is None:
        return ""
    due = after(_said(last, "periodEnd"), policy.afterwards.trends_every)
    return moment_of(due) if due <= microseconds(as_of) else ""


def _again(store: Store, policy: ChangePolicy, kept: Entity) -> Trends:
    """What a record holds, computed again from the revision that it names."""
    runs = _RUNS.fullmatch(_said(kept, "runs"))
    assert runs is not None, "it was chosen by that"
    number = kept.properties.get("atRevision")
    at = number if isinstance(number, int) else None
    found = trends(
        store, policy, since=runs[1], until=runs[2], within=runs[3], at=at, as_of=_said(kept, "asOf"), compare=False
    )
    return replace(found, record=kept.id, reproduced=result_hash(found.result()) == _said(kept, "resultHash"))


def _said(one: Entity, property: str) -> str:
    return str(one.properties.get(property, ""))
