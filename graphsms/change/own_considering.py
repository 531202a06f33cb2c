"""What an organization's policy says itself of what is considered and who is told, checked and put in place of ours.

Letters are those of 8.5.1.3: their parts may be others, and none can be without any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from graphsms.change.considering import AGAINST, REQUESTS, Considered, considered, spec_of, telling_of
from graphsms.ingest.documents import LocatedDict, line_of
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["CONSIDERED_KEYS", "KIND_KEYS", "considered_by", "faults_of_considering"]

_PARTS: Final = ("considers", "considers_too")  # in place of ours, and beside those that hold
_TOLD: Final = ("told", "told_too")
CONSIDERED_KEYS: Final = (*_PARTS, *_TOLD)
_BESIDE: Final = "beside"
_ROLE: Final = ("role", "of", "through", "to")

_LISTS: Final = {"types": "types", "without": "types", "relations": "relations", "show": "properties"}
_ALWAYS: Final = ("kind", "title")
# By kind, what a part of it must state, and what it may.
KIND_KEYS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "services": ((), ()),
    "items": ((), ()),
    "introduced": (("relations",), ()),
    "references": ((), ()),
    "concerned": (("types",), ("without", "show", "recipients")),
    "targets": (("types",), ("show",)),
    "documents": (("types",), ("without",)),
    "required": (("types",), ()),
    "plans": (("types", "test"), ()),
    "groups": ((), ()),
    "records": (("types", "relations"), ("show", "status")),
    "requests": ((), ()),
    "releases": (("types", "of_request", "of_item"), ("over",)),
    "freezes": ((), ()),
}
_RELATION: Final = ("recipients", "test", "of_request", "of_item")


def considered_by(stated: Mapping[str, Any]) -> Considered:
    """What is considered by a policy without faults: what it states takes the place of ours, or is added to it.

    Examples
    --------
    >>> ours = considered_by({})
    >>> own = considered_by({"told_too": [{"role": "auditor", "of": "requests", "through": ["raisedBy"]}]})
    >>> len(own.told) - len(ours.told), own.sections == ours.sections
    (1, True)
    """
    found = considered()
    own, more = (stated.get(key) or {} for key in _PARTS)
    sections = []
    for section in found.sections:
        parts = tuple(map(spec_of, own[section.letter])) if section.letter in own else section.parts
        sections.append(replace(section, parts=(*parts, *map(spec_of, more.get(section.letter, ())))))
    beside = tuple(map(spec_of, own[_BESIDE])) if _BESIDE in own else found.beside
    told = tuple(map(telling_of, stated[_TOLD[0]])) if _TOLD[0] in stated else found.told
    return Considered(
        sections=tuple(sections),
        beside=(*beside, *map(spec_of, more.get(_BESIDE, ()))),
        told=(*told, *map(telling_of, stated.get(_TOLD[1]) or ())),
    )


def faults_of_considering(stated: LocatedDict, file: str, vocabulary: Vocabulary) -> Iterator[Fault]:
    """What is wrong with it, each with its line."""
    checking = _Checking(file, vocabulary)
    for key in _PARTS:
        if key in stated:
            yield from checking.parts(stated, key)
    for key in _TOLD:
        if key in stated:
            yield from checking.told(stated, key)


@dataclass(frozen=True)
class _Checking:
    file: str
    vocabulary: Vocabulary

    def fault(self, where: Mapping[Any, Any], key: object, path: str, rule: str, message: str) -> Fault:
        return Fault(Origin(self.file, line_of(where, key)), "", path, rule, message)

    def parts(self, stated: LocatedDict, key: str) -> Iterator[Fault]:
        said = stated[key]
        letters = [*(section.letter for section in considered().sections), _BESIDE]
        if not isinstance(said, dict) or not said:
            message = f"It must be a mapping of letters of 8.5.1.3 to their parts: {', '.join(letters)}."
            yield self.fault(stated, key, key, "wrong-form", message)
            return
        for letter, parts in said.items():
            path = f"{key} {letter}"
            if letter not in letters:
                message = f"There is no {letter!r} to consider; it is one of {', '.join(letters)}."
                yield self.fault(said, letter, path, "unknown-key", message)
            elif not isinstance(parts, list) or not parts or not all(isinstance(one, dict) for one in parts):
                message = "It must be a list of at least one part: none of the letters may be left out."
                yield self.fault(said, letter, path, "wrong-form", message)
            else:
                for part in parts:
                    yield from self.part(part, path)

    def part(self, part: Mapping[Any, Any], path: str) -> Iterator[Fault]:
        kind, title = part.get("kind"), part.get("title")
        if not isinstance(title, str) or not title.strip():
            yield self.fault(part, "title", f"{path} title", "missing-key", "Say the title of the part.")
        if not isinstance(kind, str) or kind not in KIND_KEYS:
            asked = "Say the kind of the part" if kind is None else f"There is no kind {kind!r}"
            known = "" if kind is None else did_you_mean(str(kind), KIND_KEYS)
            message = f"{asked}; it is one of {', '.join(KIND_KEYS)}.{known}"
            yield self.fault(part, "kind", f"{path} kind", "unknown-kind", message)
            return
        must, may = KIND_KEYS[kind]
        named = f"{path} {title}"
        for key in part:
            if key not in (*_ALWAYS, *must, *may):
                message = f"A part of the kind {kind} has no {key!r}.{did_you_mean(str(key), (*must, *may))}"
                yield self.fault(part, key, f"{named} {key}", "unknown-key", message)
        for key in must:
            if not part.get(key):
                yield self.fault(part, key, f"{named} {key}", "missing-key", f"A part of the kind {kind} states {key}.")
        for key in (key for key in (*must, *may) if part.get(key)):
            yield from self.value(part, key, f"{named} {key}")

    def value(self, part: Mapping[Any, Any], key: str, path: str) -> Iterator[Fault]:
        said = part[key]
        if key in _LISTS or key == "over":
            if not _words(said):
                yield self.fault(part, key, path, "wrong-form", "It must be a list of words.")
                return
            if key in _LISTS:
                yield from self.terms(part, key, path, said, _LISTS[key])
        elif not isinstance(said, str):
            yield self.fault(part, key, path, "wrong-form", "It must be one word.")
        else:
            yield from self.terms(part, key, path, [said], "relations" if key in _RELATION else "properties")
        if key == "show" and _words(part.get("types")):
            yield from self.shown(part, path)

    def terms(
        self, where: Mapping[Any, Any], key: object, path: str, words: Iterable[str], what: str
    ) -> Iterator[Fault]:
        known: Collection[str] = getattr(self.vocabulary, what)
        for word in words:
            if word not in known:
                name = {"types": "type", "relations": "relation", "properties": "property"}[what]
                message = f"The ontology has no {name} {word!r}.{did_you_mean(word, known)}"
                yield self.fault(where, key, path, f"unknown-{name}", message)

    def shown(self, part: Mapping[Any, Any], path: str) -> Iterator[Fault]:
        words = self.vocabulary
        types = [below for one in part["types"] if one in words.types for below in words.subtypes[one]]
        own = {property.name for type in types for property in words.properties_of(type)}
        for word in part["show"]:
            if types and word in words.properties and word not in own:
                message = f"None of {', '.join(part['types'])} has the property {word!r}.{did_you_mean(word, own)}"
                yield self.fault(part, "show", path, "unknown-property", message)

    def told(self, stated: LocatedDict, key: str) -> Iterator[Fault]:
        said = stated[key]
        if not isinstance(said, list) or not said or not all(isinstance(one, dict) for one in said):
            message = f"It must be a list of at least one who is told, each a mapping: {', '.join(_ROLE)}."
            yield self.fault(stated, key, key, "wrong-form", message)
            return
        for one in said:
            yield from self.telling(one, key)

    def telling(self, one: Mapping[Any, Any], key: str) -> Iterator[Fault]:
        role = one.get("role")
        if not isinstance(role, str) or not role.strip():
            yield self.fault(one, "role", f"{key} role", "missing-key", "Say in which role somebody is told.")
        path = f"{key} {role}"
        for word in one:
            if word not in _ROLE:
                message = f"Who is told has no {word!r}.{did_you_mean(str(word), _ROLE)}"
                yield self.fault(one, word, f"{path} {word}", "unknown-key", message)
        faults = [*self._forms(one, path)]
        yield from faults
        if not faults:
            yield from self._walked(one, path)

    def _forms(self, one: Mapping[Any, Any], path: str) -> Iterator[Fault]:
        of, through, to = one.get("of"), one.get("through"), one.get("to", [])
        if of != REQUESTS and not (_words(of) and of):
            message = f"Say of what: a list of types, or {REQUESTS} for the changes in question themselves."
            yield self.fault(one, "of", f"{path} of", "wrong-form", message)
        elif of != REQUESTS:
            yield from self.terms(one, "of", f"{path} of", of or (), "types")
        if not _words(through) or (of == REQUESTS and not through):
            message = "It must be a list of relations, [] where what it is about is told itself."
            yield self.fault(one, "through", f"{path} through", "wrong-form", message)
        else:
            steps = [str(step).removeprefix(AGAINST) for step in through or ()]
            yield from self.terms(one, "through", f"{path} through", steps, "relations")
        if not _words(to):
            yield self.fault(one, "to", f"{path} to", "wrong-form", "It must be a list of types.")
        else:
            yield from self.terms(one, "to", f"{path} to", to, "types")

    def _walked(self, one: Mapping[Any, Any], path: str) -> Iterator[Fault]:
        """Each relation leads on from what the one before it led to."""
        words, of = self.vocabulary, one["of"]
        reached = self._below([words.known_as("request for change")] if of == REQUESTS else of)
        for step in one["through"]:
            relation = words.relations[step.removeprefix(AGAINST)]
            ends = (relation.domain, relation.range)
            start, end = ends[::-1] if step.startswith(AGAINST) else ends
            if not reached & self._below(start):
                against = f"{AGAINST}{step}" if not step.startswith(AGAINST) else step.removeprefix(AGAINST)
                message = (
                    f"Nothing on the way has {step!r}, which leads from {' or '.join(start)}. Where it is to be walked "
                    f"the other way, write {against!r}."
                )
                yield self.fault(one, "through", f"{path} through", "wrong-chain", message)
                return
            reached = self._below(end)
        if one.get("to") and not reached & self._below(one["to"]):
            message = f"What the relations lead to is none of {', '.join(one['to'])}."
            yield self.fault(one, "to", f"{path} to", "wrong-chain", message)

    def _below(self, types: Iterable[str]) -> set[str]:
        return {one for type in types for one in self.vocabulary.subtypes[type]}


def _words(said: object) -> bool:
    return isinstance(said, list) and all(isinstance(one, str) for one in said)
