"""YAML and JSON as readers need them: bounded, and every key with the line that it stands in.

PyYAML's composer recurses in C and can be brought down by deep nesting; here its event parser (libyaml)
is read instead, which is also several times faster. Scalars of YAML stay the text that was written:
``version: 1.10`` is ``1.10`` where the property is text, and the property decides what is a number.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, NoReturn, TypeAlias

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.reader import ReaderError

from graphsms.errors import RejectedError
from graphsms.model import Fault, Origin

__all__ = [
    "BYTE_ORDER_MARK",
    "LocatedDict",
    "LocatedList",
    "Tagged",
    "content_of",
    "line_of",
    "no_file",
    "reject",
    "yaml_documents",
    "yaml_items",
]

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
MAX_BYTES: Final = 1 << 30
MAX_DEPTH: Final = 100
MAX_ALIASES: Final = 10_000
MAX_EXPANSION: Final = 1_000_000  # values that aliases repeat, in one document

_CORE: Final = "tag:yaml.org,2002:"
_CORE_TAGS: Final = frozenset(
    _CORE + name for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
) | {"!", None}
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})

_Event: TypeAlias = Any  # events of PyYAML carry no types


class LocatedDict(dict[str, object]):
    """A mapping that knows the line that it begins in, and that of each of its keys."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class LocatedList(list[object]):
    """A sequence that knows the line that it begins in, and that of each of its items."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value with a tag of the format's own, such as ``!reset``."""

    tag: str
    value: object


def line_of(holder: object, key: object = None) -> int | None:
    """The line of a key or an item, or of what holds it; None where it is not known."""
    if isinstance(holder, LocatedDict) and isinstance(key, str):
        return holder.lines.get(key, holder.line)
    if isinstance(holder, LocatedList) and isinstance(key, int):
        return holder.lines[key]
    return getattr(holder, "line", None)


def reject(file: str, line: int | None, rule: str, message: str) -> NoReturn:
    """Give up on a file with one fault."""
    fault = Fault(Origin(file, line), "", "", rule, message)
    raise RejectedError(str(fault), [fault])


def no_file(path: Path) -> str:
    """Why something is none of the files that can be read as often as needed and have an end; "" for one that is.

    Raises
    ------
    OSError
        There is nothing, or it cannot be reached.

    Examples
    --------
    >>> no_file(Path("/dev/zero"))
    'It is a device, not a file: write what comes out of it to a file, and name that.'
    """
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return ""
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}
    kind = kinds.get(stat.S_IFMT(mode), "a device")
    return f"It is {kind}, not a file: write what comes out of it to a file, and name that."


def content_of(path: Path) -> bytes:
    """The bytes of a text file, checked to be UTF-8 without NUL and not too many; without a byte order mark.

    Raises
    ------
    RejectedError
        It cannot be read, is too large, is empty, or is not UTF-8 text.
    """
    file = str(path)
    try:
        if problem := no_file(path):
            reject(file, None, "no-file", problem)
        # What the system says of the size is where to begin, and not believed: files under /proc say 0.
        with path.open("rb") as opened:
            said = min(path.stat().st_size, MAX_BYTES)
            content = opened.read(said + 1)
            if len(content) > said:
                content += opened.read(MAX_BYTES + 1 - len(content))
        if len(content) > MAX_BYTES:
            size = path.stat().st_size
            reject(file, None, "too-large", f"The file has {size:,} bytes; split it: at most {MAX_BYTES:,} are read.")
    except OSError as error:
        reject(file, None, "unreadable", f"The file cannot be read: {error.strerror}.")
    content = content.removeprefix(BYTE_ORDER_MARK)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        reject(file, 1, "not-utf8", "The file is in UTF-16; save it as UTF-8.")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        reject(file, _line_at(content, error.start), "not-utf8", "There is a byte that is not UTF-8; save it as UTF-8.")
    nul = content.find(b"\0")
    if nul >= 0:
        reject(file, _line_at(content, nul), "nul-character", "There is a NUL character; the file may be damaged.")
    if not content.strip():
        reject(file, 1, "empty-file", "The file is empty.")
    return content


