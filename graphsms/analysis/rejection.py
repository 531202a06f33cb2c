"""Remembering that two entities are different: a decision, kept under the identity of the finding that they are not."""

from __future__ import annotations

from graphsms.analysis.estate import estate
from graphsms.analysis.identity import disposition_id, identity_of
from graphsms.analysis.reconciliation import CHECK, different, known
from graphsms.errors import InputError
from graphsms.ingest.hand import apply_by_hand
from graphsms.model import ChangeSet, Entity, Relation, Revision
from graphsms.store import Store
from graphsms.vocabulary import VALID_FROM

__all__ = ["reject"]


def reject(store: Store, one: str, other: str, *, by: str = "", why: str = "", actor: str = "") -> Revision:
    """Remember that two entities are different, so that they are not proposed again.

    Raises
    ------
    UnknownIdError
    InputError
        They are one and the same id, or ``by`` is nobody who can decide.
    """
    ids = sorted((one, other))
    different(ids)
    names = [known(store, id).name for id in ids]
    words, read = store.vocabulary, estate(store)
    identity = identity_of(CHECK, ids)
    id = disposition_id(identity)
    decides = words.relations[words.known_as("decided by")]
    if by and not words.any_of(known(store, by).type, decides.range):
        kinds = ", ".join(words.types[name].label for name in decides.range)
        raise InputError(f"{by!r} cannot decide; {decides.label} leads to one of: {kinds}.")
    properties = {
        "name": f"Different: {names[0]} and {names[1]}",
        "decidedAt": read.as_of,
        "decision": "rejected",
        "findingIdentity": identity,
        VALID_FROM: read.as_of,
        **({"rationale": why} if why else {}),
    }
    return apply_by_hand(
        store,
        ChangeSet(
            entities=[Entity(id, words.known_as("disposition"), dict(sorted(properties.items())))],
            relations=[
                *(Relation(words.known_as("decides on"), id, end) for end in ids),
                *(Relation(words.known_as("decided by"), id, end) for end in (by,) if end),
            ],
            actor=actor,
            reason=why or f"{ids[0]} and {ids[1]} are different",
            base=read.revision.number,
        ),
    )
