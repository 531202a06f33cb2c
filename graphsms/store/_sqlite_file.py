"""The file of a `SqliteStore`: where it is, whether it is ours, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote, unquote

from graphsms.errors import CorruptError, GraphSmsError, InputError, StoreError, UnavailableError
from graphsms.store._sqlite_tables import SINCE_FORMAT_1, TABLES

__all__ = [
    "File",
    "bring_up_to_date",
    "connected",
    "foreign",
    "opened",
    "path_of",
    "translated",
    "translating",
]

_APPLICATION: Final = int.from_bytes(b"gsms", "big")
_FORMAT: Final = 2
_IN_MEMORY: Final = ":memory:"


@dataclass(frozen=True, slots=True)
class File:
    """An SQLite file, how long to wait for other processes, and whether it can change at all.

    ``immutable`` is that of SQLite: read without locks, for a file in a folder where no process may write.
    """

    path: str
    timeout: float
    immutable: bool = False


def path_of(url: str) -> str:
    """The file that a URL names: a plain path, ``sqlite:///`` and a path (a fourth stroke makes it absolute), or ``file://``.

    Raises
    ------
    InputError
        It names no file.

    Examples
    --------
    >>> path_of("estate.db"), path_of("sqlite:///estate.db"), path_of("sqlite:////srv/estate.db")
    ('estate.db', 'estate.db', '/srv/estate.db')
    >>> path_of("file:///srv/our%20estate.db")
    '/srv/our estate.db'
    """
    scheme, separator, rest = url.partition("://")
    path = url
    if separator and scheme == "sqlite" and rest.startswith("/"):
        path = unquote(rest[1:])
    elif separator and scheme == "file" and rest.startswith("/"):
        path = unquote(rest)
    elif separator:
        raise InputError(f"The store {url!r} names no file: write sqlite:///estate.db or file:///srv/estate.db.")
    if not path or "\0" in path:
        raise InputError(f"The store {url!r} names no file.")
    if path == _IN_MEMORY:  # would be a file of that name here, which nobody means
        raise InputError(f"A store is a file, and {path!r} is none: name one in a temporary folder.")
    return path


def opened(path: str, *, create: bool, timeout: float) -> tuple[File, sqlite3.Connection]:
    """Open a store's file, and make it where it does not exist and is to be made.

    Raises
    ------
    InputError
        It does not exist, and is not to be made.
    CorruptError
        It is no store of ours, or is damaged.
    UnavailableError
        It may not be read, is locked, or was made by a newer version.
    """
    file = File(str(Path(path).absolute()), timeout)
    exists = _exists(file.path)
    if not exists and not create:
        raise InputError(f"There is no store {path!r}: check the path, or make it with `graphsms init`.")
    with translated(file.path):
        try:
            return file, _checked(file, create)
        except sqlite3.OperationalError as error:
            if not exists or not _cannot_change(file.path, error):
                raise
        file = replace(file, immutable=True)
        return file, _checked(file, create=False)


def connected(file: File, *, create: bool = False) -> sqlite3.Connection:
    """A further connection to a store's file; transactions are begun and ended by hand."""
    mode = "immutable=1" if file.immutable else "mode=rwc" if create else "mode=rw"
    connection = sqlite3.connect(
        f"file:{quote(file.path)}?{mode}", uri=True, timeout=file.timeout, isolation_level=None
    )
    try:
        for pragma in (
            "PRAGMA cache_size = -65536",  # 64 MiB, taken only where needed
            "PRAGMA journal_size_limit = 67108864",
            "PRAGMA cell_size_check = ON",
            "PRAGMA trusted_schema = OFF",
        ):
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _checked(file: File, create: bool) -> sqlite3.Connection:
    """A connection to a file that holds a store, made there if need be."""
    connection = connected(file, create=create)
    try:
        if not _is_ours(connection, file.path):
            if not create:
                raise CorruptError(f"{file.path} is an empty file, no store: give another, or make one in its place.")
            _make(connection)
            _is_ours(connection, file.path)
        bring_up_to_date(connection, file.path)
        if not file.immutable:
            _require_wal(connection, file.path)
    except BaseException:
        connection.close()
        raise
    return connection


def _exists(path: str) -> bool:
    """Whether there is a file to open.

    It is looked at from outside only: to open and close it here would undo the locks of every other
    connection that this process has to it (POSIX), and other processes would remove the log that those use.
    """
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        if not Path(path).parent.is_dir():
            raise UnavailableError(f"{path} cannot be made: its folder does not exist; make it first.") from None
        return False
    except OSError as error:
        raise UnavailableError(f"{path} cannot be reached ({error.strerror}): check the path and the rights.") from None
    if stat.S_ISDIR(found.st_mode):
        raise UnavailableError(f"{path} is a folder: give a file in it.")
    if not stat.S_ISREG(found.st_mode):
        raise UnavailableError(f"{path} is no ordinary file: give another.")
    if not os.access(path, os.R_OK):
        raise UnavailableError(f"{path} may not be read: ask for the right to, or give another.")
    if found.st_size == 1:  # which SQLite takes for an empty file
        raise CorruptError(f"{path} is no graphsms store, not even an SQLite file: give another.")
    return True


