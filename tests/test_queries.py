"""Competency questions: each named query answers its question, on its fixture and in every engine, the same."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsms.errors import InputError, UnknownIdError
from graphsms.ingest import ingest
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.obligations.loading import load as load_catalogue
from graphsms.ontology import load as load_ontology
from graphsms.queries import load, names, run
from graphsms.queries.cypher import of_vocabulary
from graphsms.queries.dataset import dataset
from graphsms.queries.header import Query, query_of
from graphsms.queries.values import Bound, bound
from graphsms.rdf import iri_of
from graphsms.report.tables import Cell, Table
from graphsms.resources import resource
from graphsms.store import Store, open_store
from graphsms.vocabulary import Code
from held import held
from neo4j_server import Server

VOCABULARY = load_ontology()
FIXTURES = Path(__file__).parent / "queries"
SMS = "PREFIX sms: <https://w3id.org/graphsms/ontology#> "
POWER = """
@prefix my: <https://example.org/terms#> .
@prefix sms: <https://w3id.org/graphsms/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
my:powers a owl:ObjectProperty ; rdfs:domain sms:Entity ; rdfs:range sms:ConfigurationItem ;
    sms:propagation sms:subjectToObject ; sms:defaultStrength sms:hard ; sms:why "It runs on that power." ;
    skos:prefLabel "powers"@en ; skos:definition "Gives its power to."@en .
