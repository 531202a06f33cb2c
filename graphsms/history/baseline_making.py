"""Making a baseline: of configuration items, of what a release affects, or of the whole graph (8.5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from graphsms.errors import InputError, UnknownIdError
from graphsms.history.baseline import AT_REVISION, TAKEN_AT, Baseline, baseline, is_a_point, relations_known
from graphsms.model import ChangeSet, Entity, Relation, Revision, Value
from graphsms.moments import canonical_moment, now
from graphsms.store import Store
from graphsms.store.journal import recorded
from graphsms.vocabulary import NAME

__all__ = ["create_baseline"]


def create_baseline(
    store: Store,
    name: str,
    items: Iterable[str] = (),
    *,
    at: int | None = None,
    moment: str | None = None,
    release: str | None = None,
    actor: str = "",
    reason: str = "",
    request: str = "",
) -> Baseline:
    """Make a baseline, in a revision of its own.

    Parameters
    ----------
    store : Store
    name : str
        Becomes its id.
    items : iterable of str
        Ids of configuration items; with none, and no release, it is of the whole graph.
    at : int, optional
        The revision that it is to hold; without it, the present one.
    moment : str, optional
        The moment whose state is meant, where a person said one. Without it, that of the revision, or now.
    release : str, optional
        Id of a release: what it affects is taken too, and the release is tied to the baseline.
    actor, reason, request : str
        Who, why, and under which request for change.

    Raises
    ------
    InputError
        The name is taken or cannot be one, something is no configuration item, or the release affects none.
    UnknownIdError
        There was nothing of one of the ids.
    ConflictError
        Somebody else was faster; try again.

    Examples
    --------
    >>> import tempfile
    >>> from graphsms.store import open_store
    >>> with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/estate.db") as store:
    ...     made = store.apply(ChangeSet(entities=[Entity("web", "Service")]))
    ...     found = create_baseline(store, "before the sale", ["web"])
    >>> found.revision, found.items, found.made
    (1, ('web',), 2)
    """
    vocabulary, present = store.vocabulary, store.revision()
    _require_name(store, name)
    wanted = list(dict.fromkeys(items))
    if release is not None:
        wanted += [id for id in _affected(store, release) if id not in wanted]
    _require_items(store, wanted, at, release)
    held = present.number if at is None else at
    properties: dict[str, Value] = {NAME: name, AT_REVISION: held}
    if taken := _taken_at(store, held, present, moment):
        properties[TAKEN_AT] = taken
    type, of = vocabulary.known_as("baseline"), vocabulary.known_as("baseline of")
    relations = [Relation(of, name, id) for id in wanted]
    if release is not None:
        relations.append(Relation(vocabulary.known_as("has baseline"), release, name))
    store.apply(
        ChangeSet(
            entities=[Entity(name, type, properties)],
            relations=relations,
            actor=actor,
            reason=reason or f"Baseline {name}" + (f" of the release {release}" if release else ""),
            request=request,
            base=present.number,
        )
    )
    found = baseline(store, name)
    assert found is not None, "it was made"
    return found


def _taken_at(store: Store, held: int, present: Revision, moment: str | None) -> str:
    """The moment whose state is held: what a person said, but not what is still to come."""
    # Where the clock has been put back, the last revision is later than now.
    latest = max(recorded(now()), present.time)
    if moment is None:
        times = [one.time for one in islice(store.revisions(held - 1), 1)] if held else []
        moment = latest if held == present.number else next(iter(times), None)
    return "" if moment is None else canonical_moment(datetime.fromisoformat(min(recorded(moment), latest)))


def _require_name(store: Store, name: str) -> None:
    from graphsms.ingest.check import id_problem

    if problem := id_problem(name):
        raise InputError(f"The name {name[:60]!r} {problem}; no baseline was made.")
    if is_a_point(name):
        raise InputError(
            f"The name {name!r} would be read as a revision or a date: give another, such as before-{name}."
        )
    if store.entity(name) is not None:
        raise InputError(f"There is an entity {name!r} already: give the baseline another name.")


def _affected(store: Store, release: str) -> list[str]:
    """The configuration items that a release affects, in order."""
    vocabulary = store.vocabulary
    found = store.entity(release)
    if found is None:
        raise UnknownIdError(release, store.nearest_ids(release))
    releases = vocabulary.relations[vocabulary.known_as("has baseline")].domain
    if not vocabulary.any_of(found.type, releases):
        raise InputError(
            f"{release!r} is a {vocabulary.types[found.type].label}, not a"
            f" {' or '.join(vocabulary.types[one].label for one in releases)}: give the id of a release."
        )
    kinds = relations_known(vocabulary, "affected by release")
    affected = [one.object for one in store.relations(subjects=[release]) if one.type in kinds]
    if not affected:
        label = vocabulary.relations[vocabulary.known_as("affected by release")].label
        raise InputError(
            f"The release {release!r} {label} no configuration item: say what it affects, or name the items."
        )
    return sorted(dict.fromkeys(affected))


def _require_items(store: Store, ids: Sequence[str], at: int | None, release: str | None) -> None:
    vocabulary = store.vocabulary
    allowed = vocabulary.relations[vocabulary.known_as("baseline of")].range
    now_there = {one.id: one for one in store.entities(ids=ids)}
    then = now_there if at is None else {one.id: one for one in store.entities(ids=ids, at=at)}
    for id in ids:
        if id not in now_there:
            if id in then:
                raise InputError(
                    f"{id!r} has been removed since: a baseline of the past is of what is still there, or of the whole"
                    " graph (then name nothing)."
                )
            raise UnknownIdError(id, store.nearest_ids(id))
        # What a release is to add was not there before; that it is missing is part of the baseline.
        if id not in then and release is None:
            raise UnknownIdError(id, [id])
        if not vocabulary.any_of(now_there[id].type, allowed):
            raise InputError(
                f"{id!r} is a {vocabulary.types[now_there[id].type].label}; a baseline is of"
                f" {' or '.join(vocabulary.types[one].label for one in allowed)}s."
            )
