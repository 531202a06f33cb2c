"""Key figures: counted in a half-open period, else as they were measured, else no data; with target and trend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import graphsms
from graphsms import ChangeSet, Entity, Graph, Relation
from graphsms.errors import InputError
from graphsms.obligations import kpi_definitions
from graphsms.obligations.kpi_answer import KeyFigure
from graphsms.obligations.kpi_definitions import indicators
from graphsms.obligations.kpi_functions import FUNCTIONS
from graphsms.ontology import load

AS_OF = "2026-11-21T00:00:00Z"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graphsms.open(f"{tmp_path}/sms.db") as found:
        yield found


def put(graph: Graph, *things: Entity | Relation) -> None:
    graph.apply(
        ChangeSet(
            [one for one in things if isinstance(one, Entity)], [one for one in things if isinstance(one, Relation)]
        )
    )


def figure(graph: Graph, name: str, **asked: Any) -> KeyFigure:
    (one,) = graph.obligations.kpi(name, **{"as_of": AS_OF, **asked}).figures
    return one


def share(one: KeyFigure) -> tuple[float | None, float | None]:
    return one.point.numerator, one.point.denominator


# ------------------------------------------------------------------------------ definitions as data


def test_there_is_one_for_each_indicator_of_the_guide_and_no_other(graph: Graph) -> None:
    guide = [one for one in graph.obligations.catalogue.guidance.values() if one.kind == "indicator"]
    assert [one.guidance for one in indicators()] == [one.id for one in sorted(guide, key=lambda one: one.position)]
    assert [one.name for one in indicators()] == [one.name for one in sorted(guide, key=lambda one: one.position)]
    assert len(guide) == 18


def test_every_figure_names_terms_of_the_ontology_and_functions_that_there_are() -> None:
    words = load()
    stated = yaml.safe_load(kpi_definitions._FILE.read_text("utf-8"))["indicators"]
    units = {code.notation for code in words.code_lists[str(words.properties["unit"].code_list)].codes}
    ids = [figure["id"] for one in stated for figure in one["figures"]] + [one["id"] for one in stated]
    assert len(ids) == len(set(ids))
    for figure in (figure for one in stated for figure in one["figures"]):
        assert figure["unit"] in units
        assert figure["better"] in ("at least", "at most")
        assert ("how" in figure) != ("counted by" in figure)
        assert figure.get("how", "share") in ("share", "count", "mean hours", "mean", "part")
        assert figure.get("counted by", "in_time") in FUNCTIONS
        for key, value in terms(figure):
            assert value in {**words.types, **words.relations, **words.properties}, (figure["id"], key, value)


# What does not name a term, of what figures say.
PLAIN = {"id", "name", "unit", "better", "how", "counted by", "metric", "metrics", "figure"}


def terms(stated: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Everything in a figure that names a term."""
    for key, value in stated.items():
        if key in PLAIN:
            continue
        if key == "given":
            yield from terms(value)
        elif key in ("where", "which"):
            yield from ((key, name) for name in value)
        elif isinstance(value, dict):
            yield from ((key, name) for pair in value.items() for name in pair)
        else:
            for name in value if isinstance(value, list) else [value]:
                yield key, name.removeprefix("^")


def test_codes_of_conditions_are_in_their_code_lists() -> None:
    words = load()
    for indicator in indicators():
        for one in indicator.figures:
            for said in (one.said.get("where", {}), one.said.get("which", {})):
                for name, values in said.items():
                    codes = {code.notation for code in words.code_lists[str(words.properties[name].code_list)].codes}
                    assert {*(values if isinstance(values, list) else [values])} <= codes


# ----------------------------------------------------------------------------------------- counting


def test_on_an_empty_graph_there_is_no_data_and_that_is_said(graph: Graph) -> None:
    answer = graph.obligations.kpi(as_of=AS_OF)
    assert {one.value for one in answer.figures} == {None}
    assert len(answer.figures) == 32
    assert answer.sentence() == "0 of 32 figures known; no target is stated."


@pytest.mark.parametrize(
    ("resolved", "counted"),
    [
        ("2026-10-21T00:00:00Z", 1),  # the period is a month, and begins here
        ("2026-10-20T23:59:59Z", None),
        ("2026-11-20T23:59:59Z", 1),
        ("2026-11-21T00:00:00Z", None),
    ],
)
def test_a_period_is_half_open(graph: Graph, resolved: str, counted: int | None) -> None:
    put(graph, Entity("inc-1", "Incident", {"recordedAt": "2026-10-20T00:00:00Z", "resolvedAt": resolved}))
    one = figure(graph, "mean-time-to-resolve", period="P1M")
    assert one.point.denominator == counted


