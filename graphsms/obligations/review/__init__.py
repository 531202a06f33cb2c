"""The management review: the pack that it rests on, one section for each of its inputs, and what it decides (9.3).

A pack is made of one revision and a period, states both, and is made again from them, byte for byte. What the graph
says nothing of is said to be "no data": nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.pack import canonical
from graphsms.change.pack.marking import Marking
from graphsms.errors import InputError
from graphsms.report.forms import form_by_name, rendered, write_files
from graphsms.report.tables import Table, to_json

if TYPE_CHECKING:
    from graphsms.report.document import Document
    from graphsms.vocabulary import Vocabulary

__all__ = ["DATA", "FORMS", "NO_DATA", "Part", "ReviewInputs", "ReviewPack", "ReviewSection", "form_of"]

FORMS: Final = ("html", "pdf", "xlsx", "json", "yaml")
DATA: Final = "data"
NO_DATA: Final = "no data"
COLUMNS: Final = ("letter", "input", "state", "what", "requirements", "entities")


@dataclass(frozen=True, slots=True)
class Part:
    """A table of a section: its title, the table, and what is said where it has no rows.

    The first column ``id`` of the table holds ids of entities.
    """

    title: str
    table: Table
    empty: str = "None found."
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"title": self.title, "note": self.note, "empty": self.empty, "rows": self.table.records()}


@dataclass(frozen=True, slots=True)
class ReviewSection:
    """One input of the review.

    Parameters
    ----------
    letter : str
        As the items of 9.3 have it, such as ``c)``.
    code : str
        Notation of the input.
    title : str
    requirements : tuple of str
        Ids of the requirements that ask for it.
    state : str
        ``data`` or ``no data``.
    sentences : tuple of str
        What is found, each with its numbers.
    parts : tuple of Part
    """

    letter: str
    code: str
    title: str
    requirements: tuple[str, ...]
    state: str
    sentences: tuple[str, ...]
    parts: tuple[Part, ...] = ()

    @property
    def entities(self) -> tuple[str, ...]:
        """The ids in its tables, each once, in order."""
        found = (row[part.table.columns.index("id")] for part in self.parts for row in part.table.rows)
        return tuple(dict.fromkeys(str(id) for id in found))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "letter": self.letter,
            "input": self.code,
            "title": self.title,
            "requirements": list(self.requirements),
            "state": self.state,
            "sentences": list(self.sentences),
            "parts": [one.to_json() for one in self.parts],
        }


@dataclass(frozen=True, slots=True)
class ReviewInputs:
    """What a pack was made of.

    Parameters
    ----------
    revision : int
    revision_hash, recorded : str
    as_of : str
    since, until : str
        The period, half-open.
    since_by : str
        What it begins with: the id of the last review, ``asked``, ``interval of ...`` or ``policy``.
    edition : str
    policy, ontology : str
        SHA-256 of each.
    version, zone : str
    """

    revision: int
    revision_hash: str
    recorded: str
    as_of: str
    since: str
    until: str
    since_by: str
    edition: str
    policy: str
    ontology: str
    version: str
    zone: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class ReviewPack:
    """The pack of a management review, ready to be written in any form.

    Parameters
    ----------
    inputs : ReviewInputs
    sections : tuple of ReviewSection
        In the order of 9.3.
    evidence : str
        How all requirements stand, in a sentence.
    marking : Marking
        As the most confidential thing in it.
    """

    inputs: ReviewInputs
    sections: tuple[ReviewSection, ...]
    evidence: str
    marking: Marking
    vocabulary: Vocabulary = field(repr=False, compare=False)

    @property
    def revision(self) -> int:
        """The revision that it was made of."""
        return self.inputs.revision

    @property
    def at(self) -> str:
        """When that was recorded."""
        return self.inputs.recorded

    @property
    def as_of(self) -> str:
        """The moment that it is about."""
        return self.inputs.as_of

    def __iter__(self) -> Iterator[ReviewSection]:
        return iter(self.sections)

    def sentence(self) -> str:
        """The answer in a sentence."""
        known = sum(one.state == DATA for one in self.sections)
        lacking = ", ".join(one.letter for one in self.sections if one.state != DATA)
        period = f"from {self.inputs.since[:10]} to {self.inputs.as_of[:10]}"
        less = f"; no data for {lacking}" if lacking else ""
        return f"There is data for {known} of {len(self.sections)} inputs of the management review, {period}{less}."

    @cached_property
    def content(self) -> dict[str, Any]:
        """What it says, as plain values."""
        return {
            "kind": "management review",
            "inputs": self.inputs.to_json(),
            "marking": self.marking.to_json(),
            "sentence": self.sentence(),
            "evidence": self.evidence,
            "sections": [one.to_json() for one in self.sections],
        }

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of what it says: two packs with the same one say the same."""
        return sha256(canonical(self.content)).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """As plain values, whole, with its hash."""
        return {"hash": self.hash, **self.content}

    def table(self) -> Table:
        """A row for each input."""
        rows = (
            (one.letter, one.code, one.state, " ".join(one.sentences), one.requirements, one.entities)
            for one in self.sections
        )
        return Table(COLUMNS, tuple(rows))

    def document(self) -> Document:
        """As people read it."""
        from graphsms.obligations.review.document import document_of

        return document_of(self)

    def form(self) -> str:
        """What the review decides, to be filled in and recorded; see `graphsms.obligations.review.form`."""
        from graphsms.obligations.review.form import form_for

        return form_for(self)

    def to_bytes(self, form: str) -> bytes:
        """In one of the forms ``html``, ``pdf``, ``xlsx`` and ``json``; as ``yaml``, the form to be filled in.

        Raises
        ------
        InputError
            There is no such form.
        """
        if form == "json":
            return f"{to_json(self.to_json())}\n".encode()
        if form == "yaml":
            return self.form().encode()
        if form in FORMS:
            return rendered(self.document(), form)
        raise InputError(f"A review has no form {form!r}; it is one of {', '.join(FORMS)}.")

    def write(self, *paths: str | Path) -> None:
        """Write it to files, each in the form that its name ends with. All are made before the first is written.

        Raises
        ------
        InputError
            A name ends with none of the forms, or a file cannot be written.
        """
        write_files([(path, self.to_bytes(form_of(path))) for path in paths])


def form_of(path: str | Path) -> str:
    """The form of a file by its name.

    Raises
    ------
    InputError

    Examples
    --------
    >>> form_of("review.PDF")
    'pdf'
    """
    return form_by_name(path, FORMS, "a pack")
