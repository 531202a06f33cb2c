"""The gap assessment worksheet: a row for each requirement, to be judged and filled in, and what belongs to it (9.2).

It is made of one revision and one moment, and the same graph makes the same bytes. What people fill in comes back by
`graphsms.ingest.worksheet`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.documents_answer import DocumentRegister
from graphsms.analysis.obligation_answer import Obligations, Rolled
from graphsms.clauses import Clause, Requirement
from graphsms.errors import InputError
from graphsms.ingest.worksheet_form import COLUMNS, FILLED, MARKER, NOT_JUDGED, VERSION, Exported, heading
from graphsms.obligations.evidence_index import Evidence, Indexed, Requested
from graphsms.obligations.maturity import Maturity
from graphsms.obligations.operation import OperationalHistory
from graphsms.obligations.readiness import Readiness
from graphsms.report.forms import form_by_name, rendered, write_files
from graphsms.report.tables import Table, to_csv, to_json

if TYPE_CHECKING:
    import pandas as pd

    from graphsms.report.document import Document

__all__ = ["FORMS", "Inputs", "OnRecord", "Worksheet", "WorksheetRow", "form_of"]

FORMS: Final = ("html", "xlsx", "json", "csv")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a worksheet was made of.

    Parameters
    ----------
    revision : int
    revision_hash, recorded, as_of : str
        Of the revision; the moment that the states are of.
    edition, clause : str
        The year; the clause that it is limited to, or "".
    policy, ontology, version, zone : str
        SHA-256 of the policy for evidence and of the ontology; of graphsms; the organization's time zone.
    classification : str
        How confidential it is, and by what.
    level : str
        The level alone, or "".
    """

    revision: int
    revision_hash: str
    recorded: str
    as_of: str
    edition: str
    clause: str
    policy: str
    ontology: str
    version: str
    zone: str
    classification: str
    level: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A nonconformity or improvement that is open on a requirement.

    Parameters
    ----------
    id, kind, name, grade, owner, due, on : str
        ``kind`` in words; ``owner`` ids; ``on`` when it was recorded, canonical.
    """

    id: str
    kind: str
    name: str
    grade: str
    owner: str
    due: str
    on: str

    def text(self) -> str:
        """On one line."""
        parts = [self.grade or self.kind, self.owner, f"due {self.due}" if self.due else ""]
        return f"{self.id} ({', '.join(filter(None, parts))}): {self.name}"

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class WorksheetRow:
    """A requirement with how it stands, and what people have filled in.

    Parameters
    ----------
    requirement : Requirement
    title, kind : str
        Of its clause; whether it is a sentence, a list, an item, a permission or of a law or contract.
    state, reason : str
    evidence : tuple of Evidence
    on_record : tuple of OnRecord
        What is open on it, the finding of the row too.
    filled : mapping of str to str
        The cells that people fill in, by column.
    exported : Exported
    """

    requirement: Requirement
    title: str
    kind: str
    state: str
    reason: str
    evidence: tuple[Evidence, ...]
    on_record: tuple[OnRecord, ...]
    filled: dict[str, str]
    exported: Exported

    def cells(self) -> tuple[str, ...]:
        """As texts, one for each column."""
        its = self.requirement
        texts = {
            **{name: getattr(its, name) for name in ("edition", "clause", "item", "anchor", "paraphrase", "id")},
            **{name: getattr(self, name) for name in ("title", "kind", "state", "reason")},
            "evidence": "\n".join(one.text() for one in self.evidence),
            "on_record": "\n".join(one.text() for one in self.on_record),
            "exported": self.exported.to_text(),
            **self.filled,
        }
        return tuple(texts[name] for name in COLUMNS)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        said: dict[str, Any] = dict(zip(COLUMNS, self.cells(), strict=True))
        said["evidence"] = [one.to_json() for one in self.evidence]
        said["on_record"] = [one.to_json() for one in self.on_record]
        return said


@dataclass(frozen=True)
class Worksheet:
    """A gap assessment worksheet, ready to be written in any form.

    Parameters
    ----------
    inputs : Inputs
    states : Obligations
    rows : tuple of WorksheetRow
        In order of the text; then those of laws and contracts.
    findings : tuple of (str, OnRecord)
        What is open, with where: the anchor of a requirement, the number of a clause, or the id of something
        that is linked to a requirement.
    index : tuple of Indexed
        The evidence by clause.
    requested : tuple of Requested
        The evidence by category of what auditors ask for.
    readiness : Readiness
    history : OperationalHistory
    maturity : tuple of Maturity
    documents : DocumentRegister or None
        The documented information that the edition lists (7.5.4; 2011: 4.3.1); None in the worksheet of a clause.
    people : tuple of (str, str)
        Ids and names of those who can own a finding or assess.
    """

    inputs: Inputs
    states: Obligations = field(repr=False)
    rows: tuple[WorksheetRow, ...] = field(repr=False)
    findings: tuple[tuple[str, OnRecord], ...] = field(repr=False)
    index: tuple[Indexed, ...] = field(repr=False)
    requested: tuple[Requested, ...] = field(repr=False)
    readiness: Readiness = field(repr=False)
    history: OperationalHistory = field(repr=False)
    maturity: tuple[Maturity, ...] = field(repr=False)
    documents: DocumentRegister | None = field(repr=False)
    people: tuple[tuple[str, str], ...] = field(repr=False)

    @cached_property
    def clauses(self) -> tuple[tuple[Clause, Rolled], ...]:
        """The clauses that it is about, each with all below it."""
        wanted = self.inputs.clause
        found = self.states.clauses()
        if wanted:
            found = [one for one in found if one[0].number == wanted or one[0].number.startswith(f"{wanted}.")]
        return tuple(found)

    @cached_property
    def overall(self) -> Rolled:
        """All of it: the clause that it is limited to, or the edition."""
        if self.inputs.clause and self.clauses:
            return self.clauses[0][1]
        return self.states.overall

    @cached_property
    def judged(self) -> dict[str, int]:
        """How many requirements were judged how. Of those that nobody has judged, what the roll-up counts is counted:
        no heads of lists, nothing that is only permitted."""
        found: dict[str, int] = {}
        for row in self.rows:
            its = row.requirement
            if row.filled["conformity"] == NOT_JUDGED and (its.items or not its.mandatory or not its.edition):
                continue
            found[row.filled["conformity"]] = found.get(row.filled["conformity"], 0) + 1
        return found

    def sentence(self) -> str:
        """The answer in a sentence."""
        where = f", clause {self.inputs.clause}" if self.inputs.clause else ""
        return f"ISO/IEC 20000-1:{self.inputs.edition}{where}: {self.overall.sentence()}."

    def table(self) -> Table:
        """A row a requirement, as it comes back."""
        return Table(tuple(map(heading, COLUMNS)), tuple(row.cells() for row in self.rows))

    def to_frame(self) -> pd.DataFrame:
        """A row a requirement."""
        import pandas as pd

        return pd.DataFrame([one.to_json() for one in self.rows])

    def to_json(self) -> dict[str, Any]:
        """As plain values, as it comes back: people fill in the ``rows``."""
        return {
            "format": MARKER,
            "version": VERSION,
            "fill_in": list(FILLED),
            "inputs": self.inputs.to_json(),
            "sentence": self.sentence(),
            "overall": self.overall.to_json(),
            "judged": self.judged,
            "clauses": [
                {"clause": clause.number, "title": clause.title, **stand.to_json()} for clause, stand in self.clauses
            ],
            "rows": [one.to_json() for one in self.rows],
            "findings": [{"where": where, **one.to_json()} for where, one in self.findings],
            "evidence_by_clause": [one.to_json() for one in self.index],
            "evidence_by_category": [one.to_json() for one in self.requested],
            "readiness": self.readiness.to_json(),
            "history": self.history.to_json(),
            "maturity": [one.to_json() for one in self.maturity],
            "documents": None if self.documents is None else self.documents.to_json(),
        }

    def document(self, form: str = "html") -> Document:
        """As people read it (``html``), or fill it in (``xlsx``)."""
        from graphsms.obligations.worksheet_document import document_of

        return document_of(self, form)

    def to_bytes(self, form: str) -> bytes:
        """In one of the forms ``html``, ``xlsx``, ``json`` and ``csv``.

        Raises
        ------
        InputError
            There is no such form.
        """
        if form == "json":
            return f"{to_json(self.to_json())}\n".encode()
        if form == "csv":
            return to_csv(self.table()).encode()
        if form in FORMS:
            return rendered(self.document(form), form)
        raise InputError(f"A worksheet has no form {form!r}; it is one of {', '.join(FORMS)}.")

    def write(self, path: str | Path, form: str | None = None) -> None:
        """Write it to a file, in the form that is said or that its name ends with.

        Raises
        ------
        InputError
            There is no such form, or the file cannot be written.
        """
        write_files([(path, self.to_bytes(form or form_of(path)))])


def form_of(path: str | Path) -> str:
    """The form of a file by its name.

    Raises
    ------
    InputError

    Examples
    --------
    >>> form_of("gaps.XLSX")
    'xlsx'
    """
    return form_by_name(path, FORMS, "a worksheet", "; otherwise say which it is with --format")
