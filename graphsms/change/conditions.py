"""The facts that rules may name, and the conditions over them: nothing else can stand in a rule.

What a fact is called decides which conditions there are. Of ``mode``, which has several words: ``mode_any``,
``mode_all``, ``mode_none``; of ``services_down``, a number: ``services_down_at_least``, ``services_down_at_most``;
of ``tested``: ``tested: yes``. ``not_known: [tested]`` holds where nobody has recorded it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from graphsms.errors import InputError
from graphsms.ingest.documents import LocatedDict
from graphsms.ingest.nearest import did_you_mean
from graphsms.snapshot.validity import after
from graphsms.vocabulary import Vocabulary

__all__ = [
    "FACTS",
    "AtLeast",
    "Condition",
    "Fact",
    "FactValue",
    "Facts",
    "conditions_of",
    "conditions_over",
    "problems_of_conditions",
    "shown",
]

Form = Literal["words", "word", "number", "length", "yes or no"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that rules may ask about.

    Parameters
    ----------
    name : str
    form : str
        ``words`` are several, ``word`` is one code of an ordered list, ``length`` is time.
    of : str
        The property whose codes its words are; ``types``, or "".
    definition : str
    """

    name: str
    form: Form
    definition: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A word of an ordered list that is known to be that or a higher one: some of what it is of is not determined."""

    word: str


FactValue: TypeAlias = str | int | bool | frozenset[str] | frozenset[tuple[str, str]] | AtLeast | None
Facts: TypeAlias = Mapping[str, FactValue]

FACTS: Final[Mapping[str, Fact]] = {
    fact.name: fact
    for fact in (
        Fact("mode", "words", "in which modes it acts on what it touches", "mode"),
        Fact("touched_type", "words", "the types of what it touches", "types"),
        Fact("introduced_type", "words", "the types of what it brings into being", "types"),
        Fact("touched", "number", "how much it touches"),
        Fact("controlled", "yes or no", "whether something that it touches is under the control of changes"),
        Fact("hands_over", "yes or no", "whether a customer or other party takes something over through it"),
        Fact("takes_over", "yes or no", "whether something is taken over from a customer or other party through it"),
        Fact("category_recorded", "word", "the category that is recorded on it", "changeCategory"),
        Fact("risk_recorded", "word", "the level of risk that is recorded on it", "riskLevel"),
        Fact("major_impact_recorded", "yes or no", "whether somebody has determined that its impact may be major"),
        Fact("priority", "word", "its priority", "priority"),
        Fact("urgency", "word", "its urgency", "urgency"),
        Fact("impact_recorded", "word", "the impact that is recorded on it", "impact"),
        Fact("tested", "yes or no", "whether it, or each release that carries it out, was tested successfully"),
        Fact("remediation", "yes or no", "whether a way back is recorded"),
        Fact("remediation_tested", "yes or no", "whether the way back was tried out"),
        Fact("risks", "number", "how many risks it is recorded to raise"),
        Fact("failed_before", "number", "how many earlier requests failed that touched something that it touches"),
        Fact("window_length", "length", "how long its window is"),
        Fact("lead_time", "length", "from when it was recorded until its window begins"),
        Fact("in_freeze", "yes or no", "whether its window has a moment in common with a freeze of what it touches, or"
             " of what stands on that"),
        Fact("open_incidents", "number", "how many open incidents affect what it touches or hits"),
        Fact("services_down", "number", "how many services go down by it"),
        Fact("services_degraded", "number", "how many services are degraded by it"),
        Fact("services_at_risk", "number", "how many services are at risk by it"),
        Fact("criticality_down", "word", "the highest criticality of the services that go down", "criticality"),
        Fact("criticality_degraded", "word", "the highest criticality of the services that go down or are degraded",
             "criticality"),
        Fact("criticality_hit", "word", "the highest criticality of the services that are hit at all", "criticality"),
        Fact("criticality_introduced", "word", "the highest criticality of the services that it brings into being",
             "criticality"),
        Fact("customers_down", "number", "how many customers lose a service by it"),
        Fact("customers_hit", "number", "how many customers are concerned by it at all"),
        Fact("penalties", "yes or no", "whether an agreement with penalties is concerned by something that is down or"
             " degraded"),
        Fact("unknown", "number", "how much is not hit, and not known to be fine"),
        Fact("major_impact", "yes or no", "what the rules conclude: whether its impact may be a major one"),
        Fact("category", "word", "what the rules conclude: its category", "changeCategory"),
        Fact("route", "word", "what the rules conclude: its route", "changeRoute"),
    )
}  # fmt: skip
_TESTS: Final[Mapping[Form, tuple[str, ...]]] = {
    "words": ("_any", "_all", "_none"),
    "word": ("_any", "_at_least", "_at_most"),
    "number": ("_at_least", "_at_most"),
    "length": ("_at_least", "_at_most"),
    "yes or no": ("",),
}
_KEYS: Final = {f"{fact.name}{test}": (fact, test) for fact in FACTS.values() for test in _TESTS[fact.form]}
_NOT_KNOWN: Final = "not_known"
_ACTS_ON: Final = "acts_on"  # what it touches of some type in some mode: a fact of its own, which has no words
_EPOCH: Final = "1970-01-01T00:00:00Z"
_TYPES: Final = "types"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    Parameters
    ----------
    key : str
        As the file has it, such as ``mode_any``.
    fact, test : str
        What it is over, and how.
    wanted : object
        What it is compared with: words (of types, their subtypes too), a rank, a number, or whether.
    ranks : mapping of str to int
        Of words that have an order.
    """

    key: str
    fact: str
    test: str
    wanted: frozenset[str] | frozenset[tuple[str, str]] | int | bool
    ranks: Mapping[str, int]

    def holds(self, facts: Facts) -> bool | None:
        """Whether it holds; None where the fact is not known."""
        value, wanted = facts.get(self.fact), self.wanted
        if self.test == _NOT_KNOWN:
            return value is None
        if value is None:
            return None
        if isinstance(value, AtLeast):
            if self.test == "_at_least" and self.ranks.get(value.word, 0) >= _number(wanted):
                return True
            return None
        if isinstance(value, frozenset):
            assert isinstance(wanted, frozenset)
            if self.test == "_all":
                return bool(value) and value <= wanted
            return bool(value & wanted) == (self.test != "_none")
        if self.test == "_any":
            assert isinstance(wanted, frozenset)
            return value in wanted
        if self.test in ("_at_least", "_at_most"):
            held = self.ranks.get(value) if isinstance(value, str) else value
            if held is None:  # no word at all, such as the criticality of no service
                return self.test == "_at_most"
            return held >= _number(wanted) if self.test == "_at_least" else held <= _number(wanted)
        return value is wanted


