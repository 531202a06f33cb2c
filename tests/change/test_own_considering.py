"""An organization says itself what is considered and who is told; what is wrong with that is told by line and rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import graphsms
from graphsms.change.considering import FILE, considered
from graphsms.change.kinds import KINDS
from graphsms.change.own_considering import KIND_KEYS
from graphsms.change.policy import read_policy
from graphsms.errors import RejectedError
from graphsms.ontology import load

WORDS = load()
ESTATE = """
entities:
- {id: web, type: Service, dependsOn: db, ownedBy: ann}
- {id: db, type: Database, ownedBy: ben}
- {id: acme, type: Customer, receives: web}
- {id: ann, type: Person}
- {id: ben, type: Person}
- {id: cost, type: Cost, costOf: db, amount: 12, currency: EUR}
- {id: rfc, type: RequestForChange, touches: {to: db, mode: outage}, raisedBy: ann}
"""


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    (tmp_path / "estate.yaml").write_text(ESTATE, encoding="utf-8")
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.ingest(tmp_path / "estate.yaml")
        yield graph


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.yaml"


def faults(file: Path, text: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RejectedError) as caught:
        read_policy(WORDS, file)
    return [f"{one.origin.line} {one.field}: {one.message} [{one.rule}]" for one in caught.value.faults]


def test_what_holds_of_ours_would_hold_of_anybodys(file: Path) -> None:
    ours = yaml.safe_load(FILE.read_text("utf-8"))
    parts = {section["letter"]: section["parts"] for section in ours["sections"]}
    own = {"considers": {**parts, "beside": ours["beside"]}, "told": ours["told"]}
    file.write_text(yaml.safe_dump(own), encoding="utf-8")
    assert read_policy(WORDS, file).considered == considered()


def test_every_kind_of_part_can_be_stated() -> None:
    assert KIND_KEYS.keys() == KINDS.keys()


def test_who_is_told_is_replaced_by_what_the_policy_says(graph: graphsms.Graph, file: Path) -> None:
    file.write_text("told:\n- {role: steward, of: [Database], through: [ownedBy]}\n", encoding="utf-8")
    assert [(one.role, one.id) for one in graph.change.assess("rfc", policy=file).notify] == [("steward", "ben")]
    assert {one.role for one in graph.change.assess("rfc").notify} == {"customer", "owner", "requester"}


def test_who_is_told_is_extended_by_what_the_policy_adds(graph: graphsms.Graph, file: Path) -> None:
    file.write_text("told_too:\n- {role: who pays, of: [Database], through: [^costOf]}\n", encoding="utf-8")
    told = [(one.role, one.id) for one in graph.change.assess("rfc", policy=file).notify]
    assert ("who pays", "cost") in told
    assert ("customer", "acme") in told


def test_a_letter_considers_what_the_policy_says_and_the_others_what_ours_says(
    graph: graphsms.Graph, file: Path
) -> None:
    file.write_text(
        """
considers:
  b: [{kind: concerned, title: Those who pay, types: [Customer]}]
considers_too:
  a: [{kind: records, title: What it costs to run, types: [Cost], relations: [costOf], show: [amount]}]
""",
        encoding="utf-8",
    )
    own, ours = (graph.change.assess("rfc", policy=one).sections for one in (file, None))
    assert [part.title for part in own[1].parts] == ["Those who pay"]
    assert [part.title for part in own[0].parts] == [*(part.title for part in ours[0].parts), "What it costs to run"]
    assert own[0].parts[-1].table.records()[0]["amount"] == 12
    assert own[2:] == ours[2:]


def test_records_beside_the_letters_can_be_replaced(graph: graphsms.Graph, file: Path) -> None:
    file.write_text("considers:\n  beside: [{kind: items, title: Items once more}]\n", encoding="utf-8")
    assert [part.title for part in graph.change.assess("rfc", policy=file).beside] == ["Items once more"]


def test_a_policy_that_says_nothing_of_it_leaves_ours(file: Path) -> None:
    file.write_text("numbering: CHG-{number}\n", encoding="utf-8")
    assert read_policy(WORDS, file).considered == considered()


def test_an_unknown_name_is_told_with_its_line_and_what_was_meant(file: Path) -> None:
    text = """
