"""Conflicts of a whole schedule: worked examples, and every subset at every moment against the slowest way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, combinations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.change.conflicts import ALONE, IN_CONTEXT, TOGETHER
from graphsms.errors import InputError, UnknownIdError
from graphsms.graph import Graph
from graphsms.ontology import load
from naive_impact import DOWN, Naive

NOW = "2026-11-20T00:00:00Z"
STATE = {"outage": 3, "degradation": 2, "change": 1, "removal": 3}


def request(id: str, start: str, end: str, **more: Any) -> Entity:
    return Entity(id, "RequestForChange", {"changeStatus": "approved", "windowStart": start, "windowEnd": end, **more})


def touches(id: str, of: str, mode: str = "outage") -> Relation:
    return Relation("touches", id, of, {"mode": mode})


@contextmanager
def opened(entities: list[Entity], relations: list[Relation]) -> Iterator[Graph]:
    with TemporaryDirectory() as folder, graphsms.open(Path(folder) / "estate.db") as g:
        g.apply(ChangeSet(entities=entities, relations=relations))
        yield g


# A shop on two load balancers; a report on one database.
ESTATE = [
    Entity("shop", "Service", {"criticality": "critical"}),
    Entity("report", "Service"),
    Entity("lbs", "RedundancyGroup", {"minimum": 1}),
    Entity("lb-1", "Application"),
    Entity("lb-2", "Application"),
    Entity("db", "Database"),
]
EDGES = [
    Relation("dependsOn", "shop", "lbs"),
    Relation("hasMember", "lbs", "lb-1"),
    Relation("hasMember", "lbs", "lb-2"),
    Relation("dependsOn", "report", "db"),
]
EARLY = request("rfc-1", "2026-11-28T19:00:00Z", "2026-11-28T22:00:00Z")
LATE = request("rfc-2", "2026-11-28T21:00:00Z", "2026-11-28T23:00:00Z")
BOTH = [touches("rfc-1", "lb-1"), touches("rfc-2", "lb-2")]


def test_patching_one_of_two_load_balancers_conflicts_with_nothing() -> None:
    with opened([*ESTATE, EARLY], [*EDGES, BOTH[0]]) as g:
        found = g.change.conflicts(as_of=NOW)
        assert found.conflicts == ()
        assert not found.found


def test_both_load_balancers_in_overlapping_windows_stop_the_shop() -> None:
    with opened([*ESTATE, EARLY, LATE], [*EDGES, *BOTH]) as g:
        found = g.change.conflicts(as_of=NOW)
        (one,) = found.conflicts
        assert (one.kind, one.ids, [each.id for each in one.services]) == (TOGETHER, ("rfc-1", "rfc-2"), ["shop"])
        assert one.spans == (("2026-11-28T21:00:00Z", "2026-11-28T22:00:00Z"),)
        (group,) = one.groups
        assert (group.group.id, group.members, group.minimum) == ("lbs", 2, 1)
        assert [(lost.entity.id, lost.by) for lost in group.lost] == [("lb-1", (("rfc-1",),)), ("lb-2", (("rfc-2",),))]
        assert one.because == ()
        assert found.found
        assert found.complete


def test_windows_that_only_touch_do_not_overlap() -> None:
    late = request("rfc-2", "2026-11-28T22:00:00Z", "2026-11-28T23:00:00Z")
    with opened([*ESTATE, EARLY, late], [*EDGES, *BOTH]) as g:
        assert g.change.conflicts(as_of=NOW).conflicts == ()


def test_a_change_whose_partner_is_down_already_is_a_set_of_one_and_comes_first() -> None:
    incident = Entity("inc-1", "Incident", {"caseStatus": "in progress"})
    other = Entity("inc-2", "Incident", {"caseStatus": "in progress"})
    affects = [
        Relation("affects", "inc-1", "lb-2", {"state": "down"}),
        Relation("affects", "inc-2", "db", {"state": "degraded"}),
    ]
    also = [request("rfc-3", "2026-11-28T19:00:00Z", "2026-11-28T20:00:00Z"), touches("rfc-3", "db")]
    with opened([*ESTATE, EARLY, incident, other, also[0]], [*EDGES, BOTH[0], *affects, also[1]]) as g:  # type: ignore[list-item]
        found = g.change.conflicts(as_of=NOW)
        assert [(one.kind, one.ids) for one in found.conflicts] == [(IN_CONTEXT, ("rfc-1",)), (ALONE, ("rfc-3",))]
        first = found.conflicts[0]
        assert [one.because.id for one in first.because] == ["inc-1"]
        assert [lost.by for lost in first.groups[0].lost] == [(("rfc-1",),), (("inc-1",),)]
        without = g.change.conflicts(as_of=NOW, context=False)
        assert [(one.kind, one.ids) for one in without.conflicts] == [(ALONE, ("rfc-3",))]


def test_an_incident_counts_for_as_long_as_it_is_said_to_last() -> None:
    incident = Entity("inc-1", "Incident", {"caseStatus": "in progress"})
    affects = Relation("affects", "inc-1", "lb-2", {"state": "down", "validTo": "2026-11-28T20:00:00Z"})
    with opened([*ESTATE, EARLY, incident], [*EDGES, BOTH[0], affects]) as g:
        (one,) = g.change.conflicts(as_of=NOW).conflicts
        assert one.spans == (("2026-11-28T19:00:00Z", "2026-11-28T20:00:00Z"),)


def test_what_is_removed_is_gone_after_its_window_too() -> None:
    removal = [EARLY, touches("rfc-1", "lb-1", "removal")]
    later = request("rfc-2", "2026-12-05T21:00:00Z", "2026-12-05T23:00:00Z")
    with opened([*ESTATE, EARLY, later], [*EDGES, removal[1], BOTH[1]]) as g:  # type: ignore[list-item]
        (one,) = g.change.conflicts(as_of=NOW).conflicts
        assert (one.ids, one.spans) == (("rfc-1", "rfc-2"), (("2026-12-05T21:00:00Z", "2026-12-05T23:00:00Z"),))


def test_a_group_that_loses_a_member_of_its_own_accord_during_the_window_is_seen() -> None:
    edges = [edge for edge in EDGES if edge.object != "lb-2"]
    until = Relation("hasMember", "lbs", "lb-2", {"validTo": "2026-11-28T20:30:00Z"})
    with opened([*ESTATE, EARLY], [*edges, until, BOTH[0]]) as g:
        (one,) = g.change.conflicts(as_of=NOW).conflicts
        assert (one.kind, one.spans) == (ALONE, (("2026-11-28T20:30:00Z", "2026-11-28T22:00:00Z"),))


def test_what_is_not_decided_counts_when_asked_for() -> None:
    recorded = request("rfc-2", "2026-11-28T21:00:00Z", "2026-11-28T23:00:00Z", changeStatus="recorded")
    with opened([*ESTATE, EARLY, recorded], [*EDGES, *BOTH]) as g:
        assert g.change.conflicts(as_of=NOW).conflicts == ()
        assert [one.ids for one in g.change.conflicts(as_of=NOW, undecided=True).conflicts] == [("rfc-1", "rfc-2")]
        assert [one.ids for one in g.change.conflicts("rfc-2", as_of=NOW).conflicts] == [("rfc-1", "rfc-2")]


def test_what_a_person_holds_to_be_impacted_counts_and_what_not_is_shown() -> None:
    ann = Entity("ann", "Person")
    with opened([*ESTATE, EARLY, LATE, ann], [*EDGES, *BOTH]) as g:
        g.change.judge("rfc-2", "db", impacted=True, state="down", why="They share a disk", by="ann")
        g.change.judge("rfc-1", "shop", impacted=False, why="The second one answers", by="ann")
        found = g.change.conflicts(as_of="2099-01-01", start="2026-11-28", end="2026-11-28")
        assert [(one.ids, [each.id for each in one.services]) for one in found.conflicts] == [
            (("rfc-1", "rfc-2"), ["shop"]),
            (("rfc-2",), ["report"]),
        ]
        assert [(one.entity, one.request, one.by) for one in found.conflicts[0].judged] == [("shop", "rfc-1", "ann")]


def test_of_changes_in_question_only_their_own_conflicts_are_told() -> None:
    third = request("rfc-3", "2026-11-28T19:00:00Z", "2026-11-28T22:00:00Z")
    with opened([*ESTATE, EARLY, LATE, third], [*EDGES, *BOTH, touches("rfc-3", "db")]) as g:
        assert [one.ids for one in g.change.conflicts("rfc-3", as_of=NOW).conflicts] == [("rfc-3",)]
        assert [one.ids for one in g.change.conflicts(["rfc-1"], as_of=NOW).conflicts] == [("rfc-1", "rfc-2")]


def test_windows_that_are_over_do_not_count_and_a_time_can_be_given() -> None:
    with opened([*ESTATE, EARLY, LATE], [*EDGES, *BOTH]) as g:
        assert g.change.conflicts(as_of="2026-11-29").changes == ()
        assert len(g.change.conflicts(start="2026-11-28", end="2026-11-28", as_of="2027-01-01").conflicts) == 1
        assert g.change.conflicts("rfc-1", as_of="2027-01-01").found


def test_a_request_without_a_window_is_told_and_one_that_is_none_is_an_error() -> None:
    unplanned = Entity("rfc-9", "RequestForChange", {"changeStatus": "approved"})
    with opened([*ESTATE, unplanned], EDGES) as g:
        assert g.change.conflicts(as_of=NOW).notes == (
            "rfc-9 (approved) has no window, so that it cannot meet another.",
        )
        with pytest.raises(InputError, match="no request for change"):
            g.change.conflicts("shop", as_of=NOW)
        with pytest.raises(UnknownIdError):
            g.change.conflicts("rfc-8", as_of=NOW)


def test_the_answer_is_a_sentence_a_table_and_plain_values() -> None:
    with opened([*ESTATE, EARLY, LATE], [*EDGES, *BOTH]) as g:
        found = g.change.conflicts(as_of=NOW)
    assert found.sentence() == "Of 2 changes, 1 set stops services together that no part of the set stops."
    assert found.to_frame().to_dict("records")[0]["changes"] == ("rfc-1", "rfc-2")
    told = found.to_json()
    assert told["conflicts"][0]["groups"][0]["lost"][0] == {"id": "lb-1", "name": "lb-1", "by": [["rfc-1"]]}


# ------------------------------------------------------------------------------- the slowest way

DAYS = [f"2026-12-{day:02}T00:00:00Z" for day in range(1, 9)]
Pair = tuple[frozenset[str], str]


@st.composite
def estates(draw: st.DrawFn) -> tuple[list[Entity], list[Relation]]:
    dice = Random(draw(st.integers(0, 2**32)))

    def dated() -> dict[str, Any]:
        if dice.random() < 0.9:
            return {}
        since, until = sorted(dice.sample(DAYS, 2))
        return dice.choice([{"validFrom": since}, {"validTo": until}, {"validFrom": since, "validTo": until}])

    items = [Entity(f"app-{number}", "Application", dated()) for number in range(dice.randint(5, 9))]
    groups = [
        Entity(f"group-{number}", "RedundancyGroup", {"minimum": dice.choice([1, 1, 1, 2])})
        for number in range(dice.randint(1, 3))
    ]
    services = [Entity(f"service-{number}", "Service") for number in range(2)]
    edges = []
    for number, one in enumerate(groups):  # groups in groups
        members = dice.sample([*items, *groups[:number]], dice.choice([2, 3, 3, 4]))
        edges += [Relation("hasMember", one.id, other.id, dated()) for other in members]
    edges += [Relation("dependsOn", one.id, dice.choice(groups).id, dated()) for one in services for _ in range(2)]
    edges += [
        Relation("dependsOn", one.id, other.id)
        for one, other in (dice.sample([*items, *services], 2) for _ in range(dice.randint(0, 2)))
    ]
    requests, touched = [], []
    for number in range(dice.randint(2, 6)):
        since, until = dice.choice(DAYS[:5]), dice.choice(DAYS[5:])
        requests.append(request(f"rfc-{number}", since, until))
        for other in dice.sample(items, dice.choice([1, 1, 2])):
            mode = dice.choice(["outage"] * 7 + ["removal", "degradation", "change"])
            touched.append(touches(f"rfc-{number}", other.id, mode))
    cases = [Entity(f"inc-{number}", "Incident", {"caseStatus": "new"}) for number in range(dice.randint(0, 2))]
    affected = [
        Relation(
            "affects", one.id, dice.choice(items).id, {"state": dice.choice(["down", "down", "degraded"]), **dated()}
        )
        for one in cases
    ]
    entities = [*items, *groups, *services, *requests, *cases]
    return entities, list({one.key: one for one in [*edges, *touched, *affected]}.values())


def slowly(entities: list[Entity], relations: list[Relation]) -> tuple[set[Any], set[Any]]:
    """The minimal sets by the definition: with the services, and with the days on which they conflict."""
    vocabulary = load()
    requests = [one for one in entities if one.type == "RequestForChange"]
    services, days = set(), set()
    last = max(str(one.properties["windowEnd"]) for one in requests)
    for day in DAYS:
        if day >= last:
            continue
        naive = Naive.of(vocabulary, entities, relations, day)
        seeds: dict[str, dict[str, int]] = {"": {}}
        for relation in relations:
            state, holds = 0, True
            if relation.type == "affects":
                owner, state = "", {"down": 3, "degraded": 2}[str(relation.properties["state"])]
                since, until = (
                    str(relation.properties.get("validFrom", "")),
                    str(relation.properties.get("validTo", "9")),
                )
                holds = since <= day < until
            elif relation.type == "touches":
                (of,) = (one for one in requests if one.id == relation.subject)
                owner, mode = of.id, str(relation.properties["mode"])
                state = STATE[mode]
                until = "9" if mode == "removal" else str(of.properties["windowEnd"])
                holds = str(of.properties["windowStart"]) <= day < until
            if state and holds and relation.object in naive.entities:
                own = seeds.setdefault(owner, {})
                own[relation.object] = max(state, own.get(relation.object, 0))
        active = sorted(seeds.keys() - {""})
        subsets = list(chain.from_iterable(combinations(active, size) for size in range(len(active) + 1)))
        down = {subset: _down(naive, [seeds[""], *(seeds[one] for one in subset)]) for subset in subsets}
        alone = {subset: _down(naive, [seeds[one] for one in subset]) for subset in subsets}
        for subset in subsets:
            for service in down[subset]:
                if subset and not any(service in down[less] for less in subsets if set(less) < set(subset)):
                    services.add((frozenset(subset), service not in alone[subset], service))
                    days.add((frozenset(subset), service not in alone[subset], day))
    return services, days


def _down(naive: Naive, seeds: list[dict[str, int]]) -> set[str]:
    merged: dict[str, int] = {}
    for some in seeds:
        for id, state in some.items():
            merged[id] = max(state, merged.get(id, 0))
    return {id for id, state in naive.states(merged).items() if state == DOWN and id.startswith("service")}


@settings(max_examples=100, deadline=None)
@given(drawn=estates())
def test_conflicts_are_minimal_and_complete_at_every_moment(drawn: tuple[list[Entity], list[Relation]]) -> None:
    entities, relations = drawn
    with opened(entities, relations) as g:
        found = g.change.conflicts(as_of=NOW)
    expected = slowly(entities, relations)
    told = [(frozenset(one.ids), bool(one.because), one) for one in found.conflicts]
    assert {(ids, context, each.id) for ids, context, one in told for each in one.services} == expected[0]
    assert {
        (ids, context, day)
        for ids, context, one in told
        for day in DAYS
        if any(since <= day < (until or "9") for since, until in one.spans)
    } == expected[1]
    assert all(bool(one.groups) == (one.kind != ALONE) for one in found.conflicts)
