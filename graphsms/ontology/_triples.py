"""The triples of the ontology files, by subject and predicate, and how a fault in them is told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from graphsms.errors import VocabularyError
from graphsms.vocabulary import NAMESPACE

__all__ = ["DEFINITION", "LABEL", "OWL", "RDFS", "SH", "SKOS", "Triples", "local", "sms"]

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SH: Final = "http://www.w3.org/ns/shacl#"
LABEL: Final = SKOS + "prefLabel"
DEFINITION: Final = SKOS + "definition"

_TYPE: Final = RDF + "type"
_UNION: Final = OWL + "unionOf"
_FIRST: Final = RDF + "first"
_REST: Final = RDF + "rest"
# What every term says for readers of the Turtle, and nothing here asks for: a quarter of all triples.
_FOR_READERS: Final = frozenset({RDFS + "isDefinedBy", "http://www.w3.org/2003/06/sw-vocab-status/ns#term_status"})
_TRUE_FALSE: Final = {"true": True, "1": True, "false": False, "0": False}
_Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def local(iri: str) -> str:
    """The last part of an IRI, by which people and labels call it.

    Examples
    --------
    >>> local("https://w3id.org/graphsms/ontology#dependsOn")
    'dependsOn'
    """
    found = iri.rfind("#")
    return iri[(found if found >= 0 else max(iri.rfind("/"), iri.rfind(":"))) + 1 :]


def sms(name: str) -> str:
    """The IRI of a term of our own ontology."""
    return NAMESPACE + name


class Triples:
    """What all files say together. Subjects are keyed by their IRI or the label of the blank node.

    Parameters
    ----------
    files : sequence of Path
        Turtle, in order.

    Attributes
    ----------
    about : dict
        Subject → predicate → objects.
    typed : dict
        Class → the IRIs that are stated to be of it, once each, in order.
    hash : str
        SHA-256 (hex) over the files, in order.

    Raises
    ------
    VocabularyError
        A file cannot be read or is not Turtle.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self.about: dict[str, dict[str, list[_Node]]] = {}
        self.typed: dict[str, dict[str, None]] = {}
        self._declared_in: dict[str, Path] = {}
        digest = hashlib.sha256()
        for number, path in enumerate(files):
            try:
                content = path.read_bytes()
                digest.update(len(content).to_bytes(8, "big") + content)
                self._read(path, content, rename_blank_nodes=number > 0)
            except OSError as error:
                raise VocabularyError(f"{path}: the ontology file cannot be read: {error.strerror}") from error
            except (SyntaxError, ValueError) as error:
                raise VocabularyError(f"{path}: this is not Turtle: {error}") from error
        self.hash = digest.hexdigest()

    def _read(self, path: Path, content: bytes, *, rename_blank_nodes: bool) -> None:
        # Dictionaries are probed rather than defaulted, and no part of a quad is asked for twice: this loop
        # is most of what reading the ontology costs.
        about, named, for_readers = self.about, ox.NamedNode, _FOR_READERS
        for quad in ox.parse(content, format=ox.RdfFormat.TURTLE, rename_blank_nodes=rename_blank_nodes):
            said = quad.predicate.value
            if said in for_readers:
                continue
            subject, value = quad.subject, quad.object
            key = subject.value
            facts = about.get(key)
            if facts is None:
                facts = about[key] = {}
            known = facts.get(said)
            if known is None:
                facts[said] = [value]
            elif value not in known:
                known.append(value)
            if said == _TYPE and type(subject) is named:
                self._declared_in.setdefault(key, path)
                if type(value) is named:
                    self.typed.setdefault(value.value, {})[key] = None

    def iris(self, subject: str, predicate: str) -> list[str]:
        """The IRIs that stand there, once each."""
        return [o.value for o in self._objects(subject, predicate) if type(o) is ox.NamedNode]

    def iri(self, subject: str, predicate: str) -> str | None:
        """The one IRI that stands there, or None."""
        found = self._objects(subject, predicate)
        if not found:
            return None
        if len(found) > 1 or not isinstance(found[0], ox.NamedNode):
            raise self.wrong(subject, f"{_shown(predicate)} must be one term, and it is stated {_stated(found)}")
        return found[0].value

    def literal(self, subject: str, predicate: str) -> str | None:
        """The one literal that stands there, or None."""
        found = self._objects(subject, predicate)
        if not found:
            return None
        if len(found) > 1 or not isinstance(found[0], ox.Literal):
            raise self.wrong(subject, f"{_shown(predicate)} must be one value, and it is stated {_stated(found)}")
        return found[0].value

    def whole(self, subject: str, predicate: str) -> int | None:
        """The one whole number that stands there, or None."""
        text = self.literal(subject, predicate)
        try:
            return None if text is None else int(text)
        except ValueError:
            raise self.wrong(subject, f"{_shown(predicate)} must be a whole number, not {text!r}") from None

    def number(self, subject: str, predicate: str) -> float | None:
        """The one number that stands there, or None."""
        text = self.literal(subject, predicate)
        try:
            return None if text is None else float(text)
        except ValueError:
            raise self.wrong(subject, f"{_shown(predicate)} must be a number, not {text!r}") from None

    def boolean(self, subject: str, predicate: str) -> bool | None:
        """The one truth value that stands there, or None."""
        text = self.literal(subject, predicate)
        if text is None:
            return None
        if text not in _TRUE_FALSE:
            raise self.wrong(subject, f"{_shown(predicate)} must be true or false, not {text!r}")
        return _TRUE_FALSE[text]

    def texts(self, subject: str, predicate: str) -> tuple[str, ...]:
        """Every literal that stands there."""
        return tuple(o.value for o in self._objects(subject, predicate) if type(o) is ox.Literal)

    def english(self, subject: str, predicate: str, default: str = "") -> str:
        """The text in English, else without or in any language, else the default."""
        stated = self._objects(subject, predicate)
        if len(stated) == 1 and type(stated[0]) is ox.Literal:
            return stated[0].value
        found = [o for o in stated if isinstance(o, ox.Literal)]
        if not found:
            return default
        return next((o.value for o in found if (o.language or "").split("-")[0] == "en"), found[0].value)

    def classes(self, subject: str, predicate: str) -> list[str]:
        """The IRIs of the classes that stand there as alternatives: one, or an owl:unionOf."""
        found = self._objects(subject, predicate)
        if len(found) > 1:
            raise self.wrong(
                subject,
                f"{_shown(predicate)} is stated {_stated(found)}, which OWL reads as their intersection; "
                "give alternatives as one owl:unionOf",
            )
        if not found or isinstance(found[0], ox.NamedNode):
            return [one.value for one in found if isinstance(one, ox.NamedNode)]
        members = list(self.members(found[0].value, _UNION)) if isinstance(found[0], ox.BlankNode) else []
        if not members:
            raise self.wrong(subject, f"{_shown(predicate)} must be a class, a datatype or an owl:unionOf of classes")
        return members

    def members(self, subject: str, predicate: str) -> Iterator[str]:
        """The IRIs in the list that stands there."""
        heads = self._objects(subject, predicate)
        while heads and isinstance(heads[0], ox.BlankNode):
            head = heads[0].value
            yield from self.iris(head, _FIRST)
            heads = self._objects(head, _REST)

    def nodes(self, subject: str, predicate: str) -> list[str]:
        """The keys of the subjects, named or blank, that stand there."""
        return [o.value for o in self._objects(subject, predicate) if isinstance(o, ox.NamedNode | ox.BlankNode)]

    def wrong(self, term: str, rule: str) -> VocabularyError:
        """The error that says in which file which term breaks which rule."""
        where = self._declared_in.get(term)
        return VocabularyError(f"{where or 'the ontology'}: {local(term) or term}: {rule}")

    def _objects(self, subject: str, predicate: str) -> list[_Node]:
        facts = self.about.get(subject)
        return facts.get(predicate, []) if facts else []


def _shown(predicate: str) -> str:
    """A predicate as people write it."""
    for prefix, namespace in (("sms", NAMESPACE), ("rdfs", RDFS), ("owl", OWL), ("skos", SKOS), ("sh", SH)):
        if predicate.startswith(namespace):
            return f"{prefix}:{local(predicate)}"
    return predicate


def _stated(found: Sequence[_Node]) -> str:
    return "as " + " and ".join(local(o.value) if isinstance(o, ox.NamedNode) else str(o) for o in found)
