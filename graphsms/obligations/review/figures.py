"""Figures of a review: the latest measurements of something, and what was to be reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graphsms.model import Entity
from graphsms.obligations.review.reading import Reading, said
from graphsms.snapshot.validity import microseconds

__all__ = ["Goal", "goal", "latest"]

_AT_LEAST: Final = "at least"
_AT_MOST: Final = "at most"
MET: Final = "met"
MISSED: Final = "missed"


@dataclass(frozen=True, slots=True)
class Goal:
    """What was to be reached: a value, whether at least or at most, and its unit.

    Examples
    --------
    >>> aim = Goal(99.9, "at least", "%")
    >>> aim.text, aim.verdict(Entity("m", "Measurement", {"measuredValue": 99.9})), aim.verdict(None)
    ('at least 99.9 %', 'met', '')
    """

    value: float
    comparison: str
    unit: str

    @property
    def text(self) -> str:
        """In words."""
        return f"{self.comparison} {self.value:g} {self.unit}".strip()

    def verdict(self, measured: Entity | None) -> str:
        """``met`` or ``missed``; "" where that cannot be told."""
        value = None if measured is None else measured.properties.get("measuredValue")
        unit = "" if measured is None else said(measured, "unit")
        if not isinstance(value, int | float) or (unit and self.unit and unit != self.unit):
            return ""
        if self.comparison == _AT_LEAST:
            return MET if value >= self.value else MISSED
        if self.comparison == _AT_MOST:
            return MET if value <= self.value else MISSED
        return ""


def goal(one: Entity) -> Goal | None:
    """What a measure, an objective or a target says is to be reached."""
    value = one.properties.get("targetValue")
    if not isinstance(value, int | float):
        return None
    return Goal(float(value), said(one, "comparison"), said(one, "unit"))


def latest(of: Reading, id: str) -> list[Entity]:
    """The measurements of something that were over by the moment, the latest first."""
    found = [one for one in of.back(id, "measured by") if _ended(of, one)]
    return sorted(found, key=lambda one: (microseconds(said(one, "periodEnd")), one.id), reverse=True)


def _ended(of: Reading, one: Entity) -> bool:
    end = said(one, "periodEnd")
    return bool(end) and microseconds(end) <= microseconds(of.until)
