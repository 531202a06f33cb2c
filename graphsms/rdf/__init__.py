"""RDF: entities and relations as triples and back, total and reversible.

An entity is a named node with one class of the ontology; its properties are typed literals, or for
codes the individuals of the code list. A relation is one triple; where something is said of it, such as
its strength, a blank node of ``sms:QualifiedRelation`` says it beside that triple. Which import stated
what, and the history, are bookkeeping of the store and not part of the graph.

Everything here works on triples of pyoxigraph; `to_rdflib` makes an rdflib graph of them, for people.
The way back, from triples to what the check of an import takes, is `graphsms.ingest.triples`.
"""

from __future__ import annotations

from graphsms.rdf.context import CONTEXT, context
from graphsms.rdf.iri import ID_BASE, id_of, iri_of
from graphsms.rdf.write import PREFIXES, to_rdflib, triples

__all__ = ["CONTEXT", "ID_BASE", "PREFIXES", "context", "id_of", "iri_of", "to_rdflib", "triples"]
