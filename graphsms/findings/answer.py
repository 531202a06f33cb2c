"""What a run of checks answers: findings with their life and disposition, and what was looked at (8.2.6, 9.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from graphsms.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ACCEPTED",
    "GONE",
    "NEW",
    "OPEN",
    "STILL_THERE",
    "Disposition",
    "Finding",
    "FindingsAnswer",
    "Tally",
]

# How a finding compares with the run before, as the ontology's code list has it; and what people see.
NEW: Final = "new"
STILL_THERE: Final = "still there"
GONE: Final = "gone"
OPEN: Final = "open"
ACCEPTED: Final = "accepted"


def _day_or_moment(until: str) -> str:
    """The last day of what ends at midnight, as it was given; otherwise the moment."""
    if until.endswith("T00:00:00Z"):
        return f"the end of {(datetime.fromisoformat(until) - timedelta(days=1)).date()}"
    return f"{until[:16]}Z"


@dataclass(frozen=True, slots=True)
class Disposition:
    """What people have decided about a finding.

    Parameters
    ----------
    id : str
        Of the entity that holds it.
    decision : str
        ``to be dealt with`` or ``accepted``.
    owner, due, through : str
        Who deals with it, until which day, and in which risk, request for change or the like; "" where not stated.
    by, why, until : str
        Who accepted it or decided, why, and the moment at which an acceptance ends.
    holds : bool
        Whether it does at the moment asked about: it has been neither withdrawn nor has it run out.
    overdue : bool
        Whether the day is past.
    """

    id: str
    decision: str
    owner: str = ""
    due: str = ""
    through: tuple[str, ...] = ()
    by: str = ""
    why: str = ""
    until: str = ""
    holds: bool = True
    overdue: bool = False

    def __str__(self) -> str:
        if self.decision == ACCEPTED:
            ended = "" if self.holds else "no longer "
            return f"{ended}accepted by {self.by} until {_day_or_moment(self.until)}: {self.why}"
        if not self.holds:
            return "reopened"
        due = f", due {self.due}{' (overdue)' if self.overdue else ''}" if self.due else ""
        through = f", through {', '.join(self.through)}" if self.through else ""
        return f"{self.owner}{due}{through}"

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        names = ("id", "decision", "owner", "due", "by", "why", "until", "holds", "overdue")
        return {**{name: getattr(self, name) for name in names}, "through": list(self.through)}


@dataclass(frozen=True, slots=True)
class Finding:
    """That a rule does not hold for certain entities.

    Parameters
    ----------
    identity : str
    check, version, title, clause, severity, remedy : str
        Of the rule, as it was last found.
    entities, types : tuple of str
        Ids, and their types; what is no longer in the graph has the type "".
    message : str
    numerator, denominator : float
        How many of those that the rule looked at are deficient; or the share that the finding itself is about.
    status : str
        ``new``, ``still there`` or ``gone``, compared with what is stored.
    first_found, last_found : str
        Moments, "" where it has not been recorded.
    disposition : Disposition or None
    """

    identity: str
    check: str
    version: str
    title: str
    clause: str
    severity: str
    remedy: str
    entities: tuple[str, ...]
    types: tuple[str, ...]
    message: str
    numerator: float
    denominator: float
    status: str
    first_found: str = ""
    last_found: str = ""
    disposition: Disposition | None = None

    @property
    def state(self) -> str:
        """``open``, ``accepted`` or ``gone``."""
        if self.status == GONE:
            return GONE
        accepted = self.disposition is not None and self.disposition.holds and self.disposition.decision == ACCEPTED
        return ACCEPTED if accepted else OPEN

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "identity": self.identity,
            "state": self.state,
            "status": self.status,
            "check": self.check,
            "version": self.version,
            "title": self.title,
            "clause": self.clause,
            "severity": self.severity,
            "entities": list(self.entities),
            "types": list(self.types),
            "message": self.message,
            "remedy": self.remedy,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "first_found": self.first_found,
            "last_found": self.last_found,
            "disposition": self.disposition.to_json() if self.disposition else None,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """One check: over how many it was looked for, how many of them are deficient, and how its findings stand.

    ``looked_at`` of 0 means that nothing can be said; ``note`` says why, where the analysis knows.
    """

    check: str
    title: str
    clause: str
    severity: str
    looked_at: int
    deficient: int
    open: int
    accepted: int
    gone: int
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class FindingsAnswer:
    """What checks found in the graph, compared with what is stored.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that was asked about.
    tallies : tuple of Tally
        The checks that were run.
    findings : tuple of Finding
        Open, accepted and gone; the more severe first.
    newly_gone : int
        How many of those gone were still there when they were last recorded.
    not_run : int
        How many stored findings are of checks that were not run.
    recorded : int or None
        The revision that holds them, where they were recorded.
    recorded_before : bool
        Whether findings of an earlier run are stored; without them, nothing can be new, still there or gone.
    """

    revision: int
    at: str
    as_of: str
    tallies: tuple[Tally, ...]
    findings: tuple[Finding, ...]
    newly_gone: int = 0
    not_run: int = 0
    recorded: int | None = None
    recorded_before: bool = True

    def of_state(self, *states: str) -> tuple[Finding, ...]:
        """The findings that are open, accepted or gone."""
        return tuple(one for one in self.findings if one.state in states)

    @property
    def open(self) -> tuple[Finding, ...]:
        """Those that nobody has accepted, or whose acceptance has run out."""
        return self.of_state(OPEN)

    @property
    def accepted(self) -> tuple[Finding, ...]:
        """Those that are accepted at the moment."""
        return self.of_state(ACCEPTED)

    @property
    def gone(self) -> tuple[Finding, ...]:
        """Those that were stored and are found no more."""
        return self.of_state(GONE)

    def only(self, keep: Callable[[Finding], bool]) -> FindingsAnswer:
        """The same answer with some of the findings only; the tallies stay those of all."""
        return replace(self, findings=tuple(one for one in self.findings if keep(one)))

    def sentence(self) -> str:
        """The answer in a sentence."""
        worst = ", ".join(
            f"{count} {severity}"
            for severity in dict.fromkeys(one.severity for one in self.open)
            if (count := sum(one.severity == severity for one in self.open))
        )
        empty = sum(not one.looked_at for one in self.tallies)
        new = sum(one.status == NEW for one in (*self.open, *self.accepted))
        life = (
            f": {new} new, {self.newly_gone} gone since the last record."
            if self.recorded_before
            else "; none was recorded before."
        )
        parts = [
            f"{_number(len(self.open), 'open finding')}{f' ({worst})' if worst else ''}, {len(self.accepted)} accepted,"
            f" from {_number(len(self.tallies), 'check')}{life}"
        ]
        if empty:
            parts.append(f"{_number(empty, 'check')} had nothing to look at.")
        return " ".join(parts)

    def table(self) -> Table:
        """The findings, one a row."""
        return Table(
            (
                "identity", "state", "status", "severity", "check", "clause", "entities", "message", "remedy",
                "numerator", "denominator", "first_found", "last_found", "owner", "due", "through", "accepted_until",
            ),
            tuple(_row(one) for one in self.findings),
        )  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """The findings as a data frame."""
        import pandas as pd

        table = self.table()
        return pd.DataFrame(list(table.rows), columns=list(table.columns))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "recorded": self.recorded,
            "open": len(self.open),
            "accepted": len(self.accepted),
            "gone": len(self.gone),
            "newly_gone": self.newly_gone,
            "not_run": self.not_run,
            "recorded_before": self.recorded_before,
            "checks": [one.to_json() for one in self.tallies],
            "findings": [one.to_json() for one in self.findings],
        }


def _row(one: Finding) -> tuple[Any, ...]:
    decided = one.disposition
    until = decided.until if decided and decided.decision == ACCEPTED else ""
    return (
        one.identity, one.state, one.status, one.severity, one.check, one.clause, one.entities, one.message, one.remedy,
        one.numerator, one.denominator, one.first_found, one.last_found,
        decided.owner if decided else "", decided.due if decided else "", decided.through if decided else (), until,
    )  # fmt: skip


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
