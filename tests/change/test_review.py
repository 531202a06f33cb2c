"""After a change: that it was made or failed, its review, what was agreed, and its closing (8.5.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphsms
from graphsms.change.made import succeeded, time_of
from graphsms.change.policy import read_policy
from graphsms.change.requests import Request
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.snapshot.validity import microseconds

WORDS = load()
POLICY = read_policy(WORDS)
WINDOW = {"windowStart": "2026-11-01T20:00:00Z", "windowEnd": "2026-11-01T22:00:00Z"}


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(
            ChangeSet(
                [
                    Entity("ann", "Person"),
                    Entity("db", "Database"),
                    Entity("rfc-1", "RequestForChange", {"changeStatus": "approved", **WINDOW}),
                    Entity("rfc-2", "RequestForChange", {"changeStatus": "recorded"}),
                ],
                [Relation("touches", "rfc-1", "db")],
            )
        )
        yield graph


def test_a_change_that_was_made_keeps_when_and_with_which_outcome(graph: graphsms.Graph) -> None:
    graph.change.done("rfc-1", started="2026-11-01T20:05", ended="2026-11-01T21:40", outcome="successful", actor="ann")
    said = graph.entity("rfc-1").properties
    assert (said["changeStatus"], said["outcome"]) == ("deployed", "successful")
    assert (said["startedAt"], said["endedAt"]) == ("2026-11-01T20:05:00Z", "2026-11-01T21:40:00Z")
    assert (graph.revision.request, graph.revision.actor) == ("rfc-1", "ann")


def test_one_that_is_not_approved_cannot_have_been_made(graph: graphsms.Graph) -> None:
    with pytest.raises(InputError, match="rfc-2 is recorded, and can only become"):
        graph.change.done("rfc-2")
    assert graph.revision.number == 1


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"status": "deployed", "outcome": "reversed"}, "cannot be deployed and reversed"),
        ({"status": "failed", "outcome": "successful"}, "cannot be failed and successful"),
        ({"status": "deployed", "outcome": "sucessful"}, "Did you mean successful"),
        ({"status": "approved"}, "cannot end as 'approved'"),
        ({"started": "2026-11-01T21:00", "ended": "2026-11-01T20:00"}, "is not after the start"),
        ({"ended": "2999-01-01"}, "still to come"),
        ({"root_cause": "x" * 5000}, "at most 4,000 characters"),
    ],
)
def test_what_contradicts_itself_is_refused(graph: graphsms.Graph, said: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        graph.change.done("rfc-1", **said)
    assert graph.revision.number == 1


def test_one_that_ended_before_it_was_recorded_to_begin_is_refused(graph: graphsms.Graph) -> None:
    graph.change.done("rfc-1", started="2026-11-01T20:00", ended="2026-11-01T21:00")
    with pytest.raises(InputError, match="before it began"):
        graph.change.done("rfc-1", "failed", ended="2026-11-01T19:00")


def test_a_failed_change_is_closed_only_when_it_is_known_why_and_whether_it_was_effective(
    graph: graphsms.Graph,
) -> None:
    graph.change.done("rfc-1", "failed", outcome="reversed")
    with pytest.raises(InputError, match=r"why it failed \(--root-cause\) and whether it was effective"):
        graph.change.review("rfc-1", by="ann", close=True)
    graph.change.review("rfc-1", by="ann", root_cause="A damaged image", effectiveness="ineffective", close=True)
    (found,) = graph.change.reviews("rfc-1")
    assert (found.status, found.root_cause, found.effectiveness) == ("closed", "A damaged image", "ineffective")
    assert (found.failed, found.lacks, found.overdue) == (True, (), False)
    assert [one.by for one in found.reviews] == [("ann",)]


def test_what_a_review_agrees_on_are_actions_that_address_the_change(graph: graphsms.Graph) -> None:
    graph.change.done("rfc-1")
    graph.change.review("rfc-1", by="ann", result="It took long", actions=[("Check images", "ann", "2026-12-01")])
    graph.change.review("rfc-1", by="ann", actions=[("Tell the board", "ann", "2026-11-30")])
    (found,) = graph.change.reviews("rfc-1")
    assert [(one.name, one.assigned_to, one.due, one.status) for one in found.actions] == [
        ("Tell the board", ("ann",), "2026-11-30", "new"),
        ("Check images", ("ann",), "2026-12-01", "new"),
    ]
    assert len(found.reviews) == 2
    assert not graph.validate()


def test_nobody_that_is_not_there_reviews_or_is_given_an_action(graph: graphsms.Graph) -> None:
    graph.change.done("rfc-1")
    with pytest.raises(UnknownIdError):
        graph.change.review("rfc-1", by="bob", effectiveness="effective")
    with pytest.raises(InputError, match="db is of type database"):
        graph.change.review("rfc-1", by="ann", actions=[("Check", "db", "2026-12-01")])
    with pytest.raises(InputError):
        graph.change.review("rfc-1", by="ann", effectiveness="superb")
    with pytest.raises(InputError, match="Say what the review found"):
        graph.change.review("rfc-1", by="ann")
    assert graph.revision.number == 2


def test_what_was_not_made_has_nothing_to_review(graph: graphsms.Graph) -> None:
    with pytest.raises(InputError, match="was not made yet"):
        graph.change.reviews("rfc-2")
    with pytest.raises(InputError, match="was not made yet"):
        graph.change.review("rfc-2", by="ann", effectiveness="effective")


def test_a_review_is_overdue_from_the_moment_that_the_policy_gives_it(graph: graphsms.Graph, tmp_path: Path) -> None:
    graph.change.done("rfc-1", ended="2026-11-01T21:00")
    asked = [graph.change.reviews(as_of=moment).overdue for moment in ("2026-11-15T20:59:00Z", "2026-11-15T21:00:00Z")]
    assert [len(one) for one in asked] == [0, 1]
    policy = tmp_path / "policy.yaml"
    policy.write_text("reviewed_within: P1D\n", encoding="utf-8")
    assert graph.change.reviews(as_of="2026-11-03T00:00:00Z", policy=policy).overdue
    graph.change.review("rfc-1", by="ann", effectiveness="effective", close=True)
    assert len(graph.change.reviews(as_of="2999-01-01")) == 0


def test_a_bare_date_that_is_today_means_until_now(graph: graphsms.Graph) -> None:
    before = graphsms.moments.now()
    graph.change.done("rfc-1", ended=before[:10])
    graph.change.review("rfc-1", by="ann", result="In order", reviewed_at=before[:10])
    (found,) = graph.change.reviews("rfc-1")
    assert before <= found.made <= found.reviews[0].at <= graphsms.moments.now()
    with pytest.raises(InputError, match="still to come"):
        graph.change.review("rfc-1", by="ann", result="In order", reviewed_at="2999-01-01")


def test_after_a_policy_in_which_nothing_closes_a_change_nothing_is_closed(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    ways = "{approved: [deployed], deployed: [failed], failed: [deployed]}"
    policy.write_text(f"transitions: {ways}\nmade: [deployed, failed]\n", encoding="utf-8")
    graph.change.done("rfc-1", policy=policy)
    with pytest.raises(InputError, match="in none of them it is closed"):
        graph.change.review("rfc-1", by="ann", effectiveness="effective", close=True, policy=policy)


def test_that_it_was_made_and_reviewed_does_not_take_the_basis_from_its_decision(graph: graphsms.Graph) -> None:
    graph.change.decide("rfc-2", "approved", by="ann", at=1)
    graph.change.done("rfc-2", "failed", outcome="reversed")
    graph.change.review("rfc-2", by="ann", root_cause="No space left", effectiveness="ineffective", close=True)
    (found,) = graph.change.decisions("rfc-2")
    assert found.moved == ()


MOMENTS = st.integers(0, 28).map(lambda day: f"2026-11-{day + 1:02d}T00:00:00Z")


@given(st.dictionaries(st.sampled_from(["startedAt", "endedAt", "windowStart", "windowEnd"]), MOMENTS))
def test_a_change_never_ends_before_it_begins_whatever_is_recorded(said: dict[str, str]) -> None:
    span = time_of(Request(Entity("rfc-1", "RequestForChange", said), ()))
    assert (span is None) == (not said.keys() & {"endedAt", "windowEnd"})
    if span:
        assert microseconds(span.start) <= microseconds(span.end)
        assert span.planned == ("endedAt" not in said)


def test_one_that_is_closed_is_told_by_its_outcome_whether_it_failed() -> None:
    def one(**said: str) -> bool:
        return succeeded(Request(Entity("rfc-1", "RequestForChange", said), ()), POLICY)

    assert one(changeStatus="closed", outcome="successful")
    assert one(changeStatus="closed")
    assert not one(changeStatus="closed", outcome="reversed")
    assert not one(changeStatus="failed")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("reviewed_within: soon", "wrong-form"),
        ("trends_every: P0D", "wrong-form"),
        ("incidents_within: -P1D", "wrong-form"),
        ("urgent: emergency", "wrong-form"),
        ("urgent: [emergnecy]", "unknown-code"),
    ],
)
def test_a_policy_that_says_nonsense_of_the_time_after_a_change_is_refused(
    tmp_path: Path, text: str, rule: str
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(graphsms.RejectedError) as caught:
        read_policy(WORDS, file)
    assert [one.rule for one in caught.value.faults] == [rule]
