"""Undoing what a revision did, or all since one, by a new revision: nothing is ever erased (8.5.1.3).

One revision is undone only where what it touched is still as it left it. What later revisions did to the same
things, or built on them, is a conflict: it is listed, and nothing is changed. Going back to a whole earlier
state has no conflicts: it gives up what came after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from graphsms.errors import ConflictError, InputError
from graphsms.history.answers import COLUMNS, change_rows
from graphsms.history.baseline import bookkeeping
from graphsms.history.changes import Change, Item, Key, key_of, net_changes, same
from graphsms.history.reading import revision_of
from graphsms.model import ChangeSet, Entity, Relation, Revision
from graphsms.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Conflict", "Reversal", "plan_return", "plan_reversal", "revert"]

_LISTED = 20


@dataclass(frozen=True, slots=True)
class Conflict:
    """What stands in the way: which thing, what became of it, and by which later revision (0 where unknown)."""

    item: Item
    revision: int
    because: str

    @property
    def named(self) -> str:
        """The thing for people."""
        return self.item.id if isinstance(self.item, Entity) else " ".join(self.item.key)

    def __str__(self) -> str:
        return f"{self.named}: {self.because}"

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        named = (
            {"id": self.item.id}
            if isinstance(self.item, Entity)
            else dict(zip(("subject", "relation", "object"), self.item.key, strict=True))
        )
        return {**named, "revision": self.revision, "because": self.because}


@dataclass(frozen=True)
class Reversal:
    """What a new revision would do, or has done, to undo others.

    Parameters
    ----------
    target : Revision
        The one to be undone; or the one whose state is gone back to, and then ``to`` is true.
    to : bool
    present : Revision
        The one at which this was found out.
    changes : tuple of Change
        What is done; nothing where it is undone already.
    conflicts : tuple of Conflict
    made : Revision or None
        The new revision, once it is made.
    """

    target: Revision
    to: bool
    present: Revision
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...] = ()
    made: Revision | None = None

    def sentence(self) -> str:
        """The answer in a sentence."""
        number = self.target.number
        doing = f"the state of revision {number}" if self.to else f"the undoing of revision {number}"
        if self.conflicts:
            things = "1 thing" if len(self.conflicts) == 1 else f"{len(self.conflicts):,} things"
            return f"Revision {number} cannot be undone by itself: later revisions touched {things} of it."
        if not self.changes:
            as_it_is = f"the graph is as it was at revision {number}" if self.to else f"revision {number} is undone"
            return f"Nothing to do: {as_it_is} already."
        counts = [(sum(one.kind == kind for one in self.changes), kind) for kind in ("created", "changed", "removed")]
        what = ", ".join(f"{count:,} {'restored' if kind == 'created' else kind}" for count, kind in counts if count)
        if self.made is not None:
            return f"Revision {self.made.number} brings {doing}: {what}."
        return f"A new revision would bring {doing}: {what}."

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "target": asdict(self.target),
            "to": self.to,
            "revision": self.present.number,
            "made": None if self.made is None else asdict(self.made),
            "changes": [one.to_json() for one in self.changes],
            "conflicts": [one.to_json() for one in self.conflicts],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row for each field that becomes different."""
        import pandas as pd

        return pd.DataFrame(list(change_rows(self.changes)), columns=list(COLUMNS))


def plan_return(store: Store, number: int) -> Reversal:
    """What it takes to get back to the state of a revision.

    Notes
    -----
    Holds what is different between the two states in memory.
    """
    present = store.revision()
    _require(number, 0, present)
    changes = tuple(one.inverse for one in net_changes(store.touched(number, present.number)))
    return Reversal(revision_of(store, number), True, present, changes)


def plan_reversal(store: Store, number: int) -> Reversal:
    """What it takes to undo what one revision did, and what stands in the way."""
    present = store.revision()
    _require(number, 1, present)
    done = {key_of(change.item): change for change in net_changes(store.touched(number - 1, number))}
    now = _present(store, done)
    later: dict[Key, int] = {}
    for one in store.touched(number, present.number):
        item = one.after if one.after is not None else one.before
        assert item is not None, "touched is something"
        later[key_of(item)] = one.revision
    case = _Case(store, done, now, later)
    conflicts = list(case.conflicts())
    # What is as it was before already needs nothing.
    changes = [
        Change(now.get(key), change.before)
        for key, change in done.items()
        if not same(now.get(key), change.before) and same(now.get(key), change.after)
    ]
    changes += (Change(relation, None) for relation in case.let_go())
    return Reversal(revision_of(store, number), False, present, tuple(changes), tuple(conflicts))