considers:
  b:
  - {kind: concernd, title: Some, types: [Customer]}
  - kind: concerned
    title: Others
    types: [Custommer]
    show: [validTo]
  - {kind: targets, title: T, types: [PerformanceTarget], show: [metrik, amount]}
told:
- role: owner
  of: [Entity]
  through: [ownedByy]
"""
    found = faults(file, text)
    assert found == [
        "4 considers b kind: There is no kind 'concernd'; it is one of " + ", ".join(KIND_KEYS) + ". Did you mean "
        "concerned? [unknown-kind]",
        "7 considers b Others types: The ontology has no type 'Custommer'. "
        "Did you mean Customer or Cluster? [unknown-type]",
        "9 considers b T show: The ontology has no property 'metrik'. Did you mean metric? [unknown-property]",
        "9 considers b T show: None of PerformanceTarget has the property 'amount'. [unknown-property]",
        "13 told owner through: The ontology has no relation 'ownedByy'. Did you mean ownedBy or poweredBy? "
        "[unknown-relation]",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("told: []", "a list of at least one who is told"),
        ("told:", "a list of at least one who is told"),
        ("told: {role: x}", "a list of at least one who is told"),
        ("told: [{of: [Entity], through: [ownedBy]}]", "Say in which role somebody is told"),
        ("told: [{role: x, through: [ownedBy]}]", "Say of what: a list of types, or requests"),
        ("told: [{role: x, of: Entity, through: [ownedBy]}]", "Say of what: a list of types, or requests"),
        ("told: [{role: x, of: requests, through: []}]", "It must be a list of relations"),
        ("told: [{role: x, of: [Entity], through: ownedBy}]", "It must be a list of relations"),
        ("told: [{role: x, of: [Entity], through: [ownedBy], to: Person}]", "It must be a list of types"),
        ("told: [{role: x, of: [Entity], through: [], too: [Person]}]", "Who is told has no 'too'. Did you mean to?"),
        ("told: [{role: x, of: [Customer], through: [worksFor]}]", "write '^worksFor'"),
        ("told: [{role: x, of: [Person], through: [^worksFor]}]", "write 'worksFor'"),
        ("told: [{role: x, of: [Entity], through: [ownedBy], to: [Database]}]", "lead to is none of Database"),
        ("considers: []", "a mapping of letters of 8.5.1.3"),
        ("considers: {}", "a mapping of letters of 8.5.1.3"),
        ("considers: {f: [{kind: items, title: x}]}", "There is no 'f' to consider; it is one of a, b, c, d, e"),
        ("considers: {a: []}", "none of the letters may be left out"),
        ("considers: {a: [items]}", "none of the letters may be left out"),
        ("considers: {a: [{kind: items}]}", "Say the title of the part"),
        ("considers: {a: [{title: x}]}", "Say the kind of the part"),
        ("considers: {a: [{kind: [items], title: x}]}", "There is no kind ['items']"),
        ("considers: {a: [{kind: concerned, title: x}]}", "A part of the kind concerned states types"),
        ("considers: {a: [{kind: items, title: x, types: [Party]}]}", "A part of the kind items has no 'types'"),
        ("considers: {a: [{kind: concerned, title: x, types: Party}]}", "It must be a list of words"),
        ("considers: {a: [{kind: plans, title: x, types: [Plan], test: [tests]}]}", "It must be one word"),
        ("considers: {a: [{kind: plans, title: x, types: [Plan], test: tess}]}", "no relation 'tess'"),
        ("considers_too: {a: [{kind: concerned, title: x, types: [1]}]}", "has no type '1'"),
        ("tolt: []", "A policy has no key 'tolt'. Did you mean told"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(file: Path, text: str, message: str) -> None:
    assert any(message in one for one in faults(file, text))
