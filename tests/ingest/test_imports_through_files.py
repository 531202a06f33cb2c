"""An import that goes through temporary files does just what one in memory does: the same cases, with room for nothing.

The cases are those of other modules, taken from there by name; those that need more than one store are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import test_several_sources
from graphsms.ingest import check, ingest, plan, reading, spill_blocks, spilling
from graphsms.ingest.drafted import Counts
from graphsms.ingest.planned import Changes
from graphsms.ingest.spilling import Spilled
from graphsms.store import Store, open_store
from imported import Write, content, estate

from . import test_importing, test_leaving_out, test_plans, test_round_trips, test_rules_of_statements

MODULES = (
    test_importing,
    test_leaving_out,
    test_plans,
    test_round_trips,
    test_rules_of_statements,
    test_several_sources,
)
CASES = [(name, case) for module in MODULES for name, case in vars(module).items() if name.startswith("test_")]
globals().update(CASES)
say, graph = test_several_sources.say, test_plans.graph


def test_no_case_hides_another() -> None:
    assert len(dict(CASES)) == len(CASES) > 80


@pytest.fixture(autouse=True)
def no_room() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "ROOM", 1)
        patch.setattr(spilling, "HELD", 2)
        patch.setattr(spilling, "BATCH", 3)
        yield


@pytest.fixture
def reopen() -> None:
    pytest.skip("this case is about stores, not about what is read")


new_store = store_url = reopen

ESTATE = estate(
    *(f"{{id: srv-{number}, type: Server, name: Server {number}, dependsOn: [net, srv-9]}}" for number in range(1, 9)),
    "{id: net, type: Server}",
    "{id: srv-9, type: Server}",
)


def test_beyond_its_room_an_import_goes_through_files(store: Store, write: Write) -> None:
    met: list[type] = []
    spill = check.Stated.spill

    def watched(stated: check.Stated) -> None:
        spill(stated)
        met.append(type(stated.entities))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check.Stated, "spill", watched)
        ingest(store, [write("estate.yaml", ESTATE)], source="cmdb")
    assert met == [Spilled]


def test_a_plan_of_many_changes_is_read_from_a_file_and_is_the_same(store: Store, write: Write, tmp_path: Path) -> None:
    file = write("estate.yaml", ESTATE)
    through_files = plan(store, [file], source="cmdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "ROOM", 1000)
        patch.setattr(spilling, "HELD", 1000)
        in_memory = plan(store, [file], source="cmdb")
        with open_store(str(tmp_path / "other.db")) as other:
            ingest(other, [file], source="cmdb")
            expected = content(other)
    assert isinstance(through_files.changes, Changes)
    assert isinstance(in_memory.changes, tuple)
    assert through_files.changes == in_memory.changes
    assert through_files.changes[3] == in_memory.changes[3]
    assert through_files.changes[-4:] == in_memory.changes[-4:]
    assert through_files.changes[::-3] == in_memory.changes[::-3]
    assert [through_files.counts(one) for one in ("create", "change", "note", "remove")] == [
        in_memory.counts(one) for one in ("create", "change", "note", "remove")
    ]
    assert through_files.sentence() == in_memory.sentence()
    ingest(store, [file], source="cmdb")
    assert content(store) == expected


SCATTERED = """\
tables:
- id: "{id}"
  type: Server
  columns: {name: name, needs: {relation: dependsOn}}
"""


@pytest.mark.parametrize("source", ["cmdb", "scan"])
@pytest.mark.parametrize("room", [1, 1000])
@pytest.mark.parametrize("few", [-100, 100])
@pytest.mark.parametrize("batch", [1, 1000])
def test_relations_of_one_subject_may_stand_anywhere(
    store: Store, write: Write, source: str, room: int, few: int, batch: int
) -> None:
    ids = [f"srv-{number}" for number in range(6)]
    rows = [f"{id},{id},{other}" for shift in range(1, 5) for id, other in zip(ids, ids[shift:] + ids, strict=False)]
    mapping = write("estate.mapping.yaml", SCATTERED)
    ingest(store, [write("estate.csv", "\n".join(["id,name,needs", *rows]))], mapping=mapping, source="cmdb")
    left = rows[:3] + rows[4:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "ROOM", room)
        patch.setattr(spill_blocks, "_FEW", few)
        patch.setattr("graphsms.ingest.draft._BATCH", batch)
        file = write("estate.csv", "\n".join(["id,name,needs", *left, "srv-0,srv-0,srv-5"]))
        found = plan(store, [file], mapping=mapping, source=source)
    own = source == "cmdb"
    assert found.unchanged == (Counts(6, 23) if own else Counts())
    assert found.counts("note") == (Counts() if own else Counts(6, 23))
    assert found.counts("create") == Counts(0, 1)
    assert found.no_longer_stated == ((("srv-3", "dependsOn", "srv-4"),) if own else ())
