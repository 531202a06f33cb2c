"""The pages about relations and vocabulary say what the ontology says."""

from __future__ import annotations

import re
import runpy
from functools import lru_cache
from pathlib import Path

import pytest

from graphsms.ontology import load
from graphsms.vocabulary import Propagation

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"


@lru_cache(maxsize=1)
def generated() -> dict[str, str]:
    made: dict[str, str] = runpy.run_path(str(ROOT / "scripts" / "vocabulary_pages.py"))["pages"]()
    return made


def rows(page: str) -> list[list[str]]:
    """The cells of every row of every table, headings and rulers left out."""
    lines = [line for line in generated()[page].splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


@pytest.mark.parametrize("page", ["relations.md", "vocabulary.md"])
def test_a_page_is_what_its_script_writes(page: str) -> None:
    written = (REFERENCE / page).read_text("utf-8")
    assert written == generated()[page], "out of date: run python scripts/vocabulary_pages.py"


def test_every_relation_is_in_the_table_once_and_says_which_way_failure_travels() -> None:
    table = {row[0].split("`")[1]: row for row in rows("relations.md")}
    assert len(rows("relations.md")) == len(table)
    assert table.keys() == load().relations.keys()
    for relation in load().relations.values():
        row = table[relation.name]
        assert f"`{relation.relationship_type}`" in row
        if relation.propagation is not Propagation.NONE:
            assert row[2] == ("from" if relation.propagation is Propagation.OBJECT_TO_SUBJECT else "to")
            assert relation.why in row


def test_a_strength_is_shown_where_what_is_hit_can_fail_and_only_there() -> None:
    shown = {row[0].split("`")[1]: row[3] for row in rows("relations.md") if len(row) == 6}
    assert shown["dependsOn"] == "hard"
    assert shown["staffedBy"] == "soft"
    assert shown["covers"] == ""  # an agreement is told the worst state, however strongly it hangs on it


def test_every_type_property_and_code_is_in_the_vocabulary() -> None:
    words = load()
    named = {row[0].split("`")[1] for row in rows("vocabulary.md")}
    assert words.types.keys() | words.properties.keys() <= named
    assert {code.notation for codes in words.code_lists.values() for code in codes.codes} <= named
    headings = set(re.findall(r"^### (\w+)$", generated()["vocabulary.md"], re.MULTILINE))
    assert headings == set(words.code_lists)


def test_no_row_has_an_empty_meaning() -> None:
    for page in generated():
        for row in rows(page):
            assert all(len(cell) > 1 for cell in row[:2]), f"{page}: {row}"
