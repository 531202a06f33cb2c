"""Exports of real stores: the same content is the same bytes from either, and an import of them is the same content."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib.compare import isomorphic

import graphsms
from graphsms import ChangeSet, Entity, Graph, InputError, Relation
from graphsms.export import export
from graphsms.resources import resource
from neo4j_server import Server

READ_BACK = {
    "exchange": "estate.yaml",
    "exchange-json": "estate.json",
    "turtle": "estate.ttl",
    "jsonld": "estate.jsonld",
}
# Sorted differently by who compares characters, bytes, or halves of surrogate pairs.
IDS = ["a", "A", "Zürich", "\ufb01", "\U0001f5fb", "~", "a b", "a/b", "http://example.com/a", "-", "10", "9"]


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with graphsms.open(tmp_path_factory.mktemp("estate") / "estate.db") as graph:
        graph.ingest(resource("examples") / "estate")
        graph.apply(
            ChangeSet(
                entities=[Entity(id, "Application") for id in IDS],
                relations=[Relation("dependsOn", id, other) for id in IDS for other in IDS if id != other],
            )
        )
        yield graph


def written(graph: Graph, format: str) -> bytes:
    out = io.BytesIO()
    export(graph.store, format, out)
    return out.getvalue()


@pytest.mark.parametrize("format", READ_BACK)
def test_the_estate_is_exported_imported_and_exported_as_the_same_bytes(
    estate: Graph, tmp_path: Path, format: str
) -> None:
    content = written(estate, format)
    path = tmp_path / READ_BACK[format]
    path.write_bytes(content)
    with graphsms.open(tmp_path / "again.db") as again:
        again.ingest(path)
        assert written(again, format) == content


def test_neo4j_exports_the_same_bytes_in_every_format(estate: Graph, neo4j_server: Server) -> None:
    neo4j_server.empty()
    with graphsms.open(neo4j_server.url) as live:
        live.apply(ChangeSet(entities=estate.store.entities(), relations=estate.store.relations()))
        for format in (*READ_BACK, "csv-entities", "csv-relations", "graphml"):
            assert written(live, format) == written(estate, format), format


def test_an_earlier_revision_is_exported_as_it_was(tmp_path: Path) -> None:
    with graphsms.open(tmp_path / "estate.db") as graph:
        graph.apply(ChangeSet([Entity("web", "Service", {"name": "Before"})]))
        before = written(graph, "exchange")
        graph.apply(ChangeSet([Entity("web", "Service", {"name": "After"})]))
        out = io.BytesIO()
        export(graph.store, "exchange", out, at=1)
        assert out.getvalue() == before != written(graph, "exchange")


def test_rdflib_holds_what_turtle_says(estate: Graph) -> None:
    parsed = rdflib.Graph().parse(data=written(estate, "turtle"), format="turtle")
    assert isomorphic(estate.to_rdf(), parsed)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # of rdflib's own parser
def test_rdflib_reads_json_ld_as_the_same_graph(estate: Graph) -> None:
    parsed = rdflib.Graph().parse(data=written(estate, "jsonld"), format="json-ld")
    assert len(parsed) == len(estate.to_rdf())


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
def test_the_store_is_not_exported_onto_itself(tmp_path: Path, ending: str) -> None:
    store = tmp_path / "estate.db"
    with graphsms.open(store) as graph:
        graph.apply(ChangeSet([Entity("web", "Service")]))
        link = tmp_path / "link.yaml"
        link.symlink_to(f"{store}{ending}")
        for out in (Path(f"{store}{ending}"), tmp_path / "x" / ".." / f"estate.db{ending}", link):
            with pytest.raises(InputError, match="is the store itself; export to another"):
                graph.export("exchange", out)
        graph.export("exchange", tmp_path / "estate.db.yaml")
    with graphsms.open(tmp_path / "entities.csv") as graph:
        with pytest.raises(InputError, match="is the store itself"):
            graph.export("csv", tmp_path)
        assert not (tmp_path / "relations.csv").exists()
    with graphsms.open(store) as graph:
        assert graph.entity("web").type == "Service"
