"""For how long evidence counts where nobody has said otherwise: data of the organization, ours where it has none."""

from __future__ import annotations

from dataclasses import dataclass
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

__all__ = ["EvidencePolicy", "evidence_policy", "read_evidence_policy"]

MAX_BYTES: Final = 1 << 20
_OURS: Final = Path(__file__).parent / "policies" / "evidence.yaml"
_KEYS: Final = ("period", "computed_within", "history", "audit_cycle")
_DURATION: Final = PropertyType("", "", "", "", (), False, "duration", None, False, False)


@dataclass(frozen=True, slots=True)
class EvidencePolicy:
    """What an organization has decided about evidence. Durations are those of ISO 8601.

    Parameters
    ----------
    period : str
        How long a record counts for a duty that has no declared interval; also the period in which a condition has
        to have arisen.
    computed_within : str
        How long the kept result of a query or analysis counts.
    history : str
        How far back operational records of a process have to go before a certification.
    audit_cycle : str
        In what time every clause has to be audited where no programme says.
    hash : str
        SHA-256 (hex) of the file.
    """

    period: str
    computed_within: str
    history: str
    audit_cycle: str
    hash: str


def evidence_policy(read: Estate) -> EvidencePolicy:
    """The policy that holds for a reading of the graph: that of its options (``evidence policy``), or ours.

    Raises
    ------
    RejectedError
        The file is none.
    """
    path = Path(read.options.get("evidence policy") or _OURS)
    return read.once("evidence policy", lambda: read_evidence_policy(path, read.vocabulary))


def read_evidence_policy(path: Path, vocabulary: Vocabulary) -> EvidencePolicy:
    """A policy from its file.

    Raises
    ------
    RejectedError
        The file is no policy; every fault is listed.

    Examples
    --------
    >>> from graphsms.ontology import load
    >>> read_evidence_policy(_OURS, load()).period
    'P1Y'
    """
    file = str(path)
    try:
        content = content_of(path)
        if len(content) > MAX_BYTES:
            raise _refused([Fault(Origin(file), "", "", "too-large", f"A policy has at most {MAX_BYTES:,} bytes.")])
        stated = next(yaml_documents(content, file), None)
    except RejectedError as error:
        raise _refused([*error.faults]) from None
    if not isinstance(stated, LocatedDict):
        raise _refused([Fault(Origin(file, 1), "", "", "wrong-form", f"It must be a mapping: {', '.join(_KEYS)}.")])
    faults: list[Fault] = []
    for key in stated:
        if key not in _KEYS:
            message = f"A policy for evidence has no key {key!r}.{did_you_mean(str(key), _KEYS)}"
            faults.append(Fault(Origin(file, line_of(stated, key)), "", str(key), "unknown-key", message))
    said: dict[str, str] = {}
    for key in _KEYS:
        try:
            said[key] = str(canonical(_DURATION, stated[key], vocabulary))
        except KeyError:
            faults.append(Fault(Origin(file, 1), "", key, "missing-key", f"A policy for evidence must say {key}."))
        except ValueError as error:
            faults.append(Fault(Origin(file, line_of(stated, key)), "", key, "wrong-value", str(error)))
    if faults:
        raise _refused(faults)
    return EvidencePolicy(**said, hash=sha256(content).hexdigest())


def _refused(faults: list[Fault]) -> RejectedError:
    return RejectedError(f"The policy cannot be used: {number_of(faults)}, the first being {faults[0]}", faults)
