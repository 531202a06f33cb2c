"""What the history says: which revisions there were, what they did to one thing, what lies between two of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import groupby, islice, takewhile
from operator import attrgetter

from graphsms.errors import UnknownIdError
from graphsms.history.answers import Difference, EntityHistory, Event, Log
from graphsms.history.baseline import Baseline, bookkeeping, recorded_at
from graphsms.history.changes import Change, Item, net_changes
from graphsms.model import Entity, Relation, Revision
from graphsms.store import Store
from graphsms.store.journal import EMPTY

__all__ = ["baseline_difference", "difference", "history_of", "log", "revision_of"]


def revision_of(store: Store, number: int) -> Revision:
    """The revision of a number that the store has."""
    return EMPTY if number == 0 else next(islice(store.revisions(number - 1), 1))


def log(
    store: Store,
    *,
    since: int = 1,
    until: int | None = None,
    actor: str | None = None,
    request: str | None = None,
    limit: int | None = None,
) -> Log:
    """Revisions, newest first.

    Parameters
    ----------
    store : Store
    since, until : int
        The first and the last revision that are asked for.
    actor, request : str, optional
        Only those by somebody, or under a request for change; compared whole, whatever the case.
    limit : int, optional
        Only so many, the newest.

    Notes
    -----
    Reads the revisions alone, not what they did.
    """
    present = store.revision()
    last = present.number if until is None else until

    def asked(one: Revision) -> bool:
        return (actor is None or one.actor.casefold() == actor.casefold()) and (
            request is None or one.request.casefold() == request.casefold()
        )

    found: deque[Revision] = deque(maxlen=limit)
    count = 0
    for one in takewhile(lambda one: one.number <= last, store.revisions(max(since, 1) - 1)):
        if asked(one):
            found.append(one)
            count += 1
    return Log(tuple(reversed(found)), present, count - len(found))


def history_of(
    store: Store, id: str, *, since: int = 1, until: int | None = None, limit: int | None = None
) -> EntityHistory:
    """Every revision that touched an entity or one of its relations, field by field, newest first.

    Parameters
    ----------
    store : Store
    id : str
        Of an entity that is there, or was.
    since, until, limit : int, optional
        As `log` has them.

    Raises
    ------
    UnknownIdError
        There never was an entity of that id.

    Notes
    -----
    Proportional to the versions of the entity and of its relations, however long the history is.

    Examples
    --------
    >>> import tempfile
    >>> from graphsms.model import ChangeSet
    >>> from graphsms.store import open_store
    >>> with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/estate.db") as store:
    ...     one = store.apply(ChangeSet(entities=[Entity("web", "Service")]))
    ...     two = store.apply(ChangeSet(entities=[Entity("web", "Service", {"name": "Shop"})], actor="Ada"))
    ...     found = history_of(store, "web")
    >>> newest = found.events[0]
    >>> newest.revision.actor, newest.changes[0].fields[0].field, newest.changes[0].fields[0].after
    ('Ada', 'name', 'Shop')
    """
    present = store.revision()
    touched = store.touched_of(id)
    if not touched:
        raise UnknownIdError(id, store.nearest_ids(id))
    last = present.number if until is None else until
    by_revision = [
        (number, tuple(Change(one.before, one.after) for one in some))
        for number, some in groupby(touched, key=attrgetter("revision"))
        if since <= number <= last
    ]
    shown = by_revision if limit is None else by_revision[-limit:]
    events = [Event(revision_of(store, number), changes) for number, changes in reversed(shown)]
    return EntityHistory(id, store.entity(id), tuple(events), present, len(by_revision) - len(shown))


def difference(
    store: Store, since: int, until: int, *, type: str | None = None, ids: Collection[str] = ()
) -> Difference:
    """What is different at one revision from what was at another.

    Parameters
    ----------
    store : Store
    since, until : int
        From which revision to which; the first may be the later one.
    type : str, optional
        Only entities of this type, subclasses included, before or after; and the relations at such.
    ids : collection of str
        Only these entities, and the relations at them.

    Notes
    -----
    Proportional to what the revisions in between touched, not to the graph.
    """
    wanted = set(ids)
    changes = list(_between(store, since, until, (lambda item: _at(item, wanted)) if wanted else None))
    if type is not None:
        typed = _of_type(store, changes, (since, until), store.vocabulary.subtypes.get(type, (type,)))
        changes = [one for one in changes if _at(one.item, typed)]
    about = " and ".join(filter(None, (", ".join(sorted(wanted)), f"type {type}" if type else "")))
    return Difference(revision_of(store, since), revision_of(store, until), tuple(changes), about)


def baseline_difference(store: Store, found: Baseline, other: Baseline | int) -> Difference:
    """What is different at a revision, or in another baseline, from what a baseline holds.

    Compared are the configuration items of the baselines, and every relation at one of them; the whole graph
    where one is of all of it. What baselines themselves leave in the graph counts for nothing.

    Raises
    ------
    InputError
        A baseline holds no revision of this graph.
    """
    since = recorded_at(found)
    until = recorded_at(other) if isinstance(other, Baseline) else other
    items = set(found.items)
    if isinstance(other, Baseline):
        items = items | set(other.items) if items and other.items else set()

    is_bookkeeping = bookkeeping(store.vocabulary)

    def wanted(item: Item) -> bool:
        return not is_bookkeeping(item) and (not items or _at(item, items))

    changes = tuple(_between(store, since, until, wanted))
    about = f"{found.id} ({len(items):,} item{'s' if len(items) != 1 else ''})" if items else "the whole graph"
    return Difference(revision_of(store, since), revision_of(store, until), changes, about)


def _between(store: Store, since: int, until: int, wanted: Callable[[Item], bool] | None) -> Iterator[Change]:
    first, last = sorted((since, until))
    touched = store.touched(first, last)
    changes = net_changes(touched, wanted)
    yield from changes if since <= until else (one.inverse for one in changes)


def _at(item: Item, ids: Collection[str]) -> bool:
    """Whether something is one of these entities, or a relation at one."""
    return item.id in ids if isinstance(item, Entity) else item.subject in ids or item.object in ids


def _of_type(store: Store, changes: Collection[Change], at: Collection[int], types: Collection[str]) -> set[str]:
    """Ids of what was of one of the types before or after, of all that is touched or at the end of it."""
    found, ends = set[str](), set[str]()
    for change in changes:
        for item in (change.before, change.after):
            if isinstance(item, Entity) and item.type in types:
                found.add(item.id)
            elif isinstance(item, Relation):
                ends |= {item.subject, item.object}
    for number in at:
        found |= {one.id for one in store.entities(ids=sorted(ends - found), at=number) if one.type in types}
    return found
