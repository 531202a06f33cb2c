"""The state of evidence of requirements: what is there, what is stale, what did not arise, and how it rolls up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphsms
from graphsms.analysis.obligation_answer import STATES, RequirementState, Rolled
from graphsms.analysis.obligations import obligations
from graphsms.clauses import catalogue
from graphsms.errors import InputError
from graphsms.ontology import load

DAY = "2026-11-21"
POLICY = "iso-20000-1-2018/8.5.1.1-1-a"  # to document
VERIFY = "iso-20000-1-2018/8.2.6-9"  # to do, at planned intervals
COMPETENCE = "iso-20000-1-2018/7.2-1-b"  # to do
LEADERSHIP = "iso-20000-1-2018/5.1-1-d"  # to do, for the organization itself
NONCONFORMITY = "iso-20000-1-2018/10.1.1-1-c"  # only where one has occurred
DOCUMENT = {
    "id": "doc",
    "type": "Policy",
    "name": "Change policy",
    "version": "3",
    "documentStatus": "approved",
    "approvedOn": "2026-01-10",
    "fileLocation": "docs/P-02.pdf",
}
RECORD = {"id": "rec", "type": "Record", "name": "Record", "issuedOn": "2026-06-01"}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the catalogue in it."""
    file = tmp_path_factory.mktemp("catalogue") / "sms.db"
    with graphsms.open(file) as graph:
        graph.obligations.load()
    return file


