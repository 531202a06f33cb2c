"""What a query file says of itself: what it answers, for which clause, with which parameters.

::

    # Which services stand on a configuration item, directly or not?
    # clause: 8.2.6, 8.5.1.3 a)
    # parameter: ci entity -- the configuration item
    # parameter: on moment = now -- when agreements must be in force

The comments at the head of a file say it, after ``#`` in SPARQL and ``//`` in Cypher. A parameter is an ``entity``
(its id), a ``moment`` (``now``, ``+30 days``, a date and time, or a date and then its end), a ``beginning`` (likewise,
but of a date the beginning), an ``integer``, a ``text``, or a ``code`` of a list; one with a default can be left out,
one without cannot. A text of one's own may begin with the same comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from graphsms.errors import InputError

__all__ = ["Kind", "Language", "Parameter", "Query", "query_of"]

Language: TypeAlias = Literal["sparql", "cypher"]
Kind: TypeAlias = Literal["entity", "moment", "beginning", "integer", "text", "code"]

_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_COMMENT: Final = {"sparql": re.compile(r"\s*#+ ?(.*)"), "cypher": re.compile(r"\s*//+ ?(.*)")}
_PARAMETER: Final = re.compile(
    r"(?P<name>\w+) (?P<kind>\w+)(?: (?P<code_list>\w+))?(?: = (?P<default>.*?))?(?: -- (?P<meaning>.*))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query: ``code_list`` where it is a code; ``default`` as text, None where there is none."""

    name: str
    kind: Kind
    code_list: str | None
    default: str | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query with what its head says.

    Parameters
    ----------
    name : str
        Of one of ours; "" for a text.
    language : {"sparql", "cypher"}
    text : str
        As in the file, head included.
    purpose : str
        The question that it answers, one sentence.
    clause : str
        The clauses of ISO/IEC 20000-1:2018 that ask it, with commas.
    parameters : tuple of Parameter
    """

    name: str
    language: Language
    text: str
    purpose: str
    clause: str
    parameters: tuple[Parameter, ...]


def query_of(text: str, language: Language, name: str = "") -> Query:
    """A query from its text.

    Raises
    ------
    InputError
        Its head declares a parameter that is none.

    Examples
    --------
    >>> query = query_of("# What is there?\\n# parameter: on moment = now -- when\\nSELECT ...", "sparql")
    >>> query.purpose, query.parameters[0].name, query.parameters[0].default
    ('What is there?', 'on', 'now')
    """
    purpose: list[str] = []
    clause = ""
    parameters: list[Parameter] = []
    for line in text.splitlines():
        found = _COMMENT[language].fullmatch(line)
        if found is None:
            if line.strip():
                break
            continue
        key, _, value = found[1].partition(":")
        if key == "clause":
            clause = value.strip()
        elif key == "parameter":
            parameters.append(_parameter(value.strip()))
        elif not clause and not parameters:
            purpose.append(found[1].strip())
    return Query(name, language, text, " ".join(purpose).strip(), clause, tuple(parameters))


def _parameter(text: str) -> Parameter:
    found = _PARAMETER.fullmatch(text)
    kind = next((kind for kind in _KINDS if found is not None and found["kind"] == kind), None)
    if found is None or kind is None or (kind == "code") != (found["code_list"] is not None):
        raise InputError(
            f"A query declares the parameter {text!r}; write it as NAME KIND = DEFAULT -- MEANING, "
            f"where KIND is {', '.join(_KINDS)} LIST."
        )
    return Parameter(found["name"], kind, found["code_list"], found["default"], found["meaning"] or "")
