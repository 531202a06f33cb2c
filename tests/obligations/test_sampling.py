"""Samples for an audit: the same for everybody, of what the period holds, with the requirements that each serves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsms
from graphsms.errors import InputError
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.obligations.sampling import _places, rank

AS_OF = "2026-11-21"


def a_change(number: int, day: str) -> Entity:
    said = {"name": f"Change {number}", "changeStatus": "closed", "endedAt": f"{day}T10:00:00Z"}
    return Entity(f"rfc-{number}", "RequestForChange", said)


def an_incident(number: int, day: str) -> Entity:
    return Entity(f"inc-{number}", "Incident", {"recordedAt": f"{day}T10:00:00Z"})


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "sms.db") as graph:
        graph.obligations.load()
        graph.apply(
            ChangeSet(
                entities=[
                    *(a_change(number, f"2026-{number:02}-15") for number in range(1, 11)),
                    *(an_incident(number, "2026-10-03") for number in range(1, 4)),
                    Entity("proc-change", "Process"),
                    Entity("minutes", "MeetingMinutes", {"issuedOn": "2026-10-04"}),
                    Entity("db", "Database"),
                ],
                relations=[
                    Relation("underProcess", "rfc-1", "proc-change"),
                    Relation("demonstrates", "minutes", "iso-20000-1-2018/8.5.1.3-1"),
                ],
            )
        )
        yield graph


def test_the_order_of_a_seed_is_written_down_and_never_changes() -> None:
    """Whatever the version of Python: these are SHA-256 of `seed\\nid`, worked out by `sha256sum`."""
    assert rank(7, "inc-1") == "ad3d4640370e177c82641a019dc6d07a0c884c0b3aaeef2c0eeaf13055043fb2"


def test_the_same_seed_draws_the_same_in_another_process(graph: graphsms.Graph) -> None:
    here = [one.id for one in graph.obligations.sample(type="RequestForChange", size=4, seed=7, as_of=AS_OF).drawn]
    asked = "import graphsms,sys; g=graphsms.open(sys.argv[1]); print(*[one.id for one in g.obligations.sample("
    asked += f"type='RequestForChange', size=4, seed=7, as_of='{AS_OF}').drawn])"
    found = subprocess.run(
        [sys.executable, "-c", asked, graph.store.url], capture_output=True, text=True, check=True,
        env={"PYTHONHASHSEED": "99"},
    )  # fmt: skip
    assert found.stdout.split() == here
    assert here != [one.id for one in graph.obligations.sample(type="RequestForChange", size=4, seed=8).drawn]


def test_a_larger_sample_holds_the_smaller_one(graph: graphsms.Graph) -> None:
    sizes = [graph.obligations.sample(type="Case", size=size, seed=3, by="type", as_of=AS_OF) for size in (3, 5, 9)]
    small, middle, large = ({one.id for one in found.drawn} for found in sizes)
    assert small < middle < large


def test_only_what_is_dated_in_the_period_is_drawn_and_what_is_left_out_is_said(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([Entity("rfc-undated", "RequestForChange")]))
    found = graph.obligations.sample(
        type="RequestForChange", size=50, seed=1, since="2026-03-15", until="2026-05-15", as_of=AS_OF
    )
    assert {one.id for one in found.drawn} == {"rfc-3", "rfc-4", "rfc-5"}  # both days belong to it
    assert (found.population, found.undated, found.outside) == (3, 1, 7)
    assert "50 were asked for; there are no more." in found.notes()
    without = graph.obligations.sample(type="RequestForChange", size=50, seed=1, as_of=AS_OF)
    assert (without.population, without.undated) == (11, 0)


def test_what_is_still_to_come_is_not_drawn(graph: graphsms.Graph) -> None:
    found = graph.obligations.sample(type="RequestForChange", size=50, seed=1, as_of="2026-05-15T10:00:00")
    assert (found.population, found.outside) == (5, 5)  # the fifth is dated just then


def test_of_a_clause_are_its_evidence_and_the_records_of_the_types_it_is_about(graph: graphsms.Graph) -> None:
    found = graph.obligations.sample(clause="8.5.1.3", size=50, seed=1, as_of=AS_OF)
    drawn = {one.id: one for one in found.drawn}
    assert "minutes" in drawn
    assert {f"rfc-{number}" for number in range(1, 11)} <= drawn.keys()
    assert "db" not in drawn
    linked = [one.requirement for one in drawn["minutes"].serves if one.how == "linked as evidence"]
    assert "iso-20000-1-2018/8.5.1.3-1" in linked
    assert all(one.how != "linked as evidence" for one in drawn["rfc-1"].serves)
    assert drawn["rfc-1"].clauses == ("8.5.1.3",)


def test_a_clause_that_is_about_no_records_is_sampled_from_what_it_is_about(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([Entity("energy", "ContextIssue"), Entity("web", "Service")]))
    found = graph.obligations.sample(clause="4.1", size=50, seed=1)
    assert [one.id for one in found.drawn] == ["energy"]


def test_each_part_has_its_place(graph: graphsms.Graph) -> None:
    by_type = graph.obligations.sample(type="Case", size=3, seed=1, by="type", as_of=AS_OF)
    assert by_type.strata == {"Incident": (1, 3), "RequestForChange": (2, 10)}
    by_process = graph.obligations.sample(type="RequestForChange", size=3, seed=1, by="process", as_of=AS_OF)
    assert by_process.strata == {"none": (2, 9), "proc-change": (1, 1)}
    assert "rfc-1" in {one.id for one in by_process.drawn}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), st.integers(1, 50), max_size=6), st.integers(1, 120))
def test_places_are_all_given_none_twice_and_to_every_part_as_far_as_they_go(sizes: dict[str, int], size: int) -> None:
    places = _places(sizes, size)
    assert sum(places.values()) == min(size, sum(sizes.values()))
    assert all(0 <= places[name] <= sizes[name] for name in sizes)
    if size >= len(sizes):
        assert all(places.values())
    assert all(places[name] <= more for name, more in _places(sizes, size + 1).items())


def test_a_kept_sample_can_be_drawn_again_from_what_it_says(graph: graphsms.Graph) -> None:
    kept = graph.obligations.sample(clause="8.5.1.3", size=3, seed=5, as_of=AS_OF, keep=True, actor="ann")
    assert kept.kept_in == kept.revision + 1
    record = graph.entity(kept.kept)
    assert record.type == "Sample"
    assert (record.properties["numerator"], record.properties["denominator"]) == (3.0, float(kept.population))
    assert record.properties["seed"] == 5
    leading = [one for one in graph.relations(kept.kept) if one.subject == kept.kept]
    assert {one.object for one in leading if one.type == "sampled"} == {one.id for one in kept.drawn}
    assert [one.object for one in leading if one.type == "about"] == ["iso-20000-1-2018/8.5.1.3"]
    assert not graph.validate()
    again = graph.obligations.sample(
        clause="8.5.1.3", size=3, seed=5, edition="2018", at=kept.revision, as_of=kept.as_of
    )
    assert again.drawn == kept.drawn
    assert again.runs() == record.properties["runs"]
    later = graph.obligations.sample(clause="8.5.1.3", size=3, seed=5, as_of=AS_OF)
    assert [one.id for one in later.drawn] == [one.id for one in kept.drawn]  # samples are not drawn from


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"size": 3, "seed": 1}, "a clause or a type"),
        ({"clause": "8.5.1", "type": "Incident", "size": 3, "seed": 1}, "one of them"),
        ({"type": "Incidnt", "size": 3, "seed": 1}, "Did you mean"),
        ({"clause": "8.5.9", "size": 3, "seed": 1}, "has no clause 8.5.9"),
        ({"type": "Incident", "size": 0, "seed": 1}, "whole number from 1"),
        ({"type": "Incident", "size": 3, "seed": -1}, "whole number from 0"),
        ({"type": "Incident", "size": 3, "seed": 2**63}, "whole number from 0"),
        ({"type": "Incident", "size": 3}, "the seed"),
        ({"type": "Incident", "size": 3, "seed": 1, "by": "team"}, "divided by type or process"),
        ({"type": "Incident", "size": 3, "seed": 1, "since": "2026-02-01", "until": "2026-01-01"}, "not after"),
        ({"type": "Incident", "size": 3, "seed": 1, "until": "9999-12-31"}, "No day follows '9999-12-31'"),
        ({"type": "Dispute", "size": 3, "seed": 1, "keep": True}, "nothing to draw from"),
        ({"type": "Incident", "size": 3, "seed": 1, "keep": True, "at": 1}, "present graph"),
    ],
)
def test_what_cannot_be_drawn_says_why(graph: graphsms.Graph, asked: dict[str, object], message: str) -> None:
    before = graph.revision.number
    with pytest.raises(InputError, match=message):
        graph.obligations.sample(**asked)  # type: ignore[arg-type]
    assert graph.revision.number == before
