"""As much of Markdown as published lists are written in: headings, paragraphs, lists, tables, and marks in them.

Read is what CommonMark and GitHub agree on and such pages use: headings with number signs or underlined, lists with
marks or numbers, tables with bars, links, emphasis, front matter in YAML. Code, HTML and quotations are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from graphsms.errors import RejectedError
from graphsms.ingest.documents import reject, yaml_documents

__all__ = ["Block", "Heading", "Item", "Line", "Paragraph", "Table", "blocks", "front_matter", "inline"]

MAX_SIZE: Final = 1 << 24
MAX_LINE: Final = 10_000  # characters of a line, and as many as are looked at of a paragraph

_HEADING: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE: Final = re.compile(r" {0,3}(=+|-+)[ \t]*")
_ITEM: Final = re.compile(r"( *)(?:[*+-]|\d{1,9}[.)])[ \t]+(\S.*)")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_RULE: Final = re.compile(r" {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})")
_DELIMITER: Final = re.compile(r" {0,3}\|?(?: *:?-+:? *\|)+ *(?::?-+:? *)?")
_BAR: Final = re.compile(r"(?<!\\)\|")
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+[^()]*)?\)")
_ADDRESS: Final = re.compile(r"<(https?://[^<>\s]+)>")
_BARE: Final = re.compile(r"https?://[^\s<>|)\]]+")
_TAG: Final = re.compile(r"<[/!]?[A-Za-z-][^<>]*>")
_STRONG: Final = re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).)+?)(?<=\S)\1")
_EMPHASIS: Final = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_]+?)(?<=\S)\1(?![\w*])")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Line:
    """Text without its marks: what was strong or a link at its beginning, and the first address that it links to."""

    text: str
    marked: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, its lines put together."""

    text: str
    line: int


