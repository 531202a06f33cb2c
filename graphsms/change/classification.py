"""Category, route, risk and major impact of a change, each with its rule and facts (8.5.1.1, 8.5.1.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from graphsms.change.conditions import Facts, FactValue, shown
from graphsms.change.facts import Around, facts_of
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request
from graphsms.change.rules import CONCLUSIONS, Rule, applied
from graphsms.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from graphsms.analysis.answer import Impact

__all__ = ["COLUMNS", "Classification", "Classifications", "Conclusion", "classifications", "classify"]

COLUMNS: Final = ("request", "name", "conclusion", "says", "recorded", "differs", "rule", "because", "facts", "open")
_DESIGN: Final = "8.5.1.2 "  # the routes by a letter of it, through service design and transition
_PROPERTIES: Final = {"major_impact": "majorImpact"}  # where the recorded stands, beside those of CONCLUSIONS


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One thing that the rules conclude.

    Parameters
    ----------
    of : str
        ``major_impact``, ``category``, ``route`` or ``risk``.
    says : str
        ``yes``, ``no`` or the notation of a code.
    rule, because : str
        Id of the rule, and its reason.
    facts : tuple of str
        The facts by which it holds, in words; of a rule that always holds, those by which the ones ahead of it do not.
    recorded : str
        What is recorded on the request, or "".
    open : tuple of (str, str, tuple of str)
        Rules that would conclude something else if facts were known: id, what they say, names of the facts.

    Examples
    --------
    >>> Conclusion("category", "normal", "otherwise", "", (), "standard").differs
    True
    """

    of: str
    says: str
    rule: str
    because: str
    facts: tuple[str, ...]
    recorded: str = ""
    open: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    @property
    def differs(self) -> bool:
        """Whether something else is recorded on the request."""
        return bool(self.recorded) and self.recorded != self.says

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "says": self.says,
            "recorded": self.recorded or None,
            "differs": self.differs,
            "rule": self.rule,
            "because": self.because,
            "facts": list(self.facts),
            "open": [{"rule": id, "says": says, "not_known": list(names)} for id, says, names in self.open],
        }


