"""Requirements of which somebody says that they do not apply, for the check of findings (1.2).

``(:ConformityJudgement {claimedExclusion})-[:DECIDES_ON]->(:Requirement)`` is what worksheets make of "not applicable".
No requirement of clauses 4 to 10 can be excluded: it holds until the requirement is judged, or until it is shown that
its condition did not arise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.analysis.obligation_answer import NO_OCCURRENCE
from graphsms.analysis.proofs import when
from graphsms.clauses import Requirement, catalogue
from graphsms.model import Entity
from graphsms.obligations.deficiencies import begun
from graphsms.snapshot.validity import microseconds

__all__ = ["excluded"]


def excluded(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Requirements that somebody holds not to apply, and of which nobody has judged since whether they are met.

    Among the requirements of which anybody has said something. O(relations).
    """
    known, moment = catalogue(read.vocabulary), microseconds(read.as_of)
    claims: dict[str, list[tuple[int, Entity]]] = defaultdict(list)
    judged: dict[str, int] = {}
    decides, kind = (read.vocabulary.known_as(word) for word in ("decides on", "judgement of conformity"))
    for relation in read.relations:
        entity = read.entities[relation.subject]
        if relation.type != decides or relation.object not in known.requirements:
            continue
        if not read.vocabulary.is_a(entity.type, kind):
            continue
        on, its = when(read, entity, {}), entity.properties
        at = microseconds(on) if on else 0
        if at > moment:
            continue
        if its.get("claimedExclusion") and not its.get("conformity"):
            claims[relation.object].append((at, entity))
        elif its.get("conformity") and its.get("machineWritten") is not True:  # only people judge
            judged[relation.object] = max(at, judged.get(relation.object, 0))
    not_arisen = _not_arisen(read) if claims else frozenset[str]()
    found = [
        Deficiency((id, claim.id), _message(read, known.requirements[id], claim))
        for id in sorted(claims.keys() - not_arisen)
        for at, claim in sorted(claims[id], key=lambda one: (one[0], one[1].id))
        if at > judged.get(id, -1)
    ]
    looked_at = len(claims.keys() | judged.keys())
    return Examined(looked_at, tuple(found), "" if looked_at else "nobody has judged a requirement")


def _not_arisen(read: Estate) -> frozenset[str]:
    return frozenset(id for answer in begun(read) for id, one in answer.states.items() if one.state == NO_OCCURRENCE)


def _message(read: Estate, requirement: Requirement, claim: Entity) -> str:
    by = read.vocabulary.known_as("decided by")
    people = [read.entities[one.object].name for one in read.leading_from.get(claim.id, ()) if one.type == by]
    known = catalogue(read.vocabulary)
    last = max(
        int(top)
        for one in known.clauses.values()
        if one.edition == requirement.edition and (top := one.number.partition(".")[0]).isdigit()
    )
    who, say = " and ".join(sorted(people)) or "Somebody", "say" if len(people) > 1 else "says"
    rule = f"no requirement of 4 to {last} can be excluded (1.2)"
    return f"{who} {say} that {requirement.anchor} does not apply; {rule}."
