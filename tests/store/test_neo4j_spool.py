"""A change set on its way into Neo4j: everything stands in it once, however much it is."""

from __future__ import annotations

import pytest

from graphsms.errors import IntegrityError
from graphsms.model import ChangeSet, Entity
from graphsms.ontology import load
from graphsms.store._neo4j_spool import spooled

WORDS = load()


@pytest.mark.parametrize("many", [10, 60_000])
def test_what_is_stated_twice_alike_stands_once(many: int) -> None:
    entities = [Entity(f"s{number}", "Server") for number in range(many)]
    with spooled(ChangeSet(entities=entities), WORDS) as found:
        assert found.entities.total == many
    with spooled(ChangeSet(entities=[*entities, entities[7]]), WORDS) as found:
        assert found.entities.total == many


@pytest.mark.parametrize("many", [10, 60_000])
def test_what_is_stated_twice_and_differently_is_refused(many: int) -> None:
    entities = [*(Entity(f"s{number}", "Server") for number in range(many)), Entity("s7", "Server", {"name": "Other"})]
    with (
        pytest.raises(IntegrityError, match="states the entity 's7' twice"),
        spooled(ChangeSet(entities=entities), WORDS),
    ):
        pass
