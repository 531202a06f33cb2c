"""How each system is asked for its tables, page by page, and how one sees that a page is the right one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from graphsms.errors import FetchError, InputError
from graphsms.fetch.client import Answer, Client
from graphsms.fetch.credentials import basic, secrets_or

__all__ = ["SYSTEMS", "ChangedError", "Page", "System"]

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the bytes as they came, how many rows, the key of the last, and how many there are in all."""

    content: bytes
    rows: int
    last: str
    told: int | None


class ChangedError(Exception):
    """The table was changed while it was read by positions: it has to be read anew."""


class System(Protocol):
    """A kind of server."""

    narrowed: bool
    """Whether its tables can be narrowed by a condition."""

    def log_in(self, client: Client) -> Client:
        """The client with the credential of the environment."""

    def log_out(self, client: Client) -> None:
        """Give back what logging in took."""

    def absent(self, error: FetchError) -> bool:
        """Whether an error says that there is no such table, or none that may be read."""

    def pages(
        self, client: Client, table: str, after: str, so_far: int, size: int, fields: Sequence[str], where: str
    ) -> Iterator[Page]:
        """The pages of a table after a key."""


class ServiceNow:
    """The Table API, by ``sys_id``: a row that comes or goes in between shifts no page."""

    narrowed = True

    def log_in(self, client: Client) -> Client:
        """A token, or a user and a password."""
        found = secrets_or(("GRAPHSMS_SERVICENOW_TOKEN",), ("GRAPHSMS_SERVICENOW_USER", "GRAPHSMS_SERVICENOW_PASSWORD"))
        values = tuple(found.values())
        client.headers = {"Authorization": f"Bearer {values[0]}" if len(values) == 1 else basic(values[0], values[1])}
        return client

    def log_out(self, client: Client) -> None:
        """Nothing was taken."""

    def absent(self, error: FetchError) -> bool:
        """No such table (400), or none that may be read (403, 404)."""
        return error.status in (403, 404) or (error.status == 400 and "invalid table" in str(error).casefold())

    def pages(
        self, client: Client, table: str, after: str, so_far: int, size: int, fields: Sequence[str], where: str
    ) -> Iterator[Page]:
        """The rows after a ``sys_id``, in its order."""
        if "^NQ" in where:
            raise InputError(f"{table}: a condition with ^NQ cannot be read page by page; ask for one part at a time.")
        told: int | None = None
        hidden, begun = 0, bool(after)
        while True:
            condition = "^".join(part for part in (f"sys_id>{after}" if after else "", where, "ORDERBYsys_id") if part)
            query = {
                "sysparm_query": condition,
                "sysparm_limit": str(size),
                "sysparm_offset": str(hidden),
                "sysparm_display_value": "all",
                "sysparm_exclude_reference_link": "true",
                **({"sysparm_fields": ",".join(fields)} if fields else {}),
            }
            answer = client.get(f"/api/now/table/{table}", query)
            rows = _rows(answer, table, "result")
            if "error" in answer.value:
                raise FetchError(f"{table}: the server stopped in the middle of a page; ask for fewer rows a page.")
            keys = [_sys_id(row, table) for row in rows]
            _in_order(keys, after, size, table)
            left = _count(answer.headers.get("x-total-count", ""))
            told = so_far + left if told is None and left is not None else told
            if rows:
                after, begun = keys[-1], True
                yield Page(answer.content, len(rows), after, told)
            # Rows that the account may not read are counted, and missing from their page: a short page is the last
            # only where no more are left, and behind an empty one there may be others.
            if hidden + size >= left if left is not None else len(rows) < size:
                if not begun:
                    yield Page(answer.content, 0, after, told)
                return
            hidden = 0 if rows else hidden + size


