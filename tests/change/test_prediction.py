"""How good the prediction of impact is: predicted, missed, false alarm, each by its definition, exactly counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphsms
from after_changes import ESTATE, a_change, an_incident
from graphsms.change.incidents import Following, Incident
from graphsms.change.prediction import compared
from graphsms.change.prediction_figures import Prediction, score_of
from graphsms.errors import InputError
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.snapshot.carriage import STATES


class Moment(TypedDict):
    as_of: str


AFTER: Moment = {"as_of": "2026-12-31"}


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ESTATE)
        yield graph


def verdicts(graph: graphsms.Graph, id: str = "rfc-1") -> dict[str, tuple[str, str, str]]:
    (found,) = graph.change.predictions(id, **AFTER).changes
    return {one.id: (one.told, one.happened, one.verdict) for one in found.compared}


def test_what_was_told_and_happened_is_predicted(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "outage")))
    graph.apply(an_incident("inc-1", "2026-11-03T08:00:00Z", ("web", "down")))
    assert verdicts(graph) == {"web": ("down", "down", "predicted")}
    score = graph.change.predictions(**AFTER).score
    assert (score.recall, score.precision, score.milder) == (1.0, 1.0, 0)


def test_a_service_told_down_of_which_nothing_is_recorded_is_a_false_alarm(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "outage")))
    assert verdicts(graph) == {"web": ("down", "", "false alarm")}
    score = graph.change.predictions(**AFTER).score
    assert (score.alarms, score.false_alarms, score.precision, score.recall) == (1, 1, 0.0, None)


def test_a_service_told_at_risk_of_which_nothing_is_recorded_is_none(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "change")))
    assert verdicts(graph) == {}
    assert graph.change.predictions(**AFTER).score.precision is None


def test_a_service_told_at_risk_that_came_worse_was_predicted_too_mildly(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "change")))
    graph.apply(an_incident("inc-1", "2026-11-03T08:00:00Z", ("web", "down")))
    assert verdicts(graph) == {"web": ("at risk", "down", "predicted")}
    score = graph.change.predictions(**AFTER).score
    assert (score.predicted, score.milder, score.alarms) == (1, 1, 0)


def test_a_service_that_the_change_itself_takes_down_is_no_alarm(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("web", "outage")))
    assert verdicts(graph) == {}


def test_what_was_not_told_and_is_recorded_as_caused_by_the_change_is_missed(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "change")))
    graph.apply(an_incident("inc-1", "2026-11-03T08:00:00Z", ("wiki", "degraded"), causes=("rfc-1",)))
    assert verdicts(graph) == {"wiki": ("ok", "degraded", "missed")}
    assert graph.change.predictions(**AFTER).score.recall == 0.0


def test_what_happened_elsewhere_meanwhile_says_nothing_of_the_change(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "change")))
    graph.apply(an_incident("inc-1", "2026-11-03T08:00:00Z", ("wiki", "down")))
    # It is related, since it is on web; that it is on wiki too says nothing of the change.
    graph.apply(an_incident("inc-2", "2026-11-04T08:00:00Z", ("wiki", "down"), ("web", "down")))
    assert verdicts(graph) == {"web": ("at risk", "down", "predicted")}


def test_predicted_is_from_what_was_recorded_before_the_change(graph: graphsms.Graph) -> None:
    early, late = "2000-01-01T20:00:00Z", "2999-01-01T00:00:00Z"
    graph.apply(a_change("rfc-1", ("db", "outage"), start=early, end=early))
    (found,) = graph.change.predictions("rfc-1", within="P1D").changes
    assert (found.revision, found.before) == (1, False)
    graph.apply(a_change("rfc-2", ("db", "outage"), start="", end="", windowEnd=late))
    assert [one.request for one in graph.change.predictions(within="P1D").changes] == ["rfc-1"]


def test_what_is_learned_from_the_failure_does_not_make_the_prediction_better(graph: graphsms.Graph) -> None:
    now = graphsms.moments.now()
    graph.apply(a_change("rfc-1", ("db", "outage"), start=now, end=now))
    graph.apply(an_incident("inc-1", now, ("wiki", "down"), causes=("rfc-1",)))
    graph.apply(ChangeSet(relations=[Relation("dependsOn", "wiki", "db")]))
    (found,) = graph.change.predictions("rfc-1").changes
    assert (found.revision, found.before) == (1, True)
    assert [(one.id, one.verdict) for one in found.compared if one.happened] == [("wiki", "missed")]


def a_judgement(id: str, entity: str, **says: object) -> ChangeSet:
    relations = [Relation("decidesOn", id, "rfc-1"), Relation("judges", id, entity)]
    return ChangeSet([Entity(id, "ImpactJudgement", says)], relations)  # type: ignore[arg-type]


def test_what_people_had_judged_when_the_change_began_is_kept_to(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "outage")))
    before = "2026-11-01T09:00:00Z"
    graph.apply(a_judgement("j-1", "web", impacted=False, decidedAt=before, withdrawnAt="2026-11-05T09:00:00Z"))
    graph.apply(a_judgement("j-2", "wiki", impacted=True, state="down", decidedAt=before))
    assert verdicts(graph) == {"wiki": ("down", "", "false alarm")}


def test_what_people_judged_afterwards_or_had_taken_back_does_not_count(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "outage")))
    after, before = "2026-11-03T09:00:00Z", "2026-11-01T09:00:00Z"
    graph.apply(a_judgement("j-1", "web", impacted=False, decidedAt=after))
    graph.apply(a_judgement("j-2", "wiki", impacted=True, state="down", decidedAt=before, withdrawnAt=before))
    assert verdicts(graph) == {"web": ("down", "", "false alarm")}


def test_while_a_change_is_observed_it_is_shown_and_not_counted(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "outage")))
    found = graph.change.predictions(as_of="2026-11-10")
    assert ([one.observing for one in found.changes], found.score.changes) == ([True], 0)
    assert "nothing can be said" in found.sentence()
    assert list(found.months()) == []


def test_how_far_it_has_come_is_told(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "outage")))
    graph.apply(a_change("rfc-2", ("db", "outage")))
    told: list[tuple[int, int | None]] = []
    graph.change.predictions(**AFTER, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2)]


def test_what_is_still_to_come_is_not_known_whatever_moment_is_asked_about(graph: graphsms.Graph) -> None:
    now = graphsms.moments.now()
    graph.apply(a_change("rfc-1", ("db", "outage"), start=now, end=now))
    (found,) = graph.change.predictions(as_of="2999-01-01").changes
    assert found.observing
    assert graph.change.trends(as_of="2999-01-01", since="2000-01-01").observing == 1


def test_the_figure_over_time_is_by_month_of_the_end(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "outage"), start="2026-10-31T23:00:00Z", end="2026-10-31T23:30:00Z"))
    graph.apply(a_change("rfc-2", ("db", "outage"), start="2026-10-31T23:00:00Z", end="2026-11-01T00:30:00Z"))
    graph.apply(an_incident("inc-1", "2026-11-13T08:00:00Z", ("web", "down")))
    found = graph.change.predictions(**AFTER)
    assert [(month, score.changes, score.held) for month, score in found.months()] == [
        ("2026-10", 1, 1),
        ("2026-11", 1, 1),
    ]
    assert graph.change.predictions(since="2026-11-01", **AFTER).score.changes == 1


def test_what_was_not_made_cannot_be_compared(graph: graphsms.Graph) -> None:
    graph.apply(a_change("rfc-1", ("db", "outage"), changeStatus="approved"))
    with pytest.raises(InputError, match="was not made yet"):
        graph.change.predictions("rfc-1")


IDS = [f"n{number}" for number in range(6)]
TOLD = st.dictionaries(st.sampled_from(IDS), st.sampled_from(STATES[1:]))
HAPPENED = st.lists(
    st.tuples(st.dictionaries(st.sampled_from(IDS), st.sampled_from(STATES), min_size=1), st.booleans())
)


@given(TOLD, HAPPENED, st.sets(st.sampled_from(IDS)), st.sets(st.sampled_from(IDS)))
def test_the_figures_add_up_whatever_was_told_and_happened(
    told: dict[str, str], happened: list[tuple[dict[str, str], bool]], touched: set[str], services: set[str]
) -> None:
    following = [
        Following(Incident(Entity(f"i{n}", "Incident"), 0, states, frozenset({"rfc"} if own else ())), "caused")
        for n, (states, own) in enumerate(happened)
    ]
    told = {**dict.fromkeys(touched, "at risk"), **told}
    found = tuple(
        compared(told, following, touched=touched, sources=frozenset({"rfc"}), services=services, entities={})
    )
    score = score_of([Prediction("rfc", "", "", 1, True, len(told), False, found, ())])
    disturbed = {
        id for states, own in happened for id, state in states.items() if state != "ok" and (own or id in told)
    }
    assert {one.id for one in found if one.happened} == disturbed
    assert score.predicted == len(disturbed & told.keys())
    assert score.missed == len(disturbed - told.keys())
    alarms = {id for id, state in told.items() if id in services - touched and state in ("degraded", "down")}
    assert (score.alarms, score.held) == (len(alarms), len(alarms & disturbed))
    assert score.false_alarms == sum(one.verdict == "false alarm" for one in found)
    assert len({one.id for one in found}) == len(found)
