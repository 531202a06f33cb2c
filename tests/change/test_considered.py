"""What an assessment considers is data, and every term in it is one of the ontology."""

from __future__ import annotations

import pytest

from graphsms.change.considering import considered
from graphsms.change.kinds import KINDS
from graphsms.ontology import load

WORDS = load()
SPECS = [*considered().beside, *(spec for section in considered().sections for spec in section.parts)]


def test_there_is_a_section_for_each_letter_of_the_clause_in_order() -> None:
    assert [section.letter for section in considered().sections] == ["a", "b", "c", "d", "e"]
    assert all(section.parts for section in considered().sections)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.title)
def test_each_part_names_a_kind_and_terms_of_the_ontology(spec) -> None:  # type: ignore[no-untyped-def]
    assert spec.kind in KINDS
    assert {*spec.types, *spec.without} <= WORDS.types.keys()
    assert {*spec.named} <= WORDS.relations.keys()
    assert {*spec.show, *([spec.status] if spec.status else [])} <= WORDS.properties.keys()
    for property in spec.show:
        assert any(WORDS.properties[property] in WORDS.properties_of(type) for type in every(spec.types)), property


def every(types: tuple[str, ...]) -> set[str]:
    return {one for type in types for one in WORDS.subtypes[type]}


@pytest.mark.parametrize("telling", considered().told, ids=lambda one: f"{one.role}: {'/'.join(one.through)}")
def test_each_chain_to_who_is_told_can_be_walked(telling) -> None:  # type: ignore[no-untyped-def]
    assert {*telling.of, *telling.to} <= WORDS.types.keys()
    reached = every(telling.of or ("RequestForChange",))
    for name in telling.through:
        relation = WORDS.relations[name.removeprefix("^")]
        ends = (relation.range, relation.domain) if name.startswith("^") else (relation.domain, relation.range)
        assert reached & every(ends[0]), f"nothing on the way has {name}"
        reached = every(ends[1])
    assert not telling.to or reached & every(telling.to)
