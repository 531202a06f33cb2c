"""What is answered about key figures: a value or "no data", what it is to be, and what it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "COUNTED", "MEASURED", "NO_DATA", "KeyFigure", "KeyFigures", "Point", "text_of"]

COUNTED: Final = "counted"
MEASURED: Final = "measured"
NO_DATA: Final = "no data"
COLUMNS: Final = (
    "indicator", "figure", "name", "clause", "start", "end", "revision", "value", "unit", "numerator", "denominator",
    "by", "target", "comparison", "met", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """A figure in one period.

    Parameters
    ----------
    start, end : str
        The period, half-open.
    revision : int
        That it was read from.
    value, numerator, denominator : float or None
    by : str
        ``counted`` from records, ``measured`` by somebody and imported, or "".
    """

    start: str
    end: str
    revision: int
    value: float | None
    numerator: float | None
    denominator: float | None
    by: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A key figure with its target.

    Parameters
    ----------
    id, indicator, name, clause, unit, better : str
        ``indicator`` is the guide's; ``better`` says which way is better.
    point : Point
        In the last period.
    note : str
        Why there is no value, or what else has to be known.
    measure : str
        Id of the measure of the graph that it is, or "".
    target : float or None
    comparison : str
        ``at least`` or ``at most``; "" without a target.
    met : bool or None
    trend : tuple of Point
        All periods, the last one too, in order.
    """

    id: str
    indicator: str
    name: str
    clause: str
    unit: str
    better: str
    point: Point
    note: str = ""
    measure: str = ""
    target: float | None = None
    comparison: str = ""
    met: bool | None = None
    trend: tuple[Point, ...] = ()

    @property
    def value(self) -> float | None:
        """In the last period."""
        return self.point.value

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in ("point", "trend")}
        return {
            **plain,
            "guidance": f"guide/indicator-{self.indicator}",
            **self.point.to_json(),
            "trend": [one.to_json() for one in self.trend],
        }


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The key figures that were asked for.

    Parameters
    ----------
    revision : int
    at, as_of : str
    over_revisions : bool
        Whether the trend is over revisions, rather than over periods.
    figures : tuple of KeyFigure
    """

    revision: int
    at: str
    as_of: str
    over_revisions: bool
    figures: tuple[KeyFigure, ...]

    @property
    def missed(self) -> tuple[KeyFigure, ...]:
        """Those that do not reach their target."""
        return tuple(one for one in self.figures if one.met is False)

    def sentence(self) -> str:
        """The answer in a sentence."""
        many, known = len(self.figures), sum(one.value is not None for one in self.figures)
        said = f"{known} of {many} {'figure' if many == 1 else 'figures'} known"
        targets = sum(one.target is not None for one in self.figures)
        met, word = sum(one.met is True for one in self.figures), "target" if targets == 1 else "targets"
        return f"{said}; {f'{met} of {targets} {word} reached' if targets else 'no target is stated'}."

    def rows(self) -> list[tuple[Any, ...]]:
        """By `COLUMNS`: a row for each figure and period."""
        return [
            (
                one.indicator, one.id, one.name, one.clause, point.start, point.end, point.revision, point.value,
                one.unit, point.numerator, point.denominator, point.by, one.target, one.comparison,
                one.met if point == one.point else None, one.note if point == one.point else "",
            )
            for one in self.figures
            for point in one.trend
        ]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """A row for each figure and period."""
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "over_revisions": self.over_revisions,
            "figures": [one.to_json() for one in self.figures],
        }


def text_of(value: float | None, unit: str) -> str:
    """A value as people read it.

    Examples
    --------
    >>> text_of(92.25, "%"), text_of(3.0, "count"), text_of(None, "h")
    ('92.2%', '3', 'no data')
    """
    if value is None:
        return NO_DATA
    if unit == "count":
        return f"{value:g}"
    return f"{value:.1f}{unit if unit == '%' else f' {unit}'}"
