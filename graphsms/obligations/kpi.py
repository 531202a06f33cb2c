"""Key figures (9.1, 9.4): what they are, what they are to be, and how they have come to be so.

A figure is counted from what the graph records, in a period; where nothing can be counted, it is taken from a
measurement that was imported, and where there is none, "no data" is said. The target is that of a measure of the graph
that says which figure it is (``runs: kpi ID``), or of the objective that is judged by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from itertools import pairwise
from typing import Any, Final

from graphsms.analysis.estate import Estate, estate
from graphsms.change.grounds import moment_of as canonical
from graphsms.errors import InputError
from graphsms.model import Entity
from graphsms.moments import now, window
from graphsms.obligations.kpi_answer import COUNTED, MEASURED, KeyFigure, KeyFigures, Point
from graphsms.obligations.kpi_counting import Counted, Span, counted, moment_of
from graphsms.obligations.kpi_definitions import FigureDefinition, Indicator, chosen
from graphsms.obligations.kpi_functions import FUNCTIONS, reaches
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store
from graphsms.values import canonical as canonical_value
from graphsms.vocabulary import PropertyType, Vocabulary

__all__ = ["asked_since", "key_figures"]

MAX_STEPS: Final = 60
_PERIOD: Final = "P3M"
_RUNS: Final = "kpi "
_DURATION: Final = PropertyType("", "", "", "", (), False, "duration", None, False, False)


def key_figures(
    store: Store,
    name: str | None = None,
    *,
    period: str | None = None,
    since: str | None = None,
    revisions_since: int | None = None,
    steps: int = 1,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
) -> KeyFigures:
    """The key figures of the guide, with their targets, over one or several periods.

    Parameters
    ----------
    store : Store
    name : str, optional
        An indicator or a figure; without it, all.
    period : str, optional
        How long a period is (ISO 8601); without it, three months. They end at the moment, one before the other.
    since : str, optional
        The moment at which the first period begins: the time from then is divided evenly, in place of ``period``.
    revisions_since : int, optional
        A revision: the figures as they were recorded at revisions from there to the present one, each for the period
        up to when it was made.
    steps : int
        How many periods or revisions.
    at, as_of : optional
        The revision, and the moment.
    zone : tzinfo
        The organization's time zone.

    Raises
    ------
    InputError
        There is no such figure, the period is none, or there are too many steps.

    Notes
    -----
    O(entities) for each figure and period, on one reading of the graph; over revisions, one reading for each. Changes
    cost a spread of failure each.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     said = {"recordedAt": "2026-11-02T09:00:00Z", "resolvedAt": "2026-11-02T11:30:00Z"}
    ...     revision = g.apply(graphsms.ChangeSet(entities=[graphsms.Entity("inc-1", "Incident", said)]))
    ...     g.obligations.kpi("mean-time-to-resolve", as_of="2026-11-21").figures[0].value
    2.5
    """
    if not 1 <= steps <= MAX_STEPS:
        raise InputError(f"Between 1 and {MAX_STEPS} steps can be shown, not {steps}.")
    if since is not None and period is not None:
        raise InputError("Give either how long a period is, or since when the time is to be divided.")
    wanted, moment = chosen(name), as_of or now()
    length = _checked(period or _PERIOD, store.vocabulary)
    if revisions_since is not None:
        readings = list(_at_revisions(store, revisions_since, steps, length, zone))
    else:
        read = estate(store, at, moment, zone)
        readings = [(read, span) for span in _spans(moment, since, length, steps)]
    columns = [_figures(read, wanted, span) for read, span in readings]
    read = readings[-1][0]
    return KeyFigures(
        revision=read.revision.number,
        at=read.revision.time,
        as_of=read.as_of,
        over_revisions=revisions_since is not None,
        figures=tuple(_together(points) for points in zip(*columns, strict=True)),
    )


def asked_since(since: int | str | None, zone: tzinfo) -> dict[str, Any]:
    """What somebody means by ``since``: a revision by its number, or the beginning of a day or moment.

    Raises
    ------
    InputError
        It is neither.

    Examples
    --------
    >>> asked_since("3", UTC), asked_since("2026-01-01", UTC)
    ({'revisions_since': 3}, {'since': '2026-01-01T00:00:00Z'})
    """
    if since is None:
        return {}
    if isinstance(since, int) or (since.isascii() and since.isdigit()):
        return {"revisions_since": int(since)}
    return {"since": window(since, None, zone)[0]}


def _spans(moment: str, since: str | None, period: str, steps: int) -> Iterator[Span]:
    """Periods up to the moment, in order."""
    if since is not None:
        begun, ends = microseconds(since), microseconds(moment)
        if begun >= ends:
            raise InputError(f"Since {since} is not before {moment}.")
        cuts = [begun + (ends - begun) * number // steps for number in range(steps)] + [ends]
        moments = [canonical(cut) for cut in cuts]
    else:
        moments = [moment]
        for _ in range(steps):
            moments.insert(0, canonical(after(moments[0], f"-{period}")))
    for start, end in pairwise(moments):
        yield Span(start, end)


def _checked(period: str, vocabulary: Vocabulary) -> str:
    try:
        return str(canonical_value(_DURATION, period, vocabulary))
    except ValueError:
        raise InputError(f"{period[:40]!r} is no period: write it as ISO 8601 has it, as P1M, P3M or P1Y.") from None


def _at_revisions(store: Store, first: int, steps: int, period: str, zone: tzinfo) -> Iterator[tuple[Estate, Span]]:
    last = store.revision().number
    if not 1 <= first <= last:
        raise InputError(f"There is no revision {first}; the present one is {last}.")
    numbers = sorted({first + (last - first) * number // max(1, steps - 1) for number in range(steps)} | {last})
    for number in numbers[-steps:]:
        read = estate(store, number, None, zone)
        moment = read.revision.time
        yield read.on(moment), Span(canonical(after(moment, f"-{period}")), moment)


def _figures(read: Estate, wanted: Iterable[Indicator], span: Span) -> list[KeyFigure]:
    measures = _measures(read)
    return [
        _figure(read, indicator, figure, span, measures.get(figure.id) or measures.get(indicator.id))
        for indicator in wanted
        for figure in indicator.figures
    ]


def _figure(
    read: Estate, indicator: Indicator, figure: FigureDefinition, span: Span, measure: Entity | None
) -> KeyFigure:
    found = FUNCTIONS[figure.function](read, span, figure.said) if figure.function else counted(read, figure, span)
    by = COUNTED if found.value is not None else ""
    if found.value is None and measure is not None:
        measured = _imported(read, measure, span)
        if measured is not None:
            found, by = measured, MEASURED
    target, comparison = _target(read, measure, figure) if measure is not None else (None, "")
    point = Point(span.start, span.end, read.revision.number, found.value, found.numerator, found.denominator, by)
    met = None if found.value is None or target is None else reaches(found.value, target, comparison)
    return KeyFigure(
        id=figure.id,
        indicator=indicator.id,
        name=figure.name,
        clause=indicator.clause,
        unit=figure.unit,
        better=figure.better,
        point=point,
        note=found.note,
        measure="" if measure is None else measure.id,
        target=target,
        comparison=comparison,
        met=met,
    )


def _together(points: tuple[KeyFigure, ...]) -> KeyFigure:
    """A figure of several periods: the last, with those before."""
    return replace(points[-1], trend=tuple(one.point for one in points))


# --------------------------------------------------------------------- what the graph says of figures


def _measures(read: Estate) -> Mapping[str, Entity]:
    """Measures of the graph by the figure that they say they are."""
    found: dict[str, Entity] = {}
    for one in read.of_type(read.vocabulary.known_as("measure")):
        runs = str(one.properties.get("runs", ""))
        if runs.startswith(_RUNS):
            found.setdefault(runs.removeprefix(_RUNS).strip(), one)
    return found


def _imported(read: Estate, measure: Entity, span: Span) -> Counted | None:
    """The latest value that somebody has measured of it, for a time that ends in the period."""
    word = read.vocabulary.known_as("measured by")
    values: list[tuple[int, str, float, Any]] = []
    for relation in read.leading_to.get(measure.id, ()):
        entity = read.entities[relation.subject]
        value = entity.properties.get("measuredValue")
        end = moment_of(read, entity.properties.get("periodEnd") or entity.properties.get("periodStart"))
        if relation.type != word or not end or not isinstance(value, int | float):
            continue
        if microseconds(span.start) < microseconds(end) <= microseconds(span.end):
            values.append((microseconds(end), entity.id, float(value), entity.properties.get("sampleSize")))
    if not values:
        return None
    _, id, value, size = max(values, key=lambda one: one[:2])
    return Counted(value, None, float(size) if isinstance(size, int | float) else None, f"measured: {id}")


def _target(read: Estate, measure: Entity, figure: FigureDefinition) -> tuple[float | None, str]:
    """The target of a measure, or of the objective that is judged by it; which way is better, where nobody says so."""
    word = read.vocabulary.known_as("told by measure")
    judged = [read.entities[one.subject] for one in read.leading_to.get(measure.id, ()) if one.type == word]
    for entity in (measure, *judged):
        value = entity.properties.get("targetValue")
        if isinstance(value, int | float):
            return float(value), str(entity.properties.get("comparison") or figure.better)
    return None, ""
