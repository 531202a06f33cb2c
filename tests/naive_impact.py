"""The rule of states, written down once more from the text of the design, in the slowest way that could work.

It knows entities and relations only, none of the arrays, streams and marks. It is what both engines are held to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from graphsms.model import Entity, Relation
from graphsms.vocabulary import Behaviour, Propagation, Vocabulary

OK, AT_RISK, DEGRADED, DOWN = range(4)


@dataclass(frozen=True)
class Naive:
    """A live graph by ids."""

    vocabulary: Vocabulary
    entities: Mapping[str, Entity]
    relations: Collection[Relation]

    @classmethod
    def of(cls, vocabulary: Vocabulary, entities: Iterable[Entity], relations: Iterable[Relation], as_of: str) -> Naive:
        live = {entity.id: entity for entity in entities if _is_live(vocabulary, entity, as_of)}
        return cls(
            vocabulary,
            live,
            [r for r in relations if r.subject in live and r.object in live and _is_valid(r.properties, as_of)],
        )

    def behaviour(self, id: str) -> Behaviour:
        return self.vocabulary.types[self.entities[id].type].behaviour

    def needs(self, id: str) -> list[tuple[str, Relation]]:
        """What can fail and is needed by an entity, with the relation."""
        found = []
        for relation in self.relations:
            propagation = self.vocabulary.relations[relation.type].propagation
            if propagation is Propagation.OBJECT_TO_SUBJECT and relation.subject == id:
                found.append((relation.object, relation))
            if propagation is Propagation.SUBJECT_TO_OBJECT and relation.object == id:
                found.append((relation.subject, relation))
        return [(other, r) for other, r in found if self.behaviour(other) is Behaviour.CAN_FAIL]

    def members(self, id: str) -> list[str] | None:
        quorum = self.vocabulary.types[self.entities[id].type].quorum
        if quorum is None:
            return None
        return [r.object for r in self.relations if r.type == quorum.relation and r.subject == id]

    def minimum(self, id: str) -> int:
        members = self.members(id) or []
        minimum = self.entities[id].properties.get("minimum", len(members))
        assert isinstance(minimum, int)
        return minimum

    def is_member_edge(self, id: str, relation: Relation) -> bool:
        quorum = self.vocabulary.types[self.entities[id].type].quorum
        return quorum is not None and relation.type == quorum.relation and relation.subject == id

    def passed(self, relation: Relation, state: int) -> int:
        strength = relation.properties.get("strength", self.vocabulary.relations[relation.type].strength)
        return min(state, DEGRADED) if strength == "soft" else state

    def rule(self, id: str, states: Mapping[str, int]) -> int:
        """The state of an entity that follows from those of its needs."""
        if self.behaviour(id) is Behaviour.STAYS_OUT:
            return OK
        if self.behaviour(id) is Behaviour.IS_CONCERNED:
            return max((states.get(other, OK) for other, _ in self.needs(id)), default=OK)
        ordinary = [self.passed(r, states.get(o, OK)) for o, r in self.needs(id) if not self.is_member_edge(id, r)]
        state = max(ordinary, default=OK)
        members = self.members(id)
        if members:
            best_first = sorted(states.get(member, OK) for member in members)
            # A group with fewer members than it needs can spare none: it needs all that it has.
            needed = min(self.minimum(id), len(members))
            if needed > 0:
                state = max(state, best_first[needed - 1])
            if best_first[-1] >= DEGRADED:
                state = max(state, AT_RISK)
        return state

    def states(self, seeds: Mapping[str, int], held: Mapping[str, int] | None = None) -> dict[str, int]:
        """The least fixed point, in which some stay as they are, or in a state of their own, whatever happens."""
        fixed = held or {}
        seeds = {**seeds, **fixed}
        states = {id: seeds.get(id, OK) for id in self.entities}
        while True:
            following = {
                id: fixed[id] if id in fixed else max(seeds.get(id, OK), self.rule(id, self._failing(states)))
                for id in self.entities
            }
            if following == states:
                return {id: state for id, state in states.items() if state > OK}
            states = following

    def _failing(self, states: Mapping[str, int]) -> dict[str, int]:
        """What is only concerned passes nothing on."""
        return {id: state for id, state in states.items() if self.behaviour(id) is Behaviour.CAN_FAIL}

    def heights(self, states: Mapping[str, int], seeds: Mapping[str, int]) -> dict[str, int]:
        """In which round a final state follows from those found in earlier rounds."""
        heights = {id: 0 for id, state in states.items() if seeds.get(id) == state}
        height = 0
        while len(heights) < len(states):
            height += 1
            known = self._failing({id: states[id] for id in heights})
            new = [id for id in states if id not in heights and self.rule(id, known) >= states[id]]
            assert new, "the least fixed point has nothing that does not follow from the seeds"
            heights.update(dict.fromkeys(new, height))
        return heights

    def through(self, id: str, states: Mapping[str, int], heights: Mapping[str, int]) -> set[str]:
        """The needs of smaller height that explain a state."""
        if heights[id] == 0:
            return set()
        lower = {other: states[other] for other in heights if heights[other] < heights[id]}
        concerned = self.behaviour(id) is Behaviour.IS_CONCERNED
        found: set[str] = set()
        lost: set[str] = set()
        for other, relation in self.needs(id):
            if other not in lower:
                continue
            if self.is_member_edge(id, relation):
                if lower[other] >= states[id]:
                    lost.add(other)
            elif (lower[other] if concerned else self.passed(relation, lower[other])) >= states[id]:
                found.add(other)
        spare = max(0, len(self.members(id) or ()) - self.minimum(id)) if self.members(id) is not None else 0
        if len(lost) > spare:
            found |= lost
        elif states[id] == AT_RISK:
            found |= {other for other in lost if lower[other] >= DEGRADED}
        return found

    def unknown(self, hit: Collection[str], stale: Collection[str]) -> dict[str, set[str]]:
        """What can fail, is not hit and is not known to be fine, with the causes."""
        found: dict[str, set[str]] = {}
        for id, entity in self.entities.items():
            if id in hit or self.behaviour(id) is not Behaviour.CAN_FAIL:
                continue
            causes = {
                "placeholder": entity.properties.get("placeholder") is True,
                "missing relation": bool(self.missing(id)),
                "stale source": (entity.source or "") in stale,
            }
            if any(causes.values()):
                found[id] = {cause for cause, applies in causes.items() if applies}
        return found

    def missing(self, id: str) -> set[str]:
        """The relations that an entity is expected to have, and has not."""
        has = {
            name
            for relation in self.relations
            if relation.subject == id
            for name in self.vocabulary.relations[relation.type].fulfils
        }
        return set(self.vocabulary.types[self.entities[id].type].expects) - has


def _is_live(vocabulary: Vocabulary, entity: Entity, as_of: str) -> bool:
    status = entity.properties.get("lifecycle")
    code = vocabulary.code_lists["LifecycleStatus"].code(str(status)) if status else None
    return (code is None or code.carries_failure is not False) and _is_valid(entity.properties, as_of)


def _is_valid(properties: Mapping[str, object], as_of: str) -> bool:
    since, until = str(properties.get("validFrom", "")), str(properties.get("validTo", "9"))
    return since <= as_of < until