def test_the_mean_time_leaves_out_what_has_no_beginning_and_tells_it(graph: Graph) -> None:
    put(
        graph,
        Entity("inc-1", "Incident", {"recordedAt": "2026-11-01T08:00:00Z", "resolvedAt": "2026-11-01T10:00:00Z"}),
        Entity("inc-2", "Incident", {"startedAt": "2026-11-02T08:00:00Z", "resolvedAt": "2026-11-02T12:00:00Z"}),
        Entity("inc-3", "Incident", {"resolvedAt": "2026-11-02T12:00:00Z"}),
    )
    one = figure(graph, "mean-time-to-resolve")
    assert (one.value, one.unit, one.point.denominator) == (3.0, "h", 2.0)
    assert one.note == "1 without a beginning and an end are left out"


def test_that_there_was_none_counts_only_where_such_things_are_recorded(graph: Graph) -> None:
    assert figure(graph, "security-incidents-count").value is None
    put(graph, Entity("inc-1", "Incident", {"recordedAt": "2026-11-01T08:00:00Z"}))
    assert figure(graph, "security-incidents-count").value == 0


def test_an_incident_is_in_time_by_its_day_or_by_the_strictest_target_for_it(graph: Graph) -> None:
    def target(id: str, hours: float, **said: Any) -> Entity:
        return Entity(
            id, "ServiceLevelTarget", {"metric": "resolution time", "targetValue": hours, "unit": "h", **said}
        )

    def incident(id: str, resolved: str, **said: Any) -> Entity:
        return Entity(id, "Incident", {"recordedAt": "2026-11-02T08:00:00Z", "resolvedAt": resolved, **said})

    put(
        graph,
        Entity("web", "Service"),
        target("t-all", 8),
        target("t-high", 2, forPriority=("high",)),
        *(Relation("targetFor", id, "web") for id in ("t-all", "t-high")),
        incident("in-8", "2026-11-02T16:00:00Z", priority="low"),
        incident("past-8", "2026-11-02T16:00:01Z", priority="low"),
        incident("past-2", "2026-11-02T10:00:01Z", priority="high"),
        incident("by-its-day", "2026-11-06T23:59:59Z", dueOn="2026-11-06"),
        incident("past-its-day", "2026-11-07T00:00:00Z", dueOn="2026-11-06"),
        incident("no-target", "2026-11-02T09:00:00Z"),
        *(Relation("affects", id, "web") for id in ("in-8", "past-8", "past-2")),
    )
    one = figure(graph, "incidents-in-time")
    assert share(one) == (2, 5)
    assert one.note == "1 have neither a day nor a target"


def test_targets_are_reached_by_what_was_measured_of_them(graph: Graph) -> None:
    month: dict[str, Any] = {"periodStart": "2026-10-01T00:00:00Z", "periodEnd": "2026-11-01T00:00:00Z"}
    put(
        graph,
        Entity("t-up", "ServiceLevelTarget", {"metric": "availability", "targetValue": 99.5, "comparison": "at least"}),
        Entity("t-fast", "ServiceLevelTarget", {"metric": "latency", "targetValue": 300.0, "comparison": "at most"}),
        Entity("m-1", "Measurement", {"measuredValue": 99.5, **month}),
        Entity("m-2", "Measurement", {"measuredValue": 99.4, **month}),
        Entity("m-3", "Measurement", {"measuredValue": 300.0, **month}),
        Relation("measures", "m-1", "t-up"),
        Relation("measures", "m-2", "t-up"),
        Relation("measures", "m-3", "t-fast"),
    )
    assert share(figure(graph, "targets-reached")) == (2, 3)
    assert share(figure(graph, "availability-reached")) == (1, 2)
    assert figure(graph, "availability-measured").value == pytest.approx(99.45)
    assert figure(graph, "targets-reached", as_of="2026-10-31T00:00:00Z").value is None


