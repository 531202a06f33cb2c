"""A change set becomes true as a whole or not at all, and makes one revision or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import pytest

from contract.samples import (
    APP,
    APP_NEEDS_GROUP,
    ENTITIES,
    ESTATE,
    GROUP,
    GROUP_HAS_ONE,
    ONE,
    RELATIONS,
    TWO,
    WEB,
    WEB_NEEDS_APP,
    content,
)
from graphsms.errors import ConflictError, IntegrityError
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity, Relation, Statement
from graphsms.store import Store
from graphsms.store.journal import EMPTY

Item = TypeVar("Item")

EVERYTHING = (list(ENTITIES), list(RELATIONS))


def test_a_new_store_is_at_revision_zero_and_holds_nothing(store: Store) -> None:
    assert store.revision() == EMPTY
    assert list(store.revisions()) == []
    assert content(store) == ([], [])
    assert store.counts() == {}
    assert store.sources() == []
    assert verify_journal(store).intact


def test_a_change_set_makes_a_revision_that_says_who_why_and_how_much(store: Store) -> None:
    made = store.apply(ESTATE)
    assert (made.number, made.actor, made.reason, made.request, made.source) == (
        1,
        "Ada",
        "first import",
        "RFC-1",
        "cmdb",
    )
    assert (made.created, made.changed, made.removed) == (9, 0, 0)
    assert store.revision() == made
    assert content(store) == EVERYTHING


def test_what_changed_is_counted_apart_from_what_came_and_went(store: Store) -> None:
    store.apply(ESTATE)
    changes = ChangeSet(
        [replace(WEB, properties={"name": "Shop"}), APP, Entity("new", "Server")],
        [replace(WEB_NEEDS_APP, properties={}), Relation("dependsOn", "app", "new")],
        ["server-2"],
        [APP_NEEDS_GROUP.key],
    )
    made = store.apply(changes)
    assert (made.created, made.changed, made.removed) == (2, 2, 3)


def test_what_is_stated_again_makes_no_revision(store: Store) -> None:
    first = store.apply(ESTATE)
    assert store.apply(replace(ESTATE, actor="somebody else")) == first
    assert store.apply(ChangeSet()) == first
    assert len(list(store.revisions())) == 1


def test_an_empty_change_set_makes_no_first_revision(store: Store) -> None:
    assert store.apply(ChangeSet(actor="Ada")) == EMPTY
    assert store.apply(ESTATE).number == 1


def test_properties_in_another_order_are_the_same(store: Store) -> None:
    first = store.apply(ESTATE)
    turned = replace(WEB, properties={"criticality": "high", "name": "Web shop"})
    assert store.apply(ChangeSet([turned])) == first


def test_an_integer_is_not_the_float_that_equals_it(store: Store) -> None:
    store.apply(ChangeSet([replace(WEB, properties={"capacityUsed": 1})]))
    assert store.apply(ChangeSet([replace(WEB, properties={"capacityUsed": 1.0})])).number == 2


def test_what_a_change_set_says_is_all_of_it(store: Store) -> None:
    store.apply(ESTATE)
    store.apply(ChangeSet([Entity("web", "Service", {"name": "Shop"})], [replace(WEB_NEEDS_APP, properties={})]))
    web = store.entity("web")
    assert web is not None
    assert web.properties == {"name": "Shop"}
    assert [relation.properties for relation in store.relations(subjects=["web"])] == [{}]


def test_what_changes_takes_the_source_that_is_given_and_keeps_its_own_where_none_is(store: Store) -> None:
    store.apply(ESTATE)
    store.apply(
        ChangeSet(
            [replace(WEB, properties={}, source="other"), replace(APP, properties={}, source=None)],
            [
                replace(WEB_NEEDS_APP, source="other"),
                replace(APP_NEEDS_GROUP, properties={"strength": "soft"}, source=None),
            ],
        )
    )
    assert {one.id: one.source for one in store.entities(ids=["web", "app"])} == {"web": "other", "app": "cmdb"}
    edges = store.relations(subjects=["web", "app"])
    assert {one.subject: one.source for one in edges} == {"web": "catalogue", "app": "cmdb"}


def test_what_each_source_says_is_kept_in_its_order_and_is_part_of_history(store: Store) -> None:
    said = {
        "monitoring": Statement("Application", {"name": "shop", "tag": ("a", "b")}),
        "": Statement("Application", {"description": "größer"}),
        "cmdb": Statement("SoftwareItem"),
    }
    edge = {"monitoring": Statement("", {"strength": "soft"}), "cmdb": Statement("")}
    store.apply(ESTATE)
    web, need = replace(WEB, stated=said), replace(WEB_NEEDS_APP, stated=edge)
    assert store.apply(ChangeSet([web], [need])).changed == 2
    assert store.apply(ChangeSet([replace(web, source="other")], [need])).number == 2
    turned = dict(reversed(said.items()))
    assert store.apply(ChangeSet([replace(web, stated=turned)])).number == 3
    found = store.entity("web")
    assert found is not None
    assert [*found.stated.items()] == [*turned.items()]
    assert store.entity("web", at=1) == WEB
    before = store.entity("web", at=2)
    assert before is not None
    assert [*before.stated.items()] == [*said.items()]
    assert [relation.stated for relation in store.relations(subjects=["web"])] == [edge]
    assert [relation.stated for relation in store.relations(subjects=["web"], at=1)] == [{}]
    assert [one.after for one in store.touched(1, 2)] == [web, need]
    assert [entity.stated for entity in store.find("web")] == [said]
    assert next(iter(store.by_keys(store.keys(["web"])))) == (store.keys(["web"])[0], replace(web, stated=turned))  # type: ignore[arg-type]
    store.apply(ChangeSet([WEB], [WEB_NEEDS_APP]))
    assert content(store) == EVERYTHING
    assert verify_journal(store).intact


def test_what_is_new_may_come_with_what_each_source_says(store: Store) -> None:
    said = {"a": Statement("Server", {"name": "x"}), "b": Statement("Server")}
    edge = {"a": Statement("", {"strength": "soft"}), "b": Statement("")}
    entities = [Entity("one", "Server", {"name": "x"}, "a", said), Entity("two", "Server", {}, "b", {})]
    relations = [Relation("dependsOn", "one", "two", {}, "a", edge), Relation("dependsOn", "two", "one", {}, "b", edge)]
    store.apply(ChangeSet(entities, relations))
    assert content(store) == (entities, relations)
    store.apply(
        ChangeSet([Entity("three", "Server", {}, None, said)], [Relation("dependsOn", "three", "two", {}, "a", edge)])
    )
    assert store.entity("three") == Entity("three", "Server", {}, None, said)
    assert [one.stated for one in store.relations(subjects=["three"])] == [edge]
    assert verify_journal(store).intact
    with pytest.raises(IntegrityError, match="twice"):
        store.apply(ChangeSet([Entity("four", "Server", {}, None, said), Entity("four", "Server")]))


def test_what_restores_an_earlier_state_restores_its_sources_too(store: Store) -> None:
    store.apply(ESTATE)
    none = ChangeSet(
        [replace(WEB, source=None), APP], [replace(WEB_NEEDS_APP, source=None), APP_NEEDS_GROUP], exact=True
    )
    assert store.apply(none).changed == 2
    assert [one.source for one in store.entities(ids=["app", "web"])] == ["cmdb", None]
    assert [one.source for one in store.relations(subjects=["web"])] == [None]
    assert store.apply(none).number == 2
    other = replace(WEB, source="other", properties={})
    assert store.apply(ChangeSet([other], exact=True)).changed == 1
    assert store.entity("web") == other
    assert verify_journal(store).intact


def test_another_source_alone_changes_nothing(store: Store) -> None:
    first = store.apply(ESTATE)
    others = [replace(entity, source="other") for entity in ENTITIES]
    assert store.apply(ChangeSet(others, [replace(relation, source=None) for relation in RELATIONS])) == first


def test_an_entity_that_becomes_of_another_type_keeps_its_key_and_its_relations(store: Store) -> None:
    store.apply(ESTATE)
    before = store.keys(["server-1"])
    store.apply(ChangeSet([replace(ONE, type="VirtualMachine")]))
    assert store.keys(["server-1"]) == before
    assert [entity.id for entity in store.entities(type="VirtualMachine")] == ["server-1"]
    assert [entity.id for entity in store.entities(type="Server")] == ["server-2"]
    assert content(store)[1] == list(RELATIONS)


def test_removing_an_entity_removes_its_relations(store: Store) -> None:
    store.apply(ESTATE)
    made = store.apply(ChangeSet(removed_entities=["app"]))
    assert (made.created, made.changed, made.removed) == (0, 0, 3)
    assert content(store) == ([GROUP, ONE, TWO, WEB], list(RELATIONS[1:3]))


def test_an_entity_that_needs_itself_is_removed_with_its_one_relation(store: Store) -> None:
    store.apply(ChangeSet([ONE], [Relation("dependsOn", "server-1", "server-1")]))
    assert store.apply(ChangeSet(removed_entities=["server-1"])).removed == 2
    assert content(store) == ([], [])


def test_an_entity_that_comes_back_is_another_one(store: Store) -> None:
    store.apply(ESTATE)
    keys = store.keys([entity.id for entity in ENTITIES])
    store.apply(ChangeSet(removed_entities=["web"]))
    store.apply(ChangeSet([replace(WEB, source="other")]))
    web = store.entity("web")
    assert web is not None
    assert web.source == "other"
    assert store.keys(["web"])[0] not in keys
    assert list(store.relations(subjects=["web"])) == []


def test_relations_may_lead_to_what_the_same_change_set_creates(store: Store) -> None:
    made = store.apply(ChangeSet(iter([ONE, TWO]), iter([Relation("dependsOn", "server-1", "server-2")])))
    assert made.created == 3


def test_two_relations_of_different_types_may_join_the_same_two(store: Store) -> None:
    both = [Relation("dependsOn", "server-1", "server-2"), Relation("hostedOn", "server-1", "server-2")]
    store.apply(ChangeSet([ONE, TWO], both))
    assert list(store.relations()) == both
    store.apply(ChangeSet(removed_relations=[both[0].key]))
    assert list(store.relations()) == both[1:]


# --------------------------------------------------------------------------------- all or nothing


@pytest.mark.parametrize("already", [False, True], ids=["into an empty store", "into one that is not"])
def test_a_change_set_that_breaks_off_half_way_leaves_everything_as_it_was(store: Store, already: bool) -> None:
    if already:
        store.apply(ESTATE)
    before = store.revision(), content(store)

    def entities() -> Iterator[Entity]:
        yield from (Entity(f"new-{number}", "Server") for number in range(1000))
        yield replace(WEB, properties={"name": "never"})
        raise RuntimeError("the file ends in the middle of a line")

    with pytest.raises(RuntimeError, match="in the middle of a line"):
        store.apply(ChangeSet(entities()))
    assert (store.revision(), content(store)) == before
    assert store.apply(ChangeSet([Entity("next", "Server")])).number == before[0].number + 1


def breaking_off(first: Item) -> Iterator[Item]:
    yield first
    raise RuntimeError("broken off")


@pytest.mark.parametrize(
    "changes",
    [
        lambda new: ChangeSet(new, breaking_off(Relation("hostedOn", "new", "app"))),
        lambda new: ChangeSet(new, removed_entities=breaking_off("server-1")),
        lambda new: ChangeSet(new, removed_relations=breaking_off(GROUP_HAS_ONE.key)),
    ],
    ids=["relations", "removed entities", "removed relations"],
)
def test_it_may_break_off_in_any_of_its_parts(store: Store, changes: Callable[[list[Entity]], ChangeSet]) -> None:
    store.apply(ESTATE)
    with pytest.raises(RuntimeError, match="broken off"):
        store.apply(changes([Entity("new", "Server"), replace(WEB, properties={})]))
    assert store.revision().number == 1
    assert content(store) == EVERYTHING


def test_a_relation_without_one_of_its_ends_is_refused(store: Store) -> None:
    store.apply(ESTATE)
    for relation in (Relation("dependsOn", "web", "nowhere"), Relation("dependsOn", "nowhere", "web")):
        with pytest.raises(IntegrityError, match="'nowhere'"):
            store.apply(ChangeSet([replace(WEB, properties={})], [relation]))
    assert content(store) == EVERYTHING


def test_a_relation_without_one_of_its_ends_is_refused_in_an_empty_store_too(store: Store) -> None:
    with pytest.raises(IntegrityError, match="'nowhere'"):
        store.apply(ChangeSet([ONE], [Relation("dependsOn", "server-1", "nowhere")]))
    assert store.revision() == EMPTY
    assert store.apply(ESTATE).number == 1


def test_a_relation_whose_end_the_same_change_set_removes_is_refused(store: Store) -> None:
    store.apply(ESTATE)
    for relation in (Relation("hostedOn", "web", "app"), replace(WEB_NEEDS_APP, properties={}), WEB_NEEDS_APP):
        with pytest.raises(IntegrityError, match="'app'"):
            store.apply(ChangeSet(relations=[relation], removed_entities=["app"]))
    assert content(store) == EVERYTHING


def test_what_is_not_there_cannot_be_removed(store: Store) -> None:
    store.apply(ESTATE)
    with pytest.raises(IntegrityError, match="'nowhere'"):
        store.apply(ChangeSet(removed_entities=["web", "nowhere"]))
    for key in (("web", "dependsOn", "group"), ("web", "hostedOn", "app"), ("nowhere", "dependsOn", "web")):
        with pytest.raises(IntegrityError, match=key[0]):
            store.apply(ChangeSet(removed_relations=[APP_NEEDS_GROUP.key, key]))
    assert content(store) == EVERYTHING


def test_a_type_or_relation_that_the_ontology_does_not_have_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError, match="'Spaceship'"):
        store.apply(ChangeSet([Entity("x", "Spaceship")]))
    with pytest.raises(IntegrityError, match="'orbits'"):
        store.apply(ChangeSet([ONE, TWO], [Relation("orbits", "server-1", "server-2")]))
    assert store.revision() == EMPTY


# ------------------------------------------------------------------------------- contradictions


@pytest.mark.parametrize("already", [False, True], ids=["into an empty store", "into one that is not"])
def test_what_is_stated_twice_alike_counts_once(store: Store, already: bool) -> None:
    number = store.apply(ChangeSet([Entity("old", "Server")])).number if already else 0
    again = [*ENTITIES, *ENTITIES, replace(WEB, source="other")], [*RELATIONS, *RELATIONS]
    made = store.apply(ChangeSet(*again))
    assert (made.number, made.created) == (number + 1, 9)
    entities, relations = content(store)
    assert [entity for entity in entities if entity.id != "old"] == list(ENTITIES)
    assert relations == list(RELATIONS)
    assert verify_journal(store).intact


@pytest.mark.parametrize("already", [False, True], ids=["into an empty store", "into one that is not"])
def test_what_is_stated_twice_and_differently_is_refused(store: Store, already: bool) -> None:
    if already:
        store.apply(ChangeSet([Entity("old", "Server")]))
    before = content(store)
    with pytest.raises(IntegrityError, match="'web'"):
        store.apply(ChangeSet([*ENTITIES, replace(WEB, properties={})], RELATIONS))
    with pytest.raises(IntegrityError, match="'web'"):
        store.apply(ChangeSet(ENTITIES, [*RELATIONS, replace(WEB_NEEDS_APP, properties={})]))
    assert content(store) == before


def test_stating_what_is_there_and_then_something_else_is_a_contradiction_in_either_order(store: Store) -> None:
    store.apply(ESTATE)
    other = replace(WEB, properties={})
    for pair in ([WEB, other], [other, WEB]):
        with pytest.raises(IntegrityError, match="'web'"):
            store.apply(ChangeSet(pair))
    soft = [WEB_NEEDS_APP, replace(WEB_NEEDS_APP, properties={})]
    for edges in (soft, soft[::-1]):
        with pytest.raises(IntegrityError, match="'web'"):
            store.apply(ChangeSet(relations=edges))
    assert content(store) == EVERYTHING


def test_what_is_stated_cannot_be_removed_by_the_same_change_set(store: Store) -> None:
    store.apply(ESTATE)
    for entity in (WEB, replace(WEB, properties={}), Entity("new", "Server")):
        with pytest.raises(IntegrityError, match=entity.id):
            store.apply(ChangeSet([entity], removed_entities=[entity.id]))
    for relation in (WEB_NEEDS_APP, replace(WEB_NEEDS_APP, properties={}), Relation("hostedOn", "web", "app")):
        with pytest.raises(IntegrityError, match="'web'"):
            store.apply(ChangeSet(relations=[relation], removed_relations=[relation.key]))
    assert content(store) == EVERYTHING


def test_what_is_removed_twice_is_removed_once(store: Store) -> None:
    store.apply(ESTATE)
    keys = [WEB_NEEDS_APP.key, GROUP_HAS_ONE.key, GROUP_HAS_ONE.key]
    assert store.apply(ChangeSet(removed_entities=["app", "app"], removed_relations=keys)).removed == 4
    assert verify_journal(store).intact


# ----------------------------------------------------------------------------------- who was first


def test_a_change_set_made_from_an_older_revision_is_refused(store: Store) -> None:
    store.apply(ESTATE)
    store.apply(ChangeSet([Entity("new", "Server")], base=1))
    with pytest.raises(ConflictError, match="revision 1"):
        store.apply(ChangeSet([replace(WEB, properties={})], base=1))
    assert store.entity("web") == WEB
    assert store.revision().number == 2


def test_a_change_set_made_from_a_revision_to_come_is_refused(store: Store) -> None:
    with pytest.raises(ConflictError):
        store.apply(replace(ESTATE, base=1))
    assert store.apply(replace(ESTATE, base=0)).number == 1


def test_a_change_set_made_from_nothing_in_particular_goes_on_top(store: Store) -> None:
    store.apply(ESTATE)
    assert store.apply(ChangeSet([Entity("new", "Server")])).number == 2
