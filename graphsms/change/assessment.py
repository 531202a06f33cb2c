"""What the assessment of changes answers, in a sentence, as rows, as JSON (8.5.1.3).

Values only: `graphsms.change.assess` works them out. Nothing here depends on the clock: what is computed twice from
one revision, for one moment, is equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.answer import Hit, Impact, Seed
from graphsms.change.classification import Classification
from graphsms.change.considered import FOUND, NONE_FOUND, NOT_RECORDED, Judgement, Part, Section, Statement, Told
from graphsms.change.context import Disturbance
from graphsms.change.requests import Request
from graphsms.report.tables import Table
from graphsms.snapshot.carriage import STATES

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS",
    "FOUND",
    "NONE_FOUND",
    "NOT_RECORDED",
    "Assessment",
    "Impacted",
    "Judgement",
    "Part",
    "Section",
    "Statement",
    "Told",
]

COLUMNS: Final = (
    "id",
    "type",
    "name",
    "state",
    "without_the_change",
    "criticality",
    "section",
    "concerned",
    "touched",
    "by_hand",
    "through",
    "relations",
)

_OK: Final = STATES[0]


@dataclass(frozen=True, slots=True)
class Impacted:
    """What is hit, or concerned, by the changes: in a state that it would not be in without them.

    Parameters
    ----------
    hit : Hit
        With its state in the end, and what it is hit through.
    before : str
        Its state by the context alone; ``ok`` where that leaves it alone.
    concerned : bool
        Whether it cannot fail itself, and is told of what can.
    by_hand : str
        Id of the judgement by which a person added it, or "".
    touched : bool
        Whether a change acts on it itself; it is hit through the requests then.
    """

    hit: Hit
    before: str = _OK
    concerned: bool = False
    by_hand: str = ""
    touched: bool = False

    @property
    def id(self) -> str:
        """Its id."""
        return self.hit.id

    @property
    def state(self) -> str:
        """Its state in the end."""
        return self.hit.state

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            **self.hit.to_json(),
            "without_the_change": self.before,
            "concerned": self.concerned,
            "touched": self.touched,
            "by_hand": self.by_hand or None,
        }

    def row(self) -> tuple[Any, ...]:
        """As a row under `COLUMNS`."""
        hit = self.hit
        return (
            hit.id,
            hit.type,
            hit.name,
            hit.state,
            self.before,
            hit.criticality,
            hit.section,
            self.concerned,
            self.touched,
            self.by_hand,
            hit.through,
            hit.relations,
        )


@dataclass(frozen=True)
class Assessment:
    """What has to be considered before changes are decided on, all together as if they were made at the same time.

    Parameters
    ----------
    requests : tuple of Request
        The changes in question, in the order asked for.
    revision : int
        What was recorded: the revision, and ``at``, when it was recorded.
    at, as_of : str
        ``as_of`` is the moment whose valid state of affairs they are held against.
    span : tuple of str
        From when to when the changes are made, half-open; "" where it is not recorded.
    policy_hash, ontology_hash : str
    with_context : bool
        Whether what is down or changing already counts.
    impact : Impact
        Of the changes and their context together.
    context : tuple of Disturbance
        What is down or changing already; none where it does not count.
    context_impact : Impact or None
        Of the context alone; None where there is none.
    hits : tuple of Impacted
        What the changes themselves do: what is hit or concerned, and would not be, or less, without them. As people
        read it: services, customers and agreements, the other configuration items.
    judgements : tuple of Judgement
        What people have said of it, also what was withdrawn.
    ahead : tuple of Statement
        Risks, business benefits, feasibility, financial impact, remediation, as recorded.
    sections : tuple of Section
        The letters of 8.5.1.3.
    beside : tuple of Part
        Open incidents, problems and risks on what is hit, and what it costs.
    notify : tuple of Told
    unknown : tuple of Part
        What is not known, and so might be hit.
    notes : tuple of str
        What else has to be known to read the answer, in sentences.
    classification : tuple of Classification
        What the rules of the policy conclude of each request, made by itself in the context.
    """

    requests: tuple[Request, ...]
    revision: int
    at: str
    as_of: str
    span: tuple[str, str]
    policy_hash: str
    ontology_hash: str
    with_context: bool
    impact: Impact
    context: tuple[Disturbance, ...]
    context_impact: Impact | None
    hits: tuple[Impacted, ...]
    judgements: tuple[Judgement, ...]
    ahead: tuple[Statement, ...]
    sections: tuple[Section, ...]
    beside: tuple[Part, ...]
    notify: tuple[Told, ...]
    unknown: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    classification: tuple[Classification, ...] = ()

    def sentence(self, emphasis: str = "*") -> str:
        """The answer in a sentence; ids stand between ``emphasis``."""
        return self._own().sentence(emphasis)

    def services(self) -> list[Impacted]:
        """The services hit, what is touched itself among them, the more critical and the worse first."""
        ranks = self.impact.section_ranks
        first = min(ranks.values(), default=0)
        return [one for one in self.hits if ranks.get(one.hit.section) == first and not one.concerned]

    def rows(self) -> Table:
        """One row for each that is hit or concerned, in the order of ``hits``."""
        return Table(COLUMNS, tuple(one.row() for one in self.hits))

    def to_frame(self) -> pd.DataFrame:
        """One row for each that is hit or concerned."""
        import pandas as pd

        return pd.DataFrame([one.row() for one in self.hits], columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """As plain values, whole, and without the moment at which it was computed."""
        start, end = self.span
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "start": start or None,
            "end": end or None,
            "policy": self.policy_hash,
            "ontology": self.ontology_hash,
            "sentence": self.sentence(emphasis=""),
            "requests": [one.to_json() for one in self.requests],
            "classification": [one.to_json() for one in self.classification],
            "ahead": [one.to_json() for one in self.ahead],
            "sections": [one.to_json() for one in self.sections],
            "beside": [one.to_json() for one in self.beside],
            "notify": [one.to_json() for one in self.notify],
            "judgements": [one.to_json() for one in self.judgements],
            "unknown": [one.to_json() for one in self.unknown],
            "notes": list(self.notes),
            "hits": [one.to_json() for one in self.hits],
            "context": {
                "counted": self.with_context,
                "disturbed": [one.to_json() for one in self.context],
                "impact": None if self.context_impact is None else _timeless(self.context_impact),
            },
            "impact": _timeless(self.impact),
        }

    def _own(self) -> Impact:
        """The impact of the changes themselves, for its sentence."""
        hits = tuple(one.hit for one in self.hits if not one.concerned)
        services = [one.hit.state for one in self.services()]
        counts: Mapping[str, int] = {state: services.count(state) for state in STATES[:0:-1]}
        begun = (one.state for one in self.hits if one.touched or one.by_hand)
        worst = max(begun, key=STATES.index, default=_OK)
        return replace(
            self.impact,
            doing="Making {}",
            seeds=tuple(Seed(one.id, one.entity.type, one.name, worst, worst) for one in self.requests),
            hits=hits,
            verdict=replace(self.impact.verdict, services=counts),
            services_seeded=0,
        )


def _timeless(impact: Impact) -> dict[str, Any]:
    found = impact.to_json()
    del found["verdict"]["computed"]
    return found
