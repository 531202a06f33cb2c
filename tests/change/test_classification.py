"""What the rules conclude of requests: the first that holds decides, and what is not known is neither yes nor no."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphsms
from graphsms.change.classification import classify
from graphsms.change.conditions import FACTS, AtLeast, FactValue
from graphsms.change.facts import facts_of, impact_of
from graphsms.change.policy import read_policy
from graphsms.change.requests import Request
from graphsms.change.rules import CONCLUSIONS, applied, words_of
from graphsms.errors import RejectedError
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load

WORDS = load()
POLICY = read_policy(WORDS)
REQUEST = Request(Entity("rfc-1", "RequestForChange"), ())

ESTATE = ChangeSet(
    entities=[
        Entity("web", "Service", {"criticality": "critical"}),
        Entity("mail", "Service", {"criticality": "low"}),
        Entity("wiki", "Service"),
        Entity("db", "Database"),
        Entity("host", "Server"),
        Entity("disk", "Server"),
        Entity("acme", "Customer"),
        Entity("bolt", "Customer"),
        Entity("sla", "ServiceLevelAgreement", {"penaltyTerms": "2%"}),
        Entity("policy", "Policy"),
    ],
    relations=[
        Relation("dependsOn", "web", "db"),
        Relation("dependsOn", "mail", "host"),
        Relation("dependsOn", "wiki", "disk"),
        Relation("receives", "acme", "web"),
        Relation("receives", "bolt", "web"),
        Relation("covers", "sla", "web"),
        Relation("agreedWith", "sla", "acme"),
    ],
)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ESTATE)
        yield graph


def ask_for(graph: graphsms.Graph, *touches: tuple[str, str], id: str = "rfc-1", **says: object) -> Request:
    relations = [Relation("touches", id, to, {"mode": mode} if mode else {}) for to, mode in touches]
    graph.apply(ChangeSet([Entity(id, "RequestForChange", says)], relations))  # type: ignore[arg-type]
    (found,) = graph.change.requests([id])
    return found


def facts(graph: graphsms.Graph, request: Request) -> dict[str, FactValue]:
    return facts_of(graph.store, request, graph.change.policy())


def test_facts_of_the_impact_count_services_by_state_and_weigh_them(graph: graphsms.Graph) -> None:
    found = facts(graph, ask_for(graph, ("db", "outage"), ("host", "change")))
    assert (found["services_down"], found["services_degraded"], found["services_at_risk"]) == (1, 0, 1)
    assert (found["criticality_down"], found["criticality_hit"]) == ("critical", "critical")
    assert (found["customers_down"], found["penalties"]) == (2, True)


def test_a_service_that_is_touched_itself_counts(graph: graphsms.Graph) -> None:
    found = facts(graph, ask_for(graph, ("web", "outage")))
    assert (found["services_down"], found["criticality_down"]) == (1, "critical")


def test_a_service_whose_criticality_is_not_determined_is_never_taken_for_low(graph: graphsms.Graph) -> None:
    found = facts(graph, ask_for(graph, ("disk", "outage"), ("host", "outage")))
    assert found["criticality_down"] == AtLeast("low")
    classified = graph.change.classify("rfc-1")[0]
    assert ("service-of-weight-stops", "yes", ("criticality_down",)) in classified.major_impact.open


def test_a_request_that_touches_nothing_has_no_known_impact(graph: graphsms.Graph) -> None:
    request = ask_for(graph)
    assert impact_of(graph.store, request) is None
    assert "services_down" not in facts(graph, request)
    (found,) = graph.change.classify("rfc-1")
    assert found.major_impact.says == "no"
    assert {id for id, _, _ in found.major_impact.open} >= {"several-services-stop", "several-customers"}


def test_the_mode_of_the_policy_is_taken_where_none_is_stated(graph: graphsms.Graph) -> None:
    assert facts(graph, ask_for(graph, ("db", "")))["mode"] == frozenset({"change"})


def test_what_nobody_has_recorded_is_not_known(graph: graphsms.Graph) -> None:
    found = facts(graph, ask_for(graph, ("db", "outage")))
    unknown = {"tested", "remediation", "remediation_tested", "window_length", "lead_time", "in_freeze", "priority"}
    assert {name for name, value in found.items() if value is None} >= unknown


@pytest.mark.parametrize(
    ("says", "risk"),
    [
        ({}, "moderate"),
        ({"testedSuccessfully": False, "remediation": "Back"}, "moderate"),
        ({"testedSuccessfully": True}, "moderate"),
        ({"testedSuccessfully": True, "remediation": "Back"}, "low"),
    ],
)
def test_to_record_nothing_of_tests_and_the_way_back_makes_no_risk_lower(
    graph: graphsms.Graph, says: dict[str, Any], risk: str
) -> None:
    ask_for(graph, ("web", "change"), **says)
    assert graph.change.classify("rfc-1")[0].risk.says == risk


def test_what_is_concluded_because_nothing_else_holds_names_the_facts_by_which_nothing_does(
    graph: graphsms.Graph,
) -> None:
    ask_for(graph, ("web", "change"), changeCategory="normal", priority="high")
    (found,) = graph.change.classify("rfc-1")
    assert {found.category.rule, found.route.rule, found.major_impact.rule} == {"otherwise"}
    assert "category recorded: normal" in found.category.facts
    assert "services down: 0" in found.major_impact.facts
    assert any(fact.startswith("acts on:") for fact in found.route.facts)


def test_times_are_taken_from_window_and_record(graph: graphsms.Graph) -> None:
    request = ask_for(
        graph,
        recordedAt="2026-11-20T10:00:00Z",
        windowStart="2026-11-21T10:00:00Z",
        windowEnd="2026-11-21T12:30:00Z",
    )
    found = facts(graph, request)
    assert (found["lead_time"], found["window_length"]) == (24 * 3600 * 10**6, 9000 * 10**6)


def test_a_test_of_its_releases_is_a_test_of_the_change(graph: graphsms.Graph) -> None:
    ask_for(graph, ("db", "change"))
    graph.apply(
        ChangeSet(
            [Entity("rel-1", "Release", {"testedSuccessfully": True}), Entity("rel-2", "Release")],
            [Relation("implements", "rel-1", "rfc-1")],
        )
    )
    assert facts(graph, graph.change.requests(["rfc-1"])[0])["tested"] is True
    graph.apply(ChangeSet(relations=[Relation("implements", "rel-2", "rfc-1")]))
    assert facts(graph, graph.change.requests(["rfc-1"])[0])["tested"] is None


def test_what_failed_before_is_known_by_what_it_touched(graph: graphsms.Graph) -> None:
    ask_for(graph, ("db", "change"), id="rfc-0", changeStatus="failed")
    ask_for(graph, ("db", "change"), id="rfc-00", changeStatus="closed", outcome="reversed")
    ask_for(graph, ("host", "change"), id="rfc-000", changeStatus="failed")
    assert facts(graph, ask_for(graph, ("db", "change")))["failed_before"] == 2


def test_a_freeze_of_a_service_is_one_of_what_it_stands_on(graph: graphsms.Graph) -> None:
    window = {"windowStart": "2026-12-01T00:00:00Z", "windowEnd": "2026-12-02T00:00:00Z"}
    graph.apply(ChangeSet([Entity("frozen", "FreezePeriod", window)], [Relation("windowFor", "frozen", "web")]))
    times = {"windowStart": "2026-12-01T10:00:00Z", "windowEnd": "2026-12-01T11:00:00Z"}
    assert facts(graph, ask_for(graph, ("db", "change"), **times))["in_freeze"] is True
    assert facts(graph, ask_for(graph, ("host", "change"), id="rfc-2", **times))["in_freeze"] is False
    after = {"windowStart": "2026-12-02T00:00:00Z", "windowEnd": "2026-12-02T01:00:00Z"}
    assert facts(graph, ask_for(graph, ("db", "change"), id="rfc-3", **after))["in_freeze"] is False


def test_a_freeze_of_a_service_holds_below_its_redundancy_and_one_of_a_server_no_further(graph: graphsms.Graph) -> None:
    window = {"windowStart": "2026-12-01T00:00:00Z", "windowEnd": "2026-12-02T00:00:00Z"}
    times = {"windowStart": "2026-12-01T10:00:00Z", "windowEnd": "2026-12-01T11:00:00Z"}
    graph.apply(
        ChangeSet(
            [
                Entity("frozen", "FreezePeriod", window),
                Entity("outer", "RedundancyGroup", {"minimum": 1}),
                Entity("inner", "RedundancyGroup", {"minimum": 1}),
                *(Entity(id, "Server") for id in ("a", "b", "c")),
            ],
            [
                Relation("windowFor", "frozen", "web"),
                Relation("dependsOn", "web", "outer"),
                Relation("hasMember", "outer", "inner"),
                Relation("hasMember", "outer", "a"),
                Relation("hasMember", "inner", "b"),
                Relation("hasMember", "inner", "c"),
            ],
        )
    )
    assert facts(graph, ask_for(graph, ("b", "change"), **times))["in_freeze"] is True
    graph.apply(
        ChangeSet(
            entities=[Entity("rack", "Server")],
            relations=[Relation("windowFor", "frozen", "disk"), Relation("dependsOn", "disk", "rack")],
            removed_relations=[("frozen", "windowFor", "web")],
        )
    )
    assert facts(graph, ask_for(graph, ("disk", "change"), id="rfc-2", **times))["in_freeze"] is True
    assert facts(graph, ask_for(graph, ("rack", "change"), id="rfc-3", **times))["in_freeze"] is False


def test_which_types_are_controlled_is_said_by_the_policy_for_configuration(graph: graphsms.Graph) -> None:
    request = ask_for(graph, ("db", "change"))
    assert facts(graph, request)["controlled"] is True
    assert facts(graph, ask_for(graph, ("policy", "change"), id="rfc-2"))["controlled"] is False
    graph.apply(ChangeSet([Entity("policy", "Policy", {"controlsType": ("Policy",)})]))
    assert facts(graph, request)["controlled"] is False
    graph.apply(ChangeSet([Entity("policy", "Policy", {"controlsType": ("Policy",), "lifecycle": "retired"})]))
    assert facts(graph, request)["controlled"] is True


def test_the_policy_for_configuration_may_be_named_by_that_for_changes(graph: graphsms.Graph, tmp_path: Path) -> None:
    from graphsms.analysis.configuration_policy import OURS

    text = OURS.read_text("utf-8").replace("  - type: ConfigurationItem", "  - type: Policy", 1)
    (tmp_path / "configuration.yaml").write_text(text, encoding="utf-8")
    file = tmp_path / "change.yaml"
    file.write_text("configuration_policy: configuration.yaml\n", encoding="utf-8")
    ask_for(graph, ("policy", "change"))
    assert graph.change.classify("rfc-1", policy=file)[0].facts["controlled"] is True
    before = graph.change.policy(file).hash
    (tmp_path / "configuration.yaml").write_text(text + "# more\n", encoding="utf-8")
    assert graph.change.policy(file).hash != before
    (tmp_path / "configuration.yaml").write_text(text.replace("P1Y", "a year"), encoding="utf-8")
    with pytest.raises(RejectedError, match="duration"):
        graph.change.policy(file)
    (tmp_path / "configuration.yaml").unlink()
    with pytest.raises(RejectedError, match="cannot be read"):
        graph.change.policy(file)
    assert graph.change.classify("rfc-1")[0].facts["controlled"] is False


def test_open_incidents_on_what_is_hit_are_counted(graph: graphsms.Graph) -> None:
    request = ask_for(graph, ("db", "change"))
    graph.apply(
        ChangeSet(
            [Entity("inc-1", "Incident"), Entity("inc-2", "Incident", {"caseStatus": "closed"})],
            [Relation("affects", "inc-1", "web"), Relation("affects", "inc-2", "web")],
        )
    )
    assert facts(graph, request)["open_incidents"] == 1


def test_what_is_recorded_and_differs_is_shown_as_such(graph: graphsms.Graph) -> None:
    ask_for(graph, ("web", "removal"), changeCategory="standard", changeRoute="8.5.1.3", riskLevel="low")
    answer = graph.change.classify("rfc-1")
    (found,) = answer
    assert (found.route.says, found.route.recorded, found.route.differs) == ("8.5.1.2 d", "8.5.1.3", True)
    assert (found.category.says, found.category.differs) == ("normal", True)
    assert found.by_design
    assert answer.differing == 1
    assert answer.to_json()["requests"][0]["letter"] == "d"
    assert len(answer.to_frame()) == 4


def test_without_ids_those_that_are_not_made_yet_are_classified(graph: graphsms.Graph) -> None:
    ask_for(graph, id="rfc-1", changeStatus="approved")
    ask_for(graph, id="rfc-2", changeStatus="closed")
    ask_for(graph, id="rfc-3", changeStatus="draft")
    assert [one.request for one in graph.change.classify()] == ["rfc-1", "rfc-3"]


def test_two_outputs_route_and_category_are_independent() -> None:
    removal: dict[str, FactValue] = {
        "acts_on": frozenset({("Service", "removal")}),
        "priority": "critical",
        "lead_time": 0,
    }
    found = classify(REQUEST, removal, POLICY)
    assert (found.category.says, found.route.says) == ("emergency", "8.5.1.2 d")


VALUES = {
    "words": st.frozensets(st.sampled_from(["removal", "outage", "change", "Service", "Server"])),
    "word": st.sampled_from(["low", "high", "critical", "standard", "normal", "emergency", ""]),
    "number": st.integers(0, 9),
    "length": st.integers(0, 10**12),
    "yes or no": st.booleans(),
}
FACTS_KNOWN = st.fixed_dictionaries(
    {}, optional={name: VALUES[fact.form] | st.none() for name, fact in FACTS.items() if name not in CONCLUSIONS}
)


@given(FACTS_KNOWN)
def test_whatever_the_facts_something_is_concluded_by_a_rule_that_holds(known: dict[str, FactValue]) -> None:
    found = classify(REQUEST, known, POLICY)
    for one in found.conclusions:
        assert one.says in words_of(one.of, WORDS)
        rule = next(rule for rule in POLICY.rules[one.of] if rule.id == one.rule)
        assert rule.holds(found.facts)


@given(FACTS_KNOWN, FACTS_KNOWN)
def test_more_knowledge_changes_only_what_was_said_to_be_open(
    known: dict[str, FactValue], more: dict[str, FactValue]
) -> None:
    """Where no rule was open, what becomes known beside does not change what is concluded.

    Rules that ask whether something is not known are left aside: to learn it is to change their fact.
    """
    asks = {one.fact for rules in POLICY.rules.values() for rule in rules for each in (*rule.when, *rule.unless)
            for one in each if one.test == "not_known"}  # fmt: skip
    learnt = {**{name: value for name, value in more.items() if name not in asks}, **{
        name: value for name, value in known.items() if value is not None}}  # fmt: skip
    before = applied(POLICY.rules["major_impact"], known)
    after = applied(POLICY.rules["major_impact"], learnt)
    if not before.open:
        assert after.rule.says == before.rule.says
