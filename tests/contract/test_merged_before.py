"""What a source still states under an id that went in a merge is stated of the one that stays, on every store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphsms.errors import RejectedError
from graphsms.graph import Graph
from graphsms.ingest import ImportVerdict, ingest, plan
from graphsms.model import ChangeSet, Entity, Relation, RelationKey
from graphsms.store import Store

Say = Callable[..., ImportVerdict]

CMDB = ("{id: web-1, type: Server, name: Web 1, serialNumber: A1, locatedAt: dc}", "{id: dc, type: Site}")
SCAN = (
    "{id: scan-7, type: Server, name: web-1.local, serialNumber: A1, hostname: web-1}",
    "{id: app, type: Application, hostedOn: scan-7}",
)


def written(folder: Path, *entities: str) -> Path:
    path = folder / "said.yaml"
    path.write_text("entities:\n" + "".join(f"- {one}\n" for one in entities))
    return path


@pytest.fixture
def say(store: Store, tmp_path: Path) -> Say:
    """Imports entities, one a line in the exchange format, as what a source says."""

    def say(source: str, *entities: str, **options: Any) -> ImportVerdict:
        return ingest(store, [written(tmp_path, *entities)], source=source, **options)

    return say


@pytest.fixture
def merged(store: Store, say: Say) -> Store:
    """A server that the register and a scan know under two ids, made one."""
    say("cmdb", *CMDB)
    say("scan", *SCAN)
    Graph(store).configuration.merge("web-1", "scan-7")
    return store


def ids(store: Store) -> set[str]:
    return {one.id for one in store.entities()}


def keys(store: Store) -> set[RelationKey]:
    return {one.key for one in store.relations()}


def test_entity_and_ends_of_relations_go_to_the_one_that_stays_and_the_verdict_says_so(merged: Store, say: Say) -> None:
    before = (ids(merged), keys(merged))
    verdict = say("scan", *SCAN, "{id: job, type: Application, dependsOn: [scan-7]}")
    assert (ids(merged) - before[0], keys(merged) - before[1]) == ({"job"}, {("job", "dependsOn", "web-1")})
    assert verdict.merged_before == (("scan-7", "web-1"),)
    assert "1 id was merged before: scan-7 → web-1." in verdict.sentence()
    assert verdict.to_json()["merged_before"] == (("scan-7", "web-1"),)
    web = merged.entity("web-1")
    assert web is not None
    assert (web.name, web.properties["hostname"], web.stated["scan"].properties["name"]) == (
        "Web 1",
        ("web-1",),
        "web-1.local",
    )
    assert web.properties["formerId"] == ("scan-7",)
    assert Graph(merged).configuration.duplicates().groups == ()


def test_the_second_import_after_a_merge_makes_no_revision(merged: Store, say: Say) -> None:
    noted = say("scan", *SCAN).revision
    assert say("scan", *SCAN).revision == noted
    assert say("cmdb", *CMDB).revision == noted


def test_a_plan_shows_it_and_changes_nothing(merged: Store, tmp_path: Path) -> None:
    before = merged.revision()
    would = plan(merged, [written(tmp_path, *SCAN)], source="scan")
    assert merged.revision() == before
    assert "1 id was merged before: scan-7 → web-1." in would.sentence()
    assert would.to_json()["merged_before"] == [["scan-7", "web-1"]]
    assert not would.counts("create")


def test_only_an_end_of_a_relation_under_the_former_id_makes_no_placeholder(merged: Store, say: Say) -> None:
    verdict = say("tickets", "{id: job, type: Application, dependsOn: [scan-7]}")
    assert (verdict.placeholders, verdict.merged_before) == ((), (("scan-7", "web-1"),))
    assert ("job", "dependsOn", "web-1") in keys(merged)


def test_what_is_pruned_is_what_the_source_no_longer_has_under_either_id(merged: Store, say: Say) -> None:
    verdict = say("scan", *SCAN, prune=True)
    assert (verdict.removed.entities, verdict.removed.relations) == (0, 0)
    assert "scan" in merged.entity("web-1").stated  # type: ignore[union-attr]
    say("scan", "{id: app, type: Application}", prune=True, allow_removals="100%")
    web = merged.entity("web-1")
    assert web is not None
    assert ("scan" in web.stated, "hostname" in web.properties) == (False, False)
    assert ("app", "hostedOn", "web-1") not in keys(merged)


def test_a_source_that_had_it_twice_says_it_once_and_the_one_that_stays_holds(store: Store, say: Say) -> None:
    twice = (
        "{id: a, type: Server, name: A, tag: [x], dependsOn: [c]}",
        "{id: b, type: Server, name: B, tag: [y], hostname: b, dependsOn: [{to: c, strength: soft}, a]}",
        "{id: c, type: Server}",
    )
    say("cmdb", *twice)
    Graph(store).configuration.merge("a", "b")
    stands = (list(store.entities()), list(store.relations()), store.revision())
    verdict = say("cmdb", *twice)
    assert (list(store.entities()), list(store.relations()), store.revision()) == stands
    (warning,) = verdict.warnings
    assert (warning.subject, warning.rule) == ("b", "merged-before")
    assert "passed over here is name" in warning.message


def test_merged_again_the_oldest_id_leads_to_the_last(store: Store, say: Say) -> None:
    for id in "abc":
        say(id, f"{{id: {id}, type: Server, name: {id}}}")
    Graph(store).configuration.merge("b", "a")
    Graph(store).configuration.merge("c", "b")
    assert say("a", "{id: a, type: Server, name: a}").merged_before == (("a", "c"),)
    assert ids(store) == {"c"}


def test_an_id_that_is_in_use_again_is_that_of_what_has_it(merged: Store, say: Say) -> None:
    merged.apply(ChangeSet([Entity("scan-7", "Server", {"name": "New"})]))
    assert say("scan", *SCAN).merged_before == ()
    assert ids(merged) == {"web-1", "dc", "app", "scan-7"}


def test_a_revert_of_the_merge_ends_it(merged: Store, say: Say) -> None:
    Graph(merged).history.revert(merged.revision().number)
    assert say("scan", *SCAN).merged_before == ()
    assert "scan-7" in ids(merged)


def test_another_kind_of_thing_under_the_former_id_is_refused_or_left_out(merged: Store, say: Say) -> None:
    person = (*CMDB, "{id: scan-7, type: Person}", "{id: app, type: Application}")
    with pytest.raises(RejectedError, match="merged into 'web-1'"):
        say("scan", *person)
    verdict = say("scan", *person, skip_invalid=True)
    assert [one.subject for one in verdict.rejected] == ["scan-7"]
    assert "scan-7" not in ids(merged)


def test_what_is_wrong_under_the_former_id_is_left_out_and_pruned_by_neither(merged: Store, say: Say) -> None:
    say("scan", *SCAN)
    wrong = ("{id: scan-7, type: Server, hostname: web-1, manufactured: never}", *SCAN[1:])
    verdict = say("scan", *wrong, skip_invalid=True, prune=True, allow_removals="100%")
    assert [one.subject for one in verdict.rejected] == ["scan-7"]
    assert "scan" in merged.entity("web-1").stated  # type: ignore[union-attr]


def test_entities_that_have_a_property_are_found_by_it(store: Store) -> None:
    store.apply(
        ChangeSet(
            [
                Entity("b", "Server", {"formerId": ("z", "y")}),
                Entity("a", "Server", {"description": 'says "formerId": no'}),
                Entity("0", "Server", {"formerId": ("x",)}),
            ],
            [Relation("dependsOn", "a", "b")],
        )
    )
    assert [one.id for one in store.having("formerId")] == ["0", "b"]
    store.apply(ChangeSet([Entity("b", "Server")]))
    assert [one.id for one in store.having("formerId")] == ["0"]
    assert list(store.having("name")) == []
