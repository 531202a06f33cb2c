"""Parts of an assessment that tell of other changes: requests, releases and deployments (8.5.1.3 e)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphsms.analysis.seeding import Case, open_case
from graphsms.calendars.timeset import TimeSet
from graphsms.change.calendar import frozen, read_windows
from graphsms.change.considered import FOUND, NONE_FOUND, NOT_RECORDED, Part
from graphsms.change.considering import Spec
from graphsms.change.grounds import moment_of
from graphsms.change.reach import Reach
from graphsms.change.requests import Request
from graphsms.change.telling import label_of, listed, none_of, plural
from graphsms.errors import InputError
from graphsms.model import Entity
from graphsms.report.tables import Cell, Table

__all__ = ["freezes", "releases", "requests"]


@dataclass(frozen=True, slots=True)
class _Other:
    request: Request
    overlap: tuple[int, int] | None
    how: str


def requests(spec: Spec, reach: Reach) -> Part:
    """Other requests that are not yet made: on the same things, or at the same time and hitting the same things."""
    found = sorted(
        _others(reach), key=lambda one: (one.overlap is None, one.request.says("windowStart"), one.request.id)
    )
    rows = tuple(
        (
            one.request.id,
            one.request.name,
            one.request.status,
            *(part or None for part in one.request.window),
            *((moment_of(part) or None for part in one.overlap) if one.overlap else (None, None)),
            one.how,
        )
        for one in found
    )
    columns = ("id", "name", "status", "start", "end", "overlap_start", "overlap_end", "how")
    table = Table(columns, rows)
    if not rows:
        return none_of(spec, table)
    together = [one.request.id for one in found if one.overlap]
    apart = [one.request.id for one in found if not one.overlap]
    said = [f"At the same time: {listed(together)}"] if together else []
    said += [f"on the same things at another time: {listed(apart)}"] if apart else []
    text = "; ".join(said)
    return Part(spec.title, FOUND, f"{text[0].upper()}{text[1:]}.", table)


def _others(reach: Reach) -> Iterator[_Other]:
    hit = {one.id for one in reach.failing}
    nodes: Mapping[str, int] | None = None
    for other in reach.others:
        same = [one.entity.id for one in other.touches if one.entity.id in reach.touched]
        on_hit = [one.entity.id for one in other.touches if one.entity.id in hit and one.entity.id not in same]
        overlap = _overlap(reach.span, other.span)
        said = [f"touches {listed(same)} too"] if same else []
        if overlap and on_hit:
            said.append(f"touches {listed(on_hit)}, which is hit")
        if overlap and other.touches:
            if nodes is None:
                nodes = _nodes(reach)
            shared = _also_hit(other, nodes, reach)
            if left := [id for id in shared if id not in same and id not in on_hit]:
                said.append(f"hits {listed(left)} as well")
        if said:
            yield _Other(other, overlap, "; ".join(said))


def _nodes(reach: Reach) -> Mapping[str, int]:
    """The nodes of what is hit, services first, in the live graph of the moment."""
    ids = [one.id for one in reach.failing]
    graph = _graph_of(reach, reach.requests[:1]).graph if ids else None
    keys = reach.store.keys(ids, reach.revision) if ids else []
    found: dict[str, int] = {}
    for id, key in zip(ids, keys, strict=True):
        node = None if key is None or graph is None else graph.node(key)
        if node is not None:
            found[id] = node
    return found


def _also_hit(other: Request, nodes: Mapping[str, int], reach: Reach) -> list[str]:
    theirs = frozenset(_graph_of(reach, [other]).spread().nodes)
    return [id for id, node in nodes.items() if node in theirs]


def _graph_of(reach: Reach, asked: Sequence[Request]) -> Case:
    modes = {id: mode for one in asked for id, mode in one.modes().items()}
    ids = [*modes] or [one.id for one in asked]
    return open_case(reach.store, ids, reach.policy.mode, reach.revision, reach.as_of, None, None, modes)


def _overlap(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or other is None:
        return None
    since, until = max(one[0], other[0]), min(one[1], other[1])
    return (since, until) if since < until else None


def freezes(spec: Spec, reach: Reach) -> Part:
    """Freezes of what is touched, or of services that stand on it, in the time in which the change is made."""
    columns = ("id", "name", "of", "start", "end", "freeze_start", "freeze_end")
    if reach.span is None:
        text = "There is no window: whether the change is made in a freeze is not known."
        return Part(spec.title, NOT_RECORDED, text, Table(columns, ()))
    known = [one for one in read_windows(reach.store, reach.revision) if one.freeze]
    rows: list[tuple[Cell, ...]] = []
    wrong: list[str] = []
    for one in frozen(reach.store, reach.touched, known, at=reach.revision, as_of=reach.as_of):
        try:
            held = one.between(*reach.span) & TimeSet.of([reach.span])
        except InputError as error:
            wrong.append(str(error))
            continue
        of = tuple(each.id for each in one.of)
        start, end = (str(one.entity.properties.get(name, "")) or None for name in ("windowStart", "windowEnd"))
        rows += [
            (one.entity.id, one.entity.name, of, moment_of(since), moment_of(until), start, end)
            for since, until in held
        ]
    table, note = Table(columns, tuple(rows)), " ".join(wrong)
    if rows:
        return Part(spec.title, FOUND, f"Made in a freeze: {listed(str(row[0]) for row in rows)}.", table, note)
    return Part(spec.title, NOT_RECORDED if wrong else NONE_FOUND, note or "None found.", table)


def releases(spec: Spec, reach: Reach) -> Part:
    """Releases or deployments of the changes in question, and those to come that bring something to what is hit."""
    why = _linked(spec, reach)
    entities = reach.entities(why)
    own = {one.id for one in reach.requests}
    found = [
        one
        for one in entities.values()
        if reach.vocabulary.any_of(one.type, spec.types) and (own & set(why[one.id]) or not _over(one, spec))
    ]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.id,
            one.name,
            reach.label(one.type),
            str(one.properties.get("releaseStatus") or one.properties.get("outcome") or ""),
            one.properties.get("windowStart"),
            one.properties.get("windowEnd"),
            tuple(why[one.id]),
        )
        for one in found
    )
    table = Table(("id", "name", "type", "status", "start", "end", "of"), rows)
    if not rows:
        unknown = "" if reach.any_recorded(spec.types) else f"No {label_of(spec.types, reach)} is recorded."
        return none_of(spec, table, unknown)
    what = plural(len(found), reach.label(spec.types[0]))
    return Part(spec.title, FOUND, f"{what}: {listed(one.id for one in found)}.", table)


def _linked(spec: Spec, reach: Reach) -> dict[str, list[str]]:
    """By id of a release or deployment, what of the changes and of what they hit it is of."""
    implements = reach.vocabulary.known_as("implemented by release")
    roots = {one.id: [one.id] for one in reach.requests}
    for request in reach.requests:
        for one in request.led_from.get(implements, ()):
            roots.setdefault(one.id, []).append(request.id)
    for relation in reach.relations(spec.word("of_item")):
        if relation.object in reach.own:
            roots.setdefault(relation.subject, []).append(relation.object)
    found = {id: of for id, of in roots.items() if id not in {one.id for one in reach.requests}}
    for relation in reach.store.relations(objects=sorted(roots), type=spec.word("of_request"), at=reach.revision):
        found.setdefault(relation.subject, []).extend(
            one for one in roots[relation.object] if one not in found[relation.subject]
        )
    return found


def _over(one: Entity, spec: Spec) -> bool:
    return bool(one.properties.get("endedAt")) or one.properties.get("releaseStatus") in spec.over
