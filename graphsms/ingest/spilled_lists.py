"""Lists of any length in bounded memory, and groups of items by a text: the latest are held, the rest is in a file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeVar, overload

from graphsms.ingest import spilling
from graphsms.ingest.spill_file import PLAIN, Codec, SpillFile, packed, unpacked
from graphsms.ingest.spilling import in_batches

__all__ = ["Groups", "SpilledList"]

_T = TypeVar("_T")
_BLOCK: Final = 1_000
_GROUPS: Final = "CREATE TABLE item (text TEXT, n INTEGER, item BLOB NOT NULL, PRIMARY KEY (text, n)) WITHOUT ROWID"
_FOLLOWING: Final = "SELECT text, n, item FROM item WHERE (text, n) > (?, ?) ORDER BY text, n LIMIT ?"


class SpilledList(Sequence[_T]):
    """A list that only grows at its end, of which only a part is in memory.

    Parameters
    ----------
    codec : Codec, optional
    held : int, optional
        How many items are held before they are written.

    Examples
    --------
    >>> squares = SpilledList(held=2)
    >>> squares.extend(number * number for number in range(5))
    >>> len(squares), squares[2], squares[3:], [*squares]
    (5, 4, [9, 16], [0, 1, 4, 9, 16])
    """

    def __init__(self, codec: Codec[_T] | None = None, held: int | None = None) -> None:
        self._codec = codec or PLAIN
        self._held = spilling.HELD if held is None else held
        self._recent: list[_T] = []
        self._file: SpillFile | None = None
        self._starts: list[int] = []  # what each block begins with
        self._stored = 0

    def append(self, item: _T) -> None:
        """Put one at the end."""
        self._recent.append(item)
        if len(self._recent) > self._held:
            self._spill()

    def extend(self, items: Iterable[_T]) -> None:
        """Put several at the end."""
        for item in items:
            self.append(item)

    def __len__(self) -> int:
        return self._stored + len(self._recent)

    def __iter__(self) -> Iterator[_T]:
        for number in range(len(self._starts)):
            yield from self._block(number)
        yield from self._recent

    @overload
    def __getitem__(self, at: int) -> _T: ...
    @overload
    def __getitem__(self, at: slice) -> list[_T]: ...
    def __getitem__(self, at: int | slice) -> _T | list[_T]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        number = at + len(self) if at < 0 else at
        if not 0 <= number < len(self):
            raise IndexError(at)
        if number >= self._stored:
            return self._recent[number - self._stored]
        block = bisect_right(self._starts, number) - 1
        return self._block(block)[number - self._starts[block]]

    def _block(self, number: int) -> list[_T]:
        assert self._file is not None
        decode = self._codec[1]
        (row,) = self._file.run("SELECT items FROM block WHERE n = ?", (number,))
        return [decode(one) for one in unpacked(row[0])]

    def _spill(self) -> None:
        if self._file is None:
            self._file = SpillFile("CREATE TABLE block (n INTEGER PRIMARY KEY, items BLOB NOT NULL)", searched=False)
        encode = self._codec[0]
        for batch in in_batches(self._recent, _BLOCK):
            data = packed([encode(one) for one in batch])
            self._file.run("INSERT INTO block VALUES (?, ?)", (len(self._starts), data))
            self._starts.append(self._stored)
            self._stored += len(batch)
        self._recent = []


class Groups:
    """Items by a text, to be read group by group in the order of the texts, or one group at a time.

    Parameters
    ----------
    codec : Codec, optional
        Of the items.
    held : int, optional
        How many items are held before they are written.

    Examples
    --------
    >>> needs = Groups(held=1)
    >>> needs.add("web", "db"), needs.add("app", "db"), needs.add("web", "dns")
    (None, None, None)
    >>> [*needs], needs.of("web"), needs.of("db")
    ([('app', ['db']), ('web', ['db', 'dns'])], ['db', 'dns'], [])
    """

    def __init__(self, codec: Codec[Any] | None = None, held: int | None = None) -> None:
        self._codec = codec or PLAIN
        self._held = 5 * spilling.HELD if held is None else held
        self._recent: dict[str, list[Any]] = {}
        self._number = 0  # of items so far
        self._written = 0
        self._file: SpillFile | None = None

    def add(self, text: str, item: Any) -> None:
        """Put an item into the group of a text."""
        group = self._recent.get(text)
        if group is None:
            group = self._recent[text] = []
        group.append(item)
        self._number += 1
        if self._number - self._written > self._held:
            self._spill()

    def of(self, text: str) -> Sequence[Any]:
        """The group of a text, in the order in which its items came."""
        recent = self._recent.get(text, [])
        if self._file is None:
            return recent
        decode = self._codec[1]
        rows = self._file.run("SELECT item FROM item WHERE text = ? ORDER BY n", (text,))
        return [*(decode(unpacked(data)) for (data,) in rows), *recent]

    def __bool__(self) -> bool:
        return self._number > 0

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        for _, text, items in self.numbered():
            yield text, items

    def numbered(self) -> Iterator[tuple[int, str, list[Any]]]:
        """The groups, each with a number: they ascend as the groups began."""
        if self._file is None:
            begun = {text: number for number, text in enumerate(self._recent)}
            for text in sorted(self._recent):
                yield begun[text], text, self._recent[text]
            return
        self._spill()
        for text, rows in groupby(self._rows(), key=itemgetter(0)):
            group = [*rows]
            yield group[0][1], text, [item for _, _, item in group]

    def _rows(self) -> Iterator[tuple[str, int, Any]]:
        assert self._file is not None
        decode, text, n = self._codec[1], "", -1
        while rows := self._file.run(_FOLLOWING, (text, n, spilling.BATCH)):
            for text, n, data in rows:  # the last are where it goes on
                yield text, n, decode(unpacked(data))

    def _spill(self) -> None:
        if self._file is None:
            self._file = SpillFile(_GROUPS)
        encode, n, rows = self._codec[0], self._written, []
        for text, items in self._recent.items():
            for item in items:
                rows.append((text, n, packed(encode(item))))
                n += 1
        rows.sort(key=itemgetter(0))  # neighbours are written together
        self._file.run_many("INSERT INTO item VALUES (?, ?, ?)", rows)
        self._written = n
        self._recent = {}
