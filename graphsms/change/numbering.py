"""Ids of requests that are made here, by the form that the policy states, such as ``rfc-{number:4}``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from graphsms.store import Store

__all__ = ["next_id", "problem_of_numbering"]

_PLACE: Final = re.compile(r"\{(year|number)(?::(\d))?\}", re.ASCII)
MOST: Final = 200  # characters of a form
_TRIED: Final = 10_000


def problem_of_numbering(form: object) -> str:
    """Why something is no form of ids, in a sentence; "" for one that is.

    Examples
    --------
    >>> problem_of_numbering("CHG-{year}-{number:4}")
    ''
    >>> problem_of_numbering("CHG")
    'Say where the number goes, once, such as rfc-{number:4}; {year} may stand beside it.'
    """
    if not isinstance(form, str) or len(form) > MOST or not form.isprintable() or form != form.strip():
        return "It must be text such as rfc-{number:4}."
    places = [found[1] for found in _PLACE.finditer(form)]
    if places.count("number") != 1 or re.search(r"[{}]", _PLACE.sub("", form)):
        return "Say where the number goes, once, such as rfc-{number:4}; {year} may stand beside it."
    return ""


def next_id(form: str, year: int, ids: Iterable[str], store: Store) -> str:
    """The id after the highest of its form; one that was ever used for anything is not used again.

    Parameters
    ----------
    form : str
    year : int
        Numbers begin anew in each where the form has it.
    ids : iterable of str
        Those of the requests that there are.
    store : Store
        Where ids that are gone are looked for.
    """
    pattern = re.compile(_filled(re.escape(form).replace(r"\{", "{").replace(r"\}", "}").replace(r"\:", ":"), year))
    taken = [int(found[1]) for id in ids if (found := pattern.fullmatch(id))]
    number = max(taken, default=0)
    for _ in range(_TRIED):
        number += 1
        id = _filled(form, year, number)
        if store.entity(id) is None and not store.touched_of(id):
            return id
    raise AssertionError(f"{_TRIED:,} ids in a row were used and are gone")


def _filled(form: str, year: int, number: int | None = None) -> str:
    def fill(place: re.Match[str]) -> str:
        width = int(place[2] or 0)
        if place[1] == "year":
            return f"{year:0{width or 4}d}"
        return r"(\d{1,18})" if number is None else f"{number:0{width or 1}d}"

    return _PLACE.sub(fill, form)
