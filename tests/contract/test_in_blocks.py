"""What comes in blocks of plain values is stored as what comes one by one, with the same hash."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.conftest import NewStore
from contract.samples import APP_NEEDS_GROUP, ENTITIES, RELATIONS, content
from graphsms.errors import IntegrityError
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity, Relation, RelationKey, Value
from graphsms.store import Store
from graphsms.store.bulk import NewEntities, NewRelations

TIME = "2026-11-21T09:30:00.000000Z"
IDS = [f"{place}-{number}" for place in ("Büro", "site") for number in range(3)]
PLAIN: list[dict[str, Value]] = [{}, {"name": "Tür"}, {"placeholder": True}, {"tag": ("a", "b"), "validFrom": TIME}]
SAID: list[dict[str, Value]] = [{}, {"strength": "soft"}, {"validTo": TIME}]


def new_entities(entities: list[Entity], size: int, source: str | None = "cmdb") -> NewEntities:
    return NewEntities(blocks(((one.id, one.type, one.properties) for one in entities), size), source)


def new_relations(relations: list[Relation], size: int, source: str | None = "cmdb") -> NewRelations:
    return NewRelations(blocks(((one.key, one.properties) for one in relations), size), source)


def blocks(items: Iterator, size: int) -> Iterator[list]:  # type: ignore[type-arg]
    while block := [*islice(items, size)]:
        yield block


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(IDS), st.sampled_from(PLAIN), min_size=1),
    st.data(),
    st.integers(1, 7),
    st.sampled_from(["cmdb", None, "Büro"]),
)
def test_in_blocks_or_one_by_one_a_store_has_the_same(
    new_store: NewStore, stated: dict[str, dict[str, Value]], data: st.DataObject, size: int, source: str | None
) -> None:
    keys = st.tuples(
        st.sampled_from([*stated]), st.sampled_from(["dependsOn", "hasMember"]), st.sampled_from([*stated])
    )
    said: dict[RelationKey, dict[str, Value]] = data.draw(st.dictionaries(keys, st.sampled_from(SAID)))
    entities = [Entity(id, "Server", properties, source) for id, properties in stated.items()]
    relations = [Relation(key[1], key[0], key[2], properties, source) for key, properties in said.items()]
    with new_store(clock=lambda: TIME) as one_by_one:
        expected = one_by_one.apply(ChangeSet(entities, relations))
        held = content(one_by_one)
    with new_store(clock=lambda: TIME) as store:
        revision = store.apply(ChangeSet(new_entities(entities, size, source), new_relations(relations, size, source)))
        assert revision == expected
        assert content(store) == held
        assert verify_journal(store).intact


def test_what_comes_in_blocks_to_a_graph_that_has_something_is_stored_too(store: Store) -> None:
    first = [*ENTITIES[:2]]
    store.apply(ChangeSet(new_entities(first, 1)))
    store.apply(ChangeSet(new_entities([*ENTITIES], 2), new_relations([*RELATIONS], 2)))
    assert [one.id for one in store.entities()] == [one.id for one in ENTITIES]
    assert [one.key for one in store.relations()] == [one.key for one in RELATIONS]


def test_what_stands_in_two_blocks_must_be_equal_and_counts_once(store: Store) -> None:
    twice = [*ENTITIES, ENTITIES[0]]
    revision = store.apply(ChangeSet(new_entities(twice, 2), new_relations([*RELATIONS, RELATIONS[0]], 2)))
    assert revision.created == len(ENTITIES) + len(RELATIONS)
    assert verify_journal(store).intact


@pytest.mark.parametrize("size", [1, 100])
def test_what_stands_in_two_blocks_and_differs_is_refused(store: Store, size: int) -> None:
    other = Entity(ENTITIES[0].id, ENTITIES[0].type, {"name": "Another"})
    with pytest.raises(IntegrityError, match="twice, and differently"):
        store.apply(ChangeSet(new_entities([*ENTITIES, other], size)))
    edge = Relation(APP_NEEDS_GROUP.type, APP_NEEDS_GROUP.subject, APP_NEEDS_GROUP.object, {"strength": "hard"})
    with pytest.raises(IntegrityError, match="twice, and differently"):
        store.apply(ChangeSet(new_entities([*ENTITIES], size), new_relations([*RELATIONS, edge], size)))
    assert content(store) == ([], [])


def test_a_relation_in_a_block_needs_both_its_ends_and_terms_of_the_ontology(store: Store) -> None:
    entities = [*ENTITIES]
    for nowhere in (Relation("dependsOn", "nowhere", "app"), Relation("dependsOn", "app", "nowhere")):
        with pytest.raises(IntegrityError, match="nowhere"):
            store.apply(ChangeSet(new_entities(entities, 3), new_relations([nowhere], 3)))
    with pytest.raises(IntegrityError, match="no relation"):
        store.apply(ChangeSet(new_entities(entities, 3), new_relations([Relation("likes", "web", "app")], 3)))
    with pytest.raises(IntegrityError, match="no type"):
        store.apply(ChangeSet(new_entities([Entity("x", "Nonsense")], 3)))
    assert content(store) == ([], [])
