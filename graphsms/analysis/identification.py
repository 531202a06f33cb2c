"""Rules of identification: by what two records are told to be of the same thing (8.2.6 a). The rules are data."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Final

from graphsms.analysis.estate import number_of
from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, content_of, line_of, yaml_documents
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.wording import words
from graphsms.model import Entity, Fault, Origin, Value
from graphsms.vocabulary import Vocabulary

__all__ = ["Evidence", "Identification", "Key", "Rule", "read_rules"]

MAX_BYTES: Final = 1 << 20
OURS: Final = Path(__file__).parent / "policies" / "identification.yaml"
_COMBINATIONS: Final = 64  # of the values of several properties

_NORMALIZE: Final[Mapping[str, Callable[[str], str]]] = {
    "case": str.casefold,
    "spaces": lambda text: " ".join(text.split()),
    "punctuation": lambda text: re.sub(r"[\W_]", "", text),
    "trailing-dot": lambda text: text.strip().rstrip("."),
    "first-label": lambda text: text.partition(".")[0],
    "leading-zeros": lambda text: text.lstrip("0") or text,
    "words": lambda text: " ".join(sorted(words(re.sub(r"\([^()]*\)", " ", text) or text))),
}
_ONLY: Final[Mapping[str, Callable[[str], bool]]] = {"with-dot": lambda text: "." in text.strip(".")}
_TYPES: Final = ("compatible", "any")


@dataclass(frozen=True, slots=True)
class Key:
    """One property of a rule, how its values are normalized, and which of them count."""

    property: str
    normalize: tuple[str, ...] = ()
    only: str = ""

    def values(self, properties: Mapping[str, Value], ignored: frozenset[str]) -> Iterator[str]:
        """The values that an entity has, normalized, without those that stand for none."""
        stated = properties.get(self.property)
        for one in stated if isinstance(stated, tuple) else (stated,):
            text = "" if one is None else str(one).strip()
            if not text or text.casefold() in ignored or (self.only and not _ONLY[self.only](text)):
                continue
            for name in self.normalize:
                text = _NORMALIZE[name](text)
            if text.strip() and text.casefold() not in ignored:
                yield text


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of identification; see ``graphsms/analysis/policies/identification.yaml`` for what each part means."""

    id: str
    trust: float
    of: str
    keys: tuple[Key, ...]
    any_types: bool = False
    decides: bool = False
    unless_differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """That a rule holds for two things: which, by which values, and how far that is trusted."""

    rule: str
    values: tuple[str, ...]
    trust: float

    def __str__(self) -> str:
        return f"{self.rule} {' + '.join(self.values)}"


@dataclass(frozen=True)
class Identification:
    """Rules of identification.

    Parameters
    ----------
    rules : tuple of Rule
        The most trusted first.
    ignored : frozenset of str
        Values that stand for none.
    too_common : int
        How many things may share a value for it to say something.
    propose_from : float
        From which score on two things are proposed as the same.
    vocabulary : Vocabulary
    """

    rules: tuple[Rule, ...]
    ignored: frozenset[str]
    too_common: int
    propose_from: float
    vocabulary: Vocabulary

    def keys(self, rule: Rule, entity: Entity) -> Iterator[tuple[str, ...]]:
        """The values by which a rule knows an entity; none, where it says nothing of it."""
        if any(key.property not in entity.properties for key in rule.keys):
            return  # most say little
        if entity.type not in self.vocabulary.types or not self.vocabulary.is_a(entity.type, rule.of):
            return
        values = [sorted(set(key.values(entity.properties, self.ignored))) for key in rule.keys]
        yield from islice(product(*values), _COMBINATIONS)

    def index(self, rule: Rule, entities: Iterable[Entity]) -> dict[tuple[str, ...], list[str]]:
        """Ids by the values by which a rule knows them, those shared by too many left out. Linear in the entities."""
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for entity in entities:
            for key in self.keys(rule, entity):
                found[key].append(entity.id)
        return {key: ids for key, ids in found.items() if len(ids) <= self.too_common}

    def fit(self, rule: Rule, one: Entity, other: Entity) -> bool:
        """Whether the types of two things let a rule hold for them."""
        words = self.vocabulary
        return rule.any_types or words.is_a(one.type, other.type) or words.is_a(other.type, one.type)

    def told_apart(self, one: Entity, other: Entity) -> Rule | None:
        """The rule that says that two things differ, whatever else agrees; None where there is none."""
        for rule in self.rules:
            if rule.decides:
                mine, theirs = set(self.keys(rule, one)), set(self.keys(rule, other))
                if mine and theirs and not mine & theirs:
                    return rule
        return None

    @staticmethod
    def score(evidence: Iterable[Evidence]) -> float:
        """How sure several pieces of evidence make it together: none of them errs.

        Examples
        --------
        >>> Identification.score([Evidence("name", ("web",), 0.6), Evidence("ip-address", ("10.0.0.1",), 0.6)])
        0.84
        """
        doubt = 1.0
        for one in evidence:
            doubt *= 1 - one.trust
        return round(1 - doubt, 4)