@pytest.fixture
def graph(loaded: Path, tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(copy(loaded, tmp_path / "sms.db")) as graph:
        yield graph


def said(graph: graphsms.Graph, *entities: dict[str, Any]) -> None:
    """Entities as the exchange format has them, with relations as keys."""
    relations = ("demonstrates", "satisfies", "ownedBy", "decidesOn", "decidedBy", "hasSupplier", "resultOf")
    nodes, links = [], []
    for one in entities:
        its = {key: value for key, value in one.items() if key not in ("id", "type", *relations)}
        nodes.append(graphsms.Entity(one["id"], one["type"], its))
        for relation in relations:
            ends = one.get(relation, [])
            for end in ends if isinstance(ends, list) else [ends]:
                to, qualified = (
                    (end, {}) if isinstance(end, str) else (end["to"], {k: end[k] for k in end if k != "to"})
                )
                links.append(graphsms.Relation(relation, one["id"], to, qualified))
    graph.apply(graphsms.ChangeSet(entities=nodes, relations=links))


def state(graph: graphsms.Graph, requirement: str, as_of: str = DAY, edition: str = "2018") -> RequirementState:
    return graph.obligations.states(edition, as_of=as_of).states[requirement]


def test_where_nobody_has_looked_nothing_is_assessed(graph: graphsms.Graph) -> None:
    answer = graph.obligations.states(as_of=DAY)
    assert answer.overall.counts["not assessed"] == answer.overall.total > 400
    assert answer.overall.state == "not assessed"


def test_an_approved_and_current_document_shows_a_duty_to_document(graph: graphsms.Graph) -> None:
    said(graph, {**DOCUMENT, "satisfies": POLICY})
    found = state(graph, POLICY)
    assert (found.state, found.proofs[0].worth.word) == ("evidenced", "shows all")


@pytest.mark.parametrize("lacking", ["version", "fileLocation"])
def test_a_document_that_lacks_something_shows_part(graph: graphsms.Graph, lacking: str) -> None:
    said(graph, {**{key: value for key, value in DOCUMENT.items() if key != lacking}, "satisfies": POLICY})
    found = state(graph, POLICY)
    assert found.state == "partial"
    assert f"it lacks {'version' if lacking == 'version' else 'location'}" in found.reason


@pytest.mark.parametrize(
    ("status", "becomes"),
    [("draft", "partial"), ("in review", "partial"), ("planned", "missing"), ("withdrawn", "stale")],
)
def test_a_document_counts_by_how_far_it_is(graph: graphsms.Graph, status: str, becomes: str) -> None:
    said(graph, {**DOCUMENT, "documentStatus": status, "satisfies": POLICY})
    assert state(graph, POLICY).state == becomes


def test_what_is_agreed_needs_nobody_else_who_approves(graph: graphsms.Graph) -> None:
    wanted = {"id": "req", "type": "ServiceRequirement", "name": "At night as by day", "satisfies": POLICY}
    said(graph, wanted)
    assert state(graph, POLICY).state == "missing"
    said(graph, {**wanted, "agreedOn": "2026-03-20"})
    assert state(graph, POLICY).state == "evidenced"


def test_a_name_in_a_list_is_no_better_than_nothing(graph: graphsms.Graph) -> None:
    said(graph, {"id": "doc", "type": "Policy", "name": "Change policy", "satisfies": POLICY})
    found = state(graph, POLICY)
    assert found.state == "missing"
    assert "no more than a name" in found.reason


def test_what_a_machine_wrote_is_no_evidence(graph: graphsms.Graph) -> None:
    said(graph, {**DOCUMENT, "machineWritten": True, "satisfies": POLICY})
    assert state(graph, POLICY).state == "missing"


@pytest.mark.parametrize(("as_of", "becomes"), [("2026-12-31", "evidenced"), ("2027-01-01", "stale")])
def test_the_last_day_on_which_a_document_may_be_reviewed_still_counts(
    graph: graphsms.Graph, as_of: str, becomes: str
) -> None:
    said(graph, {**DOCUMENT, "reviewDueOn": "2026-12-31", "satisfies": POLICY})
    assert state(graph, POLICY, f"{as_of}T12:00:00Z").state == becomes


@pytest.mark.parametrize(
    ("as_of", "becomes"), [("2027-01-09T23:59:59Z", "evidenced"), ("2027-01-10T00:00:01Z", "stale")]
)
def test_a_document_is_to_be_reviewed_an_interval_after_its_approval(
    graph: graphsms.Graph, as_of: str, becomes: str
) -> None:
    said(graph, {**DOCUMENT, "reviewInterval": "P1Y", "satisfies": POLICY})
    assert state(graph, POLICY, as_of).state == becomes


@pytest.mark.parametrize(
    ("as_of", "becomes"), [("2026-12-31T23:00:00Z", "evidenced"), ("2027-01-01T00:00:00Z", "stale")]
)
def test_a_document_is_in_force_to_the_end_of_its_last_day(graph: graphsms.Graph, as_of: str, becomes: str) -> None:
    said(graph, {**DOCUMENT, "validTo": "2026-12-31", "satisfies": POLICY})
    assert state(graph, POLICY, as_of).state == becomes


@pytest.mark.parametrize(
    ("lifecycle", "becomes"), [("retired", "stale"), ("in build", "partial"), ("live", "evidenced")]
)
def test_a_document_counts_while_it_is_in_use(graph: graphsms.Graph, lifecycle: str, becomes: str) -> None:
    said(graph, {**DOCUMENT, "lifecycle": lifecycle, "satisfies": POLICY})
    assert state(graph, POLICY).state == becomes


@pytest.mark.parametrize(
    ("status", "becomes"), [("draft", "partial"), ("withdrawn", "stale"), ("approved", "evidenced")]
)
def test_a_record_too_counts_by_how_far_it_is(graph: graphsms.Graph, status: str, becomes: str) -> None:
    said(graph, {**RECORD, "documentStatus": status, "demonstrates": COMPETENCE})
    assert state(graph, COMPETENCE).state == becomes


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ({"validTo": "2026-11-20"}, "not assessed"),
        ({"validTo": "2026-11-21"}, "evidenced"),
        ({"validFrom": "2026-11-22"}, "not assessed"),
    ],
)
def test_what_is_linked_counts_while_the_link_holds(graph: graphsms.Graph, link: dict[str, str], becomes: str) -> None:
    said(graph, {**RECORD, "demonstrates": {"to": COMPETENCE, **link}})
    assert state(graph, COMPETENCE).state == becomes


def test_a_text_that_holds_does_not_show_that_anything_was_verified(graph: graphsms.Graph) -> None:
    said(graph, {**DOCUMENT, "demonstrates": {"to": VERIFY, "reviewInterval": "P1Y"}})
    found = state(graph, VERIFY)
    assert (found.state, "a record of what was done is wanted" in found.reason) == ("partial", True)
    said(graph, {**RECORD, "demonstrates": VERIFY})
    assert state(graph, VERIFY).state == "evidenced"


