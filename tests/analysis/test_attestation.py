"""Owners confirm or correct what is recorded of their items: evidence; corrections are made when somebody says so."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

import graphsms
from graphsms import ChangeSet, Entity
from graphsms.analysis.configuration_policy import OURS
from graphsms.errors import InputError, RejectedError, UnknownIdError

GRAPH = """
entities:
  - {id: ann, type: Person, name: Ann}
  - {id: ops, type: Team, name: Operations}
  - {id: web-1, type: Server, name: Web 1, model: HX-40, hostname: [web-1, www], ownedBy: ann}
  - {id: web-2, type: Server, name: "=Web 2", ownedBy: [ann, ops]}
  - {id: old, type: Server, lifecycle: retired, ownedBy: ann}
  - {id: acme, type: Organization, name: Acme, ownedBy: ann}
"""


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    file = tmp_path / "graph.yaml"
    file.write_text(GRAPH)
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.ingest(file)
        yield graph


def exported(graph: graphsms.Graph, folder: Path, form: str = "csv") -> Path:
    graph.configuration.attestation_lists(folder, owner="ann", form=form)
    return folder / f"ann.{form}"


def answered(file: Path, *answers: dict[str, str]) -> Path:
    """The list with cells written into its rows, in order."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    for row, cells in zip(rows, answers, strict=False):
        row.update(cells)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    return file


def records(graph: graphsms.Graph) -> list[Entity]:
    return list(graph.entities(type="ConfigurationVerification"))


