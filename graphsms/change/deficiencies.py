"""What changes lack, for the checks: assessment, decision, a way back, a review in time, trends (8.5.1.3).

By the policy for change management that is kept with the graph, or ours, or the file that the check names as its
parameter ``policy``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.change.grounds import moment_of
from graphsms.change.kept_policy import policy_of
from graphsms.change.made import time_of
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request
from graphsms.change.trend_figures import last_day
from graphsms.change.trends import last_record
from graphsms.model import Entity
from graphsms.snapshot.validity import after, microseconds

__all__ = ["actions_overdue", "trends_overdue", "unassessed", "undecided", "unreviewed", "without_remediation"]


def unassessed(read: Estate, parameters: Mapping[str, str]) -> Examined:
    """Approved requests about which no assessment is recorded, and whose decision rests on none."""
    policy, words = _policy(read, parameters), read.vocabulary
    about, based_on, decides = (words.known_as(word) for word in ("subject of record", "based on", "decides on"))
    assessment = words.known_as("assessment of changes")

    def is_one(id: str) -> bool:
        return words.is_a(read.entities[id].type, assessment)

    def assessed(request: Entity) -> bool:
        leading = read.leading_to.get(request.id, ())
        if any(one.type == about and is_one(one.subject) for one in leading):
            return True
        decisions = [one.subject for one in leading if one.type == decides]
        return any(
            one.type == based_on and is_one(one.object) for id in decisions for one in read.leading_from.get(id, ())
        )

    found = list(_approved(read, policy))
    lacking = [
        Deficiency((one.id,), f"{one.name} is {_status(one)}, and no assessment of it is recorded.")
        for one in found
        if not assessed(one)
    ]
    return _examined(found, lacking)


def undecided(read: Estate, parameters: Mapping[str, str]) -> Examined:
    """Approved requests without a decision that approved them."""
    policy, words = _policy(read, parameters), read.vocabulary
    decides, kind = words.known_as("decides on"), words.known_as("decision on change")
    favourable = {outcome for outcome, status in policy.life.decided.items() if status in policy.ahead}

    def decided(request: Entity) -> bool:
        by = (read.entities[one.subject] for one in read.leading_to.get(request.id, ()) if one.type == decides)
        return any(words.is_a(one.type, kind) and one.properties.get("decision") in favourable for one in by)

    found = list(_approved(read, policy))
    lacking = [
        Deficiency((one.id,), f"{one.name} is {_status(one)}, and no decision that approved it is recorded.")
        for one in found
        if not decided(one)
    ]
    return _examined(found, lacking)


def without_remediation(read: Estate, parameters: Mapping[str, str]) -> Examined:
    """Approved requests that say neither in words nor by a plan how they are undone or put right."""
    policy = _policy(read, parameters)
    remedied = read.vocabulary.known_as("remediated by")
    found = list(_approved(read, policy))
    lacking = [
        Deficiency((one.id,), f"{one.name} is {_status(one)}, and how it is undone or put right is not recorded.")
        for one in found
        if not one.properties.get("remediation")
        and not any(relation.type == remedied for relation in read.leading_from.get(one.id, ()))
    ]
    return _examined(found, lacking)


def unreviewed(read: Estate, parameters: Mapping[str, str]) -> Examined:
    """Changes that were made longer ago than a review may take, and are not closed."""
    policy = _policy(read, parameters)
    present = microseconds(read.as_of)
    looked_at, lacking = 0, []
    for request in _requests(read):
        span = time_of(Request(request, ()))
        if _status(request) not in policy.made or span is None:
            continue
        due = after(span.end, policy.afterwards.reviewed_within)
        if due > present:
            continue
        looked_at += 1
        if policy.life.transitions.get(_status(request)):  # something may still follow: it is not over
            message = (
                f"{request.name} is {_status(request)} since {span.end[:10]}; its review was due by "
                f"{moment_of(due)[:10]}, and it is not closed."
            )
            lacking.append(Deficiency((request.id,), message))
    return Examined(looked_at, tuple(lacking), "" if looked_at else "no review of a change has become due")


def actions_overdue(read: Estate, parameters: Mapping[str, str]) -> Examined:
    """Actions that address changes and are past their day, and not over."""
    policy, words = _policy(read, parameters), read.vocabulary
    action, addressed_by = words.known_as("action"), words.known_as("addressed by")
    request = words.known_as("request for change")
    looked_at, lacking = 0, []
    for one in read.of_type(action):
        changes = [
            relation.object
            for relation in read.leading_from.get(one.id, ())
            if relation.type == addressed_by and words.is_a(read.entities[relation.object].type, request)
        ]
        due = str(one.properties.get("dueOn", ""))
        if not changes or not due:
            continue
        looked_at += 1
        if one.properties.get("caseStatus") not in policy.over and due < _day(read):
            message = f"{one.name} was to be done by {due}, as agreed after {', '.join(sorted(changes))}."
            lacking.append(Deficiency((one.id,), message, concerning=tuple(sorted(changes))))
    return Examined(looked_at, tuple(lacking), "" if looked_at else "no action with a day addresses a change")


def trends_overdue(read: Estate, parameters: Mapping[str, str]) -> Examined:
    """That requests for change are recorded, and no analysis of their trends within the interval of the policy."""
    policy = _policy(read, parameters)
    interval = policy.afterwards.trends_every
    if next(_requests(read), None) is None:
        return Examined(0, (), "no request for change is recorded")
    last = last_record(read.store, read.revision.number)
    if last is None:
        message = f"No analysis of the trends of changes is recorded; by the policy it is due every {interval}."
        return Examined(1, (Deficiency((), message, "changes"),))
    end = str(last.properties.get("periodEnd", ""))
    due = after(end, interval)
    if due > microseconds(read.as_of):
        return Examined(1, ())
    last_until, due_by = last_day(end), moment_of(due)[:10]
    message = f"The last analysis of the trends of changes is until {last_until}; the next was due by {due_by}."
    return Examined(1, (Deficiency((), message, "changes", concerning=(last.id,)),))


def _day(read: Estate) -> str:
    """The day that it is, in the zone of the organization."""
    return datetime.fromisoformat(read.as_of).astimezone(read.zone).date().isoformat()


def _policy(read: Estate, parameters: Mapping[str, str]) -> ChangePolicy:
    path = parameters.get("policy") or None
    return read.once(f"policy for change management {path}", lambda: policy_of(read.store, path, read.revision.number))


def _requests(read: Estate) -> Iterator[Entity]:
    return read.of_type(read.vocabulary.known_as("request for change"))


def _approved(read: Estate, policy: ChangePolicy) -> Iterator[Entity]:
    """Those that are approved and not made yet, without those that were approved once for all times."""
    for one in _requests(read):
        if _status(one) in policy.ahead and one.properties.get("changeCategory") not in policy.approved_in_advance:
            yield one


def _examined(looked_at: list[Entity], lacking: list[Deficiency]) -> Examined:
    note = "" if looked_at else "no request for change is approved and still to be made"
    return Examined(len(looked_at), tuple(lacking), note)


def _status(request: Entity) -> str:
    return str(request.properties.get("changeStatus", ""))
