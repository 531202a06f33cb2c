"""Published lists of sub-processors (Markdown): who else handles the data of a product, what for, and where.

::

    (product)-[depends on, softly]->(what is done)-[supplied by]->(supply relationship)-[has supplier]->(sub-processor)

Such pages are prose, and each is written in its own way. What is recognized, by which words, stands in
``mappings/subprocessors.yaml``; lists that none of it introduces, and entries that name nobody, are told and left out.
Read only when asked for by name: no page is taken for one by its looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import content_of
from graphsms.ingest.foreign import Take, deep_link, mapping
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.ingest.subprocessor_pages import Listed, Page, read_page
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["SubprocessorsReader"]

_PREFIX: Final = "subprocessors"


class SubprocessorsReader:
    """Reads lists of sub-processors."""

    name: Final = "subprocessors"
    foreign: Final = True
    by_name_only: Final = True

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Markdown that speaks of sub-processors; asked only where the format is named."""
        return path.suffix.lower() in (".md", ".markdown") and re.search(rb"(?i)sub[- ]?processor", head) is not None

    def read(
        self,
        paths: Sequence[Path],
        vocabulary: Vocabulary,  # noqa: ARG002  # no choice here depends on it
        fault: Take,
        warn: Take,
    ) -> Iterator[RawStatement]:
        """The entries of all pages; a sub-processor that several of them name is one."""
        rules: Any = mapping(self.name)
        statements = _Statements(rules, warn)
        for path in paths:
            try:
                page = read_page(content_of(path).decode(), str(path), rules, warn)
            except RejectedError as error:
                for one in error.faults:
                    fault(one)
                continue
            if not page.listed:
                message = "No list or table of sub-processors is recognized in it."
                fault(Fault(Origin(str(path)), "", "", "no-entries", message))
            yield from statements.of(page)


@dataclass(frozen=True, slots=True)
class _Party:
    """Where a party was first met, and where it was said to be."""

    origin: Origin
    country: str


class _Statements:
    """What pages say, as entities and relations."""

    def __init__(self, rules: Any, warn: Take) -> None:
        self.rules = rules
        self.warn = warn
        self.word = {role: one["property"] for role, one in rules["properties"].items()}
        self.parties: dict[str, _Party] = {}

    def of(self, page: Page) -> Iterator[RawStatement]:
        origin = Origin(page.file, 1)
        if page.organization:
            yield from self.party(page.organization, origin, "", "", inferred=page.concluded)
        elif page.listed:
            message = "It does not say whose page it is: put `organization: NAME` between `---` lines at its top."
            self.warn(Fault(origin, "", "organization", "no-organization", message))
        seen: set[str] = set()
        for one in page.listed:
            if one.product and one.product not in seen:
                seen.add(one.product)
                yield self.product(one.product, page, origin)
            yield from self.entry(one, page)

    def product(self, name: str, page: Page, origin: Origin) -> RawEntity:
        properties: dict[str, object] = {
            self.word["name"]: name,
            self.word["description"]: page.description or None,
            self.word["source_key"]: name,
            self.word["link"]: deep_link(Origin(page.file)),
            # A heading is taken for it, unless the front matter says it.
            self.word["inferred"]: None if name == page.stated_product else True,
        }
        return RawEntity(_id("service", name), self.rules["service"]["type"], properties, origin)

    def entry(self, one: Listed, page: Page) -> Iterator[RawStatement]:
        origin = Origin(page.file, one.line)
        yield from self.party(one.name, origin, one.country, one.link)
        whose = one.product or page.organization or Path(page.file).stem
        supply, component = _id("supply", whose, one.name), _id("component", whose, one.name)
        kinds, link = self.rules["kinds"], deep_link(origin)
        place: dict[str, object] = {
            self.word["country"]: one.country or None,
            self.word["region"]: (one.place or None) if not one.country else None,
        }
        yield RawEntity(
            supply,
            self.rules["supply"]["type"],
            {
                self.word["name"]: f"{one.name} for {whose}",
                self.word["description"]: one.purpose or None,
                self.word["data"]: f"Data: {one.data}" if one.data else None,
                self.word["source_key"]: one.name,
                self.word["link"]: link,
                kinds["property"]: kinds["own" if one.own else "others"],
            },
            origin,
        )
        yield RawRelation(self.rules["supplier"]["relation"], supply, _id("organization", one.name), origin)
        if page.organization:
            recipient = _id("organization", page.organization)
            yield RawRelation(self.rules["recipient"]["relation"], supply, recipient, origin)
        yield RawEntity(
            component,
            self.rules["component"]["type"],
            {
                self.word["name"]: f"{one.purpose or 'Processing'} ({one.name})",
                # Whoever processes no data about people is no sub-processor.
                self.word["personal"]: True,
                self.word["inferred"]: True,
                self.word["source_key"]: one.name,
                self.word["link"]: link,
                **place,
            },
            origin,
        )
        yield RawRelation(self.rules["supplied"]["relation"], component, supply, origin)
        if one.product:
            used = self.rules["used"]
            service = _id("service", one.product)
            yield RawRelation(used["relation"], service, component, origin, used["properties"])

    def party(
        self, name: str, origin: Origin, country: str, link: str, *, inferred: bool = False
    ) -> Iterator[RawEntity]:
        """An organization, where it is first met; that another page has it elsewhere is told."""
        before = self.parties.get(name)
        if before is not None:
            if country and before.country and country != before.country:
                message = f"It is in {country} here, and in {before.country} by {before.origin}; that holds for it."
                self.warn(Fault(origin, _id("organization", name), self.word["country"], "conflicting-values", message))
            return
        self.parties[name] = _Party(origin, country)
        properties: dict[str, object] = {
            self.word["name"]: name,
            self.word["country"]: country or None,
            self.word["source_key"]: name,
            self.word["link"]: link or deep_link(origin),
            self.word["inferred"]: inferred or None,
        }
        yield RawEntity(_id("organization", name), self.rules["organization"]["type"], properties, origin)


def _id(kind: str, *names: str) -> str:
    return f"{_PREFIX}:{kind}/{'/'.join(names)}"
