"""What became of each entry of a register: placed, not placed with a guess, aside; told beside the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

__all__ = [
    "NOT_PLACED",
    "OF_THE_PAGE",
    "PLACED",
    "UNRELATED",
    "UNUSED",
    "Placement",
    "Placing",
    "placements_json",
    "summed",
]

PLACED: Final = "placed"
NOT_PLACED: Final = "not placed"
UNRELATED: Final = "not service management"
UNUSED: Final = "not used"
OF_THE_PAGE: Final = "of the page"
_PLANNED: Final = "planned"
# In JSON, by what became of it.
_GROUPS: Final = {
    PLACED: "placed",
    NOT_PLACED: "not_placed",
    UNRELATED: "not_service_management",
    UNUSED: "keys_not_used",
    OF_THE_PAGE: "of_the_page",
}


@dataclass(frozen=True, slots=True)
class Placement:
    """An entry of a register, and what became of it.

    Parameters
    ----------
    file : str
    line : int or None
    field : str
        The key under which it stands; of a table, the column of names.
    text : str
        As it is written.
    outcome : str
        `PLACED`; `NOT_PLACED`: it is kept, and nobody has said what it serves; `UNRELATED`: it has nothing to do with
        service management; `UNUSED`: a key that means nothing here; `OF_THE_PAGE`: it says something of the page.
    id, type : str
        What it became in the graph, or "".
    status : str
        Of the document: planned, draft, in review, approved, withdrawn; or "".
    requirements : tuple of str
        Anchors of what it serves; where it is not placed, of what it may serve.
    note : str
        What is to be said of it, or "".
    """

    file: str
    line: int | None
    field: str
    text: str
    outcome: str
    id: str = ""
    type: str = ""
    status: str = ""
    requirements: tuple[str, ...] = ()
    note: str = ""

    @property
    def planned(self) -> bool:
        """Whether it is no more than a name."""
        return self.status == _PLANNED

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found = {name: getattr(self, name) for name in self.__slots__ if name not in ("outcome", "requirements")}
        return {**found, "guess" if self.outcome == NOT_PLACED else "requirements": list(self.requirements)}


@runtime_checkable
class Placing(Protocol):
    """A reader that can say what became of each entry, once it has read."""

    def placements(self) -> Sequence[Placement]:
        """In the order of the files."""


def summed(placements: Sequence[Placement]) -> str:
    """How many entries became what, in a sentence.

    Examples
    --------
    >>> summed([Placement("p.md", 3, "plans", "Capacity plan", PLACED, "document:capacity-plan", status="planned")])
    '1 entry: 1 placed; 1 of them planned, no more than a name.'
    """
    entries = [one for one in placements if one.outcome in (PLACED, NOT_PLACED, UNRELATED)]
    counts = {outcome: sum(one.outcome == outcome for one in entries) for outcome in (PLACED, NOT_PLACED, UNRELATED)}
    said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count) or "none"
    planned = sum(one.planned for one in entries)
    of_them = f"; {planned} of them planned, no more than a name" if planned else ""
    unused = sum(one.outcome == UNUSED for one in placements)
    keys = f" {unused} {'key was' if unused == 1 else 'keys were'} not used." if unused else ""
    return f"{len(entries):,} {'entry' if len(entries) == 1 else 'entries'}: {said}{of_them}.{keys}"


def placements_json(placements: Sequence[Placement]) -> dict[str, Any]:
    """What became of the entries, grouped, for programs; ``planned`` are ids of what is no more than a name."""
    found: dict[str, Any] = {name: [] for name in _GROUPS.values()}
    for one in placements:
        found[_GROUPS[one.outcome]].append(one.to_json())
    found["planned"] = list(dict.fromkeys(one.id for one in placements if one.planned and one.id))
    return found
