"""The defined terms of both editions, with our own definitions: a vocabulary beside the graph, read when asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from graphsms.resources import resource
from graphsms.vocabulary import NAMESPACE

__all__ = ["Term", "defined_terms", "terms_on"]

_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_BASE: Final = "https://w3id.org/graphsms/terms/"


@dataclass(frozen=True, slots=True)
class Term:
    """A term that an edition defines.

    Parameters
    ----------
    edition, number, name : str
    also : tuple of str
        Abbreviations and other names.
    definition : str
        Ours; the standard has its own.
    broader, related : tuple of str
        Numbers of terms of the same edition.
    same, near : tuple of str
        Numbers in the other edition: where the term means the same, and where it means a little more or less or has
        another name.
    types, about : tuple of str
        Terms of our ontology that mean much the same, and that it has to do with.
    note : str
    """

    edition: str
    number: str
    name: str
    also: tuple[str, ...]
    definition: str
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            name: list(value) if isinstance(value := getattr(self, name), tuple) else value
            for name in self.__dataclass_fields__
        }


@cache
def defined_terms() -> tuple[Term, ...]:
    """All defined terms, the newest edition first, in order of their numbers.

    Notes
    -----
    O(triples of the file), read once.

    Examples
    --------
    >>> next(one.name for one in defined_terms() if one.number == "3.2.18")
    'service component'
    """
    import pyoxigraph as ox

    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    file = resource("ontology") / "clauses" / "terms.ttl"
    for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode):
            said[quad.subject.value][quad.predicate.value.removeprefix(_SKOS)].append(quad.object.value)
    found = (_term(iri, its) for iri, its in said.items() if "notation" in its)
    return tuple(sorted(found, key=lambda one: (-int(one.edition), [int(part) for part in one.number.split(".")])))


def _term(iri: str, said: dict[str, list[str]]) -> Term:
    edition = iri.removeprefix(_BASE).partition("/")[0]
    return Term(
        edition=edition,
        number=said["notation"][0],
        name=said["prefLabel"][0],
        also=tuple(said["altLabel"]),
        definition=said["definition"][0],
        broader=_numbers(said["broader"]),
        related=_numbers(said["related"]),
        same=_numbers(said["exactMatch"]),
        near=_numbers(said["closeMatch"]),
        types=_ours(said["closeMatch"]),
        about=_ours(said["relatedMatch"]),
        note="".join(said["scopeNote"]),
    )


def _numbers(iris: Iterable[str]) -> tuple[str, ...]:
    return tuple(one.rpartition("/")[2] for one in iris if one.startswith(_BASE))


def _ours(iris: Iterable[str]) -> tuple[str, ...]:
    return tuple(one.removeprefix(NAMESPACE) for one in iris if one.startswith(NAMESPACE))


def terms_on(word: str | None = None, edition: str | None = None) -> tuple[Term, ...]:
    """The terms that a word stands in: in their names first, then in their definitions and notes; or with a number.

    Parameters
    ----------
    word : str, optional
        Any part of a name, an abbreviation, a number or a type of the graph; without it, all terms.
    edition : str, optional
        The year; without it, both.

    Notes
    -----
    O(terms).

    Examples
    --------
    >>> [(one.edition, one.number) for one in terms_on("CMDB")]
    [('2011', '3.4')]
    >>> [one.name for one in terms_on("3.2.5", "2018")]
    ['incident']
    """
    terms = [one for one in defined_terms() if edition in (None, one.edition)]
    if word is None:
        return tuple(terms)
    asked = " ".join(word.split()).lower()

    def where(one: Term) -> int | None:
        if asked in (one.number, one.name, *(name.lower() for name in (*one.also, *one.types))):
            return 0
        if asked in one.name or asked in map(str.lower, one.about):
            return 1
        return 2 if asked in f"{one.definition} {one.note}".lower() else None

    ranked = [(rank, one) for one in terms if (rank := where(one)) is not None]
    return tuple(one for _, one in sorted(ranked, key=lambda found: found[0]))
