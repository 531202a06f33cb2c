"""``graphsms change policy`` keeps a policy with the graph, lets go of it, and shows who is told by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import run

POLICY = """numbering: CHG-{number:4}
told_too:
- {role: who pays, of: [ConfigurationItem], through: [^costOf]}
"""


@pytest.fixture
def policy(tmp_path: Path) -> str:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY, encoding="utf-8")
    return str(file)


def test_it_is_set_shown_and_unset_with_who_and_why(store: str, policy: str) -> None:
    ran = run("change", "policy", "--set", policy, "--actor", "ann", "--reason", "Decided", "--store", store)
    assert ran.code == 0, ran.err
    assert "is kept in change-management-policy, and holds from revision 2 on." in " ".join(ran.out.split())
    assert run("change", "policy", "--store", store).out.startswith("The policy kept in change-management-policy holds")
    logged = json.loads(run("log", "--json", "--store", store).out)
    assert any((one["actor"], one["reason"]) == ("ann", "Decided") for one in logged["revisions"])
    told = json.loads(run("change", "policy", "--json", "--store", store).out)
    assert (told["kept_in"], told["numbering"]) == ("change-management-policy", "CHG-{number:4}")
    again = run("change", "policy", "--set", policy, "--reason", "Once more", "--store", store)
    assert "holds as it was" in " ".join(again.out.split())
    ran = run("change", "policy", "--unset", "--reason", "Withdrawn", "--store", store)
    assert ran.out.startswith("No policy is kept any more: ours holds from revision 3 on.")
    assert run("change", "policy", "--store", store).out.startswith("Our policy holds")


def test_programs_are_told_what_was_kept(store: str, policy: str) -> None:
    ran = run("change", "policy", "--set", policy, "--reason", "Decided", "--json", "--store", store)
    said = json.loads(ran.out)
    assert (said["revision"], said["changed"], said["kept_in"]) == (2, True, "change-management-policy")
    assert (
        said["hash"] == json.loads(run("change", "policy", "--policy", policy, "--json", "--store", store).out)["hash"]
    )


def test_who_is_told_is_listed_for_people_and_programs(store: str, policy: str) -> None:
    ran = run("change", "policy", "--told", "--policy", policy, "--store", store)
    assert "who pays" in ran.out
    assert "^costOf" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    rows = json.loads(run("change", "policy", "--told", "--json", "--policy", policy, "--store", store).out)
    assert rows[-1] == {"role": "who pays", "of": ["ConfigurationItem"], "through": ["^costOf"], "to": []}
    listed = run("change", "policy", "--told", "--csv", "--policy", policy, "--store", store)
    assert listed.out.splitlines()[0] == "role,of,through,to"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--unset"], "Say why: --reason TEXT."),
        (["--unset", "--facts"], "Give one of --policy, --facts, --set and --unset."),
        (["--unset", "--reason", "x", "--told"], "With --set and --unset nothing is listed"),
        (["--reason", "x"], "--record and --reason belong to --set and --unset."),
        (["--unset", "--reason", "x"], "No policy for change management is kept: ours holds."),
        (["--set", "nowhere.yaml", "--reason", "x"], "nowhere.yaml"),
    ],
)
def test_what_cannot_be_done_is_said(store: str, words: list[str], said: str) -> None:
    ran = run("change", "policy", *words, "--store", store)
    assert ran.code == 2
    assert said in " ".join(ran.err.split())


def test_a_file_that_is_no_policy_is_not_kept(store: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("told:\n- {role: x, of: [Nothing], through: []}\n", encoding="utf-8")
    ran = run("change", "policy", "--set", str(tmp_path / "bad.yaml"), "--reason", "x", "--store", store)
    assert ran.code == 2
    assert "The ontology has no type 'Nothing'" in ran.err
    assert ":2:" in ran.err
