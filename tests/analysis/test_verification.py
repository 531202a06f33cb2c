"""The graph held against a second source: what agrees, what differs, what either side lacks, kept as evidence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphsms
from graphsms import ontology
from graphsms.errors import InputError, RejectedError
from graphsms.version import __version__
from memory_store import MemoryStore

GRAPH = """
entities:
  - {id: web-1, type: Server, name: Web 1, serialNumber: HX40-1, model: HX-40, locatedAt: dc-1}
  - {id: web-2, type: Server, name: Web 2, serialNumber: HX40-2}
  - {id: gone, type: Server, name: Gone, lifecycle: retired}
  - {id: app, type: Application, name: App, hostedOn: web-1}
  - {id: dc-1, type: Site, name: North}
  - {id: dc-2, type: Site, name: South}
  - {id: ann, type: Person, name: Ann}
"""


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[graphsms.Graph]:
    file = tmp_path / "graph.yaml"
    file.write_text(GRAPH)
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.ingest(file)
        yield graph


def scan(folder: Path, *entities: str) -> Path:
    file = folder / "scan.yaml"
    file.write_text("entities:\n" + "".join(f"- {one}\n" for one in entities))
    return file


def test_items_are_matched_by_id_and_else_by_the_rules(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = scan(tmp_path, "{id: web-1, type: Server}", '{id: "s:2", type: Server, serialNumber: "hx40 2"}')
    answer = graph.configuration.verify(file)
    assert [(one.id, one.theirs, one.by) for one in answer.matched] == [
        ("web-1", "web-1", "id"),
        ("web-2", "s:2", "serial-number"),
    ]
    assert (answer.checked, answer.deficient) == (2, 0)  # a serial number that is only written otherwise is the same
    assert graph.revision.number == 1


def test_differences_are_told_field_by_field(graph: graphsms.Graph, tmp_path: Path) -> None:
    file = scan(
        tmp_path,
        "{id: web-1, type: VirtualMachine, model: HX-60, vendor: Acme, name: web 1, locatedAt: dc-2}",
        "{id: web-2, type: ComputingItem}",
        "{id: dc-2, type: Site}",
        "{id: dc-1, type: Site}",
    )
    answer = graph.configuration.verify(file, type="ComputingItem")
    (one,) = answer.differing
    assert {(d.field, d.recorded, d.found) for d in one.differences} == {
        ("type", "Server", "VirtualMachine"),
        ("model", "HX-40", "HX-60"),
        ("vendor", None, "Acme"),
        ("locatedAt", ("dc-1",), ("dc-2",)),
    }


TWO_PANELS = """
entities:
  - {id: north, type: Site, name: North}
  - {id: south, type: Site, name: South}
  - {id: panel-n, type: Server, name: Patch panel, locatedAt: north}
