"""What became different between two states of an entity or a relation, field by field.

Compared is everything: type and properties, and what is kept beside them (which source leads, what each of
several sources says).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, TypeAlias

from graphsms.model import Entity, Relation, Touched, Value

__all__ = ["Change", "FieldChange", "Item", "Key", "key_of", "net_changes", "same"]

Item: TypeAlias = Entity | Relation
Key: TypeAlias = tuple[int, str, str, str]  # entities before relations, each in order

# What is told apart by more than its value: the rest of a dataclass is compared as it is.
_IDENTITY: Final = frozenset({"id", "subject", "object"})
_PROPERTIES: Final = "properties"
_STATED: Final = "stated"
_TYPE: Final = "type"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; None where there was, or is, none.

    ``source`` is None, or the source of which several that speak of the thing this one says something else; ""
    is what was entered by hand.
    """

    field: str
    before: Value | None
    after: Value | None
    source: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        found: dict[str, Any] = {"field": self.field, "before": _plain(self.before), "after": _plain(self.after)}
        return found if self.source is None else {**found, "source": self.source}


@dataclass(frozen=True, slots=True)
class Change:
    """An entity or a relation before and after; None where it was not there."""

    before: Item | None
    after: Item | None

    @property
    def item(self) -> Item:
        """As it became; as it was, where it is gone."""
        found = self.after if self.after is not None else self.before
        assert found is not None, "a change is of something"
        return found

    @property
    def kind(self) -> Literal["created", "changed", "removed"]:
        """What happened to it."""
        if self.before is None:
            return "created"
        return "removed" if self.after is None else "changed"

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """What is different: the type, then the other fields by name, then the same of what each source says."""
        before, after = self.said()
        return tuple(
            FieldChange(name, before.get((source, name)), after.get((source, name)), source)
            for source, name in sorted(before.keys() | after.keys(), key=_place)
            if before.get((source, name)) != after.get((source, name))
        )

    def said(self) -> tuple[Mapping[tuple[str | None, str], Value], Mapping[tuple[str | None, str], Value]]:
        """Everything that it said before and that it says after, by source (None for what stands) and field."""
        return _said(self.before), _said(self.after)

    @property
    def inverse(self) -> Change:
        """What undoes it."""
        return Change(self.after, self.before)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        item = self.item
        named: dict[str, Any] = (
            {"id": item.id, "type": item.type, "name": item.name}
            if isinstance(item, Entity)
            else {"subject": item.subject, "type": item.type, "object": item.object}
        )
        return {**named, "change": self.kind, "fields": [one.to_json() for one in self.fields]}


def _said(item: Item | None) -> dict[tuple[str | None, str], Value]:
    """Everything that an entity or a relation says, by source (None for what stands) and field."""
    if item is None:
        return {}
    found: dict[tuple[str | None, str], Value] = {}
    for one in fields(item):
        value = getattr(item, one.name)
        if one.name == _PROPERTIES:
            found.update({(None, name): said for name, said in sorted(value.items())})
        elif one.name == _STATED:
            for source, statement in value.items():
                if statement.type:
                    found[source, _TYPE] = statement.type
                found.update({(source, name): said for name, said in sorted(statement.properties.items())})
        elif one.name not in _IDENTITY and value is not None and not (one.name == _TYPE and isinstance(item, Relation)):
            found[None, one.name] = value
    return found


def _place(one: tuple[str | None, str]) -> tuple[bool, str, bool, str]:
    source, name = one
    return source is not None, source or "", name != _TYPE, name


def _plain(value: Value | None) -> object:
    return list(value) if isinstance(value, tuple) else value


def same(one: Item | None, other: Item | None) -> bool:
    """Whether two states are one and the same, the order in which sources spoke included."""
    if one is None or other is None:
        return one is other
    return one == other and list(one.stated) == list(other.stated)


def key_of(item: Item) -> Key:
    """What identifies an entity or a relation, in an order where entities come first.

    Examples
    --------
    >>> key_of(Entity("web", "Service")) < key_of(Relation("dependsOn", "app", "db"))
    True
    """
    return (0, item.id, "", "") if isinstance(item, Entity) else (1, *item.key)


def net_changes(touched: Iterable[Touched], wanted: Callable[[Item], bool] | None = None) -> Iterator[Change]:
    """What revisions that follow each other did together: entities in order of ids, then relations in order of keys.

    What is as it was in the end is left out.

    Parameters
    ----------
    touched : iterable of Touched
        In the order of the revisions.
    wanted : callable, optional
        Whether something is to be looked at, by any of its states.

    Examples
    --------
    >>> web, shop = Entity("web", "Service"), Entity("web", "Service", {"name": "Shop"})
    >>> [one.kind for one in net_changes([Touched(1, None, web), Touched(2, web, shop)])]
    ['created']
    >>> list(net_changes([Touched(1, web, shop), Touched(2, shop, web)]))
    []
    """
    found: dict[Key, Change] = {}
    for one in touched:
        item = one.after if one.after is not None else one.before
        if item is None or (wanted is not None and not wanted(item)):
            continue
        key = key_of(item)
        known = found.get(key)
        found[key] = Change(one.before if known is None else known.before, one.after)
    for key in sorted(found):
        if not same(found[key].before, found[key].after):
            yield found[key]
