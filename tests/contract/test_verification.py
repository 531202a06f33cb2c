"""What is edited, removed, put in or reordered behind a store's back is found, at the revision that it broke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from contract.conftest import Reopen
from contract.samples import ESTATE, ONE, TWO, WEB
from contract.tampering import Tampering, TamperingNeo4j, tampering
from graphsms.errors import InputError
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store

# 1: the estate. 2: the shop is renamed. 3: a spare server. 4: the shop is renamed again. 5: another one.
SPARE = Entity("spare", "Server", {"name": "Spare"}, "cmdb")
OTHER = Entity("other", "Server", {}, "cmdb")


@pytest.fixture
def store(reopen: Reopen) -> Store:
    times = iter(f"2026-11-{day:02}T09:30:00Z" for day in range(20, 30))
    store = reopen(clock=lambda: next(times))
    store.apply(ESTATE)
    store.apply(ChangeSet([replace(WEB, properties={"name": "Shop"})], actor="Grace"))
    store.apply(ChangeSet([SPARE], actor="Ada"))
    store.apply(ChangeSet([replace(WEB, properties={"name": "Sale"})], actor="Grace"))
    store.apply(ChangeSet([OTHER], actor="Ada"))
    return store


@pytest.fixture
def tamper(store: Store, store_url: str) -> Tampering:
    return tampering(store_url)


def test_a_journal_that_nobody_touched_is_intact(store: Store) -> None:
    verdict = verify_journal(store)
    assert verdict.intact
    assert (verdict.revisions, verdict.rows) == (5, 9 + 1 + 1 + 1 + 1)
    assert verdict.present == store.revision()
    assert verdict.sentence() == "The journal is intact: 5 revisions, 13 states of entities and relations."


def test_an_empty_store_is_intact(reopen: Reopen) -> None:
    assert verify_journal(reopen()).sentence() == "The journal is intact: there is no revision yet."


FORGERIES: dict[str, tuple[Callable[[Tampering], None], int, str, str]] = {
    "a property": (lambda t: t.edit_property("spare"), 3, "hash-differs", "edited"),
    "a property of what the first revision made": (lambda t: t.edit_property("app"), 1, "hash-differs", "edited"),
    "a relation": (lambda t: t.edit_relation("app"), 1, "hash-differs", "edited"),
    "a type": (lambda t: t.edit_type("spare"), 3, "hash-differs", "edited"),
    "a relation that leads the other way": (lambda t: t.turn_round("web"), 1, "hash-differs", "edited"),
    "a property of the past": (lambda t: t.edit_former("web"), 1, "hash-differs", "edited"),
    "a mark": (lambda t: t.edit_mark("spare"), 3, "row-edited", "'spare'"),
    "a row that is gone": (lambda t: t.remove("spare"), 3, "row-missing", "1 of the rows that it made is missing"),
    "a row of the past that is gone": (lambda t: t.remove_former("web"), 1, "row-missing", "missing"),
    "a row of the past that lasts longer": (lambda t: t.prolong_former("web", 2, 5), 2, "row-missing", "that it ended"),
    "who made a revision": (lambda t: t.edit_revision(3), 3, "hash-differs", "actor"),
    "who made the last revision": (lambda t: t.edit_revision(5), 5, "hash-differs", "actor"),
    "a revision that is gone": (lambda t: t.remove_revision(3), 3, "revision-missing", "Revision 3 is missing"),
    "the last revision is gone": (lambda t: t.remove_revision(5), 5, "revision-missing", "missing"),
    "two revisions that changed places": (lambda t: t.swap_revisions(2, 4), 2, "revision-out-of-order", "reordered"),
    "neighbours that changed places": (lambda t: t.swap_revisions(3, 4), 3, "revision-out-of-order", "reordered"),
    "a row that was put in": (lambda t: t.insert("forged", 3), 3, "row-added", "too many"),
    "a row from a revision to come": (lambda t: t.insert("forged", 9), 9, "revision-missing", "missing"),
    "a row from no revision": (lambda t: t.insert("forged", None), 5, "row-added", "no revision"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_found_at_the_revision_that_it_broke(store: Store, tamper: Tampering, forgery: str) -> None:
    forge, revision, rule, words = FORGERIES[forgery]
    forge(tamper)
    verdict = verify_journal(store)
    assert verdict.broken is not None
    assert (verdict.broken.revision, verdict.broken.rule) == (revision, rule), verdict.broken.message
    assert words in verdict.broken.message
    assert verdict.sentence().startswith(f"The journal is broken at revision {revision}: ")


def test_a_label_that_was_taken_away_is_found(store: Store, tamper: Tampering) -> None:
    if not isinstance(tamper, TamperingNeo4j):
        pytest.skip("only Neo4j has labels")
    tamper.edit_labels("spare")
    broken = verify_journal(store).broken
    assert broken is not None
    assert (broken.revision, broken.rule) == (3, "row-edited")
    assert "labels of 'spare'" in broken.message


def test_what_is_undone_behind_the_stores_back_again_is_intact(store: Store, tamper: Tampering) -> None:
    tamper.swap_revisions(2, 4)
    tamper.swap_revisions(4, 2)
    assert verify_journal(store).intact


def test_a_history_of_many_kinds_of_change_is_intact(store: Store) -> None:
    store.apply(ChangeSet(removed_entities=["app"]))
    store.apply(ChangeSet([Entity("app", "Service")], [Relation("dependsOn", "web", "app", {"strength": "soft"})]))
    store.apply(ChangeSet([replace(ONE, type="VirtualMachine"), replace(TWO, properties={"placeholder": True})]))
    store.apply(ChangeSet([replace(TWO, properties={"lifecycle": "retired", "validTo": "2027-01-01T00:00:00Z"})]))
    assert verify_journal(store).intact


def test_a_journal_that_was_written_anew_shows_against_a_hash_that_was_kept(store: Store) -> None:
    kept = [one.hash for one in store.revisions()]
    assert all(verify_journal(store, kept=one.upper()).intact for one in kept)
    broken = verify_journal(store, kept="0" * 64).broken
    assert broken is not None
    assert broken.rule == "hash-unknown"
    with pytest.raises(InputError, match="64 characters"):
        verify_journal(store, kept="abc")


def test_what_others_write_meanwhile_is_left_for_another_time(store: Store, reopen: Reopen) -> None:
    other = reopen()
    done = 0

    def write(*_: object) -> None:
        nonlocal done
        done += 1
        other.apply(
            ChangeSet([replace(WEB, properties={"name": f"Sale {done}"})], removed_entities=["spare"][done - 1 :])
        )

    store.apply(ChangeSet(Entity(f"server {number}", "Server") for number in range(2_500)))
    verdict = verify_journal(store, progress=write)
    assert (verdict.intact, verdict.revisions, done) == (True, 6, 2)
    assert verify_journal(store).revisions == 8


def test_progress_is_told(store: Store) -> None:
    store.apply(ChangeSet(Entity(f"server {number}", "Server") for number in range(2_500)))
    told: list[tuple[int, int | None]] = []
    verify_journal(store, progress=lambda done, total: told.append((done, total)))
    assert told == [(1_000, 2_513), (2_000, 2_513)]