"""
SHOP = held(
    VOCABULARY,
    [
        Entity("db 1", "Database"),
        Entity("web", "Service", {"name": "Web", "criticality": "high", "validFrom": "2026-01-01T00:00:00.250000Z"}),
        Entity("https://example.com/mail", "Service", {"availability": 0.25}),
    ],
    [Relation("dependsOn", "web", "db 1", {"strength": "soft"})],
)


@contextmanager
def stored(*paths: Path) -> Iterator[Store]:
    """A store filled by importing files."""
    with TemporaryDirectory() as folder, open_store(f"{folder}/estate.db", vocabulary=VOCABULARY) as store:
        ingest(store, paths)
        yield store


@pytest.fixture(params=names())
def question(request: pytest.FixtureRequest) -> Iterator[tuple[str, Store, dict[str, str]]]:
    """The name of a query, a store with its fixture, and what is given to the query."""
    path = FIXTURES / f"{request.param}.ttl"
    given = dict(re.findall(r"^# given (\w+) = (.*)$", path.read_text("utf-8"), re.MULTILINE))
    with stored(path) as store:
        yield request.param, store, given


def expected(name: str) -> list[list[str]]:
    """Columns, then rows in any order."""
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    return [columns, *sorted(rows)]


def shown(table: Table) -> list[list[str]]:
    def text(cell: Cell) -> str:
        return "" if cell is None else str(cell)

    return [list(table.columns), *sorted([text(cell) for cell in row] for row in table.rows)]


# --------------------------------------------------------------------------------- our questions


def test_a_question_has_the_answer_expected(question: tuple[str, Store, dict[str, str]]) -> None:
    name, store, given = question
    assert shown(run(store, name, given)) == expected(name)


def test_another_engine_of_sparql_gives_the_same_answer(question: tuple[str, Store, dict[str, str]]) -> None:
    """rdflib, with the parameters as initial bindings."""
    name, store, given = question
    query = load(name)
    graph = rdflib.Graph()
    triples = (f"{ox.Triple(quad.subject, quad.predicate, quad.object)} ." for quad in dataset(store, 1))
    graph.parse(data="\n".join(triples), format="nt")
    bindings = {name: term(value, query, name) for name, value in bound(store, query, given, None).items()}
    assert len(graph.query(query.text, initBindings=bindings)) == len(expected(name)) - 1


def term(value: Bound, query: Query, name: str) -> rdflib.term.Identifier:
    kind = next(parameter.kind for parameter in query.parameters if parameter.name == name)
    if isinstance(value, Code):
        return rdflib.URIRef(value.iri)
    if kind == "entity":
        return rdflib.URIRef(iri_of(str(value)))
    return rdflib.Literal(value, datatype=None if isinstance(value, int) else rdflib.XSD.dateTime)


@pytest.fixture(scope="module")
def neo4j_store(neo4j_server: Server) -> Iterator[Store]:
    neo4j_server.empty()
    with open_store(neo4j_server.url, vocabulary=VOCABULARY) as store:
        yield store


def refill(store: Store, content: Store) -> None:
    """Let a store hold what another does, and nothing else."""
    removed = [entity.id for entity in store.entities()]
    if removed:
        store.apply(ChangeSet(removed_entities=removed))
    store.apply(ChangeSet(entities=content.entities(), relations=content.relations()))


def test_the_same_question_in_cypher_has_the_same_answer(
    question: tuple[str, Store, dict[str, str]], neo4j_store: Store
) -> None:
    name, store, given = question
    refill(neo4j_store, store)
    assert shown(run(neo4j_store, name, given, language="cypher")) == expected(name)
    assert shown(run(neo4j_store, name, given)) == expected(name)


@pytest.mark.parametrize("seed", range(4))
def test_a_relation_of_the_users_own_is_followed_against_its_direction_too(
    seed: int, neo4j_server: Server, tmp_path: Path
) -> None:
    """In circles as well: what stands on itself is said to in both languages, and nothing else is."""
    turtle = tmp_path / "power.ttl"
    turtle.write_text(POWER, encoding="utf-8")
    dice = Random(seed)
    entities = [Entity(f"e{number}", dice.choice(["Service", "Server", "Customer"])) for number in range(12)]
    edges = {(*dice.sample([one.id for one in entities], 2), dice.choice(["dependsOn", "powers"])) for _ in range(28)}
    changes = ChangeSet(entities, [Relation(type, subject, object) for subject, object, type in sorted(edges)])
    neo4j_server.empty()
    with open_store(neo4j_server.url, vocabulary=load_ontology((turtle,))) as store:
        store.apply(changes)
        answers = {
            language: [
                [list(run(store, name, {parameter: one.id}, language=language).rows) for one in entities]
                for name, parameter in (("what-a-service-stands-on", "service"), ("services-on-a-ci", "ci"))
            ]
            for language in ("sparql", "cypher")
        }
    assert answers["cypher"] == answers["sparql"]
    assert any(one.id in {row[0] for row in rows} for one, rows in zip(entities, answers["sparql"][0], strict=True))


# What the questions are asked about in the example estate.
OF_THE_ESTATE: dict[str, dict[str, str]] = {
    "agreements-that-end": {"from": "2026-11-21", "until": "2027-02-28"},
    "clauses-of-a-record": {"record": "contract-lumenstrand"},
    "demands-worded-differently": {"edition": "iso-20000-1-2011"},
    "documents-due-for-review": {"before": "2026-11-21"},
    "evidence-of-several-clauses": {},
    "requirements-without-evidence": {"edition": "iso-20000-1-2018"},
    "changes-under-a-service": {"service": "web-shop", "from": "2026-11-01", "until": "2026-12-31"},
    "incomplete-cis": {},
    "other-parties": {"on": "2026-11-21"},
    "services-on-a-ci": {"ci": "db-directory"},
    "services-without-sla": {"on": "2026-11-21"},
    "single-homed-at-a-site": {"site": "dc-north"},
    "supplies-without-agreement": {"on": "2026-11-21"},
    "untreated-risks-to-services": {"criticality": "critical"},
    "what-a-service-stands-on": {"service": "web-shop"},
}


@pytest.fixture(scope="module")
def estate() -> Iterator[Store]:
    with stored(resource("examples") / "estate") as store:
        load_catalogue(store)
        ingest(store, [resource("examples") / "evidence"])
        yield store


@pytest.mark.parametrize("name", names())
def test_every_question_has_an_answer_in_the_example_estate(name: str, estate: Store) -> None:
    assert run(estate, name, OF_THE_ESTATE[name]).rows


def test_both_languages_answer_alike_in_the_example_estate(estate: Store, neo4j_store: Store) -> None:
    refill(neo4j_store, estate)
    for name, asked in OF_THE_ESTATE.items():
        assert run(neo4j_store, name, asked, language="cypher").columns == run(estate, name, asked).columns
        assert shown(run(neo4j_store, name, asked, language="cypher")) == shown(run(estate, name, asked)), name


@pytest.mark.parametrize("name", names())
def test_a_query_says_what_it_answers_for_which_clause_and_with_what(name: str) -> None:
    query = load(name)
    assert query.purpose.endswith("?")
    assert re.fullmatch(r"\d+(\.\d+)+( [a-z]\))?(, \d+(\.\d+)+( [a-z]\))?)*", query.clause)
    for parameter in query.parameters:
        assert parameter.meaning


def test_each_question_can_be_asked_in_both_languages() -> None:
    files = {path.name for path in resource("queries").iterdir()}
    assert files == {f"{name}{suffix}" for name in names() for suffix in (".rq", ".cypher")}
    for name in names():
        sparql, cypher = load(name), load(name, "cypher")
        assert (sparql.purpose, sparql.clause, sparql.parameters) == (cypher.purpose, cypher.clause, cypher.parameters)


def test_there_are_ten_questions_and_a_fixture_for_each() -> None:
    assert len(names()) >= 10
    assert {path.stem for path in FIXTURES.glob("*.ttl")} == set(names())


# ------------------------------------------------------------------------------- queries of one's own


def test_entities_come_back_as_ids_and_values_as_they_were_stored() -> None:
    text = SMS + (
        "SELECT ?x ?type ?criticality ?from ?availability { ?x a sms:Service ; sms:directType ?type ."
        " OPTIONAL { ?x sms:criticality ?criticality } OPTIONAL { ?x sms:validFrom ?from }"
        " OPTIONAL { ?x sms:availability ?availability } } ORDER BY ?x"
    )
    assert run(SHOP, text) == Table(
        ("x", "type", "criticality", "from", "availability"),
        (
            ("https://example.com/mail", "Service", None, None, 0.25),
            ("web", "Service", "high", "2026-01-01T00:00:00.250000Z", None),
        ),
    )


def test_a_superclass_finds_what_is_under_it() -> None:
    assert len(run(SHOP, "SELECT ?x { ?x a sms:ConfigurationItem }").rows) == 3


def test_what_is_said_of_a_relation_can_be_asked_for() -> None:
    text = SMS + "SELECT ?s { [] sms:relationSubject ?x ; sms:relationType sms:dependsOn ; sms:strength ?s }"
    assert run(SHOP, text).rows == (("soft",),)


def test_a_question_of_yes_or_no_is_one_cell() -> None:
    assert run(SHOP, "ASK { ?x a sms:Service }") == Table(("answer",), ((True,),))


def test_a_construction_is_three_columns() -> None:
    found = run(SHOP, "CONSTRUCT { ?x a sms:Service } WHERE { ?x sms:dependsOn ?y }")
    assert found.columns == ("subject", "predicate", "object")
    assert [(row[0], row[2]) for row in found.rows] == [("web", "Service")]


def test_a_text_may_declare_parameters_too() -> None:
    text = "# parameter: item entity -- what is stood on\nSELECT ?item ?x { ?x sms:needs ?item }"
    assert run(SHOP, text, {"item": "db 1"}) == Table(("x",), (("web",),))


@pytest.mark.parametrize("value", ["db 1> ?y . ?x ?p ?o } #", '"', "db 1'"])
def test_a_value_is_never_read_as_part_of_the_query(value: str) -> None:
    text = "# parameter: name text -- of what\nSELECT ?name ?x { ?x sms:name ?name }"
    assert run(SHOP, text, {"name": value}).rows == ()
    with pytest.raises(UnknownIdError):
        run(SHOP, "services-on-a-ci", {"ci": value})


def test_a_bare_date_ends_a_moment_and_begins_a_beginning() -> None:
    for kind, expected in (("moment", "2026-11-21T23:59:59.999999Z"), ("beginning", "2026-11-21T00:00:00Z")):
        text = f"# parameter: on {kind} = 2026-11-21\nSELECT ?on ?x {{ BIND(STR(?on) AS ?x) }}"
        assert run(SHOP, text) == Table(("x",), ((expected,),))


def test_a_moment_may_be_so_many_days_from_now() -> None:
    text = "# parameter: until moment = +30 days\nSELECT ?until ?x { BIND(STR(?until) AS ?x) }"
    ((found,),) = run(SHOP, text).rows
    ahead = datetime.fromisoformat(str(found)) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < ahead <= timedelta(days=30)


def test_a_relation_of_the_users_own_carries_failure_in_every_question(tmp_path: Path) -> None:
    (tmp_path / "own.ttl").write_text(
        """
        @prefix own: <https://example.com/own#> . @prefix sms: <https://w3id.org/graphsms/ontology#> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        own:Kiln a owl:Class ; rdfs:subClassOf sms:ConfigurationItem ; sms:expectsNothing true .
        own:fires a owl:ObjectProperty ; rdfs:domain own:Kiln ; rdfs:range sms:ConfigurationItem ;
            sms:propagation sms:subjectToObject ; sms:defaultStrength sms:hard ; sms:why "No heat, no pots." .
        own:heatedBy a owl:ObjectProperty ; rdfs:domain sms:ConfigurationItem ; rdfs:range own:Kiln ;
            sms:propagation sms:objectToSubject ; sms:defaultStrength sms:hard ; sms:why "No heat, no pots." .
        """
    )
    vocabulary = load_ontology([tmp_path / "own.ttl"])
    kilns = [Entity("kiln", "Kiln"), Entity("pottery", "Service"), Entity("shop", "Service")]
    for relation in (Relation("fires", "kiln", "pottery"), Relation("heatedBy", "pottery", "kiln")):
        store = held(vocabulary, kilns, [relation, Relation("dependsOn", "shop", "pottery")])
        assert [row[0] for row in run(store, "services-on-a-ci", {"ci": "kiln"}).rows] == ["pottery", "shop"]
    assert "HEATED_BY" in str(of_vocabulary(vocabulary)["needs"])


# ------------------------------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("query", "given", "message"),
    [
        ("services-on-a-cl", {}, "Did you mean services-on-a-ci?"),
        ("../queries/services-on-a-ci", {}, "There is no query '../queries/services-on-a-ci'"),
        ("nonsense", {}, "There is no query 'nonsense'. `graphsms query` lists them."),
        ("services-on-a-ci", {}, "needs the parameter ci (the configuration item"),
        ("services-on-a-ci", {"ci": "web", "c-i": "web"}, "has no parameter 'c-i'; it has ci. Did you mean ci?"),
        ("services-without-sla", {"on": "tomorrow"}, "'tomorrow' is no date"),
        ("agreements-that-end", {"until": "+9999999 days"}, "is no date"),
        ("agreements-that-end", {"until": "+ten days"}, "is no date"),
        ("# parameter: n integer\nSELECT ?n { ?x ?y ?n }", {"n": "ten"}, "n is 'ten'; it must be a whole number"),
        ("# parameter: n integer\nSELECT ?n { ?x ?y ?n }", {"n": str(2**63)}, "64 bits"),
        ("untreated-risks-to-services", {"criticality": "crtical"}, "Did you mean critical?"),
        ("SELECT ?x { ?x ?y }", {}, "This is not SPARQL: line 1, column 20"),
        ("SELECT ?x { ?x foo:bar ?y }", {}, "This is not SPARQL"),
        ("# parameter: x entity -- y\nSELECT ?y { ?x ?y ?z }", {"x": "web"}, "must select its parameter ?x"),
        ("# parameter: x number\nSELECT ?y { ?x ?y ?z }", {}, "KIND is entity, moment"),
        ("# parameter: x code\nSELECT ?y { ?x ?y ?z }", {}, "write it as NAME KIND"),
        ("# parameter: x code Colour = red\nSELECT ?x { ?x ?y ?z }", {}, "no code list 'Colour'"),
    ],
)
def test_a_mistake_is_met_with_what_would_do(query: str, given: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        run(SHOP, query, given)


def test_an_unknown_id_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownIdError, match="Did you mean db 1"):
        run(SHOP, "services-on-a-ci", {"ci": "db-2"})


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }",
        "SELECT * { service silent<http://localhost:1/>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p 'it''s' SERVICE <http://localhost:1/> { ?s ?p ?o } }",
        'SELECT * { ?s ?p """a " quote""" . SERVICE ?s { ?s ?p ?o } }',
        "SELECT * { ?s ?p \"#\" . SERVICE ?s { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o } # ' \n SELECT * { SERVICE ?s { ?s ?p ?o } }",
        r"SELECT * { \u0053ERVICE <http://localhost:1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p trueSERVICE<http://localhost:1/>{ ?s ?p ?o } }",
        "SELECT * { ?s sms:p 'x'SERVICE<http://localhost:1/>{ ?s ?p ?o } }",
        "SELECT * { ?s sms:p'x'SERVICE<http://localhost:1/>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p sms:.SERVICE<http://localhost:1/>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p sms:x .SERVICE<http://localhost:1/>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o FILTER(?s<?o#>\n)SERVICE<http://localhost:1/>{ ?s ?p ?o } }",
        "SELECT * FROM <http://localhost:1/> { ?s ?p ?o }",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "PREFIX x: <urn:x:> DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://localhost:1/>",
        "CLEAR ALL",
    ],
)  # fmt: skip
def test_nothing_is_written_and_nothing_is_fetched(text: str) -> None:
    with pytest.raises(InputError, match=r"refused|escapes"):
        run(SHOP, text)


