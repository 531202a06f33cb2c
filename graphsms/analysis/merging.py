"""Making one entity of several, in one revision (8.2.6): relations rewired, properties united, nothing forgotten.

What each source says of the others is kept as what it says of the one that stays, where that does not contradict
it. The ids of the others become former ids of it, and their history stays readable under their own ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphsms.analysis.estate import Estate, estate
from graphsms.analysis.reconciliation import different, known
from graphsms.errors import InputError, RejectedError
from graphsms.ingest.check import Stated
from graphsms.ingest.merged import FORMER_ID
from graphsms.ingest.rules import Surroundings, judge
from graphsms.ingest.sources import HAND, Precedence, is_placeholder, precedence_of, settled, statements_of
from graphsms.model import ChangeSet, Entity, Fault, Origin, Relation, RelationKey, Statement, Value
from graphsms.store import Store
from graphsms.vocabulary import Vocabulary

__all__ = ["Conflict", "Merge", "merge"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A property, of the entity or of one of its relations, for which two said something different.

    Parameters
    ----------
    about : str
        The id of the entity, or the key of the relation in words.
    field : str
    kept, lost : Value
    other : str
        The id of the entity whose value was lost.
    """

    about: str
    field: str
    kept: Value
    lost: Value
    other: str

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge did, or would do.

    Parameters
    ----------
    entity : Entity
        The one that stays, as it then is.
    merged : tuple of str
        The ids that became former ids.
    rewired : tuple of RelationKey
        Relations of the others, as they then are.
    dropped : tuple of RelationKey
        Relations among those merged, which would lead from the one that stays to itself.
    conflicts : tuple of Conflict
        Where the others said something different; the one that stays wins.
    revision : int or None
        That holds it; None for a dry run.
    """

    entity: Entity
    merged: tuple[str, ...]
    rewired: tuple[RelationKey, ...]
    dropped: tuple[RelationKey, ...]
    conflicts: tuple[Conflict, ...]
    revision: int | None

    def sentence(self) -> str:
        """What was done, in a sentence."""
        conflicts = f"{len(self.conflicts)} {'conflict' if len(self.conflicts) == 1 else 'conflicts'}"
        done = f"Revision {self.revision}: merged" if self.revision is not None else "Nothing was changed; would merge"
        rewired = f"{len(self.rewired)} {'relation' if len(self.rewired) == 1 else 'relations'} rewired"
        return (
            f"{done} {', '.join(self.merged)} into {self.entity.id}: {rewired}, "
            f"{len(self.dropped)} dropped, {conflicts}."
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "revision": self.revision,
            "kept": self.entity.id,
            "merged": list(self.merged),
            "properties": dict(self.entity.properties),
            "rewired": [list(key) for key in self.rewired],
            "dropped": [list(key) for key in self.dropped],
            "conflicts": [one.to_json() for one in self.conflicts],
        }


def merge(
    store: Store,
    keep: str,
    others: Sequence[str],
    *,
    dry_run: bool = False,
    actor: str = "",
    reason: str = "",
    request: str = "",
) -> Merge:
    """Make one entity of several, in one revision.

    Parameters
    ----------
    store : Store
    keep : str
        The id of the one that stays. Where it and another say something different, it wins.
    others : sequence of str
        Ids of those that go.
    dry_run : bool
        Say what would be done, and do nothing.
    actor, reason, request : str
        For the history.

    Raises
    ------
    UnknownIdError
    InputError
        No other, twice the same, or types that are not of one kind.
    RejectedError
        The graph would break a rule that it keeps now, such as the minimum of a redundancy group.
    ConflictError
        Somebody has written meanwhile.

    Notes
    -----
    What a later import states under the id of one that went is stated of the one that stays
    (`graphsms.ingest.merged`). Proportional to the graph, all of whose rules are looked at before and after.
    """
    ids = [keep, *others]
    if not others:
        raise InputError(f"Say which entities are to be merged into {keep!r}.")
    different(ids)
    entities = [known(store, id) for id in ids]
    for other in entities[1:]:
        _of_one_kind(entities[0], other, store.vocabulary)
    read = estate(store)
    order = precedence_of(store)
    conflicts: list[Conflict] = []
    united = _united(entities, order, conflicts)
    relations, dropped, gone = _rewired(read, keep, set(others), order, conflicts)
    _keeps_the_rules(read, united, set(others), relations, gone)
    revision = None
    if not dry_run:
        made = store.apply(
            ChangeSet(
                entities=[united],
                relations=relations,
                removed_entities=list(others),
                actor=actor,
                reason=reason or f"Merged {', '.join(others)} into {keep}",
                request=request,
                base=read.revision.number,
                exact=True,
            )
        )
        revision = made.number
    keys = tuple(one.key for one in relations)
    return Merge(united, tuple(others), keys, tuple(dropped), tuple(conflicts), revision)


def _of_one_kind(keep: Entity, other: Entity, words: Vocabulary) -> None:
    if not (words.is_a(keep.type, other.type) or words.is_a(other.type, keep.type)):
        one, two = words.types[keep.type].label, words.types[other.type].label
        raise InputError(
            f"{keep.id!r} is a {one} and {other.id!r} a {two}: they cannot be the same; nothing was changed."
        )


def _united(entities: Sequence[Entity], order: Precedence, conflicts: list[Conflict]) -> Entity:
    keep = entities[0]
    said = _combined([(one.id, one) for one in entities], keep.id, conflicts)
    former = {str(id) for one in entities for id in _values(one.properties.get(FORMER_ID))}
    former |= {one.id for one in entities[1:]}
    hand = said.get(HAND, Statement(""))
    said[HAND] = Statement(hand.type, {**hand.properties, FORMER_ID: tuple(sorted(former - {keep.id}))})
    found = settled(keep, said, order)
    # The most particular of the types is what they all are.
    type = max((one.type for one in entities), key=lambda name: len(order.vocabulary.types[name].ancestors))
    return replace(found, type=type, properties=dict(sorted(found.properties.items())))


def _values(value: Value | None) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _combined(
    things: Sequence[tuple[str, Entity | Relation]], about: str, conflicts: list[Conflict]
) -> dict[str, Statement]:
    """What each source says of things that are one: what the first has holds, the others add what it lacks."""
    described = [(id, one) for id, one in things if not is_placeholder(one.properties)]
    stands: dict[str, Value] = {}
    said: dict[str, Statement] = {}
    for id, one in described or things[:1]:
        added: dict[str, Value] = {}
        for name, value in one.properties.items():
            before = stands.get(name)
            if before is None or (isinstance(before, tuple) and isinstance(value, tuple)):
                added[name] = value
            elif before != value:
                conflicts.append(Conflict(about, name, before, value, id))
        for source, statement in statements_of(one).items():
            mine = said.get(source, Statement(statement.type))
            more = {
                name: _union(mine.properties.get(name), value)
                for name, value in statement.properties.items()
                if name in added
            }
            said[source] = Statement(mine.type or statement.type, {**mine.properties, **more})
        for name, value in added.items():
            stands[name] = _union(stands.get(name), value)
    return said


def _union(before: Value | None, value: Value) -> Value:
    if isinstance(before, tuple) and isinstance(value, tuple):
        return tuple(sorted({*before, *value}, key=lambda one: (str(type(one)), one)))
    return value if before is None else before


def _rewired(
    read: Estate, keep: str, others: set[str], order: Precedence, conflicts: list[Conflict]
) -> tuple[list[Relation], list[RelationKey], set[RelationKey]]:
    """The relations of the others as relations of the one that stays; those that would lead to itself; all that go."""
    of: dict[RelationKey, list[tuple[str, Relation]]] = {}
    dropped: list[RelationKey] = []
    gone: set[RelationKey] = set()
    for relation in read.relations:
        ends = {relation.subject, relation.object}
        if not ends & others:
            continue
        gone.add(relation.key)
        subject = keep if relation.subject in others else relation.subject
        object = keep if relation.object in others else relation.object
        if subject == object:
            dropped.append(relation.key)
            continue
        other = next(iter(sorted(ends & others)))
        of.setdefault((subject, relation.type, object), []).append((other, relation))
    present = {one.key: one for one in (*read.leading_from.get(keep, ()), *read.leading_to.get(keep, ()))}
    found = []
    for key, those in sorted(of.items()):
        first = [(keep, present[key])] if key in present else []
        thing = Relation(key[1], key[0], key[2])
        combined = _combined([*first, *those], " ".join(key), conflicts)
        found.append(settled(thing, combined, order))
    return found, dropped, gone


def _keeps_the_rules(
    read: Estate, united: Entity, others: set[str], relations: Iterable[Relation], gone: set[RelationKey]
) -> None:
    """Refuse a merge after which the graph breaks a rule that it keeps now."""
    entities = {id: one for id, one in read.entities.items() if id not in others} | {united.id: united}
    after = {one.key: one for one in read.relations if one.key not in gone} | {one.key: one for one in relations}
    before = _faults(read.entities, {one.key: one for one in read.relations}, read.vocabulary)
    known = {(one.subject, one.field, one.rule) for one in before}
    faults = [
        one for one in _faults(entities, after, read.vocabulary) if (one.subject, one.field, one.rule) not in known
    ]
    if faults:
        raise RejectedError(f"Nothing was merged: the graph would break a rule, the first being {faults[0]}", faults)


def _faults(
    entities: Mapping[str, Entity], relations: Mapping[RelationKey, Relation], vocabulary: Vocabulary
) -> list[Fault]:
    stated = Stated()
    for entity in entities.values():
        stated.entities[entity.id] = (entity.type, dict(entity.properties), Origin(entity.source or "the graph"))
    for relation in relations.values():
        stated.relations[relation.key] = (relation.properties, Origin(relation.source or "the graph"), None, None)
    found: list[Fault] = []
    judge(stated, vocabulary, Surroundings(), strict=True, fault=found.append, warn=lambda _: None)
    return found
