"""What people write for a clause, and what they mean."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsms.clauses import Catalogue, catalogue
from graphsms.clauses.references import meant
from graphsms.errors import InputError
from graphsms.ontology import load

FOUND = catalogue(load())


@pytest.fixture
def found() -> Catalogue:
    return FOUND


@pytest.mark.parametrize(
    "written",
    [
        "8.2.3.1 a)",
        "8.2.3.1 (4) a)",
        "8.2.3.1a",
        "8.2.3.1 A)",
        "8.2.3.1(4)a)",
        "clause 8.2.3.1 a)",
        "2018:8.2.3.1 a)",
        "ISO/IEC 20000-1:2018, 8.2.3.1 a)",
        "ISO/IEC 20000-1:2018, clause 8.2.3.1 a)",
        "ISO 20000-1 8.2.3.1 a)",
        "iso-20000-1-2018/8.2.3.1-4-a",
    ],
)
def test_one_place_has_many_names(found: Catalogue, written: str) -> None:
    assert [one.id for one in meant(written, found).requirements] == ["iso-20000-1-2018/8.2.3.1-4-a"]


def test_a_number_alone_is_the_clause_with_all_below_it(found: Catalogue) -> None:
    whole = meant("8.2.3", found)
    assert whole.whole
    assert {one.clause for one in whole.requirements} == {"8.2.3.1", "8.2.3.2"}
    assert meant("iso-20000-1-2018/8.2.3", found).requirements == whole.requirements


def test_the_edition_stands_ahead_or_beside(found: Catalogue) -> None:
    assert meant("2011:4.2", found).clause.title == "Governance of processes operated by other parties"
    assert meant("4.2", found, "2011") == meant("2011:4.2", found)
    assert meant("2018:4.2", found, "2011").clause.edition == "2018"


def test_two_duties_of_one_sentence_are_meant_together(found: Catalogue) -> None:
    both = meant("8.3.2 (4)", found)
    assert len(both.requirements) == 2
    assert len({one.anchor for one in both.requirements}) == 1


def test_items_of_items_are_found(found: Catalogue) -> None:
    assert [one.anchor for one in meant("9.2.2 a) 3)", found).requirements] == ["9.2.2 (1) a) 3)"]
    assert [one.item for one in meant("2011:7.2 —1", found).requirements] == ["—1"]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("8.2.33", r"has no clause 8\.2\.33\. Did you mean 8\.2\.3 "),
        ("9" * 5000, r"has no clause 9+\. Did you mean 9 "),
        ("8.9", r"has no clause 8\.9\. Did you mean 8\.7 \(Service assurance\)"),
        ("8.2.3.1 z)", r"has no z\)\. It has 8\.2\.3\.1 \(1\)"),
        ("8.5.1.1 (7)", r"has no \(7\)"),
        ("8 a)", r"It states no requirements of its own"),
        ("configuration", "is no reference to a clause. Write it as"),
        ("2005:4.1", "There is no edition '2005'"),
        ("", "is no reference to a clause"),
    ],
)
def test_an_unknown_place_is_told_with_what_is_near(found: Catalogue, written: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        meant(written, found)


@given(st.sampled_from(sorted(FOUND.requirements)))
def test_every_anchor_leads_back_to_its_requirement(id: str) -> None:
    one = FOUND.requirements[id]
    assert one in meant(f"{one.edition}:{one.anchor}", FOUND).requirements


@given(st.text(max_size=20))
def test_whatever_is_written_is_understood_or_refused(written: str) -> None:
    with suppress(InputError):
        assert meant(written, FOUND).clause.number in written
