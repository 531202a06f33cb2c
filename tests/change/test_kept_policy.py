"""The policy for change management is kept with the graph: it holds without being named, and has a history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from graphsms.change.policy import OURS, read_policy
from graphsms.errors import InputError, RejectedError
from graphsms.model import ChangeSet, Entity, Relation

POLICY = """numbering: CHG-{number:4}
told:
- {role: steward, of: [Database], through: [ownedBy]}
"""


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        when = {"windowStart": "2026-12-01T22:00:00Z", "windowEnd": "2026-12-01T23:00:00Z"}
        graph.apply(
            ChangeSet(
                [Entity("db", "Database"), Entity("ben", "Person"), Entity("rfc", "RequestForChange", when)],
                [Relation("ownedBy", "db", "ben"), Relation("touches", "rfc", "db", {"mode": "outage"})],
            )
        )
        yield graph


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "policy.yaml"
    place.write_text(POLICY, encoding="utf-8")
    return place


def policies(graph: graphsms.Graph) -> list[str]:
    return [one.id for one in graph.store.entities(type="ChangeManagementPolicy")]


def test_a_policy_that_is_kept_holds_where_none_is_named(graph: graphsms.Graph, file: Path) -> None:
    revision, kept = graph.change.keep_policy(file, actor="ann", reason="Decided by the board")
    assert (revision.actor, revision.reason) == ("ann", "Decided by the board")
    assert kept.kept_as == "change-management-policy"
    assert graph.change.policy() == kept
    assert [one.role for one in graph.change.assess("rfc").notify] == ["steward"]
    assert graph.change.create({"name": "Patch", "touches": "db"}).ids == ("CHG-0001",)


def test_the_hash_of_what_is_kept_is_that_of_the_file_and_the_pack_prints_it(graph: graphsms.Graph, file: Path) -> None:
    named = graph.change.pack("rfc", policy=file)
    graph.change.keep_policy(file, reason="Decided")
    assert graph.change.policy().hash == read_policy(graph.vocabulary, file).hash
    assert graph.change.pack("rfc").inputs.policy == named.inputs.policy == graph.change.policy(file).hash


def test_an_earlier_revision_goes_by_the_policy_of_then(graph: graphsms.Graph, file: Path) -> None:
    before = graph.revision.number
    pack = graph.change.pack("rfc").to_bytes("json")
    graph.change.keep_policy(file, reason="Decided")
    assert [one.role for one in graph.change.assess("rfc", at=before).notify] == ["owner"]
    assert graph.change.pack("rfc", at=before).to_bytes("json") == pack


def test_a_file_that_is_named_holds_before_what_is_kept(graph: graphsms.Graph, file: Path, tmp_path: Path) -> None:
    graph.change.keep_policy(file, reason="Decided")
    (tmp_path / "other.yaml").write_text("numbering: X-{number}", encoding="utf-8")
    assert graph.change.policy(tmp_path / "other.yaml").numbering == "X-{number}"
    assert graph.change.policy(OURS).hash == read_policy(graph.vocabulary).hash


def test_keeping_the_same_again_makes_no_revision(graph: graphsms.Graph, file: Path) -> None:
    first, _ = graph.change.keep_policy(file, reason="Decided")
    again, _ = graph.change.keep_policy(file, reason="Once more")
    assert again.number == first.number


def test_taken_out_again_ours_holds_and_nothing_is_left(graph: graphsms.Graph, file: Path) -> None:
    graph.change.keep_policy(file, reason="Decided")
    revision = graph.change.let_go_of_policy(actor="ann", reason="Withdrawn")
    assert (revision.actor, revision.reason) == ("ann", "Withdrawn")
    assert graph.change.policy() == read_policy(graph.vocabulary)
    assert policies(graph) == []
    with pytest.raises(InputError, match="No policy for change management is kept: ours holds"):
        graph.change.let_go_of_policy()


def test_it_is_kept_in_the_policy_that_is_recorded_which_stays(graph: graphsms.Graph, file: Path) -> None:
    graph.apply(ChangeSet([Entity("doc-7", "ChangeManagementPolicy", {"name": "How we change"}, "documents")]))
    _, kept = graph.change.keep_policy(file, reason="Decided")
    assert (kept.kept_as, policies(graph)) == ("doc-7", ["doc-7"])
    graph.change.let_go_of_policy()
    found = graph.store.entity("doc-7")
    assert found is not None
    assert found.properties == {"name": "How we change"}


def test_of_several_policies_it_has_to_be_said_in_which(graph: graphsms.Graph, file: Path) -> None:
    graph.apply(ChangeSet([Entity(id, "ChangeManagementPolicy") for id in ("doc-1", "doc-2")]))
    with pytest.raises(InputError, match="say in which with --record: doc-1, doc-2"):
        graph.change.keep_policy(file)
    _, kept = graph.change.keep_policy(file, record="doc-2")
    assert kept.kept_as == "doc-2"
    with pytest.raises(InputError, match="A policy is kept in doc-2 already"):
        graph.change.keep_policy(file, record="doc-1")
    with pytest.raises(InputError, match="kept in doc-1: ours holds"):
        graph.change.let_go_of_policy(record="doc-1")
    with pytest.raises(InputError, match="db is of type database, and no policy for change management"):
        graph.change.keep_policy(file, record="db")


def test_two_that_were_imported_are_refused_and_not_chosen_between(graph: graphsms.Graph) -> None:
    rules = {"policyRules": POLICY}
    graph.apply(ChangeSet([Entity(id, "ChangeManagementPolicy", rules) for id in ("doc-1", "doc-2")]))
    with pytest.raises(InputError, match="Several records hold a policy for change management: doc-1, doc-2"):
        graph.change.assess("rfc")
    graph.change.let_go_of_policy(record="doc-1")
    assert graph.change.policy().kept_as == "doc-2"


def test_what_is_wrong_with_it_is_told_and_nothing_is_kept(graph: graphsms.Graph, file: Path) -> None:
    before = graph.revision.number
    file.write_text("told:\n- {role: x, of: [Databse], through: [ownedBy]}\n", encoding="utf-8")
    with pytest.raises(RejectedError) as caught:
        graph.change.keep_policy(file)
    assert caught.value.faults[0].origin.line == 2
    assert graph.revision.number == before


def test_what_was_imported_and_is_no_policy_is_told_by_its_record(graph: graphsms.Graph) -> None:
    graph.apply(ChangeSet([Entity("doc-1", "ChangeManagementPolicy", {"policyRules": "\n\nriks: []"})]))
    with pytest.raises(RejectedError, match="the policy kept in doc-1:3"):
        graph.change.assess("rfc")


def test_a_policy_that_needs_another_file_is_not_kept(graph: graphsms.Graph, file: Path, tmp_path: Path) -> None:
    from graphsms.analysis.configuration_policy import OURS as CONFIGURATION

    (tmp_path / "types.yaml").write_bytes(CONFIGURATION.read_bytes())
    file.write_text("configuration_policy: types.yaml\n", encoding="utf-8")
    assert graph.change.policy(file).configuration_policy
    with pytest.raises(InputError, match=r"names the file .*types.yaml .* which would not be kept"):
        graph.change.keep_policy(file)


def test_ours_is_not_kept(graph: graphsms.Graph) -> None:
    with pytest.raises(InputError, match="That is our policy, which holds where none is kept: use --unset"):
        graph.change.keep_policy(OURS)


def test_checks_of_findings_go_by_it(graph: graphsms.Graph, file: Path) -> None:
    over = {"changeStatus": "deployed", "windowStart": "2026-11-01T22:00:00Z", "windowEnd": "2026-11-01T23:00:00Z"}
    graph.apply(ChangeSet([Entity("late", "RequestForChange", over)]))
    file.write_text("reviewed_within: P300D\n", encoding="utf-8")
    as_of = "2026-12-20T00:00:00Z"
    assert found(graph, as_of) == ["late"]
    graph.change.keep_policy(file, reason="Decided")
    assert found(graph, as_of) == []


def found(graph: graphsms.Graph, as_of: str) -> list[str]:
    answer = graph.findings.run(checks=["change-review-overdue"], as_of=as_of)
    return [id for one in answer.open for id in one.entities]
