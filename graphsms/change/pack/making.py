"""How a CAB pack is made: assessments at one revision, and what they were made of.

Where no moment is given, each change is held against the beginning of its window, and one without a window against the
time at which the revision was recorded: so the revision and the requests alone say what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final

from graphsms.change.assess import assess
from graphsms.change.assessment import Assessment
from graphsms.change.conflicting import conflicts
from graphsms.change.pack import Inputs, Pack, Source, content_of
from graphsms.change.pack.marking import levels, marking_of
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.errors import InputError
from graphsms.model import Revision
from graphsms.snapshot.validity import after, interval, microseconds
from graphsms.store import Store
from graphsms.store.journal import EMPTY
from graphsms.version import __version__

__all__ = ["make_agenda", "make_pack", "meeting"]

_RISK: Final = "riskLevel"


def make_pack(
    store: Store,
    policy: ChangePolicy,
    ids: Sequence[str],
    *,
    at: int | None = None,
    as_of: str | None = None,
    with_context: bool = True,
    zone: tzinfo,
) -> Pack:
    """The pack of changes that are assessed together, as if they were made at the same time.

    Parameters
    ----------
    store, policy, ids, at, as_of, with_context
        As `graphsms.change.assess.assess` has them.
    zone : tzinfo
        The organization's.

    Raises
    ------
    UnknownIdError, InputError

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("rfc-1", "RequestForChange"), graphsms.Entity("db-1", "Database"),
    ...                   graphsms.Entity("web", "Service")],
    ...         relations=[graphsms.Relation("touches", "rfc-1", "db-1", {"mode": "outage"}),
    ...                    graphsms.Relation("dependsOn", "web", "db-1")],
    ...     ))
    ...     pack = g.change.pack("rfc-1")
    ...     print(pack.sentence(), pack.to_bytes("json") == g.change.pack("rfc-1", at=1).to_bytes("json"))
    Making *rfc-1* stops 1 of 1 service. True
    """
    if not ids:
        raise InputError("Give at least one request for change.")
    revision = _revision(store, at)
    requests = read_requests(store, policy, ids, revision.number)
    moment = as_of or _moment(requests, revision)
    made = assess(store, policy, ids, at=revision.number, as_of=moment, with_context=with_context, zone=zone)
    moments = dict.fromkeys((one.id for one in requests), moment)
    return _pack(store, policy, revision, moments, [made], zone, with_context=with_context)


def make_agenda(
    store: Store,
    policy: ChangePolicy,
    ids: Sequence[str],
    *,
    at: int | None = None,
    as_of: str | None = None,
    with_context: bool = True,
    zone: tzinfo,
) -> Pack:
    """The pack of a meeting: each change assessed by itself, the riskiest first, and the conflicts between them.

    Parameters and errors as of `make_pack`. The order is by the greater of the risk that is recorded and that which the
    rules conclude; of the same, those that stop more services come first.
    """
    if not ids:
        raise InputError("Give at least one request for change.")
    revision = _revision(store, at)
    requests = read_requests(store, policy, ids, revision.number)
    moments = {one.id: as_of or _moment([one], revision) for one in requests}
    assessments: list[Assessment] = []
    for one in requests:
        moment = moments[one.id]
        assessments.append(
            assess(store, policy, [one.id], at=revision.number, as_of=moment, with_context=with_context, zone=zone)
        )
    between = conflicts(
        store,
        policy,
        [one.id for one in requests],
        undecided=True,
        context=with_context,
        at=revision.number,
        as_of=min(moments.values()),
    )
    ranks = _ranks(store)
    assessments.sort(key=lambda one: _riskiest_first(one, ranks))
    return _pack(store, policy, revision, moments, assessments, zone, with_context=with_context, between=between)


def meeting(store: Store, policy: ChangePolicy, start: str | None, end: str | None, at: int | None = None) -> list[str]:
    """Ids of the changes that are still to be made and whose windows overlap a span of time, half-open, in its order.

    Raises
    ------
    InputError
        There is none.
    """
    span = interval(start or "", end or "")
    wanted = policy.undecided | policy.ahead
    found = [one for one in read_requests(store, policy, None, at) if one.status in wanted and one.overlaps(span)]
    if not found:
        raise InputError(
            f"No change that is still to be made has a window from {start or 'the beginning'} to {end or 'the end'}: "
            "`graphsms change list` shows them all."
        )
    return [one.id for one in sorted(found, key=lambda one: (one.window, one.id))]


def _pack(
    store: Store,
    policy: ChangePolicy,
    revision: Revision,
    moments: Mapping[str, str],
    assessments: Sequence[Assessment],
    zone: tzinfo,
    *,
    with_context: bool,
    between: Any = None,
) -> Pack:
    known = levels(store.vocabulary)
    inputs = Inputs(
        requests=tuple(moments),
        agenda=between is not None,
        revision=revision.number,
        revision_hash=revision.hash,
        recorded=revision.time,
        as_of=moments,
        with_context=with_context,
        policy=policy.hash,
        ontology=store.vocabulary.hash,
        version=__version__,
        zone=str(zone),
        visible_up_to=known[-1] if known else "",
        sources=tuple(_sources(store, revision, min(moments.values()))),
    )
    marking = marking_of(store, content_of(inputs, assessments, between), revision.number)
    return Pack(inputs, tuple(assessments), between, marking, store.vocabulary)


def _revision(store: Store, at: int | None) -> Revision:
    present = store.revision()
    if at is None or at == present.number:
        return present
    if not 0 <= at < present.number:
        raise InputError(f"There is no revision {at}; the present one is {present.number}.")
    return EMPTY if at == 0 else next(store.revisions(since=at - 1))


def _moment(requests: Sequence[Request], revision: Revision) -> str:
    """The beginning of the first window; without any, the time of the revision, to the second."""
    starts = [one.window[0] for one in requests if one.window[0]]
    return min(starts) if starts else f"{revision.time[:19]}Z"


def _sources(store: Store, revision: Revision, as_of: str) -> Iterator[Source]:
    """The sources, each with when it last changed something up to the revision: that, unlike imports, is history."""
    changed: dict[str, str] = {}
    for one in store.revisions():
        if one.number > revision.number:
            break
        if one.source:
            changed[one.source] = one.time
    moment = microseconds(as_of)
    for source in sorted(store.sources(), key=lambda one: one.name):
        if source.name in changed:
            stale = source.fresh_for and after(source.last_import, source.fresh_for) < moment
            yield Source(source.name, changed[source.name], source.fresh_for, not stale)


def _ranks(store: Store) -> dict[str, int]:
    property = store.vocabulary.properties[_RISK]
    codes = store.vocabulary.code_lists[property.code_list].codes if property.code_list else ()
    return {code.notation: code.rank or 0 for code in codes}


def _riskiest_first(one: Assessment, ranks: Mapping[str, int]) -> tuple[Any, ...]:
    said = [*(request.says(_RISK) for request in one.requests), *(rules.risk.says for rules in one.classification)]
    states = [service.state for service in one.services()]
    hit = [-states.count(state) for state in ("down", "degraded", "at risk")]
    return (-max(ranks.get(risk, 0) for risk in said), *hit, one.span[0] or "9", one.requests[0].id)
