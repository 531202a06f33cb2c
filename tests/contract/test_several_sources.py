"""What several sources say of the same things, on every store: kept apart, and merged by precedence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphsms.errors import ConflictError, InputError
from graphsms.graph import Graph
from graphsms.history.verification import verify_journal
from graphsms.ingest import Counts, ImportVerdict, ingest
from graphsms.ingest import plan as planned
from graphsms.ingest.hand import apply_by_hand
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def say(store: Store, tmp_path: Path) -> Callable[..., ImportVerdict]:
    """Imports entities, one a line in the exchange format, as what a source says."""

    def say(source: str, *entities: str, **options: Any) -> ImportVerdict:
        return ingest(store, [estate(tmp_path, source, *entities)], source=source, **options)

    return say


def estate(folder: Path, name: str, *entities: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text("entities:\n" + "".join(f"- {one}\n" for one in entities) if entities else "entities: []\n")
    return path


Say = Callable[..., ImportVerdict]


def one(store: Store, id: str) -> Entity:
    found = store.entity(id)
    assert found is not None
    return found


def edge(store: Store, subject: str) -> Relation:
    (found,) = store.relations(subjects=[subject])
    return found


WEB = "{id: web, type: Application, name: Web, hostedOn: srv}"
SRV = "{id: srv, type: Server}"


def test_what_a_poorer_source_says_never_overwrites_a_better_one(store: Store, say: Say) -> None:
    say("sources", "{id: cmdb, type: InformationSource, precedence: 10}")
    say("scan", "{id: srv, type: Server, name: srv.local, version: '1'}")
    say("cmdb", "{id: srv, type: Server, name: Server 1}")
    assert one(store, "srv").properties == {"name": "Server 1", "version": "1"}
    assert one(store, "srv").source == "cmdb"
    verdict = say("scan", "{id: srv, type: Server, name: srv-1.local, version: '2'}")
    assert one(store, "srv").properties == {"name": "Server 1", "version": "2"}
    assert one(store, "srv").stated["scan"].properties == {"name": "srv-1.local", "version": "2"}
    assert [tuple(said.what) for said in verdict.overruled] == [("name", "srv-1.local", "Server 1", "cmdb")]
    say("cmdb", "{id: srv, type: Server}")
    assert one(store, "srv").properties == {"name": "srv-1.local", "version": "2"}
    assert verify_journal(store).intact


def test_the_order_of_imports_does_not_matter_where_precedence_differs(store: Store, say: Say) -> None:
    say("sources", "{id: cmdb, type: InformationSource, precedence: 10}", "{id: scan, type: InformationSource}")
    for first, other in (("a", "b"), ("c", "d")):
        says = {
            "scan": (f"{{id: {first}, type: Server, name: x, tag: [s]}}", f"{{id: {other}, type: Server, name: x}}"),
            "cmdb": (f"{{id: {first}, type: Server, name: y, tag: [t]}}", f"{{id: {other}, type: Server}}"),
        }
        for source in ("scan", "cmdb") if first == "a" else ("cmdb", "scan"):
            say(source, *says[source])
    for one_id, other_id in (("a", "c"), ("b", "d")):
        this, that = one(store, one_id), one(store, other_id)
        assert (this.type, this.properties, this.source) == (that.type, that.properties, that.source)
        assert this.stated == that.stated
    assert one(store, "a").properties == {"name": "y", "tag": ("s", "t")}


def test_what_a_person_enters_holds_against_every_source_but_one_that_is_authoritative(store: Store, say: Say) -> None:
    say("cmdb", "{id: srv, type: Server, name: Server 1, tag: [a]}")
    apply_by_hand(store, ChangeSet([Entity("srv", "Server", {"name": "Blue", "tag": ("a", "b")})], actor="Ada"))
    assert one(store, "srv").source == "cmdb"
    say("cmdb", "{id: srv, type: Server, name: Server 2, tag: [c]}")
    assert one(store, "srv").properties == {"name": "Blue", "tag": ("b", "c")}
    say("register", "{id: register, type: InformationSource, authoritative: true}", "{id: srv, type: Server, tag: [z]}")
    assert one(store, "srv").properties == {"name": "Blue", "tag": ("z",)}
    say("register", "{id: register, type: InformationSource, authoritative: true}", "{id: srv, type: Server, name: R}")
    assert one(store, "srv").properties == {"name": "R", "tag": ("b", "c")}


def test_a_change_of_precedence_puts_together_anew_what_is_contested_in_the_same_revision(
    store: Store, say: Say
) -> None:
    say("cmdb", "{id: web, type: Application, name: Web, hostedOn: {to: srv, strength: hard}}", SRV)
    say("scan", "{id: web, type: Application, name: web.local, hostedOn: {to: srv, strength: soft}}", SRV)
    assert (one(store, "web").name, edge(store, "web").properties) == ("Web", {"strength": "hard"})
    before = store.revision().number
    made = Graph(store).sources.prefer("scan", "cmdb", actor="Ada")
    assert (made.number, made.actor) == (before + 1, "Ada")
    assert (one(store, "web").name, edge(store, "web").properties) == ("web.local", {"strength": "soft"})
    say("register", "{id: cmdb, type: InformationSource, authoritative: true}")
    assert (one(store, "web").name, edge(store, "web").properties) == ("Web", {"strength": "hard"})
    assert store.revision().number == before + 2
    assert [(found.name, found.contested) for found in Graph(store).sources if found.name in ("cmdb", "scan")] == [
        ("cmdb", 0),
        ("scan", 2),
    ]


def test_a_placeholder_of_one_source_becomes_what_another_describes(store: Store, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalog-info.yaml"
    catalogue.write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web}\n"
        "spec: {type: service, dependsOn: [resource:db]}\n"
    )
    ingest(store, [catalogue], source="catalogue")
    ingest(store, [estate(tmp_path, "cmdb", "{id: 'resource:default/db', type: Database}")], source="cmdb")
    found = one(store, "resource:default/db")
    assert (found.source, found.properties, found.stated) == ("cmdb", {}, {})
    assert ingest(store, [catalogue], source="catalogue").revision == 2
    before = one(store, "resource:default/db")
    verdict = ingest(store, [estate(tmp_path, "cmdb", SRV)], source="cmdb", prune=True, allow_removals="100%")
    assert verdict.became_placeholders == ("resource:default/db",)
    found = one(store, "resource:default/db")
    assert (found.type, found.properties, found.source) == (before.type, {"placeholder": True}, "catalogue")


def test_what_a_source_no_longer_has_goes_with_its_relations_and_nothing_else_does(store: Store, say: Say) -> None:
    many = [f"{{id: s{number}, type: Server}}" for number in range(20)]
    say("cmdb", *many, "{id: old, type: Server, dependsOn: s1}", "{id: both, type: Server, name: Both}")
    say("scan", "{id: both, type: Server, version: '1'}", "{id: own, type: Server, dependsOn: s2}")
    apply_by_hand(store, ChangeSet([Entity("hand", "Server")]))
    verdict = say("cmdb", *many, prune=True)
    assert (verdict.removed, verdict.changed) == (Counts(1, 1), Counts(1, 0))
    assert store.entity("old") is None
    both = one(store, "both")
    assert (both.source, both.properties, both.stated) == ("scan", {"version": "1"}, {})
    assert {found.id for found in store.entities()} == {*(f"s{n}" for n in range(20)), "both", "own", "hand"}
    assert edge(store, "own").object == "s2"
    assert say("cmdb", *many, prune=True).revision == verdict.revision
    assert verify_journal(store).intact


def test_what_others_need_stays_as_a_placeholder_and_comes_back_when_it_is_described_again(
    store: Store, say: Say
) -> None:
    many = [f"{{id: s{number}, type: Server}}" for number in range(20)]
    say("cmdb", *many, "{id: db, type: Database, name: Orders}")
    say("apps", "{id: web, type: Application, dependsOn: db}")
    verdict = say("cmdb", *many, prune=True)
    assert (verdict.removed, verdict.became_placeholders) == (Counts(), ("db",))
    assert (one(store, "db").properties, one(store, "db").source) == ({"placeholder": True}, "apps")
    assert say("cmdb", *many, prune=True).revision == verdict.revision
    say("cmdb", *many, "{id: db, type: Database, name: Orders}")
    assert (one(store, "db").properties, one(store, "db").source) == ({"name": "Orders"}, "cmdb")


def test_what_a_person_added_stays_when_the_source_is_gone_and_is_nobody_elses(store: Store, say: Say) -> None:
    say("cmdb", "{id: srv, type: Server, name: Server 1}", "{id: old, type: Server}")
    apply_by_hand(store, ChangeSet([Entity("srv", "Server", {"name": "Server 1", "version": "2"})], actor="Ada"))
    assert one(store, "srv").source == "cmdb"
    verdict = say("cmdb", prune=True, allow_removals="100%")
    assert verdict.removed == Counts(1, 0)
    assert one(store, "srv") == Entity("srv", "Server", {"version": "2"}, None)
    assert say("cmdb", prune=True, allow_removals="100%").revision == verdict.revision
    assert verify_journal(store).intact


def test_a_relation_that_two_sources_state_stays_until_neither_does(store: Store, say: Say) -> None:
    say("cmdb", WEB, SRV)
    say("scan", WEB, SRV)
    alone = "{id: web, type: Application, name: Web}"
    verdict = say("cmdb", alone, SRV, prune=True, allow_removals=1)
    assert (verdict.removed, verdict.noted) == (Counts(), Counts(0, 1))
    assert (edge(store, "web").source, edge(store, "web").stated) == ("scan", {})
    verdict = say("scan", alone, SRV, prune=True, allow_removals=1)
    assert verdict.removed == Counts(0, 1)
    assert list(store.relations()) == []


def test_more_than_a_tenth_of_a_source_is_not_removed_unasked(store: Store, say: Say, tmp_path: Path) -> None:
    say("cmdb", *(f"{{id: s{number}, type: Server}}" for number in range(20)))
    before = store.revision()
    fewer = [f"{{id: s{number}, type: Server}}" for number in range(17)]
    with pytest.raises(InputError, match="3 of the 20 entities that cmdb stated"):
        say("cmdb", *fewer, prune=True)
    with pytest.raises(InputError, match="a number, or a percentage"):
        say("cmdb", *fewer, prune=True, allow_removals="a few")
    with pytest.raises(InputError, match="--source"):
        ingest(store, [estate(tmp_path, "cmdb", *fewer)], prune=True)
    shown = planned(store, [estate(tmp_path, "cmdb", *fewer)], source="cmdb", prune=True)
    assert (shown.counts("remove"), "3 of the 20" in shown.guard) == (Counts(3, 0), True)
    with pytest.raises(InputError, match="3 of the 20"):
        Graph(store).apply_plan(shown)
    assert store.revision() == before
    assert say("cmdb", *fewer, prune=True, allow_removals="15%").removed == Counts(3, 0)
    assert say("cmdb", *fewer[:16], prune=True, allow_removals=1).removed == Counts(1, 0)


def test_a_plan_is_refused_when_the_graph_has_moved_on_and_changes_nothing(
    store: Store, say: Say, tmp_path: Path
) -> None:
    say("cmdb", SRV)
    graph = Graph(store)
    plan = graph.plan(estate(tmp_path, "scan", "{id: srv, type: Server, name: S}", WEB), source="scan")
    stale = graph.plan(estate(tmp_path, "scan", "{id: srv, type: Server, name: S}", WEB), source="scan")
    assert (plan.counts("create"), plan.counts("change")) == (Counts(1, 1), Counts(1, 0))
    assert store.revision().number == 1
    verdict = graph.apply_plan(plan, actor="Ada", request="RFC-1")
    assert (verdict.created, verdict.changed, store.revision().request) == (Counts(1, 1), Counts(1, 0), "RFC-1")
    with pytest.raises(ConflictError, match="made from revision 1, and the graph is at 2"):
        graph.apply_plan(stale)
    assert store.revision().number == 2


IMPORTING = """
import sys
from pathlib import Path
from graphsms.ingest import ingest
from graphsms.ontology import load
from graphsms.store import open_store

with open_store(sys.argv[1], vocabulary=load()) as store:
    for number in range(int(sys.argv[4])):
        ingest(store, [Path(sys.argv[3])], source=f"{sys.argv[2]}-{number}")
"""


def test_two_processes_that_import_into_the_same_entities_at_once_lose_nothing(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    rounds = 3
    running = []
    for name, property in (("cmdb", "description"), ("scan", "version")):
        ids = [f"{{id: s{number}, type: Server, {property}: {name}, dependsOn: s0}}" for number in range(1, 40)]
        path = estate(tmp_path, name, "{id: s0, type: Server}", *ids)
        command = [sys.executable, "-c", IMPORTING, store_url, name, str(path), str(rounds)]
        running.append(
            subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT), "PATH": "/bin"})
        )
    for process in running:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert store.revision().number == 2 * rounds
    sources = {f"{name}-{number}" for name in ("cmdb", "scan") for number in range(rounds)}
    for entity in store.entities():
        assert entity.stated.keys() == sources
        if entity.id != "s0":
            assert entity.properties == {"description": "cmdb", "version": "scan"}
    assert all(relation.stated.keys() == sources for relation in store.relations())
    assert verify_journal(store).intact
