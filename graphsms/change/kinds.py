"""How the parts of an assessment are made, by kind: what is hit, and who and what is told of it (8.5.1.3 a to d).

Each kind is a function of what is stated for the part (`graphsms.change.considering`) and of what the changes reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from graphsms.change.assessment import Impacted
from graphsms.change.considered import FOUND, NOT_RECORDED, Part, Section, state_of
from graphsms.change.considering import Heading, Spec
from graphsms.change.kinds_of_agreement import targets
from graphsms.change.kinds_of_assurance import documents, groups, plans, records, required
from graphsms.change.kinds_of_change import freezes, releases, requests
from graphsms.change.reach import Reach
from graphsms.change.telling import label_of, listed, none_of, plural, shown
from graphsms.report.tables import Cell, Table

__all__ = ["KINDS", "part_of", "section_of"]


def section_of(heading: Heading, reach: Reach) -> Section:
    """A letter with its parts; its sentence is of those that found something."""
    parts = tuple(part_of(spec, reach) for spec in heading.parts)
    state = state_of(part.state for part in parts)
    if state == FOUND:
        said = " ".join(part.sentence for part in parts if part.state == FOUND)
    elif state == NOT_RECORDED:
        said = " ".join(part.sentence for part in parts if part.state == NOT_RECORDED)
    else:
        said = "None found."
    return Section(heading.letter, f"8.5.1.3 {heading.letter}", heading.title, state, said, parts)


def part_of(spec: Spec, reach: Reach) -> Part:
    """One part of an assessment."""
    return KINDS[spec.kind](spec, reach)


# ------------------------------------------------------------------------------------ what is hit


def services(spec: Spec, reach: Reach) -> Part:
    """The services hit, what is touched itself among them."""
    found = [one for one in reach.failing if _first(one, reach)]
    return _hits(spec, found, reach, "service", _says_nothing(reach))


def items(spec: Spec, reach: Reach) -> Part:
    """Whatever else is hit and can fail."""
    found = [one for one in reach.failing if not _first(one, reach)]
    return _hits(spec, found, reach, "thing", _says_nothing(reach))


def _says_nothing(reach: Reach) -> str:
    return "" if reach.touched or reach.hits else "The request says nothing of what it touches."


def _first(one: Impacted, reach: Reach) -> bool:
    ranks = reach.impact.section_ranks
    return ranks[one.hit.section] == min(ranks.values(), default=0)


def _hits(spec: Spec, found: Sequence[Impacted], reach: Reach, what: str, unknown: str) -> Part:
    rows = tuple(
        (
            one.state,
            one.before,
            one.hit.criticality,
            one.id,
            one.hit.name,
            reach.label(one.hit.type),
            one.hit.through,
            _how(one),
        )
        for one in found
    )
    table = Table(("state", "without_the_change", "criticality", "id", "name", "type", "through", "how"), rows)
    if not rows:
        return none_of(spec, table, unknown)
    return Part(spec.title, FOUND, f"{plural(len(rows), what)} hit: {_counted(found)}.", table)


def _how(one: Impacted) -> str:
    return "added by hand" if one.by_hand else "touched itself" if one.touched else ""


def _counted(found: Iterable[Impacted]) -> str:
    states = [one.state for one in found]
    return ", ".join(
        f"{states.count(state)} {state}" for state in ("down", "degraded", "at risk", "ok") if state in states
    )


def introduced(spec: Spec, reach: Reach) -> Part:
    """What is brought into being, and who hands over to whom."""
    rows: list[tuple[Cell, ...]] = []
    for request in reach.requests:
        for relation in spec.relations:
            term = reach.vocabulary.relations[relation]
            rows += [
                (request.id, term.label, one.id, one.name, reach.label(one.type))
                for one in request.leading_to.get(relation, ())
            ]
    table = Table(("request", "relation", "id", "name", "type"), tuple(rows))
    if not rows:
        return none_of(spec, table)
    return Part(spec.title, FOUND, f"New or handed over: {listed(str(row[2]) for row in rows)}.", table)


def references(spec: Spec, reach: Reach) -> Part:
    """Every relation with what goes for good, or over which those concerned by a supply are told; save that the changes
    in question touch it."""
    own = {one.id for one in reach.requests}
    rows = tuple(
        (one.subject, reach.vocabulary.relations[one.type].label, one.object)
        for one in reach.impact.references
        if one.subject not in own
    )
    table = Table(("subject", "relation", "object"), rows)
    if not rows:
        return none_of(spec, table)
    return Part(spec.title, FOUND, f"{plural(len(rows), 'relation')} with what goes, to be looked at.", table)


# ---------------------------------------------------------------------------- who and what is told


def concerned(spec: Spec, reach: Reach) -> Part:
    """What cannot fail itself and is concerned, of certain types."""
    wanted = reach.below(spec.types) - reach.below(spec.without)
    found = [one for one in reach.hits if one.concerned and one.hit.type in wanted]
    entities = reach.entities(one.id for one in found)
    rows = tuple(
        (
            one.state,
            one.before,
            one.id,
            one.hit.name,
            reach.label(one.hit.type),
            reach.why(one.id) or _how(one),
            *shown(entities[one.id], spec.show),
        )
        for one in found
    )
    table = Table(("state", "without_the_change", "id", "name", "type", "why", *spec.show), rows)
    note = _without_recipients(spec, reach)
    if rows:
        return Part(spec.title, FOUND, f"{spec.title}: {listed(one.id for one in found)}.", table, note)
    if note:
        return Part(spec.title, NOT_RECORDED, note, table)
    if not reach.any_recorded(spec.types):
        return none_of(spec, table, f"No {label_of(spec.types, reach)} is recorded.")
    return none_of(spec, table)


def _without_recipients(spec: Spec, reach: Reach) -> str:
    """Services that are hit, and of which nobody is recorded to receive them."""
    relation = spec.word("recipients")
    if not relation:
        return ""
    received = {end for one in reach.relations(relation) for end in (one.subject, one.object)}
    alone = [one.id for one in reach.failing if _first(one, reach) and one.id not in received]
    if not alone:
        return ""
    return f"Nobody is recorded to receive {listed(alone)}."


Kind = Callable[[Spec, Reach], Part]

KINDS: Final[Mapping[str, Kind]] = {
    "services": services,
    "items": items,
    "introduced": introduced,
    "references": references,
    "concerned": concerned,
    "targets": targets,
    "documents": documents,
    "required": required,
    "freezes": freezes,
    "plans": plans,
    "groups": groups,
    "records": records,
    "requests": requests,
    "releases": releases,
}