def test_a_major_incident_is_repeated_where_its_cause_had_caused_one_before(graph: Graph) -> None:
    put(
        graph,
        Entity("prb", "Problem"),
        Entity("mi-1", "MajorIncident", {"recordedAt": "2026-01-01T00:00:00Z"}),
        Entity("mi-2", "MajorIncident", {"recordedAt": "2026-11-01T00:00:00Z"}),
        Relation("causedBy", "mi-1", "prb"),
        Relation("causedBy", "mi-2", "prb"),
    )
    assert share(figure(graph, "major-incidents-repeated")) == (1, 1)
    assert share(figure(graph, "incidents-recurring")) == (1, 1)
    assert share(figure(graph, "major-incidents-repeated", as_of="2026-02-01T00:00:00Z")) == (0, 1)


def test_changes_are_those_of_their_trends(graph: Graph) -> None:
    made = {"endedAt": "2026-11-02T21:00:00Z"}
    put(
        graph,
        Entity("rfc-1", "RequestForChange", {"changeStatus": "closed", "changeCategory": "emergency", **made}),
        Entity("rfc-2", "RequestForChange", {"changeStatus": "failed", "changeCategory": "normal", **made}),
    )
    assert share(figure(graph, "changes-successful")) == (1, 2)
    assert share(figure(graph, "changes-urgent")) == (1, 2)
    assert share(figure(graph, "changes-failed")) == (1, 2)


def test_a_continuity_plan_is_tested_within_its_own_interval(graph: Graph) -> None:
    put(
        graph,
        Entity("plan-1", "ContinuityPlan", {"testInterval": "P6M"}),
        Entity("plan-2", "ContinuityPlan", {"testInterval": "P1Y"}),
        Entity("plan-3", "ContinuityPlan", {"documentStatus": "withdrawn"}),
        Entity("test", "ContinuityTest", {"endedAt": "2026-05-20T00:00:00Z", "recoveryTimeAchieved": "PT2H"}),
        Entity("needs", "ContinuityRequirement", {"recoveryTimeObjective": "PT119M"}),
        *(Relation("tests", "test", id) for id in ("plan-1", "plan-2", "needs")),
    )
    assert share(figure(graph, "continuity-plans-tested")) == (1, 2)
    assert share(figure(graph, "recovery-achieved", period="P1Y")) == (0, 1)


def test_scores_of_different_scales_are_not_put_together(graph: Graph) -> None:
    def survey(id: str, score: float, scale: str) -> Entity:
        said: dict[str, Any] = {
            "endedAt": "2026-11-01T00:00:00Z",
            "satisfactionScore": score,
            "satisfactionScale": scale,
        }
        return Entity(id, "SatisfactionSurvey", said)

    put(graph, survey("s-1", 4.0, "1 to 5"), survey("s-2", 3.0, "1 to 5"))
    assert figure(graph, "satisfaction-score").value == 3.5
    put(graph, survey("s-3", 40.0, "net promoter score"))
    one = figure(graph, "satisfaction-score")
    assert one.value is None
    assert "2 scales" in one.note


def test_capacity_and_forecasts(graph: Graph) -> None:
    month: dict[str, Any] = {"periodStart": "2026-10-01T00:00:00Z", "periodEnd": "2026-11-01T00:00:00Z"}
    put(
        graph,
        Entity("web", "Service"),
        Entity("c-1", "CapacityFigure", {"capacityUsed": 80.0, "capacityThreshold": 80.0, **month}),
        Entity("c-2", "CapacityFigure", {"capacityUsed": 79.0, "capacityThreshold": 80.0, **month}),
        Entity("d-1", "DemandFigure", {"figureKind": "forecast", "demandValue": 90.0, **month}),
        Entity("d-2", "DemandFigure", {"figureKind": "actual", "demandValue": 100.0, **month}),
        Relation("demandFor", "d-1", "web"),
        Relation("demandFor", "d-2", "web"),
    )
    assert share(figure(graph, "capacity-beyond-threshold")) == (1, 2)
    assert figure(graph, "forecast-accuracy").value == pytest.approx(90)