def test_days_are_those_of_the_organizations_zone(graph: graphsms.Graph) -> None:
    graph.set_zone("Europe/Berlin")
    judgement = {"type": "ConformityJudgement", "conformity": "minor"}
    said(
        graph,
        {**DOCUMENT, "reviewInterval": "P1Y", "satisfies": POLICY},
        {**RECORD, "demonstrates": COMPETENCE},
        {**judgement, "id": "j-1", "decidedAt": "2026-11-04T00:00:00+01:00", "decidesOn": LEADERSHIP},
        {**judgement, "id": "j-2", "decidesOn": VERIFY},
    )
    assert state(graph, POLICY).proofs[0].until == "2027-01-10"
    assert "of 2026-06-01" in state(graph, COMPETENCE).reason
    assert state(graph, COMPETENCE, "2026-05-31").state == "missing"
    assert state(graph, LEADERSHIP).reason == "somebody looked on 2026-11-04, and nothing is linked"
    assert state(graph, VERIFY).reason == "somebody looked, and nothing is linked"


def test_an_interval_beyond_the_end_of_time_never_ends(graph: graphsms.Graph) -> None:
    said(graph, {**RECORD, "demonstrates": {"to": COMPETENCE, "reviewInterval": "P99999Y"}})
    found = state(graph, COMPETENCE)
    assert (found.state, found.proofs[0].until) == ("evidenced", "")


def test_a_record_is_no_document_that_holds(graph: graphsms.Graph) -> None:
    said(graph, {**RECORD, "demonstrates": POLICY})
    assert state(graph, POLICY).state == "partial"


def test_what_only_settles_how_it_is_done_shows_part_of_a_duty_to_do(graph: graphsms.Graph) -> None:
    said(graph, {**DOCUMENT, "satisfies": COMPETENCE})
    assert "does not show that it was done" in state(graph, COMPETENCE).reason
    assert state(graph, COMPETENCE).state == "partial"


def test_a_record_within_the_period_of_the_policy_shows_a_duty_to_do(graph: graphsms.Graph) -> None:
    said(graph, {**RECORD, "demonstrates": COMPETENCE})
    assert state(graph, COMPETENCE).state == "evidenced"
    assert state(graph, COMPETENCE, "2027-06-01T00:00:00Z").state == "evidenced"
    assert state(graph, COMPETENCE, "2027-06-01T00:00:01Z").state == "stale"


def test_at_planned_intervals_wants_a_declared_interval(graph: graphsms.Graph) -> None:
    said(graph, {**RECORD, "demonstrates": VERIFY})
    found = state(graph, VERIFY)
    assert found.state == "partial"
    assert "no interval is declared" in found.reason


@pytest.mark.parametrize(
    ("as_of", "becomes"), [("2026-09-01T00:00:00Z", "evidenced"), ("2026-09-01T00:00:01Z", "stale")]
)
def test_a_record_counts_for_the_interval_that_is_declared(graph: graphsms.Graph, as_of: str, becomes: str) -> None:
    said(graph, {**RECORD, "demonstrates": {"to": VERIFY, "reviewInterval": "P3M"}})
    assert state(graph, VERIFY, as_of).state == becomes


def test_the_interval_may_be_declared_where_it_is_settled(graph: graphsms.Graph) -> None:
    said(
        graph,
        {**RECORD, "demonstrates": VERIFY},
        {"id": "proc", "type": "Process", "satisfies": {"to": VERIFY, "reviewInterval": "P6M"}},
    )
    assert state(graph, VERIFY).state == "evidenced"


def test_evidence_expires_when_it_says_so(graph: graphsms.Graph) -> None:
    said(graph, {**RECORD, "demonstrates": {"to": COMPETENCE, "expires": "2026-08-01T00:00:00Z"}})
    assert state(graph, COMPETENCE, "2026-07-31").state == "evidenced"
    assert state(graph, COMPETENCE, "2026-08-01").state == "stale"


