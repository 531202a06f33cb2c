"""GraphML and networkx: the pictures of the graph that other tools draw and measure."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given

from graphsms.export import export
from graphsms.export.networkx import to_networkx
from graphsms.model import Entity, Relation
from graphsms.ontology import load
from held import held
from strategies import graphs

VOCABULARY = load()
ENTITIES = [
    Entity("db & <co>", "Database", {"tag": ("a", "b")}),
    Entity("web\n1", "Service", {"name": 'Web "shop"', "placeholder": True}),
]
RELATIONS = [Relation("dependsOn", "web\n1", "db & <co>", {"strength": "soft"})]
Y = "{http://www.yworks.com/xml/graphml}"


def graphml(entities: list[Entity], relations: list[Relation], states: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    export(held(VOCABULARY, entities, relations), "graphml", out, states=states)
    return out.getvalue()


@pytest.mark.filterwarnings("default")
def test_networkx_reads_labels_types_states_and_typed_values() -> None:
    graph = networkx.read_graphml(io.BytesIO(graphml(ENTITIES, RELATIONS, {"web\n1": "down"})))
    assert graph.is_directed()
    node = graph.nodes["web\n1"]
    assert (node["label"], node["type"], node["state"]) == ('Web "shop"', "Service", "down")
    assert node["placeholder"] is True
    assert graph.nodes["db & <co>"]["tag"] == "a; b"
    assert graph.edges["web\n1", "db & <co>"]["type"] == "dependsOn"
    assert graph.edges["web\n1", "db & <co>"]["strength"] == "soft"


@pytest.mark.parametrize("states", [None, {"r-1": "down"}])
def test_a_property_called_like_an_attribute_of_our_own_stands_beside_it(states: dict[str, str] | None) -> None:
    judged = [Entity("r-1", "ImpactJudgement", {"state": "degraded"})]
    node = networkx.read_graphml(io.BytesIO(graphml(judged, [], states))).nodes["r-1"]
    assert node["sms:state"] == "degraded"
    assert node.get("state") == ("down" if states else None)


def test_yed_finds_a_label_and_the_colour_of_the_state_on_every_node() -> None:
    tree = ElementTree.fromstring(graphml(ENTITIES, RELATIONS, {"web\n1": "down"}))
    labels = [element.text for element in tree.iter(f"{Y}NodeLabel")]
    colours = [element.get("color") for element in tree.iter(f"{Y}Fill")]
    assert labels == ["db & <co>", 'Web "shop"']
    assert colours == ["#ffffff", "#b3161f"]


@given(graphs(VOCABULARY))
def test_graphml_is_xml_whatever_the_texts_and_keeps_every_node_and_edge(
    graph: tuple[list[Entity], list[Relation]],
) -> None:
    found = networkx.read_graphml(io.BytesIO(graphml(*graph)), force_multigraph=True)
    assert (found.number_of_nodes(), found.number_of_edges()) == (len(graph[0]), len(graph[1]))


@given(graphs(VOCABULARY))
def test_networkx_holds_every_entity_relation_and_value(graph: tuple[list[Entity], list[Relation]]) -> None:
    found = to_networkx(held(VOCABULARY, *graph))
    assert found.graph["revision"] == 1
    assert {id: dict(said) for id, said in found.nodes(data=True)} == {
        entity.id: {"type": entity.type, **entity.properties} for entity in graph[0]
    }
    assert {(s, t, o): said for s, o, t, said in found.edges(keys=True, data=True)} == {
        relation.key: dict(relation.properties) for relation in graph[1]
    }
