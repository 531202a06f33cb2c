"""Checks are data: ours are sound, and a file of one's own that is not is refused, fault by fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphsms
from graphsms.analysis.identity import identity_of
from graphsms.errors import InputError, RejectedError
from graphsms.findings.checks import checks
from graphsms.findings.functions import ANALYSES, analysis
from graphsms.ontology import load

ROOT = Path(__file__).parent.parent.parent
GOOD = {
    "id": "mine",
    "version": "1",
    "title": "Mine",
    "clause": "8.2.6",
    "severity": "notice",
    "over": "{type: Service}",
    "query": '"SELECT ?s WHERE { ?s a sms:Service }"',
    "identity": "[s]",
    "remedy": "None",
}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path_factory.mktemp("estate") / "estate.db") as graph:
        graph.ingest(ROOT / "examples" / "estate")
        yield graph


def written(folder: Path, **changes: str | None) -> Path:
    stated = {**GOOD, **changes}
    lines = [f"{key}: {value}" for key, value in stated.items() if value is not None]
    file = folder / "mine.yaml"
    file.write_text("checks:\n  - " + "\n    ".join(lines) + "\n", encoding="utf-8")
    return file


def test_each_of_our_checks_runs_on_the_example_estate_and_finds_no_more_than_it_looked_at(
    estate: graphsms.Graph,
) -> None:
    answer = estate.findings.run(as_of="2026-11-21T12:00:00Z")
    assert {one.check for one in answer.tallies} == {one.id for one in estate.findings.checks()}
    for tally in answer.tallies:
        assert 0 <= tally.deficient <= tally.looked_at, tally
    assert len({one.identity for one in answer.findings}) == len(answer.findings)
    assert all(one.message and one.remedy and one.identity for one in answer.findings)


def test_recording_twice_finds_the_same_and_nothing_new(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.ingest(ROOT / "examples" / "estate")
        first = graph.findings.record()
        again = graph.findings.run()
    assert {one.identity for one in again.open} == {one.identity for one in first.open}
    assert {one.status for one in again.findings} == {"still there"}


def test_every_analysis_that_a_check_can_name_is_there() -> None:
    for name in ANALYSES:
        assert callable(analysis(name))


def test_ours_name_clauses_by_number() -> None:
    for check in checks(load()):
        assert all(part.strip()[0].isdigit() for part in check.clause.split(",")), check.id


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert "mine" in [one.id for one in checks(load(), [written(tmp_path)])]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"id": "Mine!"}, "not-an-id"),
        ({"id": "service-without-sla"}, "repeated-id"),
        ({"severity": "fatal"}, "unknown-severity"),
        ({"over": "{type: Sevrice}"}, "unknown-type"),
        ({"over": "everything"}, "wrong-form"),
        ({"over": None}, "missing-key"),
        ({"query": None}, "missing-key"),
        ({"query": "no-such-query"}, "no-query"),
        ({"analysis": "os.system"}, "missing-key"),
        ({"query": None, "analysis": "os.system"}, "unknown-analysis"),
        ({"identity": None}, "missing-key"),
        ({"title": None}, "missing-key"),
        ({"message": "${"}, "wrong-form"),
        ({"parameters": "[1]"}, "wrong-form"),
        ({"colour": "red"}, "unknown-key"),
    ],
)
def test_a_check_that_is_wrong_is_refused_with_where_and_why(
    tmp_path: Path, changes: dict[str, str | None], rule: str
) -> None:
    file = written(tmp_path, **changes)
    with pytest.raises(RejectedError) as raised:
        checks(load(), [file])
    assert rule in [one.rule for one in raised.value.faults]
    assert all(one.origin.file == str(file) and one.origin.line for one in raised.value.faults)


@pytest.mark.parametrize("text", ["", "checks: 7", "- a", "checks: [7]", "checks: {", "checks:\n - id: &a [*a]"])
def test_a_file_that_is_none_of_checks_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "checks.yaml"
    file.write_text(text)
    with pytest.raises(RejectedError):
        checks(load(), [file])


def test_a_query_that_cannot_be_answered_is_told_with_the_check(estate: graphsms.Graph, tmp_path: Path) -> None:
    for query, says in [
        ('"SELECT ?s WHERE {"', "not SPARQL"),
        ('"SELECT ?x WHERE { ?x a sms:Service }"', "no 's'"),
        ('"SELECT (1 AS ?s) WHERE {}"', "no entity"),
        ('"DELETE WHERE { ?s ?p ?o }"', "refused"),
        ('"SELECT ?s WHERE { SERVICE <http://localhost/> { ?s ?p ?o } }"', "refused"),
    ]:
        with pytest.raises(InputError, match=says) as raised:
            estate.findings.run(checks=["mine"], files=[written(tmp_path, query=query)])
        assert "The check mine" in str(raised.value)


def test_what_a_message_names_is_text_and_nothing_of_python(estate: graphsms.Graph, tmp_path: Path) -> None:
    file = written(tmp_path, message='"${s} {s.__class__} $name.x"')
    messages = [one.message for one in estate.findings.run(checks=["mine"], files=[file]).open]
    assert all("{s.__class__}" in one for one in messages)


def test_nothing_to_look_at_is_said_and_never_counted_as_all(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "empty.db") as graph:
        answer = graph.findings.run()
    assert all(one.looked_at == 0 for one in answer.tallies)
    assert "had nothing to look at" in answer.sentence()


IDS = st.text(min_size=1, max_size=8)


@given(st.lists(IDS, min_size=1, max_size=3), st.lists(IDS, min_size=1, max_size=3), IDS | st.just(""))
def test_two_findings_of_a_rule_have_the_same_identity_only_on_the_same_entities(
    one: list[str], other: list[str], aspect: str
) -> None:
    assert (identity_of("rule", one) == identity_of("rule", other)) == (one == other)
    identity = identity_of("rule", one, aspect)
    assert identity.isascii()
    assert identity.isprintable()
    assert " " not in identity


def test_an_identity_has_room_in_an_id_however_long_the_ids_are() -> None:
    long, longer = identity_of("rule", ["a" * 2000, "b"]), identity_of("rule", ["a" * 2000, "c"])
    assert long != longer
    assert len(long) <= 1500


RULES = """
rules:
  - id: model
    trust: 0.95
    of: {type: Server}
    keys: [{property: model, normalize: [case]}]
