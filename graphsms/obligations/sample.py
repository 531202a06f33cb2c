"""What drawing a sample answers: what was drawn, of how many, how, and which requirements each serves (9.2)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.trend_figures import last_day
from graphsms.report.tables import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ABOUT", "COLUMNS", "LINKED", "Drawn", "Sample", "Serves"]

LINKED: Final = "linked as evidence"
ABOUT: Final = "is of a type that it is about"
COLUMNS: Final = ("id", "type", "name", "date", "stratum", "clauses", "requirements", "linked", "rank")


_MIDNIGHT: Final = "T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Serves:
    """That something serves a requirement: its id, the number of its clause, its anchor, and how."""

    requirement: str
    clause: str
    anchor: str
    how: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One that was drawn.

    Parameters
    ----------
    id, type, name : str
    date : str
        When it happened or was settled, canonical, or "".
    stratum : str
        Where the sample is divided: which part it stands for.
    serves : tuple of Serves
        What it is linked to first, then what is about its type.
    rank : str
        SHA-256 over seed and id, by which it was chosen.
    """

    id: str
    type: str
    name: str
    date: str
    stratum: str
    serves: tuple[Serves, ...]
    rank: str

    @property
    def clauses(self) -> tuple[str, ...]:
        """The numbers of the clauses that it serves, in order."""
        return tuple(dict.fromkeys(one.clause or one.anchor for one in self.serves))

    def row(self) -> tuple[Any, ...]:
        """By `COLUMNS`."""
        linked = tuple(one.requirement for one in self.serves if one.how == LINKED)
        every = tuple(one.requirement for one in self.serves)
        return (self.id, self.type, self.name, self.date, self.stratum, self.clauses, every, linked, self.rank)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "serves": [one.to_json() for one in self.serves]}


@dataclass(frozen=True)
class Sample:
    """A sample.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that it is about.
    edition, clause, type : str
        What it was drawn of: a place in an edition, or a type.
    seed, size : int
        Size as it was asked for; fewer are drawn where there are no more.
    by : str
        What it is divided by, or "".
    since, until : str
        The period, or "".
    population : int
        Of how many.
    population_hash : str
        SHA-256 of their ids: that two samples were drawn of the same.
    undated, outside : int
        How many were left out for having no date, or one outside the period or after the moment.
    strata : mapping of str to (int, int)
        By part: how many were drawn, of how many.
    drawn : tuple of Drawn
        In order of their ranks.
    clause_id : str
    kept, kept_in : str, int or None
        Where it is kept: the id, and the revision.
    """

    revision: int
    at: str
    as_of: str
    edition: str
    clause: str
    type: str
    seed: int
    size: int
    by: str
    since: str
    until: str
    population: int
    population_hash: str
    undated: int
    outside: int
    strata: Mapping[str, tuple[int, int]]
    drawn: tuple[Drawn, ...]
    clause_id: str = ""
    kept: str = ""
    kept_in: int | None = None

    def __len__(self) -> int:
        return len(self.drawn)

    def of(self) -> str:
        """What it was drawn of, in words."""
        return f"clause {self.clause} of ISO/IEC 20000-1:{self.edition}" if self.clause else self.type

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.population:
            return f"There is nothing to draw from: no record of {self.of()}{self._period()}."
        of_all = f" of {self.population:,} of {self.of()}{self._period()}"
        return f"{len(self.drawn):,} drawn{of_all}, seed {self.seed}."

    def _period(self) -> str:
        since = f" from {_day(self.since)}" if self.since else ""
        if not self.until:
            return since
        whole = self.until.endswith(_MIDNIGHT)
        return f"{since} {f'to {last_day(self.until)}' if whole else f'until {_day(self.until)}'}"

    def notes(self) -> list[str]:
        """How it was drawn, and what has to be known to read it."""
        found = ["Drawn: the first in the order of SHA-256 over seed and id."]
        if self.by:
            parts = ", ".join(f"{name} {drawn} of {all_}" for name, (drawn, all_) in self.strata.items())
            found.append(f"Divided by {self.by}: {parts}.")
        if 0 < self.population < self.size:
            found.append(f"{self.size:,} were asked for; there are no more.")
        if self.undated:
            found.append(f"Without a date, and so in no period: {self.undated:,}; left out.")
        if self.outside:
            where = "the period" if self.since or self.until else f"what was known at {self.as_of[:16]}Z"
            found.append(f"Dated outside {where}: {self.outside:,}; left out.")
        return found

    def runs(self) -> str:
        """The command that draws it again."""
        said = ["sample", *(["--clause", self.clause] if self.clause else ["--type", self.type])]
        said += ["--size", str(self.size), "--seed", str(self.seed)]
        for option, value in (("--by", self.by), ("--since", self.since), ("--until", self.until)):
            said += [option, value] if value else []
        said += ["--edition", self.edition, "--at", str(self.revision), "--as-of", self.as_of]
        return shlex.join(said)

    def table(self) -> Table:
        """A row for each that was drawn."""
        return Table(COLUMNS, tuple(one.row() for one in self.drawn))

    def to_frame(self) -> pd.DataFrame:
        """A row for each that was drawn."""
        import pandas as pd

        return pd.DataFrame([one.row() for one in self.drawn], columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        names = (
            "revision", "at", "as_of", "edition", "clause", "type", "seed", "size", "by", "since", "until",
            "population", "population_hash", "undated", "outside",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "strata": {name: {"drawn": drawn, "of": of} for name, (drawn, of) in self.strata.items()},
            "notes": self.notes(),
            "runs": self.runs(),
            "drawn": [one.to_json() for one in self.drawn],
            "kept": self.kept or None,
            "kept_in": self.kept_in,
        }


def _day(moment: str) -> str:
    """A day where it begins with one, otherwise the moment."""
    return moment[:10] if moment.endswith(_MIDNIGHT) else f"{moment[:16]}Z"
