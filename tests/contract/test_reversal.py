"""Undoing a revision is another revision; what later ones touched is not lost by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from contract.conftest import NewStore
from contract.samples import (
    APP,
    ESTATE,
    GROUP,
    ONE,
    TWO,
    WEB,
    WEB_NEEDS_APP,
    Model,
    content,
    histories,
)
from graphsms.errors import ConflictError, InputError
from graphsms.history import History
from graphsms.history.reversal import Conflict, plan_return, plan_reversal, revert
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store

RENAMED = replace(WEB, properties={"name": "Shop"})


@pytest.fixture
def history(store: Store) -> History:
    store.apply(ESTATE)
    return History(store)


def test_undoing_a_revision_is_a_revision_with_who_why_and_request(store: Store, history: History) -> None:
    store.apply(ChangeSet([RENAMED]))
    done = history.revert(2, actor="Ada", request="RFC-9")
    assert done.made == store.revision()
    assert (store.revision().number, store.revision().actor, store.revision().request) == (3, "Ada", "RFC-9")
    assert store.revision().reason == "Undoes revision 2"
    assert content(store) == content(store, 1)
    assert content(store, 2) != content(store, 1)
    assert done.sentence() == "Revision 3 brings the undoing of revision 2: 1 changed."


def test_a_dry_run_says_what_would_be_done_and_does_nothing(store: Store, history: History) -> None:
    store.apply(ChangeSet([Entity("new", "Server")], removed_entities=["web"]))
    plan = history.revert(2, dry_run=True)
    assert plan.sentence() == "A new revision would bring the undoing of revision 2: 2 restored, 1 removed."
    assert [(one.kind, one.item) for one in plan.changes] == [
        ("removed", Entity("new", "Server")),
        ("created", WEB),
        ("created", WEB_NEEDS_APP),
    ]
    assert store.revision().number == 2


def test_what_is_undone_twice_is_undone_once(store: Store, history: History) -> None:
    store.apply(ChangeSet([RENAMED]))
    store.apply(ChangeSet([Entity("new", "Server")]))
    history.revert(2)
    again = history.revert(2)
    assert (again.made, again.changes) == (None, ())
    assert again.sentence() == "Nothing to do: revision 2 is undone already."
    assert store.revision().number == 4
    assert store.entity("new") is not None


def test_a_revision_is_undone_where_later_ones_touched_other_things(store: Store, history: History) -> None:
    store.apply(ChangeSet([RENAMED]))
    store.apply(ChangeSet([replace(ONE, properties={})], [Relation("dependsOn", "web", "server-2")]))
    history.revert(2)
    assert store.entity("web") == WEB
    assert store.entity("server-1") == replace(ONE, properties={})
    assert len(list(store.relations(subjects=["web"]))) == 2


# -------------------------------------------------------------------------------------- conflicts

NEW = Entity("new", "Server")
CONFLICTS: dict[str, tuple[list[ChangeSet], str, int]] = {
    "changed again": (
        [ChangeSet([RENAMED]), ChangeSet([replace(WEB, properties={"name": "Sale"})])],
        "web: it has been changed since, in revision 3.",
        3,
    ),
    "removed": (
        [ChangeSet([RENAMED]), ChangeSet(removed_entities=["web"])],
        "web: it has been removed since, in revision 3.",
        3,
    ),
    "made anew": (
        [
            ChangeSet(removed_relations=[WEB_NEEDS_APP.key]),
            ChangeSet(relations=[replace(WEB_NEEDS_APP, properties={})]),
        ],
        "web dependsOn app: it has been made anew since, in revision 3.",
        3,
    ),
    "built upon": (
        [ChangeSet([NEW]), ChangeSet(relations=[Relation("dependsOn", "web", "new")])],
        "web dependsOn new: it would go with new, and was made since, in revision 3.",
        3,
    ),
    "an end is gone": (
        [ChangeSet(removed_relations=[WEB_NEEDS_APP.key]), ChangeSet(removed_entities=["app"])],
        "web dependsOn app: its end app has been removed since, in revision 3.",
        3,
    ),
    "another type": (
        [
            ChangeSet([replace(TWO, type="RedundancyGroup", properties={"minimum": 1})]),
            ChangeSet([], [Relation("hasMember", "server-2", "server-1")]),
        ],
        "server-2 hasMember server-1: it does not fit the former type of its end; see revision 3.",
        3,
    ),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_what_later_revisions_touched_is_a_conflict_and_nothing_is_changed(
    store: Store, history: History, case: str
) -> None:
    changes, words, number = CONFLICTS[case]
    for one in changes:
        store.apply(one)
    before = content(store)
    with pytest.raises(ConflictError, match="nothing was changed") as refused:
        history.revert(2)
    assert words in str(refused.value)
    (conflict,) = refused.value.conflicts
    assert isinstance(conflict, Conflict)
    assert conflict.revision == number
    assert (content(store), store.revision().number) == (before, 3)
    assert history.revert(2, dry_run=True).conflicts == (conflict,)
    history.revert(to=1)
    assert content(store) == content(store, 1)


def test_undone_newest_first_there_is_no_conflict(store: Store, history: History) -> None:
    for change in (
        ChangeSet([RENAMED]),
        ChangeSet([replace(RENAMED, type="Application")]),
        ChangeSet(removed_entities=["web"]),
    ):
        store.apply(change)
    for number in (4, 3, 2):
        history.revert(number)
    assert content(store) == content(store, 1)
    assert verify_journal(store).intact


def test_the_state_of_an_earlier_revision_comes_back_whole(store: Store, history: History) -> None:
    store.apply(ChangeSet([replace(GROUP, properties={"minimum": 2})], removed_entities=["web", "app"]))
    store.apply(ChangeSet([replace(APP, type="Service", source="other")], [Relation("dependsOn", "app", "group")]))
    done = history.revert(to=1, reason="wrong file")
    assert content(store) == content(store, 1)
    assert store.revision().reason == "wrong file"
    assert done.sentence().startswith("Revision 4 brings the state of revision 1: ")
    assert history.revert(to=4).made is None


def test_what_is_to_be_undone_has_to_be_said_in_one_way(history: History) -> None:
    ways: list[Callable[[], object]] = [
        lambda: history.revert(),
        lambda: history.revert(1, to=1),
        lambda: history.revert(2),
        lambda: history.revert(0),
        lambda: history.revert("web"),
        lambda: history.revert(to=7),
    ]
    for way in ways:
        with pytest.raises(InputError):
            way()


def test_what_somebody_else_did_after_the_plan_is_not_undone_with_it(store: Store, history: History) -> None:
    store.apply(ChangeSet([RENAMED]))
    plans = plan_reversal(store, 2), plan_return(store, 1)
    store.apply(ChangeSet([replace(WEB, properties={"name": "Sale"})]))
    for plan in plans:
        with pytest.raises(ConflictError, match="made from revision 2"):
            revert(plan, store)
    assert store.revision().number == 3


def test_a_baseline_made_since_is_in_nobodys_way(store: Store, history: History) -> None:
    store.apply(ChangeSet([NEW]))
    made = history.create_baseline("since", "new", "web")
    plan = history.revert(2, dry_run=True)
    assert plan.conflicts == ()
    history.revert(2)
    assert (store.revision().removed, store.entity("new")) == (2, None)
    assert history.baseline("since") == made
    assert [one.kind for one in history.baseline_diff("since").entities] == ["removed"]
    assert verify_journal(store).intact


# -------------------------------------------------------------------------------------- properties


def test_undoing_the_last_revision_gives_what_was_and_undoing_that_gives_what_is(
    new_store: NewStore, store_url: str
) -> None:
    @settings(max_examples=5 if "://" in store_url else 60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories())
    def there_and_back(made: list[tuple[ChangeSet, Model]]) -> None:
        with new_store() as store:
            history, states = History(store), [content(store)]
            for changes, _ in made:
                if store.apply(changes).number == len(states):
                    states.append(content(store))
            for number in range(len(states) - 1, 0, -1):
                present = store.revision().number
                history.revert(number)
                assert _same(content(store), states[number - 1])
                history.revert(present + 1)
                assert _same(content(store), states[number])
                history.revert(present + 2)
                assert _same(content(store), states[number - 1])
            for number, state in enumerate(states):
                history.revert(to=number)
                assert _same(content(store), state)
            assert verify_journal(store).intact

    there_and_back()


def _same(one: tuple[list[Entity], list[Relation]], other: tuple[list[Entity], list[Relation]]) -> bool:
    """Also in the order in which sources spoke."""
    orders = [[list(item.stated) for part in whole for item in part] for whole in (one, other)]
    return one == other and orders[0] == orders[1]