def revert(plan: Reversal, store: Store, *, actor: str = "", reason: str = "", request: str = "") -> Reversal:
    """Make the new revision that a plan says; the plan, with that revision.

    Raises
    ------
    ConflictError
        Later revisions touched the same things, or one has been made since the plan. ``conflicts`` lists them.
    """
    if plan.conflicts:
        listed = [f"  {one}" for one in plan.conflicts[:_LISTED]]
        if len(plan.conflicts) > _LISTED:
            listed.append(f"  ... and {len(plan.conflicts) - _LISTED} more; --dry-run --json lists them all.")
        raise ConflictError(
            "\n".join(
                [
                    plan.sentence(),
                    *listed,
                    "Undo those first, newest first, or go back to a whole state with --to; nothing was changed.",
                ]
            ),
            plan.conflicts,
        )
    if not plan.changes:
        return plan
    number = plan.target.number
    said = reason or (f"Back to the state of revision {number}" if plan.to else f"Undoes revision {number}")
    stated = [one.after for one in plan.changes]
    gone = [one.before for one in plan.changes if one.after is None]
    made = store.apply(
        ChangeSet(
            entities=[item for item in stated if isinstance(item, Entity)],
            relations=[item for item in stated if isinstance(item, Relation)],
            removed_entities=[item.id for item in gone if isinstance(item, Entity)],
            removed_relations=[item.key for item in gone if isinstance(item, Relation)],
            actor=actor,
            reason=said,
            request=request,
            base=plan.present.number,
            exact=True,
        )
    )
    return Reversal(plan.target, plan.to, plan.present, plan.changes, made=made)


def _require(number: int, least: int, present: Revision) -> None:
    if not least <= number <= present.number:
        raise InputError(f"There is no revision {number} to undo; the present one is {present.number}.")


def _present(store: Store, done: Mapping[Key, Change]) -> dict[Key, Item]:
    """What the things of a revision are now."""
    ids = [change.item.id for change in done.values() if isinstance(change.item, Entity)]
    subjects = sorted({change.item.subject for change in done.values() if isinstance(change.item, Relation)})
    found: dict[Key, Item] = {key_of(one): one for one in store.entities(ids=ids)}
    for relation in store.relations(subjects=subjects) if subjects else ():
        if key_of(relation) in done:
            found[key_of(relation)] = relation
    return found


@dataclass(frozen=True)
class _Case:
    """One revision to be undone: what it did, how that stands now, and which revision was the last to touch what."""

    store: Store
    done: Mapping[Key, Change]
    now: Mapping[Key, Item]
    later: Mapping[Key, int]

    def conflicts(self) -> Iterator[Conflict]:
        """All that stands in the way, in order."""
        for key, change in self.done.items():
            now = self.now.get(key)
            if same(now, change.before) or same(now, change.after):
                continue
            number = self.later.get(key, 0)
            what = "removed" if now is None else "changed" if change.after is not None else "made anew"
            yield Conflict(change.item, number, f"it has been {what} since, in revision {number}.")
        yield from self._losses()
        yield from self._without_ends(self._goes())
        yield from self._misfits()

    def _each(self, kind: type[Entity] | type[Relation]) -> Iterator[Any]:
        return (change.item for change in self.done.values() if isinstance(change.item, kind))

    def _target(self, item: Item) -> Item | None:
        return self.done[key_of(item)].before

    def let_go(self) -> Iterator[Relation]:
        """What ties baselines to an entity that goes: they hold what they held without it."""
        return filter(bookkeeping(self.store.vocabulary), self._lost())

    def _goes(self) -> set[str]:
        return {item.id for item in self._each(Entity) if self._target(item) is None}

    def _lost(self) -> Iterator[Relation]:
        """Relations of later revisions that would go with an entity."""
        ids = sorted(self._goes() & {one.id for one in self.now.values() if isinstance(one, Entity)})
        relations = self.store.relations(subjects=ids, objects=ids) if ids else iter(())
        return (relation for relation in relations if key_of(relation) not in self.done)

    def _losses(self) -> Iterator[Conflict]:
        goes, is_bookkeeping = self._goes(), bookkeeping(self.store.vocabulary)
        for relation in self._lost():
            if not is_bookkeeping(relation):
                end = relation.subject if relation.subject in goes else relation.object
                number = self.later.get(key_of(relation), 0)
                yield Conflict(relation, number, f"it would go with {end}, and was made since, in revision {number}.")

    def _without_ends(self, goes: set[str]) -> Iterator[Conflict]:
        """Relations to be restored that lack an end now."""
        back = [
            item for item in self._each(Relation) if self._target(item) is not None and key_of(item) not in self.now
        ]
        ends = {end for item in back for end in (item.subject, item.object)}
        restored = {item.id for item in self._each(Entity) if self._target(item) is not None}
        there = {one.id for one in self.store.entities(ids=sorted(ends - restored))} | restored
        for item in back:
            for end in sorted({item.subject, item.object}):
                if end not in there or end in goes:
                    number = self.later.get((0, end, "", ""), 0)
                    yield Conflict(item, number, f"its end {end} has been removed since, in revision {number}.")

    def _misfits(self) -> Iterator[Conflict]:
        """Relations of later revisions that would not fit the type that an entity gets back."""
        vocabulary = self.store.vocabulary
        back: dict[str, str] = {}
        for item in self._each(Entity):
            target, now = self._target(item), self.now.get(key_of(item))
            if isinstance(target, Entity) and isinstance(now, Entity) and target.type != now.type:
                back[item.id] = target.type
        ids = sorted(back)

        def fits(id: str, kinds: Sequence[str]) -> bool:
            return id not in back or back[id] not in vocabulary.types or vocabulary.any_of(back[id], kinds)

        for relation in self.store.relations(subjects=ids, objects=ids) if ids else ():
            term = vocabulary.relations.get(relation.type)
            if key_of(relation) in self.done or term is None:
                continue
            if not (fits(relation.subject, term.domain) and fits(relation.object, term.range)):
                number = self.later.get(key_of(relation), 0)
                yield Conflict(relation, number, f"it does not fit the former type of its end; see revision {number}.")
