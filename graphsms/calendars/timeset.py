"""Sets of time: half-open intervals between moments, in whole microseconds from 1970, UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from graphsms.snapshot.validity import Interval

__all__ = ["DAY", "HOUR", "MINUTE", "NEVER", "SECOND", "TimeSet"]

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class TimeSet:
    """Intervals ``from <= moment < to`` that neither overlap nor touch, in order; made by `TimeSet.of`.

    Union, intersection and difference take time proportional to the intervals of both.

    Examples
    --------
    >>> open, lost = TimeSet.of([(0, 10), (20, 30)]), TimeSet.of([(5, 25)])
    >>> (open & lost).spans, (open - lost).spans, (open | lost).length
    (((5, 10), (20, 25)), ((0, 5), (25, 30)), 30)
    """

    spans: tuple[Interval, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Interval]) -> TimeSet:
        """The set of what lies in any of the intervals, which may overlap, touch, be empty, and stand in any order."""
        merged: list[Interval] = []
        for since, until in sorted(span for span in spans if span[0] < span[1]):
            if merged and since <= merged[-1][1]:
                if until > merged[-1][1]:
                    merged[-1] = (merged[-1][0], until)
            else:
                merged.append((since, until))
        return cls(tuple(merged))

    @property
    def length(self) -> int:
        """How much time that is, in microseconds."""
        return sum(until - since for since, until in self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.spans)

    def __contains__(self, moment: object) -> bool:
        return isinstance(moment, int) and any(since <= moment < until for since, until in self.spans)

    def __or__(self, other: TimeSet) -> TimeSet:
        return TimeSet.of((*self.spans, *other.spans))

    def __and__(self, other: TimeSet) -> TimeSet:
        found: list[Interval] = []
        one, two = 0, 0
        while one < len(self.spans) and two < len(other.spans):
            (since, until), (from_, to) = self.spans[one], other.spans[two]
            if max(since, from_) < min(until, to):
                found.append((max(since, from_), min(until, to)))
            if until <= to:
                one += 1
            else:
                two += 1
        return TimeSet(tuple(found))

    def __sub__(self, other: TimeSet) -> TimeSet:
        found: list[Interval] = []
        position = 0
        for since, until in self.spans:
            while position < len(other.spans) and other.spans[position][1] <= since:
                position += 1
            ahead = position
            while ahead < len(other.spans) and other.spans[ahead][0] < until:
                from_, to = other.spans[ahead]
                if since < from_:
                    found.append((since, from_))
                since = to
                ahead += 1
            if since < until:
                found.append((since, until))
        return TimeSet(tuple(found))

    def first(self, length: int) -> TimeSet:
        """The earliest part of it with no more than that much time.

        Examples
        --------
        >>> TimeSet.of([(0, 10), (20, 30)]).first(15).spans
        ((0, 10), (20, 25))
        """
        found: list[Interval] = []
        for since, until in self.spans:
            if length <= 0:
                break
            found.append((since, min(until, since + length)))
            length -= until - since
        return TimeSet(tuple(found))


NEVER: Final = TimeSet()