class Glpi:
    """The REST API, by ranges: a table that changes while it is read is read anew."""

    narrowed = False

    def log_in(self, client: Client) -> Client:
        """A session, by a user token or a user and a password, and the token of the application where it is set."""
        from graphsms.fetch.credentials import secret

        found = secrets_or(("GRAPHSMS_GLPI_USER_TOKEN",), ("GRAPHSMS_GLPI_USER", "GRAPHSMS_GLPI_PASSWORD"))
        values = tuple(found.values())
        app = secret("GRAPHSMS_GLPI_APP_TOKEN")
        client.headers = {"App-Token": app} if app else {}
        how = f"user_token {values[0]}" if len(values) == 1 else basic(values[0], values[1])
        answer = client.get("/apirest.php/initSession", {}, headers={"Authorization": how})
        token = answer.value.get("session_token") if isinstance(answer.value, dict) else None
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,4096}", token):
            raise FetchError(f"{client.base}: It opened no session; check the URL and the tokens.")
        client.headers = {**client.headers, "Session-Token": token}
        return client

    def log_out(self, client: Client) -> None:
        """Close the session."""
        if "Session-Token" in client.headers:
            client.get("/apirest.php/killSession", {})

    def absent(self, error: FetchError) -> bool:
        """An item type of another version or of a plugin, or none that may be read."""
        return error.status in (403, 404) or "ERROR_RESOURCE_NOT_FOUND" in str(error) or "ERROR_RIGHT" in str(error)

    def pages(
        self, client: Client, table: str, after: str, so_far: int, size: int, fields: Sequence[str], where: str
    ) -> Iterator[Page]:
        """The items from a position on, in the order of their ids."""
        del fields, where
        told: int | None = None
        while True:
            query = {
                "range": f"{so_far}-{so_far + size - 1}",
                "sort": "id",
                "order": "ASC",
                "expand_dropdowns": "false",
                "get_hateoas": "false",
            }
            try:
                answer = client.get(f"/apirest.php/{table}/", query)
            except FetchError as error:
                # Where it has become shorter, what is asked for lies behind its end.
                if so_far and "ERROR_RANGE_EXCEED_TOTAL" in str(error):
                    raise ChangedError from None
                raise
            rows = _rows(answer, table, None)
            keys = [str(row.get("id", "")) for row in rows]
            if not all(key.isdigit() for key in keys):
                raise FetchError(f"{table}: a row has no id; check the URL and the version of GLPI.")
            _in_order([f"{int(key):020}" for key in keys], f"{int(after):020}" if after else "", size, table)
            found = re.fullmatch(r"(\d+)-(\d+)/(\d+)", answer.headers.get("content-range", "").strip())
            total = int(found[3]) if found else None
            if found and rows and int(found[1]) != so_far:
                raise FetchError(f"{table}: the server sent the rows from {found[1]} in place of those from {so_far}.")
            if told is not None and total != told:
                raise ChangedError
            told = total if told is None else told
            after = keys[-1] if keys else after
            so_far += len(rows)
            if told is not None and rows and len(rows) < size and so_far < told:
                raise FetchError(f"{table}: a page in the middle has {len(rows)} rows in place of {size}.")
            if rows or so_far == 0:
                yield Page(answer.content, len(rows), after, told)
            if not rows or (so_far >= told if told is not None else len(rows) < size):
                return


