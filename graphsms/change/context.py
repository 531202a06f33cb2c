"""The context of changes: what is down already by open incidents, or will be by approved changes at the same time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request
from graphsms.model import Entity
from graphsms.snapshot.carriage import STATES
from graphsms.snapshot.validity import BEGINNING, END, Interval, interval
from graphsms.store import Store
from graphsms.vocabulary import VALID_FROM, VALID_TO

__all__ = ["LASTING", "MODE_OF", "Disturbance", "context_of", "lasting", "modes_together"]

# The mode that puts something into a state that somebody has recorded.
MODE_OF: Final = {"down": "outage", "degraded": "degradation", "at risk": "change"}
LASTING: Final = "removal"  # the mode of what ceases to exist for good: down without end
_UNSTATED: Final = "degradation"  # what an open incident does where it does not say


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something that is, or will be, not as it should be, whatever the changes in question do.

    Parameters
    ----------
    entity : Entity
    mode : str
        Notation of the mode of impact that it stands for.
    because : Entity
        The incident or the other request for change.
    stated : bool
        Whether it is recorded in which state the entity is; otherwise it is taken as degraded.
    span : tuple of int
        From when to when, in microseconds from 1970, half-open.
    """

    entity: Entity
    mode: str
    because: Entity
    stated: bool = True
    span: Interval = (BEGINNING, END)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.entity.id,
            "name": self.entity.name,
            "type": self.entity.type,
            "mode": self.mode,
            "because": self.because.id,
            "because_name": self.because.name,
            "stated": self.stated,
        }


def context_of(
    store: Store,
    policy: ChangePolicy,
    requests: Sequence[Request],
    span: tuple[int, int],
    *,
    without: Collection[str] = (),
    at: int | None = None,
) -> list[Disturbance]:
    """What disturbs the estate in a span of time beside the changes in question.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    requests : sequence of Request
        All that are recorded; of them count those that are approved and overlap the span.
    span : tuple of int
        From when to when, in microseconds from 1970, half-open.
    without : collection of str
        Ids of the changes in question.
    at : int, optional
        Revision.

    Returns
    -------
    list of Disturbance
        Incidents first; each in order of ids. An incident that is open counts for as long as the relation to
        what it affects says, and without that for any span: nobody knows when it ends.
    """
    found = [*_incidents(store, policy, span, at)]
    for request in requests:
        if request.id in without or request.status not in policy.ahead or request.span is None:
            continue
        for one in request.touches:
            own = lasting(one.mode, request.span)
            if own[0] < span[1] and span[0] < own[1]:
                found.append(Disturbance(one.entity, one.mode, request.entity, span=own))
    return found


def lasting(mode: str, span: tuple[int, int]) -> tuple[int, int]:
    """From when to when something is as a mode leaves it: what is removed in a window does not come back after it.

    Examples
    --------
    >>> lasting("outage", (0, 10)), lasting("removal", (0, 10)) == (0, END)
    ((0, 10), True)
    """
    return (span[0], END) if mode == LASTING else span


def _incidents(store: Store, policy: ChangePolicy, span: tuple[int, int], at: int | None) -> Iterator[Disturbance]:
    vocabulary = store.vocabulary
    affects = vocabulary.known_as("affected by case")
    open_ones = {
        one.id: one
        for one in store.entities(type=vocabulary.known_as("incident"), at=at)
        if one.properties.get("caseStatus") not in policy.over
    }
    relations = list(store.relations(subjects=sorted(open_ones), type=affects, at=at)) if open_ones else []
    entities = {one.id: one for one in store.entities(ids=sorted({one.object for one in relations}), at=at)}
    for relation in sorted(relations, key=lambda one: one.key):
        since, until = interval(
            str(relation.properties.get(VALID_FROM, "")), str(relation.properties.get(VALID_TO, ""))
        )
        if since < span[1] and span[0] < until:
            because = open_ones[relation.subject]
            state = str(relation.properties.get("state") or because.properties.get("state") or "")
            if state == STATES[0]:
                continue  # it is recorded not to suffer
            mode = MODE_OF.get(state, _UNSTATED)
            yield Disturbance(entities[relation.object], mode, because, bool(state), (since, until))


def modes_together(parts: Iterable[tuple[str, str]], store: Store) -> dict[str, str]:
    """By id, the mode that does most to it, of several that act on it at once.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     modes_together([("db-1", "change"), ("db-1", "outage")], g.store)
    {'db-1': 'outage'}
    """
    from graphsms.analysis.impact import modes

    known = modes(store.vocabulary)

    def weight(mode: str) -> tuple[int, int]:
        code = known[mode]
        return (STATES.index(code.seeds or STATES[0]), code.rank or 0)

    found: dict[str, str] = {}
    for id, mode in parts:
        if id not in found or weight(mode) > weight(found[id]):
            found[id] = mode
    return found
