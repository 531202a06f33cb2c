"""What is not known when changes are assessed: what might be hit all the same, and hits that rest on conclusions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from graphsms.change.considered import FOUND, NONE_FOUND, Part
from graphsms.change.reach import Reach
from graphsms.change.telling import listed, plural
from graphsms.report.tables import Table
from graphsms.snapshot.validity import after, microseconds

__all__ = ["MOST", "unknowns"]

MOST: Final = 1_000  # that are told one by one


def unknowns(reach: Reach) -> Iterator[Part]:
    """What is touched and has no dependencies, what is not known to be fine, what is stale, what was concluded."""
    yield _bare(reach)
    yield _not_known(reach)
    yield _stale(reach)
    yield _inferred(reach)


def _part(title: str, table: Table, sentence: str) -> Part:
    return Part(title, FOUND if table.rows else NONE_FOUND, sentence if table.rows else "None found.", table)


def _bare(reach: Reach) -> Part:
    """What is touched, and of which nothing says what it needs or what needs it."""
    rows = tuple(
        (id, one.name, reach.label(one.type)) for id, one in sorted(reach.touched.items()) if id in reach.around.bare
    )
    have = "has" if len(rows) == 1 else "have"
    return _part(
        "Touched, without recorded dependencies",
        Table(("id", "name", "type"), rows),
        f"{listed(row[0] for row in rows)} {have} no recorded dependencies: what else is hit is not known.",
    )


def _not_known(reach: Reach) -> Part:
    """What is not hit, and not known to be fine: one by one, and of more than can be read the number by cause."""
    verdict = reach.impact.verdict
    are = "is" if verdict.unknown == 1 else "are"
    many = plural(verdict.unknown, "thing")
    text = f"{many} that can fail {are} not hit as far as is recorded, and not known to be fine."
    title = "Not hit, but not known to be fine"
    if verdict.unknown > MOST:
        causes = tuple((cause, count) for cause, count in verdict.unknown_by_cause.items() if count)
        part = _part(title, Table(("cause", "count"), causes), text)
        return replace(part, note="They are counted by cause here; graphsms impact --unknown lists them.")
    found = sorted(reach.impact.unknown(), key=lambda one: one.id)
    rows = tuple((one.id, one.name, reach.label(one.type), one.causes, one.missing) for one in found)
    return _part(title, Table(("id", "name", "type", "causes", "missing"), rows), text)


def _stale(reach: Reach) -> Part:
    """What is touched or hit, and known from a source that has not been read for longer than it may be relied on."""
    moment, sources = microseconds(reach.as_of), reach.store.sources()
    described = reach.entities(one.name for one in sources)
    stale: dict[str, tuple[str, str]] = {}
    for one in sources:
        # What the graph says of a source goes before what its import said.
        says = described[one.name].properties.get("freshnessInterval") if one.name in described else None
        fresh_for = str(says or one.fresh_for)
        if fresh_for and after(one.last_import, fresh_for) < moment:
            stale[one.name] = (one.last_import, fresh_for)
    resting: dict[str, list[str]] = {name: [] for name in stale}
    if stale:
        for entity in reach.entities({*reach.touched, *(one.id for one in reach.failing)}).values():
            for name in {entity.source or "", *entity.stated} & stale.keys():
                resting[name].append(entity.id)
    rows = tuple((name, *stale[name], tuple(ids)) for name, ids in sorted(resting.items()) if ids)
    return _part(
        "Known from stale sources",
        Table(("source", "last_import", "fresh_for", "entities"), rows),
        f"What is said of {sum(map(len, resting.values())):,} of what is hit comes from sources that are stale: "
        f"{listed(row[0] for row in rows)}.",
    )


def _inferred(reach: Reach) -> Part:
    """Relations that were concluded and not recorded, and what is hit through them."""
    hit = {one.id: one for one in reach.hits}
    relations = reach.vocabulary.relations
    rows = []
    for one in reach.around.inferred:
        for told, sender in ((one.subject, one.object), (one.object, one.subject)):
            if told in hit and sender in hit[told].hit.through:
                rows.append((told, hit[told].state, one.subject, relations[one.type].label, one.object))
    return _part(
        "Hit through what was concluded",
        Table(("id", "state", "subject", "relation", "object"), tuple(rows)),
        f"{plural(len(rows), 'hit')} rest on relations that were concluded, not recorded: "
        f"{listed(row[0] for row in rows)}.",
    )
