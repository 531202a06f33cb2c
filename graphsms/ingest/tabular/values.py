"""From cells to values: templates, value maps, splitting, dates and numbers as a mapping says them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

from graphsms.ingest.tabular.cells import Cell, cell_text

__all__ = ["FILTERS", "VALUE", "Conversion", "Number", "Template", "has_time", "template"]

VALUE: Final = "value"  # in a template of a column: what the column holds
_PART: Final = re.compile(r"\{\{|\}\}|\{([^{}|]+)(?:\|([^{}|]*))?\}|[{}]")
_TIME: Final = re.compile(r"%[HIMSfpXcTzZ]")
_NOT_IN_SLUGS: Final = re.compile(r"[^\w.]+")

Converted: TypeAlias = str | date

FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "lower": str.lower,
    "upper": str.upper,
    "slug": lambda text: _NOT_IN_SLUGS.sub("-", text.lower()).strip("-"),
}


class _Part(NamedTuple):
    before: str
    column: str
    filter: str


@dataclass(frozen=True)
class Template:
    """A text with columns in braces, such as ``srv:{Hostname|lower}``."""

    text: str
    parts: tuple[_Part, ...]
    after: str

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that it takes, in order; in the template of a column, ``value`` is none."""
        return tuple(dict.fromkeys(one.column for one in self.parts))

    def filled(self, of: Callable[[str], str]) -> str:
        """The text with what ``of`` says in place of each column, or "" where one of them is empty."""
        text = ""
        for before, column, filter in self.parts:
            found = of(column)
            if filter:
                found = FILTERS[filter](found)
            if not found:
                return ""
            text += before + found
        return text + self.after


def template(text: str) -> Template:
    """A template as it is written; braces that are meant are doubled.

    Raises
    ------
    ValueError
        A brace stands alone, or a filter is none.

    Examples
    --------
    >>> template("srv:{Host|lower}").filled({"Host": "WEB-01"}.__getitem__)
    'srv:web-01'
    """
    parts: list[_Part] = []
    before, at = "", 0
    for found in _PART.finditer(text):
        before += text[at : found.start()]
        at = found.end()
        if found[0] in ("{{", "}}"):
            before += found[0][0]
        elif found[1] is None:
            raise ValueError(f"{text!r} has a brace that stands alone; write it twice where it is meant")
        else:
            filter = (found[2] or "").strip()
            if filter and filter not in FILTERS:
                raise ValueError(f"{text!r} has the filter {filter!r}; there are {', '.join(FILTERS)}")
            parts.append(_Part(before, " ".join(found[1].split()), filter))
            before = ""
    return Template(text, tuple(parts), before + text[at:])


@dataclass(frozen=True)
class Number:
    """How numbers are written: decimal mark, mark between thousands, units that may stand around them."""

    decimal: str = "."
    thousands: str = ""
    units: tuple[str, ...] = ()
    times: Decimal | None = None

    @cached_property
    def form(self) -> re.Pattern[str]:
        """What a number has to look like: with marks between thousands, all of them."""
        mark, decimal = re.escape(self.thousands), re.escape(self.decimal)
        whole = rf"\d{{1,3}}(?:{mark}\d{{3}})+|\d+" if mark else r"\d+"
        return re.compile(rf"([-+]?)({whole})(?:{decimal}(\d+))?", re.ASCII)

    def read(self, cell: Cell) -> str:
        """The number that a cell holds, as text that any property of numbers takes.

        Raises
        ------
        ValueError

        Examples
        --------
        >>> Number(",", ".", ("GB",)).read("1.024,50 GB")
        '1024.50'
        """
        text = cell_text(cell)
        if isinstance(cell, str):
            bare = text
            for unit in self.units:
                bare = bare.removesuffix(unit).removeprefix(unit).strip()
            found = self.form.fullmatch(bare)
            if found is None:
                raise ValueError(f"is {text[:60]!r}; it must be a number{self._described()}")
            sign, whole, rest = found.groups()
            text = (
                sign + (whole.replace(self.thousands, "") if self.thousands else whole) + (f".{rest}" if rest else "")
            )
        if self.times is not None:
            product = Decimal(text) * self.times
            text = format(product.quantize(Decimal(1)) if product == product.to_integral() else product, "f")
        return text

    def _described(self) -> str:
        said = [f"{word} {mark!r}" for word, mark in (("decimal", self.decimal), ("thousands", self.thousands)) if mark]
        units = f" and the unit {' or '.join(self.units)}" if self.units else ""
        return f" with {', '.join(said)}{units}, as the mapping says"


@dataclass(frozen=True)
class Conversion:
    """What becomes of what a column holds, in this order: splitting, value map, and then dates or numbers."""

    split: tuple[str, ...] = ()
    values: Mapping[str, str | None] = field(default_factory=dict)
    otherwise: str | None = None
    formats: tuple[str, ...] = ()
    number: Number | None = None

    @cached_property
    def _by_any_case(self) -> dict[str, str | None]:
        return {said.casefold(): meant for said, meant in self.values.items()}

    @cached_property
    def _separators(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(one) for one in self.split))

    def pieces(self, cell: Cell) -> Iterable[Cell]:
        """What a cell holds, one by one."""
        if not self.split or not isinstance(cell, str):
            return (cell,)
        return [one for one in (piece.strip() for piece in self._separators.split(cell)) if one]

    def converted(self, piece: Cell) -> Converted | None:
        """The value that one piece stands for, or None where it stands for nothing.

        Raises
        ------
        ValueError
            It is not written as the mapping says, or several of its date formats would read it differently.
        """
        text = cell_text(piece)
        if self.values or self.otherwise is not None:
            if text in self.values:
                return self.values[text]
            folded = text.casefold()
            if folded in self._by_any_case:
                return self._by_any_case[folded]
            if self.otherwise is not None:
                return self.otherwise
        if isinstance(piece, datetime):
            return piece if len(text) > len("2026-11-21") else piece.date()
        if isinstance(piece, date):
            return piece
        if self.formats:
            return self._date(text)
        if self.number is not None:
            return self.number.read(piece)
        return text

    def _date(self, text: str) -> date:
        found: dict[date, str] = {}
        for format in self.formats:
            try:
                moment = datetime.strptime(text, format)  # noqa: DTZ007  # the zone is said for the whole import
            except ValueError:
                continue
            found.setdefault(moment if has_time(format) else moment.date(), format)
        if len(found) > 1:
            shown = " and ".join(f"{one.isoformat()} by {format}" for one, format in found.items())
            raise ValueError(f"is {text!r}, which is {shown}; leave one of the formats in the mapping")
        if not found:
            raise ValueError(f"is {text[:60]!r}; it must be a date in the format {' or '.join(self.formats)}")
        return next(iter(found))


def has_time(format: str) -> bool:
    """Whether a date format also says the time of day.

    Examples
    --------
    >>> has_time("%d.%m.%Y"), has_time("%d.%m.%Y %H:%M")
    (False, True)
    """
    return _TIME.search(format) is not None
