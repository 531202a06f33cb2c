"""The graph as a review reads it: what there is of a kind, what lies in the period, and what it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphsms.analysis.estate import Estate
from graphsms.analysis.proofs import when
from graphsms.change.grounds import moment_of
from graphsms.model import Entity
from graphsms.obligations.nonconformities import is_open, today
from graphsms.obligations.review import Part
from graphsms.report.tables import Cell, Table
from graphsms.snapshot.validity import after, microseconds

__all__ = ["Reading", "count", "said"]


@dataclass(frozen=True, eq=False)
class Reading:
    """An estate, and the half-open period since the last review.

    Parameters
    ----------
    read : Estate
    since, until : str
        Canonical; ``until`` is the moment asked about.
    """

    read: Estate
    since: str
    until: str

    def word(self, word: str) -> str:
        """The term that analyses know by a word."""
        return self.read.vocabulary.known_as(word)

    def all(self, word: str) -> list[Entity]:
        """All of a kind that were known at the moment, in order of ids: not what is dated later."""
        end = microseconds(self.until)
        every = self.read.of_type(self.word(word))
        # What is about a period, such as a budget, is known from its beginning.
        dated = ((one, said(one, "periodStart") or when(self.read, one, {})) for one in every)
        return [one for one, date in dated if not date or microseconds(date) <= end]

    def date(self, one: Entity) -> str:
        """When it happened or was settled, or ""; of a figure, when its period ended."""
        return when(self.read, one, {}) or said(one, "periodEnd")

    def within(self, moment: str, since: str = "", until: str = "") -> bool:
        """Whether a moment lies in the period, or in another."""
        if not moment:
            return False
        start, end = microseconds(since or self.since), microseconds(until or self.until)
        return start <= microseconds(moment) < end or (not until and microseconds(moment) == end)

    def before(self) -> str:
        """When the period before began, that is as long."""
        since = microseconds(self.since)
        try:
            return moment_of(2 * since - microseconds(self.until))
        except OverflowError:  # there are no dates before the year 1
            return self.since

    def happened(self, some: Iterable[Entity], property: str = "") -> list[Entity]:
        """Those that happened in the period, or that say so of a property."""
        return [one for one in some if self.within(said(one, property) if property else self.date(one))]

    def to(self, one: Entity | str, word: str) -> list[Entity]:
        """What it leads to by a relation."""
        id, type = one if isinstance(one, str) else one.id, self.word(word)
        return [self.read.entities[each.object] for each in self.read.leading_from.get(id, ()) if each.type == type]

    def back(self, one: Entity | str, word: str) -> list[Entity]:
        """What leads to it by a relation."""
        id, type = one if isinstance(one, str) else one.id, self.word(word)
        return [self.read.entities[each.subject] for each in self.read.leading_to.get(id, ()) if each.type == type]

    def is_a(self, one: Entity, word: str) -> bool:
        """Whether it is of a kind."""
        return self.read.vocabulary.is_a(one.type, self.word(word))

    def open(self, some: Iterable[Entity]) -> list[Entity]:
        """Those cases that were not over."""
        return [one for one in some if is_open(self.read, one)]

    def overdue(self, day: str) -> bool:
        """Whether a day is past."""
        return bool(day) and day < today(self.read)

    def review_due(self, one: Entity) -> str:
        """By which day something is to be looked at again, by its own interval; "" where it has none."""
        interval, last = said(one, "reviewInterval"), said(one, "reviewedOn") or said(one, "approvedOn")
        if not interval or not last:
            return ""
        return moment_of(after(f"{last[:10]}T00:00:00Z", interval))[:10]

    def rank(self, property: str, notation: str) -> int:
        """The rank of a code, 0 where there is none."""
        known = self.read.vocabulary.properties[property]
        codes = self.read.vocabulary.code_lists[known.code_list].codes if known.code_list else ()
        return next((code.rank or 0 for code in codes if code.notation == notation), 0)


def said(one: Entity, property: str) -> str:
    """What it says of a property, as text, or ""."""
    value = one.properties.get(property, "")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def count(some: Sequence[object] | int, one: str, more: str = "") -> str:
    """How many there are, in words.

    Examples
    --------
    >>> count(1, "audit"), count([], "audit"), count(2, "policy", "policies")
    ('1 audit', '0 audits', '2 policies')
    """
    number = some if isinstance(some, int) else len(some)
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def part(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], empty: str = "None found.", note: str = ""
) -> Part:
    """A table of a section, whose first column is the id."""
    return Part(title, Table(("id", *columns), tuple(tuple(row) for row in rows)), empty, note)
