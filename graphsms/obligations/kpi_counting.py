"""Counting key figures on a graph: shares, counts, means and times of what is dated in a period, half-open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from graphsms.analysis.estate import Estate
from graphsms.model import Entity, Value
from graphsms.moments import canonical_moment
from graphsms.obligations.kpi_definitions import FigureDefinition
from graphsms.snapshot.validity import microseconds

__all__ = ["HOUR", "NOTHING", "Counted", "Span", "counted", "first", "moment_of", "share", "within"]

HOUR: Final = 3_600_000_000
_TO_THIS: Final = "^"


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted.

    Parameters
    ----------
    value : float or None
        None where nothing can be said.
    numerator, denominator : float or None
        What it is the quotient of.
    note : str
        Why nothing can be said, or what else has to be known.
    """

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    note: str = ""


NOTHING: Final = Counted(None, note="no data")


@dataclass(frozen=True, slots=True)
class Span:
    """A period, half-open; canonical moments."""

    start: str
    end: str

    def holds(self, moment: str) -> bool:
        """Whether a moment lies in it."""
        return microseconds(self.start) <= microseconds(moment) < microseconds(self.end)


def share(numerator: float, denominator: float, note: str = "") -> Counted:
    """So many of so many, in per cent; of nothing, nothing can be said.

    Examples
    --------
    >>> share(3, 4).value, share(0, 0).value
    (75.0, None)
    """
    if not denominator:
        return Counted(None, numerator, denominator, note or "no data")
    return Counted(100 * numerator / denominator, numerator, denominator, note)


def moment_of(read: Estate, value: Value | None) -> str:
    """A value as a canonical moment, a day as its beginning; "" where there is none."""
    if value is None or value == "":
        return ""
    text = str(value)
    if "T" in text:
        return text
    return canonical_moment(datetime.combine(datetime.fromisoformat(text), time(), read.zone))


def first(read: Estate, entity: Entity, names: Sequence[str]) -> str:
    """The moment that it states under the first of several names, or ""."""
    for name in names:
        if found := moment_of(read, entity.properties.get(name)):
            return found
    return ""


def within(read: Estate, type: str, dated: Sequence[str], span: Span) -> Iterator[Entity]:
    """What of a type is dated in a period and not after the moment; O(entities of the type)."""
    known = microseconds(read.as_of)
    for entity in read.of_type(type):
        date = first(read, entity, dated)
        if date and span.holds(date) and microseconds(date) <= known:
            yield entity


def counted(read: Estate, figure: FigureDefinition, span: Span) -> Counted:
    """A figure in a period, counted in one of the ways of ``kpis.yaml``; O(entities of its type)."""
    said = figure.said
    found = [
        one
        for one in within(read, said["type"], said["dated"], span)
        if _as_said(one, said.get("where", {})) and all(_has(read, one, name) for name in said.get("stating", ()))
    ]
    if figure.how == "count":
        # Where nothing of the kind was ever recorded, that there is none shows nothing.
        kept = next(iter(read.of_type(said.get("among", said["type"]))), None) is not None
        return Counted(float(len(found)), note="") if kept else NOTHING
    if figure.how == "share":
        return share(sum(_counts(read, one, said) for one in found), len(found))
    if figure.how == "mean hours":
        return _mean_hours(read, found, said)
    if figure.how == "mean":
        return _mean(found, said)
    return _part(found, said)


def _counts(read: Estate, one: Entity, said: Mapping[str, Any]) -> bool:
    return (
        _as_said(one, said.get("which", {}))
        and all(_has(read, one, name) for name in said.get("with", ()))
        and not any(_has(read, one, name) for name in said.get("without", ()))
    )


def _as_said(one: Entity, wanted: Mapping[str, Any]) -> bool:
    for name, values in wanted.items():
        value = one.properties.get(name)
        there = value if isinstance(value, tuple) else (value,)
        if not set(there) & set(values if isinstance(values, list) else [values]):
            return False
    return True


def _has(read: Estate, one: Entity, name: str) -> bool:
    if name.startswith(_TO_THIS):
        return any(relation.type == name[1:] for relation in read.leading_to.get(one.id, ()))
    if one.properties.get(name) not in (None, "", ()):
        return True
    return any(relation.type == name for relation in read.leading_from.get(one.id, ()))


def _mean_hours(read: Estate, found: Sequence[Entity], said: Mapping[str, Any]) -> Counted:
    hours = []
    for one in found:
        begun, ended = first(read, one, said["from"]), first(read, one, said["to"])
        if begun and ended and microseconds(ended) >= microseconds(begun):
            hours.append((microseconds(ended) - microseconds(begun)) / HOUR)
    left = len(found) - len(hours)
    note = f"{left:,} without a beginning and an end are left out" if left else ""
    if not hours:
        return Counted(None, note=note or "no data")
    return Counted(sum(hours) / len(hours), sum(hours), float(len(hours)), note)


def _number(one: Entity, name: str) -> float | None:
    value = one.properties.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _mean(found: Sequence[Entity], said: Mapping[str, Any]) -> Counted:
    values: dict[str, list[float]] = {}
    for one in found:
        value = _number(one, said["value"])
        if value is not None:
            values.setdefault(str(one.properties.get(said["alike"], "")), []).append(value)
    if not values:
        return NOTHING
    if len(values) > 1:
        return Counted(None, note=f"on {len(values)} scales that are not put together: {', '.join(sorted(values))}")
    ((scale, numbers),) = values.items()
    return Counted(sum(numbers) / len(numbers), sum(numbers), float(len(numbers)), scale)


def _part(found: Sequence[Entity], said: Mapping[str, Any]) -> Counted:
    pairs = [
        (whole, less)
        for one in found
        if (whole := _number(one, said["value"])) is not None and (less := _number(one, said["less"])) is not None
    ]
    whole = sum(one for one, _ in pairs)
    return share(whole - sum(less for _, less in pairs), whole)
