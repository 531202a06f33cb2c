"""What a store answers about the graph as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contract.conftest import Reopen
from contract.samples import (
    APP,
    APP_NEEDS_GROUP,
    ENTITIES,
    ESTATE,
    GROUP,
    GROUP_HAS_ONE,
    GROUP_HAS_TWO,
    ONE,
    RELATIONS,
    TWO,
    WEB,
    WEB_NEEDS_APP,
    packed,
)
from graphsms.errors import StoreError
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.ontology import load
from graphsms.store import (
    MARK_DATED,
    MARK_HARD,
    MARK_NOT_LIVE,
    MARK_PLACEHOLDER,
    MARK_SOFT,
    SourceState,
    Store,
)

# ---------------------------------------------------------------------------------------- entities


@pytest.fixture
def estate(store: Store) -> Store:
    store.apply(ESTATE)
    return store


def test_an_entity_is_found_by_its_id_and_nothing_else(estate: Store) -> None:
    assert estate.entity("web") == WEB
    assert estate.entity("Web") is None
    assert estate.entity("") is None


def test_entities_come_in_order_of_their_ids(store: Store) -> None:
    ids = ["b", "B", "a", "a-1", "a.1", "á", "🗻", "\uffff", "10", "9"]
    store.apply(ChangeSet([Entity(id, "Server") for id in ids]))
    assert [entity.id for entity in store.entities()] == sorted(ids)


def test_entities_of_a_type_include_those_of_its_subclasses(estate: Store) -> None:
    assert list(estate.entities(type="Server")) == [ONE, TWO]
    assert list(estate.entities(type="ConfigurationItem")) == list(ENTITIES)
    assert list(estate.entities(type="Entity")) == list(ENTITIES)
    assert list(estate.entities(type="Party")) == []


def test_entities_are_selected_by_ids_whatever_their_order_and_number(estate: Store) -> None:
    assert list(estate.entities(ids=["web", "nowhere", "app", "web"])) == [APP, WEB]
    assert list(estate.entities(ids=(id for id in ("web", "server-1", "app")), type="Server")) == [ONE]
    assert list(estate.entities(ids=[])) == []
    assert list(estate.entities(ids=[f"x{number}" for number in range(5000)] + ["web"])) == [WEB]


# --------------------------------------------------------------------------------------- relations


def test_relations_come_in_order_of_their_keys(store: Store) -> None:
    ids = ["b", "B", "a", "🗻", "\uffff", "aa"]
    types = ["hostedOn", "dependsOn", "connectedTo"]
    keys = [(subject, type, object) for subject in ids for type in types for object in ids]
    store.apply(ChangeSet([Entity(id, "Server") for id in ids], [Relation(t, s, o) for s, t, o in keys]))
    assert [relation.key for relation in store.relations()] == sorted(keys)
    assert [relation.key for relation in store.relations(type="dependsOn")] == sorted(k for k in keys if "dep" in k[1])
    assert [r.key for r in store.relations(objects=["a", "B"])] == sorted(k for k in keys if k[2] in "aB")


def test_relations_are_selected_by_subject_object_or_either(estate: Store) -> None:
    assert list(estate.relations(subjects=["group", "web"])) == [GROUP_HAS_ONE, GROUP_HAS_TWO, WEB_NEEDS_APP]
    assert list(estate.relations(objects=["app", "server-2"])) == [GROUP_HAS_TWO, WEB_NEEDS_APP]
    assert list(estate.relations(subjects=["app"], objects=["app"])) == [APP_NEEDS_GROUP, WEB_NEEDS_APP]
    assert list(estate.relations(subjects=["group"], objects=["app"])) == [*RELATIONS[1:3], WEB_NEEDS_APP]
    assert list(estate.relations(subjects=[])) == []
    assert list(estate.relations(subjects=[], objects=["app"])) == [WEB_NEEDS_APP]
    assert list(estate.relations(subjects=["nowhere"])) == []


def test_relations_are_selected_by_type_too(estate: Store) -> None:
    assert list(estate.relations(type="hasMember")) == [GROUP_HAS_ONE, GROUP_HAS_TWO]
    assert list(estate.relations(subjects=["group", "app"], type="dependsOn")) == [APP_NEEDS_GROUP]
    assert list(estate.relations(subjects=["group"], objects=["group"], type="hasMember")) == list(RELATIONS[1:3])
    assert list(estate.relations(type="hostedOn")) == []


def test_an_iterator_gives_the_graph_as_it_was_when_it_began(estate: Store) -> None:
    entities, relations = estate.entities(), estate.relations()
    first = next(entities), next(relations)
    estate.apply(ChangeSet([replace(WEB, properties={})], [replace(WEB_NEEDS_APP, properties={})], ["server-1"]))
    assert [first[0], *entities] == list(ENTITIES)
    assert [first[1], *relations] == list(RELATIONS)
    assert estate.entity("server-1") is None


def test_a_change_set_may_be_made_of_what_is_being_read(estate: Store) -> None:
    renamed = (replace(entity, properties={"name": entity.id.upper()}) for entity in estate.entities())
    reversed = (Relation("hostedOn", relation.object, relation.subject) for relation in estate.relations())
    made = estate.apply(ChangeSet(renamed, reversed, removed_relations=(r.key for r in estate.relations())))
    assert (made.created, made.changed, made.removed) == (4, 5, 4)
    assert [entity.name for entity in estate.entities()] == [entity.id.upper() for entity in ENTITIES]
    assert {relation.type for relation in estate.relations()} == {"hostedOn"}


# ------------------------------------------------------------------------------------------ search


def test_find_looks_into_ids_and_names_whatever_their_case(estate: Store) -> None:
    assert estate.find("SERVER") == [ONE, TWO]
    assert estate.find("shop") == [APP, WEB]
    assert estate.find("rack-7") == []  # a tag is no name
    assert estate.find("nowhere") == []


def test_find_puts_the_very_id_first(store: Store) -> None:
    ids = ["a-db-1", "DB-1", "db-1", "db-10", "Db-1"]
    store.apply(ChangeSet([Entity(id, "Server") for id in ids]))
    assert [entity.id for entity in store.find("db-1")] == ["db-1", "DB-1", "Db-1", "a-db-1", "db-10"]


def test_find_is_limited_and_keeps_to_a_type(estate: Store) -> None:
    assert estate.find("s", limit=2) == [APP, ONE]
    assert estate.find("e", type="Server") == [ONE, TWO]
    assert estate.find("e", type="Service") == [WEB]
    assert estate.find("e", type="Party") == []
    assert estate.find("", limit=3) == [APP, GROUP, ONE]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Größe", "GRÖSSE"),
        ("STRASSE", "straße"),
        ("Straße", "STRASSE"),
        ("Zürich", "ZÜR"),
        ("Ωmega", "ωMEGA"),
        ("100% sure_thing", "0% sure_"),
        ('a "quoted" \\ name', '"QUOTED" \\'),
        ("tab\there", "\tHERE"),
        ("🗻", "🗻"),
        ("ＦＵＬＬ", "ｆｕｌｌ"),
    ],
)
def test_find_knows_the_letters_of_the_world(store: Store, name: str, text: str) -> None:
    named, other = Entity("a", "Server", {"name": name}), Entity("b", "Server", {"name": "100x sureXthing"})
    store.apply(ChangeSet([named, other, Entity(f"{name} as an id", "Server")]))
    assert [entity.id for entity in store.find(text)] == sorted(["a", f"{name} as an id"])


def test_find_sees_no_property_but_the_name(store: Store) -> None:
    tricky: dict[str, Value] = {"name": "x", "description": '"name":"hidden"', "tag": ("hidden",)}
    store.apply(ChangeSet([Entity("a", "Server", tricky)]))
    assert store.find("hidden") == []
    assert store.find('x","') == []


def test_the_nearest_ids_are_what_may_have_been_meant(store: Store) -> None:
    ids = [f"server-{number}" for number in range(200)] + ["web-shop", "web-mail", "Zürich", "group:a/b"]
    store.apply(ChangeSet([Entity(id, "Server") for id in ids]))
    assert store.nearest_ids("web-shpo")[0] == "web-shop"
    assert store.nearest_ids("WEB-SHOP")[0] == "web-shop"
    assert store.nearest_ids("sever-117")[0] == "server-117"
    assert store.nearest_ids("zurich")[0] == "Zürich"
    assert store.nearest_ids("groups:a/b")[0] == "group:a/b"
    assert len(store.nearest_ids("server-300")) == 3
    assert len(store.nearest_ids("server-300", limit=1)) == 1


def test_nothing_is_near_to_what_is_quite_different(estate: Store) -> None:
    assert estate.nearest_ids("qqqqqqqq") == []
    assert estate.nearest_ids("") == []


def test_what_has_been_removed_is_neither_found_nor_near(estate: Store) -> None:
    estate.apply(ChangeSet(removed_entities=["web"]))
    assert estate.find("web") == []
    assert "web" not in estate.nearest_ids("wbe")


# ----------------------------------------------------------------------------- counts and sources


def test_what_is_there_is_counted_by_type(estate: Store) -> None:
    expected = {"Application": 1, "RedundancyGroup": 1, "Server": 2, "Service": 1, "dependsOn": 2, "hasMember": 2}
    assert estate.counts() == expected
    estate.apply(ChangeSet(removed_entities=["server-1", "web"]))
    assert estate.counts() == {"Application": 1, "RedundancyGroup": 1, "Server": 1, "dependsOn": 1, "hasMember": 1}


def test_a_source_is_remembered_with_its_last_import(store: Store, reopen: Reopen) -> None:
    cmdb = SourceState("cmdb", "yaml", "2026-11-21T09:30:00Z", "P1D")
    store.note_import(cmdb)
    store.note_import(SourceState("büro 🗻", "csv", "2026-11-20T00:00:00Z", ""))
    store.note_import(replace(cmdb, last_import="2026-11-22T09:30:00Z"))
    assert reopen().sources() == [
        SourceState("büro 🗻", "csv", "2026-11-20T00:00:00Z", ""),
        replace(cmdb, last_import="2026-11-22T09:30:00Z"),
    ]
    assert store.revision().number == 0


def test_a_source_that_only_stated_something_has_not_been_imported(estate: Store) -> None:
    assert estate.sources() == []
    estate.note_import(SourceState("cmdb", "yaml", "2026-11-21T09:30:00Z", ""))
    assert [source.name for source in estate.sources()] == ["cmdb"]
    assert estate.entity("app") == APP


# ------------------------------------------------------------------------- what the snapshot reads


def nodes(store: Store, at: int | None = None) -> dict[str, tuple[str, str, int]]:
    """Type, source and marks by id, as the stream tells them."""
    found: dict[int, tuple[str, str, int]] = {}
    with store.stream([], at) as graph:
        for stream in graph.nodes:
            ascending = list(packed(stream.chunks))
            assert ascending == sorted(ascending)
            for one in ascending:
                found[one >> 32] = (stream.type, graph.sources[one >> 8 & 0xFFFFFF], one & 0xFF)
        assert list(graph.edges) == []
    return {entity.id: found[k] for k, entity in store.by_keys(list(found), at)}


def edges(store: Store, *types: str, at: int | None = None) -> dict[tuple[str, str, str], int]:
    """Marks by key, as the stream tells them."""
    found: dict[tuple[int, str, int], int] = {}
    with store.stream(types, at) as graph:
        ks = [one >> 32 for stream in graph.nodes for one in packed(stream.chunks)]
        for stream in graph.edges:
            found |= {(one >> 32, stream.type, one & 0xFFFFFFFF): 0 for one in packed(stream.chunks)}
            found |= {(subject, stream.type, object): marks for subject, object, marks in stream.marked}
    ids = {k: entity.id for k, entity in store.by_keys(ks, at)}
    return {(ids[subject], type, ids[object]): marks for (subject, type, object), marks in found.items()}


def test_the_stream_tells_type_and_source_of_every_entity(estate: Store) -> None:
    assert nodes(estate) == {
        "app": ("Application", "cmdb", 0),
        "group": ("RedundancyGroup", "cmdb", 0),
        "server-1": ("Server", "cmdb", 0),
        "server-2": ("Server", "cmdb", 0),
        "web": ("Service", "catalogue", 0),
    }


def test_the_stream_tells_the_relations_that_are_asked_for(estate: Store) -> None:
    assert edges(estate, "dependsOn") == {APP_NEEDS_GROUP.key: 0, WEB_NEEDS_APP.key: MARK_SOFT}
    assert edges(estate, "hasMember", "hostedOn") == {GROUP_HAS_ONE.key: 0, GROUP_HAS_TWO.key: 0}
    assert set(edges(estate, *estate.vocabulary.relations)) == {relation.key for relation in RELATIONS}


def test_the_stream_of_an_empty_store_is_empty(store: Store) -> None:
    with store.stream(["dependsOn"]) as graph:
        assert graph.revision == 0
        assert [one for stream in graph.nodes for one in packed(stream.chunks)] == []
        assert [one for stream in graph.edges for one in packed(stream.chunks)] == []


def test_marks_tell_what_the_snapshot_must_know_of_an_entity(store: Store) -> None:
    marked: dict[str, dict[str, Value]] = {
        "a": {"placeholder": True},
        "b": {"placeholder": False},
        "c": {"lifecycle": "retired"},
        "d": {"lifecycle": "live"},
        "e": {"validFrom": "2026-11-21T00:00:00Z"},
        "f": {"placeholder": True, "lifecycle": "proposed", "validTo": "2026-11-21T00:00:00Z"},
    }
    store.apply(ChangeSet([Entity(id, "Server", properties) for id, properties in marked.items()]))
    assert {id: marks for id, (_, _, marks) in nodes(store).items()} == {
        "a": MARK_PLACEHOLDER,
        "b": 0,
        "c": MARK_NOT_LIVE,
        "d": 0,
        "e": MARK_DATED,
        "f": MARK_PLACEHOLDER | MARK_NOT_LIVE | MARK_DATED,
    }
    store.apply(ChangeSet([Entity("c", "Server", {"lifecycle": "live"})]))
    assert nodes(store)["c"][2] == 0
    assert nodes(store, 1)["c"][2] == MARK_NOT_LIVE


def test_marks_tell_what_the_snapshot_must_know_of_a_relation(store: Store) -> None:
    marked: dict[str, dict[str, Value]] = {
        "a": {"strength": "hard"},
        "b": {"strength": "soft"},
        "c": {"inferred": True},
        "d": {"validFrom": "2026-11-21T00:00:00Z", "strength": "soft"},
    }
    store.apply(
        ChangeSet(
            [Entity(id, "Server") for id in marked],
            [Relation("dependsOn", id, "a", properties) for id, properties in marked.items()],
        )
    )
    by_subject = {subject: marks for (subject, _, _), marks in edges(store, "dependsOn").items()}
    assert by_subject == {"a": MARK_HARD, "b": MARK_SOFT, "c": 0, "d": MARK_SOFT | MARK_DATED}
    store.apply(ChangeSet(relations=[Relation("dependsOn", "b", "a")]))
    assert edges(store, "dependsOn")["b", "dependsOn", "a"] == 0
    assert edges(store, "dependsOn", at=1)["b", "dependsOn", "a"] == MARK_SOFT


def test_marks_follow_what_the_ontology_says_of_a_lifecycle_status(
    store: Store, reopen: Reopen, tmp_path: Path
) -> None:
    """Until the next revision is written the marks in the store are those of the ontology that it was written with."""
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        """
        @prefix sms: <https://w3id.org/graphsms/ontology#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix vs: <http://www.w3.org/2003/06/sw-vocab-status/ns#> .
        sms:mothballed a owl:NamedIndividual, sms:LifecycleStatus ; skos:notation "mothballed" ; sms:rank 5 ;
            sms:carriesFailure false ; skos:prefLabel "mothballed"@en ; skos:definition "Kept, not used."@en ;
            rdfs:isDefinedBy <https://w3id.org/graphsms/ontology/extra> ; vs:term_status "stable" .
        """,
        encoding="utf-8",
    )
    store.apply(ChangeSet([Entity("a", "Server", {"lifecycle": "mothballed"}), Entity("b", "Server")]))
    assert nodes(store)["a"][2] == 0
    other = reopen(vocabulary=load([extra]))
    assert nodes(other)["a"][2] == MARK_NOT_LIVE
    other.apply(ChangeSet([Entity("c", "Server", {"lifecycle": "mothballed"})]))
    assert [nodes(other)[id][2] for id in "abc"] == [MARK_NOT_LIVE, 0, MARK_NOT_LIVE]
    assert nodes(other, 1)["a"][2] == MARK_NOT_LIVE


def test_what_is_dated_tells_from_when_and_to_when(store: Store) -> None:
    start, end = "2026-11-21T00:00:00Z", "2027-11-21T00:00:00Z"
    store.apply(
        ChangeSet(
            [
                Entity("a", "Server", {"validFrom": start}),
                Entity("b", "Server", {"validTo": end, "name": "B"}),
                Entity("c", "Server", {"lifecycle": "retired"}),
            ],
            [
                Relation("dependsOn", "a", "b", {"validFrom": start, "validTo": end}),
                Relation("dependsOn", "b", "c", {"strength": "soft"}),
                Relation("hostedOn", "b", "a", {"strength": "soft", "validTo": end}),
            ],
        )
    )
    a, b = store.keys(["a", "b"])
    first = ([(a, start, ""), (b, "", end)], [("dependsOn", a, b, start, end), ("hostedOn", b, a, "", end)])
    found = store.dated()
    assert (sorted(found[0]), sorted(found[1])) == first
    store.apply(ChangeSet([Entity("a", "Server")], removed_relations=[("b", "hostedOn", "a")]))
    assert store.dated() == ([(b, "", end)], [("dependsOn", a, b, start, end)])
    earlier = store.dated(1)
    assert (sorted(earlier[0]), sorted(earlier[1])) == first


def test_keys_come_in_the_order_of_ids_and_entities_in_that_of_keys(estate: Store) -> None:
    keys = estate.keys(["web", "nowhere", "app", "web"])
    assert keys[1] is None
    assert keys[0] == keys[3] != keys[2]
    known = [key for key in keys if key is not None]
    assert [key for key, _ in estate.by_keys(known)] == sorted(set(known))
    assert {entity.id for _, entity in estate.by_keys(known)} == {"app", "web"}
    assert all(0 < key < 2**31 for key in known)


def test_a_stream_stays_at_its_revision_while_the_graph_goes_on(estate: Store, reopen: Reopen) -> None:
    other = reopen()
    with estate.stream(["dependsOn", "hasMember"]) as graph:
        assert graph.revision == 1
        other.apply(ChangeSet([Entity("new", "Server")], [Relation("dependsOn", "web", "new")], ["server-1"]))
        assert sum(1 for stream in graph.nodes for _ in packed(stream.chunks)) == 5
        assert sum(len(stream.marked) + len(list(packed(stream.chunks))) for stream in graph.edges) == 4
    with estate.stream([]) as graph:
        assert graph.revision == 2


# ------------------------------------------------------------------------------------ open and shut


def test_a_store_that_has_been_closed_says_so(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.revision()


def test_a_store_is_closed_at_the_end_of_its_block(reopen: Reopen) -> None:
    with reopen() as store:
        store.apply(ChangeSet([GROUP]))
    with pytest.raises(StoreError, match="closed"):
        store.entity("group")
    assert reopen().entity("group") == GROUP


def test_a_url_shows_no_password(store: Store, store_url: str) -> None:
    assert store.url
    assert store.url == store_url.replace(store_url.partition("://")[2].rpartition("@")[0] + "@", "")
