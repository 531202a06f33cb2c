"""Which requirements a document serves, where somebody has written a clause beside it (7.5.4).

People write ``7.5.4 d`` beside the change management policy, and the place has three demands: for that policy, for
the one of information security and for continuity plans. What is meant is what wants a document of its type.
"""

from __future__ import annotations

from typing import NamedTuple

from graphsms.clauses import Catalogue, Requirement, catalogue
from graphsms.clauses.references import meant
from graphsms.vocabulary import Vocabulary

__all__ = ["CONTRIBUTES", "Served", "served", "served_at", "wants"]

CONTRIBUTES = "contributes"


class Served(NamedTuple):
    """A requirement, and whether the document can show all of it."""

    requirement: Requirement
    whole: bool

    @property
    def said(self) -> dict[str, object]:
        """What the relation to it says of itself."""
        return {} if self.whole else {"sufficiency": CONTRIBUTES}


def served(type: str, reference: str, of: Catalogue, vocabulary: Vocabulary) -> list[Served]:
    """The requirements that a document of a type serves at the place that somebody refers to.

    Parameters
    ----------
    type : str
        Of the document.
    reference : str
        As people write it: ``8.2.3.1 a)``, ``7.5.4 d``, ``2011:4.2``.
    of : Catalogue
    vocabulary : Vocabulary

    Returns
    -------
    list of Served
        Those at the place that want documented information of its type; where none does, those that are duties to
        document; where there is none either, all of them. Of a clause as such, a document that nothing there wants
        by its type shows no more than part. Heads of lists stand for their items.

    Raises
    ------
    InputError
        There is no such place; the message says which are nearest.

    Notes
    -----
    O(requirements of the clause).

    Examples
    --------
    >>> from graphsms.clauses import catalogue
    >>> from graphsms.ontology import load
    >>> words = load()
    >>> [one.requirement.id for one in served("ChangeManagementPolicy", "7.5.4 d", catalogue(words), words)]
    ['iso-20000-1-2018/7.5.4-1-d']
    """
    place = meant(reference.strip().rstrip(".,"), of)
    there = place.requirements
    wanting = [one for one in there if wants(one, type, vocabulary)]
    if wanting:
        return [Served(one, whole=True) for one in _heads(wanting)]
    if place.whole:
        return [Served(one, whole=False) for one in _heads(there)]
    documented = [one for one in there if one.duty == "document"]
    return [Served(one, whole=True) for one in _heads(documented or there)]


def served_at(type: str, reference: str, vocabulary: Vocabulary) -> list[Served]:
    """`served` by the catalogue that is shipped."""
    return served(type, reference, catalogue(vocabulary), vocabulary)


def wants(one: Requirement, type: str, vocabulary: Vocabulary) -> bool:
    """Whether a requirement wants a document of that type, rather than just any."""
    every = vocabulary.known_as("documented information")
    return any(its in vocabulary.types and its != every and vocabulary.is_a(type, its) for its in one.wants)


def _heads(there: list[Requirement] | tuple[Requirement, ...]) -> list[Requirement]:
    """Those whose list is not among them itself."""
    ids = {one.id for one in there}
    return [one for one in there if one.head not in ids]