@dataclass(slots=True)
class Item:
    """An item of a list, with the items below it."""

    said: str
    line: int
    indent: int
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A table: its header, and its rows with their lines."""

    header: list[str]
    line: int
    rows: list[tuple[list[str], int]] = field(default_factory=list)


Block: TypeAlias = Heading | Paragraph | Item | Table


def inline(text: str) -> Line:
    """What a text says without its marks.

    Examples
    --------
    >>> inline("**[Wire Co](https://wire.example.com)**: lines, *leased*")
    Line(text='Wire Co: lines, leased', marked='Wire Co', link='https://wire.example.com')
    """
    text = text[:MAX_LINE]
    found = _LINK.search(text) or _ADDRESS.search(text)
    link = found[found.re.groups] if found else ""
    if not link:
        bare = _BARE.search(text)
        link = bare[0].rstrip(".,;") if bare else ""
    opening = _STRONG.match(text) or _LINK.match(text)
    marked = _plain(opening[0]) if opening else ""
    return Line(_plain(text), marked, link if link.startswith(("https://", "http://")) else "")


def _plain(text: str) -> str:
    text = _LINK.sub(r"\1", text[:MAX_LINE])
    text = _ADDRESS.sub(r"\1", text)
    text = _TAG.sub(" ", text)
    for mark in (_STRONG, _EMPHASIS):
        text = mark.sub(r"\2", text)
    return " ".join(_ESCAPED.sub(r"\1", text.replace("`", "")).split())


def front_matter(text: str, file: str, most: int = 1000) -> tuple[Mapping[str, object], int]:
    """The YAML between lines of three hyphens at the beginning, and the number of lines that it takes; 0 without it.

    It is looked for in as many lines as ``most``.

    Raises
    ------
    RejectedError
        It is not YAML.
    """
    lines = text.split("\n", most)
    if lines[0].rstrip() != "---":
        return {}, 0
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    if not end:
        return {}, 0
    try:
        found = list(yaml_documents("\n".join(["", *lines[1:end]]).encode(), file))
    except RejectedError as error:
        if error.faults[0].rule == "empty-file":
            return {}, end + 1
        raise
    return (found[0] if found and isinstance(found[0], dict) else {}), end + 1


def blocks(text: str, file: str, skip: int = 0) -> Iterator[Block]:
    """The blocks of a page in their order, from a line on.

    Raises
    ------
    RejectedError
        It, or a line of it, is too large to be read.

    Examples
    --------
    >>> for block in blocks("# Ours\\n\\n* one\\n  * more\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |\\n", "page.md"):
    ...     print(block)
    Heading(level=1, text='Ours', line=1)
    Item(said='one', line=3, indent=0, items=[Item(said='more', line=4, indent=2, items=[])])
    Table(header=['a', 'b'], line=6, rows=[(['1', '2'], 8)])
    """
    if len(text) > MAX_SIZE:
        reject(file, None, "too-large", f"It has {len(text):,} characters; a page has at most {MAX_SIZE:,}.")
    lines = [line.rstrip("\r").expandtabs(4) for line in text.split("\n")]
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            reject(file, number, "too-large", f"The line has {len(line):,} characters; at most {MAX_LINE:,} are read.")
    yield from _Page(lines, skip)


class _Page:
    """Goes through the lines of a page."""

    def __init__(self, lines: list[str], start: int) -> None:
        self.lines = lines
        self.at = start

    def __iter__(self) -> Iterator[Block]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if fence := _FENCE.match(line):
                self._pass_code(fence[1])
            elif heading := _HEADING.fullmatch(line):
                self.at += 1
                yield Heading(len(heading[1]), _plain(heading[2] or ""), self.at)
            elif not line.strip() or _RULE.fullmatch(line) or line.startswith((">", "    ")):
                self.at += 1
            elif _ITEM.fullmatch(line):
                yield from self._list()
            elif "|" in line and self.at + 1 < len(self.lines) and _DELIMITER.fullmatch(self.lines[self.at + 1]):
                yield self._table()
            else:
                yield self._paragraph()

    def _pass_code(self, fence: str) -> None:
        self.at += 1
        while self.at < len(self.lines) and not self.lines[self.at].lstrip().startswith(fence):
            self.at += 1
        self.at += 1

    def _paragraph(self) -> Heading | Paragraph:
        start, said = self.at + 1, [self.lines[self.at].strip()]
        self.at += 1
        while self.at < len(self.lines) and not self._begins(self.lines[self.at]):
            underline = _UNDERLINE.fullmatch(self.lines[self.at])
            if underline:
                self.at += 1
                return Heading(1 if underline[1][0] == "=" else 2, _plain(" ".join(said)), start)
            said.append(self.lines[self.at].strip())
            self.at += 1
        return Paragraph(_plain(" ".join(said)), start)

    def _begins(self, line: str) -> bool:
        """Whether a line begins another block than the one before it."""
        return not line.strip() or bool(_HEADING.fullmatch(line) or _ITEM.fullmatch(line) or _FENCE.match(line))

    def _list(self) -> Iterator[Item]:
        """The items at the outermost level of a list, until something else begins at the margin."""
        outer: list[Item] = []
        open_ones: list[Item] = []
        blank = False
        while self.at < len(self.lines):
            line = self.lines[self.at]
            found = _ITEM.fullmatch(line)
            if found and not _RULE.fullmatch(line):
                item = Item(found[2].strip(), self.at + 1, len(found[1]))
                while open_ones and open_ones[-1].indent >= item.indent:
                    open_ones.pop()
                (open_ones[-1].items if open_ones else outer).append(item)
                open_ones.append(item)
                blank = False
            elif not line.strip():
                blank = True
            elif (line.startswith("  ") or not blank) and not _HEADING.fullmatch(line) and not _RULE.fullmatch(line):
                open_ones[-1].said += " " + line.strip()
                blank = False
            else:
                break
            self.at += 1
        yield from outer

    def _table(self) -> Table:
        found = Table(_cells(self.lines[self.at]), self.at + 1)
        self.at += 2
        while self.at < len(self.lines) and "|" in self.lines[self.at]:
            cells = _cells(self.lines[self.at])
            cells += [""] * (len(found.header) - len(cells))
            self.at += 1
            found.rows.append((cells[: len(found.header)], self.at))
        return found


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [one.strip().replace("\\|", "|") for one in _BAR.split(inner)]
