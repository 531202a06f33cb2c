"""What ServiceNow gives of its tables: answers of the Table API, JSON and CSV exports, one record at a time.

A reference comes as a plain sys_id, as ``{"link", "value"}``, or with what it is called as ``{"display_value",
"value"}`` (``sysparm_display_value=all``) or beside it as ``dv_field``; all of them become one `Cell`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphsms.ingest.documents import content_of
from graphsms.ingest.fetched import Fetched, fetched
from graphsms.ingest.foreign import text
from graphsms.ingest.jsontext import json_items
from graphsms.ingest.record_csv import is_csv, is_excel, rows_of
from graphsms.ingest.record_values import Cell
from graphsms.model import Fault, Origin

__all__ = ["Row", "answers", "cells", "looks_like_answer", "table_named"]

_ANSWER: Final = re.compile(rb'\s*\{\s*"(result|records)"\s*:\s*[\[{]')
_EMPTY: Final = re.compile(rb'\s*\{\s*"(result|records)"\s*:\s*\[\s*\]\s*\}\s*')
_SYS_ID: Final = re.compile(rb'"sys_id"\s*:')
_TAIL: Final = re.compile(r"/([0-9a-f]{32})(?:\?|$)")
_INSTANCE: Final = re.compile(r"(https://[\w.-]+)/api/now/")
_LOOKED: Final = 100  # records in which a link is looked for that tells of which instance they are
_FILE: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One record of an answer, with the table that its file is of ("" where nothing says) and the instance."""

    table: str
    cells: Mapping[str, Cell]
    origin: Origin
    instance: str


def looks_like_answer(head: bytes, signatures: Any, named: bool) -> bool:
    """Whether a file begins as an answer with records, ``{"result": [...]}`` or ``{"records": [...]}``.

    One without records is one where the file is ``named`` after a table.
    """
    if _ANSWER.match(head) is None:
        return False
    if _EMPTY.fullmatch(head) is not None:
        return named
    return bool(_SYS_ID.search(head)) or any(
        all(f'"{name}"'.encode() in head for name in names) for names in signatures.values()
    )


def table_named(path: Path, known: Container[str]) -> str:
    """The table that a file is named after: ``cmdb_ci_server.json``, ``cmdb_ci_server (2).json``.

    Examples
    --------
    >>> table_named(Path("exports/incident.0001.json"), {"incident": {}}), table_named(Path("may.json"), {})
    ('incident', '')
    """
    found = _FILE.match(path.name)
    name = found[0] if found else ""
    return name if name in known or name.startswith(("cmdb_ci_", "u_cmdb_ci")) else ""


def answers(
    path: Path,
    known: Container[str],
    of_use: Container[str],
    labels: Mapping[str, str],
    fault: Callable[[Fault], None],
) -> Iterator[Row]:
    """The records of one file.

    Raises
    ------
    RejectedError
        It cannot be parsed.
    """
    file = str(path)
    manifest = fetched(path.parent)
    table = (manifest.tables.get(path.name, "") if manifest else "") or table_named(path, known)
    instance, looked = _base(manifest), 0
    if is_csv(path) or is_excel(path):
        for said, origin in rows_of(path, labels, fault):
            row = {name: Cell(one, local=True) for name, one in said.items() if name in of_use}
            yield Row(table, row, origin, instance)
        return
    content = content_of(path)
    found = _ANSWER.match(content)
    key = found[1].decode() if found else "result"
    for name, value, line in json_items(content, file, key):
        if name != key:
            continue
        if isinstance(value, dict) and value:
            if not instance and looked < _LOOKED:
                instance, looked = _instance(value), looked + 1
            yield Row(table, cells(value, of_use), Origin(file, line), instance)
        elif not isinstance(value, dict | list):
            fault(Fault(Origin(file, line), "", key, "wrong-form", "A record must be an object."))


def _base(manifest: Fetched | None) -> str:
    return manifest.url if manifest is not None else ""


def _instance(value: Mapping[str, object]) -> str:
    """The instance that the links of references lead to."""
    for one in value.values():
        found = _INSTANCE.match(text(one.get("link"))) if isinstance(one, dict) else None
        if found:
            return found[1]
    return ""


def cells(record: Mapping[str, object], of_use: Container[str]) -> dict[str, Cell]:
    """The fields of a record that are of use.

    Examples
    --------
    >>> row = {"owned_by": {"display_value": "Ada", "value": "6816f79cc0a8016401c5a33be04be441"}, "sys_mod_count": "7"}
    >>> cells(row, {"owned_by"})
    {'owned_by': Cell(value='6816f79cc0a8016401c5a33be04be441', shown='Ada', local=False)}
    """
    found: dict[str, Cell] = {}
    for name, value in record.items():
        if name not in of_use:
            continue
        shown = text(record.get(f"dv_{name}"))
        if isinstance(value, dict):
            said, called = value.get("value"), value.get("display_value")
            shown = called if type(called) is str and called else text(called) or shown
            key = said if type(said) is str else text(said)
            if not key:
                tail = _TAIL.search(text(value.get("link")))
                key = tail[1] if tail else shown
            found[name] = Cell(key.strip(), shown.strip())
        else:
            found[name] = Cell(text(value).strip(), shown.strip())
    return found
