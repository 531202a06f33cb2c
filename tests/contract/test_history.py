"""Every revision stays readable, tells what it did, and can be proven."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from contract.conftest import NewStore, Reopen
from contract.samples import (
    APP,
    APP_NEEDS_GROUP,
    ENTITIES,
    ESTATE,
    GROUP,
    ONE,
    RELATIONS,
    WEB,
    WEB_NEEDS_APP,
    Model,
    content,
    histories,
    packed,
)
from graphsms.errors import InputError
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity, Relation, Touched
from graphsms.store import Store
from graphsms.store.journal import EMPTY

# 2: the shop is renamed, and no longer needs the application softly. 3: the application is gone.
# 4: it is back, a service now.
RENAMED = replace(WEB, properties={"name": "Shop"})
NOW_HARD = replace(WEB_NEEDS_APP, properties={})
BACK = Entity("app", "Service", {}, "catalogue")


@pytest.fixture
def changed(store: Store) -> Store:
    store.apply(ESTATE)
    store.apply(ChangeSet([RENAMED], [NOW_HARD], actor="Grace"))
    store.apply(ChangeSet(removed_entities=["app"], actor="Grace"))
    store.apply(ChangeSet([BACK], [Relation("dependsOn", "web", "app")], actor="Ada"))
    return store


def test_every_revision_is_read_as_it_was(changed: Store) -> None:
    without = [entity for entity in ENTITIES if entity.id not in ("web", "app")]
    assert content(changed, 0) == ([], [])
    assert content(changed, 1) == (list(ENTITIES), list(RELATIONS))
    assert content(changed, 2) == ([APP, *without, RENAMED], [*RELATIONS[:3], NOW_HARD])
    assert content(changed, 3) == ([*without, RENAMED], list(RELATIONS[1:3]))
    assert content(changed, 4) == content(changed)
    assert content(changed) == ([BACK, *without, RENAMED], [*RELATIONS[1:3], Relation("dependsOn", "web", "app")])


def test_one_entity_is_read_as_it_was(changed: Store) -> None:
    assert [changed.entity("app", at) for at in range(5)] == [None, APP, APP, None, BACK]
    assert [changed.entity("web", at) for at in range(5)] == [None, WEB, RENAMED, RENAMED, RENAMED]
    assert [changed.entity("nowhere", at) for at in range(5)] == [None] * 5


def test_a_selection_is_read_as_it_was(changed: Store) -> None:
    assert list(changed.entities(ids=["web", "app", "nowhere"], at=1)) == [APP, WEB]
    assert list(changed.entities(type="Service", at=3)) == [RENAMED]
    assert list(changed.entities(type="Service", at=4)) == [BACK, RENAMED]
    assert list(changed.relations(subjects=["web"], at=1)) == [WEB_NEEDS_APP]
    assert list(changed.relations(objects=["app"], at=2)) == [NOW_HARD]
    assert list(changed.relations(subjects=["app"], objects=["app"], at=2)) == [APP_NEEDS_GROUP, NOW_HARD]
    assert list(changed.relations(subjects=["app"], objects=["app"], at=3)) == []
    assert list(changed.relations(type="dependsOn", at=1)) == [APP_NEEDS_GROUP, WEB_NEEDS_APP]


def test_keys_are_those_of_the_revision(changed: Store) -> None:
    first, last = changed.keys(["app", "web"], 1), changed.keys(["app", "web"])
    assert first[0] != last[0]
    assert first[1] == last[1]
    assert changed.keys(["app"], 3) == [None]
    both = [key for key in {*first, *last} if key is not None]
    assert [entity for _, entity in changed.by_keys(both, 1)] == [APP, WEB]
    assert [key for key, _ in changed.by_keys(both, 1)] == sorted(key for key in first if key is not None)
    assert {entity.id: entity for _, entity in changed.by_keys(both)} == {"app": BACK, "web": RENAMED}
    assert [entity for _, entity in changed.by_keys(both, 3)] == [RENAMED]
    assert list(changed.by_keys([], 1)) == list(changed.by_keys([10**9])) == []


def test_a_revision_that_is_not_there_is_refused(changed: Store) -> None:
    for at in (-1, 5):
        with pytest.raises(InputError, match="revision"):
            changed.entity("web", at)
        with pytest.raises(InputError, match="revision"):
            list(changed.entities(at=at))
        with pytest.raises(InputError, match="revision"):
            list(changed.relations(at=at))
        with pytest.raises(InputError, match="revision"), changed.stream(["dependsOn"], at):
            pass


def test_each_revision_tells_what_was_before_and_after(changed: Store) -> None:
    assert list(changed.touched(1)) == [
        Touched(2, WEB, RENAMED),
        Touched(2, WEB_NEEDS_APP, NOW_HARD),
        Touched(3, APP, None),
        Touched(3, APP_NEEDS_GROUP, None),
        Touched(3, NOW_HARD, None),
        Touched(4, None, BACK),
        Touched(4, None, Relation("dependsOn", "web", "app")),
    ]
    assert list(changed.touched(1, 2)) == list(changed.touched(1))[:2]
    assert list(changed.touched(4)) == []
    assert list(changed.touched(0, 1)) == [Touched(1, None, one) for one in (*ENTITIES, *RELATIONS)]


def test_the_history_of_one_entity_is_what_the_revisions_did_to_it_and_its_relations(changed: Store) -> None:
    back = Relation("dependsOn", "web", "app")
    assert changed.touched_of("app") == [
        Touched(1, None, APP),
        Touched(1, None, APP_NEEDS_GROUP),
        Touched(1, None, WEB_NEEDS_APP),
        Touched(2, WEB_NEEDS_APP, NOW_HARD),
        Touched(3, APP, None),
        Touched(3, APP_NEEDS_GROUP, None),
        Touched(3, NOW_HARD, None),
        Touched(4, None, BACK),
        Touched(4, None, back),
    ]
    assert changed.touched_of("nowhere") == []


def test_rows_are_counted_by_the_revisions_that_they_begin_and_end_with(changed: Store) -> None:
    census = changed.census()
    assert dict(census.begun) == {1: 9, 2: 2, 4: 2}
    assert dict(census.ended) == {2: 2, 3: 3}
    assert census.faults == ()


def test_what_a_revision_touched_comes_in_order_of_ids_and_keys(store: Store) -> None:
    ids = ["b", "B", "a", "ä", "🗻", "\uffff", "aa"]
    store.apply(ChangeSet([Entity(id, "Server") for id in ids], [Relation("dependsOn", id, "a") for id in ids]))
    touched = [one.after for one in store.touched(0)]
    assert [one.id for one in touched if isinstance(one, Entity)] == sorted(ids)
    assert [one.key for one in touched if isinstance(one, Relation)] == sorted((id, "dependsOn", "a") for id in ids)


def test_revisions_are_listed_in_order(changed: Store) -> None:
    assert [revision.number for revision in changed.revisions()] == [1, 2, 3, 4]
    assert [revision.actor for revision in changed.revisions(since=2)] == ["Grace", "Ada"]
    assert list(changed.revisions(4)) == []


# ------------------------------------------------------------------------------------------- time


def test_the_revision_at_a_moment_is_the_last_one_recorded_by_then(reopen: Reopen) -> None:
    times = iter(["2026-11-21T09:30:00Z", "2026-11-21T09:30:00.5Z", "2026-11-22T00:00:00Z"])
    store = reopen(clock=lambda: next(times))
    for id in ("a", "b", "c"):
        store.apply(ChangeSet([Entity(id, "Server")]))
    at = {
        "0001-01-01T00:00:00Z": 0,
        "2026-11-21T09:29:59.999999Z": 0,
        "2026-11-21T09:30:00Z": 1,
        "2026-11-21T09:30:00.499999Z": 1,
        "2026-11-21T09:30:00.5Z": 2,
        "2026-11-21T23:59:59.999999Z": 2,
        "2026-11-22T00:00:00Z": 3,
        "9999-12-31T23:59:59Z": 3,
    }
    assert {time: store.revision_at(time).number for time in at} == at
    assert store.revision_at("2026-11-21T09:29:00Z") == EMPTY
    assert store.revision_at("2026-11-21T09:30:00Z").time == "2026-11-21T09:30:00.000000Z"
    with pytest.raises(InputError, match="yesterday"):
        store.revision_at("yesterday")


def test_a_clock_that_is_put_back_does_not_disorder_the_revisions(reopen: Reopen) -> None:
    times = iter(["2026-11-21T09:30:00Z", "2020-01-01T00:00:00Z", "2026-11-21T09:31:00Z"])
    store = reopen(clock=lambda: next(times))
    for id in ("a", "b", "c"):
        store.apply(ChangeSet([Entity(id, "Server")]))
    recorded = [revision.time for revision in store.revisions()]
    assert recorded == sorted(recorded)
    assert store.revision_at("2026-11-21T09:30:30Z").number == 2


# ------------------------------------------------------------------------------------------ proof

HASHES = [
    "afa96909be2430ecd205e169b43ef83d1f2b8f6ff18c943b01b95729f7696219",
    "a55fade233d6b10c4813f923abb670fab43e8ff7e0fc8ffad928a024e5877764",
    "0fd0072ddb88db9ec13d3b8acb1a176d21f143c39ae2615a7a80fcaeda30f002",
]


def test_the_same_change_sets_have_the_same_hashes_in_every_store(reopen: Reopen) -> None:
    store = reopen(clock=lambda: "2026-11-21T09:30:00Z")
    store.apply(ESTATE)
    store.apply(
        ChangeSet(
            [RENAMED, Entity("Zürich 🗻", "Server", {"tag": ("a", "ä")})],
            [NOW_HARD, Relation("dependsOn", "Zürich 🗻", "web", {"strength": "hard"}, "Quelle")],
            actor="Zoë",
        )
    )
    store.apply(ChangeSet(removed_entities=["app"], removed_relations=[RELATIONS[1].key]))
    assert [revision.hash for revision in store.revisions()] == HASHES
    assert verify_journal(store).intact


def test_the_order_in_which_a_change_set_states_things_does_not_matter_to_its_hash(
    new_store: NewStore,
) -> None:
    hashes = set()
    for entities, relations in ((ENTITIES, RELATIONS), (ENTITIES[::-1], RELATIONS[::-1])):
        with new_store(clock=lambda: "2026-11-21T09:30:00Z") as store:
            hashes.add(store.apply(ChangeSet(entities, relations)).hash)
            assert content(store) == (list(ENTITIES), list(RELATIONS))
    assert len(hashes) == 1


def test_every_revision_of_any_history_is_what_a_plain_model_says(
    new_store: NewStore,
) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories())
    def as_the_model(history: list[tuple[ChangeSet, Model]]) -> None:
        with new_store() as store:
            models = [Model()]
            for changes, model in history:
                before = store.revision().number
                number = store.apply(changes).number
                assert (number == before) == (model.content() == models[-1].content())
                if number > before:
                    models.append(model)
            replayed = Model()
            touched = list(store.touched(0))
            for number, model in enumerate(models):
                replay(replayed, [one for one in touched if one.revision == number])
                assert replayed.content() == model.content() == content(store, number)
                assert streamed(store, number) == links(model)
            for id in {
                one.id for one in (change.before or change.after for change in touched) if isinstance(one, Entity)
            }:
                assert store.touched_of(id) == [one for one in touched if about(one, id)]
            assert content(store) == models[-1].content()
            assert streamed(store, None) == links(models[-1])
            assert verify_journal(store).intact

    as_the_model()


def about(one: Touched, id: str) -> bool:
    item = one.before or one.after
    return id in ((item.subject, item.object) if isinstance(item, Relation) else (item.id if item else "",))


def replay(model: Model, touched: list[Touched]) -> None:
    """Take a model over what a revision did, holding it to what was there before."""
    for one in touched:
        match one.before or one.after:
            case Entity(id=id):
                assert model.entities.pop(id, None) == one.before
                if isinstance(one.after, Entity):
                    model.entities[id] = one.after
            case Relation() as relation:
                assert model.relations.pop(relation.key, None) == one.before
                if isinstance(one.after, Relation):
                    model.relations[relation.key] = one.after


def links(model: Model) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    return sorted((entity.id, entity.type) for entity in model.entities.values()), sorted(model.relations)


def streamed(store: Store, at: int | None) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """Ids with types, and keys of relations, read back from the packed integers."""
    entities, relations = [], []
    with store.stream(sorted(store.vocabulary.relations), at) as graph:
        for nodes in graph.nodes:
            entities += [(packed_node >> 32, nodes.type) for packed_node in packed(nodes.chunks)]
        for edges in graph.edges:
            relations += [(edge >> 32, edges.type, edge & 0xFFFFFFFF) for edge in packed(edges.chunks)]
            relations += [(subject, edges.type, object) for subject, object, _ in edges.marked]
    ids = {k: entity.id for k, entity in store.by_keys([k for k, _ in entities], at)}
    assert len(ids) == len(entities)
    return sorted((ids[k], type) for k, type in entities), sorted((ids[s], t, ids[o]) for s, t, o in relations)


def test_a_group_keeps_its_members_through_a_change_of_itself(changed: Store) -> None:
    changed.apply(ChangeSet([replace(GROUP, properties={"minimum": 2}), replace(ONE, properties={})]))
    assert list(changed.relations(subjects=["group"])) == list(RELATIONS[1:3])
    assert list(changed.relations(subjects=["group"], at=1)) == list(RELATIONS[1:3])
