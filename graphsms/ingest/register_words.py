"""By which words of its name an entry of a register is known, and what it serves; the words are data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphsms.clauses import Catalogue, Clause
from graphsms.errors import InputError
from graphsms.ingest.nearest import nearest
from graphsms.ingest.serving import Served, served
from graphsms.ingest.wording import form, words
from graphsms.vocabulary import Vocabulary

__all__ = ["RegisterWords", "Sense", "Told"]

_BRACKETS: Final = re.compile(r"\([^()]*\)")
# What the organization itself holds to be needed: any document may be that.
_OWN: Final = "7.5.1 (1) b)"
_GUESSES: Final = 2


@dataclass(frozen=True, slots=True)
class Sense:
    """What a key of a register is for: its role, and what the mapping says of it."""

    role: str
    rule: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What the name of an entry tells.

    Parameters
    ----------
    type : str
        What it is.
    serves : tuple of Served
        What it serves, or may serve where it is only a ``guess``.
    guess, unrelated : bool
    note : str
    """

    type: str
    serves: tuple[Served, ...] = ()
    guess: bool = False
    unrelated: bool = False
    note: str = ""

    @property
    def anchors(self) -> tuple[str, ...]:
        """Where what it serves stands."""
        return tuple(dict.fromkeys(one.requirement.anchor for one in self.serves))


@dataclass(frozen=True, slots=True)
class _Rule:
    phrases: tuple[frozenset[str], ...]
    said: Mapping[str, Any]


