"""What is hit when entities fail, change or go, and why (8.5.1.3, 8.7.1, 8.3.4).

Answers the change manager's first question with services first, then the customers and agreements
concerned, then the other configuration items; and says of itself how far it can be trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from graphsms.analysis.answer import LACKING, Hit, Impact, Seed, Unknown, Verdict
from graphsms.analysis.explanation import Explanation, Step, explain
from graphsms.analysis.seeding import Case, Planted, modes, open_case
from graphsms.model import Entity, Relation
from graphsms.moments import now
from graphsms.snapshot.carriage import OK, STATES
from graphsms.snapshot.live import LACKS, PLACEHOLDER, STALE, LiveGraph, Need, Spread
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store
from graphsms.vocabulary import Vocabulary

__all__ = [
    "Explanation",
    "Hit",
    "Impact",
    "Seed",
    "Step",
    "Unknown",
    "Verdict",
    "explain",
    "impact",
    "modes",
]

CAUSES: Final = {PLACEHOLDER: "placeholder", LACKS: LACKING, STALE: "stale source"}

_CRITICALITY: Final = "criticality"
_REMOVAL: Final = "removal"
_SUPPLIER_REPLACEMENT: Final = "supplier replacement"
_SERVICE_TRANSFER: Final = "service transfer"

_DOING: Final = {
    "outage": "Taking {} down",
    "degradation": "Degrading {}",
    "change": "Changing {}",
    _REMOVAL: "Removing {}",
    _SUPPLIER_REPLACEMENT: "Replacing {} as a supplier",
    _SERVICE_TRANSFER: "Transferring {}",
}


def impact(
    store: Store,
    ids: str | Iterable[str],
    *,
    mode: str = "outage",
    at: int | None = None,
    as_of: str | None = None,
    start: str | None = None,
    end: str | None = None,
    modes_of: Mapping[str, str] | None = None,
    held: Mapping[str, str] | None = None,
) -> Impact:
    """What is hit when entities fail, change or go.

    Parameters
    ----------
    store : Store
    ids : str or iterable of str
        What it starts from. An entity that cannot fail itself, such as a supplier, is stood for by what
        would take its state, such as its supply relationships.
    mode : str
        Notation of a mode of impact in the ontology, which says the state that seeds are put into.
    at : int, optional
        The revision: what was recorded then. Without it, the present one.
    as_of : str
        The moment, UTC and canonical: what is valid then. Without it ``start``, and without that now.
    start, end : str, optional
        From when to when (half-open) the seeds are in that state, such as the window of a change. In the
        replacement of a supplier: the end of the old supply and the start of the new one.
    modes_of : mapping of str to str, optional
        By id, the mode of those that have another one.
    held : mapping of str to str, optional
        By id, the state that something is in whatever it needs, and goes on from: what a person judges not to be
        impacted is held as ``ok``.

    Returns
    -------
    Impact
        Complete; seeds are not among the hits.

    Raises
    ------
    UnknownIdError
        No entity has one of the ids.
    InputError
        No id, an unknown mode or revision, or a moment that is none.

    Notes
    -----
    The least fixed point over the four states ok < at risk < degraded < down, see ``docs/decisions/``
    on the one rule. Proportional to what is hit once the snapshot is made.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("db-1", "Database"), graphsms.Entity("web", "Service")],
    ...         relations=[graphsms.Relation("dependsOn", "web", "db-1")],
    ...     ))
    ...     print(impact(g.store, "db-1").sentence())
    Taking *db-1* down stops 1 of 1 service.
    """
    case = open_case(store, ids, mode, at, as_of, start, end, modes_of, held)
    graph, vocabulary = case.graph, store.vocabulary
    spread = case.spread()
    found = _Found(case, spread)
    seeded = found.seeded()
    hits: list[Hit] = []
    concerned: list[Hit] = []
    for node, state, needs in zip(spread.nodes, spread.states, graph.reasons(spread), strict=True):
        if node in seeded:
            found.through[node] = tuple(sorted({found.ids[need.node] for need in needs}))
            continue
        hit = found.hit(node, state, needs)
        (hits if graph.carriage.can_fail[graph.type(node)] else concerned).append(hit)
    ranks = {type.section.notation: type.section.rank or 0 for type in vocabulary.types.values()}
    order = _Order(vocabulary, ranks)
    hits.sort(key=order)
    concerned.sort(key=order)
    stale = _stale(store, graph, case.as_of)
    not_ok = frozenset(spread.nodes)
    first = min(ranks.values())
    services = [
        type.section.rank == first and fails
        for type, fails in zip(vocabulary.types.values(), graph.carriage.can_fail, strict=True)
    ]
    return Impact(
        revision=case.revision.number,
        at=case.revision.time,
        as_of=case.as_of,
        mode=case.mode,
        seeds=tuple(found.seed(planted) for planted in case.planted),
        hits=tuple(hits),
        concerned=tuple(concerned),
        references=tuple(_references(case)),
        verdict=_verdict(case, hits, concerned, graph.unknown(not_ok, stale), services),
        section_ranks=ranks,
        doing=_doing(case),
        most_critical=order.most_critical,
        services_seeded=sum(services[graph.type(p.node)] for p in case.planted if p.node is not None),
        find_unknown=lambda: _unknown(case, not_ok, stale),
    )


class _Order:
    """Sorts hits for people: by section, the more critical first, the worse first, by id."""

    def __init__(self, vocabulary: Vocabulary, sections: Mapping[str, int]) -> None:
        self._sections = sections
        property = vocabulary.properties.get(_CRITICALITY)
        codes = vocabulary.code_lists[property.code_list].codes if property and property.code_list else ()
        self._ranks = {code.notation: code.rank or 0 for code in codes}
        self.most_critical = max(self._ranks, key=self._ranks.__getitem__, default="")

    def __call__(self, hit: Hit) -> tuple[int, int, int, str]:
        return (
            self._sections[hit.section],
            -self._ranks.get(hit.criticality, 0),
            -STATES.index(hit.state),
            hit.id,
        )


class _Found:
    """The entities of a spread, and how they are told to people."""

    def __init__(self, case: Case, spread: Spread) -> None:
        self._case = case
        self._graph = case.graph
        self._states = dict(zip(spread.nodes, spread.states, strict=True))
        self.through: dict[int, tuple[str, ...]] = {}
        keys = {self._graph.key(node): node for node in spread.nodes}
        self._entities: dict[int, Entity] = {
            keys[key]: entity for key, entity in case.store.by_keys(sorted(keys), self._graph.revision)
        }
        self.ids = {node: entity.id for node, entity in self._entities.items()}

    def seeded(self) -> frozenset[int]:
        return frozenset(self._case.seeds)

    def hit(self, node: int, state: int, needs: Sequence[Need]) -> Hit:
        entity = self._entities[node]
        type = self._case.store.vocabulary.types[entity.type]
        lost = sum(need.member for need in needs)
        group = self._graph.group(node) if lost else None
        return Hit(
            id=entity.id,
            type=entity.type,
            name=entity.name,
            state=STATES[state],
            through=tuple(sorted({self.ids[need.node] for need in needs})),
            relations=tuple(sorted({self._graph.carriage.relations[need.relation] for need in needs})),
            criticality=str(entity.properties.get(_CRITICALITY, "")),
            section=type.section.notation,
            lost=lost if group else None,
            members=group.members if group else None,
            minimum=group.minimum if group else None,
        )

    def seed(self, planted: Planted) -> Seed:
        ended = planted.state if planted.node is None else self._states.get(planted.node, OK)
        return Seed(
            id=planted.entity.id,
            type=planted.entity.type,
            name=planted.entity.name,
            seeded=STATES[planted.state],
            state=STATES[ended],
            through=self.through.get(planted.node, ()) if planted.node is not None else (),
            stands_for=tuple(self.seed(one) for one in planted.stands_for),
            note=planted.note,
        )


def _doing(case: Case) -> str:
    codes = {planted.mode.notation: planted.mode for planted in case.planted}
    if len(codes) > 1:
        return "Doing all this to {}"
    ((notation, code),) = codes.items()
    return _DOING.get(notation, f"{code.label.capitalize()} of {{}}")


def _references(case: Case) -> Iterator[Relation]:
    """What has to be looked at because it refers to what goes: of the removed, every relation with it; of a
    supplier that is replaced, the relations over which those concerned by its supply are told."""
    removed = [planted.entity.id for planted in case.planted if planted.mode.notation == _REMOVAL]
    if removed:
        yield from case.store.relations(subjects=removed, objects=removed, at=case.graph.revision)
    replaced = [planted for planted in case.planted if planted.mode.notation == _SUPPLIER_REPLACEMENT]
    if not replaced:
        return
    seeded = {one.entity.id for planted in replaced for one in (planted, *planted.stands_for)}
    carriage = case.graph.carriage
    relations = list(case.store.relations(subjects=seeded, objects=seeded, at=case.graph.revision))
    ends = {end for relation in relations for end in (relation.subject, relation.object)}
    types = {entity.id: carriage.type_code[entity.type] for entity in case.store.entities(ends, at=case.graph.revision)}
    for relation in relations:
        code = carriage.relation_code.get(relation.type)
        if code is None:
            continue
        told = relation.subject if carriage.object_sends[code] else relation.object
        if told not in seeded and carriage.concerned[types[told]]:
            yield relation


def _stale(store: Store, graph: LiveGraph, as_of: str) -> frozenset[int]:
    """The sources of the graph whose last import is past its freshness."""
    position = {name: number for number, name in enumerate(graph.sources)}
    moment = microseconds(as_of)
    return frozenset(
        position[source.name]
        for source in store.sources()
        if source.name in position and source.fresh_for and after(source.last_import, source.fresh_for) < moment
    )


def _unknown(case: Case, hit: frozenset[int], stale: frozenset[int]) -> Iterator[Unknown]:
    graph = case.graph
    found = {graph.key(node): (node, causes) for node, causes in graph.unknown_nodes(hit, stale)}
    for key, entity in case.store.by_keys(sorted(found), graph.revision):
        node, causes = found[key]
        names = tuple(name for bit, name in CAUSES.items() if causes & bit)
        yield Unknown(entity.id, entity.type, entity.name, names, graph.missing(node))


def _verdict(
    case: Case,
    hits: Sequence[Hit],
    concerned: Sequence[Hit],
    unknown: Mapping[int, int],
    services: Sequence[bool],
) -> Verdict:
    graph = case.graph
    worse = STATES[:OK:-1]
    notes = list(case.notes)
    if any(planted.mode.notation == _SERVICE_TRANSFER for planted in case.planted):
        notes.append("The transfer of a service is planned, designed and put in place by 8.5.2 (8.5.1.2).")
    return Verdict(
        revision=case.revision.number,
        recorded=case.revision.time,
        computed=now(),
        as_of=case.as_of,
        complete=True,
        states={state: sum(hit.state == state for hit in hits) for state in worse},
        services={
            state: sum(hit.state == state and services[graph.carriage.type_code[hit.type]] for hit in hits)
            for state in worse
        },
        services_total=sum(count for count, service in zip(graph.live_by_type, services, strict=True) if service),
        concerned=len(concerned),
        unknown=sum(unknown.values()),
        unknown_by_cause={
            name: sum(count for causes, count in unknown.items() if causes & bit) for bit, name in CAUSES.items()
        },
        placeholders=graph.placeholders,
        groups_below_minimum=graph.below_minimum,
        notes=tuple(notes),
    )
