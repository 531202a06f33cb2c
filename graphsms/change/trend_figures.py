"""What an analysis of the trends of changes answers: figures, by category, service and team, beside those before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.telling import listed, plural
from graphsms.moments import canonical_moment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ALL", "CATEGORY", "COLUMNS", "NONE", "SERVICE", "TEAM", "Figures", "TrendRow", "Trends", "last_day"]

ALL, CATEGORY, SERVICE, TEAM = "all", "category", "service", "team"
_FIGURES: Final = ("made", "urgent", "failed", "followed", "incidents", "caused")
_SHARES: Final = ("urgent", "failed", "followed")
COLUMNS: Final = ("by", "id", "name", *_FIGURES, *(f"{one}_before" for one in _FIGURES))


def last_day(until: str) -> str:
    """The last day of a period that ends at a moment, itself no part of it.

    Examples
    --------
    >>> last_day("2026-12-01T00:00:00Z")
    '2026-11-30'
    """
    return canonical_moment(datetime.fromisoformat(until) - timedelta(microseconds=1))[:10]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of changes that were made in a period.

    Parameters
    ----------
    made : int
        How many were made, those that failed among them: the denominator of those that follow.
    urgent : int
        Of these, how many of a category that cannot wait.
    failed : int
        Of these, how many failed, by their state or outcome.
    followed : int
        Of these, how many incidents followed.
    incidents : int
        Incidents that followed them, each once.
    caused : int
        Of these incidents, how many are recorded to be caused by one of them.
    """

    made: int
    urgent: int
    failed: int
    followed: int
    incidents: int
    caused: int

    def values(self) -> tuple[int, ...]:
        """In order."""
        return tuple(getattr(self, name) for name in _FIGURES)

    def to_json(self) -> dict[str, int]:
        """As plain values."""
        return dict(zip(_FIGURES, self.values(), strict=True))

    def shares(self) -> dict[str, float | None]:
        """Which part of those that were made was urgent, failed, was followed by incidents; None where none was made.

        Examples
        --------
        >>> Figures(made=4, urgent=1, failed=0, followed=2, incidents=3, caused=1).shares()
        {'urgent': 0.25, 'failed': 0.0, 'followed': 0.5}
        """
        return {name: getattr(self, name) / self.made if self.made else None for name in _SHARES}


NONE: Final = Figures(made=0, urgent=0, failed=0, followed=0, incidents=0, caused=0)


@dataclass(frozen=True, slots=True)
class TrendRow:
    """The figures of some of the changes.

    Parameters
    ----------
    by : str
        ``all``, ``category``, ``service`` or ``team``.
    id, name : str
        Of the category, the service (touched or hit) or whoever it was assigned to; "" where none is recorded.
    figures : Figures
    """

    by: str
    id: str
    name: str
    figures: Figures

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"by": self.by, "id": self.id or None, "name": self.name or None, **self.figures.to_json()}


@dataclass(frozen=True, slots=True)
class Trends:
    """What the changes of a period show.

    Parameters
    ----------
    revision : int
    at, as_of : str
    since, until : str
        The period, half-open.
    within : str
        How long after a change incidents were counted.
    raised : int
        Requests that were recorded in the period, made or not.
    rows : tuple of TrendRow
        All together first.
    planned : int
        Of how many changes the time is taken from their windows.
    observing : int
        For how many of them the time within which incidents count is not over yet.
    undated : tuple of str
        Ids of changes that were made, and nothing says when: they are in no period.
    policy_hash : str
    recorded_until : str
        The end of the latest period that there is a record of, or "".
    due : str
        When, by the policy, the next one was due, if that is over.
    previous : Trends or None
        The record of an earlier period, computed again.
    record : str
        The id of the record that it is computed again from, or "".
    reproduced : bool
        Whether that gave what the record holds.
    recorded_in : int or None
        The revision that holds its record.
    """

    revision: int
    at: str
    as_of: str
    since: str
    until: str
    within: str
    raised: int
    rows: tuple[TrendRow, ...]
    planned: int
    observing: int
    undated: tuple[str, ...]
    policy_hash: str
    recorded_until: str = ""
    due: str = ""
    previous: Trends | None = None
    record: str = ""
    reproduced: bool = True
    recorded_in: int | None = None

    @property
    def total(self) -> Figures:
        """Of all changes together."""
        return self.rows[0].figures

    def sentence(self) -> str:
        """The answer in a sentence."""
        all = self.total
        period = f"from {self.since[:10]} to {last_day(self.until)}"
        if not all.made:
            return f"No change was made {period}; {plural(self.raised, 'request')} recorded."
        incidents = f"{all.incidents:,} incident{'' if all.incidents == 1 else 's'}"
        urgent, failed, followed = (
            f"{getattr(all, name):,} {name}{f' ({share:.0%})' if share else ''}" for name, share in all.shares().items()
        )
        return (
            f"{plural(all.made, 'change')} made {period}: {urgent}, {failed}, {followed} by {incidents} "
            f"within {self.within} ({all.caused:,} recorded as caused)."
        )

    def notes(self) -> Iterator[str]:
        """What else has to be known to read the figures, in sentences."""
        if self.planned:
            yield f"Of {plural(self.planned, 'change')} the time is taken from the window."
        if self.observing:
            yield f"Of {plural(self.observing, 'change')} the time within which incidents count is not over yet."
        if self.undated:
            yield f"{plural(len(self.undated), 'change')} made of which nothing says when: {listed(self.undated)}."
        if self.previous is not None and not self.previous.reproduced:
            yield f"{self.previous.record} holds other figures: the rules, or how they are counted, are others since."
        if self.due:
            last = last_day(self.recorded_until)
            yield f"The last analysis was recorded until {last}; the next was due by {self.due[:10]}."
        elif not self.recorded_until:
            yield "No analysis is recorded yet; --record keeps this one."

    def table(self) -> Iterator[tuple[Any, ...]]:
        """By `COLUMNS`; before is None where there is no earlier record or it has no such row."""
        before = {(row.by, row.id): row.figures for row in self.previous.rows} if self.previous else {}
        for row in self.rows:
            earlier = before.get((row.by, row.id), NONE).values() if self.previous else (None,) * len(_FIGURES)
            yield row.by, row.id, row.name, *row.figures.values(), *earlier

    def to_frame(self) -> pd.DataFrame:
        """One row for each group of changes."""
        import pandas as pd

        return pd.DataFrame(list(self.table()), columns=list(COLUMNS))

    def result(self) -> dict[str, Any]:
        """What two runs are compared by."""
        return {
            "since": self.since,
            "until": self.until,
            "within": self.within,
            "raised": self.raised,
            "rows": [one.to_json() for one in self.rows],
            "planned": self.planned,
            "observing": self.observing,
            "undated": list(self.undated),
        }

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            **self.result(),
            "shares": self.total.shares(),
            "policy": self.policy_hash,
            "recorded_until": self.recorded_until or None,
            "due": self.due or None,
            "recorded_in": self.recorded_in,
            "notes": list(self.notes()),
            "previous": None
            if self.previous is None
            else {"record": self.previous.record, "reproduced": self.previous.reproduced, **self.previous.result()},
        }
