"""What targets of availability still allow: agreed hours, recorded downtime, exceptions, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsms
from graphsms import ontology
from graphsms.calendars.allowance import allowance, use
from graphsms.calendars.answers import ALLOWANCE_COLUMNS, USE_COLUMNS, Allowance, Use
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation
from memory_store import MemoryStore

WORDS = ontology.load()
NOW = "2026-11-21T12:00:00Z"
HOUR = 3600

# November 2026 has 720 hours in UTC, so that 99.5 % of round the clock allow three hours and 36 minutes.
ESTATE = """
- {id: web, type: Service, name: Web shop}
- {id: always, type: ServiceCalendar, openingHours: Mo-Su 00:00-24:00, timeZone: UTC}
- {id: office, type: ServiceCalendar, openingHours: Mo-Fr 08:00-18:00, timeZone: Europe/Berlin, keepsHolidaysOf: berlin}
- {id: berlin, type: HolidayCalendar, closedOn: 2026-11-18}
- {id: sunday, type: MaintenanceWindow, windowFor: web, windowStart: "2026-01-04T01:00:00Z",
   windowEnd: "2026-01-04T05:00:00Z", recurrence: FREQ=WEEKLY;BYDAY=SU, timeZone: UTC}
- {id: customer, type: AgreementException, exceptionKind: caused by customer}
- {id: sla, type: ServiceLevelAgreement, covers: web, hasTarget: [t, quick], hasServiceHours: always}
- {id: t, type: ServiceLevelTarget, targetFor: web, metric: availability, comparison: at least, targetValue: 99.5,
   unit: "%", countedOver: P1M}
