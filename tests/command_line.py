"""Run the command line within the test's own process, as `graphsms` would."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass

from graphsms.cli import main


@dataclass(frozen=True)
class Run:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class _Watched(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(*arguments: str, watched: bool = False) -> Run:
    """Call the command with these arguments; where it is watched, as if on a terminal."""
    out, err = _Watched() if watched else io.StringIO(), io.StringIO()
    with _arguments(arguments), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as left:
            code = left.code
    return Run(int(code or 0), out.getvalue(), err.getvalue())


@contextmanager
def _arguments(arguments: tuple[str, ...]) -> Iterator[None]:
    before = sys.argv
    sys.argv = ["graphsms", *arguments]
    try:
        yield
    finally:
        sys.argv = before
