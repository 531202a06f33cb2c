"""The Python face, where it meets what people give it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

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


def test_dates_that_a_query_is_given_are_in_the_zone_of_the_organization(graph: Graph) -> None:
    graph.set_zone("Pacific/Auckland")
    graph.apply(ChangeSet([Entity("sla", "ServiceLevelAgreement", {"validTo": "2026-12-31"})]))
    within = {"from": "2026-12-01", "until": "2027-01-01"}
    assert [row[0] for row in graph.query("agreements-that-end", within).rows] == ["sla"]
    assert graph.query("agreements-that-end", {**within, "until": "2026-12-31"}).rows == (), "it holds all of that day"


def chain(graph: Graph) -> None:
    ends = [Entity("web", "Service"), Entity("db", "Database"), Entity("disk", "Server")]
    graph.apply(ChangeSet(ends, [Relation("dependsOn", "web", "db"), Relation("dependsOn", "db", "disk")]))


def test_several_ids_may_be_given_one_by_one_or_in_whatever_holds_them(graph: Graph) -> None:
    chain(graph)
    wanted = graph.impact("db", "disk").hits
    for ids in (["db", "disk"], ("db", "disk"), (one for one in ("db", "disk")), {"db": 1, "disk": 2}):
        assert graph.impact(ids).hits == wanted
    assert [seed.id for seed in graph.impact(["db"], "disk", ["db"]).seeds] == ["db", "disk"]
    assert graph.explain("web", ["db", "disk"]).state == "down"


# As they come out of other people's tables.
WRONG: tuple[Any, ...] = (7, float("nan"), None)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda g: g.find(None), "What to look for is text, and None is none"),
        (lambda g: g.find("web", limit=0), "A limit is a whole number from 1 to 1,000,000,000, and 0 is none"),
        (lambda g: g.find("web", limit=10**20), "and 1000000000000+ is none"),
        (lambda g: g.find("web", type=3), "A type is text, and 3 is none"),
        (lambda g: g.entity(3), "An id is text, and 3 is none. Give '3'"),
        (lambda g: g.entity(None), "An id is text, and None is none"),
        (lambda g: g.relations(["web"]), r"An id is text, and \['web'\] is none"),
        (lambda g: g.impact(3), "An id is text, and 3 is none"),
        (lambda g: g.impact(["web", None]), "An id is text, and None is none"),
        (lambda g: g.impact([["web"]]), r"An id is text, and \['web'\] is none"),
        (lambda g: g.impact([]), "Give at least one id"),
        (lambda g: g.explain(None, "web"), "An id is text, and None is none"),
        (lambda g: g.impact("web", as_of=2026), "A date is text such as 2026-11-21 .*, and 2026 is none"),
        (lambda g: g.impact("web", start=date(2026, 12, 1)), "Give '2026-12-01'"),
        (lambda g: g.entity("web", at=1.5), "A date is text such as"),
        (lambda g: g.find("web", type=()), "A type is text, and .. is none"),
        (lambda g: g.impact("web", mode=None), "A mode is text, and None is none"),
        (lambda g: g.set_zone(None), "A time zone is text such as Europe/Zurich, and None is none"),
        (lambda g: g.query("services-on-a-ci", {"ci": "db"}, language="sql"), "no language 'sql' of queries"),
        (lambda g: g.export(None), "A format is text, and None is none"),
        (lambda g: g.apply(ChangeSet([Entity(WRONG[0], "Server")])), "An id is text, and 7 is none. Give '7'"),
        (lambda g: g.apply(ChangeSet([Entity("x", WRONG[1])])), "x: the type is text, and nan is none"),
        (lambda g: g.apply(ChangeSet([], [Relation("dependsOn", "web", WRONG[2])])), "An id is text, and None is none"),
        (lambda g: g.query(None), "A query is text, and None is none"),
    ],
)
def test_what_is_no_id_and_no_text_is_said_to_be_none(graph: Graph, ask: Callable[[Any], object], said: str) -> None:
    chain(graph)
    with pytest.raises(InputError, match=said):
        ask(graph)
    assert graph.revision.number == 1


def test_an_explanation_is_about_the_same_window_as_the_impact(graph: Graph) -> None:
    chain(graph)
    within = {"start": "2026-12-01", "end": "2026-12-02", "as_of": "2026-12-02"}
    assert graph.explain("web", "disk", **within).state == graph.impact("disk", **within).hits[0].state == "down"
    after = {**within, "as_of": "2026-12-03"}
    explanation = graph.explain("web", "disk", **after)
    assert explanation.state == "ok"
    assert explanation.notes == graph.impact("disk", **after).verdict.notes
    assert "does not contain it" in str(explanation)
    assert graph.impact("disk", **after).hits == ()
    graph.apply(ChangeSet([Entity("disk", "Server", {"lifecycle": "retired"})]))
    assert re.search(r"disk: It is not live at \d{4}-\d\d-\d\dT\d\d:\d\dZ, so", str(graph.explain("web", "disk")))
    assert graph.explain("web", "disk", start="2027-01-01").as_of == "2027-01-01T00:00:00Z"
