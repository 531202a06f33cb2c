"""Ids that went in a merge: what a source still states under them is stated of the one that they were merged into.

Which they are says the graph: the one that stays has them as its former ids. An id that an entity of the graph
has again, or that several have as a former id, leads nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from graphsms.errors import ConflictError
from graphsms.ingest.check import Stated, StatedEntity, StatedRelation, most_specific
from graphsms.ingest.sources import is_placeholder
from graphsms.model import Fault, RelationKey, Value

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = ["FORMER_ID", "MergedBefore"]

FORMER_ID: Final = "formerId"
_FEW: Final = 10_000


class MergedBefore:
    """Leads what files state under former ids to the ids that stand for them now.

    Parameters
    ----------
    store : Store
    fault, warn : callable
        Take each `Fault` and each warning.

    Attributes
    ----------
    ids : dict of str to str
        The former ids that were met, and where they led.
    base : int
        The revision that they were read at.

    Notes
    -----
    Looks once through the entities of the graph for those that have former ids (0.8 s in 1,000,000), unless few are
    stated and the graph has them all; and through the keys of what is stated where there are any.
    """

    def __init__(self, store: Store, fault: Callable[[Fault], None], warn: Callable[[Fault], None]) -> None:
        self.vocabulary = store.vocabulary
        self.fault = fault
        self.warn = warn
        self.ids: dict[str, str] = {}
        self.base = store.revision().number
        self._store = store
        self._known: Mapping[str, str] | None = None

    def lead(self, stated: Stated) -> None:
        """Lead on what is stated under former ids; done again, it changes nothing more.

        Where the one that stays is stated as well, that holds, and the others add what it lacks, as in the merge
        itself; that something of them is passed over is a warning, and another kind of thing a fault.
        """
        if not self.base:
            return
        if self._known is None:
            self._known = {} if self._all_there(stated) else _former_ids(self._store)
        if not self._known:
            return
        named = [key for key in stated.relations if key[0] in self._known or key[2] in self._known]
        described = [id for id in self._known if id in stated.entities]
        met = {*described, *(end for key in named for end in (key[0], key[2]) if end in self._known)}
        met -= {one.id for one in self._store.entities(ids=met)}  # an id that is used again is that of what has it
        for id in sorted(met):
            if id not in stated.entities or self._entity(stated, id, self._known[id]):
                self.ids[id] = self._known[id]
        for key in named:
            self._relation(stated, key)

    def _all_there(self, stated: Stated) -> bool:
        """Whether the graph has all that is stated, and so none of it can have gone; not looked at where it is much."""
        if len(stated.entities) + len(stated.relations) > _FEW:
            return False
        ids = {*stated.entities, *(end for key in stated.relations for end in (key[0], key[2]))}
        return sum(1 for _ in self._store.entities(ids=ids)) == len(ids)

    def of(self, id: str) -> str:
        """The id that stands for an id now, whether or not anything is stated under it."""
        return (self._known or {}).get(id, id)

    def require_base(self, revision: int) -> None:
        """Refuse what was then set against another revision: there may have been a merge in between."""
        if revision != self.base:
            raise ConflictError("The graph was changed while the files were read: import them again.")

    def _entity(self, stated: Stated, id: str, into: str) -> bool:
        type, properties, origin = stated.entities[id]
        other = stated.entities.get(into)
        if other is not None:
            common = most_specific(other[0], type, self.vocabulary)
            if common is None:
                message = (
                    f"It was merged into {into!r}, which is {other[0]} in {other[2]}, and it is {type} here, and one is"
                    " no subclass of the other: correct one of them, or state it under an id of its own."
                )
                self.fault(Fault(origin, id, "type", "type-conflict", message))
                return False
            properties = self._added(other, properties, Fault(origin, id, "", "merged-before", ""))
            type, origin = common, other[2]
        del stated.entities[id]
        stated.entities[into] = (type, properties, origin)
        return True

    def _relation(self, stated: Stated, key: RelationKey) -> None:
        subject, type, object = key
        now = (self.ids.get(subject, subject), type, self.ids.get(object, object))
        if now == key:
            return
        said: StatedRelation = stated.relations[key]
        del stated.relations[key]
        if now[0] == now[2] and subject != object:
            return  # it led from one of those that were merged to another
        there = stated.relations.get(now)
        if there is not None:
            added, _ = _union(there[0], said[0])
            said = (added, *there[1:])
        stated.relations[now] = said

    def _added(self, one: StatedEntity, other: dict[str, Value], doubt: Fault) -> dict[str, Value]:
        """What is said of the one that stays, and what it lacks of the other."""
        if is_placeholder(one[1]) or is_placeholder(other):
            return other if is_placeholder(one[1]) else one[1]
        found, lost = _union(one[1], other)
        if lost:
            message = (
                f"It was merged before into an entity that {one[2]} states too, and which holds: passed over here is"
                f" {', '.join(sorted(lost))}."
            )
            self.warn(Fault(doubt.origin, doubt.subject, "", doubt.rule, message))
        return found


def _former_ids(store: Store) -> dict[str, str]:
    """Former ids, and the one that has them; not those that several have."""
    found: dict[str, str] = {}
    several: set[str] = set()
    for one in store.having(FORMER_ID):
        value = one.properties[FORMER_ID]
        for id in value if isinstance(value, tuple) else (value,):
            if found.setdefault(str(id), one.id) != one.id:
                several.add(str(id))
    return {id: into for id, into in found.items() if id not in several}


def _union(one: Mapping[str, Value], other: Mapping[str, Value]) -> tuple[dict[str, Value], list[str]]:
    """What both say, several values united, and where they differ what the first says; the names of what differs."""
    found, lost = dict(one), []
    for name, value in other.items():
        before = found.setdefault(name, value)
        if isinstance(before, tuple) and isinstance(value, tuple):
            found[name] = tuple(sorted({*before, *value}, key=lambda v: (str(type(v)), v)))
        elif before != value:
            lost.append(name)
    return found, lost
