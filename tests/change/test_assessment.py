"""What a change manager reads before the board: what a change does, beside what happens anyway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import graphsms
from graphsms.change.assessment import Assessment
from graphsms.change.considered import FOUND, NONE_FOUND, NOT_RECORDED, Part
from graphsms.change.unknowns import MOST
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.store import SourceState

NIGHT = {"windowStart": "2026-12-01T22:00:00Z", "windowEnd": "2026-12-01T23:00:00Z"}


def entity(id: str, type: str, /, **says: Value) -> Entity:
    return Entity(id, type, says)


def related(text: str) -> list[Relation]:
    return [
        Relation(type, subject, object)
        for subject, type, object in (line.split() for line in text.strip().splitlines())
    ]


ESTATE = ChangeSet(
    entities=[
        entity("web", "Service", name="Web shop", criticality="critical"),
        entity("mail", "Service", criticality="low"),
        entity("pair", "RedundancyGroup", minimum=1),
        entity("app-1", "Application"),
        entity("app-2", "Application"),
        entity("host-1", "Server"),
        entity("host-2", "Server"),
        entity("acme", "Customer", email=("it@acme.example", "boss@acme.example")),
        entity("shoppers", "UserGroup", numberOfPeople=900),
        entity("sla", "ServiceLevelAgreement"),
        entity("t-web", "ServiceLevelTarget", metric="availability", targetValue=99.5, unit="%", countedOver="P1M"),
        entity("ann", "Person"),
        entity("ben", "Person"),
        entity("team", "Team"),
        entity("pol", "InformationSecurityPolicy", reviewedOn="2025-01-01", reviewInterval="P1Y"),
        entity("plan", "ContinuityPlan", testInterval="P1Y"),
        entity("test", "ContinuityTest", endedAt="2026-03-01T00:00:00Z", outcome="successful"),
        entity("ctl", "InformationSecurityControl"),
        entity("risk", "Risk", riskLevel="high"),
        entity("rfc", "RequestForChange", changeStatus="assessed", riskLevel="low", **NIGHT),
    ],
    relations=[
        *related("""
        web dependsOn pair
        pair hasMember app-1
        pair hasMember app-2
        app-1 hostedOn host-1
        app-2 hostedOn host-2
        mail hostedOn host-1
        acme receives web
        shoppers uses web
        sla covers web
        sla hasTarget t-web
        t-web targetFor web
        web ownedBy ann
        app-1 ownedBy team
        team staffedBy ben
        acme relationshipManagedBy ann
        pol appliesTo web
        plan recovers web
        plan reliesOn host-1
        test tests plan
        ctl implementedBy app-1
        risk threatens host-1
        """),
        Relation("touches", "rfc", "host-1", {"mode": "outage"}),
    ],
)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ESTATE)
        yield graph


def states(answer: Assessment) -> dict[str, str]:
    return {one.id: one.state for one in answer.hits}


def part(answer: Assessment, title: str) -> Part:
    parts = [*answer.beside, *answer.unknown, *(part for section in answer.sections for part in section.parts)]
    return next(one for one in parts if one.title == title)


def told_ids(found: Part) -> list[object]:
    return [row["id"] for row in found.table.records()]


def context_of_the_other_host(graph: graphsms.Graph) -> None:
    """An incident on the other half of the pair."""
    graph.apply(
        ChangeSet(
            [entity("inc", "Incident", caseStatus="in progress")],
            [Relation("affects", "inc", "host-2", {"state": "down", "validFrom": "2026-11-20T00:00:00Z"})],
        )
    )


# ------------------------------------------------------------------------------- what it does


def test_the_answer_is_a_sentence_with_what_is_touched_itself_counted(graph: graphsms.Graph) -> None:
    answer = graph.change.assess("rfc")
    assert (
        answer.sentence()
        == "Making *rfc* stops 1 of 2 services, and uses up the redundancy of 1 more, which is critical."
    )
    assert [one.id for one in answer.services()] == ["web", "mail"], "the more critical first"
    assert (answer.as_of, answer.span) == ("2026-12-01T22:00:00Z", ("2026-12-01T22:00:00Z", "2026-12-01T23:00:00Z"))


def test_a_changed_service_is_at_risk_and_no_redundancy_is_said_to_be_used_up(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [entity("rfc-2", "RequestForChange", **NIGHT)], [Relation("touches", "rfc-2", "mail", {"mode": "change"})]
        )
    )
    context_of_the_other_host(graph)
    assert graph.change.assess("rfc-2").sentence() == "Making *rfc-2* puts 1 of 2 services at risk."


def test_the_context_is_told_apart_and_what_it_does_alone_is_not_the_changes_doing(graph: graphsms.Graph) -> None:
    alone = graph.change.assess("rfc")
    assert states(alone)["web"] == "at risk"
    context_of_the_other_host(graph)
    answer = graph.change.assess("rfc")
    assert [(one.entity.id, one.mode, one.because.id) for one in answer.context] == [("host-2", "outage", "inc")]
    web = next(one for one in answer.hits if one.id == "web")
    assert (web.before, web.state) == ("at risk", "down")
    assert not {"app-2", "host-2"} & states(answer).keys(), "they are down anyway"
    without = graph.change.assess("rfc", with_context=False)
    assert states(without) == states(alone)
    assert (without.context, without.context_impact, without.with_context) == ((), None, False)


def test_what_is_disturbed_already_and_becomes_worse_is_hit_by_the_change(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [entity("inc", "Incident", caseStatus="new")], [Relation("affects", "inc", "app-1", {"state": "degraded"})]
        )
    )
    app = next(one for one in graph.change.assess("rfc").hits if one.id == "app-1")
    assert (app.before, app.state, app.hit.through) == ("degraded", "down", ("host-1",))


def test_a_customer_who_is_hit_already_is_told_of_what_the_change_does_as_well(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [entity("chat", "Service"), entity("inc", "Incident", caseStatus="new")],
            [Relation("receives", "acme", "chat"), Relation("affects", "inc", "chat", {"state": "down"})],
        )
    )
    acme = next(one for one in graph.change.assess("rfc").hits if one.id == "acme")
    assert (acme.before, acme.state, acme.hit.through) == ("down", "at risk", ("web",)), "down for another reason"


def test_several_requests_are_assessed_as_if_they_were_made_together(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [entity("rfc-2", "RequestForChange", changeStatus="assessed", windowStart="2026-12-02T00:00:00Z",
                    windowEnd="2026-12-02T01:00:00Z")],
            [Relation("touches", "rfc-2", "host-2", {"mode": "outage"})],
        )
    )  # fmt: skip
    answer = graph.change.assess("rfc", "rfc-2")
    assert states(answer)["web"] == "down"
    assert answer.span == ("2026-12-01T22:00:00Z", "2026-12-02T01:00:00Z")
    assert answer.notes == (
        "Not all of the windows have a moment in common: the changes are assessed as if they were made together.",
    )


def test_a_request_that_says_nothing_of_what_it_touches_is_not_said_to_hit_nothing(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([entity("vague", "RequestForChange")]))
    answer = graph.change.assess("vague")
    assert answer.hits == ()
    assert answer.sections[0].state == NOT_RECORDED
    assert any("says nothing of what is touched" in note for note in answer.notes)
    assert any("has no window" in note for note in answer.notes)


def test_a_window_that_ends_before_it_begins_is_said_to_and_left_out_of_account(graph: graphsms.Graph) -> None:
    turned = entity("turned", "RequestForChange", windowStart="2026-12-01T23:00:00Z", windowEnd="2026-12-01T22:00:00Z")
    graph.apply(ChangeSet([turned], [Relation("touches", "turned", "host-1", {"mode": "outage"})]))
    answer = graph.change.assess("turned")
    assert answer.span == ("", "")
    assert any("turned ends before it begins" in note for note in answer.notes)
    assert "There is no window" in part(answer, "Targets at risk").note


def test_bad_requests_are_refused_with_what_may_be_meant(graph: graphsms.Graph) -> None:
    with pytest.raises(UnknownIdError):
        graph.change.assess("rfx")
    with pytest.raises(InputError, match="no request for change"):
        graph.change.assess("web")
    with pytest.raises(InputError, match="at least one"):
        graph.change.assess()


def test_every_hit_has_its_chain_of_reasons(graph: graphsms.Graph) -> None:
    context_of_the_other_host(graph)
    steps = {step.id: step for step in graph.change.explain("acme", "rfc").steps}
    assert {"acme", "web", "pair", "app-1", "app-2", "host-1", "host-2"} == steps.keys()
    assert graph.change.explain("acme", "rfc", with_context=False).state == "at risk"


def test_what_cannot_fail_and_is_touched_itself_is_explained_by_the_request(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([entity("rfc-p", "RequestForChange", **NIGHT)], [Relation("touches", "rfc-p", "pol")]))
    assert str(graph.change.explain("pol", "rfc-p")) == "pol is at risk: touched by rfc-p."
    assert str(graph.change.explain("ctl", "rfc-p")) == "ctl is not hit."


# --------------------------------------------------------------------------------- the letters


def test_a_tells_services_new_things_and_what_refers_to_what_goes(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [entity("gone", "RequestForChange", **NIGHT), entity("new", "Service", lifecycle="proposed")],
            [Relation("touches", "gone", "mail", {"mode": "removal"}), Relation("introduces", "gone", "new")],
        )
    )
    answer = graph.change.assess("gone")
    assert told_ids(part(answer, "Services hit")) == ["mail"]
    assert told_ids(part(answer, "What is new, and what is handed over")) == ["new"]
    assert part(answer, "What refers to what goes").table.records() == [
        {"subject": "mail", "relation": "hosted on", "object": "host-1"},
    ]


def test_b_tells_customers_users_agreements_and_what_the_outage_uses_of_a_target(graph: graphsms.Graph) -> None:
    context_of_the_other_host(graph)
    answer = graph.change.assess("rfc")
    (acme,) = part(answer, "Customers").table.records()
    assert (acme["id"], acme["state"], acme["why"]) == ("acme", "down", "receives web")
    assert "Nobody is recorded to receive mail." in part(answer, "Customers").note
    (users,) = part(answer, "Users").table.records()
    assert users["numberOfPeople"] == 900
    assert told_ids(part(answer, "Agreements at risk")) == ["sla"]
    (target,) = part(answer, "Targets at risk").table.records()
    # An hour of the 0.5 % of December's 744 hours.
    assert (target["allowed_minutes"], target["uses_minutes"], target["share"]) == (223.2, 60.0, 0.2688)
    assert target["missed"] is False


def test_of_very_many_reasons_the_first_few_are_said_and_the_others_counted(graph: graphsms.Graph) -> None:
    services = [entity(f"s-{number:02}", "Service") for number in range(20)]
    graph.apply(
        ChangeSet(
            services,
            [Relation("hostedOn", one.id, "host-1") for one in services]
            + [Relation("receives", "acme", one.id) for one in services],
        )
    )
    (acme,) = part(graph.change.assess("rfc"), "Customers").table.records()
    assert str(acme["why"]).startswith("receives s-00; receives s-01; ")
    assert str(acme["why"]).endswith("; and 13 more")
    hit = next(one for one in graph.change.assess("rfc").hits if one.id == "acme")
    assert len(hit.hit.through) == 20, "all that bring it into its state stand in the hit"


def test_nobody_recorded_is_not_nobody_found(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet(removed_relations=[("acme", "receives", "web")]))
    customers = part(graph.change.assess("rfc"), "Customers")
    assert (customers.state, customers.sentence) == (NOT_RECORDED, "Nobody is recorded to receive web, mail.")
    duties = part(graph.change.assess("rfc"), "Duties of law and contract")
    assert duties.state == NOT_RECORDED, "there are none in the graph at all"
    policies = part(graph.change.assess("rfc"), "Other documents that steer")
    assert policies.state == NONE_FOUND


def test_c_tells_policies_and_plans_and_which_are_overdue(graph: graphsms.Graph) -> None:
    answer = graph.change.assess("rfc")
    (policy,) = part(answer, "Policies").table.records()
    assert (policy["id"], policy["why"], policy["review_due"], policy["overdue"]) == (
        "pol", "applies to web", "2026-01-01", True,
    )  # fmt: skip
    assert "overdue for review: pol" in part(answer, "Policies").sentence
    assert told_ids(part(answer, "Continuity plans")) == ["plan"]


def test_c_tells_of_each_document_that_the_standard_requires_whether_there_is_any(graph: graphsms.Graph) -> None:
    found = part(graph.change.assess("rfc"), "What the standard requires")
    answers = {row["kind"]: (row["answer"], row["documents"]) for row in found.table.records()}
    assert answers["information security policy"] == (FOUND, ("pol",))
    assert answers["change management policy"] == (NOT_RECORDED, ())
    assert "not recorded at all: " in found.sentence
    graph.apply(ChangeSet([entity("pol-2", "ChangeManagementPolicy")]))
    (again,) = [
        row
        for row in part(graph.change.assess("rfc"), "What the standard requires").table.records()
        if row["kind"] == "change management policy"
    ]
    assert again["answer"] == NONE_FOUND


def test_c_tells_a_policy_that_is_changed_itself_though_nothing_fails(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([entity("rfc-p", "RequestForChange", **NIGHT)], [Relation("touches", "rfc-p", "pol")]))
    answer = graph.change.assess("rfc-p")
    (policy,) = part(answer, "Policies").table.records()
    assert policy["why"] == "touched by rfc-p"
    assert answer.sections[2].state == FOUND


def test_d_tells_redundancy_left_before_and_after(graph: graphsms.Graph) -> None:
    def left(answer: Assessment) -> list[tuple[object, ...]]:
        rows = part(answer, "Availability: redundancy left").table.records()
        return [(row["id"], row["members"], row["needed"], row["left_before"], row["left_after"]) for row in rows]

    assert left(graph.change.assess("rfc")) == [("pair", 2, 1, 1, 0)]
    assert "one more loss would stop pair" in part(graph.change.assess("rfc"), "Availability: redundancy left").sentence
    context_of_the_other_host(graph)
    assert left(graph.change.assess("rfc")) == [("pair", 2, 1, 0, -1)]


def test_d_tells_which_continuity_test_counts_no_longer_and_which_controls_run_on_it(graph: graphsms.Graph) -> None:
    answer = graph.change.assess("rfc")
    (plan,) = part(answer, "Continuity: plans and their tests").table.records()
    assert (plan["last_test"], plan["outcome"], plan["test_due"], plan["test_again"]) == (
        "2026-03-01", "successful", "2027-03-01", True,
    ), "it relies on the host that is touched"  # fmt: skip
    assert plan["overdue"] is False
    later = part(graph.change.assess("rfc", as_of="2027-03-02"), "Continuity: plans and their tests")
    assert (later.table.records()[0]["overdue"], f"test overdue: {plan['id']}" in later.sentence) == (True, True)
    (control,) = part(answer, "Information security: controls that run on it").table.records()
    assert (control["id"], control["state"], control["why"]) == ("ctl", "down", "implemented by app-1")


def test_e_tells_other_requests_directly_and_through_what_they_hit(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [
                entity("same", "RequestForChange", changeStatus="draft"),
                entity("through", "RequestForChange", changeStatus="recorded", **NIGHT),
                entity("after", "RequestForChange", changeStatus="approved", windowStart="2026-12-01T23:00:00Z"),
                entity("over", "RequestForChange", changeStatus="closed", **NIGHT),
            ],
            [
                Relation("touches", "same", "host-1"),
                Relation("touches", "through", "host-2", {"mode": "outage"}),
                Relation("touches", "after", "host-2", {"mode": "outage"}),
                Relation("touches", "over", "host-1", {"mode": "outage"}),
            ],
        )
    )
    rows = {row["id"]: row for row in part(graph.change.assess("rfc"), "Other requests for change").table.records()}
    assert rows.keys() == {"same", "through"}, "windows that only touch do not overlap"
    assert rows["same"]["how"] == "touches host-1 too"
    assert rows["through"]["how"] == "hits web, pair as well"
    assert rows["through"]["overlap_start"] == "2026-12-01T22:00:00Z"


def test_e_tells_a_freeze_of_a_service_on_what_is_touched(graph: graphsms.Graph) -> None:
    assert part(graph.change.assess("rfc"), "Freezes").state == NONE_FOUND
    graph.apply(
        ChangeSet(
            [
                entity("season", "FreezePeriod", windowStart="2026-12-01T22:30:00Z", windowEnd="2026-12-24T00:00:00Z"),
                entity("past", "FreezePeriod", windowStart="2026-11-01T00:00:00Z", windowEnd="2026-12-01T22:00:00Z"),
            ],
            related("season windowFor web\npast windowFor web"),
        )
    )
    (freeze,) = part(graph.change.assess("rfc"), "Freezes").table.records()
    assert (freeze["id"], freeze["of"]) == ("season", ("web",))
    assert (freeze["start"], freeze["end"]) == ("2026-12-01T22:30:00Z", "2026-12-01T23:00:00Z")


def test_e_tells_releases_and_deployments_of_what_is_hit(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [
                entity("own", "Release", releaseStatus="deployed"),
                entity("old", "Release", releaseStatus="deployed"),
                entity("next", "Release", releaseStatus="built"),
                entity("go", "Deployment"),
            ],
            related("own implements rfc\nold delivers app-1\nnext delivers app-1\ngo deploys next"),
        )
    )
    answer = graph.change.assess("rfc")
    assert told_ids(part(answer, "Releases")) == ["next", "own"]
    assert told_ids(part(answer, "Deployments")) == ["go"]


def test_open_cases_and_risks_on_what_is_hit_stand_beside_the_letters(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [entity("prb", "Problem", caseStatus="new"), entity("done", "Problem", caseStatus="closed")],
            related("prb affects host-1\ndone affects host-1"),
        )
    )
    answer = graph.change.assess("rfc")
    assert told_ids(part(answer, "Open incidents, problems and known errors")) == ["prb"]
    assert told_ids(part(answer, "Risks")) == ["risk"]


def test_what_is_recorded_ahead_is_told_and_what_is_not_is_not_stated(graph: graphsms.Graph) -> None:
    said = {one.matter: one.text for one in graph.change.assess("rfc").ahead}
    assert said == {
        "Risks": "Low risk",
        "Business benefits": "",
        "Feasibility": "",
        "Financial impact": "",
        "Remediation": "",
    }


# ----------------------------------------------------------------------- who is told, what is unknown


def test_owners_customers_their_contacts_and_those_on_call_are_told_and_why(graph: graphsms.Graph) -> None:
    notify = {(one.role, one.id): one for one in graph.change.assess("rfc").notify}
    assert notify.keys() == {
        ("customer", "acme"), ("users", "shoppers"), ("customer contact", "ann"), ("owner", "ann"), ("owner", "team"),
        ("on call", "ben"),
    }  # fmt: skip
    assert notify["customer", "acme"].email == "boss@acme.example, it@acme.example"
    assert notify["owner", "ann"].why == "web is at risk, owned by ann"
    assert notify["on call", "ben"].chain == ("app-1", "team", "ben")
    assert notify["customer contact", "ann"].why == "concerned: receives web, relationship managed by ann"


def test_a_supplier_that_is_replaced_is_told_with_who_manages_the_relationship(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [entity("supply", "SupplyRelationship"), entity("fibre", "Organization"),
             entity("swap", "RequestForChange", **NIGHT)],
            [*related("supply hasSupplier fibre\nsupply relationshipManagedBy ben\nhost-1 suppliedBy supply"),
             Relation("touches", "swap", "fibre", {"mode": "supplier replacement"})],
        )
    )  # fmt: skip
    answer = graph.change.assess("swap")
    assert states(answer)["supply"] == "down", "the supply stands for the party"
    told = {one.role: one.id for one in answer.notify if one.role.startswith("supplier")}
    assert told == {"supplier": "fibre", "supplier contact": "ben"}


def test_people_who_work_for_a_customer_or_a_supplier_are_its_contacts(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [entity("supply", "SupplyRelationship"), entity("fibre", "Organization"),
             entity("zoe", "Person", email="zoe@fibre.example"), entity("max", "Person"),
             entity("swap", "RequestForChange", **NIGHT)],
            [*related("supply hasSupplier fibre\nhost-1 suppliedBy supply\nzoe worksFor fibre\nmax worksFor acme"),
             Relation("touches", "swap", "supply", {"mode": "outage"})],
        )
    )  # fmt: skip
    told = {(one.role, one.id): one for one in graph.change.assess("swap").notify}
    assert ("customer contact", "max") in told
    zoe = told["supplier contact", "zoe"]
    assert (zoe.email, zoe.why) == ("zoe@fibre.example", "supply is touched, has supplier fibre, employs zoe")


def test_gaps_are_said(graph: graphsms.Graph) -> None:
    graph.apply(
        ChangeSet(
            [entity("lone", "Server"), entity("app-3", "Application"), entity("rfc-2", "RequestForChange", **NIGHT)],
            [
                Relation("touches", "rfc-2", "lone", {"mode": "outage"}),
                Relation("touches", "rfc-2", "host-2", {"mode": "outage"}),
                Relation("hostedOn", "app-3", "host-2", {"inferred": True}),
            ],
        )
    )
    scanned = Entity("host-3", "Server", {}, "scan")
    graph.store.apply(ChangeSet([scanned], [Relation("touches", "rfc-2", "host-3")]))
    graph.store.note_import(SourceState("scan", "test", "2026-01-01T00:00:00Z", "P1D"))
    answer = graph.change.assess("rfc-2")
    assert told_ids(part(answer, "Touched, without recorded dependencies")) == ["host-3", "lone"]
    (edge,) = part(answer, "Hit through what was concluded").table.records()
    assert (edge["id"], edge["subject"], edge["object"]) == ("app-3", "app-3", "host-2")
    (stale,) = part(answer, "Known from stale sources").table.records()
    assert (stale["source"], stale["entities"]) == ("scan", ("host-3",))
    graph.apply(ChangeSet([entity("scan", "InformationSource", freshnessInterval="P2Y")]))
    assert part(graph.change.assess("rfc-2"), "Known from stale sources").state == NONE_FOUND, (
        "the graph says otherwise"
    )


def test_more_gaps_than_can_be_read_are_counted_by_cause(graph: graphsms.Graph) -> None:
    title = "Not hit, but not known to be fine"
    few = part(graph.change.assess("rfc"), title)
    graph.apply(ChangeSet([entity(f"extra-{number}", "Server") for number in range(MOST)]))
    many = part(graph.change.assess("rfc"), title)
    assert len(few.table.rows) < MOST
    assert many.table.records() == [{"cause": "missing relation", "count": MOST + len(few.table.rows)}]
    assert "impact --unknown" in many.note


# --------------------------------------------------------------------------------- as values


def test_an_assessment_made_twice_is_equal_and_holds_no_clock(graph: graphsms.Graph) -> None:
    first, second = (json.dumps(graph.change.assess("rfc").to_json()) for _ in range(2))
    assert first == second
    assert 'computed"' not in first.replace('"computed": "ok"', "")


def test_rows_frame_and_json_tell_the_same(graph: graphsms.Graph) -> None:
    answer = graph.change.assess("rfc")
    records = answer.rows().records()
    assert [row["id"] for row in records] == [one["id"] for one in answer.to_json()["hits"]]
    assert list(answer.to_frame()["id"]) == [row["id"] for row in records]
    host = next(row for row in records if row["id"] == "host-1")
    assert (host["touched"], host["through"]) == (True, ("rfc",))


def test_the_rules_of_the_policy_conclude_for_each_request(graph: graphsms.Graph) -> None:
    (found,) = graph.change.assess("rfc").classification
    assert found.sentence(emphasis="") == graph.change.classify("rfc")[0].sentence(emphasis="")


def test_an_earlier_revision_is_assessed_as_it_was(graph: graphsms.Graph) -> None:
    before = graph.change.assess("rfc")
    context_of_the_other_host(graph)
    then = graph.change.assess("rfc", at=1)
    assert replace(then, impact=before.impact) == replace(before, impact=before.impact)
