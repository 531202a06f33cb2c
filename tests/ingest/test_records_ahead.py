"""Records that are dated in the future, and intervals that are no durations, are refused with the line that says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import graphsms
from graphsms.errors import RejectedError
from graphsms.ingest.ahead import Ahead
from graphsms.moments import come
from graphsms.ontology import load

TODAY, TOMORROW = (come()[:10], "2999-01-01")


def imported(folder: Path, text: str) -> graphsms.Graph:
    file = folder / "records.yaml"
    file.write_text(f"entities:\n{text}\n", encoding="utf-8")
    graph = graphsms.open(folder / "sms.db")
    graph.ingest(file)
    return graph


@pytest.mark.parametrize(
    ("text", "line", "field", "rule", "message"),
    [
        ("  - id: min-1\n    type: Report\n    issuedOn: 2999-01-01", 4, "issuedOn", "future-date", "2999-01-01"),
        ("  - {id: rep-1, type: Report, collected: 2999-01-01}", 2, "collected", "future-date", "is still to come"),
        (
            "  - {id: min-1, type: MeetingMinutes, refersTo: web}\n  - {id: web, type: Service}\n"
            "  - {id: rep-1, type: Report, about: {to: web, collected: 2999-01-01}}",
            4, "collected", "future-date", "is still to come",
        ),
        ("  - {id: pol-1, type: Policy, reviewInterval: soon}", 2, "reviewInterval", "wrong-value", "such as P1Y"),
        ("  - {id: prog, type: AuditProgramme, auditCycle: 3 years}", 2, "auditCycle", "wrong-value", "such as P1Y"),
    ],
)  # fmt: skip
def test_the_fault_says_where_and_what_to_do_and_nothing_is_imported(
    tmp_path: Path, text: str, line: int, field: str, rule: str, message: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        imported(tmp_path, text)
    (fault,) = caught.value.faults
    assert (fault.origin.line, fault.field, fault.rule) == (line, field, rule)
    assert message in fault.message
    with graphsms.open(tmp_path / "sms.db") as graph:
        assert graph.revision.number == 0


@pytest.mark.parametrize(
    "text",
    [
        f"  - {{id: min-1, type: MeetingMinutes, issuedOn: {TODAY}}}",
        f"  - {{id: min-1, type: MeetingMinutes, issuedOn: {TOMORROW}, documentStatus: planned}}",
        f"  - {{id: pol-1, type: Policy, issuedOn: {TOMORROW}}}",  # a policy may be settled ahead
        f"  - {{id: audit-1, type: Audit, plannedOn: {TOMORROW}}}",
        f"  - {{id: rep-1, type: Report, expires: {TOMORROW}}}",
        f"  - {{id: trend-1, type: TrendAnalysis, collected: {TOMORROW}}}",  # computed for a later moment
    ],
)
def test_what_may_be_still_to_come_is_imported(tmp_path: Path, text: str) -> None:
    with imported(tmp_path, text) as graph:
        assert graph.revision.number == 1


def test_a_day_is_still_to_come_by_the_clock_of_the_organization() -> None:
    from graphsms.moments import zone

    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    said = {"issuedOn": "2026-11-22"}
    assert Ahead(load(), UTC, late).of_entity("Report", said)
    assert Ahead(load(), zone("Europe/Zurich"), late).of_entity("Report", said) is None
