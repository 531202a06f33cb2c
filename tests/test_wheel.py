"""The wheel is all there is to install: ontology, queries and examples ship in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.timeout(600)  # the first time, its dependencies come from the registry


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """What a command prints; it must exit 0."""
    inherited = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "GRAPHSMS_STORE")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=inherited | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with the wheel and what the lock names, far from the checkout."""
    environment = tmp_path_factory.mktemp("installed")
    uv = (sys.executable, "-m", "uv", "--quiet")
    run(*uv, "venv", "--python", sys.executable, environment)
    run(*uv, "pip", "install", "--python", environment, "--require-hashes", "-r", ROOT / "requirements" / "run.lock")
    run(*uv, "pip", "install", "--python", environment, "--no-deps", "--offline", wheel)
    run(*uv, "pip", "check", "--python", environment)
    return environment


def test_every_file_of_ontology_queries_and_examples_is_in_the_wheel(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    tracked = run("git", "ls-files", "ontology", "queries", "examples").splitlines()
    assert any(name.startswith("examples/") for name in tracked)
    assert {f"graphsms/_resources/{name}" for name in tracked} - packed == set()
    assert "graphsms/py.typed" in packed


def test_what_is_installed_reads_the_ontology_out_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    program = "import graphsms.ontology as o; print(len(o.load().types)); print(*o.ontology_files(), sep='\\n')"
    types, *files = run(installed / "bin" / "python", "-c", program, cwd=tmp_path).splitlines()
    assert int(types) > 50
    assert files
    for file in files:
        assert Path(file).is_relative_to(installed)


def test_what_is_installed_runs_the_demo(installed: Path, tmp_path: Path) -> None:
    shown = run(installed / "bin" / "graphsms", "demo", cwd=tmp_path, NO_COLOR="1")
    assert "down" in shown
    assert "at risk" in shown
