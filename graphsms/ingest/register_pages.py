"""A Markdown page with YAML front matter that lists documents, laws and objectives: its entries, with their lines.

Read is the front matter. Under a key stands a list of names (or of mappings, which say more of each), or a text whose
lines are the entries. What stands below the front matter is not read, and that is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, LocatedList, line_of, reject
from graphsms.ingest.foreign import Take
from graphsms.ingest.markdown import MAX_SIZE, front_matter
from graphsms.ingest.placement import OF_THE_PAGE, UNUSED, Placement
from graphsms.ingest.register_words import RegisterWords, Sense
from graphsms.model import Fault, Origin

__all__ = ["MAX_ENTRIES", "Entry", "Page", "read_page"]

MAX_ENTRIES: Final = 20_000
_MAX_NAME: Final = 300
_LINES: Final = 200_000
_BULLET: Final = re.compile(r"^\s*(?:[-*+•]\s+|\d{1,3}[.)]\s+)?")
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
# Roles whose entries are documents, laws, ...; the others say something of the page.
_LISTS: Final = frozenset({"documents", "law", "objective", "guidance", "edition"})


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is written: its name, and what a mapping says of it besides."""

    text: str
    name: str
    description: str
    key: str
    sense: Sense
    line: int | None
    said: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Page:
    """A page: what is said of itself by key (with the line), its entries, and what became of keys."""

    file: str
    said: list[tuple[str, Sense, list[str], int | None]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    told: list[Placement] = field(default_factory=list)


def read_page(content: str, file: str, words: RegisterWords, fault: Take) -> Page:
    """The entries of a page.

    Raises
    ------
    RejectedError
        It is too large, has no front matter, or the front matter is no mapping in YAML.
    """
    if len(content) > MAX_SIZE:
        reject(file, None, "too-large", f"It has {len(content):,} characters; a page has at most {MAX_SIZE:,}.")
    head, skip = front_matter(content, file, _LINES)
    if not skip:
        message = (
            "It has no front matter: YAML between two lines of `---` at the very top, with keys such as `policies`."
        )
        reject(file, 1, "no-front-matter", message)
    if not isinstance(head, LocatedDict):
        reject(
            file, 1, "wrong-form", "The front matter is a mapping, with keys such as `policies:`, and holds something."
        )
    page = Page(file)
    for key, value in head.items():
        try:
            _key(page, key, value, line_of(head, key), words)
        except RejectedError as error:
            for one in error.faults:
                fault(one)
    if len(page.entries) > MAX_ENTRIES:
        reject(file, None, "too-large", f"It has {len(page.entries):,} entries; at most {MAX_ENTRIES:,} are read.")
    if left := _below("\n".join(content.split("\n")[skip:])):
        message = "what stands below the front matter is not read"
        page.told.append(Placement(file, skip + 1, "", left[:60], UNUSED, note=message))
    return page


def _below(rest: str) -> str:
    """The first line of what stands below the front matter; of nothing but comments, which may say what an export has
    left out, the first comment."""
    said = _COMMENT.sub("", rest).strip() or _COMMENT.sub(lambda one: one[0][4:-3].strip() + "\n", rest).strip()
    return said.partition("\n")[0]


def _key(page: Page, key: str, value: object, line: int | None, words: RegisterWords) -> None:
    sense = words.key(key)
    if sense is None or sense.role == "clauses":
        near = words.near(key)
        note = f"perhaps {near}" if near else "no key of that name is known"
        shown = "; ".join(text for text, _ in _texts(value)) if not isinstance(value, dict) else "a mapping"
        page.told.append(Placement(page.file, line, key, shown[:200], UNUSED, note=note))
        return
    if isinstance(value, dict):
        wanted = "a list of names" if sense.role in _LISTS else "a text"
        message = f"{key!r} is a mapping; what stands here is {wanted}."
        raise _refused(page.file, line, key, "wrong-form", message)
    if sense.role not in _LISTS:
        page.said.append((key, sense, [text for text, _ in _texts(value)], line))
        return
    before = len(page.entries)
    page.entries += _entries(page.file, key, value, line, sense, words)
    if len(page.entries) == before:
        page.told.append(Placement(page.file, line, key, "", OF_THE_PAGE, note="nothing stands under it"))


def _entries(
    file: str, key: str, value: object, line: int | None, sense: Sense, words: RegisterWords
) -> Iterator[Entry]:
    documents = sense.role == "documents"
    if not isinstance(value, list):
        for text, _ in _texts(value):
            for one in text.splitlines():
                if one.strip():
                    yield _named(file, key, one, line, sense, documents)
        return
    for number, item in enumerate(value):
        at = line_of(value, number) if isinstance(value, LocatedList) else line
        if isinstance(item, LocatedDict):
            name = next((item[one] for one in item if _is_name(one, words)), None)
            if not isinstance(name, str) or not name.strip():
                raise _refused(file, at, key, "missing-name", f"An entry of {key!r} that is a mapping needs a `name`.")
            yield _named(file, key, name, at, sense, documents, item)
        elif isinstance(item, str) and item.strip():
            yield _named(file, key, item, at, sense, documents)
        elif item is not None and not isinstance(item, str):
            raise _refused(file, at, key, "wrong-form", f"An entry of {key!r} is a name, or a mapping with a `name`.")


def _is_name(key: str, words: RegisterWords) -> bool:
    found = words.field(key)
    return found is not None and found.rule.get("property") == "name"


def _named(
    file: str,
    key: str,
    text: str,
    line: int | None,
    sense: Sense,
    documents: bool,
    said: Mapping[str, object] | None = None,
) -> Entry:
    whole = " ".join(text.split())
    name, _, more = _BULLET.sub("", whole).partition(": ") if documents else (_BULLET.sub("", whole), "", "")
    if not any(one.isalnum() for one in name):
        raise _refused(file, line, key, "missing-name", f"{whole[:60]!r} is no name: it has no letter or digit.")
    if len(name) > _MAX_NAME:
        message = f"The name has {len(name):,} characters; at most {_MAX_NAME} are a name."
        raise _refused(file, line, key, "too-long", message)
    return Entry(whole, name, more, key, sense, line, said or {})


def _texts(value: object) -> list[tuple[str, int | None]]:
    """A text, or the texts of a list, with their lines."""
    given = value if isinstance(value, list) else [value]
    found = []
    for number, one in enumerate(given):
        if one is not None and not isinstance(one, dict | list) and str(one).strip():
            found.append((str(one).strip(), line_of(value, number) if isinstance(value, LocatedList) else None))
    return found


def _refused(file: str, line: int | None, key: str, rule: str, message: str) -> RejectedError:
    fault = Fault(Origin(file, line), "", key, rule, message)
    return RejectedError(str(fault), [fault])
