"""What a computed check runs, in the few words in which the catalogue says it (``runs``).

::

    records of TYPE [where P = V [or V ...] [and P = V ...]] [with P, ^P, ...]
        of all records of the type for which the conditions hold, how many have all that is named: a property, a
        relation from them, or (``^``) a relation to them
    occurrences of TYPE[, TYPE ...] [where P = V [or V ...] [and P = V ...]]
        nothing is looked for but whether there was any; what does not say P may be one
    analysis NAME
        one of the analyses that graphsms has
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphsms.errors import InputError
from graphsms.model import Value

__all__ = ["ANALYSIS", "OCCURRENCES", "OR", "RECORDS", "Runs", "holds", "runs_of"]

RECORDS: Final = "records"
OCCURRENCES: Final = "occurrences"
ANALYSIS: Final = "analysis"
OR: Final = " or "
_WORD: Final = r"\w+"
_RECORDS: Final = re.compile(
    rf"records of (?P<types>{_WORD})(?: where (?P<where>.+?))?(?: with (?P<having>\^?{_WORD}(?:, \^?{_WORD})*))?",
    re.ASCII,
)
_OCCURRENCES: Final = re.compile(rf"occurrences of (?P<types>{_WORD}(?:, {_WORD})*)(?: where (?P<where>.+))?", re.ASCII)
_ANALYSIS: Final = re.compile(r"analysis (?P<name>\w+(?:-\w+)*)", re.ASCII)
_CONDITION: Final = re.compile(rf"(?P<property>{_WORD}) = (?P<value>.+)", re.ASCII)
_AND: Final = re.compile(rf" and (?={_WORD} = )", re.ASCII)


@dataclass(frozen=True, slots=True)
class Runs:
    """What a check runs.

    Parameters
    ----------
    kind : str
        `RECORDS`, `OCCURRENCES` or `ANALYSIS`.
    types : tuple of str
        Of the graph; none for an analysis.
    where : tuple of (str, str)
        Properties with the values that they must have, alternatives parted by `` or ``.
    having : tuple of str
        Properties and relations that must be there; ``^`` ahead of a relation that leads to it.
    name : str
        Of the analysis, or "".
    """

    kind: str
    types: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    having: tuple[str, ...] = ()
    name: str = ""


def runs_of(text: str) -> Runs:
    """What ``runs`` of a check says.

    Raises
    ------
    InputError
        It is in none of the three forms.

    Examples
    --------
    >>> found = runs_of("records of Audit where auditKind = internal with examines, ^recordOf")
    >>> found.types, found.where, found.having
    (('Audit',), (('auditKind', 'internal'),), ('examines', '^recordOf'))
    >>> runs_of("analysis change-trends").name
    'change-trends'
    """
    if found := _RECORDS.fullmatch(text):
        having = tuple(found["having"].split(", ")) if found["having"] else ()
        return Runs(RECORDS, (found["types"],), _conditions(found["where"], text), having)
    if found := _OCCURRENCES.fullmatch(text):
        return Runs(OCCURRENCES, tuple(found["types"].split(", ")), _conditions(found["where"], text))
    if found := _ANALYSIS.fullmatch(text):
        return Runs(ANALYSIS, name=found["name"])
    raise InputError(
        f"A check cannot run {text[:80]!r}: say `records of TYPE where P = V with P, ^P`, "
        "`occurrences of TYPE where P = V` or `analysis NAME`."
    )


def _conditions(text: str | None, whole: str) -> tuple[tuple[str, str], ...]:
    if not text:
        return ()
    found = [_CONDITION.fullmatch(part) for part in _AND.split(text)]
    if any(one is None for one in found):
        raise InputError(f"A check cannot run {whole[:80]!r}: a condition is written as `property = value`.")
    return tuple((one["property"], one["value"]) for one in found if one is not None)


def holds(where: tuple[tuple[str, str], ...], properties: Mapping[str, Value], *, unsaid: bool = False) -> bool:
    """Whether conditions hold for what has these properties; ``unsaid`` counts where it says nothing.

    Examples
    --------
    >>> holds((("leadSupplier", "true"),), {"leadSupplier": True})
    True
    >>> holds((("leadSupplier", "true"),), {}), holds((("leadSupplier", "true"),), {}, unsaid=True)
    (False, True)
    """
    for name, wanted in where:
        value = properties.get(name)
        if value is None:
            if not unsaid:
                return False
            continue
        said = value if isinstance(value, tuple) else (value,)
        words = {str(one).lower() if isinstance(one, bool) else str(one) for one in said}
        if words.isdisjoint(wanted.split(OR)):
            return False
    return True
