"""A file is of one format: of all readers that are asked, one at most says that it knows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphsms.ingest.files import readers

FIXTURES = Path(__file__).parent / "fixtures"
FILES = sorted(path for path in FIXTURES.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FIXTURES)))
def test_no_two_readers_take_a_file_for_theirs(path: Path) -> None:
    head = path.read_bytes()[: 1 << 16]
    assert len([one.name for one in readers() if one.recognizes(path, head)]) <= 1


@pytest.mark.parametrize("system", ["servicenow", "glpi", "itop"])
def test_every_export_of_a_tool_is_known_for_its(system: str) -> None:
    for path in FILES:
        if path.parent.name == system:
            head = path.read_bytes()[: 1 << 16]
            assert [one.name for one in readers() if one.recognizes(path, head)] == [system], path
