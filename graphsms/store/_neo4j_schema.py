"""What a Neo4j database needs before it is a store of ours: constraints, indexes, and one node that says what it is.

The ids of all entities are unique under the one label that all of them have, so a constraint for each
label would say nothing more, and cost a write for every superclass of every entity.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Final
from uuid import uuid4

import neo4j

from graphsms.errors import CorruptError, UnavailableError
from graphsms.model import Revision
from graphsms.store._neo4j_names import ENTITY, Names
from graphsms.store._neo4j_server import Server
from graphsms.store.journal import EMPTY

__all__ = [
    "META",
    "State",
    "ensure_marked_index",
    "locked",
    "opened",
    "revision",
    "revision_from",
    "state_of",
    "stored_names",
]

_FORMAT: Final = 1
_BATCH: Final = 10_000
META: Final = "(m:GraphsmsStore {key: 'graphsms'})"  # no value from outside

_UNIQUE: Final = {
    "graphsms_entity_id": (ENTITY, ("id",)),
    "graphsms_entity_k": (ENTITY, ("_k",)),
    "graphsms_store": ("GraphsmsStore", ("key",)),
    "graphsms_pending": ("GraphsmsPending", ("key",)),
    "graphsms_setting": ("GraphsmsSetting", ("name",)),
    "graphsms_source": ("GraphsmsSource", ("name",)),
    "graphsms_revision": ("Revision", ("number",)),
    "graphsms_entity_version": ("EntityVersion", ("_k", "_to")),
    "graphsms_relation_version": ("RelationVersion", ("_subject_k", "_type", "_object_k", "_to")),
}
_INDEXES: Final = {
    "graphsms_entity_marks": (ENTITY, "_marks"),
    "graphsms_entity_version_id": ("EntityVersion", "id"),
    "graphsms_entity_version_from": ("EntityVersion", "_from"),
    "graphsms_entity_version_to": ("EntityVersion", "_to"),
    "graphsms_relation_version_subject": ("RelationVersion", "_subject"),
    "graphsms_relation_version_object": ("RelationVersion", "_object"),
    "graphsms_relation_version_from": ("RelationVersion", "_from"),
    "graphsms_relation_version_to": ("RelationVersion", "_to"),
}


@dataclass(frozen=True)
class State:
    """Where the store stands; kept as one text in one property, so that nobody ever reads half of it.

    Parameters
    ----------
    revision : int
        The present one.
    last_k : int
        The greatest key given to an entity so far.
    counts : mapping of str to int
        How many entities and relations of each type there are.
    marked : tuple of str
        Relations of which some have, or once had, marks: those types have an index of them.
    names : str
        Tells the names that the store knows from all others that it ever knew.
    """

    revision: int = 0
    last_k: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    marked: tuple[str, ...] = ()
    names: str = ""

    @classmethod
    def from_json(cls, text: str) -> State:
        """That which `json` wrote."""
        stored = json.loads(text)
        return cls(stored["revision"], stored["last_k"], stored["counts"], tuple(stored["marked"]), stored["names"])

    def json(self) -> str:
        """As one text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def opened(server: Server, ours: Names) -> str:
    """Make the database a store where it is none yet, and one of our ontology where it was of another; its identity.

    Raises
    ------
    CorruptError
        The database holds somebody else's nodes where the entities are to be.
    UnavailableError
        It was made by a newer version, or cannot be written.
    """
    row = _meta(server)
    if row is None:
        _refuse_strangers(server)
        _make(server, ours)
        row = _meta(server)
        assert row is not None
    format, identity, stored = row
    if format > _FORMAT:
        raise UnavailableError(
            f"{server.address.shown} was made by a newer graphsms (format {format}; this one knows {_FORMAT}):"
            " upgrade graphsms."
        )
    older = Names.from_json(stored)
    names = ours.with_older(older)
    if names != older:
        _relabel(server, older, names)
    return identity


def _meta(server: Server) -> tuple[int, str, str] | None:
    row = server.one(f"MATCH {META} RETURN m.format, m.identity, m.names")
    return None if row is None else (int(row[0]), str(row[1]), str(row[2]))