@dataclass(frozen=True, slots=True)
class Classification:
    """What the rules of the policy conclude of a request.

    Parameters
    ----------
    request, name : str
    major_impact, category, route, risk : Conclusion
    policy_hash : str
        SHA-256 of the policy.
    facts : mapping of str to FactValue
        All that the rules could ask about.
    """

    request: str
    name: str
    major_impact: Conclusion
    category: Conclusion
    route: Conclusion
    risk: Conclusion
    policy_hash: str = ""
    facts: Facts = field(default_factory=dict, repr=False)

    @property
    def conclusions(self) -> tuple[Conclusion, ...]:
        """All of them, in the order in which they are concluded."""
        return (self.major_impact, self.category, self.route, self.risk)

    @property
    def by_design(self) -> bool:
        """Whether it goes through service design and transition (8.5.2)."""
        return self.route.says.startswith(_DESIGN)

    @property
    def letter(self) -> str:
        """The letter of 8.5.1.2 that sends it through 8.5.2, or "" where none does."""
        return self.route.says.removeprefix(_DESIGN) if self.by_design else ""

    @property
    def differs(self) -> bool:
        """Whether anything else is recorded on the request."""
        return any(one.differs for one in self.conclusions)

    def sentence(self, emphasis: str = "*") -> str:
        """The answer in a sentence; the id stands between ``emphasis``."""
        by = f"through 8.5.2, by letter {self.letter} of 8.5.1.2" if self.by_design else f"by {self.route.says} alone"
        impact = "of major impact" if self.major_impact.says == "yes" else "not of major impact"
        article = "an" if self.category.says[:1] in "aeiou" else "a"
        return (
            f"{emphasis}{self.request}{emphasis} is {article} {self.category.says} change of {self.risk.says} risk,"
            f" {impact}, and goes {by}."
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.request,
            "name": self.name,
            "sentence": self.sentence(emphasis=""),
            "policy": self.policy_hash,
            **{one.of: one.to_json() for one in self.conclusions},
            "clause": "8.5.2" if self.by_design else "8.5.1.3",
            "letter": self.letter or None,
            "facts": {name: _plain(value) for name, value in sorted(self.facts.items())},
        }

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """One row for each conclusion, under `COLUMNS`."""
        for one in self.conclusions:
            open = tuple(f"{id} ({', '.join(names)})" for id, _, names in one.open)
            yield (self.request, self.name, one.of, one.says, one.recorded, one.differs, one.rule, one.because,
                   one.facts, open)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Classifications(Sequence[Classification]):
    """What the rules conclude of several requests, and what that rests on.

    Parameters
    ----------
    found : tuple of Classification
    revision : int
    at : str
        What was recorded: the revision, and when it was.
    policy_hash : str
    """

    found: tuple[Classification, ...]
    revision: int
    at: str
    policy_hash: str

    def __getitem__(self, position: Any) -> Any:
        return self.found[position]

    def __len__(self) -> int:
        return len(self.found)

    @property
    def differing(self) -> int:
        """Of how many something else is recorded."""
        return sum(one.differs for one in self.found)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if len(self.found) == 1:
            return self.found[0].sentence(emphasis="")
        categories = {one.category.says for one in self.found}
        counts = ", ".join(f"{sum(one.category.says == it for one in self.found)} {it}" for it in sorted(categories))
        design = sum(one.by_design for one in self.found)
        return (
            f"{len(self.found):,} requests for change{f' ({counts})' if counts else ''}; {design} of them through"
            f" 8.5.2; of {self.differing} something else is recorded than the rules say."
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "policy": self.policy_hash,
            "differing": self.differing,
            "requests": [one.to_json() for one in self.found],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row for each conclusion."""
        import pandas as pd

        return pd.DataFrame([row for one in self.found for row in one.rows()], columns=list(COLUMNS))


def classify(request: Request, facts: Facts, policy: ChangePolicy) -> Classification:
    """What the rules of a policy conclude of a request.

    Parameters
    ----------
    request : Request
    facts : mapping of str to FactValue
        By `graphsms.change.facts.facts_of`; what is missing in it counts as not known.
    policy : ChangePolicy

    Notes
    -----
    Proportional to the rules of the policy. What was concluded is a fact for what is concluded after it: major impact,
    category, route, risk. Ahead of the rules for the route stand those of 8.5.1.2 itself, for removal and transfer of a
    service, in any policy.

    Examples
    --------
    >>> from graphsms.change.policy import read_policy
    >>> from graphsms.model import Entity
    >>> from graphsms.ontology import load
    >>> request = Request(Entity("rfc-1", "RequestForChange", {"changeCategory": "standard"}), ())
    >>> found = classify(request, {"acts_on": frozenset({("Service", "removal")})}, read_policy(load()))
    >>> found.route.says, found.letter, found.route.facts
    ('8.5.1.2 d', 'd', ('acts on: Service (removal)',))
    """
    known: dict[str, FactValue] = dict(facts)
    found: dict[str, Conclusion] = {}
    for conclusion, property in CONCLUSIONS.items():
        decided = applied(policy.rules[conclusion], known)
        rule: Rule = decided.rule
        found[conclusion] = Conclusion(
            of=conclusion,
            says=rule.says,
            rule=rule.id,
            because=rule.because,
            facts=tuple(shown(name, known.get(name)) for name in decided.facts),
            recorded=_recorded(request, property or _PROPERTIES[conclusion]),
            open=tuple((one.id, one.says, names) for one, names in decided.open),
        )
        known[conclusion] = rule.says == "yes" if not property else rule.says
    return Classification(
        request=request.id,
        name=request.name,
        major_impact=found["major_impact"],
        category=found["category"],
        route=found["route"],
        risk=found["risk"],
        policy_hash=policy.hash,
        facts=known,
    )


def classifications(
    store: Store,
    policy: ChangePolicy,
    requests: Sequence[Request],
    *,
    at: int | None = None,
    as_of: str | None = None,
    impacts: Mapping[str, Impact] | None = None,
) -> Classifications:
    """`classify` for several requests, each as if it were made alone, with the facts worked out.

    ``impacts`` are those that are worked out already, by id of the request.
    """
    from graphsms.analysis.estate import estate

    revision, known, around = estate(store, at).revision, impacts or {}, Around(store, policy, at)
    found = []
    for one in requests:
        facts = facts_of(store, one, policy, impact=known.get(one.id), at=at, as_of=as_of, around=around)
        found.append(classify(one, facts, policy))
    return Classifications(tuple(found), revision.number, revision.time, policy.hash)


def _recorded(request: Request, property: str) -> str:
    value = request.entity.properties.get(property, "")
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _plain(value: FactValue) -> Any:
    from graphsms.change.conditions import AtLeast

    if isinstance(value, frozenset):
        return [one if isinstance(one, str) else [*one] for one in sorted(value, key=str)]
    return {"at_least": value.word} if isinstance(value, AtLeast) else value
