"""Control of configuration items (8.2.6, 8.5.1): what was changed without an approved request, or outside its window.

What changed is read off the history: every revision says who, why and under which request. The first revision that
brings items is the load that control begins with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graphsms.analysis.configuration_policy import ConfigurationPolicy, policy_of
from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.model import Entity, Relation, Revision, Touched
from graphsms.snapshot.validity import after, microseconds

__all__ = ["Change", "controlled_changes", "outside_window", "without_request", "without_revision"]

_NAMED: Final = 3  # of what a revision changed, in the message
_AT_MOST: Final = 1000  # of what a revision changed, on the finding
_ASIDE: Final = frozenset({"sourceKey", "link", "formerId", "reviewedOn"})  # bookkeeping, which changes nothing
# A request that was made, or closed afterwards, and did not end with nothing changed.
_MADE: Final = frozenset({"deployed", "closed"})
_NOTHING_CHANGED: Final = frozenset({"reversed", "unsuccessful", "not carried out"})
_REFERENCES: Final = ("reference", "sourceKey")


@dataclass(frozen=True, slots=True)
class Change:
    """A revision that changed controlled configuration items.

    Parameters
    ----------
    revision : Revision
    items : tuple of str
        Ids of the controlled items that it changed.
    request : Entity or None
        The request for change that it names, as it was recorded then.
    """

    revision: Revision
    items: tuple[str, ...]
    request: Entity | None


def controlled_changes(read: Estate) -> list[Change]:
    """The revisions that changed controlled configuration items, in order, after the first that brought any.

    Notes
    -----
    Proportional to what the revisions after the first did.
    """
    return read.once("controlled changes", lambda: list(_changes(read)))


def _changes(read: Estate) -> Iterator[Change]:
    rules = policy_of(read)
    until = read.revision.number
    items: dict[int, set[str]] = {}
    if until > 1:
        for touched in read.store.touched(1, until):
            items.setdefault(touched.revision, set()).update(_items(read, rules, touched))
        first = min((number for number, found in items.items() if found), default=0)
        if first and not _any_before(read, rules, first):
            del items[first]
        for revision in read.store.revisions(since=1):
            if items.get(revision.number):
                request = _request(read, revision.request, revision.number)
                yield Change(revision, tuple(sorted(items[revision.number])), request)


def _any_before(read: Estate, rules: ConfigurationPolicy, number: int) -> bool:
    """Whether there was any controlled item before a revision: a graph may begin with clauses, or with parties."""
    return any(any(True for _ in read.store.entities(type=type, at=number - 1)) for type in rules.controlled)


def _items(read: Estate, rules: ConfigurationPolicy, touched: Touched) -> Iterator[str]:
    """The controlled items that something done to an entity or a relation changed."""
    one = touched.after or touched.before
    if isinstance(one, Relation):
        ends = [read.entities.get(end) for end in (one.subject, one.object)]
        between = all(end is not None and _is_controlled(read, rules, end.type) for end in ends)
        # A relation is a change of what it leads from, where it is one between items.
        if between and not _the_same(touched.before, touched.after):
            yield one.subject
    elif one is not None and _is_controlled(read, rules, one.type) and not _the_same(touched.before, touched.after):
        yield one.id


def _is_controlled(read: Estate, rules: ConfigurationPolicy, type: str) -> bool:
    return type in read.vocabulary.types and read.vocabulary.any_of(type, rules.controlled)


def _the_same(before: Entity | Relation | None, then: Entity | Relation | None) -> bool:
    """Whether only bookkeeping changed, such as which source said it."""
    if before is None or then is None or before.type != then.type:
        return False
    one = {name: value for name, value in before.properties.items() if name not in _ASIDE}
    return one == {name: value for name, value in then.properties.items() if name not in _ASIDE}


def _request(read: Estate, named: str, at: int) -> Entity | None:
    """The request that a revision names: by its id, or by a number under which it is known."""
    if not named:
        return None
    found = read.store.entity(named, at)
    id = named if found is not None else read.once("requests", lambda: _by_number(read)).get(named.casefold())
    found = found or (read.store.entity(id, at) if id else None)
    kind = read.vocabulary.known_as("request for change")
    return found if found is not None and read.vocabulary.is_a(found.type, kind) else None


def _by_number(read: Estate) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in read.of_type(read.vocabulary.known_as("request for change")):
        for number in (*(one.properties.get(name) for name in _REFERENCES), one.id):
            if number:
                found[str(number).casefold()] = one.id
    return found


# ---------------------------------------------------------------------------------- for the checks


def without_request(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Revisions of controlled items that name no request for change that was approved."""
    rules = policy_of(read)
    changes = controlled_changes(read)
    found = [_deficiency(one, why) for one in changes if (why := _unapproved(read, rules, one))]
    return Examined(len(changes), tuple(found), _note(changes))


