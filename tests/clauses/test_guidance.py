"""The guide as data: nothing of it is missing, and all of it leads to what the standard demands."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

import graphsms
from clauses.anchors_of_text import SEEDS
from graphsms.clauses import Catalogue, Guidance, catalogue
from graphsms.clauses.guidance import counterparts_on, guidance_on, kinds_of_guidance, places
from graphsms.clauses.references import meant
from graphsms.clauses.runs import runs_of
from graphsms.errors import InputError
from graphsms.ontology import load

PAGE = Path(__file__).parents[2] / "docs" / "clauses.md"
_SECOND = re.compile(r"_\d+$")  # a second item made of one row of the guide


@pytest.fixture(scope="module")
def found() -> Catalogue:
    return catalogue(load())


def of_kind(found: Catalogue, kind: str) -> list[Guidance]:
    return list(guidance_on(found, kind))


def rows_of(items: list[Guidance]) -> list[tuple[str, int]]:
    """How many rows of the guide stand in each group."""
    return [
        (category, len({_SECOND.sub("", one.id) for one in group}))
        for category, group in groupby(items, key=lambda one: one.category)
    ]


# ---------------------------------------------------------------- beside the guide, by numbers only


def sections() -> dict[str, list[str]]:
    """The lines of the guide by the headings of its parts that are of use here."""
    file = SEEDS / "implementation-guide.txt"
    if not file.is_file():
        pytest.skip(f"needs the guide in {file}")
    heads = (
        "Master assessment checklist", "Scoping the Service Management System", "Scope and outsourcing",
        "Implementation approach", "Capability and maturity model", "Assessment and audit approach",
        "Evidence request list", "Roles and responsibilities", "KPIs to track", "Readiness checklist",
        "Common gaps and pitfalls", "ISO/IEC 20000-1 mapped", "How ",
    )  # fmt: skip
    found: dict[str, list[str]] = {}
    at = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        head = next((one for one in heads if line == one or (one in heads[-2:] and line.startswith(one))), None)
        if head:
            at = head
        found.setdefault(at, []).append(line)
    return found


def tables(lines: list[str]) -> list[int]:
    """How many rows each table has, without its heading."""
    return [
        len([line for line in group if not line.startswith("|--")]) - 1
        for is_table, group in ((key, list(its)) for key, its in groupby(lines, key=lambda one: one.startswith("|")))
        if is_table
    ]


def bullets(lines: list[str]) -> int:
    return sum(line.startswith("- ") for line in lines)


def test_every_row_of_the_checklist_has_an_item(found: Catalogue) -> None:
    assert [rows for _, rows in rows_of(of_kind(found, "checklist"))] == tables(
        sections()["Master assessment checklist"]
    )


def test_every_evidence_request_has_an_item_in_its_category(found: Catalogue) -> None:
    lines = sections()["Evidence request list"]
    per_category = [
        len(list(group)) for is_bullet, group in groupby(lines, key=lambda one: one.startswith("- ")) if is_bullet
    ]
    assert [rows for _, rows in rows_of(of_kind(found, "evidence request"))] == per_category
    assert len(per_category) == 6


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("indicator", "KPIs to track"),
        ("readiness", "Readiness checklist"),
        ("common gap", "Common gaps and pitfalls"),
        ("audit", "Assessment and audit approach"),
    ],
)
def test_every_point_of_a_list_has_an_item(found: Catalogue, kind: str, head: str) -> None:
    assert len(of_kind(found, kind)) == bullets(sections()[head])


@pytest.mark.parametrize(
    ("kind", "head"), [("role", "Roles and responsibilities"), ("maturity", "Capability and maturity model")]
)
def test_every_row_of_a_table_has_an_item(found: Catalogue, kind: str, head: str) -> None:
    assert [len(of_kind(found, kind))] == tables(sections()[head])


def test_scoping_has_its_points_and_what_the_text_beside_them_says(found: Catalogue) -> None:
    beside = {"guide/scoping-governance", "guide/scoping-size"}
    items = [one for one in of_kind(found, "scoping") if one.id not in beside]
    assert sum(rows for _, rows in rows_of(items)) == bullets(sections()["Scoping the Service Management System"])


def test_every_phase_has_its_activities_and_deliverables(found: Catalogue) -> None:
    lines = sections()["Implementation approach"]
    activities = [line.count(";") + 1 for line in lines if line.startswith("- Activities:")]
    ours = of_kind(found, "phase")
    heads = [one for one in ours if one.id.count("-") == 1]
    assert len(heads) == len(activities) == 5
    assert [rows - 1 for _, rows in rows_of(ours)] == activities
    assert all(len(one.evidence) >= 5 for one in heads)


def test_every_area_that_the_guide_maps_has_counterparts(found: Catalogue) -> None:
    (rows,) = tables(sections()["ISO/IEC 20000-1 mapped"])
    areas = ["8.3.3", "8.6.1", "8.6.3", "8.5.1", "8.5.3", "8.2.6", "8.7.2", "8.7.3", "8.7.1", "8.3.4", "10", "4"]
    assert len(areas) == rows
    assert all(counterparts_on(found, None, meant(area, found)) for area in areas)


# ---------------------------------------------------------------- what it leads to


def test_guidance_leads_to_what_there_is(found: Catalogue) -> None:
    known = {*found.clauses, *found.requirements}
    for one in found.guidance.values():
        assert one.guides, one.id
        assert set(one.guides) <= known
        assert all(id.startswith("iso-20000-1-2018/") for id in one.guides)
        assert all(found.requirements[id].edition == "2011" for id in one.corresponds)


def test_positions_count_within_a_kind(found: Catalogue) -> None:
    for kind in kinds_of_guidance(found):
        items = of_kind(found, kind)
        assert [one.position for one in items] == list(range(1, len(items) + 1))


def test_every_kind_is_there(found: Catalogue) -> None:
    codes = {code.notation for code in load().code_lists["GuidanceKind"].codes}
    assert set(kinds_of_guidance(found)) == codes


def test_a_row_of_the_checklist_names_typical_evidence(found: Catalogue) -> None:
    assert all(one.evidence for one in of_kind(found, "checklist"))


def test_what_2011_asked_for_and_2018_does_not_says_so(found: Catalogue) -> None:
    beyond = [one for one in found.guidance.values() if one.good_practice and one.corresponds]
    assert len(beyond) > 10
    assert all(one.note for one in beyond)
    assert any("6.2" in at or "6.1 (7)" in at for one in beyond for at in places(found, one.corresponds))


def test_maturity_has_six_levels_from_0(found: Catalogue) -> None:
    levels = of_kind(found, "maturity")
    assert [one.name.split()[0] for one in levels] == list("012345")
    assert [one.position - 1 for one in levels] == list(range(6))


def test_every_indicator_can_be_computed_by_something_that_there_is(found: Catalogue) -> None:
    words = load()
    for one in of_kind(found, "indicator"):
        assert one.computable, one.id
        assert set(one.about) <= words.types.keys()
        for runs in map(runs_of, one.computable):
            assert set(runs.types) <= words.types.keys()
            for name in (*(name for name, _ in runs.where), *(name.removeprefix("^") for name in runs.having)):
                assert name in words.properties or name in words.relations, name
            for name, value in runs.where:
                code_list = words.properties[name].code_list
                assert code_list is None or words.code_lists[code_list].code(value) is not None


def test_every_clause_that_demands_something_is_on_the_checklist(found: Catalogue) -> None:
    on = {at.partition(" ")[0] for one in of_kind(found, "checklist") for at in places(found, one.guides)}
    assert on >= {one.clause for one in found.of_edition("2018") if one.mandatory}


# ---------------------------------------------------------------- where the guide numbers differently


def test_every_difference_in_numbers_is_listed_on_the_page(found: Catalogue) -> None:
    listed = PAGE.read_text(encoding="utf-8").partition("## Where the guide numbers differently")[2]
    assert listed
    said = Counter(
        place
        for one in found.guidance.values()
        for place in re.findall(r"The guide has it under (?:clause )?([\d.]+)\.", one.note)
    )
    assert set(said) == {"4", "6", "8.3.1", "8.3.2", "8.3.3"}
    assert all(re.search(rf"^\| {re.escape(place)}[ ,|]", listed, re.MULTILINE) for place in said)


# ---------------------------------------------------------------- asking for it


def test_guidance_on_a_clause_is_on_all_below_it_too(found: Catalogue) -> None:
    whole = guidance_on(found, None, meant("8.3", found))
    part = guidance_on(found, None, meant("8.3.4", found))
    assert {one.id for one in part} < {one.id for one in whole}


def test_guidance_on_an_item_is_also_that_on_its_list(found: Catalogue) -> None:
    on_head = guidance_on(found, "role", meant("8.6.1 (1)", found))
    on_item = guidance_on(found, "role", meant("8.6.1 (1) c)", found))
    assert [one.id for one in on_head] == ["guide/role-incident-and-problem-manager"]
    assert on_item == on_head


def test_what_only_2011_asked_is_found_from_there(found: Catalogue) -> None:
    on = guidance_on(found, None, meant("2011:4.1.4", found))
    assert [one.id for one in on] == ["guide/checklist-5-5"]
    assert on[0].good_practice


def test_an_unknown_kind_is_told_with_those_that_there_are(found: Catalogue) -> None:
    with pytest.raises(InputError, match=r"no guidance of the kind 'roles'; there are checklist, .*role"):
        guidance_on(found, "roles")


def test_places_are_written_as_people_do(found: Catalogue) -> None:
    assert places(found, ("iso-20000-1-2018/8.2.6", "iso-20000-1-2011/9.1-1", "iso-20000-1-2018/8.2.6")) == (
        "8.2.6",
        "2011:9.1 (1)",
    )


def test_python_gives_guidance(tmp_path: object) -> None:
    with graphsms.open(f"{tmp_path}/sms.db") as graph:
        assert len(graph.obligations.guidance("indicator")) == 18
        assert {one.kind for one in graph.obligations.guidance(reference="8.7.2")} > {"checklist", "common gap"}


# ---------------------------------------------------------------- other frameworks


def test_counterparts_are_those_of_five_frameworks(found: Catalogue) -> None:
    names = {one.framework for _, one in counterparts_on(found)}
    assert names == {"ITIL 4", "ISO/IEC 27001:2022", "COBIT 2019", "ISO 9001:2015", "ISO 22301:2019"}


def test_clauses_of_other_frameworks_are_none_of_the_standard(found: Catalogue) -> None:
    assert {one.edition for one in found.clauses.values()} == {"2018", "2011"}
    assert not [id for id in found.clauses if id.startswith("framework/")]


def test_the_controls_beside_change_management_are_found(found: Catalogue) -> None:
    beside = {(one.framework, one.number) for _, one in counterparts_on(found, None, meant("8.5.1", found))}
    assert {("ISO/IEC 27001:2022", "A.8.32"), ("COBIT 2019", "BAI06")} <= beside


def test_where_a_clause_has_none_the_next_above_that_has_some_counts(found: Catalogue) -> None:
    clauses = {clause.number for clause, _ in counterparts_on(found, "COBIT", meant("8.2.3.1 (4) a)", found))}
    assert clauses == {"8.2.3"}


def test_an_unknown_framework_is_told_with_those_that_there_are(found: Catalogue) -> None:
    with pytest.raises(InputError, match="no framework 'TOGAF'; there are ITIL 4, "):
        counterparts_on(found, "TOGAF")
