"""The policy for configuration management (8.2.6, 8.5.1.1): data, ours where the organization states none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from graphsms.analysis.estate import Estate, number_of
from graphsms.errors import RejectedError
from graphsms.ingest.documents import LocatedDict, content_of, line_of, yaml_documents
from graphsms.ingest.nearest import did_you_mean
from graphsms.model import Fault, Origin
from graphsms.values import canonical
from graphsms.vocabulary import PropertyType, Vocabulary

__all__ = ["ConfigurationPolicy", "policy_of", "read_policy"]

MAX_BYTES: Final = 1 << 20
OURS: Final = Path(__file__).parent / "policies" / "configuration.yaml"
_TYPES: Final = ("controlled", "too_general")
_PROPERTIES: Final = ("description", "status")
_DURATIONS: Final = ("verified_within", "attested_within", "recorded_after_window")
_CODES: Final = {"approved": "changeStatus", "approved_afterwards": "changeCategory"}
_MAY_LACK: Final = ("attested_within",)
_KEYS: Final = (*_TYPES, *_PROPERTIES, *_DURATIONS, *_CODES)
_DURATION: Final = PropertyType("", "", "", "", (), False, "duration", None, False, False)


@dataclass(frozen=True, slots=True)
class ConfigurationPolicy:
    """What an organization has decided about configuration information.

    Parameters
    ----------
    controlled : tuple of str
        Types whose entities are changed only by an approved request.
    too_general : tuple of str
        Types that do not say what something is.
    description, status : tuple of str
        Properties, one of which an item has to have.
    verified_within, attested_within : str
        Durations: after so long at the latest, records are checked, and confirmed by their owners; the latter "" where
        owners are not asked.
    recorded_after_window : str
        For how long after the window of a request the records may be brought up to date.
    approved : tuple of str
        The states of a request for change in which it has been approved.
    approved_afterwards : tuple of str
        Categories of change whose approval may be recorded after the change.
    hash : str
        SHA-256 (hex) of the file.
    """

    controlled: tuple[str, ...]
    too_general: tuple[str, ...]
    description: tuple[str, ...]
    status: tuple[str, ...]
    verified_within: str
    attested_within: str
    recorded_after_window: str
    approved: tuple[str, ...]
    approved_afterwards: tuple[str, ...]
    hash: str


def policy_of(estate: Estate) -> ConfigurationPolicy:
    """The policy that holds for a graph: the file asked for or ours, with the types that policies in it control.

    Raises
    ------
    RejectedError
        The file is no policy; every fault is listed.
    """
    return estate.once("policy", lambda: _policy_of(estate))


def _policy_of(estate: Estate) -> ConfigurationPolicy:
    policy = read_policy(Path(estate.options.get("policy") or OURS), estate.vocabulary)
    stated: set[str] = set()
    for entity in estate.entities.values():
        types = entity.properties.get("controlsType", ())
        if types and estate.live(entity):
            stated.update(one for one in map(str, _values(types)) if one in estate.vocabulary.types)
    return replace(policy, controlled=tuple(sorted(stated))) if stated else policy


def _values(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def read_policy(path: Path, vocabulary: Vocabulary) -> ConfigurationPolicy:
    """A policy from its file.

    Raises
    ------
    RejectedError
        The file is no policy; every fault is listed.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> read_policy(OURS, load()).verified_within
    'P1Y'
    """
    file = str(path)
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        raise _refused([Fault(Origin(file), "", "", "too-large", f"A policy has at most {MAX_BYTES:,} bytes.")])
    try:
        content = content_of(path)
        stated = next(yaml_documents(content, file), None)
    except RejectedError as error:
        raise _refused([*error.faults]) from None
    if not isinstance(stated, LocatedDict):
        raise _refused([Fault(Origin(file, 1), "", "", "wrong-form", f"It must be a mapping: {', '.join(_KEYS)}.")])
    faults = list(_faults(stated, file, vocabulary))
    if faults:
        raise _refused(faults)
    return ConfigurationPolicy(
        controlled=_named(stated["controlled"]),
        too_general=_named(stated["too_general"]),
        description=_named(stated["description"]),
        status=_named(stated["status"]),
        verified_within=str(stated["verified_within"]),
        attested_within=str(stated.get("attested_within") or ""),
        recorded_after_window=str(stated["recorded_after_window"]),
        approved=_named(stated["approved"]),
        approved_afterwards=_named(stated["approved_afterwards"]),
        hash=sha256(content).hexdigest(),
    )


def _refused(faults: list[Fault]) -> RejectedError:
    return RejectedError(f"The policy cannot be used: {number_of(faults)}, the first being {faults[0]}", faults)


def _named(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    return tuple(str(next(iter(one.values()), "")) if isinstance(one, dict) else str(one) for one in items)


def _faults(stated: LocatedDict, file: str, vocabulary: Vocabulary) -> Iterator[Fault]:
    def fault(key: str, rule: str, message: str) -> Fault:
        return Fault(Origin(file, line_of(stated, key)), "", key, rule, message)

    for key in stated:
        if key not in _KEYS:
            yield fault(key, "unknown-key", f"A policy has no key {key!r}.{did_you_mean(key, _KEYS)}")
    for key in _KEYS:
        if stated.get(key) is None and key not in _MAY_LACK:
            yield fault(key, "missing-key", f"A policy must say {key}; ours, in the documentation, shows how.")
    known: dict[str, tuple[str, ...]] = {
        **dict.fromkeys(_TYPES, tuple(vocabulary.types)),
        **dict.fromkeys(_PROPERTIES, tuple(vocabulary.properties)),
    }
    for key, property in _CODES.items():
        code_list = str(vocabulary.properties[property].code_list)
        known[key] = tuple(code.notation for code in vocabulary.code_lists[code_list].codes)
    for key, words in known.items():
        if key in stated and not isinstance(stated[key], list):
            yield fault(key, "wrong-form", "It must be a list.")
        for word in _named(stated.get(key)):
            if word not in words:
                hint = did_you_mean(word, list(words))
                yield fault(key, "unknown-term", f"The ontology does not know {word!r}.{hint}")
    for key in _DURATIONS:
        try:
            canonical(_DURATION, stated.get(key) or "P1D", vocabulary)
        except ValueError as error:
            yield fault(key, "not-a-duration", f"It {error}.")
