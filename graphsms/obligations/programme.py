"""What the audit programme answers: when each clause was audited, by when to do it again, and why (9.2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphsms.report.tables import Table
from graphsms.snapshot.validity import microseconds

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "ClauseAudit", "Programme"]

COLUMNS = (
    "clause", "title", "propose", "due", "overdue", "last", "result", "reasons", "importance", "important_by",
    "changes", "open", "closed", "judged", "state", "evidenced", "applicable", "planned", "audits", "others", "id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClauseAudit:
    """A clause in the audit programme.

    Parameters
    ----------
    id, clause, title : str
        ``clause`` is its number.
    position : int
        Its place in the edition.
    last : str
        When the last internal audit of it was over, or "".
    audits : tuple of str
        Internal audits of it, the latest last.
    result : str
        Of the last one, in words.
    others : tuple of str
        Audits of it by others, such as for a certificate: they do not keep the cycle.
    planned : tuple of str
        Internal audits that will cover it, with their days.
    importance : str
        The highest priority of audits or criticality of what belongs to it and of services on that, or "".
    important_by : tuple of str
        Who says so.
    weight : float
        The same as a part of the highest there is.
    changes : tuple of str
        Requests for change and revisions since the last audit that changed what satisfies or shows it.
    open : tuple of str
        Nonconformities that are not over.
    closed : int
        How many are.
    judged : tuple of str
        Requirements that somebody judged not to be met.
    state : str
        Of its evidence; with ``evidenced`` of ``applicable``.
    evidenced, applicable : int
    due : str
        The end of its cycle, or "" where nothing says when that began.
    overdue : bool
    propose : str
        By when to audit it.
    reasons : tuple of str
        What speaks for it.
    """

    id: str
    clause: str
    title: str
    position: int
    last: str
    audits: tuple[str, ...]
    result: str
    others: tuple[str, ...]
    planned: tuple[str, ...]
    importance: str
    important_by: tuple[str, ...]
    weight: float
    changes: tuple[str, ...]
    open: tuple[str, ...]
    closed: int
    judged: tuple[str, ...]
    state: str
    evidenced: int
    applicable: int
    due: str
    overdue: bool
    propose: str
    reasons: tuple[str, ...]

    def was(self) -> str:
        """When it was audited and was due, in words."""
        audited = f"was last audited on {self.last[:10]}" if self.last else "was never audited"
        return f"{audited} and was due by {self.due[:10]}" if self.due else f"{audited}, and no programme says when"

    def row(self) -> tuple[Any, ...]:
        """By `COLUMNS`."""
        return tuple(getattr(self, name) for name in COLUMNS)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in COLUMNS}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


@dataclass(frozen=True)
class Programme:
    """What the audit programme has to cover.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that it is about.
    edition : str
    programme : str
        The audit programme that holds, or "".
    cycle, cycle_by : str
        Within which each clause is audited, and the programme that says so; "" where it is the policy.
    known : bool
        Whether an internal audit or a programme is recorded.
    clauses : tuple of ClauseAudit
        In the order in which to audit them.
    """

    revision: int
    at: str
    as_of: str
    edition: str
    programme: str
    cycle: str
    cycle_by: str
    known: bool
    clauses: tuple[ClauseAudit, ...]

    def __iter__(self) -> Iterator[ClauseAudit]:
        return iter(self.clauses)

    def __len__(self) -> int:
        return len(self.clauses)

    @property
    def overdue(self) -> tuple[ClauseAudit, ...]:
        """Those that were not audited within their cycle."""
        return tuple(one for one in self.clauses if one.overdue)

    def until(self, moment: str) -> tuple[ClauseAudit, ...]:
        """Those that are to be audited until a moment."""
        end = microseconds(moment)
        return tuple(one for one in self.clauses if one.propose and microseconds(one.propose) <= end)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.known:
            return "Nothing is known of audits: no internal audit and no audit programme is recorded."
        audited, total = sum(bool(one.last) for one in self.clauses), len(self.clauses)
        by = f"by {self.cycle_by}" if self.cycle_by else "by the policy"
        late = len(self.overdue)
        said = f"{late} {'is' if late == 1 else 'are'} overdue" if late else "none is overdue"
        return f"{audited} of {total} clauses were audited; in the cycle of {self.cycle} ({by}) {said}."

    def table(self) -> Table:
        """A row a clause."""
        return Table(COLUMNS, tuple(one.row() for one in self.clauses))

    def to_frame(self) -> pd.DataFrame:
        """A row a clause."""
        import pandas as pd

        return pd.DataFrame([one.row() for one in self.clauses], columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        names = ("revision", "at", "as_of", "edition", "programme", "cycle", "cycle_by", "known")
        return {
            **{name: getattr(self, name) for name in names},
            "overdue": len(self.overdue),
            "clauses": [one.to_json() for one in self.clauses],
        }