def _line_at(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def yaml_documents(content: bytes, file: str, tags: frozenset[str] = frozenset()) -> Iterator[object]:
    """The documents of a YAML stream, one at a time.

    Parameters
    ----------
    content : bytes
        UTF-8, as `content_of` yields it.
    file : str
        What to call it in a fault.
    tags : frozenset of str
        Tags of the format's own to let through, as `Tagged`; any other is refused.

    Yields
    ------
    object
        `LocatedDict`, `LocatedList`, str, `Tagged`, or None for null.

    Raises
    ------
    RejectedError
        It is not YAML, repeats a key, or goes beyond the limits of depth and aliases.

    Examples
    --------
    >>> [*yaml_documents(b"a: [1, ~]\\n---\\nb", "x.yaml")]
    [{'a': ['1', None]}, 'b']
    """
    composer = _Composer(content, file, tags)
    while composer.next_document():
        yield composer.value(composer.event(), 0)
        composer.end_document()


def yaml_items(content: bytes | IO[bytes], file: str, key: str) -> Iterator[tuple[str, object, int]]:
    """The single document of a YAML file as (top-level key, value, line); the items of one key come one by one.

    Raises
    ------
    RejectedError
        As `yaml_documents`; and where there are several documents, or the document is no mapping.
    """
    composer = _Composer(content, file, frozenset())
    if not composer.next_document():
        reject(file, 1, "empty-file", "The file holds no document.")
    event = composer.event()
    if type(event) is not MappingStartEvent:
        reject(file, event.start_mark.line + 1, "wrong-form", f"The file must be a mapping with the key {key!r}.")
    seen: set[str] = set()
    while type(event := composer.event()) is not MappingEndEvent:
        name, line = composer.key(event, seen), event.start_mark.line + 1
        event = composer.event()
        if name == key and type(event) is SequenceStartEvent:
            yield name, LocatedList(line), line
            while type(event := composer.event()) is not SequenceEndEvent:
                yield name, composer.value(event, 2), event.start_mark.line + 1
        else:
            yield name, composer.value(event, 1), line
    composer.end_document()
    if composer.next_document():
        reject(file, composer.line, "several-documents", "The file holds more than one document; only one is read.")


@dataclass(slots=True)
class _Anchor:
    value: object = None
    size: int = -1  # -1 while it is still open


@dataclass(slots=True)
class _Composer:
    """Builds values from the events of one stream."""

    content: bytes | IO[bytes]
    file: str
    tags: frozenset[str]
    anchors: dict[str, _Anchor] = field(default_factory=dict)
    aliases: int = 0
    count: int = 0
    expanded: int = 0
    line: int = 1
    event: Any = None

    def __post_init__(self) -> None:
        parser = CParser(self.content)
        get_event = parser.get_event

        def event() -> _Event:
            try:
                return get_event()
            except MarkedYAMLError as error:
                mark = error.problem_mark or error.context_mark
                problem = "; ".join(part for part in (error.context, error.problem) if part)
                reject(self.file, mark.line + 1 if mark else None, "not-yaml", f"This is not YAML: {problem}.")
            except ReaderError as error:
                reject(
                    self.file,
                    self.line_at(error.position),
                    "not-yaml",
                    f"The character U+{error.character:04X} must not stand in YAML; the file may be damaged.",
                )

        self.event = event
        self.event()  # the start of the stream

    def line_at(self, position: int) -> int:
        if not isinstance(self.content, bytes):
            self.content.seek(0)
            return self.content.read(position).count(b"\n") + 1
        return _line_at(self.content, position)

    def next_document(self) -> bool:
        event = self.event()
        self.line = event.start_mark.line + 1
        if type(event) is StreamEndEvent:
            return False
        assert type(event) is DocumentStartEvent
        self.anchors, self.aliases, self.expanded = {}, 0, 0
        return True

    def end_document(self) -> None:
        event = self.event()
        assert type(event) is DocumentEndEvent

    def fail(self, event: _Event, rule: str, message: str) -> NoReturn:
        reject(self.file, event.start_mark.line + 1, rule, message)

    def value(self, event: _Event, depth: int) -> object:
        kind = type(event)
        if kind is ScalarEvent and event.anchor is None and event.tag is None:
            self.count += 1
            text: str = event.value
            return None if text in _NULLS and event.implicit[0] else text
        if kind is AliasEvent:
            return self.alias(event)
        start = self.count
        anchor = None
        if event.anchor is not None:
            anchor = self.anchors[event.anchor] = _Anchor()
        self.count += 1
        if depth > MAX_DEPTH:
            self.fail(event, "too-deep", f"The nesting is deeper than {MAX_DEPTH} levels.")
        value: object
        if kind is ScalarEvent:
            value = None if event.value in _NULLS and event.implicit[0] else event.value
            if event.tag == _CORE + "null":
                value = None
        elif kind is MappingStartEvent:
            value = self.mapping(event, depth)
        else:
            value = self.sequence(event, depth)
        if event.tag not in _CORE_TAGS:
            if event.tag not in self.tags:
                self.fail(event, "unknown-tag", f"The tag {event.tag} is not known here; take it out.")
            value = Tagged(event.tag, value)
        if anchor is not None:
            anchor.value, anchor.size = value, self.count - start
        return value

    def alias(self, event: _Event) -> object:
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            self.fail(event, "unknown-alias", f"The alias *{event.anchor} has no anchor &{event.anchor} before it.")
        if anchor.size < 0:
            self.fail(event, "recursive-alias", f"The alias *{event.anchor} stands inside of what it stands for.")
        self.aliases += 1
        self.count += anchor.size
        self.expanded += anchor.size
        if self.aliases > MAX_ALIASES or self.expanded > MAX_EXPANSION:
            self.fail(
                event,
                "too-many-aliases",
                f"Aliases repeat too much: at most {MAX_ALIASES:,} of them and {MAX_EXPANSION:,} values in all.",
            )
        return anchor.value

    def mapping(self, event: _Event, depth: int) -> LocatedDict:
        found = LocatedDict(event.start_mark.line + 1)
        lines = found.lines
        merged: list[object] = []
        next_event, value = self.event, self.value
        while type(event := next_event()) is not MappingEndEvent:
            key = self.key(event, found)
            line = event.start_mark.line + 1
            inner = value(next_event(), depth + 1)
            if key == "<<" and event.implicit[0]:
                merged += inner if isinstance(inner, list) else [inner]
                if not all(isinstance(one, LocatedDict) for one in merged):
                    self.fail(event, "wrong-form", "What is merged by << must be a mapping or a list of them.")
            else:
                found[key] = inner
                lines[key] = line
        for one in merged:
            assert isinstance(one, LocatedDict)
            for key in one:
                if key not in found:
                    found[key] = one[key]
                    lines[key] = one.lines[key]
        return found

    def key(self, event: _Event, seen: LocatedDict | set[str]) -> str:
        if type(event) is not ScalarEvent:
            if type(event) is AliasEvent:
                self.fail(event, "key-not-text", "A key must be text, not an alias.")
            self.fail(event, "key-not-text", "A key must be text, not a mapping or a list; a brace may need quotes.")
        key: str = event.value
        if key in seen:
            self.fail(event, "duplicate-key", f"The key {key!r} stands here a second time in one mapping.")
        if isinstance(seen, set):
            seen.add(key)
        return key

    def sequence(self, event: _Event, depth: int) -> LocatedList:
        found = LocatedList(event.start_mark.line + 1)
        lines = found.lines
        next_event, value = self.event, self.value
        while type(event := next_event()) is not SequenceEndEvent:
            lines.append(event.start_mark.line + 1)
            found.append(value(event, depth + 1))
        return found
