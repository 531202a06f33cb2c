"""What changed, when, by whom and under which request: asked of every store."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from contract.conftest import NewStore, Reopen
from contract.samples import (
    APP,
    APP_NEEDS_GROUP,
    ENTITIES,
    ESTATE,
    ONE,
    RELATIONS,
    WEB,
    WEB_NEEDS_APP,
    Model,
    histories,
)
from graphsms.errors import InputError, UnknownIdError
from graphsms.history import History
from graphsms.history.changes import Change, FieldChange, key_of, same
from graphsms.history.search import find_at
from graphsms.model import ChangeSet, Entity, Relation, Statement
from graphsms.store import Store

RENAMED = replace(WEB, properties={"name": "Shop", "tag": ("a", "b")})
NOW_HARD = replace(WEB_NEEDS_APP, properties={})


@pytest.fixture
def store(reopen: Reopen) -> Store:
    """1: the estate. 2, a day later: renamed, by Grace under RFC-2. 3: the application goes. 4: Ada brings it back."""
    times = iter(f"2026-11-{day:02}T23:30:00Z" for day in range(20, 30))
    store = reopen(clock=lambda: next(times))
    store.apply(ESTATE)
    store.apply(ChangeSet([RENAMED], [NOW_HARD], actor="Grace", reason="sale", request="RFC-2", source="cmdb"))
    store.apply(ChangeSet(removed_entities=["app"], actor="Grace", request="rfc-3"))
    store.apply(ChangeSet([Entity("app", "Service")], [Relation("dependsOn", "web", "app")], actor="Ada"))
    return store


@pytest.fixture
def history(store: Store) -> History:
    return History(store)


# -------------------------------------------------------------------------------------------- log


def test_the_log_has_every_revision_newest_first_with_who_why_and_what(history: History) -> None:
    log = history.log()
    assert [one.number for one in log] == [4, 3, 2, 1]
    second = log.revisions[2]
    assert (second.actor, second.reason, second.request, second.source) == ("Grace", "sale", "RFC-2", "cmdb")
    assert (second.created, second.changed, second.removed) == (0, 2, 0)
    assert (log.present.number, log.left_out) == (4, 0)


def test_the_log_can_be_narrowed_to_an_actor_a_request_a_time_and_a_number(history: History) -> None:
    def numbers(**asked: object) -> list[int]:
        return [one.number for one in history.log(**asked)]  # type: ignore[arg-type]

    assert numbers(actor="grace") == [3, 2]
    assert numbers(request="RFC-3") == [3]
    assert numbers(request="RFC") == []
    assert numbers(since=2, until=3) == [3, 2]
    assert numbers(since="2026-11-21", until="2026-11-22") == [3, 2]
    assert numbers(since="2026-11-21T23:30:00.000001Z") == [4, 3]
    assert numbers(since="2026-11-21T23:30Z", until="2026-11-21T23:30Z") == [2]
    assert numbers(limit=1) == [4]
    assert history.log(limit=1).left_out == 3
    assert numbers(limit=1, actor="Grace") == [3]


def test_a_day_is_that_of_the_organizations_zone(store: Store) -> None:
    """23:30 in UTC is the next day in Zurich."""
    zurich = History(store, ZoneInfo("Europe/Zurich"))
    assert zurich.at("2026-11-20") == 0
    assert History(store, UTC).at("2026-11-20") == 1
    assert zurich.at("2026-11-21") == 1
    assert [one.number for one in zurich.log(since="2026-11-21", until="2026-11-21")] == [1]


def test_a_bare_date_is_what_was_recorded_by_its_end_and_a_moment_what_was_recorded_by_then(history: History) -> None:
    assert history.at("2026-11-19") == 0
    assert history.at("2026-11-21") == 2
    assert history.at("2026-11-21T23:29:59Z") == 1
    assert history.at("2126-01-01") == 4
    assert (history.at("3"), history.at(0), history.at(None)) == (3, 0, None)
    for wrong in ("5", -1, "yesterday"):
        with pytest.raises(InputError):
            history.at(wrong)


def test_what_is_no_revision_no_id_and_no_number_is_said_to_be_none(history: History) -> None:
    asked: list[Callable[[Any], object]] = [
        history.at,
        lambda wrong: history.of(wrong),
        lambda wrong: history.log(since=wrong),
        lambda wrong: history.log(limit=wrong),
        lambda wrong: history.diff(wrong),
        lambda wrong: history.diff(1, ids=[wrong]),
        lambda wrong: history.baseline(wrong),
        lambda wrong: history.create_baseline(wrong),
        lambda wrong: history.create_baseline("x", wrong),
        lambda wrong: history.revert(wrong),
        lambda wrong: history.revert(to=wrong),
    ]
    for ask in asked:
        for wrong in (1.5, b"web", {"web": 1.5}.values()):
            with pytest.raises(InputError):
                ask(wrong)


# ------------------------------------------------------------------------------------- one entity


def test_the_history_of_an_entity_is_every_revision_that_touched_it_or_its_relations(history: History) -> None:
    found = history.of("web")
    assert [event.revision.number for event in found] == [4, 3, 2, 1]
    assert [len(event.changes) for event in found] == [1, 1, 2, 2]
    second = found.events[2]
    assert (second.revision.actor, second.revision.request) == ("Grace", "RFC-2")
    entity, relation = second.changes
    assert entity.kind == "changed"
    assert entity.fields == (
        FieldChange("criticality", "high", None),
        FieldChange("name", "Web shop", "Shop"),
        FieldChange("tag", None, ("a", "b")),
    )
    assert relation.fields == (FieldChange("strength", "soft", None),)
    assert found.entity == RENAMED
    assert [event.revision.number for event in history.of("web", since=2, until=3)] == [3, 2]
    assert (len(history.of("web", limit=1)), history.of("web", limit=1).left_out) == (1, 3)


def test_an_entity_that_is_gone_or_came_back_has_its_whole_history(store: Store) -> None:
    found = History(store).of("app")
    assert [event.revision.number for event in found] == [4, 3, 2, 1]
    assert found.events[1].changes[0] == Change(APP, None)
    store.apply(ChangeSet(removed_entities=["app"]))
    assert History(store).of("app").entity is None


def test_an_entity_that_never_was_is_an_unknown_id(history: History) -> None:
    with pytest.raises(UnknownIdError, match="server-1"):
        history.of("server1")


def test_what_sources_say_and_which_of_them_leads_is_part_of_the_history(store: Store) -> None:
    said = {"cmdb": Statement("Server", {"name": "Server 1"}), "monitoring": Statement("Server", {"name": "srv1"})}
    store.apply(ChangeSet([replace(ONE, source="monitoring", stated=said)]))
    (change,) = History(store).of("server-1", since=5).events[0].changes
    assert change.fields == (
        FieldChange("source", "cmdb", "monitoring"),
        FieldChange("type", None, "Server", "cmdb"),
        FieldChange("name", None, "Server 1", "cmdb"),
        FieldChange("type", None, "Server", "monitoring"),
        FieldChange("name", None, "srv1", "monitoring"),
    )


# ------------------------------------------------------------------------------------------- diff


def test_a_difference_tells_created_changed_and_removed_of_entities_and_relations(history: History) -> None:
    found = history.diff(1, 3)
    assert [(one.kind, one.item) for one in found.entities] == [("removed", APP), ("changed", RENAMED)]
    assert [(one.kind, one.before) for one in found.relations] == [
        ("removed", APP_NEEDS_GROUP),
        ("removed", WEB_NEEDS_APP),
    ]
    assert found.sentence() == (
        "From revision 1 to revision 3, 2 entities and 2 relations are different: created 0, changed 1, removed 3."
    )
    assert (found.since.number, found.until.time) == (1, "2026-11-22T23:30:00.000000Z")


def test_a_difference_backwards_is_the_inverse(history: History) -> None:
    assert history.diff(3, 1).changes == tuple(one.inverse for one in history.diff(1, 3).changes)
    assert history.diff("2026-11-20", "2026-11-22") == history.diff(1, 3)
    assert history.diff(2).changes == history.diff(2, 4).changes
    assert history.diff(2, 2).sentence() == "From revision 2 to revision 2, nothing is different."


def test_what_is_the_same_again_is_no_difference(store: Store) -> None:
    store.apply(ChangeSet([WEB]))
    assert [key_of(one.item) for one in History(store).diff(1, 5, ids=["web"]).entities] == []


def test_a_difference_can_be_of_a_type_or_of_some_entities(history: History) -> None:
    assert [one.item.type for one in history.diff(0, 1, type="Server").entities] == ["Server", "Server"]
    at_servers = history.diff(0, 1, type="Server").relations
    assert [one.item for one in at_servers] == [RELATIONS[1], RELATIONS[2]]
    assert len(history.diff(0, 1, type="ConfigurationItem").entities) == len(ENTITIES)
    # The application was one before, and is a service after.
    assert [one.kind for one in history.diff(1, 4, type="Application").entities] == ["changed"]
    about_app = history.diff(1, 4, ids=["app"])
    assert [one.kind for one in about_app.entities] == ["changed"]
    assert {one.item.type for one in about_app.relations} == {"dependsOn"}
    with pytest.raises(InputError, match="no type"):
        history.diff(1, 2, type="Spaceship")
    with pytest.raises(UnknownIdError):
        history.diff(1, 2, ids=["nowhere"])


def test_a_difference_between_any_two_revisions_is_what_comparing_them_whole_finds(
    new_store: NewStore, store_url: str
) -> None:
    @settings(max_examples=5 if "://" in store_url else 40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories())
    def as_compared(made: list[tuple[ChangeSet, Model]]) -> None:
        with new_store() as store:
            states = [_state(store)]
            for changes, _ in made:
                if store.apply(changes).number == len(states):
                    states.append(_state(store))
            history = History(store)
            for first, before in enumerate(states):
                for last, after in enumerate(states):
                    expected = [
                        Change(before.get(key), after.get(key))
                        for key in sorted(before.keys() | after.keys())
                        if not same(before.get(key), after.get(key))
                    ]
                    assert list(history.diff(first, last).changes) == expected

    as_compared()


def _state(store: Store) -> dict[tuple[int, str, str, str], Entity | Relation]:
    items: list[Entity | Relation] = [*store.entities(), *store.relations()]
    return {key_of(one): one for one in items}


def test_answers_come_as_rows_for_pandas_and_as_plain_values(history: History) -> None:
    assert history.log().to_frame()["actor"].tolist() == ["Ada", "Grace", "Grace", "Ada"]
    of_web = history.of("web").to_frame()
    assert of_web[of_web["field"] == "name"][["revision", "request", "after"]].values.tolist() == [
        [2, "RFC-2", "Shop"],
        [1, "RFC-1", "Web shop"],
    ]
    different = history.diff(1, 2)
    assert different.to_frame()["field"].tolist() == ["criticality", "name", "tag", "strength"]
    found = different.to_json()
    assert (found["since"]["number"], found["until"]["number"], found["changed"]) == (1, 2, 2)
    assert found["relations"] == [
        {
            "subject": "web",
            "type": "dependsOn",
            "object": "app",
            "change": "changed",
            "fields": [{"field": "strength", "before": "soft", "after": None}],
        }
    ]
    assert json.loads(json.dumps(history.of("web").to_json()))["events"][1]["number"] == 3
    assert history.revert(4, dry_run=True).to_frame()["change"].tolist() == ["removed"] * 2


# -------------------------------------------------------------------------------------------- find


def test_what_was_there_then_is_found_as_it_was_then(store: Store) -> None:
    assert [one.id for one in find_at(store, "WEB", None, 10, 1)] == ["web"]
    assert find_at(store, "web shop", None, 10, 2) == []
    assert [one.id for one in find_at(store, "app", None, 10, 3)] == []
    present = store.revision().number
    for text in ("web", "server", "app", "", "1"):
        for type in (None, "Server", "ConfigurationItem"):
            assert find_at(store, text, type, 3, present) == store.find(text, type, 3)
