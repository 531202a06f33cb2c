"""Which items of two sources are the same, and in what they differ, field by field (8.2.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphsms.analysis.estate import Estate
from graphsms.analysis.identification import Identification, Rule
from graphsms.ingest.check import Stated
from graphsms.model import Entity, RelationKey, Value
from graphsms.vocabulary import LIFECYCLE, PLACEHOLDER

__all__ = ["BY_ID", "Comparison", "Difference", "Match", "matched"]

BY_ID: Final = "id"
_ASIDE: Final = frozenset({"sourceKey", "link", PLACEHOLDER, "inferred", "formerId"})  # how it was read, not what it is


@dataclass(frozen=True, slots=True)
class Difference:
    """A property, the type or a relation in which what is recorded and what was found differ; None is nothing."""

    field: str
    recorded: Value | None
    found: Value | None

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"field": self.field, "recorded": self.recorded, "found": self.found}


@dataclass(frozen=True, slots=True)
class Match:
    """A recorded item that the second source has too: under which id there, by which rule, and how they differ."""

    id: str
    type: str
    name: str
    theirs: str
    by: str
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "type": self.type,
            "name": self.name,
            "theirs": self.theirs,
            "by": self.by,
            "differences": [one.to_json() for one in self.differences],
        }


def matched(
    read: Estate, stated: Stated, theirs: Mapping[str, Entity], ours: Mapping[str, Entity], how: Identification
) -> tuple[dict[str, tuple[str, str]], list[tuple[str, tuple[str, ...]]]]:
    """By the id in the source: the id here and the rule that matched them; and what may be several."""
    led = _by_subject(stated)
    former = {str(id): one.id for one in ours.values() for id in _several(one.properties.get("formerId"))}
    pairs: dict[str, tuple[str, str]] = {}
    for id in theirs:
        if id in ours:
            pairs[id] = (id, BY_ID)
        elif former.get(id):
            pairs[id] = (former[id], "former-id")
    doubtful: dict[str, tuple[str, ...]] = {}
    for rule in how.rules:
        taken = {id for id, _ in pairs.values()}
        mine = how.index(rule, (one for one in ours.values() if one.id not in taken))
        candidates: dict[str, set[str]] = defaultdict(set)
        claimed: dict[str, set[str]] = defaultdict(set)
        for key, ids in how.index(rule, (one for one in theirs.values() if one.id not in pairs)).items():
            for id in ids:
                for other in mine.get(key, ()):
                    if (
                        how.fit(rule, theirs[id], ours[other])
                        and not how.told_apart(theirs[id], ours[other])
                        and not _apart(read, rule, led.get(id, ()), other, pairs)
                    ):
                        candidates[id].add(other)
                        claimed[other].add(id)
        for id, others in sorted(candidates.items()):
            if len(others) == 1 and len(claimed[next(iter(others))]) == 1:
                pairs[id] = (next(iter(others)), rule.id)
            else:
                doubtful.setdefault(id, tuple(sorted(others)))
    taken = {id for id, _ in pairs.values()}
    left = {id: tuple(one for one in others if one not in taken) for id, others in doubtful.items() if id not in pairs}
    return pairs, sorted((id, others) for id, others in left.items() if others)


def _by_subject(stated: Stated) -> Mapping[str, list[RelationKey]]:
    found: dict[str, list[RelationKey]] = defaultdict(list)
    for key in stated.relations:
        found[key[0]].append(key)
    return found


def _apart(
    read: Estate, rule: Rule, theirs: Iterable[RelationKey], id: str, pairs: Mapping[str, tuple[str, str]]
) -> bool:
    """Whether both have a relation that the rule looks at, to different ends: two of a name, in two places. An end
    that is not known here by then says nothing."""
    for type in rule.unless_differs:
        said = {pairs[end][0] if end in pairs else end for _, one, end in theirs if one == type}
        recorded = {one.object for one in read.leading_from.get(id, ()) if one.type == type}
        if said and recorded and said <= read.entities.keys() and not said & recorded:
            return True
    return False


def _several(value: Value | None) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


class Comparison:
    """Holds what the source says of matched items against what is recorded."""

    def __init__(self, read: Estate, how: Identification, stated: Stated, pairs: Mapping[str, tuple[str, str]]) -> None:
        self._read, self._how, self._stated = read, how, stated
        self._ours = {theirs: id for theirs, (id, _) in pairs.items()}
        # The most trusted rule of a property says how its values are normalized.
        self._keys = {
            key.property: (rule, number) for rule in reversed(how.rules) for number, key in enumerate(rule.keys)
        }
        self._relations = _by_subject(stated)

    def match(self, theirs: str, id: str, by: str) -> Match:
        entity = self._read.entities[id]
        type, properties, _ = self._stated.entities[theirs]
        differences = [
            *self._type(entity, type),
            *self._life(entity, properties),
            *self._properties(entity, properties),
            *self._ends(entity, self._relations.get(theirs, ())),
        ]
        return Match(id, entity.type, entity.name, theirs, by, tuple(differences))

    def _type(self, entity: Entity, type: str) -> Iterator[Difference]:
        """A source that says something more general does not contradict."""
        if not self._read.vocabulary.is_a(entity.type, type):
            yield Difference("type", entity.type, type)

    def _life(self, entity: Entity, properties: Mapping[str, Value]) -> Iterator[Difference]:
        """What is recorded as retired, or as not yet there, and is found."""
        if self._read.out_of_life(entity) and LIFECYCLE not in properties:
            yield Difference(LIFECYCLE, entity.properties[LIFECYCLE], "there")

    def _properties(self, entity: Entity, properties: Mapping[str, Value]) -> Iterator[Difference]:
        for name, found in sorted(properties.items()):
            recorded = entity.properties.get(name)
            if name not in _ASIDE and not self._same(name, recorded, found):
                yield Difference(name, recorded, found)

    def _same(self, name: str, recorded: Value | None, found: Value) -> bool:
        """Equal, or equal as the rules of identification normalize them."""
        if recorded == found:
            return True
        if recorded is None or name not in self._keys:
            return False
        rule, number = self._keys[name]
        return self._normal(rule, number, name, recorded) == self._normal(rule, number, name, found)

    def _normal(self, rule: Rule, number: int, name: str, value: Value) -> object:
        values = set(rule.keys[number].values({name: value}, frozenset()))
        return values or value  # what the rule leaves out is compared as it is

    def _ends(self, entity: Entity, keys: Iterable[RelationKey]) -> Iterator[Difference]:
        """Relations that the source states and the graph has not; what it does not state, it does not deny."""
        found: dict[str, set[str]] = defaultdict(set)
        for _, type, object in keys:
            end = self._ours.get(object, object)
            if end in self._read.entities:
                found[type].add(end)
        for type, ends in sorted(found.items()):
            recorded = {one.object for one in self._read.leading_from.get(entity.id, ()) if one.type == type}
            if ends - recorded:
                yield Difference(type, tuple(sorted(recorded)) or None, tuple(sorted(ends)))