class RegisterWords:
    """The words of a mapping, with the catalogue that they lead to.

    Parameters
    ----------
    rules : mapping
        `graphsms/ingest/mappings/register.yaml`, read.
    catalogue : Catalogue
    vocabulary : Vocabulary
    """

    def __init__(self, rules: Mapping[str, Any], catalogue: Catalogue, vocabulary: Vocabulary) -> None:
        self.rules = rules
        self.catalogue = catalogue
        self.vocabulary = vocabulary
        self._entries = [_Rule(_phrases(one), one) for one in rules["entries"]]
        self._laws = [_Rule(_phrases(one), one) for one in rules["laws"]]
        self._vague = [_Rule(_phrases(one), one) for one in rules["vague"]]
        self._keys: dict[tuple[str, ...], Sense] = {}
        self._spelled: dict[str, None] = {}
        for one in rules["documents"]:
            self._known(one, "documents")
        for role, one in rules["others"].items():
            self._known(one, role)
        self._known({"keys": rules["clauses"]}, "clauses", weak=True)
        for role in ("notes", "written_by_machine"):
            self._known(rules[role], role)
        for one in rules["fields"]:
            self._known(one, "field")
        self._told: dict[tuple[str, str], Told] = {}

    def _known(self, rule: Mapping[str, Any], role: str, *, weak: bool = False) -> None:
        for key in rule["keys"]:
            if not (weak and form(key) in self._keys):
                self._keys[form(key)] = Sense(role, rule)
            self._spelled[key] = None

    # ---------------------------------------------------------------------------------------- keys

    def key(self, said: str) -> Sense | None:
        """What a key of a page is for; case, punctuation, number and what stands in brackets make no difference."""
        return self._keys.get(form(_BRACKETS.sub(" ", said)))

    def field(self, said: str) -> Sense | None:
        """What a key of an entry is for."""
        its = form(_BRACKETS.sub(" ", said))
        if any(its == form(one) for one in self.rules["clauses"]):
            return Sense("clauses", {})
        found = self._keys.get(its)
        return found if found is not None and found.role in ("field", "notes") else None

    def near(self, said: str) -> str:
        """The key that may have been meant, or ""."""
        found = nearest(said, self._spelled, 1)
        return found[0] if found else ""

    # ------------------------------------------------------------------------------------- entries

    def told(self, name: str, type: str) -> Told:
        """What the name of an entry tells, where its key says that it is of a type; the first rule that fits."""
        known = self._told.get((name, type))
        if known is None:
            known = self._told[(name, type)] = self._tell(name, type)
        return known

    def _tell(self, name: str, type: str) -> Told:
        its = words(name)
        for rule in self._entries:
            said = rule.said
            if not any(phrase <= its for phrase in rule.phrases):
                continue
            if "under" in said and not any(self.vocabulary.is_a(type, one) for one in said["under"]):
                continue
            if said.get("unrelated"):
                return Told(type, unrelated=True)
            kind = self._kind(type, said.get("type"))
            note = str(said.get("note", ""))
            if "guess" in said:
                return Told(kind, self._served(kind, said["guess"]), guess=True, note=note)
            whole = not said.get("part")
            serves = self._served(kind, said["requirements"])
            return Told(kind, tuple(Served(one.requirement, one.whole and whole) for one in serves), note=note)
        return Told(type, self._guess(its, type), guess=True)

    def _kind(self, type: str, said: str | None) -> str:
        """The type that the words say, unless the key says another that it is no kind of."""
        if said is None:
            return type
        documented = self.vocabulary.known_as("documented information")
        return said if self.vocabulary.is_a(said, type) or type == documented else type

    def _served(self, type: str, references: Iterable[str]) -> tuple[Served, ...]:
        found: dict[str, Served] = {}
        for reference in references:
            for one in served(type, reference, self.catalogue, self.vocabulary):
                found.setdefault(one.requirement.id, one)
        return tuple(found.values())

    def _guess(self, its: frozenset[str], type: str) -> tuple[Served, ...]:
        """The clauses whose titles share most with a name; for any document, what the organization itself needs."""
        scored = sorted(
            ((sum(1 / self._common[one] for one in its & title), clause) for clause, title in self._titles()),
            key=lambda each: -each[0],
        )
        near = [clause.number for score, clause in scored[:_GUESSES] if score > 0]
        found = [
            Served(requirement, whole=False)
            for number in near
            for requirement in self.catalogue.of_edition()
            if requirement.clause == number and requirement.position == 1
        ]
        if self.vocabulary.is_a(type, self.vocabulary.known_as("documented information")):
            found += [Served(one.requirement, whole=False) for one in self._served(type, [_OWN])]
        return tuple(found)

    def _titles(self) -> list[tuple[Clause, frozenset[str]]]:
        if not hasattr(self, "_of_titles"):
            stating = {one.clause for one in self.catalogue.of_edition()}
            self._of_titles = [
                (one, words(one.title))
                for one in self.catalogue.clauses.values()
                if one.edition == self.catalogue.newest and one.number in stating
            ]
            self._common: dict[str, int] = {}
            for _, title in self._of_titles:
                for word in title:
                    self._common[word] = self._common.get(word, 0) + 1
            # These stand in every other title and in most names of documents.
            for word in ("management", "service", "system", "plan", "policy", "information", "activity", "general"):
                self._common[word] = 10_000
        return self._of_titles

    # ---------------------------------------------------------------------------------------- laws

    def law(self, name: str, type: str) -> Told:
        """What the name of a law tells: a guess, where it does not say which law it is."""
        its = words(name)
        for rule in self._vague:
            if its in rule.phrases:
                return Told(type, self._served(type, rule.said["guess"]), guess=True, note=str(rule.said["note"]))
        for rule in self._laws:
            if any(phrase <= its for phrase in rule.phrases) and its.isdisjoint(rule.said.get("unless", ())):
                return Told(type, note=str(rule.said["note"]))
        return Told(type)

    def sought(self, references: Iterable[str], type: str) -> tuple[list[Served], list[str]]:
        """What references that somebody wrote lead to, and what is wrong with those that lead nowhere."""
        found: dict[str, Served] = {}
        wrong: list[str] = []
        for reference in references:
            try:
                for one in served(type, reference, self.catalogue, self.vocabulary):
                    found.setdefault(one.requirement.id, one)
            except InputError as error:
                wrong.append(str(error))
        return list(found.values()), wrong


def _phrases(rule: Mapping[str, Any]) -> tuple[frozenset[str], ...]:
    return tuple(words(one) for one in rule["words"])
