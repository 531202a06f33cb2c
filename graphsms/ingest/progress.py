"""How far an import has come, told while it reads and stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from graphsms.ingest.reader import RawRelations, RawStatement
from graphsms.model import Origin
from graphsms.store.bulk import NewEntities, NewRelations

__all__ = ["Progress", "ProgressCallback"]

# Takes how much is done, and of how much: bytes of the files, each counted as read and as stored.
ProgressCallback: TypeAlias = Callable[[int, int], None]

_STEP: Final = 4096
_T = TypeVar("_T")
_Raw = TypeVar("_Raw", bound=RawStatement | RawRelations)


class Progress:
    """How far an import has come: each byte of the files counts once when read and once when stored."""

    def __init__(self, files: Sequence[Path], tell: ProgressCallback | None) -> None:
        self._tell = tell
        self._sizes = {str(path): path.stat().st_size for path in files} if tell is not None else {}
        self._lines: dict[str, int] = {}
        self._bytes = sum(self._sizes.values())
        self._stored = 0

    def reading(self, statements: Iterable[_Raw]) -> Iterable[_Raw]:
        """The statements as they come; where one stands shows how far the reading is."""
        return statements if self._tell is None else self._told(statements, self._tell)

    def _told(self, statements: Iterable[_Raw], tell: ProgressCallback) -> Iterator[_Raw]:
        for number, statement in enumerate(statements):
            yield statement
            if number % _STEP == 0:
                tell(self._read(statement.origin), 2 * self._bytes)
        tell(self._bytes, 2 * self._bytes)

    def _read(self, origin: Origin) -> int:
        before = 0
        for file, size in self._sizes.items():
            if file == origin.file:
                if file not in self._lines:
                    self._lines[file] = _lines(Path(file))
                return before + size * min(origin.line or 0, self._lines[file]) // self._lines[file]
            before += size
        return before

    def storing(self, items: Iterable[_T], total: int) -> Iterable[_T]:
        """What is to be stored, as it is taken."""
        if self._tell is None:
            return items
        if isinstance(items, NewEntities | NewRelations):
            return items.through(partial(self._counted, total=total, tell=self._tell, size=len))
        return self._counted(items, total, self._tell)

    def _counted(
        self, items: Iterable[_T], total: int, tell: ProgressCallback, size: Callable[[Any], int] = lambda _: 1
    ) -> Iterator[_T]:
        told = 0
        for item in items:
            yield item
            self._stored += size(item)
            if self._stored // _STEP > told:
                told = self._stored // _STEP
                tell(self._bytes + self._bytes * self._stored // total, 2 * self._bytes)

    def finish(self) -> None:
        """All is stored, or nothing was left to store."""
        if self._tell is not None:
            self._tell(2 * self._bytes, 2 * self._bytes)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(partial(file.read, 1 << 20), b"")) + 1
