"""What an analysis starts from: ids and a mode, turned into nodes of the live graph and their states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graphsms.asked import asked_ids, asked_text
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import Entity, Relation, Revision, Value
from graphsms.moments import now
from graphsms.snapshot import live_graph
from graphsms.snapshot.carriage import AT_RISK, DEGRADED, HARD, MEMBER, OK, SOFT, STATES
from graphsms.snapshot.live import LiveGraph, Spread
from graphsms.snapshot.validity import interval, microseconds
from graphsms.store import MARK_HARD, MARK_SOFT, Store
from graphsms.store.journal import EMPTY
from graphsms.vocabulary import STRENGTH, VALID_FROM, VALID_TO, Code, Vocabulary

__all__ = ["Case", "Planted", "modes", "open_case"]


@dataclass(frozen=True, slots=True)
class Planted:
    """One entity that was asked for, with the node and state that it seeds.

    ``node`` is None where it seeds nothing itself: what stands for it does, or ``note`` says why not.
    """

    entity: Entity
    mode: Code
    node: int | None
    state: int
    stands_for: tuple[Planted, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Case:
    """A question to the graph, ready to be computed.

    Whatever is read for it is read as of its revision: somebody may be writing meanwhile.
    """

    store: Store
    graph: LiveGraph
    revision: Revision
    as_of: str
    planted: tuple[Planted, ...]
    notes: tuple[str, ...]
    held: Mapping[int, int] = field(default_factory=dict)

    @property
    def mode(self) -> str:
        """The notation of the mode; of several, all of them."""
        return ", ".join(dict.fromkeys(planted.mode.notation for planted in self.planted))

    def spread(self) -> Spread:
        """How it spreads."""
        return self.graph.spread(self.seeds, self.held)

    @property
    def seeds(self) -> dict[int, int]:
        """The state that each node is put into; the worst where several put it."""
        found: dict[int, int] = {}
        for planted in self.planted:
            for one in (planted, *planted.stands_for):
                if one.node is not None:
                    found[one.node] = max(one.state, found.get(one.node, OK))
        return found


def modes(vocabulary: Vocabulary) -> dict[str, Code]:
    """The modes of impact by notation: the codes of the ontology that say which state they seed."""
    return {
        code.notation: code for codes in vocabulary.code_lists.values() for code in codes.codes if code.seeds in STATES
    }


def open_case(
    store: Store,
    ids: str | Iterable[str],
    mode: str,
    at: int | None,
    as_of: str | None,
    start: str | None,
    end: str | None,
    modes_of: Mapping[str, str] | None = None,
    held: Mapping[str, str] | None = None,
) -> Case:
    """Look up what is asked for; parameters as `graphsms.analysis.impact.impact` has them.

    Raises
    ------
    InputError, UnknownIdError
    """
    asked = asked_ids(ids)
    if not asked:
        raise InputError("Give at least one id: what fails, changes or goes.")
    codes = {id: _mode(store.vocabulary, (modes_of or {}).get(id, mode)) for id in asked}
    revision = _revision(store, at)
    moment = as_of or start or now()
    graph = live_graph(store, moment, None if revision == store.revision() else at)
    if graph.revision != revision.number:
        revision = _revision(store, graph.revision)
    notes: tuple[str, ...] = ()
    within = _within(moment, start, end)
    if not within:
        between = f"from {start or 'the beginning'} to {end or 'no end'}"
        notes = (f"Nothing is put into a state at {moment}: the time {between} does not contain it.",)
    kept = held or {}
    known = [*asked, *kept]
    found = {entity.id: entity for entity in store.entities(known, at=graph.revision)}
    for id in known:
        if id not in found:
            raise UnknownIdError(id, store.nearest_ids(id))
    nodes = _nodes(store, graph, known)
    planted = tuple(_planted(store, graph, found[id], nodes[id], codes[id], within, moment) for id in asked)
    fixed = {node: _state(state) for id, state in kept.items() if (node := nodes[id]) is not None}
    return Case(store, graph, revision, moment, planted, notes, fixed)


def _mode(vocabulary: Vocabulary, notation: str) -> Code:
    known = modes(vocabulary)
    code = known.get(asked_text(notation, "A mode"))
    if code is None:
        raise InputError(f"There is no mode {notation!r}; it is one of {', '.join(sorted(known))}.")
    return code


def _state(word: str) -> int:
    if word not in STATES:
        raise InputError(f"There is no state {word!r}; it is one of {', '.join(STATES)}.")
    return STATES.index(word)


def _revision(store: Store, at: int | None) -> Revision:
    present = store.revision()
    if at is None or at == present.number:
        return present
    if not 0 <= at < present.number:
        raise InputError(f"There is no revision {at}; the present one is {present.number}.")
    return EMPTY if at == 0 else next(store.revisions(since=at - 1))


def _within(moment: str, start: str | None, end: str | None) -> bool:
    since, until = interval(start or "", end or "")
    return since <= microseconds(moment) < until


def _nodes(store: Store, graph: LiveGraph, ids: Sequence[str]) -> dict[str, int | None]:
    keys = store.keys(ids, graph.revision)
    return {id: None if key is None else graph.node(key) for id, key in zip(ids, keys, strict=True)}


def _planted(
    store: Store, graph: LiveGraph, entity: Entity, node: int | None, mode: Code, within: bool, moment: str
) -> Planted:
    state = STATES.index(mode.seeds or STATES[OK]) if within else OK
    if node is None or not graph.is_live(node):
        return Planted(entity, mode, None, OK, note=f"It is not live at {moment[:16]}Z, so that nothing depends on it.")
    if graph.carriage.can_fail[graph.type(node)]:
        return Planted(entity, mode, node, state)
    stands_for = tuple(_stand_ins(store, graph, entity, mode, state, moment))
    label = store.vocabulary.types[entity.type].label
    note = "" if stands_for else f"What is of type {label} cannot fail itself, and nothing that can takes its state."
    return Planted(entity, mode, None, state, stands_for, note)


def _stand_ins(
    store: Store, graph: LiveGraph, entity: Entity, mode: Code, state: int, moment: str
) -> Iterator[Planted]:
    """What can fail and would take the state of an entity that cannot.

    (:Organization)<-[:HAS_SUPPLIER]-(:SupplyRelationship): the supply fails, not the organization.
    """
    takers: dict[str, list[Relation]] = {}
    for relation in store.relations(subjects=[entity.id], objects=[entity.id], at=graph.revision):
        code = graph.carriage.relation_code.get(relation.type)
        if code is None or not _valid(relation.properties, moment):
            continue
        sender, receiver = relation.subject, relation.object
        if graph.carriage.object_sends[code]:
            sender, receiver = receiver, sender
        if sender == entity.id:
            takers.setdefault(receiver, []).append(relation)
    nodes = _nodes(store, graph, list(takers))
    for taker in store.entities(takers, at=graph.revision):
        node = nodes[taker.id]
        if node is None or not graph.is_live(node) or not graph.carriage.can_fail[graph.type(node)]:
            continue
        taken = max(_taken(graph, relation, node, state) for relation in takers[taker.id])
        if taken > OK or state == OK:
            yield Planted(taker, mode, node, taken)


def _taken(graph: LiveGraph, relation: Relation, receiver: int, state: int) -> int:
    """The state that one receiver takes over one relation."""
    strength = {"hard": MARK_HARD, "soft": MARK_SOFT}.get(str(relation.properties.get(STRENGTH)), 0)
    kind = graph.carriage.received(graph.carriage.relation_code[relation.type], graph.type(receiver), strength)
    group = graph.group(receiver)
    if kind == MEMBER and group and group.members > group.minimum:
        return AT_RISK if state >= DEGRADED else OK
    return min(state, DEGRADED) if kind == SOFT else state if kind in (HARD, MEMBER) else OK


def _valid(properties: Mapping[str, Value], moment: str) -> bool:
    return _within(moment, str(properties.get(VALID_FROM, "")), str(properties.get(VALID_TO, "")))
