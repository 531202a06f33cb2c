"""How the graph is written in Neo4j: labels and relationship types of the vocabulary, values in Neo4j's own types.

A dateTime stands as a zoned datetime and a date as a date, so that people compare them in their own
Cypher. A duration stays the text that it is: Neo4j would make months, days and seconds of it, and
P1Y and P12M, or PT60M and PT1H, could not be told apart any more.

What begins with an underscore is bookkeeping: ``_k`` (the key of an entity), ``_from`` (the revision
that it is since), ``_source`` (number of a source), ``_marks`` (`graphsms.store.marks`, where there are
any; whether a lifecycle is live is left to the moment of asking), ``_stated`` (what each of several sources
says, as JSON: `graphsms.store.journal.statements_json`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from neo4j.time import Date, DateTime

from graphsms.errors import VocabularyError
from graphsms.model import Scalar, Value
from graphsms.moments import canonical_moment
from graphsms.vocabulary import ANY, Vocabulary

__all__ = ["BOOKKEEPING", "ENTITY", "STATED", "Names", "canonical_properties", "native", "plain", "sought"]

ENTITY: Final = f"`{ANY}`"  # the label of everything that the graph holds

# Nodes of the store's own; no type of an ontology may be named so.
BOOKKEEPING: Final = frozenset(
    {"GraphsmsStore", "GraphsmsPending", "GraphsmsSetting", "GraphsmsSource", "Revision", "EntityVersion"}
    | {"RelationVersion"}
)
STATED: Final = "_stated"
_ID: Final = "id"


def sought(variable: str, value: str = "id", label: str = ENTITY, by: str = "id") -> str:
    """The pattern of a node that is looked up by an indexed property, to stand after MATCH.

    A plan that the server makes while there is little goes through all of the index, once for each row, and is kept
    when there is much; so the hint, and a seek is to be said, since a scan uses the index too.
    """
    return f"({variable}:{label} {{{by}: {value}}}) USING INDEX SEEK {variable}:{label}({by})"


@dataclass(frozen=True)
class Names:
    """What the database may hold: what the vocabulary says, and what earlier vocabularies of this store said.

    Parameters
    ----------
    types : mapping of str to tuple of str
        The labels of each type.
    relations : mapping of str to str
        The relationship type of each relation.
    """

    types: Mapping[str, tuple[str, ...]]
    relations: Mapping[str, str]

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Names:
        """Those of a vocabulary.

        Raises
        ------
        VocabularyError
            It uses a name that the store keeps for itself.
        """
        for name in vocabulary.types:
            if name in BOOKKEEPING:
                raise VocabularyError(
                    f"The type {name!r} cannot be kept in Neo4j: the store has nodes of that label itself."
                )
        for name in vocabulary.properties:
            if name == _ID or name.startswith("_"):
                raise VocabularyError(
                    f"The property {name!r} cannot be kept in Neo4j: the store keeps that name for itself."
                )
        return cls(
            {name: type.labels for name, type in vocabulary.types.items()},
            {name: relation.relationship_type for name, relation in vocabulary.relations.items()},
        )

    @classmethod
    def from_json(cls, text: str) -> Names:
        """Those that `json` wrote."""
        stored = json.loads(text)
        return cls({name: tuple(labels) for name, labels in stored["types"].items()}, stored["relations"])

    def json(self) -> str:
        """As one text."""
        return json.dumps({"types": self.types, "relations": self.relations}, sort_keys=True, separators=(",", ":"))

    def with_older(self, older: Names) -> Names:
        """These, and what only the older ones know: labels too, which may be of another user's ontology."""
        types = {**older.types}
        for name, labels in self.types.items():
            kept = tuple(
                label for label in older.types.get(name, ()) if label not in self.types and label not in labels
            )
            types[name] = labels + kept
        return Names(types, {**older.relations, **self.relations})

    # ----------------------------------------------------------------------------- in queries

    def quoted(self, name: str) -> str:
        """A label or relationship type as a query has it, which cannot be a parameter. The only way into one.

        Raises
        ------
        KeyError
            No vocabulary has named it.
        """
        if name not in self._known:
            raise KeyError(name)
        return "`" + name.replace("`", "``") + "`"

    def labels(self, type: str) -> str:
        """The labels of a type as a pattern has them, ``:`Server`:`ConfigurationItem` ``."""
        return "".join(":" + self.quoted(label) for label in self.types[type])

    def relationship(self, relation: str) -> str:
        """The relationship type of a relation as a pattern has it."""
        return self.quoted(self.relations[relation])

    def exactly(self, variable: str, type: str) -> str:
        """The condition that a node is of a type and of none of its subclasses."""
        below = [self.quoted(name) for name, labels in self.types.items() if type in labels and name != type]
        return f"{variable}:{self.quoted(type)}" + (f" AND NOT {variable}:({'|'.join(below)})" if below else "")

    @cached_property
    def _known(self) -> frozenset[str]:
        labels = {label for labels in self.types.values() for label in labels}
        return frozenset(labels | set(self.relations.values()))

    # ---------------------------------------------------------------------------- in answers

    def type_of(self, labels: Sequence[str]) -> str | None:
        """The type of a node: that of its labels which stands under all others of them. Labels that people have
        added count for nothing."""
        return max((label for label in labels if label in self.types), key=self._depth, default=None)

    def _depth(self, type: str) -> int:
        return len(self.types[type])

    def relation_of(self, relationship_type: str) -> str | None:
        """The relation that a relationship type stands for."""
        return self._relation_of.get(relationship_type)

    @cached_property
    def _relation_of(self) -> Mapping[str, str]:
        return {relationship: name for name, relationship in self.relations.items()}


