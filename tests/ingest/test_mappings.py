"""The mappings of foreign formats speak the words of the ontology."""

from __future__ import annotations

from typing import Any

import pytest

from graphsms.ingest.foreign import mapping, mapping_names, mapping_terms
from graphsms.ontology import load


@pytest.mark.parametrize("name", mapping_names())
def test_every_type_relation_and_property_of_a_mapping_is_one_of_the_ontology(name: str) -> None:
    vocabulary = load()
    known = {"type": vocabulary.types, "relation": vocabulary.relations, "property": vocabulary.properties}
    terms = list(mapping_terms(mapping(name)))
    assert {kind for kind, _ in terms} == known.keys()
    assert [(kind, term) for kind, term in terms if term not in known[kind]] == []


@pytest.mark.parametrize("name", mapping_names())
def test_what_a_mapping_says_of_relations_they_can_carry(name: str) -> None:
    on_relations = {one.name for one in load().properties.values() if one.on_relations}

    def said(node: object) -> set[str]:
        if isinstance(node, list):
            return set().union(*map(said, node))
        if not isinstance(node, dict):
            return set()
        own = set(node["properties"]) if "relation" in node and isinstance(node.get("properties"), dict) else set()
        return own.union(*map(said, node.values()))

    assert said(mapping(name)) <= on_relations


@pytest.mark.parametrize("name", mapping_names())
def test_every_code_of_a_mapping_is_one_of_its_propertys(name: str) -> None:
    vocabulary = load()

    def rules(node: object) -> list[dict[str, Any]]:
        if isinstance(node, list):
            return [each for one in node for each in rules(one)]
        if not isinstance(node, dict):
            return []
        own = [node] if "property" in node and isinstance(node.get("codes"), dict) and "from" in node else []
        return own + [each for one in node.values() for each in rules(one)]

    for rule in rules(mapping(name)):
        codes = vocabulary.code_lists[vocabulary.properties[rule["property"]].code_list or ""]
        said = [each for one in rule["codes"].values() for each in (one.values() if isinstance(one, dict) else [one])]
        assert [one for one in said if one is not None and codes.code(one) is None] == [], rule["property"]


def test_lifecycles_of_backstage_become_codes_of_ours() -> None:
    rule = mapping("backstage")["lifecycles"]
    assert isinstance(rule, dict)
    vocabulary = load()
    codes = vocabulary.code_lists[vocabulary.properties[rule["property"]].code_list or ""]
    assert {codes.code(one) is not None for one in rule["codes"].values()} == {True}


def test_there_is_a_mapping_for_each_foreign_format() -> None:
    from graphsms.ingest.files import readers

    # What an import left out comes back in the words of the ontology.
    formats = {one.name for one in readers() if one.foreign} - {"rejected"}
    assert mapping_names() == sorted(formats)
