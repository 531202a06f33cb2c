"""Registers of documents (7.5): a Markdown page with YAML front matter, or a table, as documented information.

::

    (page)-[refers to]->(policy, plan, register, …)-[satisfies]->(requirement)
                        (record)-[demonstrates]->(requirement)
                        (legal obligation)-[stated in]->(legislation)

What the keys and words mean stands in ``mappings/register.yaml``; what the columns of a table are in
``ready/document-register.mapping.yaml``. Each entry is placed, or listed with a guess: `RegisterReader.placements`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import content_of
from graphsms.ingest.foreign import Take, mapping
from graphsms.ingest.placement import Placement
from graphsms.ingest.reader import RawStatement
from graphsms.ingest.tabular import is_table
from graphsms.vocabulary import Vocabulary

__all__ = ["RegisterReader"]

_MARKDOWN: Final = (".md", ".markdown")
_TEXT: Final = (".csv", ".tsv")
_BOOK: Final = (".xlsx", ".xlsm")
_BOOK_BYTES: Final = 8 << 20  # a larger workbook is no register that people keep, and is not opened to be known
_KEY: Final = re.compile(rb"(?m)^([A-Za-z][A-Za-z ()_-]{2,40}):")
_ENOUGH: Final = 2  # of the keys that a page of documents has, or of the headings that only such a table has
_NEEDED: Final = frozenset({"name", "type"})
_TELLING: Final = frozenset({"approved by", "approved on", "issued on", "review interval", "next review", "clause"})


class RegisterReader:
    """Reads registers of documents; tables by the mapping given, the one beside them, or the one that is shipped."""

    name: Final = "register"
    foreign: Final = True

    def __init__(self, mapping: Path | None = None) -> None:
        self.mapping = mapping
        self._told: list[Placement] = []

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Markdown whose front matter lists documents under two keys or more, or a table with the columns for them."""
        kind = path.suffix.lower()
        if kind in _TEXT:
            return _has_columns(_first_line(head))
        if kind in _BOOK:
            return path.stat().st_size <= _BOOK_BYTES and _has_columns(_first_row(path))
        if kind not in _MARKDOWN or not head.startswith(b"---"):
            return False
        rules: Any = mapping(self.name)
        listed = {word for one in rules["documents"] for word in one["keys"]}
        front = head[3:].partition(b"\n---")[0]
        return sum(_lists(one.decode("ascii"), listed) for one in _KEY.findall(front)) >= _ENOUGH

    def placements(self) -> Sequence[Placement]:
        """What became of each entry that was read last."""
        return tuple(self._told)

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """All registers together: what two of them list is one."""
        # The catalogue is slow to import, and no other format needs it.
        from graphsms.clauses import catalogue
        from graphsms.ingest.register_documents import Documents
        from graphsms.ingest.register_pages import read_page
        from graphsms.ingest.register_reading import PageReading
        from graphsms.ingest.register_tables import read_table
        from graphsms.ingest.register_words import RegisterWords

        rules: Any = mapping(self.name)
        register = RegisterWords(rules, catalogue(vocabulary), vocabulary)
        documents = Documents(register, fault, warn)
        self._told = told = list[Placement]()
        for path in paths:
            try:
                if is_table(path):
                    told += read_table(path, vocabulary, documents, self.mapping)
                else:
                    page = read_page(content_of(path).decode(), str(path), register, fault)
                    told += PageReading(page, documents).placements()
            except RejectedError as error:
                for one in error.faults:
                    fault(one)
        yield from documents


def _lists(key: str, listed: set[str]) -> bool:
    word = re.sub(r"\(.*?\)", "", key).replace("-", " ").replace("_", " ").strip().lower()
    return word in listed or word.removesuffix("s") in listed or word.removesuffix("ies") + "y" in listed


def _has_columns(first: Iterable[str]) -> bool:
    """Whether a table has the columns of a register of documents, by its first row."""
    headings = {" ".join(one.strip(' \r"').lower().split()) for one in first}
    return headings >= _NEEDED and len(headings & _TELLING) >= _ENOUGH


def _first_line(head: bytes) -> list[str]:
    first = head.partition(b"\n")[0].decode("utf-8", "replace")
    return first.split(max(",;\t", key=first.count))


def _first_row(path: Path) -> list[str]:
    """The first row of a workbook that can be read."""
    from graphsms.ingest.tabular.cells import BadCell, cell_text
    from graphsms.ingest.tabular.excel import open_book

    try:
        with open_book(path) as book:
            first = next((row for sheet in book.sheets[:1] for row in book.rows(sheet)), None)
            return [] if first is None else [cell_text(one) for one in first.cells if not isinstance(one, BadCell)]
    except RejectedError:
        return []  # what is wrong with it is said by what reads it
