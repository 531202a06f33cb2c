"""What targets of availability still allow, and what an outage would use of it (8.3.3, 8.5.1.3, 8.7.1).

An agreed availability of 99.5 % in a month allows half a per cent of the month's agreed service time to be lost. Of
that, what incidents have recorded is used; work in an agreed maintenance window, and what exceptions excuse, is not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from fractions import Fraction
from typing import Final

from graphsms.calendars.answers import Allowances, Use, Uses
from graphsms.calendars.counting import Asked, Counted
from graphsms.calendars.hours import clock
from graphsms.calendars.records import DOWN
from graphsms.calendars.timeset import NEVER, SECOND, TimeSet
from graphsms.errors import InputError
from graphsms.moments import canonical_moment
from graphsms.snapshot.carriage import STATES
from graphsms.snapshot.validity import END, microseconds
from graphsms.store import Store

__all__ = ["allowance", "use", "use_of"]

_MOST_SPANS: Final = 100  # that one outage may reach into


def allowance(
    store: Store,
    ids: str | Iterable[str] = (),
    *,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
) -> Allowances:
    """What targets of availability still allow in the span in which a moment lies.

    Parameters
    ----------
    store : Store
    ids : str or iterable of str
        Agreements, or targets themselves. Without any, all agreements in force.
    at : int, optional
        The revision; without it, the present one.
    as_of : str, optional
        The moment; without it, now. Downtime counts until then.
    zone : tzinfo
        The organization's: of calendars that name none.

    Raises
    ------
    UnknownIdError
        No entity has one of the ids.
    InputError
        One of them is neither an agreement nor a target.

    Notes
    -----
    Hours are those of the target, or else of the agreement, or else of the service; where none has any, round the clock
    is taken and the answer says so. Downtime is what incidents record of the service itself as ``down``, and
    where a measurement of the target in the span says more, that. Proportional to the targets, their incidents, and the
    days of the span.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("sla", "ServiceLevelAgreement"), graphsms.Entity("web", "Service"),
    ...                   graphsms.Entity("t", "ServiceLevelTarget", {"metric": "availability", "targetValue": 99.5,
    ...                                                               "unit": "%", "countedOver": "P1M"})],
    ...         relations=[graphsms.Relation("hasTarget", "sla", "t"), graphsms.Relation("targetFor", "t", "web")]))
    ...     (one,) = allowance(g.store, "sla", as_of="2026-11-21T12:00:00Z").allowances
    >>> one.period, one.agreed / 3600, one.allowed / 60, one.assumptions
    ('2026-11', 720.0, 216.0, ('No service hours are recorded: round the clock, by days of UTC, is taken.',))
    """
    asked = Asked.of(store, ids, at, as_of, zone)
    found = [asked.counted(pair, asked.until - 1).allowance for pair in asked.pairs]
    found.sort(key=lambda one: (not one.missed, one.left is None, -(one.share or 0), one.agreement, one.target))
    return Allowances(
        revision=asked.revision.number,
        at=asked.revision.time,
        as_of=asked.as_of,
        allowances=tuple(found),
        without=tuple(asked.without),
        others=asked.others,
    )


def use(
    store: Store,
    ids: str | Iterable[str],
    start: str,
    end: str | None = None,
    state: str | Mapping[str, str] = DOWN,
    *,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
) -> Uses:
    """What an outage would use of the allowances of targets.

    Parameters
    ----------
    store : Store
    ids : str or iterable of str
        Agreements, or targets themselves, such as those that an impact lists as concerned; without any, all agreements
        in force.
    start : str
        When it begins, canonical.
    end : str, optional
        When it ends; without it, it uses the span in which it begins up to its end.
    state : str or mapping of str to str
        What it makes of every service, or of each by its id; then targets for none of those are left out.
    at, as_of, zone
        As of `allowance`: downtime that is recorded until ``as_of`` is used already. Agreements are those in force when
        the outage begins.

    Returns
    -------
    Uses
        One for each target and each span that the outage reaches into; of a rolling span, that which ends with its
        last day.

    Raises
    ------
    UnknownIdError, InputError
        As of `allowance`; the end is not after the start; the outage reaches into more than a hundred spans.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("web", "Service"),
    ...                   graphsms.Entity("t", "ServiceLevelTarget", {"metric": "availability", "targetValue": 99.5,
    ...                                                               "unit": "%", "countedOver": "P1M"})],
    ...         relations=[graphsms.Relation("targetFor", "t", "web")]))
    ...     (one,) = use(g.store, "t", "2026-11-22T01:00:00Z", "2026-11-22T01:54:00Z").uses
    >>> one.seconds / 60, one.share, one.left / 60, one.missed
    (54.0, 0.25, 162.0, False)
    """
    since, until = microseconds(start), None if end is None else microseconds(end)
    if until is not None and until <= since:
        raise InputError(f"The outage ends at {end}, which is not after its start, {start}.")
    asked = Asked.of(store, ids, at, as_of, zone, since)
    whole = TimeSet.of([(since, END if until is None else until)])
    found: list[Use] = []
    for pair in asked.pairs:
        hit = _state_of(state, asked.services.get(pair[1], []))
        if hit is not None:
            found += _uses(asked, pair, whole, hit)
    return _answered(asked, found, start, end or "")


def use_of(
    store: Store,
    ids: Iterable[str],
    span: tuple[int, int],
    outages: Callable[[Collection[str]], Mapping[str, tuple[str, TimeSet]]],
    *,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
) -> Uses:
    """What services that are down for parts of a time would use of the allowances of targets.

    Parameters
    ----------
    store : Store
    ids : iterable of str
        As of `use`.
    span : tuple of int
        From when to when all of it is, in microseconds from 1970; `END` is no end.
    outages : callable
        Of the services that the targets are for, the worst state of each that is hit, and when it is down. A target
        for several is down while one of them is; what is down without an end uses the span in which that begins.
    at, as_of, zone
        As of `use`.

    Raises
    ------
    UnknownIdError, InputError
        As of `use`.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms.snapshot.validity import microseconds as moment
    >>> night = moment("2026-11-22T01:00:00Z"), moment("2026-11-22T05:00:00Z")
    >>> part = TimeSet.of([(night[0], moment("2026-11-22T01:54:00Z"))])
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("web", "Service"),
    ...                   graphsms.Entity("t", "ServiceLevelTarget", {"metric": "availability", "targetValue": 99.5,
    ...                                                               "unit": "%", "countedOver": "P1M"})],
    ...         relations=[graphsms.Relation("targetFor", "t", "web")]))
    ...     (one,) = use_of(g.store, ["t"], night, lambda services: {"web": ("down", part)}).uses
    >>> one.seconds / 60, one.share
    (54.0, 0.25)
    """
    asked = Asked.of(store, ids, at, as_of, zone, span[0])
    known = outages({one for pair in asked.pairs for one in asked.services.get(pair[1], ())})
    found: list[Use] = []
    for pair in asked.pairs:
        hit = [known[one] for one in asked.services.get(pair[1], ()) if one in known]
        if not hit:
            continue
        down = TimeSet.of(stretch for _, times in hit for stretch in times)
        worst = max((state for state, _ in hit), key=STATES.index)
        found += _uses(asked, pair, down, DOWN) if down else _uses(asked, pair, TimeSet((span,)), _short_of(worst))
    return _answered(asked, found, _text(span[0]), "" if span[1] == END else _text(span[1]))


def _short_of(state: str) -> str:
    """A state of what is never down."""
    return min(state, STATES[STATES.index(DOWN) - 1], key=STATES.index)


def _answered(asked: Asked, found: list[Use], start: str, end: str) -> Uses:
    found.sort(key=lambda one: (not one.missed, one.seconds is None, -(one.share or 0), one.agreement, one.target))
    return Uses(
        revision=asked.revision.number,
        at=asked.revision.time,
        as_of=asked.as_of,
        start=start,
        end=end,
        uses=tuple(found),
        without=tuple(asked.without),
        others=asked.others,
    )


def _state_of(state: str | Mapping[str, str], services: Sequence[str]) -> str | None:
    """The state that the outage makes of what a target is for; None where it does not reach it."""
    if isinstance(state, str):
        return state
    hit = [state[one] for one in services if one in state]
    return None if not hit else DOWN if DOWN in hit else hit[0]


def _uses(asked: Asked, pair: tuple[str, str], outage: TimeSet, state: str) -> list[Use]:
    """The use of one target, span by span; of what has no end up to the end of the span in which it begins."""
    found: list[Use] = []
    moment, (last, until) = outage.spans[0][0], outage.spans[-1]
    while moment < until:
        counted = asked.counted(pair, moment)
        if counted.span is not None and counted.span.rolling:
            counted = asked.counted(pair, last if until == END else until - 1)
        span = counted.span
        if span is None:  # no span, no share of it
            return [Use(counted.allowance, state, _text(moment), "" if until == END else _text(until))]
        if part := outage & span.time:
            found.append(_use(counted, state, part))
        if span.rolling or (until == END and span.until > last):
            break
        if len(found) >= _MOST_SPANS:
            raise InputError(
                f"The outage reaches into more than {_MOST_SPANS} spans of {pair[1]}; ask about a shorter one."
            )
        moment = next(max(since, span.until) for since, to in (*outage, (until, END)) if to > span.until)
    return found


def _use(counted: Counted, state: str, part: TimeSet) -> Use:
    before = counted.allowance
    said = Use(before, state, _text(part.spans[0][0]), _text(part.spans[-1][1]))
    if counted.allowed is None or counted.used is None:
        return said
    lost = counted.lost(part if state == DOWN else NEVER).length - counted.lost(NEVER).length
    used = counted.used + lost
    return replace(
        said,
        seconds=lost / SECOND,
        share=float(Fraction(lost) / counted.allowed) if counted.allowed else None,
        left=float((counted.allowed - used) / SECOND),
        missed=counted.missed(used),
    )


def _text(moment: int) -> str:
    return canonical_moment(clock(moment, UTC))
