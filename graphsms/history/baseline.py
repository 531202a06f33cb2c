"""Baselines: the recorded state of configuration items at a moment, kept under a name (8.5.3, 8.2.6).

A baseline is an entity of the graph that says which revision it holds, and of which configuration items
(without any, of the whole graph). The state itself stands in the history, so it costs nothing and cannot
drift. What a baseline is of, is read from the revision that made it: an item that is removed later loses
its relation to the baseline, and not its place in it.
"""

# (:Release)-[:HAS_BASELINE]->(:ConfigurationBaseline {atRevision, takenAt})-[:BASELINE_OF]->(:ConfigurationItem)

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from graphsms.errors import InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation, Revision, Touched, Value
from graphsms.moments import canonical_moment, now
from graphsms.store import Store
from graphsms.store.journal import recorded
from graphsms.vocabulary import NAME, Vocabulary

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Baseline",
    "Baselines",
    "baseline",
    "baselines",
    "bookkeeping",
    "create_baseline",
    "is_a_date",
    "is_a_point",
    "recorded_at",
]

_AT: Final = "atRevision"
_TAKEN: Final = "takenAt"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline as it was made.

    Parameters
    ----------
    id, name : str
    revision : int or None
        Whose state it holds; None where that is not one of this graph, and then ``problem`` says why.
    taken_at : str
        The moment whose state it holds, or "".
    items : tuple of str
        Ids of the configuration items that it is of; none stands for the whole graph.
    releases : tuple of str
        Ids of the releases that it was taken for.
    made : int
        The revision that made it.
    removed : int or None
        The revision that removed it, where it has been.
    problem : str
        What is wrong with it, or ""; without a revision, why nothing can be compared with it.
    """

    id: str
    name: str
    revision: int | None
    taken_at: str
    items: tuple[str, ...]
    releases: tuple[str, ...]
    made: int
    removed: int | None = None
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "id": self.id,
            "name": self.name,
            "revision": self.revision,
            "taken_at": self.taken_at,
            "items": list(self.items),
            "releases": list(self.releases),
            "made": self.made,
            "removed": self.removed,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class Baselines(Sequence[Baseline]):
    """The baselines that are there, in order of their ids."""

    found: tuple[Baseline, ...]

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, index: Any) -> Any:
        return self.found[index]

    def __iter__(self) -> Iterator[Baseline]:
        return iter(self.found)

    def to_json(self) -> list[dict[str, Any]]:
        """As plain values."""
        return [one.to_json() for one in self.found]

    def to_frame(self) -> pd.DataFrame:
        """One row for each."""
        import pandas as pd

        return pd.DataFrame(self.to_json(), columns=list(Baseline.__dataclass_fields__))


def baselines(store: Store) -> Baselines:
    """Those that are there now."""
    type = store.vocabulary.known_as("baseline")
    return Baselines(tuple(_read(store, one.id, store.touched_of(one.id)) for one in store.entities(type=type)))


def baseline(store: Store, given: str) -> Baseline | None:
    """The baseline of an id or, where none has that, of a name; also one that has been removed, by its id.

    Raises
    ------
    InputError
        Several have that name.
    """
    type = store.vocabulary.known_as("baseline")
    touched = store.touched_of(given)
    if any(_is_baseline(one.after, given, store.vocabulary) for one in touched):
        return _read(store, given, touched)
    named = [one.id for one in store.entities(type=type) if one.name == given]
    if len(named) > 1:
        raise InputError(f"Several baselines are named {given!r}: give the id of one of {', '.join(named)}.")
    return _read(store, named[0], store.touched_of(named[0])) if named else None


def recorded_at(found: Baseline) -> int:
    """The revision whose state a baseline holds.

    Raises
    ------
    InputError
        It holds none of this graph.
    """
    if found.revision is None:
        raise InputError(f"The baseline {found.id!r} cannot be compared with: {found.problem}")
    return found.revision


def bookkeeping(vocabulary: Vocabulary) -> Callable[[Entity | Relation], bool]:
    """Tells whether something is a baseline itself, or ties one to what it is of or for."""
    ties = _relations(vocabulary, "baseline of") | _relations(vocabulary, "has baseline")

    def is_it(item: Entity | Relation) -> bool:
        return _is_a(item.type, vocabulary) if isinstance(item, Entity) else item.type in ties

    return is_it


def _is_a(type: str, vocabulary: Vocabulary) -> bool:
    # A type of an ontology that is not loaded any more is none of ours.
    return type in vocabulary.types and vocabulary.is_a(type, vocabulary.known_as("baseline"))


def _is_baseline(item: Entity | Relation | None, id: str, vocabulary: Vocabulary) -> bool:
    return isinstance(item, Entity) and item.id == id and _is_a(item.type, vocabulary)


def _relations(vocabulary: Vocabulary, word: str) -> frozenset[str]:
    """A relation that analyses know by a word, and those under it that a user has added."""
    known = vocabulary.known_as(word)
    return frozenset(name for name, relation in vocabulary.relations.items() if known in relation.fulfils)


def _read(store: Store, id: str, touched: Sequence[Touched]) -> Baseline:
    """What a baseline was when it was made, whatever has been written into it since."""
    vocabulary = store.vocabulary

    def state(item: Entity | Relation | None) -> Entity | None:
        return item if isinstance(item, Entity) and _is_baseline(item, id, vocabulary) else None

    states = [(one.revision, state(one.before), state(one.after)) for one in touched]
    births = [(number, after) for number, before, after in states if before is None and after is not None]
    born = births[-1][1]
    # Made again, as by undoing its removal, it is the one that it was.
    made = next(number for number, one in births if _holds(one) == _holds(born))
    last = next(after for _, _, after in reversed(states) if after is not None)
    gone = [number for number, before, after in states if before is not None and after is None]
    number, taken_at = _holds(born)
    revision, problem = _held(store, number, str(taken_at or ""), made)
    if not problem and _holds(last) != _holds(born):
        problem = "what it says that it holds has been edited since; this is what it held when it was made."
    has = _relations(vocabulary, "has baseline")
    after = [one.after for one in touched if isinstance(one.after, Relation)]
    return Baseline(
        id=id,
        name=last.name,
        revision=revision,
        taken_at=str(taken_at or ""),
        items=_items(id, touched, made, vocabulary, later=number is None),
        releases=tuple(dict.fromkeys(one.subject for one in after if one.type in has)),
        made=made,
        removed=gone[-1] if gone and gone[-1] > births[-1][0] else None,
        problem=problem,
    )


def _holds(one: Entity) -> tuple[Value | None, Value | None]:
    return one.properties.get(_AT), one.properties.get(_TAKEN)


def _items(id: str, touched: Sequence[Touched], made: int, vocabulary: Vocabulary, *, later: bool) -> tuple[str, ...]:
    """What a baseline is of: what the revision that made it says, or for one that was described by hand the first
    revision that says anything."""
    of = _relations(vocabulary, "baseline of")
    said = [
        (one.revision, one.after.object)
        for one in touched
        if isinstance(one.after, Relation) and one.after.type in of and one.after.subject == id and one.revision >= made
    ]
    first = min((number for number, _ in said), default=made) if later else made
    return tuple(dict.fromkeys(item for number, item in said if number == first))


def _held(store: Store, number: object, taken_at: str, made: int) -> tuple[int | None, str]:
    """The revision that a baseline holds, or why it is none of this graph."""
    if number is None:
        if not taken_at:
            return None, "it says neither a revision nor a moment."
        at = store.revision_at(recorded(taken_at)).number
        return (at, "") if at else (None, f"it was taken at {taken_at}, before the first revision of this graph.")
    if isinstance(number, int) and 0 <= number < made:
        times = [one.time for one in islice(store.revisions(max(number - 1, 0)), 2)]
        after = times[1] if number else times[0]
        before = times[0] if number else ""
        if not taken_at or before <= recorded(taken_at) <= after:
            return number, ""
    return None, f"it holds the revision {number} of another graph."


# ---------------------------------------------------------------------------------------- to make one


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
    properties: dict[str, Value] = {NAME: name, _AT: held}
    if taken := _taken_at(store, held, present, moment):
        properties[_TAKEN] = taken
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
    return _read(store, name, store.touched_of(name))


def _taken_at(store: Store, held: int, present: Revision, moment: str | None) -> str:
    """The moment whose state is held: what a person said, but not what is still to come."""
    # Where the clock has been put back, the last revision is later than now.
    latest = max(recorded(now()), present.time)
    if moment is None:
        times = [one.time for one in islice(store.revisions(held - 1), 1)] if held else []
        moment = latest if held == present.number else next(iter(times), None)
    return "" if moment is None else canonical_moment(datetime.fromisoformat(min(recorded(moment), latest)))


def is_a_point(text: str) -> bool:
    """Whether a text is read as a revision or a date, and so cannot be the name of a baseline.

    Examples
    --------
    >>> is_a_point("12"), is_a_point("2026-11-21"), is_a_point("before-4.18")
    (True, True, False)
    """
    return text.strip().isdecimal() or is_a_date(text)


def is_a_date(text: str) -> bool:
    """Whether a text is read as a date or a moment, and not as the number of a revision.

    Examples
    --------
    >>> is_a_date("2026-11-21"), is_a_date("20261121")
    (True, False)
    """
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return not text.strip().isdecimal()


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
    kinds = _relations(vocabulary, "affected by release")
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
