"""The policy for change management is data: what it says holds, and what is wrong with it is told by line and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphsms.change.classification import classify
from graphsms.change.conditions import FACTS
from graphsms.change.policy import OURS, read_policy
from graphsms.change.requests import Request
from graphsms.change.rules import CONCLUSIONS
from graphsms.errors import RejectedError
from graphsms.model import Entity, Fault
from graphsms.ontology import load

WORDS = load()
TEXT = OURS.read_text("utf-8")


def policy_with(tmp_path: Path, before: str, after: str) -> Path:
    """Ours with a part put otherwise."""
    assert TEXT.count(before) >= 1, before
    file = tmp_path / "change.yaml"
    file.write_text(TEXT.replace(before, after, 1), encoding="utf-8")
    return file


def faults_of(file: Path) -> list[Fault]:
    with pytest.raises(RejectedError) as caught:
        read_policy(WORDS, file)
    return list(caught.value.faults)


def category_when(tmp_path: Path, when: str) -> Path:
    """Ours with one more rule for the category, on one line."""
    rule = f"category:\n  - {{id: ours, says: emergency, when: {when}, because: We say so.}}\n"
    return policy_with(tmp_path, "category:\n", rule)


def line_of(file: Path, text: str) -> int:
    return next(number for number, line in enumerate(file.read_text("utf-8").splitlines(), 1) if text in line)


def test_ours_has_rules_for_all_that_is_concluded() -> None:
    policy = read_policy(WORDS)
    assert policy.rules.keys() == CONCLUSIONS.keys()
    for rules in policy.rules.values():
        assert not rules[-1].when
        assert all(rule.because for rule in rules)


def test_a_policy_of_ones_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    file = category_when(tmp_path, "{services_down_at_least: 1}")
    found = classify(Request(Entity("rfc-1", "RequestForChange"), ()), {"services_down": 2}, read_policy(WORDS, file))
    assert (found.category.says, found.category.rule) == ("emergency", "ours")
    assert found.category.facts == ("services down: 2",)


def test_what_a_policy_leaves_out_is_as_in_ours(tmp_path: Path) -> None:
    file = tmp_path / "change.yaml"
    file.write_text("mode: outage\n", encoding="utf-8")
    ours, own = read_policy(WORDS), read_policy(WORDS, file)
    assert (own.mode, own.ahead, own.rules) == ("outage", ours.ahead, ours.rules)
    assert own.hash != ours.hash


def test_removal_and_transfer_go_through_8_5_2_whatever_a_policy_says(tmp_path: Path) -> None:
    start = TEXT.index("\nroute:\n")
    end = TEXT.index("\n# How great the risk")
    file = tmp_path / "change.yaml"
    only = "\nroute:\n  - {id: never, says: 8.5.1.3, because: We never do.}\n"
    file.write_text(TEXT[:start] + only + TEXT[end:], encoding="utf-8")
    policy = read_policy(WORDS, file)
    request = Request(Entity("rfc-1", "RequestForChange"), ())

    def letter(**facts: object) -> str:
        return classify(request, facts, policy).letter  # type: ignore[arg-type]

    assert letter(acts_on=frozenset({("Service", "removal")})) == "d"
    transfer = frozenset({("Service", "service transfer")})
    assert letter(acts_on=transfer, hands_over=True, takes_over=False) == "e"
    assert letter(acts_on=transfer, hands_over=False, takes_over=True) == "f"
    assert letter(acts_on=transfer, hands_over=False, takes_over=False) == "e"
    assert letter(introduced_type=frozenset({"Service"}), takes_over=True) == "f"
    assert letter(acts_on=frozenset({("Server", "removal")})) == ""
    assert letter(acts_on=frozenset({("Service", "outage")}), major_impact_recorded=True) == ""


@pytest.mark.parametrize(
    ("when", "rule", "told"),
    [
        ("{servces_down_at_least: 1}", "unknown-fact", "Did you mean services_down_at_least"),
        ("{services_down: 1}", "unknown-fact", "services_down_at_least, services_down_at_most"),
        ("{services_down_at_least: many}", "not-a-number", "whole number"),
        ("{services_down_at_least: [1]}", "wrong-form", "one value"),
        ("{lead_time_at_most: 2 days}", "not-a-duration", "no duration"),
        ("{mode_any: removal}", "wrong-form", "list"),
        ("{mode_any: [remval]}", "unknown-code", "Did you mean removal"),
        ("{touched_type_any: [Servis]}", "unknown-code", "Did you mean Service"),
        ("{criticality_down_at_least: huge}", "unknown-code", "huge"),
        ("{tested: maybe}", "wrong-form", "yes or no"),
        ("{not_known: [tasted]}", "unknown-fact", "Did you mean tested"),
        ("{acts_on: {kind: Service}}", "wrong-form", "type: ..., mode: ..."),
        ("{acts_on: {type: Servis}}", "unknown-code", "Did you mean Service"),
        ("{route_any: [8.5.1.3]}", "concluded-later", "concluded after"),
        ("{category_any: [normal]}", "concluded-later", "concluded after"),
        ("[]", "wrong-form", "mapping"),
        ("{}", "wrong-form", "mapping"),
        ("yes", "wrong-form", "mapping"),
    ],
)
def test_a_wrong_condition_is_told_with_its_line_its_rule_and_what_to_do(
    tmp_path: Path, when: str, rule: str, told: str
) -> None:
    file = category_when(tmp_path, when)
    (fault,) = faults_of(file)
    assert (fault.rule, fault.subject) == (rule, "ours")
    assert fault.origin.line == line_of(file, "We say so")
    assert told in fault.message


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("mode: change\n", "mode: chnge\n", "unknown-code"),
        ("mode: change\n", "mode: [change]\n", "wrong-form"),
        ("mode: change\n", "mode:\n", "missing-key"),
        ("mode: change\n", "mode: change\nmodes: x\n", "unknown-key"),
        ("numbering: rfc-{number:4}", "numbering: rfc", "wrong-form"),
        ("numbering: rfc-{number:4}", "numbering: 'rfc-{number}{x}'", "wrong-form"),
        ("begins_as: recorded", "begins_as: recrded", "unknown-code"),
        ("says: standard", "says: standrd", "unknown-code"),
        ("id: well-known", "id: urgent", "repeated-id"),
        ("    because: A service of high criticality goes down.\n", "", "missing-key"),
        ("  - id: well-known\n", "  - id: well-known\n    wen: x\n", "unknown-key"),
        ("    when: {in_freeze: yes}\n", "", "never-reached"),
        ("unsuccessful: [reversed, unsuccessful]", "unsuccessful: reversed", "wrong-form"),
    ],
)
def test_a_wrong_policy_is_told_with_its_rule(tmp_path: Path, before: str, after: str, rule: str) -> None:
    faults = faults_of(policy_with(tmp_path, before, after))
    assert [one.rule for one in faults] == [rule]
    assert all(one.origin.line for one in faults)


def test_a_policy_must_conclude_something_whatever_the_facts_are(tmp_path: Path) -> None:
    file = policy_with(
        tmp_path, "  - id: otherwise\n    says: low\n", "  - id: x\n    when: {tested: yes}\n    says: low\n"
    )
    assert [one.rule for one in faults_of(file)] == ["nothing-otherwise"]


def test_every_fault_of_a_policy_is_listed_at_once(tmp_path: Path) -> None:
    file = tmp_path / "change.yaml"
    text = TEXT.replace("says: standard", "says: standrd").replace("in_freeze: yes", "frozen: yes")
    file.write_text(text, encoding="utf-8")
    assert sorted(one.rule for one in faults_of(file)) == ["unknown-code", "unknown-fact"]


@pytest.mark.parametrize("content", ["", "[]", "a: [", "mode: {{x}}", "route: !!python/object:os.system x"])
def test_what_is_no_policy_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "change.yaml"
    file.write_text(content, encoding="utf-8")
    assert faults_of(file)


def test_a_policy_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    assert [one.rule for one in faults_of(tmp_path / "none.yaml")] == ["unreadable"]
    file = tmp_path / "large.yaml"
    file.write_text("# " + "x" * (1 << 20), encoding="utf-8")
    assert [one.rule for one in faults_of(file)] == ["too-large"]


def test_the_documentation_lists_every_fact() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "how-to" / "change-policy.md").read_text("utf-8")
    assert [name for name in FACTS if f"`{name}`" not in page] == []
