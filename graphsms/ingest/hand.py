"""What a person enters, put beside what sources say: it holds against all of them but those that are right by decree.

What a person states is stated whole: where it differs from what the sources say, the difference is a statement of
hand, kept whatever they say later. What the person leaves out is taken from those that said it, until they say it
again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from graphsms.errors import ConflictError
from graphsms.ingest.sources import HAND, Precedence, believed, precedence_of, settled, statements_of
from graphsms.model import ChangeSet, Entity, Relation, Revision, Statement, Value

if TYPE_CHECKING:
    from graphsms.store import Store

__all__ = ["apply_by_hand"]

_ATTEMPTS: Final = 5
_Thing = TypeVar("_Thing", Entity, Relation)


def apply_by_hand(store: Store, changes: ChangeSet) -> Revision:
    """Make true what a person states; see `graphsms.store.Store.apply` for the rest.

    Where it changes the precedence of sources, all that several of them state is put together anew, in the same
    revision. A change set that has a source of its own, and whatever says itself what each source says, is taken
    as it is.

    Examples
    --------
    >>> import tempfile
    >>> from graphsms.store import open_store
    >>> with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/estate.db") as store:
    ...     made = store.apply(ChangeSet([Entity("web", "Service", {"name": "web"}, "cmdb")]))
    ...     made = apply_by_hand(store, ChangeSet([Entity("web", "Service", {"name": "Web shop"})]))
    ...     found = store.entity("web")
    >>> found.name, found.source, sorted(found.stated)
    ('Web shop', 'cmdb', ['', 'cmdb'])
    """
    if changes.source or changes.exact or store.revision().number == 0:
        return store.apply(changes)
    given = replace(
        changes,
        entities=list(changes.entities),
        relations=list(changes.relations),
        removed_entities=list(changes.removed_entities),
        removed_relations=list(changes.removed_relations),
    )
    for attempt in range(1, _ATTEMPTS + 1):
        base = store.revision().number if changes.base is None else changes.base
        try:
            return store.apply(replace(_by_hand(store, given), base=base))
        except ConflictError:  # somebody has written since it was read
            if changes.base is not None or attempt == _ATTEMPTS:
                raise
    raise AssertionError


def _by_hand(store: Store, changes: ChangeSet) -> ChangeSet:
    entities, relations = list(changes.entities), list(changes.relations)
    removed = list(changes.removed_entities)
    before = {one.id: one for one in store.entities(ids=[one.id for one in entities])}
    order = precedence_of(store)
    # What hand says of a source itself counts at once; but it is no news where nothing but hand's word changes.
    now = precedence_of(store, entities, removed)
    anew, order = believed(now) != believed(order), now
    written = [_stated(one, before.get(one.id), order) for one in entities]
    edges = {one.key: one for one in store.relations(subjects={one.subject for one in relations})}
    tied = [_stated(one, edges.get(one.key), order) for one in relations]
    if anew:
        apart = {one.id for one in entities} | set(removed)
        written += (after for _, after in put_together_anew(store.entities(), apart, order))
        keys = {one.key for one in relations} | set(changes.removed_relations)
        loose = (one for one in store.relations() if one.subject not in removed and one.object not in removed)
        tied += (after for _, after in put_together_anew(loose, keys, order))
    return replace(changes, entities=written, relations=tied, exact=True)


def put_together_anew(
    things: Iterator[_Thing], apart: Collection[object], order: Precedence
) -> Iterator[tuple[_Thing, _Thing]]:
    """Those things that become something else where the precedence of their sources has become another; and what."""
    for one in things:
        if one.stated and (one.id if isinstance(one, Entity) else one.key) not in apart:
            after = settled(one, statements_of(one), order)
            if after.type != one.type or after.properties != one.properties:
                yield one, after


def _stated(given: _Thing, before: _Thing | None, order: Precedence) -> _Thing:
    """A thing with what hand now says of it beside what the sources do."""
    if given.stated or before is None:
        return given
    stated: Mapping[str, Statement] = statements_of(before)
    if [*stated] == [HAND]:
        return given
    said = {source: _left(one, given.properties) for source, one in stated.items()}
    hand = said.pop(HAND, Statement(""))
    others = settled(before, said, order)
    more: dict[str, Value] = {
        name: value
        for name, value in (
            (name, _unsaid(value, others.properties.get(name))) for name, value in given.properties.items()
        )
        if value is not None
    }
    type = given.type if isinstance(given, Entity) else ""
    typed = type if type in (hand.type, "") or type != others.type else ""
    own = Statement(typed, {**hand.properties, **more})
    if own != Statement(""):
        said[HAND] = own
    return settled(replace(given, source=None), said, order)


def _left(statement: Statement, properties: Mapping[str, Value]) -> Statement:
    """A statement without what a person has taken away."""
    found: dict[str, Value] = {}
    for name, value in statement.properties.items():
        stands = properties.get(name)
        if isinstance(value, tuple) and isinstance(stands, tuple):
            value = tuple(one for one in value if one in stands)
            if value:
                found[name] = value
        elif stands is not None:
            found[name] = value
    return Statement(statement.type, found)


def _unsaid(value: Value, others: Value | None) -> Value | None:
    """What of a value hand has to say for it to stand."""
    if isinstance(value, tuple) and isinstance(others, tuple):
        return tuple(one for one in value if one not in others) or None
    return None if value == others and type(value) is type(others) else value