def _is_ours(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the file holds a store of ours; False where it holds nothing at all."""
    connection.execute("BEGIN")  # another process may be making it right now: see all of that or nothing
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.execute("COMMIT")
    if application == 0 and version == 0 and tables == 0:
        return False
    if application != _APPLICATION:
        raise CorruptError(f"{path} is an SQLite database of something else, no graphsms store: give another.")
    if version > _FORMAT:
        raise UnavailableError(
            f"{path} was made by a newer graphsms (format {version}; this one knows {_FORMAT}): upgrade graphsms."
        )
    return True


def bring_up_to_date(connection: sqlite3.Connection, path: str) -> None:
    """Give a file that an older version made what it lacks."""
    if connection.execute("PRAGMA user_version").fetchone() == (_FORMAT,):
        return
    try:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone() != (_FORMAT,):  # nobody else has, since we looked
            for statement in SINCE_FORMAT_1:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_FORMAT:d}")
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if _primary(error) != sqlite3.SQLITE_READONLY:
            raise
        raise UnavailableError(
            f"{path} was made by an older graphsms and cannot be brought up to date, since it is read-only: open it"
            " once where it can be written."
        ) from None


def _make(connection: sqlite3.Connection) -> None:
    from uuid import uuid4

    _switch_to_wal(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have made it since we looked.
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            for statement in TABLES:
                connection.execute(statement)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", [("identity", str(uuid4())), ("last_k", "0")])
            connection.execute(f"PRAGMA application_id = {_APPLICATION:d}")
            connection.execute(f"PRAGMA user_version = {_FORMAT:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _switch_to_wal(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])


def _require_wal(connection: sqlite3.Connection, path: str) -> None:
    """Copies made by other tools lose the mode; where nothing may be written, it does not matter."""
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            mode = _switch_to_wal(connection)
        except sqlite3.OperationalError as error:
            if _primary(error) != sqlite3.SQLITE_READONLY:
                raise
        else:
            if mode != "wal":
                raise UnavailableError(f"{path} lies where SQLite cannot share it safely: move it to a local disk.")


def _cannot_change(path: str, error: sqlite3.OperationalError) -> bool:
    """Whether a file could not be opened only because nothing may be written in its folder, the index of its
    write-ahead log included; then nobody of our rights is writing it either."""
    if _primary(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        return False
    log = Path(path + "-wal")
    return not os.access(log.parent, os.W_OK) and not (log.exists() and log.stat().st_size)


# ------------------------------------------------------------------------------------------ errors


_Item = TypeVar("_Item")


class _ForeignError(Exception):
    """Carries an error of who gave us an iterable past `translated`: it may be of another database."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def foreign(items: Iterable[_Item]) -> Iterator[_Item]:
    """The items; what goes wrong in getting them is not of this store."""
    try:
        yield from items
    except (sqlite3.Error, UnicodeEncodeError) as error:
        raise _ForeignError(error) from error


def translating(path: str, items: Iterable[_Item]) -> Iterator[_Item]:
    """The items; what goes wrong in getting them is `translated`."""
    with translated(path):
        yield from items


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn what SQLite raises into a `StoreError` that says what is wrong with the file, and what to do; text that is
    none into an `InputError`."""
    try:
        yield
    except _ForeignError as carrier:
        raise carrier.error from carrier.error.__cause__
    except sqlite3.Error as error:
        raise _translation(error, path) from error
    except UnicodeEncodeError as error:
        raise InputError(f"{error.object[:60]!r} holds half of a surrogate pair, which is no character.") from None


def _translation(error: sqlite3.Error, path: str) -> GraphSmsError:
    code = _primary(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UnavailableError(
            f"{path} is locked by another process: try again when that is done; nothing was changed."
        )
    if code == sqlite3.SQLITE_READONLY:
        return UnavailableError(
            f"{path} is read-only (the file or its folder): ask for the right to write; nothing was changed."
        )
    if code == sqlite3.SQLITE_FULL:
        return UnavailableError(f"The disk is full where {path} lies: make room and try again; nothing was changed.")
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return UnavailableError(
            f"{path} cannot be read or written ({error}): see to the disk and the rights; nothing was changed."
        )
    if code == sqlite3.SQLITE_NOTADB:
        return CorruptError(f"{path} is no graphsms store, not even an SQLite file: give another.")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_ERROR):
        return CorruptError(f"{path} is damaged ({error}): restore it from a backup.")
    if code == sqlite3.SQLITE_TOOBIG:
        return StoreError(f"{path} cannot hold a value of that length: shorten it; nothing was changed.")
    if isinstance(error, sqlite3.ProgrammingError):
        return StoreError(f"{path} cannot be used any more ({error}).")
    return StoreError(f"{path}: {error}")


def _primary(error: sqlite3.Error) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
