"""Named queries (``queries/*.rq`` and ``*.cypher``) and people's own, run on a store.

The same question in SPARQL, which runs on any store, and in Cypher, which runs where the graph is in Neo4j, has the
same answer. What a file says of itself: `graphsms.queries.header`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final

from graphsms.errors import InputError
from graphsms.ingest.nearest import did_you_mean
from graphsms.queries.header import Language, Parameter, Query, query_of
from graphsms.report.tables import Table
from graphsms.resources import resource
from graphsms.store import Store

__all__ = ["Parameter", "Query", "load", "names", "run"]

_SUFFIX: Final[Mapping[Language, str]] = {"sparql": ".rq", "cypher": ".cypher"}
_NAME: Final = re.compile(r"[^\s{}()]+")  # no query is a single word


def names() -> list[str]:
    """The names of our queries, in alphabetical order.

    Examples
    --------
    >>> "services-on-a-ci" in names()
    True
    """
    return sorted(path.stem for path in resource("queries").glob(f"*{_SUFFIX['sparql']}"))


def load(name: str, language: Language = "sparql") -> Query:
    """One of our queries by its name.

    Raises
    ------
    InputError
        There is none of that name, or not in that language.

    Examples
    --------
    >>> load("services-on-a-ci").purpose
    'Which services stand on a configuration item, directly or not?'
    """
    path: Path = resource("queries") / f"{name}{_SUFFIX[language]}"
    if name not in names():
        meant = did_you_mean(name, names()) or " `graphsms query` lists them."
        raise InputError(f"There is no query {name!r}.{meant}")
    if not path.is_file():
        raise InputError(f"The query {name} cannot be asked in {language}.")
    return query_of(path.read_text(encoding="utf-8"), language, name)


def run(
    store: Store,
    query: str,
    parameters: Mapping[str, object] | None = None,
    *,
    language: Language = "sparql",
    at: int | None = None,
    zone: tzinfo = UTC,
) -> Table:
    """Answer a query.

    Parameters
    ----------
    store : Store
    query : str
        The name of one of ours, or a text; a single word is a name.
    parameters : mapping of str to object, optional
        Values of the parameters that the query declares; see `graphsms.queries.header`.
    language : {"sparql", "cypher"}
    at : int, optional
        For SPARQL, as of that revision; without it, the present one. Cypher sees the present graph only.
    zone : tzinfo
        Of dates among the parameters that state none.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        There is no such query, a parameter is missing or wrong, or the text cannot be run.
    UnknownIdError
        A parameter is no id of an entity.
    """
    from graphsms.queries.values import bound

    if language not in _SUFFIX:
        raise InputError(f"There is no language {language!r} of queries; there are {', '.join(_SUFFIX)}.")
    found = load(query, language) if _NAME.fullmatch(query.strip()) else query_of(query, language)
    values = bound(store, found, parameters or {}, at, zone)
    if language == "cypher":
        from graphsms.queries.cypher import run_cypher

        if at is not None and at != store.revision().number:
            raise InputError("Cypher sees the present graph only; ask about an earlier revision in SPARQL.")
        return run_cypher(store, found, values)
    from graphsms.queries.sparql import run_sparql

    return run_sparql(store, found, values, store.revision().number if at is None else at)
