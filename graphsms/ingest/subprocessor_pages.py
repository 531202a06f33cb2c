"""A page that lists sub-processors: whose it is, which product it is of, and each entry with what is said of it.

Entries are items of lists (``[Wire Co](https://...). Leased lines.``, ``**Wire Co** — leased lines (Ireland)``) or rows
of tables whose header names a column for the sub-processor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from graphsms.ingest.foreign import Take, text
from graphsms.ingest.markdown import Heading, Item, Line, Paragraph, Table, blocks, front_matter, inline
from graphsms.model import Fault, Origin

__all__ = ["Listed", "Page", "read_page"]

_LONGEST_NAME: Final = 120
_WORDS: Final = 8  # more than these, without a mark, are a sentence and no name
_NOT_SHORT: Final = r"(?<!\bInc)(?<!\bLtd)(?<!\bCorp)(?<!\bS\.A)(?<!\bB\.V)"  # after these a full stop ends no sentence
_BREAK: Final = re.compile(rf"\s*(?:\s[–—-]\s|:\s|{_NOT_SHORT}\.\s|,\s(?=for\b|which\b|used\b))\s*|{_NOT_SHORT}\.$")
_END: Final = re.compile(r"^[\s.:–—,-]+|[\s.:–—,-]+$")
_END_OF_NAME: Final = re.compile(rf"^[\s.:–—,-]+|(?:[\s:–—,-]|{_NOT_SHORT}\.)+$")
_ASIDE: Final = re.compile(r"\(([^()]{2,60})\)\s*\.?$")


@dataclass(frozen=True, slots=True)
class Listed:
    """A sub-processor as a page lists it. ``place`` is as written, ``country`` the one that it is, in two letters."""

    name: str
    line: int
    product: str = ""
    purpose: str = ""
    data: str = ""
    place: str = ""
    country: str = ""
    link: str = ""
    own: bool = False


@dataclass(slots=True)
class Page:
    """A page: whose it is, and whether that was concluded from a sentence; what it is of; its entries."""

    file: str
    organization: str = ""
    concluded: bool = False
    stated_product: str = ""
    description: str = ""
    listed: list[Listed] = field(default_factory=list)


def read_page(content: str, file: str, rules: Any, warn: Take) -> Page:
    """The entries of a page.

    Raises
    ------
    RejectedError
        It is too large, or its front matter is no YAML.
    """
    head, skip = front_matter(content, file)
    return _Reader(Page(file), head, rules, warn).read(content, skip)


class _Reader:
    def __init__(self, page: Page, head: Mapping[str, object], rules: Any, warn: Take) -> None:
        self.page = page
        self.rules = rules
        self.warn = warn
        words = rules["front_matter"]
        page.organization = next((text(head[key]) for key in words["organization"] if text(head.get(key))), "")
        page.stated_product = next((text(head[key]) for key in words["service"] if text(head.get(key))), "")
        page.description = text(head.get("description"))
        self.of_page = page.stated_product or self.product_in(text(head.get("title")))
        self.headings: list[Heading] = []
        self.introduction = ""
        self.title = text(head.get("title"))

    def read(self, content: str, skip: int) -> Page:
        in_list = False
        for block in blocks(content, self.page.file, skip):
            if isinstance(block, Heading):
                self.headings = [one for one in self.headings if one.level < block.level] + [block]
                self.introduction = ""
                if block.level == 1 and not self.of_page:
                    self.of_page = self.product_in(block.text)
            elif isinstance(block, Paragraph):
                self.introduction = block.text
                self.whose(block.text)
            elif not self.introduced(block):
                if isinstance(block, Table) or not in_list:
                    message = "Nothing before it says that this is a list of sub-processors; it is passed over."
                    self.tell(block.line, "passed-over", message)
            else:
                found = self.of_table(block) if isinstance(block, Table) else self.of_item(block)
                self.page.listed += (self.complete(one) for one in found)
            in_list = isinstance(block, Item)
        return self.page

    def tell(self, line: int, rule: str, message: str) -> None:
        self.warn(Fault(Origin(self.page.file, line), "", "", rule, message))

    # --------------------------------------------------------------------- whose, of what, and where

    def product_in(self, title: str) -> str:
        """What is left of a title of sub-processors without these words; "" where it is of none or of all."""
        if not re.search(self.rules["subject"], title):
            return ""
        rest = re.sub(self.rules["subject"], " ", title, count=1)
        rest = re.sub(self.rules["joints"], " ", f" {rest.strip()} ".strip())
        rest = re.sub(self.rules["joints"], " ", rest)
        return " ".join(re.sub(r"['’]s$", "", _END.sub("", rest)).split())

    def whose(self, said: str) -> None:
        if not self.page.organization:
            found = re.search(self.rules["whose"], said)
            if found and found["name"] not in self.rules["nobody"] and found["name"].split()[0] not in ("We", "Our"):
                self.page.organization, self.page.concluded = found["name"].strip(" ,"), True

    def introduced(self, block: Item | Table) -> bool:
        """Whether what stands before a list or table says that it is one of sub-processors."""
        before = [self.title, self.introduction, *(one.text for one in self.headings)]
        return any(re.search(self.rules["heralds"], one) for one in before) or (
            isinstance(block, Table) and "name" in self.columns(block)
        )

    def complete(self, one: Listed) -> Listed:
        """An entry with what its surroundings say: product, place, group of companies."""
        product = one.product or self.product()
        place = one.place or self.place_of_all()
        place, country = self.country(place)
        own = any(re.search(self.rules["own"], heading.text) for heading in self.headings[-1:])
        return replace(one, product=product, place=place, country=country, own=own)

    def product(self) -> str:
        for heading in reversed(self.headings):
            if found := self.product_in(heading.text):
                return found
        if self.of_page or not self.headings:
            return self.of_page
        last = self.headings[-1]
        if re.search(self.rules["subject"], last.text) or re.search(self.rules["categories"], last.text):
            return ""
        return last.text

    def place_of_all(self) -> str:
        found = re.search(self.rules["placed"], self.introduction)
        return found["where"].strip().removeprefix("the ") if found else ""

    def country(self, place: str) -> tuple[str, str]:
        """A place, and the country that it is or lies in where that is one."""
        names: dict[str, str] = self.rules["countries"]
        if place in names.values():
            return place, place
        found = {code for name, code in names.items() if _names(name, place)}
        if len(found) == 1 and not any(_names(one, place) for one in self.rules["regions"]):
            return place, found.pop()
        # "the EU" is written in many ways; what is named there is kept.
        region = next((one for one in self.rules["regions"] if _names(one, place)), "")
        return (region or place if not found else place), ""

    # ------------------------------------------------------------------------------------ entries

    def of_item(self, item: Item) -> Iterator[Listed]:
        said = inline(item.said)
        name, rest = self.parted(said)
        if not name:
            message = f"{said.text[:60]!r} does not begin with a name; it is left out."
            self.tell(item.line, "no-name", message)
            return
        rest, place = self.aside(rest)
        found = {"purpose": rest, "place": place, "link": said.link}
        for below in item.items:
            line = inline(below.said)
            word, colon, value = line.text.partition(":")
            kind = self.column(word) if colon else ""
            if kind and kind != "name":
                found[kind] = line.link if kind == "link" else _END.sub("", value)
        yield _listed(name, item.line, found)

    def parted(self, said: Line) -> tuple[str, str]:
        """The name at the beginning of an entry, and the rest of it."""
        if said.marked and said.text.startswith(said.marked):
            name, rest = said.marked, said.text[len(said.marked) :]
        else:
            split = _BREAK.search(said.text)
            name, rest = (said.text[: split.start()], said.text[split.end() :]) if split else (said.text, "")
            name, aside = _ASIDE.sub("", name), _ASIDE.search(name)
            if aside:
                rest = f"{rest} ({aside[1]})".strip()
            if len(name.split()) > _WORDS:
                return "", ""
        name = _END_OF_NAME.sub("", name)
        return (name, _END.sub("", rest)) if 0 < len(name) <= _LONGEST_NAME else ("", "")

    def aside(self, rest: str) -> tuple[str, str]:
        """What is said of an entry, and the place that stands in brackets at its end."""
        found = _ASIDE.search(rest)
        if found and (self.country(found[1])[1] or any(_names(one, found[1]) for one in self.rules["regions"])):
            return _END.sub("", rest[: found.start()]), found[1]
        return rest, ""

    def column(self, heading: str) -> str:
        """What a column is for, by its heading."""
        return next((kind for kind, words in self.rules["columns"].items() if re.search(words, heading.strip())), "")

    def columns(self, table: Table) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, heading in enumerate(table.header):
            kind = self.column(inline(heading).text)
            if kind:
                found.setdefault(kind, number)
        return found

    def of_table(self, table: Table) -> Iterator[Listed]:
        columns = self.columns(table)
        if "name" not in columns:
            self.tell(table.line, "passed-over", "No column of this table is for a name; it is passed over.")
            return
        for cells, line in table.rows:
            said = {kind: inline(cells[number]) for kind, number in columns.items()}
            name = _END_OF_NAME.sub("", said["name"].text)
            if not 0 < len(name) <= _LONGEST_NAME:
                self.tell(line, "no-name", "This row names nobody; it is left out.")
                continue
            found = {kind: one.text for kind, one in said.items()}
            found["link"] = next((said[one].link for one in ("name", "link") if one in said and said[one].link), "")
            yield _listed(name, line, found)


def _listed(name: str, line: int, said: Mapping[str, str]) -> Listed:
    product, purpose, data, place, link = (said.get(one, "") for one in ("product", "purpose", "data", "place", "link"))
    return Listed(name, line, product, purpose, data, place, "", link)


def _names(name: str, place: str) -> bool:
    """Whether a place names a country or region: short forms in capitals, long ones in any case."""
    flags = 0 if len(name) <= 4 else re.IGNORECASE
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", place, flags) is not None
