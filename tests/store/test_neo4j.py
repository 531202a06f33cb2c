"""What only the store in Neo4j has to hold to: the graph as people's own Cypher meets it, a server that may say no."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import Neo4jError

from contract.conftest import opened
from contract.samples import content, packed
from graphsms.errors import (
    CorruptError,
    GraphSmsError,
    InputError,
    IntegrityError,
    UnavailableError,
    VocabularyError,
)
from graphsms.history.verification import verify_journal
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.store import Store, _neo4j_apply, _neo4j_stream, _neo4j_write, open_store
from graphsms.store._neo4j_lanes import InSteps, clear_leftovers
from graphsms.store._neo4j_server import address_of, translated
from graphsms.store.neo4j import Neo4jStore
from graphsms.vocabulary import Vocabulary
from neo4j_server import NoServerError, Server, own

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def store(neo4j_url: str) -> Iterator[Neo4jStore]:
    with Neo4jStore.open(neo4j_url, load()) as store:
        yield store


def with_type(vocabulary: Vocabulary, name: str, *ancestors: str) -> Vocabulary:
    """A user's own ontology that has one more type."""
    type = replace(vocabulary.types["Server"], name=name, iri=f"https://example.org/{name}", ancestors=ancestors)
    return replace(vocabulary, types={**vocabulary.types, name: type})


def run(server: Server, query: str, **values: Any) -> list[Any]:
    """The first column of somebody's own Cypher."""
    with server.driver() as driver:
        return [record[0] for record in driver.execute_query(query, values).records]


# -------------------------------------------------------------------------- people's own Cypher


def test_an_entity_has_the_labels_of_its_type_and_of_all_superclasses(store: Neo4jStore, neo4j_server: Server) -> None:
    store.apply(ChangeSet([Entity("vm-1", "VirtualMachine")]))
    labels = store.vocabulary.types["VirtualMachine"].labels
    assert "ConfigurationItem" in labels
    assert {*run(neo4j_server, "MATCH (n {id: 'vm-1'}) UNWIND labels(n) AS one RETURN one")} == {*labels}


def test_an_entity_that_becomes_of_another_type_changes_its_labels(store: Neo4jStore, neo4j_server: Server) -> None:
    store.apply(ChangeSet([Entity("x", "VirtualMachine")]))
    store.apply(ChangeSet([Entity("x", "Site")]))
    labels = run(neo4j_server, "MATCH (n {id: 'x'}) WHERE n:Entity UNWIND labels(n) AS one RETURN one")
    assert {*labels} == {*store.vocabulary.types["Site"].labels}


def test_a_relation_is_a_relationship_in_capitals(store: Neo4jStore, neo4j_server: Server) -> None:
    store.apply(ChangeSet([Entity("a", "Server"), Entity("b", "Server")], [Relation("dependsOn", "a", "b")]))
    assert run(neo4j_server, "MATCH (:Server {id: 'a'})-[r]->({id: 'b'}) RETURN type(r)") == ["DEPENDS_ON"]


def test_dates_are_compared_as_dates_in_peoples_own_cypher(store: Neo4jStore, neo4j_server: Server) -> None:
    moment = "2026-11-21T09:30:00.123456Z"
    store.apply(ChangeSet([Entity("a", "Contract", {"validTo": moment, "validFrom": "0001-01-01T00:00:00Z"})]))
    (end,) = run(
        neo4j_server, "MATCH (n:Contract) WHERE n.validTo > datetime('2026-11-21T10:00+01:00') RETURN n.validTo"
    )
    assert end.to_native() == datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=timezone.utc)  # noqa: UP017
    entity = store.entity("a")
    assert entity is not None
    assert entity.properties == {"validTo": moment, "validFrom": "0001-01-01T00:00:00Z"}


def test_what_people_put_there_in_another_zone_is_read_as_canonical(store: Neo4jStore, neo4j_server: Server) -> None:
    store.apply(ChangeSet([Entity("a", "Contract")]))
    run(neo4j_server, "MATCH (n:Contract) SET n.validTo = datetime('2026-11-21T10:30:00.123456789[Europe/Zurich]')")
    entity = store.entity("a")
    assert entity is not None
    assert entity.properties == {"validTo": "2026-11-21T09:30:00.123456Z"}
    broken = verify_journal(store).broken
    assert broken is not None
    assert broken.revision == 1


