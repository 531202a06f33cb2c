"""What an assessment answers: each check beside what is kept of it, and the states of evidence before and after."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.obligation_answer import EVIDENCED, MISSING, NO_OCCURRENCE, PARTIAL, Obligations, Rolled, rolled
from graphsms.clauses import Requirement
from graphsms.findings.answer import GONE, NEW, STILL_THERE, FindingsAnswer

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHANGED", "COLUMNS", "FIRST", "RENEWED", "SAME", "Assessed", "Assessment"]

# How a result compares with the one that is kept.
FIRST: Final = "first"
CHANGED: Final = "changed"
RENEWED: Final = "renewed"
SAME: Final = "same"
COLUMNS: Final = (
    "check", "runs", "numerator", "denominator", "result", "kept", "shortfall", "requirements", "result_hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assessed:
    """A check that was run, beside what is kept of it.

    Parameters
    ----------
    result : Result
    requirements : tuple of Requirement
        Those asked about that it contributes to or suffices for.
    kept : str
        `FIRST`, `CHANGED`, `RENEWED` (the same, and the record more than half past its time) or `SAME`.
    numerator, denominator : float or None
        Of what was kept before.
    """

    result: Result
    requirements: tuple[Requirement, ...]
    kept: str
    numerator: float | None = None
    denominator: float | None = None

    @property
    def written(self) -> bool:
        """Whether it is new, and so is to be kept."""
        return self.kept != SAME and not self.result.declared

    @property
    def shortfall(self) -> str:
        """Whether what it looks for is lacking: ``new``, ``still there``, ``gone`` since the run before, or ""."""
        before = self.numerator is not None and self.denominator is not None and self.numerator < self.denominator
        if self.result.short:
            return STILL_THERE if before else NEW
        return GONE if before else ""

    @property
    def evidence_state(self) -> str:
        """What it is as evidence where it suffices for a requirement; "" where it only contributes."""
        suffices = any(c.suffices for one in self.requirements for c in one.computed if c.id == self.result.check)
        if not suffices:
            return ""
        if not self.result.denominator:
            return NO_OCCURRENCE
        return EVIDENCED if not self.result.short else PARTIAL if self.result.numerator else MISSING

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            **self.result.to_json(),
            "requirements": [one.id for one in self.requirements],
            "kept": "" if self.result.declared else self.kept,
            "shortfall": self.shortfall,
            "before": None if self.numerator is None else [self.numerator, self.denominator],
        }


@dataclass(frozen=True)
class Assessment:
    """What an assessment found, and what of it is kept.

    Parameters
    ----------
    revision : int
        That was looked at.
    at, as_of : str
    edition, clause : str
        The year; the clause is "" for the whole edition.
    requirements : tuple of str
        Ids of those asked about.
    results : tuple of Assessed
        By id of the check.
    before, after : Obligations
        The states of evidence; the same where nothing was written.
    recorded_in : int or None
        The revision that holds what is new.
    files : FindingsAnswer or None
        Files of evidence held against their hashes, where a folder was named.
    """

    revision: int
    at: str
    as_of: str
    edition: str
    clause: str
    requirements: tuple[str, ...]
    results: tuple[Assessed, ...]
    before: Obligations
    after: Obligations
    recorded_in: int | None = None
    files: FindingsAnswer | None = None

    @property
    def ran(self) -> tuple[Assessed, ...]:
        """Without those that are only declared."""
        return tuple(one for one in self.results if not one.result.declared)

    @property
    def declared(self) -> tuple[Assessed, ...]:
        """Those whose analysis comes with a later version."""
        return tuple(one for one in self.results if one.result.declared)

    @property
    def short(self) -> tuple[Assessed, ...]:
        """Those that do not hold for all that they looked at."""
        return tuple(one for one in self.ran if one.result.short)

    def shortfalls(self, status: str) -> tuple[Assessed, ...]:
        """What is lacking, by how it compares with the run before: ``new``, ``still there`` or ``gone``."""
        return tuple(one for one in self.ran if one.shortfall == status)

    def rolled(self, states: Obligations) -> Rolled:
        """How the requirements asked about stand together, in `before` or `after`."""
        return rolled(states.states[id] for id in self.requirements)

    def sentence(self) -> str:
        """The answer in a sentence."""
        whole = sum(not one.result.short and one.result.denominator > 0 for one in self.ran)
        short, nothing = len(self.short), sum(not one.result.denominator for one in self.ran)
        said = f"{len(self.ran)} {'check' if len(self.ran) == 1 else 'checks'} run: "
        said += f"{whole} {'holds' if whole == 1 else 'hold'}, {short} {'falls' if short == 1 else 'fall'} short"
        said += f", {nothing} had nothing to look at" if nothing else ""
        if not any(one.written for one in self.ran):
            return f"{said}; nothing is new."
        kept = Counter(one.kept for one in self.ran)
        return f"{said}; {', '.join(f'{kept[word]} {words}' for word, words in _KEPT if kept[word])}."

    def rows(self) -> list[tuple[Any, ...]]:
        """By `COLUMNS`."""
        return [
            (
                one.result.check, one.result.runs, one.result.numerator, one.result.denominator, one.result.sentence(),
                "declared" if one.result.declared else one.kept, one.shortfall,
                tuple(r.anchor for r in one.requirements), one.result.hash,
            )
            for one in self.results
        ]  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """A row a check."""
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "edition": self.edition,
            "clause": self.clause or None,
            "recorded_in": self.recorded_in,
            "before": self.rolled(self.before).to_json(),
            "after": self.rolled(self.after).to_json(),
            "new": [one.result.check for one in self.shortfalls(NEW)],
            "still_there": [one.result.check for one in self.shortfalls(STILL_THERE)],
            "gone": [one.result.check for one in self.shortfalls(GONE)],
            "checks": [one.to_json() for one in self.results],
            "files": None if self.files is None else self.files.to_json(),
        }


_KEPT: Final = (
    (FIRST, "kept for the first time"),
    (CHANGED, "changed"),
    (RENEWED, "the same and kept anew"),
    (SAME, "the same"),
)

if TYPE_CHECKING:
    from graphsms.obligations.computed import Result
