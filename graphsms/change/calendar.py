"""The calendar of changes: when something may be worked on, and when it is not to be changed (8.5.1.3, 8.3.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final

from graphsms.calendars.recurrence import occurrences
from graphsms.calendars.timeset import TimeSet
from graphsms.change.schedule import is_service_in
from graphsms.errors import InputError
from graphsms.model import Entity
from graphsms.moments import zone as time_zone
from graphsms.snapshot.live import LiveGraph
from graphsms.snapshot.validity import END, interval
from graphsms.store import Store

__all__ = ["ChangeWindow", "frozen", "reached", "read_windows"]

_OUTAGE: Final = "outage"  # of what is touched, to see what stands on it


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


def reached(graph: LiveGraph, seeds: Iterable[int]) -> set[int]:
    """All that a state could get to, whatever redundancy is spared on the way, and where it begins."""
    found = set(seeds)
    ahead: set[int] = set(found)
    while ahead:
        ahead = {receiver for _, receiver, _ in graph.edges_from(ahead)} - found
        found |= ahead
    return found


def frozen(
    store: Store,
    touched: Collection[str],
    freezes: Sequence[ChangeWindow],
    *,
    at: int | None = None,
    as_of: str | None = None,
) -> list[ChangeWindow]:
    """Those of the freezes that are for what is touched, or for a service that stands on it, whatever its redundancy.

    Notes
    -----
    Where a freeze is not for what is touched itself, proportional to what stands on that.
    """
    from graphsms.analysis.seeding import open_case

    ids = set(touched)
    held = {one.entity.id for one in freezes if ids & {each.id for each in one.of}}
    left = sorted({each.id for one in freezes if one.entity.id not in held for each in one.of})
    if ids and left:
        case = open_case(store, sorted(ids), _OUTAGE, at, as_of, None, None)
        above = reached(case.graph, case.seeds)
        keys = store.keys(left, case.graph.revision)
        found = {id: case.graph.node(key) for id, key in zip(left, keys, strict=True) if key is not None}
        nodes = {id: node for id, node in found.items() if node is not None}
        is_service = is_service_in(case.graph, store.vocabulary)  # of a service alone, what it depends on is held too
        hit = {id for id, node in nodes.items() if node in above and is_service(node)}
        held |= {one.entity.id for one in freezes if hit & {each.id for each in one.of}}
    return [one for one in freezes if one.entity.id in held]
