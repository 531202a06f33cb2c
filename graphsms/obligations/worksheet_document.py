"""The gap assessment worksheet as people read it, and as the workbook that they fill in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from graphsms.analysis.obligation_answer import NO_OCCURRENCE, RequirementState, Rolled, rolled
from graphsms.ingest.worksheet_form import COLUMNS, HIDDEN, MARKER, NOT_JUDGED, heading
from graphsms.obligations.worksheet import Worksheet, WorksheetRow
from graphsms.obligations.worksheet_parts import BESIDE, evidence_lines, parts
from graphsms.report.document import Chapter, Column, Document, Entry, Fact, Line, Listing, Row, Section

__all__ = ["document_of"]

_KIND: Final = "Gap assessment worksheet"
_PEOPLE: Final = "People"
_WORDS: Final = (NOT_JUDGED, "conforms", "opportunity", "minor", "major")
_ENTRIES: Final = {
    "conformity": Entry("Is it met? This is your judgement; the state only says what evidence there is.", _WORDS),
    "finding": Entry("What was found, in words. With minor and major it becomes a nonconformity, with opportunity an "
                     "improvement."),
    "owner": Entry("Id of who is to deal with the finding: see the sheet People.", of=_PEOPLE),
    "due": Entry("The day by which it is to be dealt with.", day=True),
    "assessed_by": Entry("Id of who judged: see the sheet People.", of=_PEOPLE),
    "assessed_on": Entry("The day on which it was judged; not one to come.", day=True),
    "note": Entry("Why it was judged so."),
    "add_evidence": Entry("Ids of documents, records, activities, ... of the graph that show it; several between "
                          "semicolons."),
}  # fmt: skip
_WIDTHS: Final = {
    "edition": 8, "clause": 9, "item": 7, "anchor": 14, "title": 24, "paraphrase": 48, "kind": 10, "state": 15,
    "reason": 40, "evidence": 44, "on_record": 36, "conformity": 15, "finding": 44, "owner": 16, "due": 12,
    "assessed_by": 16, "assessed_on": 12, "note": 32, "add_evidence": 24,
}  # fmt: skip
_FROZEN: Final = 4


def document_of(worksheet: Worksheet, form: str) -> Document:
    """A worksheet as a document: ``html`` to be read, ``xlsx`` to be filled in."""
    inputs = worksheet.inputs
    title = f"ISO/IEC 20000-1:{inputs.edition}" + (f", clause {inputs.clause}" if inputs.clause else "")
    if form == "xlsx":
        chapters = [_front(worksheet, title, [_form(worksheet), *parts(worksheet, form), _people(worksheet)])]
    else:
        chapters = [_front(worksheet, title, [*parts(worksheet, form)]), *_clauses(worksheet)]
    return Document(
        kind=_KIND,
        title=title,
        chapters=tuple(chapters),
        inputs=tuple(_inputs(worksheet)),
        classification=inputs.level,
        foot=f"Revision {inputs.revision} of {inputs.recorded[:10]} {inputs.recorded[11:16]} UTC.",
        moment=inputs.recorded,
    )


def _front(worksheet: Worksheet, title: str, sections: Sequence[Section]) -> Chapter:
    stand, judged = worksheet.overall, worksheet.judged
    facts = [
        Fact("Evidenced", f"{stand.evidenced} of {stand.applicable} that asked for something"),
        Fact("No occurrence", f"{stand.counts[NO_OCCURRENCE]} of {stand.total}"),
        Fact("Not judged yet", str(judged.get(NOT_JUDGED, 0))),
        *(Fact(f"Judged: {word}", str(judged.get(word, 0))) for word in _WORDS[1:]),
        Fact("As of", f"{worksheet.inputs.as_of[:10]} {worksheet.inputs.as_of[11:16]} UTC"),
    ]
    notes = (
        "The state says what evidence there is; whether a requirement is met is a person's judgement, and stands"
        " beside it. No requirement of clauses 4 to 10 can be excluded (1.2). The paraphrases are ours: the standard"
        " has to be bought.",
    )
    return Chapter(f"Gap assessment: {title}", worksheet.sentence(), tuple(facts), tuple(sections), notes=notes)


# ------------------------------------------------------------------------------------------ to be filled in


def _form(worksheet: Worksheet) -> Section:
    columns = tuple(
        Column(
            heading(name),
            "state" if name == "state" else "text",
            _ENTRIES.get(name),
            hidden=name in HIDDEN,
            width=_WIDTHS.get(name, 10),
        )
        for name in COLUMNS
    )
    rows = tuple(Row(row.cells()) for row in worksheet.rows)
    sentence = (
        "Fill in the yellow columns of the sheet and give the file to `graphsms ingest`. A finding needs a conformity;"
        " a conformity needs who assessed it, and when."
    )
    return Section("Worksheet", sentence, (Listing(MARKER, columns, rows, frozen=_FROZEN),))


def _people(worksheet: Worksheet) -> Section:
    rows = tuple(Row(one) for one in worksheet.people)
    listing = Listing("", (Column("id", "id"), Column("name")), rows)
    return Section(_PEOPLE, "Who can own a finding or assess: their ids go into the worksheet.", (listing,))


# ---------------------------------------------------------------------------------------------- to be read


def _clauses(worksheet: Worksheet) -> Iterator[Chapter]:
    """A chapter for each of the main clauses, and one for what laws and contracts demand."""
    by_number: dict[str, list[WorksheetRow]] = {}
    for row in worksheet.rows:
        by_number.setdefault(row.requirement.clause.partition(".")[0], []).append(row)
    stands = {clause.number: (clause, stand) for clause, stand in worksheet.states.clauses()}
    for number, rows in by_number.items():
        if number in stands:
            clause, stand = stands[number]
            title, answer = f"{number} {clause.title}", f"{stand.sentence()}."
        else:
            title, answer = BESIDE, f"{worksheet.states.beside.sentence()}."
        yield Chapter(title, answer, sections=tuple(_requirements(rows)))


def _requirements(rows: Sequence[WorksheetRow]) -> Iterator[Section]:
    by_clause: dict[str, list[WorksheetRow]] = {}
    for row in rows:
        by_clause.setdefault(row.requirement.clause, []).append(row)
    for number, some in by_clause.items():
        title = f"{number} {some[0].title}" if number else "Demands"
        yield Section(title, f"{_rolled(some).sentence()}.", (_listing(some),))


def _listing(rows: Sequence[WorksheetRow]) -> Listing:
    columns = (
        Column("where", "id"),
        Column("state", "state"),
        Column("what is asked"),
        Column("why it stands so"),
        Column("how it is judged, and what was found"),
    )
    made = []
    for row in rows:
        its = row.requirement
        lines = [*evidence_lines(row.evidence), *(Line(f"On record: {one.text()}") for one in row.on_record)]
        if row.filled["note"]:
            lines.append(Line(f"Note: {row.filled['note']}"))
        made.append(Row((its.anchor, row.state, its.paraphrase, row.reason, _judged(row)), tuple(lines)))
    return Listing("", columns, tuple(made), opens=3, counted=False)


def _judged(row: WorksheetRow) -> str:
    """Conformity and finding in one: in columns of their own they would leave no room for what is asked."""
    filled = row.filled
    assessed = ", ".join(filter(None, (filled["assessed_by"], filled["assessed_on"])))
    judged = filled["conformity"] + (f" ({assessed})" if assessed else "")
    if not filled["finding"]:
        return judged
    owner = f"owner {filled['owner']}" if filled["owner"] else ""
    due = ", ".join(filter(None, (owner, f"due {filled['due']}" if filled["due"] else "")))
    return f"{judged}: {filled['finding']}" + (f" ({due})" if due else "")


def _rolled(rows: Sequence[WorksheetRow]) -> Rolled:
    return rolled(RequirementState(row.requirement, row.state, row.reason) for row in rows)


def _inputs(worksheet: Worksheet) -> Iterator[Fact]:
    inputs = worksheet.inputs
    yield Fact("Edition of the standard", f"ISO/IEC 20000-1:{inputs.edition}")
    yield Fact("Limited to clause", inputs.clause or "none: all of it")
    yield Fact("Revision", f"{inputs.revision}, recorded {inputs.recorded or '–'}")
    yield Fact("Hash of the revision (SHA-256)", inputs.revision_hash or "–")
    yield Fact("As of", inputs.as_of)
    yield Fact("Policy for evidence (SHA-256)", inputs.policy)
    yield Fact("Ontology (SHA-256)", inputs.ontology)
    yield Fact("graphsms", inputs.version)
    yield Fact("Time zone of the organization", inputs.zone)
    yield Fact("Classification", inputs.classification)
