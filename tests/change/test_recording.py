"""Requests are made and altered whole: what is wrong is told all at once, and nothing is half-applied."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsms
from graphsms.change.numbering import next_id, problem_of_numbering
from graphsms.errors import InputError, RejectedError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation

ESTATE = ChangeSet(
    entities=[
        Entity("web", "Service"),
        Entity("host-1", "Server"),
        Entity("host-2", "Server"),
        Entity("board", "Team"),
        Entity("ann", "Person"),
        Entity("rel-1", "Release"),
        Entity("rfc-0007", "RequestForChange", {"changeStatus": "recorded"}),
    ],
    relations=[Relation("dependsOn", "web", "host-1"), Relation("touches", "rfc-0007", "host-1", {"mode": "outage"})],
)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ESTATE)
        yield graph


def rules_of(caught: pytest.ExceptionInfo[RejectedError]) -> list[tuple[str, str]]:
    return sorted((one.field, one.rule) for one in caught.value.faults)


def test_a_request_is_numbered_after_the_highest_and_begins_as_the_policy_says(graph: graphsms.Graph) -> None:
    made = graph.change.create({"name": "Patch", "touches": {"to": "host-1", "mode": "outage"}}, actor="ann")
    assert made.ids == ("rfc-0008",)
    (request,) = graph.change.requests(["rfc-0008"])
    assert (request.status, request.modes()) == ("recorded", {"host-1": "outage"})
    assert request.says("recordedAt")
    assert (graph.revision.number, graph.revision.actor) == (2, "ann")


def test_a_number_is_never_given_twice_even_where_the_request_is_gone(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet(removed_entities=["rfc-0007"]))
    assert graph.change.create({"name": "Patch"}).ids == ("rfc-0001",)
    graph.apply(ChangeSet(removed_entities=["rfc-0001"]))
    assert graph.change.create({"name": "Patch"}).ids == ("rfc-0002",)


def test_the_form_of_numbers_is_the_policys(graph: graphsms.Graph, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("numbering: CHG/{year}/{number:3}\nbegins_as: draft\n", encoding="utf-8")
    made = graph.change.create({"name": "a", "recordedAt": "2026-01-01"}, {"name": "b"}, policy=policy)
    year = graph.revision.time[:4]
    assert made.ids == (f"CHG/{year}/001", f"CHG/{year}/002")
    assert graph.change.requests(made.ids)[0].status == "draft"


def test_a_window_is_read_in_the_zone_that_is_said(graph: graphsms.Graph) -> None:
    graph.set_zone("Europe/Zurich")
    asked = {"windowStart": "2026-07-01T20:00", "windowEnd": "2026-07-01T23:00Z"}
    made = graph.change.create(asked)
    assert graph.change.requests(made.ids)[0].window == ("2026-07-01T18:00:00Z", "2026-07-01T23:00:00Z")
    made = graph.change.create({"windowStart": "2026-07-01", "windowEnd": "2026-07-01"}, zone="America/New_York")
    assert graph.change.requests(made.ids)[0].window == ("2026-07-01T04:00:00Z", "2026-07-02T04:00:00Z")
    with pytest.raises(InputError, match="no time zone"):
        graph.change.create(asked, zone="Mars")


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_recorded(graph: graphsms.Graph) -> None:
    with pytest.raises(RejectedError) as caught:
        graph.change.create(
            {"name": "fine", "touches": "host-1"},
            {
                "touches": [{"to": "host-11", "mode": "outage"}, {"to": "host-2", "mode": "outge"}],
                "windowStart": "2026-12-01T20:00",
                "windowEnd": "2026-12-01T19:00",
                "priority": "urgentish",
                "approver": "web",
                "aprover": "board",
                "release": "host-1",
            },
        )
    assert rules_of(caught) == [
        ("approver", "wrong-kind"),
        ("aprover", "unknown-key"),
        ("implements", "wrong-kind"),
        ("mode", "wrong-value"),
        ("priority", "wrong-value"),
        ("touches", "unknown-id"),
        ("windowStart", "less-than"),
    ]
    assert "Did you mean host-1" in next(one.message for one in caught.value.faults if one.rule == "unknown-id")
    assert graph.revision.number == 1


@pytest.mark.parametrize("id", ["rfc-0007", "web"])
def test_an_id_that_is_taken_is_refused(graph: graphsms.Graph, id: str) -> None:
    with pytest.raises(RejectedError) as caught:
        graph.change.create({"id": id, "name": "x"})
    assert rules_of(caught) == [("id", "repeated-id")]


@pytest.mark.parametrize("id", ["", " x", "a\nb", "x" * 3000, "\ud800"])
def test_what_cannot_be_an_id_is_refused(graph: graphsms.Graph, id: str) -> None:
    with pytest.raises(RejectedError) as caught:
        graph.change.create({"id": id, "name": "x"})
    assert rules_of(caught) == [("id", "bad-id")]


def test_a_new_request_is_not_approved_unless_its_category_is(graph: graphsms.Graph) -> None:
    for status in ("approved", "closed", "rejected", "deferred"):
        with pytest.raises(RejectedError) as caught:
            graph.change.create({"changeStatus": status})
        assert rules_of(caught) == [("changeStatus", "not-decided")]
    made = graph.change.create({"changeStatus": "approved", "changeCategory": "standard"})
    assert graph.change.requests(made.ids)[0].status == "approved"


def test_a_release_that_carries_it_out_leads_to_it(graph: graphsms.Graph) -> None:
    made = graph.change.create({"release": "rel-1"})
    assert [one.key for one in graph.relations("rel-1")] == [("rel-1", "implements", made.ids[0])]


def test_what_is_edited_takes_the_place_of_what_was_and_the_rest_stays(graph: graphsms.Graph) -> None:
    first = {"name": "Patch", "priority": "high", "touches": ["host-1", "web"], "approver": ["board", "ann"]}
    (id,) = graph.change.create(first).ids
    graph.change.edit(
        id, {"priority": None, "approver": "ann", "note": "later"}, touch={"host-2": "outage"}, untouch=["web"]
    )
    (request,) = graph.change.requests([id])
    assert (request.name, request.says("priority"), request.says("note")) == ("Patch", "", "later")
    assert request.modes() == {"host-1": "change", "host-2": "outage"}
    assert [one.id for one in request.leading_to["approver"]] == ["ann"]


def test_to_edit_what_is_so_already_makes_no_revision(graph: graphsms.Graph) -> None:
    (id,) = graph.change.create({"name": "Patch"}).ids
    answer = graph.change.edit(id, {"name": "Patch"})
    assert (answer.changed, graph.revision.number) == (False, 2)


def test_the_mode_of_what_is_touched_is_changed_and_the_rest_of_the_relation_kept(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet(relations=[Relation("touches", "rfc-0007", "host-1", {"mode": "outage", "note": "slot 2"})]))
    graph.change.edit("rfc-0007", touch={"host-1": "change"})
    (relation,) = graph.store.relations(subjects=["rfc-0007"])
    assert relation.properties == {"mode": "change", "note": "slot 2"}


def test_one_state_follows_another_as_the_policy_says(graph: graphsms.Graph) -> None:
    graph.change.edit("rfc-0007", {"changeStatus": "assessed"})
    for status, rule in (("approved", "not-decided"), ("closed", "no-such-step"), ("deployed", "no-such-step")):
        with pytest.raises(RejectedError) as caught:
            graph.change.edit("rfc-0007", {"changeStatus": status})
        assert rules_of(caught) == [("changeStatus", rule)]
    graph.change.edit("rfc-0007", {"changeStatus": "cancelled"})


def test_what_is_wrong_in_an_edit_is_told_and_nothing_altered(graph: graphsms.Graph) -> None:
    with pytest.raises(RejectedError) as caught:
        graph.change.edit("rfc-0007", {"priority": "x", "foo": 1}, touch={"nothing": "outage"}, untouch=["web"])
    assert [rule for _, rule in rules_of(caught)] == ["unknown-key", "wrong-value", "not-touched", "unknown-id"]
    assert graph.revision.number == 1
    with pytest.raises(UnknownIdError):
        graph.change.edit("rfc-0008", {"name": "x"})
    with pytest.raises(InputError, match="no request for change"):
        graph.change.edit("web", {"name": "x"})


def test_what_contradicts_itself_in_an_edit_is_refused(graph: graphsms.Graph) -> None:
    with pytest.raises(InputError, match="either touches"):
        graph.change.edit("rfc-0007", {"touches": "web"}, touch={"host-2": "outage"})
    with pytest.raises(InputError, match="stays"):
        graph.change.edit("rfc-0007", {"id": "rfc-0009"})
    assert graph.revision.number == 1


def test_several_who_make_requests_at_once_are_given_different_numbers(graph: graphsms.Graph, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "graphsms", "change", "create", "--name", "x", "--json"]
    store = ["--store", str(tmp_path / "estate.db")]
    running = [subprocess.Popen([*command, *store], stdout=subprocess.PIPE, encoding="utf-8") for _ in range(4)]
    made = [json.loads(one.communicate()[0])["ids"][0] for one in running]
    assert sorted(made) == ["rfc-0008", "rfc-0009", "rfc-0010", "rfc-0011"]


def test_what_is_entered_by_hand_holds_against_the_source(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = tmp_path / "cab.yaml"
    text = "entities:\n  - {id: rfc-9, type: RequestForChange, name: From the tool, priority: low, touches: web}\n"
    file.write_text(text, encoding="utf-8")
    graph.ingest(file, source="tool")
    graph.change.edit("rfc-9", {"priority": "high"})
    file.write_text(text.replace("From the tool", "Renamed there"), encoding="utf-8")
    graph.ingest(file, source="tool")
    (request,) = graph.change.requests(["rfc-9"])
    assert (request.name, request.says("priority")) == ("Renamed there", "high")


def test_a_placeholder_that_is_edited_is_described(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([Entity("rfc-8", "RequestForChange", {"placeholder": True})]))
    graph.change.edit("rfc-8", {"name": "Now known"})
    assert "placeholder" not in graph.entity("rfc-8").properties


# ------------------------------------------------------------------------------------------ files


def test_a_file_states_one_request_or_several(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = tmp_path / "rfc.yaml"
    file.write_text("name: One\ntouches: {to: host-1, mode: outage}\n", encoding="utf-8")
    assert graph.change.create(file=file).ids == ("rfc-0008",)
    file.write_text("requests:\n  - {name: Two}\n  - {id: rfc-x, name: Three}\n", encoding="utf-8")
    assert graph.change.create(file=file).ids == ("rfc-0009", "rfc-x")


def test_faults_in_a_file_have_their_lines(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = tmp_path / "rfc.yaml"
    file.write_text(
        "requests:\n  - name: One\n    touches: host-9\n"
        "  - name: Two\n    priority: x\n    note2: y\n    type: Server\n",
        encoding="utf-8",
    )
    with pytest.raises(RejectedError) as caught:
        graph.change.create(file=file)
    found = {(one.origin.line, one.rule) for one in caught.value.faults}
    assert found >= {(3, "unknown-id"), (5, "wrong-value"), (6, "unknown-key"), (7, "wrong-type")}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "x",
        "requests: []",
        "requests: [1]",
        "requests: {a: 1}",
        "a: 1\n---\nb: 2",
        "a: [",
        "touches: {mode: x}",
    ],
)
def test_what_is_no_request_is_refused(graph: graphsms.Graph, tmp_path: Path, content: str) -> None:
    file = tmp_path / "rfc.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RejectedError) as caught:
        graph.change.create(file=file)
    assert all(one.origin.line for one in caught.value.faults)
    assert graph.revision.number == 1


def test_either_a_file_or_what_is_stated(graph: graphsms.Graph, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="either"):
        graph.change.create()
    with pytest.raises(InputError, match="either"):
        graph.change.create({"name": "x"}, file=tmp_path / "x")
    with pytest.raises(InputError, match="mapping"):
        graph.change.create("name")  # type: ignore[arg-type]


# -------------------------------------------------------------------------------------- what is known


def test_what_is_known_is_shown_with_what_is_not(graph: graphsms.Graph) -> None:
    times = {"windowStart": "2026-12-01T20:00Z", "windowEnd": "2026-12-01T23:00Z"}
    graph.change.create(
        {"id": "rfc-a", "touches": [{"to": "host-1", "mode": "outage"}], "remediation": "Back", **times}
    )
    graph.change.create({"id": "rfc-b", "touches": ["host-1"], **times})
    window = {"windowStart": "2026-12-01T00:00Z", "windowEnd": "2026-12-02T00:00Z"}
    graph.apply(ChangeSet([Entity("frozen", "FreezePeriod", window)], [Relation("windowFor", "frozen", "web")]))
    graph.apply(ChangeSet([Entity("host-1", "Server", {"model": "new"})], request="rfc-a", actor="ann", reason="done"))
    found = graph.change.known("rfc-a")
    assert [(one.what, one.entity.id, one.shared) for one in found.overlaps] == [
        ("freeze", "frozen", ("web",)),
        ("change", "rfc-b", ("host-1",)),
    ]
    assert "remediation" not in found.not_stated
    assert {"risks", "business benefits", "who decides on it"} <= set(found.not_stated)
    assert [(one.actor, one.reason) for one in found.under] == [("ann", "done")]
    assert found.to_json()["classification"]["risk"]["says"] == "high"
    before = graph.change.known("rfc-a", at=2)
    assert (before.overlaps, before.under) == ((), ())


# ------------------------------------------------------------------------------------------ numbers


@given(st.text(max_size=20))
def test_any_form_of_numbers_is_usable_or_told_why_not(form: str) -> None:
    if problem_of_numbering(form) == "":
        assert "{number" in form


@settings(max_examples=30)
@given(st.lists(st.integers(1, 10**6), max_size=20), st.integers(0, 9))
def test_the_next_number_is_one_more_than_the_highest(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], width: int
) -> None:
    form = f"C({{number:{width}}})+" if width else "C({number})+"
    with graphsms.open(tmp_path_factory.mktemp("n") / "e.db") as graph:
        ids = [f"C({number:0{width}d})+" for number in numbers]
        found = next_id(form, 2026, ids, graph.store)
    assert found == f"C({max(numbers, default=0) + 1:0{width}d})+"
    assert found not in ids
