"""What people know better than the graph: it stops or goes on there, stays visible, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from graphsms.change.considered import Judgement
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation

ESTATE = ChangeSet(
    entities=[
        Entity("web", "Service"),
        Entity("app", "Application"),
        Entity("db", "Database"),
        Entity("mail", "Service"),
        Entity("acme", "Customer"),
        Entity("ann", "Person"),
        Entity("ben", "Person"),
        Entity("rfc", "RequestForChange", {"windowStart": "2026-12-01T22:00:00Z"}),
        Entity("rfc-2", "RequestForChange", {"windowStart": "2026-12-01T22:00:00Z"}),
    ],
    relations=[
        Relation("dependsOn", "web", "app"),
        Relation("dependsOn", "app", "db"),
        Relation("receives", "acme", "mail"),
        Relation("touches", "rfc", "db", {"mode": "outage"}),
        Relation("touches", "rfc-2", "db", {"mode": "outage"}),
    ],
)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ESTATE)
        yield graph


def hits(graph: graphsms.Graph, *ids: str) -> dict[str, str]:
    return {one.id: one.state for one in graph.change.assess(*(ids or ("rfc",))).hits}


def judgement(graph: graphsms.Graph, *ids: str) -> Judgement:
    (found,) = graph.change.assess(*(ids or ("rfc",))).judgements
    return found


def test_what_is_not_impacted_stops_there_and_stays_visible(graph: graphsms.Graph) -> None:
    assert hits(graph) == {"web": "down", "app": "down", "db": "down"}
    graph.change.judge("rfc", "app", impacted=False, why="It answers from memory", by="ann", actor="ann")
    assert hits(graph) == {"db": "down"}
    said = judgement(graph)
    assert (said.entity, said.impacted, said.by, said.why) == ("app", False, "ann", "It answers from memory")
    assert (said.computed, said.holds) == ("down", True), "what the graph concludes is told beside it"
    assert graph.revision.actor == "ann"
    assert graph.revision.request == "rfc"


def test_what_is_added_by_hand_goes_on_from_its_state(graph: graphsms.Graph) -> None:
    graph.change.judge("rfc", "mail", impacted=True, state="degraded", why="They share a queue", by="ann")
    found = {one.id: one for one in graph.change.assess("rfc").hits}
    assert (found["mail"].state, found["acme"].state) == ("degraded", "degraded")
    assert found["mail"].by_hand == judgement(graph).id == "judgement:rfc:mail"
    assert found["acme"].by_hand == ""


def test_somebody_who_cannot_fail_can_be_added_as_well(graph: graphsms.Graph) -> None:
    graph.change.judge("rfc", "acme", impacted=True, state="at risk", why="They print by it", by="ann")
    acme = next(one for one in graph.change.assess("rfc").hits if one.id == "acme")
    assert (acme.state, acme.concerned, acme.by_hand) == ("at risk", True, "judgement:rfc:acme")


def test_what_is_added_and_not_live_is_said_to_change_nothing(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([Entity("old", "Application", {"lifecycle": "retired"})]))
    graph.change.judge("rfc", "old", impacted=True, state="down", why="It is still used", by="ann")
    answer = graph.change.assess("rfc")
    assert "old" not in {one.id for one in answer.hits}
    assert any(note.startswith("old: It is not live at") for note in answer.notes)


def test_without_a_state_it_is_taken_as_degraded_and_said_to_be(graph: graphsms.Graph) -> None:
    graph.change.judge("rfc", "mail", impacted=True, why="They share a queue", by="ann")
    assert hits(graph)["mail"] == "degraded"
    assert judgement(graph).note == "The state is not recorded and taken as degraded."


def test_what_is_taken_back_counts_no_more_and_is_still_told(graph: graphsms.Graph) -> None:
    graph.change.judge("rfc", "app", impacted=False, why="It answers from memory", by="ann")
    graph.change.withdraw("rfc", "app", actor="ben")
    assert hits(graph)["web"] == "down"
    assert (judgement(graph).holds, judgement(graph).why) == (False, "It answers from memory")
    assert judgement(graph).computed == "down", "what the graph concludes stands beside it as before"
    with pytest.raises(InputError, match="could be withdrawn"):
        graph.change.withdraw("rfc", "app")


def test_there_is_one_judgement_at_a_time_and_the_earlier_ones_stand_in_the_history(graph: graphsms.Graph) -> None:
    graph.change.judge("rfc", "app", impacted=False, why="It answers from memory", by="ann")
    graph.change.withdraw("rfc", "app")
    graph.change.judge("rfc", "app", impacted=True, state="at risk", why="Memory lasts an hour", by="ben")
    said = judgement(graph)
    assert (said.impacted, said.state, said.by, said.withdrawn) == (True, "at risk", "ben", "")
    (then,) = graph.change.assess("rfc", at=2).judgements
    assert (then.impacted, then.by) == (False, "ann")


def test_a_judgement_from_elsewhere_is_replaced_under_its_own_id(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [Entity("j-7", "ImpactJudgement", {"impacted": False})],
            [Relation("decidesOn", "j-7", "rfc"), Relation("judges", "j-7", "app")],
        )
    )
    assert hits(graph) == {"db": "down"}
    graph.change.judge("rfc", "app", impacted=True, why="It does not", by="ann")
    assert judgement(graph).id == "j-7"


def test_what_is_touched_itself_can_be_judged_not_to_be_impacted(graph: graphsms.Graph) -> None:
    graph.change.judge("rfc", "db", impacted=False, why="The work is done beside it", by="ann")
    assert hits(graph) == {}


def test_a_judgement_on_one_request_does_not_count_for_another_assessed_with_it(graph: graphsms.Graph) -> None:
    graph.change.judge("rfc", "app", impacted=False, why="It answers from memory", by="ann")
    assert hits(graph, "rfc", "rfc-2")["app"] == "down"
    assert "rfc-2" in judgement(graph, "rfc", "rfc-2").note
    assert hits(graph, "rfc-2")["app"] == "down"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"why": "  "}, "Say why"),
        ({"by": "web"}, "made by a person"),
        ({"state": "broken"}, "no state 'broken'"),
        ({"impacted": False, "state": "down"}, "leave --state out"),
        ({"why": "x" * 5_000}, "at most 4,000"),
    ],
)
def test_a_judgement_that_says_too_little_is_refused(
    graph: graphsms.Graph, said: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        graph.change.judge("rfc", "mail", **{"impacted": True, "why": "So", "by": "ann", **said})  # type: ignore[arg-type]
    assert graph.revision.number == 1


def test_unknown_ids_are_refused_before_anything_is_written(graph: graphsms.Graph) -> None:
    for request, entity, by in (("rfx", "web", "ann"), ("rfc", "wbe", "ann"), ("rfc", "web", "anne")):
        with pytest.raises(UnknownIdError):
            graph.change.judge(request, entity, impacted=False, why="So", by=by)
    with pytest.raises(InputError, match="no request for change"):
        graph.change.judge("web", "mail", impacted=False, why="So", by="ann")
    assert graph.revision.number == 1
