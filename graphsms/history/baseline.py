"""Baselines: the recorded state of configuration items at a moment, kept under a name (8.5.3, 8.2.6).

A baseline is an entity of the graph that says which revision it holds, and of which configuration items
(without any, of the whole graph). The state itself stands in the history, so it costs nothing and cannot
drift. What a baseline is of, is read from the revision that made it: an item that is removed later loses
its relation to the baseline, and not its place in it.
"""

# (:Release)-[:HAS_BASELINE]->(:ConfigurationBaseline {atRevision, takenAt})-[:BASELINE_OF]->(:ConfigurationItem)

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from graphsms.errors import InputError
from graphsms.model import Entity, Relation, Touched, Value
from graphsms.store import Store
from graphsms.store.journal import recorded
from graphsms.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "AT_REVISION",
    "TAKEN_AT",
    "Baseline",
    "Baselines",
    "baseline",
    "baselines",
    "bookkeeping",
    "is_a_date",
    "is_a_point",
    "recorded_at",
    "relations_known",
]

AT_REVISION: Final = "atRevision"
TAKEN_AT: Final = "takenAt"


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
    ties = relations_known(vocabulary, "baseline of") | relations_known(vocabulary, "has baseline")

    def is_it(item: Entity | Relation) -> bool:
        return _is_a(item.type, vocabulary) if isinstance(item, Entity) else item.type in ties

    return is_it


def _is_a(type: str, vocabulary: Vocabulary) -> bool:
    # A type of an ontology that is not loaded any more is none of ours.
    return type in vocabulary.types and vocabulary.is_a(type, vocabulary.known_as("baseline"))


def _is_baseline(item: Entity | Relation | None, id: str, vocabulary: Vocabulary) -> bool:
    return isinstance(item, Entity) and item.id == id and _is_a(item.type, vocabulary)


def relations_known(vocabulary: Vocabulary, word: str) -> frozenset[str]:
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
    has = relations_known(vocabulary, "has baseline")
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
    return one.properties.get(AT_REVISION), one.properties.get(TAKEN_AT)


def _items(id: str, touched: Sequence[Touched], made: int, vocabulary: Vocabulary, *, later: bool) -> tuple[str, ...]:
    """What a baseline is of: what the revision that made it says, or for one that was described by hand the first
    revision that says anything."""
    of = relations_known(vocabulary, "baseline of")
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
