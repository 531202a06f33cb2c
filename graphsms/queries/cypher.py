"""Queries in Cypher, where the graph is in Neo4j: values are parameters of the driver, and nothing is written.

Beside its own parameters a query may use some that are made from the ontology, which Neo4j does not hold:

- ``$needs``: the relationship types along which the state of the end reaches the start;
- ``$feeds``: those along which it goes the other way. A step down is a relationship of either kind, as it is with
  ``sms:needs`` in SPARQL: see ``queries/what-a-service-stands-on.cypher``;
- ``$canFail``: the labels of what can fail, and so passes a state on;
- ``$types``: all labels, the most particular first, so that the first that a node has is its type;
- ``$expected``: what types expect, as maps of ``type``, ``relation`` and ``by``, the relationship types that fulfil it;
- ``$rank``: by the name of a code list, by notation, the rank of a code;
- ``$notLive``: the codes of lifecycle that carry no failure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from graphsms.errors import InputError
from graphsms.queries.header import Query
from graphsms.queries.values import Bound
from graphsms.report.tables import Cell, Table
from graphsms.store import Store
from graphsms.vocabulary import LIFECYCLE, Behaviour, Code, Propagation, Vocabulary

__all__ = ["run_cypher"]


@runtime_checkable
class _AsksInCypher(Protocol):
    def cypher(self, query: str, parameters: Mapping[str, object]) -> tuple[Sequence[str], Sequence[Sequence[Cell]]]:
        """Columns and rows, read in a transaction that cannot write; entities as ids, values canonical."""


def run_cypher(store: Store, query: Query, values: Mapping[str, Bound]) -> Table:
    """The answer of a query to the present graph.

    Raises
    ------
    InputError
        The graph is not in Neo4j, the text is not Cypher, or it would write.
    """
    if not isinstance(store, _AsksInCypher):
        raise InputError(f"Cypher runs where the graph is in Neo4j; {store.url} is not. Ask in SPARQL.")
    own: dict[str, object] = {
        parameter.name: _value(values[parameter.name], parameter.kind) for parameter in query.parameters
    }
    columns, rows = store.cypher(query.text, {**of_vocabulary(store.vocabulary), **own})
    return Table(tuple(columns), tuple(map(tuple, rows)))


def _value(value: Bound, kind: str) -> object:
    if isinstance(value, Code):
        return value.notation
    return datetime.fromisoformat(str(value)) if kind in ("moment", "beginning") else value


def of_vocabulary(vocabulary: Vocabulary) -> dict[str, object]:
    """What a query in Cypher needs of the ontology, which Neo4j does not hold."""
    lifecycle = vocabulary.properties[LIFECYCLE].code_list
    statuses = vocabulary.code_lists[lifecycle].codes if lifecycle is not None else ()
    return {
        "needs": _types(vocabulary, Propagation.OBJECT_TO_SUBJECT),
        "feeds": _types(vocabulary, Propagation.SUBJECT_TO_OBJECT),
        "canFail": [type.name for type in vocabulary.types.values() if type.behaviour is Behaviour.CAN_FAIL],
        "expected": [
            {
                "type": type.name,
                "relation": expected,
                "by": [one.relationship_type for one in vocabulary.relations.values() if expected in one.fulfils],
            }
            for type in vocabulary.types.values()
            for expected in type.expects
        ],
        "types": sorted(vocabulary.types, key=lambda name: (-len(vocabulary.types[name].ancestors), name)),
        "rank": {
            name: {code.notation: code.rank for code in codes.codes if code.rank is not None}
            for name, codes in vocabulary.code_lists.items()
        },
        "notLive": [code.notation for code in statuses if code.carries_failure is False],
    }


def _types(vocabulary: Vocabulary, propagation: Propagation) -> list[str]:
    return [one.relationship_type for one in vocabulary.relations.values() if one.propagation is propagation]
