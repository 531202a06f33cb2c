"""Baselines: a state kept under a name, for a release too, and compared with what came after (8.5.3, 8.2.6)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contract.conftest import Reopen
from contract.samples import APP, ESTATE, ONE, TWO, WEB
from graphsms.errors import InputError, UnknownIdError
from graphsms.history import History
from graphsms.history.changes import FieldChange
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.store import Store

RELEASE = Entity("rel-4", "Release", {"name": "Shop 4"})
DELIVERS = [Relation("delivers", "rel-4", "app"), Relation("delivers", "rel-4", "server-1")]


@pytest.fixture
def store(reopen: Reopen) -> Store:
    """The estate, then a release of the application and a server."""
    store = reopen()
    store.apply(ESTATE)
    store.apply(ChangeSet([RELEASE], DELIVERS))
    return store


@pytest.fixture
def history(store: Store) -> History:
    return History(store)


def test_a_baseline_is_an_entity_made_by_a_revision_of_its_own(store: Store, history: History) -> None:
    made = history.create_baseline("before", "web", "app", actor="Ada", reason="release", request="RFC-7")
    assert (made.id, made.revision, made.items, made.made, made.problem) == ("before", 2, ("app", "web"), 3, "")
    revision = store.revision()
    assert (revision.number, revision.actor, revision.reason, revision.request) == (3, "Ada", "release", "RFC-7")
    entity = store.entity("before")
    assert entity is not None
    assert (entity.type, entity.properties["atRevision"]) == ("ConfigurationBaseline", 2)
    assert {one.key for one in store.relations(subjects=["before"])} == {
        ("before", "baselineOf", "app"),
        ("before", "baselineOf", "web"),
    }
    assert list(history.baselines()) == [made]
    assert verify_journal(store).intact


def test_a_baseline_without_items_is_of_the_whole_graph(store: Store, history: History) -> None:
    made = history.create_baseline("all")
    assert made.items == ()
    store.apply(
        ChangeSet([replace(ONE, properties={}), Entity("new", "Server")], [Relation("dependsOn", "new", "web")])
    )
    found = history.baseline_diff("all")
    assert [(one.kind, one.item) for one in found.changes] == [
        ("created", Entity("new", "Server")),
        ("changed", replace(ONE, properties={})),
        ("created", Relation("dependsOn", "new", "web")),
    ]


def test_a_baseline_for_a_release_is_of_what_it_affects_and_the_release_has_it(store: Store, history: History) -> None:
    made = history.create_baseline("before-4", release="rel-4")
    assert (made.items, made.releases) == (("app", "server-1"), ("rel-4",))
    assert [one.key for one in store.relations(subjects=["rel-4"], type="hasBaseline")] == [
        ("rel-4", "hasBaseline", "before-4")
    ]
    assert history.create_baseline("and-web", "web", release="rel-4").items == ("app", "server-1", "web")


def test_a_baseline_is_compared_with_the_present_by_its_items_and_the_relations_at_them(
    store: Store, history: History
) -> None:
    history.create_baseline("before-4", release="rel-4")
    assert history.baseline_diff("before-4").changes == ()
    store.apply(
        ChangeSet(
            [replace(APP, properties={"name": "App 4"}), replace(WEB, properties={})],
            [Relation("hostedOn", "app", "server-2"), Relation("dependsOn", "web", "server-2")],
            removed_relations=[("app", "dependsOn", "group")],
        )
    )
    found = history.baseline_diff("before-4")
    assert [(one.kind, one.item.id) for one in found.entities if isinstance(one.item, Entity)] == [("changed", "app")]
    assert found.entities[0].fields == (FieldChange("name", "Shop application", "App 4"),)
    assert [(one.kind, one.item.key) for one in found.relations if isinstance(one.item, Relation)] == [
        ("removed", ("app", "dependsOn", "group")),
        ("created", ("app", "hostedOn", "server-2")),
    ]
    assert history.baseline_diff("before-4", 4) == found
    assert history.baseline_diff("before-4", 3).changes == ()


def test_a_baseline_is_compared_with_another_by_the_items_of_both(store: Store, history: History) -> None:
    history.create_baseline("one", "server-1")
    store.apply(ChangeSet([replace(ONE, properties={}), replace(TWO, properties={}), replace(WEB, properties={})]))
    history.create_baseline("two", "server-2")
    found = history.baseline_diff("one", "two")
    assert [one.item for one in found.entities] == [replace(ONE, properties={}), replace(TWO, properties={})]
    assert history.baseline_diff("two", "one").changes == tuple(one.inverse for one in found.changes)


def test_a_baseline_names_a_revision_wherever_one_is_asked_for(store: Store, history: History) -> None:
    history.create_baseline("before", "web")
    store.apply(ChangeSet([replace(WEB, properties={})]))
    assert history.at("before") == 2
    assert [one.item for one in history.diff("before", ids=["web"]).entities] == [replace(WEB, properties={})]
    assert [one.number for one in history.log(since="before")] == [4, 3, 2]


def test_a_baseline_of_the_past_holds_what_was_then(reopen: Reopen) -> None:
    times = iter(f"2026-11-{day:02}T09:30:00Z" for day in range(1, 21))
    store = reopen(clock=lambda: next(times))
    store.apply(ESTATE)
    store.apply(ChangeSet([replace(WEB, properties={})]))
    store.apply(ChangeSet([TWO, Entity("new", "Server")]))
    history = History(store)
    assert history.create_baseline("first", at=1).taken_at == "2026-11-01T09:30:00Z"
    of_day = history.create_baseline("day", "web", at="2026-11-01")
    assert (of_day.revision, of_day.taken_at) == (1, "2026-11-01T23:59:59.999999Z")
    assert [one.item.type for one in history.baseline_diff("day").entities] == ["Service"]
    assert history.create_baseline("nothing", at=0).revision == 0
    assert len(history.baseline_diff("nothing", 1)) == 9
    with pytest.raises(UnknownIdError):
        history.create_baseline("never", "new", at=1)


def test_a_baseline_keeps_its_items_and_can_be_read_when_they_or_it_are_gone(store: Store, history: History) -> None:
    made = history.create_baseline("before", "app", "server-1")
    store.apply(ChangeSet(removed_entities=["app"]))
    assert history.baseline("before") == made
    assert [(one.kind, one.item) for one in history.baseline_diff("before").entities] == [("removed", APP)]
    store.apply(ChangeSet(removed_entities=["before"]))
    assert list(history.baselines()) == []
    assert history.baseline("before") == replace(made, removed=5)
    assert len(history.baseline_diff("before").entities) == 1
    history.revert(to="before")
    assert history.baseline("before").removed == 5
    assert history.baseline_diff("before").changes == ()


def test_only_a_release_that_affects_something_has_a_baseline_of_its_own(store: Store, history: History) -> None:
    with pytest.raises(InputError, match="'web' is a service, not a release"):
        history.create_baseline("x", release="web")
    with pytest.raises(UnknownIdError):
        history.create_baseline("x", release="rel-5")
    store.apply(ChangeSet([Entity("rel-5", "Release")]))
    with pytest.raises(InputError, match="delivers no configuration item"):
        history.create_baseline("x", release="rel-5")
    assert store.revision().number == 3


USERS_TERMS = """
@prefix my: <https://example.org/terms#> .
@prefix sms: <https://w3id.org/graphsms/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

