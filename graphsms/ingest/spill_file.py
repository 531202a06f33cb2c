"""A temporary file of tables, and how things are packed for it.

It is SQLite's own kind of temporary database: private, and without a name from the moment it is made, so that nothing
is left behind however the process ends. What stands there is packed by `marshal`, and read by nobody else.
"""

from __future__ import annotations

import marshal
import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar
from weakref import finalize

from graphsms.errors import UnavailableError

__all__ = ["PLAIN", "Codec", "ItemCodec", "SpillFile", "keyed", "packed", "unpacked"]

_CACHE: Final = 16_384  # KiB of a file that SQLite keeps in memory, where it is searched
_SMALL_CACHE: Final = 1_024  # and where it is read in order

K = TypeVar("K")
V = TypeVar("V")

# Makes plain values of something (tuples, lists, dictionaries, text, bytes, numbers); and something of those.
Codec: TypeAlias = tuple[Callable[[V], object], Callable[[Any], V]]


class ItemCodec(NamedTuple, Generic[K, V]):
    """Makes bytes of a key and its value, and both of those; likewise of a block of keys and values."""

    pack: Callable[[K, V], bytes]
    unpack: Callable[[bytes], tuple[K, V]]
    pack_block: Callable[[Sequence[K], Sequence[V]], bytes]
    unpack_block: Callable[[bytes], tuple[list[K], list[V]]]


def _same(value: Any) -> Any:
    return value


PLAIN: Final[Codec[Any]] = (_same, _same)


class SpillFile:
    """A temporary file of tables; gone when nobody refers to it any more.

    Parameters
    ----------
    *tables : str
        The statements that make them.
    searched : bool
        Whether what is in it is looked for, rather than read in order.
    """

    def __init__(self, *tables: str, searched: bool = True) -> None:
        with _told():
            # One thread at a time, but not always the same: a plan may be made in one and read in another.
            self.connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            finalize(self, self.connection.close)
            cache = _CACHE if searched else _SMALL_CACHE
            for statement in (
                "PRAGMA journal_mode = OFF",
                "PRAGMA synchronous = OFF",
                f"PRAGMA cache_size = -{cache:d}",
                *tables,
            ):
                self.connection.execute(statement).fetchall()

    def run(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """Execute a statement and read all that it gives."""
        with _told():
            return self.connection.execute(statement, values).fetchall()

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a statement for each row."""
        with _told():
            self.connection.execute("BEGIN")
            self.connection.executemany(statement, rows)
            self.connection.execute("COMMIT")

    def copied_from(self, other: SpillFile) -> None:
        """Become what another is."""
        with _told():
            other.connection.backup(self.connection)
            other.connection.execute("PRAGMA shrink_memory")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise UnavailableError(
            f"What is read cannot be kept in the temporary folder ({error}): make room there, or name another folder in"
            " the environment variable TMPDIR; nothing was changed."
        ) from None


def packed(value: Any) -> bytes:
    """A plain value as bytes that `unpacked` reads."""
    try:
        return marshal.dumps(value)
    except ValueError:  # of a subclass of one of the types that it knows
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def unpacked(data: bytes) -> Any:
    """What `packed` made bytes of."""
    # Each begins with a byte that the other never does.
    return pickle.loads(data) if data[0] == 0x80 else marshal.loads(data)  # noqa: S301, S302 - our own file


def keyed(codec: Codec[V]) -> ItemCodec[Any, V]:
    """How plain keys stand with values of a kind."""
    encode, decode = codec

    def pack(key: Any, value: V) -> bytes:
        return packed((key, encode(value)))

    def unpack(data: bytes) -> tuple[Any, V]:
        key, value = unpacked(data)
        return key, decode(value)

    def pack_block(keys: Sequence[Any], values: Sequence[V]) -> bytes:
        return packed((list(keys), [encode(one) for one in values]))

    def unpack_block(data: bytes) -> tuple[list[Any], list[V]]:
        keys, values = unpacked(data)
        return keys, [decode(one) for one in values]

    return ItemCodec(pack, unpack, pack_block, unpack_block)
