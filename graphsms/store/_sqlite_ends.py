"""The keys of the ends of very many relations, looked up some thousands at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from typing import Final

from graphsms.model import Relation

__all__ = ["find_ends_near", "with_ends_near"]

_BATCH: Final = 5_000
_KEYS: Final = "SELECT id, k FROM entity WHERE id IN (SELECT value FROM json_each(?))"


def with_ends_near(
    connection: sqlite3.Connection, relations: Iterable[Relation], known: Container[str], near: dict[str, int]
) -> Iterator[Relation]:
    """The relations; while one is looked at, ``near`` has the keys of its ends that are not known otherwise."""
    iterator = iter(relations)
    while batch := list(islice(iterator, _BATCH)):
        find_ends_near(connection, (end for one in batch for end in (one.subject, one.object)), known, near)
        yield from batch


def find_ends_near(
    connection: sqlite3.Connection, ends: Iterable[str], known: Container[str], near: dict[str, int]
) -> None:
    """Make ``near`` the keys of those ends that are not known otherwise."""
    near.clear()
    for batch in _batches({end for end in ends if end not in known}):
        near.update(connection.execute(_KEYS, (json.dumps(batch),)))


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(ids)
    while batch := list(islice(iterator, 2 * _BATCH)):
        yield batch
