"""CSV (RFC 4180): one table of the entities, one of the relations, a column for every property that occurs.

Several values of one property stand in a cell as a list in JSON. Spreadsheets run a cell as a formula that
begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return: text that does is written behind
an apostrophe, and so is text that begins with an apostrophe, so that whoever reads the table takes
exactly one away where one of these follows it (`text_of`). Numbers are written as they are.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from graphsms.export.content import Content
from graphsms.model import Value

__all__ = ["cell", "entity_lines", "relation_lines", "text_of"]

_RUN: Final = ("=", "+", "-", "@", "\t", "\r", "'")


def cell(value: Value) -> str | int | float:
    """A value as a cell that no spreadsheet runs.

    Examples
    --------
    >>> cell("=1+1"), cell(-5), cell(True), cell(("a", "b")), cell("'tis")
    ("'=1+1", -5, 'true', '["a", "b"]', "''tis")
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return "'" + value if value.startswith(_RUN) else value


def text_of(cell: str) -> str:
    """The text that stands in a cell: the inverse of `cell` for text.

    Examples
    --------
    >>> text_of("'=1+1"), text_of("''tis"), text_of("web")
    ('=1+1', "'tis", 'web')
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RUN) else cell


def entity_lines(content: Content) -> Iterator[str]:
    """``id,type`` and the properties, one entity a record."""
    names = content.entity_properties
    rows = (((entity.id, entity.type), entity.properties) for entity in content.entities())
    return _lines(("id", "type"), names, rows)


def relation_lines(content: Content) -> Iterator[str]:
    """``subject,relation,object`` and the properties, one relation a record."""
    names = content.relation_properties
    rows = (((one.subject, one.type, one.object), one.properties) for one in content.relations())
    return _lines(("subject", "relation", "object"), names, rows)


def _lines(
    head: tuple[str, ...], names: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], Mapping[str, Value]]]
) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")

    def line(values: Iterable[str | int | float | None]) -> str:
        writer.writerow(values)
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        return text

    yield line((*head, *names))
    for ends, properties in rows:
        yield line([*map(cell, ends), *(cell(properties[name]) if name in properties else None for name in names)])
