"""What the graph holds of agreed service time: targets, hours, exceptions, and the downtime that is recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from functools import cached_property
from typing import Any, Final

from graphsms.calendars.hours import ServiceHours, clock, service_hours
from graphsms.calendars.period import length_of
from graphsms.calendars.recurrence import occurrences
from graphsms.calendars.timeset import SECOND, TimeSet
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import Entity, Relation, Value
from graphsms.moments import canonical_moment
from graphsms.moments import zone as time_zone
from graphsms.snapshot.validity import BEGINNING, END, Interval, interval, microseconds
from graphsms.store import Store
from graphsms.vocabulary import VALID_FROM, VALID_TO

__all__ = ["Exemption", "Missing", "Outage", "Records", "values_of"]

AVAILABILITY: Final = "availability"
DOWN: Final = "down"


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not recorded, or not so that it can be read.

    Parameters
    ----------
    what : str
        ``target value``, ``period``, ``service``, ``service hours``, ``agreement``, ``downtime``,
        ``exception``.
    id : str
        Of what should say it.
    message : str
        What is missing, in a sentence.
    """

    what: str
    id: str
    message: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"what": self.what, "id": self.id, "message": self.message}


@dataclass(frozen=True, slots=True)
class Outage:
    """That something was down, as an incident says.

    Parameters
    ----------
    record, of : str
        Ids of the incident, and of what was down.
    since, until : int
        In microseconds from 1970. Where only the length is known, both are the moment that the record is of.
    length : int or None
        Where only that is known, in microseconds.
    ongoing : bool
        Whether no end is recorded.
    excused_by : tuple of str
        Ids of the exceptions that the incident falls under.
    """

    record: str
    of: str
    since: int
    until: int
    length: int | None = None
    ongoing: bool = False
    excused_by: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "record": self.record,
            "of": self.of,
            "start": canonical_moment(clock(self.since, UTC)),
            "end": None if self.ongoing else canonical_moment(clock(self.until, UTC)),
            "only_length": None if self.length is None else self.length / SECOND,
            "excused_by": list(self.excused_by),
        }


@dataclass(frozen=True, slots=True)
class Exemption:
    """What does not count against a target: the time of a maintenance window, or a circumstance (``time`` is None).

    Parameters
    ----------
    id : str
    time : TimeSet or None
    most : int or None
        How much of it may be taken out in a span at most, in microseconds.
    """

    id: str
    time: TimeSet | None
    most: int | None


def values_of(entity: Entity | Relation, property: str) -> tuple[str, ...]:
    """The values of a property as text, none or several."""
    value = entity.properties.get(property, ())
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