def read_rules(vocabulary: Vocabulary, path: Path | str | None = None) -> Identification:
    """The rules of a file, or ours.

    Raises
    ------
    RejectedError
        The file holds none; every fault is listed.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> read_rules(load()).rules[0].id
    'serial-number'
    """
    file = Path(path or OURS)
    if file.is_file() and file.stat().st_size > MAX_BYTES:
        raise _refused([Fault(Origin(str(file)), "", "", "too-large", f"It has at most {MAX_BYTES:,} bytes.")])
    try:
        stated = next(yaml_documents(content_of(file), str(file)), None)
    except RejectedError as error:
        raise _refused([*error.faults]) from None
    if not isinstance(stated, LocatedDict) or not isinstance(stated.get("rules"), list):
        raise _refused([Fault(Origin(str(file), 1), "", "rules", "wrong-form", "It must be a mapping with `rules`.")])
    faults = list(_faults(stated, str(file), vocabulary))
    if faults:
        raise _refused(faults)
    rules = [_rule(one) for one in _list(stated["rules"]) if isinstance(one, LocatedDict)]
    return Identification(
        rules=tuple(sorted(rules, key=lambda rule: -rule.trust)),
        ignored=frozenset(str(one).casefold() for one in _list(stated.get("ignored"))),
        too_common=int(str(stated.get("too_common", 10))),
        propose_from=float(str(stated.get("propose_from", 0.6))),
        vocabulary=vocabulary,
    )


def _refused(faults: list[Fault]) -> RejectedError:
    return RejectedError(f"The rules cannot be used: {number_of(faults)}, the first being {faults[0]}", faults)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _rule(stated: LocatedDict) -> Rule:
    keys = [_mapping(one) for one in _list(stated["keys"])]
    return Rule(
        id=str(stated["id"]),
        trust=float(str(stated["trust"])),
        of=str(_mapping(stated["of"])["type"]),
        keys=tuple(
            Key(str(one["property"]), tuple(map(str, _list(one.get("normalize")))), str(one.get("only") or ""))
            for one in keys
        ),
        any_types=stated.get("types") == "any",
        decides=stated.get("decides") == "true",
        unless_differs=tuple(str(_mapping(one)["relation"]) for one in _list(stated.get("unless_differs"))),
    )


def _faults(stated: LocatedDict, file: str, vocabulary: Vocabulary) -> Iterator[Fault]:
    for key, low, high in (("too_common", 2, 1000), ("propose_from", 0, 1)):
        if not _number(stated.get(key, low), low, high):
            yield Fault(
                Origin(file, line_of(stated, key)), "", key, "not-a-number", f"It must be from {low} to {high}."
            )
    seen: set[str] = set()
    for number, rule in enumerate(_list(stated["rules"])):
        if not isinstance(rule, LocatedDict):
            line = line_of(stated["rules"], number)
            yield Fault(
                Origin(file, line), "", "rules", "wrong-form", "A rule is a mapping with an id, trust, of and keys."
            )
            continue
        id = str(rule.get("id") or "")
        for field, code, message in _faults_of(rule, vocabulary):
            yield Fault(Origin(file, line_of(rule, field)), id, field, code, message)
        if not id or id in seen:
            yield Fault(Origin(file, line_of(rule, "id")), id, "id", "repeated-id", "Each rule has an id of its own.")
        seen.add(id)


def _faults_of(rule: LocatedDict, vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    if not _number(rule.get("trust"), 0, 1):
        yield "trust", "not-a-number", "It must be from 0 to 1."
    type = str(_mapping(rule.get("of")).get("type"))
    if type not in vocabulary.types:
        yield "of", "unknown-type", f"Say {{type: ...}}; {type!r} is none.{did_you_mean(type, list(vocabulary.types))}"
    if rule.get("types", "compatible") not in _TYPES:
        yield "types", "unknown-word", f"It is one of {', '.join(_TYPES)}."
    for one in _list(rule.get("unless_differs")):
        relation = str(_mapping(one).get("relation"))
        if relation not in vocabulary.relations:
            hint = did_you_mean(relation, list(vocabulary.relations))
            yield "unless_differs", "unknown-relation", f"The ontology has no relation {relation!r}.{hint}"
    if not _list(rule.get("keys")):
        yield "keys", "missing-key", "Name at least one property."
    for key in map(_mapping, _list(rule.get("keys"))):
        property = str(key.get("property"))
        if property not in vocabulary.properties:
            hint = did_you_mean(property, list(vocabulary.properties))
            yield "keys", "unknown-property", f"The ontology has no property {property!r}.{hint}"
        for word in _list(key.get("normalize")):
            if word not in _NORMALIZE:
                yield "keys", "unknown-word", f"Values are normalized by {', '.join(_NORMALIZE)}; not by {word!r}."
        if key.get("only") is not None and key["only"] not in _ONLY:
            yield "keys", "unknown-word", f"`only` is one of {', '.join(_ONLY)}."


def _number(value: object, low: float, high: float) -> bool:
    try:
        return low <= float(str(value)) <= high
    except ValueError:
        return False
