"""What somebody's file says must not steer the terminal of whoever reads it."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import run

NAME = "a\x1b[31mred\x07\x9b2J\rb"


def test_names_cannot_steer_the_terminal_and_programs_get_them_as_they_are(tmp_path: Path) -> None:
    url, file = str(tmp_path / "estate.db"), tmp_path / "estate.json"
    file.write_text(json.dumps({"entities": [{"id": "web", "type": "Server", "name": NAME}]}))
    assert run("ingest", str(file), "--store", url).code == 0
    for command in (("find",), ("show", "web"), ("history", "web"), ("impact", "web")):
        shown = run(*command, "--store", url).out
        assert not set("\x1b\x07\x9b\r") & set(shown), command
    assert "a[31mred2Jb" in run("find", "--store", url).out
    assert json.loads(run("find", "--json", "--store", url).out)[0]["name"] == NAME
