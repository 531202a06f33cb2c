"""An empty store, files written for a test, and public data read in place where it is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphsms.store import Store, open_store
from imported import Write

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "estate.db")) as opened:
        yield opened


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file, text or bytes, and says where it is."""
    folder = tmp_path / "files"

    def write(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public example data: ``$GRAPHSMS_SHARED/data``, or ``../shared/data`` beside the repository."""
    folder = Path(os.environ.get("GRAPHSMS_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"the public example data is not there: {folder}")
    return folder


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return Path(__file__).parent / "fixtures"
