"""The analyses that checks of the catalogue name (``analysis NAME``), each with what it looks at and finds wrong.

Most are the checks of findings under another name. Those whose analysis comes with a later version are declared: they
show wherever the catalogue shows, and count for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, TypeAlias, cast

from graphsms.analysis.estate import Deficiency, Estate, Examined

__all__ = ["ANALYSES", "DECLARED", "FINDINGS", "Examination", "examined"]

_DEPLOYED: Final = "deployed"
Examination: TypeAlias = Callable[[Estate], Examined]

# Name → the check of findings that it is.
FINDINGS: Final[Mapping[str, str]] = {
    "attestation": "attestation-overdue",
    "audit-programme": "clause-not-audited",
    "change-assessment": "change-without-assessment",
    "change-decisions": "change-without-decision",
    "change-review": "change-review-overdue",
    "change-trends": "change-trends-overdue",
    "completeness": "ci-incomplete",
    "control-of-CIs": "change-without-request",
    "duplicates": "duplicate-suspected",
    "expiring": "ended-in-use",
    "freshness": "source-stale",
    "verification": "ci-type-unverified",
}

# Name → module and function, which takes an `Estate` and gives an `Examined`.
ANALYSES: Final[dict[str, str]] = {
    "allowance": "graphsms.obligations.analyses:allowance_known",
    "baselines": "graphsms.obligations.analyses:releases_have_baselines",
    "document-register": "graphsms.analysis.documents:documents_in_order",
    "findings": "graphsms.obligations.analyses:findings_dealt_with",
    "impact": "graphsms.obligations.analyses:impact_can_be_told",
    "journal": "graphsms.obligations.analyses:revisions_say_who_and_why",
    "management-review": "graphsms.obligations.review.deficiencies:taken_into_account",
    "releases": "graphsms.obligations.analyses:releases_followed",
    "worksheet": "graphsms.obligations.analyses:requirements_judged",
}

# Named by the catalogue, and to come with a later version.
DECLARED: Final = frozenset(
    {
        "agreements",
        "continuity-coverage",
        "dependencies",
        "duplication",
        "other-parties",
        "prediction",
        "single-points",
    }
)


def examined(read: Estate, name: str) -> Examined | None:
    """What an analysis looked at and found wrong; None where it is only declared.

    Raises
    ------
    KeyError
        The catalogue names none such.
    """
    if name in FINDINGS:
        from graphsms.findings.checks import checks
        from graphsms.findings.run import examine

        (ran,) = examine(read, checks(read.vocabulary, only=[FINDINGS[name]]))
        return ran.examined
    if name in ANALYSES:
        module, _, function = ANALYSES[name].partition(":")
        return cast(Examination, getattr(import_module(module), function))(read)
    if name in DECLARED:
        return None
    raise KeyError(name)


def revisions_say_who_and_why(read: Estate) -> Examined:
    """Revisions that say neither who made them nor which source they come from, or not why.

    O(revisions). Whether the journal is what was written is for ``graphsms verify-journal``, which reads all of it.
    """
    from itertools import takewhile

    from graphsms.obligations.kept import SOURCE

    last = read.revision.number
    made = [one for one in takewhile(lambda one: one.number <= last, read.store.revisions()) if one.source != SOURCE]
    silent = [one for one in made if not one.reason or not (one.actor or one.source)]
    found = (
        Deficiency((), f"Revision {one.number} does not say who made it and why.", str(one.number)) for one in silent
    )
    return Examined(len(made), tuple(found))


def findings_dealt_with(read: Estate) -> Examined:
    """Findings that are kept and not gone, with which nobody deals: not accepted, no owner, or past their day."""
    from graphsms.findings.answer import GONE
    from graphsms.findings.stored import stored

    known = stored(read)
    there = {id: one for id, one in known.findings.items() if one.properties.get("findingStatus") != GONE}
    found = []
    for identity, one in there.items():
        decided = known.dispositions.get(identity)
        if decided is None or not decided.holds or decided.overdue:
            found.append(Deficiency((one.id,), f"{one.name} Nobody deals with it."))
    return Examined(len(there), tuple(found), "" if there else "no finding is kept (`graphsms findings --record`)")


def requirements_judged(read: Estate) -> Examined:
    """The gap assessment: requirements of the newest edition about which nobody has judged whether they are met."""
    from graphsms.analysis.obligations import obligations_of

    answer = obligations_of(read)
    asked = [
        one
        for one in answer.states.values()
        if one.requirement.edition == answer.edition and one.requirement.mandatory and not one.requirement.items
    ]
    # Where nobody has begun, nothing is to be looked at.
    if all(one.conformity is None for one in asked):
        return Examined(0, (), "nobody has judged a requirement")
    found = (
        Deficiency((one.requirement.id,), f"{one.requirement.anchor} is not judged.")
        for one in asked
        if one.conformity is None
    )
    return Examined(len(asked), tuple(found))


def impact_can_be_told(read: Estate) -> Examined:
    """Requests for change that touch nothing that is recorded, so that nothing can be said of their impact."""
    words = read.vocabulary
    touches = words.known_as("touched by change")
    asked = list(read.of_type(words.known_as("request for change")))
    found = (
        Deficiency((one.id,), f"{one.name} touches nothing that is recorded.")
        for one in asked
        if not any(relation.type == touches for relation in read.leading_from.get(one.id, ()))
    )
    return Examined(len(asked), tuple(found), "" if asked else "no request for change is recorded")


def releases_have_baselines(read: Estate) -> Examined:
    """Releases that are deployed without a baseline of what they affect; O(releases), as no query is."""
    words = read.vocabulary
    has = words.known_as("has baseline")
    deployed = [
        one for one in read.of_type(words.known_as("release")) if one.properties.get("releaseStatus") == _DEPLOYED
    ]
    found = (
        Deficiency((one.id,), f"{one.name} is deployed, and no baseline was taken of what it affects.")
        for one in deployed
        if not any(relation.type == has for relation in read.leading_from.get(one.id, ()))
    )
    return Examined(len(deployed), tuple(found), "" if deployed else "no release is deployed")


def releases_followed(read: Estate) -> Examined:
    """Releases that are deployed and of which nothing says when: what followed them cannot be counted."""
    from graphsms.change.kept_policy import policy_of
    from graphsms.change.releases import releases

    policy = policy_of(read.store, None, read.revision.number)
    found = releases(read.store, policy, at=read.revision.number, as_of=read.as_of).releases
    deployed = [one for one in found if one.deployed or one.says("releaseStatus") == _DEPLOYED]
    lacking = (
        Deficiency((one.id,), f"{one.entity.name} is deployed, and nothing says when.")
        for one in deployed
        if not one.deployed
    )
    return Examined(len(deployed), tuple(lacking), "" if deployed else "no release is deployed")


def allowance_known(read: Estate) -> Examined:
    """Targets of availability of agreements in force of which it cannot be said what is left of them."""
    from graphsms.calendars.allowance import allowance

    found = allowance(read.store, at=read.revision.number, as_of=read.as_of, zone=read.zone).allowances
    lacking = (
        Deficiency((one.target,), f"What is left of {one.target_name} is not known.", one.agreement)
        for one in found
        if not one.known
    )
    return Examined(len(found), tuple(lacking), "" if found else "no target of availability is in force")
