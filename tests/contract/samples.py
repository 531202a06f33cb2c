"""A small estate, change sets at random, and what a store should hold after them: two dicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hypothesis import strategies as st

from graphsms.model import ChangeSet, Entity, Relation, RelationKey, Statement, Value
from graphsms.store import Store

Item = TypeVar("Item", Entity, Relation)

# (:Service web)-[:DEPENDS_ON]->(:Application app)-[:DEPENDS_ON]->(:RedundancyGroup group)-[:HAS_MEMBER]->(:Server)
WEB = Entity("web", "Service", {"name": "Web shop", "criticality": "high"}, "catalogue")
APP = Entity("app", "Application", {"name": "Shop application"}, "cmdb")
GROUP = Entity("group", "RedundancyGroup", {"minimum": 1}, "cmdb")
ONE = Entity("server-1", "Server", {"name": "Server 1", "tag": ("blue", "rack-7")}, "cmdb")
TWO = Entity("server-2", "Server", {"name": "Server 2"}, "cmdb")
ENTITIES = (APP, GROUP, ONE, TWO, WEB)  # in order of their ids

WEB_NEEDS_APP = Relation("dependsOn", "web", "app", {"strength": "soft"}, "catalogue")
APP_NEEDS_GROUP = Relation("dependsOn", "app", "group", {}, "cmdb")
GROUP_HAS_ONE = Relation("hasMember", "group", "server-1", {}, "cmdb")
GROUP_HAS_TWO = Relation("hasMember", "group", "server-2", {}, "cmdb")
RELATIONS = (APP_NEEDS_GROUP, GROUP_HAS_ONE, GROUP_HAS_TWO, WEB_NEEDS_APP)  # in order of their keys

ESTATE = ChangeSet(ENTITIES, RELATIONS, actor="Ada", reason="first import", request="RFC-1", source="cmdb")


def content(store: Store, at: int | None = None) -> tuple[list[Entity], list[Relation]]:
    """Everything in a store at a revision."""
    return list(store.entities(at=at)), list(store.relations(at=at))


def packed(chunks: Iterable[str | list[int]]) -> Iterator[int]:
    """The integers of a stream, however the store gives them."""
    for chunk in chunks:
        yield from (map(int, chunk.split(",")) if isinstance(chunk, str) else chunk)


# --------------------------------------------------------------------------- what it should hold


@dataclass
class Model:
    """A graph as two dicts: simple enough to be believed."""

    entities: dict[str, Entity] = field(default_factory=dict)
    relations: dict[RelationKey, Relation] = field(default_factory=dict)

    def copy(self) -> Model:
        return Model(dict(self.entities), dict(self.relations))

    def apply(self, changes: ChangeSet) -> None:
        for entity in changes.entities:
            known = self.entities.get(entity.id)
            self.entities[entity.id] = _written(known, entity) if known else entity
        for relation in changes.relations:
            stated = self.relations.get(relation.key)
            self.relations[relation.key] = _written(stated, relation) if stated else relation
        for id in changes.removed_entities:
            del self.entities[id]
            for key in [key for key in self.relations if id in (key[0], key[2])]:
                del self.relations[key]
        for key in changes.removed_relations:
            self.relations.pop(key, None)

    def content(self) -> tuple[list[Entity], list[Relation]]:
        return (
            [self.entities[id] for id in sorted(self.entities)],
            [self.relations[key] for key in sorted(self.relations)],
        )


def _written(known: Item, given: Item) -> Item:
    """What stands after something is stated again: the source alone is nothing that differs."""
    if replace(given, source=known.source) == known and [*given.stated] == [*known.stated]:
        return known
    return replace(given, source=given.source or known.source)


_IDS = ("a", "B", "b", "ä", "a b", "🗻")
_TYPES = ("Server", "Service", "Application")
_RELATIONS = ("dependsOn", "hostedOn")
_SOURCES = st.sampled_from([None, "cmdb", "monitoring"])
_VALUES: dict[str, st.SearchStrategy[Value]] = {
    "name": st.sampled_from(["x", "X", "Zürich", ""]),
    "tag": st.sampled_from([("a",), ("a", "b")]),
    "lifecycle": st.sampled_from(["live", "retired"]),
    "validTo": st.sampled_from(["2026-11-22T00:00:00Z", "2027-01-01T00:00:00Z"]),
}
_PROPERTIES = st.fixed_dictionaries({}, optional=_VALUES)
_ON_RELATIONS = st.fixed_dictionaries(
    {},
    optional={"strength": st.sampled_from(["hard", "soft"]), "validTo": _VALUES["validTo"]},
)
# Nothing in particular mostly, or what some sources say, in their order.
_STATED: st.SearchStrategy[dict[str, Statement]] = st.one_of(
    st.just({}),
    st.lists(
        st.tuples(
            st.sampled_from(["", "cmdb", "monitoring"]), st.builds(Statement, st.sampled_from(_TYPES), _PROPERTIES)
        ),
        max_size=3,
        unique_by=lambda one: one[0],
    ).map(dict),
)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[ChangeSet, Model]]:
    """Change sets that can be applied one after the other, each with what is there after it."""
    present, found = Model(), []
    for _ in range(draw(st.integers(1, 5))):
        stated = draw(st.sets(st.sampled_from(_IDS), max_size=4))
        entities = [
            Entity(id, draw(st.sampled_from(_TYPES)), draw(_PROPERTIES), draw(_SOURCES), draw(_STATED))
            for id in sorted(stated)
        ]
        removable = sorted(present.entities.keys() - stated)
        removed = sorted(draw(st.sets(st.sampled_from(removable), max_size=2))) if removable else []
        ends = sorted((present.entities.keys() | stated) - set(removed))
        keys = st.tuples(st.sampled_from(ends), st.sampled_from(_RELATIONS), st.sampled_from(ends))
        related = sorted(draw(st.sets(keys, max_size=4))) if ends else []
        relations = [Relation(t, s, o, draw(_ON_RELATIONS), draw(_SOURCES), draw(_STATED)) for s, t, o in related]
        loose = sorted(present.relations.keys() - set(related))
        parted = sorted(draw(st.sets(st.sampled_from(loose), max_size=2))) if loose else []
        changes = ChangeSet(entities, relations, removed, parted, actor=draw(st.sampled_from(["", "Ada", "Zoë"])))
        present = present.copy()
        present.apply(changes)
        found.append((changes, present))
    return found
