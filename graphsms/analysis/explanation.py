"""Why an entity is hit: the shortest chain of reasons back to the seeds, in plain words.

Shortest is least in height (rounds from the seeds). The explanation with the fewest steps cannot be found in
reasonable time where several members of a group must be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphsms.analysis.seeding import open_case
from graphsms.errors import UnknownIdError
from graphsms.model import Entity
from graphsms.snapshot.carriage import AT_RISK, DEGRADED, OK, STATES
from graphsms.snapshot.live import Group, LiveGraph, Need
from graphsms.store import Store
from graphsms.vocabulary import RelationType

__all__ = ["Explanation", "Step", "explain"]


@dataclass(frozen=True, slots=True)
class Step:
    """One entity of an explanation and what its state comes from.

    ``through`` are the ids that suffice to explain it, each with a step of its own further on; none
    for a seed. ``text`` says it in a sentence.
    """

    id: str
    type: str
    name: str
    state: str
    through: tuple[str, ...]
    relations: tuple[str, ...]
    text: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "type": self.type,
            "name": self.name,
            "state": self.state,
            "through": list(self.through),
            "relations": list(self.relations),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an entity is in its state, from it back to the seeds; no steps where it is not hit.

    Parameters
    ----------
    revision : int
        What was recorded: the revision, and ``at``, when it was recorded.
    at, as_of, mode : str
        ``as_of`` is the moment that the answer is about.
    target, state : str
        Its id, and its state: ``ok`` where it is not hit.
    steps : tuple of Step
        The target first; every step after those that lead to it.
    notes : tuple of str
        What else has to be known to read the answer, in sentences.
    """

    revision: int
    at: str
    as_of: str
    mode: str
    target: str
    state: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.steps:
            return " ".join((f"{self.target} is not hit.", *self.notes))
        return "; ".join(step.text for step in self.steps) + "."

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "mode": self.mode,
            "target": self.target,
            "state": self.state,
            "steps": [step.to_json() for step in self.steps],
            "notes": list(self.notes),
        }


def explain(
    store: Store,
    ids: str | Iterable[str],
    target: str,
    *,
    mode: str = "outage",
    at: int | None = None,
    as_of: str | None = None,
    start: str | None = None,
    end: str | None = None,
    modes_of: Mapping[str, str] | None = None,
    held: Mapping[str, str] | None = None,
) -> Explanation:
    """Why an entity is hit: the explanation of least height back to the seeds.

    Parameters
    ----------
    store, ids, mode, at, as_of, start, end, modes_of, held
        As `graphsms.analysis.impact.impact` has them.
    target : str
        The id of what is hit or concerned.

    Returns
    -------
    Explanation
        Of several of the same height, the one through the ids that come first.

    Raises
    ------
    UnknownIdError
        No entity has one of the ids, or that of the target.
    InputError
    """
    case = open_case(store, ids, mode, at, as_of, start, end, modes_of, held)
    graph = case.graph
    key = store.keys([target], graph.revision)[0]
    node = None if key is None else graph.node(key)
    if node is None:
        raise UnknownIdError(target, store.nearest_ids(target))
    spread = case.spread()
    states = dict(zip(spread.nodes, spread.states, strict=True))
    heights = dict(zip(spread.nodes, spread.heights, strict=True))
    needs = dict(zip(spread.nodes, graph.reasons(spread), strict=True))
    entities = _ancestry(store, graph, node, needs)
    stand_ins = {
        one.node: planted.entity.id for planted in case.planted for one in planted.stands_for if one.node is not None
    }
    steps: list[Step] = []
    chain = [node] if node in states else []
    # Higher nodes first: heights fall along the chain, so a step stands after all that lead to it, and once.
    while chain:
        chain.sort(key=lambda one: (-heights[one], entities[one].id))
        one = chain.pop(0)
        needed = sorted(needs[one], key=lambda need: (heights[need.node], entities[need.node].id))
        chosen = _sufficient(needed, states, states[one], graph.group(one))
        chain += [need.node for need in chosen if need.node not in chain]
        steps.append(_step(store, graph, one, states, chosen, entities, stand_ins.get(one, "")))
    return Explanation(
        revision=case.revision.number,
        at=case.revision.time,
        as_of=case.as_of,
        mode=case.mode,
        target=target,
        state=STATES[states.get(node, OK)],
        steps=tuple(steps),
        notes=(*case.notes, *(f"{planted.entity.id}: {planted.note}" for planted in case.planted if planted.note)),
    )


def _ancestry(store: Store, graph: LiveGraph, node: int, needs: dict[int, list[Need]]) -> dict[int, Entity]:
    """The entities of everything that a node is hit through, and itself."""
    reached = {node}
    waiting = [node]
    while waiting:
        for need in needs.get(waiting.pop(), ()):
            if need.node not in reached:
                reached.add(need.node)
                waiting.append(need.node)
    by_key = {graph.key(one): one for one in reached}
    return {by_key[key]: entity for key, entity in store.by_keys(sorted(by_key), graph.revision)}


def _sufficient(needed: list[Need], states: dict[int, int], state: int, group: Group | None) -> list[Need]:
    """The needs, of least height, that suffice for a state: one, or of a group as many members as it cannot spare."""
    single = next((need for need in needed if not need.member), None)
    if single is not None or not needed or group is None:
        return [] if single is None else [single]
    if state == AT_RISK:
        worse = next((need for need in needed if states[need.node] >= DEGRADED), None)
        if worse is not None:
            return [worse]
    return needed[: max(0, group.members - group.minimum) + 1]


def _step(
    store: Store,
    graph: LiveGraph,
    node: int,
    states: dict[int, int],
    chosen: list[Need],
    entities: dict[int, Entity],
    stands_for: str,
) -> Step:
    entity = entities[node]
    relations = store.vocabulary.relations
    names = tuple(sorted({graph.carriage.relations[need.relation] for need in chosen}))
    through = tuple(entities[need.node].id for need in chosen)
    verb = "is" if graph.carriage.can_fail[graph.type(node)] else "is concerned by what is"
    state = STATES[states[node]]
    if not chosen:
        text = f"{entity.id} is {state} to begin with" + (f", as it stands for {stands_for}" if stands_for else "")
    elif chosen[0].member:
        group = graph.group(node)
        assert group is not None
        text = f"{entity.id} {verb} {state}: {_lost(chosen, states, group)}: {', '.join(through)}"
    else:
        relation = _read(relations[names[0]], graph.carriage.object_sends[chosen[0].relation])
        text = f"{entity.id} {verb} {state}: {relation} {through[0]}"
    return Step(entity.id, entity.type, entity.name, state, through, names, text)


def _read(relation: RelationType, from_subject: bool) -> str:
    """A relation as it reads from the one that needs."""
    return relation.label if from_subject else relation.inverse_label or f"{relation.label} of"


def _lost(chosen: list[Need], states: dict[int, int], group: Group) -> str:
    worst = {STATES[states[need.node]] for need in chosen}
    are = "are" if len(chosen) != 1 else "is"
    return f"{len(chosen)} of its {group.members} members {are} {' or '.join(sorted(worst))}, it needs {group.minimum}"
