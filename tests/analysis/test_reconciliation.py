"""What is recorded twice: proposed with evidence, the same whatever the order, merged without losing anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsms
from graphsms import ChangeSet, Entity, Relation, ontology
from graphsms.analysis.identification import read_rules
from graphsms.analysis.reconciliation import duplicates
from graphsms.errors import InputError, RejectedError, UnknownIdError
from memory_store import MemoryStore

WORDS = ontology.load()


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path / "estate.db") as graph:
        yield graph


def holding(graph: graphsms.Graph, *entities: Entity, relations: list[Relation] | None = None) -> None:
    graph.apply(ChangeSet(entities=entities, relations=relations or []))


def pairs(graph: graphsms.Graph, **options: object) -> dict[tuple[str, str], tuple[float, list[str]]]:
    answer = graph.configuration.duplicates(**options)  # type: ignore[arg-type]
    return {
        pair.ids: (pair.score, [one.rule for one in pair.evidence]) for group in answer.groups for pair in group.pairs
    }


def test_a_serial_number_is_the_same_however_it_is_written(graph: graphsms.Graph) -> None:
    holding(
        graph,
        Entity("a", "Server", {"serialNumber": "HX40-00871"}),
        Entity("b", "ComputingItem", {"serialNumber": " hx40 00871"}),
        Entity("c", "Server", {"serialNumber": "HX40-00872"}),
    )
    assert pairs(graph) == {("a", "b"): (0.99, ["serial-number"])}


def test_different_serial_numbers_tell_apart_whatever_else_agrees(graph: graphsms.Graph) -> None:
    holding(
        graph,
        Entity("a", "Server", {"serialNumber": "1", "name": "web", "ipAddress": ("10.0.0.1",)}),
        Entity("b", "Server", {"serialNumber": "2", "name": "web", "ipAddress": ("10.0.0.1",)}),
    )
    assert pairs(graph) == {}


def test_weak_evidence_adds_up(graph: graphsms.Graph) -> None:
    holding(
        graph,
        Entity("a", "Application", {"name": "Web Shop", "ipAddress": ("10.0.0.1", "10.0.0.2")}),
        Entity("b", "Application", {"name": "web  shop", "ipAddress": ("10.0.0.2",)}),
    )
    assert pairs(graph, least=0.8) == {("a", "b"): (0.84, ["ip-address", "name"])}


def test_a_host_is_known_by_name_and_domain_or_by_its_whole_name(graph: graphsms.Graph) -> None:
    holding(
        graph,
        Entity("a", "Server", {"hostname": ("web-1.example.com.",), "domainName": ("example.com",)}),
        Entity("b", "Server", {"hostname": ("WEB-1",), "domainName": ("Example.com.",)}),
        Entity("c", "Server", {"hostname": ("web-1.example.com",)}),
        Entity("d", "Server", {"hostname": ("web-1.example.org",)}),
    )
    assert {ids: rules for ids, (_, rules) in pairs(graph).items()} == {
        ("a", "b"): ["hostname-and-domain"],
        ("a", "c"): ["fully-qualified-name"],
    }
    (group,) = graph.configuration.duplicates().groups
    assert {group.keep, *group.others} == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Entity("a", "Server", {"serialNumber": "N/A"}), Entity("b", "Server", {"serialNumber": "n/a"})),
        (Entity("a", "Server", {"name": "web"}), Entity("b", "Service", {"name": "web"})),
        (Entity("a", "Server", {"name": "web"}), Entity("b", "Server", {"name": "web", "lifecycle": "retired"})),
        (Entity("a", "Server"), Entity("b", "Server")),
    ],
    ids=["no value", "another kind", "retired", "nothing said"],
)
def test_what_says_nothing_about_two_proposes_nothing(graph: graphsms.Graph, one: Entity, other: Entity) -> None:
    holding(graph, one, other)
    assert pairs(graph) == {}


def test_what_leads_to_the_other_is_not_the_other(graph: graphsms.Graph) -> None:
    two = [Entity("a", "Application", {"name": "web"}), Entity("b", "Application", {"name": "web"})]
    holding(graph, *two, relations=[Relation("dependsOn", "a", "b")])
    assert pairs(graph) == {}


def test_two_of_a_name_in_two_places_are_two(graph: graphsms.Graph) -> None:
    holding(
        graph,
        *(Entity(id, "Server", {"name": "patch panel"}) for id in ("a", "b", "c")),
        Entity("north", "Site"),
        Entity("south", "Site"),
        relations=[
            Relation("locatedAt", "a", "north"),
            Relation("locatedAt", "b", "south"),
            Relation("locatedAt", "c", "south"),
        ],
    )
    assert set(pairs(graph)) == {("b", "c")}


def test_a_value_that_many_share_says_nothing(graph: graphsms.Graph) -> None:
    holding(graph, *(Entity(f"e{number}", "Application", {"name": "agent"}) for number in range(11)))
    assert pairs(graph) == {}


def test_nothing_is_proposed_on_the_example_estate_and_a_copy_of_a_host_is(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.ingest(Path(__file__).parent.parent.parent / "examples" / "estate")
        assert graph.configuration.duplicates().groups == ()
        graph.apply(ChangeSet(entities=[Entity("scan:host", "Server", {"serialNumber": "hx40 11871"})]))
        (group,) = graph.configuration.duplicates().groups
    assert (group.keep, group.others) == ("host-n-1", ("scan:host",))


# ------------------------------------------------------------------------------------------ merging


def two_hosts(graph: graphsms.Graph, tmp_path: Path) -> None:
    cmdb, scan = tmp_path / "cmdb.yaml", tmp_path / "scan.yaml"
    cmdb.write_text(
        "entities:\n- {id: web-1, type: Server, name: Web 1, serialNumber: A1, tag: [core], locatedAt: dc}\n"
        "- {id: dc, type: Site}\n- {id: shop, type: Service, dependsOn: [web-1]}\n"
    )
    scan.write_text(
        "entities:\n- {id: scan-7, type: Server, name: web-1.local, serialNumber: A1, hostname: web-1, tag: [seen]}\n"
        "- {id: app, type: Application, hostedOn: scan-7}\n"
        "- {id: shop-2, type: Service, dependsOn: [{to: scan-7, strength: soft}]}\n"
    )
    graph.ingest(cmdb, source="cmdb")
    graph.ingest(scan, source="scan")


def test_a_merge_unites_properties_rewires_relations_and_lists_where_they_differ(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    two_hosts(graph, tmp_path)
    done = graph.configuration.merge("web-1", "scan-7", actor="ann", request="rfc-1")
    entity = graph.entity("web-1")
    assert dict(entity.properties) == {
        "formerId": ("scan-7",),
        "hostname": ("web-1",),
        "name": "Web 1",
        "serialNumber": "A1",
        "tag": ("core", "seen"),
    }
    assert [(one.field, one.kept, one.lost, one.other) for one in done.conflicts] == [
        ("name", "Web 1", "web-1.local", "scan-7")
    ]
    assert set(done.rewired) == {("app", "hostedOn", "web-1"), ("shop-2", "dependsOn", "web-1")}
    (soft,) = [one for one in graph.relations("web-1") if one.subject == "shop-2"]
    assert (soft.properties["strength"], soft.source) == ("soft", "scan")
    assert graph.find("scan-7", type="Server")[:1] != [graph.store.entity("scan-7")]
    assert graph.store.entity("scan-7") is None
    assert (graph.revision.actor, graph.revision.request, done.revision) == ("ann", "rfc-1", graph.revision.number)


def test_what_each_source_said_is_kept_as_what_it_says_of_the_one_that_stays(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    two_hosts(graph, tmp_path)
    graph.configuration.merge("web-1", "scan-7")
    stated = graph.entity("web-1").stated
    assert set(stated) == {"", "cmdb", "scan"}
    assert dict(stated["scan"].properties)["hostname"] == ("web-1",)
    assert "name" not in stated["scan"].properties  # it lost: who stays wins, whatever the precedence
    assert graph.entity("web-1").source == "cmdb"


def test_the_history_of_what_went_stays_readable(graph: graphsms.Graph, tmp_path: Path) -> None:
    two_hosts(graph, tmp_path)
    graph.configuration.merge("web-1", "scan-7")
    assert graph.entity("scan-7", at=2).name == "web-1.local"


def test_what_has_the_id_of_one_that_went_is_proposed_with_certainty(graph: graphsms.Graph, tmp_path: Path) -> None:
    two_hosts(graph, tmp_path)
    graph.configuration.merge("web-1", "scan-7")
    holding(graph, Entity("scan-7", "Server", {"name": "web-1.local"}))
    (group,) = graph.configuration.duplicates().groups
    assert (group.keep, group.others, group.score) == ("web-1", ("scan-7",), 1.0)
    graph.configuration.merge("web-1", "scan-7")
    assert graph.entity("web-1").properties["formerId"] == ("scan-7",)


def test_relations_among_those_merged_are_dropped_and_said(graph: graphsms.Graph) -> None:
    holding(
        graph,
        Entity("a", "Application"),
        Entity("b", "Application"),
        Entity("c", "Application"),
        relations=[
            Relation("dependsOn", "a", "b"),
            Relation("dependsOn", "b", "c"),
            Relation("dependsOn", "a", "c", {"strength": "hard"}),
        ],
    )
    done = graph.configuration.merge("a", "b")
    assert done.dropped == (("a", "dependsOn", "b"),)
    assert [(one.key, dict(one.properties)) for one in graph.relations("a")] == [
        (("a", "dependsOn", "c"), {"strength": "hard"})
    ]


def test_a_dry_run_says_the_same_and_changes_nothing(graph: graphsms.Graph, tmp_path: Path) -> None:
    two_hosts(graph, tmp_path)
    before = graph.revision
    would = graph.configuration.merge("web-1", "scan-7", dry_run=True)
    assert (graph.revision, would.revision) == (before, None)
    done = graph.configuration.merge("web-1", "scan-7")
    assert (would.entity, would.rewired, would.conflicts) == (done.entity, done.rewired, done.conflicts)


def test_a_placeholder_becomes_what_it_is_merged_with(graph: graphsms.Graph) -> None:
    holding(
        graph,
        Entity("ghost", "Application", {"placeholder": True}, "k8s"),
        Entity("web", "Application", {"description": "Shop"}, "cmdb"),
    )
    graph.configuration.merge("ghost", "web")
    assert dict(graph.entity("ghost").properties) == {"description": "Shop", "formerId": ("web",)}


def test_a_merge_that_would_break_a_rule_is_refused(graph: graphsms.Graph) -> None:
    holding(
        graph,
        Entity("pair", "RedundancyGroup", {"minimum": 2}),
        Entity("a", "Application"),
        Entity("b", "Application"),
        relations=[Relation("hasMember", "pair", "a"), Relation("hasMember", "pair", "b")],
    )
    with pytest.raises(RejectedError, match="pair"):
        graph.configuration.merge("a", "b")
    assert graph.revision.number == 1


def test_what_cannot_be_merged_is_refused(graph: graphsms.Graph) -> None:
    holding(graph, Entity("a", "Server"), Entity("b", "Person"))
    for others, error, says in [
        (["b"], InputError, "cannot be the same"),
        (["a"], InputError, "itself"),
        ([], InputError, "Say which"),
        (["c"], UnknownIdError, "'c'"),
    ]:
        with pytest.raises(error, match=says):
            graph.configuration.merge("a", *others)
    assert graph.revision.number == 1


def test_the_more_particular_type_stands(graph: graphsms.Graph) -> None:
    holding(graph, Entity("a", "ComputingItem"), Entity("b", "Server"))
    graph.configuration.merge("a", "b")
    assert graph.entity("a").type == "Server"


# ---------------------------------------------------------------------------------------- rejecting


def test_what_was_said_to_be_different_is_not_proposed_again_until_it_is_taken_back(graph: graphsms.Graph) -> None:
    holding(
        graph,
        Entity("a", "Server", {"name": "web"}),
        Entity("b", "Server", {"name": "web"}),
        Entity("ann", "Person"),
    )
    assert [one.identity for one in graph.findings.run(checks=["duplicate-suspected"]).open] == [
        "duplicate-suspected:a,b"
    ]
    graph.configuration.reject("b", "a", by="ann", why="two of a cluster")
    answer = graph.configuration.duplicates()
    assert (answer.groups, answer.rejected) == ((), 1)
    assert graph.findings.run(checks=["duplicate-suspected"]).open == ()
    graph.findings.reopen("duplicate-suspected:a,b")
    assert [group.keep for group in graph.configuration.duplicates().groups] == ["a"]


def test_who_says_so_must_be_somebody(graph: graphsms.Graph) -> None:
    holding(graph, Entity("a", "Server"), Entity("b", "Server"))
    with pytest.raises(InputError, match="cannot decide"):
        graph.configuration.reject("a", "b", by="a")
    with pytest.raises(InputError, match="itself"):
        graph.configuration.reject("a", "a")
    with pytest.raises(UnknownIdError):
        graph.configuration.reject("a", "z")


# --------------------------------------------------------------------------------------- properties


@st.composite
def estates(draw: st.DrawFn) -> list[Entity]:
    dice = Random(draw(st.integers(0, 2**32)))
    found = []
    for number in range(dice.randint(2, 14)):
        properties: dict[str, graphsms.model.Value] = {}
        if dice.random() < 0.6:
            properties["name"] = dice.choice(["web", "Web", "db", "n/a", "mail "])
        if dice.random() < 0.3:
            properties["serialNumber"] = dice.choice(["1", "01", "2", "n/a"])
        if dice.random() < 0.4:
            properties["hostname"] = tuple(sorted(dice.sample(["a", "b.example.com", "B.example.com."], 2)))
        if dice.random() < 0.4:
            properties["ipAddress"] = (dice.choice(["10.0.0.1", "10.0.0.2"]),)
        found.append(Entity(f"e{number}", dice.choice(["Server", "ComputingItem", "Service"]), properties))
    return found


@given(estates(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_proposals_do_not_depend_on_the_order_and_never_pair_a_thing_with_itself(
    entities: list[Entity], dice: Random
) -> None:
    shuffled = list(entities)
    dice.shuffle(shuffled)
    answers = []
    for stated in (entities, shuffled):
        with MemoryStore(WORDS) as store:
            store.apply(ChangeSet(entities=stated))
            answers.append(duplicates(store).groups)
    assert answers[0] == answers[1]
    seen: set[str] = set()
    for group in answers[0]:
        ids = {group.keep, *group.others}
        assert len(ids) == len(group.others) + 1
        assert not ids & seen  # a record is in one group
        seen |= ids
        assert all(pair.ids[0] < pair.ids[1] and set(pair.ids) <= ids for pair in group.pairs)


@given(estates())
@settings(max_examples=25)
def test_after_all_groups_are_merged_what_was_proposed_is_gone_and_nothing_else(entities: list[Entity]) -> None:
    with MemoryStore(WORDS) as store:
        store.apply(ChangeSet(entities=entities))
        graph = graphsms.Graph(store)
        before = {one.id for one in entities}
        gone: set[str] = set()
        for group in duplicates(store).groups:
            try:
                graph.configuration.merge(group.keep, *group.others)
            except InputError:  # a group can hold two that are of no one kind: people take it apart
                continue
            gone |= set(group.others)
        assert {one.id for one in store.entities()} == before - gone


# -------------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{id: x, trust: 2, of: {type: Server}, keys: [{property: name}]}", "not-a-number"),
        ("{id: x, trust: 1, of: {type: Sevrer}, keys: [{property: name}]}", "unknown-type"),
        ("{id: x, trust: 1, of: {type: Server}, keys: [{property: nmae}]}", "unknown-property"),
        ("{id: x, trust: 1, of: {type: Server}, keys: [{property: name, normalize: [upper]}]}", "unknown-word"),
        ("{id: x, trust: 1, of: {type: Server}, keys: []}", "missing-key"),
        (
            "{id: x, trust: 1, of: {type: Server}, unless_differs: [{relation: at}], keys: [{property: name}]}",
            "unknown-relation",
        ),
        ("{trust: 1, of: {type: Server}, keys: [{property: name}]}", "repeated-id"),
        ("serial", "wrong-form"),
    ],
)
def test_rules_that_are_wrong_are_refused_with_where_and_why(tmp_path: Path, rule: str, code: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(f"rules:\n  - {rule}\n")
    with pytest.raises(RejectedError) as raised:
        read_rules(WORDS, file)
    assert code in [one.rule for one in raised.value.faults]


def test_rules_of_ones_own_take_the_place_of_ours(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "rules:\n  - {id: model, trust: 0.7, of: {type: Server}, keys: [{property: model, normalize: [case]}]}\n"
    )
    holding(graph, Entity("a", "Server", {"model": "X"}), Entity("b", "Server", {"model": "x"}))
    assert pairs(graph) == {}
    assert pairs(graph, rules=file) == {("a", "b"): (0.7, ["model"])}


EDGES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["dependsOn", "hostedOn", "connectedTo"]), st.integers(0, 6)),
    max_size=16,
)


@given(EDGES, st.sets(st.integers(0, 6), min_size=2, max_size=4))
@settings(max_examples=60)
def test_a_merge_is_the_graph_with_those_merged_seen_as_one(edges: list[tuple[int, str, int]], ids: set[int]) -> None:
    keep, *others = sorted(ids)
    relations = {
        one.key: one for one in (Relation(t, f"e{s}", f"e{o}", {"inferred": True}) for s, t, o in edges if s != o)
    }
    with MemoryStore(WORDS) as store:
        store.apply(
            ChangeSet(
                entities=[Entity(f"e{n}", "Application", {"tag": (f"t{n}",)}) for n in range(7)],
                relations=relations.values(),
            )
        )
        done = graphsms.Graph(store).configuration.merge(f"e{keep}", *(f"e{n}" for n in others))
        seen = {f"e{n}": f"e{keep}" for n in others}
        as_one = {(seen.get(s, s), t, seen.get(o, o)) for s, t, o in relations}
        assert {one.key for one in store.relations()} == {key for key in as_one if key[0] != key[2]}
        assert {one.id for one in store.entities()} == {f"e{n}" for n in range(7)} - seen.keys()
        assert set(done.dropped) == {key for key in relations if seen.get(key[0], key[0]) == seen.get(key[2], key[2])}
        stays = store.entity(f"e{keep}")
        assert stays
        assert stays.properties["tag"] == tuple(sorted(f"t{n}" for n in ids))
        assert store.revision().number == 2
