"""What an outage uses of an allowance: service by service, only while it is down by the changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsms
from graphsms.calendars.timeset import TimeSet
from graphsms.change.assess import assess
from graphsms.change.considered import Part
from graphsms.change.downtime import downtimes
from graphsms.change.grounds import grounds_of, states_of
from graphsms.change.policy import read_policy
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.ontology import load
from graphsms.snapshot.validity import microseconds
from memory_store import MemoryStore
from naive_impact import Naive

WORDS = load()
POLICY = read_policy(WORDS)
FIRST = datetime(2026, 12, 1, 22, tzinfo=UTC)
MINUTES = 16
FOR_EVER = 10_000
SEEDED = {"outage": 3, "removal": 3, "degradation": 2, "change": 1}
DOWN = 3


def clock(minute: int) -> str:
    return (FIRST + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---------------------------------------------------------------------------------- minute by minute


@dataclass(frozen=True)
class Acts:
    """Something that is put into a state from one minute to another."""

    id: str
    mode: str
    since: int
    until: int
    own: bool


@dataclass(frozen=True)
class Night:
    """A random estate, and a night in which several things are done to it."""

    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    asked: tuple[str, ...]
    acts: tuple[Acts, ...]
    aside: frozenset[str]
    hours: tuple[int, int]

    def store(self) -> MemoryStore:
        store = MemoryStore(WORDS)
        store.apply(ChangeSet(self.entities, self.relations))
        return store

    def down(self, minute: int, *, own: bool) -> set[str]:
        """What is down in a minute, by the rule of states as the design has it."""
        naive = Naive.of(WORDS, self.entities, self.relations, clock(min(minute, self.last)))
        before = naive.states(self._seeds(naive, minute, own=False))
        found = before
        if own:
            held = {id: before.get(id, 0) for id in self.aside if id in naive.entities}
            found = naive.states(self._seeds(naive, minute, own=True), held)
        return {id for id, state in found.items() if state == DOWN}

    @property
    def last(self) -> int:
        """When anything last begins or ends to act: what is removed stays down as the graph is then."""
        bounds = {bound for one in self.acts for bound in (one.since, one.until) if bound != FOR_EVER}
        ends = [one.properties["windowEnd"] for one in self.entities if one.id in self.asked]
        return max(bounds | {minute for minute in range(MINUTES + 1) if clock(minute) in ends})

    def acts_in(self, minute: int) -> bool:
        """Whether the changes do anything in a minute."""
        return any(one.own and one.since <= minute < one.until and one.id not in self.aside for one in self.acts)

    def _seeds(self, naive: Naive, minute: int, *, own: bool) -> Mapping[str, int]:
        seeds: dict[str, int] = {}
        for one in self.acts:
            aside = one.own and one.id in self.aside
            if one.id in naive.entities and one.since <= minute < one.until and (own or not one.own) and not aside:
                seeds[one.id] = max(seeds.get(one.id, 0), SEEDED[one.mode])
        return seeds


@st.composite
def nights(draw: st.DrawFn) -> Night:
    dice = Random(draw(st.integers(0, 2**32)))
    entities: dict[str, Entity] = {}
    relations: dict[tuple[str, str, str], Relation] = {}
    acts: list[Acts] = []
    fails = [f"e{number}" for number in range(dice.randint(4, 10))]
    for id in fails:
        type = dice.choice(["Service", "Service", "Server", "RedundancyGroup", "RedundancyGroup"])
        entities[id] = Entity(id, type, {"minimum": dice.randint(1, 2)} if type == "RedundancyGroup" else {})
    services = [id for id in fails if entities[id].type == "Service"]

    def relate(type: str, subject: str, object: str, **properties: Any) -> None:
        relations[type, subject, object] = Relation(type, subject, object, properties)

    def window(most: int = MINUTES) -> tuple[int, int]:
        since = dice.randrange(most - 1)
        return since, dice.randint(since + 1, most)

    for id in fails:
        for other in dice.sample(fails, dice.randint(1, 3)):
            dated = {"validTo": clock(dice.randrange(1, MINUTES))} if dice.random() < 0.05 else {}
            if other != id:
                relate("hasMember" if entities[id].type == "RedundancyGroup" else "dependsOn", id, other, **dated)
    asked = [f"rfc{number}" for number in range(dice.randint(1, 2))]
    for number in range(len(asked) + dice.randint(0, 3)):
        id, (since, until), own = f"rfc{number}", window(), number < len(asked)
        window_of: dict[str, Value] = {
            "windowStart": clock(since),
            "windowEnd": clock(until),
            "changeStatus": "approved",
        }
        entities[id] = Entity(id, "RequestForChange", window_of)
        for touched in dice.sample(fails, dice.randint(1, 2)):
            mode = dice.choice(["outage", "outage", "outage", "degradation", "change", "removal"])
            relate("touches", id, touched, mode=mode)
            acts.append(Acts(touched, mode, since, FOR_EVER if mode == "removal" else until, own))
    for number in range(dice.randint(0, 2)):
        id, since = f"inc{number}", dice.randrange(-5, MINUTES)
        until = dice.choice([FOR_EVER, dice.randint(since + 1, MINUTES + 5)])
        ends = {} if until == FOR_EVER else {"validTo": clock(until)}
        entities[id] = Entity(id, "Incident", {"caseStatus": "new"})
        hit = dice.choice(fails)
        relate("affects", id, hit, state="down", validFrom=clock(since), **ends)
        acts.append(Acts(hit, "outage", since, until, own=False))
    aside = dice.sample(fails, 1) if dice.random() < 0.3 else []
    for number, (id, impacted) in enumerate([*((id, False) for id in aside), *([(fails[0], True)] * (not aside))]):
        for of in asked:
            judged = f"j{number}-{of}"
            says: dict[str, Value] = {"impacted": impacted, "state": "down" if impacted else "ok"}
            entities[judged] = Entity(judged, "ImpactJudgement", says)
            relate("decidesOn", judged, of)
            relate("judges", judged, id)
            if impacted:
                start, end = (str(entities[of].properties[name]) for name in ("windowStart", "windowEnd"))
                minutes = [minute for minute in range(MINUTES + 1) if start <= clock(minute) <= end]
                acts.append(Acts(id, "outage", minutes[0], minutes[-1], own=True))
    # Of what is disturbed only that counts which meets the windows.
    spans = [entities[id].properties for id in asked]
    first, last = min(str(one["windowStart"]) for one in spans), max(str(one["windowEnd"]) for one in spans)
    acts = [one for one in acts if one.own or (clock(one.since) < last and first < clock(min(one.until, MINUTES + 5)))]
    hours = window()
    opening = f"Mo-Su {clock(hours[0])[11:16]}-{clock(hours[1])[11:16]}"
    entities["hours"] = Entity("hours", "ServiceCalendar", {"openingHours": opening, "timeZone": "UTC"})
    for id in services:
        target: dict[str, Value] = {"metric": "availability", "targetValue": 50.0, "unit": "%", "countedOver": "P1D"}
        entities[f"t-{id}"] = Entity(f"t-{id}", "ServiceLevelTarget", target)
        relate("targetFor", f"t-{id}", id)
        relate("hasServiceHours", id, "hours")
    return Night(
        tuple(entities.values()), tuple(relations.values()), tuple(asked), tuple(acts), frozenset(aside), hours
    )


def minutes(times: TimeSet) -> set[int]:
    first = microseconds(clock(0))
    return {minute for minute in range(MINUTES) if first + minute * 60_000_000 in times}


@settings(max_examples=100, deadline=None)
@given(nights())
def test_a_service_is_down_by_the_changes_in_the_minutes_in_which_it_is_so_with_them_and_not_without(
    night: Night,
) -> None:
    grounds = grounds_of(night.store(), POLICY, night.asked)
    ids = [one.id for one in night.entities if one.type in ("Service", "Server", "RedundancyGroup")]
    found = downtimes(grounds, ids, states_of(grounds.impact()))
    for id in ids:
        by: set[int] = set()
        anyway: set[int] = set()
        for minute in range(MINUTES):
            if night.acts_in(minute) and id in night.down(minute, own=True):
                (anyway if id in night.down(minute, own=False) else by).add(minute)
        assert minutes(found[id].down) == by, id
        assert minutes(found[id].anyway) == anyway, id


@settings(max_examples=100, deadline=None)
@given(nights())
def test_an_allowance_is_used_by_the_agreed_minutes_in_which_the_service_is_down_by_the_changes(night: Night) -> None:
    table = targets(assess(night.store(), POLICY, night.asked)).table
    column = table.columns.index("uses_minutes")
    used = {str(row[2]): row[column] for row in table.rows}
    first = grounds_of(night.store(), POLICY, night.asked).span
    assert first is not None
    since = (first[0] - microseconds(clock(0))) // 60_000_000
    agreed = range(max(since, night.hours[0]), night.hours[1])
    dated = any("validTo" in one.properties for one in night.relations if one.type != "affects")
    for service in (one.id for one in night.entities if one.type == "Service"):
        lost = [m for m in agreed if service in night.down(m, own=True) - night.down(m, own=False)]
        if f"t-{service}" in used:
            assert used[f"t-{service}"] == len(lost), service
        else:  # what is not hit at the beginning of the window is not told of; later it may be, where a relation ends
            assert not lost or dated, service


# ------------------------------------------------------------------------------------------ examples

# December has 744 hours: 99.5 % of round the clock allow 223.2 minutes.
ESTATE = """
entities:
- {id: web, type: Service, dependsOn: balancers}
- {id: balancers, type: RedundancyGroup, minimum: 1, hasMember: [lb-1, lb-2]}
- {id: lb-1, type: Application}
- {id: lb-2, type: Application}
- {id: sla, type: ServiceLevelAgreement, covers: web, hasTarget: t}
- {id: t, type: ServiceLevelTarget, targetFor: web, metric: availability, comparison: at least, targetValue: 99.5,
   unit: "%", countedOver: P1M}
