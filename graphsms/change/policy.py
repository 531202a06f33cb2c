"""The policy for change management (8.5.1.1): data, ours where the organization states none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from graphsms.analysis.estate import number_of
from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, content_of, line_of, yaml_documents
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["OURS", "ChangePolicy", "read_policy"]

MAX_BYTES: Final = 1 << 20
OURS: Final = Path(__file__).parent / "policies" / "change.yaml"
# Lists of codes, and the property whose codes they are.
_CODES: Final = {
    "undecided": "changeStatus",
    "ahead": "changeStatus",
    "made": "changeStatus",
    "over": "caseStatus",
}
_CODE: Final = {"mode": "mode"}
_KEYS: Final = (*_CODE, *_CODES)


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
        SHA-256 (hex) of the file.
    """

    mode: str
    undecided: frozenset[str]
    ahead: frozenset[str]
    made: frozenset[str]
    over: frozenset[str]
    hash: str


def read_policy(vocabulary: Vocabulary, path: str | Path | None = None) -> ChangePolicy:
    """A policy from its file; without one, ours.

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
    file = str(place)
    if place.is_file() and place.stat().st_size > MAX_BYTES:
        raise _refused([Fault(Origin(file), "", "", "too-large", f"A policy has at most {MAX_BYTES:,} bytes.")])
    try:
        content = content_of(place)
        stated = next(yaml_documents(content, file), None)
    except RejectedError as error:
        raise _refused([*error.faults]) from None
    if not isinstance(stated, LocatedDict):
        raise _refused([Fault(Origin(file, 1), "", "", "wrong-form", f"It must be a mapping: {', '.join(_KEYS)}.")])
    faults = list(_faults(stated, file, vocabulary))
    if faults:
        raise _refused(faults)
    return ChangePolicy(
        mode=str(stated["mode"]),
        undecided=_set(stated["undecided"]),
        ahead=_set(stated["ahead"]),
        made=_set(stated["made"]),
        over=_set(stated["over"]),
        hash=sha256(content).hexdigest(),
    )


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
    for key in _KEYS:
        if stated.get(key) is None:
            yield fault(key, "missing-key", f"A policy must say {key}; ours, in the documentation, shows how.")
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


def _notations(vocabulary: Vocabulary, property: str) -> list[str]:
    code_list = vocabulary.properties[property].code_list
    codes: Mapping[str, Any] = vocabulary.code_lists
    return [code.notation for code in codes[code_list].codes] if code_list else []
