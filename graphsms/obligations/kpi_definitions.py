"""Key figures as data: what each counts, for which indicator of the guide (9.1); read from ``kpis.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from graphsms.errors import InputError
from graphsms.ingest.nearest import did_you_mean

__all__ = ["FigureDefinition", "Indicator", "chosen", "indicators"]

_FILE: Final = Path(__file__).parent / "kpis.yaml"


@dataclass(frozen=True, slots=True)
class FigureDefinition:
    """One figure.

    Parameters
    ----------
    id, name, unit, better : str
        ``better`` is ``at least`` or ``at most``.
    how : str
        In which of the ways of ``kpis.yaml`` it is counted; "" where a function counts it.
    function : str
        Of `graphsms.obligations.kpi_functions`, or "".
    said : mapping
        What that needs to know.
    """

    id: str
    name: str
    unit: str
    better: str
    how: str
    function: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator of the guide, with the figures that tell of it.

    Parameters
    ----------
    id, name, clause : str
        The guide's is ``guide/indicator-ID``.
    figures : tuple of FigureDefinition
    """

    id: str
    name: str
    clause: str
    figures: tuple[FigureDefinition, ...]

    @property
    def guidance(self) -> str:
        """The id of the guide's indicator."""
        return f"guide/indicator-{self.id}"


@cache
def indicators() -> tuple[Indicator, ...]:
    """All of them, in the order of the guide.

    Examples
    --------
    >>> [figure.id for figure in indicators()[1].figures]
    ['incidents-in-time', 'mean-time-to-resolve']
    """
    import yaml

    stated = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["indicators"]
    return tuple(
        Indicator(one["id"], one["name"], one["clause"], tuple(_figure(figure) for figure in one["figures"]))
        for one in stated
    )


def _figure(stated: Mapping[str, Any]) -> FigureDefinition:
    function = str(stated.get("counted by", ""))
    said = stated.get("given", {}) if function else stated
    id, name, unit, better = (str(stated[key]) for key in ("id", "name", "unit", "better"))
    return FigureDefinition(id, name, unit, better, str(stated.get("how", "")), function, said)


def chosen(name: str | None) -> tuple[Indicator, ...]:
    """The indicator with an id, or that of a figure with just this figure; without a name, all.

    Raises
    ------
    InputError
        There is none.

    Examples
    --------
    >>> [len(one.figures) for one in chosen("mean-time-to-resolve")]
    [1]
    """
    if name is None:
        return indicators()
    known: list[str] = []
    for one in indicators():
        if name in (one.id, one.guidance):
            return (one,)
        for figure in one.figures:
            if name == figure.id:
                return (Indicator(one.id, one.name, one.clause, (figure,)),)
        known += [one.id, *(figure.id for figure in one.figures)]
    meant = did_you_mean(name, known) or " `graphsms kpi` lists them."
    raise InputError(f"There is no key figure {name!r}.{meant}")
