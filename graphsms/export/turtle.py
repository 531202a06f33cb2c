"""Turtle: one block an entity with its relations, and what is said of a relation in blank nodes after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import pyoxigraph as ox

from graphsms.export.content import Content
from graphsms.model import Entity, Relation
from graphsms.rdf import PREFIXES, triples

__all__ = ["write"]


def write(content: Content, out: IO[bytes]) -> None:
    """Write content as Turtle; the same content is always the same bytes."""
    # The serializer takes an IRI of ids apart at its last slash only where a name can hold the rest.
    ox.serialize(triples(_statements(content), content.vocabulary), out, ox.RdfFormat.TURTLE, prefixes=dict(PREFIXES))


def _statements(content: Content) -> Iterator[Entity | Relation]:
    for entity, relations in content.by_subject():
        yield entity
        # Those without qualification first: they go on in the block of their subject.
        yield from (relation for relation in relations if not relation.properties)
        yield from (relation for relation in relations if relation.properties)
