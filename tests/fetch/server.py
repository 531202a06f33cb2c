"""A server on this machine that answers as ServiceNow, GLPI or iTop do, or misbehaves as it is told."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request: method, path, what stands in its query and form, and its headers in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """An answer. ``cut`` sends so many bytes only of what was promised; ``late`` waits longer than any client."""

    status: int = 200
    value: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: int | None = None
    late: bool = False

    @property
    def content(self) -> bytes:
        return self.body if self.body is not None else json.dumps(self.value).encode()


class Server:
    """Runs until it is left; ``trouble`` is answered first, one for each request."""

    def __init__(self, answer: Callable[[Asked], Said]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.trouble: list[Said | None] = []
        self._gone = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.handle(self)

            def do_POST(self) -> None:
                outer.handle(self)

            def log_message(self, *_: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                if not isinstance(sys.exc_info()[1], OSError):  # a client that leaves is no mistake of the server
                    super().handle_error(request, client_address)

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._gone.set()
        self._server.shutdown()
        self._server.server_close()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        asked = Asked(
            handler.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            dict(parse_qsl(body)),
            {name.lower(): value for name, value in handler.headers.items()},
        )
        self.asked.append(asked)
        said = (self.trouble.pop(0) if self.trouble else None) or self.answer(asked)
        if said.late:
            self._gone.wait(5)
        try:
            handler.send_response(said.status)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(said.content)), **said.headers}
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(said.content[: said.cut])
        except OSError:  # the client did not wait
            pass
        if said.cut is not None or said.late:
            handler.close_connection = True


def key(number: int) -> str:
    """A sys_id."""
    return f"{number:032x}"


def _key_of(row: Mapping[str, Any]) -> str:
    said = row["sys_id"]
    return str(said["value"] if isinstance(said, dict) else said)


class ServiceNowTables:
    """The Table API over rows by table; of some, ``hidden`` ones are counted and not given."""

    def __init__(self, tables: Mapping[str, list[dict[str, Any]]], hidden: frozenset[str] = frozenset()) -> None:
        self.tables = {name: sorted(rows, key=_key_of) for name, rows in tables.items()}
        self.hidden = hidden

    def __call__(self, asked: Asked) -> Said:
        table = asked.path.removeprefix("/api/now/table/")
        if table not in self.tables:
            return Said(400, {"error": {"message": f"Invalid table {table}", "detail": None}, "status": "failure"})
        after = re.match("sys_id>([0-9a-f]{32})", asked.query.get("sysparm_query", ""))
        rows = [row for row in self.tables[table] if after is None or _key_of(row) > after[1]]
        start, size = int(asked.query.get("sysparm_offset", "0")), int(asked.query["sysparm_limit"])
        page = [row for row in rows[start : start + size] if _key_of(row) not in self.hidden]
        return Said(value={"result": page}, headers={"X-Total-Count": str(len(rows))})


class GlpiItems:
    """GLPI's REST API over items by type; ``change`` is done after so many lists."""

    def __init__(self, items: Mapping[str, list[dict[str, Any]]]) -> None:
        self.items = {name: list(rows) for name, rows in items.items()}
        self.change: dict[int, Callable[[], None]] = {}
        self.lists = 0

    def __call__(self, asked: Asked) -> Said:
        path = asked.path.removeprefix("/apirest.php/").strip("/")
        if path == "initSession":
            if asked.headers.get("authorization") != "user_token mine" or asked.headers.get("app-token") != "app":
                return Said(401, ["ERROR_GLPI_LOGIN", "wrong"])
            return Said(value={"session_token": "session-1"})
        if asked.headers.get("session-token") != "session-1":
            return Said(401, ["ERROR_SESSION_TOKEN_INVALID", "session_token seems invalid"])
        if path == "killSession":
            return Said(value=True)
        if path not in self.items:
            return Said(400, ["ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM", "resource not found"])
        rows = sorted(self.items[path], key=lambda row: int(row["id"]))
        start, end = map(int, asked.query["range"].split("-"))
        if rows and start >= len(rows):
            return Said(400, ["ERROR_RANGE_EXCEED_TOTAL", "Provided range exceed total count of data"])
        page = rows[start : end + 1]
        self.lists += 1
        self.change.pop(self.lists, lambda: None)()
        headers = {"Content-Range": f"{start}-{start + len(page) - 1}/{len(rows)}"} if page else {}
        return Said(206 if len(page) < len(rows) else 200, page, headers)


class ItopObjects:
    """iTop's REST services over objects by class."""

    def __init__(self, objects: Mapping[str, list[int]]) -> None:
        self.objects = dict(objects)

    def __call__(self, asked: Asked) -> Said:
        if (asked.form.get("auth_user"), asked.form.get("auth_pwd")) != ("ada", "s3cret"):
            return Said(value={"code": 1, "message": "Error: Invalid login"})
        said = json.loads(asked.form["json_data"])
        if said["class"] not in self.objects:
            return Said(value={"code": 5, "message": f"Error: class: Unknown class {said['class']}", "objects": None})
        among = re.search(r"id IN \(([0-9,]+)\)", said["key"])
        wanted = set(map(int, among[1].split(","))) if among else None
        found = [one for one in self.objects[said["class"]] if wanted is None or one in wanted]
        objects = {
            f"{said['class']}::{one}": {
                "code": 0,
                "class": said["class"],
                "key": str(one),
                "fields": {"name": f"n{one}"},
            }
            for one in found
        }
        return Said(value={"code": 0, "message": f"Found: {len(found)}", "objects": objects or None})
