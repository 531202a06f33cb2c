"""The policy for change management (8.5.1.1): data, ours where the organization states none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from graphsms.analysis import configuration_policy
from graphsms.analysis.estate import number_of
from graphsms.change.afterwards import AFTERWARDS_KEYS, Afterwards, afterwards_of, faults_of_afterwards
from graphsms.change.considering import Considered, considered
from graphsms.change.life import LIFE_KEYS, Life, faults_of_life, life_of
from graphsms.change.numbering import problem_of_numbering
from graphsms.change.own_considering import CONSIDERED_KEYS, considered_by, faults_of_considering
from graphsms.change.rules import CONCLUSIONS, Rule, faults_of_rules, rules_of
from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, content_of, line_of, yaml_documents
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["OURS", "ChangePolicy", "read_policy", "read_policy_text"]

MAX_BYTES: Final = 1 << 20
OURS: Final = Path(__file__).parent / "policies" / "change.yaml"
# What 8.5.1.2 itself sends through service design and transition: ahead of what any policy says.
_BY_THE_STANDARD: Final = Path(__file__).parent / "policies" / "always.yaml"
# Lists of codes, and the property whose codes they are.
_CODES: Final = {
    "undecided": "changeStatus",
    "ahead": "changeStatus",
    "made": "changeStatus",
    "failed": "changeStatus",
    "unsuccessful": "outcome",
    "over": "caseStatus",
    "approved_in_advance": "changeCategory",
}
_CODE: Final = {"mode": "mode", "begins_as": "changeStatus"}
_NUMBERING: Final = "numbering"
_CONFIGURATION: Final = "configuration_policy"
_NEEDED: Final = (*_CODE, *_CODES, _NUMBERING, *LIFE_KEYS, *AFTERWARDS_KEYS, *CONCLUSIONS)
_KEYS: Final = (*_NEEDED, _CONFIGURATION, *CONSIDERED_KEYS)


@dataclass(frozen=True, slots=True)
class ChangePolicy:
    """What an organization has decided about change management.

    Parameters
    ----------
    mode : str
        What a change does to something that it touches where nobody says so: notation of a mode of impact.
    undecided, ahead, made : frozenset of str
        States of a request for change: not yet decided; approved, and still to be made or being made; made.
    over : frozenset of str
        States of a case in which it is over.
    hash : str
        SHA-256 (hex) of the file, of ours behind it, and of the policy for configuration management that it names.
    failed, unsuccessful : frozenset of str
        States of a request, and outcomes, in which it did not succeed.
    approved_in_advance : frozenset of str
        Categories of change that were approved once for all times.
    begins_as : str
        The state of a request that is made here.
    numbering : str
        The form of the ids that requests are given.
    rules : mapping of str to tuple of Rule
        By what they conclude, in the order in which they are tried; ahead of those for the route what 8.5.1.2 itself
        demands.
    life : Life
        From which state a request may go into which.
    afterwards : Afterwards
        How long after a change something is due, or counts as following from it.
    configuration_policy : str
        Path of the policy that says which types are controlled; "" is ours.
    considered : Considered
        What is considered under the letters of 8.5.1.3, and who is told.
    kept_as : str
        Id of the record in the graph in which it is kept; "" where it is a file, or ours.
    """

    mode: str
    undecided: frozenset[str]
    ahead: frozenset[str]
    made: frozenset[str]
    over: frozenset[str]
    hash: str
    failed: frozenset[str] = frozenset()
    unsuccessful: frozenset[str] = frozenset()
    approved_in_advance: frozenset[str] = frozenset()
    begins_as: str = ""
    numbering: str = ""
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict, repr=False, compare=False)
    configuration_policy: str = ""
    life: Life = field(default=Life({}, {}), repr=False, compare=False)
    afterwards: Afterwards = field(default=Afterwards(), repr=False, compare=False)
    considered: Considered = field(default_factory=considered, repr=False, compare=False)
    kept_as: str = ""


def read_policy(vocabulary: Vocabulary, path: str | Path | None = None) -> ChangePolicy:
    """A policy from its file; without one, ours, and what the file leaves out is as in ours.

    Raises
    ------
    RejectedError
        The file is no policy; every fault is listed, with its line.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> sorted(read_policy(load()).ahead)
    ['approved', 'in implementation']
    """
    place = OURS if path is None else Path(path)
    content, stated = _read(place)
    policy = _policy_from(stated, content if place == OURS else content + _completed(stated), str(place), vocabulary)
    named = stated.get(_CONFIGURATION)
    if named is None:
        return policy
    configuration = str(place.parent / str(named))  # what it says is part of what holds
    configuration_policy.read_policy(Path(configuration), vocabulary)
    content += _read(OURS)[0] if place != OURS else b""
    whole = sha256(content + content_of(Path(configuration))).hexdigest()
    return replace(policy, configuration_policy=configuration, hash=whole)


def read_policy_text(vocabulary: Vocabulary, text: str, kept_as: str) -> ChangePolicy:
    """A policy from its text, kept in a record of that id; what it leaves out is as in ours.

    Raises
    ------
    RejectedError
        It is no policy; every fault is listed, with its line in the text.
    """
    content = text.encode()
    file = f"the policy kept in {kept_as}"
    stated = _mapping(content, file)
    if _CONFIGURATION in stated:
        message = "A policy that is kept names no file: record in the graph which types are under control."
        raise _refused([Fault(Origin(file, line_of(stated, _CONFIGURATION)), "", _CONFIGURATION, "no-file", message)])
    return replace(_policy_from(stated, content + _completed(stated), file, vocabulary), kept_as=kept_as)


def _policy_from(stated: LocatedDict, content: bytes, file: str, vocabulary: Vocabulary) -> ChangePolicy:
    faults = list(_faults(stated, file, vocabulary))
    if faults:
        raise _refused(faults)
    always = _read(_BY_THE_STANDARD)[1]
    rules = {
        name: tuple(rule for file in (always, stated) if name in file for rule in rules_of(file[name], vocabulary))
        for name in CONCLUSIONS
    }
    return ChangePolicy(
        mode=str(stated["mode"]),
        undecided=_set(stated["undecided"]),
        ahead=_set(stated["ahead"]),
        made=_set(stated["made"]),
        over=_set(stated["over"]),
        hash=sha256(content).hexdigest(),
        failed=_set(stated["failed"]),
        unsuccessful=_set(stated["unsuccessful"]),
        approved_in_advance=_set(stated["approved_in_advance"]),
        begins_as=str(stated["begins_as"]),
        numbering=str(stated[_NUMBERING]),
        rules=rules,
        life=life_of(stated),
        afterwards=afterwards_of(stated),
        considered=considered_by(stated),
    )


def _read(place: Path) -> tuple[bytes, LocatedDict]:
    file = str(place)
    if place.is_file() and place.stat().st_size > MAX_BYTES:
        raise _refused([Fault(Origin(file), "", "", "too-large", f"A policy has at most {MAX_BYTES:,} bytes.")])
    try:
        content = content_of(place)
    except RejectedError as error:
        raise _refused([*error.faults]) from None
    return content, _mapping(content, file)


def _mapping(content: bytes, file: str) -> LocatedDict:
    try:
        stated = next(yaml_documents(content, file), None)
    except RejectedError as error:
        raise _refused([*error.faults]) from None
    if not isinstance(stated, LocatedDict):
        raise _refused([Fault(Origin(file, 1), "", "", "wrong-form", f"It must be a mapping: {', '.join(_KEYS)}.")])
    return stated


def _completed(stated: LocatedDict) -> bytes:
    """Take what a policy leaves out from ours; the bytes of ours, since what holds depends on them then."""
    content, ours = _read(OURS)
    for key in ours.keys() - stated.keys():
        stated[key] = ours[key]
    return content


def _refused(faults: list[Fault]) -> RejectedError:
    return RejectedError(f"The policy cannot be used: {number_of(faults)}, the first being {faults[0]}", faults)


def _set(stated: Any) -> frozenset[str]:
    return frozenset(map(str, stated))


def _faults(stated: LocatedDict, file: str, vocabulary: Vocabulary) -> Iterator[Fault]:
    def fault(key: str, rule: str, message: str) -> Fault:
        return Fault(Origin(file, line_of(stated, key)), "", key, rule, message)

    for key in stated:
        if key not in _KEYS:
            yield fault(key, "unknown-key", f"A policy has no key {key!r}.{did_you_mean(str(key), _KEYS)}")
    for key in _NEEDED:
        if stated.get(key) is None:
            yield fault(key, "missing-key", f"Say {key}, or leave the key out: then it is as in our policy.")
    for key, property in {**_CODE, **_CODES}.items():
        said = stated.get(key)
        if said is None:
            continue
        if isinstance(said, list) != (key in _CODES):
            yield fault(key, "wrong-form", f"It must be {'a list' if key in _CODES else 'one word'}.")
            continue
        known = _notations(vocabulary, property)
        for word in map(str, said if isinstance(said, list) else [said]):
            if word not in known:
                yield fault(key, "unknown-code", f"The ontology has no such code {word!r}.{did_you_mean(word, known)}")

    yield from faults_of_life(stated, vocabulary, fault)
    yield from faults_of_afterwards(stated, vocabulary, fault)
    yield from faults_of_considering(stated, file, vocabulary)
    if stated.get(_NUMBERING) is not None and (problem := problem_of_numbering(stated[_NUMBERING])):
        yield fault(_NUMBERING, "wrong-form", problem)
    if isinstance(stated.get(_CONFIGURATION), list | dict):
        yield fault(_CONFIGURATION, "wrong-form", "It must be the path of a file, seen from this one.")
    for conclusion in CONCLUSIONS:
        if stated.get(conclusion) is not None:
            yield from faults_of_rules(conclusion, stated[conclusion], file, vocabulary)


def _notations(vocabulary: Vocabulary, property: str) -> list[str]:
    code_list = vocabulary.properties[property].code_list
    codes: Mapping[str, Any] = vocabulary.code_lists
    return [code.notation for code in codes[code_list].codes] if code_list else []