@dataclass
class Records:
    """The graph at a revision, as far as it is about targets of availability; each part read when it is asked for.

    Parameters
    ----------
    store : Store
    at : int or None
        The revision.
    as_of : int
        The moment, in microseconds from 1970: relations that hold then.
    zone : tzinfo
        The organization's.

    Notes
    -----
    Each list is read from the store by ids, so that the cost follows what is asked about, not the graph.
    """

    store: Store
    at: int | None
    as_of: int
    zone: tzinfo
    _entities: dict[str, Entity] = field(default_factory=dict)

    def known(self, word: str) -> str:
        """The term of the ontology that stands behind a word."""
        return self.store.vocabulary.known_as(word)

    # ------------------------------------------------------------------------------------ what is asked about

    def pairs(self, ids: Iterable[str]) -> tuple[list[tuple[str, str]], list[str], int]:
        """Agreements ("" is none) with their targets of availability; named agreements without any; other targets.

        Without ids, those of all agreements in force.

        Raises
        ------
        UnknownIdError, InputError
            No entity has one of the ids, or it is neither an agreement nor a target.
        """
        agreements, targets = self._asked(list(ids))
        of_agreement = self.leading_from(agreements, self.known("target of agreement"))
        of_target = self.leading_to(targets, self.known("target of agreement"))
        found = {(agreement, target): None for agreement, those in of_agreement.items() for target in those}
        for target in targets:
            stated = of_target.get(target, [])
            self.remember(stated)
            for agreement in [one for one in stated if self.in_force(one)] or stated or [""]:
                found[agreement, target] = None
        self.remember([target for _, target in found])
        wanted = [pair for pair in found if AVAILABILITY in values_of(self.entity(pair[1]), "metric")]
        without = [one for one in agreements if one not in {agreement for agreement, _ in wanted}]
        return sorted(wanted), without, len({target for _, target in found} - {target for _, target in wanted})

    def _asked(self, ids: list[str]) -> tuple[list[str], list[str]]:
        words = self.store.vocabulary
        if not ids:
            every = list(self.store.entities(type=self.known("agreement"), at=self.at))
            self._entities.update((one.id, one) for one in every)
            return [one.id for one in every if self.in_force(one.id)], []
        self.remember(ids)
        agreements, targets = [], []
        for id in dict.fromkeys(ids):
            if id not in self._entities:
                raise UnknownIdError(id, self.store.nearest_ids(id))
            type = self.entity(id).type
            if words.is_a(type, self.known("agreement")):
                agreements.append(id)
            elif words.is_a(type, self.known("performance target")):
                targets.append(id)
            else:
                label = words.types[type].label
                raise InputError(
                    f"{id} is a {label}; give agreements or targets, such as those that `graphsms impact` "
                    "lists as concerned."
                )
        return agreements, targets

    # ------------------------------------------------------------------------------------ reading

    def remember(self, ids: Iterable[str]) -> None:
        """Read entities that have not been read yet."""
        wanted = sorted({id for id in ids if id and id not in self._entities})
        if wanted:
            self._entities.update((one.id, one) for one in self.store.entities(wanted, at=self.at))

    def entity(self, id: str) -> Entity:
        """An entity that is remembered."""
        return self._entities[id]

    def leading_from(self, ids: Iterable[str], type: str) -> dict[str, list[str]]:
        """For each of the ids the objects of its relations of a type that hold at the moment."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in self._relations(subjects=ids, type=type):
            found[one.subject].append(one.object)
        return found

    def leading_to(self, ids: Iterable[str], type: str) -> dict[str, list[str]]:
        """For each of the ids the subjects of the relations of a type to it that hold at the moment."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in self._relations(objects=ids, type=type):
            found[one.object].append(one.subject)
        return found

    def _relations(self, type: str, **ends: Iterable[str]) -> Iterator[Relation]:
        (those,) = ends.values()
        wanted = sorted({id for id in those if id})
        if not wanted:
            return iter(())
        (end,) = ends
        found = (
            self.store.relations(subjects=wanted, type=type, at=self.at)
            if end == "subjects"
            else self.store.relations(objects=wanted, type=type, at=self.at)
        )
        return (one for one in found if self._holds(one.properties))

    def _holds(self, properties: Mapping[str, Value]) -> bool:
        since, until = validity(properties)
        return since <= self.as_of < until

    def in_force(self, id: str) -> bool:
        """Whether what is remembered under an id is valid at the moment."""
        return self._holds(self.entity(id).properties)

    @cached_property
    def zone_said(self) -> bool:
        """Whether anybody has said the organization's zone."""
        return bool(self.store.setting("zone"))

    # ------------------------------------------------------------------------------------ hours

    def hours(self, calendar: Entity, holidays: Iterable[Entity]) -> ServiceHours:
        """The service hours that a calendar states.

        Raises
        ------
        InputError
            It cannot be read, or states no hours.
        """
        opening, special = values_of(calendar, "openingHours"), values_of(calendar, "specialHours")
        if not opening and not special:
            raise InputError(f"{calendar.id} states no opening hours.")
        named = values_of(calendar, "timeZone")
        closed = [day for one in (calendar, *holidays) for day in values_of(one, "closedOn")]
        zone = time_zone(named[0]) if named else self.zone
        return service_hours(opening, zone, map(date.fromisoformat, closed), special)

    # ------------------------------------------------------------------------------------ exceptions

    def exemption(self, exception: Entity, start: int, end: int) -> Exemption:
        """What an exception takes out between two moments.

        Raises
        ------
        InputError
            Its time, its recurrence or its allowance cannot be read.
        """
        stated = values_of(exception, "allowance")
        most = length_of(stated[0]) if stated else None
        if not self.store.vocabulary.is_a(exception.type, self.known("maintenance window")):
            return Exemption(exception.id, None, most)
        since, until = values_of(exception, "windowStart"), values_of(exception, "windowEnd")
        if not since or not until:
            raise InputError(f"{exception.id} does not say from when to when it is.")
        named, rule = values_of(exception, "timeZone"), values_of(exception, "recurrence")
        window = microseconds(since[0]), microseconds(until[0])
        zone = time_zone(named[0]) if named else self.zone
        return Exemption(exception.id, occurrences(window, rule[0] if rule else "", zone, start, end), most)

    # ------------------------------------------------------------------------------------ downtime

    def outages(self, services: Iterable[str], until: int) -> tuple[dict[str, list[Outage]], dict[str, list[Missing]]]:
        """The outages that incidents record of services until a moment, and what they leave open; by service."""
        wanted = sorted(set(services))
        word = self.known("affected by case")
        relations = list(self.store.relations(objects=wanted, type=word, at=self.at)) if wanted else []
        self.remember(one.subject for one in relations)
        kinds = (self.known("incident"), self.known("security incident"))
        excuses = self.leading_from([one.subject for one in relations], self.known("excuses"))
        found: dict[str, list[Outage]] = defaultdict(list)
        open: dict[str, list[Missing]] = defaultdict(list)
        for relation in relations:
            record = self.entity(relation.subject)
            if not self.store.vocabulary.any_of(record.type, kinds) or "cancelled" in values_of(record, "caseStatus"):
                continue
            outage = self._outage(relation, record, tuple(excuses.get(record.id, ())), until)
            if isinstance(outage, Missing):
                open[relation.object].append(outage)
            elif outage is not None:
                found[relation.object].append(outage)
        return found, open

    def _outage(self, relation: Relation, record: Entity, excused: tuple[str, ...], by: int) -> Outage | Missing | None:
        state = values_of(relation, "state") or values_of(record, "state")
        length = values_of(relation, "downtime") or values_of(record, "downtime")
        violated = values_of(record, "securityProperty")
        if not state and not length and violated and AVAILABILITY not in violated:
            return None  # what was read or altered by others could still be used
        if not state and not length:
            message = f"{record.id} does not say in which state it put {relation.object}; state it on the relation."
            return Missing("downtime", record.id, message)
        if state and state[0] != DOWN:
            return None
        since = _first(_moment(relation, VALID_FROM), _moment(record, "startedAt"), _moment(record, "detectedAt"))
        until = _first(_moment(relation, VALID_TO), _moment(record, "resolvedAt"), _moment(record, "closedAt"))
        try:
            lost = length_of(length[0]) if length else None
        except InputError as error:
            return Missing("downtime", record.id, f"{record.id}: {error}")
        if since is not None and until is None and (lost is not None or not _open(record)):
            until = None if lost is None else since + lost
            if until is None:
                message = f"{record.id} does not say when {relation.object} was back; state validTo on the relation."
                return Missing("downtime", record.id, message)
        if since is None:
            around = _first(until, _moment(record, "recordedAt"))
            if lost is None or around is None:
                message = (
                    f"{record.id} does not say from when {relation.object} was down; state validFrom on the relation."
                )
                return Missing("downtime", record.id, message)
            if around >= by:
                return None
            return Outage(record.id, relation.object, around, around, lost, excused_by=excused)
        if since >= by:
            return None
        end = by if until is None else min(until, by)
        return Outage(record.id, relation.object, since, end, ongoing=until is None, excused_by=excused)


def validity(properties: Mapping[str, Value]) -> Interval:
    """When what has these properties is valid."""
    if VALID_FROM not in properties and VALID_TO not in properties:
        return BEGINNING, END
    return interval(str(properties.get(VALID_FROM, "")), str(properties.get(VALID_TO, "")))


def _moment(stated: Entity | Relation, property: str) -> int | None:
    found = values_of(stated, property)
    return microseconds(found[0]) if found else None


def _first(*moments: int | None) -> int | None:
    return next((one for one in moments if one is not None), None)


def _open(record: Entity) -> bool:
    return not {"resolved", "closed"} & set(values_of(record, "caseStatus"))
