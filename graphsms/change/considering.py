"""What an assessment considers under each letter of 8.5.1.3, and who is told: read from data.

``policies/considered.yaml`` names types, relations and properties; a test holds them against the ontology.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["Considered", "Heading", "Spec", "Telling", "considered", "spec_of", "telling_of"]

FILE: Final = Path(__file__).parent / "policies" / "considered.yaml"
REQUESTS: Final = "requests"


@dataclass(frozen=True, slots=True)
class Spec:
    """How one part of a section is made.

    Parameters
    ----------
    kind, title : str
    types, without : tuple of str
        Of which types are those that it tells, and of which not.
    relations : tuple of str
        Over which relations they are found.
    show : tuple of str
        Properties told of each.
    status : str
        The property that says whether a case is over, or "".
    over : tuple of str
        States in which one is, where the policy does not say.
    words : mapping of str to str
        Further relations by the part that they play.
    """

    kind: str
    title: str
    types: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    status: str = ""
    over: tuple[str, ...] = ()
    words: Mapping[str, str] | None = None

    def word(self, part: str) -> str:
        """The relation that plays a part, or ""."""
        return (self.words or {}).get(part, "")

    @property
    def named(self) -> tuple[str, ...]:
        """Every relation that it names."""
        return (*self.relations, *(self.words or {}).values())


@dataclass(frozen=True, slots=True)
class Heading:
    """A letter of 8.5.1.3, what it is about, and its parts."""

    letter: str
    title: str
    parts: tuple[Spec, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told: in which role, of what (types; none for the requests themselves), over which relations."""

    role: str
    of: tuple[str, ...]
    through: tuple[str, ...]
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Considered:
    """All that is considered."""

    sections: tuple[Heading, ...]
    beside: tuple[Spec, ...]
    told: tuple[Telling, ...]

    @property
    def relations(self) -> frozenset[str]:
        """Every relation that leads from what is hit to what has to be considered with it."""
        specs = [*self.beside, *(spec for section in self.sections for spec in section.parts)]
        first = (one.through[0].removeprefix(AGAINST) for one in self.told if one.through and one.of)
        return frozenset({*(name for spec in specs for name in spec.named), *first})


AGAINST: Final = "^"  # ahead of a relation that is walked from its object


@lru_cache(maxsize=1)
def considered() -> Considered:
    """What is considered where a policy says nothing else.

    Examples
    --------
    >>> [section.letter for section in considered().sections]
    ['a', 'b', 'c', 'd', 'e']
    """
    stated = yaml.safe_load(FILE.read_text("utf-8"))
    return Considered(
        sections=tuple(
            Heading(one["letter"], one["title"], tuple(spec_of(part) for part in one["parts"]))
            for one in stated["sections"]
        ),
        beside=tuple(spec_of(part) for part in stated["beside"]),
        told=tuple(telling_of(one) for one in stated["told"]),
    )


def telling_of(stated: Mapping[str, Any]) -> Telling:
    """Who is told, from what is stated without faults."""
    of = () if stated["of"] == REQUESTS else tuple(stated["of"])
    return Telling(stated["role"], of, tuple(stated["through"]), tuple(stated.get("to", ())))


def spec_of(stated: Mapping[str, Any]) -> Spec:
    """How a part is made, from what is stated without faults."""
    lists = {key: tuple(stated.get(key, ())) for key in ("types", "without", "relations", "show", "over")}
    known = {"kind", "title", "status", *lists}
    words = {key: value for key, value in stated.items() if key not in known}
    return Spec(stated["kind"], stated["title"], status=stated.get("status", ""), words=words, **lists)
