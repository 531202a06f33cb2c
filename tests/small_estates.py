"""Random small estates over `small_vocabulary`, with everything that the rule of states speaks of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from graphsms.model import ChangeSet, Entity, Relation
from memory_store import MemoryStore
from naive_impact import Naive
from small_vocabulary import small_vocabulary

VOCABULARY = small_vocabulary()
MOMENTS = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"]
AS_OF = MOMENTS[1]
TYPES = ["Thing", "Thing", "Box", "Pool", "Pool", "Party", "Deal", "Note"]


@dataclass(frozen=True)
class Small:
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    seeds: dict[str, int]

    def store(self, **options: Any) -> MemoryStore:
        store = MemoryStore(VOCABULARY, **options)
        store.apply(ChangeSet(entities=self.entities, relations=self.relations))
        return store

    def naive(self, as_of: str = AS_OF) -> Naive:
        return Naive.of(VOCABULARY, self.entities, self.relations, as_of)

    def live_seeds(self, as_of: str = AS_OF) -> dict[str, int]:
        """Seeds that can be planted: live, and of a type that can fail."""
        naive = self.naive(as_of)
        return {
            id: state
            for id, state in self.seeds.items()
            if id in naive.entities and naive.behaviour(id).value == "canFail"
        }


@st.composite
def _validity(draw: st.DrawFn) -> dict[str, str]:
    if draw(st.integers(0, 19)) < 18:
        return {}
    since, until = draw(st.sampled_from([(0, 1), (0, 2), (1, 2), (None, 1), (1, None), (None, 0), (2, None)]))
    found = {}
    if since is not None:
        found["validFrom"] = MOMENTS[since]
    if until is not None:
        found["validTo"] = MOMENTS[until]
    return found


@st.composite
def entities(draw: st.DrawFn, id: str) -> Entity:
    type = draw(st.sampled_from(TYPES))
    properties: dict[str, Any] = draw(_validity())
    if type == "Pool" and draw(st.integers(0, 9)):
        properties["minimum"] = draw(st.integers(0, 3))
    if draw(st.integers(0, 11)) == 0:
        properties["lifecycle"] = draw(st.sampled_from(["live", "retired"]))
    if draw(st.integers(0, 7)) == 0:
        properties["placeholder"] = True
    return Entity(id, type, properties, draw(st.sampled_from([None, "files", "cloud"])))


@st.composite
def relations(draw: st.DrawFn, all: tuple[Entity, ...]) -> Relation:
    subject = draw(st.sampled_from(all))
    object = draw(st.sampled_from(all))
    types = ["needs", "needs", "wants", "feeds", "gets", "by", "kept", "about"]
    if subject.type == "Pool":
        types += ["holds"] * 8
    properties: dict[str, Any] = draw(_validity())
    type = draw(st.sampled_from(types))
    if type != "holds" and draw(st.integers(0, 5)) == 0:
        properties["strength"] = draw(st.sampled_from(["hard", "soft"]))
    return Relation(type, subject.id, object.id, properties)


@st.composite
def drawn_estates(draw: st.DrawFn, most: int) -> Small:
    """Drawn piece by piece: they shrink well, and failure seldom gets far in them."""
    count = draw(st.integers(1, most))
    all = tuple(draw(entities(f"e{number}")) for number in range(count))
    stated = draw(st.lists(relations(all), max_size=4 * count))
    edges = {relation.key: relation for relation in stated}
    seeds = draw(st.dictionaries(st.sampled_from([entity.id for entity in all]), st.integers(1, 3), max_size=4))
    return Small(all, tuple(edges.values()), seeds)


@st.composite
def rolled_estates(draw: st.DrawFn, most: int) -> Small:
    """Rolled from one number: mostly of what can fail, and so connected that failure goes several ways and far."""
    dice = Random(draw(st.integers(0, 2**32)))
    count = dice.randint(3, most)
    all = []
    for number in range(count):
        type = dice.choice(["Thing", "Thing", "Thing", "Pool", "Pool", "Box", "Party"])
        properties: dict[str, Any] = {"minimum": dice.randint(1, 3)} if type == "Pool" else {}
        if dice.random() < 0.02:
            properties["lifecycle"] = "retired"
        if dice.random() < 0.02:
            properties["validTo"] = dice.choice(MOMENTS)
        all.append(Entity(f"e{number}", type, properties, dice.choice([None, "files", "cloud"])))
    ends = [(pool, "holds") for pool in all if pool.type == "Pool" for _ in range(dice.randint(2, 4))]
    ends += [
        (dice.choice(all), dice.choice(["needs", "needs", "feeds", "wants", "wants", "gets"]))
        for _ in range(dice.randint(count, 2 * count))
    ]
    edges = {}
    for subject, type in ends:
        object = dice.choice(all)
        dated = {"validTo": dice.choice(MOMENTS)} if dice.random() < 0.03 else {}
        edges[subject.id, type, object.id] = Relation(type, subject.id, object.id, dated)
    able = [entity.id for entity in all if entity.type != "Party"]
    seeds = {id: dice.choice([1, 2, 3, 3, 3]) for id in dice.sample(able, min(len(able), dice.randint(1, 5)))}
    return Small(tuple(all), tuple(edges.values()), seeds)


def small_estates(most: int = 12) -> st.SearchStrategy[Small]:
    """Both kinds."""
    return rolled_estates(2 * most) | drawn_estates(most) | rolled_estates(most)


def with_minimum(small: Small, id: str, minimum: int) -> Small:
    """The same with another minimum of one group."""
    changed = tuple(
        replace(entity, properties={**entity.properties, "minimum": minimum}) if entity.id == id else entity
        for entity in small.entities
    )
    return replace(small, entities=changed)
