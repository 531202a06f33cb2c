"""The tables that a mapping of a service management tool knows, what each inherits, and doubts told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from graphsms.model import Fault, Origin

__all__ = ["Tables", "Tally", "words"]

Take = Callable[[Fault], None]


class Tables:
    """The tables that a mapping knows, each with what it inherits; more can be told (`learn`)."""

    def __init__(self, rules: Any) -> None:
        self.rules = rules["tables"]
        self._extends: dict[str, str] = {
            name: one["extends"] for name, one in self.rules.items() if one and "extends" in one
        }
        self._lines: dict[str, tuple[str, ...]] = {}
        self._gathered: dict[tuple[str, str], list[Any]] = {}

    def learn(self, table: str, extends: str) -> None:
        """Take it that a table that the mapping does not know extends another one."""
        if table != extends and table not in self.rules and table not in self._extends:
            self._extends[table] = extends
            self._lines.clear()
            self._gathered.clear()

    def line(self, table: str) -> tuple[str, ...]:
        """A table and those that it extends, up to the first one."""
        found = self._lines.get(table)
        if found is None:
            line = [table]
            while (above := self._extends.get(line[-1])) is not None and above not in line:
                line.append(above)
            found = self._lines[table] = tuple(line)
        return found

    def nearest(self, table: str) -> str | None:
        """The table itself, or the nearest one above it that the mapping knows."""
        return next((one for one in self.line(table) if one in self.rules), None)

    def inherited(self, table: str, part: str) -> Any:
        """What the nearest table says of a part that is one value, such as its type."""
        for one in self.line(table):
            if part in (self.rules.get(one) or {}):
                return self.rules[one][part]
        return None

    def gathered(self, table: str, part: str) -> list[Any]:
        """What a table and all above it say of a part that is a list, nearest first."""
        found = self._gathered.get((table, part))
        if found is None:
            found = [each for one in self.line(table) for each in (self.rules.get(one) or {}).get(part, ())]
            self._gathered[table, part] = found
        return found


class Tally:
    """Doubts that many records share, told once each with their number, where they were first met."""

    def __init__(self) -> None:
        self._number: Counter[tuple[str, str, str]] = Counter()
        self._first: dict[tuple[str, str, str], Origin] = {}

    def add(self, origin: Origin, field: str, rule: str, message: str) -> None:
        """One more; ``{n}`` in the message becomes how many there were."""
        key = (rule, field, message)
        self._number[key] += 1
        self._first.setdefault(key, origin)

    def tell(self, warn: Take) -> None:
        """All of them, as warnings."""
        for key, origin in self._first.items():
            rule, field, message = key
            warn(Fault(origin, "", field, rule, message.replace("{n}", f"{self._number[key]:,}")))


def words(node: object) -> frozenset[str]:
    """Every word of a mapping: fields that are none of them are of no use, and need not be held.

    Examples
    --------
    >>> sorted(words({"fields": {"location": "cmn_location"}, "from": ["name"]}))
    ['cmn_location', 'fields', 'from', 'location', 'name']
    """
    if isinstance(node, dict):
        return frozenset(node).union(*map(words, node.values()))
    if isinstance(node, list):
        return frozenset().union(*map(words, node))
    return frozenset({node, *node.split()}) if isinstance(node, str) else frozenset()
