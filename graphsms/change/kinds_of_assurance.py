"""Parts of an assessment that tell what assures services: documents, redundancy, continuity, records (8.5.1.3 c, d)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graphsms.change.assessment import Impacted
from graphsms.change.considered import FOUND, NONE_FOUND, NOT_RECORDED, Part
from graphsms.change.considering import Spec
from graphsms.change.grounds import moment_of
from graphsms.change.reach import Reach
from graphsms.change.telling import label_of, listed, none_of, plural, shown
from graphsms.model import Entity, Relation
from graphsms.report.tables import Cell, Table
from graphsms.snapshot.carriage import STATES
from graphsms.snapshot.validity import after, microseconds
from graphsms.vocabulary import LIFECYCLE

__all__ = ["documents", "groups", "plans", "records", "required"]

_DOWN: Final = STATES[-1]


# -------------------------------------------------------------------------------------- documents


def documents(spec: Spec, reach: Reach) -> Part:
    """Documents that are touched, or that are about what is touched, hit or new; and which are due a look."""
    found = _documents(spec, reach)
    rows: list[tuple[Cell, ...]] = []
    overdue: list[str] = []
    for one in found:
        due, late = review_of(one, reach.as_of)
        overdue += [one.id] if late else []
        hit = reach.by_id.get(one.id)
        rows.append(
            (
                hit.state if hit else "",
                one.id,
                one.name,
                reach.label(one.type),
                reach.why(one.id),
                one.properties.get("documentStatus"),
                due or None,
                late,
            )
        )
    columns = ("state", "id", "name", "type", "why", "status", "review_due", "overdue")
    table = Table(columns, tuple(rows))
    if not rows:
        unknown = "" if reach.any_recorded(spec.types) else f"No {label_of(spec.types, reach)} is recorded."
        return none_of(spec, table, unknown)
    late_ones = f"; overdue for review: {listed(overdue)}" if overdue else ""
    return Part(spec.title, FOUND, f"{spec.title} due a look: {listed(one.id for one in found)}{late_ones}.", table)


def required(spec: Spec, reach: Reach) -> Part:
    """Of each kind of document that the standard requires, which are due a look, and whether there is any at all."""
    found = _documents(spec, reach)
    rows: list[tuple[Cell, ...]] = []
    missing: list[str] = []
    for type in spec.types:
        below = reach.below([type])
        those = tuple(one.id for one in found if one.type in below)
        recorded = bool(those) or reach.any_recorded([type])
        missing += [] if recorded else [reach.label(type)]
        rows.append((reach.label(type), FOUND if those else NONE_FOUND if recorded else NOT_RECORDED, those))
    table = Table(("kind", "answer", "documents"), tuple(rows))
    said = [f"Required by the standard and due a look: {listed(one.id for one in found)}"] if found else []
    said += [f"not recorded at all: {', '.join(missing)}"] if missing else []
    if not said:
        return none_of(spec, table)
    text = "; ".join(said)
    return Part(spec.title, FOUND if found else NOT_RECORDED, f"{text[0].upper()}{text[1:]}.", table)


def _documents(spec: Spec, reach: Reach) -> list[Entity]:
    ids = {*reach.leading_here, *reach.touched, *reach.introduced}
    wanted = reach.below(spec.types) - reach.below(spec.without)
    return [one for one in reach.entities(ids).values() if one.type in wanted]


def review_of(one: Entity, as_of: str) -> tuple[str, bool]:
    """On which day something is to be reviewed next, or "", and whether that day has passed at a moment."""
    last, interval = (str(one.properties.get(name, "")) for name in ("reviewedOn", "reviewInterval"))
    if not last or not interval:
        return "", False
    due = after(f"{last[:10]}T00:00:00Z", interval)
    return moment_of(due)[:10], due < microseconds(as_of)


# -------------------------------------------------------------------------------------- redundancy


@dataclass(frozen=True, slots=True)
class _Group:
    hit: Impacted
    members: tuple[str, ...]
    needed: int
    stated: bool
    down_before: int
    down_after: int
    lost: tuple[str, ...]

    @property
    def left_before(self) -> int:
        return len(self.members) - self.down_before - self.needed

    @property
    def left(self) -> int:
        return len(self.members) - self.down_after - self.needed


def groups(spec: Spec, reach: Reach) -> Part:
    """Of each group that is hit: how many of its members can still be lost, without the changes and with them."""
    found = list(_groups(reach))
    columns = (
        "state", "id", "name", "members", "needed", "down_before", "down_after", "left_before", "left_after", "hit",
    )  # fmt: skip
    rows = tuple(
        (
            one.hit.state,
            one.hit.id,
            one.hit.hit.name,
            len(one.members),
            one.needed,
            one.down_before,
            one.down_after,
            one.left_before,
            one.left,
            one.lost,
        )
        for one in found
    )
    table = Table(columns, rows)
    if not rows:
        return none_of(spec, table)
    broken = [one.hit.id for one in found if one.left < 0]
    bare = [one.hit.id for one in found if one.left == 0 and one.down_after > one.down_before]
    said = [f"{plural(len(found), 'group')} hit"]
    if broken:
        said.append(f"fewer members than needed: {listed(broken)}")
    if bare:
        said.append(f"one more loss would stop {listed(bare)}")
    unsaid = [one.hit.id for one in found if not one.stated]
    note = f"How many members are needed is not recorded and taken as all: {listed(unsaid)}." if unsaid else ""
    return Part(spec.title, FOUND, "; ".join(said) + ".", table, note)


def _groups(reach: Reach) -> Iterator[_Group]:
    types = reach.vocabulary.types
    hit = [one for one in reach.failing if types[one.hit.type].quorum]
    members = _members(hit, reach)
    entities = reach.entities({*(one.id for one in hit), *(id for some in members.values() for id in some)})
    for one in hit:
        quorum = types[one.hit.type].quorum
        assert quorum is not None
        live = tuple(id for id in members[one.id] if id in entities and _live(entities[id], reach))
        stated = entities[one.id].properties.get(quorum.property)
        yield _Group(
            one,
            live,
            stated if isinstance(stated, int) else len(live),
            isinstance(stated, int),
            sum(reach.before.get(id) == _DOWN for id in live),
            sum(reach.after.get(id) == _DOWN for id in live),
            tuple(id for id in live if id in reach.by_id),
        )


def _members(hit: Iterable[Impacted], reach: Reach) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {one.id: [] for one in hit}
    for relation in sorted({type.quorum.relation for type in reach.vocabulary.types.values() if type.quorum}):
        for one in reach.relations(relation):
            if one.subject in found:
                found[one.subject].append(one.object)
    return found


def _live(one: Entity, reach: Reach) -> bool:
    code_list = reach.vocabulary.properties[LIFECYCLE].code_list
    code = reach.vocabulary.code_lists[code_list].code(str(one.properties.get(LIFECYCLE, ""))) if code_list else None
    return (code is None or code.carries_failure is not False) and reach.valid(Relation("", "", "", one.properties))


# -------------------------------------------------------------------------------------- continuity


def plans(spec: Spec, reach: Reach) -> Part:
    """Plans for continuity that are about what is hit, when they were tested, and which tests count no longer."""
    vocabulary = reach.vocabulary
    found = [one for one in reach.hits if one.concerned and vocabulary.any_of(one.hit.type, spec.types)]
    entities = reach.entities(one.id for one in found)
    last = _last_tests(spec.word("test"), sorted(entities), reach)
    rows: list[tuple[Cell, ...]] = []
    again: list[str] = []
    for one in found:
        touched = any({each.subject, each.object} & reach.touched.keys() for each in reach.leading_here.get(one.id, ()))
        again += [one.id] if touched else []
        test = last.get(one.id)
        interval = str(entities[one.id].properties.get("testInterval", ""))
        due = after(_date(test), interval) if test and interval else None
        rows.append(
            (
                one.state,
                one.id,
                one.hit.name,
                reach.why(one.id),
                _date(test)[:10] if test else None,
                str(test.properties.get("outcome", "")) if test else None,
                None if due is None else moment_of(due)[:10],
                due is not None and due < microseconds(reach.as_of),
                touched,
            )
        )
    columns = ("state", "id", "name", "why", "last_test", "outcome", "test_due", "overdue", "test_again")
    table = Table(columns, tuple(rows))
    if not rows:
        unknown = "" if reach.any_recorded(spec.types) else f"No {label_of(spec.types, reach)} is recorded."
        return none_of(spec, table, unknown)
    untested = [str(row[1]) for row in rows if row[4] is None]
    said = [f"Continuity plans concerned: {listed(one.id for one in found)}"]
    if again:
        said.append(f"to be tested again after the change: {listed(again)}")
    if overdue := [str(row[1]) for row in rows if row[7]]:
        said.append(f"test overdue: {listed(overdue)}")
    if untested:
        said.append(f"never tested: {listed(untested)}")
    return Part(spec.title, FOUND, "; ".join(said) + ".", table)


def _last_tests(relation: str, ids: list[str], reach: Reach) -> Mapping[str, Entity]:
    """By plan, the test of it that ended last before the moment."""
    tests: dict[str, list[str]] = {}
    for one in reach.store.relations(objects=ids, type=relation, at=reach.revision) if ids else ():
        tests.setdefault(one.object, []).append(one.subject)
    entities = reach.entities(id for some in tests.values() for id in some)
    moment = microseconds(reach.as_of)
    found: dict[str, Entity] = {}
    for plan, some in tests.items():
        done = [entities[id] for id in some if (date := _date(entities[id])) and microseconds(date) <= moment]
        if done:
            found[plan] = max(done, key=lambda one: (microseconds(_date(one)), one.id))
    return found


def _date(test: Entity) -> str:
    return str(test.properties.get("endedAt") or test.properties.get("startedAt") or "")


# ----------------------------------------------------------------------------------------- records


def records(spec: Spec, reach: Reach) -> Part:
    """Records of certain types that lead to what is touched or hit; of cases those that are not over."""
    on: dict[str, list[str]] = {}
    for type in spec.relations:
        for one in reach.relations(type):
            if one.object in reach.own:
                on.setdefault(one.subject, []).append(one.object)
    vocabulary = reach.vocabulary
    found = [
        one
        for one in reach.entities(on).values()
        if vocabulary.any_of(one.type, spec.types)
        and not (spec.status and one.properties.get(spec.status) in reach.policy.over)
    ]
    rows = tuple(
        (
            one.id,
            one.name,
            reach.label(one.type),
            tuple(dict.fromkeys(on[one.id])),
            reach.worst(on[one.id]),
            *shown(one, spec.show),
        )
        for one in found
    )
    table = Table(("id", "name", "type", "on", "state_of_it", *spec.show), rows)
    if not rows:
        unknown = "" if reach.any_recorded(spec.types) else f"No {label_of(spec.types, reach)} is recorded."
        return none_of(spec, table, unknown)
    kinds = Counter(reach.label(one.type) for one in found)
    counted = ", ".join(plural(count, kind) for kind, count in sorted(kinds.items()))
    return Part(spec.title, FOUND, f"{spec.title}: {counted} on it.", table)
