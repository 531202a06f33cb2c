"""Headers and names as sets of words, and the words by which the ontology and a list of ours know terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from graphsms.ingest.foreign import mapping
from graphsms.vocabulary import NAME, Constraint, PropertyType, RelationType, Vocabulary

__all__ = ["RelationHint", "Words", "likeness", "words_of"]

_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SMALL: Final = frozenset({"the", "of", "a", "der", "die", "das", "des"})
_MAPPING: Final = "table"


@lru_cache(maxsize=4096)
def words_of(text: str) -> frozenset[str]:
    """The words of a header, label or name, in lower case and the singular.

    Examples
    --------
    >>> sorted(words_of("IP addresses")), sorted(words_of("serialNumber"))
    (['address', 'ip'], ['number', 'serial'])
    """
    found = (_singular(one.lower()) for one in _WORD.findall(_CAMEL.sub(" ", text)))
    return frozenset(found) - _SMALL


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is", "dns")) and len(word) > 3 else word


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How like two sets of words are, from 0 to 1: what they share of what they have together."""
    return len(one & other) / len(one | other) if one and other else 0.0


@dataclass(frozen=True)
class RelationHint:
    """A relation that headers may mean, which way it leads, and what stands at the other end."""

    relation: str
    inverse: bool
    target: str
    properties: Mapping[str, str]
    words: tuple[frozenset[str], ...]


class Words:
    """What words mean in an ontology."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        said: Any = mapping(_MAPPING)
        self.vocabulary = vocabulary
        self.fallback_relation: str = said["reference"]["relation"]
        self.fallback_type: str = said["types"]["ci"]
        self.types: dict[frozenset[str], str] = {}
        for name, type in vocabulary.types.items():
            self.types[words_of(name)] = self.types[words_of(type.label)] = name
        self.types.update({words_of(str(word)): str(name) for word, name in said["types"].items()})
        self._properties: dict[str, list[frozenset[str]]] = {
            name: [words_of(name), words_of(one.label)] for name, one in vocabulary.properties.items()
        }
        self.codes: dict[str, dict[str, str]] = {}
        for rule in said["properties"]:
            self._properties[rule["property"]] += map(words_of, rule["words"])
            self.codes[rule["property"]] = {str(k).casefold(): str(v) for k, v in rule.get("values", {}).items()}
        self._other: dict[str, list[frozenset[str]]] = {
            **{f"link {end}": [words_of(str(word)) for word in listed] for end, listed in said["links"].items()},
            "first name": [words_of(str(word)) for word in said["first_names"]],
            "last name": [words_of(str(word)) for word in said["last_names"]],
        }
        self._hints = [
            RelationHint(
                rule["relation"],
                rule.get("inverse") == "true",
                rule["target"]["type"],
                rule.get("properties", {}),
                tuple(map(words_of, rule["words"])),
            )
            for rule in said["relations"]
        ]
        self._labels = [*self._labelled(vocabulary.relations.values())]

    @staticmethod
    def _labelled(relations: Iterable[RelationType]) -> Iterator[RelationHint]:
        for one in relations:
            yield RelationHint(one.name, False, one.range[0], {}, (words_of(one.name), words_of(one.label)))
            yield RelationHint(one.name, True, one.domain[0], {}, (words_of(one.inverse_label),))

    def means(self, header: str, what: str) -> bool:
        """Whether a header means an end of a link, a first name and the like."""
        return words_of(header) in self._other[what]

    def relation_called(self, text: str) -> RelationHint | None:
        """The relation that is called so, whatever it leads between."""
        there = words_of(text)
        # Labels first: a header "host" names the machine below, a kind "hosts" the one above.
        found = [(likeness(there, words), one) for one in (*self._labels, *self._hints) for words in one.words]
        score, best = max(found, key=lambda one: one[0])
        return best if score >= 0.75 else None

    def type_named(self, text: str) -> str | None:
        """The type that a name speaks of: the longest of its words that are one."""
        there = words_of(text)
        found = [words for words in self.types if words <= there]
        return self.types[max(found, key=lambda one: (len(one), sorted(one)))] if found else None

    def type_called(self, text: str) -> str | None:
        """The type that is called so, and no more and no less."""
        return self.types.get(words_of(text))

    def properties(self, header: str, types: Iterable[str]) -> list[tuple[float, PropertyType]]:
        """The properties that a header may mean, of those that all the types can have; the likeliest first."""
        there, wanted = words_of(header), list(types)
        found = [
            (max(likeness(there, words) for words in self._properties[name]), one)
            for name, one in self.vocabulary.properties.items()
            if all(self.vocabulary.any_of(type, one.domain) for type in wanted)
        ]
        return sorted((one for one in found if one[0] >= 0.5), key=lambda one: (-one[0], one[1].name))

    def relations(self, header: str, types: Iterable[str], targets: Iterable[str]) -> list[tuple[float, RelationHint]]:
        """The relations that a header may mean and that can lead between these types; the likeliest first.

        Without targets, what ours lists for the other end.
        """
        there, wanted, others = words_of(header), list(types), list(targets)
        found = []
        for weight, hints in ((1.0, self._hints), (0.9, self._labels)):
            for one in hints:
                score = weight * max(likeness(there, words) for words in one.words)
                if score >= 0.5 and self.leads(one, wanted, others or [one.target]):
                    found.append((score, one))
        return sorted(found, key=lambda one: -one[0])

    def needs(self, type: str) -> list[str]:
        """What an entity of a type must say, its name apart."""
        found = (one for one in self.vocabulary.constraints if one.min_count and one.severity == "error")
        labels = self.vocabulary.types[type].labels
        return sorted({one.path for one in found if one.path != NAME and one.target in labels})

    def _constraints(self, path: str) -> Iterator[Constraint]:
        return (one for one in self.vocabulary.constraints if one.path == path)

    def leads(self, hint: RelationHint, types: Iterable[str], targets: Iterable[str]) -> bool:
        """Whether a relation can lead between all of these; one that an entity has once is not turned round."""
        if hint.inverse and any(one.max_count is not None for one in self._constraints(hint.relation)):
            return False
        relation = self.vocabulary.relations[hint.relation]
        ends = (relation.range, relation.domain) if hint.inverse else (relation.domain, relation.range)
        return all(self.vocabulary.any_of(one, ends[0]) for one in types) and all(
            self.vocabulary.any_of(one, ends[1]) for one in targets
        )
