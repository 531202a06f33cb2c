"""Mappings of any length in bounded memory: the latest items are held, the rest stands in a temporary file."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from itertools import count, islice
from typing import Any, Final, Generic, TypeVar

from graphsms.ingest.spill_file import PLAIN, ItemCodec, SpillFile, keyed

__all__ = ["BATCH", "HELD", "Rest", "Spilled", "in_batches", "looked_up", "pairs"]

BATCH: Final = 5_000  # items that are read from the file, or asked for, at once
HELD: Final = 20_000  # items of one mapping or list that are held
_BITS: Final = 2**26  # of a filter: eight megabytes
_MASK: Final = _BITS - 1
_SCANS: Final = 5  # how often a file is read through before it is worth an index

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_T = TypeVar("_T")

_PLAIN: Final[ItemCodec[Any, Any]] = keyed(PLAIN)
_ITEMS: Final = "CREATE TABLE item (n INTEGER PRIMARY KEY, hash INTEGER NOT NULL, item BLOB NOT NULL)"
_INDEX: Final = "CREATE INDEX item_hash ON item (hash)"
_FOLLOWING: Final = "SELECT n, item FROM item WHERE n > ? ORDER BY n LIMIT ?"
_ONE: Final = "SELECT n, item FROM item WHERE hash = ?"
_SEVERAL: Final = "SELECT n, item FROM item WHERE hash IN (SELECT value FROM json_each(?))"


class Spilled(MutableMapping[K, V]):
    """A mapping as `dict` is one, in the order in which keys came, of which only a part is in memory.

    Parameters
    ----------
    codec : ItemCodec, optional
        What packs and unpacks keys and values, where they are not plain.
    held : int, optional
        How many items are held in memory before they are written.
    noted : callable, optional
        Told the keys that are written.

    Examples
    --------
    >>> numbers = Spilled(held=2)
    >>> for number in range(5):
    ...     numbers[number] = str(number)
    >>> del numbers[1]
    >>> numbers[0] = "none"
    >>> [*numbers.items()]
    [(0, 'none'), (2, '2'), (3, '3'), (4, '4')]

    Notes
    -----
    Reading in order (`pairs`) and many keys at once (`looked_up`) is fast; one key at a time in no order takes some
    ten microseconds where it is in the file. What is not there is known without looking, mostly: a filter (Bloom 1970)
    says so. A value that is taken out is a copy: to change it, put it back.
    """

    def __init__(
        self,
        codec: ItemCodec[K, V] | None = None,
        held: int | None = None,
        noted: Callable[[Iterable[K]], None] = lambda _: None,
    ) -> None:
        self._codec = codec or _PLAIN
        self._noted = noted
        self._held = HELD if held is None else held
        self._file: SpillFile | None = None  # made when there is more than is held
        self._indexed = False
        self._scans = 0  # of the whole file for want of an index
        self._filter = bytearray()
        self._next = 0
        self._rows = 0  # in the file
        self._recent: dict[K, V] = {}
        self._near: dict[K, tuple[int, V]] = {}  # from the file, as they are by now
        self._page: list[tuple[int, K, V]] = []  # what was read last, not among them yet
        self._absent: object = None  # what was looked for last, and is not there
        self._dirty: dict[int, tuple[K, V]] = {}  # what of that is to be written back

    def fill(self, items: dict[K, V]) -> None:
        """Take over items, where there are none yet."""
        assert not self
        self._recent = items
        self.flush()

    def copy(self, noted: Callable[[Iterable[K]], None] = lambda _: None) -> Spilled[K, V]:
        """Another with the same items."""
        self.flush()
        found: Spilled[K, V] = Spilled(self._codec, self._held, noted)
        if self._file is not None:
            found._file = SpillFile()
            found._file.copied_from(self._file)
            found._filter, found._indexed = bytearray(self._filter), self._indexed
            found._next, found._rows = self._next, self._rows
        return found

    def __len__(self) -> int:
        return self._rows + len(self._recent)

    def __iter__(self) -> Iterator[K]:
        for batch in self.batches():
            for _, key, _ in batch:
                yield key

    def batches(self) -> Iterator[list[tuple[int, K, V]]]:
        """All items in order, some thousands at a time, each with its number; values may be put anew meanwhile."""
        self.flush()
        unpack, last, file = self._codec[1], -1, self._file
        while file is not None:
            self._write_back()
            rows = file.run(_FOLLOWING, (last, BATCH))
            if not rows:
                if not self._recent:
                    return
                self.flush()  # has come while the rest was read
                continue
            found = [(n, *unpack(data)) for n, data in rows]
            self._near, self._page = {}, found
            last = rows[-1][0]
            yield found

    def many(self, keys: Iterable[K]) -> dict[K, V]:
        """Those of the keys that there are, with their values."""
        self._turn_page()
        found: dict[K, V] = {}
        near: dict[K, tuple[int, V]] = {}
        wanted: set[K] = set()
        for key in keys:
            if key in self._recent:
                found[key] = self._recent[key]
            elif key in self._near:
                near[key] = self._near[key]
                found[key] = near[key][1]
            elif self._may_have(key):
                wanted.add(key)
        for batch in in_batches(wanted):
            for n, key, value in self._fetched([*map(hash, batch)]):
                if key in wanted:
                    found[key] = value
                    near[key] = (n, value)
        self._near = near
        return found

    def place(self, key: K) -> int:
        """The number of an item: fast where it has just been looked up or read."""
        if key in self._recent:
            self.flush()
        found = self._found(key)
        if found is None:
            raise KeyError(key)
        return found[0]

    def __contains__(self, key: object) -> bool:
        return key in self._recent or self._found(key) is not None

    def __getitem__(self, key: K) -> V:
        if key in self._recent:
            return self._recent[key]
        found = self._found(key)
        if found is None:
            raise KeyError(key)
        return found[1]

    def get(self, key: K, default: Any = None) -> Any:
        """The value of a key, or what is given where there is none."""
        if key in self._recent:
            return self._recent[key]
        found = self._found(key)
        if found is None:
            self._absent = key
            return default
        return found[1]

    def __setitem__(self, key: K, value: V) -> None:
        if key is not self._absent:
            if key in self._recent:
                self._recent[key] = value
                return
            found = self._found(key)
            if found is not None:
                n = found[0]
                self._near[key] = (n, value)
                self._dirty[n] = (key, value)
                if len(self._dirty) > self._held:
                    self._write_back()
                return
        self._absent = None
        self._recent[key] = value
        if len(self._recent) > self._held:
            self.flush()

    def __delitem__(self, key: K) -> None:
        if key in self._recent:
            del self._recent[key]
            return
        found = self._found(key)
        if found is None:
            raise KeyError(key)
        assert self._file is not None
        self._near.pop(key, None)
        self._dirty.pop(found[0], None)
        self._file.run("DELETE FROM item WHERE n = ?", (found[0],))
        self._rows -= 1

    # ----------------------------------------------------------------------------------- the file

    def _may_have(self, key: object) -> bool:
        bits = self._filter
        if not bits:
            return False
        h = hash(key)
        one = h & _MASK
        if not bits[one >> 3] >> (one & 7) & 1:
            return False
        other, third = (h >> 32) & _MASK, (h >> 17) & _MASK
        return bool(bits[other >> 3] >> (other & 7) & bits[third >> 3] >> (third & 7) & 1)

    def _turn_page(self) -> None:
        if self._page:
            self._near = {key: (n, value) for n, key, value in self._page}
            self._page = []

    def _found(self, key: Any) -> tuple[int, V] | None:
        """The number and the value of a key that is in the file."""
        if self._page:
            self._turn_page()
        near = self._near.get(key)
        if near is not None or not self._may_have(key):
            return near
        for n, other, value in self._fetched([hash(key)]):
            if other == key:
                if len(self._near) > self._held:
                    self._near = {}
                self._near[key] = (n, value)
                return n, value
        return None

    def _fetched(self, hashes: Sequence[int]) -> Iterator[tuple[int, K, V]]:
        assert self._file is not None
        if not self._indexed:
            self._scans += 1
            if self._scans > _SCANS:
                self._file.run(_INDEX)
                self._indexed = True
        self._write_back()
        unpack = self._codec[1]
        rows = self._file.run(_ONE, hashes) if len(hashes) == 1 else self._file.run(_SEVERAL, (json.dumps(hashes),))
        for n, data in rows:
            yield n, *unpack(data)

    def flush(self) -> None:
        """Write what is held."""
        self._write_back()
        if not self._recent:
            return
        if self._file is None:
            self._file = SpillFile(_ITEMS)
            self._filter = bytearray(_BITS >> 3)
        hashes = [*map(hash, self._recent)]
        self._remember(hashes)
        self._noted(self._recent)
        numbers = count(self._next)
        rows = zip(numbers, hashes, map(self._codec[0], self._recent, self._recent.values()), strict=False)
        self._file.run_many("INSERT INTO item VALUES (?, ?, ?)", rows)
        self._next += len(hashes)
        self._rows += len(hashes)
        self._recent = {}

    def _remember(self, hashes: list[int]) -> None:
        """Put keys into the filter."""
        bits = self._filter
        for h in hashes:
            one, other, third = h & _MASK, (h >> 32) & _MASK, (h >> 17) & _MASK
            bits[one >> 3] |= 1 << (one & 7)
            bits[other >> 3] |= 1 << (other & 7)
            bits[third >> 3] |= 1 << (third & 7)

    def _write_back(self) -> None:
        if self._dirty:
            assert self._file is not None
            pack = self._codec[0]
            rows = ((pack(key, value), n) for n, (key, value) in self._dirty.items())
            self._file.run_many("UPDATE item SET item = ? WHERE n = ?", rows)
            self._dirty = {}


def in_batches(items: Iterable[_T], size: int | None = None) -> Iterator[list[_T]]:
    """Items, so many at a time.

    Examples
    --------
    >>> [*in_batches("abc", 2)]
    [['a', 'b'], ['c']]
    """
    iterator = iter(items)
    while batch := list(islice(iterator, size or BATCH)):
        yield batch


def pairs(mapping: Mapping[K, V]) -> Iterator[tuple[K, V]]:
    """The items of a mapping in order, without a search for each."""
    if not isinstance(mapping, Spilled):
        yield from mapping.items()
        return
    for batch in mapping.batches():
        for _, key, value in batch:
            yield key, value


def looked_up(mapping: Mapping[K, V], keys: Iterable[K]) -> dict[K, V]:
    """Those of the keys that a mapping has, with their values."""
    if isinstance(mapping, Spilled):
        return mapping.many(keys)
    return {key: mapping[key] for key in keys if key in mapping}


class Rest(Generic[K, V]):
    """The items of a mapping that have not been taken out of it; it itself stays whole.

    Examples
    --------
    >>> rest = Rest({"a": 1, "b": 2})
    >>> rest.take("a")
    >>> len(rest), [*rest.items()]
    (1, [('b', 2)])
    """

    def __init__(self, of: Mapping[K, V]) -> None:
        self._of = of
        self._taken: set[K] = set()
        self._numbers = bytearray()  # of those taken from a file, a bit each
        self._marked = 0

    def take(self, key: K) -> None:
        """Take one out, which is there and has not been."""
        if isinstance(self._of, Spilled):
            n = self._of.place(key)
            if n >> 3 >= len(self._numbers):
                self._numbers += bytes((n >> 3) + 1024)
            self._numbers[n >> 3] |= 1 << (n & 7)
            self._marked += 1
        else:
            self._taken.add(key)

    def __len__(self) -> int:
        return len(self._of) - self._marked - len(self._taken)

    def items(self) -> Iterator[tuple[K, V]]:
        """Those that are left, in order."""
        if not isinstance(self._of, Spilled):
            taken = self._taken
            yield from ((key, value) for key, value in self._of.items() if key not in taken)
            return
        marks = self._numbers
        for batch in self._of.batches():
            for n, key, value in batch:
                if n >> 3 >= len(marks) or not marks[n >> 3] >> (n & 7) & 1:
                    yield key, value