"""


def test_duplicates_are_found_by_rules_of_ones_own_and_a_decision_about_them_is_kept(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    identity = "duplicate-suspected:a,b"
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(
            graphsms.ChangeSet(
                [*(graphsms.Entity(id, "Server", {"model": "X"}) for id in "ab"), graphsms.Entity("ann", "Person")]
            )
        )
        run = graph.findings.run
        assert run(checks=["duplicate-suspected"]).open == ()
        (one,) = run(checks=["duplicate-suspected"], rules=rules).open
        assert one.identity == identity
        graph.findings.accept(
            identity, why="two of a kind", until="2999-01-01", by="ann", rules=tmp_path / "rules.yaml"
        )
        (one,) = run(checks=["duplicate-suspected"], rules=rules).accepted
        assert one.identity == identity
        with pytest.raises(InputError, match="rules cannot be used"):
            run(checks=["duplicate-suspected"], rules=written(tmp_path))


def test_where_nothing_was_recorded_before_nothing_is_said_to_be_gone(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(graphsms.ChangeSet([graphsms.Entity("app", "Application")]))
        first = graph.findings.run(checks=["ci-without-expected-relation"])
        assert first.sentence() == "1 open finding (1 warning), 0 accepted, from 1 check; none was recorded before."
        assert first.to_json()["recorded_before"] is False
        graph.findings.record(checks=["ci-without-expected-relation"])
        assert "0 new, 0 gone since" in graph.findings.run(checks=["ci-without-expected-relation"]).sentence()