def _refuse_strangers(server: Server) -> None:
    if server.one(f"MATCH (n:{ENTITY}) RETURN 1 LIMIT 1"):
        raise CorruptError(
            f"{server.address.shown} is no graphsms store, and has nodes labelled {ENTITY} of somebody else, which"
            " would be mistaken for ours: give an empty database, or relabel them."
        )


def _make(server: Server, names: Names) -> None:
    for name, (label, properties) in _UNIQUE.items():
        keys = ", ".join(f"n.{one}" for one in properties)
        server.run(f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE ({keys}) IS UNIQUE")
    for name, (label, property) in _INDEXES.items():
        server.run(f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON (n.{property})")
    server.run("CALL db.awaitIndexes(300)")
    state = State(names=str(uuid4())).json()
    values = {"identity": str(uuid4()), "format": _FORMAT, "names": names.json(), "state": state}
    # Another process may make it at the same moment: the constraint on its key lets one of them.
    server.write(lambda run: run.run(f"MERGE {META} ON CREATE SET m += $values", values=values).consume())


def _relabel(server: Server, older: Names, names: Names) -> None:
    """Where the ontology has changed above a type, give its entities the labels that they have now."""
    # The least special first: what stands below them is then not yet labelled as one of them.
    for type, labels in sorted(names.types.items(), key=lambda item: len(item[1])):
        stored = older.types.get(type, labels)
        more = [label for label in labels if label not in stored]
        less = [label for label in stored if label not in labels]
        if more or less:
            wrong = [f"NOT n:{names.quoted(label)}" for label in more] + [f"n:{names.quoted(label)}" for label in less]
            change = [f"SET n:{names.quoted(label)}" for label in more] + [
                f"REMOVE n:{names.quoted(label)}" for label in less
            ]
            query = (
                f"MATCH (n:{ENTITY}) WHERE {older.exactly('n', type)} AND n._from IS NOT NULL"
                f" AND ({' OR '.join(wrong)}) WITH n LIMIT {_BATCH} {' '.join(change)} RETURN count(*)"
            )
            while server.write(lambda run, query=query: run.run(query).single(strict=True)[0]):  # type: ignore[misc]
                pass

    def remember(run: neo4j.ManagedTransaction) -> None:
        state = replace(locked(run, server), names=str(uuid4()))
        others = Names.from_json(run.run(f"MATCH {META} RETURN m.names").single(strict=True)[0])
        values = {"names": names.with_older(others).json(), "state": state.json()}
        run.run(f"MATCH {META} SET m += $values", values=values).consume()

    server.write(remember)


def locked(run: neo4j.ManagedTransaction, server: Server) -> State:
    """Wait for other writers, and keep them waiting until the transaction ends; where the store stands then."""
    run.run(f"MATCH {META} SET m.format = m.format").consume()
    record = run.run(f"MATCH {META} RETURN m.state").single()
    if record is None:
        raise _gone(server)
    return State.from_json(record[0])


def stored_names(server: Server) -> Names:
    """What the store knows."""
    return Names.from_json(server.column(f"MATCH {META} RETURN m.names")[0])


def ensure_marked_index(server: Server, names: Names, relation: str) -> None:
    """An index of the relations of a type that have marks; the others, nearly all, take no place in it."""
    type = names.relationship(relation)
    server.run(f"CREATE INDEX `graphsms_marks_{type[1:]} IF NOT EXISTS FOR ()-[r:{type}]-() ON (r._marks)")


def state_of(server: Server) -> State:
    """Where the store stands.

    Raises
    ------
    CorruptError
        It is no store any more.
    """
    row = server.one(f"MATCH {META} RETURN m.state")
    if row is None:
        raise _gone(server)
    return State.from_json(row[0])


def _gone(server: Server) -> CorruptError:
    return CorruptError(f"{server.address.shown} is no graphsms store any more: its node GraphsmsStore is gone.")


def revision(server: Server, number: int) -> Revision:
    """The revision of that number, which the store has."""
    if number == 0:
        return EMPTY
    row = server.one("MATCH (r:Revision {number: $number}) RETURN properties(r)", number=number)
    if row is None:
        raise CorruptError(f"{server.address.shown} lacks its revision {number}: restore a backup.")
    return revision_from(row[0])


def revision_from(stored: Mapping[str, object]) -> Revision:
    """The revision that a node stands for."""
    return Revision(**{name: stored[name] for name in Revision.__dataclass_fields__})  # type: ignore[arg-type]