- {id: quick, type: ServiceLevelTarget, targetFor: web, metric: latency, targetValue: 400, unit: ms}
"""


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        yield graph


def load(graph: graphsms.Graph, folder: Path, *more: str, **changed: str) -> None:
    """The estate with more entities, and with pieces of its text replaced."""
    text = ESTATE
    for one, other in changed.items():
        before, _, after = other.partition(" -> ")
        assert before in text, one
        text = text.replace(before, after)
    file = folder / "estate.yaml"
    file.write_text("entities:" + text + "\n".join(f"- {one}" for one in more), encoding="utf-8")
    graph.ingest(file)


def incident(id: str, start: str, end: str = "", **more: str) -> str:
    until = f', validTo: "{end}"' if end else ""
    said = "".join(f", {name}: {value}" for name, value in more.items())
    return f'{{id: {id}, type: Incident, affects: {{to: web, state: down, validFrom: "{start}"{until}}}{said}}}'


def one(graph: graphsms.Graph, *ids: str, as_of: str = NOW) -> Allowance:
    (found,) = graph.calendar.allowance(*(ids or ("sla",)), as_of=as_of).allowances
    return found


def with_outage(graph: graphsms.Graph, start: str, end: str, **more: Any) -> Use:
    (found,) = graph.calendar.use("sla", start=start, end=end, as_of=NOW, **more).uses
    return found


# ------------------------------------------------------------------------------------------- what counts


def test_what_is_allowed_is_a_share_of_agreed_time_and_what_is_recorded_is_used(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    load(graph, tmp_path, incident("inc", "2026-11-03T10:00:00Z", "2026-11-03T10:54:00Z"))
    found = one(graph)
    assert (found.period, found.start, found.end) == ("2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
    assert (found.agreed, found.allowed, found.used, found.left) == (720 * HOUR, 216 * 60, 54 * 60, 162 * 60)
    assert (found.share, found.missed, found.missing, found.assumptions) == (0.25, False, (), ())
    assert [outage.record for outage in found.outages] == ["inc"]


def test_outages_that_overlap_count_once_and_those_of_other_months_do_not(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    load(
        graph,
        tmp_path,
        incident("one", "2026-11-03T10:00:00Z", "2026-11-03T11:00:00Z"),
        incident("two", "2026-11-03T10:30:00Z", "2026-11-03T11:30:00Z"),
        incident("before", "2026-10-31T23:00:00Z", "2026-11-01T00:10:00Z"),
        incident("october", "2026-10-10T10:00:00Z", "2026-10-10T12:00:00Z"),
        incident("withdrawn", "2026-11-05T10:00:00Z", "2026-11-05T12:00:00Z", caseStatus="cancelled"),
    )
    assert one(graph).used == (90 + 10) * 60
    assert one(graph, as_of="2026-10-31").used == (60 + 120) * 60
    assert one(graph, as_of="2026-11-03T10:15:00Z").used == (15 + 10) * 60, "as far as it had come by then"


def test_only_agreed_service_time_counts_in_the_zone_of_the_calendar_without_holidays(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    load(
        graph,
        tmp_path,
        incident("early", "2026-11-03T06:00:00Z", "2026-11-03T07:30:00Z"),  # opens at 07:00 UTC
        incident("holiday", "2026-11-18T09:00:00Z", "2026-11-18T12:00:00Z"),
        incident("saturday", "2026-11-07T09:00:00Z", "2026-11-07T12:00:00Z"),
        hours="hasServiceHours: always -> hasServiceHours: office",
    )
    found = one(graph)
    assert (found.agreed, found.used) == (20 * 10 * HOUR, 30 * 60)
    assert (found.zone, found.hours) == ("Europe/Berlin", ("office",))


def test_of_target_agreement_and_service_the_first_that_states_hours_counts(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    load(graph, tmp_path, target="countedOver: P1M -> countedOver: P1M, hasServiceHours: office")
    assert one(graph).hours == ("office",)
    load(graph, tmp_path, agreement=", hasServiceHours: always -> ", web="name: Web shop -> hasServiceHours: office")
    assert one(graph).hours == ("office",)


def test_work_in_a_maintenance_window_does_not_count_up_to_its_allowance(graph: graphsms.Graph, tmp_path: Path) -> None:
    sunday = incident("patch", "2026-11-08T01:00:00Z", "2026-11-08T06:00:00Z")
    excepted = "covers: web -> covers: web, hasException: sunday"
    load(graph, tmp_path, sunday)
    assert one(graph).used == 5 * HOUR
    load(graph, tmp_path, sunday, sla=excepted)
    assert one(graph).used == 1 * HOUR
    load(graph, tmp_path, sunday, sla=excepted, window="recurrence: FREQ -> allowance: PT3H, recurrence: FREQ")
    assert one(graph).used == 2 * HOUR
    assert one(graph).agreed == 720 * HOUR, "the time itself was agreed"


def test_a_window_for_something_else_takes_nothing_out_and_that_is_said(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(
        graph,
        tmp_path,
        "{id: mail, type: Service}",
        incident("patch", "2026-11-08T01:00:00Z", "2026-11-08T03:00:00Z"),
        sla="covers: web -> covers: web, hasException: sunday",
        window="windowFor: web -> windowFor: mail",
    )
    assert one(graph).used == 2 * HOUR
    assert one(graph).notes == ("sunday is no window for web, and takes nothing out.",)


def test_the_allowance_of_a_window_is_spent_once_in_a_span(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(
        graph,
        tmp_path,
        incident("patch", "2026-11-08T01:00:00Z", "2026-11-08T03:00:00Z"),
        sla="covers: web -> covers: web, hasException: sunday",
        window="recurrence: FREQ -> allowance: PT3H, recurrence: FREQ",
    )
    assert one(graph).used == 0
    more = with_outage(graph, "2026-11-22T01:00:00Z", "2026-11-22T04:00:00Z")
    assert more.seconds == 2 * HOUR, "one of three hours was left"


def test_what_an_exception_excuses_does_not_count_for_agreements_that_have_it(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    theirs = incident("theirs", "2026-11-03T10:00:00Z", "2026-11-03T12:00:00Z", excusedBy="customer")
    ours = incident("ours", "2026-11-03T11:00:00Z", "2026-11-03T11:30:00Z")
    load(graph, tmp_path, theirs, ours)
    assert one(graph).used == 2 * HOUR
    load(graph, tmp_path, theirs, ours, sla="covers: web -> covers: web, hasException: customer")
    assert one(graph).used == 30 * 60, "what was lost for another reason as well was lost"


def test_what_is_not_over_counts_until_the_moment_and_only_what_is_down_counts(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    slow = '{id: slow, type: Incident, affects: {to: web, state: degraded, validFrom: "2026-11-02T00:00:00Z"}}'
    load(graph, tmp_path, incident("open", "2026-11-21T11:00:00Z", caseStatus="in progress"), slow)
    found = one(graph)
    assert (found.used, found.outages[0].ongoing) == (HOUR, True)
    assert found.notes == ("open has no end yet: it is counted until the moment asked about.",)
    assert one(graph, as_of="2026-11-21").used == 13 * HOUR, "a bare date is all of its day"


def test_a_measurement_that_found_more_than_incidents_say_counts_for_its_time(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    week = "{id: m, type: Measurement, measures: t, measuredValue: 99, periodStart: 2026-11-02, periodEnd: 2026-11-08}"
    load(
        graph,
        tmp_path,
        week,
        incident("in", "2026-11-03T10:00:00Z", "2026-11-03T11:00:00Z"),
        incident("after", "2026-11-12T10:00:00Z", "2026-11-12T10:10:00Z"),
    )
    assert one(graph).used == 0.01 * 168 * HOUR + 600
    assert len(one(graph).notes) == 1
    load(graph, tmp_path, week.replace("99,", "99.9,"))
    assert one(graph).used == HOUR + 600, "incidents say more"
    october = week.replace("2026-11-02", "2026-10-01").replace("2026-11-08", "2026-10-31")
    load(graph, tmp_path, october)
    assert (one(graph).used, one(graph, as_of="2026-10-31").used) == (HOUR + 600, 0.01 * 744 * HOUR)


def test_an_agreement_that_begins_in_the_span_has_agreed_the_rest_of_it(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(graph, tmp_path, sla="covers: web -> covers: web, validFrom: 2026-11-16")
    assert one(graph).agreed == 15 * 24 * HOUR
    assert graph.calendar.allowance(as_of="2026-11-10").allowances == (), "of all, those in force are listed"
    assert graph.calendar.allowance(as_of="2026-11-20").others == 1
    before = one(graph, as_of="2026-10-10")
    assert [(gap.what, gap.id) for gap in before.missing] == [("agreement", "sla")]
    assert (before.left, before.missed) == (None, None)


# ------------------------------------------------------------------------------------------- what is not known


@pytest.mark.parametrize(
    ("changed", "what", "about"),
    [
        ("targetValue: 99.5, -> ", "target value", "t"),
        ('unit: "%" -> unit: h', "target value", "t"),
        ("comparison: at least -> comparison: at most", "target value", "t"),
        ("targetValue: 99.5 -> targetValue: 995", "target value", "t"),
        (", countedOver: P1M -> ", "period", "t"),
        ("countedOver: P1M -> countedOver: P30D", "period", "t"),
        ("countedOver: P1M -> countedOver: P1M", "", ""),
        ("openingHours: Mo-Su 00:00-24:00, -> ", "service hours", "always"),
        ("timeZone: UTC}\n- {id: office -> timeZone: Europe/Nowhere}\n- {id: office", "service hours", "always"),
        ("openingHours: Mo-Su 00:00-24:00 -> specialHours: 2026-12-24 08:00-12:00", "service hours", "t"),
    ],
)
def test_what_is_not_recorded_is_said_and_nothing_is_guessed(
    graph: graphsms.Graph, tmp_path: Path, changed: str, what: str, about: str
) -> None:
    load(graph, tmp_path, changed=changed)
    found = one(graph)
    assert [(gap.what, gap.id) for gap in found.missing] == ([(what, about)] if what else [])
    assert found.known is not bool(what)
    outage = with_outage(graph, "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z")
    assert (outage.seconds is None) is bool(what)
    assert (outage.missed is None) is bool(what)


def test_a_target_for_nothing_has_no_downtime(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(
        graph,
        tmp_path,
        "{id: loose, type: ServiceLevelTarget, metric: availability, targetValue: 99, countedOver: P1M}",
    )
    found = one(graph, "loose")
    assert (found.agreement, found.used) == ("", None)
    assert [gap.what for gap in found.missing] == ["service"]


def test_what_is_taken_to_be_so_is_said(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(graph, tmp_path, hours=", hasServiceHours: always -> ", unit=' unit: "%", -> ')
    assert one(graph).assumptions == (
        "t states no unit: per cent is taken.",
        "No service hours are recorded: round the clock, by days of UTC, is taken.",
    )
    graph.set_zone("Europe/London")
    load(graph, tmp_path, hours="24:00, timeZone: UTC -> 24:00")
    assert one(graph).assumptions == ("always names no time zone: Europe/London is taken (that of the organization).",)


@pytest.mark.parametrize(
    ("record", "used", "missing", "assumed"),
    [
        ("affects: web, startedAt: 2026-11-03", 0, 1, 0),  # in no state
        ("affects: {to: web, state: down}", 0, 1, 0),
        ("affects: {to: web, state: down}, startedAt: 2026-11-03, caseStatus: closed", 0, 1, 0),
        ('affects: {to: web, state: down}, startedAt: 2026-11-03, resolvedAt: "2026-11-03T01:00Z"', 3600, 0, 0),
        ("affects: {to: web, downtime: PT11M}, recordedAt: 2026-11-03", 660, 0, 1),
        ("affects: {to: web, downtime: PT11M}, startedAt: 2026-11-03", 660, 0, 0),
        ("affects: {to: web, downtime: PT11M}, recordedAt: 2026-10-03", 0, 0, 0),
        ("affects: {to: web, downtime: P1M}, recordedAt: 2026-11-03", 0, 1, 0),
        ("affects: web, startedAt: 2026-09-03, closedAt: 2026-09-04", 0, 0, 0),  # whatever it was, it was before
    ],
)
def test_an_incident_that_says_too_little_is_told(
    graph: graphsms.Graph, tmp_path: Path, record: str, used: float, missing: int, assumed: int
) -> None:
    load(graph, tmp_path, f"{{id: inc, type: Incident, {record}}}")
    found = one(graph)
    assert (found.used, len(found.missing), len(found.assumptions)) == (used, missing, assumed)
    assert {gap.what for gap in found.missing} <= {"downtime"}
    assert found.known, "what is recorded can be said"
    assert (found.missed, found.bound) == ((None, "≥") if missing else (False, ""))


def test_what_took_data_away_took_no_service_away(graph: graphsms.Graph, tmp_path: Path) -> None:
    theft = "{id: sec, type: SecurityIncident, affects: web, securityProperty: confidentiality, startedAt: 2026-11-03}"
    load(graph, tmp_path, theft)
    assert one(graph).missing == ()
    load(graph, tmp_path, theft.replace("confidentiality", "availability"))
    assert [gap.id for gap in one(graph).missing] == ["sec"]


def test_a_window_whose_rule_cannot_be_followed_is_told_and_takes_nothing_out(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    load(
        graph,
        tmp_path,
        incident("patch", "2026-11-08T01:00:00Z", "2026-11-08T03:00:00Z"),
        sla="covers: web -> covers: web, hasException: sunday",
        rule="FREQ=WEEKLY;BYDAY=SU -> FREQ=WEEKLY;BYSETPOS=1",
    )
    assert one(graph).used == 2 * HOUR
    assert [(gap.what, gap.id) for gap in one(graph).missing] == [("exception", "sunday")]
    assert (one(graph).missed, one(graph).bound) == (False, "≤"), "all that may count is allowed"
    assert with_outage(graph, "2026-11-23T01:00:00Z", "2026-11-23T05:00:00Z").missed is None
    answer = graph.calendar.use("sla", start="2026-11-23T01:00Z", end="2026-11-23T05:00Z", as_of=NOW)
    assert "of 1 it is not known" in answer.sentence()


def test_what_is_neither_an_agreement_nor_a_target_is_refused(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(graph, tmp_path)
    with pytest.raises(InputError, match="web is a service; give agreements or targets"):
        graph.calendar.allowance("web")
    with pytest.raises(UnknownIdError, match="Did you mean sla"):
        graph.calendar.allowance("slaa")
    assert graph.calendar.allowance("quick").allowances == ()
    assert "nothing can be said" in graph.calendar.allowance("quick").sentence()
    with pytest.raises(InputError, match="No service calendar has the id 'web'"):
        graph.calendar.agreed("web", "2026-11-01", "2026-11-30")
    assert graph.calendar.agreed("office", "2026-11-01", "2026-11-30").length == 200 * HOUR * 1_000_000


# ------------------------------------------------------------------------------------------- what an outage uses


def test_an_outage_uses_what_is_not_lost_already(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(graph, tmp_path, incident("inc", "2026-11-03T10:00:00Z", "2026-11-03T13:00:00Z"))
    found = with_outage(graph, "2026-11-03T12:00:00Z", "2026-11-03T14:00:00Z")
    assert (found.seconds, found.share, found.left) == (HOUR, 60 / 216, -24 * 60)
    assert (found.missed, found.causes_miss, found.allowance.missed) == (True, True, False)
    answer = graph.calendar.use("sla", start="2026-11-26T21:00Z", end="2026-11-26T21:36Z", as_of=NOW)
    assert not answer.missed, "all is used and none is missed"
    assert answer.uses[0].left == 0
    assert "0 of 1 availability target is missed, 1 loses a part" in answer.sentence()


def test_an_outage_over_the_end_of_a_month_uses_something_of_both(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(graph, tmp_path)
    answer = graph.calendar.use("sla", start="2026-11-30T23:00Z", end="2026-12-01T02:00Z", as_of=NOW)
    assert sorted((one.allowance.period, one.seconds) for one in answer.uses) == [
        ("2026-11", HOUR),
        ("2026-12", 2 * HOUR),
    ]
    assert list(answer.to_frame().columns) == list(USE_COLUMNS)
    assert list(graph.calendar.allowance(as_of=NOW).to_frame().columns) == list(ALLOWANCE_COLUMNS)
    with pytest.raises(InputError, match="more than 100 spans"):
        graph.calendar.use("sla", start="2026-11-30", end="2046-11-30", as_of=NOW)
    with pytest.raises(InputError, match="not after"):
        use(graph.store, "sla", NOW, NOW)


def test_without_an_end_the_month_is_used_up_to_its_end(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(graph, tmp_path)
    (found,) = graph.calendar.use("sla", start="2026-11-30T21:00Z", as_of=NOW).uses
    assert (found.seconds, found.outage_end) == (3 * HOUR, "2026-12-01T00:00:00Z")


def test_agreements_in_force_when_the_outage_begins_are_asked_about(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(graph, tmp_path, sla="covers: web -> covers: web, validFrom: 2026-12-01")
    assert graph.calendar.allowance(as_of=NOW).allowances == ()
    (found,) = graph.calendar.use(start="2026-12-02T10:00Z", end="2026-12-02T11:00Z", as_of=NOW).uses
    assert (found.agreement, found.seconds) == ("sla", HOUR)


def test_a_rolling_span_ends_with_the_last_day_of_the_outage(graph: graphsms.Graph, tmp_path: Path) -> None:
    load(
        graph,
        tmp_path,
        incident("inc", "2026-11-01T23:00:00Z", "2026-11-02T01:00:00Z"),
        span="countedOver: P1M -> countedOver: P30D, rolling: true",
    )
    found = with_outage(graph, "2026-12-01T23:00:00Z", "2026-12-02T00:00:00Z")
    assert found.allowance.period == "2026-11-02 to 2026-12-01"
    assert (found.allowance.used, found.seconds) == (HOUR, HOUR)


def test_only_what_goes_down_uses_anything_and_targets_that_are_not_hit_are_left_out(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    load(graph, tmp_path)
    when = {"start": "2026-11-26T21:00Z", "end": "2026-11-26T22:00Z"}
    assert with_outage(graph, **when, state="degraded").seconds == 0
    assert with_outage(graph, **when, state={"web": "down", "other": "down"}).seconds == HOUR
    answer = graph.calendar.use("sla", **when, state={"other": "down"})
    assert answer.uses == ()
    assert "uses no allowance" in answer.sentence()


# ------------------------------------------------------------------------------------------- properties

MINUTES = 30 * 24 * 60
spans = st.tuples(st.integers(-500, MINUTES + 500), st.integers(1, 3000)).map(lambda two: (two[0], sum(two)))


def minute(number: int) -> str:
    moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=number)
    return moment.isoformat().replace("+00:00", "Z")


# From and to, in minutes, on how many days of the week.
HOURS = {"Mo-Su 00:00-24:00": (0, 1440, 7), "Mo-Fr 08:00-18:00": (480, 1080, 5), "Mo-Fr 22:00-02:00": (1320, 1560, 5)}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(spans, st.booleans()), max_size=4),
    st.sampled_from(sorted(HOURS)),
    st.none() | st.integers(1, 500),
    spans,
)
def test_it_is_what_somebody_who_ticks_each_minute_off_counts(
    outages: list[tuple[tuple[int, int], bool]], hours: str, most: int | None, more: tuple[int, int]
) -> None:
    window = {"windowStart": "2026-01-04T01:00:00Z", "windowEnd": "2026-01-04T05:00:00Z", "recurrence": "FREQ=WEEKLY"}
    entities = [
        Entity("web", "Service"),
        Entity("hours", "ServiceCalendar", {"openingHours": (hours,), "timeZone": "UTC"}),
        Entity("sunday", "MaintenanceWindow", window if most is None else {**window, "allowance": f"PT{most}M"}),
        Entity("theirs", "AgreementException"),
        Entity(
            "t",
            "ServiceLevelTarget",
            {"metric": "availability", "targetValue": 99.0, "unit": "%", "countedOver": "P1M"},
        ),
        *(Entity(f"inc-{number}", "Incident") for number in range(len(outages))),
    ]
    relations = [
        Relation("targetFor", "t", "web"),
        Relation("hasServiceHours", "t", "hours"),
        Relation("hasException", "t", "sunday"),
        Relation("hasException", "t", "theirs"),
    ]
    for number, ((since, until), excused) in enumerate(outages):
        said = {"state": "down", "validFrom": minute(since), "validTo": minute(until)}
        relations.append(Relation("affects", f"inc-{number}", "web", said))
        if excused:
            relations.append(Relation("excusedBy", f"inc-{number}", "theirs"))
    with MemoryStore(WORDS) as store:
        store.apply(ChangeSet(entities, relations))
        (before,) = allowance(store, "t", as_of=minute(MINUTES - 1)).allowances
        uses = use(store, "t", minute(more[0]), minute(more[1]), as_of=minute(MINUTES - 1)).uses
    opens, closes, days = HOURS[hours]

    def agreed(number: int) -> bool:
        """Whether a minute of November, which began on a Sunday, is agreed: by its own day or the one before."""
        own, before = ((number // 1440 - back + 6) % 7 < days for back in (0, 1))
        return (own and opens <= number % 1440 < closes) or (before and number % 1440 + 1440 < closes)

    def counted(those: list[tuple[tuple[int, int], bool]]) -> int:
        down = {number: False for (since, until), _ in those for number in range(max(since, 0), min(until, MINUTES))}
        for (since, until), excused in those:
            for number in range(max(since, 0), min(until, MINUTES)):
                down[number] = down[number] or not excused
        lost = [number for number, counts in down.items() if counts and agreed(number)]
        in_window = [number for number in lost if (number // 1440) % 7 == 0 and 60 <= number % 1440 < 300]
        return len(lost) - min(len(in_window), MINUTES if most is None else most)

    assert before.agreed == 60 * sum(map(agreed, range(MINUTES)))
    assert before.used == 60 * counted(outages)
    november = [one.seconds for one in uses if one.allowance.period == "2026-11"]
    assert sum(one or 0 for one in november) == 60 * (counted([*outages, (more, False)]) - counted(outages))
