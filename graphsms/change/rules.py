"""Rules as data: what they conclude, and under which conditions over named facts (8.5.1.1, 8.5.1.2).

::

    route:
      - id: changed-service
        says: 8.5.1.2 b
        when: {major_impact: yes, touched_type_any: [Service]}   # all of it; of a list, one of them
        unless: {category_any: [emergency]}
        because: It alters a service, and its impact may be a major one.
      - {id: otherwise, says: 8.5.1.3, because: Nothing sends it through service design and transition.}

Of the rules for one conclusion the first that holds decides, and the last holds always. Nothing in a rule is evaluated
as code: a condition compares one fact with what the rule says. A fact that is not known is neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from graphsms.change.conditions import Condition, Facts, conditions_of, problems_of_conditions
from graphsms.ingest.documents import LocatedDict, LocatedList, line_of
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["CONCLUSIONS", "Found", "Rule", "applied", "faults_of_rules", "rules_of"]

# What rules conclude, in the order in which it is concluded, and the property whose codes they say; "" is yes or no.
# What was concluded is a fact for the conclusions after it.
CONCLUSIONS: Final[Mapping[str, str]] = {
    "major_impact": "",
    "category": "changeCategory",
    "route": "changeRoute",
    "risk": "riskLevel",
}
YES_OR_NO: Final = ("yes", "no")
MOST: Final = 1000  # rules for one conclusion
_KEYS: Final = ("id", "says", "when", "unless", "because")

_All: TypeAlias = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    id : str
    says : str
        What it concludes: ``yes``, ``no``, or the notation of a code.
    because : str
        Why, in a sentence.
    when, unless : tuple of tuple of Condition
        It holds where all conditions of one of ``when`` do, and those of none of ``unless``. Without ``when`` always.
    """

    id: str
    says: str
    because: str
    when: tuple[_All, ...] = ()
    unless: tuple[_All, ...] = ()

    def holds(self, facts: Facts) -> bool | None:
        """Whether it holds; None where that hangs on what is not known."""
        when = _one_of(self.when, facts) if self.when else True
        unless = _one_of(self.unless, facts)
        if when is False or unless is True:
            return False
        return None if when is None or unless is None else True

    def rests_on(self, facts: Facts) -> tuple[str, ...]:
        """The names of the facts by which it holds."""
        found = [one for one in self.when if _all_of(one, facts)][:1]
        return tuple(dict.fromkeys(each.fact for one in (*found, *self.unless) for each in one))

    def fails_by(self, facts: Facts) -> tuple[str, ...]:
        """The names of facts by which it does not hold: of each way in which it could, the first."""
        excluded = [one for one in self.unless if _all_of(one, facts)][:1]
        if excluded:
            return tuple(dict.fromkeys(each.fact for each in excluded[0]))
        against = (next((each.fact for each in one if each.holds(facts) is False), None) for one in self.when)
        return tuple(dict.fromkeys(one for one in against if one is not None))

    def hangs_on(self, facts: Facts) -> tuple[str, ...]:
        """The names of the facts that would have to be known."""
        conditions = [each for one in (*self.when, *self.unless) for each in one]
        return tuple(dict.fromkeys(one.fact for one in conditions if one.holds(facts) is None))


@dataclass(frozen=True, slots=True)
class Found:
    """Which rule decided, and what stands open ahead of it.

    Parameters
    ----------
    rule : Rule
    open : tuple of (Rule, tuple of str)
        Rules ahead of it that would hold if facts were known, and which facts those are.
    facts : tuple of str
        The names of the facts that it rests on; of a rule that always holds, those by which the ones ahead of it, that
        say something else, do not.
    """

    rule: Rule
    open: tuple[tuple[Rule, tuple[str, ...]], ...]
    facts: tuple[str, ...] = ()


def applied(rules: tuple[Rule, ...], facts: Facts) -> Found:
    """The first rule that holds.

    Examples
    --------
    >>> rules = (Rule("otherwise", "normal", ""),)
    >>> applied(rules, {}).rule.says
    'normal'
    """
    open: list[tuple[Rule, tuple[str, ...]]] = []
    failed: list[Rule] = []
    for rule in rules:
        holds = rule.holds(facts)
        if holds:
            against = (name for one in failed if one.says != rule.says for name in one.fails_by(facts))
            rests_on = rule.rests_on(facts) if rule.when or rule.unless else tuple(dict.fromkeys(against))
            return Found(rule, tuple(one for one in open if one[0].says != rule.says), rests_on)
        if holds is None:
            open.append((rule, rule.hangs_on(facts)))
        else:
            failed.append(rule)
    raise AssertionError("the last rule holds always: a policy without one is refused")


def _all_of(conditions: _All, facts: Facts) -> bool | None:
    held = [one.holds(facts) for one in conditions]
    if False in held:
        return False
    return None if None in held else True