"""


@pytest.mark.parametrize(
    ("place", "matched"),
    [
        ("locatedAt: north", ["panel-n"]),
        ("locatedAt: south", []),
        ("locatedAt: elsewhere", ["panel-n"]),  # where that is, nobody here knows
        ("model: X", ["panel-n"]),
    ],
)
def test_what_has_a_name_in_another_place_is_another_thing(tmp_path: Path, place: str, matched: list[str]) -> None:
    (tmp_path / "graph.yaml").write_text(TWO_PANELS)
    sites = [f"{{id: {id}, type: Site}}" for id in ("north", "south", "elsewhere")]
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.ingest(tmp_path / "graph.yaml")
        file = scan(tmp_path, f'{{id: "s:1", type: Server, name: patch panel, {place}}}', *sites)
        answer = graph.configuration.verify(file, type="ComputingItem")
    assert [one.id for one in answer.matched] == matched
    assert (answer.only_found == ()) == bool(matched)


def test_a_place_that_the_rules_have_matched_before_is_known_under_its_own_id(tmp_path: Path) -> None:
    (tmp_path / "graph.yaml").write_text(
        "entities:\n- {id: web-1, type: Server, serialNumber: A1}\n- {id: web-2, type: Server, serialNumber: A2}\n"
        "- {id: agent-1, type: Application, name: Agent, hostedOn: web-1}\n"
        "- {id: agent-2, type: Application, name: Agent, hostedOn: web-2}\n"
    )
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.ingest(tmp_path / "graph.yaml")
        file = scan(
            tmp_path,
            '{id: "s:1", type: Server, serialNumber: A1}',
            '{id: "s:2", type: Server, serialNumber: A2}',
            '{id: "s:a", type: Application, name: agent, hostedOn: "s:2"}',
        )
        answer = graph.configuration.verify(file)
    assert ("agent-2", "s:a") in [(one.id, one.theirs) for one in answer.matched]
    assert answer.only_recorded == ("agent-1",)


def test_what_only_one_side_has_is_missing_on_the_other(graph: graphsms.Graph, tmp_path: Path) -> None:
    answer = graph.configuration.verify(scan(tmp_path, "{id: web-1, type: Server}", "{id: new, type: Server}"))
    assert answer.only_recorded == ("web-2",)  # and not what is retired, or of a type that the source says nothing of
    assert answer.only_found == (("new", "Server"),)
    assert (answer.checked, answer.deficient) == (3, 2)


def test_what_may_be_several_is_said_and_not_guessed(graph: graphsms.Graph, tmp_path: Path) -> None:
    graph.apply(graphsms.ChangeSet(entities=[graphsms.Entity("web-3", "Server", {"name": "Web 2"})]))
    answer = graph.configuration.verify(scan(tmp_path, '{id: "s:2", type: Server, name: web 2}'))
    assert answer.ambiguous == (("s:2", ("web-2", "web-3")),)
    assert answer.matched == ()


def test_a_source_that_says_less_does_not_contradict(graph: graphsms.Graph, tmp_path: Path) -> None:
    answer = graph.configuration.verify(scan(tmp_path, "{id: app, type: Application}"))
    assert (answer.checked, answer.deficient) == (1, 0)


def test_who_is_no_configuration_item_is_not_looked_at(graph: graphsms.Graph, tmp_path: Path) -> None:
    answer = graph.configuration.verify(scan(tmp_path, "{id: bob, type: Person}"))
    assert answer.checked == 0
    assert "nothing was verified" in answer.sentence()


def test_a_verification_is_kept_as_evidence_with_all_that_it_takes_to_repeat_it(
    graph: graphsms.Graph, tmp_path: Path
) -> None:
    file = scan(tmp_path, "{id: web-1, type: Server, model: HX-60}", "{id: new, type: Server}")
    answer = graph.configuration.verify(file, source="network scan", keep=True, actor="ann", reason="quarterly")
    assert answer.recorded_in == graph.revision.number == 2
    (record,) = graph.entities(type="ConfigurationVerification")
    said = record.properties
    assert (said["checkedItems"], said["deficientItems"], said["atRevision"]) == (3, 3, 1)
    assert said["ontologyHash"] == graph.vocabulary.hash
    assert said["softwareVersion"] == __version__
    assert len(str(said["resultHash"])) == len(str(said["policyHash"])) == 64
    ends = {(one.type, one.object) for one in graph.relations(record.id)}
    assert ends == {("verifies", "web-1"), ("verifies", "web-2"), ("verifiedAgainst", "network scan")}
    assert graph.entity("network scan").type == "InformationSource"
    (server,) = [one for one in graph.configuration.completeness().types if one.type == "Server"]
    assert server.freshness.verified == 2
    again = graph.configuration.verify(file, source="network scan", keep=True)
    assert len(list(graph.entities(type="ConfigurationVerification"))) == 2
    assert again.differing == answer.differing
    assert graph.validate() == []


def test_the_same_result_has_the_same_hash_and_another_has_another(graph: graphsms.Graph, tmp_path: Path) -> None:
    for text in ("{id: web-1, type: Server}", "{id: web-1, type: Server}", "{id: web-1, type: Server, model: X}"):
        graph.apply(graphsms.ChangeSet(entities=[graphsms.Entity("tick", "Person", {"name": text})]))
        graph.configuration.verify(scan(tmp_path, text), source="s", keep=True)
    found = [
        one.properties["resultHash"]
        for one in sorted(
            graph.entities(type="ConfigurationVerification"), key=lambda one: str(one.properties["verifiedAt"])
        )
    ]
    assert found[0] == found[1] != found[2]


def test_a_second_source_with_faults_verifies_nothing(graph: graphsms.Graph, tmp_path: Path) -> None:
    with pytest.raises(RejectedError):
        graph.configuration.verify(scan(tmp_path, "{id: web-1, type: Sevrer}"), keep=True)
    with pytest.raises(InputError):
        graph.configuration.verify(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="Only of the present"):
        graph.configuration.verify(scan(tmp_path, "{id: web-1, type: Server}"), at=0, keep=True)
    assert graph.revision.number == 1


def test_the_example_estate_agrees_with_itself(tmp_path: Path) -> None:
    estate = Path(__file__).parent.parent.parent / "examples" / "estate"
    with graphsms.open(tmp_path / "example.db") as graph:
        graph.ingest(estate)
        answer = graph.configuration.verify(estate)
    assert answer.checked > 200
    assert answer.deficient == 0
    assert {one.by for one in answer.matched} == {"id"}


def test_what_is_recorded_as_retired_and_is_found_differs(graph: graphsms.Graph, tmp_path: Path) -> None:
    (one,) = graph.configuration.verify(scan(tmp_path, "{id: gone, type: Server}")).differing
    assert [(d.field, d.recorded, d.found) for d in one.differences] == [("lifecycle", "retired", "there")]
    agreed = graph.configuration.verify(scan(tmp_path, "{id: gone, type: Server, lifecycle: retired}"))
    assert agreed.differing == ()


NAMES = st.sampled_from(["web", "Web", "db", "mail"])
HOSTS = st.lists(st.tuples(NAMES, st.sampled_from(["1", "2", "3", ""])), max_size=6)


@given(HOSTS, HOSTS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_item_of_either_side_is_accounted_for_once(
    tmp_path_factory: pytest.TempPathFactory, ours: list[tuple[str, str]], theirs: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("scan")
    with MemoryStore(ontology.load()) as store:
        graph = graphsms.Graph(store)
        store.apply(
            graphsms.ChangeSet(
                entities=[
                    graphsms.Entity(f"o{n}", "Server", {"name": name, **({"serialNumber": s} if s else {})})
                    for n, (name, s) in enumerate(ours)
                ]
            )
        )
        if not theirs:
            return
        lines = [
            f"{{id: t{n}, type: Server, name: {name}{f', serialNumber: {s}' if s else ''}}}"
            for n, (name, s) in enumerate(theirs)
        ]
        answer = graph.configuration.verify(scan(folder, *lines))
    here = [one.id for one in answer.matched] + list(answer.only_recorded)
    there = [one.theirs for one in answer.matched] + [id for id, _ in answer.only_found]
    there += [id for id, _ in answer.ambiguous]
    assert sorted(here) == sorted({f"o{n}" for n in range(len(ours))})
    assert sorted(there) == sorted({f"t{n}" for n in range(len(theirs))})
