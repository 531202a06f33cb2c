"""Every store answers the same about what targets of availability still allow, now and as of an earlier revision."""

from __future__ import annotations

from graphsms.calendars.allowance import allowance, use
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store

NOW = "2026-11-21T12:00:00Z"
HOUR = 3600


def test_hours_windows_holidays_and_downtime_are_read_from_every_store(store: Store) -> None:
    figures: dict[str, str | float] = {"metric": "availability", "targetValue": 99.5, "unit": "%", "countedOver": "P1M"}
    store.apply(
        ChangeSet(
            [
                Entity("web", "Service"),
                Entity("sla", "ServiceLevelAgreement", {"validFrom": "2026-01-01T00:00:00Z"}),
                Entity("t", "ServiceLevelTarget", figures),
                Entity(
                    "office",
                    "ServiceCalendar",
                    {
                        "openingHours": ("Mo-Fr 08:00-18:00", "Su 00:00-06:00"),
                        "specialHours": ("2026-11-20 08:00-12:00",),
                        "timeZone": "Europe/London",
                    },
                ),
                Entity("holidays", "HolidayCalendar", {"closedOn": ("2026-11-18", "2026-12-25")}),
                Entity(
                    "sunday",
                    "MaintenanceWindow",
                    {
                        "windowStart": "2026-01-04T01:00:00Z",
                        "windowEnd": "2026-01-04T05:00:00Z",
                        "recurrence": "FREQ=WEEKLY;BYDAY=SU",
                        "allowance": "PT2H",
                    },
                ),
                Entity("inc", "Incident", {"caseStatus": "closed"}),
            ],
            [
                Relation("hasTarget", "sla", "t"),
                Relation("targetFor", "t", "web"),
                Relation("hasServiceHours", "sla", "office"),
                Relation("keepsHolidaysOf", "office", "holidays"),
                Relation("hasException", "sla", "sunday"),
                Relation("windowFor", "sunday", "web"),
            ],
        )
    )
    down = {"state": "down", "validFrom": "2026-11-08T02:00:00Z", "validTo": "2026-11-08T05:30:00Z"}
    second = store.apply(ChangeSet(relations=[Relation("affects", "inc", "web", down)]))
    agreed = (20 * 10 + 4 + 5 * 6) * HOUR  # 21 working days, of which one is a holiday and one is shorter: 19 are whole
    agreed -= 10 * HOUR
    (now,) = allowance(store, as_of=NOW).allowances
    assert (now.agreed, now.used, now.missing, now.assumptions) == (agreed, 1.5 * HOUR, (), ())
    (before,) = allowance(store, "sla", at=second.number - 1, as_of=NOW).allowances
    assert (before.agreed, before.used) == (agreed, 0)
    (more,) = use(store, "t", "2026-11-22T01:00:00Z", "2026-11-22T06:00:00Z", as_of=NOW).uses
    assert (more.seconds, more.missed) == (5 * HOUR, True), "the window's allowance is spent"
    assert allowance(store, at=0).allowances == ()