def test_the_past_is_out_of_the_way_of_peoples_own_cypher(store: Neo4jStore, neo4j_server: Server) -> None:
    store.apply(
        ChangeSet(
            [Entity("a", "Server", {"name": "old"}), Entity("b", "Server"), Entity("c", "Server")],
            [Relation("dependsOn", "a", "b"), Relation("dependsOn", "c", "b")],
        )
    )
    store.apply(ChangeSet([Entity("a", "Server", {"name": "new"})], removed_entities=["b"]))
    assert run(neo4j_server, "MATCH (n:Entity) RETURN n.id + coalesce(' ' + n.name, '') AS n ORDER BY n") == [
        "a new",
        "c",
    ]
    assert run(neo4j_server, "MATCH ()-[r]->() RETURN type(r)") == []
    own = {"_k", "_from", "id", "name"}
    assert {*run(neo4j_server, "MATCH (n:Entity) UNWIND keys(n) AS one RETURN one")} == own
    assert content(store, 1) == (
        [Entity("a", "Server", {"name": "old"}), Entity("b", "Server"), Entity("c", "Server")],
        [Relation("dependsOn", "a", "b"), Relation("dependsOn", "c", "b")],
    )


def test_labels_and_relations_that_people_add_do_no_harm(store: Neo4jStore, neo4j_server: Server) -> None:
    store.apply(ChangeSet([Entity("a", "Server"), Entity("b", "Server")], [Relation("dependsOn", "a", "b")]))
    run(
        neo4j_server,
        "MATCH (a {id: 'a'}), (b {id: 'b'}) SET a:Favourite MERGE (a)-[:LIKES]->(b) MERGE (b)-[:DEPENDS_ON]->(a)"
        " MERGE (:Server {id: 'mine'})-[:DEPENDS_ON]->(:Note)",
    )
    assert content(store) == ([Entity("a", "Server"), Entity("b", "Server")], [Relation("dependsOn", "a", "b")])
    with store.stream(["dependsOn"]) as graph:
        assert [stream.type for stream in graph.nodes] == ["Server"]
        assert [[*packed(stream.chunks)] for stream in graph.edges] == [[1 << 32 | 2]]
    assert store.apply(ChangeSet(removed_entities=["a"])).removed == 2
    assert verify_journal(store).intact


def test_a_relation_under_a_name_of_ours_that_no_revision_made_is_told(store: Neo4jStore, neo4j_server: Server) -> None:
    """We leave it out, but people's own Cypher takes it for one of ours."""
    store.apply(ChangeSet([Entity("a", "Server"), Entity("b", "Server")], [Relation("dependsOn", "a", "b")]))
    run(neo4j_server, "MATCH (a {id: 'a'}), (b {id: 'b'}) MERGE (a)-[:LIKES]->(b)")
    assert verify_journal(store).intact
    run(neo4j_server, "MATCH (a {id: 'a'}), (b {id: 'b'}) MERGE (b)-[:DEPENDS_ON]->(a)")
    broken = verify_journal(store).broken
    assert broken is not None
    assert (broken.rule, "'b' dependsOn 'a'" in broken.message) == ("row-added", True)


def test_somebody_elses_graph_stays_as_it_is_beside_ours(neo4j_url: str, neo4j_server: Server) -> None:
    run(neo4j_server, "CREATE (:Film {title: 'Metropolis'})-[:SHOWN_IN]->(:City {id: 'Berlin'})")
    with Neo4jStore.open(neo4j_url, load()) as store:
        store.apply(ChangeSet([Entity("a", "Server")]))
        assert [entity.id for entity in store.entities()] == ["a"]
    assert run(neo4j_server, "MATCH (f:Film)-[:SHOWN_IN]->(c:City) RETURN f.title + c.id") == ["MetropolisBerlin"]


