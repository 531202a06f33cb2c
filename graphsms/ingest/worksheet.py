"""Gap assessment worksheets that people have filled in: what they judged and found becomes part of the graph (9.2, 10).

::

    conformity  → (:ConformityJudgement)-[:DECIDES_ON]->(:Requirement)      who, when; no state is ever replaced
    finding     → (:Nonconformity)-[:FAILS_TO_MEET]->(:Requirement)         minor and major, with owner and due date
                  (:Improvement)-[:ABOUT]->(:Requirement)                   opportunity
    n/a         → (:ConformityJudgement {claimedExclusion})-[:DECIDES_ON]->(:Requirement)   no conformity, but a finding
    add evidence → (:Entity)-[:DEMONSTRATES]->(:Requirement)

Only what was changed since the worksheet was written is taken. Nothing is taken back by emptying a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from graphsms.clauses import catalogue
from graphsms.errors import RejectedError
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.ingest.worksheet_form import (
    EXPORTED,
    FILLED,
    NOT_JUDGED,
    SOURCE,
    Exported,
    exclusion_id,
    finding_id,
    ids_in,
    judgement_id,
    plain_text,
)
from graphsms.ingest.worksheet_rows import FilledRow, filled_rows, is_worksheet
from graphsms.model import Fault
from graphsms.moments import come
from graphsms.vocabulary import Code, Vocabulary

__all__ = ["WorksheetReader"]

Take = Callable[[Fault], None]

_GRADED: Final = frozenset({"minor", "major"})
_OPPORTUNITY: Final = "opportunity"
_CALLED: Final = 80  # characters of a finding that are its name
_EXCLUDED: Final = re.compile(
    r"n\.?\s*/?\s*a\.?|(?:is )?not[ _-]?(?:applicable|relevant)|excluded|out of scope"
    r"|nicht anwendbar|entf[aä]llt|non applicable",
    re.IGNORECASE,
)
_AHEAD: Final = timedelta(hours=14)  # where on earth a day begins first


class WorksheetReader:
    """Reads worksheets as `graphsms worksheet` writes them, filled in. All of them are one source."""

    name: Final = "worksheet"
    foreign: Final = False
    source: Final = SOURCE

    def recognizes(self, path: Path, head: bytes) -> bool:
        """A workbook with its sheet, JSON with its mark, CSV with its columns."""
        return is_worksheet(path, head)

    def read(self, paths: Sequence[Path], vocabulary: Vocabulary, fault: Take, warn: Take) -> Iterator[RawStatement]:
        """What people have changed in the rows; a file that cannot be read is one fault, and the next is read."""
        met: dict[str, FilledRow] = {}
        for path in paths:
            try:
                for row in filled_rows(path, fault):
                    yield from _Reading(row, vocabulary, fault, warn).statements(met)
            except RejectedError as error:
                for one in error.faults:
                    fault(one)


class _Reading:
    """One row being read; where it has a fault, nothing of it is stated."""

    def __init__(self, row: FilledRow, vocabulary: Vocabulary, fault: Take, warn: Take) -> None:
        self.row = row
        self.its = {name: plain_text(row.cells[name]) for name in FILLED}
        if self.its["conformity"].casefold() == NOT_JUDGED:
            self.its["conformity"] = ""
        self.vocabulary = vocabulary
        self.word = vocabulary.known_as
        self._fault = fault
        self._warn = warn
        self._faulty = False

    def fault(self, column: str, rule: str, message: str) -> None:
        self._faulty = True
        subject = self.row.cells["id"]
        self._fault(Fault(self.row.origin(column), subject, column, rule, message))

    def statements(self, met: dict[str, FilledRow]) -> Iterator[RawStatement]:
        before = self.key(met)
        if before is None:
            return
        self.changed = {name for name in FILLED if not before.kept(name, self.its[name])}
        if not self.changed:
            return
        self.require_kept()
        self.excluded = bool(_EXCLUDED.fullmatch(self.its["conformity"]))
        self.require_no_exclusion(before)
        conformity = self.conformity()
        on = self.day("assessed_on", until_now=True)
        due = self.day("due")
        self.require_whole(before, conformity, on)
        if self._faulty:
            return
        judgement = before.judgement
        if self.excluded:
            yield from self.exclusion(before, on)
        elif self.changed & {"conformity", "assessed_by", "assessed_on", "note"}:
            judgement = judgement_id(before.id, on, self.its["assessed_by"])
            yield from self.judgement(before, judgement, conformity, on)
        if self.its["finding"] and self.changed & {"conformity", "finding", "owner", "due"}:
            yield from self.finding(before, judgement, conformity, on, due)
        yield from self.evidence(before)

    # ---------------------------------------------------------------------------- whether it may be taken

    def key(self, met: dict[str, FilledRow]) -> Exported | None:
        """What the row was; None where that cannot be told."""
        cells = self.row.cells
        try:
            before = Exported.of_text(cells[EXPORTED])
        except ValueError:
            what = "row has been added, or its key" if not cells[EXPORTED] else "key of the row"
            message = f"The {what} was changed; every row of a worksheet is one that was written with it."
            self.fault(EXPORTED, "changed-key", message)
            return None
        for column in ("id", "anchor"):
            if cells[column] != getattr(before, column):
                message = (
                    f"The key of the row was changed from {getattr(before, column)!r} to {cells[column]!r}: put it"
                    " back. What belongs to another requirement is filled in there."
                )
                self.fault(column, "changed-key", message)
        if cells["state"] != before.state:
            message = (
                f"The state is concluded from the evidence, and was {before.state!r}: put it back. Link the evidence"
                " under 'add evidence', and judge under 'conformity'."
            )
            self.fault("state", "computed-state", message)
        other = met.setdefault(before.id, self.row)
        if other is not self.row:
            self.fault("id", "duplicate-row", f"The same requirement stands at {other.origin()} too: keep one of them.")
        return None if self._faulty else before

    def require_kept(self) -> None:
        for column in FILLED:
            if column in self.changed and not self.its[column]:
                message = (
                    "What stood here was taken out, and nothing is taken back by that: put it back, or write what"
                    " holds now. A finding ends when it is closed in the graph."
                )
                self.fault(column, "emptied-cell", message)

    def require_no_exclusion(self, before: Exported) -> None:
        """That "not applicable" stands under conformity, where it is kept as what was said, and for no other cell."""
        for column in ("finding", "note"):
            if _EXCLUDED.fullmatch(self.its[column]) and not self.excluded:
                message = (
                    "No requirement of clauses 4 to 10 can be excluded (1.2), and nothing else is said here: judge"
                    " under 'conformity' what is demanded, or leave it not assessed."
                )
                self.fault(column, "not-applicable", message)
        if self.excluded and before.judgement and "assessed_on" not in self.changed:
            message = "What was judged on that day stands: give the day on which it was said not to apply."
            self.fault("assessed_on", "judged-that-day", message)

    def conformity(self) -> str:
        """The notation of what was judged, or ""."""
        said = self.its["conformity"].casefold()
        if not said or self.excluded:
            return ""
        for code in self._codes:
            if said in (code.notation.casefold(), code.label.casefold()):
                return code.notation
        words = [code.notation for code in self._codes]
        message = (
            f"{self.its['conformity'][:60]!r} is none of {', '.join(words)}, {NOT_JUDGED}.{did_you_mean(said, words)}"
        )
        self.fault("conformity", "unknown-code", message)
        return ""

    @cached_property
    def _codes(self) -> Sequence[Code]:
        code_list = self.vocabulary.properties["conformity"].code_list
        return self.vocabulary.code_lists[code_list].codes if code_list else ()

    def day(self, column: str, *, until_now: bool = False) -> str:
        """A day as it is written, or ""."""
        text = self.its[column]
        if not text:
            return ""
        try:
            found = date.fromisoformat(text)
        except ValueError:
            self.fault(column, "wrong-value", f"{text[:40]!r} is no day; write it as 2026-11-21.")
            return ""
        begins = datetime(found.year, found.month, found.day, tzinfo=UTC)
        if until_now and column in self.changed and begins > datetime.fromisoformat(come()) + _AHEAD:
            message = f"{text} is still to come: give the day on which it was assessed."
            self.fault(column, "future-date", message)
        return found.isoformat()

    def require_whole(self, before: Exported, conformity: str, on: str) -> None:
        """That what belongs together is there."""
        its, changed = self.its, self.changed
        if changed & {"conformity", "assessed_by", "assessed_on", "note"}:
            for column in ("conformity", "assessed_by", "assessed_on"):
                if not its[column]:
                    message = "A judgement states conformity, who assessed it (an id of the graph) and on which day."
                    self.fault(column, "incomplete-judgement", message)
            same = not changed & {"assessed_by", "assessed_on"}
            if same and before.judgement and before.judgement != judgement_id(before.id, on, its["assessed_by"]):
                message = (
                    f"The judgement of that day is {before.judgement!r}, which no worksheet has stated: correct it"
                    " where it comes from, or judge anew, with the day of today."
                )
                self.fault("conformity", "judged-elsewhere", message)
        if not its["finding"]:
            for column in sorted({"owner", "due"} & changed):
                self.fault(column, "no-finding", "Owner and due date are those of a finding: say what was found.")
            if conformity in _GRADED and "conformity" in changed:
                message = "It is not met, and what was found is not said: no nonconformity is made of it."
                self._warn(Fault(self.row.origin("finding"), before.id, "finding", "no-finding", message))
        elif changed & {"finding", "owner", "due"} and conformity not in (*_GRADED, _OPPORTUNITY):
            message = f"A finding needs a conformity of {_OPPORTUNITY}, {' or '.join(sorted(_GRADED, reverse=True))}."
            self.fault("conformity", "no-grade", message)
        elif conformity not in (*_GRADED, _OPPORTUNITY) and before.finding is not None and "conformity" in changed:
            message = f"The finding {before.finding.id!r} stays open: close it in the graph once it is dealt with."
            self._warn(Fault(self.row.origin("finding"), before.id, "finding", "open-finding", message))

    # ---------------------------------------------------------------------------------- what it says

    def judgement(self, before: Exported, id: str, conformity: str, on: str) -> Iterator[RawStatement]:
        said = {
            "name": f"{before.anchor}: {conformity}",
            "conformity": conformity,
            "decidedAt": on,
            "rationale": self.its["note"] or None,
        }
        yield from self.decision(before, id, said)

    def exclusion(self, before: Exported, on: str) -> Iterator[RawStatement]:
        """Who said when that it does not apply: no conformity, and nothing is better for it."""
        id, words = exclusion_id(before.id, on, self.its["assessed_by"]), self.its["conformity"]
        said = {
            "name": f"{before.anchor}: said not to apply",
            "claimedExclusion": words,
            "decidedAt": on,
            "rationale": self.its["note"] or None,
        }
        message = f"{words!r} is kept as what was said, and is no judgement."
        if before.id in catalogue(self.vocabulary).requirements:
            message += (
                " No requirement of clauses 4 to 10 can be excluded (1.2): `graphsms findings` lists it until it is"
                " judged. Where nothing of the kind occurred, the state says so by itself ('no occurrence')."
            )
        self._warn(Fault(self.row.origin("conformity"), before.id, "conformity", "not-applicable", message))
        yield from self.decision(before, id, said)

    def decision(self, before: Exported, id: str, said: dict[str, str | None]) -> Iterator[RawStatement]:
        yield RawEntity(id, self.word("judgement of conformity"), said, self.row.origin("conformity"))
        yield self.relation("decides on", id, before.id, "id")
        for by in ids_in(self.its["assessed_by"]):
            yield self.relation("decided by", id, by, "assessed_by")

    def finding(self, before: Exported, judgement: str, conformity: str, on: str, due: str) -> Iterator[RawStatement]:
        graded = conformity in _GRADED
        if not graded and conformity != _OPPORTUNITY:
            return
        kept = before.finding if before.finding is not None and before.finding.graded == graded else None
        by = self.its["assessed_by"]
        id = kept.id if kept else finding_id(before.id, graded, on, by, before.number)
        text = self.its["finding"]
        first = text.partition("\n")[0]
        said = {
            "name": first if len(first) <= _CALLED else f"{first[: _CALLED - 1].rstrip()}…",
            "description": text,
            "conformity": conformity if graded else None,
            "recordedAt": (kept.on if kept else on) or None,
            "dueOn": due or None,
        }
        yield RawEntity(id, self.word("nonconformity" if graded else "improvement"), said, self.row.origin("finding"))
        yield self.relation("fails to meet" if graded else "subject of record", id, before.id, "id")
        for one in ids_in(kept.by if kept else by):
            yield self.relation("raised by", id, one, "assessed_by")
        if judgement := kept.judgement if kept else judgement:
            yield self.relation("arises from", id, judgement, "conformity")
        for one in ids_in(self.its["owner"]):
            yield self.relation("owned by", id, one, "owner")

    def evidence(self, before: Exported) -> Iterator[RawStatement]:
        for id in ids_in(self.its["add_evidence"]):
            yield self.relation("demonstrated by", id, before.id, "add_evidence")

    def relation(self, word: str, subject: str, object: str, column: str) -> RawRelation:
        return RawRelation(self.word(word), subject, object, self.row.origin(column))
