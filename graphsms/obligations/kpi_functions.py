"""Key figures that take more than counting; each is named by ``kpis.yaml`` and told what it needs to know there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from graphsms.analysis.estate import Estate
from graphsms.analysis.obligation_policy import evidence_policy
from graphsms.change.trend_figures import Figures
from graphsms.model import Entity
from graphsms.obligations.kpi_counting import HOUR, NOTHING, Counted, Span, first, moment_of, share
from graphsms.snapshot.validity import after, microseconds

__all__ = ["FUNCTIONS", "reaches"]

Function: TypeAlias = Callable[[Estate, Span, Mapping[str, Any]], Counted]
_AT_MOST: Final = "at most"
_BEGUN: Final = ("startedAt", "detectedAt", "recordedAt")
# In hours, as far as a target may state a time.
_HOURS: Final = {"ms": 1 / 3_600_000, "s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0}


def reaches(value: float, target: float, comparison: str) -> bool:
    """Whether a value reaches a target that is to be ``at least`` or ``at most`` it."""
    return value <= target if comparison == _AT_MOST else value >= target


def _ends(read: Estate, id: str, relation: str) -> Iterator[Entity]:
    return (read.entities[one.object] for one in read.leading_from.get(id, ()) if one.type == relation)


def _measured(read: Estate, span: Span, given: Mapping[str, Any]) -> Iterator[tuple[float, Entity]]:
    """Measured values of the period with the target that each is held against."""
    for entity in read.of_type(read.vocabulary.known_as("measurement")):
        value, date = entity.properties.get("measuredValue"), first(read, entity, ("periodEnd", "periodStart"))
        # A period that ends as ours does is of ours: its end is the first moment after it.
        if not isinstance(value, int | float) or not date:
            continue
        if not microseconds(span.start) < microseconds(date) <= microseconds(span.end):
            continue
        for target in _ends(read, entity.id, given["through"]):
            if read.vocabulary.is_a(target.type, given["type"]) and (
                given.get("metric") in (None, target.properties.get("metric"))
            ):
                yield float(value), target


def targets_reached(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """Of the values that were measured of targets, the share that reaches them."""
    held = [
        reaches(value, float(wanted), str(target.properties.get("comparison", "")))
        for value, target in _measured(read, span, given)
        if isinstance(wanted := target.properties.get("targetValue"), int | float)
    ]
    return share(sum(held), len(held))


def mean_measured(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """The mean of the values that were measured of targets."""
    values = [value for value, _ in _measured(read, span, given)]
    return Counted(sum(values) / len(values), sum(values), float(len(values))) if values else NOTHING


def in_time(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """Of the cases resolved in the period, the share that was by its day or within the target for it.

    A target holds for a case that leads to what it is for, and has the priority that it names, if it names any; of
    several, the strictest. What has neither day nor target is left out, and told.
    """
    targets = _targets(read, given)
    held, left = [], 0
    for entity in read.of_type(given["type"]):
        done = first(read, entity, ("resolvedAt", "closedAt"))
        if not done or not span.holds(done):
            continue
        until = _until(read, entity, targets)
        if until is None:
            left += 1
        else:
            held.append(microseconds(done) <= until)
    return share(sum(held), len(held), f"{left:,} have neither a day nor a target" if left else "")


def _until(read: Estate, entity: Entity, targets: Mapping[str, list[Entity]]) -> int | None:
    if due := moment_of(read, entity.properties.get("dueOn")):
        return after(due, "P1D") - 1
    begun = first(read, entity, _BEGUN)
    if not begun:
        return None
    allowed = []
    for relation in read.leading_from.get(entity.id, ()):
        for target in targets.get(relation.object, ()):
            priorities = target.properties.get("forPriority")
            named = priorities if isinstance(priorities, tuple) else (priorities,)
            if priorities is None or entity.properties.get("priority") in named:
                allowed.append(float(str(target.properties["targetValue"])) * _HOURS[str(target.properties["unit"])])
    return microseconds(begun) + int(min(allowed) * HOUR) if allowed else None


def _targets(read: Estate, given: Mapping[str, Any]) -> Mapping[str, list[Entity]]:
    """Targets of time, by what they are for."""
    found: dict[str, list[Entity]] = defaultdict(list)
    for target in read.of_type(given["target"]):
        its = target.properties
        if its.get("metric") not in given["metrics"] or its.get("unit") not in _HOURS or not read.valid(its):
            continue
        if isinstance(its.get("targetValue"), int | float):
            for end in _ends(read, target.id, given["for"]):
                found[end.id].append(target)
    return found


def repeated(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """Of those that began in the period and name a cause, the share whose cause had caused an earlier one."""
    begun = {one.id: microseconds(at) for one in read.of_type(given["type"]) if (at := first(read, one, _BEGUN))}
    wanted = given.get("caused by")
    causes: dict[str, list[str]] = defaultdict(list)
    earliest: dict[str, int] = {}
    for id, date in begun.items():
        for cause in _ends(read, id, given["cause"]):
            if wanted is None or read.vocabulary.is_a(cause.type, wanted):
                causes[id].append(cause.id)
                earliest[cause.id] = min(date, earliest.get(cause.id, date))
    inside = [id for id in causes if microseconds(span.start) <= begun[id] < microseconds(span.end)]
    again = sum(any(earliest[cause] < begun[id] for cause in causes[id]) for id in inside)
    return share(again, len(inside))


def changes(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """Shares of the changes that were made in the period; see `graphsms.change.trends`."""
    found = _changes(read, span)
    top = found.made - found.failed if given["figure"] == "successful" else getattr(found, given["figure"])
    return share(top, found.made)


def _changes(read: Estate, span: Span) -> Figures:
    from graphsms.change.kept_policy import policy_of
    from graphsms.change.trends import trends

    def find() -> Figures:
        policy, at = policy_of(read.store, None, read.revision.number), read.revision.number
        return trends(
            read.store, policy, since=span.start, until=span.end, at=at, as_of=read.as_of, compare=False
        ).total

    return read.once(f"changes from {span.start} to {span.end}", find)


def tried_lately(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """Of the plans that are live at the end of the period, the share with a test no older than its interval."""
    there = read.on(span.end)
    plans = [
        one
        for one in there.of_type(given["type"])
        if there.live(one) and one.properties.get("documentStatus") not in ("planned", "draft", "withdrawn")
    ]
    recent = 0
    for plan in plans:
        since = after(span.end, f"-{plan.properties.get(given['interval']) or evidence_policy(read).period}")
        tests = (read.entities[one.subject] for one in read.leading_to.get(plan.id, ()) if one.type == given["tried"])
        dates = [microseconds(date) for test in tests if (date := first(read, test, ("endedAt", "startedAt")))]
        recent += any(since <= date <= microseconds(span.end) for date in dates)
    return share(recent, len(plans))


def recovered(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """Of the tests of the period whose recovery can be held against an objective, the share within all of them."""
    held = []
    for test in read.of_type(given["type"]):
        date = first(read, test, ("endedAt", "startedAt"))
        if not date or not span.holds(date):
            continue
        judged = [
            after(date, str(test.properties[achieved])) <= after(date, str(wanted.properties[objective]))
            for achieved, objective in given["objectives"].items()
            for wanted in _objectives(read, test, given)
            if test.properties.get(achieved) and wanted.properties.get(objective)
        ]
        if judged:
            held.append(all(judged))
    return share(sum(held), len(held))


def _objectives(read: Estate, test: Entity, given: Mapping[str, Any]) -> list[Entity]:
    """What may state objectives for a test: what it tries, what that recovers or is for, and requirements for it."""
    found: dict[str, Entity] = {}
    for tried in _ends(read, test.id, given["tried"]):
        found[tried.id] = tried
        for relation in given["over"]:
            for end in _ends(read, tried.id, relation):
                found[end.id] = end
                found |= {
                    one.subject: read.entities[one.subject]
                    for one in read.leading_to.get(end.id, ())
                    if one.type == given["requirement"]
                }
    return list(found.values())


def beyond_threshold(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """Of the figures of use that end in the period and have a threshold, the share that is beyond it."""
    held = []
    for one in read.of_type(given["type"]):
        end = first(read, one, ("periodEnd", "periodStart"))
        used, threshold = one.properties.get(given["used"]), one.properties.get(given["threshold"])
        if one.properties.get("figureKind") == "forecast" or not end:
            continue
        if not microseconds(span.start) < microseconds(end) <= microseconds(span.end):
            continue
        if isinstance(used, int | float) and isinstance(threshold, int | float):
            held.append(used >= threshold)
    return share(sum(held), len(held))


def forecasts(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """How near forecasts came, for periods that end in ours: a hundred less the mean deviation in per cent."""
    by_kind: dict[str, dict[tuple[str, str, str], float]] = {"forecast": {}, "actual": {}}
    for one in read.of_type(given["type"]):
        kind, value = str(one.properties.get("figureKind")), one.properties.get(given["value"])
        start, end = (moment_of(read, one.properties.get(name)) for name in ("periodStart", "periodEnd"))
        if kind not in by_kind or not isinstance(value, int | float) or not end:
            continue
        if microseconds(span.start) < microseconds(end) <= microseconds(span.end):
            for service in _ends(read, one.id, given["for"]):
                by_kind[kind][service.id, start, end] = float(value)
    pairs = [
        (by_kind["forecast"][key], value) for key, value in by_kind["actual"].items() if key in by_kind["forecast"]
    ]
    near = [max(0.0, 1 - abs(said - was) / was) for said, was in pairs if was]
    return share(sum(near), len(near))


def closed_in_time(read: Estate, span: Span, given: Mapping[str, Any]) -> Counted:
    """Of what audits found and was due in the period, the share that was closed by its day.

    The day is that of the nonconformity, else the latest of the actions that address it.
    """
    held, undated = [], 0
    for one in read.of_type(given["type"]):
        sources = [end for end in _ends(read, one.id, given["from"]) if read.vocabulary.is_a(end.type, given["source"])]
        if not any(all(end.properties.get(k) == v for k, v in given["where"].items()) for end in sources):
            continue
        actions = [
            read.entities[relation.subject]
            for relation in read.leading_to.get(one.id, ())
            if relation.type == given["dealt with"]
        ]
        days = [due for each in (one, *actions) if (due := moment_of(read, each.properties.get("dueOn")))]
        if not days:
            undated += 1
            continue
        due = moment_of(read, one.properties.get("dueOn")) or max(days, key=microseconds)
        if span.holds(due):
            done = first(read, one, ("closedAt", "resolvedAt"))
            held.append(bool(done) and microseconds(done) < after(due, "P1D"))
    return share(sum(held), len(held), f"{undated:,} have no day" if undated else "")


FUNCTIONS: Final[Mapping[str, Function]] = {
    one.__name__: one
    for one in (
        beyond_threshold,
        changes,
        closed_in_time,
        forecasts,
        in_time,
        mean_measured,
        recovered,
        repeated,
        targets_reached,
        tried_lately,
    )
}
