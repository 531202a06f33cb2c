"""What an import is to change: what files state, set against the graph as it is.

Second step of three. What a source says of an entity or relation replaces what it said before; what others say
of it stays beside it, and which of them holds is a matter of their precedence (`graphsms.ingest.sources`).
A placeholder gives way to a description, and never the other way round. Nothing is removed, unless what the
source no longer has is to go (`graphsms.ingest.prune`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from graphsms.ingest.check import Stated, StatedEntity, most_specific
from graphsms.ingest.drafted import Counts, Draft, OverruledOf, says_else
from graphsms.ingest.hand import put_together_anew
from graphsms.ingest.missing import missing_ends, settle_missing
from graphsms.ingest.prune import prune
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
from graphsms.model import Entity, Fault, Relation, RelationKey, Statement
from graphsms.vocabulary import Vocabulary

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = ["draft"]

_BATCH: Final = 10_000
_OVERRULED: Final = 1000  # kept; all are counted
_ROUNDS: Final = 5  # in which the precedence of sources may depend on itself
_T = TypeVar("_T")


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
        self.anew = False  # whether the import changes which source is believed before which

    def find_missing(self, strict: bool, refused: Collection[str]) -> None:
        """Look in the graph for what no file states; what is not there either is a fault or a placeholder."""
        missing = missing_ends(self.view)
        for one in self.stored(missing):
            self.draft.known[one.id] = one.type
            if is_placeholder(one.properties):
                self.draft.placeholders.add(one.id)
            del missing[one.id]
        settle_missing(
            missing, self.view, self.vocabulary, strict=strict, refused=refused, fault=self.fault, warn=self.warn
        )

    def set_against_graph(self, pruning: bool, apart: Collection[str] = ()) -> None:
        """Merge with what is stored, and sort out what is to be written."""
        draft, entities, relations = self.draft, self.view.entities, self.view.relations
        if draft.base == 0:
            draft.new_entities = dict.fromkeys(entities)
            draft.new_relations = dict.fromkeys(relations)
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
            draft.entities += draft.pruned.changed_entities
            draft.relations += draft.pruned.changed_relations
            described = self.compare_entities()
            self.compare_relations(described)
            if pruning:
                draft.present -= draft.pruned.relations.keys()
                draft.no_longer_stated.clear()
        draft.placeholders |= {id for id, one in entities.items() if is_placeholder(one[1])}

    # ------------------------------------------------------------------------------------ sources

    def settle_precedence(self, without: Iterable[str] = ()) -> None:
        """Where the import says how far sources are to be believed, that holds for all that it says, and for what
        is in the graph already."""
        sources = self.vocabulary.known.get("information source")
        if sources is None:
            return
        kinds = set(self.vocabulary.subtypes[sources])
        ids = [id for id, one in self.view.entities.items() if one[0] in kinds]
        gone = list(without)
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
        known = self.view.entities.keys() | pruned.entities.keys() | {one.id for one, _ in pruned.changed_entities}
        draft.entities += put_together_anew(self.store.entities(), known, self.order)
        keys = self.view.relations.keys() | pruned.relations.keys() | {one.key for one, _ in pruned.changed_relations}
        draft.relations += put_together_anew(self.store.relations(), keys, self.order)

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
        after = settled(old, with_statement(statements_of(old), self.source, statement), order)
        if after.stated == old.stated and not says_else(old, after):
            return old
        return after

    # ----------------------------------------------------------------------- what is there already

    def compare_entities(self) -> set[str]:
        """Sort out the entities; the ids of those that the graph has."""
        draft, entities, there = self.draft, self.view.entities, set[str]()
        unchanged = 0
        for batch in _in_batches(list(entities)):
            before = {one.id: one for one in self.store.entities(ids=batch)}
            there.update(before)
            for id in batch:
                old = before.get(id)
                if old is None:
                    draft.new_entities[id] = None
                    continue
                type, properties, origin = entities[id]
                after = self.restated(old, type, Statement(type, properties), self.order)
                draft.again += old.source == self.source or self.source in old.stated
                if after is not old:
                    self.check_type(old, entities[id])
                    draft.entities.append((old, after))
                else:
                    unchanged += 1
                if after.type != type or after.properties is not properties:
                    entities[id] = (after.type, dict(after.properties), origin)
                self.note_overruled(id, after)
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

    def compare_relations(self, described: Collection[str]) -> None:
        draft, relations = self.draft, self.view.relations
        new, unchanged = dict.fromkeys(relations), 0
        subjects = set(described) | ({key[0] for key in relations} & draft.known.keys())
        for batch in _in_batches(sorted(subjects)):
            for old in self.store.relations(subjects=batch):
                key = old.key
                own = old.source == self.source or self.source in old.stated
                if key not in relations:
                    draft.present.add(key)
                    if own and old.subject in self.view.entities:
                        draft.no_longer_stated.add(key)
                    continue
                del new[key]
                properties, origin, object_type, subject_type = relations[key]
                after = self.restated(old, old.type, Statement("", properties), self.order)
                if after is old:
                    unchanged += 1
                else:
                    draft.relations.append((old, after))
                if after.properties is not properties:
                    relations[key] = (after.properties, origin, object_type, subject_type)
                self.note_overruled(key, after)
        draft.new_relations = new
        draft.unchanged += Counts(0, unchanged)

    def note_overruled(self, of: str | RelationKey, thing: Entity | Relation) -> None:
        if not thing.stated:
            return
        for what in contested(thing, self.order, self.source):
            self.draft.overruled_count += 1
            if len(self.draft.overruled) < _OVERRULED:
                self.draft.overruled.append(OverruledOf(of, what))

    def stored(self, ids: Iterable[str]) -> Iterator[Entity]:
        """Those of the entities that the graph has."""
        if self.draft.base:
            for batch in _in_batches(list(ids)):
                yield from self.store.entities(ids=batch)


_Thing = TypeVar("_Thing", Entity, Relation)


def _in_batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    """So many at a time as a store is asked for at once."""
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