def test_a_database_with_entities_of_somebody_else_is_refused(neo4j_url: str, neo4j_server: Server) -> None:
    run(neo4j_server, "CREATE (:Entity {id: 'mine'})")
    with pytest.raises(CorruptError, match="no graphsms store, and has nodes labelled `Entity`"):
        Neo4jStore.open(neo4j_url, load())
    assert run(neo4j_server, "MATCH (n) RETURN labels(n)") == [["Entity"]]


def test_an_entity_put_in_behind_the_stores_back_is_named(store: Neo4jStore, neo4j_server: Server) -> None:
    run(neo4j_server, "CREATE (:Entity:Server {id: 'mine'})")
    store.apply(ChangeSet([Entity("ours", "Server")]))
    with pytest.raises(CorruptError, match="'mine' was put into the database behind the store's back"):
        store.apply(ChangeSet([Entity("mine", "Server")]))
    assert [entity.id for entity in store.entities()] == ["ours"]


def test_a_constraint_of_peoples_own_is_respected(store: Neo4jStore, neo4j_server: Server) -> None:
    run(neo4j_server, "CREATE CONSTRAINT FOR (n:Server) REQUIRE n.name IS UNIQUE")
    store.apply(ChangeSet([Entity("a", "Server", {"name": "one"})]))
    with pytest.raises(IntegrityError, match=r"has a constraint that the change set breaks .*nothing was changed"):
        store.apply(ChangeSet([Entity("b", "Site"), Entity("c", "Server", {"name": "one"})]))
    assert store.revision().number == 1
    assert [entity.id for entity in store.entities()] == ["a"]


def test_a_query_of_peoples_own_is_answered_with_plain_values(store: Neo4jStore) -> None:
    store.apply(
        ChangeSet(
            [Entity("a", "Contract", {"validTo": "2026-11-22T00:00:00Z"}), Entity("b", "Server")],
            [Relation("covers", "a", "b")],
        )
    )
    columns, rows = store.cypher(
        "MATCH p = (a:Contract)-[r]->(b)"
        " RETURN a, r, p, [b] AS l, a.validTo AS v, date($d) AS d, {x: b} AS m, null AS n",
        {"d": "2026-11-21"},
    )
    assert columns == ["a", "r", "p", "l", "v", "d", "m", "n"]
    assert rows == [
        ["a", ("a", "covers", "b"), ["a", "b"], ["b"], "2026-11-22T00:00:00Z", "2026-11-21", {"x": "b"}, None]
    ]
    assert store.cypher("MATCH (r:Revision) RETURN r{.number} AS r")[1] == [[{"number": 1}]]
    assert store.cypher("UNWIND [] AS x RETURN x") == (["x"], [])


@pytest.mark.parametrize("query", ["MATCH (n) DETACH DELETE n", "CREATE (:Server)", "MATCH (n) SET n.name = 'x'"])
def test_a_query_of_peoples_own_changes_nothing(store: Neo4jStore, query: str) -> None:
    store.apply(ChangeSet([Entity("a", "Server")]))
    with pytest.raises(InputError, match="would change the graph"):
        store.cypher(query)
    assert content(store) == ([Entity("a", "Server")], [])