def test_what_audits_found_is_closed_in_time_by_its_day_or_that_of_its_actions(graph: Graph) -> None:
    put(
        graph,
        Entity("audit", "Audit", {"auditKind": "internal"}),
        Entity("cert", "Audit", {"auditKind": "certification"}),
        Entity("nc-1", "Nonconformity", {"closedAt": "2026-10-31T12:00:00Z"}),
        Entity("nc-2", "Nonconformity", {"dueOn": "2026-11-01"}),
        Entity("nc-3", "Nonconformity"),
        Entity("nc-4", "Nonconformity", {"dueOn": "2026-11-01"}),
        Entity("ca-1", "CorrectiveAction", {"dueOn": "2026-10-31"}),
        Relation("addresses", "ca-1", "nc-1"),
        *(Relation("arisesFrom", id, "audit") for id in ("nc-1", "nc-2", "nc-3")),
        Relation("arisesFrom", "nc-4", "cert"),
    )
    one = figure(graph, "audit-findings-in-time")
    assert share(one) == (1, 2)
    assert one.note == "1 have no day"


# ------------------------------------------------------------------- targets, measurements and trend


def test_a_measure_of_the_graph_gives_the_target_and_an_objective_where_it_states_none(graph: Graph) -> None:
    put(
        graph,
        Entity("inc-1", "Incident", {"recordedAt": "2026-11-01T08:00:00Z", "resolvedAt": "2026-11-01T12:00:00Z"}),
        Entity("measure", "Measure", {"runs": "kpi mean-time-to-resolve"}),
        Entity("goal", "ServiceManagementObjective", {"targetValue": 4.0}),
        Relation("measuredBy", "goal", "measure"),
    )
    one = figure(graph, "mean-time-to-resolve")
    assert (one.target, one.comparison, one.met, one.measure) == (4.0, "at most", True, "measure")
    put(graph, Entity("measure", "Measure", {"runs": "kpi mean-time-to-resolve", "targetValue": 3.9}))
    assert figure(graph, "mean-time-to-resolve").met is False


def test_what_cannot_be_counted_is_taken_from_a_measurement_of_the_period(graph: Graph) -> None:
    put(
        graph,
        Entity("csat", "Measure", {"runs": "kpi satisfaction-score", "targetValue": 4.0, "comparison": "at least"}),
        Entity("oct", "Measurement", {"measuredValue": 3.8, "periodEnd": "2026-11-01T00:00:00Z", "sampleSize": 40}),
        Entity("july", "Measurement", {"measuredValue": 4.2, "periodEnd": "2026-08-01T00:00:00Z"}),
        Relation("measures", "oct", "csat"),
        Relation("measures", "july", "csat"),
    )
    one = figure(graph, "satisfaction-score", steps=2)
    assert [(point.value, point.by) for point in one.trend] == [(4.2, "measured"), (3.8, "measured")]
    assert (one.met, one.note) == (False, "measured: oct")


def test_a_trend_is_over_periods_that_touch(graph: Graph) -> None:
    for day in (1, 2, 3):
        put(graph, Entity(f"mi-{day}", "MajorIncident", {"recordedAt": f"2026-0{day + 6}-15T00:00:00Z"}))
    one = figure(graph, "major-incidents-count", since="2026-07-01", as_of="2026-10-01T00:00:00Z", steps=3)
    assert [point.value for point in one.trend] == [1, 1, 1]
    assert [a.end == b.start for a, b in zip(one.trend, one.trend[1:], strict=False)] == [True, True]
    assert (one.trend[0].start, one.trend[-1].end) == ("2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z")


def test_a_trend_over_revisions_is_of_what_was_recorded_then(graph: Graph) -> None:
    put(graph, Entity("plan-1", "ContinuityPlan"))
    put(graph, Entity("plan-2", "ContinuityPlan"), Entity("t", "ContinuityTest", {"endedAt": "2026-06-01T00:00:00Z"}))
    put(graph, Relation("tests", "t", "plan-1"))
    (one,) = graph.obligations.kpi("continuity-plans-tested", since=1, steps=3).figures
    assert [(point.revision, point.denominator) for point in one.trend] == [(1, 1), (2, 2), (3, 2)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": "change-succes"}, "change-success"),
        ({"period": "a month"}, "is no period"),
        ({"steps": 0}, "Between 1 and 60"),
        ({"steps": 61}, "Between 1 and 60"),
        ({"since": "2027-01-01"}, "is not before"),
        ({"since": 7}, "There is no revision 7"),
        ({"since": "2026-01-01", "period": "P1M"}, "Give either"),
    ],
)
def test_what_cannot_be_shown_is_said(graph: Graph, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        graph.obligations.kpi(**{"as_of": AS_OF, **asked})
