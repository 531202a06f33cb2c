"""Every format: what it keeps, that it is stable, and that it is read back where we read it."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphsms.errors import InputError, VocabularyError
from graphsms.export import FORMATS, export
from graphsms.export.csv import cell, text_of
from graphsms.ingest.exchange import ExchangeReader
from graphsms.ingest.rdf import JsonLdReader, TurtleReader
from graphsms.ingest.reader import RawEntity, Reader
from graphsms.model import Entity, Fault, Relation
from graphsms.ontology import load
from graphsms.rdf import triples
from graphsms.store import Store
from graphsms.values import canonical_all
from graphsms.vocabulary import Vocabulary
from held import held
from strategies import AWKWARD_TEXT, TEXT, graphs

VOCABULARY = load()
GRAPHS = graphs(VOCABULARY)
Graph = tuple[list[Entity], list[Relation]]

READ_BACK: dict[str, tuple[Callable[[], Reader], str]] = {
    "exchange": (ExchangeReader, "yaml"),
    "exchange-json": (ExchangeReader, "json"),
    "turtle": (TurtleReader, "ttl"),
    "jsonld": (JsonLdReader, "jsonld"),
}
SHOP = (
    [
        Entity("db", "Database", {"name": "Orders", "tag": ("gold", "orders")}),
        Entity("mailer", "Application", {"lifecycle": "in build"}),
        Entity("web", "Service", {"name": "Web shop", "validFrom": "2026-01-01T00:00:00Z", "tag": ("1.10",)}),
    ],
    [Relation("dependsOn", "web", "db"), Relation("dependsOn", "web", "mailer", {"strength": "soft"})],
)


def written(store: Store, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    export(store, format, out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def text(format: str, graph: Graph = SHOP) -> str:
    return written(held(VOCABULARY, *graph), format).decode()


def read_back(folder: Path, format: str, content: bytes, vocabulary: Vocabulary = VOCABULARY) -> Graph:
    reader, suffix = READ_BACK[format]
    path = folder / f"estate.{suffix}"
    path.write_bytes(content)

    def fault(fault: Fault) -> None:
        raise AssertionError(f"{fault}\n{content.decode()}")

    entities, relations = [], []
    for one in reader().read([path], vocabulary, fault, fault):
        properties = canonical_all(one.properties, vocabulary)
        if isinstance(one, RawEntity):
            entities.append(Entity(one.id, one.type, properties))
        else:
            relations.append(Relation(one.type, one.subject, one.object, properties))
    return sorted(entities, key=lambda e: e.id), sorted(relations, key=lambda r: r.key)


@pytest.mark.parametrize("format", READ_BACK)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=GRAPHS)
def test_what_is_written_is_read_back_and_written_again_the_same(tmp_path: Path, format: str, graph: Graph) -> None:
    content = written(held(VOCABULARY, *graph), format)
    again = read_back(tmp_path, format, content)
    assert again == graph
    assert written(held(VOCABULARY, *again), format) == content


@given(GRAPHS)
def test_any_reader_of_yaml_finds_the_same_ids_and_texts(graph: Graph) -> None:
    """Our reader takes every scalar as text; others resolve what looks like a number or a date."""
    document = yaml.safe_load(written(held(VOCABULARY, *graph), "exchange"))
    assert [item["id"] for item in document["entities"]] == [entity.id for entity in graph[0]]
    for item, entity in zip(document["entities"], graph[0], strict=True):
        for name, value in entity.properties.items():
            if VOCABULARY.properties[name].datatype in ("string", "code", "integer", "boolean"):
                assert item[name] == (list(value) if isinstance(value, tuple) else value)


@given(GRAPHS)
def test_turtle_and_json_ld_are_the_same_graph(graph: Graph) -> None:
    forms = []
    for format, parser in (("turtle", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)):
        dataset = ox.Dataset(ox.parse(written(held(VOCABULARY, *graph), format), parser))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        forms.append({str(quad) for quad in dataset})
    assert forms[0] == forms[1]
    assert len(forms[0]) == len({str(one) for one in triples([*graph[0], *graph[1]], VOCABULARY)})


def test_the_exchange_format_reads_like_what_a_person_would_write() -> None:
    assert text("exchange") == (
        "entities:\n"
        "- id: db\n"
        "  type: Database\n"
        "  name: Orders\n"
        "  tag: [gold, orders]\n"
        "- id: mailer\n"
        "  type: Application\n"
        "  lifecycle: in build\n"
        "- id: web\n"
        "  type: Service\n"
        "  name: Web shop\n"
        '  tag: ["1.10"]\n'
        "  validFrom: 2026-01-01T00:00:00Z\n"
        "  dependsOn: [db, {to: mailer, strength: soft}]\n"
    )


def test_many_relations_stand_one_a_line() -> None:
    ids = [f"database-{number}" for number in range(20)]
    graph = [*(Entity(id, "Database") for id in ids), Entity("web", "Service")]
    lines = text("exchange", (graph, [Relation("dependsOn", "web", id) for id in ids])).splitlines()
    assert "  - database-7" in lines
    assert max(map(len, lines)) <= 100


def test_turtle_groups_an_entity_with_its_relations() -> None:
    assert text("turtle").endswith(
        'id:web a sms:Service ;\n\tsms:name "Web shop" ;\n\tsms:tag "1.10" ;\n'
        '\tsms:validFrom "2026-01-01T00:00:00Z"^^xsd:dateTime ;\n\tsms:dependsOn id:db , id:mailer .\n'
        "_:r1 a sms:QualifiedRelation ;\n\tsms:relationSubject id:web ;\n\tsms:relationType sms:dependsOn ;\n"
        "\tsms:relationObject id:mailer ;\n\tsms:strength sms:soft .\n"
    )


def test_json_ld_is_plain_json_to_look_at() -> None:
    nodes = json.loads(text("jsonld"))["@graph"]
    assert nodes[2] == {
        "@id": "web", "@type": "Service", "name": "Web shop", "tag": "1.10",
        "validFrom": "2026-01-01T00:00:00Z", "dependsOn": ["db", "mailer"],
    }  # fmt: skip
    assert nodes[3] == {
        "@type": "QualifiedRelation", "relationSubject": "web", "relationType": "dependsOn", "relationObject": "mailer",
        "strength": "soft",
    }  # fmt: skip


@pytest.mark.parametrize("format", READ_BACK)
def test_terms_of_the_users_own_namespace_are_read_back(tmp_path: Path, format: str) -> None:
    own = tmp_path / "own.ttl"
    own.write_text(
        """
        @prefix own: <https://example.com/own#> . @prefix sms: <https://w3id.org/graphsms/ontology#> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        own:Kiln a owl:Class ; rdfs:subClassOf sms:ConfigurationItem ; sms:expectsNothing true .
        own:heatedBy a owl:ObjectProperty ; rdfs:domain sms:ConfigurationItem ; rdfs:range own:Kiln ;
            sms:propagation sms:objectToSubject ; sms:defaultStrength sms:hard ; sms:why "No heat, no pots." .
        own:glow a owl:ObjectProperty ; rdfs:domain own:Kiln ; rdfs:range own:Glow .
        own:Glow a owl:Class ; rdfs:subClassOf skos:Concept .
        own:redHot a owl:NamedIndividual, own:Glow ; skos:notation "red hot" .
        own:kilnName a owl:DatatypeProperty ; rdfs:domain own:Kiln ; rdfs:range xsd:string .
        own:degrees a owl:DatatypeProperty ; rdfs:domain own:Kiln ; rdfs:range xsd:decimal .
        """
    )
    vocabulary = load([own])
    kiln = Entity("kiln", "Kiln", {"degrees": (980.5,), "glow": ("red hot",), "kilnName": ("Old Smoky",)})
    graph = ([kiln, Entity("pottery", "Service")], [Relation("heatedBy", "pottery", "kiln", {"strength": "soft"})])
    assert read_back(tmp_path, format, written(held(vocabulary, *graph), format), vocabulary) == graph


def test_an_empty_graph_is_an_empty_document_that_is_read_back(tmp_path: Path) -> None:
    for format in READ_BACK:
        content = written(held(VOCABULARY, []), format)
        if format != "turtle":
            assert read_back(tmp_path, format, content) == ([], [])


# ------------------------------------------------------------------------------------------- CSV


def test_csv_has_a_column_for_every_property_that_occurs() -> None:
    assert text("csv-entities").splitlines() == [
        "id,type,lifecycle,name,tag,validFrom",
        'db,Database,,Orders,"[""gold"", ""orders""]",',
        "mailer,Application,in build,,,",
        'web,Service,,Web shop,"[""1.10""]",2026-01-01T00:00:00Z',
    ]
    assert text("csv-relations").splitlines() == [
        "subject,relation,object,strength",
        "web,dependsOn,db,",
        "web,dependsOn,mailer,soft",
    ]


@given(st.one_of(TEXT, AWKWARD_TEXT))
def test_no_cell_is_run_as_a_formula_and_every_text_comes_back(text: str) -> None:
    shown = cell(text)
    assert isinstance(shown, str)
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert text_of(shown) == text


@given(GRAPHS)
def test_ids_and_types_come_back_from_csv(graph: Graph) -> None:
    rows = list(csv.reader(io.StringIO(text("csv-entities", graph), newline="")))
    assert [(text_of(row[0]), row[1]) for row in rows[1:]] == [(entity.id, entity.type) for entity in graph[0]]


def test_csv_is_two_files_in_a_folder(tmp_path: Path) -> None:
    export(held(VOCABULARY, *SHOP), "csv", tmp_path / "new" / "tables")
    assert {path.name for path in (tmp_path / "new" / "tables").iterdir()} == {"entities.csv", "relations.csv"}
    with pytest.raises(InputError, match="give a folder, or ask for csv-entities or csv-relations"):
        export(held(VOCABULARY, *SHOP), "csv", io.BytesIO())


# -------------------------------------------------------------------------------- part of a graph


@pytest.mark.parametrize("format", READ_BACK)
def test_only_some_types_with_the_relations_between_them(tmp_path: Path, format: str) -> None:
    store = held(VOCABULARY, *SHOP)
    entities, relations = read_back(tmp_path, format, written(store, format, types=["Service", "Database"]))
    assert [entity.id for entity in entities] == ["db", "web"]
    assert [relation.key for relation in relations] == [("web", "dependsOn", "db")]


def test_types_include_their_subclasses(tmp_path: Path) -> None:
    content = written(held(VOCABULARY, *SHOP), "exchange", types=["ConfigurationItem"])
    assert len(read_back(tmp_path, "exchange", content)[0]) == 3


# ----------------------------------------------------------------------------------------- errors


def test_an_unknown_format_or_type_is_met_with_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean turtle"):
        export(held(VOCABULARY, []), "turtel", io.BytesIO())
    with pytest.raises(InputError, match="Did you mean Service"):
        export(held(VOCABULARY, []), "exchange", io.BytesIO(), types=["Sevrice"])
    with pytest.raises(InputError, match="Only graphml shows states"):
        export(held(VOCABULARY, []), "turtle", io.BytesIO(), states={"web": "down"})


@pytest.mark.parametrize("format", ["turtle", "jsonld"])
def test_a_failed_export_leaves_the_file_that_was_there(tmp_path: Path, format: str) -> None:
    path = tmp_path / "estate"
    path.write_text("before")
    with pytest.raises(VocabularyError, match="Spaceship"):
        export(held(VOCABULARY, [Entity("web", "Service"), Entity("x", "Spaceship")]), format, path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        export(held(VOCABULARY, []), "turtle", tmp_path / "file" / "estate.ttl")
    with pytest.raises(InputError, match="cannot be made"):
        export(held(VOCABULARY, []), "csv", tmp_path / "file" / "tables")


def test_without_a_file_it_goes_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    export(held(VOCABULARY, *SHOP), "csv-relations")
    assert capfdbinary.readouterr().out == written(held(VOCABULARY, *SHOP), "csv-relations")


# ------------------------------------------------------------------------------------------ memory


@pytest.mark.parametrize("format", [one for one in FORMATS if one != "csv"])
def test_memory_does_not_grow_with_the_graph(format: str) -> None:
    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, content: object) -> int:
            return len(content)  # type: ignore[arg-type]

    def peak(count: int) -> int:
        entities = [Entity(f"ci-{number:06}", "Server", {"name": f"Server {number}"}) for number in range(count)]
        relations = [Relation("dependsOn", one.id, entities[0].id, {"strength": "soft"}) for one in entities]
        store = held(VOCABULARY, entities, relations)
        export(held(VOCABULARY, *SHOP), format, Nowhere())  # type: ignore[arg-type]
        tracemalloc.start()
        try:
            export(store, format, Nowhere())  # type: ignore[arg-type]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(8_000) < peak(1_000) + 200_000
