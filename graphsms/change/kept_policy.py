"""The policy for change management that is kept with the graph, so that its file is not named each time (8.5.1.1).

It is the text of the file, in a record of the policy: so it has a history as everything has, who set it and why, and
what is asked about an earlier revision goes by the policy of then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from graphsms.change.policy import OURS, ChangePolicy, read_policy, read_policy_text
from graphsms.errors import InputError
from graphsms.ingest.documents import content_of
from graphsms.ingest.hand import apply_by_hand
from graphsms.model import ChangeSet, Entity, Revision
from graphsms.store import Store

__all__ = ["keep_policy", "let_go_of_policy", "policy_of"]

_RULES: Final = "policyRules"
_RECORD: Final = "change-management-policy"  # the record that is made where there is none
_NAME: Final = "Change management policy"


def policy_of(store: Store, path: str | Path | None = None, at: int | None = None) -> ChangePolicy:
    """The policy that holds: that of a file where one is given, else that kept with the graph, else ours.

    Raises
    ------
    RejectedError
        It is no policy; every fault is listed, with its line.
    InputError
        Two policies are kept.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     rules = {"policyRules": "numbering: CHG-{number:4}"}
    ...     kept = graphsms.Entity("our-policy", "ChangeManagementPolicy", rules)
    ...     made = g.apply(graphsms.ChangeSet(entities=[kept]))
    ...     found = policy_of(g.store)
    >>> found.numbering, found.kept_as
    ('CHG-{number:4}', 'our-policy')
    """
    if path is not None:
        return read_policy(store.vocabulary, path)
    kept = [one for one in _records(store, at) if _RULES in one.properties]
    if not kept:
        return read_policy(store.vocabulary)
    if len(kept) > 1:
        ids = ", ".join(one.id for one in kept)
        raise InputError(
            f"Several records hold a policy for change management: {ids}. Take all but one out, with "
            "`graphsms change policy --unset --record ID`, or give a file with --policy."
        )
    return read_policy_text(store.vocabulary, str(kept[0].properties[_RULES]), kept[0].id)


def keep_policy(
    store: Store, path: str | Path, *, record: str = "", actor: str = "", reason: str = ""
) -> tuple[Revision, ChangePolicy]:
    """Keep the policy of a file with the graph, in the record of the policy; without one, one is made.

    Parameters
    ----------
    store : Store
    path : str or Path
    record : str
        Id of the record; needed where several policies for change management are recorded.
    actor, reason : str
        Who and why, for the history.

    Raises
    ------
    RejectedError
        The file is no policy; every fault is listed, with its line.
    InputError
        It is ours, names a file of its own, or it cannot be told in which record it is to be kept.
    """
    place = Path(path)
    policy = read_policy(store.vocabulary, place)
    if policy.configuration_policy:
        raise InputError(
            f"{place} names the file {policy.configuration_policy} (configuration_policy), which would not be kept "
            "with it. Record in the graph which types are under control, and leave the key out."
        )
    text = content_of(place).decode("utf-8-sig").replace("\r\n", "\n")
    if place.resolve() == OURS:
        raise InputError("That is our policy, which holds where none is kept: use --unset.")
    before = _record_for(store, record)
    said = {"name": _NAME} if before is None else dict(before.properties)
    type = store.vocabulary.known_as("policy for change management") if before is None else before.type
    id = (record or _RECORD) if before is None else before.id
    kept = read_policy_text(store.vocabulary, text, id)
    made = Entity(id, type, {**said, _RULES: text})
    revision = apply_by_hand(store, ChangeSet(entities=[made], actor=actor, reason=reason or f"Policy kept in {id}"))
    return revision, kept


def let_go_of_policy(store: Store, *, record: str = "", actor: str = "", reason: str = "") -> Revision:
    """Let ours hold again. The record stays, but for one that `keep_policy` made and that says nothing else.

    Raises
    ------
    InputError
        No policy is kept, or several are and none is named.
    """
    kept = [one for one in _records(store) if _RULES in one.properties and record in ("", one.id)]
    if not kept:
        where = f" in {record}" if record else ""
        raise InputError(f"No policy for change management is kept{where}: ours holds.")
    if len(kept) > 1:
        raise InputError(f"Several are kept: say which with --record: {', '.join(one.id for one in kept)}.")
    (one,) = kept
    left = {name: value for name, value in one.properties.items() if name != _RULES}
    alone = left == {"name": _NAME} and next(iter(store.relations(subjects=[one.id], objects=[one.id])), None) is None
    said = reason or f"Policy no longer kept in {one.id}"
    if alone:
        return apply_by_hand(store, ChangeSet(removed_entities=[one.id], actor=actor, reason=said))
    return apply_by_hand(store, ChangeSet(entities=[Entity(one.id, one.type, left)], actor=actor, reason=said))


def _records(store: Store, at: int | None = None) -> list[Entity]:
    kind = store.vocabulary.known_as("policy for change management")
    return sorted(store.entities(type=kind, at=at), key=lambda one: one.id)


def _record_for(store: Store, record: str) -> Entity | None:
    """The record to keep a policy in; None where one is to be made."""
    recorded = _records(store)
    wanted = record or (_RECORD if not recorded else "")
    if wanted:
        there = next((one for one in recorded if one.id == wanted), None)
        other = store.entity(wanted) if there is None else None
        if other is not None:
            label = store.vocabulary.types[other.type].label
            raise InputError(
                f"{wanted} is of type {label}, and no policy for change management: give another --record."
            )
        elsewhere = [one.id for one in recorded if _RULES in one.properties and one.id != wanted]
        if elsewhere:
            raise InputError(f"A policy is kept in {', '.join(elsewhere)} already: take it out first, with --unset.")
        return there
    kept = [one for one in recorded if _RULES in one.properties]
    if len(kept) == 1:
        return kept[0]
    if len(recorded) == 1:
        return recorded[0]
    ids = ", ".join(one.id for one in recorded)
    raise InputError(f"Several policies for change management are recorded: say in which with --record: {ids}.")
