"""Configuration information (8.2.6): whether it keeps its rules, is complete, fresh, verified, and not orphaned."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from graphsms.analysis.configuration_policy import ConfigurationPolicy, policy_of
from graphsms.analysis.estate import Deficiency, Estate, Examined, estate
from graphsms.analysis.freshness import Freshness, freshness
from graphsms.analysis.reconciliation import recorded_twice
from graphsms.analysis.validation import validate
from graphsms.model import Entity
from graphsms.store import Store
from graphsms.vocabulary import PLACEHOLDER, Propagation

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "RECORDED",
    "Completeness",
    "Item",
    "OfType",
    "broken_rules",
    "completeness",
    "incomplete",
    "orphans",
    "unrelated",
]

# What 8.2.6 wants recorded of each configuration item, by its letters, in our words.
RECORDED: Final = {
    "a": "unique identification",
    "b": "type",
    "c": "description",
    "d": "relationships",
    "e": "status",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A configuration item that lacks something.

    Parameters
    ----------
    id, type, name : str
    missing : tuple of str
        Letters of 8.2.6: what is not recorded of it.
    expected : tuple of str
        Relations that its type expects and it has not.
    orphan : bool
        Whether no service depends on it and it depends on nothing.
    """

    id: str
    type: str
    name: str
    missing: tuple[str, ...]
    expected: tuple[str, ...]
    orphan: bool

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "type": self.type,
            "name": self.name,
            "missing": {letter: RECORDED[letter] for letter in self.missing},
            "expected": list(self.expected),
            "orphan": self.orphan,
        }


@dataclass(frozen=True, slots=True)
class OfType:
    """The configuration items of one type: how many there are, and of how many what is recorded.

    Parameters
    ----------
    type, label : str
    total : int
        The denominator of all that follow: live items of just this type.
    recorded : mapping of str to int
        By letter of 8.2.6.
    complete : int
        How many have all of a to e.
    expected : int
        How many have every relation that the type expects.
    orphans : int
    freshness : Freshness
    """

    type: str
    label: str
    total: int
    recorded: Mapping[str, int]
    complete: int
    expected: int
    orphans: int
    freshness: Freshness

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "type": self.type,
            "label": self.label,
            "total": self.total,
            "recorded": dict(self.recorded),
            "complete": self.complete,
            "expected": self.expected,
            "orphans": self.orphans,
            **self.freshness.to_json(),
        }


@dataclass(frozen=True)
class Completeness:
    """How complete and fresh configuration information is.

    Parameters
    ----------
    revision : int
    at, as_of : str
        When the revision was recorded, and the moment that was asked about.
    types : tuple of OfType
        By type, the most frequent first.
    items : tuple of Item
        Those that lack something, by type and id.
    """

    revision: int
    at: str
    as_of: str
    types: tuple[OfType, ...]
    items: tuple[Item, ...]

    @cached_property
    def total(self) -> int:
        """How many live configuration items there are."""
        return sum(one.total for one in self.types)

    def recorded(self, letter: str) -> int:
        """Of how many something is recorded."""
        return sum(one.recorded[letter] for one in self.types)

    def sentence(self) -> str:
        """The answer in a sentence."""
        if not self.total:
            return "There is no live configuration item: nothing can be said about what is recorded."
        complete = sum(one.complete for one in self.types)
        parts = ", ".join(f"{name} of {self.recorded(letter):,}" for letter, name in RECORDED.items())
        orphans = sum(one.orphans for one in self.types)
        stale = sum(one.freshness.stale for one in self.types)
        return (
            f"{complete:,} of {self.total:,} live configuration items have all that 8.2.6 a to e want recorded: "
            f"{parts}. "
            f"{orphans:,} orphaned, {stale:,} from a source past its interval."
        )

    def to_frame(self) -> pd.DataFrame:
        """The types as a data frame."""
        import pandas as pd

        return pd.json_normalize([one.to_json() for one in self.types])

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "at": self.at,
            "as_of": self.as_of,
            "total": self.total,
            "recorded": {letter: self.recorded(letter) for letter in RECORDED},
            "complete": sum(one.complete for one in self.types),
            "types": [one.to_json() for one in self.types],
            "items": [one.to_json() for one in self.items],
        }


def completeness(
    store: Store,
    *,
    type: str | None = None,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    policy: str | None = None,
) -> Completeness:
    """How complete and fresh what is recorded of the live configuration items is, by type.

    Parameters
    ----------
    store : Store
    type : str, optional
        Only items of this type and its subclasses.
    at : int, optional
        The revision; without it, the present one.
    as_of : str, optional
        The moment; without it, now.
    zone : tzinfo
        The organization's time zone.
    policy : str, optional
        A file that says what counts as a description and a status, and how often records are verified.

    Notes
    -----
    Proportional to the entities and relations of the graph.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/estate.db") as g:
    ...     revision = g.apply(graphsms.ChangeSet(entities=[
    ...         graphsms.Entity("db-1", "Database", {"description": "Orders", "lifecycle": "live"})]))
    ...     [item.missing for item in completeness(g.store).items]
    [('d',)]
    """
    read = estate(store, at, as_of, zone, {"policy": policy} if policy else {})
    rules = policy_of(read)
    judged = [(one, _judged(read, rules, one)) for one in _items(read, type)]
    by_type: dict[str, list[tuple[Entity, Item]]] = defaultdict(list)
    for entity, item in judged:
        by_type[entity.type].append((entity, item))
    types = [_of_type(read, rules, name, those) for name, those in by_type.items()]
    return Completeness(
        revision=read.revision.number,
        at=read.revision.time,
        as_of=read.as_of,
        types=tuple(sorted(types, key=lambda one: (-one.total, one.type))),
        items=tuple(
            sorted(
                (item for _, item in judged if item.missing or item.expected or item.orphan),
                key=lambda item: (item.type, item.id),
            )
        ),
    )


