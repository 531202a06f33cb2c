"""The facts of a request that rules may rest on: what is recorded, and what its impact is (8.5.1.2, 8.5.1.3).

What nobody has recorded is None: neither yes nor no.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graphsms.analysis import configuration_policy
from graphsms.change.calendar import ChangeWindow, frozen, read_windows
from graphsms.change.conditions import AtLeast, FactValue
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request
from graphsms.model import Entity, Value
from graphsms.snapshot.carriage import STATES
from graphsms.snapshot.validity import microseconds
from graphsms.store import Store
from graphsms.vocabulary import LIFECYCLE, Vocabulary

if TYPE_CHECKING:
    from graphsms.analysis.answer import Impact

__all__ = ["Around", "facts_of", "facts_of_impact", "impact_of"]

_AT_RISK, _DEGRADED, _DOWN = STATES[1:]
_CRITICALITY: Final = "criticality"
_CONTROLS: Final = "controlsType"
_PENALTIES: Final = "penaltyTerms"


def facts_of(
    store: Store,
    request: Request,
    policy: ChangePolicy,
    *,
    impact: Impact | None = None,
    at: int | None = None,
    as_of: str | None = None,
    around: Around | None = None,
) -> dict[str, FactValue]:
    """All that rules may ask about a request.

    Parameters
    ----------
    store : Store
    request : Request
    policy : ChangePolicy
    impact : Impact, optional
        What it hits, where that is worked out already; without it, it is.
    at : int, optional
        Revision.
    as_of : str, optional
        The moment at which it hits what it hits; without it, the beginning of its window.
    around : Around, optional
        What is the same for all requests, where several are asked about.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     made = g.apply(graphsms.ChangeSet(
    ...         entities=[graphsms.Entity("rfc-1", "RequestForChange"), graphsms.Entity("web", "Service")],
    ...         relations=[graphsms.Relation("touches", "rfc-1", "web", {"mode": "removal"})],
    ...     ))
    ...     (request,) = g.change.requests()
    ...     facts = facts_of(g.store, request, g.change.policy())
    ...     sorted(facts["mode"]), facts["services_down"], facts["tested"]
    (['removal'], 1, None)
    """
    impact = impact or impact_of(store, request, at=at, as_of=as_of)
    around = around or Around(store, policy, at)
    return {
        **_facts_of_touched(request, around),
        **_facts_recorded(store.vocabulary, request),
        "failed_before": _failed_before(store, request, policy, at),
        "in_freeze": _in_freeze(request, around, as_of),
        **(facts_of_impact(request, impact, around) if impact is not None else {}),
    }


@dataclass(frozen=True, eq=False)
class Around:
    """What the facts of requests rest on beside themselves, each read when it is first asked for."""

    store: Store
    policy: ChangePolicy
    at: int | None = None

    @cached_property
    def controlled(self) -> Collection[str]:
        """The types under control: as live policies in the graph say, else the policy for configuration management."""
        words = self.store.vocabulary
        code_list = words.properties[LIFECYCLE].code_list
        codes = words.code_lists[code_list].codes if code_list else ()
        over = {code.notation for code in codes if code.carries_failure is False}
        stated: set[str] = set()
        for type in words.properties[_CONTROLS].domain:
            for entity in self.store.entities(type=type, at=self.at):
                if entity.properties.get(LIFECYCLE) not in over:
                    stated.update(one for one in _several(entity.properties.get(_CONTROLS)) if one in words.types)
        if stated:
            return stated
        path = self.policy.configuration_policy
        return configuration_policy.read_policy(Path(path) if path else configuration_policy.OURS, words).controlled

    @cached_property
    def freezes(self) -> list[ChangeWindow]:
        """All freezes."""
        return [one for one in read_windows(self.store, self.at) if one.freeze]

    @cached_property
    def disturbed(self) -> Mapping[str, list[str]]:
        """By id of what open incidents affect, the ids of those."""
        words, found = self.store.vocabulary, defaultdict(list)
        incidents = [
            one.id
            for one in self.store.entities(type=words.known_as("incident"), at=self.at)
            if one.properties.get("caseStatus") not in self.policy.over
        ]
        if incidents:
            for one in self.store.relations(subjects=incidents, type=words.known_as("affected by case"), at=self.at):
                found[one.object].append(one.subject)
        return found


def impact_of(store: Store, request: Request, *, at: int | None = None, as_of: str | None = None) -> Impact | None:
    """What a request hits by itself, at the beginning of its window; None where it touches nothing."""
    if not request.touches:
        return None
    from graphsms.analysis.impact import impact

    modes = request.modes()
    return impact(store, list(modes), modes_of=modes, at=at, as_of=as_of or request.window[0] or None)


# ---------------------------------------------------------------------------- what is recorded


def _facts_of_touched(request: Request, around: Around) -> dict[str, FactValue]:
    words = around.store.vocabulary
    types = frozenset(one.entity.type for one in request.touches)
    introduced = request.leading_to.get(words.known_as("introduced by change"), ())
    services = [one for one in introduced if words.is_a(one.type, words.known_as("service"))]
    return {
        "mode": frozenset(one.mode for one in request.touches),
        "touched_type": types,
        "introduced_type": frozenset(one.type for one in introduced),
        "acts_on": frozenset((one.entity.type, one.mode) for one in request.touches),
        "touched": len(request.touches),
        "controlled": any(words.any_of(type, around.controlled) for type in types),
        "hands_over": bool(request.leading_to.get(words.known_as("transferred to"))),
        "takes_over": bool(request.leading_to.get(words.known_as("transferred from"))),
        "criticality_introduced": _highest((one.properties.get(_CRITICALITY, "") for one in services), words),
    }


def _several(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


def _facts_recorded(words: Vocabulary, request: Request) -> dict[str, FactValue]:
    said = request.entity.properties
    start, end = request.window
    recorded = str(said.get("recordedAt", ""))
    releases = request.led_from.get(words.known_as("implemented by release"), ())
    plans = request.leading_to.get(words.known_as("remediated by"))
    return {
        "category_recorded": str(said.get("changeCategory", "")),
        "risk_recorded": str(said.get("riskLevel", "")),
        "major_impact_recorded": said.get("majorImpact") is True,
        "priority": str(said.get("priority", "")) or None,
        "urgency": str(said.get("urgency", "")) or None,
        "impact_recorded": str(said.get("impact", "")) or None,
        "tested": _tested(said.get("testedSuccessfully"), releases),
        "remediation": True if plans or said.get("remediation") else None,
        "remediation_tested": _yes_or_no(said.get("remediationTested")),
        "risks": len(request.leading_to.get(words.known_as("risk raised by change"), ())),
        "window_length": microseconds(end) - microseconds(start) if start and end else None,
        "lead_time": microseconds(start) - microseconds(recorded) if start and recorded else None,
    }


def _yes_or_no(value: Value | None) -> bool | None:
    return value if isinstance(value, bool) else None


def _tested(own: Value | None, releases: Iterable[Entity]) -> bool | None:
    """As the request says; else as its releases do: one that failed its test is enough for no."""
    if isinstance(own, bool):
        return own
    said = [_yes_or_no(one.properties.get("testedSuccessfully")) for one in releases]
    if False in said:
        return False
    return True if said and None not in said else None


def _failed_before(store: Store, request: Request, policy: ChangePolicy, at: int | None) -> int:
    touched = [one.entity.id for one in request.touches]
    if not touched:
        return 0
    touches = store.vocabulary.known_as("touched by change")
    others = {one.subject for one in store.relations(objects=touched, type=touches, at=at)} - {request.id}
    return sum(
        one.properties.get("changeStatus") in policy.failed or one.properties.get("outcome") in policy.unsuccessful
        for one in store.entities(ids=sorted(others), at=at)
    )


def _in_freeze(request: Request, around: Around, as_of: str | None) -> bool | None:
    """Whether it falls into a freeze; None where its window is not recorded."""
    span = request.span
    if span is None:
        return None
    freezes = [one for one in around.freezes if one.between(*span)]
    touched = [one.entity.id for one in request.touches]
    if not freezes or not touched:
        return False
    return bool(frozen(around.store, touched, freezes, at=around.at, as_of=as_of or request.window[0]))


# ------------------------------------------------------------------------------- what its impact is


def facts_of_impact(request: Request, impact: Impact, around: Around) -> dict[str, FactValue]:
    """What an impact says of a request that it is the impact of."""
    words = around.store.vocabulary
    services = list(_services(impact, request, words))
    customers = [one.state for one in impact.concerned if words.is_a(one.type, words.known_as("customer"))]
    counts = {state: sum(its == state for its, _ in services) for state in (_AT_RISK, _DEGRADED, _DOWN)}

    def highest(*states: str) -> str | AtLeast:
        return _highest((criticality for state, criticality in services if state in states), words)

    return {
        "services_down": counts[_DOWN],
        "services_degraded": counts[_DEGRADED],
        "services_at_risk": counts[_AT_RISK],
        "criticality_down": highest(_DOWN),
        "criticality_degraded": highest(_DOWN, _DEGRADED),
        "criticality_hit": highest(_DOWN, _DEGRADED, _AT_RISK),
        "customers_down": customers.count(_DOWN),
        "customers_hit": len(customers),
        "penalties": _penalties(around.store, impact, around.at),
        "unknown": impact.verdict.unknown,
        "open_incidents": _open_incidents(request, impact, around),
    }


def _services(impact: Impact, request: Request, words: Vocabulary) -> Iterator[tuple[str, str]]:
    """State and criticality of each service that is hit, what is touched itself included."""
    first = min(impact.section_ranks.values(), default=0)
    own = {one.entity.id: one.entity for one in request.touches}
    for seed in impact.seeds:
        for one in (seed, *seed.stands_for):
            if one.state != STATES[0] and words.types[one.type].section.rank == first and one.id in own:
                yield one.state, str(own[one.id].properties.get(_CRITICALITY, ""))
    for hit in impact.hits:
        if impact.section_ranks[hit.section] == first:
            yield hit.state, hit.criticality


def _highest(said: Iterable[object], words: Vocabulary) -> str | AtLeast:
    """The highest criticality; where one is not determined, it is that of the others at least."""
    code_list = words.properties[_CRITICALITY].code_list
    ranks = {code.notation: code.rank or 0 for code in words.code_lists[code_list].codes} if code_list else {}
    given = [str(one) for one in said]
    highest = max(filter(None, given), key=lambda one: ranks.get(one, 0), default="")
    undetermined = "" in given and ranks.get(highest, 0) < max(ranks.values(), default=0)
    return AtLeast(highest) if undetermined else highest


def _penalties(store: Store, impact: Impact, at: int | None) -> bool:
    domain = store.vocabulary.properties[_PENALTIES].domain
    ids = [
        one.id
        for one in impact.concerned
        if one.state in (_DOWN, _DEGRADED) and store.vocabulary.any_of(one.type, domain)
    ]
    return any(_PENALTIES in one.properties for one in store.entities(ids=ids, at=at)) if ids else False


def _open_incidents(request: Request, impact: Impact, around: Around) -> int:
    reached = {one.entity.id for one in request.touches} | {one.id for one in impact.hits}
    return len({id for one in reached & around.disturbed.keys() for id in around.disturbed[one]})
