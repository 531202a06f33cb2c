"""What a management review looks at of the management system: 9.3 a) to g)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from graphsms.model import Entity
from graphsms.obligations.audit_programme import programme
from graphsms.obligations.nonconformities import Corrective, corrective, nonconformities
from graphsms.obligations.review import Part
from graphsms.obligations.review.figures import goal, latest
from graphsms.obligations.review.reading import Reading, count, part, said

__all__ = [
    "actions",
    "audits",
    "context",
    "feedback",
    "improvements",
    "monitoring",
    "nonconforming",
    "objectives",
    "policies",
]

Found = tuple[list[str], list[Part]]
_LOAD: Final = 1


def actions(of: Reading) -> Found:
    """a) What became of what earlier reviews agreed."""
    reviews = [one.id for one in of.all("management review")]
    kind = of.word("action")
    found = {each.id: each for id in reviews for each in of.back(id, "arises from")}
    agreed = [corrective(of.read, one) for one in found.values() if of.read.vocabulary.is_a(one.type, kind)]
    decided = {each.id: each for id in reviews for each in of.back(id, "decided in")}
    if not reviews:
        return [], []
    done, late = sum(one.done for one in agreed), sum(one.overdue for one in agreed)
    sentences = [
        f"{count(reviews, 'earlier review')} agreed on {count(agreed, 'action')}: {done} done, "
        f"{len(agreed) - done} open, {late} of them overdue."
    ]
    rows = ((one.id, one.name, ", ".join(one.assigned_to), one.due, _how(one), one.effectiveness) for one in agreed)
    parts = [part("Actions of earlier reviews", ("name", "who", "due", "status", "effectiveness"), rows)]
    if decided:
        rows_ = ((one.id, one.name, said(one, "decision"), said(one, "decidedAt")[:10]) for one in decided.values())
        parts.append(part("Decisions of earlier reviews", ("name", "decision", "on"), rows_))
    return sentences, parts


def _how(one: Corrective) -> str:
    return f"{one.status or 'no status'}{', overdue' if one.overdue else ''}"


def context(of: Reading) -> Found:
    """b) How the issues of the organization have changed."""
    issues = [one for word in ("issue of context", "need of a party") for one in of.all(word)]
    if not issues:
        return [], []
    changed = {one.id: how for one in issues if (how := _changed(of, one))}
    seen = [one for one in issues if _in_days(of, said(one, "reviewedOn"))]
    rows = (
        (one.id, one.name, said(one, "issueOrigin"), changed.get(one.id, "not changed"), said(one, "reviewedOn"))
        for one in issues
    )
    said_ = (
        f"{count(issues, 'issue')} and needs of parties; {len(changed)} new or changed, {len(seen)} looked at again."
    )
    return [said_], [part("Issues and needs", ("name", "origin", "since then", "looked at on"), rows)]


def _in_days(of: Reading, day: str) -> bool:
    return bool(day) and of.since[:10] <= day[:10] <= of.until[:10]


def _changed(of: Reading, one: Entity) -> str:
    """How something changed in the period, by the history: new, changed, or ""; the first revision is the load."""
    times = of.read.once("times", lambda: {each.number: each.time for each in of.read.store.revisions()})
    last = of.read.revision.number
    for each in of.read.store.touched_of(one.id):
        own = isinstance(each.before or each.after, Entity)
        if own and _LOAD < each.revision <= last and of.within(times[each.revision]):
            return "new" if each.before is None else "changed"
    return ""


def nonconforming(of: Reading) -> Found:
    """c) 1) Trends of nonconformities and corrective actions."""
    found = list(nonconformities(of.read))
    if not found:
        return [], []
    earlier = of.before()
    new = sum(of.within(one.recorded) for one in found)
    before = sum(of.within(one.recorded, earlier, of.since) for one in found)
    closed = sum(of.within(said(of.read.entities[one.id], "closedAt")) for one in found)
    open_ = [one for one in found if one.open]
    late = [one for one in found if one.overdue]
    lacking = Counter(what for one in found for what in one.lacks)
    lacks = ", ".join(f"{number} without {what}" for what, number in sorted(lacking.items())) or "none lacks anything"
    sentence = (
        f"{count(new, 'nonconformity', 'nonconformities')} recorded in the period ({before} in the one before), "
        f"{closed} closed; {len(open_)} open, {len(late)} overdue; {lacks}."
    )
    acts = of.all("corrective action")
    done = [said(one, "closedAt") or said(one, "resolvedAt") for one in acts]
    corrected = (
        f"{count(sum(map(of.within, done)), 'corrective action')} done in the period "
        f"({sum(of.within(one, earlier, of.since) for one in done)} in the one before), of {len(acts)}."
    )
    rows = (
        (one.id, one.name, one.conformity, one.status, one.due, ", ".join(a.id for a in one.actions), one.effectiveness,
         ", ".join(one.lacks))
        for one in found
        if one.open or of.within(one.recorded) or of.within(said(of.read.entities[one.id], "closedAt"))
    )  # fmt: skip
    columns = ("name", "grade", "status", "due", "actions", "effectiveness", "lacks")
    return [sentence, corrected], [part("Nonconformities and corrective actions", columns, rows)]


def monitoring(of: Reading) -> Found:
    """c) 2) What measures say, held against what was to be reached."""
    measures = of.all("measure")
    rows = []
    for one in measures:
        figures = latest(of, one.id)
        now, before = (*figures[:2], None, None)[:2]
        aim = goal(one)
        rows.append(
            (one.id, one.name, aim.text if aim else "", _figure(now), _figure(before), aim.verdict(now) if aim else "")
        )
    if not measures:
        return [], []
    known = sum(bool(row[3]) for row in rows)
    missed = [str(row[0]) for row in rows if row[5] == "missed"]
    sentence = f"{known} of {count(measures, 'measure')} with a figure; {len(missed)} missed{_named(missed)}."
    return [sentence], [part("Measures", ("name", "target", "latest", "before", "result"), rows)]


def _figure(one: Entity | None) -> str:
    value = None if one is None else one.properties.get("measuredValue")
    return f"{value:g} {said(one, 'unit')}".strip() if one and isinstance(value, int | float) else ""


def _named(ids: list[str]) -> str:
    return f": {', '.join(ids)}" if ids else ""


def audits(of: Reading) -> Found:
    """c) 3) What audits found, and whether they keep their programme."""
    every = of.happened(of.all("audit"))
    known = programme(of.read)
    if not every and not known.known:
        return [], []
    raised = {
        one.id: [each.id for each in of.back(one, "arises from") if of.is_a(each, "nonconformity")] for one in every
    }
    number = sum(map(len, raised.values()))
    before = sum(of.within(of.date(one), of.before(), of.since) for one in of.all("audit"))
    sentences = [
        f"{count(every, 'audit')} in the period ({before} in the one before), with "
        f"{count(number, 'nonconformity', 'nonconformities')}."
    ]
    if known.known:
        sentences.append(known.sentence())
    rows = (
        (one.id, one.name, said(one, "auditKind"), of.date(one)[:10], said(one, "result"), ", ".join(raised[one.id]))
        for one in every
    )
    return sentences, [part("Audits", ("name", "kind", "on", "result", "nonconformities"), rows)]


def improvements(of: Reading) -> Found:
    """d) Where something could be better."""
    cases, chances = of.all("improvement"), of.all("opportunity")
    if not cases and not chances:
        return [], []
    by = Counter(said(one, "improvementStatus") or "no status" for one in cases)
    stands = ", ".join(f"{number} {status}" for status, number in sorted(by.items()))
    new = of.happened(cases, "recordedAt")
    sentences = [f"{count(cases, 'improvement')}{f' ({stands})' if stands else ''}, {len(new)} new in the period."]
    if chances:
        sentences.append(f"{count(chances, 'opportunity', 'opportunities')}.")
    rows = [
        (one.id, one.name, said(one, "improvementStatus"), said(one, "improvementArea"), said(one, "recordedAt")[:10],
         said(one, "effectiveness"))
        for one in cases
        if said(one, "improvementStatus") not in ("evaluated", "rejected") or one in new
    ]  # fmt: skip
    more = [(one.id, one.name, said(one, "riskStatus"), said(one, "impact")) for one in chances]
    return sentences, [
        part("Improvements", ("name", "status", "area", "recorded", "effectiveness"), rows),
        *([part("Opportunities", ("name", "status", "impact"), more)] if more else []),
    ]


def feedback(of: Reading) -> Found:
    """e) What customers and other parties say."""
    complaints, surveys = of.all("complaint"), of.all("satisfaction survey")
    if not complaints and not surveys:
        return [], []
    new, open_ = of.happened(complaints, "recordedAt"), of.open(complaints)
    nobody = [one.id for one in open_ if not of.to(one, "assigned to")]
    alone = f", {len(nobody)} with nobody{_named(nobody)}" if nobody else ""
    sentences = [f"{count(new, 'complaint')} in the period; {len(open_)} open{alone}."]
    held = sorted(of.happened(surveys), key=lambda one: of.date(one))
    sentences += [
        f"{one.name}: {said(one, 'satisfactionScore') or 'no score'} "
        f"({said(one, 'satisfactionScale') or 'no scale'}, {said(one, 'sampleSize') or 'no number of'} answers)."
        for one in held
    ]
    if not held:
        sentences.append("No satisfaction survey in the period.")
    rows = (
        (one.id, one.name, ", ".join(each.id for each in of.to(one, "raised by")), said(one, "caseStatus"),
         said(one, "recordedAt")[:10], said(one, "resolution"))
        for one in complaints
        if one in new or one in open_
    )  # fmt: skip
    scores = (
        (one.id, one.name, said(one, "satisfactionScore"), said(one, "satisfactionScale"), of.date(one)[:10])
        for one in held
    )
    return sentences, [
        part("Complaints", ("name", "raised by", "status", "recorded", "resolution"), rows),
        part("Satisfaction", ("name", "score", "scale", "on"), scores),
    ]


def policies(of: Reading) -> Found:
    """f) Whether policies are kept to and still fit."""
    every = [one for one in of.all("policy") if said(one, "documentStatus") != "withdrawn"]
    if not every:
        return [], []
    rows = list(_policies(of, every))
    unapproved = [row[0] for row in rows if row[2] != "approved"]
    late = [row[0] for row in rows if of.overdue(row[4])]
    broken = [row[0] for row in rows if row[5]]
    sentence = (
        f"{count(every, 'policy', 'policies')}: {len(unapproved)} not approved{_named(unapproved)}; "
        f"{len(late)} overdue for review{_named(late)}; {len(broken)} with nonconformities that are open or of the "
        f"period{_named(broken)}."
    )
    columns = ("name", "status", "approved", "review due", "not kept to in")
    return [sentence], [part("Policies", columns, rows)]


def _policies(of: Reading, every: list[Entity]) -> Iterator[tuple[str, str, str, str, str, str]]:
    for one in every:
        broken = of.back(one, "fails to meet")
        counted = [each.id for each in broken if each in of.open(broken) or of.within(said(each, "recordedAt"))]
        yield (
            one.id, one.name, said(one, "documentStatus"), said(one, "approvedOn"), of.review_due(one),
            ", ".join(counted),
        )  # fmt: skip


def objectives(of: Reading) -> Found:
    """g) Which objectives are achieved."""
    every = of.all("objective")
    if not every:
        return [], []
    by = Counter(said(one, "objectiveStatus") or "no status" for one in every)
    late = [one.id for one in every if of.overdue(said(one, "dueOn")) and said(one, "objectiveStatus") != "achieved"]
    stands = ", ".join(f"{number} {status}" for status, number in sorted(by.items()))
    rows = []
    for one in every:
        aim = goal(one)
        figures = [f for id in (one.id, *(m.id for m in of.to(one, "told by measure"))) for f in latest(of, id)]
        now = figures[0] if figures else None
        rows.append(
            (one.id, one.name, said(one, "objectiveStatus"), said(one, "dueOn"), aim.text if aim else "", _figure(now),
             ", ".join(each.id for each in of.to(one, "told by measure")))
        )  # fmt: skip
    sentence = f"{count(every, 'objective')}: {stands}; {len(late)} past their day and not achieved{_named(late)}."
    return [sentence], [part("Objectives", ("name", "status", "due", "target", "latest", "measured by"), rows)]
