"""The Python face, where it meets what people give it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from graphsms import ChangeSet, Entity, Graph, InputError, Relation, UnknownIdError


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graphsms.open(tmp_path / "estate.db") as found:
        yield found


def test_values_of_a_change_set_are_made_canonical(graph: Graph) -> None:
    graph.set_zone("Europe/Zurich")
    graph.apply(ChangeSet([Entity("web", "Service", {"validTo": "2026-12-31", "criticality": "Critical"})]))
    assert graph.entity("web").properties == {"criticality": "critical", "validTo": "2026-12-31T23:00:00Z"}


@pytest.mark.parametrize(
    ("entity", "said"),
    [
        (Entity("web", "Service", {"validFrom": "hello"}), "web: validFrom is 'hello'"),
        (Entity("web", "Service", {"criticality": "very"}), "web: criticality is 'very'"),
        (Entity("web", "Service", {"nope": 1}), "web: nope is no property"),
        (Entity("", "Service"), "The id '' is empty"),
        (Entity(" web", "Service"), "begins or ends with white space"),
    ],
)
def test_a_change_set_that_the_ontology_does_not_know_changes_nothing(graph: Graph, entity: Entity, said: str) -> None:
    with pytest.raises(InputError, match=said):
        graph.apply(ChangeSet([Entity("db", "Database"), entity]))
    assert graph.revision.number == 0
    assert list(graph.entities()) == []


def test_a_relation_says_only_what_the_ontology_knows(graph: Graph) -> None:
    ends = [Entity("web", "Service"), Entity("db", "Database")]
    with pytest.raises(InputError, match="web dependsOn db: strength is 'weak'"):
        graph.apply(ChangeSet(ends, [Relation("dependsOn", "web", "db", {"strength": "weak"})]))
    assert graph.revision.number == 0


def test_what_came_later_is_said_to_be_there_now(graph: Graph) -> None:
    graph.apply(ChangeSet([Entity("web", "Service")]))
    with pytest.raises(UnknownIdError, match="had the id 'web' at that time; one has it now"):
        graph.entity("web", at=0)
    with pytest.raises(UnknownIdError, match="at that time"):
        graph.impact("web", at=0)


def test_a_window_of_one_bare_date_is_the_whole_day(graph: Graph) -> None:
    graph.apply(ChangeSet([Entity("web", "Service"), Entity("db", "Database")], [Relation("dependsOn", "web", "db")]))
    for as_of in ("2026-12-01T00:00", "2026-12-01T23:59:59.999999", "2026-12-01"):
        answer = graph.impact("db", start="2026-12-01", end="2026-12-01", as_of=as_of)
        assert [hit.id for hit in answer.hits] == ["web"], as_of
    for as_of in ("2026-11-30", "2026-12-02T00:00"):
        assert graph.impact("db", start="2026-12-01", end="2026-12-01", as_of=as_of).hits == (), as_of
    with pytest.raises(InputError, match="is not after the start"):
        graph.impact("db", start="2026-12-02", end="2026-12-01")