- {id: rfc, type: RequestForChange, touches: {to: lb-1, mode: outage}, changeStatus: recorded,
   windowStart: "2026-12-01T22:00:00Z", windowEnd: "2026-12-02T00:00:00Z"}
"""


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        yield graph


def record(graph: graphsms.Graph, folder: Path, *more: str, **changed: str) -> None:
    text = ESTATE
    for one, other in changed.items():
        before, _, after = other.partition(" -> ")
        assert before in text, one
        text = text.replace(before, after)
    (folder / "estate.yaml").write_text(text + "\n".join(f"- {one}" for one in more), encoding="utf-8")
    graph.ingest(folder / "estate.yaml")


def request(id: str, touched: str, start: str, end: str = "", status: str = "approved", mode: str = "outage") -> str:
    until = f', windowEnd: "2026-12-{end}:00Z"' if end else ""
    return (
        f"{{id: {id}, type: RequestForChange, touches: {{to: {touched}, mode: {mode}}}, changeStatus: {status}, "
        f'windowStart: "2026-12-{start}:00Z"{until}}}'
    )


def told(graph: graphsms.Graph, *ids: str) -> tuple[dict[str, Any], str, str]:
    """The one row of targets, the sentence, and the note."""
    part = targets(graph.change.assess(*(ids or ("rfc",))))
    (row,) = part.table.records()
    return row, part.sentence, part.note


OTHER = request("other", "lb-2", "01T23:30", "02T03:00")


def test_a_service_that_is_down_only_while_another_change_overlaps_uses_no_more_than_that(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    record(graph, tmp_path, OTHER)
    row, sentence, note = told(graph)
    assert (row["state"], row["uses_minutes"], row["left_minutes"], row["missed"]) == ("down", 30.0, 193.2, False)
    assert sentence == "Targets at risk: t; of what is allowed it uses 13% (t)."
    assert "Down by it: web for 30 of the 120 minutes of the window." in note


def test_several_changes_each_act_in_their_own_window(graph: graphsms.Graph, tmp_path: Path) -> None:
    record(graph, tmp_path, OTHER)
    row, _, note = told(graph, "rfc", "other")
    assert row["uses_minutes"] == 30.0
    assert "web for 30 of the 300 minutes of the window" in note


def test_changes_assessed_together_that_never_meet_use_nothing(graph: graphsms.Graph, tmp_path: Path) -> None:
    record(graph, tmp_path, request("other", "lb-2", "02T01:00", "02T03:00"))
    row, _, note = told(graph, "rfc", "other")
    assert (row["state"], row["uses_minutes"], row["missed"]) == ("down", 0.0, False)
    assert "At no moment all that it takes to have web down comes together." in note


def test_what_an_open_incident_takes_part_in_is_counted_and_said_to_rest_on_it(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    record(
        graph,
        tmp_path,
        '{id: inc, type: Incident, affects: {to: lb-2, state: down, validFrom: "2026-12-01T22:30:00Z"}}',
    )
    row, _, note = told(graph)
    assert row["uses_minutes"] == 90.0
    assert "no end is recorded, taken to last: web (90 minutes)." in note


def test_of_an_incident_whose_end_is_recorded_nothing_is_unknown(graph: graphsms.Graph, tmp_path: Path) -> None:
    affects = '{to: lb-2, state: down, validFrom: "2026-12-01T22:30:00Z", validTo: "2026-12-01T22:45:00Z"}'
    record(graph, tmp_path, f"{{id: inc, type: Incident, affects: {affects}}}")
    row, _, note = told(graph)
    assert row["uses_minutes"] == 15.0
    assert "no end is recorded" not in note


def test_what_is_down_for_the_whole_window_needs_no_word(graph: graphsms.Graph, tmp_path: Path) -> None:
    record(graph, tmp_path, touched="to: lb-1, mode -> to: web, mode")
    row, sentence, note = told(graph)
    assert (row["uses_minutes"], row["share"]) == (120.0, 0.5376)
    assert sentence == "Targets at risk: t; of what is allowed it uses 54% (t)."
    assert note == "No service hours are recorded: round the clock, by days of UTC, is taken."


def test_while_another_change_has_the_service_down_anyway_this_one_uses_nothing(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    record(graph, tmp_path, request("other", "web", "01T23:15", "01T23:30"), touched="to: lb-1, mode -> to: web, mode")
    row, _, note = told(graph)
    assert row["uses_minutes"] == 105.0
    assert "Down without it too, which does not count: web (15 minutes)." in note


def test_a_service_that_another_change_takes_down_for_some_of_the_time_is_not_passed_over(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    """With everything at once it is down in any case; minute by minute the change takes it down for longer."""
    record(graph, tmp_path, request("other", "web", "01T23:15", "01T23:30"), touched="to: lb-1 -> to: balancers")
    row, sentence, _ = told(graph)
    assert (row["uses_minutes"], row["without_the_change"]) == (105.0, "down")
    assert row["why"] == "target for web, at other times down without the change"
    assert sentence == "Targets at risk: t; of what is allowed it uses 47% (t)."


def test_what_is_removed_stays_down_after_the_window(graph: graphsms.Graph, tmp_path: Path) -> None:
    record(graph, tmp_path, touched="to: lb-1, mode: outage -> to: balancers, mode: removal")
    row, sentence, note = told(graph)
    assert row["uses_minutes"] == 30 * 24 * 60 + 120  # from the first of December at ten to the end of the month
    assert sentence == "Targets at risk: t; missed by the outage: t."
    assert "What is removed does not come back: web counts as down up to the end of the period" in note


def test_a_service_that_needs_what_is_removed_until_the_window_ends_is_up_after_it(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    record(
        graph,
        tmp_path,
        touched="to: lb-1, mode: outage -> to: balancers, mode: removal",
        needs='dependsOn: balancers -> dependsOn: {to: balancers, validTo: "2026-12-02T00:00:00Z"}',
    )
    row, _, note = told(graph)
    assert row["uses_minutes"] == 120.0
    assert "does not come back" not in note


def test_of_a_window_without_an_end_it_is_said_how_far_it_is_counted(graph: graphsms.Graph, tmp_path: Path) -> None:
    record(
        graph,
        tmp_path,
        window=', windowEnd: "2026-12-02T00:00:00Z" -> ',
        touched="to: lb-1, mode -> to: web, mode",
    )
    row, _, note = told(graph)
    assert row["uses_minutes"] == 30 * 24 * 60 + 120
    assert "The window has no end: web counts as down up to the end of the period in which that begins." in note


def test_in_a_window_without_an_end_another_change_counts_for_its_own_time(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    record(graph, tmp_path, OTHER, window=', windowEnd: "2026-12-02T00:00:00Z" -> ')
    row, _, note = told(graph)
    assert row["uses_minutes"] == 210.0
    assert "no end" not in note


def test_a_window_over_the_end_of_a_month_uses_both_months_each_by_its_part(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    record(
        graph,
        tmp_path,
        request("first", "lb-2", "31T23:00", "31T23:20"),
        "{id: second, type: RequestForChange, touches: {to: lb-2, mode: outage}, changeStatus: approved, "
        'windowStart: "2027-01-01T00:30:00Z", windowEnd: "2027-01-01T00:40:00Z"}',
        window='"2026-12-01T22:00:00Z", windowEnd: "2026-12-02T00:00:00Z" -> '
        '"2026-12-31T22:00:00Z", windowEnd: "2027-01-01T02:00:00Z"',
    )
    rows = targets(graph.change.assess("rfc")).table.records()
    assert {row["period"]: row["uses_minutes"] for row in rows} == {"2026-12": 20.0, "2027-01": 10.0}


def test_of_a_change_without_a_window_beside_one_that_has_one_it_is_said(graph: graphsms.Graph, tmp_path: Path) -> None:
    record(graph, tmp_path, "{id: some-day, type: RequestForChange, touches: {to: lb-2, mode: outage}}")
    row, _, note = told(graph, "rfc", "some-day")
    assert row["uses_minutes"] == 120.0
    assert "some-day states no window that can be used, and counts for all of the time of the others." in note


def targets(answer: graphsms.change.assessment.Assessment) -> Part:
    (section,) = [one for one in answer.sections if one.letter == "b"]
    (part,) = [one for one in section.parts if one.title == "Targets at risk"]
    return part
