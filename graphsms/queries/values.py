"""The values of a query's parameters: checked against what its head declares, then bound, never formatted in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TypeAlias

import graphsms.moments as moments
from graphsms.errors import InputError, UnknownIdError
from graphsms.ingest.nearest import did_you_mean
from graphsms.queries.header import Parameter, Query
from graphsms.store import Store
from graphsms.vocabulary import Code, Vocabulary

__all__ = ["Bound", "bound"]

_AHEAD: Final = re.compile(r"\+ ?(\d{1,6}) days?", re.ASCII)  # short of the year 9999
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Bound: TypeAlias = str | int | Code


def bound(
    store: Store, query: Query, given: Mapping[str, object], at: int | None, zone: tzinfo = UTC
) -> dict[str, Bound]:
    """The values of all parameters of a query, from what was given and the defaults; dates without a zone are in one.

    Returns
    -------
    dict of str to (str, int or Code)
        An id, a canonical moment, a whole number, a text, or a code, as the parameter declares.

    Raises
    ------
    InputError
        A value is missing, unknown, or none of its kind.
    UnknownIdError
        No entity has an id that was given.
    """
    known = [parameter.name for parameter in query.parameters]
    for name in given:
        if name not in known:
            declared = f"it has {', '.join(known)}" if known else "it has none"
            raise InputError(f"{_shown(query)} has no parameter {name!r}; {declared}.{did_you_mean(name, known)}")
    found: dict[str, Bound] = {}
    for parameter in query.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is None:
            meaning = f" ({parameter.meaning})" if parameter.meaning else ""
            article = "an" if parameter.kind in ("entity", "integer") else "a"
            raise InputError(
                f"{_shown(query)} needs the parameter {parameter.name}{meaning}: {article} {parameter.kind}."
            )
        found[parameter.name] = _value(store, parameter, value, at, zone)
    return found


def _value(store: Store, parameter: Parameter, value: object, at: int | None, zone: tzinfo) -> Bound:
    text = str(value).strip() if parameter.kind != "entity" else str(value)
    if parameter.kind == "entity":
        if store.entity(text, at) is None:
            raise UnknownIdError(text, store.nearest_ids(text))
        return text
    if parameter.kind in ("moment", "beginning"):
        if text == "now":
            return moments.now()
        if ahead := _AHEAD.fullmatch(text):
            return moments.canonical_moment(datetime.now(UTC) + timedelta(days=int(ahead[1])))
        day = parameter.kind == "beginning" and _DAY.fullmatch(text)
        return moments.moment(f"{text}T00:00" if day else text, zone)
    if parameter.kind == "integer":
        try:
            number = int(text)
        except ValueError:
            raise InputError(f"{parameter.name} is {text!r}; it must be a whole number.") from None
        if not -(2**63) <= number < 2**63:
            raise InputError(f"{parameter.name} is {text}; it must fit in 64 bits.")
        return number
    if parameter.kind == "code":
        return _code(store.vocabulary, parameter, text)
    return str(value)


def _code(vocabulary: Vocabulary, parameter: Parameter, text: str) -> Code:
    codes = vocabulary.code_lists.get(str(parameter.code_list))
    if codes is None:
        raise InputError(f"{parameter.name}: the ontology has no code list {parameter.code_list!r}.")
    code = codes.code(text)
    if code is None:
        notations = [one.notation for one in codes.codes]
        hint = did_you_mean(text, notations)
        raise InputError(f"{parameter.name} is {text!r}; it must be one of {', '.join(notations)}.{hint}")
    return code


def _shown(query: Query) -> str:
    return f"The query {query.name}" if query.name else "The query"