def _one_of(several: tuple[_All, ...], facts: Facts) -> bool | None:
    held = [_all_of(one, facts) for one in several]
    if True in held:
        return True
    return None if None in held else False


# ------------------------------------------------------------------------------------------ reading


def rules_of(stated: object, vocabulary: Vocabulary) -> tuple[Rule, ...]:
    """Rules from what a file says, which `faults_of_rules` finds nothing wrong with."""
    assert isinstance(stated, list)
    return tuple(
        Rule(
            id=str(one["id"]),
            says=str(one["says"]),
            because=" ".join(str(one["because"]).split()),
            when=tuple(conditions_of(each, vocabulary) for each in _several(one.get("when"))),
            unless=tuple(conditions_of(each, vocabulary) for each in _several(one.get("unless"))),
        )
        for one in stated
    )


def _several(stated: object) -> list[LocatedDict]:
    if stated is None:
        return []
    return [one for one in (stated if isinstance(stated, list) else [stated]) if isinstance(one, LocatedDict)]


def faults_of_rules(
    conclusion: str, stated: object, file: str, vocabulary: Vocabulary, *, always: bool = True
) -> Iterator[Fault]:
    """What is wrong with the rules for one conclusion, with the line, the rule and the field of each.

    Parameters
    ----------
    conclusion : str
        One of `CONCLUSIONS`.
    stated : object
        As the file says it.
    file : str
    vocabulary : Vocabulary
    always : bool
        Whether the last rule has to hold always.
    """
    if not isinstance(stated, LocatedList) or not stated:
        yield Fault(Origin(file, line_of(stated)), "", conclusion, "wrong-form", "It must be a list of rules.")
        return
    if len(stated) > MOST:
        message = f"There are {len(stated):,} rules for it, and at most {MOST:,} are read."
        yield Fault(Origin(file, line_of(stated)), "", conclusion, "too-many", message)
        return
    ids: set[str] = set()
    for number, one in enumerate(stated):
        line = line_of(stated, number)
        if not isinstance(one, LocatedDict):
            message = "A rule is a mapping with id, says, because, and when it holds."
            yield Fault(Origin(file, line), "", conclusion, "wrong-form", message)
            continue
        id = str(one.get("id") or "")
        for field, rule, message, its in _problems(conclusion, one, ids, vocabulary):
            yield Fault(Origin(file, its or line), id, f"{conclusion} {field}".strip(), rule, message)
        ids.add(id)
        last = number == len(stated) - 1
        if always and last and (one.get("when") is not None or one.get("unless") is not None):
            message = "The last rule must hold always, so that something is concluded: one without when and unless."
            yield Fault(Origin(file, line), id, conclusion, "nothing-otherwise", message)
        if not last and one.get("when") is None and one.get("unless") is None:
            message = "It holds always, so that no rule after it is ever looked at: put it last, or say when it holds."
            yield Fault(Origin(file, line), id, conclusion, "never-reached", message)


_Problem: TypeAlias = tuple[str, str, str, int | None]  # field, rule, message, line


def _problems(conclusion: str, one: LocatedDict, ids: set[str], vocabulary: Vocabulary) -> Iterator[_Problem]:
    for key in one:
        if key not in _KEYS:
            yield key, "unknown-key", f"A rule has no key {key!r}.{did_you_mean(key, _KEYS)}", line_of(one, key)
    for key in ("id", "says", "because"):
        said = one.get(key)
        if not isinstance(said, str) or not said.strip():
            yield key, "missing-key", f"A rule must say its {key}, as text.", line_of(one, key)
    if isinstance(one.get("id"), str) and one["id"] in ids:
        yield "id", "repeated-id", "There is a rule with that id already.", line_of(one, "id")
    says, known = str(one.get("says") or ""), words_of(conclusion, vocabulary)
    if says and says not in known:
        message = f"It cannot be {says!r}: it is one of {', '.join(known)}.{did_you_mean(says, known)}"
        yield "says", "unknown-code", message, line_of(one, "says")
    later = tuple(CONCLUSIONS)[tuple(CONCLUSIONS).index(conclusion) :]
    for key in ("when", "unless"):
        said = one.get(key)
        several = said if isinstance(said, list) else [] if said is None else [said]
        if said == [] or not all(isinstance(each, LocatedDict) and each for each in several):
            message = "Give conditions as a mapping, or a list of mappings one of which has to hold."
            yield key, "wrong-form", message, line_of(one, key)
            continue
        for each in several:
            assert isinstance(each, LocatedDict)
            for name, rule, message in problems_of_conditions(each, vocabulary, later):
                yield f"{key} {name}", rule, message, line_of(each, name)


def words_of(conclusion: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """What rules for a conclusion may say."""
    property = CONCLUSIONS[conclusion]
    if not property:
        return YES_OR_NO
    code_list = vocabulary.properties[property].code_list
    return tuple(code.notation for code in vocabulary.code_lists[code_list].codes) if code_list else ()
