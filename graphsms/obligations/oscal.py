"""The catalogue and what was found about it as OSCAL, for tools of governance, risk and compliance. Export only.

::

    edition → catalog    clause → group    requirement → control, its items controls in it
    evidence → observation                 conformity that a person judged → finding

The words of the controls are ours: the standard itself has to be bought. No clock is in it: the same revision, moment
and version give the same bytes. Source: OSCAL 1.2.1 (NIST), models *catalog* and *assessment results*.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from graphsms.analysis.obligation_answer import Obligations, RequirementState
from graphsms.analysis.proofs import Proof, Worth
from graphsms.clauses import Catalogue, Clause, Requirement
from graphsms.model import Entity
from graphsms.rdf.iri import ID_BASE
from graphsms.version import __version__

__all__ = ["OSCAL_VERSION", "oscal_catalog", "oscal_results"]

OSCAL_VERSION: Final = "1.2.1"
_NAMES: Final = "https://w3id.org/graphsms/oscal"
_WORDED: Final = "2026-11-21T00:00:00Z"  # when the words of the catalogue were last changed
_SATISFIED: Final = frozenset({"conforms", "opportunity"})
_LICENCE: Final = (
    "Paraphrases by the makers of graphsms, no quotations. The standard is copyrighted by ISO and IEC and has to be "
    "bought; its numbers, titles and defined terms identify what is meant."
)


def oscal_catalog(catalogue: Catalogue, edition: str | None = None) -> dict[str, Any]:
    """An edition as an OSCAL catalog.

    Parameters
    ----------
    catalogue : Catalogue
    edition : str, optional
        The year; without it, the newest.

    Raises
    ------
    InputError
        There is no such edition.

    Examples
    --------
    >>> from graphsms.clauses import catalogue
    >>> from graphsms.ontology import load
    >>> made = oscal_catalog(catalogue(load()), "2011")
    >>> made["catalog"]["metadata"]["title"]
    'ISO/IEC 20000-1:2011, requirements in our own words'
    """
    year = catalogue.edition(edition)
    top = [one for one in catalogue.clauses.values() if one.edition == year and not one.parent]
    return {
        "catalog": {
            "uuid": _uuid("catalog", year, __version__),
            "metadata": _metadata(f"ISO/IEC 20000-1:{year}, requirements in our own words", _WORDED),
            "groups": [_group(one, catalogue) for one in top],
        }
    }


def oscal_results(answer: Obligations, entities: Mapping[str, Entity]) -> dict[str, Any]:
    """The state of evidence and the conformity that people judged, as OSCAL assessment results.

    Parameters
    ----------
    answer : Obligations
    entities : mapping of str to Entity
        The graph at the revision of the answer, by id.

    Notes
    -----
    What was not judged has no finding: that evidence exists is an observation.
    """
    plan = _uuid("plan", answer.edition)
    states = [one for one in answer.states.values() if one.requirement.edition == answer.edition]
    observations = dict(_observations(states, entities, answer))
    result: dict[str, Any] = {
        "uuid": _uuid("result", answer.edition, str(answer.revision), answer.as_of),
        "title": f"ISO/IEC 20000-1:{answer.edition} as of {answer.as_of[:10]}",
        "description": answer.sentence(),
        "start": answer.as_of,
        "end": answer.as_of,
        "props": [
            _prop("revision", str(answer.revision)),
            *(_prop(state.replace(" ", "-"), str(count)) for state, count in answer.overall.counts.items()),
        ],
        "reviewed-controls": {"control-selections": [{"include-all": {}}]},
    }
    findings = [_finding(one, observations) for one in states if one.conformity is not None]
    if observations:
        result["observations"] = list(observations.values())
    if findings:
        result["findings"] = findings
    return {
        "assessment-results": {
            "uuid": _uuid("results", answer.edition, str(answer.revision), answer.as_of, __version__),
            "metadata": _metadata(result["title"], answer.at or _WORDED),
            "import-ap": {"href": f"#{plan}"},
            "results": [result],
            "back-matter": {
                "resources": [
                    {
                        "uuid": plan,
                        "title": "Continuous assessment",
                        "description": "Every requirement of the edition is looked at. There is no plan in OSCAL.",
                    }
                ]
            },
        }
    }


def _metadata(title: str, modified: str) -> dict[str, Any]:
    return {
        "title": title,
        "last-modified": modified,
        "version": __version__,
        "oscal-version": OSCAL_VERSION,
        "remarks": _LICENCE,
    }


def _group(clause: Clause, catalogue: Catalogue) -> dict[str, Any]:
    """A clause. A group has groups or controls, not both: what one with both asks itself is a group of its own."""
    found: dict[str, Any] = {
        "id": f"clause-{clause.number}",
        "title": f"{clause.number} {clause.title}",
        "props": [{"name": "label", "value": clause.number}],
    }
    below = [one for one in catalogue.clauses.values() if (one.edition, one.parent) == (clause.edition, clause.number)]
    own = [one for one in catalogue.of_edition(clause.edition) if one.clause == clause.number and not one.head]
    controls = [_control(one, catalogue) for one in own]
    if not below:
        return {**found, "controls": controls} if controls else found
    groups = [_group(one, catalogue) for one in below]
    if controls:
        general = {"id": f"{found['id']}-general", "title": f"{clause.number} General", "controls": controls}
        groups.insert(0, general)
    return {**found, "groups": groups}


def _control(one: Requirement, catalogue: Catalogue) -> dict[str, Any]:
    props = [
        {"name": "label", "value": one.anchor},
        _prop("modality", "shall" if one.mandatory else "may"),
        _prop("duty", one.duty),
        *(_prop("demand", demand.replace(" ", "-")) for demand in one.demands),
        *(_prop("addressee", who.replace(" ", "-")) for who in one.by),
        *([_prop("at-planned-intervals", "true")] if one.at_planned_intervals else []),
    ]
    found: dict[str, Any] = {
        "id": _token(one),
        "class": "requirement",
        "title": one.anchor,
        "props": props,
        "parts": [{"id": f"{_token(one)}_smt", "name": "statement", "prose": one.paraphrase}],
    }
    if one.condition:
        found["parts"].append({"id": f"{_token(one)}_cnd", "name": "guidance", "prose": f"Only where: {one.condition}"})
    links = [
        {"href": f"{ID_BASE}{end.id}", "rel": rel, "text": f"{end.change}{f': {end.note}' if end.note else ''}"}
        for rel, ends in (("became", one.became), ("came-from", one.came_from))
        for end in ends
    ]
    if links:
        found["links"] = links
    if one.items:
        found["controls"] = [_control(catalogue.requirements[id], catalogue) for id in one.items]
    return found


def _observations(
    states: list[RequirementState], entities: Mapping[str, Entity], answer: Obligations
) -> Iterator[tuple[str, dict[str, Any]]]:
    """One for each piece of evidence, with all the requirements that it is evidence for."""
    uses: dict[str, list[tuple[RequirementState, Proof]]] = defaultdict(list)
    for one in states:
        for proof in one.proofs:
            if proof.worth is not Worth.NOTHING:
                uses[proof.id].append((one, proof))
    for id in sorted(uses):
        first = uses[id][0][1]
        its = entities[id].properties if id in entities else {}
        evidence: dict[str, Any] = {"description": first.name}
        if place := str(its.get("fileLocation", its.get("link", ""))).strip():
            evidence["href"] = place.replace(" ", "%20")
        dates = [proof.date for _, proof in uses[id] if proof.date]
        yield (
            id,
            {
                "uuid": _uuid("observation", id, answer.edition),
                "title": " ".join(first.name.split()),
                "description": "; ".join(f"{one.requirement.anchor}: {proof.reason}" for one, proof in uses[id]),
                "props": [
                    _prop("entity", id),
                    *(_prop("control", _token(one.requirement)) for one, _ in uses[id]),
                ],
                "methods": ["EXAMINE"],
                "relevant-evidence": [evidence],
                "collected": max(dates, default=answer.as_of),
            },
        )


def _finding(one: RequirementState, observations: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    judged = one.conformity
    assert judged is not None
    found: dict[str, Any] = {
        "uuid": _uuid("finding", judged.id, one.requirement.id),
        "title": f"{one.requirement.anchor}: {judged.conformity}",
        "description": judged.why or f"Judged by {judged.by or 'somebody'} on {judged.day}.",
        "target": {
            "type": "objective-id",
            "target-id": f"{_token(one.requirement)}_smt",
            "status": {
                "state": "satisfied" if judged.conformity in _SATISFIED else "not-satisfied",
                "remarks": f"Evidence: {one.state} ({one.reason}).",
            },
        },
        "props": [
            _prop("conformity", judged.conformity or "not-assessed"),
            _prop("evidence", one.state.replace(" ", "-")),
        ],
    }
    related = [{"observation-uuid": observations[proof.id]["uuid"]} for proof in one.proofs if proof.id in observations]
    if related:
        found["related-observations"] = related
    return found


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": _NAMES, "value": value}


def _token(one: Requirement) -> str:
    return f"r{one.id.rpartition('/')[2]}"


def _uuid(*parts: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{_NAMES}/{'/'.join(parts)}"))