@pytest.mark.parametrize(("query", "says"), [("MATCH (n", "cannot be answered"), ("RETURN $x", "Expected parameter")])
def test_a_query_that_is_none_says_what_is_wrong(store: Neo4jStore, query: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        store.cypher(query)


def test_a_query_that_takes_too_long_is_ended(store: Neo4jStore) -> None:
    endless = "UNWIND range(1, 1000000000) AS a UNWIND range(1, 1000000000) AS b RETURN sum(a * b)"
    with pytest.raises(UnavailableError, match="allow it more time"):
        store.cypher(endless, timeout=0.5)


# -------------------------------------------------------------------------------- the ontology


def test_a_new_superclass_reaches_the_entities_that_are_there_already(neo4j_url: str, neo4j_server: Server) -> None:
    before = load()
    above = before.types["Server"].ancestors
    with Neo4jStore.open(neo4j_url, with_type(before, "Kiosk", "Server", *above)) as store:
        store.apply(ChangeSet([Entity("k", "Kiosk"), Entity("s", "Server")]))
    after = with_type(with_type(before, "Terminal", "Server", *above), "Kiosk", "Terminal", "Server", *above)
    with Neo4jStore.open(neo4j_url, after) as store:
        assert run(neo4j_server, "MATCH (n:Terminal) RETURN n.id") == ["k"]
        assert [entity.type for entity in store.entities()] == ["Kiosk", "Server"]
        assert [entity.id for entity in store.entities(type="Terminal")] == ["k"]
    with Neo4jStore.open(neo4j_url, with_type(before, "Kiosk", *above)) as store:
        assert run(neo4j_server, "MATCH (n:Server) RETURN n.id") == ["s"]
        assert [entity.type for entity in store.entities()] == ["Kiosk", "Server"]


def test_who_has_not_the_users_ontology_still_reads_what_it_says(neo4j_url: str, neo4j_server: Server) -> None:
    ours = load()
    theirs = with_type(ours, "Kiosk", "Server", *ours.types["Server"].ancestors)
    with Neo4jStore.open(neo4j_url, ours) as early, Neo4jStore.open(neo4j_url, theirs) as writer:
        writer.apply(ChangeSet([Entity("k", "Kiosk")]))
        with Neo4jStore.open(neo4j_url, ours) as late:
            for store in (early, late):
                assert content(store) == ([Entity("k", "Kiosk")], [])
                assert store.counts() == {"Kiosk": 1}
    assert run(neo4j_server, "MATCH (n:Kiosk) RETURN n:Server") == [True]


@pytest.mark.parametrize("name", ["Revision", "EntityVersion", "GraphsmsStore"])
def test_a_type_cannot_have_a_name_that_the_store_keeps_for_itself(name: str) -> None:
    with pytest.raises(VocabularyError, match=f"{name!r} cannot be kept in Neo4j"):
        Neo4jStore.open("bolt://localhost:1", with_type(load(), name, "Entity"))


# ---------------------------------------------------------------------------------- the server


def test_a_cluster_is_asked_for_its_members(neo4j_server: Server) -> None:
    neo4j_server.empty()
    with open_store(replace(neo4j_server, scheme="neo4j").url) as store:
        assert store.url == f"neo4j://{neo4j_server.address}"
        assert store.apply(ChangeSet([Entity("a", "Server")])).number == 1
        assert [entity.id for entity in store.entities()] == ["a"]


def test_user_and_password_may_stand_in_the_environment(neo4j_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    neo4j_server.empty()
    monkeypatch.setenv("NEO4J_USERNAME", neo4j_server.user)
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_server.password)
    with open_store(f"bolt://{neo4j_server.address}") as store:
        assert store.revision().number == 0


SECRET = "s3cret-w0rd"


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("bolt://neo4j:{secret}@127.0.0.1:1", UnavailableError, "does not answer"),
        ("neo4j://neo4j:{secret}@127.0.0.1:1", UnavailableError, "does not answer"),
        ("neo4j://neo4j:{secret}@no-such-host.invalid", UnavailableError, "does not answer"),
        ("bolt://neo4j:{secret}@{server}", UnavailableError, "refuses the user 'neo4j' or the password"),
        ("bolt+s://neo4j:{secret}@{server}", UnavailableError, "do not agree on encryption"),
        ("bolt://{user}:{password}@{server}/nothing-here", UnavailableError, "has no such database"),
        ("neo4j://neo4j:{secret}/x@{server}", InputError, "percent-encoded"),
        ("neo4j://neo4j:{secret}#x@{server}", InputError, "percent-encoded"),
        ("neo4j://neo4j:{secret}@", InputError, "percent-encoded"),
        ("neo4j://neo4j:{secret}@{server}:x", InputError, "percent-encoded"),
        ("neo4j+x://neo4j:{secret}@{server}", InputError, "percent-encoded"),
        ("memgraph://neo4j:{secret}@{server}", InputError, "no known kind"),
    ],
)
def test_a_server_that_cannot_be_had_is_said_without_the_password(
    neo4j_server: Server, url: str, error: type[GraphSmsError], says: str
) -> None:
    given = url.format(
        secret=SECRET, server=neo4j_server.address, user=neo4j_server.user, password=neo4j_server.password
    )
    start = time.monotonic()
    with pytest.raises(error, match=says) as raised:
        open_store(given)
    assert time.monotonic() - start < 20
    secrets = (SECRET, neo4j_server.password)
    fault: BaseException | None = raised.value
    while fault is not None:
        assert not any(secret in str(fault) + repr(fault) for secret in secrets)
        fault = fault.__cause__


