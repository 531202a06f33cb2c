"""What owners are asked to confirm (8.2.6): a list of the items that they answer for; and who is late with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final

from graphsms.analysis.configuration_policy import policy_of
from graphsms.analysis.estate import Deficiency, Estate, Examined, estate
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import Entity, Value
from graphsms.snapshot.validity import after, microseconds
from graphsms.store import Store
from graphsms.vocabulary import NAME, PLACEHOLDER

__all__ = ["RUNS", "OwnersList", "lists", "overdue", "shown"]

RUNS: Final = "attest"  # what records of attestation say that they were made by
_ASIDE: Final = frozenset({"sourceKey", "link", PLACEHOLDER, "inferred", "formerId", NAME})


@dataclass(frozen=True, slots=True)
class OwnersList:
    """What an owner is asked to confirm.

    Parameters
    ----------
    owner, name : str
        Id and name.
    revision : int
        What it shows is recorded at that one.
    fields : tuple of str
        The properties that are shown, after the name.
    items : tuple of (str, str, tuple of str)
        Id, type, and the name and the fields as text.
    """

    owner: str
    name: str
    revision: int
    fields: tuple[str, ...]
    items: tuple[tuple[str, str, tuple[str, ...]], ...]


def shown(value: Value | None) -> str:
    """A value as it stands in a list.

    Examples
    --------
    >>> shown(("a", "b")), shown(8.0), shown(None)
    ('a; b', '8', '')
    """
    if isinstance(value, tuple):
        return "; ".join(map(shown, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def lists(store: Store, owner: str | None = None, *, as_of: str | None = None, zone: tzinfo = UTC) -> list[OwnersList]:
    """What each owner, or one of them, is asked to confirm: the live configuration items that they answer for.

    Raises
    ------
    UnknownIdError
    InputError
        The owner owns none.
    """
    read = estate(store, None, as_of, zone)
    if owner is not None and owner not in read.entities:
        raise UnknownIdError(owner, store.nearest_ids(owner))
    owned = _owned(read)
    if owner is not None and owner not in owned:
        raise InputError(f"{owner!r} owns no live configuration item; nothing is to be confirmed.")
    return [_list(read, one, owned[one]) for one in sorted(owned) if owner in (None, one)]


def _owned(read: Estate) -> dict[str, list[Entity]]:
    """The live configuration items by owner."""
    relation = read.vocabulary.known_as("owned by")
    found: dict[str, list[Entity]] = {}
    for one in read.of_type(read.vocabulary.known_as("configuration item")):
        if read.live(one):
            for edge in read.leading_from.get(one.id, ()):
                if edge.type == relation:
                    found.setdefault(edge.object, []).append(one)
    return found


def _list(read: Estate, owner: str, items: Sequence[Entity]) -> OwnersList:
    rules = policy_of(read)
    always = (rules.description[0], *rules.status)
    said = {name for one in items for name in one.properties if name not in _ASIDE}
    fields = tuple(dict.fromkeys((*always, *sorted(said))))
    return OwnersList(
        owner=owner,
        name=read.entities[owner].name,
        revision=read.revision.number,
        fields=fields,
        items=tuple(
            (one.id, one.type, tuple(shown(one.properties.get(name)) for name in (NAME, *fields))) for one in items
        ),
    )


# ---------------------------------------------------------------------------------- for the checks


def overdue(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Owners of controlled live items who have not confirmed all of them within the interval of the policy.

    Where nobody ever has, that is one finding and not one for each owner: what is missing is the practice.
    """
    rules = policy_of(read)
    if not rules.attested_within:
        return Examined(0, (), "the policy sets no interval within which owners confirm their items")
    owned = {
        owner: controlled
        for owner, items in sorted(_owned(read).items())
        if (controlled := [one for one in items if read.vocabulary.any_of(one.type, rules.controlled)])
    }
    last, moment = _last_answers(read), microseconds(read.as_of)
    if owned and not last:
        message = (
            "No owner has ever confirmed what is recorded of their configuration items, which the policy wants within "
            f"{rules.attested_within}: {len(owned)} owners, {sum(map(len, owned.values()))} items."
        )
        return Examined(1, (Deficiency((), message, aspect="never", concerning=tuple(owned)),))
    found = []
    for owner, items in owned.items():
        dates = [date for one in items if (date := last.get((owner, one.id)))]
        done = [date for date in dates if after(date, rules.attested_within) >= moment]
        if len(done) < len(items):
            name = read.entities[owner].name
            message = (
                f"{name} has confirmed {len(done)} of {len(items)} configuration items within {rules.attested_within}."
                if dates
                else f"{name} has never confirmed any of {len(items)} configuration items."
            )
            found.append(Deficiency((owner,), message, numerator=len(done), denominator=len(items)))
    note = "" if owned else "nobody is recorded as the owner of a controlled item"
    return Examined(len(owned), tuple(found), note)


def _last_answers(read: Estate) -> dict[tuple[str, str], str]:
    """When an owner last answered for an item."""
    words = read.vocabulary
    of, against = words.known_as("item verified"), words.known_as("verified against source")
    found: dict[tuple[str, str], str] = {}
    for one in read.of_type(words.known_as("configuration verification")):
        date = str(one.properties.get("verifiedAt", ""))
        if one.properties.get("runs") != RUNS or not date or microseconds(date) > microseconds(read.as_of):
            continue
        ends = read.leading_from.get(one.id, ())
        owners = [edge.object.removeprefix("attestation:") for edge in ends if edge.type == against]
        for edge in ends:
            if edge.type == of:
                for owner in owners:
                    key = (owner, edge.object)
                    found[key] = max(found.get(key, date), date, key=microseconds)
    return found
