"""Names that a `SqliteStore` holds once and refers to by a code: types, relations, sources."""

from __future__ import annotations

import sqlite3
from collections.abc import Container

from graphsms.errors import IntegrityError
from graphsms.vocabulary import Vocabulary

__all__ = ["Names"]


class Names:
    """Codes by name and names by code, those met for the first time included; `store` keeps them.

    Attributes
    ----------
    types, relations : dict of str to int
        By local name; looking up one that the ontology does not have is an `IntegrityError`.
    sources : dict of (str or None) to int
        0 where there is none.
    """

    def __init__(self, connection: sqlite3.Connection, vocabulary: Vocabulary) -> None:
        self._connection = connection
        self._terms = _named(connection, "SELECT name FROM term ORDER BY code", [])
        self._sources = _named(connection, "SELECT name FROM source ORDER BY code", [""])
        self._stored = len(self._terms), len(self._sources)
        self.types = _Terms(self._terms, vocabulary.types, "type")
        self.relations = _Terms(self._terms, vocabulary.relations, "relation")
        self.sources = _Sources(self._sources)

    def term(self, code: int) -> str:
        """The type or relation of a code."""
        return self._terms[code - 1]

    def source(self, code: int) -> str:
        """The source of a code; "" for none."""
        return self._sources[code]

    def store(self) -> None:
        """Keep what has been met for the first time."""
        terms, sources = self._stored
        new_terms = enumerate(self._terms[terms:], terms + 1)
        self._connection.executemany("INSERT INTO term (code, name) VALUES (?, ?)", new_terms)
        new_sources = enumerate(self._sources[sources:], sources)
        self._connection.executemany("INSERT INTO source (code, name) VALUES (?, ?)", new_sources)
        self._stored = len(self._terms), len(self._sources)


class _Terms(dict[str, int]):
    def __init__(self, names: list[str], allowed: Container[str], kind: str) -> None:
        super().__init__((name, code) for code, name in enumerate(names, 1) if name in allowed)
        self._names, self._allowed, self._kind = names, allowed, kind

    def __missing__(self, name: str) -> int:
        if name not in self._allowed:
            raise IntegrityError(
                f"The ontology has no {self._kind} {name!r}: add it, or correct it; nothing was changed."
            )
        self._names.append(name)
        self[name] = len(self._names)
        return len(self._names)


class _Sources(dict[str | None, int]):
    def __init__(self, names: list[str]) -> None:
        super().__init__((name, code) for code, name in enumerate(names))
        self[None] = 0
        self._names = names

    def __missing__(self, name: str | None) -> int:
        assert name is not None
        self[name] = len(self._names)
        self._names.append(name)
        return self[name]


def _named(connection: sqlite3.Connection, query: str, first: list[str]) -> list[str]:
    """Names in the order of their codes, which leave no gap."""
    return first + [name for (name,) in connection.execute(query)]
