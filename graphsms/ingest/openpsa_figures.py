"""What the expressions of basic events say of how often something fails, as far as the ontology has a word for it.

A constant probability is the share of time in which the thing does not work. An exponential law, and the laws that rest
on one (``GLM``, ``periodic-test``), give the mean time between failures; ``GLM`` the mean time to restore as well. Of a
distribution the mean is taken. Other laws say nothing here, and are counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from graphsms.ingest.openpsa_model import Definition, Model
from graphsms.ingest.xmltext import Element

__all__ = ["Figures", "figures", "shared"]

MAX_STEPS: Final = 200  # expressions that one event may lead to, parameters put in; they are followed by recursion
_DIGITS: Final = 12
_MAX_HOURS: Final = 1e12


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a basic event; ``other`` where its expression is none that says anything here."""

    availability: str = ""
    between_failures: str = ""
    to_restore: str = ""
    other: bool = False

    @property
    def known(self) -> bool:
        """Whether anything is."""
        return bool(self.availability or self.between_failures or self.to_restore)


def figures(event: Definition, model: Model, rules: Any) -> Figures:
    """The figures of a basic event; none where it has no expression."""
    expression = event.formula()
    if expression is None:
        return Figures()
    reader = _Expressions(model, rules["units"])
    try:
        return reader.law(expression, event)
    except _UnknownError:
        return Figures(other=True)


def shared(group: Definition, model: Model, rules: Any) -> tuple[Figures, Figures]:
    """The figures of a member of a beta-factor group by itself, and of their common cause.

    Of a constant probability Q and a factor, each member fails by itself with (1 - factor) Q, and all of them
    with factor Q. Other distributions say nothing here.
    """
    distribution = group.element.child("distribution")
    factor = (group.element.child("factors") or group.element).child("factor")
    if distribution is None or not distribution.children or factor is None or not factor.children:
        return Figures(), Figures()
    reader = _Expressions(model, rules["units"])
    try:
        probability, beta = (reader.value(one.children[0], group) for one in (distribution, factor))
    except _UnknownError:
        return Figures(other=True), Figures(other=True)
    if not (0 <= probability <= 1 and 0 <= beta <= 1):
        return Figures(other=True), Figures(other=True)
    alone, together = (1 - Decimal(repr(probability * part)) for part in (1 - beta, beta))
    return Figures(availability=_written(alone)), Figures(availability=_written(together))


class _UnknownError(Exception):
    """An expression, or a value of it, that cannot be used."""


class _Expressions:
    def __init__(self, model: Model, units: Any) -> None:
        self.model = model
        self.units = units
        self.steps = 0

    def law(self, element: Element, at: Definition) -> Figures:
        """The law that an expression is, parameters followed."""
        self.step()
        if element.name == "parameter":
            found = self.parameter(element, at)
            return self.law(self.of(found), found)
        if element.name == "exponential":
            return Figures(between_failures=self.mean_time(element, 0, at))
        if element.name == "GLM":
            return Figures(between_failures=self.mean_time(element, 1, at), to_restore=self.mean_time(element, 2, at))
        if element.name == "periodic-test":
            return Figures(between_failures=self.mean_time(element, 0, at))
        probability = self.value(element, at)
        if not 0 <= probability <= 1:
            raise _UnknownError
        # As written where it is written, so that 0.1 leaves 0.9 and not 0.9000000000000000222.
        exact = element.attributes.get("value", "") if element.name == "float" else ""
        share = 1 - (Decimal(exact.strip()) if exact else Decimal(repr(probability)))
        return Figures(availability=_written(share))

    def mean_time(self, law: Element, index: int, at: Definition) -> str:
        """The inverse of a rate, as a duration; "" where the rate is 0."""
        if index >= len(law.children):
            raise _UnknownError
        rate = self.value(law.children[index], at)
        if rate < 0:
            raise _UnknownError
        return _duration(1 / rate) if rate else ""

    def value(self, element: Element, at: Definition) -> float:
        """What an expression is on average."""
        self.step()
        name, parts = element.name, element.children
        if name in ("float", "int"):
            return _number(element.attributes.get("value", ""))
        if name == "bool":
            return float(element.attributes.get("value", "").strip().lower() in ("true", "1"))
        if name == "parameter":
            found = self.parameter(element, at)
            unit = self.units.get(element.attributes.get("unit") or found.element.attributes.get("unit") or "hours", 1)
            return self.value(self.of(found), found) * _number(str(unit))
        if name in ("lognormal-deviate", "normal-deviate") and parts:
            return self.value(parts[0], at)
        if name == "uniform-deviate" and len(parts) == 2:
            return (self.value(parts[0], at) + self.value(parts[1], at)) / 2
        if name in _OPERATIONS and parts:
            return _finite(_OPERATIONS[name]([self.value(one, at) for one in parts]))
        raise _UnknownError

    def parameter(self, element: Element, at: Definition) -> Definition:
        found = self.model.parameter(element.attributes.get("name", "").strip(), at.scope)
        if found is None:
            raise _UnknownError
        return found

    def of(self, parameter: Definition) -> Element:
        found = parameter.formula()
        if found is None:
            raise _UnknownError
        return found

    def step(self) -> None:
        """Parameters may lead to parameters, also in a circle."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise _UnknownError


def _less(values: Sequence[float]) -> float:
    return -values[0] if len(values) == 1 else values[0] - sum(values[1:])


def _over(values: Sequence[float]) -> float:
    result = values[0]
    for one in values[1:]:
        if not one:
            raise _UnknownError
        result /= one
    return result


_OPERATIONS: Final[dict[str, Callable[[Sequence[float]], float]]] = {
    "add": math.fsum,
    "sub": _less,
    "neg": _less,
    "mul": math.prod,
    "div": _over,
    "mean": lambda values: math.fsum(values) / len(values),
}


def _number(said: str) -> float:
    try:
        return _finite(float(said))
    except ValueError:
        raise _UnknownError from None


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise _UnknownError
    return value


def _written(share: Decimal) -> str:
    """A share with as many digits as are sure."""
    return format(Decimal(f"{share:.{_DIGITS}f}").normalize(), "f")


def _duration(hours: float) -> str:
    """Hours as a duration, to the second.

    Examples
    --------
    >>> _duration(1500.5), _duration(0.25), _duration(1e99)
    ('PT1500H30M', 'PT15M', '')
    """
    if not 0 < hours <= _MAX_HOURS:
        return ""
    seconds = round(hours * 3600)
    parts = ((seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S"))
    return "PT" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0S")
