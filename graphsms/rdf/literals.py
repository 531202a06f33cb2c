"""Values of properties as RDF terms and back: one canonical lexical form for each (XML Schema 1.1, part 2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pyoxigraph as ox

from graphsms.model import Scalar
from graphsms.rdf.terms import XSD
from graphsms.vocabulary import PropertyType, Vocabulary

__all__ = ["raw_value", "term_of"]

_SIZES: Final = ("long", "int", "short", "byte")
_INTEGERS: Final = frozenset(
    {"integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger", *_SIZES}
    | {f"unsigned{size.title()}" for size in _SIZES}
)
# What may stand for a value of a datatype beside plain text and the datatype itself: what is one of it anyway.
_ALSO: Final = {
    "string": frozenset({"normalizedString", "token"}),
    "boolean": frozenset[str](),
    "integer": _INTEGERS,
    "decimal": _INTEGERS | {"double", "float"},
    "double": _INTEGERS | {"decimal", "float"},
    "dateTime": frozenset({"dateTimeStamp", "date"}),
    "date": frozenset[str](),
    "duration": frozenset({"dayTimeDuration", "yearMonthDuration"}),
    "anyURI": frozenset[str](),
}
_DATATYPE: Final = {name: ox.NamedNode(XSD + name) for name in _ALSO}


def term_of(property: PropertyType, value: Scalar, vocabulary: Vocabulary) -> ox.Literal | ox.NamedNode:
    """The RDF term of one canonical value of a property.

    Raises
    ------
    ValueError
        The value is a code that its list does not have.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> vocabulary = load()
    >>> str(term_of(vocabulary.properties["lifecycle"], "in build", vocabulary))
    '<https://w3id.org/graphsms/ontology#inBuild>'
    >>> str(term_of(vocabulary.properties["validTo"], "2026-11-22T00:00:00Z", vocabulary))
    '"2026-11-22T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
    """
    if property.code_list is not None:
        code = vocabulary.code_lists[property.code_list].code(str(value))
        if code is None:
            raise ValueError(f"{property.name} is {value!r}, which the code list {property.code_list} does not have")
        return ox.NamedNode(code.iri)
    if property.datatype == "string":
        return ox.Literal(str(value))
    return ox.Literal(lexical(property.datatype, value), datatype=_DATATYPE[property.datatype])


def lexical(datatype: str, value: Scalar) -> str:
    """The canonical lexical form of a canonical value.

    Examples
    --------
    >>> lexical("decimal", 3.0), lexical("decimal", 1e-07), lexical("double", 1500.0), lexical("boolean", True)
    ('3', '0.0000001', '1.5E3', 'true')
    >>> lexical("dateTime", "2026-11-21T09:30:00.500000Z")
    '2026-11-21T09:30:00.5Z'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if datatype == "decimal":
        text = format(Decimal(repr(value)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if datatype == "double":
        return _double(float(value))
    if datatype == "dateTime" and "." in str(value):
        return str(value).removesuffix("Z").rstrip("0") + "Z"
    return str(value)


def _double(value: float) -> str:
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int), "canonical values are finite"
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    return f"{'-' * sign}{first}.{rest or 0}E{exponent + len(rest) if value else 0}"


def raw_value(property: PropertyType, term: ox.NamedNode | ox.Literal) -> str:
    """What a triple states as a value of a property, as `graphsms.values.canonical` takes it.

    Raises
    ------
    ValueError
        The term is of a kind or a datatype that cannot be a value of the property; the message says
        what would do.
    """
    if isinstance(term, ox.NamedNode):
        if property.code_list is None and property.datatype != "anyURI":
            raise ValueError(f"is the IRI <{term.value}>; it must be a literal of xsd:{property.datatype}")
        return term.value
    if term.language is not None:
        raise ValueError(f'is text in a language ("@{term.language}"); write it without the language tag')
    datatype = term.datatype.value.removeprefix(XSD)
    expected = "string" if property.code_list is not None else property.datatype
    if datatype != "string" and datatype != expected and datatype not in _ALSO[expected]:
        shown = f"xsd:{datatype}" if term.datatype.value.startswith(XSD) else f"<{datatype}>"
        raise ValueError(f"is a literal of {shown}; it must be one of xsd:{expected}")
    return term.value
