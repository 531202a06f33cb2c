"""What a reader is: a file format turned into one stream of raw statements, each with where it stands.

A reader judges the form of its file and nothing else. Whether types, relations and values are those of
the ontology, whether both ends of a relation exist, and what happens where they do not, is decided
once for all readers (`graphsms.ingest.check`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol, TypeAlias, runtime_checkable

from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = [
    "INCOMPLETE",
    "NO_ZONE",
    "WHY",
    "Bundling",
    "Following",
    "Locating",
    "Naming",
    "RawEntity",
    "RawRelation",
    "RawRelations",
    "RawStatement",
    "RawValue",
    "Reader",
    "Rowed",
]

# Rules of warnings by which a reader says that the source has more than could be read: nothing may be concluded
# from what is not there.
INCOMPLETE: Final = frozenset({"absent-tables", "missing-page", "missing-rows"})
# The rule of the warning that times say no zone: told where nobody has said which it is.
NO_ZONE: Final = "no-zone"

RawValue: TypeAlias = object  # as the parser made it: text, number, date, a list of them, or anything wrong

_NOTHING: Final[Mapping[str, RawValue]] = MappingProxyType({})


class RawEntity(NamedTuple):
    """An entity as a file states it: ``type`` and the keys of ``properties`` as given, values as the parser made them.

    A file may state one entity in several places; the check puts them together. (Named tuples, since there
    may be millions, and they are made three times as fast as frozen dataclasses.)
    """

    id: str
    type: str
    properties: Mapping[str, RawValue]
    origin: Origin


class RawRelation(NamedTuple):
    """A relation as a file states it. ``object_type`` is what a placeholder for a missing object would be,
    where the source says, ``subject_type`` likewise; otherwise the range or domain of the relation decides."""

    type: str
    subject: str
    object: str
    origin: Origin
    properties: Mapping[str, RawValue] = _NOTHING
    object_type: str | None = None
    subject_type: str | None = None


class RawRelations(NamedTuple):
    """Relations of one type from one entity, of which nothing more is stated: what so many `RawRelation` would say."""

    type: str
    subject: str
    objects: Sequence[str]
    origin: Origin

    def apart(self) -> Iterator[RawRelation]:
        """Each of them."""
        return (RawRelation(self.type, self.subject, object, self.origin) for object in self.objects)


RawStatement: TypeAlias = RawEntity | RawRelation


WHY: Final = ("file", "line", "id", "field", "rule", "message")  # the first columns of what is given back


class Reader(Protocol):
    """A file format that can be imported."""

    @property
    def name(self) -> str:
        """What ``--format`` calls it."""

    @property
    def foreign(self) -> bool:
        """Whether it is somebody else's format: there, what a relation refers to may be missing."""

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Whether a file, by its name and its first 64 KiB, is of this format."""

    def read(
        self,
        paths: Sequence[Path],
        vocabulary: Vocabulary,
        fault: Callable[[Fault], None],
        warn: Callable[[Fault], None],
    ) -> Iterator[RawStatement]:
        """Read files as one source; what is wrong with their form goes to ``fault``, what is doubtful to ``warn``."""


@runtime_checkable
class Bundling(Protocol):
    """A reader that can give relations together that are stated alike: millions of them take less time so."""

    def bundled(
        self,
        paths: Sequence[Path],
        vocabulary: Vocabulary,
        fault: Callable[[Fault], None],
        warn: Callable[[Fault], None],
    ) -> Iterator[RawStatement | RawRelations]:
        """What `Reader.read` gives."""


@runtime_checkable
class Following(Protocol):
    """A reader of files that name others, which belong to them."""

    def follow(self, paths: Sequence[Path]) -> Sequence[Path]:
        """The other local files that these name, and those in turn; it will be asked to read all of them together."""


@runtime_checkable
class Locating(Protocol):
    """A reader whose parser does not tell lines: they are looked for when a fault has to be reported."""

    def line_naming(self, path: Path, id: str) -> int | None:
        """The line of a file that begins to speak of an entity, where it can be found."""


@runtime_checkable
class Naming(Protocol):
    """A reader of files that all belong to one source, whatever they are called; ``source`` is its name."""

    source: str


@runtime_checkable
class Rowed(Protocol):
    """A reader of tables: what is rejected is given back as the row that it was, to be corrected and read again."""

    def row_of(self, origin: Origin) -> Mapping[str, str] | None:
        """The cells of a row by the headings of their columns, as they stand; None where that is no row."""
