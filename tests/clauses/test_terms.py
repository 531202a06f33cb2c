"""The defined terms of both editions: none is missing, the definitions are ours, and they lead to our types."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

import graphsms
from clauses.anchors_of_text import SEEDS
from graphsms.clauses import catalogue_files
from graphsms.clauses.terms import Term, defined_terms, terms_on
from graphsms.errors import InputError
from graphsms.ontology import load

_NUMBER = {"2018": re.compile(r"\**(3\.[12]\.\d+)\b\**\s*(.*)"), "2011": re.compile(r"(3\.\d+)\b\s*(.*)")}


def stated(edition: str) -> dict[str, str]:
    """The numbers of the defined terms in the text, with the terms themselves."""
    file = SEEDS / f"iso-20000-1-{edition}.txt"
    if not file.is_file():
        pytest.skip(f"needs the text of the standard in {file}, which has to be bought")
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = {}
    for line, after in pairwise(lines):
        if numbered := _NUMBER[edition].fullmatch(line):
            found[numbered[1]] = (numbered[2] or after).strip("*").partition(", ")[0]
    return found


def by_number(edition: str) -> dict[str, Term]:
    return {one.number: one for one in defined_terms() if one.edition == edition}


@pytest.mark.parametrize("edition", ["2018", "2011"])
def test_every_defined_term_is_there_under_its_number(edition: str) -> None:
    assert {number: one.name for number, one in by_number(edition).items()} == stated(edition)


@pytest.mark.parametrize(("edition", "many"), [("2018", 50), ("2011", 37)])
def test_terms_stand_in_order_of_their_numbers(edition: str, many: int) -> None:
    numbers = [[int(part) for part in number.split(".")] for number in by_number(edition)]
    assert numbers == sorted(numbers)
    assert len(numbers) == many


def test_the_newest_edition_comes_first() -> None:
    assert [one.edition for one in defined_terms()] == ["2018"] * 50 + ["2011"] * 37


def test_abbreviations_are_other_names() -> None:
    found = {name: one.name for one in defined_terms() for name in one.also}
    assert found["SLA"] == "service level agreement"
    assert found["SMS"] == "service management system"
    assert found["CI"] == "configuration item"
    assert found["CMDB"] == "configuration management database"


def test_terms_lead_to_classes_of_our_ontology() -> None:
    words = load()
    known = {*words.types, *words.code_lists}
    assert {name for one in defined_terms() for name in (*one.types, *one.about)} <= known
    incident = by_number("2018")["3.2.5"]
    assert incident.types == ("Incident",)


def test_every_term_says_what_it_means() -> None:
    for one in defined_terms():
        assert one.definition.endswith(".")
        assert one.types or one.about, one.name


@pytest.mark.parametrize("edition", ["2018", "2011"])
def test_broader_terms_end_somewhere_and_related_terms_say_so_both_ways(edition: str) -> None:
    terms = by_number(edition)
    for one in terms.values():
        above, at = set(), one
        while at.broader:
            (number,) = at.broader
            assert number not in above
            above.add(number)
            at = terms[number]
        assert not above.intersection(one.related)  # a term is not both, by SKOS
        assert all(one.number in terms[other].related for other in one.related)


@pytest.mark.parametrize("end", ["same", "near"])
def test_the_way_between_the_editions_leads_both_ways(end: str) -> None:
    newer, older = by_number("2018"), by_number("2011")
    there = {(one.number, other) for one in newer.values() for other in getattr(one, end)}
    back = {(other, one.number) for one in older.values() for other in getattr(one, end)}
    assert there == back
    assert there


def test_what_is_the_same_has_one_name_and_what_is_near_says_why() -> None:
    newer = by_number("2018")
    for one in by_number("2011").values():
        assert all(newer[number].name == one.name and newer[number].types == one.types for number in one.same)
        assert not (one.same and one.near)
        if one.near and newer[one.near[0]].name != one.name:
            assert one.note, one.name  # renamed


def test_what_2018_no_longer_defines_says_so() -> None:
    gone = {one.name for one in by_number("2011").values() if not one.same and not one.near}
    assert gone == {"configuration baseline", "configuration management database", "preventive action"}
    assert all(one.note for one in by_number("2011").values() if one.name in gone)


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("CMDB", "configuration management database"),
        ("3.2.18", "service component"),
        ("known", "known error"),
        ("SupplyRelationship", "outsource"),
        ("  service   level agreement ", "service level agreement"),
    ],
)
def test_a_word_finds_terms_by_name_abbreviation_and_number(word: str, first: str) -> None:
    assert terms_on(word)[0].name == first


def test_names_come_before_definitions() -> None:
    found = [one.name for one in terms_on("incident", "2018")]
    assert found[0] == "incident"
    assert found.index("information security incident") < found.index("problem")


def test_terms_are_no_entities_of_the_graph() -> None:
    assert "terms" not in {file.stem for file in catalogue_files()}


def test_python_gives_the_terms_of_an_edition(tmp_path: object) -> None:
    with graphsms.open(f"{tmp_path}/sms.db") as graph:
        assert [one.number for one in graph.obligations.terms("preventive action", "2011")] == ["3.18"]
        assert len(graph.obligations.terms()) == 87
        with pytest.raises(InputError, match="There is no edition '2005'"):
            graph.obligations.terms(edition="2005")
