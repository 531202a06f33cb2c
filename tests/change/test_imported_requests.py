"""Requests for change of other tools: imported as they write them, they are listed, and assessed."""

from __future__ import annotations

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
    # GLPI plans the tasks of a change, and has no window of the change itself.
    "glpi": ("Upgrade the yard database", "approved", ("", ""), {"yard-db"}),
}


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


def test_a_window_that_the_tool_does_not_have_is_added_by_hand_and_stays(tmp_path: Path) -> None:
    store = str(tmp_path / "estate.db")
    for _ in range(2):
        assert run("ingest", str(FIXTURES / "glpi"), "--zone", "Europe/Zurich", "--store", store).code == 0
        with graphsms.open(store) as graph:
            (request,) = graph.change.requests()
            if not request.window[0]:
                window = {"windowStart": "2026-12-05T20:00:00Z", "windowEnd": "2026-12-05T22:00:00Z"}
                graph.change.edit(request.id, window)
    with graphsms.open(store) as graph:
        assert [one.window for one in graph.change.requests()] == [("2026-12-05T20:00:00Z", "2026-12-05T22:00:00Z")]
