"""Configuration information by 8.2.6: what is recorded, how fresh it is, what nobody needs; exact over exact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms
from graphsms.analysis.configuration_policy import read_policy
from graphsms.errors import RejectedError
from graphsms.ontology import load
from graphsms.store import SourceState

NOW = "2026-11-21T12:00:00Z"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        yield graph


def entity(id: str, type: str, **properties: object) -> graphsms.Entity:
    return graphsms.Entity(id, type, properties)  # type: ignore[arg-type]


def small(graph: graphsms.Graph) -> None:
    graph.apply(
        graphsms.ChangeSet(
            entities=[
                entity("web", "Service", description="Shop", lifecycle="live"),
                entity("app", "Application", description="Shop", lifecycle="live"),
                entity("db", "Database", model="Rows 9"),
                entity("old", "Server", lifecycle="retired"),
                entity("lost", "Server", description="Nobody knows", lifecycle="live"),
                entity("thing", "ConfigurationItem"),
                entity("ghost", "Application", placeholder=True),
                entity("ann", "Person"),
            ],
            relations=[
                graphsms.Relation("dependsOn", "web", "app"),
                graphsms.Relation("dependsOn", "app", "db"),
                graphsms.Relation("dependsOn", "app", "ghost"),
                graphsms.Relation("ownedBy", "lost", "ann"),
            ],
        )
    )


def test_each_letter_is_counted_over_the_live_items_of_the_type(graph: graphsms.Graph) -> None:
    small(graph)
    answer = graph.configuration.completeness(as_of=NOW)
    types = {one.type: one for one in answer.types}
    assert answer.total == 6  # what is retired, and who is no item, is not looked at
    assert types["Application"].total == 2
    assert dict(types["Application"].recorded) == {"a": 1, "b": 2, "c": 1, "d": 2, "e": 1}
    assert types["Application"].complete == 1
    assert dict(types["ConfigurationItem"].recorded) == {"a": 1, "b": 0, "c": 0, "d": 0, "e": 0}
    assert {item.id: item.missing for item in answer.items if item.missing} == {
        "db": ("e",),
        "ghost": ("a", "c", "e"),
        "lost": ("d",),
        "thing": ("b", "c", "d", "e"),
    }


def test_what_goes_by_two_ids_is_not_uniquely_identified(graph: graphsms.Graph) -> None:
    graph.apply(
        graphsms.ChangeSet(
            entities=[
                entity("a", "Server", serialNumber="HX-1"),
                entity("b", "Server", serialNumber="hx 1"),
                entity("c", "Server", serialNumber="HX-2"),
            ]
        )
    )
    (server,) = graph.configuration.completeness(as_of=NOW).types
    assert (server.recorded["a"], server.total) == (1, 3)
    graph.configuration.reject("a", "b")
    (server,) = graph.configuration.completeness().types
    assert server.recorded["a"] == 3


def test_what_nobody_needs_and_needs_nothing_is_an_orphan(graph: graphsms.Graph) -> None:
    small(graph)
    assert {item.id for item in graph.configuration.completeness(as_of=NOW).items if item.orphan} == {"lost", "thing"}


def test_a_relation_with_a_person_is_none_with_another_item(graph: graphsms.Graph) -> None:
    small(graph)
    (lost,) = [item for item in graph.configuration.completeness(as_of=NOW).items if item.id == "lost"]
    assert "d" in lost.missing


def test_no_item_is_said_and_never_counted_as_complete(graph: graphsms.Graph) -> None:
    answer = graph.configuration.completeness(as_of=NOW)
    assert answer.total == 0
    assert "nothing can be said" in answer.sentence()


def test_the_items_of_the_example_estate_add_up(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    with graphsms.open(tmp_path / "example.db") as graph:
        graph.ingest(root / "examples" / "estate")
        answer = graph.configuration.completeness(as_of=NOW)
        incomplete = graph.findings.run(checks=["ci-incomplete"], as_of=NOW)
    assert sum(one.total for one in answer.types) == answer.total > 200
    for one in answer.types:
        assert one.complete <= min(one.recorded.values()) <= max(one.recorded.values()) <= one.total
        fresh = one.freshness
        assert fresh.fresh + fresh.stale + fresh.without_interval + fresh.by_hand == one.total
    (tally,) = incomplete.tallies
    assert tally.looked_at == answer.total
    assert tally.deficient == sum(bool(item.missing) for item in answer.items)


def test_a_source_past_its_interval_makes_what_rests_on_it_stale(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = tmp_path / "hosts.yaml"
    file.write_text("entities:\n- {id: h1, type: Server}\n- {id: h2, type: Server}\n")
    graph.ingest(file, source="hosts")
    graph.store.note_import(SourceState("hosts", "exchange", "2026-11-01T00:00:00Z", "P7D"))
    by_type = {one.type: one.freshness for one in graph.configuration.completeness(as_of=NOW).types}
    assert (by_type["Server"].fresh, by_type["Server"].stale) == (0, 2)
    early = {one.type: one.freshness for one in graph.configuration.completeness(as_of="2026-11-08T00:00:00Z").types}
    assert (early["Server"].fresh, early["Server"].stale) == (2, 0)
    (finding,) = graph.findings.run(checks=["source-stale"], as_of=NOW).open
    assert finding.identity == "source-stale:hosts"
    assert "2 entities rest on it" in finding.message


def test_the_interval_that_the_graph_states_for_a_source_comes_before_that_of_the_import(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    file = tmp_path / "hosts.yaml"
    file.write_text(
        "entities:\n- {id: h1, type: Server}\n- {id: hosts, type: InformationSource, freshnessInterval: P90D}\n"
    )
    graph.ingest(file, source="hosts")
    graph.store.note_import(SourceState("hosts", "exchange", "2026-11-01T00:00:00Z", "P7D"))
    assert graph.findings.run(checks=["source-stale"], as_of=NOW).open == ()


def test_without_any_interval_freshness_is_not_known(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = tmp_path / "hosts.yaml"
    file.write_text("entities:\n- {id: h1, type: Server}\n")
    graph.ingest(file, source="hosts")
    (tally,) = graph.findings.run(checks=["source-stale"], as_of=NOW).tallies
    assert tally.looked_at == 0
    assert "no source says" in tally.note


def test_verification_counts_for_what_was_checked_and_within_the_interval(graph: graphsms.Graph) -> None:
    graph.apply(
        graphsms.ChangeSet(
            entities=[
                entity("h1", "Server"),
                entity("h2", "Server"),
                entity("scan", "InformationSource"),
                entity("check", "ConfigurationVerification", verifiedAt="2026-06-01T00:00:00Z"),
            ],
            relations=[
                graphsms.Relation("verifies", "check", "h1"),
                graphsms.Relation("verifiedAgainst", "check", "scan"),
            ],
        )
    )
    (server,) = graph.configuration.completeness(as_of=NOW).types
    assert (server.freshness.verified, server.freshness.last_verified) == (1, "2026-06-01T00:00:00Z")
    (late,) = graph.configuration.completeness(as_of="2027-06-02T00:00:00Z").types
    assert late.freshness.verified == 0
    (finding,) = graph.findings.run(checks=["ci-type-unverified"], as_of=NOW).open
    assert (finding.identity, finding.numerator, finding.denominator) == ("ci-type-unverified:Server", 1, 2)


def test_a_policy_of_ones_own_says_what_counts(graph: graphsms.Graph, tmp_path: Path) -> None:
    small(graph)
    ours = Path(graphsms.__file__).parent / "analysis" / "policies" / "configuration.yaml"
    file = tmp_path / "policy.yaml"
    file.write_text(ours.read_text("utf-8").replace("  - property: model\n", ""), encoding="utf-8")
    items = {item.id: item.missing for item in graph.configuration.completeness(policy=file, as_of=NOW).items}
    assert items["db"] == ("c", "e")


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ("controlled: [{type: Sevrer}]", "unknown-term"),
        ("verified_within: a year", "not-a-duration"),
        ("approved: [aproved]", "unknown-term"),
        ("status: lifecycle", "wrong-form"),
        ("colour: red", "unknown-key"),
        ("", "missing-key"),
    ],
)
def test_a_policy_that_is_wrong_is_refused_with_where_and_why(tmp_path: Path, wrong: str, rule: str) -> None:
    ours = (Path(graphsms.__file__).parent / "analysis" / "policies" / "configuration.yaml").read_text("utf-8")
    key = wrong.partition(":")[0] or "status"
    start = ours.index(f"\n{key}:") if f"\n{key}:" in ours else len(ours)
    end = ours.find("\n\n", start + 1) if start < len(ours) else len(ours)
    rest = "" if end < 0 else ours[end:]
    if key == "verified_within":
        rest = "\nattested_within: P1Y\n" + rest
    if key == "status":
        rest = ours[ours.index("\n# At the latest") :]
    file = tmp_path / "policy.yaml"
    file.write_text(ours[:start] + "\n" + wrong + "\n" + rest, encoding="utf-8")
    with pytest.raises(RejectedError) as raised:
        read_policy(file, load())
    assert rule in [one.rule for one in raised.value.faults]
