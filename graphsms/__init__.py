"""graphsms: a knowledge graph of services, configuration items and obligations.

>>> import graphsms, tempfile
>>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
...     revision = g.apply(graphsms.ChangeSet(
...         entities=[graphsms.Entity("db-1", "Database"), graphsms.Entity("web", "Service", {"name": "Web shop"})],
...         relations=[graphsms.Relation("dependsOn", "web", "db-1")],
...     ))
...     [hit.id for hit in g.impact("db-1").hits]
['web']
"""

from graphsms.errors import (
    ConflictError,
    CorruptError,
    GraphSmsError,
    InputError,
    IntegrityError,
    RejectedError,
    StoreError,
    UnavailableError,
    UnknownIdError,
    VocabularyError,
)
from graphsms.graph import Graph, open  # noqa: A004  # as in `graphsms.open(...)`
from graphsms.model import ChangeSet, Entity, Fault, Relation, Revision, Statement

__all__ = [
    "ChangeSet",
    "ConflictError",
    "CorruptError",
    "Entity",
    "Fault",
    "Graph",
    "GraphSmsError",
    "InputError",
    "IntegrityError",
    "RejectedError",
    "Relation",
    "Revision",
    "Statement",
    "StoreError",
    "UnavailableError",
    "UnknownIdError",
    "VocabularyError",
    "open",
]
