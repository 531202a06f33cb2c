"""Lists that service management tools export as CSV or Excel: a header of fields or of their labels, records below.

Such a file says neither of which table it is nor what its labels mean: the first stands in its name, the second in the
mapping of the tool. References in it are names, which are followed where only one record is called so.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from graphsms.ingest.documents import BYTE_ORDER_MARK
from graphsms.ingest.tabular.cells import Row, cell_text, tidy
from graphsms.ingest.tabular.delimited import delimited_rows, sniff
from graphsms.model import Fault, Origin

__all__ = ["first_row_of", "header_of", "is_csv", "is_excel", "rows_of"]

Take = Callable[[Fault], None]

_KEY: Final = re.compile(r"id ?\(.+\)", re.IGNORECASE)  # its field, and its label in somebody's language


def is_csv(path: Path) -> bool:
    """Whether a file is one by its name."""
    return path.suffix.lower() == ".csv"


def is_excel(path: Path) -> bool:
    """Whether a file is a workbook by its name."""
    return path.suffix.lower() == ".xlsx"


def first_row_of(path: Path, labels: Mapping[str, str]) -> set[str]:
    """The fields that the first row of a workbook names.

    Raises
    ------
    RejectedError
        It is no workbook that can be read.
    """
    first = next(_rows(path), None)
    return {field_of(cell_text(one), labels) for one in first.cells} if first is not None else set()


def header_of(head: bytes, labels: Mapping[str, str]) -> set[str]:
    """The fields that the first line of a file names.

    Examples
    --------
    >>> sorted(header_of(b'"Sys ID";"Serial number"\\n', {"sys id": "sys_id"}))
    ['serial_number', 'sys_id']
    """
    text = head.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace")
    first = text.splitlines()[:1]
    if not first or len(first[0]) == len(text) > 10_000:
        return set()
    try:
        (row,) = csv.reader(first, delimiter=sniff(text))
    except (csv.Error, ValueError):
        return set()
    return {field_of(one, labels) for one in row}


def field_of(header: str, labels: Mapping[str, str]) -> str:
    """The field that a column is of: by its label, or by the label as fields are mostly spelled.

    Examples
    --------
    >>> field_of("Class", {"class": "sys_class_name"}), field_of("IP Address", {}), field_of("org_id->name", {})
    ('sys_class_name', 'ip_address', 'org_id')
    >>> field_of("Organization->Full name", {"organization": "org_id", "full name": "friendlyname"})
    'org_id'
    >>> field_of("Id (Clave Primaria)", {})
    'id'
    """
    word = tidy(header)
    if word.casefold() in labels:
        return labels[word.casefold()]
    if _KEY.fullmatch(word):
        return "id"
    # A field of what is referred to stands for the reference, where it is what that is called.
    field, arrow, of = word.partition("->")
    if arrow:
        called = labels.get(of.casefold(), of) in ("name", "friendlyname", "completename")
        return labels.get(field.casefold(), field) if called else word
    return word.replace(" ", "_").casefold() if " " in word or word.istitle() else word


def rows_of(
    path: Path,
    labels: Mapping[str, str],
    fault: Take,
    headed: Callable[[Mapping[str, str], Origin], None] | None = None,
) -> Iterator[tuple[dict[str, str], Origin]]:
    """The records of a file, each with its line; of several columns of one field, the first that says something.

    Parameters
    ----------
    path : Path
    labels : mapping of str to str
        Fields by the labels of columns, in small letters.
    fault : callable
        Takes what is wrong with a row.
    headed : callable, optional
        Takes the fields by the headings of their columns before anything is read; it may raise.

    Raises
    ------
    RejectedError
        It is none that can be read.
    """
    file = str(path)
    fields: list[str] | None = None
    for row in _rows(path):
        cells = [cell_text(one) for one in row.cells]
        if fields is None:
            fields = [field_of(one, labels) for one in cells]
            if headed is not None:
                headed(dict(zip(map(tidy, cells), fields, strict=True)), Origin(file, row.number))
            continue
        if any(cells[len(fields) :]):
            message = f"The row has {len(cells)} cells, and the header names {len(fields)} columns."
            fault(Fault(Origin(file, row.number), "", "", "too-many-cells", message))
            continue
        read: dict[str, str] = {}
        for field, cell in zip(fields, cells, strict=False):
            if field and not read.get(field):
                read[field] = cell
        yield read, Origin(file, row.number)


def _rows(path: Path) -> Iterator[Row]:
    """The rows of a text table, or of the first sheet of a workbook that people see."""
    if not is_excel(path):
        yield from delimited_rows(path)
        return
    from graphsms.ingest.tabular.excel import open_book

    with open_book(path) as book:
        for sheet in book.sheets:
            if not sheet.hidden:
                yield from book.rows(sheet)
                return
