"""The pack of a management review, and what it decides taken back into the graph (9.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphsms
from graphsms.analysis.estate import estate
from graphsms.errors import InputError, RejectedError
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.moments import come
from graphsms.obligations.review import ReviewPack, ReviewSection
from graphsms.obligations.review.deficiencies import taken_into_account
from graphsms.obligations.review.form import KEYS

R = "iso-20000-1-2018/9.3-"
ENTITIES = [
    Entity("sms", "ServiceManagementSystem", {"reviewInterval": "P1Y"}),
    Entity("ann", "Person"),
    Entity("bob", "Person"),
    Entity("web", "Service"),
    Entity("review-1", "ManagementReview", {"name": "First review", "endedAt": "2026-01-15T12:00:00Z"}),
    Entity("act-1", "Action", {"name": "Hire", "dueOn": "2026-06-30", "caseStatus": "in progress"}),
    Entity("act-2", "Action", {"name": "Train", "caseStatus": "closed", "closedAt": "2026-03-01T09:00:00Z"}),
    Entity("energy", "ContextIssue", {"issueOrigin": "external"}),
    Entity("nc-1", "Nonconformity", {"recordedAt": "2026-03-01T09:00:00Z", "caseStatus": "in progress"}),
    Entity("nc-0", "Nonconformity", {"recordedAt": "2025-12-01T09:00:00Z", "closedAt": "2026-02-01T09:00:00Z"}),
    Entity("cmp-1", "Complaint", {"recordedAt": "2026-02-01T09:00:00Z", "caseStatus": "new"}),
    Entity("t-web", "ServiceLevelTarget", {"targetValue": 99.9, "comparison": "at least", "unit": "%"}),
    Entity("m-feb", "Measurement", {"measuredValue": 99.8, "periodEnd": "2026-02-28"}),
    Entity("m-mar", "Measurement", {"measuredValue": 99.9, "periodEnd": "2026-03-31"}),
    Entity("m-dec", "Measurement", {"measuredValue": 90.0, "periodEnd": "2025-12-31"}),
    Entity("risk-1", "Risk", {"riskLevel": "high"}),
]
RELATIONS = [
    Relation("arisesFrom", "act-1", "review-1"),
    Relation("arisesFrom", "act-2", "review-1"),
    *(Relation("measures", one, "t-web") for one in ("m-feb", "m-mar", "m-dec")),
]
AS_OF = "2026-06-30"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "sms.db") as graph:
        graph.obligations.load()
        graph.apply(ChangeSet(ENTITIES, RELATIONS))
        yield graph


def section(pack: ReviewPack, letter: str) -> ReviewSection:
    return next(one for one in pack if one.letter == f"{letter})")


# ----------------------------------------------------------------------------------------- the pack


def test_there_is_a_section_for_each_letter_in_order_with_the_requirements_that_ask_for_it(
    graph: graphsms.Graph,
) -> None:
    pack = graph.obligations.review.pack(as_of=AS_OF)
    assert [one.letter for one in pack] == [f"{letter})" for letter in "abcdefghijkl"]
    asked = {one.id for one in graph.obligations.catalogue.of_edition("2018") if one.clause == "9.3" and one.item}
    assert {id for one in pack for id in one.requirements} == asked
    assert section(pack, "c").requirements == (f"{R}2-c", f"{R}2-c-1", f"{R}2-c-2", f"{R}2-c-3")


def test_the_period_begins_with_the_last_review_that_was_over(graph: graphsms.Graph) -> None:
    inputs = graph.obligations.review.pack(as_of=AS_OF).inputs
    assert (inputs.since, inputs.since_by) == ("2026-01-15T12:00:00Z", "review-1")
    early = graph.obligations.review.pack(as_of="2026-01-15T12:00:00").inputs
    assert (early.since, early.since_by) == ("2025-01-15T12:00:00Z", "sms")  # it was not over: the interval counts
    asked = graph.obligations.review.pack(since="2026-03-01", as_of=AS_OF).inputs
    assert (asked.since, asked.since_by) == ("2026-03-01T00:00:00Z", "asked")
    assert graph.obligations.review.pack(since="0001-01-01", as_of=AS_OF).inputs.since == "0001-01-01T00:00:00Z"
    assert graph.obligations.review.pack(as_of="0001-01-02").inputs.since == "0001-01-01T00:00:00Z"
    assert graph.obligations.review.pack(as_of="9999-12-31").inputs.since_by == "review-1"
    with pytest.raises(InputError, match="ends before it begins"):
        graph.obligations.review.pack(since="2027-01-01", as_of=AS_OF)


def test_what_is_not_recorded_is_no_data_and_no_zero(graph: graphsms.Graph) -> None:
    pack = graph.obligations.review.pack(as_of=AS_OF)
    lacking = {one.letter for one in pack if one.state == "no data"}
    assert lacking == {"d)", "f)", "g)", "i)", "j)", "l)"}
    assert section(pack, "f").sentences == ("No data: nothing of this is recorded.",)
    assert "No data" in section(pack, "c").sentences[1]  # 2), while 1) has data
    assert pack.sentence().endswith("; no data for d), f), g), i), j), l).")


def test_what_became_of_earlier_actions(graph: graphsms.Graph) -> None:
    on_time = section(graph.obligations.review.pack(as_of="2026-06-30"), "a")
    assert on_time.sentences == ("1 earlier review agreed on 2 actions: 1 done, 1 open, 0 of them overdue.",)
    late = section(graph.obligations.review.pack(as_of="2026-07-01"), "a")
    assert late.sentences == ("1 earlier review agreed on 2 actions: 1 done, 1 open, 1 of them overdue.",)
    assert late.entities == ("act-1", "act-2")


def test_issues_that_changed_since_are_read_off_the_history(graph: graphsms.Graph) -> None:
    before = graph.apply(ChangeSet([Entity("risk-2", "Risk")])).time
    graph.apply(ChangeSet([Entity("energy", "ContextIssue", {"issueOrigin": "external", "name": "Power"})]))
    graph.apply(ChangeSet([Entity("staff", "ContextIssue")]))
    pack = graph.obligations.review.pack(since=before)
    rows = {row[0]: row[3] for row in section(pack, "b").parts[0].table.rows}
    assert rows == {"energy": "changed", "staff": "new"}
    assert section(pack, "b").sentences[0].startswith("2 issues and needs of parties; 2 new or changed")


def test_nonconformities_are_counted_in_the_period_and_the_one_before(graph: graphsms.Graph) -> None:
    found = section(graph.obligations.review.pack(as_of=AS_OF), "c").sentences[0]
    assert found.startswith(
        "1) 1 nonconformity recorded in the period (1 in the one before), 1 closed; 1 open, 0 overdue;"
    )
    assert found.endswith("0 corrective actions done in the period (0 in the one before), of 0.")
    for id, day in (("ca-1", "2026-02-01"), ("ca-2", "2025-11-01"), ("ca-3", "2024-11-01")):
        closed = {"closedAt": f"{day}T09:00:00Z", "caseStatus": "closed"}
        graph.apply(ChangeSet([Entity(id, "CorrectiveAction", closed)], [Relation("addresses", id, "nc-1")]))
    later = section(graph.obligations.review.pack(as_of=AS_OF), "c").sentences[0]
    assert later.endswith("1 corrective action done in the period (1 in the one before), of 3.")


def test_targets_are_met_and_missed_by_what_was_measured_in_the_period(graph: graphsms.Graph) -> None:
    found = section(graph.obligations.review.pack(as_of=AS_OF), "h")
    assert found.sentences[0] == "2 measurements of 1 target in the period; targets missed in it: 1: t-web."
    rows = {row[0]: (row[4], row[5], row[6]) for row in found.parts[0].table.rows}
    assert rows == {"m-feb": ("99.8 %", "missed", "2026-02-28"), "m-mar": ("99.9 %", "met", "2026-03-31")}


def test_complaints_with_nobody_are_named(graph: graphsms.Graph) -> None:
    found = section(graph.obligations.review.pack(as_of=AS_OF), "e").sentences
    assert found[0] == "1 complaint in the period; 1 open, 1 with nobody: cmp-1."
    graph.apply(ChangeSet(relations=[Relation("assignedTo", "cmp-1", "bob")]))
    assert section(graph.obligations.review.pack(as_of=AS_OF), "e").sentences[0].endswith("1 open.")


def test_the_same_revision_makes_the_same_pack_byte_for_byte(graph: graphsms.Graph) -> None:
    revision = graph.revision.number
    first = {
        form: graph.obligations.review.pack(as_of=AS_OF).to_bytes(form) for form in ("html", "pdf", "xlsx", "json")
    }
    undated = graph.obligations.review.pack()
    graph.apply(ChangeSet([Entity("risk-2", "Risk")]))
    again = graph.obligations.review.pack(at=revision, as_of=AS_OF)
    assert {form: again.to_bytes(form) for form in first} == first
    assert graph.obligations.review.pack(at=revision).hash == undated.hash  # about when it was recorded
    assert graph.obligations.review.pack(as_of=AS_OF).hash != again.hash


def test_a_file_has_the_form_that_its_name_says(graph: graphsms.Graph, tmp_path: Path) -> None:
    pack = graph.obligations.review.pack(as_of=AS_OF)
    pack.write(tmp_path / "review.html", tmp_path / "review.json")
    assert json.loads((tmp_path / "review.json").read_text("utf-8"))["hash"] == pack.hash
    assert "9.3 a)" in (tmp_path / "review.html").read_text("utf-8")
    with pytest.raises(InputError, match="ends with"):
        pack.write(tmp_path / "review.docx")


# ------------------------------------------------------------------------------------ taking it back

STATED = {
    "name": "Second review",
    "date": "2026-06-30",
    "participants": ["ann", "bob"],
    "of": ["sms"],
    "inputs": {
        "earlier actions": ["act-1"],
        "context": [],
        "performance of the system": ["nc-1", "m-mar"],
        "risks": ["risk-1"],
        "changes": ["risk-1"],
    },
    "result": "It stays suitable",
    "decisions": [{"what": "Treat the risk", "decision": "approved", "on": ["risk-1"], "why": "It is high"}],
    "actions": [{"what": "Find a second person", "owner": "bob", "due": "2026-09-30", "on": ["risk-1"]}],
    "minutes": {"location": "docs/minutes.pdf", "version": "1"},
    "pack": "0" * 64,
}


def test_a_review_is_recorded_whole_in_one_revision(graph: graphsms.Graph) -> None:
    before = graph.revision.number
    found = graph.obligations.review.record(STATED, actor="ann")
    assert found.revision == graph.revision.number == before + 1
    review = graph.entity(found.id)
    assert (review.type, review.properties["endedAt"]) == ("ManagementReview", "2026-06-30T00:00:00Z")
    considered = {
        one.object: one.properties["reviewInput"] for one in graph.relations(found.id) if one.type == "considered"
    }
    assert considered["risk-1"] == ("changes", "risks")
    assert set(considered) == {"act-1", "nc-1", "m-mar", "risk-1"}
    shows = {one.object.removeprefix(R) for one in graph.relations(found.id) if one.type == "demonstrates"}
    assert shows == {"1", "2-a", "2-b", "2-c", "2-c-1", "2-c-2", "2-k", "2-l", "3"}
    (decision,), (action,) = found.decisions, found.actions
    assert {(one.type, one.object) for one in graph.relations(decision) if one.subject == decision} == {
        ("decidedIn", found.id), ("decidedBy", "ann"), ("decidedBy", "bob"), ("decidesOn", "risk-1"),
    }  # fmt: skip
    assert {(one.type, one.object) for one in graph.relations(action) if one.subject == action} == {
        ("arisesFrom", found.id), ("assignedTo", "bob"), ("addresses", "risk-1"),
    }  # fmt: skip
    minutes = graph.entity(f"minutes:{found.id}")
    assert minutes.properties["fileLocation"] == "docs/minutes.pdf"
    assert not [one for one in graph.validate() if one.subject in (found.id, decision, action, minutes.id)]
    assert found.left_out == (
        "opportunities", "feedback", "policies", "objectives", "performance of services",
        "performance of other parties", "resources",
    )  # fmt: skip


def test_what_was_recorded_is_evidence_and_the_next_review_begins_there(graph: graphsms.Graph) -> None:
    found = graph.obligations.review.record(STATED)
    states = graph.obligations.states(as_of="2026-07-15").states
    assert states[f"{R}1"].state == "evidenced"
    assert states[f"{R}2-a"].state == "evidenced"
    assert states[f"{R}2-e"].state == "not assessed"
    pack = graph.obligations.review.pack(as_of="2026-12-01")
    assert pack.inputs.since_by == found.id
    assert (
        section(pack, "a").sentences[0] == "2 earlier reviews agreed on 3 actions: 1 done, 2 open, 2 of them overdue."
    )


def test_the_form_of_a_pack_can_be_filled_in_and_taken_back(graph: graphsms.Graph, tmp_path: Path) -> None:
    form = tmp_path / "review.yaml"
    pack = graph.obligations.review.pack(as_of=AS_OF)
    pack.write(form)
    text = form.read_text("utf-8")
    text = text.replace("date:  ", "date: 2026-06-30  ").replace("participants: []", "participants: [ann]")
    form.write_text(text, encoding="utf-8")
    found = graph.obligations.review.record(form)
    assert len(found.inputs) == 12  # none was taken away
    assert graph.entity(found.id).properties["note"] == f"It rests on the pack {pack.hash}."


@pytest.mark.parametrize(
    ("said", "rule", "message"),
    [
        ({"date": "2026-13-45"}, "no-date", "is no date"),
        ({"date": None}, "missing-key", "when the review was held"),
        ({"participants": []}, "missing-key", "who took part"),
        ({"participants": ["nobody"]}, "unknown-id", "nothing with the id"),
        ({"participants": ["web"]}, "wrong-type", "web is of type Service"),
        ({"inputs": {"contxt": []}}, "unknown-input", "Did you mean"),
        ({"inputs": {"risks": ["risk-9"]}}, "unknown-id", "risk-1"),
        ({"inputs": ["risks"]}, "wrong-form", "mapping of each input"),
        ({"decisions": [{"what": "Go", "decision": "aproved"}]}, "unknown-code", "Did you mean"),
        ({"decisions": [{"decision": "approved"}]}, "missing-key", "in words"),
        ({"decisions": ["Go"]}, "wrong-form", "mapping of what"),
        ({"actions": [{"what": "Do", "due": "2026-09-30"}]}, "missing-key", "who does it"),
        ({"actions": [{"what": "Do", "owner": "ann"}]}, "missing-key", "by which day"),
        ({"actions": [{"what": "Do", "owner": "ann", "due": "soon"}]}, "no-date", "is no date"),
        ({"minutes": {"version": "1"}}, "wrong-form", "where the minutes are"),
        ({"pack": "abc"}, "wrong-value", "64 hexadecimal"),
        ({"particpants": ["ann"]}, "unknown-key", "Did you mean participants"),
        ({"id": "review-1"}, "repeated-id", "There is review-1 already"),
        ({"result": "x" * 4_001}, "too-long", "4,000 characters"),
        ({"result": ["x"]}, "wrong-form", "It is a text"),
        ({"inputs": {}, "decisions": [], "actions": []}, "nothing-stated", "what was considered"),
    ],
)
def test_bad_input_is_told_and_nothing_is_recorded(
    graph: graphsms.Graph, said: dict[str, object], rule: str, message: str
) -> None:
    before = graph.revision
    with pytest.raises(RejectedError) as caught:
        graph.obligations.review.record({**STATED, **said})
    assert rule in {one.rule for one in caught.value.faults}
    assert message in " ".join(one.message for one in caught.value.faults)
    assert graph.revision == before


def test_a_review_cannot_have_been_held_in_the_future(graph: graphsms.Graph) -> None:
    today, tomorrow = come()[:10], "2999-01-01"
    with pytest.raises(RejectedError, match="still to come"):
        graph.obligations.review.record({**STATED, "date": tomorrow})
    assert graph.obligations.review.record({**STATED, "date": today}).revision


def test_every_fault_of_a_file_is_told_with_its_line(graph: graphsms.Graph, tmp_path: Path) -> None:
    form = tmp_path / "review.yaml"
    form.write_text(
        "date: 2026-06-30\nparticipants: [nobody]\ninputs:\n  risks: [risk-1]\n  contxt: []\n", encoding="utf-8"
    )
    with pytest.raises(RejectedError) as caught:
        graph.obligations.review.record(form)
    assert [(one.origin.line, one.rule) for one in caught.value.faults] == [(2, "unknown-id"), (5, "unknown-input")]
    for text, said in (("- a\n- b\n", "one review"), ("", "empty"), ("a: 1\n---\nb: 2\n", "one review")):
        form.write_text(text, encoding="utf-8")
        with pytest.raises(RejectedError, match=said):
            graph.obligations.review.record(form)


def test_without_the_catalogue_a_review_cannot_be_linked(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "bare.db") as bare:
        bare.apply(ChangeSet(ENTITIES, RELATIONS))
        with pytest.raises(InputError, match="clauses --load"):
            bare.obligations.review.record(STATED)
        assert bare.revision.number == 1


# ----------------------------------------------------------------------------------------- the checks


def aspects(graph: graphsms.Graph, check: str, as_of: str) -> tuple[int, list[str]]:
    answer = graph.findings.run(checks=[check], as_of=as_of)
    return answer.tallies[0].looked_at, [one.identity.partition(":")[2] for one in answer.findings]


def test_reviews_are_overdue_when_their_interval_is_over(graph: graphsms.Graph) -> None:
    assert aspects(graph, "management-review-overdue", "2027-01-15T12:00:00Z") == (1, [])
    assert aspects(graph, "management-review-overdue", "2027-01-15T12:00:01Z") == (1, ["review-1"])
    assert aspects(graph, "management-review-overdue", "2025-12-31") == (0, [])


def test_inputs_that_were_not_considered_are_findings(graph: graphsms.Graph) -> None:
    looked_at, found = aspects(graph, "management-review-incomplete", AS_OF)
    assert (looked_at, len(found)) == (12, 12)
    graph.obligations.review.record({**STATED, "date": "2026-06-01"})
    looked_at, found = aspects(graph, "management-review-incomplete", AS_OF)
    assert (looked_at, found) == (12, [f"input-{letter}" for letter in "defghij"])  # b) was, though there was nothing
    tally = graph.findings.run(checks=["management-review-incomplete"], as_of=AS_OF).tallies[0]
    assert (tally.deficient, tally.looked_at) == (7, 12)


def test_as_evidence_inputs_count_that_were_considered_within_the_interval(graph: graphsms.Graph) -> None:
    graph.obligations.review.record({**STATED, "date": "2026-06-01"})

    def shares(as_of: str) -> tuple[int, int]:
        found = taken_into_account(estate(graph.store, as_of=as_of))
        return found.looked_at - found.deficient, found.looked_at

    assert shares("2026-06-30T00:00:00Z") == (5, 12)
    assert shares("2027-06-01T00:00:00Z") == (5, 12)
    assert shares("2027-06-01T00:00:01Z") == (0, 12)


def test_actions_of_reviews_are_overdue_from_the_day_after(graph: graphsms.Graph) -> None:
    assert aspects(graph, "review-action-overdue", "2026-06-30") == (2, [])
    assert aspects(graph, "review-action-overdue", "2026-07-01") == (2, ["act-1"])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["ann", "risk-1", "2026-06-30"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(KEYS)), _JSON)
def test_whatever_stands_in_a_form_is_told_or_recorded_whole(graph: graphsms.Graph, key: str, value: object) -> None:
    before = graph.revision.number
    try:
        found = graph.obligations.review.record({**STATED, "id": f"rev-{before}", key: value})
    except InputError:
        assert graph.revision.number == before
    else:
        assert found.revision == graph.revision.number == before + 1