def _items(read: Estate, type: str | None = None) -> Iterator[Entity]:
    root = read.vocabulary.known_as("configuration item")
    for one in read.of_type(type or root):
        if read.vocabulary.is_a(one.type, root) and read.live(one):
            yield one


def _of_type(read: Estate, rules: ConfigurationPolicy, type: str, items: Sequence[tuple[Entity, Item]]) -> OfType:
    missing = Counter(letter for _, item in items for letter in item.missing)
    return OfType(
        type=type,
        label=read.vocabulary.types[type].label,
        total=len(items),
        recorded={letter: len(items) - missing[letter] for letter in RECORDED},
        complete=sum(not item.missing for _, item in items),
        expected=sum(not item.expected for _, item in items),
        orphans=sum(item.orphan for _, item in items),
        freshness=freshness(read, [entity for entity, _ in items], rules.verified_within),
    )


def _judged(read: Estate, rules: ConfigurationPolicy, entity: Entity) -> Item:
    said = entity.properties
    lacking = {
        # Somebody refers to it, but nobody says what it is; or it goes by several ids.
        "a": bool(said.get(PLACEHOLDER)) or entity.id in read.once("recorded twice", lambda: recorded_twice(read)),
        "b": entity.type in rules.too_general,
        "c": not any(said.get(name) for name in rules.description),
        "d": not _related(read, entity),
        "e": not any(said.get(name) for name in rules.status),
    }
    return Item(
        id=entity.id,
        type=entity.type,
        name=entity.name,
        missing=tuple(letter for letter, lacks in lacking.items() if lacks),
        expected=tuple(_expected(read, entity)),
        orphan=_orphaned(read, entity),
    )


def _related(read: Estate, entity: Entity) -> bool:
    """Whether it has a relation with another configuration item."""
    root = read.vocabulary.known_as("configuration item")
    ends = chain(
        (one.object for one in read.leading_from.get(entity.id, ())),
        (one.subject for one in read.leading_to.get(entity.id, ())),
    )
    return any(end != entity.id and read.vocabulary.is_a(read.entities[end].type, root) for end in ends)


def _expected(read: Estate, entity: Entity) -> Iterator[str]:
    """The relations that its type expects and it has not."""
    expects = read.vocabulary.types[entity.type].expects
    if expects:
        there = {
            name for one in read.leading_from.get(entity.id, ()) for name in read.vocabulary.relations[one.type].fulfils
        }
        yield from (name for name in expects if name not in there)


def _orphaned(read: Estate, entity: Entity) -> bool:
    """Whether it depends on nothing, and no service on it. A service is what the rest is there for, and no orphan."""
    if entity.id in read.under_services:
        return False
    return not any(
        read.vocabulary.relations[one.type].propagation is Propagation.OBJECT_TO_SUBJECT
        for one in read.leading_from.get(entity.id, ())
    ) and not any(
        read.vocabulary.relations[one.type].propagation is Propagation.SUBJECT_TO_OBJECT
        for one in read.leading_to.get(entity.id, ())
    )


# ---------------------------------------------------------------------------------- for the checks


def incomplete(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Live configuration items of which something that 8.2.6 a to e want is not recorded."""
    rules = policy_of(read)
    items = [_judged(read, rules, one) for one in _items(read)]
    return Examined(
        len(items),
        tuple(
            Deficiency(
                (item.id,),
                f"{item.name} has no {_words([RECORDED[letter] for letter in item.missing])} recorded.",
                numerator=len(RECORDED) - len(item.missing),
                denominator=len(RECORDED),
            )
            for item in items
            if item.missing
        ),
    )


def unrelated(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Live configuration items that lack a relation which their type expects, once for each relation."""
    items = list(_items(read))
    found = (
        Deficiency(
            (one.id,),
            f"{one.name} has no relation {name}, so what it stands on or who answers for it is unknown.",
            name,
        )
        for one in items
        for name in _expected(read, one)
    )
    return Examined(len(items), tuple(found))


def orphans(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Live configuration items that depend on nothing and on which no service depends."""
    items = list(_items(read))
    found = (
        Deficiency((one.id,), f"{one.name} depends on nothing, and no service depends on it.")
        for one in items
        if _orphaned(read, one)
    )
    return Examined(len(items), tuple(found))


def broken_rules(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """What in the graph breaks the rules of the ontology and its shapes, as `graphsms.analysis.validation` has it."""
    messages: dict[tuple[str, str], list[str]] = {}
    for fault in validate(read.store, read.revision.number, read.entities.values(), read.relations):
        if fault.subject in read.entities:
            aspect = "/".join(filter(None, (fault.rule, fault.field)))
            messages.setdefault((fault.subject, aspect), []).append(fault.message)
    found = (Deficiency((id,), " ".join(said), aspect) for (id, aspect), said in messages.items())
    return Examined(len(read.entities), tuple(found))


def _words(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
