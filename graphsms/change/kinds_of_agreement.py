"""A part of an assessment that tells what was promised: targets at risk, and what the outage uses of their allowance
(8.5.1.3 b, 8.3.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from graphsms.calendars.allowance import use_of
from graphsms.calendars.answers import Use
from graphsms.calendars.timeset import MINUTE, TimeSet
from graphsms.change.considered import FOUND, Part
from graphsms.change.considering import Spec
from graphsms.change.downtime import Downtime, downtimes
from graphsms.change.reach import Reach, batches
from graphsms.change.telling import label_of, listed, none_of, shown
from graphsms.errors import InputError
from graphsms.report.tables import Cell, Table
from graphsms.snapshot.carriage import DOWN, STATES
from graphsms.snapshot.validity import END

__all__ = ["targets"]

_MINUTE = 60


def targets(spec: Spec, reach: Reach) -> Part:
    """Targets for what is hit; of those of availability, the part of the allowance that the outage would use.

    A service counts for as long as it is down by the changes, not for as long as they are made. Figures are in minutes
    of agreed service time.
    """
    vocabulary = reach.vocabulary
    found = [one for one in reach.hits if one.concerned and vocabulary.any_of(one.hit.type, spec.types)]
    others = _of_what_is_down_anyway(spec, reach)
    uses, note = _uses([*(one.id for one in found), *others], reach)
    entities = reach.entities([*(one.id for one in found), *others])
    told = [(one.state, one.before, one.id, one.hit.name, reach.why(one.id)) for one in found]
    told += [
        (STATES[DOWN], STATES[DOWN], id, entities[id].name, others[id])
        for id in sorted(uses.keys() & others.keys() - {one.id for one in found})
    ]
    rows: list[tuple[Cell, ...]] = []
    for one in told:
        said = (*one, *shown(entities[one[2]], spec.show))
        rows += [(*said, *_figures(each)) for each in uses.get(one[2], [])] or [(*said, *(None,) * len(_FIGURES))]
    table = Table(("state", "without_the_change", "id", "name", "why", *spec.show, *_FIGURES), tuple(rows))
    if not rows:
        return none_of(
            spec, table, "" if reach.any_recorded(spec.types) else f"No {label_of(spec.types, reach)} is recorded."
        )
    sentence = _sentence(spec, [one[2] for one in told], [each for some in uses.values() for each in some])
    return Part(spec.title, FOUND, sentence, table, note)


_FIGURES = (
    "agreement",
    "period",
    "allowed_minutes",
    "used_before_minutes",
    "uses_minutes",
    "share",
    "left_minutes",
    "missed_before",
    "missed",
)


def _of_what_is_down_anyway(spec: Spec, reach: Reach) -> dict[str, str]:
    """Targets for what is down with and without the changes, with why: by the changes maybe at other times."""
    down = STATES[DOWN]
    both = sorted(id for id, state in reach.after.items() if state == down and reach.before.get(id) == down)
    type = reach.vocabulary.known_as("has to meet target")
    meets = reach.vocabulary.relations[type].label
    found: dict[str, list[str]] = {}
    for some in batches(both if reach.span else ()):
        for one in reach.store.relations(objects=some, type=type, at=reach.revision):
            if reach.valid(one):
                found.setdefault(one.subject, []).append(one.object)
    types = {id: one.type for id, one in reach.entities(found).items()}
    return {
        id: f"{meets} {listed(services)}, at other times down without the change"
        for id, services in found.items()
        if reach.vocabulary.any_of(types[id], spec.types)
    }


def _uses(ids: Collection[str], reach: Reach) -> tuple[dict[str, list[Use]], str]:
    """What the outage uses, by target; and what else has to be known, or why that cannot be said."""
    if not ids:
        return {}, ""
    if reach.span is None:
        return {}, "There is no window: which part of an allowance the outage would use is not known."
    states = {one.id: one.state for one in reach.failing}
    times: dict[str, Downtime] = {}

    def outages(services: Collection[str]) -> dict[str, tuple[str, TimeSet]]:
        times.update(downtimes(reach.grounds, services, reach.after))
        return {id: (states.get(id, STATES[DOWN]), one.down) for id, one in times.items() if one.down or id in states}

    try:
        answer = use_of(reach.store, ids, reach.span, outages, at=reach.revision, as_of=reach.as_of, zone=reach.zone)
    except InputError as error:
        return {}, str(error)
    uses: dict[str, list[Use]] = {}
    for one in answer.uses:
        uses.setdefault(one.target, []).append(one)
    missing = {each.message for one in answer.uses for each in one.allowance.missing}
    assumed = {each for one in answer.uses for each in one.allowance.assumptions}
    hit = {id: one for id, one in sorted(times.items()) if id in states or one.down}
    return uses, " ".join([*_times(hit, reach), *sorted(missing), *sorted(assumed)])


def _times(times: Mapping[str, Downtime], reach: Reach) -> Iterator[str]:
    """For how long services are down, where that is not simply the window, and what of it is not known."""
    assert reach.span is not None
    whole = TimeSet((reach.span,))
    if endless := [id for id, one in times.items() if one.down and one.down.spans[-1][1] == END]:
        why = "The window has no end" if reach.span[1] == END else "What is removed does not come back"
        yield f"{why}: {listed(endless)} counts as down up to the end of the period in which that begins."
    parts = [
        f"{id} for {_minutes_of(one.down & whole)} of the {_minutes_of(whole)} minutes of the window"
        for id, one in times.items()
        if one.down and reach.span[1] != END and whole - one.down
    ]
    if parts:
        yield f"Down by it: {listed(parts)}."
    if never := [id for id, one in times.items() if not one.down and not one.anyway and _is_down(id, reach)]:
        yield f"At no moment all that it takes to have {listed(never)} down comes together."
    if anyway := [f"{id} ({_minutes_of(one.anyway & whole)} minutes)" for id, one in times.items() if one.anyway]:
        yield f"Down without it too, which does not count: {listed(anyway)}."
    if leaning := [f"{id} ({_minutes_of(one.leaning & whole)} minutes)" for id, one in times.items() if one.leaning]:
        yield f"Only as long as something lasts of which no end is recorded, taken to last: {listed(leaning)}."
    without = [one.id for one in reach.requests if one.span is None or one.span[0] >= one.span[1]]
    if without and any(one.down for one in times.values()):
        yield f"{listed(without)} states no window that can be used, and counts for all of the time of the others."


def _is_down(id: str, reach: Reach) -> bool:
    return id in reach.by_id and reach.by_id[id].state == STATES[DOWN]


def _minutes_of(time: TimeSet) -> str:
    return f"{round(time.length / MINUTE, 1):,g}"


def _figures(one: Use) -> tuple[Cell, ...]:
    before = one.allowance
    return (
        one.agreement,
        before.period,
        _minutes(before.allowed),
        _minutes(before.used),
        _minutes(one.seconds),
        None if one.share is None else round(one.share, 4),
        _minutes(one.left),
        before.missed,
        one.missed,
    )


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / _MINUTE, 1)


def _sentence(spec: Spec, ids: Sequence[str], uses: Sequence[Use]) -> str:
    said = [f"{spec.title}: {listed(ids)}"]
    if missed := sorted({one.target for one in uses if one.causes_miss}):
        said.append(f"missed by the outage: {listed(missed)}")
    part = sorted(
        ((one.share or 0, one.target) for one in uses if one.seconds and not one.missed),
        key=lambda one: (-one[0], one[1]),
    )
    if part:
        said.append("of what is allowed it uses " + listed(f"{share:.0%} ({target})" for share, target in part))
    return "; ".join(said) + "."
