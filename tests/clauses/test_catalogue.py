"""The clause catalogue: nothing that the standard demands is missing, and nothing in it is the standard's own words."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest

from clauses.anchors_of_text import SEEDS, Anchor, Read, anchors_of
from graphsms.clauses import Catalogue, Requirement, catalogue, catalogue_files
from graphsms.ingest import ingest
from graphsms.ontology import load
from graphsms.store import open_store

EDITIONS = ("2018", "2011")


@pytest.fixture(scope="module")
def found() -> Catalogue:
    return catalogue(load())


@pytest.fixture(scope="module", params=EDITIONS)
def edition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def text(edition: str) -> Read:
    file = SEEDS / f"iso-20000-1-{edition}.txt"
    if not file.is_file():
        pytest.skip(f"needs the text of the standard in {file}, which has to be bought")
    return anchors_of(file.read_text(encoding="utf-8"), edition)


def test_the_text_is_read_as_an_auditor_counts_it() -> None:
    read = anchors_of(
        "4 Context of the organization\n\n4.1 Scope\n\nIt shall be one. It is none. It shall be:\n\n- a) this;\n"
        " - 1) deep;\n- b) that.\n\nNOTE It shall not count:\n\n- neither this.\n\n"
        "4.2 It shall be two and shall be three.\n\nIt shall list:\n\n- first;\n- second.\n\n"
        "Bibliography\n\nIt shall not be read.",
        "2018",
    )
    assert read.clauses == {"4": "Context of the organization", "4.1": "Scope", "4.2": None}
    assert [(one.clause, one.sentence, one.item, one.shalls) for one in read.anchors] == [
        ("4.1", 1, "", 1),
        ("4.1", 2, "", 1),
        ("4.1", 2, "a)", 1),
        ("4.1", 2, "a) 1)", 1),
        ("4.1", 2, "b)", 1),
        ("4.2", 1, "", 2),
        ("4.2", 2, "", 1),
        ("4.2", 2, "—1", 1),
        ("4.2", 2, "—2", 1),
    ]


def test_every_clause_is_there_with_its_title(found: Catalogue, edition: str, text: Read) -> None:
    ours = {one.number: one for one in found.clauses.values() if one.edition == edition}
    assert list(ours) == list(text.clauses)
    for number, title in text.clauses.items():
        above = number
        while title is None:
            above = above.rpartition(".")[0]
            title = text.clauses[above]
        assert ours[number].title == title
        assert ours[number].parent == number.rpartition(".")[0]


def test_nothing_that_is_demanded_is_missing(found: Catalogue, edition: str, text: Read) -> None:
    ours = [(one.clause, one.sentence, one.item) for one in found.of_edition(edition)]
    wanted = [(one.clause, one.sentence, one.item) for one in text.anchors]
    assert [key for key, _ in groupby(ours)] == wanted  # in this order, two duties of one sentence side by side


def test_there_is_a_node_for_each_shall(found: Catalogue, edition: str, text: Read) -> None:
    ours = Counter((one.clause, one.sentence, one.item) for one in found.of_edition(edition))
    few = [one for one in text.anchors if ours[one.clause, one.sentence, one.item] < one.shalls]
    assert few == []


def test_what_is_only_permitted_is_no_demand(found: Catalogue, edition: str, text: Read) -> None:
    permitted: list[Anchor] = [one for one in text.anchors if one.permits]
    heads = {(one.clause, one.sentence) for one in permitted}
    ours = {(one.clause, one.sentence) for one in found.of_edition(edition) if not one.mandatory}
    assert ours == heads


def test_an_anchor_is_where_it_stands(found: Catalogue) -> None:
    for one in found.requirements.values():
        assert one.anchor == f"{one.clause} ({one.sentence}){' ' if one.item else ''}{one.item}"
        assert one.paraphrase.endswith(".")
        assert one.duty in ("document", "do")
        assert one.demands
        assert one.by


def test_items_stand_under_the_head_of_their_list(found: Catalogue) -> None:
    for one in found.requirements.values():
        assert bool(one.item) == bool(one.head)
        if one.head:
            head = found.requirements[one.head]
            assert one.id in head.items
            assert (head.clause, head.sentence) == (one.clause, one.sentence)
            assert head.item == " ".join(one.item.split()[:-1])


def test_requirements_are_about_types_and_what_is_wanted(found: Catalogue) -> None:
    known = {*load().types, *load().code_lists}
    strange = {name for one in found.requirements.values() for name in one.about if name not in known}
    assert strange == set()


def test_each_demand_of_2011_became_something_or_was_dropped_with_a_reason(found: Catalogue) -> None:
    for one in found.of_edition("2011"):
        if one.became:
            assert one.change == ""
        else:
            assert one.change == "dropped"
            assert one.note
        for end in one.became:
            assert found.requirements[end.id].edition == "2018"
            assert end.change in {"same", "changed", "split", "merged", "moved"}
            assert end.note or end.change == "same"


def test_a_demand_of_2018_without_ancestor_is_new_and_no_other(found: Catalogue) -> None:
    def is_new(one: Requirement) -> bool:
        return one.change == "new"

    wrong = [one.id for one in found.of_edition("2018") if one.mandatory and is_new(one) == bool(one.came_from)]
    assert wrong == []


def test_what_split_has_several_ends(found: Catalogue) -> None:
    for one in found.of_edition("2011"):
        if "split" in {end.change for end in one.became}:
            assert len(one.became) > 1, one.id


def test_the_graph_can_show_something_of_most_of_what_operation_asks(found: Catalogue) -> None:
    of_8 = [one for one in found.of_edition("2018") if one.clause.startswith("8.") and not one.items and one.mandatory]
    assert sum(bool(one.computed) for one in of_8) > len(of_8) / 2


def test_the_catalogue_is_an_import_like_any_other(found: Catalogue, tmp_path: object) -> None:
    with open_store(f"{tmp_path}/sms.db") as store:
        verdict = ingest(store, catalogue_files(), source="catalogue", strict=True)
        assert (verdict.rejected, verdict.placeholders) == ((), ())
        assert {one.id for one in store.entities(type="Requirement")} == set(found.requirements)
