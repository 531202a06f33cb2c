"""Groups of which only so many are needed, gathered from records that name one member each.

A node says of which cluster it is, a device which two sources of power it has: each of them one record. What
they make together is known when all are read: several members are a group, a single one is a plain need.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["Groups", "least"]


@dataclass(slots=True)
class _Group:
    owner: str
    kind: str
    origin: Origin
    type: str | None
    members: dict[str, tuple[Origin, str | None]] = field(default_factory=dict)


class Groups:
    """The groups that records make together.

    Parameters
    ----------
    rules : mapping
        By kind of group: ``type`` of the group, the ``relation`` by which its owner needs it, the ``suffix`` of
        its id, and what to call it (``called``).
    vocabulary : Vocabulary
    minimum : callable
        Takes the id of an owner, the kind and the number of members; how many are needed, or None where
        nobody says.
    """

    def __init__(
        self, rules: Mapping[str, Any], vocabulary: Vocabulary, minimum: Callable[[str, str, int], int | None]
    ) -> None:
        self._rules = rules
        self._vocabulary = vocabulary
        self._minimum = minimum
        self._groups: dict[tuple[str, str], _Group] = {}

    def add(
        self, owner: str, kind: str, member: str, origin: Origin, types: tuple[str | None, str | None] = (None, None)
    ) -> None:
        """One member more; ``types`` is what owner and member are taken for where nothing describes them."""
        group = self._groups.setdefault((owner, kind), _Group(owner, kind, origin, types[0]))
        group.members.setdefault(member, (origin, types[1]))

    def statements(self, name: Callable[[str], str]) -> Iterator[RawStatement]:
        """The groups and what they are made of; ``name`` is what an id is called."""
        for one in self._groups.values():
            rule, number = self._rules[one.kind], len(one.members)
            said = self._minimum(one.owner, one.kind, number)
            if number == 1 or said == number:
                for member, (origin, type) in one.members.items():
                    yield RawRelation(rule["relation"], one.owner, member, origin, {}, type, one.type)
            else:
                yield from self._group(one, rule, name(one.owner), said)

    def _group(self, one: _Group, rule: Any, name: str, said: int | None) -> Iterator[RawStatement]:
        quorum = self._vocabulary.types[rule["type"]].quorum
        assert quorum is not None, "the mapping's group is none of the ontology"
        number = len(one.members)
        needed = said if said is not None else 1
        why = "by what is recorded" if said is not None else "taken to be enough, since nothing recorded says more"
        id = f"{one.owner}#{rule['suffix']}"
        properties: dict[str, object] = {
            "name": f"{rule['called']} {name}",
            "description": f"{number} members; {needed} {why}.",
            quorum.property: needed,
        }
        if said is None:
            properties["inferred"] = True
        yield RawEntity(id, rule["type"], properties, one.origin)
        yield RawRelation(rule["relation"], one.owner, id, one.origin, subject_type=one.type)
        for member, (origin, type) in one.members.items():
            yield RawRelation(quorum.relation, id, member, origin, object_type=type)


def least(text: str, number: int) -> int | None:
    """How many of a number are needed, as a setting says it: a count, a percentage, or ``disabled`` for all.

    Examples
    --------
    >>> least("1", 3), least("50%", 3), least("disabled", 3), least("", 3)
    (1, 2, 3, None)
    """
    text = text.strip().casefold()
    if text == "disabled":
        return number
    found = re.fullmatch(r"(\d{1,6})\s*(%?)", text)
    if found is None:
        return None
    needed = math.ceil(number * int(found[1]) / 100) if found[2] else int(found[1])
    return min(max(needed, 1), number)
