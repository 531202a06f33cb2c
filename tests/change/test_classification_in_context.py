"""What a change does while something else is down already is what its category, route and risk rest on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from graphsms.model import ChangeSet, Entity, Relation


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[graphsms.Graph]:
    """A critical service on two balancers of which one is needed; one is down, the other is to be changed."""
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(
            ChangeSet(
                [
                    Entity("web", "Service", {"criticality": "critical"}),
                    Entity("pair", "RedundancyGroup", {"minimum": 1}),
                    Entity("lb-1", "Server"),
                    Entity("lb-2", "Server"),
                    Entity("inc-1", "Incident", {"caseStatus": "in progress"}),
                    Entity("rfc-1", "RequestForChange", {"testedSuccessfully": True, "remediation": "Put it back"}),
                ],
                [
                    Relation("dependsOn", "web", "pair"),
                    Relation("hasMember", "pair", "lb-1"),
                    Relation("hasMember", "pair", "lb-2"),
                    Relation("affects", "inc-1", "lb-2", {"state": "down"}),
                    Relation("touches", "rfc-1", "lb-1", {"mode": "outage"}),
                ],
            )
        )
        yield graph


def said(graph: graphsms.Graph, *, with_context: bool) -> tuple[str, str]:
    (found,) = graph.change.assess("rfc-1", with_context=with_context).classification
    return found.major_impact.says, found.major_impact.rule


def test_the_change_that_takes_the_last_one_down_is_of_major_impact(pair: graphsms.Graph) -> None:
    assert said(pair, with_context=True) == ("yes", "service-of-weight-stops")


def test_by_itself_it_only_uses_redundancy_up(pair: graphsms.Graph) -> None:
    assert said(pair, with_context=False) == ("no", "otherwise")