# What could hide a SERVICE from whoever looks for the word, or make one. Port 9 is refused before anything is sent.
PIECES = st.sampled_from(
    ["SERVICE<http://localhost:9/>{?a ?b ?c}", "SERVICE SILENT<http://localhost:9/>{}", "service?x{}", "?s", "?p", " ",
     "?s ?p ?o", "?s sms:p", "sms:p", "sms:", ":", "_:b", "a", "true", "1", "1.", "1e", ".", ";", ",", "'", '"', "''",
     "'x'", "'''", '""', "@en", "^^", "#", "\n", "<", ">", "<urn:x>", "<urn:x#y>", "\\", "%", "{", "}", "(", ")",
     "FILTER(", "OPTIONAL{", "|", "&&", "=", "-", "é", "BIND(1 AS ?z)", "VALUES ?v{1}"]
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_no_way_of_writing_it_lets_a_query_out(text: str) -> None:
    with suppress(InputError):  # no SPARQL, or refused; an OSError would be an attempt to reach the address
        run(SHOP, f"SELECT * {{?s ?p ?o {text}}}")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service ?from { ?service a sms:Service ; sms:validFrom ?from } # SERVICE FROM INSERT",
        "SELECT ?x { ?x sms:name 'SERVICE', \"FROM\" }",
        "SELECT ?x { ?x <urn:SERVICE> ?y }",
        "SELECT ?x { ?x sms:FROM ?y }",
    ],
)
def test_words_that_only_look_like_it_are_let_through(text: str) -> None:
    run(SHOP, text)


def test_cypher_is_for_neo4j() -> None:
    with pytest.raises(InputError, match="Cypher runs where the graph is in Neo4j"):
        run(SHOP, "services-on-a-ci", {"ci": "web"}, language="cypher")


def test_the_head_ends_with_the_first_line_of_the_query() -> None:
    query = query_of("// Why?\n//\n// clause: 1.2\nMATCH (n)\n// parameter: x entity\nRETURN n", "cypher")
    assert (query.purpose, query.clause, query.parameters) == ("Why?", "1.2", ())


def test_the_rdf_of_a_revision_is_made_once() -> None:
    assert dataset(SHOP, 1) is dataset(SHOP, 1)
