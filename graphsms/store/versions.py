"""What a store keeps of an entity over time, and how many rows begin and end with each revision.

The history of one thing is read from its versions, without going through all that revisions did; and
the rows are counted by their revisions, so that what was put in, taken out or moved behind the store's
back shows (`graphsms.history`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graphsms.model import Entity, Relation, RelationKey, Revision, Touched

__all__ = ["Census", "Version", "touched_by"]

_Key: TypeAlias = tuple[bool, str | RelationKey]  # relations after entities


@dataclass(frozen=True, slots=True)
class Version:
    """An entity or a relation as it stood from one revision up to, not with, another; None while it still does."""

    item: Entity | Relation
    begins: int
    ends: int | None


@dataclass(frozen=True, slots=True)
class Census:
    """The rows of a store at one revision, counted, and what of their bookkeeping contradicts what they say.

    Parameters
    ----------
    present : Revision
        The one at which they were counted.
    alive : int
        How many entities and relations the store believes that there are.
    begun, ended : mapping of int to int
        How many rows begin with each revision, and how many end with it.
    faults : tuple of (int, str)
        What is wrong with a row, in words, and the revision that the row begins with; 0 where it has none.
    """

    present: Revision
    alive: int
    begun: Mapping[int, int]
    ended: Mapping[int, int]
    faults: tuple[tuple[int, str], ...] = field(default=())


def touched_by(versions: Iterable[Version]) -> list[Touched]:
    """What revisions did to the things that these are the versions of, revision by revision: in each the entities
    in order of their ids, then the relations in order of their keys.

    Examples
    --------
    >>> old, new = Entity("web", "Service"), Entity("web", "Service", {"name": "Shop"})
    >>> [(one.revision, one.before, one.after) for one in touched_by([Version(new, 2, None), Version(old, 1, 2)])] == [
    ...     (1, None, old), (2, old, new)]
    True
    """
    found: dict[int, dict[_Key, Touched]] = {}

    def put(number: int, item: Entity | Relation, *, after: bool) -> None:
        key = (False, item.id) if isinstance(item, Entity) else (True, item.key)
        known = found.setdefault(number, {}).get(key, Touched(number, None, None))
        found[number][key] = Touched(number, known.before, item) if after else Touched(number, item, known.after)

    for version in versions:
        put(version.begins, version.item, after=True)
        if version.ends is not None:
            put(version.ends, version.item, after=False)
    return [found[number][key] for number in sorted(found) for key in sorted(found[number])]