def _unapproved(read: Estate, rules: ConfigurationPolicy, change: Change) -> str:
    """Why a change was not under an approved request, as the end of a sentence; "" where it was."""
    named, request = change.revision.request, change.request
    if not named:
        return "without naming a request for change"
    if request is None:
        return f"under {named}, which is no request for change that was recorded then"
    status = request.properties.get("changeStatus")
    if status in rules.approved:
        return ""
    if request.properties.get("changeCategory") in rules.approved_afterwards:
        now = read.entities.get(request.id)
        if now is not None and now.properties.get("changeStatus") in rules.approved:
            return ""
    return f"under {request.id}, which was {status or 'of no stated status'} then"


def outside_window(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Revisions of controlled items outside the window of the request for change that they name."""
    rules = policy_of(read)
    dated = [one for one in controlled_changes(read) if one.request is not None and _window(one.request) != ("", "")]
    found = []
    for one in dated:
        assert one.request is not None
        start, end = _window(one.request)
        moment = microseconds(one.revision.time)
        if start and moment < microseconds(start):
            found.append(_deficiency(one, f"before the window of {one.request.id}, which began at {start[:16]}Z"))
        elif end and moment >= after(end, rules.recorded_after_window):
            found.append(_deficiency(one, f"after the window of {one.request.id}, which ended at {end[:16]}Z"))
    return Examined(len(dated), tuple(found), "" if dated else "no revision names a request for change with a window")


def _window(request: Entity) -> tuple[str, str]:
    return str(request.properties.get("windowStart", "")), str(request.properties.get("windowEnd", ""))


def without_revision(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Requests for change that were made since records are kept, without a revision of what they touch."""
    rules = policy_of(read)
    words = read.vocabulary
    touches = words.known_as("touched by change")
    first = next(iter(read.store.revisions()), None)
    revised: dict[str, set[str]] = {}
    for change in controlled_changes(read):
        if change.request is not None:
            revised.setdefault(change.request.id, set()).update(change.items)
    looked_at, found = 0, []
    for request in read.of_type(words.known_as("request for change")):
        status = request.properties.get("changeStatus")
        if status not in _MADE or request.properties.get("outcome") in _NOTHING_CHANGED or first is None:
            continue
        end = str(request.properties.get("endedAt", "")) or _window(request)[1]
        if end and microseconds(end) < microseconds(first.time):
            continue  # it was done before anything was recorded here
        items = [
            one.object
            for one in read.leading_from.get(request.id, ())
            if one.type == touches and _is_controlled(read, rules, read.entities[one.object].type)
        ]
        if not items:
            continue
        looked_at += 1
        if not revised.get(request.id):
            message = f"{request.name} is {status}, and no revision under it changed {', '.join(items[:_NAMED])}."
            found.append(Deficiency((request.id,), message, concerning=tuple(items)))
    nothing = "no request that touches a controlled item was deployed or closed since the first revision"
    return Examined(looked_at, tuple(found), "" if looked_at else nothing)


def _deficiency(change: Change, why: str) -> Deficiency:
    count, named = len(change.items), ", ".join(change.items[:_NAMED])
    more = f" and {count - _NAMED:,} more" if count > _NAMED else ""
    who = f" by {change.revision.actor}" if change.revision.actor else ""
    number = change.revision.number
    return Deficiency(
        (),
        f"Revision {number} of {change.revision.time[:16]}Z{who} changed {named}{more} {why}.",
        f"revision-{number}",
        concerning=change.items[:_AT_MOST],
    )


def _note(changes: list[Change]) -> str:
    return "" if changes else "no revision after the first changed a controlled configuration item"
