"""What ServiceNow promises, and when it counts: definitions of SLAs with their targets, and schedules.

::

    (SLA)-[has target]->(target)-[target for]->(offering)<-[covers]-(SLA)-[has service hours]->(schedule)

An offering has commitments, and a commitment names the definition of an SLA; a schedule is made of spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.ingest.record_values import Cell, hours_since_epoch, week
from graphsms.ingest.records import Record, Records

__all__ = ["schedules", "targets"]

_STAMP: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})[T ]?([01]\d|2[0-3]):?([0-5]\d):?([0-5]\d)Z?")
_REPEATED: Final[Mapping[str, str]] = {"daily": "1234567", "weekdays": "12345", "weekends": "67"}
_NO_CELL: Final = Cell("")

ByTable = Mapping[str, Sequence[Record]]


def targets(records: Records, by_table: ByTable) -> Iterator[RawStatement]:
    """The target of each definition of an SLA, and the offerings that both are for."""
    rule = records.rules["sla"]
    made: set[str] = set()
    for sla in by_table.get(rule["table"], ()):
        hours = hours_since_epoch(sla.said("duration"))
        metric = rule["metric"].get(sla.said("target").casefold())
        own = records.id_of(sla.table, sla.key)
        if not hours or not float(hours) or metric is None:
            message = "{n} of contract_sla have no fixed duration, or are no response or resolution: without a target."
            records.tally.add(sla.origin, "duration", "no-target", message)
            continue
        properties: dict[str, object] = {
            "name": records.name_of(own),
            "metric": metric,
            "comparison": rule["comparison"],
            "targetValue": hours,
            "unit": rule["unit"],
        }
        condition = re.search(rule["priority"], sla.said("start_condition"))
        if condition:
            properties["forPriority"] = [one for one in condition[1].split(",") if one]
        made.add(own)
        yield RawEntity(f"{own}#target", rule["type"], properties, sla.origin)
        yield RawRelation(rule["has"]["relation"], own, f"{own}#target", sla.origin)
    yield from _committed(records, by_table, rule, made)
    yield from _measured(records, by_table, rule, made)


def _committed(records: Records, by_table: ByTable, rule: Any, made: set[str]) -> Iterator[RawRelation]:
    commitments, committed = rule["commitments"], rule["committed"]
    slas = {one.key: one.cell(commitments["sla"]) for one in by_table.get(commitments["table"], ())}
    for one in by_table.get(committed["table"], ()):
        cell = slas.get(one.said(committed["commitment"]), _NO_CELL)
        sla = records.find(rule["table"], cell)
        offering = records.find(committed["to"], one.cell(committed["offering"]))
        if sla is None or offering is None:
            message = "{n} commitments of offerings name no definition of an SLA that is here; left out."
            records.tally.add(one.origin, "", "no-ends", message)
            continue
        agreement = records.tables.inherited(rule["table"], "type")
        service = records.tables.inherited(committed["to"], "type")
        yield RawRelation(rule["promise"]["relation"], sla, offering, one.origin, {}, service, agreement)
        if sla in made:
            yield RawRelation(rule["target_for"]["relation"], f"{sla}#target", offering, one.origin, {}, service)


def _measured(records: Records, by_table: ByTable, rule: Any, made: set[str]) -> Iterator[RawStatement]:
    """How long it took in single cases, of those that are over."""
    measured = rule["measured"]
    metrics = {
        records.id_of(one.table, one.key): rule["metric"].get(one.said("target").casefold())
        for one in by_table.get(rule["table"], ())
    }
    for one in by_table.get(measured["table"], ()):
        sla = records.find(rule["table"], one.cell("sla"))
        task = records.find("task", one.cell("task"))
        begin, end = (records.moment(one, name) for name in ("start_time", "end_time"))
        hours = hours_since_epoch(one.said("business_duration"))
        if sla not in made or task is None or begin is None or end is None or not begin < end or hours is None:
            message = "{n} of task_sla are not over, or of no definition that is here; left out."
            records.tally.add(one.origin, "", "not-measured", message)
            continue
        id = records.id_of(one.table, one.key)
        said: dict[str, object] = {
            "name": f"{records.name_of(sla)}: {records.name_of(task)}",
            "metric": metrics[sla],
            "measuredValue": hours,
            "unit": rule["unit"],
            "periodStart": begin,
            "periodEnd": end,
            "sourceKey": one.key,
        }
        yield RawEntity(id, measured["type"], said, one.origin)
        yield RawRelation(measured["against"]["relation"], id, f"{sla}#target", one.origin)


def schedules(records: Records, by_table: ByTable) -> Iterator[RawStatement]:
    """The spans of schedules as hours of the week and days on which it is closed."""
    rule = records.rules["spans"]
    found: dict[str, tuple[set[str], set[str], Record]] = {}
    for span in by_table.get(rule["table"], ()):
        schedule = records.find(rule["schedule"], span.cell("schedule"))
        if schedule is None or schedule not in records.by_id:
            continue
        hours, closed, _ = found.setdefault(schedule, (set(), set(), span))
        taken_out = span.said("type").casefold() in rule["taken_out"]
        read = _day(span) if taken_out else _hours(span)
        if read is None:
            message = "{n} spans of schedules can be said neither as hours of the week nor as a closed day; left out."
            records.tally.add(span.origin, "", "unreadable-span", message)
        else:
            (closed if taken_out else hours).add(read)
    for schedule, (hours, closed, _) in found.items():
        said: dict[str, object] = {}
        if hours:
            said[rule["hours"]["property"]] = sorted(hours)
        if closed:
            said[rule["closed"]["property"]] = sorted(closed)
        if said:
            yield RawEntity(schedule, records.types[schedule], said, records.by_id[schedule].origin)


def _stamp(span: Record, name: str) -> re.Match[str] | None:
    return _STAMP.fullmatch(span.said(name))


def _day(span: Record) -> str | None:
    start = _stamp(span, "start_date_time")
    return f"{start[1]}-{start[2]}-{start[3]}" if start else None


def _hours(span: Record) -> str | None:
    """A span that comes again, as hours of the week."""
    start, end = _stamp(span, "start_date_time"), _stamp(span, "end_date_time")
    repeat = span.said("repeat_type").casefold()
    days = _REPEATED.get(repeat) or (span.said("days_of_week") if repeat == "weekly" else "")
    if start is None or end is None or not re.fullmatch("[1-7]{1,7}", days):
        return None
    opens, closes = f"{start[4]}:{start[5]}", f"{end[4]}:{end[5]}"
    if closes in ("00:00", "23:59") or span.said("all_day") in ("true", "1"):
        closes = "24:00"
    if span.said("all_day") in ("true", "1"):
        opens = "00:00"
    return f"{week(days)} {opens}-{closes}" if opens < closes else None
