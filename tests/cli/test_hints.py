"""What a command proposes next can be typed as it stands, and is about the same graph."""

from __future__ import annotations

import ast
import shlex
from pathlib import Path

import click
import pytest

import graphsms.cli
from command_line import run
from graphsms.cli._output import next_command

ESTATE = """\
entities:
- {id: ann, type: Person, name: Ann}
- {id: web-1, type: Server, name: Web 1, model: A, ownedBy: ann}
- {id: web-2, type: Server, name: Web 2, ownedBy: ann}
"""
AGREES = "entities:\n- {id: web-1, type: Server, model: A}\n- {id: web-2, type: Server}\n"
LIST = "lists/ann.csv"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("estate.yaml").write_text(ESTATE)
    Path("same.yaml").write_text(AGREES)
    Path("differs.yaml").write_text(AGREES.replace("model: A", "model: B"))
    Path("more.yaml").write_text(AGREES + "- {id: web-3, type: Server}\n")
    Path("less.yaml").write_text(AGREES[: AGREES.index("- {id: web-2")])
    Path("changed.yaml").write_text(ESTATE.replace("model: A", "model: B"))
    for file in ("estate.yaml", "changed.yaml"):
        assert run("ingest", file, "--source", "cmdb", "--store", "estate.db").code == 0
    Path("same.yaml").write_text(AGREES.replace("model: A", "model: B"))
    Path("differs.yaml").write_text(AGREES)
    for file in ("more.yaml", "less.yaml"):
        Path(file).write_text(Path(file).read_text().replace("model: A", "model: B"))
    return "estate.db"


@pytest.mark.parametrize(
    ("command", "next_one"),
    [
        ("verify differs.yaml", "history web-1 --store estate.db"),
        ("verify more.yaml --source scan", "ingest more.yaml --dry-run --store estate.db --source scan"),
        ("verify less.yaml", "show web-2 --store estate.db"),
        ("verify same.yaml --source scan", "verify same.yaml --record --store estate.db --source scan"),
        ("verify same.yaml --record", ""),
        ("verify differs.yaml --json", ""),
        ("history web-1", "show web-1 --at 1 --store estate.db"),
        ("history web-2", "show web-2 --store estate.db"),
        ("history web-1 --csv", ""),
        ("attest export --all --into lists", "attest import lists --store estate.db"),
    ],
)
def test_what_comes_next_is_proposed_to_people_only_and_can_be_typed(store: str, command: str, next_one: str) -> None:
    told = run(*shlex.split(command), "--store", store, watched=True).err
    proposed = [line for line in told.splitlines() if not line.startswith("Revision ")]  # what a list rests on
    assert proposed == ([f"graphsms {next_one}"] if next_one else [])
    assert "graphsms " not in run(*shlex.split(command), "--store", store).err
    if next_one and not next_one.startswith("attest"):  # the list has still to be answered
        assert run(*shlex.split(next_one)).code < 2


def proposed() -> set[str]:
    """The commands that any of ours proposes as the next."""
    return {
        str(call.args[0].value)
        for file in Path(graphsms.cli.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("hint", "next_command")
        if call.args and isinstance(call.args[0], ast.Constant)
    }


@pytest.mark.parametrize("name", sorted(proposed()))
def test_whatever_any_command_proposes_is_a_command_that_can_be_asked_of_the_same_graph(name: str) -> None:
    assert name in graphsms.cli._COMMANDS
    assert next_command([name], click.Context(click.Command("any"))) == f"graphsms {name}"


def test_a_page_to_be_read_is_followed_by_the_worksheet_that_is_filled_in(store: str) -> None:
    asked = "worksheet -o gaps.html --clause 4.1 --edition 2018 --as-of 2026-11-21"
    told = run(*shlex.split(asked), "--store", store, watched=True).err
    again = "worksheet -o worksheet.xlsx --store estate.db --as-of 2026-11-21 --edition 2018 --clause 4.1"
    assert told.splitlines()[0] == f"graphsms {again}"
    assert run(*shlex.split(again)).code == 0


def test_of_baselines_the_last_one_made_is_compared_with(store: str) -> None:
    assert run("baseline", "list", "--store", store, watched=True).err == ""
    for name in ("one", "another"):
        assert run("baseline", "create", name, "--store", store).code == 0
    told = run("baseline", "list", "--store", store, watched=True).err
    assert told == "graphsms baseline diff another --store estate.db\n"
    assert run(*shlex.split(told)[1:]).code == 0


def test_corrections_are_to_be_made_and_then_nobody_is_late(store: str) -> None:
    assert run("attest", "export", "--all", "--into", "lists", "--store", store).code == 0
    head, first, second = Path(LIST).read_text("utf-8-sig").splitlines()
    Path(LIST).write_text("\n".join([head, "corrected" + first.replace("B", "C", 1), "confirmed" + second]))
    told = run("attest", "import", LIST, "--store", store, watched=True).err
    assert told == f"graphsms attest import {LIST} --apply --store estate.db\n"
    told = run(*shlex.split(told)[1:], watched=True).err
    assert told == "graphsms findings --check attestation-overdue --store estate.db\n"
    assert run(*shlex.split(told)[1:]).code == 0