def test_neither_url_nor_representation_shows_the_password(store: Neo4jStore, neo4j_server: Server) -> None:
    shown = store.url + repr(store) + repr(address_of(neo4j_server.url))
    assert neo4j_server.password not in shown
    assert store.url == f"bolt://{neo4j_server.address}"


def test_caches_of_a_store_are_kept_for_each_user(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/else")
    assert store.cache_folder() == f"/somewhere/else/graphsms/{store.identity}"


# ------------------------------------------------------------------------------ all or nothing

IMPORT = """
import sys, time
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import open_store
from graphsms.store._neo4j_lanes import InSteps

steps = []

def create(lane, query, **values):
    steps.append(query)
    if len(steps) == 8:
        print("nearly done", flush=True)
        time.sleep(600)
    return create_one(lane, query, **values)

create_one, InSteps.create = InSteps.create, create
entities = [Entity(f"e{n}", "Server", {"name": "x" * 50}) for n in range(30_000)]
relations = [Relation(kind, "old", e.id) for kind in ("dependsOn", "hostedOn") for e in entities]
with open_store(sys.argv[1]) as store:
    store.apply(ChangeSet(entities, [Relation("dependsOn", "old", "older"), *relations]))
"""


def test_of_a_large_import_that_is_killed_nothing_is_ever_seen(
    store: Neo4jStore, neo4j_url: str, neo4j_server: Server
) -> None:
    old = [Entity("old", "Server"), Entity("older", "Server")]
    store.apply(ChangeSet(old))

    def nothing_is_seen(by: Store) -> None:
        assert content(by) == (old, [])
        assert by.counts() == {"Server": 2}
        assert by.find("e1") == []
        assert by.keys(["e1", "old"]) == [None, 1]
        with by.stream(["dependsOn"]) as graph:
            assert sum(1 for stream in graph.nodes for _ in packed(stream.chunks)) == 2
            assert not [*packed(chunk for stream in graph.edges for chunk in stream.chunks)]

    importer = subprocess.Popen([sys.executable, "-c", IMPORT, neo4j_url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert importer.stdout is not None
    with importer.stdout as said:
        try:
            assert said.readline() == "nearly done\n"
            assert run(neo4j_server, "MATCH (:Entity) RETURN count(*)") == [30_002]
            nothing_is_seen(store)
            with opened(neo4j_url, None, None) as other:  # takes nothing away from a writer that lives
                nothing_is_seen(other)
            assert run(neo4j_server, "MATCH ()-[r]->() RETURN count(r)") == [40_000]
        finally:
            importer.kill()
            importer.wait()
    nothing_is_seen(store)
    with opened(neo4j_url, None, None) as other:
        nothing_is_seen(other)
    assert run(neo4j_server, "MATCH (n:Entity) RETURN n.id AS n ORDER BY n") == ["old", "older"]
    assert run(neo4j_server, "MATCH ()-[r]->() RETURN count(r)") == [0]
    assert run(neo4j_server, "MATCH (p:GraphsmsPending) RETURN count(p)") == [0]
    assert store.apply(ChangeSet([Entity("e1", "Server")])).number == 2
    assert verify_journal(store).intact


@pytest.fixture
def in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every change set counts as a large one."""
    monkeypatch.setattr(_neo4j_apply, "LARGE", 0)


@pytest.mark.usefixtures("in_steps")
def test_a_large_change_set_that_fails_at_its_end_leaves_nothing(store: Neo4jStore, neo4j_server: Server) -> None:
    old = [Entity("old", "Server"), Entity("older", "Server")]
    store.apply(ChangeSet(old))
    news = [Entity(f"e{number}", "Server") for number in range(30)]
    links = [
        Relation("dependsOn", "old", "older"),
        Relation("dependsOn", "old", "e1"),
        Relation("covers", "e1", "gone"),
    ]
    with pytest.raises(IntegrityError, match="'gone'"):
        store.apply(ChangeSet(news, links))
    assert run(neo4j_server, "MATCH (n:Entity) RETURN count(n)") == [2]
    assert run(neo4j_server, "MATCH ()-[r]->() RETURN count(r)") == [0]
    assert run(neo4j_server, "MATCH (p:GraphsmsPending) RETURN count(p)") == [0]
    assert store.apply(ChangeSet([Entity("e1", "Server")], links[:2])).created == 3


@pytest.mark.usefixtures("in_steps")
def test_a_large_change_set_creates_changes_and_removes_in_one_revision(store: Neo4jStore) -> None:
    servers = [Entity(name, "Server") for name in "abc"]
    store.apply(ChangeSet(servers, [Relation("dependsOn", "a", "b"), Relation("dependsOn", "b", "c")]))
    changes = ChangeSet(
        [Entity("a", "Server", {"name": "A"}), Entity("d", "Server")],
        [Relation("dependsOn", "a", "b", {"strength": "soft"}), Relation("dependsOn", "d", "a")],
        removed_entities=["c"],
    )
    made = store.apply(changes)
    assert (made.created, made.changed, made.removed) == (2, 2, 2)
    assert content(store) == (
        [Entity("a", "Server", {"name": "A"}), Entity("b", "Server"), Entity("d", "Server")],
        [Relation("dependsOn", "a", "b", {"strength": "soft"}), Relation("dependsOn", "d", "a")],
    )
    assert content(store, 1)[0] == servers
    assert verify_journal(store).intact


def test_a_writer_whose_place_another_has_taken_writes_no_more(store: Neo4jStore, neo4j_server: Server) -> None:
    lane = InSteps(store._server, 1, 1)
    create = "UNWIND $ids AS id CREATE (n:Entity:Server {id: id, _k: 1, _from: 1})"
    lane.create(create, ids=["a"])
    clear_leftovers(store._server)
    with pytest.raises(UnavailableError, match="another writer has begun"):
        lane.create(create, ids=["b"])
    assert run(neo4j_server, "MATCH (n:Entity) RETURN count(n)") == [0]


# -------------------------------------------------------------------------------- large answers


def test_what_is_streamed_in_ranges_of_keys_is_the_same(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"s{number}" for number in range(50)]
    links = [Relation("dependsOn", one, other) for one, other in zip(names, names[7:] + names[:7], strict=True)]
    store.apply(ChangeSet([Entity(name, "Server") for name in names], links))
    store.apply(ChangeSet([Entity("s3", "Server", {"name": "3"})], removed_entities=["s9"]))

    def streamed(at: int) -> tuple[list[int], list[int]]:
        with store.stream(["dependsOn"], at) as graph:
            nodes = [one for stream in graph.nodes for one in packed(stream.chunks)]
            return nodes, [one for stream in graph.edges for one in packed(stream.chunks)]

    whole = [streamed(at) for at in (1, 2)]
    assert [(len(nodes), len(edges)) for nodes, edges in whole] == [(50, 50), (49, 48)]
    monkeypatch.setattr(_neo4j_stream, "CHUNK", 7)
    assert [streamed(at) for at in (1, 2)] == whole


def test_what_a_large_revision_did_is_told_as_that_of_a_small_one(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_neo4j_write, "TOUCHED_NAMED", 1)
    servers = [Entity(name, "Server") for name in "abc"]
    links = [Relation("dependsOn", "a", "b"), Relation("dependsOn", "b", "c")]
    store.apply(ChangeSet(servers, links))
    assert [one.after for one in store.touched(0)] == [*servers, *links]
    assert verify_journal(store).intact


def test_a_plan_made_while_there_is_nothing_still_serves_when_there_is_much(
    store: Neo4jStore, neo4j_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, dict[str, Any]] = {}
    ask = neo4j.ManagedTransaction.run

    def listened(self: neo4j.ManagedTransaction, query: str, *values: Any, **named: Any) -> neo4j.Result:
        asked[query] = {**(values[0] if values else {}), **named}
        return ask(self, query, *values, **named)

    monkeypatch.setattr(neo4j.ManagedTransaction, "run", listened)
    servers, links = [Entity(name, "Server") for name in "abcd"], [Relation("dependsOn", "a", "b")]
    store.apply(ChangeSet(servers, [*links, Relation("dependsOn", "b", "c"), Relation("dependsOn", "c", "d")]))
    store.apply(
        ChangeSet(
            [Entity("a", "Server", {"name": "A"})],
            [Relation("dependsOn", "a", "b", {"strength": "soft"})],
            removed_entities=["d"],
            removed_relations=[("b", "dependsOn", "c")],
        )
    )
    for at in (1, 2):
        found = list(store.entities(ids=["a", "d"], at=at))
        assert len(found) == 3 - at
        assert len(list(store.relations(subjects=["a"], at=at))) == 1
        assert len(list(store.relations(objects=["b"], type="dependsOn", at=at))) == 1
        assert store.keys(["a"], at) != [None]
    assert list(store.touched(0))
    assert store.touched_of("a")
    over_lists = {query: values for query, values in asked.items() if "UNWIND" in query and "MATCH" in query}
    assert len(over_lists) > 15

    with neo4j_server.driver() as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
        # Many by the count, while the server has not looked yet how many its index holds.
        driver.execute_query("UNWIND range(1, 20000) AS k CREATE (n:Entity {_k: k, id: toString(k)})")
        driver.execute_query("CALL db.clearQueryCaches()")
        for query, values in over_lists.items():
            _, summary, _ = driver.execute_query("EXPLAIN " + query, values)
            assert summary.plan is not None
            assert not [step for step in _steps(summary.plan) if "Scan" in step], query


def _steps(plan: dict[str, Any]) -> list[str]:
    return [plan["operatorType"], *(step for child in plan.get("children", []) for step in _steps(child))]


# ------------------------------------------------------------------ a server that may not or cannot


@contextmanager
def own_server(settings: dict[str, str]) -> Iterator[Server]:
    try:
        with own("5.26", settings) as server:
            yield server
    except NoServerError as error:
        pytest.skip(str(error))


def test_a_change_set_too_large_for_the_servers_memory_says_which_setting() -> None:
    with own_server({"db.memory.transaction.max": "8m"}) as server, Neo4jStore.open(server.url, load()) as store:
        for part in range(4):
            store.apply(ChangeSet([Entity(f"e{part}-{number}", "Server") for number in range(2_000)]))
        renamed = (replace(entity, properties={"name": "x"}) for entity in store.entities())
        with pytest.raises(UnavailableError, match=r"dbms\.memory\.transaction\.total\.max.*nothing was changed"):
            store.apply(ChangeSet(renamed))
        assert store.revision().number == 4
        assert store.entity("e1-1") == Entity("e1-1", "Server")


class RefusalError(Neo4jError):
    """What a server says whose state a test cannot bring about."""

    code = ""
    message = "The disk has no room."


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", "is read-only"),
        ("Neo.ClientError.Cluster.NotALeader", "is a member that may not write"),
        ("Neo.ClientError.Security.Forbidden", "may not do this with the rights of the user 'ann'"),
        ("Neo.TransientError.Database.DatabaseUnavailable", r"cannot do it at the moment \(The disk has no room\)"),
        ("Neo.DatabaseError.Transaction.TransactionCommitFailed", r"failed \(The disk has no room\): see to its disk"),
    ],
)
def test_a_server_that_cannot_write_says_why_and_what_to_do(code: str, says: str) -> None:
    refusal = RefusalError()
    refusal.code = code
    with (
        pytest.raises(UnavailableError, match=f"bolt://db.example {says}.*; nothing was changed"),
        translated(address_of("bolt://ann@db.example", {})),
    ):
        raise refusal
