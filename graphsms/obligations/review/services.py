"""What a management review looks at of services, other parties, resources, risks and changes: 9.3 h) to l)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from graphsms.calendars.allowance import allowance
from graphsms.change.trend_figures import last_day
from graphsms.model import Entity
from graphsms.obligations.nonconformities import corrective
from graphsms.obligations.review import Part
from graphsms.obligations.review.figures import MISSED, goal, latest
from graphsms.obligations.review.reading import Reading, count, part, said
from graphsms.report.tables import Cell
from graphsms.snapshot.validity import microseconds

__all__ = ["changes", "other_parties", "resources", "risks", "services"]

Found = tuple[list[str], list[Part]]
_NOT_MADE: Final = frozenset({"", "draft", "recorded", "assessed", "deferred", "approved", "in implementation"})


def _named(ids: list[str]) -> str:
    return f": {', '.join(ids)}" if ids else ""


def services(of: Reading) -> Found:
    """h) How the services do: what was measured of targets, what availability still allows, incidents."""
    targets, incidents = of.all("performance target"), of.all("incident")
    measured = sorted((row for one in targets for row in _measured(of, one)), key=lambda row: row[5] != MISSED)
    allowed = _allowed(of)
    new = of.happened(incidents, "recordedAt") or of.happened(incidents, "startedAt")
    if not measured and not allowed and not incidents:
        return [], []
    missed = sorted({str(row[1]) for row in measured if row[5] == MISSED})
    over = [str(row[1]) for row in allowed if row[6] == "missed"]
    major = [one.id for one in new if of.is_a(one, "major incident")]
    sentences = [
        f"{count(measured, 'measurement')} of {count(targets, 'target')} in the period; targets missed in it: "
        f"{len(missed)}{_named(missed)}.",
        f"{count(allowed, 'target')} of availability {'has' if len(allowed) == 1 else 'have'} an allowance that runs; "
        f"{len(over)} used up{_named(over)}.",
        f"{count(new, 'incident')} in the period, {len(major)} of them major{_named(major)}.",
    ]
    by_service = _by_service(of, new)
    return sentences, [
        part("Targets measured", ("target", "name", "target value", "measured", "result", "until"), measured),
        part(
            "Allowances of availability",
            ("target", "service", "period", "allowed (min)", "used (min)", "result"),
            allowed,
            "No target of availability in force has an allowance that can be told.",
        ),
        part("Services with incidents", ("name", "incidents", "major", "which"), by_service),
    ]


def _measured(of: Reading, target: Entity) -> Iterator[tuple[Cell, ...]]:
    aim = goal(target)
    for one in latest(of, target.id):
        if of.within(said(one, "periodEnd")):
            value = f"{_plain(one.properties.get('measuredValue'))} {said(one, 'unit') or said(target, 'unit')}".strip()
            result = aim.verdict(one) if aim else ""
            yield (
                one.id,
                target.id,
                target.name,
                aim.text if aim else "",
                value,
                result,
                last_day(said(one, "periodEnd")),
            )


def _allowed(of: Reading) -> list[tuple[Cell, ...]]:
    read = of.read
    found = allowance(read.store, (), at=read.revision.number, as_of=of.until, zone=read.zone)
    return [
        (one.agreement or one.target, one.target, ", ".join(one.services), one.period, _minutes(one.allowed),
         f"{one.bound}{_minutes(one.used)}", "missed" if one.missed else "" if one.missed is None else "kept")
        for one in found.allowances
        if one.known
    ]  # fmt: skip


def _minutes(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 60:g}"


def _by_service(of: Reading, incidents: list[Entity]) -> list[tuple[Cell, ...]]:
    found: dict[str, list[Entity]] = defaultdict(list)
    for one in incidents:
        for service in of.to(one, "affected by case"):
            if of.is_a(service, "service"):
                found[service.id].append(one)
    most_first = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        (id, of.read.entities[id].name, len(some), sum(of.is_a(one, "major incident") for one in some),
         ", ".join(one.id for one in some))
        for id, some in most_first
    ]  # fmt: skip


def other_parties(of: Reading) -> Found:
    """i) How those who contribute to the services do."""
    supplies = [one for one in of.all("supply relationship") if of.read.live(one)]
    if not supplies:
        return [], []
    rows = []
    for one in supplies:
        suppliers = of.to(one, "supplier of supply")
        subjects = [one.id, *(each.id for each in suppliers)]
        looks = sorted(
            (
                each
                for id in subjects
                for each in of.back(id, "evaluated in")
                if of.date(each) or said(each, "evaluatedOn")
            ),
            key=lambda each: (said(each, "evaluatedOn") or of.date(each)[:10], each.id),
        )
        last = looks[-1] if looks else None
        on = (said(last, "evaluatedOn") or of.date(last)[:10]) if last else ""
        agreements = [each for each in of.back(one, "covered by agreement") if of.is_a(each, "agreement")]
        disputed = [each for id in (one.id, *(a.id for a in agreements)) for each in of.back(id, "disputed in")]
        rows.append(
            (one.id, one.name, ", ".join(each.name for each in suppliers), on,
             said(last, "evaluationResult") if last else "", ", ".join(sorted({each.id for each in of.open(disputed)})),
             ", ".join(each.id for each in agreements))
        )  # fmt: skip
    judged = [row for row in rows if row[3] and of.since[:10] <= str(row[3])[:10] <= of.until[:10]]
    without = [str(row[0]) for row in rows if not row[3]]
    disputes = sorted({id for row in rows for id in str(row[5]).split(", ") if id})
    bare = [str(row[0]) for row in rows if not row[6]]
    sentences = [
        f"{count(supplies, 'supply', 'supplies')} by other parties: {len(judged)} evaluated in the period, "
        f"{len(without)} never{_named(without[:10])}{' and more' if len(without) > 10 else ''}.",
        f"{count(disputes, 'open dispute')}{_named(disputes)}; {len(bare)} without an agreement{_named(bare)}.",
    ]
    columns = ("name", "supplier", "evaluated", "result", "open disputes", "agreements")
    return sentences, [part("Supplies by other parties", columns, rows)]


def resources(of: Reading) -> Found:
    """j) What people, technology, information and money there are and will be."""
    figures, budgets, roles = of.all("capacity figure"), of.all("budget"), of.all("role")
    needs = [(one, each) for each in of.all("competence") for one in of.back(each, "required competence")]
    if not figures and not budgets and not roles and not needs:
        return [], []
    capacity = [_capacity(of, one) for one in figures]
    short = [str(row[0]) for row in capacity if row[7] == "reached"]
    empty = [one.id for one in roles if not of.to(one, "holder of role")]
    lacking = [(one, each) for one, each in needs if not of.back(each, "held competence")]
    money = [_money(of, one) for one in budgets]
    overspent = [str(row[0]) for row in money if row[5] == "over"]
    sentences = [
        f"{count(figures, 'figure')} of capacity, {len(short)} at the threshold or over it{_named(short)}.",
        f"{count(roles, 'role')}, {len(empty)} held by nobody{_named(empty)}; "
        f"{count(lacking, 'required competence')} that nobody has.",
        f"{count(budgets, 'budget')}, {len(overspent)} overspent{_named(overspent)}.",
    ]
    people = [(one.id, one.name, "held by nobody") for one in roles if one.id in empty]
    people += [(one.id, one.name, f"nobody has the competence {each.name}") for one, each in lacking]
    columns = ("of", "kind", "provided", "used", "threshold", "unit", "result")
    return sentences, [
        part("Capacity", columns, capacity),
        part("People and competence", ("name", "what lacks"), people),
        part("Money", ("name", "budget", "spent", "currency", "result"), money),
    ]


def _capacity(of: Reading, one: Entity) -> tuple[Cell, ...]:
    provided, used, limit = (one.properties.get(f"capacity{name}") for name in ("Provided", "Used", "Threshold"))
    most = limit if isinstance(limit, int | float) else provided
    result = ""
    if isinstance(used, int | float) and isinstance(most, int | float):
        result = "reached" if used >= most else "below"
    return (
        one.id, ", ".join(each.id for each in of.to(one, "has capacity")), said(one, "figureKind"), _plain(provided),
        _plain(used), _plain(limit), said(one, "unit"), result,
    )  # fmt: skip


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else ""


def _money(of: Reading, one: Entity) -> tuple[Cell, ...]:
    amount = one.properties.get("amount")
    spent = [
        float(value)
        for each in of.back(one, "charged cost")
        if said(each, "figureKind") != "forecast" and isinstance(value := each.properties.get("amount"), int | float)
    ]
    result = "" if not isinstance(amount, int | float) else "over" if sum(spent) > amount else "within"
    return (one.id, one.name, _plain(amount), f"{sum(spent):g}", said(one, "currency"), result if spent else "")


def risks(of: Reading) -> Found:
    """k) What was found of risks, and whether what is done about them works."""
    every, held = of.all("risk"), of.happened(of.all("assessment of risk"))
    if not every and not held:
        return [], []
    live = [one for one in every if said(one, "riskStatus") != "closed"]
    by = Counter(said(one, "riskLevel") or "not judged" for one in live)
    levels = ", ".join(
        f"{number} {level}" for level, number in sorted(by.items(), key=lambda p: -of.rank("riskLevel", p[0]))
    )
    acts = [corrective(of.read, one) for one in of.all("treatment of risk")]
    late = [one.id for one in acts if one.overdue]
    effects = Counter(one.effectiveness or "not judged" for one in acts if one.done)
    worked = ", ".join(f"{number} {what}" for what, number in sorted(effects.items())) or "none done"
    bare = [one.id for one in live if not of.back(one, "addressed by") and said(one, "riskStatus") != "accepted"]
    sentences = [
        f"{count(live, 'risk')}{f' ({levels})' if levels else ''}; {count(held, 'assessment')} in the period"
        f"{_named([one.id for one in held])}.",
        f"{count(acts, 'treatment')}: {worked}; {len(late)} overdue{_named(late)}. "
        f"Without any treatment or acceptance: {len(bare)}{_named(bare)}.",
    ]
    live.sort(key=lambda one: (-of.rank("riskLevel", said(one, "riskLevel")), one.id))
    rows = (
        (one.id, one.name, said(one, "riskLevel"), said(one, "residualRiskLevel"), said(one, "riskStatus"),
         ", ".join(each.id for each in of.to(one, "owned by")), of.review_due(one))
        for one in live
    )  # fmt: skip
    done = (
        (one.id, one.name, one.status, one.due, "overdue" if one.overdue else "", one.effectiveness) for one in acts
    )
    return sentences, [
        part("Risks", ("name", "level", "residual", "status", "owner", "review due"), rows),
        part("Treatments", ("name", "status", "due", "late", "effectiveness"), done),
    ]


def changes(of: Reading) -> Found:
    """l) What may change for the management system and the services."""
    requests = of.all("request for change")
    ahead = [one for one in requests if said(one, "changeStatus") in _NOT_MADE and not said(one, "endedAt")]
    end = microseconds(of.until)
    agreements = [
        one
        for one in of.all("agreement")
        if of.read.live(one) and (ends := said(one, "validTo")) and end < microseconds(ends) <= end + _YEAR
    ]
    if not requests and not agreements:
        return [], []
    major = [one for one in ahead if of.rank("riskLevel", said(one, "riskLevel")) >= of.rank("riskLevel", "high")]
    sentences = [
        f"{count(ahead, 'request')} for change still to be made, {len(major)} of high risk or more"
        f"{_named([one.id for one in major])}.",
        f"{count(agreements, 'agreement')} {'ends' if len(agreements) == 1 else 'end'} within a year"
        f"{_named([one.id for one in agreements])}.",
    ]
    ahead.sort(key=lambda one: (-of.rank("riskLevel", said(one, "riskLevel")), one.id))
    rows = (
        (one.id, one.name, said(one, "changeStatus"), said(one, "riskLevel"), said(one, "windowStart")[:10],
         ", ".join(each.id for each in of.to(one, "touched by change")[:5]))
        for one in ahead
    )  # fmt: skip
    ending = ((one.id, one.name, one.type, said(one, "validTo")[:10]) for one in agreements)
    return sentences, [
        part("Requests for change still to be made", ("name", "status", "risk", "window", "on what"), rows),
        part("Agreements that end", ("name", "type", "ends"), ending),
    ]


_YEAR: Final = 365 * 24 * 3_600_000_000
