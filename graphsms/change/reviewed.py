"""How far the review of a change is: what was found, what was agreed, and what it still lacks (8.5.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Agreed", "Review", "Reviewed", "Reviews"]

COLUMNS = (
    "id", "name", "status", "outcome", "made", "due", "overdue", "root_cause", "effectiveness", "actions", "lacks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Agreed:
    """An action that addresses a change.

    Parameters
    ----------
    id, name, status : str
    assigned_to : tuple of str
        Ids of those who are to do it.
    due : str
        The day, or "".
    """

    id: str
    name: str
    status: str
    assigned_to: tuple[str, ...]
    due: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status or None,
            "assigned_to": list(self.assigned_to),
            "due": self.due or None,
        }


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a change.

    Parameters
    ----------
    id : str
    by : tuple of str
        Ids of those who did it.
    at, effectiveness, result : str
        When, what it found of the effectiveness, and in words; "" where it is not recorded.
    """

    id: str
    by: tuple[str, ...]
    at: str
    effectiveness: str
    result: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "by": list(self.by),
            "at": self.at or None,
            "effectiveness": self.effectiveness or None,
            "result": self.result or None,
        }


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How far the review of a change is.

    Parameters
    ----------
    request, name, status, outcome : str
    failed : bool
        Whether its state or its outcome says that it did not succeed.
    made : str
        When it was made; "" where nothing says it.
    planned : bool
        Whether that is taken from its window.
    root_cause, effectiveness, closed : str
        Why it failed, whether it achieved what it was for, and when it was closed; "" where that is not recorded.
    due : str
        By when the review is due by the policy; "" where it is not known when it was made.
    overdue : bool
    reviews : tuple of Review
        The latest first.
    actions : tuple of Agreed
    lacks : tuple of str
        What is still to be done until it can be closed, and that it is not closed.
    """

    request: str
    name: str
    status: str
    outcome: str
    failed: bool
    made: str
    planned: bool
    root_cause: str
    effectiveness: str
    closed: str
    due: str
    overdue: bool
    reviews: tuple[Review, ...]
    actions: tuple[Agreed, ...]
    lacks: tuple[str, ...]

    def sentence(self) -> str:
        """The answer in a sentence."""
        was = f"{self.status}, {self.outcome}" if self.outcome else self.status
        if not self.lacks:
            return f"{self.request} is recorded as {was}; its review lacks nothing."
        due = f" It was due by {self.due[:10]}." if self.overdue else ""
        lacks = " and ".join(filter(None, [", ".join(self.lacks[:-1]), self.lacks[-1]]))
        return f"{self.request} is recorded as {was}; still to come: {lacks}.{due}"

    def row(self) -> tuple[Any, ...]:
        """By `COLUMNS`."""
        return (
            self.request, self.name, self.status, self.outcome, self.made, self.due, self.overdue, self.root_cause,
            self.effectiveness, tuple(one.id for one in self.actions), self.lacks,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.request,
            "name": self.name,
            "status": self.status,
            "outcome": self.outcome or None,
            "failed": self.failed,
            "made": self.made or None,
            "made_by_window": self.planned,
            "root_cause": self.root_cause or None,
            "effectiveness": self.effectiveness or None,
            "closed": self.closed or None,
            "due": self.due or None,
            "overdue": self.overdue,
            "review_records": [one.to_json() for one in self.reviews],
            "actions": [one.to_json() for one in self.actions],
            "lacks": list(self.lacks),
        }


@dataclass(frozen=True, slots=True)
class Reviews:
    """The reviews of changes that were made.

    Parameters
    ----------
    revision : int
    at, as_of : str
    changes : tuple of Reviewed
        Those due first come first.
    """

    revision: int
    at: str
    as_of: str
    changes: tuple[Reviewed, ...]

    def __iter__(self) -> Iterator[Reviewed]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __getitem__(self, position: int) -> Reviewed:
        return self.changes[position]

    @property
    def overdue(self) -> tuple[Reviewed, ...]:
        """Those whose review is overdue."""
        return tuple(one for one in self.changes if one.overdue)

    def sentence(self) -> str:
        """The answer in a sentence."""
        lacking = sum(bool(one.lacks) for one in self.changes)
        if not self.changes:
            return "No change that was made is still to be reviewed."
        count = len(self.changes)
        many = "1 change was made, and is" if count == 1 else f"{count:,} changes were made, and are"
        if not lacking:
            return f"{many} reviewed."
        return f"{many} still to be reviewed or closed; {len(self.overdue):,} of them overdue."

    def to_frame(self) -> pd.DataFrame:
        """One row for each change."""
        import pandas as pd

        return pd.DataFrame([one.row() for one in self.changes], columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "overdue": len(self.overdue),
            "changes": [one.to_json() for one in self.changes],
        }
