"""The life of findings against a model that is simple enough to be believed, over any course of events."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms import ontology
from graphsms.findings import Findings
from graphsms.model import ChangeSet, Entity
from memory_store import MemoryStore

WORDS = ontology.load()
IDS = ("a", "b", "c")
CHECK = "ended-in-use"
STEPS = st.lists(st.tuples(st.sets(st.sampled_from(IDS)), st.booleans()), min_size=1, max_size=8)


def certificate(id: str, ended: bool) -> Entity:
    return Entity(id, "Certificate", {"expiresOn": "2000-01-01" if ended else "2999-01-01"})


@given(STEPS)
@settings(max_examples=60)
def test_every_finding_is_new_still_there_or_gone_as_it_was_recorded_before(
    steps: list[tuple[set[str], bool]],
) -> None:
    stored: dict[str, bool] = {}  # by id, whether it was there when it was last recorded
    with MemoryStore(WORDS) as store:
        findings = Findings(store)
        for ended, record in steps:
            store.apply(ChangeSet(entities=[certificate(id, id in ended) for id in IDS]))
            answer = findings.record(checks=[CHECK]) if record else findings.run(checks=[CHECK])
            expected = {id: "still there" if stored.get(id) else "new" for id in ended}
            expected |= {id: "gone" for id in stored if id not in ended}
            assert {one.entities[0]: one.status for one in answer.findings} == expected
            assert answer.newly_gone == sum(there and id not in ended for id, there in stored.items())
            (tally,) = answer.tallies
            assert (tally.deficient, tally.looked_at) == (len(ended), len(IDS))
            if record:
                stored = {id: id in ended for id in stored.keys() | ended}
            held = {str(one.properties["ruleId"]): one for one in store.entities(type="Finding")}
            assert bool(held) == bool(stored)
