"""The documents, laws and objectives that registers list, each once: put together from all that is said of it.

What is no more than a name is *planned*. A name that another entry spells otherwise is another document: whether the
two are one is for people to say (`graphsms reconcile`). One reference is one document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from graphsms.ingest.documents import LocatedDict, line_of
from graphsms.ingest.foreign import Take
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.ingest.register_words import RegisterWords
from graphsms.ingest.serving import Served
from graphsms.ingest.tabular.values import FILTERS
from graphsms.ingest.wording import words
from graphsms.model import Fault, Origin
from graphsms.moments import come
from graphsms.values import canonical

__all__ = ["Document", "Documents", "slug"]

# Any of these, and it is more than a name.
_THERE: Final = ("version", "approvedOn", "fileLocation", "sha256", "issuedOn")
_STATUS: Final = "documentStatus"
_PLANNED: Final = "planned"
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def slug(text: str) -> str:
    """The part of an id that a name makes.

    Examples
    --------
    >>> slug("Nonconformance & Corrective Action Register")
    'nonconformance-corrective-action-register'
    """
    return FILTERS["slug"](text)


@dataclass(slots=True)
class Document:
    """Something that a register lists, as it is known so far."""

    id: str
    type: str
    name: str
    origin: Origin
    documented: bool
    properties: dict[str, object] = field(default_factory=dict)
    relations: dict[tuple[str, str], RawRelation] = field(default_factory=dict)

    def status(self) -> str:
        """Its status, where it is a document: planned, where there is no more than a name."""
        stated = self.properties.get(_STATUS)
        if stated or not self.documented:
            return str(stated or "")
        return "" if any(self.properties.get(one) for one in _THERE) else _PLANNED


class Documents:
    """All that the registers of one import list.

    Parameters
    ----------
    register : RegisterWords
    fault, warn : callable
        Take what is wrong, and what is doubtful.
    """

    def __init__(self, register: RegisterWords, fault: Take, warn: Take) -> None:
        self.register = register
        self.rules = register.rules
        self.fault = fault
        self.warn = warn
        self._found: dict[str, Document] = {}
        self._spelled: dict[tuple[str, str], list[Document]] = {}
        self._by_reference: dict[str, Document] = {}
        self._others: dict[str, RawEntity] = {}
        # A day is over somewhere before it is here.
        self._latest = (date.fromisoformat(come()[:10]) + timedelta(days=1)).isoformat()

    def _by_role(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        return ((str(one["property"]), one) for one in self.rules["fields"] if "property" in one)

    def __iter__(self) -> Iterator[RawStatement]:
        """What is to be stated, once all is read."""
        yield from self._others.values()
        for one in self._found.values():
            properties = {"name": one.name, **one.properties}
            if status := one.status():
                properties[_STATUS] = status
            yield RawEntity(one.id, one.type, properties, one.origin)
        for one in self._found.values():
            yield from one.relations.values()

    def document(self, type: str, name: str, origin: Origin, prefix: str, properties: Mapping[str, object]) -> Document:
        """The document of a name; one that was met before, where it is spelled just so and is of that kind."""
        words_of = self.register.vocabulary
        reference = str(properties.get("reference") or "").strip()
        known = self._by_reference.get(f"{prefix}:{reference}") if reference else None
        if known is not None and known.name != name:
            message = f"Its reference {reference} is that of {known.name!r} ({known.origin}): they are taken as one."
            self.warn(Fault(origin, known.id, "reference", "same-reference", message))
        key = (prefix, slug(name))
        if known is None:
            same = (
                one
                for one in self._spelled.get(key, ())
                if one.name == name
                and (words_of.is_a(type, one.type) or words_of.is_a(one.type, type))
                and reference in ("", str(one.properties.get("reference") or reference))
            )
            known = next(same, None)
        if known is None:
            spelled = self._spelled.setdefault(key, [])
            id = f"{prefix}:{key[1]}" + (f"-{len(spelled) + 1}" if spelled else "")
            while id in self._found:
                id += "-2"
            documented = words_of.is_a(type, words_of.known_as("documented information"))
            known = self._found[id] = Document(id, type, name, origin, documented)
            spelled.append(known)
        elif words_of.is_a(type, known.type):
            known.type = type
        if reference:
            self._by_reference[f"{prefix}:{reference}"] = known
        self.say(known, properties, origin)
        return known

    def say(self, of: Document, properties: Mapping[str, object], origin: Origin) -> None:
        """What an entry says of a document beside what others say; the later holds, and what is wrong is a fault."""
        for name, value in properties.items():
            if value is None or value == "" or name == "name":
                continue
            at = Origin(origin.file, line_of(properties, name)) if isinstance(properties, LocatedDict) else origin
            if not self.sound(name, value, at, of.id):
                continue
            before = of.properties.get(name, value)
            if str(before) != str(value):
                message = f"is {str(value)!r} here and {str(before)!r} in {of.origin}; this one holds."
                self.warn(Fault(origin, of.id, name, "conflicting-values", message))
            of.properties[name] = value

    def sound(self, name: str, value: object, origin: Origin, subject: str) -> bool:
        """Whether a property can have a value, and a day on which something is said to have been done has come."""
        vocabulary = self.register.vocabulary
        try:
            canonical(vocabulary.properties[name], value, vocabulary)
        except ValueError as error:
            self.fault(Fault(origin, subject, name, "wrong-value", f"{error}."))
            return False
        text = str(value)[:10]
        past = next((one.get("past") for role, one in self._by_role() if role == name), None)
        if past and _DATE.fullmatch(text) and text > self._latest:
            message = f"{name} is {text}, which is still to come: say when it was done, or leave it out."
            self.fault(Fault(origin, subject, name, "future-date", message))
            return False
        return True

    # ----------------------------------------------------------------------------------- relations

    def leads(self, of: Document, relation: str, to: str, origin: Origin, said: Mapping[str, object]) -> None:
        """A relation of a document; what leads to all of a demand is not less for another entry."""
        before = of.relations.get((relation, to))
        if before is None or not said:
            of.relations[relation, to] = RawRelation(relation, of.id, to, origin, said)

    def serves(self, of: Document, requirements: list[Served] | tuple[Served, ...], origin: Origin) -> None:
        """That a document serves requirements."""
        shows = self.rules["shows"]
        kind = shows if self.register.vocabulary.is_a(of.type, shows["of"]["type"]) else self.rules["serves"]
        for one in requirements:
            its = one.requirement
            self.other(its.id, self.rules["requirement"]["type"], its.anchor, origin)
            self.leads(of, kind["relation"], its.id, origin, one.said)

    def party(self, name: str, origin: Origin) -> str:
        """The id of an owner or approver: a person, or a role by its words."""
        if not slug(name):
            self.fault(Fault(origin, "", "", "missing-name", f"{name[:60]!r} is no name: it has no letter or digit."))
        role = bool(words(name) & frozenset(self.rules["role"]["words"]))
        id = f"{'role' if role else 'person'}:{slug(name)}"
        self.other(id, self.rules["role" if role else "person"]["type"], name, origin)
        return id

    def other(self, id: str, type: str, name: str, origin: Origin) -> None:
        """Something beside the documents, stated once."""
        self._others.setdefault(id, RawEntity(id, type, {"name": name}, origin))