class Itop:
    """The REST/JSON services: first the keys of a class, then its objects by their keys.

    The order of iTop's own pages is that of names, and they shift when an object comes or goes.
    """

    narrowed = True

    def log_in(self, client: Client) -> Client:
        """A token, or a user and a password, in the body of each request."""
        found = secrets_or(("GRAPHSMS_ITOP_TOKEN",), ("GRAPHSMS_ITOP_USER", "GRAPHSMS_ITOP_PASSWORD"))
        values = tuple(found.values())
        if len(values) == 1:
            client.headers = {"Auth-Token": values[0]}
        else:
            client.form = {"auth_user": values[0], "auth_pwd": values[1]}
        return client

    def log_out(self, client: Client) -> None:
        """Nothing was taken."""

    def absent(self, error: FetchError) -> bool:
        """A class of a module that is not installed, or none that may be read."""
        said = str(error).casefold()
        return error.status == 403 or ("class" in said and ("unknown" in said or "not a valid" in said))

    def pages(
        self, client: Client, table: str, after: str, so_far: int, size: int, fields: Sequence[str], where: str
    ) -> Iterator[Page]:
        """The objects after a key, by lists of keys."""
        oql = f"SELECT {table}" + (f" WHERE {where}" if where else "")
        first = self._ask(client, table, oql, "id")
        every = sorted(int(key) for key in _keys(first))
        told = len(every)
        ahead = [key for key in every if not after or key > int(after)]
        if not ahead and not so_far:
            yield Page(first.content, 0, after, told)
        for start in range(0, len(ahead), size):
            wanted = ahead[start : start + size]
            among = ",".join(map(str, wanted))
            answer = self._ask(client, table, f"SELECT {table} WHERE id IN ({among})", ",".join(fields) or "*")
            sent = {int(key) for key in _keys(answer)}
            if not sent <= set(wanted):
                raise FetchError(f"{table}: the server sent objects that were not asked for; check the URL.")
            yield Page(answer.content, len(sent), str(wanted[-1]), told)

    def _ask(self, client: Client, table: str, oql: str, fields: str) -> Answer:
        said = {"operation": "core/get", "class": table, "key": oql, "output_fields": fields}
        answer = client.post("/webservices/rest.php", {"json_data": json.dumps(said)}, {"version": "1.3"})
        value = answer.value
        if not isinstance(value, dict) or "code" not in value:
            raise FetchError(f"{client.base}: This is no answer of iTop's REST services; check the URL.")
        if value["code"] != 0:
            message = re.sub(r"\s+", " ", client.withheld(str(value.get("message", ""))))[:200]
            if value["code"] == 1:
                raise FetchError(
                    f"{client.base}: The credential is not accepted, or has no right to use REST: {message}"
                )
            raise FetchError(f"{table}: iTop answered with an error: {message}", 400)
        return answer


def _rows(answer: Answer, table: str, key: str | None) -> list[Mapping[str, Any]]:
    value = answer.value.get(key) if key is not None and isinstance(answer.value, dict) else answer.value
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise FetchError(f"{table}: the answer is no list of records; check the URL.")
    return value


def _count(text: str) -> int | None:
    """The number in a header that counts rows."""
    return int(text) if re.fullmatch(r"\d{1,12}", text.strip()) else None


def _sys_id(row: Mapping[str, Any], table: str) -> str:
    found = row.get("sys_id")
    key = found.get("value") if isinstance(found, dict) else found
    if not isinstance(key, str) or not re.fullmatch("[0-9a-f]{32}", key):
        raise FetchError(f"{table}: a row has no sys_id; the account may not read that field.")
    return key


def _keys(answer: Answer) -> list[str]:
    objects = answer.value.get("objects")
    if objects is None:
        return []
    if not isinstance(objects, dict):
        raise FetchError("iTop's answer has no objects; check the URL.")
    keys = [name.rpartition("::")[2] for name in objects]
    if not all(key.isdigit() for key in keys):
        raise FetchError("iTop's answer has objects without keys; check the URL.")
    return keys


def _in_order(keys: Sequence[str], after: str, size: int, table: str) -> None:
    """Whether a page is the one that was asked for: no more than that, each row once, all of them behind the last."""
    if len(keys) > size:
        raise FetchError(f"{table}: the server sent {len(keys)} rows in place of {size}; it takes no notice of limits.")
    for one in keys:
        if one <= after:
            raise FetchError(f"{table}: the server sent a page a second time, or not in order; nothing of it was kept.")
        after = one


SYSTEMS: Final[Mapping[str, System]] = {"servicenow": ServiceNow(), "glpi": Glpi(), "itop": Itop()}


def table_name(text: str) -> str:
    """The name of a table or class, checked.

    Raises
    ------
    InputError
        No table can be called so.
    """
    if not _NAME.fullmatch(text):
        raise InputError(f"{text!r} is no name of a table; letters, digits and underscores are allowed.")
    return text