def test_a_record_that_is_still_to_come_counts_for_nothing(graph: graphsms.Graph) -> None:
    said(graph, {**RECORD, "demonstrates": COMPETENCE})
    found = state(graph, COMPETENCE, "2026-05-31")
    assert found.state == "missing"
    assert "still to come" in found.reason


def test_a_contribution_never_makes_it_evidenced(graph: graphsms.Graph) -> None:
    said(graph, {**RECORD, "demonstrates": {"to": COMPETENCE, "sufficiency": "contributes"}})
    assert state(graph, COMPETENCE).state == "partial"


def test_the_best_of_several_decides(graph: graphsms.Graph) -> None:
    said(
        graph,
        {**RECORD, "demonstrates": COMPETENCE},
        {**RECORD, "id": "old", "issuedOn": "2020-01-01", "demonstrates": COMPETENCE},
    )
    found = state(graph, COMPETENCE)
    assert found.state == "evidenced"
    assert [(one.id, one.worth.word) for one in found.proofs] == [("rec", "shows all"), ("old", "out of date")]


def test_what_settles_how_it_is_done_does_not_make_up_for_a_record_that_is_out_of_date(graph: graphsms.Graph) -> None:
    said(
        graph,
        {**DOCUMENT, "satisfies": COMPETENCE},
        {**RECORD, "issuedOn": "2020-01-01", "demonstrates": COMPETENCE},
    )
    found = state(graph, COMPETENCE)
    assert (found.state, found.reason.partition(":")[0]) == ("stale", "Record")
    said(graph, {**RECORD, "id": "half", "demonstrates": {"to": COMPETENCE, "sufficiency": "contributes"}})
    found = state(graph, COMPETENCE)
    assert (found.state, found.proofs[0].id) == ("partial", "half"), (
        "what shows part of it stands before what settles it"
    )


def test_what_is_linked_to_a_list_shows_part_of_its_items_unless_it_is_said_to_suffice(graph: graphsms.Graph) -> None:
    head = "iso-20000-1-2018/8.5.1.1-1"
    said(graph, {**DOCUMENT, "satisfies": head})
    assert state(graph, POLICY).state == "partial"
    said(graph, {**DOCUMENT, "satisfies": {"to": head, "sufficiency": "suffices"}})
    assert state(graph, POLICY).state == "evidenced"
    assert state(graph, head).state == "evidenced"


def test_clause_5_is_for_the_organization_itself_to_show(graph: graphsms.Graph) -> None:
    said(
        graph,
        {"id": "other", "type": "Organization"},
        {"id": "supply", "type": "SupplyRelationship", "hasSupplier": "other"},
        {**RECORD, "demonstrates": [LEADERSHIP, COMPETENCE], "ownedBy": "other"},
    )
    assert state(graph, LEADERSHIP).state == "partial"
    assert state(graph, COMPETENCE).state == "evidenced"


def test_nothing_is_to_be_shown_where_the_condition_did_not_arise(graph: graphsms.Graph) -> None:
    assert state(graph, NONCONFORMITY).state == "not assessed"  # nothing is recorded at all
    said(graph, {"id": "inc", "type": "Incident", "recordedAt": "2026-10-01T08:00:00Z"})
    found = state(graph, NONCONFORMITY)
    assert found.state == "no occurrence"
    assert "none in the P1Y before 2026-11-2" in found.reason


def test_it_reopens_when_the_condition_arises(graph: graphsms.Graph) -> None:
    said(
        graph,
        {"id": "inc", "type": "Incident", "recordedAt": "2026-10-01T08:00:00Z"},
        {"id": "nc", "type": "Nonconformity", "recordedAt": "2026-11-01T08:00:00Z"},
    )
    assert state(graph, NONCONFORMITY, "2026-10-31").state == "no occurrence"
    assert state(graph, NONCONFORMITY).state == "not assessed"


def test_that_nothing_arose_is_proven_by_what_the_requests_for_change_say_of_themselves(graph: graphsms.Graph) -> None:
    transfer, removal = "iso-20000-1-2018/8.5.2.1-3", "iso-20000-1-2018/8.5.2.1-2"
    request = {"id": "rfc", "type": "RequestForChange", "recordedAt": "2026-11-05T09:00:00Z"}
    said(graph, {**request, "changeRoute": "8.5.1.2 e"})
    assert state(graph, transfer).state == "not assessed"
    assert state(graph, removal).state == "no occurrence"
    said(graph, {**request, "id": "rfc-2"})
    assert state(graph, removal).state == "not assessed", "the second does not say by which way it goes"


