"""Assessment: the checks that the catalogue has for requirements are run, and what they give is kept as evidence (9.1).

Kept is one record for each check: replaced where the result is another or the record is half past its time, so that
its history is the history of the result. Nothing is written where nothing is new. All of it is one revision, from a
source of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final

from graphsms.analysis.estate import Estate, estate
from graphsms.analysis.obligation_policy import EvidencePolicy, evidence_policy
from graphsms.analysis.obligations import Current, obligations_of
from graphsms.clauses import Catalogue, Requirement, catalogue
from graphsms.clauses.references import meant
from graphsms.errors import ConflictError, InputError
from graphsms.model import ChangeSet, Entity, Relation, Value
from graphsms.moments import now
from graphsms.obligations.assessment import CHANGED, FIRST, RENEWED, SAME, Assessed, Assessment
from graphsms.obligations.computed import Result, run
from graphsms.obligations.files import check_files, folder_of
from graphsms.obligations.kept import SOURCE, current, record_id
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store
from graphsms.version import __version__

__all__ = ["assess"]

_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class _Asked:
    edition: str
    clause: str
    requirements: tuple[Requirement, ...]


def assess(
    store: Store,
    reference: str | None = None,
    edition: str | None = None,
    *,
    policy: str | None = None,
    files: str | Path | None = None,
    dry_run: bool = False,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    actor: str = "",
    reason: str = "",
) -> Assessment:
    """Run the checks for the requirements of an edition or clause, and keep what they give as evidence.

    Parameters
    ----------
    store : Store
    reference : str, optional
        A clause or a place in it; without it, the whole edition.
    edition : str, optional
        The year; without it, the newest.
    policy : str, optional
        A file that says for how long evidence counts.
    files : path, optional
        A folder: files of evidence in it are held against the hashes that the graph has of them; see
        `graphsms.obligations.files`.
    dry_run : bool
        Nothing is written.
    as_of : str, optional
        The moment; without it, now. What is kept is kept as of then.
    zone : tzinfo
        The organization's time zone.
    actor, reason : str
        For the history.

    Returns
    -------
    Assessment

    Raises
    ------
    InputError
        There is no such edition or clause, the folder is none, or a result is kept that is later by more than a day.

    Notes
    -----
    The graph is read once before and, where something is written, once after: O(entities + relations). Each check is
    O(records of its type) more; analyses cost what they cost, completeness and releases the most.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(entities=[
    ...         graphsms.Entity("inc-1", "Incident", {"caseCategory": "network"})]))
    ...     first, again = (g.obligations.assess("8.6.1 a)", as_of="2026-11-21T12:00:00Z") for _ in range(2))
    ...     first.after.states["iso-20000-1-2018/8.6.1-1-a_2"].state, first.recorded_in, again.recorded_in
    ('evidenced', 2, None)
    """
    found = catalogue(store.vocabulary)
    asked = _asked(found, reference, edition)
    options = {} if policy is None else {"evidence policy": policy}
    moment = as_of or now()
    if files is not None:  # before anything is written
        folder_of(files)
    for attempt in range(1, _ATTEMPTS + 1):
        read = estate(store, None, moment, zone, options)
        answer = _assessed(read, found, asked)
        changes = None if dry_run else _changes(read, found, answer, evidence_policy(read), actor, reason)
        if changes is None:
            break
        try:
            revision = store.apply(changes)
            after_it = estate(store, revision.number, moment, zone, options)
            states = obligations_of(after_it, asked.edition, current=_known(after_it, found, answer))
            answer = replace(answer, after=states, recorded_in=revision.number)
            break
        except ConflictError:  # somebody has written meanwhile: look again at what there is now
            if attempt == _ATTEMPTS:
                raise
    if files is not None:
        found_changed = check_files(store, files, as_of=moment, zone=zone, keep=not dry_run, actor=actor)
        return replace(answer, files=found_changed)
    return answer


def _asked(found: Catalogue, reference: str | None, edition: str | None) -> _Asked:
    if reference is None:
        year = found.edition(edition)
        return _Asked(year, "", tuple(found.of_edition(year)))
    place = meant(reference, found, edition)
    return _Asked(place.clause.edition, place.clause.number, place.requirements)


def _assessed(read: Estate, found: Catalogue, asked: _Asked) -> Assessment:
    serving: dict[str, list[Requirement]] = {}
    for requirement in asked.requirements:
        for check in requirement.computed:
            serving.setdefault(check.id, []).append(requirement)
    policy = evidence_policy(read)
    results = tuple(
        _compared(run(read, id, found), read.entities.get(record_id(id)), read, policy, tuple(serving[id]))
        for id in sorted(serving)
    )
    before = obligations_of(read, asked.edition, current=current(read, found))
    return Assessment(
        revision=read.revision.number,
        at=read.revision.time,
        as_of=read.as_of,
        edition=asked.edition,
        clause=asked.clause,
        requirements=tuple(one.id for one in asked.requirements),
        results=results,
        before=before,
        after=before,
    )


def _compared(
    result: Result, was: Entity | None, read: Estate, policy: EvidencePolicy, requirements: tuple[Requirement, ...]
) -> Assessed:
    """A result beside the one that is kept of the same check."""
    if was is None:
        return Assessed(result, requirements, FIRST)
    its = was.properties
    top, of = its.get("numerator"), its.get("denominator")
    numbers = (top, of) if isinstance(top, int | float) and isinstance(of, int | float) else (None, None)
    status = SAME
    if its.get("resultHash") != result.hash:
        status = CHANGED
    elif _half_gone(str(its.get("collected") or ""), read, policy):
        status = RENEWED
    return Assessed(result, requirements, status, *numbers)


def _half_gone(collected: str, read: Estate, policy: EvidencePolicy) -> bool:
    """Whether more than half of the time is over for which a kept result counts."""
    if not collected:
        return True
    begun, ends = microseconds(collected), after(collected, policy.computed_within)
    return microseconds(read.as_of) - begun > (ends - begun) // 2


def _known(read: Estate, found: Catalogue, answer: Assessment) -> Current:
    """What checks give now, where it has just been found out; the rest are run."""
    hashes = {one.result.check: one.result.hash for one in answer.results if one.written}
    others = current(read, found)
    return lambda check: hashes[check] if check in hashes else others(check)


# ---------------------------------------------------------------------------------- what is kept


def _changes(
    read: Estate, found: Catalogue, answer: Assessment, policy: EvidencePolicy, actor: str, reason: str
) -> ChangeSet | None:
    """What is to be written; None where nothing is new."""
    words = read.vocabulary
    new = [one for one in answer.results if one.written]
    if not new:
        return None
    entities: list[Entity] = []
    relations: list[Relation] = []
    for one in new:
        check, id = one.result.check, record_id(one.result.check)
        _not_later(read, id)
        if check not in read.entities:
            known = found.checks[check]
            entities.append(
                Entity(check, words.known_as("computed check"), {"name": known.name, "runs": known.runs}, SOURCE)
            )
        entities.append(Entity(id, words.known_as("computed record"), _properties(read, one, policy), SOURCE))
        relations.append(Relation(words.known_as("result of"), id, check, source=SOURCE))
    where = f"{answer.clause} of " if answer.clause else ""
    return ChangeSet(
        entities=entities,
        relations=relations,
        actor=actor,
        reason=reason or f"Assessment of {where}ISO/IEC 20000-1:{answer.edition}: {len(new)} results",
        source=SOURCE,
        base=read.revision.number,
    )


def _not_later(read: Estate, id: str) -> None:
    """What is kept is not replaced by what is older; moments of one day are not told apart."""
    was = read.entities.get(id)
    collected = str(was.properties.get("collected") or "") if was is not None else ""
    if collected and microseconds(collected) > after(read.as_of, "P1D"):
        raise InputError(
            f"{id} is kept as of {collected[:10]}, and what holds as of {read.as_of[:10]} is not put in its place: "
            "assess as of a later day, or with --dry-run."
        )


def _properties(read: Estate, one: Assessed, policy: EvidencePolicy) -> dict[str, Value]:
    result = one.result
    found: dict[str, Value] = {
        "name": result.name,
        "runs": result.runs,
        "numerator": float(result.numerator),
        "denominator": float(result.denominator),
        "result": result.sentence(),
        "resultHash": result.hash,
        "collected": read.as_of,
        "asOf": read.as_of,
        "atRevision": read.revision.number,
        "ontologyHash": read.vocabulary.hash,
        "policyHash": policy.hash,
        "softwareVersion": __version__,
    }
    if state := one.evidence_state:
        found["evidenceState"] = state
    return {name: found[name] for name in sorted(found)}
