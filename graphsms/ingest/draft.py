"""What an import is to change: what files state, set against the graph as it is.

Second step of three. What a source says of an entity or relation replaces what it said before; what others say
of it stays beside it, and which of them holds is a matter of their precedence (`graphsms.ingest.sources`).
A placeholder gives way to a description, and never the other way round. Nothing is removed, unless what the
source no longer has is to go (`graphsms.ingest.prune`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeVar

from graphsms.ingest.check import Stated, StatedEntity, StatedRelation, most_specific
from graphsms.ingest.drafted import Counts, Draft, OverruledOf, says_else
from graphsms.ingest.hand import put_together_anew
from graphsms.ingest.missing import missing_ends, settle_missing
from graphsms.ingest.packing import CHANGES
from graphsms.ingest.prune import prune
from graphsms.ingest.rest import Rest, columns
from graphsms.ingest.sources import (
    HAND,
    Precedence,
    believed,
    contested,
    is_placeholder,
    precedence_of,
    settled,
    statements_of,
    with_statement,
)
from graphsms.ingest.spilled_lists import Groups, SpilledList
from graphsms.ingest.spilling import Spilled, in_batches, looked_up, pairs
from graphsms.model import Entity, Fault, Relation, RelationKey, Statement
from graphsms.vocabulary import Vocabulary

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = ["draft"]

_BATCH: Final = 10_000
_OVERRULED: Final = 1000  # kept; all are counted
_ROUNDS: Final = 5  # in which the precedence of sources may depend on itself


def draft(
    stated: Stated,
    store: Store,
    source: str,
    *,
    strict: bool = False,
    pruning: bool = False,
    apart: Collection[str] = (),
    refused: Collection[str] = (),
    fault: Callable[[Fault], None],
    warn: Callable[[Fault], None],
) -> Draft:
    """Set what files state against the graph.

    Parameters
    ----------
    stated : Stated
        Becomes what the graph is to say where the graph is empty; otherwise it is left alone.
    store : Store
    source : str
    strict : bool
        Whether a missing target is a fault in foreign formats too.
    pruning : bool
        Whether what the source no longer has is to go.
    apart : collection of str
        Ids of which nothing can be told, since what files state of them has been left out: they stay.
    refused : collection of str
        Ids that have faults already: that they are missing is not said again.
    fault, warn : callable
        Take each `Fault` and each warning.
    """
    made = _Drafting(stated, store, source, fault, warn)
    made.find_missing(strict, refused)
    made.set_against_graph(pruning, apart)
    return made.draft


class _Drafting:
    def __init__(
        self,
        stated: Stated,
        store: Store,
        source: str,
        fault: Callable[[Fault], None],
        warn: Callable[[Fault], None],
    ) -> None:
        self.store = store
        self.source = source
        self.vocabulary: Vocabulary = store.vocabulary
        self.fault = fault
        self.warn = warn
        base = store.revision().number
        self.view = stated.copy() if base else stated
        self.draft = Draft(base, source, self.view)
        self.order = Precedence({}, self.vocabulary)
        self.plain: dict[str | None, Relation] = {}  # one that says nothing more, by its source, as it becomes
        self.anew = False  # whether the import changes which source is believed before which

    def find_missing(self, strict: bool, refused: Collection[str]) -> None:
        """Look in the graph for what no file states; what is not there either is a fault or a placeholder."""
        missing, draft = missing_ends(self.view), self.draft
        if not missing:
            return
        for one in self.stored(id for id, _ in missing):
            draft.known[one.id] = one.type
            if is_placeholder(one.properties):
                draft.placeholders.add(one.id)
        nowhere = ((id, mentions) for id, mentions in missing if id not in draft.known)
        settle_missing(
            nowhere, self.view, self.vocabulary, strict=strict, refused=refused, fault=self.fault, warn=self.warn
        )

    def set_against_graph(self, pruning: bool, apart: Collection[str] = ()) -> None:
        """Merge with what is stored, and sort out what is to be written."""
        draft, entities, relations = self.draft, self.view.entities, self.view.relations
        if draft.base == 0:
            draft.new_entities = Rest(entities)
            draft.new_relations = Rest(relations)
        else:
            before = self.order = precedence_of(self.store)
            self.settle_precedence()
            if pruning:
                # Before the view is merged: it must know what the source itself says.
                draft.pruned = prune(self.store, self.view, self.source, self.order, apart)
                self.settle_precedence(draft.pruned.entities)
            self.anew = believed(self.order) != believed(before)
            if self.anew:
                if pruning:
                    draft.pruned = prune(self.store, self.view, self.source, self.order, apart)
                self.settle_anew()
            for entity_before, entity in draft.pruned.changed_entities:
                draft.change_entity(entity_before, entity)
            for relation_before, relation in draft.pruned.changed_relations:
                draft.change_relation(relation_before, relation)
            described = self.compare_entities()
            self.compare_relations(described, pruning)
        draft.placeholders |= {id for id, one in pairs(entities) if is_placeholder(one[1])}

    # ------------------------------------------------------------------------------------ sources

    def settle_precedence(self, without: Mapping[str, Entity] | None = None) -> None:
        """Where the import says how far sources are to be believed, that holds for all that it says, and for what
        is in the graph already."""
        sources = self.vocabulary.known.get("information source")
        if sources is None:
            return
        kinds = set(self.vocabulary.subtypes[sources])
        ids = [id for id, one in pairs(self.view.entities) if one[0] in kinds]
        gone = [id for id, one in pairs(without or {}) if one.type in kinds]
        if not ids and not gone:
            return
        stored = {one.id: one for one in self.stored(ids)}
        self.anew = True  # what a source says of itself may depend on it too
        for _ in range(_ROUNDS):
            found = precedence_of(self.store, [self.become(stored.get(id), id, self.order) for id in ids], gone)
            if found.standings == self.order.standings:
                break
            self.order = found

    def settle_anew(self) -> None:
        """What of the graph is put together anew, since the precedence of its sources changes."""
        draft, pruned = self.draft, self.draft.pruned
        ids, keys = {one.id for one, _ in pruned.changed_entities}, {one.key for one, _ in pruned.changed_relations}
        known = _Any(self.view.entities, pruned.entities, ids)
        for entity_before, entity in put_together_anew(self.store.entities(), known, self.order):
            draft.change_entity(entity_before, entity)
        known = _Any(self.view.relations, pruned.relations, keys)
        for relation_before, relation in put_together_anew(self.store.relations(), known, self.order):
            draft.change_relation(relation_before, relation)

    def become(self, old: Entity | None, id: str, order: Precedence) -> Entity:
        """An entity of the files as it will be."""
        type, properties, _ = self.view.entities[id]
        if old is None:
            return Entity(id, type, properties, self.source)
        return self.restated(old, type, Statement(type, properties), order)

    def restated(self, old: _Thing, type: str, statement: Statement, order: Precedence) -> _Thing:
        """A thing of the graph when the source says this of it; the very same where nothing changes."""
        if not old.stated and (old.source or HAND) == self.source:
            if old.type == type and old.properties == statement.properties:
                return old
            if isinstance(old, Entity):
                if is_placeholder(statement.properties) and not is_placeholder(old.properties):
                    return old
                return replace(old, type=type, properties=statement.properties)
            return replace(old, properties=statement.properties)
        if is_placeholder(statement.properties) and not is_placeholder(old.properties):
            return old
        if not self.anew and old.stated.get(self.source) == statement:
            return old  # as it says since it was put together
        if isinstance(old, Relation) and not (old.stated or old.properties or statement.properties):
            return self.noted(old, statement, order)
        after = settled(old, with_statement(statements_of(old), self.source, statement), order)
        if after.stated == old.stated and not says_else(old, after):
            return old
        return after

    def noted(self, old: Relation, statement: Statement, order: Precedence) -> Relation:
        """A relation of which nobody says more than that it is there, when the source says so too: thought about once
        for all that another source states."""
        if old.source not in self.plain:
            self.plain[old.source] = settled(old, with_statement(statements_of(old), self.source, statement), order)
        alike = self.plain[old.source]
        return Relation(old.type, old.subject, old.object, alike.properties, alike.source, alike.stated)

    # ----------------------------------------------------------------------- what is there already

    def compare_entities(self) -> Groups:
        """Sort out the entities; the ids of those that the graph has."""
        draft, entities, there = self.draft, self.view.entities, Groups()
        new, unchanged = Rest(entities), 0
        for ids, values in columns(entities):
            before = {one.id: one for one in self.store.entities(ids=ids)}
            for id, stated in zip(ids, values, strict=True):
                old = before.get(id)
                if old is None:
                    continue
                there.add(id, None)
                new.take(id)
                type, properties, origin = stated
                after = self.restated(old, type, Statement(type, properties), self.order)
                draft.again += old.source == self.source or self.source in old.stated
                if after is not old:
                    self.check_type(old, stated)
                    draft.change_entity(old, after)
                else:
                    unchanged += 1
                if after.type != type or after.properties != properties:
                    entities[id] = (after.type, dict(after.properties), origin)
                self.note_overruled(id, after)
        draft.new_entities = new
        draft.unchanged += Counts(unchanged, 0)
        return there

    def check_type(self, old: Entity, stated: StatedEntity) -> None:
        """Two sources, neither of which is right by decree, must agree on what a thing is."""
        type, properties, origin = stated
        if is_placeholder(old.properties) and not is_placeholder(properties):
            return
        free = (HAND, self.source)
        for source, one in sorted(statements_of(old).items(), key=lambda said: said[1].type != old.type):
            if source in free or not one.type or most_specific(one.type, type, self.vocabulary) is not None:
                continue
            if self.order.authoritative(source) or self.order.authoritative(self.source):
                continue
            message = (
                f"It is {type} here and {one.type} in the graph (by {source}), and one is no subclass of the other."
            )
            self.fault(Fault(origin, old.id, "type", "type-conflict", message))
            return

    def compare_relations(self, subjects: Groups, pruning: bool) -> None:
        """Sort out the relations; ``subjects`` are the entities of the files that the graph has."""
        draft, relations = self.draft, self.view.relations
        draft.new_relations = new = Rest(relations)
        # Those of a subject mostly stand together; what the graph has of it and is not among them may stand elsewhere.
        elsewhere: SpilledList[tuple[Relation, None]] = SpilledList(CHANGES)
        asked: Spilled[str, bool] = Spilled()
        here = unchanged = 0
        for keys, values in columns(relations):
            stated = dict(zip(keys, values, strict=True))
            those = {key[0] for key in keys}
            those -= looked_up(asked, those).keys()
            if len(elsewhere) > max(here, _BATCH):  # they stand anywhere: the graph's order is as good
                for id in looked_up(draft.known, those):
                    subjects.add(id, None)
                continue
            asked.update(dict.fromkeys(those, True))
            for old in self.store.relations(subjects=those):
                if old.key in stated:
                    here += 1
                    unchanged += self.compare_relation(old, stated[old.key], new)
                else:
                    elsewhere.append((old, None))

        def left() -> Iterator[Relation]:
            yield from (old for old, _ in elsewhere)
            for ids in in_batches((id for id, _ in subjects), _BATCH):
                before = looked_up(asked, ids)
                yield from self.store.relations(subjects=[id for id in ids if id not in before])

        for batch in in_batches(left()):
            found = looked_up(relations, [old.key for old in batch])
            for old in batch:
                if old.key in found:
                    unchanged += self.compare_relation(old, found[old.key], new)
                else:
                    self.note_present(old, pruning)
        draft.unchanged += Counts(0, unchanged)

    def compare_relation(self, old: Relation, stated: StatedRelation, new: Rest[RelationKey, StatedRelation]) -> bool:
        """Sort out a relation of the graph that the files state, which is none of the new ones; whether it stays."""
        key = old.key
        new.take(key)
        properties, origin, object_type, subject_type = stated
        after = self.restated(old, old.type, Statement("", properties), self.order)
        if after is not old:
            self.draft.change_relation(old, after)
        if after.properties != properties:
            self.view.relations[key] = (after.properties, origin, object_type, subject_type)
        self.note_overruled(key, after)
        return after is old

    def note_present(self, old: Relation, pruning: bool) -> None:
        """The graph has a relation of what the files speak of, which they do not state."""
        key = old.key
        if key in self.draft.pruned.relations:
            return
        self.draft.present.append(key)
        own = old.source == self.source or self.source in old.stated
        if own and not pruning and old.subject in self.view.entities:
            self.draft.no_longer_stated.add(key)

    def note_overruled(self, of: str | RelationKey, thing: Entity | Relation) -> None:
        own = thing.stated.get(self.source)
        if own is None or (own.properties == thing.properties and own.type in (thing.type, "")):
            return
        for what in contested(thing, self.order, self.source):
            self.draft.overruled_count += 1
            if len(self.draft.overruled) < _OVERRULED:
                self.draft.overruled.append(OverruledOf(of, what))

    def stored(self, ids: Iterable[str]) -> Iterator[Entity]:
        """Those of the entities that the graph has."""
        if self.draft.base:
            for batch in in_batches(ids, _BATCH):
                yield from self.store.entities(ids=batch)


_Thing = TypeVar("_Thing", Entity, Relation)


class _Any(Collection[object]):
    """What stands in any of several collections."""

    def __init__(self, *of: Collection[Any]) -> None:
        self._of = of

    def __contains__(self, one: object) -> bool:
        return any(one in each for each in self._of)

    def __iter__(self) -> Iterator[object]:
        return chain(*self._of)

    def __len__(self) -> int:
        return sum(map(len, self._of))
