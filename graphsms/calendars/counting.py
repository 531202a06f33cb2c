"""How the time of a target is counted: what is agreed in a span, what of it is lost, and what of that is excused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from fractions import Fraction
from typing import Final

from graphsms.calendars.answers import UNKNOWN_DOWNTIME, UNKNOWN_EXCEPTION, Allowance
from graphsms.calendars.hours import ServiceHours, always
from graphsms.calendars.period import Period, period
from graphsms.calendars.records import Exemption, Missing, Outage, Records, validity, values_of
from graphsms.calendars.timeset import HOUR, NEVER, SECOND, TimeSet
from graphsms.errors import InputError
from graphsms.model import Entity, Revision
from graphsms.moments import now
from graphsms.snapshot.validity import microseconds
from graphsms.store import Store
from graphsms.store.journal import EMPTY

__all__ = ["Asked", "Counted"]

_OTHER_ZONE: Final = 15 * HOUR  # how far the days of two zones may lie apart
_WHOLE: Final = 100
_PERCENT: Final = "%"


@dataclass(frozen=True)
class Counted:
    """The time of a target in a span, exact, beside what is answered of it; in microseconds.

    ``span`` is None where the target has none; ``allowed`` and ``used`` where they are not known. ``uncertain`` is what
    is missing of the downtime (there may be more) and of exceptions (less of it may count).
    """

    allowance: Allowance
    span: Period | None = None
    agreed: TimeSet = NEVER
    outages: tuple[Outage, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    allowed: Fraction | None = None
    used: int | None = None
    uncertain: frozenset[str] = frozenset()

    def missed(self, used: int) -> bool | None:
        """Whether so much use is more than is allowed; None where what is missing may turn it."""
        assert self.allowed is not None
        over = used > self.allowed
        return None if self.uncertain & {UNKNOWN_EXCEPTION if over else UNKNOWN_DOWNTIME} else over

    def lost(self, more: TimeSet = NEVER) -> TimeSet:
        """Agreed time that is lost and counts, by what is recorded and by one more outage.

        What may be taken out without limit goes first, so that no limited allowance is spent on it.
        """
        timed = [one for one in self.outages if one.length is None]
        circumstances = {one.id for one in self.exemptions if one.time is None}
        unexcused = TimeSet.of((one.since, one.until) for one in timed if not circumstances & set(one.excused_by))
        lost = (TimeSet.of((one.since, one.until) for one in timed) | more) & self.agreed
        excused = NEVER
        for exemption in sorted(self.exemptions, key=lambda one: (one.most is not None, one.id)):
            time = exemption.time
            if time is None:
                under = TimeSet.of((one.since, one.until) for one in timed if exemption.id in one.excused_by)
                time = under - unexcused - more
            inside = (lost & time) - excused
            excused |= inside if exemption.most is None else inside.first(exemption.most)
        return lost - excused


@dataclass
class _Said:
    """What is said beside the figures."""

    missing: list[Missing] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def misses(self, what: str, id: str, message: str) -> None:
        self.missing.append(Missing(what, id, message))


@dataclass
class Asked:
    """What is asked about, read from the store for all targets at once; made by `Asked.of`.

    ``pairs`` are agreements ("" is none) and targets; the mappings are ids by the id of what has them; ``until`` is
    the moment in microseconds before which downtime is recorded.
    """

    records: Records
    revision: Revision
    as_of: str
    until: int
    pairs: Sequence[tuple[str, str]]
    without: Sequence[str]
    others: int
    services: Mapping[str, list[str]]
    calendars: Mapping[str, list[str]]
    holidays: Mapping[str, list[str]]
    exceptions: Mapping[str, list[str]]
    windows: Mapping[str, list[str]]
    measured: Mapping[str, list[str]]
    outages: Mapping[str, list[Outage]]
    open: Mapping[str, list[Missing]]

    @classmethod
    def of(
        cls,
        store: Store,
        ids: str | Iterable[str],
        number: int | None,
        as_of: str | None,
        zone: tzinfo,
        holds: int | None = None,
    ) -> Asked:
        """Read what is about agreements or targets; without ids, about all agreements in force.

        Downtime is that until ``as_of``; agreements and relations are those that hold at ``holds``, or then too.
        """
        revision = store.revision()
        if number == 0:
            revision = EMPTY
        elif number is not None and number != revision.number:
            revision = next(store.revisions(since=number - 1))
        moment = as_of or now()
        until = microseconds(moment)
        until += until % SECOND == SECOND - 1  # the last moment of a day stands for all of it
        records = Records(store, revision.number, until - 1 if holds is None else holds, zone)
        known = records.known
        pairs, without, others = records.pairs([ids] if isinstance(ids, str) else ids)
        agreements, targets = {one for one, _ in pairs}, {one for _, one in pairs}
        services = records.leading_from(targets, known("has to meet target"))
        delivered = {one for those in services.values() for one in those}
        calendars = records.leading_from({*agreements, *targets, *delivered}, known("service hours of"))
        holidays = records.leading_from(_all(calendars), known("holidays kept by"))
        exceptions = records.leading_from({*agreements, *targets}, known("exception of agreement"))
        measured = records.leading_to(targets, known("measured by"))
        outages, open = records.outages(delivered, until)
        for those in (services, calendars, holidays, exceptions, measured):
            records.remember(_all(those))
        return cls(
            records=records,
            revision=revision,
            as_of=moment,
            until=until,
            pairs=pairs,
            without=without,
            others=others,
            services=services,
            calendars=calendars,
            holidays=holidays,
            exceptions=exceptions,
            windows=records.leading_from(_all(exceptions), known("has the window")),
            measured=measured,
            outages=outages,
            open=open,
        )

    def counted(self, pair: tuple[str, str], moment: int) -> Counted:
        """The time of a target of an agreement in the span in which a moment lies."""
        agreement, target = pair
        services = self.services.get(target, [])
        said = _Said()
        known = Allowance(
            agreement=agreement,
            agreement_name=self.records.entity(agreement).name if agreement else "",
            target=target,
            target_name=self.records.entity(target).name,
            services=tuple(services),
        )
        if not services:
            said.misses("service", target, f"{target} does not say what it is a target for.")
        promised = _promised(self.records.entity(target), said)
        ids, hours = self._hours((target, agreement, *services), said)
        span = self._span(target, moment, hours, said)
        known = replace(known, promised=None if promised is None else float(promised), hours=tuple(ids))
        if span is None or not hours:
            return Counted(_with(known, said), span)
        known = replace(known, period=span.name, start=span.start, end=span.end, zone=str(span.zone))
        agreed = self._agreed(pair, span, hours, said)
        counted = Counted(
            known,
            span,
            agreed,
            tuple(one for service in services for one in self.outages.get(service, []) if _reaches(one, span)),
            tuple(self._exemptions(pair, span, services, said)),
        )
        known = replace(known, agreed=agreed.length / SECOND, outages=counted.outages)
        if promised is None or not services or not agreed:
            return replace(counted, allowance=_with(known, said))
        allowed = Fraction(agreed.length) * (_WHOLE - promised) / _WHOLE
        used = self._used(counted, target, said)
        counted = replace(counted, allowed=allowed, used=used, uncertain=frozenset(one.what for one in said.missing))
        return replace(
            counted,
            allowance=replace(
                _with(known, said),
                allowed=float(allowed / SECOND),
                used=used / SECOND,
                left=float((allowed - used) / SECOND),
                share=float(used / allowed) if allowed else None,
                missed=counted.missed(used),
            ),
        )

    def _hours(self, subjects: Sequence[str], said: _Said) -> tuple[list[str], list[ServiceHours]]:
        """The hours of the first that states any; none where they cannot be read."""
        for subject in subjects:
            if ids := self.calendars.get(subject):
                break
        else:
            zone = self.records.zone
            said.assumptions.append(f"No service hours are recorded: round the clock, by days of {zone}, is taken.")
            return [], [always(self.records.zone)]
        found = []
        for id in ids:
            calendar = self.records.entity(id)
            try:
                found.append(self.records.hours(calendar, map(self.records.entity, self.holidays.get(id, []))))
            except InputError as error:
                said.misses("service hours", id, f"The hours of {id} cannot be counted. {error}")
                return ids, []
            if not values_of(calendar, "timeZone"):
                whose = (
                    "that of the organization" if self.records.zone_said else "nobody has said that of the organization"
                )
                said.assumptions.append(f"{id} names no time zone: {self.records.zone} is taken ({whose}).")
        return ids, found

    def _span(self, target: str, moment: int, hours: Sequence[ServiceHours], said: _Said) -> Period | None:
        entity = self.records.entity(target)
        counted_over = values_of(entity, "countedOver")
        if not counted_over:
            said.misses("period", target, f"{target} does not say over which span it is counted.")
            return None
        zone = hours[0].zone if hours else self.records.zone
        try:
            return period(counted_over[0], moment, zone, rolling=bool(entity.properties.get("rolling")))
        except InputError as error:
            said.misses("period", target, f"The span of {target} cannot be counted. {error}")
            return None

    def _agreed(self, pair: tuple[str, str], span: Period, hours: Sequence[ServiceHours], said: _Said) -> TimeSet:
        agreed = NEVER
        for one in hours:
            agreed |= one.agreed(span.since, span.until)
        for id in filter(None, pair):
            in_force = TimeSet((validity(self.records.entity(id).properties),))
            if agreed and not agreed & in_force:
                said.misses("agreement", id, f"{id} is not in force in {span.name}.")
            elif agreed - in_force:
                said.notes.append(f"{id} is in force for a part of {span.name}, which alone is counted.")
            agreed &= in_force
        if not agreed and not said.missing:
            said.misses("service hours", pair[1], f"No service is agreed in {span.name}: there is nothing to lose.")
        return agreed

    def _exemptions(
        self, pair: tuple[str, str], span: Period, services: Sequence[str], said: _Said
    ) -> Iterable[Exemption]:
        stated = {one: None for id in pair for one in self.exceptions.get(id, [])}
        for id in stated:
            for_whom = self.windows.get(id, [])
            if for_whom and not set(for_whom) & set(services):
                said.notes.append(f"{id} is no window for {', '.join(services)}, and takes nothing out.")
                continue
            try:
                yield self.records.exemption(self.records.entity(id), span.since, span.until)
            except InputError as error:
                said.misses(UNKNOWN_EXCEPTION, id, f"What {id} takes out is not known. {error}")

    def _used(self, counted: Counted, target: str, said: _Said) -> int:
        """What counts of the downtime that is recorded."""
        assert counted.span is not None
        lost = counted.lost()
        unlimited = {one.id for one in counted.exemptions if one.time is None and one.most is None}
        more = 0
        for outage in counted.outages:
            if outage.length is not None and not unlimited & set(outage.excused_by):
                more += outage.length
                said.assumptions.append(f"{outage.record} says only for how long: all of it is counted.")
            if outage.ongoing:
                said.notes.append(f"{outage.record} has no end yet: it is counted until the moment asked about.")
        for service in self.services.get(target, []):
            said.missing += [one for one in self.open.get(service, []) if self._may_lie_in(one.id, counted.span)]
        return lost.length + more + self._measured(counted, lost, target, said)

    def _measured(self, counted: Counted, lost: TimeSet, target: str, said: _Said) -> int:
        """What measurements of the target found lost in the span beyond what incidents say of the same time."""
        span = counted.span
        assert span is not None
        taken, more = NEVER, 0
        for id in self.measured.get(target, []):
            one = self.records.entity(id)
            since, until = (values_of(one, name) for name in ("periodStart", "periodEnd"))
            value, unit = values_of(one, "measuredValue"), values_of(one, "unit")
            if not (since and until and value) or (unit and unit[0] != _PERCENT):
                continue
            begin, end = microseconds(since[0]), microseconds(until[0])
            if begin < span.since - _OTHER_ZONE or end > span.until + _OTHER_ZONE or end > self.until + _OTHER_ZONE:
                continue  # of another span, or not over yet
            time = (TimeSet.of([(begin, end)]) & span.time) - taken
            agreed = counted.agreed & time
            share = min(max(Fraction(value[0]), Fraction(0)), Fraction(_WHOLE))
            found = int(Fraction(agreed.length) * (_WHOLE - share) / _WHOLE)
            known = (lost & time).length
            if found > known and agreed:
                more += found - known
                taken |= time
                said.notes.append(f"{id} measured more downtime than incidents say: the measured counts for its time.")
        return more

    def _may_lie_in(self, record: str, span: Period) -> bool:
        """Whether what a record leaves open can be about a span, by the moments that it does state."""
        entity = self.records.entity(record)
        known = [
            microseconds(one)
            for name in ("startedAt", "detectedAt", "recordedAt", "resolvedAt", "closedAt")
            for one in values_of(entity, name)
        ]
        closed = bool(values_of(entity, "closedAt") or values_of(entity, "resolvedAt"))
        return not known or (min(known) < span.until and not (closed and max(known) < span.since))


def _promised(target: Entity, said: _Said) -> Fraction | None:
    """The share of agreed time that is promised, in per cent."""
    value, unit, comparison = (values_of(target, name) for name in ("targetValue", "unit", "comparison"))
    if not value:
        said.misses("target value", target.id, f"{target.id} states no target value.")
        return None
    promised = Fraction(value[0])
    if unit and unit[0] != _PERCENT:
        message = f"{target.id} is stated in {unit[0]}; an availability is counted where it is stated in %."
    elif comparison and comparison[0] != "at least":
        message = f"{target.id} is met by {value[0]} % or less; an availability is to be at least something."
    elif not 0 <= promised <= _WHOLE:
        message = f"{target.id} states {value[0]}, which is no share: give one from 0 to 100 %."
    else:
        if not unit:
            said.assumptions.append(f"{target.id} states no unit: per cent is taken.")
        return promised
    said.misses("target value", target.id, message)
    return None


def _reaches(outage: Outage, span: Period) -> bool:
    if outage.length is not None:
        return span.since <= outage.since < span.until
    return outage.since < span.until and outage.until > span.since


def _with(known: Allowance, said: _Said) -> Allowance:
    return replace(
        known,
        missing=tuple(dict.fromkeys(said.missing)),
        assumptions=tuple(dict.fromkeys(said.assumptions)),
        notes=tuple(dict.fromkeys(said.notes)),
    )


def _all(those: Mapping[str, Iterable[str]]) -> set[str]:
    return {one for ids in those.values() for one in ids}