# ------------------------------------------------------------------------------------------ values


def native(vocabulary: Vocabulary) -> Callable[[Mapping[str, Value]], dict[str, Any]]:
    """What turns canonical properties into those that the driver is given.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> native(load())({"validTo": "2026-11-22T00:00:00Z", "tag": ("a", "b")})
    {'validTo': datetime.datetime(2026, 11, 22, 0, 0, tzinfo=datetime.timezone.utc), 'tag': ['a', 'b']}
    """
    temporal = {
        name: property.datatype
        for name, property in vocabulary.properties.items()
        if property.datatype in ("date", "dateTime") and property.code_list is None
    }

    def converted(properties: Mapping[str, Value]) -> dict[str, Any]:
        found: dict[str, Any] = {
            name: list(value) if isinstance(value, tuple) else value for name, value in properties.items()
        }
        for name in temporal.keys() & found.keys():
            make = _date if temporal[name] == "date" else _date_time
            values = properties[name]
            if not isinstance(values, tuple):
                found[name] = make(values)
            else:
                many = list(map(make, values))
                if not any(isinstance(one, str) for one in many):  # a list holds values of one kind
                    found[name] = many
        return found

    return converted


def canonical_properties(found: Mapping[str, Any]) -> dict[str, Value]:
    """The canonical properties of what a node or relationship of the database has, without the bookkeeping.

    Examples
    --------
    >>> canonical_properties({"id": "web", "_k": 1, "due": Date(2026, 11, 21), "tag": ["a", "b"]})
    {'due': '2026-11-21', 'tag': ('a', 'b')}
    """
    return {
        name: tuple(map(plain, value)) if isinstance(value, list) else plain(value)
        for name, value in found.items()
        if name != _ID and name[0] != "_"
    }


def plain(value: Any) -> Scalar:
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, DateTime):
        return canonical_moment(value.to_native())
    return value.iso_format() if isinstance(value, Date) else str(value)


def _date_time(value: Scalar) -> datetime | Scalar:
    """A moment in Neo4j's type; what would not come back as it is stays as it is."""
    try:
        moment = datetime.fromisoformat(str(value))
        return moment if canonical_moment(moment) == value else value
    except (ValueError, OverflowError):
        return value


def _date(value: Scalar) -> date | Scalar:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return value
    return day if day.isoformat() == value else value
