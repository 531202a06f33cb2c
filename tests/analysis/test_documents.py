"""The documented information that 7.5.4 wants: what there is of it, and whether it is in order on a day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import graphsms
from graphsms.analysis.documents import document_register, documents_in_order
from graphsms.analysis.documents_answer import DocumentRegister, Wanted
from graphsms.analysis.estate import estate
from graphsms.clauses import catalogue
from graphsms.errors import InputError
from graphsms.ontology import load

DAY = "2026-11-21T12:00Z"
OWN = "iso-20000-1-2018/7.5.4-1-"
IN_FORCE: dict[str, Any] = {
    "version": "2",
    "documentStatus": "approved",
    "approvedOn": "2026-01-10",
    "fileLocation": "docs/it.pdf",
}


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "sms.db") as graph:
        yield graph


def put(graph: graphsms.Graph, *things: graphsms.Entity | graphsms.Relation) -> None:
    graph.apply(
        graphsms.ChangeSet(
            entities=[one for one in things if isinstance(one, graphsms.Entity)],
            relations=[one for one in things if isinstance(one, graphsms.Relation)],
        )
    )


def document(id: str, type: str, **said: Any) -> graphsms.Entity:
    return graphsms.Entity(id, type, {"name": id, **IN_FORCE, **said})


def listed(graph: graphsms.Graph, clause: str = "7.5.4", as_of: str = DAY) -> DocumentRegister:
    return document_register(graph.store, clause, as_of=as_of)


def item(graph: graphsms.Graph, letter: str, number: int = 0, as_of: str = DAY) -> Wanted:
    return [one for one in listed(graph, as_of=as_of).wanted if one.item == f"{letter})"][number]


def test_with_nothing_recorded_everything_that_is_wanted_once_is_missing(graph: graphsms.Graph) -> None:
    found = listed(graph)
    assert (found.numerator, found.denominator) == (0, 23)
    assert {one.state for one in found.wanted} == {"missing"}
    assert [one.item for one in found.wanted][:11] == ["a)", "b)", "b)", "c)", "d)", "d)", "d)", "e)", "f)", "g)", "h)"]
    assert not [one for one in found.wanted if one.item in ("i)", "j)")]  # nobody supplies anything


def test_every_item_of_the_list_is_in_the_answer_or_has_nothing_to_ask_for(graph: graphsms.Graph) -> None:
    put(
        graph,
        graphsms.Entity("line", "SupplyRelationship", {"name": "line", "supplyKind": "external"}),
        graphsms.Entity("desk", "SupplyRelationship", {"name": "desk", "supplyKind": "internal"}),
    )
    asked = {one.id for one in catalogue(load()).of_edition() if one.clause == "7.5.4" and not one.items}
    assert {one.requirement for one in listed(graph).wanted} == asked


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, "in order"),
        ({"version": None}, "partial"),
        ({"fileLocation": None}, "partial"),
        ({"documentStatus": "draft"}, "partial"),
        ({"documentStatus": "planned"}, "missing"),
        ({"documentStatus": "withdrawn"}, "out of date"),
        ({"reviewInterval": "P10M"}, "out of date"),
        ({"reviewInterval": "P11M"}, "in order"),
        ({"machineWritten": True}, "missing"),
    ],
)
def test_a_policy_is_in_order_where_it_is_approved_current_and_in_its_place(
    graph: graphsms.Graph, said: dict[str, Any], state: str
) -> None:
    its = {name: value for name, value in {**IN_FORCE, **said}.items() if value is not None}
    put(graph, graphsms.Entity("policy", "ServiceManagementPolicy", {"name": "policy", **its}))
    assert item(graph, "b").state == state


def test_both_sides_of_the_day_of_review(graph: graphsms.Graph) -> None:
    put(graph, document("scope", "ScopeStatement", reviewDueOn="2026-11-21"))
    assert item(graph, "a", as_of="2026-11-21T23:59Z").state == "in order"
    assert item(graph, "a", as_of="2026-11-22T00:01Z").state == "out of date"
    (kept,) = item(graph, "a").documents
    assert kept.review_due == "2026-11-21"


def test_an_old_version_beside_the_one_in_force_does_no_harm_and_is_shown(graph: graphsms.Graph) -> None:
    put(
        graph,
        document("now", "InformationSecurityPolicy"),
        document("old", "InformationSecurityPolicy", documentStatus="withdrawn"),
    )
    found = item(graph, "d", 1)
    assert (found.state, [(one.id, one.state) for one in found.documents]) == (
        "in order",
        [("now", "in order"), ("old", "out of date")],
    )


def test_plans_for_different_services_are_each_wanted_in_order(graph: graphsms.Graph) -> None:
    services = [graphsms.Entity(id, "Service", {"name": id}) for id in ("web", "mail")]
    plans = [document("for-web", "ContinuityPlan"), document("for-mail", "ContinuityPlan", documentStatus="draft")]
    ties = [graphsms.Relation("appliesTo", "for-web", "web"), graphsms.Relation("appliesTo", "for-mail", "mail")]
    put(graph, *services, *plans, *ties)
    found = [one for one in listed(graph).wanted if one.wanted == "service continuity plan"]
    assert sorted(one.state for one in found) == ["in order", "partial"]


def test_each_service_wants_an_agreement_and_each_process_a_description(graph: graphsms.Graph) -> None:
    put(
        graph,
        graphsms.Entity("web", "Service", {"name": "Web"}),
        graphsms.Entity("mail", "Service", {"name": "Mail"}),
        graphsms.Entity("gone", "Service", {"name": "Gone", "lifecycle": "retired"}),
        graphsms.Entity("change", "Process", {"name": "Change"}),
        document("sla", "ServiceLevelAgreement"),
        document("how", "ProcessDescription"),
        graphsms.Relation("covers", "sla", "web"),
        graphsms.Relation("appliesTo", "how", "change"),
    )
    found = {(one.item, one.of_name): one.state for one in listed(graph).wanted if one.of}
    assert found[("h)", "Web")] == "in order"
    assert found[("h)", "Mail")] == "missing"
    assert ("h)", "Gone") not in found
    assert found[("e)", "Change")] == "in order"


def test_contracts_are_wanted_of_external_suppliers_and_agreements_of_internal_ones(graph: graphsms.Graph) -> None:
    kinds = {"line": "external", "desk": "internal", "stock": "customer acting as a supplier", "fibre": "external"}
    put(
        graph,
        *(graphsms.Entity(id, "SupplyRelationship", {"name": id, "supplyKind": kind}) for id, kind in kinds.items()),
        graphsms.Entity("carrier", "Organization", {"name": "Carrier"}),
        graphsms.Entity("us", "Organization", {"name": "Us"}),
        document("contract", "Contract"),
        graphsms.Relation("covers", "contract", "line"),
        graphsms.Relation("hasSupplier", "line", "carrier"),
        graphsms.Relation("hasRecipient", "line", "us"),
        graphsms.Relation("hasRecipient", "fibre", "carrier"),  # the carrier's own supplier
    )
    found = {(one.item, one.of): one.state for one in listed(graph).wanted if one.item in ("i)", "j)")}
    assert found == {
        ("i)", "line"): "in order",
        ("j)", "desk"): "missing",
        ("j)", "stock"): "missing",
    }


def test_objectives_are_documented_by_a_document_and_not_by_being_recorded(graph: graphsms.Graph) -> None:
    objective = graphsms.Entity("fast", "ServiceManagementObjective", {"name": "Fast"})
    put(graph, objective)
    assert (item(graph, "b", 1).state, item(graph, "b", 1).reason) == (
        "partial",
        "1 is recorded, and no document states them",
    )
    put(graph, document("objectives", "DocumentedInformation"), graphsms.Relation("refersTo", "objectives", "fast"))
    assert item(graph, "b", 1).state == "in order"


def test_procedures_and_records_are_those_linked_to_what_asks_for_them(graph: graphsms.Graph) -> None:
    graph.obligations.load()
    put(
        graph,
        document("major", "Procedure"),
        document("other", "Procedure"),
        graphsms.Entity("minutes", "MeetingMinutes", {"name": "minutes", "issuedOn": "2026-06-01"}),
        graphsms.Relation("satisfies", "major", "iso-20000-1-2018/8.6.1-4"),
        graphsms.Relation("demonstrates", "minutes", "iso-20000-1-2018/9.3-4"),
    )
    found = {
        (one.item, one.of_name): (one.state, one.reason) for one in listed(graph).wanted if one.item in ("k)", "l)")
    }
    assert found[("k)", "8.6.1 (4)")][0] == "in order"
    assert found[("k)", "8.7.2 (5) b)")] == ("missing", "no procedure is linked to it")
    assert found[("l)", "9.3 (4)")][0] == "in order"
    assert found[("l)", "9.1 (2)")] == ("missing", "no record is linked to it")


def test_the_list_of_another_clause_is_what_is_linked_to_it(graph: graphsms.Graph) -> None:
    graph.obligations.load()
    put(
        graph,
        document("plan", "ContinuityPlan"),
        graphsms.Relation("satisfies", "plan", "iso-20000-1-2018/8.7.2-4"),
    )
    found = {one.anchor: one.state for one in listed(graph, "8.7.2").wanted}
    assert (found["8.7.2 (4)"], found["8.7.2 (5) a)"]) == ("in order", "missing")
    with pytest.raises(InputError, match="wants no document"):
        listed(graph, "4.1")
    with pytest.raises(InputError, match=r"no clause 8\.7\.9"):
        listed(graph, "8.7.9")


def test_everything_there_is_can_be_listed_with_owner_version_and_place(graph: graphsms.Graph) -> None:
    put(
        graph,
        document("policy", "Policy", reference="P-1", confidentiality="internal"),
        graphsms.Entity("ada", "Person", {"name": "Ada Lang"}),
        graphsms.Entity("record", "Record", {"name": "record", "issuedOn": "2026-06-01"}),
        document("gone", "Policy", documentStatus="withdrawn"),
        graphsms.Relation("ownedBy", "policy", "ada"),
    )
    found = document_register(graph.store, every=True, as_of=DAY)
    assert [one["id"] for one in found.rows()] == ["policy", "record"]
    kept = found.wanted[0].documents[0].to_json()
    assert {name: kept[name] for name in ("owner", "version", "location", "reference", "classification", "state")} == {
        "owner": "Ada Lang",
        "version": "2",
        "location": "docs/it.pdf",
        "reference": "P-1",
        "classification": "internal",
        "state": "in order",
    }
    assert found.sentence() == "2 of 2 documents that the register has are in order."


def test_as_a_check_it_counts_what_the_list_counts(graph: graphsms.Graph) -> None:
    put(graph, document("scope", "ScopeStatement"), graphsms.Entity("web", "Service", {"name": "Web"}))
    answer, check = listed(graph), documents_in_order(estate(graph.store, as_of=DAY))
    assert (check.looked_at - check.deficient, check.looked_at) == (answer.numerator, answer.denominator)
    assert len({one.aspect for one in check.deficiencies}) == len(check.deficiencies)
    assert "7.5.4 (1) h), service level agreement for Web: there is none." in [
        one.message for one in check.deficiencies
    ]


def test_python_and_frames_give_the_same(graph: graphsms.Graph) -> None:
    put(graph, document("scope", "ScopeStatement"))
    found = graph.obligations.documents(as_of="2026-11-21")
    assert found.numerator == 1
    assert len(found.to_frame()) == len(found.rows()) == 23


@pytest.mark.parametrize(
    ("said", "state"),
    [({"documentStatus": "planned"}, "missing"), ({"reviewDueOn": "2026-01-31"}, "stale"), ({}, "evidenced")],
)
def test_that_the_register_was_counted_makes_up_for_no_document(
    graph: graphsms.Graph, said: dict[str, Any], state: str
) -> None:
    own = "iso-20000-1-2018/7.5.1-1-b"
    graph.obligations.load()
    put(
        graph,
        document("list", "Register", **said),
        document("scope", "ScopeStatement"),
        graphsms.Relation("satisfies", "list", own),
    )
    graph.obligations.assess("7.5", as_of="2026-11-21")
    found = graph.obligations.states(as_of="2026-11-21").states[own]
    assert (found.state, len(found.proofs)) == (state, 2)


def test_a_check_of_all_documents_says_nothing_of_a_single_one() -> None:
    its = catalogue(load())
    named = {
        one.anchor for one in its.of_edition() for check in one.computed if check.runs == "analysis document-register"
    }
    assert named == {
        "7.5.1 (1)", "7.5.1 (1) a)", "7.5.1 (1) b)", "7.5.2 (1)", "7.5.2 (1) c)", "7.5.3.1 (1)", "7.5.3.2 (1)",
        "7.5.4 (1)",
    }  # fmt: skip
