"""Which incidents belong to a change: those that it caused, and those on what it touched or hit within the period."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphsms
from after_changes import ESTATE, a_change, an_incident
from graphsms.change.incidents import Incident, Incidents, origins, read_incidents, states_hit
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.snapshot.validity import microseconds

SINCE, UNTIL = microseconds("2026-11-02T20:00:00Z"), microseconds("2026-11-16T21:00:00Z")


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ESTATE)
        graph.apply(a_change("rfc-1", ("db", "outage")))
        yield graph


def related(graph: graphsms.Graph) -> dict[str, str]:
    requests = graph.change.requests(["rfc-1"])
    hit = states_hit(graph.store, requests[0].modes())
    found = read_incidents(graph.store).after(
        origins(graph.store, requests)["rfc-1"], {"db"}, hit.keys() - {"db"}, SINCE, UNTIL
    )
    return {one.id: one.how for one in found}


def test_incidents_on_what_was_touched_or_hit_in_the_period_are_related(graph: graphsms.Graph) -> None:
    graph.apply(an_incident("inc-1", "2026-11-03T08:00:00Z", ("db", "down")))
    graph.apply(an_incident("inc-2", "2026-11-04T08:00:00Z", ("web", "down")))
    graph.apply(an_incident("inc-3", "2026-11-05T08:00:00Z", ("mail", "down")))
    assert related(graph) == {"inc-1": "touched", "inc-2": "hit"}


def test_the_period_begins_with_the_change_and_is_half_open(graph: graphsms.Graph) -> None:
    for number, began in enumerate(
        ("2026-11-02T19:59:59Z", "2026-11-02T20:00:00Z", "2026-11-16T20:59:59Z", "2026-11-16T21:00:00Z")
    ):
        graph.apply(an_incident(f"inc-{number}", began, ("web", "down")))
    assert set(related(graph)) == {"inc-1", "inc-2"}


def test_one_that_the_change_is_recorded_to_have_caused_is_related_whenever_it_began(graph: graphsms.Graph) -> None:
    graph.apply(an_incident("inc-1", "2027-06-01T08:00:00Z", ("wiki", "down"), causes=("rfc-1",)))
    assert related(graph) == {"inc-1": "caused"}


def test_what_its_release_or_deployment_caused_the_change_caused(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [Entity("rel", "Release"), Entity("dep", "Deployment")],
            [Relation("implements", "rel", "rfc-1"), Relation("deploys", "dep", "rel")],
        )
    )
    graph.apply(an_incident("inc-1", "2026-11-03T08:00:00Z", ("web", "down"), causes=("dep",)))
    graph.apply(an_incident("inc-2", "2026-11-03T08:00:00Z", ("web", "down"), causes=("rel",)))
    assert related(graph) == {"inc-1": "caused", "inc-2": "caused"}


def test_one_whose_cause_lies_elsewhere_is_not_related(graph: graphsms.Graph) -> None:
    graph.apply(an_incident("inc-1", "2026-11-03T08:00:00Z", ("web", "down"), causes=("host",)))
    graph.apply(an_incident("inc-2", "2026-11-03T09:00:00Z", ("web", "down"), causes=("db",)))
    assert related(graph) == {"inc-2": "touched"}


def test_one_that_was_recorded_by_mistake_counts_nowhere(graph: graphsms.Graph) -> None:
    graph.apply(an_incident("inc-1", "2026-11-03T08:00:00Z", ("web", "down"), caseStatus="cancelled"))
    assert related(graph) == {}


def test_when_one_began_is_read_from_what_it_affects_where_it_does_not_say(graph: graphsms.Graph) -> None:
    said = Relation("affects", "inc-1", "web", {"state": "down", "validFrom": "2026-11-03T08:00:00Z"})
    graph.apply(ChangeSet([Entity("inc-1", "Incident"), Entity("inc-2", "Incident")], [said]))
    found = read_incidents(graph.store)
    assert (len(found), found.undated) == (1, 1)
    assert related(graph) == {"inc-1": "hit"}


def test_what_was_not_recorded_at_the_revision_is_passed_over(graph: graphsms.Graph) -> None:
    assert states_hit(graph.store, {"nothing": "outage"}) == {}
    assert states_hit(graph.store, {"db": "outage", "nothing": "outage"}) == {"db": "down", "web": "down"}


IDS = st.sampled_from(["rfc-1", "dep", "db", "host", "web", "mail", "wiki"])
INCIDENTS = st.lists(
    st.builds(
        lambda number, began, disturbed, causes: Incident(
            Entity(f"inc-{number}", "Incident"), began, dict.fromkeys(disturbed, "down"), frozenset(causes)
        ),
        st.integers(0, 10**6),
        st.integers(-5, 15),
        st.sets(IDS, max_size=3),
        st.sets(IDS, max_size=2),
    ),
    unique_by=lambda one: one.entity.id,
    max_size=30,
)


@given(INCIDENTS, st.integers(0, 5), st.integers(5, 10))
def test_what_is_found_by_index_is_what_is_found_one_by_one(found: list[Incident], since: int, until: int) -> None:
    sources, touched, hit = {"rfc-1", "dep"}, {"db"}, {"web", "mail"}

    def how(one: Incident) -> str:
        if one.causes & sources:
            return "caused"
        if not since <= one.began < until or (one.causes and not one.causes & touched):
            return ""
        if (one.causes | one.disturbed.keys()) & touched:
            return "touched"
        return "hit" if one.disturbed.keys() & hit else ""

    expected = {one.entity.id: how(one) for one in found if how(one)}
    assert {one.id: one.how for one in Incidents(found).after(sources, touched, hit, since, until)} == expected
