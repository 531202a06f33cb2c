"""The calendar of changes: when something may be worked on, and when it is not to be changed (8.5.1.3, 8.3.3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from graphsms.calendars.recurrence import occurrences
from graphsms.calendars.timeset import TimeSet
from graphsms.errors import InputError
from graphsms.model import Entity
from graphsms.moments import zone as time_zone
from graphsms.snapshot.validity import END, interval
from graphsms.store import Store

__all__ = ["ChangeWindow", "frozen", "read_windows"]


@dataclass(frozen=True, slots=True)
class ChangeWindow:
    """A maintenance window or a freeze.

    Parameters
    ----------
    entity : Entity
    freeze : bool
        Whether nothing is to be changed in it, rather than something may be.
    of : tuple of Entity
        What it is a window for, in order of their ids.
    """

    entity: Entity
    freeze: bool
    of: tuple[Entity, ...]

    @property
    def span(self) -> tuple[int, int] | None:
        """The first time of it, in microseconds from 1970; None where its beginning is not recorded."""
        start, end = (str(self.entity.properties.get(name, "")) for name in ("windowStart", "windowEnd"))
        return interval(start, end) if start else None

    @property
    def zone(self) -> tzinfo:
        """By whose clock it recurs; UTC where it does not say."""
        return time_zone(str(self.entity.properties.get("timeZone", "UTC")))

    def between(self, start: int, end: int) -> TimeSet:
        """When it is, between two moments, each time apart.

        Raises
        ------
        InputError
            It recurs by a rule that cannot be followed, or in a zone that there is not.
        """
        span = self.span
        if span is None:
            return TimeSet()
        rule = str(self.entity.properties.get("recurrence", ""))
        if rule and span[1] == END:
            raise InputError(f"{self.entity.id} recurs, and it is not recorded when it ends: state windowEnd.")
        try:
            return occurrences(span, rule, self.zone if rule else UTC, start, end)
        except InputError as error:
            raise InputError(f"{self.entity.id}: {error}") from None


def read_windows(store: Store, at: int | None = None) -> list[ChangeWindow]:
    """All maintenance windows and freezes, in order of their ids.

    Notes
    -----
    Proportional to them and to what they are for.
    """
    words = store.vocabulary
    freeze = words.known_as("freeze")
    found = {one.id: one for one in store.entities(type=words.known_as("change window"), at=at)}
    window_for = words.known_as("has the window")
    relations = list(store.relations(subjects=sorted(found), type=window_for, at=at)) if found else []
    of = {one.id: one for one in store.entities(ids=sorted({each.object for each in relations}), at=at)}
    by_window: dict[str, list[Entity]] = {}
    for relation in relations:
        by_window.setdefault(relation.subject, []).append(of[relation.object])
    return [ChangeWindow(one, words.is_a(one.type, freeze), tuple(by_window.get(one.id, ()))) for one in found.values()]


def frozen(
    store: Store,
    touched: Collection[str],
    freezes: Sequence[ChangeWindow],
    *,
    at: int | None = None,
    as_of: str | None = None,
) -> list[ChangeWindow]:
    """Those of the freezes that are for what is touched, or for something that would suffer if it failed.

    Notes
    -----
    One impact, of the outage of all that is touched, where a freeze is not for that itself.
    """
    from graphsms.analysis.impact import impact

    ids = set(touched)
    if not ids:
        return []
    left = [one for one in freezes if not ids & {each.id for each in one.of}]
    if left:
        hit = ids | {one.id for one in impact(store, sorted(ids), at=at, as_of=as_of).hits}
        left = [one for one in left if not hit & {each.id for each in one.of}]
    return [one for one in freezes if one not in left]
