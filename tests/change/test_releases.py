"""Releases: contents, acceptance, deployment, and the incidents in their period of observation (8.5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from after_changes import ESTATE, a_change, an_incident
from graphsms.change.release_states import ReleaseState
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation

RELEASE = ChangeSet(
    [
        Entity("rel", "Release", {"releaseType": "minor", "releaseStatus": "deployed", "observationPeriod": "P7D"}),
        Entity("later", "Release", {"releaseStatus": "planned"}),
        Entity("base", "ConfigurationBaseline"),
        Entity("test", "TestRecord"),
        Entity("no", "AcceptanceDecision", {"decision": "rejected", "decidedAt": "2026-10-01T09:00:00Z"}),
        Entity("yes", "AcceptanceDecision", {"decision": "accepted", "decidedAt": "2026-10-20T09:00:00Z"}),
        Entity("dep", "Deployment", {"startedAt": "2026-11-02T20:00:00Z", "endedAt": "2026-11-02T21:00:00Z"}),
    ],
    [
        Relation("implements", "rel", "rfc-1"),
        Relation("delivers", "rel", "db"),
        Relation("hasBaseline", "rel", "base"),
        Relation("decidesOn", "no", "rel"),
        Relation("decidesOn", "yes", "rel"),
        Relation("decidedBy", "yes", "ann"),
        Relation("basedOn", "yes", "test"),
        Relation("deploys", "dep", "rel"),
    ],
)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ESTATE)
        graph.apply(a_change("rfc-1", ("wiki", "change")))
        graph.apply(RELEASE)
        yield graph


def state(graph: graphsms.Graph, id: str = "rel", **options: str) -> ReleaseState:
    (found,) = graph.change.releases(id, **{"as_of": "2026-12-31", **options}).releases
    return found


def test_what_is_in_it_and_how_it_was_accepted_is_told(graph: graphsms.Graph) -> None:
    found = state(graph)
    assert (found.implements, found.delivers, found.baselines) == (("rfc-1",), ("db",), ("base",))
    assert [one.outcome for one in found.acceptances] == ["accepted", "rejected"]
    assert (found.accepted, found.acceptances[0].by, found.acceptances[0].based_on) == ("accepted", ("ann",), ("test",))


def test_incidents_count_from_the_deployment_to_the_end_of_its_period(graph: graphsms.Graph) -> None:
    graph.apply(an_incident("early", "2026-11-02T19:00:00Z", ("web", "down")))
    graph.apply(an_incident("on-what-it-hits", "2026-11-03T08:00:00Z", ("web", "down")))
    graph.apply(an_incident("on-what-it-touches", "2026-11-09T20:59:00Z", ("wiki", "degraded")))
    graph.apply(an_incident("late", "2026-11-09T21:00:00Z", ("web", "down")))
    graph.apply(an_incident("caused", "2026-11-20T08:00:00Z", ("mail", "down"), causes=("dep",)))
    graph.apply(an_incident("elsewhere", "2026-11-03T08:00:00Z", ("mail", "down")))
    found = state(graph)
    assert (found.deployed, found.observed_until) == ("2026-11-02T21:00:00Z", "2026-11-09T21:00:00Z")
    related = {one.id: one.how for one in found.incidents}
    assert related == {"on-what-it-hits": "hit", "on-what-it-touches": "touched", "caused": "caused"}


def test_while_it_is_observed_only_what_has_happened_counts(graph: graphsms.Graph) -> None:
    graph.apply(an_incident("inc", "2026-11-05T08:00:00Z", ("web", "down")))
    early, late = (state(graph, as_of=day) for day in ("2026-11-04", "2026-11-06"))
    assert (early.watching, len(early.incidents)) == (True, 0)
    assert (late.watching, len(late.incidents)) == (True, 1)
    assert state(graph, as_of="2026-11-01").deployed == ""


def test_without_a_period_of_its_own_that_of_the_policy_holds_and_is_told(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    graph.apply(ChangeSet([Entity("rel", "Release", {"releaseStatus": "deployed"})]))
    found = state(graph)
    assert (found.observed_for, found.stated) == ("P14D", False)
    policy = tmp_path / "policy.yaml"
    policy.write_text("incidents_within: P3D\n", encoding="utf-8")
    assert state(graph, policy=str(policy)).observed_until == "2026-11-05T21:00:00Z"


def test_without_a_deployment_it_is_deployed_when_its_changes_were_made(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet(removed_entities=["dep"], removed_relations=[("dep", "deploys", "rel")]))
    assert state(graph).deployed == "2026-11-02T21:00:00Z"


def test_what_is_only_planned_is_not_deployed(graph: graphsms.Graph) -> None:
    planned = Entity("plan", "Deployment", {"windowStart": "2026-11-05T20:00:00Z", "windowEnd": "2026-11-05T21:00:00Z"})
    graph.apply(ChangeSet([planned], [Relation("deploys", "plan", "later")]))
    found = state(graph, "later")
    assert (found.deployed, [one.planned for one in found.deployments], found.incidents) == ("", [True], ())


def test_all_are_listed_with_those_deployed_first(graph: graphsms.Graph) -> None:
    found = graph.change.releases(as_of="2026-12-31")
    assert [one.id for one in found.releases] == ["rel", "later"]
    assert (
        found.sentence() == "2 releases, 1 deployed: 0 incidents related to them; 0 still in the period of observation."
    )
    assert list(found.to_frame()["status"]) == ["deployed", "planned"]


def test_what_is_no_release_is_refused(graph: graphsms.Graph) -> None:
    with pytest.raises(UnknownIdError):
        graph.change.releases("rell")
    with pytest.raises(InputError, match="rfc-1 is of type request for change, and no release"):
        graph.change.releases("rfc-1")
