"""The front of the pack of a meeting: the conflicts between its changes, and the changes, the riskiest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from graphsms.change.conflicts import Conflicts
from graphsms.change.pack import Pack
from graphsms.change.pack.chapter import beside_policy
from graphsms.change.pack.clock import day_of, window_of
from graphsms.report.document import Chapter, Column, Fact, Line, Listing, Row, Section
from graphsms.snapshot.carriage import STATES

__all__ = ["front_of"]


def front_of(pack: Pack) -> Chapter:
    """The first page."""
    between = pack.conflicts
    assert between is not None
    many, clock = len(pack.assessments), pack.inputs.zone
    spans = [one.span for one in pack.assessments if one.span[0]]
    days = [day_of(start, clock) for start, _ in spans]
    days += [day_of(end, clock, ends=True) for _, end in spans if end]
    when = f", {min(days)} to {max(days)}" if days else ""
    return Chapter(
        title=f"Agenda: {many} change{'s' if many != 1 else ''}{when}",
        answer=between.sentence(),
        facts=tuple(_facts(pack, between)),
        sections=(
            Section("Conflicts", "", tuple(_conflicts(between, clock)), "8.5.1.3"),
            Section("Changes, the riskiest first", "", (_changes(pack),)),
        ),
        map_after=2,
        notes=between.notes,
    )


def _facts(pack: Pack, between: Conflicts) -> Iterator[Fact]:
    statuses = Counter(request.status or "no status" for one in pack.assessments for request in one.requests)
    yield Fact("Changes", ", ".join(f"{number:,} {status}" for status, number in sorted(statuses.items())))
    yield Fact("Redundancy consumed together", f"{len(between.consumed):,}")
    yield Fact("Outside the calendar of changes", f"{len(between.breaches):,}")
    yield Fact("At once on the same things", f"{len(between.overlaps):,}")


def _changes(pack: Pack) -> Listing:
    columns = (
        Column("id", "id"),
        Column("name"),
        Column("window"),
        Column("status"),
        Column("category"),
        Column("risk"),
        Column("services hit"),
    )
    rows = []
    for one in pack.assessments:
        (request,), (rules,) = one.requests, one.classification
        states = [service.state for service in one.services()]
        recorded = request.says("riskLevel")
        risk = rules.risk.says if recorded == "" else beside_policy(recorded, rules.risk.says)
        counts = (f"{states.count(state)} {state}" for state in STATES[:0:-1] if state in states)
        rows.append(
            Row(
                (
                    request.id,
                    request.name,
                    window_of(*request.window, pack.inputs.zone),
                    request.status,
                    rules.category.says,
                    risk,
                    ", ".join(counts),
                ),
                (Line(one.sentence(emphasis="")), Line(rules.sentence(emphasis=""))),
            )
        )
    return Listing("", columns, tuple(rows), opens=1)


def _conflicts(between: Conflicts, clock: str) -> Iterator[Listing]:
    columns = (Column("changes"), Column("window"), Column("services that go down"), Column("used up"))
    rows = []
    for one in between.conflicts:
        used = [
            f"{group.group.id}: {len(group.lost)} of {group.members} lost, needs {group.minimum}"
            for group in one.groups
        ]
        detail = [
            Line(f"{group.group.id} loses {lost.entity.id} by {' or '.join(' and '.join(by) for by in lost.by)}")
            for group in one.groups
            for lost in group.lost
        ]
        detail += [
            Line(f"{each.entity.id} is down already: {each.because.id} {each.because.name}") for each in one.because
        ]
        because = tuple(dict.fromkeys(each.because.id for each in one.because))
        changes = " and ".join((*one.ids, *because))
        rows.append(
            Row(
                (
                    changes if one.kind != "alone" else f"{changes} alone",
                    "; ".join(window_of(*span, clock) for span in one.spans),
                    tuple(service.id for service in one.services),
                    "; ".join(used) or "no redundancy: it stands alone",
                ),
                tuple(detail),
            )
        )
    nothing = "None: no set of these changes takes a service down that no part of it does."
    yield Listing("Changes that take services down", columns, tuple(rows), empty=nothing, opens=3)
    if between.breaches:
        together: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
        for breach in between.breaches:
            what = (breach.kind, breach.of.name, tuple(window.name for window in breach.windows))
            together.setdefault(what, []).append(breach.change.id)
        yield Listing(
            "Outside the calendar of changes",
            (Column("what"), Column("for"), Column("windows"), Column("changes")),
            tuple(Row((*what, tuple(ids))) for what, ids in together.items()),
        )
    if between.overlaps:
        yield Listing(
            "At the same time, on the same or dependent things",
            (Column("changes"), Column("things"), Column("when")),
            tuple(
                Row(
                    (
                        " and ".join(change.id for change in one.changes),
                        tuple(thing.id for thing in one.things),
                        window_of(one.start, one.end, clock),
                    )
                )
                for one in between.overlaps
            ),
        )
