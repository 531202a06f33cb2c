"""The CAB pack: what those who decide on changes rest their decision on, frozen as it was (8.5.1.3).

A pack is made of assessments: one of all its changes together, or one of each change of a meeting, with the conflicts
between them. What it was made of is printed in it, and makes it again, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.assessment import COLUMNS, Assessment
from graphsms.change.pack.marking import Marking
from graphsms.errors import InputError
from graphsms.report.forms import form_by_name, rendered, write_files
from graphsms.report.tables import Table, plain, to_json

if TYPE_CHECKING:
    from graphsms.change.conflicts import Conflicts
    from graphsms.report.document import Document
    from graphsms.vocabulary import Vocabulary

__all__ = ["FORMS", "Inputs", "Pack", "Source", "canonical", "content_of", "form_of"]

FORMS: Final = ("html", "pdf", "xlsx", "json")


@dataclass(frozen=True, slots=True)
class Source:
    """A source of what is in the graph: when it last changed something, and whether it counts as fresh."""

    name: str
    changed: str
    fresh_for: str
    fresh: bool

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a pack was made of.

    Parameters
    ----------
    requests : tuple of str
        Ids of the changes asked for, as they were given.
    agenda : bool
        Whether each is assessed by itself, for a meeting, or all together as if they were made at once.
    revision : int
    revision_hash, recorded : str
        Of the revision: its hash in the journal, and when it was recorded.
    as_of : mapping of str to str
        By request, the moment whose valid state of affairs it is held against.
    with_context : bool
        Whether what is down or changing already counts.
    policy, ontology : str
        SHA-256 of each.
    version : str
        Of graphsms.
    zone : str
        The organization's time zone.
    visible_up_to : str
        How confidential at most what its maker could see was.
    sources : tuple of Source
    """

    requests: tuple[str, ...]
    agenda: bool
    revision: int
    revision_hash: str
    recorded: str
    as_of: Mapping[str, str]
    with_context: bool
    policy: str
    ontology: str
    version: str
    zone: str
    visible_up_to: str
    sources: tuple[Source, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {
            **found,
            "requests": list(self.requests),
            "as_of": dict(self.as_of),
            "sources": [one.to_json() for one in self.sources],
        }


@dataclass(frozen=True)
class Pack:
    """A pack, ready to be written in any form.

    Parameters
    ----------
    inputs : Inputs
    assessments : tuple of Assessment
        One of all the changes; in an agenda one of each, those of the highest risk first.
    conflicts : Conflicts or None
        Of an agenda: which of its changes use up redundancy together.
    marking : Marking
        How confidential it is: as the most confidential thing in it.
    """

    inputs: Inputs
    assessments: tuple[Assessment, ...]
    conflicts: Conflicts | None
    marking: Marking
    vocabulary: Vocabulary = field(repr=False, compare=False)

    def sentence(self, emphasis: str = "*") -> str:
        """The answer in a sentence; ids stand between ``emphasis``."""
        return self.assessments[0].sentence(emphasis) if self.conflicts is None else self.conflicts.sentence()

    @cached_property
    def content(self) -> dict[str, Any]:
        """What it says, as plain values."""
        return content_of(self.inputs, self.assessments, self.conflicts, self.marking)

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of what it says: two packs with the same one say the same."""
        return sha256(canonical(self.content)).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """As plain values, whole, with its hash."""
        return {"hash": self.hash, **self.content}

    def rows(self) -> Table:
        """One row for each that is hit or concerned, by which changes."""
        return Table(
            ("request", *COLUMNS),
            tuple((", ".join(r.id for r in one.requests), *hit.row()) for one in self.assessments for hit in one.hits),
        )

    def document(self) -> Document:
        """As people read it."""
        return self._document

    @cached_property
    def _document(self) -> Document:
        from graphsms.change.pack.document import document_of

        return document_of(self)

    def to_bytes(self, form: str) -> bytes:
        """In one of the forms ``html``, ``pdf``, ``xlsx`` and ``json``.

        Raises
        ------
        InputError
            There is no such form.
        """
        if form == "json":
            return f"{to_json(self.to_json())}\n".encode()
        if form in FORMS:
            return rendered(self.document(), form)
        raise InputError(f"A pack has no form {form!r}; it is one of {', '.join(FORMS)}.")

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
    >>> form_of("cab.HTML")
    'html'
    """
    return form_by_name(path, FORMS, "a pack")


def canonical(content: Any) -> bytes:
    """One text for what is equal, whatever the order of its keys."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=plain).encode()


def content_of(
    inputs: Inputs,
    assessments: Sequence[Assessment],
    conflicts: Conflicts | None,
    marking: Marking | None = None,
) -> dict[str, Any]:
    """What a pack of these says, as plain values."""
    return {
        "kind": "agenda" if inputs.agenda else "pack",
        "inputs": inputs.to_json(),
        "marking": None if marking is None else marking.to_json(),
        "sentence": assessments[0].sentence(emphasis="") if conflicts is None else conflicts.sentence(),
        "changes": [one.to_json() for one in assessments],
        "conflicts": None if conflicts is None else conflicts.to_json(),
    }
