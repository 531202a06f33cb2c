"""Mappings of any length in bounded memory: the latest items are held, the rest stands in a temporary file."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from itertools import count, islice
from typing import Any, Final, TypeAlias, TypeVar

from graphsms.ingest.spill_blocks import TABLES, Blocks
from graphsms.ingest.spill_file import PLAIN, ItemCodec, SpillFile, keyed
from graphsms.ingest.spill_filter import Filter

__all__ = ["BATCH", "HELD", "Spilled", "in_batches", "looked_up", "pairs"]

BATCH: Final = 5_000  # items that are read from the file, or asked for, at once
HELD: Final = 20_000  # items of one mapping or list that are held
_SCANS: Final = 5  # how often a file is read through before it is worth an index

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_T = TypeVar("_T")

_Page: TypeAlias = tuple[Sequence[int], Sequence[K], Sequence[V]]  # numbers, keys, values
_NO_PAGE: Final[_Page[Any, Any]] = ((), (), ())

_PLAIN: Final[ItemCodec[Any, Any]] = keyed(PLAIN)
_ITEMS: Final = "CREATE TABLE item (n INTEGER PRIMARY KEY, hash INTEGER NOT NULL, item BLOB NOT NULL)"
_INDEX: Final = "CREATE INDEX item_hash ON item (hash)"
_FOLLOWING: Final = "SELECT n, item FROM item WHERE n > ? ORDER BY n LIMIT ?"
_ONE: Final = "SELECT n, item FROM item WHERE hash = ?"
_HASHES: Final = "SELECT n, hash FROM item WHERE n > ? ORDER BY n LIMIT ?"
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
        self._blocks: Blocks | None = None  # of the file, until much of it is searched
        self._indexed = False
        self._scans = 0  # of the whole file for want of an index
        self._filter: Filter | None = None
        self._next = 0
        self._rows = 0  # in the file
        self._recent: dict[K, V] = {}
        self._near: dict[K, tuple[int, V]] = {}  # from the file, as they are by now
        self._page: _Page[K, V] = _NO_PAGE  # what was read last, not among them yet
        self._page_before: _Page[K, V] = _NO_PAGE
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
            assert self._filter is not None
            found._file = SpillFile()
            found._file.copied_from(self._file)
            found._blocks = None if self._blocks is None else self._blocks.copied_to(found._file)
            found._filter, found._indexed = self._filter.copy(), self._indexed
            found._next, found._rows = self._next, self._rows
        return found

    def __len__(self) -> int:
        return self._rows + len(self._recent)

    def __iter__(self) -> Iterator[K]:
        for keys, _ in self.columns():
            yield from keys

    def batches(self) -> Iterator[list[tuple[int, K, V]]]:
        """All items in order, some thousands at a time, each with its number; values may be put anew meanwhile."""
        for numbers, keys, values in self._pages():
            yield [*zip(numbers, keys, values, strict=True)]

    def columns(self) -> Iterator[tuple[Sequence[K], Sequence[V]]]:
        """Likewise, keys and values apart."""
        return ((keys, values) for _, keys, values in self._pages())

    def _pages(self) -> Iterator[_Page[K, V]]:
        last = -1
        if self._file is None and self._recent:
            first = [*self._recent]
            last = self._next + len(first) - 1
            yield range(self._next, last + 1), first, [*self._recent.values()]
            if self._file is None and len(self._recent) == len(first):
                return  # a few, and no others have come
        self.flush()
        while self._file is not None:
            self._write_back()
            page = self._page_after(last)
            if page is None:
                if not self._recent:
                    return
                self.flush()  # has come while the rest was read
                continue
            self._page_before, self._page = self._page, page
            if not self._page_before[0]:  # has been looked at, as it is by now
                self._near = {key: one for key, one in self._near.items() if one[0] > last - BATCH}
            else:
                self._near = {}
            last = page[0][-1]
            yield page

    def _page_after(self, last: int) -> _Page[K, V] | None:
        assert self._file is not None
        if self._blocks is not None:
            found = self._blocks.following(last)
            return None if found is None else (range(found[0], found[0] + len(found[1])), found[1], found[2])
        rows = self._file.run(_FOLLOWING, (last, BATCH))
        if not rows:
            return None
        items = [self._codec.unpack(data) for _, data in rows]
        return [n for n, _ in rows], [key for key, _ in items], [value for _, value in items]

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
        return default if found is None else found[1]

    def __setitem__(self, key: K, value: V) -> None:
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
        self._recent[key] = value
        if len(self._recent) > self._held:
            self.flush()

    def setdefault(self, key: K, default: Any = None) -> Any:
        """The value of a key; where there is none, what is given becomes it."""
        recent = self._recent
        before = len(recent)
        found = recent.setdefault(key, default)
        if len(recent) == before:
            return found
        filter = self._filter
        if filter is not None:
            h = hash(key)
            first = h & filter.mask
            if filter.bits[first >> 3] >> (first & 7) & 1 and filter.may_have(h):
                kept = self._found(key)
                if kept is not None:
                    del recent[key]
                    return kept[1]
        if before >= self._held:
            self.flush()
        return default

    def __delitem__(self, key: K) -> None:
        if key in self._recent:
            del self._recent[key]
            return
        found = self._found(key)
        if found is None:
            raise KeyError(key)
        assert self._file is not None
        self._write_back()
        self._split()
        self._near.pop(key, None)
        self._file.run("DELETE FROM item WHERE n = ?", (found[0],))
        self._rows -= 1

    # ----------------------------------------------------------------------------------- the file

    def _may_have(self, key: object) -> bool:
        return self._filter is not None and self._filter.may_have(hash(key))

    def _turn_page(self) -> None:
        for numbers, keys, values in (self._page_before, self._page):
            self._near.update(zip(keys, zip(numbers, values, strict=True), strict=True))
        self._page = self._page_before = _NO_PAGE

    def _found(self, key: Any) -> tuple[int, V] | None:
        """The number and the value of a key that is in the file."""
        if self._page[0]:
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
        self._write_back()
        if self._blocks is not None:
            if not self._blocks.worn():
                yield from self._blocks.searched(hashes)
                return
            self._split()
        if not self._indexed:
            self._scans += 1
            if self._scans > _SCANS:
                self._file.run(_INDEX)
                self._indexed = True
        unpack = self._codec.unpack
        rows = self._file.run(_ONE, hashes) if len(hashes) == 1 else self._file.run(_SEVERAL, (json.dumps(hashes),))
        for n, data in rows:
            yield n, *unpack(data)

    def flush(self) -> None:
        """Write what is held."""
        self._write_back()
        if not self._recent:
            return
        import numpy

        if self._file is None:
            self._file = SpillFile(*TABLES)
            self._blocks, self._filter = Blocks(self._codec, self._file), Filter()
        assert self._filter is not None
        recent, self._recent = self._recent, {}
        self._noted(recent)
        hashes = numpy.fromiter(map(hash, recent), numpy.int64, len(recent))
        if self._filter.too_small(self._rows + len(recent)):
            self._filter = self._filter.grown(self._every_hash())
        self._filter.add(hashes)
        keys, values = [*recent], [*recent.values()]
        for at in range(0, len(keys), BATCH):
            part = slice(at, at + BATCH)
            if self._blocks is not None:
                self._blocks.append(self._next + at, keys[part], values[part], hashes[part])
            else:
                self._write(self._next + at, keys[part], values[part], hashes[part].tolist())
        self._next += len(keys)
        self._rows += len(keys)

    def hashes(self) -> Iterator[Any]:
        """The hashes of all keys, in arrays."""
        self.flush()
        return self._every_hash()

    def _every_hash(self) -> Iterator[Any]:
        import numpy

        if self._file is None:
            return
        if self._blocks is not None:
            yield from self._blocks.every_hash()
            return
        last = -1
        while rows := self._file.run(_HASHES, (last, HELD)):
            last = rows[-1][0]
            yield numpy.fromiter((h for _, h in rows), numpy.int64, len(rows))

    def _split(self) -> None:
        """Keep items one by one from now on: they are searched, or taken out."""
        if self._blocks is None:
            return
        assert self._file is not None
        self._file.run(_ITEMS)
        for block in self._blocks.taken_out():
            self._write(*block)
        self._blocks = None

    def _write(self, start: int, keys: Sequence[K], values: Sequence[V], hashes: Sequence[int]) -> None:
        assert self._file is not None
        rows = zip(count(start), hashes, map(self._codec.pack, keys, values), strict=False)
        self._file.run_many("INSERT INTO item VALUES (?, ?, ?)", rows)

    def _write_back(self) -> None:
        if not self._dirty:
            return
        assert self._file is not None
        dirty, self._dirty = self._dirty, {}
        if self._blocks is not None and not self._blocks.worn():
            self._blocks.replace(dirty)
            return
        self._split()
        pack = self._codec.pack
        rows = ((pack(key, value), n) for n, (key, value) in dirty.items())
        self._file.run_many("UPDATE item SET item = ? WHERE n = ?", rows)


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
    for keys, values in mapping.columns():
        yield from zip(keys, values, strict=True)


def looked_up(mapping: Mapping[K, V], keys: Iterable[K]) -> dict[K, V]:
    """Those of the keys that a mapping has, with their values."""
    if isinstance(mapping, Spilled):
        return mapping.many(keys)
    return {key: mapping[key] for key in keys if key in mapping}
