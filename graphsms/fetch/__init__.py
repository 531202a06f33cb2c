"""Fetching tables of other systems over HTTP into a folder of files, which an import then reads.

Fetching and importing are kept apart: what was fetched can be looked at, kept as a record, and imported again. A fetch
that was broken off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from graphsms.errors import FetchError, InputError
from graphsms.fetch.client import Client, Limits, base_of
from graphsms.fetch.folder import Folder, Table
from graphsms.fetch.systems import SYSTEMS, ChangedError, System, table_name
from graphsms.ingest.foreign import mapping

__all__ = ["FetchVerdict", "FetchedTable", "Limits", "fetch", "systems"]

MAX_PAGE: Final = 10_000
_TRIES: Final = 3

Told = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class FetchedTable:
    """One table: its rows, how many there are by the word of the server, and why there are none (``absent``)."""

    name: str
    rows: int
    told: int | None
    pages: int
    absent: str = ""

    @property
    def missing(self) -> int:
        """Rows that the server counts and does not give, mostly since the account may not read them."""
        return max(0, (self.told or 0) - self.rows)


@dataclass(frozen=True, slots=True)
class FetchVerdict:
    """What a fetch has brought.

    Parameters
    ----------
    system, url, folder : str
    tables : tuple of FetchedTable
    requests, bytes : int
    resumed : bool
        Whether it went on where an earlier one was broken off.
    """

    system: str
    url: str
    folder: str
    tables: tuple[FetchedTable, ...]
    requests: int
    bytes: int
    resumed: bool

    @property
    def complete(self) -> bool:
        """Whether every table was there, with all of its rows."""
        return not any(one.absent or one.missing for one in self.tables)

    def sentence(self) -> str:
        """The verdict in words."""
        rows = sum(one.rows for one in self.tables)
        there = [one for one in self.tables if not one.absent]
        tables = "1 table" if len(there) == 1 else f"{len(there)} tables"
        said = f"Fetched {rows:,} rows of {tables} from {self.url} into {self.folder}."
        absent = [one for one in self.tables if one.absent]
        missing = sum(one.missing for one in self.tables)
        if absent:
            said += f" {len(absent)} of those asked for could not be read: {', '.join(one.name for one in absent)}."
        if missing:
            said += f" {missing:,} rows were counted and not given; the account may not be allowed to read them."
        return said

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "system": self.system,
            "url": self.url,
            "folder": self.folder,
            "complete": self.complete,
            "resumed": self.resumed,
            "requests": self.requests,
            "bytes": self.bytes,
            "tables": [
                {
                    "table": one.name,
                    "rows": one.rows,
                    "told": one.told,
                    "missing": one.missing,
                    "pages": one.pages,
                    "absent": one.absent,
                }
                for one in self.tables
            ],
        }


def systems() -> tuple[str, ...]:
    """The systems that can be asked."""
    return tuple(SYSTEMS)


def fetch(
    system: str,
    url: str,
    folder: str | Path,
    *,
    tables: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
    page_size: int = 500,
    limits: Limits | None = None,
    max_bytes: int = 10 << 30,
    progress: Told | None = None,
    client: Client | None = None,
) -> FetchVerdict:
    """Fetch tables of another system into a folder.

    Parameters
    ----------
    system : str
        ``servicenow``, ``glpi`` or ``itop``.
    url : str
        Its base URL, with TLS. The credential comes from the environment.
    folder : str or Path
        Where the pages go: one that is empty, or that an earlier fetch has filled. What an unfinished fetch of the
        same has left is gone on with; anything else of a fetch in it is replaced.
    tables : sequence of str, optional
        Which tables, classes or item types. Without it, those that the mapping of the system is for; of these,
        ones that the server does not have are told and left out.
    where : mapping of str to str, optional
        Conditions by table: an encoded query of ServiceNow, or what follows WHERE in OQL.
    page_size : int
        Rows a page.
    limits : Limits, optional
    max_bytes : int
        Of all pages together.
    progress : callable, optional
        Told the table, how many rows of it are here, and of how many.
    client : Client, optional
        How to ask, where it is to be something else than the default.

    Returns
    -------
    FetchVerdict

    Raises
    ------
    InputError
        The URL, the folder, a table or the environment cannot be used.
    FetchError
        The server did not give what was asked for. What has come is kept, and the next call goes on.

    Notes
    -----
    One request a page, one page in memory.
    """
    if system not in SYSTEMS:
        raise InputError(f"There is no system {system!r}; there are {', '.join(SYSTEMS)}.")
    if not 1 <= page_size <= MAX_PAGE:
        raise InputError(f"A page of {page_size:,} rows is not possible; from 1 to {MAX_PAGE:,} are.")
    asked, rules = SYSTEMS[system], _rules(system)
    conditions = dict(where or {})
    named = [table_name(one) for one in tables] or list(rules["fetch"])
    if conditions.keys() - set(named):
        raise InputError(f"There is a condition for {min(conditions.keys() - set(named))}, which is not fetched.")
    if conditions and not asked.narrowed:
        raise InputError(f"Tables of {system} cannot be narrowed by a condition.")
    if client is None:
        client = Client(base_of(url), limits=limits or Limits())
    client = asked.log_in(replace(client, base=base_of(url).removesuffix("/apirest.php")))
    try:
        fields = {name: list(of) for name, of in rules["fetch_fields"].items() if name in named}
        query = {"tables": named, "where": conditions, "page_size": page_size, "fields": fields}
        with closing(Folder(Path(folder), system, client.base, query, max_bytes)) as into:
            for name in named:
                into.begin(name)
            into.write_manifest()
            for name in dict.fromkeys(named):
                one = into.begin(name)
                if not one.finished:
                    of, condition = fields.get(name, []), conditions.get(name, "")
                    _table(asked, client, into, name, page_size, of, condition, progress)
                    if one.absent and tables:
                        raise FetchError(one.absent)
            reasons = [one.absent for one in into.tables.values()]
            if all(reasons):
                raise FetchError(reasons[0])
            into.finish()
            return _verdict(system, client, into, named)
    finally:
        _leave(asked, client)


def _rules(system: str) -> Any:
    return mapping(system)


def _table(
    system: System,
    client: Client,
    into: Folder,
    name: str,
    size: int,
    fields: Sequence[str],
    where: str,
    tell: Told | None,
) -> None:
    """All pages of a table; one that changes under positions is read anew, a few times."""
    table = into.begin(name)
    for attempt in range(1, _TRIES + 1):
        try:
            for page in system.pages(client, name, table.last, table.rows, size, fields, where):
                table.told = page.told if table.told is None or page.told is None else max(table.told, page.told)
                into.add(name, page.content, page.rows, page.last)
                if tell is not None:
                    tell(name, table.rows, table.told)
            break
        except ChangedError:
            if attempt == _TRIES:
                raise FetchError(
                    f"{name}: it was changed each time while it was read; try again when it is quiet."
                ) from None
            table = into.begin_anew(name)
        except FetchError as error:
            if table.pages or not system.absent(error):
                raise
            table.absent = str(error)
            break
    table.finished = True
    into.write_manifest()


def _verdict(system: str, client: Client, into: Folder, named: Sequence[str]) -> FetchVerdict:
    found = tuple(_fetched(name, into.tables[name]) for name in dict.fromkeys(named))
    return FetchVerdict(system, client.base, str(into.path), found, client.requests, into.size, into.resumed)


def _fetched(name: str, table: Table) -> FetchedTable:
    return FetchedTable(name, table.rows, table.told, len(table.pages), table.absent)


def _leave(system: System, client: Client) -> None:
    client.limits = replace(client.limits, attempts=1)  # a server that is gone is not waited for to say goodbye
    try:
        system.log_out(client)
    except FetchError:  # what was fetched is here; a session that cannot be closed ends by itself
        pass
    finally:
        client.close()
