"""From which state a request for change may go into which: data of the policy, with its faults told."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphsms.change.policy import OURS, read_policy
from graphsms.errors import InputError, RejectedError
from graphsms.ontology import load

WORDS = load()


def test_every_state_of_the_ontology_has_its_ways_in_our_policy() -> None:
    life = read_policy(WORDS).life
    codes = WORDS.code_lists[str(WORDS.properties["changeStatus"].code_list)].codes
    assert set(life.transitions) == {code.notation for code in codes}
    ahead = {"draft"}
    while more := {to for one in ahead for to in life.transitions[one]} - ahead:
        ahead |= more
    assert ahead == set(life.transitions)  # there is none that no request ever gets to


def test_a_request_without_a_state_may_go_anywhere_and_one_in_a_state_may_stay() -> None:
    life = read_policy(WORDS).life
    life.require("rfc-1", "", "closed")
    life.require("rfc-1", "closed", "closed")
    with pytest.raises(InputError, match="rfc-1 is closed, and stays so"):
        life.require("rfc-1", "closed", "draft")


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("draft: [recorded, cancelled]", "drafted: [recorded]", "no such code 'drafted'"),
        ("draft: [recorded, cancelled]", "draft: [recorde]", "no such code 'recorde'"),
        ("draft: [recorded, cancelled]", "draft: recorded", "state to the list"),
        ("decided: {approved: approved,", "decided: {agreed: approved,", "no such code 'agreed'"),
        ("decided: {approved: approved, deferred: deferred, rejected: rejected}", "decided: approved", "a mapping"),
    ],
)
def test_a_policy_whose_ways_are_wrong_is_refused_with_the_line(
    tmp_path: Path, was: str, becomes: str, says: str
) -> None:
    ours = OURS.read_text("utf-8")
    assert was in ours
    file = tmp_path / "policy.yaml"
    file.write_text(ours.replace(was, becomes), "utf-8")
    with pytest.raises(RejectedError) as refused:
        read_policy(WORDS, file)
    assert any(says in fault.message and fault.origin.line for fault in refused.value.faults)
