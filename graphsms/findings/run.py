"""Running checks on the graph: all of them over one reading of it, each with what it looked at and what it found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import Template
from typing import Final

from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.errors import InputError
from graphsms.findings.checks import Check
from graphsms.findings.functions import analysis
from graphsms.moments import canonical_moment
from graphsms.queries import load as load_query
from graphsms.queries import run as run_query
from graphsms.queries.dataset import dataset
from graphsms.queries.header import query_of
from graphsms.report.tables import Cell, Table

__all__ = ["Ran", "examine"]

# `as of`, `as of + 90 days`; and the defaults of queries, `now` and `+90 days`.
_AS_OF: Final = re.compile(r"(?:as of|now|(?=[+]))(?:\s*([+-])\s*(\d{1,5}) days?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ran:
    """One check, with what it looked at and found."""

    check: Check
    examined: Examined


def examine(estate: Estate, checks: Iterable[Check]) -> list[Ran]:
    """Run checks, in order, on one reading of the graph.

    Raises
    ------
    InputError
        A query cannot be answered, or does not give the columns that its check names; the message names the check.
    """
    return [Ran(check, _examined(estate, check)) for check in checks]


def _examined(estate: Estate, check: Check) -> Examined:
    try:
        if check.analysis:
            return analysis(check.analysis)(estate, check.parameters)
        return Examined(_looked_at(estate, check), _by_query(estate, check))
    except InputError as error:
        raise InputError(f"The check {check.id} cannot be run: {error}") from None


def _looked_at(estate: Estate, check: Check) -> int:
    if check.over_type:
        return sum(estate.live(one) for one in estate.of_type(check.over_type))
    table = _answer(estate, check.over_query, check.parameters)
    return len({row[0] for row in table.rows})


def _by_query(estate: Estate, check: Check) -> tuple[Deficiency, ...]:
    table = _answer(estate, check.query, check.parameters)
    for column in (*check.identity, *check.aspect):
        if column not in table.columns:
            raise InputError(f"the query gives {', '.join(table.columns)}, and no {column!r}.")
    found: dict[tuple[tuple[str, ...], str], Deficiency] = {}
    for row in table.records():
        entities = tuple(str(row[column]) for column in check.identity if row[column] is not None)
        aspect = " ".join(_text(row[column]) for column in check.aspect)
        unknown = next((one for one in entities if one not in estate.entities), None)
        if unknown is not None or not entities:
            raise InputError(f"the query gives {unknown!r} in a column of its identity, which is no entity.")
        # The same entities in several rows, such as once for each name, are one finding.
        found.setdefault((entities, aspect), Deficiency(entities, _message(estate, check, row, entities), aspect))
    return tuple(found[key] for key in sorted(found))


def _message(estate: Estate, check: Check, row: Mapping[str, Cell], entities: tuple[str, ...]) -> str:
    words = {column: _text(value) for column, value in row.items()}
    words["name"] = words.get("name") or estate.entities[entities[0]].name
    return Template(check.message).safe_substitute(words)


def _text(value: Cell) -> str:
    return "" if value is None else str(value)


def _answer(estate: Estate, query: str, parameters: Mapping[str, str]) -> Table:
    name = query.strip()
    head = query_of(query, "sparql") if re.search(r"\s", name) else load_query(name)
    given: dict[str, object] = {}
    for parameter in head.parameters:
        text = parameters.get(parameter.name, parameter.default)
        if text is not None:
            dated = parameter.kind in ("moment", "beginning")
            given[parameter.name] = _moment(estate, text) if dated else text
    at = estate.revision.number
    # What the other checks have read is not read again.
    estate.once("rdf", lambda: dataset(estate.store, at, estate.entities.values(), estate.relations))
    return run_query(estate.store, query, given, at=at)


def _moment(estate: Estate, text: str) -> str:
    """Moments are told from that of the question, not from now."""
    found = _AS_OF.fullmatch(text.strip())
    if found is None:
        return text
    days = int(f"{found[1]}{found[2]}") if found[1] else 0
    try:
        return canonical_moment(datetime.fromisoformat(estate.as_of) + timedelta(days=days))
    except OverflowError:
        raise InputError(f"{text} is beyond the year 9999.") from None
