"""What somebody states of a request for change, in options, in Python or in a file, as statements to be checked.

::

    # one request, or a list of them under `requests`
    name: Hypervisor 9 on host North 4
    touches: [{to: host-n-4, mode: outage}, vm-erp]     # without a mode: as the policy says
    windowStart: 2026-12-05T20:00                       # of the organization's zone, where none is stated
    windowEnd: 2026-12-05T23:00+01:00
    approver: change-board
    release: rel-hypervisor-9                           # the releases that carry it out

Keys are properties and relations of the ontology, as in the exchange format; ``id`` may be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from graphsms.errors import InputError, RejectedError
from graphsms.ingest.documents import LocatedDict, LocatedList, content_of, line_of, yaml_documents
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.reader import RawEntity, RawRelation, RawStatement
from graphsms.model import Fault, Origin
from graphsms.vocabulary import Vocabulary

__all__ = ["HERE", "ID", "RELEASE", "TYPE", "given", "read_requests_file", "statements_of"]

MAX_BYTES: Final = 10 << 20
MOST: Final = 10_000  # requests in one file
HERE: Final = Origin("request")  # where somebody states something by options or in Python
ID: Final = "id"
RELEASE: Final = "release"
_REQUESTS: Final = "requests"
TYPE: Final = "type"
_TO: Final = "to"


def read_requests_file(path: Path) -> list[tuple[Mapping[str, object], Origin]]:
    """What a file states: each request with where it stands.

    Raises
    ------
    RejectedError
        It cannot be read, or has another form.
    """
    file = str(path)
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        raise _refused(Fault(Origin(file), "", "", "too-large", f"A file of requests has at most {MAX_BYTES:,} bytes."))
    try:
        documents = list(yaml_documents(content_of(path), file))
    except RejectedError as error:
        raise _refused(*error.faults) from None
    stated = documents[0] if len(documents) == 1 else None
    several = stated.get(_REQUESTS) if isinstance(stated, LocatedDict) and [*stated] == [_REQUESTS] else stated
    ones = several if isinstance(several, LocatedList) else [several]
    if not ones or len(ones) > MOST or not all(isinstance(one, LocatedDict) and one for one in ones):
        message = (
            f"It must state one request, as a mapping, or a list of them under {_REQUESTS!r}, {MOST:,} at most."
            if len(ones) <= MOST
            else f"There are {len(ones):,} requests in it, and at most {MOST:,} are read: import it."
        )
        raise _refused(Fault(Origin(file, line_of(stated) or 1), "", "", "wrong-form", message))
    return [(one, Origin(file, line_of(one))) for one in ones if isinstance(one, LocatedDict)]


def _refused(*faults: Fault) -> RejectedError:
    return RejectedError(str(faults[0]), faults)


def statements_of(
    id: str, stated: Mapping[str, object], origin: Origin, vocabulary: Vocabulary, fault: Callable[[Fault], None]
) -> Iterator[RawStatement]:
    """The request and its relations; keys that mean nothing are faults.

    Parameters
    ----------
    id : str
    stated : mapping of str to object
        As a file or a person says it; None is nothing.
    origin : Origin
    vocabulary : Vocabulary
    fault : callable
        Takes each `Fault`.
    """
    request = vocabulary.known_as("request for change")
    type = str(stated.get(TYPE) or request)
    properties = LocatedDict(origin.line or 0)
    relations: list[RawRelation] = []
    for key, value in stated.items():
        where = Origin(origin.file, line_of(stated, key) or origin.line)
        if key in vocabulary.properties:
            properties[key] = value
            if where.line:
                properties.lines[key] = where.line
        elif key in vocabulary.relations or key == RELEASE:
            for end in value if isinstance(value, list | tuple) else () if value is None else (value,):
                relations += _relation(id, key, end, where, vocabulary, fault)
        elif key == TYPE:
            if type in vocabulary.types and not vocabulary.is_a(type, request):
                message = f"What is made here is of type {request}, or of one below it: leave it out."
                fault(Fault(where, id, key, "wrong-type", message))
        elif key != ID:
            known = (*vocabulary.properties, *vocabulary.relations, ID, RELEASE)
            message = f"The ontology has no property or relation {key!r}.{did_you_mean(str(key), known)}"
            fault(Fault(where, id, str(key), "unknown-key", message))
    yield RawEntity(id, type, properties, origin)
    yield from relations


def _relation(
    id: str, key: str, end: object, where: Origin, vocabulary: Vocabulary, fault: Callable[[Fault], None]
) -> Iterator[RawRelation]:
    says: Mapping[str, object] = {}
    if isinstance(end, Mapping):
        says = {name: value for name, value in end.items() if name != _TO}
        end = end.get(_TO)
    if not isinstance(end, str) or not end:
        message = "It leads to the id of an entity, or to {to: id} with what is said of the relation beside it."
        fault(Fault(where, id, key, "wrong-form", message))
    elif key == RELEASE:
        yield RawRelation(vocabulary.known_as("implemented by release"), end, id, where, says)
    else:
        yield RawRelation(key, id, end, where, says)


def given(
    requests: Sequence[Mapping[str, object]], file: str | Path | None
) -> list[tuple[Mapping[str, object], Origin]]:
    """What is to be recorded: what a file states, or what was given in Python.

    Raises
    ------
    InputError
        Neither is given, or both are, or something that is no mapping.
    """
    if (file is None) == (not requests):
        raise InputError("Give either what requests state, or a file that does.")
    if file is not None:
        return read_requests_file(Path(file))
    if not all(isinstance(one, Mapping) for one in requests):
        raise InputError("What a request states is a mapping of properties and relations to their values.")
    return [(one, HERE) for one in requests]