def test_that_there_is_none_shows_nothing_where_such_things_are_not_recorded(graph: graphsms.Graph) -> None:
    removal, major, external = (f"iso-20000-1-2018/{one}" for one in ("8.5.2.1-2", "8.6.1-5", "8.3.4.1-4"))
    test = {"id": "test", "type": "ContinuityTest", "startedAt": "2026-10-01T08:00:00Z"}
    said(graph, test)
    assert {state(graph, one).state for one in (removal, major, external)} == {"not assessed"}
    said(
        graph,
        {"id": "rfc", "type": "RequestForChange", "recordedAt": "2026-10-01T08:00:00Z", "changeRoute": "8.5.1.3"},
        {"id": "inc", "type": "Incident", "recordedAt": "2026-10-01T08:00:00Z"},
        {"id": "mail", "type": "Service"},
    )
    assert {state(graph, one).state for one in (removal, major, external)} == {"no occurrence"}


def test_a_judgement_that_something_is_amiss_shows_that_something_arose(graph: graphsms.Graph) -> None:
    said(graph, {**RECORD})
    judgement = {
        "id": "j",
        "type": "ConformityJudgement",
        "decidesOn": NONCONFORMITY,
        "decidedAt": "2026-10-01T08:00:00Z",
    }
    said(graph, {**judgement, "conformity": "conforms"})
    assert state(graph, NONCONFORMITY).state == "no occurrence"
    said(graph, {**judgement, "conformity": "minor"})
    assert state(graph, NONCONFORMITY).state == "missing"


def test_what_a_person_judges_stands_beside_the_state(graph: graphsms.Graph) -> None:
    said(
        graph,
        {"id": "anna", "type": "Person", "name": "Anna"},
        {
            "id": "judged",
            "type": "ConformityJudgement",
            "conformity": "minor",
            "decidedAt": "2026-10-01T08:00:00Z",
            "decidesOn": POLICY,
            "decidedBy": "anna",
        },
    )
    found = state(graph, POLICY)
    assert found.state == "missing"  # somebody has looked, and there is none
    assert found.conformity is not None
    assert (found.conformity.conformity, found.conformity.by) == ("minor", "Anna")
    assert state(graph, POLICY, "2026-09-30").conformity is None
    said(graph, {**DOCUMENT, "satisfies": POLICY})
    assert state(graph, POLICY).state == "evidenced"
    assert state(graph, POLICY).conformity == found.conformity


def test_only_people_judge(graph: graphsms.Graph) -> None:
    judgement = {"id": "judged", "type": "ConformityJudgement", "conformity": "conforms", "decidesOn": POLICY}
    said(graph, {**judgement, "decidedAt": "2026-10-01T08:00:00Z", "machineWritten": True})
    found = state(graph, POLICY)
    assert (found.state, found.conformity) == ("not assessed", None)


def test_a_kept_result_counts_by_what_it_shows(graph: graphsms.Graph) -> None:
    words = catalogue(load())
    suffices = next(
        one for one in words.of_edition("2018") if any(check.suffices for check in one.computed) and not one.items
    )
    check = next(one for one in suffices.computed if one.suffices)
    kept = {"id": "kept", "type": "ComputedRecord", "collected": "2026-11-01T08:00:00Z", "resultOf": check.id}

    def becomes(numerator: int, denominator: int, as_of: str = DAY) -> str:
        said(graph, {**kept, "numerator": numerator, "denominator": denominator, "resultHash": "a1"})
        return obligations(graph.store, as_of=f"{as_of}T12:00:00Z").states[suffices.id].state  # no check is run again

    assert becomes(10, 10) == "evidenced"
    assert becomes(9, 10) == "partial"
    assert becomes(0, 0) == "missing"
    assert becomes(10, 10, "2027-02-02") == "stale"