def test_each_owner_gets_the_live_items_that_they_answer_for_and_instructions(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    written = graph.configuration.attestation_lists(tmp_path / "lists")
    assert [(owner, count, path.name) for owner, count, path in written] == [
        ("ann", 2, "ann.csv"),
        ("ops", 1, "ops.csv"),
    ]
    with (tmp_path / "lists" / "ann.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["hostname"], row["model"], row["answer"]) for row in rows] == [
        ("web-1", "web-1; www", "HX-40", ""),
        ("web-2", "", "", ""),
    ]
    assert rows[1]["name"] == "'=Web 2"  # no formula in a spreadsheet
    assert "confirmed" in (tmp_path / "lists" / "instructions.txt").read_text("utf-8")


def test_confirming_makes_a_record_for_each_answer_and_changes_nothing_else(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    file = answered(exported(graph, tmp_path), {"answer": "confirmed"}, {"answer": "Confirmed"})
    before = dict(graph.entity("web-1").properties)
    answer = graph.configuration.attest(file, actor="ann")
    assert [one.answer for one in answer.answers] == ["confirmed", "confirmed"]
    assert answer.recorded_in == 2
    assert [one.properties["deficientItems"] for one in records(graph)] == [0, 0]
    assert {edge.object for one in records(graph) for edge in graph.relations(one.id)} == {
        "web-1",
        "web-2",
        "attestation:ann",
    }
    assert dict(graph.entity("web-1").properties) == before
    assert graph.validate() == []


def test_corrections_are_proposed_and_made_only_when_told(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = answered(
        exported(graph, tmp_path),
        {"answer": "corrected", "model": "HX-60", "hostname": "web-1; shop", "description": "Shop"},
        {"answer": ""},
    )
    would = graph.configuration.attest(file)
    assert {(id, one.field, one.was, one.becomes) for id, one in would.proposed} == {
        ("web-1", "model", "HX-40", "HX-60"),
        ("web-1", "hostname", ("web-1", "www"), ("shop", "web-1")),
        ("web-1", "description", None, "Shop"),
    }
    assert would.unanswered == ("web-2",)
    assert graph.entity("web-1").properties["model"] == "HX-40"
    recorded = records(graph)
    made = graph.configuration.attest(file, apply=True, request="rfc-1")
    assert records(graph) == recorded  # what was said is on record already
    said = graph.entity("web-1").properties
    assert (said["model"], said["hostname"], said["description"]) == ("HX-60", ("shop", "web-1"), "Shop")
    assert (graph.revision.number, graph.revision.request) == (made.recorded_in, "rfc-1")


def test_what_is_gone_is_retired_and_what_is_not_mine_loses_its_owner(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = answered(
        exported(graph, tmp_path), {"answer": "gone"}, {"answer": "not mine", "comment": "ask the cloud team"}
    )
    graph.configuration.attest(file, apply=True)
    assert graph.entity("web-1").properties["lifecycle"] == "retired"
    assert {one.object for one in graph.relations("web-2") if one.type == "ownedBy"} == {"ops"}
    assert any("ask the cloud team" in str(one.properties["result"]) for one in records(graph))


def test_the_same_answers_again_are_recognized_and_recorded_once(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = answered(
        exported(graph, tmp_path), {"answer": "corrected", "model": "HX-60"}, {"answer": "not mine", "comment": "ops"}
    )
    graph.configuration.attest(file)
    stands = graph.revision
    again = graph.configuration.attest(file)
    assert (graph.revision, again.recorded_in, again.answers, again.outdated) == (stands, None, (), ())
    assert again.sentence() == (
        "Nothing new: 2 answers are recorded already, as they stand here. Corrections of 2 are still to be made:"
        " --apply makes them."
    )
    made = graph.configuration.attest(file, apply=True)
    assert (made.applied, len(made.proposed), len(records(graph))) == (True, 2, 2)
    assert made.sentence().endswith("as they stand here. 2 corrections made.")
    stands = graph.revision
    again = graph.configuration.attest(file, apply=True)
    assert (graph.revision, again.recorded_in, again.applied, again.pending) == (stands, None, False, ())
    assert again.sentence() == "Nothing new: 2 answers are recorded already, as they stand here."


def test_another_answer_and_another_list_are_recorded_anew(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = answered(exported(graph, tmp_path), {"answer": "confirmed"})
    graph.configuration.attest(file)
    answered(file, {"comment": "looked twice"}, {"answer": "confirmed"})
    more = graph.configuration.attest(file)
    assert ([one.id for one in more.answers], len(records(graph))) == (["web-1", "web-2"], 3)
    anew = graph.configuration.attest(
        answered(exported(graph, tmp_path / "next"), {"answer": "confirmed"}, {"answer": "confirmed"})
    )
    assert ([one.id for one in anew.answers], len(records(graph))) == (["web-1", "web-2"], 5)


def test_a_correction_that_was_not_made_in_time_is_asked_about_anew(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = answered(exported(graph, tmp_path), {"answer": "corrected", "model": "HX-60"}, {"answer": "confirmed"})
    graph.configuration.attest(file)
    for model, outdated in (("HX-99", ("web-1",)), ("HX-60", ())):
        graph.apply(ChangeSet([Entity("web-1", "Server", {"name": "Web", "model": model}), Entity("web-2", "Server")]))
        again = graph.configuration.attest(file, apply=True)
        assert (again.outdated, again.recorded_in) == (outdated, None)


def test_what_has_changed_since_is_asked_about_anew(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = answered(exported(graph, tmp_path), {"answer": "confirmed"}, {"answer": "confirmed"})
    graph.apply(ChangeSet(entities=[Entity("web-1", "Server", {"name": "Web 1", "model": "HX-99"})]))
    answer = graph.configuration.attest(file)
    assert answer.outdated == ("web-1",)
    assert [one.id for one in answer.answers] == ["web-2"]


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"answer": "yes"}, "unknown-answer"),
        ({"answer": "confirmed", "model": "HX-60"}, "contradiction"),
        ({"answer": "corrected"}, "contradiction"),
        ({"model": "HX-60"}, "missing-answer"),
        ({"answer": "corrected", "lifecycle": "broken"}, "wrong-value"),
        ({"answer": "confirmed", "revision": "99"}, "unknown-revision"),
        ({"answer": "confirmed", "owner": "bob"}, "unknown-id"),
        ({"answer": "confirmed", "id": "web-9"}, "unknown-id"),
        ({"answer": "confirmed", "id": "web-2"}, "repeated-row"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_refused_with_its_row_and_nothing_is_recorded(
    graph: graphsms.Graph, tmp_path: Path, cells: dict[str, str], rule: str
) -> None:
    file = answered(exported(graph, tmp_path), cells, {"answer": "confirmed"})
    with pytest.raises(RejectedError) as raised:
        graph.configuration.attest(file)
    assert rule in [one.rule for one in raised.value.faults]
    assert all(one.origin.line for one in raised.value.faults)
    assert graph.revision.number == 1


def test_a_workbook_goes_out_and_comes_back(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = exported(graph, tmp_path, "xlsx")
    book = load_workbook(file)
    assert book.sheetnames == ["Items", "Instructions"]
    sheet = book["Items"]
    header = [cell.value for cell in sheet[1]]
    assert sheet.cell(3, header.index("name") + 1).data_type == "s"
    sheet.cell(2, 1, "corrected")
    sheet.cell(2, header.index("model") + 1, "HX-60")
    sheet.cell(3, 1, "confirmed")
    book.save(file)
    answer = graph.configuration.attest(file, apply=True)
    assert [one.answer for one in answer.answers] == ["corrected", "confirmed"]
    assert graph.entity("web-1").properties["model"] == "HX-60"


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"answer,id,owner,revision,id\n", b"PK\x03\x04nonsense"])
def test_what_is_no_list_is_refused(graph: graphsms.Graph, tmp_path: Path, content: bytes) -> None:
    for ending in ("csv", "xlsx"):
        file = tmp_path / f"wrong.{ending}"
        file.write_bytes(content)
        with pytest.raises(RejectedError):
            graph.configuration.attest(file)


def test_who_owns_nothing_has_nothing_to_confirm(graph: graphsms.Graph, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="owns no live"):
        graph.configuration.attestation_lists(tmp_path, owner="web-1")
    with pytest.raises(UnknownIdError):
        graph.configuration.attestation_lists(tmp_path, owner="anne")


def test_owners_who_have_not_confirmed_in_time_are_findings(graph: graphsms.Graph, tmp_path: Path) -> None:
    def late(**when: str) -> dict[str, tuple[float, float]]:
        answer = graph.findings.run(checks=["attestation-overdue"], **when)
        return {one.entities[0]: (one.numerator, one.denominator) for one in answer.open}

    graph.configuration.attest(answered(exported(graph, tmp_path), {"answer": "confirmed"}, {"answer": "confirmed"}))
    assert late() == {"ops": (0, 1)}  # what Ann has confirmed, Operations have not
    assert late(as_of="2999-01-01T00:00:00Z")["ann"] == (0, 2)


def test_that_nobody_was_ever_asked_is_one_finding_on_all_owners(graph: graphsms.Graph, tmp_path: Path) -> None:
    (one,) = graph.findings.record(checks=["attestation-overdue"]).open
    assert (one.identity, one.entities) == ("attestation-overdue:never", ("ann", "ops"))
    assert "within P1Y: 2 owners, 3 items" in one.message
    graph.configuration.attest(answered(exported(graph, tmp_path), {"answer": "confirmed"}))
    answer = graph.findings.run(checks=["attestation-overdue"])
    assert [one.identity for one in answer.gone] == ["attestation-overdue:never"]
    assert [one.message for one in answer.open] == [
        "Ann has confirmed 1 of 2 configuration items within P1Y.",
        "Operations has never confirmed any of 1 configuration items.",
    ]


def test_where_the_policy_asks_no_owner_nobody_is_late(graph: graphsms.Graph, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "\n".join(line for line in OURS.read_text("utf-8").splitlines() if not line.startswith("attested_within"))
    )
    answer = graph.findings.run(checks=["attestation-overdue"], policy=policy)
    assert (answer.open, answer.tallies[0].looked_at) == ((), 0)
    assert "no interval" in answer.tallies[0].note
