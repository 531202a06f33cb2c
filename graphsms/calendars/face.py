"""The Python face of agreed service time: what targets allow, what an outage would use, and when a calendar is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from graphsms.analysis.part import GraphPart
from graphsms.asked import asked_id, asked_ids
from graphsms.calendars.records import DOWN
from graphsms.errors import InputError
from graphsms.moments import window

if TYPE_CHECKING:
    from graphsms.calendars.answers import Allowances, Uses
    from graphsms.calendars.timeset import TimeSet

__all__ = ["Calendar"]


class Calendar(GraphPart):
    """Agreed service time and what is left of it. Made by ``Graph.calendar``.

    Dates are as people give them: in the organization's zone where they state none, a bare one is the whole day.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(entities=[graphsms.Entity("office", "ServiceCalendar", {
    ...         "openingHours": "Mo-Fr 08:00-18:00", "timeZone": "Europe/London"})]))
    ...     g.calendar.agreed("office", "2026-11-16", "2026-11-22").length // 3_600_000_000
    50
    """

    def allowance(self, *ids: str | Iterable[str], at: int | str | None = None, as_of: str | None = None) -> Allowances:
        """What targets of availability still allow; see `graphsms.calendars.allowance.allowance`."""
        from graphsms.calendars.allowance import allowance

        moment = self._as_of(as_of)
        return allowance(self._store, asked_ids(*ids), at=self._at(at), as_of=moment, zone=self._zone)

    def use(
        self,
        *ids: str | Iterable[str],
        start: str,
        end: str | None = None,
        state: str | Mapping[str, str] = DOWN,
        at: int | str | None = None,
        as_of: str | None = None,
    ) -> Uses:
        """What an outage would use of the allowances of targets; see `graphsms.calendars.allowance.use`."""
        from graphsms.calendars.allowance import use

        since, until = window(start, end, self._zone)
        assert since is not None
        return use(
            self._store,
            asked_ids(*ids),
            since,
            until,
            state,
            at=self._at(at),
            as_of=self._as_of(as_of),
            zone=self._zone,
        )

    def agreed(self, id: str, start: str, end: str, *, at: int | str | None = None) -> TimeSet:
        """The time in which a service calendar is open between two moments.

        Raises
        ------
        InputError
            No service calendar has that id, or its hours cannot be read.
        """
        from graphsms.calendars.records import Records
        from graphsms.snapshot.validity import microseconds

        since, until = map(microseconds, filter(None, window(start, end, self._zone)))
        records = Records(self._store, self._at(at), since, self._zone)
        records.remember([asked_id(id)])
        found = next(records.store.entities([id], at=records.at), None)
        if found is None or not self._store.vocabulary.is_a(found.type, records.known("service calendar")):
            raise InputError(f"No service calendar has the id {id!r}.")
        holidays = records.leading_from([id], records.known("holidays kept by")).get(id, [])
        records.remember(holidays)
        return records.hours(found, map(records.entity, holidays)).agreed(since, until)