def _number(wanted: object) -> int:
    assert isinstance(wanted, int)
    return wanted


def shown(name: str, value: FactValue) -> str:
    """A fact for people.

    Examples
    --------
    >>> shown("services_down", 3), shown("tested", None), shown("tested", True)
    ('services down: 3', 'tested: not known', 'tested: yes')
    """
    label = name.replace("_", " ")
    fact = FACTS.get(name)
    if value is None:
        return f"{label}: not known"
    if isinstance(value, AtLeast):
        return f"{label}: {value.word or 'none determined'}, or higher"
    if isinstance(value, bool):
        return f"{label}: {'yes' if value else 'no'}"
    if isinstance(value, frozenset):
        words = sorted(one if isinstance(one, str) else f"{one[0]} ({one[1]})" for one in value)
        return f"{label}: {', '.join(words) or 'nothing'}"
    if fact is not None and fact.form == "length":
        return f"{label}: {shown_length(int(value))}"
    return f"{label}: {value or 'none'}" if isinstance(value, str) else f"{label}: {value:,}"


def shown_length(length: int) -> str:
    """A length of time in microseconds, for people.

    Examples
    --------
    >>> shown_length(90 * 60 * 1_000_000), shown_length(50 * 3600 * 1_000_000), shown_length(0)
    ('1 h 30 min', '2 d 2 h', '0 min')
    """
    whole = timedelta(microseconds=abs(length))
    hours, rest = divmod(whole.seconds, 3600)
    parts = ((whole.days, "d"), (hours, "h"), (rest // 60, "min"))
    text = " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"
    return f"-{text}" if length < 0 else text


def conditions_over(fact: Fact) -> tuple[str, ...]:
    """The conditions that there are over a fact.

    Examples
    --------
    >>> conditions_over(FACTS["services_down"])
    ('services_down_at_least', 'services_down_at_most')
    """
    return tuple(f"{fact.name}{test}" for test in _TESTS[fact.form])


# ------------------------------------------------------------------------------------------ reading


def conditions_of(stated: LocatedDict, vocabulary: Vocabulary) -> tuple[Condition, ...]:
    """The conditions of a mapping that `problems_of_conditions` finds nothing wrong with."""
    return tuple(one for key, said in stated.items() for one in _of_key(key, said, vocabulary))


def _of_key(key: str, said: object, vocabulary: Vocabulary) -> Iterator[Condition]:
    if key == _NOT_KNOWN:
        for name in _list(said):
            yield Condition(key, name, _NOT_KNOWN, True, {})
        return
    if key == _ACTS_ON:
        assert isinstance(said, LocatedDict)
        types = _with_subtypes(_list(said.get("type")) or list(vocabulary.types), vocabulary)
        modes = _list(said.get("mode")) or [*_words_of(FACTS["mode"], vocabulary)]
        pairs = frozenset((type, mode) for type in types for mode in modes)
        yield Condition(key, _ACTS_ON, "_any", pairs, {})
        return
    fact, test = _KEYS[key]
    ranks = _words_of(fact, vocabulary) if fact.form == "word" else {}
    wanted: frozenset[str] | int | bool
    if fact.form in ("words", "word") and test not in ("_at_least", "_at_most"):
        words = _list(said)
        wanted = _with_subtypes(words, vocabulary) if fact.of == _TYPES else frozenset(words)
    elif fact.form == "word":
        wanted = ranks[str(said)]
    elif fact.form == "number":
        wanted = int(str(said))
    elif fact.form == "length":
        wanted = after(_EPOCH, str(said))
    else:
        wanted = said in ("yes", "true")
    yield Condition(key, fact.name, test, wanted, ranks)


def _list(said: object) -> list[str]:
    if said is None:
        return []
    return [str(one) for one in said] if isinstance(said, list) else [str(said)]


def _with_subtypes(types: list[str], vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(name for type in types for name in vocabulary.subtypes[type])


def _words_of(fact: Fact, vocabulary: Vocabulary) -> dict[str, int]:
    if fact.of == _TYPES:
        return dict.fromkeys(vocabulary.types, 0)
    code_list = vocabulary.properties[fact.of].code_list
    codes = vocabulary.code_lists[code_list].codes if code_list else ()
    return {code.notation: code.rank or 0 for code in codes}


def problems_of_conditions(
    stated: LocatedDict, vocabulary: Vocabulary, later: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """What is wrong with conditions: the key, the rule that it breaks, and what to do.

    ``later`` are the conclusions that are not drawn yet.
    """
    for key, said in stated.items():
        for rule, message in _problems(key, said, vocabulary, later):
            yield key, rule, message


def _problems(key: str, said: object, vocabulary: Vocabulary, later: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if key == _NOT_KNOWN:
        for name in _list(said) or [""]:
            if name not in FACTS:
                yield "unknown-fact", f"There is no fact {name!r}.{did_you_mean(name, FACTS)}"
        return
    if key == _ACTS_ON:
        yield from _problems_of_acts(said, vocabulary)
        return
    if key not in _KEYS:
        yield "unknown-fact", f"There is no condition {key!r}.{_meant(key)}"
        return
    fact, test = _KEYS[key]
    if fact.name in later:
        yield "concluded-later", f"{fact.name} is concluded after this: a rule can only rest on what is known by then."
    yield from _problems_of_value(fact, test, said, vocabulary)


def _meant(key: str) -> str:
    if key in FACTS:
        return f" Of {key} there are {', '.join(conditions_over(FACTS[key]))}."
    return did_you_mean(key, (*_KEYS, _NOT_KNOWN, _ACTS_ON))


def _problems_of_acts(said: object, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    if not isinstance(said, LocatedDict) or not said or said.keys() - {"type", "mode"}:
        yield "wrong-form", "It is {type: ..., mode: ...}, either of which can be left out."
        return
    yield from _unknown_words(_list(said.get("type")), vocabulary.types, "type")
    yield from _unknown_words(_list(said.get("mode")), _words_of(FACTS["mode"], vocabulary), "mode")


def _unknown_words(words: list[str], known: Mapping[str, object], what: str) -> Iterator[tuple[str, str]]:
    for word in words:
        if word not in known:
            yield "unknown-code", f"The ontology has no {what} {word!r}.{did_you_mean(word, known)}"


def _problems_of_value(fact: Fact, test: str, said: object, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    several = fact.form in ("words", "word") and test not in ("_at_least", "_at_most")
    if several:
        if not isinstance(said, list) or not said:
            yield "wrong-form", "It must be a list of at least one."
            return
        what = "type" if fact.of == _TYPES else "code"
        yield from _unknown_words(_list(said), _words_of(fact, vocabulary), what)
    elif not isinstance(said, str):
        yield "wrong-form", "It must be one value."
    elif fact.form == "word":
        yield from _unknown_words([said], _words_of(fact, vocabulary), "code")
    elif fact.form == "number":
        if not (said.isascii() and said.isdecimal() and len(said) <= 9):
            yield "not-a-number", f"It must be a whole number from 0 on, and {said!r} is none."
    elif fact.form == "length":
        try:
            after(_EPOCH, said)
        except InputError as error:
            yield "not-a-duration", str(error)
    elif said not in ("yes", "no", "true", "false"):
        yield "wrong-form", f"It must be yes or no, and is {said!r}."
