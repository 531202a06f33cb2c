"""Items in a temporary file, some thousands to a block: quickly written and read in order, seldom searched."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from graphsms.ingest.spill_file import ItemCodec, SpillFile

if TYPE_CHECKING:
    import numpy

__all__ = ["TABLES", "Blocks"]

# Hashes stand apart: they are read to find the blocks that are to be unpacked.
TABLES: Final = (
    "CREATE TABLE block (n INTEGER PRIMARY KEY, items BLOB NOT NULL)",
    "CREATE TABLE hashes (n INTEGER PRIMARY KEY, hashes BLOB NOT NULL)",
)
# Microseconds, roughly: to look through the hashes of a block, to unpack one, to split off one item, and what finding
# an item takes when they are split.
_LOOK, _UNPACK, _SPLIT, _FIND = 30, 5_000, 2, 6
_FEW: Final = 10  # blocks that may always be unpacked for a search


class Blocks:
    """Items in blocks, in a file whose `TABLES` they have for themselves. None is taken out.

    Parameters
    ----------
    codec : ItemCodec
    file : SpillFile

    Attributes
    ----------
    starts : list of int
        The number of the first item of each block.
    """

    def __init__(self, codec: ItemCodec[Any, Any], file: SpillFile) -> None:
        self.starts: list[int] = []
        self._codec = codec
        self._file = file
        self._items = 0
        self._lost = 0  # microseconds, against items one by one

    def copied_to(self, file: SpillFile) -> Blocks:
        """The same in a file that is a copy."""
        found = Blocks(self._codec, file)
        found.starts, found._items, found._lost = list(self.starts), self._items, self._lost
        return found

    def worn(self) -> bool:
        """Whether so much has been searched that items are better kept one by one."""
        return self._lost > _FEW * _UNPACK + self._items * _SPLIT

    def append(self, start: int, keys: Sequence[Any], values: Sequence[Any], hashes: numpy.ndarray[Any, Any]) -> None:
        """Put a block at the end; its items are numbered from the start on."""
        self._file.run("INSERT INTO block VALUES (?, ?)", (start, self._codec.pack_block(keys, values)))
        self._file.run("INSERT INTO hashes VALUES (?, ?)", (start, hashes.tobytes()))
        self.starts.append(start)
        self._items += len(keys)

    def following(self, last: int) -> tuple[int, list[Any], list[Any]] | None:
        """The block of which the first number is greater than one, as that number, keys and values."""
        at = bisect_right(self.starts, last)
        return None if at == len(self.starts) else (self.starts[at], *self._block(at))

    def searched(self, hashes: Sequence[int]) -> Iterator[tuple[int, Any, Any]]:
        """The items of some hashes, with their numbers."""
        import numpy

        wanted = numpy.sort(numpy.array(hashes, numpy.int64))
        for at, start in enumerate(self.starts):
            own = self._hashes(at)
            places = numpy.minimum(numpy.searchsorted(wanted, own), len(wanted) - 1)
            met = numpy.flatnonzero(wanted[places] == own).tolist()
            self._lost += _LOOK
            if met:
                self._lost += _UNPACK - _FIND * len(met)
                keys, values = self._block(at)
                for place in met:
                    yield start + place, keys[place], values[place]

    def replace(self, items: Mapping[int, tuple[Any, Any]]) -> None:
        """Put other values into the place of some, by number."""
        by_block: dict[int, list[int]] = {}
        for n in items:
            by_block.setdefault(bisect_right(self.starts, n) - 1, []).append(n)
        for at, numbers in by_block.items():
            self._lost += 2 * _UNPACK - _FIND * len(numbers)
            keys, values = self._block(at)
            for n in numbers:
                values[n - self.starts[at]] = items[n][1]
            data = self._codec.pack_block(keys, values)
            self._file.run("UPDATE block SET items = ? WHERE n = ?", (data, self.starts[at]))

    def every_hash(self) -> Iterator[numpy.ndarray[Any, Any]]:
        """The hashes of all items, block by block."""
        return map(self._hashes, range(len(self.starts)))

    def taken_out(self) -> Iterator[tuple[int, list[Any], list[Any], list[int]]]:
        """All blocks with their hashes, each of which is gone from the file then."""
        for at, start in enumerate(self.starts):
            keys, values = self._block(at)
            hashes = self._hashes(at).tolist()
            self._file.run("DELETE FROM block WHERE n = ?", (start,))
            self._file.run("DELETE FROM hashes WHERE n = ?", (start,))
            yield start, keys, values, hashes
        self.starts = []

    def _block(self, at: int) -> tuple[list[Any], list[Any]]:
        ((data,),) = self._file.run("SELECT items FROM block WHERE n = ?", (self.starts[at],))
        return self._codec.unpack_block(data)

    def _hashes(self, at: int) -> numpy.ndarray[Any, Any]:
        import numpy

        ((data,),) = self._file.run("SELECT hashes FROM hashes WHERE n = ?", (self.starts[at],))
        return numpy.frombuffer(data, numpy.int64)
