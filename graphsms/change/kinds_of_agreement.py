"""A part of an assessment that tells what was promised: targets at risk, and what the outage uses of their allowance
(8.5.1.3 b, 8.3.3)."""

from __future__ import annotations

from collections.abc import Sequence

from graphsms.calendars.allowance import use
from graphsms.calendars.answers import Use
from graphsms.change.assessment import Impacted
from graphsms.change.considered import FOUND, Part
from graphsms.change.considering import Spec
from graphsms.change.grounds import moment_of
from graphsms.change.reach import Reach
from graphsms.change.telling import label_of, listed, none_of, shown
from graphsms.errors import InputError
from graphsms.report.tables import Cell, Table

__all__ = ["targets"]

_MINUTE = 60


def targets(spec: Spec, reach: Reach) -> Part:
    """Targets for what is hit; of those of availability, the part of the allowance that the outage would use.

    The outage is taken to last as long as the window. Figures are in minutes of agreed service time.
    """
    vocabulary = reach.vocabulary
    found = [one for one in reach.hits if one.concerned and vocabulary.any_of(one.hit.type, spec.types)]
    uses, note = _uses(found, reach)
    entities = reach.entities(one.id for one in found)
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        said = (one.state, one.before, one.id, one.hit.name, reach.why(one.id), *shown(entities[one.id], spec.show))
        rows += [(*said, *_figures(each)) for each in uses.get(one.id, [])] or [(*said, *(None,) * len(_FIGURES))]
    table = Table(("state", "without_the_change", "id", "name", "why", *spec.show, *_FIGURES), tuple(rows))
    if not rows:
        return none_of(
            spec, table, "" if reach.any_recorded(spec.types) else f"No {label_of(spec.types, reach)} is recorded."
        )
    return Part(
        spec.title, FOUND, _sentence(spec, found, [each for some in uses.values() for each in some]), table, note
    )


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


def _uses(found: Sequence[Impacted], reach: Reach) -> tuple[dict[str, list[Use]], str]:
    """What the outage uses, by target; and why that cannot be said."""
    ids = [one.id for one in found]
    if not ids:
        return {}, ""
    if reach.span is None:
        return {}, "There is no window: which part of an allowance the outage would use is not known."
    start, end = (moment_of(part) for part in reach.span)
    states = {one.id: one.state for one in reach.failing}
    try:
        answer = use(
            reach.store, ids, start, end or None, states, at=reach.revision, as_of=reach.as_of, zone=reach.zone
        )
    except InputError as error:
        return {}, str(error)
    uses: dict[str, list[Use]] = {}
    for one in answer.uses:
        uses.setdefault(one.target, []).append(one)
    said = ["The outage is taken to last for the whole window."] if any(one.seconds for one in answer.uses) else []
    missing = {each.message for one in answer.uses for each in one.allowance.missing}
    assumed = {each for one in answer.uses for each in one.allowance.assumptions}
    return uses, " ".join([*said, *sorted(missing), *sorted(assumed)])


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


def _sentence(spec: Spec, found: Sequence[Impacted], uses: Sequence[Use]) -> str:
    said = [f"{spec.title}: {listed(one.id for one in found)}"]
    if missed := sorted({one.target for one in uses if one.causes_miss}):
        said.append(f"missed by an outage for the whole window: {listed(missed)}")
    part = sorted(
        ((one.share or 0, one.target) for one in uses if one.seconds and not one.missed),
        key=lambda one: (-one[0], one[1]),
    )
    if part:
        said.append("of what is allowed it uses " + listed(f"{share:.0%} ({target})" for share, target in part))
    return "; ".join(said) + "."
