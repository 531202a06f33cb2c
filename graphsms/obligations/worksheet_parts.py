"""What belongs to a gap assessment: roll-up, findings on record, documents, readiness, history, maturity, evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from graphsms.analysis.documents_answer import DocumentRegister
from graphsms.analysis.obligation_answer import EVIDENCED, STATES
from graphsms.ingest.worksheet_form import heading
from graphsms.obligations.evidence_index import Evidence, Indexed
from graphsms.obligations.worksheet import Worksheet
from graphsms.report.document import Column, Line, Listing, Row, Section, Share, text_of
from graphsms.report.tables import Cell

__all__ = ["BESIDE", "evidence_lines", "parts"]

BESIDE: Final = "Laws and contracts"
_NAMED: Final = 3


def parts(worksheet: Worksheet, form: str) -> Iterator[Section]:
    """The sections, in order; ``xlsx`` has more columns than a page has room for."""
    yield _roll_up(worksheet, form)
    yield _on_record(worksheet)
    if worksheet.documents is not None:
        yield _documents(worksheet.documents, form)
    if not worksheet.inputs.clause:  # they are of the whole
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
        Row((where, one.name, one.kind, one.grade, one.owner, one.due, one.on[:10], one.id))
        for where, one in worksheet.findings
    )
    sentence = "Nonconformities and improvements that are open: on requirements, clauses, and what is linked to them."
    return Section("Findings on record", sentence, (Listing("", columns, rows),), "10.1, 10.2")


def _documents(register: DocumentRegister, form: str) -> Section:
    """The documented information that the edition lists: in the workbook with all that is known of each."""
    if form == "xlsx":
        known = ("item", "wanted", "for", "state", "reason", "id", "type", "name", "reference", "version", "status")
        heads = (*known, "owner", "approved_by", "approved_on", "review_due", "location", "classification")
        columns = tuple(Column(heading(one), "id" if one == "id" else "text") for one in heads)
        rows = tuple(Row(tuple(row.get(name, "") for name in heads)) for row in register.rows())
    else:
        said = ("item", "wanted", "how it stands", "there is", "owner")
        columns = (*map(Column, said), Column("location", "id"))  # addresses are broken anywhere
        rows = tuple(
            Row(
                (
                    row["item"],
                    f"{row['wanted']} for {row['for']}" if row["for"] else row["wanted"],
                    f"{row['state']}: {row['reason']}",
                    " ".join(filter(None, (row.get("name"), row.get("version")))),
                    *(row.get(name, "") for name in ("owner", "location")),
                )
            )
            for row in register.rows()
        )
    return Section("Documented information", register.sentence(), (Listing("", columns, rows),), register.clause)


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
        Row((one.state, one.text, one.category, _named(one.evidence)), evidence_lines(one.evidence), "")
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
    where = (Column("clause", "id"), Column("id", "id"))
    columns = (*where, Column("name"), Column("what it shows"), Column("location", "id"))
    titles = {clause.number: clause.title for clause, _ in worksheet.states.clauses()}
    grouped: dict[tuple[str, str], list[Indexed]] = {}
    for one in worksheet.index:
        grouped.setdefault((one.clause, one.evidence.id), []).append(one)
    by_number: dict[str, list[Row]] = {}
    for (clause, id), some in grouped.items():
        number = clause.partition(".")[0]
        title = f"{number} {titles[number]}" if number in titles else BESIDE
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


def evidence_lines(evidence: Sequence[Evidence]) -> tuple[Line, ...]:
    """Each piece of evidence on a line."""
    return tuple(Line(f"{one.text()} ({one.worth})") for one in evidence)


def _named(evidence: Sequence[Evidence]) -> str:
    names = [one.name for one in evidence[:_NAMED]]
    more = f" and {len(evidence) - _NAMED} more" if len(evidence) > _NAMED else ""
    return f"{', '.join(names)}{more}" if names else "nothing is linked"
