"""What tests ask of an import: what the graph holds after it, and the faults of one that was refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from graphsms.errors import RejectedError
from graphsms.ingest import ImportVerdict, ingest
from graphsms.model import Fault
from graphsms.store import Store

Write = Callable[[str, str | bytes], Path]


def estate(*entities: str) -> str:
    """A file of the exchange format, one entity a line from line 2 on."""
    return "entities:\n" + "".join(f"- {one}\n" for one in entities)


def imported(store: Store, *paths: Path, **options: Any) -> ImportVerdict:
    return ingest(store, paths, **options)


def refused(store: Store, *paths: Path, **options: Any) -> Sequence[Fault]:
    """The faults of an import that must be refused, and must leave the graph as it was."""
    before = (store.revision(), content(store), store.sources())
    with pytest.raises(RejectedError) as raised:
        ingest(store, paths, **options)
    assert (store.revision(), content(store), store.sources()) == before
    assert raised.value.faults
    return raised.value.faults


def rules(faults: Sequence[Fault]) -> list[tuple[str, int | None]]:
    """Rules and lines."""
    return [(one.rule, one.origin.line) for one in faults]


def content(store: Store) -> tuple[list[Any], list[Any]]:
    """All that the graph says, whichever source said it."""
    entities = [(one.id, one.type, dict(one.properties)) for one in store.entities()]
    return entities, [(one.key, dict(one.properties)) for one in store.relations()]


def edges(store: Store, type: str) -> set[tuple[str, str]]:
    """Subjects and objects of the relations of a type."""
    return {(one.subject, one.object) for one in store.relations(type=type)}


def between(store: Store, type: str) -> set[tuple[str, str]]:
    """Relations of a type by the names of their ends."""
    called = {one.id: one.name for one in store.entities()}
    return {(called[subject], called[object]) for subject, object in edges(store, type)}


def types(store: Store) -> dict[str, str]:
    """Types by id."""
    return {one.id: one.type for one in store.entities()}
