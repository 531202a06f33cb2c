"""How the pack of a management review is made: its period, and its sections in the order of 9.3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from graphsms.analysis.estate import Estate
from graphsms.analysis.obligation_policy import evidence_policy
from graphsms.analysis.obligations import obligations_of
from graphsms.change.grounds import moment_of
from graphsms.change.pack.marking import marking_of
from graphsms.clauses import Catalogue, catalogue
from graphsms.errors import InputError
from graphsms.model import Entity
from graphsms.obligations.review import DATA, NO_DATA, Part, ReviewInputs, ReviewPack, ReviewSection
from graphsms.obligations.review import services as of_services
from graphsms.obligations.review import system as of_system
from graphsms.obligations.review.reading import Reading, said
from graphsms.snapshot.validity import after, microseconds
from graphsms.version import __version__

__all__ = ["last_review", "letters", "make_review", "period_of"]

_Found = tuple[list[str], list[Part]]
EDITION: Final = "2018"  # whose letters the inputs have
CLAUSE: Final = "9.3"
_INPUT: Final = "reviewInput"
_FIRST: Final = "0001-01-01T00:00:00Z"  # of all moments
# By letter, what is put together; those of c) are its items.
_SECTIONS: Final[dict[str, tuple[Callable[[Reading], _Found], ...]]] = {
    "a": (of_system.actions,),
    "b": (of_system.context,),
    "c": (of_system.nonconforming, of_system.monitoring, of_system.audits),
    "d": (of_system.improvements,),
    "e": (of_system.feedback,),
    "f": (of_system.policies,),
    "g": (of_system.objectives,),
    "h": (of_services.services,),
    "i": (of_services.other_parties,),
    "j": (of_services.resources,),
    "k": (of_services.risks,),
    "l": (of_services.changes,),
}


def make_review(read: Estate, *, since: str | None = None) -> ReviewPack:
    """The pack on which a management review rests.

    Parameters
    ----------
    read : Estate
    since : str, optional
        From when, canonical; without it, the last review before the moment, and without one, the interval of the
        management system, or the period of the policy for evidence.

    Raises
    ------
    InputError
        The period ends before it begins.

    Notes
    -----
    O(entities + relations), and the history of the issues of the organization and of what clauses rest on.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     made = g.apply(graphsms.ChangeSet([graphsms.Entity("cmp-1", "Complaint")]))
    ...     pack = g.obligations.review.pack(since="2026-01-01", as_of="2026-06-30")
    ...     [section.letter for section in pack if section.state == "data"]
    ['e)']
    """
    start, by = (since, "asked") if since else period_of(read)
    if microseconds(start) >= microseconds(read.as_of):
        raise InputError(f"The period from {start} to {read.as_of} ends before it begins.")
    reading = Reading(read, start, read.as_of)
    found = catalogue(read.vocabulary)
    sections = tuple(_sections(reading, found))
    inputs = ReviewInputs(
        revision=read.revision.number,
        revision_hash=read.revision.hash,
        recorded=read.revision.time,
        as_of=read.as_of,
        since=start,
        until=read.as_of,
        since_by=by,
        edition=EDITION,
        policy=evidence_policy(read).hash,
        ontology=read.vocabulary.hash,
        version=__version__,
        zone=str(read.zone),
    )
    evidence = obligations_of(read, EDITION).sentence()
    marking = marking_of(read.store, [one.to_json() for one in sections], read.revision.number)
    return ReviewPack(inputs, sections, evidence, marking, read.vocabulary)


def letters(read: Estate) -> dict[str, tuple[str, str]]:
    """By notation of an input of the review, its letter and its title, in order.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms.analysis.estate import estate
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     letters(estate(g.store))["context"]
    ('b', 'context')
    """
    code_list = read.vocabulary.properties[_INPUT].code_list
    codes = read.vocabulary.code_lists[code_list].codes if code_list else ()
    ordered = sorted(codes, key=lambda one: one.rank or 0)
    return {one.notation: (letter, one.label) for letter, one in zip(_SECTIONS, ordered, strict=True)}


def _sections(of: Reading, found: Catalogue) -> Iterator[ReviewSection]:
    ids = [one.id for one in found.of_edition(EDITION) if one.clause == CLAUSE and one.item]
    for code, (letter, title) in letters(of.read).items():
        requirements = tuple(id for id in ids if found.requirements[id].item.partition(" ")[0] == f"{letter})")
        made = [each(of) for each in _SECTIONS[letter]]
        if len(made) == 1:
            sentences = made[0][0]
        else:
            sentences = [f"{number}) {' '.join(text) or _NOTHING}" for number, (text, _) in enumerate(made, 1)]
        there = any(text for text, _ in made)
        yield ReviewSection(
            letter=f"{letter})",
            code=code,
            title=title[:1].upper() + title[1:],
            requirements=requirements,
            state=DATA if there else NO_DATA,
            sentences=tuple(sentences) if there else (_NOTHING,),
            parts=tuple(one for _, parts in made for one in parts),
        )


_NOTHING: Final = "No data: nothing of this is recorded."


def period_of(read: Estate) -> tuple[str, str]:
    """From when a review looks, and what says so: the last review, the interval of the system, or the policy."""
    last = last_review(read)
    if last is not None:
        return said(last, "endedAt") or said(last, "startedAt"), last.id
    interval, by = review_interval(read)
    return moment_of(after(read.as_of, f"-{interval}")) or _FIRST, by


def review_interval(read: Estate) -> tuple[str, str]:
    """At what interval management reviews are held, and what says so."""
    for one in read.of_type(read.vocabulary.known_as("service management system")):
        if interval := said(one, "reviewInterval"):
            return interval, one.id
    return evidence_policy(read).period, "policy"


def last_review(read: Estate) -> Entity | None:
    """The last management review that was over by the moment."""
    now = microseconds(read.as_of)
    held = [
        (microseconds(date), one.id, one)
        for one in read.of_type(read.vocabulary.known_as("management review"))
        if (date := said(one, "endedAt") or said(one, "startedAt")) and microseconds(date) < now
    ]
    return max(held, key=lambda one: one[:2])[2] if held else None