def test_other_demands_stand_beside_the_edition(graph: graphsms.Graph) -> None:
    said(
        graph,
        {"id": "gdpr-30", "type": "LegalObligation", "name": "Records of processing", "duty": "document"},
        {**DOCUMENT, "demonstrates": "gdpr-30"},
    )
    answer = graph.obligations.states(as_of=DAY)
    assert answer.states["gdpr-30"].state == "evidenced"
    assert (answer.beside.evidenced, answer.beside.total) == (1, 1)
    assert answer.overall.evidenced == 0


def test_a_process_stands_as_the_requirements_that_it_satisfies(graph: graphsms.Graph) -> None:
    said(
        graph,
        {"id": "proc", "type": "Process", "satisfies": [COMPETENCE, VERIFY]},
        {**RECORD, "demonstrates": COMPETENCE},
    )
    answer = graph.obligations.states(as_of=DAY)
    assert answer.of_process("proc").to_json() == {
        "state": "partial",
        "evidenced": 1,
        "applicable": 2,
        "total": 2,
        "counts": {state: {"evidenced": 1, "partial": 1}.get(state, 0) for state in STATES},
    }


def test_a_clause_stands_as_all_below_it_and_heads_of_lists_are_not_counted(graph: graphsms.Graph) -> None:
    said(graph, {**DOCUMENT, "satisfies": [POLICY]})
    answer = graph.obligations.states(as_of=DAY)
    for number, total in (("8.5.1.1", 3), ("8.3.1", 0)):
        clause = answer.catalogue.clause(number)
        assert clause is not None
        assert answer.of_clause(clause).total == total
    clause = answer.catalogue.clause("8.5")
    assert clause is not None
    assert answer.of_clause(clause).evidenced == 1


def test_both_editions_have_states(graph: graphsms.Graph) -> None:
    old = "iso-20000-1-2011/9.2-1-a"
    said(graph, {**DOCUMENT, "satisfies": [POLICY, old]})
    assert state(graph, old, edition="2011").state == "evidenced"
    assert graph.obligations.states("2011", as_of=DAY).overall.evidenced == 1
    with pytest.raises(InputError, match="There is no edition '2005'; there are 2018 and 2011"):
        graph.obligations.states("2005")


def test_a_policy_of_ones_own_says_for_how_long_records_count(graph: graphsms.Graph, tmp_path: Path) -> None:
    said(graph, {**RECORD, "demonstrates": COMPETENCE})
    own = tmp_path / "evidence.yaml"
    own.write_text("period: P1M\ncomputed_within: P1M\nhistory: P3M\naudit_cycle: P1Y\n")
    answer = graph.obligations.states(policy=own, as_of=DAY)
    assert answer.states[COMPETENCE].state == "stale"
    own.write_text("period: soon\nhistory: P3M\naudit_cycle: P1Y\nfreshness: P1Y\n")
    with pytest.raises(InputError, match="3 faults"):
        graph.obligations.states(policy=own)


def counted(**counts: int) -> Rolled:
    return Rolled({state: counts.get(state.replace(" ", "_"), 0) for state in STATES})


@pytest.mark.parametrize(
    ("stand", "becomes"),
    [
        (counted(), "not assessed"),
        (counted(evidenced=3), "evidenced"),
        (counted(evidenced=3, no_occurrence=1), "evidenced"),
        (counted(no_occurrence=2), "no occurrence"),
        (counted(evidenced=3, stale=1), "stale"),
        (counted(stale=1, no_occurrence=1), "stale"),
        (counted(missing=4, no_occurrence=1), "missing"),
        (counted(evidenced=1, missing=1), "partial"),
        (counted(evidenced=1, not_assessed=1), "partial"),
        (counted(stale=1, missing=1), "partial"),
    ],
)
def test_several_roll_up_to_one(stand: Rolled, becomes: str) -> None:
    assert stand.state == becomes


@given(st.fixed_dictionaries({state: st.integers(0, 9) for state in STATES}))
def test_denominators_are_exact(counts: dict[str, int]) -> None:
    stand = Rolled(counts)
    assert stand.total == sum(counts.values())
    assert stand.applicable == stand.total - counts["no occurrence"]
    assert 0 <= stand.evidenced <= stand.applicable
    assert (stand.state == "evidenced") == (0 < stand.evidenced == stand.applicable)
