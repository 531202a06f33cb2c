"""Writes below every command that a page of the documentation shows what the command prints.

A block marked ``console`` holds one call after ``$``, and its output. Calls are run in the order of the page, in a
folder that holds ``examples``, ``tests`` and, where the checkout has it, ``../shared``; any block that begins with
``# file: NAME``, or that in the comments of its language, is that file. Only ``graphsms`` is run, piped at most into
``head -N``; moments are written as one and the same, since they differ from run to run. ``tests/test_docs.py`` fails
where a page differs.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"graphsms (?P<words>[^|]*?)(?:\s*\| head -(?P<lines>\d+))?")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z")
ENVIRONMENT = {"NO_COLOR": "1", "COLUMNS": "100", "TERM": "dumb", "GRAPHSMS_STORE": "", "GRAPHSMS_ONTOLOGY": ""}


def pages() -> list[Path]:
    """The pages that show commands, and whose files are all here."""
    every = [ROOT / "README.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
    return [page for page in every if not _missing(page.read_text("utf-8"))]


def _missing(text: str) -> bool:
    return any(not (ROOT / path).exists() for path in re.findall(r"\.\./shared/data/[\w./-]+", text))


@contextlib.contextmanager
def workplace(text: str) -> Iterator[None]:
    """A folder with the files that a page states, as the present one."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "here"
        place.mkdir()
        for folder_shown in ("examples", "tests"):
            (place / folder_shown).symlink_to(ROOT / folder_shown)
        if (ROOT.parent / "shared").is_dir():
            (Path(folder) / "shared").symlink_to(ROOT.parent / "shared")
        for block in BLOCK.finditer(text):
            if name := re.match(r"(?:#|//|<!--) file: (\S+)(?: -->)?\n", block["text"]):
                (place / name[1]).write_text(block["text"], encoding="utf-8")
        os.chdir(place)
        try:
            yield
        finally:
            os.chdir(before)


def printed(call: str) -> str:
    """What a call prints, standard error included."""
    parts = CALL.fullmatch(call)
    assert parts, f"{call}: only graphsms can be shown, piped at most into head -N"
    done = subprocess.run(
        [sys.executable, "-m", "graphsms", *shlex.split(parts["words"])],
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stdout, f"$ {call}\n{done.stdout}"
    text = MOMENT.sub("2026-11-21T09:30Z", done.stdout)
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(lines[: int(parts["lines"])] if parts["lines"] else lines).strip("\n") + "\n"


def shown(page: Path) -> str:
    """A page with the output of its commands as it is now."""
    text = page.read_text("utf-8")

    def rerun(block: re.Match[str]) -> str:
        if block["language"] != "console":
            return block[0]
        call = block["text"].partition("\n")[0].removeprefix("$ ")
        return f"```console\n$ {call}\n{printed(call)}```"

    with workplace(text):
        return BLOCK.sub(rerun, text)


def main() -> None:
    """Write the pages, or those of them that are named."""
    named = {Path(name).resolve() for name in sys.argv[1:]}
    for page in pages():
        if not named or page in named:
            page.write_text(shown(page), encoding="utf-8")


if __name__ == "__main__":
    main()
