"""What the catalogue consists of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Became", "Clause", "Computed", "Counterpart", "Guidance", "Requirement"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of an edition.

    Parameters
    ----------
    id, edition, number, title : str
        ``edition`` is the year, ``number`` as ``8.2.3.1``; a numbered paragraph without a title has that of the
        clause above it.
    parent : str
        The number of the clause above, or "".
    position : int
        Its place in the edition, from 1.
    """

    id: str
    edition: str
    number: str
    title: str
    parent: str
    position: int


@dataclass(frozen=True, slots=True)
class Computed:
    """A named query or analysis whose result is evidence.

    Parameters
    ----------
    id, name : str
    runs : str
        What is run; see `graphsms.obligations.computed`.
    suffices : bool
        Whether it alone shows all that is demanded; otherwise it shows part of it.
    """

    id: str
    name: str
    runs: str
    suffices: bool


@dataclass(frozen=True, slots=True)
class Became:
    """What a requirement of one edition has become in the next.

    Parameters
    ----------
    id : str
        Of the requirement at the other end.
    change : str
        same, changed, split, merged or moved.
    note : str
        What is different, in words, or "".
    """

    id: str
    change: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A practice, control, objective or clause of another framework that is about much the same as a clause.

    Parameters
    ----------
    id, framework, number, title : str
        ``framework`` is its name, such as ``COBIT 2019``; ``number`` may be "".
    """

    id: str
    framework: str
    number: str
    title: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.framework, self.number, self.title)))


@dataclass(frozen=True, slots=True)
class Requirement:
    """One demand of a clause: what a mandatory sentence, or one item under it, asks for.

    Parameters
    ----------
    id, edition, clause : str
        ``clause`` is its number.
    anchor : str
        Clause, ordinal of the sentence, path of the item: ``8.2.3.1 (4) a)``. Two duties in one sentence share it.
    sentence : int
        Which of the mandatory sentences of the clause, from 1.
    item : str
        The path of the item, such as ``a) 1)``, or "".
    position : int
        Its place among those of the clause, from 1.
    paraphrase : str
    mandatory : bool
        Whether it is demanded; otherwise the standard permits it.
    duty : str
        ``document`` or ``do``.
    demands, wants, by, about : tuple of str
        Kinds of deed; documented information wanted; addressees; types of the graph.
    at_planned_intervals : bool
    condition : str
        What has to arise for it to ask for anything, or "".
    head : str
        Id of the requirement that it is an item of, or "".
    items : tuple of str
        Ids of its own items; with any, it is met when they are.
    computed : tuple of Computed
        What the graph itself can show of it.
    not_arisen : tuple of Computed
        What shows, by finding nothing, that the condition has not arisen.
    became, came_from : tuple of Became
        Its way into the later edition, and from the earlier one.
    change : str
        ``dropped`` or ``new`` where it has no other end, or "".
    note : str
        Why, or "".
    """

    id: str
    edition: str
    clause: str
    anchor: str
    sentence: int
    item: str
    position: int
    paraphrase: str
    mandatory: bool
    duty: str
    demands: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    at_planned_intervals: bool = False
    condition: str = ""
    head: str = ""
    items: tuple[str, ...] = ()
    computed: tuple[Computed, ...] = ()
    not_arisen: tuple[Computed, ...] = ()
    became: tuple[Became, ...] = ()
    came_from: tuple[Became, ...] = ()
    change: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Guidance:
    """One piece of advice, such as a point of a checklist.

    Parameters
    ----------
    id, kind, name, text : str
    guides : tuple of str
        Ids of the clauses and requirements that it helps with.
    evidence : tuple of str
        What is commonly shown.
    good_practice : bool
        Whether the edition of 2018 does not ask for it.
    note : str
    position : int
        Its place among those of its kind, from 1.
    category : str
        The group in which it stands among those of its kind, or "".
    computable : tuple of str
        What can compute the figure that it recommends, as a `Computed` runs.
    about : tuple of str
        Types of the graph.
    corresponds : tuple of str
        Ids of requirements of the earlier edition that asked for it.
    """

    id: str
    kind: str
    name: str
    text: str
    guides: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    good_practice: bool = False
    note: str = ""
    position: int = 0
    category: str = ""
    computable: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    corresponds: tuple[str, ...] = ()
