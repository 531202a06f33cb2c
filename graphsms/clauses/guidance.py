"""Which guidance there is: of a kind, and on a clause or requirement."""

from __future__ import annotations

from collections.abc import Iterator

from graphsms.clauses.catalogue import Catalogue
from graphsms.clauses.model import Clause, Counterpart, Guidance
from graphsms.clauses.references import Meant
from graphsms.errors import InputError

__all__ = ["counterparts_on", "guidance_on", "kinds_of_guidance", "places"]


def kinds_of_guidance(catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds of guidance that there are, in order of the guide.

    Examples
    --------
    >>> from graphsms.clauses import catalogue
    >>> from graphsms.ontology import load
    >>> kinds_of_guidance(catalogue(load()))[:2]
    ('checklist', 'scoping')
    """
    return tuple(dict.fromkeys(one.kind for one in catalogue.guidance.values()))


def guidance_on(catalogue: Catalogue, kind: str | None = None, meant: Meant | None = None) -> tuple[Guidance, ...]:
    """The guidance of a kind, on what a reference means, in order of the guide.

    Parameters
    ----------
    catalogue : Catalogue
    kind : str, optional
        Such as ``checklist`` or ``role``; without it, all kinds.
    meant : Meant, optional
        A clause, with all below it, or a place in it, with the head of its list; without it, everything.

    Raises
    ------
    InputError
        There is no such kind.

    Notes
    -----
    O(guidance + requirements of the clause). What the edition of 2018 no longer asks is found by the requirements of
    2011 too.

    Examples
    --------
    >>> from graphsms.clauses import catalogue
    >>> from graphsms.clauses.references import meant
    >>> from graphsms.ontology import load
    >>> found = catalogue(load())
    >>> [one.name for one in guidance_on(found, "role", meant("8.3.4", found))]
    ['Service level manager', 'Supplier or commercial manager']
    """
    kinds = kinds_of_guidance(catalogue)
    if kind is not None and kind not in kinds:
        raise InputError(f"There is no guidance of the kind {kind!r}; there are {', '.join(kinds)}.")
    on = None if meant is None else frozenset(_ids(catalogue, meant))
    found = (
        one
        for one in catalogue.guidance.values()
        if kind in (None, one.kind) and (on is None or not on.isdisjoint((*one.guides, *one.corresponds)))
    )
    return tuple(sorted(found, key=lambda one: (kinds.index(one.kind), one.position)))


def _ids(catalogue: Catalogue, meant: Meant) -> Iterator[str]:
    """What guidance may lead to for it to be on what is meant."""
    if meant.whole:
        yield from (one.id for one in catalogue.under(meant.clause))
        yield from (one.id for one in meant.requirements)
        return
    yield meant.clause.id
    for one in meant.requirements:
        yield one.id
        above = one.head
        while above:
            yield above
            above = catalogue.requirements[above].head


def places(catalogue: Catalogue, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Where clauses and requirements stand, as people write it; of the newest edition without its year.

    Examples
    --------
    >>> from graphsms.clauses import catalogue
    >>> from graphsms.ontology import load
    >>> places(catalogue(load()), ("iso-20000-1-2018/8.6.1-1-a", "iso-20000-1-2011/6.2"))
    ('8.6.1 (1) a)', '2011:6.2')
    """
    found = (
        (one.edition, one.number if isinstance(one, Clause) else one.anchor)
        for one in (catalogue.clauses.get(id) or catalogue.requirements[id] for id in ids)
    )
    return tuple(dict.fromkeys(at if year == catalogue.newest else f"{year}:{at}" for year, at in found))


def counterparts_on(
    catalogue: Catalogue, framework: str | None = None, meant: Meant | None = None
) -> tuple[tuple[Clause, Counterpart], ...]:
    """What other frameworks have on clauses, in order of the clauses.

    Parameters
    ----------
    catalogue : Catalogue
    framework : str, optional
        A part of its name, such as ``COBIT``; without it, all.
    meant : Meant, optional
        Only on this clause and those below it, or the next above that there is something on.

    Raises
    ------
    InputError
        There is no such framework.

    Notes
    -----
    O(clauses).

    Examples
    --------
    >>> from graphsms.clauses import catalogue
    >>> from graphsms.ontology import load
    >>> found = counterparts_on(catalogue(load()), "cobit")
    >>> next(f"{clause.number} {its.number}" for clause, its in found if clause.number == "8.6.3")
    '8.6.3 DSS03'
    """
    every = [(catalogue.clauses[id], one) for id, met in catalogue.counterparts.items() for one in met]
    names = tuple(dict.fromkeys(one.framework for _, one in every))
    asked = None if framework is None else framework.lower()
    if asked is not None and not any(asked in name.lower() for name in names):
        raise InputError(f"There is no framework {framework!r}; there are {', '.join(names)}.")
    within = None if meant is None else _within(catalogue, meant)
    found = [
        (clause, one)
        for clause, one in every
        if (asked is None or asked in one.framework.lower()) and (within is None or clause.id in within)
    ]
    return tuple(sorted(found, key=lambda pair: pair[0].position))


def _within(catalogue: Catalogue, meant: Meant) -> set[str]:
    """The clause and all below it; where other frameworks have nothing on them, the next above that they have."""
    found = {one.id for one in catalogue.under(meant.clause)}
    clause: Clause | None = meant.clause
    while clause is not None and found.isdisjoint(catalogue.counterparts):
        clause = catalogue.clause(clause.parent, clause.edition) if clause.parent else None
        found = {clause.id} if clause else set()
    return found if clause is not None else set()
