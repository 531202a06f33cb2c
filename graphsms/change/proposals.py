"""The nearest windows in which a change is in nobody's way (8.5.1.3).

Values only: `graphsms.change.proposing` finds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.conflicts import Conflicts
from graphsms.change.requests import Request
from graphsms.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Proposal", "Proposals", "shown_window"]

COLUMNS: Final = ("start", "end", "local_start", "local_end", "zone", "moved_by_seconds")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A window in which a change can be made.

    Parameters
    ----------
    start, end : str
        Canonical and half-open.
    moved_by : int
        How many seconds after the wanted window it begins; negative before it.
    """

    start: str
    end: str
    moved_by: int

    def row(self, zone: tzinfo) -> tuple[Any, ...]:
        """As a row of `COLUMNS`."""
        local = (datetime.fromisoformat(text).astimezone(zone).isoformat() for text in (self.start, self.end))
        return (self.start, self.end, *local, str(zone), self.moved_by)

    def to_json(self, zone: tzinfo) -> dict[str, Any]:
        """As plain values."""
        return dict(zip(COLUMNS, self.row(zone), strict=True))


@dataclass(frozen=True, slots=True)
class Proposals:
    """Whether a change can be made when it is to be, and when it can be made instead.

    Parameters
    ----------
    request : Request
    revision : int
    at, as_of : str
        When the revision was recorded, and from when on the schedule is looked at.
    zone : tzinfo
        The organization's, in which windows are shown and days are counted.
    earliest, latest : str
        Between which moments windows are looked for.
    length : int
        How long they are, in seconds.
    present : Conflicts or None
        What stands against the window that it has; None where it has none.
    proposals : tuple of Proposal
        The nearest first.
    held : tuple of str
        What of the time between is taken, in words: freezes, other changes, open incidents, no maintenance window.
    complete : bool
        Whether all conflicts were looked for.
    notes : tuple of str
    """

    request: Request
    revision: int
    at: str
    as_of: str
    zone: tzinfo
    earliest: str
    latest: str
    length: int
    present: Conflicts | None
    proposals: tuple[Proposal, ...]
    held: tuple[str, ...] = ()
    complete: bool = True
    notes: tuple[str, ...] = ()

    @property
    def free(self) -> bool:
        """Whether nothing stands against the window that it has."""
        return self.present is not None and not self.present.found

    def sentence(self) -> str:
        """The answer."""
        id, present = self.request.id, self.present
        if present is None:
            said = f"{id} has no window yet"
        elif not present.found:
            said = f"Nothing stands against the window of {id}, {shown_window(*self.request.window, self.zone)}"
        else:
            against = []
            if count := len(present.consumed):
                against.append(f"{count} conflict{'s' if count > 1 else ''}")
            against += [f"it lies {kind}" for kind in sorted({one.kind for one in present.breaches})]
            said = f"Against the window of {id}, {shown_window(*self.request.window, self.zone)}: {', '.join(against)}"
        if not self.proposals:
            between = shown_window(self.earliest, self.latest, self.zone)
            return f"{said}. There is no window without conflict from {between}."
        return f"{said}. Nearest without conflict: {shown_window(*self._first, self.zone)} ({self.zone})."

    @property
    def _first(self) -> tuple[str, str]:
        return self.proposals[0].start, self.proposals[0].end

    def table(self) -> Table:
        """The windows proposed, one a row."""
        return Table(COLUMNS, tuple(one.row(self.zone) for one in self.proposals))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "sentence": self.sentence(),
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "request": self.request.to_json(),
            "zone": str(self.zone),
            "earliest": self.earliest,
            "latest": self.latest,
            "length_seconds": self.length,
            "free": self.free,
            "present": None if self.present is None else self.present.to_json(),
            "proposals": [one.to_json(self.zone) for one in self.proposals],
            "held": list(self.held),
            "complete": self.complete,
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """The windows proposed as a pandas frame."""
        import pandas as pd

        return pd.DataFrame([one.row(self.zone) for one in self.proposals], columns=list(COLUMNS))


def shown_window(start: str, end: str, zone: tzinfo) -> str:
    """A window for people, on the clock of a zone.

    Examples
    --------
    >>> from graphsms.moments import zone
    >>> shown_window("2026-11-28T19:00:00Z", "2026-11-28T22:00:00Z", zone("Europe/Zurich"))
    'Sat 2026-11-28 20:00 – 23:00'
    """
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # in English, whatever the locale

    def shown(text: str) -> tuple[str, str, str]:
        local = datetime.fromisoformat(text).astimezone(zone)
        return f"{days[local.weekday()]} {local:%Y-%m-%d}", f"{local:%H:%M}", f"{local:%z}"

    if not start:
        return ""
    day, clock, offset = shown(start)
    if not end:
        return f"{day} {clock} –"
    last, until, then = shown(end)
    if last != day:
        return f"{day} {clock} – {last} {until}"
    # On the day on which the clock is put back, the same hour comes twice.
    return f"{day} {clock} – {until}" if offset == then else f"{day} {clock} ({offset}) – {until} ({then})"
