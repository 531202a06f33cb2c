"""Queries in SPARQL 1.1, on any store: parameters are bound, nothing is written, nothing is fetched.

A parameter is a variable that the query selects; its value is substituted for it (SEP-0007 of the SPARQL community). A
subselect is a scope of its own: it sees a parameter only if it selects it too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import pyoxigraph as ox

from graphsms.errors import InputError
from graphsms.model import Scalar
from graphsms.moments import canonical_moment
from graphsms.queries.dataset import dataset
from graphsms.queries.header import Query
from graphsms.queries.values import Bound
from graphsms.rdf import PREFIXES, id_of, iri_of
from graphsms.rdf.terms import XSD
from graphsms.report.tables import Table
from graphsms.store import Store
from graphsms.vocabulary import NAMESPACE, Code, Vocabulary

__all__ = ["run_sparql"]

_PREFIXES: Final = {
    **PREFIXES,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
_DATE_TIME: Final = ox.NamedNode(XSD + "dateTime")

# Strings, IRIs, comments, variables, language tags and prefixed names hold no keywords; what is left of the words are.
_TOKEN: Final = re.compile(
    "|".join(
        [
            *(rf"{q * 3}(?:[^{q}\\]|\\.|{q}(?!{q * 2}))*{q * 3}" for q in "\"'"),
            *(rf"{q}(?:[^{q}\\\n]|\\.)*{q}" for q in "\"'"),
            r"<[^<>\"{}|^`\\\x00-\x20]*>",
            r"#[^\n]*",
            r"[?$@]\w+",
            r"[\w.-]*:(?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\.)(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*)?",
            r"(?P<word>[A-Za-z]+)",
            r".",
        ]
    ),
    re.DOTALL,
)
_UPDATES: Final = frozenset(
    ["insert", "delete", "load", "clear", "create", "drop", "copy", "move", "add", "with", "using"]
)
_ESCAPE: Final = re.compile(r"\\[uU]")


def run_sparql(store: Store, query: Query, values: Mapping[str, Bound], at: int) -> Table:
    """The answer of a query to the graph at a revision.

    Returns
    -------
    Table
        Of SELECT, one column a variable, without the parameters; entities as ids, terms of the ontology as their
        local names, codes as notations, literals as values, None where a variable is unbound. Of ASK, one cell; of
        CONSTRUCT and DESCRIBE, subject, predicate and object.

    Raises
    ------
    InputError
        The text is not SPARQL, writes, or would fetch something; or a parameter is not selected.
    """
    _refuse(query.text)
    rdf = dataset(store, at)
    substitutions: dict[ox.Variable, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple] = {
        ox.Variable(name): _term(value, query, name) for name, value in values.items()
    }
    try:
        result = rdf.query(query.text, prefixes=_PREFIXES, substitutions=substitutions or None)
        return _table(result, frozenset(values), store.vocabulary)
    except SyntaxError as error:
        raise InputError(f"This is not SPARQL: {_placed(error.msg)}.") from None
    except RuntimeError as error:
        missing = re.search(r"variable \?(\w+) in its SELECT", str(error))
        if missing:
            raise InputError(f"The query must select its parameter ?{missing[1]} to have it bound.") from None
        raise InputError(f"The query cannot be answered: {error}.") from None


def _refuse(text: str) -> None:
    """Refuse what would write, or read from elsewhere: an engine might do so without asking."""
    if _ESCAPE.search(text):
        raise InputError(r"Write the characters themselves in a query, not \u escapes.")
    words = [found["word"].lower() for found in _TOKEN.finditer(text) if found["word"]]
    if any("service" in word for word in words):  # nothing need stand between a keyword and the word before it
        raise InputError("A query here asks this graph only: SERVICE is refused.")
    if "from" in words:
        raise InputError("A query here asks this graph only: FROM is refused; there is but one graph.")
    first = next((word for word in words if word not in ("prefix", "base")), "")
    if first in _UPDATES:
        raise InputError(f"A query only reads: {first.upper()} is refused. To change the graph, import a file.")


def _placed(message: str) -> str:
    """``error at 2:9: expected ...`` in words."""
    return re.sub(r"^error at (\d+):(\d+): ", r"line \1, column \2: ", message)


def _term(value: Bound, query: Query, name: str) -> ox.NamedNode | ox.Literal:
    if isinstance(value, Code):
        return ox.NamedNode(value.iri)
    if isinstance(value, int):
        return ox.Literal(value)
    kind = next(parameter.kind for parameter in query.parameters if parameter.name == name)
    if kind == "entity":
        return ox.NamedNode(iri_of(value))
    return ox.Literal(value, datatype=_DATE_TIME) if kind in ("moment", "beginning") else ox.Literal(value)


def _table(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, given: frozenset[str], vocabulary: Vocabulary
) -> Table:
    if isinstance(result, ox.QueryBoolean):
        return Table(("answer",), ((bool(result),),))
    if isinstance(result, ox.QueryTriples):
        rows = tuple(tuple(_cell(one, vocabulary) for one in triple) for triple in result)
        return Table(("subject", "predicate", "object"), rows)
    names = [variable.value for variable in result.variables]
    shown = [number for number, name in enumerate(names) if name not in given]
    return Table(
        tuple(names[number] for number in shown),
        tuple(tuple(_cell(row[number], vocabulary) for number in shown) for row in result),
    )


def _cell(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None, vocabulary: Vocabulary) -> Scalar | None:
    if isinstance(term, ox.NamedNode):
        known = vocabulary.by_iri.get(term.value)
        if known is not None:
            return known.notation if isinstance(known, Code) else known.name
        if term.value.startswith(NAMESPACE):
            return term.value.removeprefix(NAMESPACE)
        try:
            return id_of(term.value)
        except ValueError:
            return term.value
    if not isinstance(term, ox.Literal):
        return None if term is None else str(term)
    datatype = term.datatype.value.removeprefix(XSD)
    try:
        if datatype == "boolean":
            return term.value in ("true", "1")
        if datatype == "integer":
            return int(term.value)
        if datatype in ("decimal", "double", "float"):
            return float(term.value)
        if datatype == "dateTime":
            return canonical_moment(datetime.fromisoformat(term.value))
    except ValueError:
        pass  # an ill-typed literal is shown as it is
    return term.value
