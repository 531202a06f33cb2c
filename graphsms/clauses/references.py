"""What people write for a clause or a requirement, and which they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from graphsms.clauses.catalogue import Catalogue
from graphsms.clauses.model import Clause, Requirement
from graphsms.errors import InputError

__all__ = ["Meant", "meant"]

_ISO: Final = r"\s*(?:ISO(?:/IEC)?\s*)?"
_EDITION: Final = re.compile(_ISO + r"(?:20000-1\s*[:-]\s*)?(20\d\d)(?!\d)\s*[:,/]?\s*", re.ASCII | re.I)
_STANDARD: Final = re.compile(_ISO + r"20000-1\s*[:,]?\s+", re.ASCII | re.I)
_WORD: Final = re.compile(r"\s*(?:(?:sub-?)?clause|requirement|§)\s*", re.I)
_REFERENCE: Final = re.compile(
    r"(?P<number>\d+(?:\.\d+)*)\.?\s*(?:\((?P<sentence>\d+)\))?\s*(?P<item>(?:[a-z]|\d+|—\d+)\)?(?:\s*(?:[a-z]|\d+)\)?)*)?",
    re.ASCII | re.I,
)
_PART: Final = re.compile(r"[a-z]|\d+|—\d+", re.I)
_NEAR: Final = 3
_DIGITS: Final = 9  # of a number, as far as it is looked at to find the nearest


@dataclass(frozen=True, slots=True)
class Meant:
    """What a reference means: a clause, with all of it or with the requirements at one place in it.

    Parameters
    ----------
    clause : Clause
    requirements : tuple of Requirement
        Those at the place; of a clause as such, its own and those of all below it.
    whole : bool
        Whether the clause as such is meant.
    """

    clause: Clause
    requirements: tuple[Requirement, ...]
    whole: bool


def meant(text: str, catalogue: Catalogue, edition: str | None = None) -> Meant:
    """What a reference such as ``8.2.3.1 a)``, ``2011:4.2``, ``8.6.1 (3)`` or the id of a requirement means.

    Parameters
    ----------
    text : str
    catalogue : Catalogue
    edition : str, optional
        The year, where the text says none; without it, the newest.

    Raises
    ------
    InputError
        There is no such clause or requirement; the message says which are nearest.

    Examples
    --------
    >>> from graphsms.clauses import catalogue
    >>> from graphsms.ontology import load
    >>> found = meant("8.2.3.1 a)", catalogue(load()))
    >>> found.clause.number, [one.item for one in found.requirements]
    ('8.2.3.1', ['a)'])
    """
    own = catalogue.requirements.get(text)
    if own is not None:
        return Meant(_clause(own, catalogue), (own,), whole=False)
    if text in catalogue.clauses:
        clause = catalogue.clauses[text]
        return Meant(clause, tuple(catalogue.required_by(clause)), whole=True)
    year, rest = _edition_of(text, catalogue, edition)
    found = _REFERENCE.fullmatch(_WORD.sub("", rest, count=1).strip())
    if found is None:
        raise InputError(
            f"{text!r} is no reference to a clause. Write it as 8.2.3.1, 8.2.3.1 a), 8.6.1 (3) or 2011:4.2."
        )
    number, sentence, item = found["number"], found["sentence"], _path(found["item"])
    stated = catalogue.clause(number, year)
    if stated is None:
        raise InputError(f"ISO/IEC 20000-1:{year} has no clause {number[:40]}.{_nearest(number, catalogue, year)}")
    if not sentence and not item:
        return Meant(stated, tuple(catalogue.required_by(stated)), whole=True)
    at = tuple(
        one
        for one in catalogue.of_edition(year)
        if one.clause == number and one.item == item and (not sentence or one.sentence == int(sentence))
    )
    if not at:
        there = [one.anchor for one in catalogue.of_edition(year) if one.clause == number]
        has = f" It has {', '.join(dict.fromkeys(there))}." if there else " It states no requirements of its own."
        raise InputError(
            f"Clause {number} of ISO/IEC 20000-1:{year} has no {rest.strip()[len(number) :].strip()}.{has}"
        )
    return Meant(stated, at, whole=False)


def _clause(requirement: Requirement, catalogue: Catalogue) -> Clause:
    found = catalogue.clause(requirement.clause, requirement.edition)
    assert found is not None
    return found


def _edition_of(text: str, catalogue: Catalogue, edition: str | None) -> tuple[str, str]:
    found = _EDITION.match(text)
    if found is not None:
        return catalogue.edition(found[1]), text[found.end() :]
    without = _STANDARD.match(text)
    return catalogue.edition(edition), text[without.end() if without else 0 :]


def _path(item: str | None) -> str:
    """``a)1)``, ``A 1`` and ``a) 1)`` are the same item."""
    parts = _PART.findall(item or "")
    return " ".join(part if part.startswith("—") else f"{part.lower()})" for part in parts)


def _nearest(number: str, catalogue: Catalogue, year: str) -> str:
    """The clauses that share most of the number, from its beginning."""
    asked = number.split(".")

    def far(clause: Clause) -> tuple[int, int, int]:
        parts = clause.number.split(".")
        both = min(len(asked), len(parts))
        shared = next((i for i in range(both) if asked[i] != parts[i]), both)
        next_to = _apart(asked[shared], parts[shared]) if shared < both else 0
        return -shared, abs(len(asked) - len(parts)), next_to

    near = sorted((one for one in catalogue.clauses.values() if one.edition == year), key=far)[:_NEAR]
    return f" Did you mean {' or '.join(f'{one.number} ({one.title})' for one in near)}?"


def _apart(asked: str, there: str) -> int:
    """How far two numbers of clauses are from each other; a digit too many is no distance."""
    return 0 if asked.startswith(there) else abs(int(asked[:_DIGITS]) - int(there))
