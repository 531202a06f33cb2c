"""The folder that is filled: pages as they came, and a manifest that says how far it has come.

Every file is written beside its place and moved there, the manifest after the page that it names: whenever the work is
broken off, the manifest is true.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from graphsms.errors import FetchError, InputError
from graphsms.ingest.fetched import FORM, MANIFEST
from graphsms.moments import now

__all__ = ["Folder", "Table"]


@dataclass(slots=True)
class Table:
    """How far one table has come.

    Parameters
    ----------
    pages : list of mapping
        File, rows, SHA-256 and time of each page.
    last : str
        The key of the last row: the next page begins after it.
    told : int or None
        How many rows there are by the word of the server.
    absent : str
        Why there is nothing of it, where it cannot be read.
    """

    pages: list[Mapping[str, Any]] = field(default_factory=list)
    last: str = ""
    told: int | None = None
    finished: bool = False
    absent: str = ""

    @property
    def rows(self) -> int:
        """How many rows are here."""
        return sum(int(page["rows"]) for page in self.pages)

    def said(self) -> dict[str, Any]:
        """As the manifest has it."""
        return {
            "finished": self.finished,
            "rows": self.rows,
            "told": self.told,
            "last": self.last,
            **({"absent": self.absent} if self.absent else {}),
            "pages": self.pages,
        }


class Folder:
    """A folder for what is fetched from one system by one query.

    Parameters
    ----------
    path : Path
        Made where it does not exist; what is in it must be of an earlier fetch.
    system, url : str
    query : mapping
        All that decides what is fetched; another query begins anew.
    limit : int
        Bytes of all pages together at most.

    Raises
    ------
    InputError
        The folder holds something else, or cannot be written.
    """

    def __init__(self, path: Path, system: str, url: str, query: Mapping[str, Any], limit: int) -> None:
        self.path = path
        self.limit = limit
        self.head = {"form": FORM, "system": system, "url": url, "query": json.loads(json.dumps(query))}
        self.tables: dict[str, Table] = {}
        self.began = now()
        self.resumed = False
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is fetched is for nobody else to read
            if not (path / MANIFEST).exists() and any(not one.name.startswith(".") for one in path.iterdir()):
                raise InputError(f"The folder {path} holds files that are of no fetch; name an empty one.")
            self._held = _hold(path)
        except OSError as error:
            raise InputError(f"The folder {path} cannot be used: {error.strerror}.") from None
        try:
            before = self._manifest()
            if before is not None:
                self._go_on(before)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.close()
            raise InputError(f"{path / MANIFEST} has been changed or is damaged; name an empty folder.") from None
        except BaseException:
            self.close()
            raise

    def _manifest(self) -> Mapping[str, Any] | None:
        file = self.path / MANIFEST
        if not file.exists():
            return None
        try:
            found = json.loads(file.read_text("utf-8"))
            if found["form"] == FORM and isinstance(found["tables"], dict):
                return found  # type: ignore[no-any-return]
        except (ValueError, KeyError, TypeError):
            pass
        raise InputError(f"{file} is no manifest of a fetch; name an empty folder.")

    def _go_on(self, before: Mapping[str, Any]) -> None:
        """Take over what an unfinished fetch of the same has left, and remove what another one has."""
        same = all(before.get(name) == value for name, value in self.head.items()) and before.get("finished") is None
        for name, said in before["tables"].items():
            table = Table(
                list(said["pages"]), str(said["last"]), said["told"], said["finished"], said.get("absent", "")
            )
            if same and not table.absent and all(self._whole(page) for page in table.pages):
                self.tables[name] = table
                continue
            for page in table.pages:
                self._inside(page).unlink(missing_ok=True)
        if same:
            self.resumed, self.began = True, str(before.get("began", self.began))
        self.write_manifest()

    def _inside(self, page: Mapping[str, Any]) -> Path:
        name = str(page["file"])
        if name != Path(name).name or name.startswith("."):
            raise InputError(f"{self.path / MANIFEST} names a file outside of its folder; name an empty folder.")
        return self.path / name

    def _whole(self, page: Mapping[str, Any]) -> bool:
        try:
            return hashlib.sha256(self._inside(page).read_bytes()).hexdigest() == str(page["sha256"])
        except OSError:
            return False

    def begin(self, name: str) -> Table:
        """A table, as far as it has come."""
        return self.tables.setdefault(name, Table())

    def begin_anew(self, name: str) -> Table:
        """A table from its first row on; what was there of it is removed."""
        for page in self.tables.get(name, Table()).pages:
            self._inside(page).unlink(missing_ok=True)
        self.tables[name] = Table()
        self.write_manifest()
        return self.tables[name]

    def add(self, name: str, content: bytes, rows: int, last: str) -> None:
        """A page, as it came; a manifest without it is never the later one."""
        table = self.tables[name]
        if self.size + len(content) > self.limit:
            raise FetchError(f"More than {self.limit:,} bytes have come; fetch fewer tables, or allow more.")
        file = f"{name}.{len(table.pages) + 1:04}.json"
        self._write(file, content)
        digest = hashlib.sha256(content).hexdigest()
        table.pages.append({"file": file, "rows": rows, "bytes": len(content), "sha256": digest, "at": now()})
        table.last = last
        self.write_manifest()

    @property
    def size(self) -> int:
        """How many bytes are here."""
        return sum(int(page["bytes"]) for table in self.tables.values() for page in table.pages)

    def finish(self) -> None:
        """All is here."""
        self.write_manifest(finished=now())

    def write_manifest(self, finished: str | None = None) -> None:
        """The manifest as things are."""
        said = {
            **self.head,
            "began": self.began,
            "finished": finished,
            "tables": {name: table.said() for name, table in self.tables.items()},
        }
        order = ("form", "system", "url", "began", "finished", "query", "tables")
        text = json.dumps({name: said[name] for name in order}, indent=1, ensure_ascii=False)
        self._write(MANIFEST, text.encode() + b"\n")

    def _write(self, name: str, content: bytes) -> None:
        beside = self.path / f".{name}.part"
        try:
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path / name)
        except OSError as error:
            raise FetchError(f"{self.path / name} cannot be written: {error.strerror}.") from None

    def close(self) -> None:
        """Let another fetch have the folder."""
        self._held.close()


def _hold(path: Path) -> IO[bytes]:
    """The folder for one fetch at a time, where the system has locks for that; it is let go whatever happens."""
    held = (path / ".lock").open("wb")
    try:
        import fcntl

        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass
    except BlockingIOError:
        held.close()
        raise InputError(f"Another fetch is at work in {path}; wait for it, or name another folder.") from None
    return held
