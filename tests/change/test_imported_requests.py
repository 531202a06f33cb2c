"""Requests for change of other tools: imported as they write them, they are listed, and assessed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import graphsms
from command_line import run

FIXTURES = Path(__file__).parents[1] / "ingest" / "fixtures"
# By tool: what its request is called, its state, its window, and the names of what it touches.
REQUESTS = {
    "servicenow": (
        "Patch the database cluster",
        "approved",
        ("2026-11-28T21:00:00Z", "2026-11-29T01:00:00Z"),
        {"bank-cluster", "bank-node-1"},
    ),
    "itop": ("Replace PDU A", "approved", ("2026-11-28T21:00:00Z", "2026-11-29T01:00:00Z"), {"pdu-a"}),
    # GLPI plans the tasks of a change: from the first to the last of them is its window.
    "glpi": (
        "Upgrade the yard database",
        "approved",
        ("2026-12-05T20:00:00Z", "2026-12-05T22:00:00Z"),
        {"yard-db"},
    ),
}
# Who is asked, by the name of who it is.
APPROVERS = {"servicenow": {"Ada Byron"}, "glpi": {"Mette Lund", "Yard systems"}}


@pytest.mark.parametrize("tool", REQUESTS)
def test_it_is_listed_with_its_state_its_window_and_what_it_touches(tool: str, tmp_path: Path) -> None:
    name, status, window, touched = REQUESTS[tool]
    store = str(tmp_path / "estate.db")
    ran = run("ingest", str(FIXTURES / tool), "--zone", "Europe/Zurich", "--store", store)
    assert ran.code == 0, ran.err
    with graphsms.open(store) as graph:
        (request,) = graph.change.requests()
        assert (request.name, request.status, request.window) == (name, status, window)
        assert {one.entity.name for one in request.touches} == touched
        assert {one.mode for one in request.touches} == {graph.change.policy().mode}
        answer = graph.change.assess(request.id)
        assert {one.id for one in answer.hits if one.touched} == {one.entity.id for one in request.touches}
    listed = run("change", "list", "--csv", "--store", store)
    assert request.id in listed.out
    assert window[0] in listed.out


@pytest.mark.parametrize("tool", APPROVERS)
def test_those_who_are_asked_to_approve_it_are_told_of_it_as_who_decides(tool: str, tmp_path: Path) -> None:
    store = str(tmp_path / "estate.db")
    assert run("ingest", str(FIXTURES / tool), "--zone", "Europe/Zurich", "--store", store).code == 0
    with graphsms.open(store) as graph:
        (request,) = graph.change.requests()
        told = graph.change.assess(request.id).notify
    assert {one.name for one in told if one.role == "who decides"} == APPROVERS[tool]


def test_a_window_that_the_tool_does_not_have_is_added_by_hand_and_stays(tmp_path: Path) -> None:
    store = str(tmp_path / "estate.db")
    exported = tmp_path / "glpi"
    shutil.copytree(FIXTURES / "glpi", exported)
    (exported / "ChangeTask.json").unlink()
    for _ in range(2):
        assert run("ingest", str(exported), "--zone", "Europe/Zurich", "--store", store).code == 0
        with graphsms.open(store) as graph:
            (request,) = graph.change.requests()
            if not request.window[0]:
                window = {"windowStart": "2026-12-05T20:00:00Z", "windowEnd": "2026-12-05T22:00:00Z"}
                graph.change.edit(request.id, window)
    with graphsms.open(store) as graph:
        assert [one.window for one in graph.change.requests()] == [("2026-12-05T20:00:00Z", "2026-12-05T22:00:00Z")]