my:Hotfix a owl:Class ; rdfs:subClassOf sms:Release ;
    skos:prefLabel "hotfix"@en ; skos:definition "A release in a hurry."@en .
my:patches a owl:ObjectProperty ; rdfs:subPropertyOf sms:delivers ;
    rdfs:domain my:Hotfix ; rdfs:range sms:ConfigurationItem ; sms:propagation sms:noPropagation ;
    skos:prefLabel "patches"@en ; skos:definition "What it replaces a part of."@en .
"""


def test_releases_and_what_they_affect_may_be_terms_of_the_users_own(reopen: Reopen, tmp_path: Path) -> None:
    (tmp_path / "own.ttl").write_text(USERS_TERMS, encoding="utf-8")
    store = reopen(vocabulary=load((tmp_path / "own.ttl",)))
    store.apply(ESTATE)
    affected = [Relation("patches", "fix", "app"), Relation("delivers", "fix", "server-1")]
    store.apply(ChangeSet([Entity("fix", "Hotfix")], affected))
    assert History(store).create_baseline("before-fix", release="fix").items == ("app", "server-1")


def test_baselines_come_as_rows_for_pandas(history: History) -> None:
    history.create_baseline("before", "web")
    frame = history.baselines().to_frame()
    assert frame[["id", "revision", "made"]].values.tolist() == [["before", 2, 3]]
    assert history.baseline_diff("before").to_frame().empty


@pytest.mark.parametrize("name", ["12", "2026-11-21", "2026-11-21T09:30", " x", "", "web"])
def test_a_name_that_means_something_else_is_refused(store: Store, history: History, name: str) -> None:
    with pytest.raises(InputError):
        history.create_baseline(name)
    assert store.revision().number == 2


def test_only_configuration_items_that_are_there_can_be_in_a_baseline(store: Store, history: History) -> None:
    with pytest.raises(InputError, match="'rel-4' is a release"):
        history.create_baseline("x", "rel-4")
    with pytest.raises(UnknownIdError, match="web"):
        history.create_baseline("x", "wep")
    store.apply(ChangeSet(removed_entities=["web"]))
    with pytest.raises(InputError, match="removed since"):
        history.create_baseline("x", "web", at=1)
    assert store.revision().number == 3


def test_a_baseline_that_was_taken_elsewhere_says_so(store: Store, history: History) -> None:
    kind = "ConfigurationBaseline"
    store.apply(
        ChangeSet(
            [
                Entity("of-2001", kind, {"takenAt": "2001-01-01T00:00:00Z", "name": "Old"}),
                Entity("elsewhere", kind, {"takenAt": "2001-01-01T00:00:00Z", "atRevision": 1}),
                Entity("to-come", kind, {"atRevision": 99}),
                Entity("nothing", kind, {"name": "Old"}),
            ]
        )
    )
    problems = {one.id: one.problem for one in history.baselines()}
    assert "before the first revision" in problems["of-2001"]
    assert "revision 1 of another graph" in problems["elsewhere"]
    assert "revision 99 of another graph" in problems["to-come"]
    assert "neither" in problems["nothing"]
    with pytest.raises(InputError, match="before the first revision"):
        history.baseline_diff("of-2001")
    with pytest.raises(InputError, match="Several baselines"):
        history.baseline("Old")
    with pytest.raises(InputError, match="no baseline 'befor'"):
        history.baseline("befor")


def test_a_baseline_that_was_edited_holds_what_it_held_and_says_so(store: Store, history: History) -> None:
    made = history.create_baseline("before", "web")
    entity = store.entity("before")
    assert entity is not None
    store.apply(ChangeSet([replace(entity, properties={"atRevision": 1})], [Relation("baselineOf", "before", "app")]))
    found = history.baseline("before")
    assert (found.revision, found.items, found.made) == (made.revision, ("web",), made.made)
    assert "edited since" in found.problem
    assert history.at("before") == 2


def test_a_baseline_that_was_described_by_hand_is_found_by_its_name(reopen: Reopen) -> None:
    times = iter(f"2026-11-{day:02}T09:30:00Z" for day in range(1, 21))
    store = reopen(clock=lambda: next(times))
    store.apply(ESTATE)
    taken = {"takenAt": "2026-11-01T12:00:00Z", "name": "Before the sale"}
    store.apply(ChangeSet([Entity("b", "ConfigurationBaseline", taken)]))
    assert History(store).baseline("b").items == ()
    store.apply(ChangeSet(relations=[Relation("baselineOf", "b", "web")]))
    found = History(store).baseline("Before the sale")
    assert (found.revision, found.items) == (1, ("web",))
    assert History(store).at("Before the sale") == 1
