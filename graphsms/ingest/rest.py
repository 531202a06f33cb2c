"""A mapping of any length read block by block, and what is left of it when some has been taken out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from graphsms.ingest.spilling import Spilled, in_batches

__all__ = ["Rest", "columns"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def columns(mapping: Mapping[K, V]) -> Iterator[tuple[Sequence[K], Sequence[V]]]:
    """The items of a mapping in order, some thousands at a time, keys and values apart; what has just been given can be
    found, put anew and taken out quickly.

    Examples
    --------
    >>> [*columns({"a": 1, "b": 2})]
    [(['a', 'b'], [1, 2])]
    """
    if isinstance(mapping, Spilled):
        yield from mapping.columns()
        return
    for batch in in_batches(mapping.items()):
        yield [key for key, _ in batch], [value for _, value in batch]


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
        for block in self.blocks():
            yield from block

    def blocks(self) -> Iterator[Iterable[tuple[K, V]]]:
        """Likewise, some thousands at a time."""
        if not isinstance(self._of, Spilled):
            taken = self._taken
            yield from in_batches(item for item in self._of.items() if item[0] not in taken)
        elif not self._marked:
            for keys, values in self._of.columns():
                yield zip(keys, values, strict=True)
        else:
            for batch in self._of.batches():
                yield self._left(batch)

    def _left(self, batch: Iterable[tuple[int, K, V]]) -> Iterator[tuple[K, V]]:
        marks = self._numbers
        for n, key, value in batch:
            if n >> 3 >= len(marks) or not marks[n >> 3] >> (n & 7) & 1:
                yield key, value
