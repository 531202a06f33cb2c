"""A snapshot brought up to date by what the revisions since have done, in place of streaming everything again.

New entities go to the end, removed ones stay as nodes that are not live, the rows of the adjacency that changed
are cut and filled. What is counted of a group or an entity (its members, what it lacks) is counted anew from the
store for those that a change can concern.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from graphsms.model import Entity, Relation, RelationKey, Touched, Value
from graphsms.snapshot.arrays import NO_MINIMUM, ArraySnapshot, Condition, unsigned
from graphsms.snapshot.carriage import DROPPED
from graphsms.snapshot.splice import found, spliced
from graphsms.snapshot.validity import BEGINNING, END, Interval, interval
from graphsms.store import MARK_DATED, MARK_NOT_LIVE, Store
from graphsms.store.marks import entity_marks, not_live, relation_marks
from graphsms.vocabulary import VALID_FROM, VALID_TO

if TYPE_CHECKING:
    from graphsms.snapshot.arrays import I8

__all__ = ["MOST", "refreshed"]

# Beyond so many entities and relations touched, streaming everything again is as fast.
MOST: Final = 20_000

_LIVENESS: Final = MARK_NOT_LIVE | MARK_DATED

_Change = tuple[Entity | None, Entity | None]


def refreshed(snapshot: ArraySnapshot, store: Store) -> ArraySnapshot | None:
    """A snapshot at the present revision, from one of an earlier revision of the same history.

    Parameters
    ----------
    snapshot : ArraySnapshot
        Left as it is.
    store : Store

    Returns
    -------
    ArraySnapshot or None
        None where too much has changed, or what cannot be patched, such as the type of an entity, or where
        the store has gone on in the meantime.

    Notes
    -----
    Linear in what changed, but for copying the arrays.
    """
    until = store.revision().number
    touched = list(islice(store.touched(snapshot.revision, until), MOST + 1))
    if len(touched) > MOST:
        return None
    entities, relations = _net(touched)
    patch = _Patch.of(snapshot, store, entities, relations, until)
    if patch is None or not patch.take_entities(entities):
        return None
    patch.take_relations(relations)
    # The present is read without saying which, as a store does that fastest: so it must still be the same.
    return patch.result() if store.revision().number == until else None


def _net(touched: Iterable[Touched]) -> tuple[dict[str, _Change], dict[RelationKey, Relation | None]]:
    """What each entity was and is, and what each relation is."""
    entities: dict[str, _Change] = {}
    relations: dict[RelationKey, Relation | None] = {}
    for one in touched:
        known = one.after or one.before
        if isinstance(known, Entity):
            assert not isinstance(one.before, Relation)
            assert not isinstance(one.after, Relation)
            entities[known.id] = (entities.get(known.id, (one.before, None))[0], one.after)
        elif known is not None:
            assert not isinstance(one.after, Entity)
            relations[known.key] = one.after
    return entities, relations


@dataclass
class _Patch:
    """A snapshot on its way from one revision to another."""

    old: ArraySnapshot
    store: Store
    until: int
    node_of: dict[str, int]
    types: Any
    marks: Any
    source_of: Any
    missing: Any
    sources: list[str]
    start: Any
    groups: list[int] = field(default_factory=list)  # new ones
    minimum: dict[int, int] = field(default_factory=dict)  # of groups that say it anew
    intervals: dict[int, Interval] = field(default_factory=dict)  # of nodes that say it anew
    turned: set[str] = field(default_factory=set)  # live, or not, at other moments than before
    made: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        old: ArraySnapshot,
        store: Store,
        entities: Mapping[str, _Change],
        relations: Collection[RelationKey],
        until: int,
    ) -> _Patch | None:
        """With room for what is new; None where it does not fit at the end."""
        ids = list(dict.fromkeys([*entities, *(end for key in relations for end in (key[0], key[2]))]))
        keys = dict(zip(ids, store.keys(ids, old.revision), strict=True))
        keys |= {id: key for id, key in zip(ids, store.keys(ids), strict=True) if key is not None}
        nodes = {key: old.node(key) for key in keys.values() if key is not None}
        fresh = sorted(key for key, node in nodes.items() if node is None)
        if fresh and len(old) and fresh[0] < int(old.keys[-1]):
            return None
        nodes |= {key: len(old) + number for number, key in enumerate(fresh)}
        sources = list(dict.fromkeys([*old.sources, *(after.source or "" for _, after in entities.values() if after)]))
        more = len(fresh)
        return cls(
            old=replace(old, keys=np.append(old.keys, np.array(fresh, np.uint32))),
            store=store,
            until=until,
            node_of={id: node for id, key in keys.items() if key is not None and (node := nodes[key]) is not None},
            types=np.append(old.types, np.zeros(more, old.types.dtype)),
            marks=np.append(old.marks, np.full(more, MARK_NOT_LIVE, np.uint8)),
            source_of=np.append(old.source_of, np.zeros(more, old.source_of.dtype)).astype(unsigned(len(sources))),
            missing=np.append(old.missing, np.zeros(more, old.missing.dtype)),
            sources=sources,
            start=np.append(old.start, np.full(more, old.start[-1], np.uint32)),
        )

    # ----------------------------------------------------------------------------------- entities

    def take_entities(self, entities: Mapping[str, _Change]) -> bool:
        """Put down what the entities are now; False where a type has changed."""
        carriage, dead = self.old.carriage, not_live(self.store.vocabulary)
        known = len(self.old.types)  # what is beyond is new
        for id, (before, after) in entities.items():
            node = self.node_of.get(id)
            if node is None:  # made and removed since
                continue
            was = _liveness(before, dead)
            if was != _liveness(after, dead):
                self.turned.add(id)
            if after is None:
                self.marks[node] = MARK_NOT_LIVE
                continue
            code = carriage.code_of(after.type)
            if node < known and int(self.types[node]) != code:
                return False
            self.types[node] = code
            self.marks[node] = entity_marks(after.properties, dead)
            self.source_of[node] = self.sources.index(after.source or "")
            self.intervals[node] = _interval(after.properties)
            if before is None:
                self.made.add(id)
            if carriage.quorum[code] >= 0:
                recorded = after.properties.get(carriage.minimum[code])
                self.minimum[node] = recorded if isinstance(recorded, int) else NO_MINIMUM
                if node >= known:
                    self.groups.append(node)
        return True

    # ---------------------------------------------------------------------------------- relations

    def take_relations(self, changed: Mapping[RelationKey, Relation | None]) -> None:
        """Put down what the relations are now, and what follows for others from entities that have turned."""
        old = self.old
        cuts: list[tuple[int, int]] = []
        inserts: list[tuple[int, int, int]] = []
        inserted: list[RelationKey] = []
        for key, relation in changed.items():
            edge = self._edge(key, relation)
            if edge is None:
                continue
            sender, receiver, code, kind = edge
            was = found(self.start, old.receivers, old.relations, sender, receiver, code)
            if was is not None:
                cuts.append((was, sender))
            if relation and kind != DROPPED:
                inserted.append(key)
                inserts.append((sender, receiver << 2 | kind, code))
        rows = spliced(self.start, old.receivers, old.relations, cuts, inserts)
        self.old = replace(old, start=rows.start, receivers=rows.receivers, relations=rows.relations)
        concerned: dict[RelationKey, Relation | None] = {}
        if self.turned:
            concerned |= {r.key: r for r in self._related(self.turned, self.turned)}
        concerned |= changed
        self._count_members(concerned)
        self._find_missing(concerned)
        placed = dict(zip(inserted, rows.placed.tolist(), strict=True))
        self._set_conditions(concerned, placed, rows.moved)

    def _related(self, subjects: Collection[str], objects: Collection[str] | None) -> list[Relation]:
        """Relations as they are now, of which both ends are known afterwards."""
        related = list(self.store.relations(subjects, objects))
        ends = dict.fromkeys(end for relation in related for end in (relation.subject, relation.object))
        unknown = [id for id in ends if id not in self.node_of]
        for id, key in zip(unknown, self.store.keys(unknown), strict=True):
            node = None if key is None else self.old.node(key)
            assert node is not None, f"{id} is the end of a relation and no entity"
            self.node_of[id] = node
        return related

    def _edge(self, key: RelationKey, relation: Relation | None) -> tuple[int, int, int, int] | None:
        """Sender, receiver, code and kind; None where nothing ever travels or an end is not known any more."""
        carriage = self.old.carriage
        code = carriage.relation_code.get(key[1])
        subject, object = self.node_of.get(key[0]), self.node_of.get(key[2])
        if code is None or subject is None or object is None:
            return None
        sender, receiver = (object, subject) if carriage.object_sends[code] else (subject, object)
        marks = relation_marks(relation.properties) if relation else 0
        return sender, receiver, code, carriage.kind(code, int(self.types[sender]), int(self.types[receiver]), marks)

    def _is_member(self, receiver: int, code: int) -> bool:
        return self.old.carriage.quorum[int(self.types[receiver])] == code

    def _count_members(self, concerned: Mapping[RelationKey, Relation | None]) -> None:
        carriage = self.old.carriage
        ids = {id for id in self.made if carriage.quorum[int(self.types[self.node_of[id]])] >= 0}
        for key in concerned:
            edge = self._edge(key, None)
            if edge and self._is_member(edge[1], edge[2]):
                ids.add(key[0] if carriage.object_sends[edge[2]] else key[2])
        certain = {self.node_of[id]: 0 for id in ids}
        for relation in self._related(ids, ids) if ids else ():
            edge = self._edge(relation.key, relation)
            if edge and edge[1] in certain and self._is_member(edge[1], edge[2]):
                certain[edge[1]] += self._is_certain(relation, edge[0])
        new = np.array(sorted(self.groups), np.uint32)
        groups = np.append(self.old.groups, new)
        members = np.append(self.old.group_members, np.zeros(len(new), np.uint32))
        minimum = np.append(self.old.group_minimum, np.full(len(new), NO_MINIMUM, np.int32))
        members[np.searchsorted(groups, list(certain))] = list(certain.values())
        highest = [max(-NO_MINIMUM, min(count, NO_MINIMUM)) for count in self.minimum.values()]
        minimum[np.searchsorted(groups, list(self.minimum))] = highest
        self.old = replace(self.old, groups=groups, group_members=members, group_minimum=minimum)

    def _find_missing(self, concerned: Iterable[RelationKey]) -> None:
        carriage = self.old.carriage
        ids = self.made | {key[0] for key in concerned if carriage.bit(key[1]) and key[0] in self.node_of}
        for id in ids:
            self.missing[self.node_of[id]] = carriage.expects[int(self.types[self.node_of[id]])]
        for relation in self._related(ids, None) if ids else ():
            bit = carriage.bit(relation.type)
            if bit and self._is_certain(relation, self.node_of[relation.object]):
                node = self.node_of[relation.subject]
                self.missing[node] = int(self.missing[node]) & ~bit

    def _is_certain(self, relation: Relation, other: int) -> bool:
        """Whether it counts at any moment, whatever becomes of the one that it is looked at from."""
        return not (relation_marks(relation.properties) & MARK_DATED or self.marks[other] & _LIVENESS)

    # --------------------------------------------------------------------------------- conditions

    def _set_conditions(
        self,
        concerned: Mapping[RelationKey, Relation | None],
        placed: Mapping[RelationKey, int],
        moved: Callable[[I8], I8],
    ) -> None:
        streamed = self.old.carriage.streamed
        known = {
            key: r for key, r in concerned.items() if key[1] in streamed and {key[0], key[2]} <= self.node_of.keys()
        }
        outdated = {(self.node_of[key[0]], self.node_of[key[2]], streamed.index(key[1])) for key in known}
        conditions = self.old.conditions
        candidates = np.flatnonzero(np.isin(conditions[:, Condition.SUBJECT], [subject for subject, _, _ in outdated]))
        gone = [row for row in candidates.tolist() if tuple(conditions[row, : Condition.EDGE].tolist()) in outdated]
        conditions = np.delete(conditions, gone, axis=0)
        of_edges = conditions[:, Condition.EDGE] >= 0
        conditions[of_edges, Condition.EDGE] = moved(conditions[of_edges, Condition.EDGE])
        rows = [self._condition(relation, placed) for relation in known.values() if relation]
        new = np.array([row for row in rows if row], np.int64).reshape(-1, len(Condition))
        self.old = replace(self.old, conditions=np.concatenate([conditions, new]))

    def _condition(self, relation: Relation, placed: Mapping[RelationKey, int]) -> list[int] | None:
        """The condition under which a relation counts, if there is any."""
        old, bit = self.old, self.old.carriage.bit(relation.type)
        subject, object = self.node_of[relation.subject], self.node_of[relation.object]
        is_dated = bool(relation_marks(relation.properties) & MARK_DATED)
        edge = self._edge(relation.key, relation)
        is_member = edge is not None and self._is_member(edge[1], edge[2])
        hangs_on_member = edge is not None and is_member and bool(self.marks[edge[0]] & MARK_DATED)
        if not (is_dated or hangs_on_member or (bit and self.marks[object] & MARK_DATED)):
            return None
        position = placed.get(relation.key)
        if is_dated and position is None and edge is not None:
            position = found(old.start, old.receivers, old.relations, *edge[:3])
        since, until = _interval(relation.properties) if is_dated else (BEGINNING, END)
        return [
            subject,
            object,
            old.carriage.streamed.index(relation.type),
            position if is_dated and position is not None else -1,
            int(np.searchsorted(old.groups, edge[1])) if edge is not None and is_member else -1,
            bit if bit < 2**63 else bit - 2**64,
            since,
            until,
        ]

    # ------------------------------------------------------------------------------------- result

    def result(self) -> ArraySnapshot:
        """The snapshot at the later revision."""
        dated = np.flatnonzero(self.marks & MARK_DATED).astype(np.uint32)
        intervals = np.full((len(dated), 2), [BEGINNING, END], np.int64)
        still = np.isin(dated, self.old.dated_nodes)
        intervals[still] = self.old.dated_intervals[np.searchsorted(self.old.dated_nodes, dated[still])]
        for node, since_until in self.intervals.items():
            if self.marks[node] & MARK_DATED:
                intervals[np.searchsorted(dated, node)] = since_until
        return replace(
            self.old,
            revision=self.until,
            sources=tuple(self.sources),
            types=self.types,
            source_of=self.source_of,
            marks=self.marks,
            missing=self.missing,
            dated_nodes=dated,
            dated_intervals=intervals,
        )


def _liveness(entity: Entity | None, dead: frozenset[str]) -> tuple[int, Interval] | None:
    """All that decides when an entity is live."""
    if entity is None:
        return None
    return entity_marks(entity.properties, dead) & _LIVENESS, _interval(entity.properties)


def _interval(properties: Mapping[str, Value]) -> Interval:
    return interval(str(properties.get(VALID_FROM, "")), str(properties.get(VALID_TO, "")))
