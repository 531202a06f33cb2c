"""RDF into a store and out of it is the same graph."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import pyoxigraph as ox
from hypothesis import HealthCheck, given, settings

from contract.conftest import NewStore
from graphsms.ingest.reader import RawEntity
from graphsms.ingest.triples import statements
from graphsms.model import ChangeSet, Entity, Fault, Relation
from graphsms.ontology import load
from graphsms.rdf import triples
from graphsms.store import Store
from graphsms.values import canonical_all
from strategies import graphs

VOCABULARY = load()


def canonical_form(quads: Iterable[ox.Triple | ox.Quad]) -> set[str]:
    """Equal exactly for isomorphic graphs (RDF Dataset Canonicalization 1.0)."""
    dataset = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def imported(store: Store, rdf: Iterable[ox.Triple]) -> None:
    def refuse(fault: Fault) -> None:
        raise AssertionError(fault)

    entities, relations = [], []
    for one in statements([("estate.ttl", rdf)], VOCABULARY, refuse):
        properties = canonical_all(one.properties, VOCABULARY)
        if isinstance(one, RawEntity):
            entities.append(Entity(one.id, one.type, properties))
        else:
            relations.append(Relation(one.type, one.subject, one.object, properties))
    store.apply(ChangeSet(entities, relations))


def test_rdf_into_a_store_and_out_of_it_is_the_same_graph(new_store: NewStore) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(graphs(VOCABULARY))
    def the_same(graph: tuple[list[Entity], list[Relation]]) -> None:
        given_rdf = list(triples(chain(*graph), VOCABULARY))
        with new_store() as store:
            imported(store, given_rdf)
            found = triples(chain(store.entities(), store.relations()), VOCABULARY)
            assert canonical_form(found) == canonical_form(given_rdf)

    the_same()
