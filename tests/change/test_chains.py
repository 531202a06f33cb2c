"""Chains that are read off one impact say what `explain` says of each hit: random estates, with groups and circles."""

from __future__ import annotations

import tempfile
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

import graphsms
from graphsms import ChangeSet, Entity, Relation
from graphsms.analysis.answer import Impact
from graphsms.analysis.impact import explain, impact
from graphsms.change.pack.chains import MOST, Chains
from graphsms.snapshot.carriage import STATES

MODES = ("outage", "degradation", "change")


def rolled(seed: int) -> tuple[ChangeSet, dict[str, str]]:
    """An estate, and what happens to some of it."""
    dice = Random(seed)
    count = dice.randint(3, 16)
    entities, relations = [], {}
    for number in range(count):
        group = dice.random() < 0.3
        properties = {"minimum": dice.randint(1, 2)} if group else {}
        kind = "RedundancyGroup" if group else dice.choice(["Application", "Application", "Service"])
        entities.append(Entity(f"e{number:02}", kind, properties))
    for one in entities:
        for other in dice.sample(entities, min(count, dice.randint(0, 3))):
            if one is not other:
                kind = "hasMember" if one.type == "RedundancyGroup" else "dependsOn"
                strength = {"strength": "soft"} if kind == "dependsOn" and dice.random() < 0.2 else {}
                relations[one.id, kind, other.id] = Relation(kind, one.id, other.id, strength)
    touched = dice.sample(entities, dice.randint(1, 3))
    return ChangeSet(entities, list(relations.values())), {one.id: dice.choice(MODES) for one in touched}


def states(found: Impact) -> dict[str, str]:
    return {**{one.id: one.state for one in found.seeds}, **{one.id: one.state for one in found.hits}}


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_a_chain_explains_each_hit_as_explain_does(seed: int) -> None:
    changes, modes = rolled(seed)
    with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as graph:
        graph.apply(changes)
        found = impact(graph.store, list(modes), modes_of=modes)
        worse = {one.id for one in found.seeds if one.state != one.seeded}
        chains, ends = Chains(found, graph.vocabulary), states(found)
        for id, state in ends.items():
            if state == STATES[0]:
                continue
            told = explain(graph.store, list(modes), id, modes_of=modes)
            chain = chains.of(id)
            ids = [line.text.partition(" is ")[0] for line in chain]
            if worse & set(ids):
                # How many members a group that was touched itself can spare is no part of an impact: all lost are told.
                assert {step.id for step in told.steps} <= set(ids), id
                continue
            assert [line.text for line in chain] == [step.text for step in told.steps], id
            assert [line.state for line in chain] == [step.state for step in told.steps], id


def test_a_chain_that_is_very_long_is_cut_and_says_so() -> None:
    with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as graph:
        entities = [Entity(f"e{number:03}", "Application") for number in range(100)]
        relations = [Relation("dependsOn", f"e{number:03}", f"e{number + 1:03}") for number in range(99)]
        graph.apply(ChangeSet(entities, relations))
        chain = Chains(graph.impact("e099"), graph.vocabulary).of("e000")
    assert len(chain) == MOST + 1
    assert chain[-1].text.startswith("and 1 more")
