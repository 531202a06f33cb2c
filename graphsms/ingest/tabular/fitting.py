"""How what a column holds can become values of a property: the key of a mapping that it takes, found by trying."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from graphsms.ingest.nearest import nearest
from graphsms.ingest.tabular.cells import Cell, cell_text
from graphsms.ingest.tabular.profile import SEPARATORS, Column
from graphsms.ingest.tabular.values import Conversion, Number, template
from graphsms.ingest.tabular.words import words_of
from graphsms.model import Value
from graphsms.values import canonical
from graphsms.vocabulary import Constraint, PropertyType, Vocabulary

__all__ = ["MAX_VALUES", "Fit", "fit", "separator"]

MAX_VALUES: Final = 30
_LONGEST: Final = 60  # of numbers with their units
_FORMATS: Final = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%Y%m%d",
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d-%b-%Y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y",
)  # fmt: skip
_NUMBER: Final = re.compile(r"^\s*([^\d\s+-]*)\s*[-+]?[\d.,' ]*\d\s*([^\d\s]*)\s*$")
_WHOLE: Final = re.compile(r"(\d{1,6})\s*([^\W\d_]+\.?)")
_MARKS: Final = ((".", ""), (",", ""), (".", ","), (",", "."), (".", "'"), (",", " "), (".", " "))
_DURATIONS: Final = {
    "PT{value}S": ("s", "sec", "second", "sekunde"),
    "PT{value}M": ("min", "minute", "minuten"),
    "PT{value}H": ("h", "hr", "hour", "stunde", "stunden", "std"),
    "P{value}D": ("d", "day", "tag", "tage"),
    "P{value}W": ("week", "woche", "wochen"),
    "P{value}M": ("month", "monat", "monate", "mo"),
    "P{value}Y": ("y", "year", "jahr", "jahre"),
}
_BOOLEANS: Final = {"ja": "true", "y": "true", "x": "true", "wahr": "true", "on": "true",
                    "nein": "false", "n": "false", "-": "false", "falsch": "false", "off": "false"}  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """The keys beside ``property`` that make values of a column fit it, and what is to be said of them."""

    keys: Mapping[str, object] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def fit(column: Column, property: PropertyType, vocabulary: Vocabulary, codes: Mapping[str, str]) -> Fit | None:
    """How all values of a column can become values of a property; None where no way is found.

    Parameters
    ----------
    column : Column
    property : PropertyType
    vocabulary : Vocabulary
    codes : mapping of str to str
        What codes of the property are also called, in lower case.
    """
    cells = list(dict.fromkeys(one for one in column.cells if not isinstance(one, tuple)))
    if not cells or column.bad:
        return None
    for one in _ways(column, cells, property, vocabulary, codes):
        if _holds(one, cells, property, vocabulary):
            return one
    return None


def separator(texts: Iterable[str]) -> str | None:
    """The separator that stands between several values in cells: one that leaves short values, none of them empty."""
    found = list(texts)
    for one in SEPARATORS:
        pieces = [text.split(one) for text in found]
        several = [each for each in pieces if len(each) > 1]
        if several and all(0 < len(piece.strip()) <= 60 for each in several for piece in each):
            return one
    return None


def _holds(way: Fit, cells: Sequence[Cell], property: PropertyType, vocabulary: Vocabulary) -> bool:
    """Whether the mapping would take every cell so."""
    conversion = _conversion(way.keys)
    made = template(str(way.keys["template"])) if "template" in way.keys else None
    constraints = [one for one in vocabulary.constraints if one.path == property.name and one.severity == "error"]
    kept = 0
    for cell in cells:
        for piece in conversion.pieces(cell):
            try:
                value = conversion.converted(piece)
                if value is None or value == "":
                    continue
                if made is not None:
                    value = made.filled({"value": str(value)}.__getitem__)
                said = canonical(property, value, vocabulary)
            except ValueError:
                return False
            if _breaks(said, constraints):
                return False
            kept += 1
    return kept > 0


def _conversion(keys: Mapping[str, object]) -> Conversion:
    number = keys.get("number")
    values = keys.get("values")
    formats = keys.get("format", ())
    its = number if isinstance(number, Mapping) else {}
    from decimal import Decimal

    return Conversion(
        split=(str(keys["split"]).replace("\\n", "\n"),) if "split" in keys else (),
        values=dict(values) if isinstance(values, Mapping) else {},
        formats=(formats,) if isinstance(formats, str) else tuple(formats),  # type: ignore[arg-type]
        number=Number(
            str(its.get("decimal", ".")),
            str(its.get("thousands", "")),
            tuple(sorted(map(str, its.get("unit", ())), key=len, reverse=True)),
            Decimal(str(its["times"])) if "times" in its else None,
        ) if isinstance(number, Mapping) else None,
    )  # fmt: skip


def _breaks(said: Value, constraints: Sequence[Constraint]) -> bool:
    """Whether a value breaks one of the rules that stand for values alone: bounds, lengths, patterns."""
    for value in said if isinstance(said, tuple) else (said,):
        for one in constraints:
            if isinstance(value, str):
                if one.pattern is not None and not re.search(one.pattern, value):
                    return True
                if not (one.min_length or 0) <= len(value) <= (one.max_length or len(value)):
                    return True
            else:
                most = value if one.max_inclusive is None else one.max_inclusive
                least = value if one.min_inclusive is None else one.min_inclusive
                if not least <= value <= most:
                    return True
    return False


# ------------------------------------------------------------------------------------------ the ways


def _ways(
    column: Column, cells: Sequence[Cell], property: PropertyType, vocabulary: Vocabulary, codes: Mapping[str, str]
) -> Iterator[Fit]:
    texts = column.texts
    if property.many and (found := separator(texts)):
        yield Fit({"split": found.replace("\n", "\\n")})
    if property.code_list is not None:
        yield from _code_ways(texts, property, vocabulary, codes)
    elif property.datatype in ("date", "dateTime"):
        yield from _date_ways(cells)
    elif property.datatype in ("decimal", "integer", "double"):
        yield from _number_ways(texts)
    elif property.datatype == "duration":
        yield from _duration_ways(column)
    elif property.datatype == "boolean":
        yield Fit()
        yield Fit({"values": {one: _BOOLEANS.get(one.casefold(), one) for one in texts[:MAX_VALUES]}})
    else:
        yield Fit()


def _code_ways(
    texts: Sequence[str], property: PropertyType, vocabulary: Vocabulary, codes: Mapping[str, str]
) -> Iterator[Fit]:
    yield Fit()
    if len(texts) > MAX_VALUES:
        return
    listed = vocabulary.code_lists[property.code_list or ""].codes
    notations = [one.notation for one in listed]
    by_name = {name.casefold(): one.notation for one in listed for name in (one.notation, one.label)}
    values: dict[str, str | None] = {}
    for text in texts:
        near = nearest(text, notations, 1)
        said = codes.get(text.casefold())
        values[text] = by_name.get(text.casefold()) or said or (near[0] if near else None)
    known = sum(one is not None for one in values.values())
    if known * 2 >= len(values):
        remarks = [f"the codes are {', '.join(notations)}"]
        if known < len(values):
            remarks.append("`~` leaves a value out: say which code it is")
        yield Fit({"values": values}, tuple(remarks))


def _date_ways(cells: Sequence[Cell]) -> Iterator[Fit]:
    yield Fit()
    texts = [cell_text(one) for one in cells if not isinstance(one, date)]
    fits = [one for one in _FORMATS if all(_is_date(text, one) for text in texts)]
    if fits:
        others = [one for one in fits[1:] if any(_read(text, fits[0]) != _read(text, one) for text in texts)]
        remarks = (f"they could also be {' or '.join(others)}: days and months tell nothing apart",) if others else ()
        yield Fit({"format": fits[0]}, remarks)
        return
    chosen: list[str] = []
    left = [text for text in texts if not _is_date(text, "%Y-%m-%d")]
    for one in _FORMATS:
        if any(_is_date(text, one) for text in left):
            chosen.append(one)
            left = [text for text in left if not _is_date(text, one)]
    if len(left) < len(texts) and not left:
        yield Fit({"format": [*chosen, "%Y-%m-%d"]}, ("dates are written in several ways",))


def _is_date(text: str, format: str) -> bool:
    return _read(text, format) is not None


def _read(text: str, format: str) -> date | None:
    try:
        found = Conversion(formats=(format,)).converted(text)
    except ValueError:
        return None
    return found if isinstance(found, date) and found.year > 1900 else None


def _number_ways(texts: Sequence[str], durations: bool = False) -> Iterator[Fit]:
    if not durations:
        yield Fit()
    units: dict[str, None] = {}
    for text in texts:
        found = _NUMBER.match(text) if len(text) <= _LONGEST else None
        if found is None:
            return
        units.update(dict.fromkeys(one for one in found.groups() if one))
    if len(units) > 8:
        return
    for decimal, thousands in _MARKS:
        number: dict[str, object] = {"decimal": decimal} if decimal != "." else {}
        if thousands:
            number["thousands"] = thousands
        if units:
            number["unit"] = list(units)
        yield Fit({"number": number})
        yield Fit({"number": {**number, "times": "0.01"}}, ("per cent become shares, from 0 to 1",))


def _duration_ways(column: Column) -> Iterator[Fit]:
    yield Fit()
    for way in _number_ways(column.texts, durations=True):
        number = way.keys["number"]
        assert isinstance(number, dict)
        units = number.get("unit") or words_of(column.name)
        for form, names in _DURATIONS.items():
            meant = [one for one in units if _is_unit(one, names)]
            if meant and (not number.get("unit") or len(meant) == len(units)):
                yield Fit({"number": number, "template": form})
    if len(column.texts) <= MAX_VALUES:
        values = {text: _duration(text) for text in column.texts}
        if all(values.values()):
            yield Fit({"values": values})


def _duration(text: str) -> str:
    """A duration such as "4 hours" as ISO 8601 has it, or ""."""
    found = _WHOLE.fullmatch(text)
    if found is None:
        return ""
    forms = [form for form, names in _DURATIONS.items() if _is_unit(found[2], names)]
    return forms[0].replace("{value}", found[1]) if forms else ""


def _is_unit(text: str, names: Sequence[str]) -> bool:
    return text.lower() in names or text.lower().rstrip(".s") in names
