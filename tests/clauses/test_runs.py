"""What checks run is said in three forms, and every check of the catalogue is in one of them."""

from __future__ import annotations

import pytest

from graphsms.clauses import catalogue
from graphsms.clauses.runs import ANALYSIS, OCCURRENCES, OR, RECORDS, holds, runs_of
from graphsms.errors import InputError
from graphsms.obligations.analyses import ANALYSES, DECLARED, FINDINGS
from graphsms.ontology import load


def test_every_check_of_the_catalogue_runs_something_that_there_is() -> None:
    words = load()
    named = 0
    for check in catalogue(words).checks.values():
        runs = runs_of(check.runs)
        assert set(runs.types) <= words.types.keys(), check.runs
        for property, _ in runs.where:
            assert property in words.properties, check.runs
        for one in runs.having:
            known = words.relations if one.startswith("^") else {**words.relations, **words.properties}
            assert one.removeprefix("^") in known, check.runs
        if runs.kind == ANALYSIS:
            named += 1
            assert runs.name in {*FINDINGS, *ANALYSES, *DECLARED}, check.runs
    assert named > 20


def test_the_values_of_conditions_are_those_of_the_code_lists() -> None:
    words = load()
    for check in catalogue(words).checks.values():
        for property, value in runs_of(check.runs).where:
            code_list = words.properties[property].code_list
            if code_list:
                for one in value.split(OR):
                    assert words.code_lists[code_list].code(one) is not None, check.runs


def test_what_is_there_is_not_declared_to_come() -> None:
    assert DECLARED.isdisjoint({*FINDINGS, *ANALYSES})


def test_values_may_be_of_several_words_and_conditions_several() -> None:
    found = runs_of(
        "records of Supply where supplyKind = customer acting as a supplier and mode = operates with ^covers"
    )
    assert found.kind == RECORDS
    assert found.where == (("supplyKind", "customer acting as a supplier"), ("mode", "operates"))
    assert found.having == ("^covers",)
    assert runs_of("occurrences of Release, Deployment where outcome = unsuccessful").types == ("Release", "Deployment")
    assert runs_of("occurrences of Release").kind == OCCURRENCES


@pytest.mark.parametrize(
    "text", ["", "records", "records of", "records of A with", "analysis", "analysis a b", "records of A where b"]
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(InputError, match="A check cannot run"):
        runs_of(text)


def test_of_several_values_one_is_enough() -> None:
    (where,) = {runs_of("occurrences of Case where caseStatus = resolved or closed and priority = high").where}
    assert where == (("caseStatus", "resolved or closed"), ("priority", "high"))
    assert holds(where, {"caseStatus": "closed", "priority": "high"})
    assert not holds(where, {"caseStatus": "new", "priority": "high"})
    # Nobody has said how it stands: it may be one.
    assert holds(where, {"priority": "high"}, unsaid=True)


def test_a_condition_holds_for_one_of_several_values_and_booleans_are_words() -> None:
    assert holds((("area", "cost"),), {"area": ("quality", "cost")})
    assert holds((("lead", "true"),), {"lead": True})
    assert not holds((("lead", "true"),), {"lead": False})
    assert not holds((("area", "cost"),), {})
