"""What holds of assessments whatever the estate: on random ones, with failures already there and judgements on them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.analysis.impact import impact
from graphsms.change.assess import assess
from graphsms.change.assessment import Assessment
from graphsms.change.grounds import grounds_of, states_of
from graphsms.change.policy import read_policy
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.snapshot.carriage import STATES
from graphsms.vocabulary import Behaviour
from memory_store import MemoryStore

WORDS = load()
POLICY = read_policy(WORDS)
AS_OF = "2026-12-01T22:00:00Z"
MODES = ["outage", "degradation", "change", "removal"]


@dataclass(frozen=True)
class Case:
    """An estate with one request, incidents, and judgements that a person may make."""

    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    aside: tuple[str, ...]
    added: tuple[str, ...]

    def assessed(self, *, context: bool = True, aside: bool = False, added: bool = False) -> Assessment:
        store = self.store(aside=aside, added=added)
        return assess(store, POLICY, ["rfc"], with_context=context, as_of=AS_OF)

    def store(self, *, aside: bool = False, added: bool = False) -> MemoryStore:
        store = MemoryStore(WORDS)
        store.apply(ChangeSet(self.entities, self.relations))
        said = [(id, False) for id in self.aside if aside] + [(id, True) for id in self.added if added]
        for number, (id, impacted) in enumerate(said):
            says = {"impacted": impacted, "state": "down" if impacted else "ok"}
            judged = Entity(f"j{number}", "ImpactJudgement", says)
            links = [Relation("decidesOn", judged.id, "rfc"), Relation("judges", judged.id, id)]
            store.apply(ChangeSet([judged], links))
        return store


@st.composite
def cases(draw: st.DrawFn) -> Case:
    dice = Random(draw(st.integers(0, 2**32)))
    count = dice.randint(3, 14)
    types = ["Service", "Application", "Application", "Server", "RedundancyGroup"]
    entities = [Entity(f"e{number}", dice.choice(types)) for number in range(count)]
    entities = [
        Entity(one.id, one.type, {"minimum": dice.randint(1, 2)}) if one.type == "RedundancyGroup" else one
        for one in entities
    ]
    edges: dict[tuple[str, str, str], Relation] = {}
    for _ in range(dice.randint(count, 2 * count)):
        one, other = dice.sample(entities, 2)
        type = "hasMember" if one.type == "RedundancyGroup" else "dependsOn"
        soft = {"strength": "soft"} if type == "dependsOn" and dice.random() < 0.2 else {}
        edges[one.id, type, other.id] = Relation(type, one.id, other.id, soft)
    ids = [one.id for one in entities]
    for number in range(2):
        customer = Entity(f"c{number}", "Customer")
        entities.append(customer)
        for id in dice.sample(ids, min(2, len(ids))):
            edges[customer.id, "receives", id] = Relation("receives", customer.id, id)
    entities.append(Entity("rfc", "RequestForChange", {"windowStart": AS_OF, "windowEnd": "2026-12-01T23:00:00Z"}))
    for id in dice.sample(ids, dice.randint(1, 2)):
        edges["rfc", "touches", id] = Relation("touches", "rfc", id, {"mode": dice.choice(MODES)})
    for number in range(dice.randint(0, 2)):
        entities.append(Entity(f"i{number}", "Incident", {"caseStatus": "new"}))
        id = dice.choice(ids)
        edges[f"i{number}", "affects", id] = Relation("affects", f"i{number}", id, {"state": dice.choice(STATES[1:])})
    aside, added = dice.sample(ids, dice.randint(0, 3)), dice.sample(ids, dice.randint(0, 2))
    return Case(tuple(entities), tuple(edges.values()), tuple(aside), tuple(added))


def worst(answer: Assessment) -> dict[str, int]:
    return {one.id: STATES.index(one.state) for one in answer.hits}


@settings(max_examples=120, deadline=None)
@given(cases())
def test_without_context_and_judgements_the_hits_are_the_impact_of_what_is_touched(case: Case) -> None:
    answer = case.assessed(context=False)
    modes = {one.object: str(one.properties["mode"]) for one in case.relations if one.type == "touches"}
    plain = impact(case.store(), list(modes), modes_of=modes, as_of=AS_OF)
    expected = {one.id: one.state for one in (*plain.hits, *plain.concerned)}
    assert {one.id: one.state for one in answer.hits if not one.touched} == expected
    assert {one.id for one in answer.hits if one.touched} == modes.keys()


@settings(max_examples=120, deadline=None)
@given(cases())
def test_the_changes_do_what_becomes_worse_and_nothing_else(case: Case) -> None:
    answer = case.assessed()
    for one in answer.hits:
        if not one.touched and not one.concerned:
            assert STATES.index(one.state) > STATES.index(one.before)
    # What is not among the hits is in the state that the context alone leaves it in, and no better than by the change.
    failing = {one.id for one in answer.hits if not one.concerned}
    before = states_of(answer.context_impact) if answer.context_impact else {}
    after = states_of(answer.impact)
    fails = {one.id for one in case.entities if WORDS.types[one.type].behaviour is Behaviour.CAN_FAIL}
    for id in fails - failing:
        assert after.get(id, "ok") == before.get(id, "ok")
    for one in case.assessed(context=False).hits:
        if not one.concerned:
            assert STATES.index(after[one.id]) >= STATES.index(one.state)


@settings(max_examples=120, deadline=None)
@given(cases())
def test_what_is_judged_not_to_be_impacted_adds_no_hit_and_makes_none_worse(case: Case) -> None:
    before, after = worst(case.assessed()), worst(case.assessed(aside=True))
    assert after.keys() <= before.keys()
    assert all(state <= before[id] for id, state in after.items())


@settings(max_examples=120, deadline=None)
@given(cases())
def test_what_is_judged_not_to_be_impacted_is_in_the_state_that_the_context_leaves_it_in(case: Case) -> None:
    answer = case.assessed(aside=True)
    failing = {one.id for one in answer.hits if not one.concerned}
    assert failing.isdisjoint(case.aside)


@settings(max_examples=120, deadline=None)
@given(cases())
def test_what_is_added_by_hand_takes_no_hit_away(case: Case) -> None:
    before, after = worst(case.assessed()), worst(case.assessed(added=True))
    assert before.keys() <= after.keys()
    assert all(after[id] >= state for id, state in before.items())
    assert {one.entity for one in case.assessed(added=True).judgements} == set(case.added)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_every_hit_is_explained_from_what_is_touched_added_or_disturbed(case: Case) -> None:
    store = case.store(aside=True, added=True)
    answer = assess(store, POLICY, ["rfc"], as_of=AS_OF)
    grounds = grounds_of(store, POLICY, ["rfc"], as_of=AS_OF)
    begun = {*grounds.own, *grounds.added, *grounds.disturbed, *grounds.set_aside}
    for one in answer.hits:
        steps = grounds.explain(one.id).steps
        assert steps[0].id == one.id
        assert {step.id for step in steps if not step.through} <= begun
