"""What is installed is what was locked: exact versions, with hashes, that fit what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GROUPS = PROJECT["dependency-groups"]
LOCKS = {
    "run": (["build"], []),
    "dev": (["dev"], []),
    "bench": (["dev", "bench"], ["fast-neo4j"]),
}
SUPPORTED = [{"python_version": v, "python_full_version": f"{v}.0"} for v in ("3.11", "3.12", "3.13")]


def locked(name: str) -> dict[str, Requirement]:
    """The requirements that a lock pins, by name."""
    lines = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8").splitlines()
    pinned = [Requirement(line.rstrip("\\ ")) for line in lines if re.match(r"[a-z0-9]", line)]
    return {canonicalize_name(requirement.name): requirement for requirement in pinned}


def wanted(groups: list[str], extras: list[str]) -> list[Requirement]:
    """What pyproject.toml asks for directly."""
    found = list(PROJECT["project"]["dependencies"])
    for extra in extras:
        found += PROJECT["project"]["optional-dependencies"][extra]
    queue = list(groups)
    while queue:
        for entry in GROUPS[queue.pop()]:
            if isinstance(entry, dict):
                queue.append(entry["include-group"])
            else:
                found.append(entry)
    return [Requirement(text) for text in found]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_every_direct_dependency_within_its_bounds(name: str) -> None:
    pinned = locked(name)
    for requirement in wanted(*LOCKS[name]):
        lock = pinned.get(canonicalize_name(requirement.name))
        assert lock is not None, f"{requirement.name} is not in {name}.lock: run make lock"
        (version,) = (specifier.version for specifier in lock.specifier)
        assert requirement.specifier.contains(version), f"{name}.lock has {lock}, pyproject.toml asks for {requirement}"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_exact_versions_with_hashes_and_names_no_index(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
    assert "://" not in text
    assert "index-url" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert len(entries) == len(locked(name)) > 20
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    for requirement in locked(name).values():
        assert [specifier.operator for specifier in requirement.specifier] == ["=="]


def test_the_locks_agree_with_each_other() -> None:
    # What only some Pythons need to run may be needed by all to test.
    run, dev, bench = ({name: one.specifier for name, one in locked(lock).items()} for lock in ("run", "dev", "bench"))
    assert run.items() <= dev.items() <= bench.items()


@pytest.mark.parametrize("environment", SUPPORTED, ids=lambda e: e["python_version"])
def test_every_supported_python_gets_every_direct_dependency(environment: dict[str, str]) -> None:
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(environment["python_full_version"])
    pinned = locked("dev")
    for requirement in wanted(["dev"], []):
        marker = pinned[canonicalize_name(requirement.name)].marker
        assert marker is None or marker.evaluate(environment), f"{requirement.name} on {environment}"


def test_every_direct_dependency_states_a_lower_bound() -> None:
    everything = wanted(list(GROUPS), list(PROJECT["project"]["optional-dependencies"]))
    assert [str(r) for r in everything if not any(s.operator == ">=" for s in r.specifier)] == []
