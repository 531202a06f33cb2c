"""The files of Docker Compose: in which order they are merged, and which others they name.

Source: Compose Specification, "Include" and "Extends"; Docker, "Merge Compose files". Only files beside, above or
below the one that names them are read, never what lies behind a URL.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Final

from graphsms.ingest.documents import LocatedDict, no_file
from graphsms.ingest.foreign import Documents, Take
from graphsms.model import Origin

__all__ = ["MAX_DEPTH", "ComposeFiles", "NotFollowedError", "in_order", "is_base", "is_env_file", "rank", "real"]

MAX_DEPTH: Final = 20  # of files that include or extend from others

_BASES: Final = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES: Final = tuple(name.replace("compose.", "compose.override.") for name in _BASES)
_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]+:|git@|.*\.git(#|$)", re.IGNORECASE)
_ENV: Final = re.compile(r"(.*\.)?env(\..*)?", re.IGNORECASE)
_TAGS: Final = frozenset({"!reset", "!override"})

Document = tuple[LocatedDict, Origin]


class NotFollowedError(ValueError):
    """What a file names is not read; the message says why."""


def is_base(path: Path) -> bool:
    """Whether Compose finds a file by itself, so that it is a project and no part of another by its name alone."""
    return path.name in _BASES


def is_env_file(path: Path) -> bool:
    """Whether a file is called like one of variables: ``.env``, ``dev.env``, ``.env.dev``."""
    return _ENV.fullmatch(path.name) is not None


def rank(path: Path) -> int:
    """Where a file stands when those of a folder are merged: the base, what overrides it by its name, others.

    Examples
    --------
    >>> [rank(Path(name)) for name in ("compose.yaml", "docker-compose.override.yml", "prod.yaml")]
    [0, 1, 2]
    """
    return 0 if path.name in _BASES else 1 if path.name in _OVERRIDES else 2


def in_order(paths: Sequence[Path]) -> list[Path]:
    """The files of one folder in the order in which Compose merges them; others than its own two as given."""
    return sorted(paths, key=lambda path: (rank(path), _BASES.index(path.name) if path.name in _BASES else 0))


def real(path: Path | str) -> Path:
    """The file itself, whichever way it is named."""
    return Path(os.path.realpath(path))


class ComposeFiles:
    """The documents of Compose files, each file read once.

    Parameters
    ----------
    fault : callable
        Takes each `Fault` of a file that cannot be parsed.
    may : container of Path, optional
        The real paths of the files that may be read; without it, all that are called like Compose files.
    called : sequence of Path
        Files by the paths that faults call them by.
    """

    def __init__(self, fault: Take, may: Container[Path] | None, called: Sequence[Path] = ()) -> None:
        self._fault = fault
        self._may = may
        self._called = {real(path): path for path in called}
        self._read: dict[Path, list[Document]] = {}

    @property
    def read(self) -> list[Path]:
        """The files that have been read, as they are called."""
        return [self._called[one] for one in self._read]

    def documents(self, path: Path) -> list[Document]:
        """The documents of a file."""
        found = self._read.get(real(path))
        if found is None:
            found = self._read[real(path)] = list(Documents([path], self._fault, _TAGS))
        return found

    def services(self, path: Path, name: str) -> LocatedDict:
        """The services of that document of a file that has one of a name; none where none has."""
        found = [document.get("services") for document, _ in self.documents(path)]
        return next((one for one in found if isinstance(one, LocatedDict) and name in one), LocatedDict(0))

    def named(self, said: str, folder: Path) -> Path:
        """The file that another names, relative to its folder.

        Raises
        ------
        NotFollowedError
            It lies elsewhere, is none, or may not be read.
        """
        if _ELSEWHERE.match(said):
            raise NotFollowedError(f"{said} lies elsewhere, and nothing is fetched: import a copy of it")
        path = Path(os.path.normpath(folder / said))
        if path.suffix.lower() not in (".yaml", ".yml"):
            raise NotFollowedError(f"{said} is not called .yaml or .yml")
        try:
            if problem := no_file(path):
                raise NotFollowedError(f"{said}: {problem.rstrip('.')}")
        except OSError as error:
            raise NotFollowedError(f"{said} cannot be read: {error.strerror}") from None
        if self._may is not None and real(path) not in self._may:
            raise NotFollowedError(f"{said} is not read here: name it too")
        return self._called.setdefault(real(path), path)
