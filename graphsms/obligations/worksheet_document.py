"""The gap assessment worksheet as people read it, and as the workbook that they fill in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from graphsms.analysis.obligation_answer import EVIDENCED, NO_OCCURRENCE, STATES, RequirementState, Rolled, rolled
from graphsms.ingest.worksheet_form import COLUMNS, HIDDEN, MARKER, NOT_JUDGED, heading
from graphsms.obligations.evidence_index import Evidence, Indexed
from graphsms.obligations.worksheet import Worksheet, WorksheetRow
from graphsms.report.document import Chapter, Column, Document, Entry, Fact, Line, Listing, Row, Section, Share, text_of
from graphsms.report.tables import Cell

__all__ = ["document_of"]

_KIND: Final = "Gap assessment worksheet"
_PEOPLE: Final = "People"
_BESIDE: Final = "Laws and contracts"
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
_NAMED: Final = 3


def document_of(worksheet: Worksheet, form: str) -> Document:
    """A worksheet as a document: ``html`` to be read, ``xlsx`` to be filled in."""
    inputs = worksheet.inputs
    title = f"ISO/IEC 20000-1:{inputs.edition}" + (f", clause {inputs.clause}" if inputs.clause else "")
    if form == "xlsx":
        chapters = [_front(worksheet, title, [_form(worksheet), *_parts(worksheet, form), _people(worksheet)])]
    else:
        chapters = [_front(worksheet, title, [*_parts(worksheet, form)]), *_clauses(worksheet)]
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


# ------------------------------------------------------------------------------------- what belongs to it


def _parts(worksheet: Worksheet, form: str) -> Iterator[Section]:
    yield _roll_up(worksheet, form)
    yield _on_record(worksheet)
    yield _readiness(worksheet)
    yield _history(worksheet)
    yield _maturity(worksheet)
    yield _by_category(worksheet)
    yield _by_clause(worksheet, form)


def _roll_up(worksheet: Worksheet, form: str) -> Section:
    """By clause: in the workbook a figure for each state, on a page what is left in words."""
    columns = [Column("state", "state"), Column("clause", "id"), Column("title")]
    states = [state for state in STATES if state != EVIDENCED]
    figures = ("evidenced", "of", "share", *states)
    columns += (
        [Column(one, "figure") for one in figures] if form == "xlsx" else [Column("evidenced"), Column("the rest")]
    )
    rows = []
    for clause, stand in worksheet.clauses:
        share: Cell = Share(stand.evidenced / stand.applicable) if stand.applicable else None
        cells: list[Cell] = [stand.state, clause.number, clause.title]
        if form == "xlsx":
            cells += [stand.evidenced, stand.applicable, share, *(stand.counts[state] for state in states)]
        else:
            cells.append(
                f"{stand.evidenced} of {stand.applicable}" + (f" ({text_of(share)})" if stand.applicable else "")
            )
            cells.append(", ".join(f"{stand.counts[state]} {state}" for state in states if stand.counts[state]))
        rows.append(Row(tuple(cells)))
    sentence = "Of what asked for something in the period, so much is evidenced; each clause with all below it."
    return Section("By clause", sentence, (Listing("", tuple(columns), tuple(rows)),))


def _on_record(worksheet: Worksheet) -> Section:
    heads = ("where", "what was found", "kind", "grade", "owner", "due", "recorded", "id")
    columns = tuple(Column(one, "id" if one in ("where", "id") else "text") for one in heads)
    rows = tuple(
        Row((row.requirement.anchor, one.name, one.kind, one.grade, one.owner, one.due, one.on[:10], one.id))
        for row in worksheet.rows
        for one in row.on_record
    )
    sentence = "Nonconformities and improvements that are open, whoever has recorded them."
    return Section("Findings on record", sentence, (Listing("", columns, rows),), "10.1, 10.2")


def _readiness(worksheet: Worksheet) -> Section:
    points = worksheet.readiness.points
    columns = (
        Column("state", "state"),
        Column("point"),
        Column("ready"),
        Column("why"),
    )
    rows = tuple(
        Row(
            (one.state, one.text, one.ready, one.why),
            tuple(Line(anchor) for anchor in one.open),
        )
        for one in points
        if one.kind == "point"
    )
    listing = Listing("", columns, rows, opens=1, empty="The catalogue has no readiness list.")
    return Section("Readiness", worksheet.readiness.sentence(), (listing,))


def _history(worksheet: Worksheet) -> Section:
    columns = (
        Column("process", "id"),
        Column("name"),
        Column("long enough"),
        Column("records", "figure"),
        Column("earliest"),
        Column("latest"),
        Column("records a month"),
    )
    rows = tuple(
        Row(
            (
                one.id,
                one.name,
                one.long_enough,
                one.records,
                one.earliest[:10],
                one.latest[:10],
                tuple(f"{month}: {count}" for month, count in one.months.items()),
            )
        )
        for one in worksheet.history.processes
    )
    listing = Listing("", columns, rows, empty="There is no live process in the graph.")
    return Section("Operational history", worksheet.history.sentence(), (listing,), "8.1")


def _maturity(worksheet: Worksheet) -> Section:
    heads = ("process", "name", "level", "target", "below target", "assessed on", "assessed by")
    kinds = {"process": "id", "level": "figure", "target": "figure"}
    columns = tuple(Column(one, kinds.get(one, "text")) for one in heads)  # type: ignore[arg-type]
    levels = worksheet.maturity
    assessed = [one for one in levels if one.level is not None]
    below = sum(one.below for one in assessed)
    sentence = f"{len(assessed)} of {len(levels)} processes are assessed, from 0 to 5; {below} of them below target."
    return Section("Maturity", sentence, (Listing("", columns, tuple(Row(one.row()) for one in levels)),))


def _by_category(worksheet: Worksheet) -> Section:
    columns = (
        Column("state", "state"),
        Column("what auditors ask to see"),
        Column("category"),
        Column("evidence"),
    )
    rows = tuple(
        Row((one.state, one.text, one.category, _named(one.evidence)), _lines(one.evidence), "")
        for one in worksheet.requested
    )
    listing = Listing("", columns, rows, opens=3, empty="The catalogue has no list of evidence requests.")
    sentence = "What auditors ask to see, by category, with all evidence of the requirements behind it."
    return Section("Evidence by category of request", sentence, (listing,))


def _by_clause(worksheet: Worksheet, form: str) -> Section:
    """The evidence by clause: in the workbook one table, on a page one for each of the main clauses."""
    sentence, empty = "What is linked to each requirement, and what it is worth.", "Nothing is linked to a requirement."
    if form == "xlsx" or not worksheet.index:
        heads = ("where", "id", "type", "name", "worth", "why", "until", "location")
        columns = tuple(Column(one, "id" if one in ("where", "id") else "text") for one in heads)
        rows = []
        for one in worksheet.index:
            its = one.evidence
            rows.append(Row((one.anchor, its.id, its.type, its.name, its.worth, its.reason, its.until, its.location)))
        return Section("Evidence by clause", sentence, (Listing("", columns, tuple(rows), empty=empty),), "7.5")
    columns = (Column("clause", "id"), Column("id", "id"), Column("name"), Column("what it shows"), Column("location"))
    titles = {clause.number: clause.title for clause, _ in worksheet.states.clauses()}
    grouped: dict[tuple[str, str], list[Indexed]] = {}
    for one in worksheet.index:
        grouped.setdefault((one.clause, one.evidence.id), []).append(one)
    by_number: dict[str, list[Row]] = {}
    for (clause, id), some in grouped.items():
        number = clause.partition(".")[0]
        title = f"{number} {titles[number]}" if number in titles else _BESIDE
        cells = (clause, id, some[0].evidence.name, _worths(clause, some), some[0].evidence.location)
        by_number.setdefault(title, []).append(Row(cells))
    listings = tuple(Listing(title, columns, tuple(rows)) for title, rows in by_number.items())
    return Section("Evidence by clause", sentence, listings, "7.5")


def _worths(clause: str, some: Sequence[Indexed]) -> str:
    """What a piece of evidence is worth where, in a clause."""
    found: dict[str, list[str]] = {}
    for one in some:
        place = one.anchor.removeprefix(clause).strip().replace(" ", "\u00a0")  # on one line
        found.setdefault(one.evidence.worth, []).append(place)
    return "; ".join(f"{worth} {', '.join(filter(None, dict.fromkeys(at)))}".strip() for worth, at in found.items())


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
            title, answer = _BESIDE, f"{worksheet.states.beside.sentence()}."
        yield Chapter(title, answer, sections=tuple(_requirements(rows)))


def _requirements(rows: Sequence[WorksheetRow]) -> Iterator[Section]:
    by_clause: dict[str, list[WorksheetRow]] = {}
    for row in rows:
        by_clause.setdefault(row.requirement.clause, []).append(row)
    for number, some in by_clause.items():
        title = f"{number} {some[0].title}" if number else "Demands"
        yield Section(title, f"{_rolled(some).sentence()}.", (_listing(some),))


def _listing(rows: Sequence[WorksheetRow]) -> Listing:
    columns = [
        Column("where", "id"),
        Column("state", "state"),
        Column("what is asked"),
        Column("why it stands so"),
        Column("conformity"),
        Column("finding"),
        Column("owner, due"),
    ]
    made = []
    for row in rows:
        filled = row.filled
        assessed = ", ".join(filter(None, (filled["assessed_by"], filled["assessed_on"])))
        judged = filled["conformity"] + (f" ({assessed})" if assessed else "")
        due = ", ".join(filter(None, (filled["owner"], filled["due"])))
        cells = (
            row.requirement.anchor,
            row.state,
            row.requirement.paraphrase,
            row.reason,
            judged,
            filled["finding"],
            due,
        )
        lines = (*_lines(row.evidence), *(Line(f"Note: {filled['note']}") for _ in [0] if filled["note"]))
        lines += tuple(Line(f"On record: {one.text()}") for one in row.on_record)
        made.append(Row(cells, lines))
    kept = [at for at in range(len(columns)) if at < 5 or any(row.cells[at] for row in made)]
    return Listing(
        "",
        tuple(columns[at] for at in kept),
        tuple(Row(tuple(row.cells[at] for at in kept), row.detail) for row in made),
        opens=3,
        counted=False,
    )


def _rolled(rows: Sequence[WorksheetRow]) -> Rolled:
    return rolled(RequirementState(row.requirement, row.state, row.reason) for row in rows)


def _lines(evidence: Sequence[Evidence]) -> tuple[Line, ...]:
    return tuple(Line(f"{one.text()} ({one.worth})") for one in evidence)


def _named(evidence: Sequence[Evidence]) -> str:
    names = [one.name for one in evidence[:_NAMED]]
    more = f" and {len(evidence) - _NAMED} more" if len(evidence) > _NAMED else ""
    return f"{', '.join(names)}{more}" if names else "nothing is linked"


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
